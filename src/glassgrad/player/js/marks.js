/** Drawings besides boxes and wires: the marks of a step, the whole picture from far, and the scale of the colours. */

import { setAttribute, svg } from "./dom.js";
import { shade, short, signed } from "./format.js";
import { curve } from "./layout.js";
import { t } from "./messages.js";

const ASIDE = 6; // The distance of a gradient from its edge.

/** What the step of `graph` did: its edges, the shares that flow back, and a mistake's first wrong node. */
export function marks({ picture, view, ins, session, change }) {
  const made = [];
  if (change) {
    const b = view.boxOf[change.node];
    const box = picture.boxes[b];
    made.push(svg("path", { class: "gg-pointer", d: pointer(box, change.phase === "forward") }));
    const operands = new Map(change.operands.map((operand) => [operand.edge, operand]));
    for (const w of ins[b]) {
      const wire = picture.wires[w];
      if (box.kind !== "node" && !change.operands.some(({ id }) => view.boxOf[id] === wire.from)) continue;
      made.push(svg("path", { class: "gg-active", d: curve(wire.route, picture.at) }));
      if (change.phase === "backward") made.push(...flow(picture, wire, operands.get(wire.edge)));
    }
  }
  const wrong = session.mistake?.first ?? null;
  if (wrong !== null) {
    const box = picture.boxes[view.boxOf[wrong]];
    const text = t("marks.wrong", { right: short(session.mistake.right[wrong]) });
    made.push(svg("text", { class: "gg-amount", x: box.x + box.body.x, y: box.y + box.height + 12 }, text));
  }
  return made;
}

/** A share of gradient on its way back along a wire, with its amount where it is that of one edge. */
function flow({ at }, wire, operand) {
  if (operand && !operand.sent) return [];
  const route = wire.route.map((x, k) => (k % 2 ? x + ASIDE : x));
  const [x, y] = at(route[0], route[1]);
  const { across } = wire;
  const made = [
    svg("path", { class: "gg-flow", d: curve(route, at) }),
    svg("path", { class: "gg-flow-head", d: across ? `M${x} ${y}l8 -4v8z` : `M${x} ${y}l-4 8h8z` }),
  ];
  if (operand) {
    const place = { x: x + (across ? 10 : 8), y: y + (across ? 13 : 18) };
    made.push(svg("text", { class: "gg-amount", ...place }, signed(operand.amount)));
  }
  return made;
}

/** A triangle above the box at work: it points on where values are computed, back where gradients flow. */
function pointer({ x, y, width }, forward) {
  const tip = forward ? 7 : -7;
  return `M${x + width / 2 + tip} ${y - 10}l${-2 * tip} -6v12z`;
}

/** The scale of the colours: `{width, parts}`. */
export function legend(largest) {
  if (!largest) return { width: 0, parts: [] };
  const text = (x, words) => svg("text", { class: "gg-text gg-small gg-faint", x, y: 11 }, words);
  const shades = [4, 3, 2, 1]
    .map((k) => `minus${k}`)
    .concat(
      "zero",
      [1, 2, 3, 4].map((k) => `plus${k}`),
    );
  const low = t("marks.legend", { low: short(-largest) });
  const from = low.length * 5.6 + 6;
  const square = (name, k) =>
    svg("rect", { class: `gg-${name}`, x: from + 12 * k, y: 2, width: 11, height: 11, rx: 1.5 });
  const end = from + 12 * shades.length;
  return { width: end + 70, parts: [text(0, low), ...shades.map(square), text(end + 4, short(largest))] };
}

/** The picture from far: all boxes as a few paths, one for each shade, and all wires as one. */
export class Overview {
  constructor(layer) {
    this.layer = layer;
    this.paths = new Map();
  }

  clear() {
    this.paths.clear();
    this.layer.replaceChildren();
  }

  show({ bundled, far, picture, session, largest }) {
    if (bundled === null) {
      if (this.paths.size) this.clear();
      return;
    }
    const shades = new Map([...this.paths.keys()].map((name) => [name, ""]));
    shades.set("lines", bundled);
    let frames = "";
    for (const { x, y, body, badge, kind, node } of far ? picture.boxes : []) {
      const frame = block(x + body.x, y + body.y, body.width, body.height);
      frames += frame;
      if (badge) frames += block(x + badge.x, y + badge.y, badge.width, badge.height);
      const grad = kind === "node" ? session.grad(node) : null;
      if (grad === null) continue;
      const name = shade(grad, largest);
      shades.set(name, (shades.get(name) ?? "") + frame);
    }
    shades.set("frames", frames);
    const first = ["lines", "frames"]; // shades lie over them
    for (const name of [...first, ...[...shades.keys()].filter((one) => !first.includes(one))]) {
      if (!this.paths.has(name)) {
        this.paths.set(name, svg("path", { class: `gg-${name}` }));
        this.layer.append(this.paths.get(name));
      }
      setAttribute(this.paths.get(name), "d", shades.get(name));
    }
  }
}

function block(x, y, width, height) {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}
