/**
 * Lays out a picture with nested clusters. Each cluster is laid out by itself, and is then one box of its parent.
 *
 * A link that enters or leaves a cluster passes its border at a port. The route of a link is put together from its
 * pieces in the clusters on its way. So a cluster is one rectangle that holds exactly its members, and no other line
 * runs through it. Coordinates are along (the direction of computation) and across; `turned` makes x and y of them.
 */

import { place, simplified } from "./layers.js";

/**
 * Lay out `boxes` ({length, breadth, region}), `links` ({tail, head, headPort, room, bundle}) and `regions`
 * ({parent, padding: {before, after, low, high}, least: {length, breadth}}; region 0 is the picture, parents come
 * before children).
 *
 * Returns `{start, middle, routes, regions, length, breadth}`: where each box begins and its middle across, way points
 * [along, across, …] of each link, and `{start, low, length, breadth}` of each region.
 */
export function arrange(boxes, links, regions = [{ parent: -1 }]) {
  return new Nest(boxes, links, regions).arrange();
}

const NONE = { before: 0, after: 0, low: 0, high: 0 };

class Nest {
  constructor(boxes, links, regions) {
    this.boxes = boxes;
    this.regions = regions;
    this.inside = regions.map(() => ({ members: new Map(), pieces: new Map(), origin: [0, 0], size: [0, 0] }));
    this.depth = new Int32Array(regions.length);
    for (let r = 1; r < regions.length; r++) this.depth[r] = this.depth[regions[r].parent] + 1;
    boxes.forEach((box, i) => {
      this._join(box.region ?? 0, `box ${i}`, { box: i });
      for (let r = box.region ?? 0; r > 0; r = regions[r].parent) {
        this._join(regions[r].parent, `region ${r}`, { region: r });
      }
    });
    this.paths = links.map((link) => this._cut(link));
  }

  _join(region, key, member) {
    const { members } = this.inside[region];
    let known = members.get(key);
    if (!known) {
      known = { ...member, at: members.size, key };
      members.set(key, known);
    }
    return known;
  }

  /** Cut a link into its pieces, in order from tail to head. */
  _cut(link) {
    const { regions, depth } = this;
    const port = `${link.tail} ${link.bundle ?? ""}`;
    const leaving = [];
    const entering = [];
    let a = this.boxes[link.tail].region ?? 0;
    let b = this.boxes[link.head].region ?? 0;
    while (a !== b) {
      if (depth[a] >= depth[b]) {
        leaving.push(a);
        a = regions[a].parent;
      } else {
        entering.push(b);
        b = regions[b].parent;
      }
    }
    const path = [];
    let tail = `box ${link.tail}`;
    let via = null;
    for (const region of leaving) {
      const out = this._join(region, `out ${port}`, { place: "last" }).key;
      path.push(this._piece(region, link, tail, via, out, null));
      tail = `region ${region}`;
      via = out;
    }
    const inner = entering.reverse();
    [a, ...inner].forEach((region, k) => {
      if (k === inner.length) {
        path.push(this._piece(region, link, tail, via, `box ${link.head}`, null, link.headPort, link.room));
        return;
      }
      const into = this._join(inner[k], `in ${port}`, { place: "first" }).key;
      path.push(this._piece(region, link, tail, via, `region ${inner[k]}`, into));
      tail = into;
      via = null;
    });
    return path;
  }

  _piece(region, link, tail, tailVia, head, headVia, headPort = 0, room = 0) {
    const { pieces } = this.inside[region];
    const key = `${tail}|${tailVia}|${head}|${headVia}|${headPort}|${link.bundle ?? ""}`;
    let piece = pieces.get(key);
    if (!piece) {
      piece = { tail, tailVia, head, headVia, headPort, room, bundle: link.bundle ?? "", at: pieces.size };
      pieces.set(key, piece);
    }
    return [region, piece];
  }

