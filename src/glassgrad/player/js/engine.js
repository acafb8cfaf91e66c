/**
 * The numbers of the player: computes a document's graph from its leaves.
 *
 * Values come from the operations of the table (`operations.js`). Local derivatives come from rules, which Python wrote
 * into the document as small tapes. So nothing here knows calculus. The id of a node is its position. Operands come
 * before results, so a forward pass is one loop up, and backpropagation one loop down.
 */

import { t } from "./messages.js";
import { OPERATIONS } from "./operations.js";

export const FORMAT = "glassgrad-document";
export const VERSION = 1;
export const COMPUTED = 0;
export const LEAF = 1;
export const CONSTANT = 2;

const EPS = 2 ** -52;
const STEP = Math.cbrt(EPS); // At this step of a central difference, truncation balances rounding.
const CLOSE = 30 * EPS ** (2 / 3);
const SAME = 1e-12;

/** A float of the document, where strings stand for nan and infinities. */
export function number(x) {
  if (typeof x === "number") return x;
  return x === "inf" ? Infinity : x === "-inf" ? -Infinity : NaN;
}

export class Engine {
  constructor(document) {
    if (document?.format !== FORMAT) throw new TypeError(t("document.none"));
    if (document.version !== VERSION) {
      throw new TypeError(t("document.version", { found: document.version, known: VERSION }));
    }
    const nodes = document.nodes;
    this.document = document;
    this.n = nodes.op.length;
    this.root = document.root; // gradients are those of this root
    this.roots = document.roots ?? [document.root]; // all roots of the graph
    this.op = Int32Array.from(nodes.op);
    this.kind = Int8Array.from(nodes.kind);
    this.start = Int32Array.from(nodes.start);
    this.args = Int32Array.from(nodes.args);
    this.rule = Int32Array.from(nodes.rule);
    this.edges = this.args.length;
    this.value = Float64Array.from(nodes.value, number);
    this.grad = new Float64Array(this.n);
    this.slope = new Float64Array(this.edges).fill(NaN);
    for (const [edge, slope] of Object.entries(document.slopes ?? {})) this.slope[edge] = number(slope);
    this.rules = document.rules.map(compiled);
    this.functions = document.ops.map((op) =>
      op.live ? (op.tape ? played(op.tape) : OPERATIONS[op.name]) : undefined,
    );
    this.selects = document.ops.map((op) => op.selects);
    this.passes = document.ops.map((op) => op.name !== "detach"); // detach does not pass changes on
    this.python = Float64Array.from(nodes.grad, (x) => (x === null ? NaN : number(x))); // the gradients in Python
    this.original = this.value.slice();
    this.stale = new Uint8Array(this.n); // nodes that cannot be recomputed here although a leaf below was moved
    this._place = null; // the step after which the value of each computed node is known
    this._sent = null; // the step after which the gradient of each node has been sent on
    this._scratch = null;
    this._dirty = null;
    this._connect();
    this._order();
    this.update();
  }

  _connect() {
    const { n, start, args, edges } = this;
    this.owner = new Int32Array(edges);
    this.useStart = new Int32Array(n + 1);
    this.stuck = new Uint8Array(n); // its value cannot be recomputed here
    for (let i = 0; i < n; i++) {
      const at = this.op[i];
      if (at >= 0 && (!this.functions[at] || this.start[i + 1] === this.start[i])) this.stuck[i] = 1;
      for (let e = start[i]; e < start[i + 1]; e++) {
        this.owner[e] = i;
        this.useStart[args[e] + 1]++;
      }
    }
    for (let i = 0; i < n; i++) this.useStart[i + 1] += this.useStart[i];
    const next = this.useStart.slice();
    this.useEdges = new Int32Array(edges);
    for (let e = 0; e < edges; e++) this.useEdges[next[args[e]]++] = e;
  }

