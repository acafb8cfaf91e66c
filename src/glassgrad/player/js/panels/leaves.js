/** The panel "Leaves": move them by slider, number or nudge, or let gradient descent move them. */

import { button, fill, h, setAttribute, setText } from "../dom.js";
import { t } from "../messages.js";
import {
  checkbox,
  columns,
  entering,
  isBeingWritten,
  leavesOf,
  MOST,
  nodeButton,
  numberField,
  placed,
} from "./parts.js";
import { factor, gradText, groupPath, name, num, partial } from "./text.js";

const NOTCHES = 200; // The number of steps of a slider, which an arrow key takes one by one.

/** The ends of a slider around x: 1 each way for small numbers, and twice its size for large ones. */
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

/** The text on a nudge: the predicted and the actual change. */
export function nudgeText(session, leaf, h, { predicted, actual }) {
  const { engine } = session;
  const root = name(engine, engine.root);
  const told = { name: name(engine, leaf), h: factor(h) };
  if (Number.isNaN(actual) && engine.stuck.includes(1)) return t("leaves.nudge_own", told);
  const moved = { ...told, root, gradient: partial(engine, leaf), actual: num(actual, 6) };
  if (session.hidden(leaf)) return t("leaves.nudge_hidden", moved);
  const [slope, guess, missed] = [num(predicted / h), num(predicted, 6), num(Math.abs(actual - predicted), 2)];
  return t("leaves.nudge", { ...moved, slope, guess, missed });
}

export function leavesPanel(ui) {
  const { session } = ui;
  const chosen = new Set();
  let h0 = 0.001;
  let rate = 0.05;
  let rows = new Map();

  const filter = h("input", { type: "search", on: { input: () => build() } });
  const step = numberField(t("leaves.h"), h0, (x) => (h0 = x));
  const speed = numberField(t("leaves.rate"), rate, (x) => (rate = x), { min: 0 });
  const said = h("p", { class: "ui-said", role: "status" });
  const all = checkbox(t("leaves.all"), false, (on) => choose(on));
  const note = h("p", { class: "ui-note" });
  const body = h("tbody");
  const down = button(t("leaves.descent"), () => descend(1), { title: t("leaves.descent_title") });
  const up = button(t("leaves.ascent"), () => descend(-1), { title: t("leaves.ascent_title") });
  const table = h(
    "table",
    { class: "ui-leaves" },
    h("caption", { class: "ui-hidden" }, t("leaves.caption")),
    columns(t("term.leaf"), t("term.value"), t("term.gradient"), t("term.nudge")),
    body,
  );
  const element = h(
    "div",
    {},
    h(
      "div",
      { class: "ui-row" },
      h("label", { class: "ui-field" }, h("span", {}, t("leaves.filter")), filter),
      step.element,
      button(t("leaves.reset"), () => session.reset()),
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
      setText(said, t("leaves.choose"));
      return;
    }
    if (!Number.isFinite(rate)) return;
    const { before, after } = session.descend([...chosen], direction * rate);
    const root = name(engine, engine.root);
    const way = after < before ? t("leaves.down") : after > before ? t("leaves.up") : t("leaves.same");
    const moved = { n: chosen.size, rate: num(rate), root, before: num(before, 6), after: num(after, 6), way };
    setText(said, direction > 0 ? t("leaves.descended", moved) : t("leaves.ascended", moved));
  }

  function nudge(i) {
    if (!Number.isFinite(h0) || h0 === 0) {
      setText(said, t("leaves.bad_h"));
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
    if (count > MOST) return t("leaves.some", { most: MOST, count });
    if (count) return "";
    return filter.value ? t("leaves.no_such") : t("leaves.none");
  }

  function row(engine, i) {
    const group = groupPath(engine, i);
    const title = group ? t("leaves.of_group", { name: engine.title(i), group }) : engine.title(i);
    const move = (x) => {
      if (Number.isFinite(x)) session.setValue(i, x);
    };
    const slider = h("input", {
      type: "range",
      "aria-label": t("leaves.slider", { name: title }),
      on: { input: () => move(slider.valueAsNumber) },
    });
    const field = h("input", {
      type: "number",
      step: "any",
      "aria-label": t("leaves.value", { name: title }),
      on: {
        ...entering(() => move(field.valueAsNumber)),
        focus: () => (field.value = session.engine.value[i]), // with all digits, so that arrow keys step from there
      },
    });
    const check = h("input", {
      type: "checkbox",
      "aria-label": t("leaves.in_descent", { name: title }),
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
        button(t("leaves.plus_h"), () => nudge(i), { "aria-label": t("leaves.nudge_label", { name: title }) }),
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
    const low = x < min ? range(x).min : min; // make room beyond a leaf that was moved out of the range
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

  return { name: "leaves", title: t("panel.leaves"), element, update, rebuild };
}
