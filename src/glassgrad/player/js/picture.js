/**
 * Turns the visible part of the graph into a picture: the sizes and places of boxes, and the routes of wires. It does
 * not touch the page. Boxes have room for any number, so the picture stays the same while its numbers change.
 */

import { CELL, clip, short, symbol, textWidth } from "./format.js";
import { arrange, curve, tenth, turned } from "./layout.js";

export const SIZE = 11; // The font size.
export const SMALL = 10;
export const ROW = 18; // The height of a line of text in a box.
export const PAD = 8;
export const MARGIN = 14;
export const STACK = 3; // How far the second sheet of a closed group shows behind the first.
const NECK = 6; // The gap between the badge of an operation and its result.
const BADGE = 22;
const PITCH = 18; // The distance between two edges that enter a badge.
const ARROW = 7;
const LABEL = 44; // The room for a local derivative on its edge.
const CLUSTER = 12;
const MANY = 24; // Up to so many wires enter a closed group at places of their own.
const NAME = 32;
const NUMBER = textWidth("−".padEnd(CELL, "0"), SIZE);
const CONSTANT = 2;

/**
 * The picture of `view` (see `Outline.view`): `{boxes, wires, clusters, width, height, at}`, with x, y, width and
 * height of each box, of its `body` and its `badge`; for each wire its `route`, the `part` of it that no other has
 * drawn, the `points` of that, and its `tip`; `at` makes x and y of way points.
 */
export function compose(engine, view, direction) {
  const across = direction !== "TB";
  const at = turned(direction);
  const drawn = view.boxes.map((box) => sized(engine, box, across));
  const parallel = parallels(view.wires);
  const plan = arrange(
    drawn.map(({ badge, body }, i) => ({
      ...extent(badge, body, view.boxes[i], across),
      region: view.boxes[i].cluster,
    })),
    view.wires.map((wire, w) => ({
      tail: wire.from,
      head: wire.to,
      headPort: port(view.boxes[wire.to], wire.port, across),
      room: ARROW + 4 + (across ? LABEL + 6 : SMALL + 6),
      bundle: parallel[w] ? String(parallel[w]) : "",
    })),
    view.clusters.map((cluster) => region(cluster, across)),
  );
  const boxes = view.boxes.map((box, i) => ({
    ...box,
    ...drawn[i],
    ...placed(drawn[i], plan.start[i], plan.middle[i], across),
  }));
  const parts = unshared(view.wires.map(({ from }, w) => [`${from} ${parallel[w]}`, plan.routes[w]]));
  const moved = (m, c) => at(m + MARGIN, c + MARGIN);
  const wires = view.wires.map((wire, w) => drawnWire(wire, parts[w], plan.routes[w], moved, across));
  const clusters = view.clusters.map((cluster, c) => {
    const { start, low, length, breadth } = plan.regions[c];
    const [x, y] = moved(start, low);
    const [width, height] = at(length, breadth);
    return { ...cluster, x, y, width, height, shade: depthOf(view.clusters, c) % 2 };
  });
  const [width, height] = at(plan.length + 2 * MARGIN, plan.breadth + 2 * MARGIN);
  return { boxes, wires, clusters, width, height, direction, at: moved };
}

function depthOf(clusters, c) {
  let depth = 0;
  for (; c > 0; c = clusters[c].parent) depth++;
  return depth;
}

// Sizes

function sized(engine, box, across) {
  if (box.kind !== "node") {
    const lines = Math.max(...box.lines.map((line) => textWidth(line, SMALL)));
    const width = Math.max(textWidth(box.title, SIZE, true), lines) + 2 * PAD + 2 * STACK + 12;
    const height = ROW * (1 + box.lines.length) + 12;
    const fan = pitch(across) * (Math.min(box.ports, MANY) - 1) + 14;
    const body = across ? { width, height: Math.max(height, fan) } : { width: Math.max(width, fan), height };
    return { badge: null, body };
  }
  const i = box.node;
  const constant = engine.kind[i] === CONSTANT;
  const name = constant ? "" : clip(engine.title(i), NAME); // as the text has it: "v8" where there is no label
  const number = constant ? textWidth(short(engine.value[i]), SIZE) : NUMBER;
  let width = number + (name ? textWidth(name, SIZE, true) + 10 : 0);
  if (!constant) width = Math.max(width, number + textWidth("grad", SMALL) + 10);
  const body = { width: Math.max(width, 22) + 2 * PAD, height: ROW * (constant ? 1 : 2) + 4 };
  const operation = engine.operation(i);
  const faint = !engine.label(i);
  if (!operation) return { name, faint, badge: null, body, op: "" };
  const op = clip(symbol(operation.symbol || operation.name), NAME);
  const fan = pitch(across) * (box.ports - 1) + 14;
  const wide = Math.max(BADGE, textWidth(op, SIZE) + 12);
  const badge = across ? { width: wide, height: Math.max(BADGE, fan) } : { width: Math.max(wide, fan), height: BADGE };
  return { name, faint, badge, body, op };
}

function pitch(across) {
  return across ? PITCH : LABEL + 8;
}

function port({ kind, ports }, place, across) {
  if (kind !== "node" && ports > MANY) return 0;
  return (place - (ports - 1) / 2) * pitch(across);
}

