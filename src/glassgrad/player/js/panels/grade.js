/**
 * Grades an answer to an exercise: it is right, or the likely mistake is named. Each classic slip leads to a certain
 * wrong number. If the answer is such a number, the first slip that leads to it is named.
 */

import { t } from "../messages.js";
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

export const EXACT = 0.0051; // The relative error of three significant digits, as in 1.01 for 1.005.
const ROUGH = 0.06; // The relative error of an answer with one digit too few.
const ZERO = 1e-9;

/** Whether an answer is right to three significant digits. */
export function isRight(answer, grad, within = EXACT) {
  if (!Number.isFinite(grad)) return Object.is(answer, grad);
  return Math.abs(answer - grad) <= Math.max(ZERO, within * Math.abs(grad));
}

/** Grade the answer for node i: `{ok, reason, slip}`. */
export function grade(engine, i, answer) {
  const grad = engine.grad[i];
  if (Number.isNaN(answer)) return { ok: false, slip: "empty", reason: t("slip.empty") };
  if (isRight(answer, grad)) return { ok: true, slip: null, reason: t("slip.right") };
  for (const { slip, number, reason } of slips(engine, i)) {
    if (Number.isFinite(number) && isRight(answer, number)) return { ok: false, slip, reason };
  }
  if (isRight(answer, grad, ROUGH)) return { ok: false, slip: "rounding", reason: t("slip.rounding") };
  if (isRight(answer, -grad, ROUGH)) return { ok: false, slip: "sign", reason: t("slip.sign_rough") };
  return { ok: false, slip: "other", reason: t("slip.none_of_these") };
}

/** The numbers that classic slips lead to at node i, with the likeliest first. */
export function* slips(engine, i) {
  const grad = engine.grad[i];
  const shares = sharesOf(engine, i);
  const here = name(engine, i);
  yield { slip: "sign", number: -grad, reason: t("slip.sign") };
  yield* missingShares(engine, shares, here);
  const sum = (of) => shares.reduce((total, share) => total + of(share), 0);
  if (shares.length) {
    yield { slip: "local", number: sum(({ slope }) => slope), reason: localReason(engine, i, shares) };
    yield { slip: "upstream", number: sum(({ upstream }) => upstream), reason: upstreamReason(engine, i, shares) };
  }
  for (const share of shares) yield* operandSlips(engine, i, share, grad - share.amount);
  yield { slip: "twice", number: 2 * grad, reason: t("slip.twice") };
  yield { slip: "value", number: engine.value[i], reason: t("slip.value", { node: here }) };
}

function* missingShares(engine, shares, here) {
  if (shares.length < 2) return;
  for (const { node, amount } of shares) {
    const reason = t("slip.one_of", { n: shares.length, through: engine.title(node), node: here });
    yield { slip: "one", number: amount, reason };
  }
  const total = shares.reduce((sum, { amount }) => sum + amount, 0);
  for (const { node, amount } of shares) {
    yield { slip: "one", number: total - amount, reason: t("slip.missing", { through: engine.title(node) }) };
  }
  yield {
    slip: "product",
    number: shares.reduce((product, { amount }) => product * amount, 1),
    reason: t("slip.product"),
  };
}

function localReason(engine, i, shares) {
  const { node } = shares[0];
  if (shares.length > 1) return t("slip.local_several");
  const upstream = partial(engine, node);
  return engine.operation(node).name === "mul"
    ? t("slip.local_factor", { upstream })
    : t("slip.local", { local: partial(engine, i, node), upstream });
}

function upstreamReason(engine, i, shares) {
  if (shares.length > 1) return t("slip.upstream_several");
  const { node } = shares[0];
  const operation = sign(engine, node);
  const local = partial(engine, i, node);
  const upstream = partial(engine, node);
  if (engine.operation(node).name === "mul") return t("slip.upstream_product", { local });
  if (operation === "−") return t("slip.upstream_minus", { local });
  return /^\p{L}/u.test(operation)
    ? t("slip.upstream_operation", { operation, upstream, local })
    : t("slip.upstream", { upstream, local });
}

