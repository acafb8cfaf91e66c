/**
 * Grading an exercise: right, or the reason for the miss. Each reason is a number that the learner would have got by
 * one classic slip; the first that comes out as the answer is named.
 */

import {
  gradText,
  localLine,
  name,
  num,
  partial,
  ruleText,
  shareLine,
  sharesOf,
  sign,
  slopeFactor,
  sumLine,
} from "./text.js";

export const EXACT = 0.0051; // relative: three significant digits, as in 1.005 given as 1.01
const ROUGH = 0.06; // relative: one digit too few
const ZERO = 1e-9;

/** Whether an answer is the number, to three significant digits. */
export function isRight(answer, grad, within = EXACT) {
  if (!Number.isFinite(grad)) return Object.is(answer, grad);
  return Math.abs(answer - grad) <= Math.max(ZERO, within * Math.abs(grad));
}

/** Grade the answer for node i: `{ok, reason, slip}`. */
export function grade(engine, i, answer) {
  const grad = engine.grad[i];
  if (Number.isNaN(answer)) return { ok: false, slip: "empty", reason: "that is no number" };
  if (isRight(answer, grad)) return { ok: true, slip: null, reason: "right" };
  for (const { slip, number, reason } of slips(engine, i)) {
    if (Number.isFinite(number) && isRight(answer, number)) return { ok: false, slip, reason };
  }
  if (isRight(answer, grad, ROUGH)) {
    return {
      ok: false,
      slip: "rounding",
      reason: "close, but not rounded finely enough: give three significant digits",
    };
  }
  if (isRight(answer, -grad, ROUGH))
    return { ok: false, slip: "sign", reason: "the sign is flipped, and it is rounded too roughly" };
  return {
    ok: false,
    slip: "other",
    reason: "not this number: write down upstream gradient times local derivative for each use",
  };
}

/** The numbers that classic slips lead to at node i, most telling first. */
export function* slips(engine, i) {
  const grad = engine.grad[i];
  const shares = sharesOf(engine, i);
  const here = name(engine, i);
  yield { slip: "sign", number: -grad, reason: "the sign is flipped" };
  yield* missingShares(engine, shares, here);
  const sum = (of) => shares.reduce((total, share) => total + of(share), 0);
  if (shares.length) {
    yield { slip: "local", number: sum(({ slope }) => slope), reason: localReason(engine, i, shares) };
    yield { slip: "upstream", number: sum(({ upstream }) => upstream), reason: upstreamReason(engine, i, shares) };
  }
  for (const share of shares) yield* operandSlips(engine, i, share, grad - share.amount);
  yield {
    slip: "twice",
    number: 2 * grad,
    reason: "twice too much: each share counts once, and gradients start from 0",
  };
  yield { slip: "value", number: engine.value[i], reason: `that is the value of ${here}, not its gradient` };
}

function* missingShares(engine, shares, here) {
  if (shares.length < 2) return;
  for (const { node, amount } of shares) {
    yield {
      slip: "one",
      number: amount,
      reason:
        `only one of ${shares.length} contributions: that through ${engine.title(node)}. ` +
        `${here} is used ${shares.length} times: add them`,
    };
  }
  const total = shares.reduce((sum, { amount }) => sum + amount, 0);
  for (const { node, amount } of shares) {
    yield { slip: "one", number: total - amount, reason: `the contribution through ${engine.title(node)} is missing` };
  }
  yield {
    slip: "product",
    number: shares.reduce((product, { amount }) => product * amount, 1),
    reason: "contributions are added, not multiplied",
  };
}

function localReason(engine, i, shares) {
  const { node } = shares[0];
  if (shares.length > 1) return "local derivatives alone: multiply each by the gradient that comes from above";
  const multiplied = `multiply by ${partial(engine, node)}`;
  return engine.operation(node).name === "mul"
    ? `that is the product's other factor, the local derivative without the gradient from above: ${multiplied}`
    : `that is the local derivative ${partial(engine, i, node)} alone: ${multiplied}`;
}

function upstreamReason(engine, i, shares) {
  if (shares.length > 1)
    return "the gradients from above are passed on as they are: multiply each by its local derivative";
  const { node } = shares[0];
  const operation = sign(engine, node);
  if (engine.operation(node).name === "mul") {
    const local = partial(engine, i, node);
    return `the gradient from above without the local derivative: through a product goes the other factor, ${local}`;
  }
  if (operation === "−") return `minus turns the sign: ${partial(engine, i, node)} = −1`;
  const word = /^\p{L}/u.test(operation)
    ? `the derivative of ${operation} is forgotten`
    : "the local derivative is forgotten";
  return `${word}: multiply ${partial(engine, node)} by ${partial(engine, i, node)}`;
}

