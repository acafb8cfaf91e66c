/**
 * Decides which boxes are visible, given the groups that are open.
 *
 * When the document is loaded, all nodes are put into one tree of *units*:
 *
 * - *groups*, as the user nested them. If a path leaves a group and comes back to it, the group would be its own
 *   operand. It is then dissolved, and its members go to its parent.
 * - *repeats*: sibling groups with the same operations and the same name but for a number, as in "neuron ×16".
 * - *bands*: if a unit has more than `ROOM` members, they are divided into consecutive ranges of depth, in as many
 *   levels as needed. Members of the same depth are divided by their place.
 *
 * The depth of a member is counted within its unit, where a group counts as one, and each member stands right before
 * its first use. So a band cannot be its own operand either. The visible boxes are then a cut through the tree. Every
 * pass is linear and none recurses, because a chain of a million nodes is a million deep.
 */

import { clip, count, counted, rounded, symbol } from "./format.js";
import { t } from "./messages.js";
import { cyclic, ranks } from "./orders.js";

export const ROOM = 300; // The largest number of members that a unit shows.
export const SMALL = 40; // A graph with at most so many nodes opens with its groups open.
export const EVERYTHING = 6000; // The largest number of boxes when everything is opened at once.
const FEW = 12; // Alike groups become one box if there are more in a row; two are enough if they stand side by side.
const BANDS = 12;
const NAME = 32;
const CONSTANT = 2;
const LEAVES = "count.leaf"; // The keys of the messages that name them.
const CONSTANTS = "count.constant";

/**
 * @typedef {object} Unit a part of the graph that can be one box
 * @property {string} key
 * @property {string} kind "root", "group", "repeat" (groups that are alike) or "band" (nodes of some depths)
 * @property {string} title
 * @property {number} parent
 * @property {string} [name] the name of a group
 * @property {number} [times] how many groups a repeat stands for
 * @property {number[] | null} [children] nodes, and units as -1 - unit
 * @property {number} [from] where its nodes begin in the order of the outline
 * @property {number} [to] where they end
 * @property {string} [outer] the key of the unit that a band divides
 * @property {number} [shift] the depth that a band counts from
 * @property {number | null} [slice] the place of a band's first node among others of one depth
 */

