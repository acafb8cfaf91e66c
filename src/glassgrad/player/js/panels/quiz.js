/** The panel "Exercise": the learner's answers, which are graded, kept over a reload, copied and saved. */

import { drawer, lineOf, read } from "../answers.js";
import { button, copy, download, fill, h, setAttribute, setText } from "../dom.js";
import { Engine } from "../engine.js";
import { t } from "../messages.js";
import { stem } from "./exporting.js";
import { grade, hints, scoreText, solution } from "./grade.js";
import { heading, maths, nodeButton, paragraph } from "./parts.js";
import { partial } from "./text.js";

export { read };

const NEW = { text: "", tries: 0, checked: false, shown: false };

export function quizPanel(ui) {
  const { session } = ui;
  const { quiz } = session;
  const { id = "", answers: written = null, solution: allowed = true } = session.whole.exercise ?? {};
  const order = [...quiz.blanks].sort((a, b) => b - a); // in the order of backpropagation
  const asked = new Engine(session.whole); // its leaves do not move with the learner's
  const exam = Object.assign(Object.create(session), { engine: asked }); // the session, but with these numbers
  const kept = drawer(`glassgrad quiz ${id} ${quiz.seed ?? ""} ${quiz.blanks}`);
  const base = JSON.stringify(written);
  const known = new Map(); // node -> {text, tries, checked, shown}
  let rows = new Map();

  const score = h("p", { class: "ui-main", role: "status" });
  const list = h("ol", { class: "ui-quiz" });
  const worked = h("div");
  const moved = h(
    "p",
    { class: "ui-note", role: "status", hidden: true },
    t("quiz.moved"),
    button(t("quiz.put_back"), () => session.reset()),
  );
  const { sealed } = session;
  const solve = allowed === false || sealed ? null : button(t("quiz.worked"), () => show(order));
  const later = allowed === "answered" ? paragraph(t("quiz.later")) : null;
  const again = button(t("quiz.again"), startOver);
  const form = h(
    "div", // not a form, because a notebook's sandboxed frame blocks submits
    {
      role: "form",
      "aria-label": t("quiz.answers"),
      on: { keydown: (event) => entered(event), input: (event) => typed(event), focusout: () => calm() },
    },
    list,
    h(
      "div",
      { class: "ui-row" },
      sealed ? null : button(t("quiz.check"), check, { class: "ui-primary" }),
      solve,
      again,
    ),
    sealed ? paragraph(t("quiz.sealed")) : later,
  );
  const area = h("textarea", { readonly: true, rows: 3, hidden: true, "aria-label": t("quiz.line_label") });
  const said = h("p", { class: "ui-note", role: "status" });
  const { seed = null } = quiz;
  const task = seed === null ? t("quiz.task") : t("quiz.task_of_seed", { seed });
  const element = h(
    "div",
    {},
    heading(quiz.title || t("quiz.title")),
    paragraph(task),
    moved,
    score,
    form,
    h("div", { class: "ui-row" }, button(t("quiz.copy"), copyLine), button(t("quiz.save"), save)),
    said,
    area,
    worked,
  );

  // Rows

  function rebuild() {
    rows = new Map(order.map((i) => [i, row(i)]));
    fill(
      list,
      [...rows.values()].map((one) => one.element),
    );
    restore();
  }

  function row(i) {
    const { engine } = session;
    const input = h("input", {
      type: "text",
      inputmode: "text",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": t("quiz.gradient_of", { name: engine.title(i) }),
      "data-node": i,
    });
    const verdict = h("p", { class: "ui-verdict", role: "status" });
    let level = 0;
    const hint = h("p", { class: "ui-note", role: "status" });
    const more = button(
      t("quiz.hint"),
      () => {
        const all = hints(exam, i);
        setText(hint, all.slice(0, level + 1).join(" — "));
        level = Math.min(level + 1, all.length - 1);
      },
      { "aria-label": t("quiz.hint_for", { name: engine.title(i) }) },
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

  function typed({ target }) {
    if (!target.dataset.node) return;
    const i = Number(target.dataset.node);
    known.set(i, { ...NEW, ...known.get(i), text: target.value });
    keep();
    if (sealed) report();
  }

  // Memory

  const state = (i) => known.get(i) ?? NEW;

  function keep() {
    kept.set({ base, answers: Object.fromEntries(known) });
  }

  /** Load the answers that the browser has kept, or those in the notebook's code if they have changed since. */
  function restore() {
    if (!known.size) {
      const memory = kept.get();
      const found = memory?.base === base ? memory.answers : null;
      for (const i of order) {
        const old = found?.[i];
        if (old && typeof old === "object") known.set(i, { ...NEW, ...old, text: String(old.text ?? "") });
        else if (!found && written?.[i]) known.set(i, { ...NEW, ...given(written[i]) });
      }
    }
    if (!known.size) return;
    for (const [i, { input }] of rows) input.value = state(i).text;
    judge();
    if (order.some((i) => state(i).shown)) show(order.filter((i) => state(i).shown));
    else report();
  }

  function given(text) {
    return text === "shown" ? { shown: true } : { text, tries: 1, checked: true };
  }

  function startOver() {
    if (!("sure" in again.dataset)) {
      again.dataset.sure = "";
      setText(again, t("quiz.erase"));
      return;
    }
    calm();
    known.clear();
    kept.set(written ? { base, answers: {} } : null);
    session.solved.clear();
    for (const { input } of rows.values()) input.value = "";
    fill(worked);
    setText(said, "");
    area.hidden = true;
    judge();
    session.emit("quiz", null);
    report();
  }

  function calm() {
    delete again.dataset.sure;
    setText(again, t("quiz.again"));
  }

  // Marking

  function check() {
    if (sealed) return;
    for (const [i, { input }] of rows) {
      const { tries, shown, ...rest } = state(i);
      if (shown || isRight(i)) continue;
      const more = Number.isNaN(read(input.value)) ? 0 : 1;
      known.set(i, { ...rest, shown, text: input.value, tries: tries + more, checked: input.value.trim() !== "" });
    }
    keep();
    const wrong = judge();
    if (wrong !== null) rows.get(wrong).input.focus();
    report();
  }

  const marked = (i) => grade(asked, i, read(state(i).text));
  const isRight = (i) => !sealed && state(i).checked && !state(i).shown && marked(i).ok;

  /** Write the verdict on each answer, and return the first node with a wrong answer, or null. */
  function judge() {
    let wrong = null;
    for (const [i, { input, verdict, element: line }] of rows) {
      const { checked, shown } = state(i);
      const { ok, reason, slip } = checked && !shown && !sealed ? marked(i) : { ok: false, slip: "empty", reason: "" };
      setText(verdict, ok ? t("verdict.right") : reason && `✗ ${reason}`);
      setAttribute(line, "data-verdict", ok ? "right" : slip === "empty" ? null : "wrong");
      setAttribute(input, "aria-invalid", ok || slip === "empty" ? null : "true");
      if (ok) session.solve(i);
      else if (!shown) wrong ??= i;
    }
    return wrong;
  }

  function show(nodes) {
    for (const i of nodes) {
      if (!isRight(i)) known.set(i, { ...state(i), shown: true });
      session.solve(i);
    }
    keep();
    judge();
    report();
    fill(
      worked,
      heading(t("quiz.worked")),
      h(
        "ol",
        {},
        order
          .filter((i) => !session.hidden(i))
          .map((i) =>
            h(
              "li",
              {},
              nodeButton(ui, i),
              solution(exam, i).map((line) => maths(line)),
            ),
          ),
      ),
    );
  }

  // Handing in

  function line() {
    const told = order.map((i) => [session.engine.title(i), state(i).shown ? "shown" : rows.get(i).input.value]);
    return lineOf(quiz.seed, id, told);
  }

  async function copyLine() {
    area.value = line();
    area.hidden = false;
    const done = await copy(area);
    setText(said, done ? t("quiz.copied") : t("quiz.no_clipboard"));
  }

  function save() {
    const name = `${stem(t("quiz.file", { name: quiz.seed ?? session.whole.title ?? "" }))}.txt`;
    download(name, `${line()}\n\n${JSON.stringify(session.whole)}\n`, "text/plain");
    setText(said, t("quiz.saved", { name }));
  }

  function report() {
    update();
    const told = [...known].map(([i, { text, tries, shown }]) => {
      const answer = shown ? NaN : read(text);
      const { ok, slip } = sealed ? { ok: false, slip: null } : { ok: isRight(i), slip: marked(i).slip };
      return [i, { answer: Number.isFinite(answer) ? answer : null, tries, ok, shown, slip }];
    });
    ui.answered(Object.fromEntries(told));
  }

  function update() {
    const right = order.filter(isRight).length;
    const shown = order.filter((i) => state(i).shown).length;
    const told = order.filter((i) => !Number.isNaN(read(state(i).text))).length;
    setText(score, sealed ? t("quiz.answered", { n: told, all: order.length }) : scoreText(right, shown, order.length));
    moved.hidden = !session.engine.moved;
    if (solve) solve.disabled = allowed === "answered" && !order.every((i) => state(i).tries || state(i).shown);
    if (later) later.hidden = !solve.disabled;
    for (const [i, { input, more }] of rows) {
      const over = !session.hidden(i);
      input.readOnly = over;
      more.hidden = over || sealed;
    }
  }

  return { name: "quiz", title: t("panel.quiz"), element, update, rebuild };
}