  arrange() {
    const order = this.regions.map((_, r) => r).sort((a, b) => this.depth[b] - this.depth[a]);
    for (const r of order) if (this.inside[r].members.size) this._place(r);
    const start = new Float64Array(this.boxes.length);
    const middle = new Float64Array(this.boxes.length);
    const regions = this.regions.map(() => null);
    for (const r of order.reverse()) {
      const { members, placement, origin, size } = this.inside[r];
      regions[r] = { start: origin[0], low: origin[1], length: size[0], breadth: size[1] };
      if (!placement) continue;
      const { before, low } = this.regions[r].padding ?? NONE;
      const along = origin[0] + before;
      const across = origin[1] + low;
      for (const { box, region, at } of members.values()) {
        if (box !== undefined) {
          start[box] = along + placement.start[at];
          middle[box] = across + placement.middle[at];
        } else if (region !== undefined) {
          const inner = this.inside[region];
          inner.origin = [along + placement.start[at], across + placement.middle[at] - inner.size[1] / 2];
        }
      }
    }
    const routes = this.paths.map((path) => this._route(path));
    return { start, middle, routes, regions, length: this.inside[0].size[0], breadth: this.inside[0].size[1] };
  }

  _place(r) {
    const inside = this.inside[r];
    const { members, pieces } = inside;
    const vertices = Array.from(members.values(), ({ box, region, place: where }) => {
      if (box !== undefined) return { length: this.boxes[box].length, breadth: this.boxes[box].breadth, place: "" };
      if (region === undefined) return { length: 0, breadth: 0, place: where };
      const [length, breadth] = this.inside[region].size;
      return { length, breadth, place: "" };
    });
    const edges = Array.from(pieces.values(), ({ tail, tailVia, head, headVia, headPort, room, bundle }) => ({
      tail: members.get(tail).at,
      head: members.get(head).at,
      tailPort: this._port(members.get(tail), tailVia, 0),
      headPort: this._port(members.get(head), headVia, headPort),
      room,
      bundle,
    }));
    inside.placement = place(vertices, edges);
    const { before, after, low, high } = this.regions[r].padding ?? NONE;
    const least = this.regions[r].least ?? { length: 0, breadth: 0 };
    inside.size = [
      Math.max(inside.placement.length + before + after, least.length),
      Math.max(inside.placement.breadth + low + high, least.breadth),
    ];
  }

  /** The offset of a port from the middle of its box or region. */
  _port({ region }, via, port) {
    if (via === null) return port;
    const inner = this.inside[region];
    const { low } = this.regions[region].padding ?? NONE;
    return low + inner.placement.middle[inner.members.get(via).at] - inner.size[1] / 2;
  }

  _route(path) {
    const route = [];
    for (const [region, piece] of path) {
      const { origin, placement } = this.inside[region];
      const { before, low } = this.regions[region].padding ?? NONE;
      const points = placement.routes[piece.at];
      for (let k = 0; k < points.length; k += 2) {
        let across = origin[1] + low + points[k + 1];
        // The coordinates on both sides of a border were summed in different orders. Make them agree.
        if (route.length && Math.abs(route.at(-1) - across) < 1e-6) across = route.at(-1);
        route.push(origin[0] + before + points[k], across);
      }
    }
    return simplified(route);
  }
}

/** A point along and across as x and y, for "LR" (from left to right) or "TB" (from top to bottom). */
export function turned(direction) {
  return direction === "TB" ? (along, across) => [across, along] : (along, across) => [along, across];
}

/** The path of a route: straight along a lane, an S-curve from one lane to another. */
export function curve(route, at) {
  const point = (m, c) => {
    const [x, y] = at(m, c);
    return `${tenth(x)} ${tenth(y)}`;
  };
  let d = `M${point(route[0], route[1])}`;
  for (let k = 0; k + 3 < route.length; k += 2) {
    const m0 = route[k];
    const c0 = route[k + 1];
    const m1 = route[k + 2];
    const c1 = route[k + 3];
    if (c0 === c1) d += `L${point(m1, c1)}`;
    else {
      const middle = (m0 + m1) / 2;
      d += `C${point(middle, c0)} ${point(middle, c1)} ${point(m1, c1)}`;
    }
  }
  return d;
}

/** A coordinate as written into the picture: a tenth of a pixel is fine enough. */
export function tenth(x) {
  return Math.round(x * 10) / 10;
}
