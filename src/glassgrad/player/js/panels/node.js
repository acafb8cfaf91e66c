/** The panel "Node": all that is known about the selected one. */

import { button, fill, h } from "../dom.js";
import { facts, heading, maths, nodeButton, numberCell, paragraph, stacked } from "./parts.js";
import {
  formula,
  gradText,
  groupPath,
  localLine,
  name,
  num,
  partial,
  shareLine,
  sharesOf,
  sign,
  sumLine,
  verdictText,
} from "./text.js";

const MOST = 50;

/** What the central difference says about node i, in words. */
export function agreement(session, i) {
  if (session.engine.kind[i] === 2) return null;
  if (session.hidden(i)) return "shown when the gradient is found";
  if (!session.complete) return "shown when backpropagation is through";
  const difference = num(session.engine.difference(i), 7);
  const verdict = session.verdict(i) ? session.engine.agrees(i) : session.agrees(i);
  if (verdict === true) return `✓ agrees with the central difference ${difference}`;
  if (verdict === false) return `✗ the central difference is ${difference}`;
  const why = "a kink, a number that is not finite, or one that is not recomputed here";
  return `cannot be told: the central difference is ${difference} (${why})`;
}

/** What Python's gradient is where it is another: the user's own bug, or two calls of backward(). */
export function otherInPython(session, i) {
  const grad = session.python(i);
  if (grad === null) return null;
  return `⚠ ${num(grad, 7)}: not the derivative. backward() was called more than once, or a rule is wrong`;
}

export function nodePanel(ui) {
  const { session } = ui;
  const element = h("div");

  function update() {
    const { engine, selected: i } = session;
    if (i === null) {
      fill(element, paragraph("Nothing is selected. Click a node, or find one by name (/)."));
      return;
    }
    const operation = engine.operation(i);
    const source = engine.source(i);
    const line = engine.document.lines?.[source];
    const computed = operation !== null;
    fill(
      element,
      heading(engine.title(i)),
      facts([
        ["value", whole(session.value(i))],
        ["out of date", session.note(i) || null],
        [
          "gradient",
          engine.kind[i] === 2 ? "none: a constant" : session.hidden(i) ? gradText(session, i) : whole(session.grad(i)),
        ],
        ["in Python", otherInPython(session, i)],
        [`in ${engine.document.judged?.class}`, verdictText(session, i)],
        ["right gradient", session.mistake && !session.hidden(i) ? whole(session.mistake.right[i]) : null],
        ["check", agreement(session, i)],
        ["operation", computed ? `${name(engine, i)} = ${formula(engine, i)}` : sign(engine, i)],
        ["recomputed here", engine.frozen(i) ? "no: an operation of your own, its value stays as it was" : null],
        ["group", groupPath(engine, i)],
        ["source", source && h("span", {}, source, line ? h("code", { class: "ui-code" }, line) : null)],
      ]),
      h(
        "div",
        { class: "ui-row" },
        computed ? button("Go to its forward step", () => session.jump(i, "forward")) : null,
        engine.kind[i] === 2 ? null : button("Go to its backward step", () => session.jump(i)),
        engine.kind[i] === 1 ? button("Move it", () => ui.openTab("leaves")) : null,
        engine.kind[i] === 1 ? button("Its paths", () => ui.openTab("paths")) : null,
      ),
      computed ? operands(engine, i) : null,
      users(engine, i),
      engine.kind[i] === 2 ? null : contributions(engine, i),
    );
  }

  function whole(x) {
    return h("span", { title: x === null ? null : String(x) }, x === null ? "not known at this step" : num(x, 7));
  }

  function operands(engine, i) {
    const rows = engine.operands(i).map((id, place) => {
      const local = engine.kind[id] === 2 ? "constant" : stacked(localLine(session, engine.start[i] + place));
      return h(
        "tr",
        {},
        h("th", { scope: "row" }, nodeButton(ui, id)),
        numberCell(session.value(id)),
        h("td", { class: "ui-maths" }, local),
      );
    });
    return h(
      "table",
      { class: "ui-small" },
      h("caption", {}, `Operands (${rows.length})`),
      h("thead", {}, h("tr", {}, ...["name", "value", "local derivative"].map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", {}, rows.slice(0, MOST)),
    );
  }

  function users(engine, i) {
    const all = [...new Set(engine.users(i).map(({ node }) => node))];
    if (!all.length) return paragraph(i === engine.root ? "This is the root: nothing uses it." : "Nothing uses it.");
    return [
      heading(`Used by (${all.length})`),
      h(
        "ul",
        { class: "ui-links" },
        all.slice(0, MOST).map((id) => h("li", {}, nodeButton(ui, id))),
      ),
      all.length > MOST ? paragraph(`… and ${all.length - MOST} more`) : null,
    ];
  }

  function contributions(engine, i) {
    const all = sharesOf(engine, i);
    if (i === engine.root) return [heading("Gradient"), maths(`${partial(engine, i)} = 1`)];
    const lines = all.slice(0, MOST).map((share) => {
      const here = engine.stepOf(share.node) <= session.t;
      const left = all.length > 1 ? `share of ${partial(engine, i)}` : partial(engine, i);
      return here
        ? maths(shareLine(session, { ...share, id: i }, left))
        : maths(`${left} = ${partial(engine, share.node)} · ${partial(engine, i, share.node)}: not yet`);
    });
    const sum = session.complete ? sumLine(session, i, all, engine.grad[i]) : null;
    return [
      heading(all.length === 1 ? "Its gradient" : `Its gradient: the sum of ${all.length} shares`),
      ...(all.length ? lines : [paragraph("No gradient comes: no path leads from here to the root.")]),
      all.length > MOST ? paragraph(`… and ${all.length - MOST} more`) : null,
      sum === null ? null : maths(sum, "ui-main"),
    ];
  }

  return { name: "node", title: "Node", element, update };
}