/** The slips in the local derivative of one use. The `rest` of the gradient is right. */
function* operandSlips(engine, i, { node, edge, upstream }, rest) {
  const operation = engine.operation(node).name;
  const x = engine.value[i];
  const operands = engine.operands(node);
  const others = operands.filter((_, place) => engine.start[node] + place !== edge).map((id) => engine.value[id]);
  if (operation === "mul") {
    const reason = t("slip.factor", { node: name(engine, i) });
    yield { slip: "factor", number: rest + upstream * x, reason };
    if (rest === 0) yield { slip: "factor", number: x, reason };
  }
  if (operation === "add" || operation === "sub") {
    const reason = t("slip.summand");
    for (const other of others) {
      yield { slip: "summand", number: rest + upstream * other, reason };
      yield { slip: "summand", number: rest + upstream + other, reason };
      if (rest === 0) yield { slip: "summand", number: other, reason };
    }
    yield { slip: "summand", number: rest + upstream * x, reason };
  }
  if (operands.length === 1) {
    const y = engine.value[node];
    const reason = t("slip.derivative", { node: name(engine, node), operation });
    yield { slip: "derivative", number: rest + upstream * y, reason };
    if (operation === "tanh") {
      yield {
        slip: "derivative",
        number: rest + upstream * (1 - y),
        reason: t("slip.tanh_square"),
      };
      yield {
        slip: "derivative",
        number: rest + upstream * (1 - x * x),
        reason: t("slip.tanh_result"),
      };
    }
  }
  if (operation === "pow") {
    const [base, exponent] = operands.map((id) => engine.value[id]);
    yield {
      slip: "power",
      number: rest + upstream * base ** (exponent - 1),
      reason: t("slip.power_factor"),
    };
    yield {
      slip: "power",
      number: rest + upstream * exponent * base ** exponent,
      reason: t("slip.power_less"),
    };
  }
}

/** Hints for node i, each saying more than the one before. */
export function hints(session, i) {
  const { engine } = session;
  const shares = sharesOf(engine, i);
  if (i === engine.root) return [t("hint.root")];
  if (!shares.length) return [t("hint.no_path")];
  const users = [...new Set(shares.map(({ node }) => engine.title(node)))];
  const used = { node: engine.title(i), n: shares.length, users: users.slice(0, 6).join(", ") };
  const bare = session.whole.exercise?.solution === false; // if so, hints have no numbers
  const told = [
    shares.length === 1 ? t("hint.used_once", used) : t("hint.used", used),
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
  const products = shares
    .slice(0, 6)
    .map(({ node, edge, upstream }) => `${gradText(session, node, upstream)} · ${slopeFactor(session, edge)}`);
  return [...told, `${partial(engine, i)} = ${products.join(" + ")}`];
}

/** `∂n/∂x1 = w1`: a local derivative as a formula, without its number. */
function ruleLine(engine, edge) {
  return `${partial(engine, engine.args[edge], engine.owner[edge])} = ${ruleText(engine, edge) ?? "?"}`;
}

/** The worked solution for the gradient of node i, line by line. */
export function solution(session, i) {
  const { engine } = session;
  if (i === engine.root) return [`${partial(engine, i)} = 1`];
  const shares = sharesOf(engine, i);
  if (!shares.length) return [t("solution.no_path", { gradient: partial(engine, i) })];
  const lines = shares.flatMap((share) => {
    const left = shares.length > 1 ? t("share.of", { gradient: partial(engine, i) }) : null;
    return [localLine(session, share.edge), shareLine(session, { ...share, id: i }, left)];
  });
  const sum = sumLine(session, i, shares, engine.grad[i]);
  return sum === null ? lines : [...lines, sum];
}

/** The score in words. */
export function scoreText(right, shown, all) {
  const rest = all - right - shown;
  const parts = [t("score.right", { right: num(right), all })];
  if (shown) parts.push(t("score.shown", { n: shown }));
  parts.push(rest ? t("score.to_go", { n: rest }) : t("score.done"));
  return parts.join(", ");
}
