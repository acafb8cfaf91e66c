/** The panel "Leaves": move them by slider, number or nudge, or let gradient descent move them. */

import { button, fill, h, setAttribute, setText } from "../dom.js";
import { checkbox, entering, isBeingWritten, leavesOf, MOST, nodeButton, numberField, placed } from "./parts.js";
import { factor, gradText, groupPath, name, num, partial } from "./text.js";

const NOTCHES = 200; // of a slider: what an arrow key moves

/** A slider's ends around x: 1 each way for small numbers, twice its size for large ones. */
export function range(x) {
  if (!Number.isFinite(x)) return { min: -1, max: 1 };
  const reach = Math.max(1, 2 * Math.abs(x));
  return { min: x - reach, max: x + reach };
}

/** A round step of which a slider has about 200. */
export function notch(length) {
  const rough = length / NOTCHES;
  const ten = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].find((times) => times * ten >= rough * 0.999) * ten;
}

/** The leaves whose names, or those of their groups, contain `text`. */
export function filtered(engine, leaves, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return leaves;
  return leaves.filter((i) => `${groupPath(engine, i)} ${engine.title(i)}`.toLowerCase().includes(wanted));
}

/** What a nudge was said to do, and did. */
export function nudgeText(session, leaf, h, { predicted, actual }) {
  const { engine } = session;
  const root = name(engine, engine.root);
  if (Number.isNaN(actual) && engine.stuck.includes(1)) {
    return `${name(engine, leaf)} + ${factor(h)}: an operation of your own is on the way, which is not recomputed here`;
  }
  const slope = session.hidden(leaf) ? "?" : num(predicted / h);
  const guess = session.hidden(leaf) ? "?" : num(predicted, 6);
  const missed = session.hidden(leaf) ? "" : `; they differ by ${num(Math.abs(actual - predicted), 2)}`;
  return (
    `${name(engine, leaf)} + ${factor(h)}: predicted change of ${root} = ${partial(engine, leaf)} · h = ` +
    `${slope} · ${factor(h)} = ${guess}, actual ${num(actual, 6)}${missed}`
  );
}

