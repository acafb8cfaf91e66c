/**
 * Layered layout of one acyclic graph: a rank for each vertex, an order within each rank, a place for each.
 *
 * The method is that of the drawings in Python (Sugiyama, Tagawa and Toda, *Methods for visual understanding of
 * hierarchical system structures*, 1981), on typed arrays. Ranks follow each other *along*, and the vertices of a rank
 * are spread *across*.
 *
 * - The rank of a vertex is the longest path to a sink. So every vertex stands right before the first that uses it.
 * - An edge over several ranks gets a *dummy* in each rank in between: a lane that is kept free for it. All edges that
 *   leave a vertex by the same port share their dummies.
 * - The order in each rank starts from a depth-first walk, which keeps operands in order. Barycentre sweeps improve it.
 * - The places minimise the squared distances between neighbours, rank by rank, by pooling adjacent violators.
 *
 * Curves run only between ranks, and straight lines only in their lanes. So no edge crosses a box.
 */

import { ranks } from "./orders.js";

const BOX_GAP = 14; // The distance of two neighbouring boxes in a rank.
const LANE_GAP = 9; // The distance of two neighbours in a rank if one of them is a lane.
// The gap between two ranks is CURVE_SLOPE times the distance that its curves have to go across, within these limits.
const CURVE_SHORT = 34;
const CURVE_LONG = 200;
const CURVE_SLOPE = 0.2;
const LANES = 12_000; // Beyond so many dummies, the longest edges go straight, behind the boxes.
const EXCHANGES = 1500; // Graphs with more vertices and dummies skip the exchange of single neighbours.

/**
 * Lay out `vertices` ({length, breadth, place: "" | "first" | "last"}) and `edges` ({tail, head, tailPort, headPort,
 * room, bundle}): `{start, middle, routes, length, breadth}`; routes are way points [along, across, …]. Ports are
 * offsets from the middles, `room` stays straight at the head.
 */
export function place(vertices, edges) {
  if (!vertices.length) return { start: [], middle: [], routes: [], length: 0, breadth: 0 };
  const grid = new Grid(vertices, edges);
  grid.sort();
  grid.settle();
  return grid.result();
}

/** The rank of each vertex; those to be first or last are alone there. */
function ranked(vertices, edges) {
  const pairs = new Int32Array(2 * edges.length);
  edges.forEach(({ tail, head }, e) => {
    pairs[2 * e] = tail;
    pairs[2 * e + 1] = head;
  });
  const rank = Array.from(ranks(vertices.length, pairs));
  let low = Infinity;
  let high = -Infinity;
  vertices.forEach((v, i) => {
    if (v.place === "first") return;
    low = Math.min(low, rank[i]);
    high = Math.max(high, rank[i]);
  });
  if (low === Infinity) low = high = 0;
  // A last vertex is a sink, so it has the highest rank already. Vertices that are not ports must stay before it.
  const last = vertices.some((v) => v.place === "last");
  const shared = last && vertices.some((v, i) => v.place === "" && rank[i] === high);
  let top = high;
  if (shared) {
    top = high + 1;
    vertices.forEach((v, i) => v.place === "last" && (rank[i] = top));
  }
  const first = vertices.some((v) => v.place === "first");
  vertices.forEach((v, i) => (rank[i] = v.place === "first" ? 0 : rank[i] - low + (first ? 1 : 0)));
  return rank;
}

class Grid {
  constructor(vertices, edges) {
    this.vertices = vertices;
    this.edges = edges;
    this.real = vertices.length;
    this.rank = ranked(vertices, edges);
    this.count = this.rank.reduce((a, b) => Math.max(a, b), 0) + 1;
    this.room = new Float64Array(this.count);
    this.breadth = vertices.map((v) => v.breadth);
    this._lanes();
    this.size = this.rank.length;
    this._index();
    this.position = new Int32Array(this.size);
    this.centres = new Float64Array(this.size);
    this.y = new Float64Array(this.size);
  }