/** Along and across, with the room that labels need beside the last edge from top to bottom. */
function extent(badge, body, { ports, kind }, across) {
  if (across) {
    const length = body.width + (badge ? badge.width + NECK : 0);
    return { length, breadth: Math.max(badge?.height ?? 0, body.height) };
  }
  const fan = kind === "node" && ports ? pitch(false) * (ports - 1) + 2 * (LABEL + 6) : 0;
  return {
    length: body.height + (badge ? badge.height + NECK : 0),
    breadth: Math.max(badge?.width ?? 0, body.width, fan),
  };
}

function region(cluster, across) {
  if (cluster.parent < 0) return { parent: -1 };
  const title = textWidth(cluster.title, SIZE, true) + 2 * CLUSTER + 24;
  const top = ROW + 8;
  return across
    ? {
        parent: cluster.parent,
        padding: { before: CLUSTER, after: CLUSTER, low: top, high: CLUSTER },
        least: { length: title, breadth: 0 },
      }
    : {
        parent: cluster.parent,
        padding: { before: top, after: CLUSTER, low: CLUSTER, high: CLUSTER },
        least: { length: 0, breadth: title },
      };
}

// Places

/** x, y, width and height of a box; `body` and `badge` are within it. */
function placed({ badge, body }, start, middle, across) {
  const along = across ? "width" : "height";
  const aside = across ? "height" : "width";
  const length = body[along] + (badge ? badge[along] + NECK : 0);
  const breadth = Math.max(body[aside], badge?.[aside] ?? 0);
  const low = middle - breadth / 2;
  const inner = (part, from) => {
    const side = (breadth - part[aside]) / 2;
    const [x, y] = across ? [from, side] : [side, from];
    return { ...part, x: tenth(x), y: tenth(y) };
  };
  const [x, y] = across ? [start, low] : [low, start];
  return {
    x: tenth(x + MARGIN),
    y: tenth(y + MARGIN),
    width: across ? length : breadth,
    height: across ? breadth : length,
    body: inner(body, badge ? badge[along] + NECK : 0),
    badge: badge && inner(badge, 0),
  };
}

function drawnWire(wire, part, route, at, across) {
  const tip = at(route[route.length - 2], route[route.length - 1]).map(tenth);
  const points = new Array(part.length);
  for (let k = 0; k < part.length; k += 2) [points[k], points[k + 1]] = at(part[k], part[k + 1]);
  return { ...wire, route, part, tip, points, across };
}

/**
 * Which segments of a wire touch the rectangle: `[first, last]`, or null for none.
 *
 * @param {{points: number[]}} wire
 * @param {number[]} rectangle `[left, top, right, bottom]`
 * @returns {[number, number] | null}
 */
export function visible({ points }, [left, top, right, bottom]) {
  let first = -1;
  let last = -1;
  for (let k = 0; k + 3 < points.length; k += 2) {
    const apart =
      Math.min(points[k], points[k + 2]) > right ||
      Math.max(points[k], points[k + 2]) < left ||
      Math.min(points[k + 1], points[k + 3]) > bottom ||
      Math.max(points[k + 1], points[k + 3]) < top;
    if (apart) continue;
    if (first < 0) first = k;
    last = k;
  }
  return first < 0 ? null : [first, last];
}

/**
 * The path of a wire's segments from `first` to `last` (all of them if not given), with its head at the end.
 *
 * @param {{part: number[], tip: number[], across: boolean}} wire
 * @param {(along: number, across: number) => number[]} at
 */
export function wirePath({ part, tip: [x, y], across }, at, first = 0, last = part.length - 4) {
  const d = curve(first === 0 && last === part.length - 4 ? part : part.slice(first, last + 4), at);
  if (last < part.length - 4) return d;
  return (
    d +
    (across
      ? `M${x - 6} ${y - 3.5}L${x} ${y}L${x - 6} ${y + 3.5}`
      : `M${x - 3.5} ${y - 6}L${x} ${y}L${x + 3.5} ${y - 6}`)
  );
}

/**
 * Count, for each wire, how many with the same ends came before it. The two edges of `a + a` then get separate lanes.
 */
export function parallels(wires) {
  const seen = new Map();
  return wires.map(({ from, to }) => {
    const key = `${from} ${to}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before;
  });
}

/**
 * Cut off the beginning of a route if an earlier route with the same key has drawn it already. A value used by every
 * step of a long chain then costs one line, and not one for each step.
 */
export function unshared(routes) {
  const trunks = new Map(); // of each key the longest route and the last one: between them nearly all that is shared
  return routes.map(([key, route]) => {
    const known = trunks.get(key);
    if (!known) {
      trunks.set(key, { longest: route, last: route });
      return route;
    }
    const shared = Math.max(common(known.longest, route), common(known.last, route));
    known.last = route;
    if (route.length > known.longest.length) known.longest = route;
    return shared > 2 ? route.slice(shared - 2) : route;
  });
}

/** How many of the first coordinates of two routes are the same, whole points, and never all of them. */
function common(a, b) {
  const end = Math.min(a.length, b.length - 2);
  let k = 0;
  while (k < end && Math.abs(a[k] - b[k]) < 0.05 && Math.abs(a[k + 1] - b[k + 1]) < 0.05) k += 2;
  return k;
}