export class Outline {
  /** @param {import("./engine.js").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    this.groups = engine.document.groups ?? [];
    /** @type {Unit[]} */
    this.units = [{ key: "", kind: "root", title: "", parent: -1, children: null }];
    this._adopt();
    this._plant();
    this._untangle();
    this._banded();
    this._number();
    this.byKey = new Map(this.units.map((unit, u) => [unit.key, u]));
  }

  /** The keys that are open to begin with: all groups of a small graph, none of a large one. */
  initial() {
    return this.engine.n <= SMALL ? this.all() : new Set();
  }

  /** All keys, or those of the outer levels where all would be too many boxes. */
  all(limit = EVERYTHING) {
    const opened = new Set();
    let boxes = this.units[0].children.length;
    let level = [0];
    while (level.length) {
      const next = [];
      for (const u of level) {
        for (const child of this.units[u].children) {
          if (child >= 0) continue;
          const unit = this.units[-1 - child];
          if (boxes + unit.children.length > limit) continue;
          boxes += unit.children.length - 1;
          opened.add(unit.key);
          next.push(-1 - child);
        }
      }
      level = next;
    }
    return opened;
  }

  /** The keys of the units around node i, outermost first: with all of them open it is on view. */
  reveal(i) {
    const keys = [];
    for (let u = this.home[i]; u > 0; u = this.units[u].parent) keys.push(this.units[u].key);
    return keys.reverse();
  }

  /** The key of the unit around the thing `key` ("n12" for a node), "" for none. */
  around(key) {
    const u = this.byKey.get(key);
    if (u !== undefined) return u > 0 ? this.units[this.units[u].parent].key : "";
    return this.units[this.home[Number(key.slice(1))]].key;
  }

  /**
   * The cut through the tree where the units `opened` (keys) are open: `{boxes, clusters, wires, boxOf}`.
   *
   * - boxes: `{key, kind, node | nodes, count, title, lines, cluster, ports}`; kinds: "node", "group", "repeat",
   *   "band";
   * - clusters: `{key, kind, title, parent}`; 0 is the picture itself;
   * - wires: `{from, to, port, edge, count}` between places in `boxes`; `edge` is -1 where several are drawn as one;
   * - boxOf: the place in `boxes` of each node.
   */
  view(opened) {
    const boxes = [];
    const clusters = [{ key: "", kind: "root", title: "", parent: -1 }];
    const boxOf = new Int32Array(this.engine.n);
    const stack = [[0, 0]]; // units to show the inside of, and the clusters that they are
    while (stack.length) {
      const [u, cluster] = stack.pop();
      for (const child of this.units[u].children) {
        if (child >= 0) {
          boxOf[child] = boxes.length;
          boxes.push({ key: `n${child}`, kind: "node", node: child, count: 1, cluster, ports: 0 });
          continue;
        }
        const unit = this.units[-1 - child];
        if (opened.has(unit.key)) {
          stack.push([-1 - child, clusters.length]);
          clusters.push({ key: unit.key, kind: unit.kind, title: unit.title, parent: cluster });
          continue;
        }
        for (let k = unit.from; k < unit.to; k++) boxOf[this.order[k]] = boxes.length;
        boxes.push({ ...this._described(unit), cluster, ports: 0 });
      }
    }
    return { boxes, clusters, wires: this._wires(boxes, boxOf), boxOf };
  }

  _wires(boxes, boxOf) {
    const { start, args, n } = this.engine;
    const wires = [];
    const merged = new Map();
    for (let i = 0; i < n; i++) {
      const to = boxOf[i];
      const single = boxes[to].kind === "node";
      if (single) boxes[to].ports = start[i + 1] - start[i];
      for (let e = start[i]; e < start[i + 1]; e++) {
        const from = boxOf[args[e]];
        if (from === to) continue;
        if (single && boxes[from].kind === "node") {
          wires.push({ from, to, port: e - start[i], edge: e, count: 1 });
          continue;
        }
        const key = (single ? start[n] + e : from) * boxes.length + to;
        const known = merged.get(key);
        if (known) {
          known.count++;
          known.edge = -1;
          continue;
        }
        const wire = { from, to, port: single ? e - start[i] : boxes[to].ports++, edge: e, count: 1 };
        merged.set(key, wire);
        wires.push(wire);
      }
    }
    return wires;
  }

  _described(unit) {
    unit.box ??= {
      key: unit.key,
      kind: unit.kind,
      nodes: this.order.subarray(unit.from, unit.to),
      count: unit.to - unit.from,
      times: unit.times ?? 1,
      title: unit.title,
      lines: this._lines(unit),
    };
    return unit.box;
  }

  /** The lines of a closed box: the number of its nodes, and their operations. */
  _lines(unit) {
    const size = unit.to - unit.from;
    const lines = [unit.times ? `${unit.times} × ${counted(size / unit.times, "node")}` : counted(size, "node")];
    const inner = unit.children.filter((child) => child < 0).map((child) => this.units[-1 - child]);
    if (unit.kind === "group" && inner.length && inner.length <= 2) {
      lines.push(inner.map((one) => (one.times ? one.title : clip(one.title, 16))).join(", "));
      return lines;
    }
    const { op, document, kind } = this.engine;
    const counts = new Map();
    for (let k = unit.from; k < unit.to; k++) {
      const i = this.order[k];
      const name = op[i] >= 0 ? symbol(document.ops[op[i]].symbol) : kind[i] === CONSTANT ? CONSTANTS : LEAVES;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const plural = (name, n) => (name === LEAVES || name === CONSTANTS ? t(name, { n }) : name);
    const named = ranked.slice(0, 3).map(([name, n]) => `${rounded(n)} ${clip(plural(name, n), 12)}`);
    lines.push(named.join(", ") + (ranked.length > 3 ? ", …" : ""));
    return lines;
  }

  // Building the tree

  /** The group of each node; a constant's is that of the operation that it is in. */
  _adopt() {
    const { engine } = this;
    this.groupOf = Int32Array.from(engine.document.nodes.group);
    for (let i = engine.n - 1; i >= 0; i--) {
      if (engine.kind[i] !== CONSTANT || this.groupOf[i] >= 0 || engine.useStart[i] === engine.useStart[i + 1]) {
        continue;
      }
      this.groupOf[i] = this.groupOf[engine.owner[engine.useEdges[engine.useStart[i]]]];
    }
  }

  /** A unit for each group and each repeat; `home` of a node is the unit that it is in. */
  _plant() {
    const { groups, groupOf, units } = this;
    const unitOf = new Int32Array(groups.length);
    groups.forEach((group, g) => {
      unitOf[g] = units.length;
      const parent = group.parent < 0 ? 0 : unitOf[group.parent];
      units.push({ key: `g${g}`, kind: "group", title: clip(group.name, NAME), name: group.name, parent });
    });
    this.home = groupOf.map((g) => (g < 0 ? 0 : unitOf[g]));
    this._stack(this._signatures());
  }

  /** What each unit is made of: its operations and their numbers, those of its groups with it. */
  _signatures() {
    const { units, home, engine } = this;
    const counts = units.map(() => new Map());
    for (let i = 0; i < engine.n; i++) {
      const own = counts[home[i]];
      const op = engine.op[i] < 0 ? -engine.kind[i] : engine.op[i];
      own.set(op, (own.get(op) ?? 0) + 1);
    }
    for (let u = units.length - 1; u > 0; u--) {
      const outer = counts[units[u].parent];
      for (const [op, n] of counts[u]) outer.set(op, (outer.get(op) ?? 0) + n);
    }
    return counts.map((own) =>
      [...own]
        .sort((a, b) => a[0] - b[0])
        .map(([op, n]) => `${op}x${n}`)
        .join(","),
    );
  }

  _stack(signatures) {
    const { units } = this;
    const alike = new Map();
    for (let u = 1; u < units.length; u++) {
      const stem = units[u].name.replace(/[\s_#[(.-]*\d+[\])]?$/u, "");
      if (stem === units[u].name || !signatures[u]) continue;
      const key = `${units[u].parent}|${signatures[u]}|${stem}`;
      if (!alike.has(key)) alike.set(key, []);
      alike.get(key).push(u);
    }
    const stackOf = new Int32Array(units.length).fill(-1);
    const stacks = [...alike.values()].filter((members) => members.length > 1);
    stacks.forEach((members, k) => members.forEach((u) => (stackOf[u] = k)));
    const follow = this._following(stackOf);
    for (const [k, members] of stacks.entries()) {
      if (members.length <= FEW && follow.has(k)) continue;
      const { name, parent } = units[members[0]];
      const stem = clip(name.replace(/[\s_#[(.-]*\d+[\])]?$/u, "") || name, NAME);
      const title = `${stem} ×${members.length}`;
      for (const u of members) units[u].parent = units.length;
      units.push({ key: `r${units[members[0]].key}`, kind: "repeat", title, parent, times: members.length });
    }
  }

  /** The stacks of which one member uses another. */
  _following(stackOf) {
    const { n } = this.engine;
    const { pairs } = this._pairs();
    const found = new Set();
    for (let e = 0; e < pairs.length; e += 2) {
      if (pairs[e] < n || pairs[e + 1] < n) continue;
      const stack = stackOf[pairs[e] - n];
      if (stack >= 0 && stack === stackOf[pairs[e + 1] - n]) found.add(stack);
    }
    return found;
  }

  /** Dissolve units that would be their own operands. After that, the members of every unit have an order. */
  _untangle() {
    const gone = new Set();
    for (;;) {
      const { pairs, items } = this._pairs();
      const cycles = cyclic(items, pairs);
      if (!cycles.length) break;
      const found = cycles.filter((item) => item >= this.engine.n).map((item) => item - this.engine.n);
      const repeats = found.filter((u) => this.units[u].kind === "repeat");
      for (const u of repeats.length ? repeats : found) gone.add(u);
      this._dissolve(gone);
    }
  }

  _dissolve(gone) {
    const { units, home } = this;
    const settled = (u) => {
      while (gone.has(u)) u = units[u].parent;
      return u;
    };
    for (let i = 0; i < home.length; i++) home[i] = settled(home[i]);
    for (let u = 1; u < units.length; u++) if (!gone.has(u)) units[u].parent = settled(units[u].parent);
    this.gone = gone;
  }

  /**
   * Each edge as a pair of siblings in the tree: the two things, next to each other in one unit, that its ends are in.
   * Things are numbered: nodes as they are, unit u as n + u.
   */
  _pairs() {
    const { units, home, engine } = this;
    const { n } = engine;
    const levels = new Int32Array(units.length).fill(-1);
    levels[0] = 0;
    for (let u = 1; u < units.length; u++) {
      const chain = [];
      let v = u;
      for (; levels[v] < 0; v = units[v].parent) chain.push(v);
      for (let k = chain.length - 1; k >= 0; k--) levels[chain[k]] = levels[units[chain[k]].parent] + 1;
    }
    const pairs = new Int32Array(2 * engine.edges);
    for (let e = 0; e < engine.edges; e++) {
      let a = engine.args[e];
      let b = engine.owner[e];
      let inA = home[a];
      let inB = home[b];
      while (inA !== inB) {
        if (levels[inA] >= levels[inB]) {
          a = n + inA;
          inA = units[inA].parent;
        } else {
          b = n + inB;
          inB = units[inB].parent;
        }
      }
      pairs[2 * e] = a;
      pairs[2 * e + 1] = b;
    }
    return { pairs, items: n + units.length };
  }

  /** Give units their children, in bands where there are many. */
  _banded() {
    const { units, home, engine } = this;
    const { n } = engine;
    const { pairs, items } = this._pairs();
    this.rank = ranks(items, pairs);
    const children = units.map(() => []);
    for (let i = 0; i < n; i++) children[home[i]].push(i);
    for (let u = 1; u < units.length; u++) if (!this.gone?.has(u)) children[units[u].parent].push(-1 - u);
    const filled = new Uint8Array(units.length);
    for (let i = 0; i < n; i++) for (let u = home[i]; u >= 0 && !filled[u]; u = units[u].parent) filled[u] = 1;
    const real = units.length;
    for (let u = 0; u < real; u++) {
      units[u].children = children[u].filter((child) => child >= 0 || filled[-1 - child]);
    }
    for (let u = 0; u < units.length; u++) this._cut(u); // bands that it makes come behind, and are cut in turn
  }

  _rankOf(child) {
    return this.rank[child >= 0 ? child : this.engine.n - 1 - child];
  }

  _cut(u) {
    const unit = this.units[u];
    if (unit.children.length <= ROOM) return;
    const ranked = unit.children.map((child) => this._rankOf(child));
    let low = Infinity;
    let high = -Infinity;
    for (const rank of ranked) {
      low = Math.min(low, rank);
      high = Math.max(high, rank);
    }
    const shift = unit.kind === "band" ? unit.shift : low; // depths are counted from the first of the unit around
    if (low === high) {
      this._slices(u, low, shift);
      return;
    }
    const rows = Array.from({ length: high - low + 1 }, () => []);
    unit.children.forEach((child, k) => rows[ranked[k] - low].push(child));
    const most = unit.children.length / BANDS;
    const kept = [];
    let band = [];
    let first = 0;
    const close = (last) => {
      if (band.length === 1) kept.push(band[0]);
      else if (band.length) kept.push(this._band(u, band, low + first, low + last, shift));
      band = [];
    };
    rows.forEach((row, r) => {
      if (band.length && band.length + row.length > 1.5 * most) close(r - 1);
      if (!band.length) first = r;
      for (const child of row) band.push(child);
      if (band.length >= most) close(r);
    });
    close(rows.length - 1);
    unit.children = kept;
  }

  _slices(u, rank, shift) {
    const unit = this.units[u];
    const { children } = unit;
    const size = Math.ceil(children.length / Math.min(BANDS, Math.ceil(children.length / (ROOM / 3))));
    const base = unit.slice ?? 0;
    const kept = [];
    for (let from = 0; from < children.length; from += size) {
      const part = children.slice(from, from + size);
      kept.push(this._band(u, part, rank, rank, shift, base + from));
    }
    unit.children = kept;
  }

  _band(parent, children, first, last, shift, slice = null) {
    const { units } = this;
    const outer = units[parent].kind === "band" ? units[parent].outer : units[parent].key;
    const depths = first === last ? count(first - shift) : `${count(first - shift)}–${count(last - shift)}`;
    const place = slice === null ? "" : `, ${count(slice + 1)}–${count(slice + children.length)}`;
    const key = `b${outer}:${first}-${last}${slice === null ? "" : `/${slice}+${children.length}`}`;
    const title = t("outline.depth", { depths, place });
    const u = units.push({ key, kind: "band", title, parent, children, outer, shift, slice }) - 1;
    for (const child of children) {
      if (child >= 0) this.home[child] = u;
      else units[-1 - child].parent = u;
    }
    return -1 - u;
  }

  /** Line the nodes up so that those of a unit stand together: `order`, and `from`, `to` of each unit. */
  _number() {
    const { units } = this;
    this.order = new Int32Array(this.engine.n);
    let at = 0;
    const stack = [{ u: 0, k: 0 }];
    units[0].from = 0;
    while (stack.length) {
      const top = stack.at(-1);
      const unit = units[top.u];
      if (top.k === unit.children.length) {
        unit.to = at;
        stack.pop();
        continue;
      }
      const child = unit.children[top.k++];
      if (child >= 0) this.order[at++] = child;
      else {
        units[-1 - child].from = at;
        stack.push({ u: -1 - child, k: 0 });
      }
    }
  }
}