  _order() {
    this.computed = [];
    for (let i = 0; i < this.n; i++) if (this.kind[i] === COMPUTED) this.computed.push(i);
    this.below = new Uint8Array(this.n); // the root depends on it
    this.below[this.root] = 1;
    for (let i = this.root; i >= 0; i--) if (this.below[i]) for (const a of this.operands(i)) this.below[a] = 1;
    this.back = this.computed.filter((i) => this.below[i]).reverse(); // as backpropagation goes through them
    this.steps = this.computed.map((node) => ({ phase: "forward", node }));
    this.steps.push({ phase: "seed", node: this.root });
    for (const node of this.back) this.steps.push({ phase: "backward", node });
    this.seedAt = this.computed.length; // the step that sets the root's gradient
  }

  // The graph

  /** The operation of node i, `{name, symbol, latex, selects, live}`, or null for a leaf or constant. */
  operation(i) {
    return this.op[i] < 0 ? null : this.document.ops[this.op[i]];
  }

  operands(i) {
    return Array.from(this.args.subarray(this.start[i], this.start[i + 1]));
  }

  /** The uses of node i: `{node, edge}` for each edge. */
  users(i) {
    return Array.from(this.useEdges.subarray(this.useStart[i], this.useStart[i + 1]), (edge) => ({
      node: this.owner[edge],
      edge,
    }));
  }

  /** The user's name for node i, or "". */
  label(i) {
    return this.document.strings[this.document.nodes.label[i]] ?? "";
  }

  /** A name for node i: its label, or the number of a constant, or else its place. */
  title(i) {
    const label = this.label(i);
    if (label) return label;
    return this.kind[i] === CONSTANT ? String(this.value[i]).replace("-", "−") : `v${i}`;
  }

  /** Where node i was made, "file.py:12", or "". */
  source(i) {
    const at = this.document.nodes.source[i];
    return at < 0 ? "" : this.document.strings[at];
  }

  /** Whether node i cannot be recomputed here, because its operation is the user's own. */
  frozen(i) {
    return this.stuck[i] === 1;
  }

  // Forward and backward

  setValue(leaf, x) {
    this.setValues([[leaf, x]]);
  }

  /** Set several leaves, `[[id, number], …]`, then recompute everything. */
  setValues(pairs) {
    for (const [leaf, x] of pairs) {
      if (this.kind[leaf] !== LEAF) throw new TypeError(`node ${this.title(leaf)} is computed: move a leaf`);
      this.value[leaf] = x;
    }
    this.update();
  }

  reset() {
    this.value.set(this.original);
    this.update();
  }

  update() {
    this._moved = null;
    this.forward(this.value);
    this.slopes(this.value, this.slope);
    this.backward(this.slope, this.grad);
    this._age();
  }

  /** Load a recorded step: all values, and the local derivatives that have no rule. */
  load(values, slopes = {}) {
    this.value.set(values);
    for (const [edge, slope] of Object.entries(slopes)) this.slope[edge] = number(slope);
    this.update();
    this.original.set(this.value);
    this._moved = null;
    this.stale.fill(0);
  }

  /** Whether any leaf has been moved since the engine was made or loaded. */
  get moved() {
    this._moved ??= this.value.some((x, i) => this.kind[i] === LEAF && !Object.is(x, this.original[i]));
    return this._moved;
  }

  _age() {
    if (!this.stuck.includes(1)) return;
    const moved = new Uint8Array(this.n);
    for (let i = 0; i < this.n; i++) {
      this.stale[i] = 0;
      if (this.kind[i] === LEAF) moved[i] = Object.is(this.value[i], this.original[i]) ? 0 : 1;
      for (let e = this.start[i]; e < this.start[i + 1]; e++) {
        if (moved[this.args[e]]) moved[i] = 1;
        if (this.stale[this.args[e]]) this.stale[i] = 1;
      }
      if (this.stuck[i] && moved[i]) this.stale[i] = 1;
    }
  }

  /** Recompute `values` from those of the leaves. The nodes in the map `fixed` keep the values given there. */
  forward(values, fixed = null) {
    for (const i of this.computed) {
      if (fixed?.has(i)) values[i] = fixed.get(i);
      else if (!this.stuck[i]) values[i] = this.apply(i, values);
    }
    return values;
  }

