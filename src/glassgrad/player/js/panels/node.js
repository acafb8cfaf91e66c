/** The panel "Node": everything about the selected node. */

import { button, fill, h } from "../dom.js";
import { t } from "../messages.js";
import { columns, facts, heading, maths, nodeButton, numberCell, paragraph, stacked } from "./parts.js";
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

/** A sentence on the central difference for node i. */
export function agreement(session, i) {
  if (session.engine.kind[i] === 2) return null;
  if (session.hidden(i)) return t("node.when_found");
  if (!session.complete) return t("node.when_through");
  const difference = num(session.engine.difference(i), 7);
  const verdict = session.verdict(i) ? session.engine.agrees(i) : session.agrees(i);
  if (verdict === true) return t("node.agrees", { difference });
  if (verdict === false) return t("node.disagrees", { difference });
  return t("node.cannot_tell", { difference });
}

/** A sentence on Python's gradient if it differs, because of a bug of the user or two calls of backward(). */
export function otherInPython(session, i) {
  const grad = session.python(i);
  if (grad === null) return null;
  return t("node.not_derivative", { gradient: num(grad, 7) });
}

export function nodePanel(ui) {
  const { session } = ui;
  const element = h("div");

  function update() {
    const { engine, selected: i } = session;
    if (i === null) {
      fill(element, paragraph(t("node.nothing")));
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
        [t("term.value"), whole(session.value(i))],
        [t("node.stale"), session.note(i) || null],
        [
          t("term.gradient"),
          engine.kind[i] === 2 ? t("node.none") : session.hidden(i) ? gradText(session, i) : whole(session.grad(i)),
        ],
        [t("node.in_python"), otherInPython(session, i)],
        [t("node.in_class", { name: engine.document.judged?.class }), verdictText(session, i)],
        [t("node.right"), session.mistake && !session.hidden(i) ? whole(session.mistake.right[i]) : null],
        [t("node.check"), agreement(session, i)],
        [t("term.operation"), computed ? `${name(engine, i)} = ${formula(engine, i)}` : sign(engine, i)],
        [t("node.recomputed"), engine.frozen(i) ? t("node.frozen") : null],
        [t("node.group"), groupPath(engine, i)],
        [t("node.source"), source && h("span", {}, source, line ? h("code", { class: "ui-code" }, line) : null)],
      ]),
      h(
        "div",
        { class: "ui-row" },
        computed ? button(t("node.to_forward"), () => session.jump(i, "forward")) : null,
        engine.kind[i] === 2 ? null : button(t("node.to_backward"), () => session.jump(i)),
        engine.kind[i] === 1 ? button(t("node.move"), () => ui.openTab("leaves")) : null,
        engine.kind[i] === 1 ? button(t("node.paths"), () => ui.openTab("paths")) : null,
      ),
      computed ? operands(engine, i) : null,
      users(engine, i),
      engine.kind[i] === 2 ? null : contributions(engine, i),
    );
  }

  function whole(x) {
    return h("span", { title: x === null ? null : String(x) }, x === null ? t("node.unknown") : num(x, 7));
  }

  function operands(engine, i) {
    const rows = engine.operands(i).map((id, place) => {
      const local = engine.kind[id] === 2 ? t("node.constant") : stacked(localLine(session, engine.start[i] + place));
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
      h("caption", {}, t("node.operands", { n: rows.length })),
      columns(t("term.name"), t("term.value"), t("term.local")),
      h("tbody", {}, rows.slice(0, MOST)),
    );
  }

  function users(engine, i) {
    const all = [...new Set(engine.users(i).map(({ node }) => node))];
    if (!all.length) return paragraph(i === engine.root ? t("node.is_root") : t("node.unused"));
    return [
      heading(t("node.used_by", { n: all.length })),
      h(
        "ul",
        { class: "ui-links" },
        all.slice(0, MOST).map((id) => h("li", {}, nodeButton(ui, id))),
      ),
      all.length > MOST ? paragraph(t("list.more", { n: all.length - MOST })) : null,
    ];
  }

  function contributions(engine, i) {
    const all = sharesOf(engine, i);
    if (i === engine.root) return [heading(t("node.gradient")), maths(`${partial(engine, i)} = 1`)];
    const lines = all.slice(0, MOST).map((share) => {
      const here = engine.stepOf(share.node) <= session.t;
      const left = all.length > 1 ? t("share.of", { gradient: partial(engine, i) }) : partial(engine, i);
      const product = `${partial(engine, share.node)} · ${partial(engine, i, share.node)}`;
      return maths(here ? shareLine(session, { ...share, id: i }, left) : t("node.not_yet", { left, product }));
    });
    const sum = session.complete ? sumLine(session, i, all, engine.grad[i]) : null;
    return [
      heading(all.length === 1 ? t("node.its_gradient") : t("node.its_sum", { n: all.length })),
      ...(all.length ? lines : [paragraph(t("node.no_gradient"))]),
      all.length > MOST ? paragraph(t("list.more", { n: all.length - MOST })) : null,
      sum === null ? null : maths(sum, "ui-main"),
    ];
  }

  return { name: "node", title: t("panel.node"), element, update };
}
