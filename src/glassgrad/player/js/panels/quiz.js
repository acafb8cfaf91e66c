/** The panel "Exercise": gradients to be found by the learner. */

import { button, fill, h, setAttribute, setText } from "../dom.js";
import { grade, hints, scoreText, solution } from "./grade.js";
import { heading, maths, nodeButton, paragraph } from "./parts.js";
import { partial } from "./text.js";

export function quizPanel(ui) {
  const { session } = ui;
  const { quiz } = session;
  const answers = new Map(); // node -> {answer, tries, ok, shown}
  const order = [...quiz.blanks].sort((a, b) => b - a); // as backpropagation comes to them
  let rows = new Map();

  const score = h("p", { class: "ui-main", role: "status" });
  const list = h("ol", { class: "ui-quiz" });
  const worked = h("div");
  const form = h(
    "div", // no form: a notebook's sandboxed frame lets none be submitted
    { role: "form", "aria-label": "Answers", on: { keydown: (event) => entered(event) } },
    list,
    h("div", { class: "ui-row" }, button("Check", check, { class: "ui-primary" }), button("Worked solution", show)),
  );
  const element = h(
    "div",
    {},
    heading(quiz.title || "Find the gradients"),
    paragraph(
      "Work them out from the root back: upstream gradient times local derivative, summed over all uses. " +
        "Three significant digits will do." +
        (quiz.seed === null || quiz.seed === undefined ? "" : ` (Numbers of seed ${quiz.seed}.)`),
    ),
    score,
    form,
    worked,
  );

  function rebuild() {
    rows = new Map(order.map((i) => [i, row(i)]));
    fill(
      list,
      [...rows.values()].map((one) => one.element),
    );
  }

  function row(i) {
    const { engine } = session;
    const input = h("input", {
      type: "text",
      inputmode: "text",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": `gradient of ${engine.title(i)}`,
    });
    const verdict = h("p", { class: "ui-verdict", role: "status" });
    let level = 0;
    const hint = h("p", { class: "ui-note", role: "status" });
    const more = button(
      "Hint",
      () => {
        const all = hints(session, i);
        setText(hint, all.slice(0, level + 1).join(" — "));
        level = Math.min(level + 1, all.length - 1);
      },
      { "aria-label": `Hint for ${engine.title(i)}` },
    );
    const line = h(
      "li",
      {},
      h("div", { class: "ui-row" }, nodeButton(ui, i, partial(engine, i)), " = ", input, more),
      verdict,
      hint,
    );
    return { element: line, input, verdict, more };
  }

  function entered(event) {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    check();
  }

  function check() {
    let wrong = null;
    for (const [i, { input, verdict, element: line }] of rows) {
      const known = answers.get(i) ?? { answer: null, tries: 0, ok: false, shown: false };
      if (known.ok || known.shown) continue;
      const answer = read(input.value);
      const { ok, reason, slip } = grade(session.engine, i, answer);
      if (slip !== "empty") answers.set(i, { answer, tries: known.tries + 1, ok, shown: false, slip });
      const blank = slip === "empty" && input.value.trim() === "";
      setText(verdict, ok ? "✓ right" : blank ? "" : `✗ ${reason}`);
      setAttribute(line, "data-verdict", ok ? "right" : slip === "empty" ? null : "wrong");
      setAttribute(input, "aria-invalid", ok || slip === "empty" ? null : "true");
      if (ok) session.solve(i);
      else wrong ??= input;
    }
    wrong?.focus();
    report();
  }

  function show() {
    for (const i of quiz.blanks) {
      const known = answers.get(i);
      if (!known?.ok) {
        answers.set(i, { answer: null, tries: 0, ...known, ok: false, shown: true });
        setText(rows.get(i).verdict, "");
      }
      session.solve(i);
    }
    report();
    fill(
      worked,
      heading("Worked solution"),
      h(
        "ol",
        {},
        order.map((i) =>
          h(
            "li",
            {},
            nodeButton(ui, i),
            solution(session, i).map((line) => maths(line)),
          ),
        ),
      ),
    );
  }

  function report() {
    update();
    ui.answered(Object.fromEntries(answers));
  }

  function update() {
    const all = [...answers.values()];
    const right = all.filter(({ ok }) => ok).length;
    const shown = all.filter((one) => one.shown).length;
    setText(score, scoreText(right, shown, quiz.blanks.length));
    for (const [i, { input, more }] of rows) {
      const over = !session.hidden(i);
      input.readOnly = over;
      more.hidden = over;
    }
  }

  return { name: "quiz", title: "Exercise", element, update, rebuild };
}

/** A number as people type it: with a real minus sign, a decimal comma, or as a fraction; nan for what is none. */
export function read(text) {
  const plain = text.trim().replaceAll("−", "-").replace(",", ".");
  if (plain === "") return NaN;
  const [above, below, ...rest] = plain.split("/").map((part) => (part.trim() === "" ? NaN : Number(part)));
  if (rest.length) return NaN;
  return below === undefined ? above : above / below;
}
