/** The panel "Time": a recorded training run, step by step, with charts, and with two steps side by side. */

import { button, fill, h, setAttribute, setText } from "../dom.js";
import { number } from "../engine.js";
import { t } from "../messages.js";
import { chart } from "./chart.js";
import { checkbox, heading, leavesOf, MOST, nodeButton, numberCell, onlySteps, paragraph } from "./parts.js";
import { num } from "./text.js";

/**
 * The numbers of node i at recorded step k, `{value, grad}`, with nan if there is none. If the step has another graph,
 * the node with the same label is taken.
 */
export function recordedAt(session, k, i) {
  const { document } = session.run.steps[k];
  const shown = session.run.steps[session.frame]?.document;
  if (!document) {
    if (shown && session.engine.label(i) === "") return { value: NaN, grad: NaN };
    const frame = session.recording(k);
    const at = shown ? labelled(session.whole, session.engine.label(i)) : i;
    return at === undefined ? { value: NaN, grad: NaN } : { value: frame.value[at], grad: frame.grad[at] };
  }
  const at = document === session.document ? i : labelled(document, session.engine.label(i));
  if (at === undefined) return { value: NaN, grad: NaN };
  return { value: number(document.nodes.value[at]), grad: number(document.nodes.grad[at] ?? "nan") };
}

const places = new WeakMap();

/** The node of a document with this label, or undefined if there is none or the label is empty. */
function labelled(document, label) {
  if (!label) return undefined;
  if (!places.has(document)) {
    const found = new Map();
    document.nodes.label.forEach((at, i) => found.set(document.strings[at], i));
    places.set(document, found);
  }
  return places.get(document).get(label);
}

/** The numbers of node i over the whole run: `{value: [...], grad: [...]}`. */
export function seriesOf(session, i) {
  const frames = session.run.steps.map((_, k) => recordedAt(session, k, i));
  return { value: frames.map(({ value }) => value), grad: frames.map(({ grad }) => grad) };
}

/**
 * The node whose gradient the chart for node i shows. That is node i itself; but the gradient of the root is always 1,
 * so for the root it is the leaf with the largest gradient in the first step, or null.
 */
export function chartedGradient(session, i) {
  const { engine } = session;
  if (i !== engine.root) return i;
  const sizes = leavesOf(engine).map((leaf) => [Math.abs(recordedAt(session, 0, leaf).grad), leaf]);
  const known = sizes.filter(([size]) => Number.isFinite(size));
  return known.length ? known.reduce((best, one) => (one[0] > best[0] ? one : best))[1] : null;
}

export function timePanel(ui) {
  const { session } = ui;
  const { steps } = session.run;
  let everything = false;

  const scrubber = h("input", {
    type: "range",
    min: 0,
    max: steps.length - 1,
    step: 1,
    "aria-label": t("time.recorded"),
    on: { input: () => session.setFrame(scrubber.valueAsNumber) },
  });
  const label = h("output", { class: "ui-said" });
  const compare = h(
    "select",
    { on: { change: () => session.setCompare(compare.value === "" ? null : Number(compare.value)) } },
    h("option", { value: "" }, t("time.nothing")),
    steps.map((step, k) => h("option", { value: k }, stepLabel(k))),
  );
  const whole = checkbox(t("time.all"), false, (on) => {
    everything = on;
    update(new Set(["frame"]));
  });
  const charts = h("div");
  const body = h("div");
  const element = h(
    "div",
    {},
    h(
      "div",
      { class: "ui-row ui-scrub" },
      button("‹", () => move(-1), { "aria-label": t("time.earlier") }),
      scrubber,
      button("›", () => move(1), { "aria-label": t("time.later") }),
      label,
    ),
    charts,
    h(
      "div",
      { class: "ui-row" },
      h("label", { class: "ui-field" }, h("span", {}, t("time.compare")), compare),
      whole.element,
    ),
    body,
  );

  function stepLabel(k) {
    const label = steps[k].label || `step ${k}`;
    return label.startsWith("step ") ? t("time.step", { step: label.slice(5) }) : label; // not a step of the player
  }

  function move(by) {
    session.setFrame(Math.max(0, Math.min(steps.length - 1, session.frame + by)));
  }

  function update(kinds) {
    if (onlySteps(kinds)) return;
    const { engine, frame } = session;
    const node = session.selected ?? engine.root;
    scrubber.value = frame;
    setAttribute(scrubber, "aria-valuetext", stepLabel(frame));
    setText(label, t("time.kept", { step: stepLabel(frame), k: frame + 1, all: steps.length }));
    compare.value = session.compare ?? "";
    const title = engine.title(node);
    const other = chartedGradient(session, node);
    const otherTitle = other === null ? "" : engine.title(other);
    fill(
      charts,
      heading(t("time.value_over", { node: title })),
      chart(t("time.value_of", { node: title }), "value", seriesOf(session, node).value, frame, session.compare),
      ...(other === null || session.hidden(other)
        ? []
        : [
            heading(t("time.gradient_over", { node: otherTitle })),
            chart(
              t("quiz.gradient_of", { name: otherTitle }),
              "grad",
              seriesOf(session, other).grad,
              frame,
              session.compare,
            ),
          ]),
      other === node ? null : paragraph(t("time.always_1", { node: title }), "ui-note"),
    );
    fill(body, session.compare === null ? paragraph(t("time.choose"), "ui-note") : table(engine));
  }

  function table(engine) {
    const a = session.frame;
    const b = session.compare;
    const nodes = [];
    if (everything || session.selected === null) {
      for (let i = engine.n - 1; i >= 0 && nodes.length < MOST; i--) if (engine.kind[i] !== 2) nodes.push(i);
    } else nodes.push(session.selected);
    const head = (text, attributes) => h("th", { scope: "col", ...attributes }, text);
    const cut = everything && engine.n > MOST;
    return h(
      "div",
      { class: "ui-scroll", role: "region", tabindex: 0, "aria-label": t("time.two") },
      h(
        "table",
        { class: "ui-table" },
        h("caption", {}, t(cut ? "time.beside_last" : "time.beside", { a: stepLabel(a), b: stepLabel(b), n: MOST })),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("td", { rowspan: 2 }),
            h("th", { scope: "colgroup", colspan: 3 }, t("term.value")),
            h("th", { scope: "colgroup", colspan: 3 }, t("term.gradient")),
          ),
          h("tr", {}, ...[1, 2].flatMap(() => [head(stepLabel(a)), head(stepLabel(b)), head(t("term.difference"))])),
        ),
        h(
          "tbody",
          {},
          nodes.map((i) => row(engine, i, recordedAt(session, a, i), recordedAt(session, b, i))),
        ),
      ),
    );
  }

  function row(engine, i, a, b) {
    const hide = session.hidden(i);
    const grads = hide ? ["?", "?", "?"].map((text) => h("td", {}, text)) : three(a.grad, b.grad);
    return h("tr", {}, h("th", { scope: "row" }, nodeButton(ui, i)), ...three(a.value, b.value), ...grads);
  }

  function three(a, b) {
    const change = a - b;
    return [numberCell(a), numberCell(b), numberCell(change, change > 0 ? `+${num(change)}` : num(change))];
  }

  return { name: "time", title: t("panel.time"), element, update };
}