  /** Make the dummies of each bundle, up to its furthest head, and the segments. */
  _lanes() {
    const { edges, rank } = this;
    const segments = (this.segments = { tail: [], head: [], out: [], into: [] });
    const segment = (tail, head, out, into) => {
      segments.tail.push(tail);
      segments.head.push(head);
      segments.out.push(out);
      segments.into.push(into);
    };
    const keys = edges.map(({ tail, tailPort, bundle }) => `${tail} ${tailPort} ${bundle}`);
    const reach = new Map();
    edges.forEach(({ tail, head }, e) => {
      reach.set(keys[e], Math.max(reach.get(keys[e]) ?? 0, rank[head] - rank[tail]));
    });
    const longest = longestLane([...reach.values()]);
    this.chains = new Map();
    this.chainOf = keys.map((key) => {
      if (!this.chains.has(key)) this.chains.set(key, []);
      return this.chains.get(key);
    });
    this.direct = new Uint8Array(edges.length);
    edges.forEach((edge, e) => {
      const first = rank[edge.tail];
      const last = rank[edge.head];
      this.room[last] = Math.max(this.room[last], edge.room);
      if (last - first > longest) {
        this.direct[e] = 1;
        return;
      }
      const chain = this.chainOf[e];
      while (chain.length < last - first - 1) {
        const dummy = rank.length;
        rank.push(first + chain.length + 1);
        this.breadth.push(0);
        if (chain.length) segment(chain.at(-1), dummy, 0, 0);
        else segment(edge.tail, dummy, edge.tailPort, 0);
        chain.push(dummy);
      }
      if (last - first === 1) segment(edge.tail, edge.head, edge.tailPort, edge.headPort);
      else segment(chain[last - first - 2], edge.head, 0, edge.headPort);
    });
  }

  /** The segments into and out of each vertex, those into it in the order of their ports. */
  _index() {
    const { tail, head, out, into } = this.segments;
    const by = (vertex, port) => {
      const start = new Int32Array(this.size + 1);
      for (const v of vertex) start[v + 1]++;
      for (let v = 0; v < this.size; v++) start[v + 1] += start[v];
      const next = start.slice();
      const list = new Int32Array(vertex.length);
      for (let s = 0; s < vertex.length; s++) list[next[vertex[s]]++] = s;
      for (let v = 0; v < this.size; v++) {
        if (start[v + 1] - start[v] > 1) {
          list.subarray(start[v], start[v + 1]).sort((a, b) => port[a] - port[b] || a - b);
        }
      }
      return { start, list };
    };
    this.outs = by(tail, out);
    this.ins = by(head, into);
    this.tail = Int32Array.from(tail);
    this.head = Int32Array.from(head);
    this.out = Float64Array.from(out);
    this.into = Float64Array.from(into);
  }

  // Order

  sort() {
    this._walk();
    let best = this.layers.map((layer) => layer.slice());
    let fewest = this._crossings();
    let stale = 0;
    const sweeps = this.size < 3000 ? 10 : this.size < 10_000 ? 5 : 3;
    for (let sweep = 0; sweep < sweeps && fewest && stale < 4; sweep++) {
      this._sweep(sweep % 2 === 0);
      const crossings = this._crossings();
      stale++;
      if (crossings < fewest) {
        best = this.layers.map((layer) => layer.slice());
        fewest = crossings;
        stale = 0;
      }
    }
    this.layers = best;
    this._place();
    if (fewest && this.size <= EXCHANGES) this._exchange();
  }

  /** Walk depth first from the sinks, through operands in order. Trees then have no crossings. */
  _walk() {
    const { ins, outs, tail, size } = this;
    this.layers = Array.from({ length: this.count }, () => []);
    const seen = new Uint8Array(size);
    const visit = (v) => {
      seen[v] = 1;
      this.layers[this.rank[v]].push(v);
    };
    for (let sink = 0; sink < size; sink++) {
      if (outs.start[sink + 1] > outs.start[sink] || seen[sink]) continue;
      const stack = [sink];
      while (stack.length) {
        const v = stack.pop();
        if (seen[v]) continue;
        visit(v);
        for (let k = ins.start[v + 1] - 1; k >= ins.start[v]; k--) {
          const u = tail[ins.list[k]];
          if (!seen[u]) stack.push(u);
        }
      }
    }
    for (let v = 0; v < size; v++) if (!seen[v]) visit(v); // an edge without lanes may leave its tail without a segment
    this._place();
  }

  _place() {
    for (const layer of this.layers) for (let i = 0; i < layer.length; i++) this.position[layer[i]] = i;
  }

  _sweep(forward) {
    const { position, centres, count } = this;
    const { start, list } = forward ? this.ins : this.outs;
    const far = forward ? this.tail : this.head;
    const port = forward ? this.out : this.into;
    for (let r = 0; r < count; r++) {
      const layer = this.layers[forward ? r : count - 1 - r];
      for (let i = 0; i < layer.length; i++) {
        const v = layer[i];
        let sum = 0;
        for (let k = start[v]; k < start[v + 1]; k++) sum += position[far[list[k]]] + port[list[k]] * 1e-3;
        centres[v] = start[v + 1] > start[v] ? sum / (start[v + 1] - start[v]) : i;
      }
      layer.sort((a, b) => centres[a] - centres[b]);
      for (let i = 0; i < layer.length; i++) position[layer[i]] = i;
    }
  }

