/**
 * Classic mistakes in writing backpropagation, made on purpose: the wrong gradients, the right ones, and the first node
 * that goes wrong.
 */

import { COMPUTED, CONSTANT, LEAF, same } from "./engine.js";
import { t } from "./messages.js";

const DEEP = 20; // The tanh of this is 1 to the last digit, so no gradient comes through.

/**
 * The mistakes: `name`, `wrong` and `right` as code, `where(engine)` and `run`. `where` returns the node of the
 * mistake, true if it needs no node, or null if the graph has no such node. Messages with its name explain it.
 */
export const BUGS = [
  {
    name: "overwrite",
    wrong: "self.grad = out.grad * local",
    right: "self.grad += out.grad * local",
    where: (engine) => (usedTwice(engine) ? true : null),
    run(engine) {
      const grad = new Float64Array(engine.n);
      grad[engine.root] = 1;
      for (const node of engine.back) engine.send(node, engine.slope, grad, null, true);
      return { grad, right: engine.grad };
    },
  },
  {
    name: "order",
    wrong: "for node in breadth_first(root):\n    node._backward()",
    right: "for node in reversed(topological(root)):\n    node._backward()",
    where(engine) {
      const { grad } = this.run(engine);
      return grad.every((g, i) => same(g, engine.grad[i])) ? null : true;
    },
    run(engine) {
      const grad = new Float64Array(engine.n);
      grad[engine.root] = 1;
      for (const node of breadthFirst(engine)) engine.send(node, engine.slope, grad);
      return { grad, right: engine.grad };
    },
  },
  {
    name: "stale",
    wrong: "root.grad = 1.0  # and nothing else",
    right: "for node in inner: node.grad = 0.0\nroot.grad = 1.0",
    where: (engine) => (engine.computed.length > 1 ? true : null),
    run(engine) {
      const grad = engine.grad.slice();
      grad[engine.root] = 1;
      for (const node of engine.back) engine.send(node, engine.slope, grad);
      return { grad, right: engine.grad.map((g, i) => (engine.kind[i] === LEAF ? 2 * g : g)), calls: 2 };
    },
  },
  {
    name: "zero_grad",
    wrong: "loss.backward()\nstep()",
    right: "zero_grad()\nloss.backward()\nstep()",
    where: (engine) => (engine.kind.includes(LEAF) ? true : null),
    run: (engine) => ({
      grad: engine.grad.map((g, i) => (engine.kind[i] === LEAF ? 2 * g : g)),
      right: engine.grad,
    }),
  },
  {
    name: "detached",
    wrong: "h = Scalar(h.data)",
    right: "h = h",
    where: (engine) => innerNode(engine),
    fits: (engine, i) => engine.kind[i] === COMPUTED && i !== engine.root && engine.grad[i] !== 0,
    run(engine, node) {
      const slope = engine.slope.slice();
      for (const { edge } of engine.users(node)) slope[edge] = 0;
      return { grad: engine.backward(slope, new Float64Array(engine.n)), right: engine.grad, slope, first: node };
    },
  },
  {
    name: "dead_relu",
    wrong: "relu(−|x| − 1)",
    right: "relu(x)",
    where(engine) {
      return first(engine, (i) => this.fits(engine, i));
    },
    fits: (engine, i) => isOf(engine, i, "relu") && engine.value[engine.operands(i)[0]] > 0,
    run: (engine, node) => held(engine, node, (x) => -Math.abs(x) - 1),
  },
  {
    name: "saturated_tanh",
    wrong: "tanh(x + 20)",
    right: "tanh(x)",
    where(engine) {
      return first(engine, (i) => this.fits(engine, i));
    },
    fits: (engine, i) => isOf(engine, i, "tanh"),
    run: (engine, node) => held(engine, node, (x) => (x < 0 ? x - DEEP : x + DEEP)),
  },
];

