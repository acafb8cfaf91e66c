/** Small documents for the tests, written by hand as `glassgrad.player.document` writes them. */

const OPS = {
  add: {
    symbol: "+",
    latex: "{0} + {1}",
    rules: [
      ["c", 1],
      ["c", 1],
    ],
  },
  sub: {
    symbol: "-",
    latex: "{0} - {1}",
    rules: [
      ["c", 1],
      ["c", -1],
    ],
  },
  mul: {
    symbol: "*",
    latex: "{0} \\cdot {1}",
    rules: [
      ["a", 2],
      ["a", 1],
    ],
  },
  tanh: { symbol: "tanh", latex: "\\tanh\\left({0}\\right)", rules: [["tanh"]] },
  relu: { symbol: "relu", latex: "\\operatorname{relu}\\left({0}\\right)", selects: true, rules: [["relu"]] },
  log: { symbol: "ln", latex: "\\ln\\left({0}\\right)", rules: [["log"]] },
  sqrt: { symbol: "sqrt", latex: "\\sqrt{{0}}", rules: [["sqrt"]] },
  detach: { symbol: "detach", latex: "{0}", selects: true, rules: [["c", 0]] },
  mine: { symbol: "mine", latex: "mine", live: false, rules: [["fixed", 7]] },
};

const TAPES = {
  tanh: {
    arity: 1,
    constants: [1],
    code: [
      ["mul", 0, 0],
      ["sub", 2, 3],
    ],
    out: 4,
  }, // 1 - y * y
  relu: {
    arity: 1,
    constants: [0, 1],
    code: [
      ["greater", 1, 2],
      ["where", 4, 3, 2],
    ],
    out: 5,
  },
  log: { arity: 1, constants: [1], code: [["div", 2, 1]], out: 3 },
  sqrt: { arity: 1, constants: [0.5], code: [["div", 2, 0]], out: 3 },
};

/**
 * A document of `lines`: `[label, value]` for a leaf, `[label, op, ...operand labels]` for a computed node, operands
 * first; a number among the operands is a constant. `more` goes over the document (`groups`, `group`, `source`, `run`).
 */
export function build(lines, more = {}) {
  const strings = [""];
  const ops = [];
  const rules = [];
  const slopes = {};
  const nodes = {
    op: [],
    kind: [],
    start: [],
    args: [],
    rule: [],
    value: [],
    grad: [],
    label: [],
    group: [],
    source: [],
  };
  const place = {};
  const intern = (list, item) => {
    const key = JSON.stringify(item);
    const found = list.findIndex((one) => JSON.stringify(one) === key);
    return found >= 0 ? found : list.push(item) - 1;
  };
  const add = (label, op, kind, value, operands) => {
    nodes.start.push(nodes.args.length);
    nodes.kind.push(kind);
    nodes.value.push(value);
    nodes.grad.push(null);
    nodes.label.push(intern(strings, label));
    nodes.group.push(more.group?.[label] ?? -1);
    nodes.source.push(more.source?.[label] ? intern(strings, more.source[label]) : -1);
    if (op === null) nodes.op.push(-1);
    else {
      const { symbol, latex, selects = false, live = true } = OPS[op];
      nodes.op.push(intern(ops, { name: op, symbol, latex, selects, live }));
      operands.forEach((operand, i) => {
        const [kindOfRule, x] = OPS[op].rules[i];
        const arity = operands.length;
        if (kindOfRule === "fixed") {
          slopes[nodes.args.length] = x;
          nodes.rule.push(-1);
        } else if (kindOfRule === "c") {
          nodes.rule.push(intern(rules, { arity, constants: [x], code: [], out: arity + 1 }));
        } else if (kindOfRule === "a") nodes.rule.push(intern(rules, { arity, constants: [], code: [], out: x }));
        else nodes.rule.push(intern(rules, TAPES[kindOfRule]));
        nodes.args.push(operand);
      });
    }
    return nodes.op.length - 1;
  };
  for (const [label, ...rest] of lines) {
    if (typeof rest[0] !== "string") {
      place[label] = add(label, null, 1, rest[0], []);
      continue;
    }
    const operands = rest.slice(1).map((x) => (typeof x === "number" ? add("", null, 2, x, []) : place[x]));
    place[label] = add(label, rest[0], 0, more.values?.[label] ?? 0, operands);
  }
  nodes.start.push(nodes.args.length);
  return {
    format: "glassgrad-document",
    version: 1,
    title: lines.at(-1)[0],
    strings,
    ops,
    rules,
    nodes,
    slopes,
    groups: more.groups ?? [],
    lines: more.lines ?? {},
    root: nodes.op.length - 1,
    run: more.run ?? null,
    quiz: more.quiz ?? null,
  };
}

/** The neuron of the teaching notebook: o = tanh(x1 w1 + x2 w2 + b). */
export const neuron = (more) =>
  build(
    [
      ["x1", 2],
      ["w1", -3],
      ["x1w1", "mul", "x1", "w1"],
      ["x2", 0],
      ["w2", 1],
      ["x2w2", "mul", "x2", "w2"],
      ["sum", "add", "x1w1", "x2w2"],
      ["b", 6.881373587019543],
      ["n", "add", "sum", "b"],
      ["o", "tanh", "n"],
    ],
    more,
  );

/** a + a, of which the derivative is 2. */
export const twice = () =>
  build([
    ["a", 3],
    ["b", "add", "a", "a"],
  ]);

/** The node of this label. */
export function at(engine, label) {
  for (let i = 0; i < engine.n; i++) if (engine.label(i) === label) return i;
  throw new RangeError(`no node ${label}`);
}