  /** Count the pairs of segments that cross (Barth, Jünger and Mutzel, 2002), with a tree of counts. */
  _crossings() {
    const { ins, outs, tail, out } = this;
    const places = new Int32Array(tail.length); // of each segment at its head's rank
    let total = 0;
    for (let r = 1; r < this.count; r++) {
      let at = 0;
      for (const v of this.layers[r]) for (let k = ins.start[v]; k < ins.start[v + 1]; k++) places[ins.list[k]] = ++at;
      if (at < 2) continue;
      const tree = new Int32Array(at + 1);
      let seen = 0;
      for (const v of this.layers[r - 1]) {
        const own = outs.list.subarray(outs.start[v], outs.start[v + 1]);
        const sorted = own.length > 1 ? own.slice().sort((a, b) => out[a] - out[b] || places[a] - places[b]) : own;
        for (const s of sorted) {
          let before = 0;
          for (let k = places[s]; k > 0; k -= k & -k) before += tree[k];
          total += seen - before;
          for (let k = places[s]; k <= at; k += k & -k) tree[k]++;
          seen++;
        }
      }
    }
    return total;
  }

  /** Exchange neighbours in a rank as long as that saves crossings which the barycentres have left. */
  _exchange() {
    for (let round = 0; round < 8; round++) {
      let saved = 0;
      for (const layer of this.layers) {
        for (let i = 0; i + 1 < layer.length; i++) {
          const a = layer[i];
          const b = layer[i + 1];
          const gain = this._cross(a, b) - this._cross(b, a);
          if (gain <= 0) continue;
          layer[i] = b;
          layer[i + 1] = a;
          this.position[a] = i + 1;
          this.position[b] = i;
          saved += gain;
        }
      }
      if (!saved) return;
    }
  }

  /** Crossings between the segments of two neighbours with `a` before `b`. */
  _cross(a, b) {
    return this._pairs(this.ins, this.tail, this.out, a, b) + this._pairs(this.outs, this.head, this.into, a, b);
  }

  _pairs({ start, list }, far, port, a, b) {
    const { position } = this;
    let total = 0;
    for (let i = start[a]; i < start[a + 1]; i++) {
      const at = position[far[list[i]]] + port[list[i]] * 1e-4;
      for (let k = start[b]; k < start[b + 1]; k++) if (at > position[far[list[k]]] + port[list[k]] * 1e-4) total++;
    }
    return total;
  }

  // Places

  settle() {
    const gaps = this.layers.map((layer) => this._gaps(layer));
    const breadth = Math.max(...gaps.map((offsets) => offsets.at(-1) ?? 0));
    this.layers.forEach((layer, r) => {
      const fans = layer.filter((v) => this._fans(v)).length;
      if (fans > 1) gaps[r] = this._gaps(layer, breadth / fans); // close together their segments cross in a knot
    });
    this.layers.forEach((layer, r) => {
      const half = (gaps[r].at(-1) ?? 0) / 2;
      layer.forEach((v, i) => (this.y[v] = gaps[r][i] - half));
    });
    const rounds = this.size < 6000 ? 4 : 2;
    for (let k = 0; k < 2 * rounds; k++) {
      const both = k >= rounds;
      for (let r = this.count - 1; r >= 0; r--) this._settleRank(r, gaps[r], both, true);
      for (let r = 0; r < this.count; r++) this._settleRank(r, gaps[r], true, both);
    }
  }

  /** Whether v is a port of a cluster's border from which several segments spread. */
  _fans(v) {
    const { ins, outs } = this;
    const segments = outs.start[v + 1] - outs.start[v] + ins.start[v + 1] - ins.start[v];
    return v < this.real && this.vertices[v].place !== "" && segments > 1;
  }

  /** The least distance of each vertex of a rank from the first one, with `fan` between ports that spread. */
  _gaps(layer, fan = 0) {
    const offsets = new Float64Array(layer.length);
    for (let i = 1; i < layer.length; i++) {
      const a = layer[i - 1];
      const b = layer[i];
      const least = a < this.real && b < this.real ? BOX_GAP : LANE_GAP;
      const gap = fan > least && this._fans(a) && this._fans(b) ? fan : least;
      offsets[i] = offsets[i - 1] + (this.breadth[a] + this.breadth[b]) / 2 + gap;
    }
    return offsets;
  }

