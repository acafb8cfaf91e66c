/**
 * The classic mistakes of those who write backpropagation, each made on purpose: what gradients come out, which would
 * be right, and at which node it first goes wrong.
 */

import { COMPUTED, CONSTANT, LEAF, same } from "./engine.js";

const DEEP = 20; // a tanh of this is 1 to the last digit: no gradient comes through

/**
 * Every mistake: `name`, `title`, `text` (what it is), `wrong` and `right` as code, `where(engine)` (the node that it
 * needs, true where it needs none, or null where the graph has none), `why` (not possible), and `run`.
 */
export const BUGS = [
  {
    name: "overwrite",
    title: "= instead of +=",
    text: "A node that is used twice gets two shares of gradient. With = the later one replaces the earlier.",
    wrong: "self.grad = out.grad * local",
    right: "self.grad += out.grad * local",
    why: "no node here is used twice",
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
    title: "wrong order",
    text: "Breadth first from the root is no topological order: a node sends its gradient on before all of it is there.",
    wrong: "for node in breadth_first(root):\n    node._backward()",
    right: "for node in reversed(topological(root)):\n    node._backward()",
    why: "in this graph breadth first happens to be a right order",
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
    title: "stale inner gradients",
    text: "backward() twice: leaves may accumulate, inner nodes must start from 0, or the first call's gradients are sent once more.",
    wrong: "root.grad = 1.0  # and nothing else",
    right: "for node in inner: node.grad = 0.0\nroot.grad = 1.0",
    why: "the graph has no inner node: its gradients come straight from the root",
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
    title: "forgotten zero_grad",
    text: "The next training step adds its gradients to those of the last: without zero_grad() the leaves' are the sum of both.",
    wrong: "loss.backward()\nstep()",
    right: "zero_grad()\nloss.backward()\nstep()",
    why: "the graph has no leaf that can be trained",
    where: (engine) => (engine.kind.includes(LEAF) ? true : null),
    run: (engine) => ({
      grad: engine.grad.map((g, i) => (engine.kind[i] === LEAF ? 2 * g : g)),
      right: engine.grad,
    }),
  },
  {
    name: "detached",
    title: "detached value",
    text: "The value was taken out of the graph on the way (x.data, float(x)): from there on it is a constant, and nothing flows back.",
    wrong: "h = Scalar(h.data)",
    right: "h = h",
    why: "the graph has no inner node with a leaf below it",
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
    title: "dead ReLU",
    text: "Where a relu's argument is negative its derivative is 0: nothing below it learns, whatever the rest does.",
    wrong: "relu(−|x| − 1)",
    right: "relu(x)",
    why: "the graph has no relu that is alive",
    where(engine) {
      return first(engine, (i) => this.fits(engine, i));
    },
    fits: (engine, i) => isOf(engine, i, "relu") && engine.value[engine.operands(i)[0]] > 0,
    run: (engine, node) => held(engine, node, (x) => -Math.abs(x) - 1),
  },
  {
    name: "saturated_tanh",
    title: "saturated tanh",
    text: "Far from 0 tanh is flat: 1 − tanh² is nearly 0, and so is every gradient below it.",
    wrong: "tanh(x + 20)",
    right: "tanh(x)",
    why: "the graph has no tanh",
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
    title: bug.title,
    text: bug.text,
    wrong: bug.wrong,
    right: bug.right,
    possible: bug.where(engine) !== null,
    why: bug.why,
  }));
}

/**
 * Make a mistake: `{name, grad, right, value, first, node}`, with the gradients that come out, those that are right,
 * the values, the local derivatives where they differ (`slope`), the first wrong node on the way back from the root
 * (null for none), and the node it was made at. `options.node` says where to make it, if it fits there.
 */
export function makeBug(engine, name, options = {}) {
  const bug = BUGS.find((one) => one.name === name);
  if (!bug) throw new RangeError(`no mistake is called ${name}: choose from ${BUGS.map((one) => one.name).join(", ")}`);
  const wanted = options.node ?? null;
  const where = wanted !== null && bug.fits?.(engine, wanted) ? wanted : bug.where(engine);
  if (where === null) throw new RangeError(`${bug.title}: ${bug.why}`);
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

/** Whether node i is that operation on something that can have a gradient. */
function isOf(engine, i, name) {
  return engine.operation(i)?.name === name && engine.kind[engine.operands(i)[0]] !== CONSTANT;
}

/** `node` computed, with its local derivative, where its operand does harm; other users of the operand are left alone. */
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
