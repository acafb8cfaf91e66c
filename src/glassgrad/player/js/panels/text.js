/**
 * The texts of panels: names, formulas, and the chain rule in symbols and numbers. The functions change nothing.
 */

import { number as num, symbol } from "../format.js";
import { t } from "../messages.js";

export { num };

const INFIX = { "+": "+", "-": "−", "*": "·", "/": "/", "**": "^", "%": "%", "//": "//" };
const RELATIONS = { "<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠" };
const WIDE = 60; // A formula with more characters is not shown, because it would explain nothing.
const LONGEST = 200; // The same limit once long names are written into the formula.
const TERMS = 12; // A sum shows at most so many terms.
const UNKNOWN = "?";
const NAME_START = /^[\p{L}\p{N}_.′'[\]−]*/u; // The characters of a name that needs no brackets.

/** A text that says whether the gradient of node i in the user's class is right, or null if it is not judged. */
export function verdictText(session, i) {
  const verdict = session.verdict(i);
  if (!verdict) return null;
  return verdict.mark === 1 ? t("verdict.right") : `${verdict.mark ? "✗" : "?"} ${verdict.reason}`;
}

/** A number as a factor or a later summand. If it has a sign, it is in brackets. */
export function factor(x) {
  const text = num(x);
  return text.startsWith("−") ? `(${text})` : text;
}

/** A name for use in a formula. If it would read as several names, it is in brackets. */
export function name(engine, i) {
  const title = engine.title(i);
  return title.match(NAME_START)[0] === title ? title : `(${title})`;
}

/** The groups of a node, "layer 1 › neuron 3", which tell one `b` from another, or "". */
export function groupPath(engine, i) {
  const names = [];
  const { groups, nodes } = engine.document;
  for (let at = nodes.group[i]; at >= 0; at = groups[at].parent) names.unshift(groups[at].name);
  return names.join(" › ");
}

/** The text ∂o/∂x for two nodes. By default o is the root. */
export function partial(engine, below, above = engine.root) {
  return `∂${name(engine, above)}/∂${name(engine, below)}`;
}

/** Split a text at its derivatives: into strings, and `["∂o", "∂x1"]` for each "∂o/∂x1". */
export function fractions(text) {
  const parts = [];
  let from = 0;
  for (let at = text.indexOf("∂"); at >= 0; at = text.indexOf("∂", Math.max(at + 1, from))) {
    const middle = endOfName(text, at + 1);
    if (middle === at + 1 || !text.startsWith("/∂", middle)) continue;
    const end = endOfName(text, middle + 2);
    if (end === middle + 2) continue;
    if (at > from) parts.push(text.slice(from, at));
    parts.push([text.slice(at, middle), text.slice(middle + 1, end)]);
    from = end;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** The end of the name that begins at `at`, in the form of `name`. It is `at` itself if there is no name. */
function endOfName(text, at) {
  if (text[at] !== "(") return at + text.slice(at).match(NAME_START)[0].length;
  let depth = 0;
  for (let k = at; k < text.length; k++) {
    if (text[k] === "(") depth++;
    else if (text[k] === ")" && --depth === 0) return k + 1;
  }
  return at;
}

/** The right-hand side of a computed node, with `write(id)` for its operands. */
export function formula(engine, i, write = (id) => name(engine, id)) {
  const operands = engine.operands(i).map(write);
  return applied(engine.operation(i), operands);
}

function applied({ name: operation, symbol: text }, operands) {
  const infix = INFIX[text] ?? RELATIONS[text];
  if (infix && operands.length === 2) return `${operands[0]} ${infix} ${operands[1]}`;
  const [, sign, number] = /^(\*\*|[-+*/])\(?(-?[\d.]+)\)?$/.exec(text) ?? []; // a class's own "**2"
  if (sign && operands.length === 1) return `${operands[0]} ${INFIX[sign]} ${number.replace("-", "−")}`;
  if (operation === "neg") return `−${operands[0]}`;
  if (operation === "identity") return operands[0];
  return `${text || operation}(${operands.join(", ")})`;
}

/** `n = x1w1 + b = −6 + 6.881 = 0.8814`. */
export function forwardLine(session, i) {
  const { engine } = session;
  const numbers = formula(engine, i, (id) => factor(session.value(id)));
  const start = numbers.startsWith("(") ? numbers.replace(/^\((−[^()]*)\)/, "$1") : numbers;
  const value = num(session.value(i));
  const parts = [name(engine, i), formula(engine, i)];
  if (start !== value && !engine.operation(i).unknown) parts.push(start); // an unknown operation may not give the value
  return [...parts, value].join(" = ");
}

/** The word or sign for the operation of node i, as in the picture. */
export function sign(engine, i) {
  const operation = engine.operation(i);
  if (!operation) return engine.kind[i] === 1 ? t("node.leaf") : t("node.constant");
  return symbol(operation.symbol || operation.name);
}

// Local derivatives

const RULES = {
  add: (a, b) => [`${wrap(a, 1)} + ${wrap(b, 1)}`, 1],
  sub: (a, b) => [`${wrap(a, 1)} − ${wrap(b, 2)}`, 1],
  mul: (a, b) => (a === b ? [`${wrap(a, 4)}²`, 3] : [`${wrap(a, 2)} · ${wrap(b, 2)}`, 2]),
  div: (a, b) => [`${wrap(a, 2)} / ${wrap(b, 3)}`, 2],
  pow: (a, b) => [`${wrap(a, 4)}^${wrap(b, 4)}`, 3],
  neg: (a) => [`−${wrap(a, 3)}`, 1],
  square: (a) => [`${wrap(a, 4)}²`, 3],
  identity: (a) => a,
};

function wrap([text, level], least) {
  return level < least || (text.startsWith("−") && least > 1) ? `(${text})` : text;
}

/** The local derivative along an edge as a formula, such as "w1" or "1 − o²", or null if there is no short one. */
export function ruleText(engine, edge) {
  const node = engine.owner[edge];
  const written = engine.operation(node).slopes?.[edge - engine.start[node]];
  const text = written ? writtenRule(engine, node, written) : tapeText(engine, edge);
  return text !== null && text.length <= LONGEST ? text : null;
}

/** A rule of the table with the names of this node and its operands. */
function writtenRule(engine, node, template) {
  const names = engine.operands(node).map((id) => name(engine, id));
  const put = (text) => (text.startsWith("−") && template.length > 3 ? `(${text})` : text);
  const text = template.replace(/\{(\w)\}/g, (_, key) => put(key === "y" ? name(engine, node) : names[key]));
  return text.replace(/\^\((\d+) − 1\)/, (_, power) => (power === "2" ? "" : power === "3" ? "²" : `^${power - 1}`));
}

/** The tape of a rule as a formula. */
function tapeText(engine, edge) {
  if (engine.rule[edge] < 0) return null;
  const { constants, code, out } = engine.document.rules[engine.rule[edge]];
  const node = engine.owner[edge];
  const terms = [node, ...engine.operands(node)].map((id) => [name(engine, id), 4]);
  for (const x of constants) terms.push([typeof x === "number" ? num(x) : x, 4]);
  for (const [operation, ...refs] of code) {
    if (operation === "where") return null; // a choice does not fit into one line
    const operands = refs.map((ref) => terms[ref]);
    const term = (RULES[operation] ?? ((...all) => [`${operation}(${all.map(([text]) => text).join(", ")})`, 4]))(
      ...operands,
    );
    if (term[0].length > WIDE) return null;
    terms.push(term);
  }
  return terms[out][0];
}

/** `∂n/∂x1 = w1 = −3`. */
export function slopeLine(engine, edge) {
  const local = partial(engine, engine.args[edge], engine.owner[edge]);
  const number = num(engine.slope[edge]);
  const rule = ruleText(engine, edge);
  return rule === null || rule === number ? `${local} = ${number}` : `${local} = ${rule} = ${number}`;
}

/** The same, or `∂n/∂x1 = ?` if the learner has to find the local derivative. */
export function localLine(session, edge) {
  const { engine } = session;
  if (!session.conceals(edge)) return slopeLine(engine, edge);
  return `${partial(engine, engine.args[edge], engine.owner[edge])} = ${UNKNOWN}`;
}

/** The local derivative along an edge as a factor, or "?" if the learner has to find it. */
export function slopeFactor(session, edge, slope = session.engine.slope[edge]) {
  return session.conceals(edge) ? UNKNOWN : factor(slope);
}

// The chain rule

/** The gradient of node i, or "?" if it is hidden. */
export function gradText(session, i, grad = session.grad(i)) {
  return session.veils(i) ? UNKNOWN : num(grad);
}

/**
 * One share of gradient: `∂o/∂x1 = ∂o/∂n · ∂n/∂x1 = 0.5 · (−3) = −1.5`.
 *
 * The share goes from `node` to its operand `id`.
 */
export function shareLine(session, { node, id, edge, slope, upstream, amount }, left = null) {
  const { engine } = session;
  const up = session.veils(node) ? UNKNOWN : num(upstream);
  const total = session.veils(id) ? UNKNOWN : num(amount);
  return [
    left ?? partial(engine, id),
    `${partial(engine, node)} · ${partial(engine, id, node)}`,
    `${up} · ${slopeFactor(session, edge, slope)}`,
    total,
  ].join(" = ");
}

/**
 * The gradient of node i as the sum of its shares:
 * `∂o/∂a = ∂o/∂b · ∂b/∂a + ∂o/∂c · ∂c/∂a = −3 + 1.5 = −1.5`. It is null if there are fewer than two shares.
 */
export function sumLine(session, i, shares, sum) {
  if (shares.length < 2) return null;
  const { engine } = session;
  const hidden = session.veils(i);
  const symbols = listed(shares, ({ node }) => `${partial(engine, node)} · ${partial(engine, i, node)}`);
  const numbers = hidden
    ? t("share.sum", { n: shares.length })
    : listed(shares, ({ amount }, k) => (k ? factor(amount) : num(amount)));
  return [partial(engine, i), symbols, numbers, hidden ? UNKNOWN : num(sum)].join(" = ");
}

function listed(shares, write) {
  const terms = shares.slice(0, TERMS).map(write);
  if (shares.length > TERMS) terms.push(t("share.more", { n: shares.length - TERMS }));
  return terms.join(" + ");
}

/** The shares of node i's gradient, in order of arrival. */
export function sharesOf(engine, i) {
  return engine.contributions(i).filter(({ sent }) => sent);
}

/** Those of them that have arrived after `step` steps. */
export function arrived(engine, shares, step) {
  return shares.filter(({ node }) => engine.stepOf(node) <= step);
}

/** `step 14 of 11 · backward · tanh → o`. */
export function stepText(session) {
  const { last } = session.shown;
  if (!last) return t("where.start", { total: session.total });
  const told = stepWords(session, last);
  return last.phase === "seed" ? t("where.seed", told) : t("where.step", { ...told, phase: t(`phase.${last.phase}`) });
}

function stepWords({ engine, t: step, total }, { node }) {
  return { t: step, total, sign: sign(engine, node), node: engine.title(node) };
}

/** A sentence about a step, for screen readers. */
export function announcement(session) {
  const { engine } = session;
  const { last } = session.shown;
  if (!last) return t("spoken.start", { total: session.total });
  const told = stepWords(session, last);
  if (last.phase === "forward") return t("spoken.forward", { ...told, value: num(session.value(last.node)) });
  if (last.phase === "seed") return t("spoken.seed", told);
  const parts = [...new Set(engine.operands(last.node))]
    .filter((id) => session.grad(id) !== null || session.hidden(id))
    .map((id) => {
      const node = engine.title(id);
      if (session.hidden(id)) return t("spoken.hidden", { node });
      return t("spoken.gradient", { node, gradient: num(session.grad(id)) });
    });
  return [t("spoken.backward", told), ...parts].join("; ");
}
