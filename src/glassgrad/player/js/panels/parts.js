/** Parts that several panels use. A panel is `{name, title, element, update(), rebuild?()}`. */

import { button, h } from "../dom.js";
import { fractions, groupPath, num } from "./text.js";

const WHOLE = 20; // Names of at most so many characters are not broken.
export const MOST = 200; // The largest number of rows. More would be slow, and too many to read.

/** A button with the name of a node. It goes to that node. */
export function nodeButton(ui, i, text = ui.session.engine.title(i)) {
  return button(text, () => ui.show(i), { class: text.length > WHOLE ? "ui-link" : "ui-link ui-whole" });
}

/** The names of the groups around a node, to stand below its name, or null. */
export function placed(group) {
  return group ? h("span", { class: "ui-place" }, group) : null;
}

/** A heading inside a panel. */
export function heading(text) {
  return h("h3", {}, text);
}

export function paragraph(text, kind = null) {
  return h("p", { class: kind }, text);
}

/** A line of the chain rule. If it is too long, it breaks before an equals sign. */
export function maths(text, kind = "") {
  const [first, ...rest] = text.split(" = ");
  const parts = rest.flatMap((part) => [" ", h("span", {}, "= ", stacked(part))]);
  return h("p", { class: `ui-maths ${kind}`.trim() }, h("span", {}, stacked(first)), parts);
}

/** A formula whose derivatives, such as "∂o/∂x", are fractions. Its text reads the same. */
export function stacked(text) {
  return fractions(text).map((part) => {
    if (typeof part === "string") return part;
    const [above, below] = part.map((side) => h("span", {}, side));
    return h("span", { class: "ui-fraction" }, above, h("span", { class: "ui-over" }, "/"), below);
  });
}

/** A list of terms with their descriptions. Null entries are left out. */
export function facts(pairs) {
  const rows = pairs.filter(([, fact]) => fact !== null && fact !== "");
  return h(
    "dl",
    { class: "ui-facts" },
    rows.flatMap(([term, fact]) => [h("dt", {}, term), h("dd", {}, fact)]),
  );
}

/**
 * Listeners for a field. It is read on Enter or when it is left, because a notebook may take the key Enter for itself.
 */
export function entering(read) {
  const done = (event) => {
    delete event.target.dataset.written;
    read();
  };
  return {
    input: (event) => (event.target.dataset.written = ""),
    change: done,
    keydown: (event) => event.key === "Enter" && "written" in event.target.dataset && done(event),
    blur: (event) => delete event.target.dataset.written,
  };
}

/** Whether somebody is typing in the field. It is not overwritten then. */
export function isBeingWritten(field) {
  return "written" in field.dataset;
}

/** A field for a number with its label. */
export function numberField(label, value, change, attributes = {}) {
  const input = h("input", {
    type: "number",
    step: "any",
    value,
    ...attributes,
    on: entering(() => change(input.valueAsNumber)),
  });
  return { input, element: h("label", { class: "ui-field" }, h("span", {}, label), input) };
}

export function checkbox(label, checked, change) {
  const input = h("input", { type: "checkbox", checked, on: { change: () => change(input.checked) } });
  return { input, element: h("label", { class: "ui-check" }, input, h("span", {}, label)) };
}

/** The head of a table, with the titles of its columns. */
export function columns(...titles) {
  const cells = titles.map((title) => h("th", { scope: "col" }, title));
  return h("thead", {}, h("tr", {}, cells));
}

/** A table cell with a number. Its tooltip has all digits. */
export function numberCell(x, text = num(x)) {
  return h("td", { class: "ui-number", title: typeof x === "number" ? String(x) : null }, text);
}

const { compare } = new Intl.Collator("en", { numeric: true });

/** The ids of the leaves, sorted by group and name, with numbers in names in numerical order. */
export function leavesOf(engine) {
  const leaves = [];
  for (let i = 0; i < engine.n; i++) if (engine.kind[i] === 1) leaves.push([groupPath(engine, i), engine.title(i), i]);
  return leaves.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]) || a[2] - b[2]).map(([, , i]) => i);
}

/** Whether all changes are steps. */
export function onlySteps(kinds) {
  return [...kinds].every((kind) => kind === "step" || kind === "play" || kind === "break");
}