  /** Compute the value of node i from the `values` of its operands. */
  apply(i, values) {
    const f = this.functions[this.op[i]];
    const at = this.start[i];
    const arity = this.start[i + 1] - at;
    if (arity === 1) return f(values[this.args[at]]);
    if (arity === 2) return f(values[this.args[at]], values[this.args[at + 1]]);
    return f(...this.operands(i).map((a) => values[a]));
  }

  /** The local derivative along every edge. */
  slopes(values, slopes) {
    for (let e = 0; e < this.edges; e++) {
      const rule = this.rule[e];
      if (rule < 0) continue;
      const i = this.owner[e];
      slopes[e] = this.rules[rule](values, i, this.args, this.start[i]);
    }
    return slopes;
  }

  backward(slopes, grads) {
    grads.fill(0);
    grads[this.root] = 1;
    for (const node of this.back) this.send(node, slopes, grads);
    return grads;
  }

  /** One step of the chain rule: each operand of node i gets its share of the gradient of i. */
  send(i, slopes, grads, seen = null, overwrite = false) {
    for (let e = this.start[i]; e < this.start[i + 1]; e++) {
      const a = this.args[e];
      if (this.kind[a] === CONSTANT || !this.sends(i, slopes[e])) continue;
      const share = grads[i] * slopes[e];
      grads[a] = overwrite ? share : grads[a] + share;
      if (seen) seen[a]++;
    }
  }

  /**
   * Whether node i sends a share along an edge. An operation that selects sends nothing to an operand that it did not
   * choose, so that a nan there does not spread.
   */
  sends(i, slope) {
    return !(slope === 0 && this.selects[this.op[i]]);
  }

  // Stepping

  /** The state when `t` steps are done. */
  at(t) {
    const known = new Uint8Array(this.n);
    const grads = new Float64Array(this.n);
    const seen = new Int32Array(this.n);
    for (let i = 0; i < this.n; i++) if (this.kind[i] !== COMPUTED) known[i] = 1;
    for (let k = 0; k < Math.min(t, this.seedAt); k++) known[this.steps[k].node] = 1;
    if (t > this.seedAt) {
      grads[this.root] = 1;
      seen[this.root] = 1;
      for (let k = this.seedAt + 1; k < t; k++) this.send(this.steps[k].node, this.slope, grads, seen);
    }
    return { t, known, grads, seen, last: t > 0 ? this.steps[t - 1] : null };
  }

  /** The changes by the step that leads to `t`, or null for t = 0. */
  change(t) {
    if (t <= 0) return null;
    const { phase, node } = this.steps[t - 1];
    const change = { phase, node, value: this.value[node], operands: [] };
    const before = phase === "backward" ? this.at(t - 1).grads : null;
    if (before) change.grad = before[node];
    if (phase === "seed") return { ...change, grad: 1 };
    const now = before?.slice();
    for (let edge = this.start[node]; edge < this.start[node + 1]; edge++) {
      const id = this.args[edge];
      const operand = {
        id,
        edge,
        value: this.value[id],
        slope: this.slope[edge],
        constant: this.kind[id] === CONSTANT,
      };
      if (now) {
        operand.sent = !operand.constant && this.sends(node, operand.slope);
        operand.before = now[id];
        operand.amount = operand.sent ? now[node] * operand.slope : 0;
        now[id] += operand.amount;
        operand.after = now[id];
      }
      change.operands.push(operand);
    }
    return change;
  }

  /**
   * The shares of node i's gradient: `{edge, node, slope, upstream, amount, sent}` for each use, in order of arrival.
   */
  contributions(i) {
    return this.users(i)
      .filter(({ node }) => this.below[node])
      .map(({ node, edge }) => {
        const sent = this.kind[i] !== CONSTANT && this.sends(node, this.slope[edge]);
        const amount = sent ? this.grad[node] * this.slope[edge] : 0;
        return { edge, node, slope: this.slope[edge], upstream: this.grad[node], amount, sent };
      })
      .sort((a, b) => b.node - a.node || a.edge - b.edge);
  }