/** The mistakes, and which of them this graph can show: `{name, title, text, wrong, right, possible, why}`. */
export function bugs(engine) {
  return BUGS.map((bug) => ({
    name: bug.name,
    title: t(`bug.${bug.name}.title`),
    text: t(`bug.${bug.name}.text`),
    wrong: bug.wrong,
    right: bug.right,
    possible: bug.where(engine) !== null,
    why: t(`bug.${bug.name}.why`),
  }));
}

/**
 * Make a mistake: `{name, grad, right, value, first, node}`, with the gradients that come out, those that are right,
 * the values, the local derivatives where they differ (`slope`), the first wrong node on the way back from the root
 * (null for none), and the node it was made at. `options.node` says where to make it, if it fits there.
 *
 * @param {import("./engine.js").Engine} engine
 * @param {string} name
 * @param {{node?: number | null}} options
 * @returns {{name: string, node: number | null, first: number | null, grad: Float64Array, right: Float64Array,
 *   value: Float64Array, slope?: Float64Array}}
 */
export function makeBug(engine, name, options = {}) {
  const bug = BUGS.find((one) => one.name === name);
  if (!bug) throw new RangeError(`no mistake is called ${name}: choose from ${BUGS.map((one) => one.name).join(", ")}`);
  const wanted = options.node ?? null;
  const where = wanted !== null && bug.fits?.(engine, wanted) ? wanted : bug.where(engine);
  if (where === null) throw new RangeError(`${t(`bug.${name}.title`)}: ${t(`bug.${name}.why`)}`);
  const node = where === true ? null : where;
  const made = { value: engine.value, first: null, ...bug.run(engine, node) };
  let wrong = made.first;
  if (wrong === null || same(made.grad[wrong], made.right[wrong])) {
    wrong = null;
    for (let i = engine.n - 1; i >= 0 && wrong === null; i--) {
      if (engine.kind[i] !== CONSTANT && !same(made.grad[i], made.right[i])) wrong = i;
    }
  }
  return { ...made, name, node, first: wrong };
}

function first(engine, wanted) {
  return engine.computed.find(wanted) ?? null;
}

function usedTwice(engine) {
  for (let i = engine.n - 1; i >= 0; i--) {
    if (engine.kind[i] === CONSTANT) continue;
    if (engine.contributions(i).filter(({ amount }) => amount !== 0).length > 1) return true;
  }
  return false;
}

function innerNode(engine) {
  const inner = (i) => i !== engine.root && engine.grad[i] !== 0;
  const onLeaf = (i) => engine.operands(i).some((a) => engine.kind[a] === LEAF && engine.grad[a] !== 0);
  return first(engine, (i) => inner(i) && onLeaf(i));
}

function breadthFirst(engine) {
  const seen = new Uint8Array(engine.n);
  const queue = [engine.root];
  seen[engine.root] = 1;
  for (let k = 0; k < queue.length; k++) {
    for (const a of engine.operands(queue[k])) {
      if (seen[a]) continue;
      seen[a] = 1;
      queue.push(a);
    }
  }
  return queue.filter((i) => engine.kind[i] === COMPUTED);
}

/** Whether node i is this operation on an operand that can have a gradient. */
function isOf(engine, i, name) {
  return engine.operation(i)?.name === name && engine.kind[engine.operands(i)[0]] !== CONSTANT;
}

/** Compute `node` for a harmful value of its operand. Other users of the operand keep the right value. */
function held(engine, node, harm) {
  const [operand] = engine.operands(node);
  const harmed = engine.value.slice();
  harmed[operand] = harm(harmed[operand]);
  harmed[node] = engine.apply(node, harmed);
  const value = engine.forward(engine.value.slice(), new Map([[node, harmed[node]]]));
  const slope = engine.slopes(value, engine.slope.slice());
  const edge = engine.start[node];
  slope[edge] = engine.slopes(harmed, engine.slope.slice())[edge];
  return { value, slope, grad: engine.backward(slope, new Float64Array(engine.n)), right: engine.grad, first: operand };
}