export function leavesPanel(ui) {
  const { session } = ui;
  const chosen = new Set();
  let h0 = 0.001;
  let rate = 0.05;
  let rows = new Map();

  const filter = h("input", { type: "search", on: { input: () => build() } });
  const step = numberField("h", h0, (x) => (h0 = x));
  const speed = numberField("rate", rate, (x) => (rate = x), { min: 0 });
  const said = h("p", { class: "ui-said", role: "status" });
  const all = checkbox("all", false, (on) => choose(on));
  const note = h("p", { class: "ui-note" });
  const body = h("tbody");
  const down = button("Gradient-descent step (−)", () => descend(1), { title: "each chosen leaf − rate · gradient" });
  const up = button("Ascent step (+)", () => descend(-1), { title: "each chosen leaf + rate · gradient" });
  const table = h(
    "table",
    { class: "ui-leaves" },
    h("caption", { class: "ui-hidden" }, "Leaves: the variables that can be moved"),
    h("thead", {}, h("tr", {}, ...["leaf", "value", "gradient", "nudge"].map((t) => h("th", { scope: "col" }, t)))),
    body,
  );
  const element = h(
    "div",
    {},
    h(
      "div",
      { class: "ui-row" },
      h("label", { class: "ui-field" }, h("span", {}, "filter"), filter),
      step.element,
      button("Reset all", () => session.reset()),
    ),
    h("div", { class: "ui-row" }, all.element, speed.element, down, up),
    said,
    note,
    table,
  );

  function choose(on) {
    for (const i of filtered(session.engine, leavesOf(session.engine), filter.value)) {
      if (on) chosen.add(i);
      else chosen.delete(i);
    }
    for (const [i, row] of rows) row.check.checked = chosen.has(i);
  }

  function descend(direction) {
    const { engine } = session;
    if (!chosen.size) {
      setText(said, "Choose leaves first: tick the boxes before their names.");
      return;
    }
    if (!Number.isFinite(rate)) return;
    const { before, after } = session.descend([...chosen], direction * rate);
    const root = name(engine, engine.root);
    const moved = `${chosen.size} ${chosen.size === 1 ? "leaf" : "leaves"} ${direction > 0 ? "−" : "+"} ${num(rate)}`;
    const way = after < before ? "down" : after > before ? "up" : "the same";
    setText(said, `${moved} · gradient: ${root} from ${num(before, 6)} to ${num(after, 6)} (${way})`);
  }

  function nudge(i) {
    if (!Number.isFinite(h0) || h0 === 0) {
      setText(said, "h must be a number other than 0.");
      return;
    }
    setText(said, nudgeText(session, i, h0, session.nudge(i, h0)));
  }

  function build() {
    const { engine } = session;
    const found = filtered(engine, leavesOf(engine), filter.value);
    rows = new Map(found.slice(0, MOST).map((i) => [i, row(engine, i)]));
    fill(
      body,
      [...rows.values()].map((one) => one.element),
    );
    setText(note, noteText(found.length));
    update();
  }

  function noteText(count) {
    if (count > MOST) return `${MOST} of ${count} leaves: filter by name to see others`;
    if (count) return "";
    return filter.value ? "No leaf has such a name." : "This graph has no leaf that can be moved.";
  }

  function row(engine, i) {
    const group = groupPath(engine, i);
    const title = group ? `${engine.title(i)} of ${group}` : engine.title(i);
    const move = (x) => {
      if (Number.isFinite(x)) session.setValue(i, x);
    };
    const slider = h("input", {
      type: "range",
      "aria-label": `${title}, slider`,
      on: { input: () => move(slider.valueAsNumber) },
    });
    const field = h("input", {
      type: "number",
      step: "any",
      "aria-label": `${title}, value`,
      on: {
        ...entering(() => move(field.valueAsNumber)),
        focus: () => (field.value = session.engine.value[i]), // to all its digits, so that arrows step from there
      },
    });
    const check = h("input", {
      type: "checkbox",
      "aria-label": `${title}, in the descent step`,
      on: { change: () => (check.checked ? chosen.add(i) : chosen.delete(i)) },
    });
    check.checked = chosen.has(i);
    const grad = h("td", { class: "ui-number" });
    const line = h(
      "tr",
      {},
      h("th", { scope: "row" }, h("span", { class: "ui-check" }, check, nodeButton(ui, i)), placed(group)),
      h("td", {}, h("span", { class: "ui-value" }, field, slider)),
      grad,
      h(
        "td",
        {},
        button("+ h", () => nudge(i), { "aria-label": `nudge ${title} by h` }),
      ),
    );
    return { element: line, slider, field, check, grad };
  }

  function update() {
    for (const [i, { element: line, slider, field, grad }] of rows) {
      const x = session.engine.value[i];
      stretch(slider, x, session.engine.original[i]);
      slider.value = x;
      if (ui.focused() === field && !isBeingWritten(field)) field.value = x;
      else if (!isBeingWritten(field)) field.value = Number.isFinite(x) ? Number(x.toPrecision(6)) : "";
      setAttribute(field, "title", String(x));
      setText(grad, gradText(session, i));
      setAttribute(line, "data-selected", session.selected === i);
    }
  }

  function stretch(slider, x, original) {
    const { min, max } = range(original);
    const low = x < min ? range(x).min : min; // a leaf that was moved out of reach leaves room beyond it
    const high = x > max ? range(x).max : max;
    setAttribute(slider, "min", low);
    setAttribute(slider, "max", high);
    setAttribute(slider, "step", notch(high - low));
  }

  function rebuild() {
    chosen.clear();
    all.input.checked = false;
    setText(said, "");
    build();
  }

  return { name: "leaves", title: "Leaves", element, update, rebuild };
}
