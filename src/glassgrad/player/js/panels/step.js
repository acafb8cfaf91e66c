/** The panel "Step": what the last step did, and the chain rule written out. */

import { button, copy, fill, h } from "../dom.js";
import { aligned, figure, forwardLatex, fraction, sumLatex } from "../latex.js";
import { heading, maths, nodeButton, numberCell, paragraph, stacked } from "./parts.js";
import {
  arrived,
  factor,
  forwardLine,
  gradText,
  localLine,
  name,
  num,
  partial,
  shareLine,
  sharesOf,
  stepText,
  sumLine,
} from "./text.js";

const MOST = 40; // operands written out

/**
 * The operands of the last step that got a share of gradient, each once: `{id, shares, all, sum}`, with the shares that
 * have come, how many there will be, and their sum so far.
 */
export function receivers(session) {
  const change = session.engine.change(session.t);
  if (change?.phase !== "backward") return [];
  const ids = new Set(change.operands.filter(({ sent }) => sent).map(({ id }) => id));
  return [...ids].slice(0, MOST).map((id) => {
    const all = sharesOf(session.engine, id);
    return { id, shares: arrived(session.engine, all, session.t), all: all.length, sum: session.shown.grads[id] };
  });
}

/** The last step as LaTeX; "" before the first. */
export function stepLatex(session, received = receivers(session)) {
  const { engine } = session;
  const last = session.shown.last;
  if (!last) return "";
  if (last.phase === "forward") return forwardLatex(session, last.node);
  if (last.phase === "seed") return `${fraction(engine, last.node)} = 1`;
  const lines = received.map(({ id, shares, sum }) => sumLatex(session, id, shares, sum));
  if (lines.length) return aligned(lines);
  return `${fraction(engine, last.node)} = ${session.veils(last.node) ? "?" : figure(session.grad(last.node))}`;
}

export function stepPanel(ui) {
  const { session } = ui;
  const body = h("div");
  const area = h("textarea", { readonly: true, rows: 4, "aria-label": "LaTeX of the chain rule" });
  const said = h("span", { role: "status" });
  const latex = h(
    "div",
    { class: "ui-latex" },
    button("Copy LaTeX", async () => {
      area.value = stepLatex(session);
      said.textContent = (await copy(area)) ? "copied" : "select the text and copy it";
    }),
    said,
    area,
  );
  const element = h("div", {}, body, latex);

  function update() {
    const { engine } = session;
    const change = engine.change(session.t);
    said.textContent = "";
    const received = receivers(session);
    area.value = stepLatex(session, received);
    latex.hidden = !change;
    const note = session.mistake
      ? paragraph("A mistake is switched on in the bug lab; this is how the step goes right.", "ui-note")
      : null;
    if (!change) {
      fill(
        body,
        heading(stepText(session)),
        paragraph(
          "The leaves have their values. Step on (→) to compute the nodes one by one, then to send gradients back.",
        ),
      );
      return;
    }
    const write = { forward, seed, backward }[change.phase];
    fill(body, heading(stepText(session)), note, write(engine, change, received));
  }

  function forward(engine, { node, operands }) {
    return [
      maths(forwardLine(session, node), "ui-main"),
      heading("Local derivatives"),
      table(engine, operands.slice(0, MOST)),
      operands.length > MOST ? paragraph(`… and ${operands.length - MOST} operands more`) : null,
    ];
  }

  function table(engine, operands) {
    const rows = operands.map(({ id, edge, value, constant }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, nodeButton(ui, id)),
        numberCell(value),
        h("td", { class: "ui-maths" }, constant ? "constant: no gradient" : stacked(localLine(session, edge))),
      ),
    );
    return h(
      "table",
      { class: "ui-small" },
      h("caption", { class: "ui-hidden" }, "Operands of this step"),
      h("thead", {}, h("tr", {}, ...["operand", "value", "local derivative"].map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", {}, rows),
    );
  }

  function seed(engine, { node }) {
    return [
      maths(`${partial(engine, node)} = 1`, "ui-main"),
      paragraph(
        "Backpropagation starts here: the root by itself has slope 1. Every other gradient is 0 until a share comes.",
      ),
    ];
  }

  function backward(engine, { node, operands }, received) {
    const own = `${partial(engine, node)} = ${gradText(session, node, session.shown.grads[node])}`;
    const all = new Map(received.map((one) => [one.id, one.all]));
    return [
      h("p", {}, stacked(`${name(engine, node)} has ${own} and passes it on:`)),
      ...operands.slice(0, MOST).flatMap((operand) => share(engine, node, operand, all.get(operand.id))),
      operands.length > MOST ? paragraph(`… and ${operands.length - MOST} operands more`) : null,
      ...received.flatMap((one) => accumulation(engine, one)),
      heading("Local derivatives"),
      table(engine, operands.slice(0, MOST)),
    ];
  }

  function share(engine, node, operand, all) {
    const { id, edge, slope, constant, sent, before, amount, after } = operand;
    if (constant) return [paragraph(`${engine.title(id)} is a constant: it gets no gradient.`)];
    if (!sent) return [paragraph(`${engine.title(id)} was not chosen: it gets nothing.`)];
    const left = all > 1 ? `share of ${partial(engine, id)}` : partial(engine, id); // the gradient itself, or a part
    const line = shareLine(session, { node, id, edge, slope, upstream: session.shown.grads[node], amount }, left);
    const lines = [maths(line, "ui-main")];
    if (!session.veils(id) && (before !== 0 || after !== amount)) {
      lines.push(maths(`${partial(engine, id)}: ${num(before)} + ${factor(amount)} = ${num(after)}`));
    }
    return lines;
  }

  function accumulation(engine, { id, shares, all, sum }) {
    if (all < 2) return [];
    const come = all > shares.length ? `${shares.length} of ${all} so far` : `all ${all}`;
    const line = sumLine(session, id, shares, sum);
    return [heading(`Shares of ${partial(engine, id)}: ${come}`), line === null ? null : maths(line)];
  }

  return { name: "step", title: "Step", element, update };
}