  /** Isotonic regression: as near to the neighbours as the gaps allow. */
  _settleRank(r, offsets, byIns, byOuts) {
    const { y, real, ins, outs, tail, head, out, into } = this;
    const layer = this.layers[r];
    const weights = new Float64Array(layer.length);
    const sums = new Float64Array(layer.length);
    const sizes = new Int32Array(layer.length);
    let blocks = 0;
    for (let i = 0; i < layer.length; i++) {
      const v = layer[i];
      const stiff = v < real ? 1 : 4;
      let weight = 0;
      let sum = 0;
      if (byIns) {
        for (let k = ins.start[v]; k < ins.start[v + 1]; k++) {
          const s = ins.list[k];
          const w = tail[s] < real ? stiff : stiff * 2;
          weight += w;
          sum += w * (y[tail[s]] + out[s] - into[s]);
        }
      }
      if (byOuts) {
        for (let k = outs.start[v]; k < outs.start[v + 1]; k++) {
          const s = outs.list[k];
          const w = head[s] < real ? stiff : stiff * 2;
          weight += w;
          sum += w * (y[head[s]] + into[s] - out[s]);
        }
      }
      if (!weight) {
        weight = 0.05;
        sum = weight * y[v];
      }
      sum -= weight * offsets[i];
      let size = 1;
      while (blocks && sums[blocks - 1] * weight > sum * weights[blocks - 1]) {
        blocks--;
        weight += weights[blocks];
        sum += sums[blocks];
        size += sizes[blocks];
      }
      weights[blocks] = weight;
      sums[blocks] = sum;
      sizes[blocks++] = size;
    }
    for (let b = 0, i = 0; b < blocks; b++) {
      const at = sums[b] / weights[b];
      for (let k = 0; k < sizes[b]; k++, i++) y[layer[i]] = at + offsets[i];
    }
  }

  // The result

  result() {
    const { y, rank, breadth, real, vertices, ins } = this;
    let low = Infinity;
    let high = -Infinity;
    for (let v = 0; v < this.size; v++) {
      low = Math.min(low, y[v] - breadth[v] / 2);
      high = Math.max(high, y[v] + breadth[v] / 2);
    }
    for (let v = 0; v < this.size; v++) y[v] -= low;
    const { left, right } = this._columns();
    const start = new Float64Array(real);
    for (let v = 0; v < real; v++) {
      const leaf = ins.start[v] === ins.start[v + 1];
      start[v] = leaf ? right[rank[v]] - vertices[v].length : left[rank[v]];
    }
    const routes = this.edges.map((edge, e) => this._route(e, edge, left, right, start));
    return { start, middle: y.slice(0, real), routes, length: right.at(-1), breadth: high - low };
  }

  _columns() {
    const { y, ins, tail, out, into } = this;
    const left = new Array(this.count).fill(0);
    const right = new Array(this.count).fill(0);
    let at = 0;
    this.layers.forEach((layer, r) => {
      let far = 0;
      let widest = 0;
      for (const v of layer) {
        for (let k = ins.start[v]; k < ins.start[v + 1]; k++) {
          const s = ins.list[k];
          far = Math.max(far, Math.abs(y[tail[s]] + out[s] - y[v] - into[s]));
        }
        if (v < this.real) widest = Math.max(widest, this.vertices[v].length);
      }
      if (r) at += Math.min(Math.max(CURVE_SHORT, CURVE_SLOPE * far), CURVE_LONG) + this.room[r];
      left[r] = at;
      at += widest;
      right[r] = at;
    });
    return { left, right };
  }

  _route(e, { tail, head, tailPort, headPort }, left, right, start) {
    const { y, rank, room } = this;
    const first = rank[tail];
    const last = rank[head];
    const out = y[tail] + tailPort;
    const into = y[head] + headPort;
    const route = [start[tail] + this.vertices[tail].length, out, right[first], out];
    if (!this.direct[e]) {
      for (let r = first + 1; r < last; r++) {
        const at = y[this.chainOf[e][r - first - 1]];
        route.push(left[r] - room[r], at, right[r], at);
      }
    }
    route.push(left[last] - room[last], into, start[head], into);
    return simplified(route);
  }
}

/** Leave out the way points in the middle of a straight run. */
export function simplified(route) {
  const kept = [route[0], route[1]];
  for (let i = 2; i < route.length - 2; i += 2) {
    if (!(kept.at(-1) === route[i + 1] && route[i + 1] === route[i + 3])) kept.push(route[i], route[i + 1]);
  }
  kept.push(route.at(-2), route.at(-1));
  return kept;
}

function longestLane(spans) {
  spans.sort((a, b) => a - b);
  let total = 0;
  let longest = 0;
  for (const span of spans) {
    total += span;
    if (total > LANES) return Math.max(longest, 1);
    longest = span;
  }
  return longest;
}