  /** The step after which node i's value is known ("forward") or its gradient has been sent on ("backward"). */
  stepOf(i, phase = "backward") {
    if (this.kind[i] === COMPUTED) {
      this._place ??= new Map(this.computed.map((node, k) => [node, k + 1]));
      this._sent ??= new Map(this.back.map((node, k) => [node, this.seedAt + k + 2]));
      return (phase === "backward" && this._sent.get(i)) || this._place.get(i);
    }
    if (phase === "forward") return 0;
    const users = this.users(i).map(({ node }) => this.stepOf(node));
    return users.reduce((a, b) => Math.max(a, b), this.seedAt + 1); // when the last share has arrived
  }

  /**
   * The first step after `from` at which a gradient is nan or infinite (`nonfinite`), is larger than `bound`, or gets
   * its `second` contribution: `{t, node, why}`, or null.
   */
  findBreak(from, { nonfinite = false, bound = null, second = false }) {
    const state = this.at(Math.max(from, this.seedAt));
    const found = (t, node) => {
      const g = state.grads[node];
      if (nonfinite && !Number.isFinite(g)) return { t, node, why: Number.isNaN(g) ? "nan" : "infinite" };
      if (bound !== null && Math.abs(g) > bound) return { t, node, why: "bound" };
      if (second && state.seen[node] === 2) return { t, node, why: "second" };
      return null;
    };
    for (let k = Math.max(from, this.seedAt); k < this.steps.length; k++) {
      const { phase, node } = this.steps[k];
      if (phase === "seed") {
        state.grads[node] = 1;
        state.seen[node] = 1;
        const stop = found(k + 1, node);
        if (stop) return stop;
        continue;
      }
      const counts = this.operands(node).map((a) => state.seen[a]);
      this.send(node, this.slope, state.grads, state.seen);
      for (const [place, a] of this.operands(node).entries()) {
        if (state.seen[a] === counts[place]) continue;
        const twice = second && counts[place] < 2 && state.seen[a] >= 2; // a + a gets two at once
        const stop = found(k + 1, a) ?? (twice ? { t: k + 1, node: a, why: "second" } : null);
        if (stop) return stop;
      }
    }
    return null;
  }

  // Nudges

  /** The value of the root if node i were `x`, or nan if it cannot be computed here. */
  rootWith(i, x) {
    if (i === this.root) return x;
    const values = (this._scratch ??= new Float64Array(this.n));
    const dirty = (this._dirty ??= new Uint8Array(this.n));
    dirty.fill(0);
    values.set(this.value);
    values[i] = x;
    dirty[i] = 1;
    for (let j = i + 1; j < this.n; j++) {
      if (this.kind[j] !== COMPUTED || !this.passes[this.op[j]]) continue;
      for (let e = this.start[j]; e < this.start[j + 1]; e++) {
        if (dirty[this.args[e]]) {
          dirty[j] = 1;
          break;
        }
      }
      if (!dirty[j]) continue;
      if (this.stuck[j]) return NaN;
      values[j] = this.apply(j, values);
    }
    return values[this.root];
  }

  /** The central difference of the root with respect to node i. */
  difference(i) {
    const h = STEP * Math.max(1, Math.abs(this.value[i]));
    const up = this.value[i] + h;
    const down = this.value[i] - h;
    return (this.rootWith(i, up) - this.rootWith(i, down)) / (up - down);
  }

  /**
   * Whether the gradient `grad` of node i agrees with the central difference. It is null if that cannot be checked:
   * values are not finite or cannot be recomputed here, or the function has a kink.
   */
  agrees(i, grad = this.grad[i]) {
    const x = this.value[i];
    const y = this.value[this.root];
    if (this.kind[i] === CONSTANT || !Number.isFinite(x) || !Number.isFinite(y) || this.stale[this.root]) return null;
    const h = STEP * Math.max(1, Math.abs(x));
    const high = this.rootWith(i, x + h);
    const low = this.rootWith(i, x - h);
    const central = (high - low) / (x + h - (x - h));
    if (!Number.isFinite(central)) return null;
    if (!Number.isFinite(grad)) return false;
    const scale = Math.max(1, Math.abs(central), Math.abs(grad));
    const noise = (8 * EPS * Math.max(Math.abs(high), Math.abs(low))) / h;
    const bend = Math.abs(high - 2 * y + low) / h; // the two one-sided slopes differ by so much
    if (Math.abs(grad - central) <= 100 * CLOSE * scale + noise) return true;
    if (Math.abs(grad - central) <= bend) return null; // a kink, or too curved for this step
    return false;
  }

