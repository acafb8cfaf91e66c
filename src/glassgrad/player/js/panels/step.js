/** The panel "Step": the last step, with the chain rule written out. */

import { button, copy, fill, h } from "../dom.js";
import { aligned, figure, forwardLatex, fraction, sumLatex } from "../latex.js";
import { t } from "../messages.js";
import { columns, heading, maths, nodeButton, numberCell, paragraph, stacked } from "./parts.js";
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

const MOST = 40; // The largest number of operands that are written out.

/**
 * The operands that got a share of gradient in the last step, each once: `{id, shares, all, sum}`. These are the shares
 * so far, their final number, and their sum so far.
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
  const area = h("textarea", { readonly: true, rows: 4, "aria-label": t("step.latex") });
  const said = h("span", { role: "status" });
  const latex = h(
    "div",
    { class: "ui-latex" },
    button(t("step.copy"), async () => {
      area.value = stepLatex(session);
      said.textContent = (await copy(area)) ? t("step.copied") : t("step.select");
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
    const note = session.mistake ? paragraph(t("step.mistake"), "ui-note") : null;
    if (!change) {
      fill(body, heading(stepText(session)), paragraph(t("step.start")));
      return;
    }
    const write = { forward, seed, backward }[change.phase];
    fill(body, heading(stepText(session)), note, write(engine, change, received));
  }

  function forward(engine, { node, operands }) {
    return [
      maths(forwardLine(session, node), "ui-main"),
      heading(t("step.locals")),
      table(engine, operands.slice(0, MOST)),
      operands.length > MOST ? paragraph(t("step.more_operands", { n: operands.length - MOST })) : null,
    ];
  }

  function table(engine, operands) {
    const rows = operands.map(({ id, edge, value, constant }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, nodeButton(ui, id)),
        numberCell(value),
        h("td", { class: "ui-maths" }, constant ? t("step.constant") : stacked(localLine(session, edge))),
      ),
    );
    return h(
      "table",
      { class: "ui-small" },
      h("caption", { class: "ui-hidden" }, t("step.operands")),
      columns(t("term.operand"), t("term.value"), t("term.local")),
      h("tbody", {}, rows),
    );
  }

  function seed(engine, { node }) {
    return [maths(`${partial(engine, node)} = 1`, "ui-main"), paragraph(t("step.seed"))];
  }

  function backward(engine, { node, operands }, received) {
    const own = `${partial(engine, node)} = ${gradText(session, node, session.shown.grads[node])}`;
    const all = new Map(received.map((one) => [one.id, one.all]));
    return [
      h("p", {}, stacked(t("step.passes", { node: name(engine, node), gradient: own }))),
      ...operands.slice(0, MOST).flatMap((operand) => share(engine, node, operand, all.get(operand.id))),
      operands.length > MOST ? paragraph(t("step.more_operands", { n: operands.length - MOST })) : null,
      ...received.flatMap((one) => accumulation(engine, one)),
      heading(t("step.locals")),
      table(engine, operands.slice(0, MOST)),
    ];
  }

  function share(engine, node, operand, all) {
    const { id, edge, slope, constant, sent, before, amount, after } = operand;
    if (constant) return [paragraph(t("step.is_constant", { node: engine.title(id) }))];
    if (!sent) return [paragraph(t("step.not_chosen", { node: engine.title(id) }))];
    const gradient = partial(engine, id);
    const left = all > 1 ? t("share.of", { gradient }) : gradient; // a part of the gradient, or all of it
    const line = shareLine(session, { node, id, edge, slope, upstream: session.shown.grads[node], amount }, left);
    const lines = [maths(line, "ui-main")];
    if (!session.veils(id) && (before !== 0 || after !== amount)) {
      lines.push(maths(`${partial(engine, id)}: ${num(before)} + ${factor(amount)} = ${num(after)}`));
    }
    return lines;
  }

  function accumulation(engine, { id, shares, all, sum }) {
    if (all < 2) return [];
    const told = { gradient: partial(engine, id), n: shares.length, all };
    const title = all > shares.length ? t("step.shares_so_far", told) : t("step.shares_all", told);
    const line = sumLine(session, id, shares, sum);
    return [heading(title), line === null ? null : maths(line)];
  }

  return { name: "step", title: t("panel.step"), element, update };
}