/** Slips in the local derivative of one use, the `rest` of the gradient being right. */
function* operandSlips(engine, i, { node, edge, upstream }, rest) {
  const operation = engine.operation(node).name;
  const x = engine.value[i];
  const operands = engine.operands(node);
  const others = operands.filter((_, place) => engine.start[node] + place !== edge).map((id) => engine.value[id]);
  if (operation === "mul") {
    const reason = `multiplied by ${name(engine, i)} itself: the derivative of a product is the other factor`;
    yield { slip: "factor", number: rest + upstream * x, reason };
    if (rest === 0) yield { slip: "factor", number: x, reason };
  }
  if (operation === "add" || operation === "sub") {
    const reason = "a sum passes the gradient on as it is: what is added does not matter";
    for (const other of others) {
      yield { slip: "summand", number: rest + upstream * other, reason };
      yield { slip: "summand", number: rest + upstream + other, reason };
      if (rest === 0) yield { slip: "summand", number: other, reason };
    }
    yield { slip: "summand", number: rest + upstream * x, reason };
  }
  if (operands.length === 1) {
    const y = engine.value[node];
    const reason = `multiplied by ${name(engine, node)} itself, not by the derivative of ${operation} there`;
    yield { slip: "derivative", number: rest + upstream * y, reason };
    if (operation === "tanh") {
      yield {
        slip: "derivative",
        number: rest + upstream * (1 - y),
        reason: "the derivative of tanh is 1 − tanh²: the square is missing",
      };
      yield {
        slip: "derivative",
        number: rest + upstream * (1 - x * x),
        reason: "the derivative of tanh is 1 − tanh², of its result, not of its operand",
      };
    }
  }
  if (operation === "pow") {
    const [base, exponent] = operands.map((id) => engine.value[id]);
    yield {
      slip: "power",
      number: rest + upstream * base ** (exponent - 1),
      reason: "the exponent comes down as a factor: n · xⁿ⁻¹",
    };
    yield {
      slip: "power",
      number: rest + upstream * exponent * base ** exponent,
      reason: "the exponent goes down by one: n · xⁿ⁻¹",
    };
  }
}

/** Hints for node i, each saying more than the one before. */
export function hints(session, i) {
  const { engine } = session;
  const shares = sharesOf(engine, i);
  if (i === engine.root) return ["How does the root change when the root changes?"];
  if (!shares.length) return ["Is there any path from here to the root?"];
  const users = [...new Set(shares.map(({ node }) => engine.title(node)))];
  const times = shares.length === 1 ? "once" : `${shares.length} times`;
  const bare = session.whole.exercise?.solution === false; // then numbers are not for hints
  const told = [
    `${engine.title(i)} is used ${times}, in ${users.slice(0, 6).join(", ")}: ` +
      (shares.length === 1 ? "one share." : "as many shares, added."),
    ...[
      shares
        .slice(0, 6)
        .map(({ node }) => `${partial(engine, node)} · ${partial(engine, i, node)}`)
        .join(" + "),
    ].map((formula) => `${partial(engine, i)} = ${formula}`),
    shares
      .slice(0, 6)
      .map(({ edge }) => (bare || session.conceals(edge) ? ruleLine(engine, edge) : localLine(session, edge)))
      .join("; "),
  ];
  if (bare) return told;
  return [
    ...told,
    `${partial(engine, i)} = ${shares
      .slice(0, 6)
      .map(({ node, edge, upstream }) => `${gradText(session, node, upstream)} · ${slopeFactor(session, edge)}`)
      .join(" + ")}`,
  ];
}

/** `∂n/∂x1 = w1`: a local derivative as a formula, without its number. */
function ruleLine(engine, edge) {
  return `${partial(engine, engine.args[edge], engine.owner[edge])} = ${ruleText(engine, edge) ?? "?"}`;
}

/** The way to the gradient of node i, line by line, once it may be known. */
export function solution(session, i) {
  const { engine } = session;
  if (i === engine.root) return [`${partial(engine, i)} = 1`];
  const shares = sharesOf(engine, i);
  if (!shares.length) return [`${partial(engine, i)} = 0: no path leads to the root`];
  const lines = shares.flatMap((share) => {
    const left = shares.length > 1 ? `share of ${partial(engine, i)}` : null;
    return [localLine(session, share.edge), shareLine(session, { ...share, id: i }, left)];
  });
  const sum = sumLine(session, i, shares, engine.grad[i]);
  return sum === null ? lines : [...lines, sum];
}

/** The score in words. */
export function scoreText(right, shown, all) {
  const rest = all - right - shown;
  return [`${num(right)} of ${all} right`, shown ? `${shown} shown` : null, rest ? `${rest} to go` : "done"]
    .filter((part) => part !== null)
    .join(", ");
}