  /** The effect of a nudge of node i by h: the prediction from the gradient, and the actual change. */
  nudge(i, h) {
    const after = this.rootWith(i, this.value[i] + h);
    return { predicted: this.grad[i] * h, actual: after - this.value[this.root], after };
  }

  // Paths

  /**
   * The paths from node i to the root: their number (a BigInt) and, if there are at most `limit`, the nodes, the edges
   * and the product of local derivatives of each. The sum of the products is the gradient.
   */
  paths(i, limit = 200) {
    const counts = new Array(this.n).fill(0n);
    counts[this.root] = 1n;
    for (const node of this.back) {
      if (counts[node] === 0n) continue;
      for (let e = this.start[node]; e < this.start[node + 1]; e++) {
        if (this.sends(node, this.slope[e])) counts[this.args[e]] += counts[node];
      }
    }
    const count = counts[i];
    if (count > BigInt(limit)) return { count, paths: null, sum: this.grad[i] };
    const paths = [];
    const stack = count ? [{ node: i, edge: -1, before: null, product: 1 }] : [];
    while (stack.length) {
      const last = stack.pop();
      if (last.node === this.root) {
        paths.push(walked(last));
        continue;
      }
      for (const use of this.users(last.node).reverse()) {
        if (counts[use.node] === 0n || !this.sends(use.node, this.slope[use.edge])) continue;
        stack.push({ ...use, before: last, product: last.product * this.slope[use.edge] });
      }
    }
    return { count, paths, sum: paths.reduce((sum, path) => sum + path.product, 0) };
  }
}

/** The path that ends at `last`, which refers to the steps before it. */
function walked(last) {
  const nodes = [];
  const edges = [];
  for (let at = last; at !== null; at = at.before) {
    nodes.push(at.node);
    if (at.before !== null) edges.push(at.edge);
  }
  return { nodes: nodes.reverse(), edges: edges.reverse(), product: last.product };
}

/** A tape as a function: the local derivative on one kind of edge, or the value of an operation. */
function compiled({ arity, constants, code, out }) {
  const first = arity + 1;
  if (out >= first && out < first + constants.length) {
    const constant = number(constants[out - first]);
    return () => constant;
  }
  if (out < first && out > 0) return (values, i, args, at) => values[args[at + out - 1]];
  if (out === 0) return (values, i) => values[i];
  const size = first + constants.length + code.length;
  const memory = new Float64Array(size);
  constants.forEach((x, k) => (memory[first + k] = number(x)));
  const base = first + constants.length;
  const lines = code.map(([name, ...refs]) => ({ f: OPERATIONS[name], refs }));
  return (values, i, args, at) => {
    memory[0] = values[i];
    for (let k = 0; k < arity; k++) memory[k + 1] = values[args[at + k]];
    for (let k = 0; k < lines.length; k++) {
      const { f, refs } = lines[k];
      memory[base + k] =
        refs.length === 1
          ? f(memory[refs[0]])
          : refs.length === 2
            ? f(memory[refs[0]], memory[refs[1]])
            : f(memory[refs[0]], memory[refs[1]], memory[refs[2]]);
    }
    return memory[out];
  };
}

/** An operation that the document has as a tape, as a function of its operands. */
function played(tape) {
  const run = compiled(tape);
  return (...xs) => run(xs, 0, [...xs.keys()], 0);
}

/** Whether two gradients are the same except for rounding. */
export function same(a, b) {
  return Object.is(a, b) || a === b || Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b));
}
