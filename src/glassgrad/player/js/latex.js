/**
 * The chain rule as LaTeX. A label may be any text. A letter with digits becomes a letter with an index; everything
 * else is escaped and set upright.
 */

import { formula, num } from "./panels/text.js";

const TERMS = 12; // A sum shows at most so many terms.

const SPECIAL = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "\\textquotedbl{}",
  "−": "-",
};

/** Any text as it may stand in `\text{…}`. */
export function escape(text) {
  // eslint-disable-next-line no-control-regex -- TeX refuses control characters
  const plain = text.replace(/[\u0000-\u001f\u007f]/g, " ");
  return plain.replace(/[\\{}$&#%_^~<>|"−]/g, (character) => SPECIAL[character]);
}

/** A label as a symbol: `x_{1}`, `w_{12}`, `\mathit{loss}`, `\text{total cost (\$)}`. */
export function symbol(label) {
  const plain = label.match(/^([A-Za-z])(?:_?(\d+))?$/);
  if (plain) return plain[2] ? `${plain[1]}_{${plain[2]}}` : plain[1];
  if (/^(?:[A-Za-z]\d+){2,}$/.test(label)) return label.replace(/([A-Za-z])(\d+)/g, "$1_{$2}"); // x1w1: a product
  const word = label.match(/^([A-Za-z]{2,})(?:_?(\d+))?$/);
  if (word) return word[2] ? `\\mathit{${word[1]}}_{${word[2]}}` : `\\mathit{${word[1]}}`;
  if (/^−?[\d.]+$/.test(label)) return label.replace("−", "-");
  return `\\text{${escape(label)}}`;
}

/** A number: `-1.5`, `1.2 \times 10^{-7}`, `\infty`. */
export function figure(x) {
  const text = num(x).replaceAll("−", "-");
  if (text === "NaN") return "\\mathrm{NaN}";
  if (text === "–") return "?";
  const [mantissa, exponent] = text.replace("∞", "\\infty").split("e");
  return exponent === undefined ? mantissa : `${mantissa} \\times 10^{${exponent}}`;
}

function bracketed(x) {
  const text = figure(x);
  return text.startsWith("-") ? `\\left(${text}\\right)` : text;
}

/** `\frac{\partial o}{\partial x_{1}}`. */
export function fraction(engine, below, above = engine.root) {
  return `\\frac{\\partial ${symbol(engine.title(above))}}{\\partial ${symbol(engine.title(below))}}`;
}

/** An operation's template (`{{` is a brace, `{0}` the first operand) with its operands in it. */
export function filled(template, operands) {
  return template.replace(/\{\{|\}\}|\{(\d+)\}/g, (all, place) => (place === undefined ? all[0] : operands[place]));
}

/** A forward step: `n = a + b = -6 + 6.881 = 0.8814`. */
export function forwardLatex(session, i) {
  const { engine } = session;
  const { latex, unknown } = engine.operation(i);
  if (unknown) {
    return `${symbol(engine.title(i))} = \\text{${escape(formula(engine, i))}} = ${figure(session.value(i))}`;
  }
  const ids = engine.operands(i);
  const symbols = filled(
    latex,
    ids.map((id) => symbol(engine.title(id))),
  );
  const numbers = filled(
    latex,
    ids.map((id) => bracketed(session.value(id))),
  );
  return `${symbol(engine.title(i))} = ${symbols} = ${numbers} = ${figure(session.value(i))}`;
}

/** One share: `∂o/∂x = ∂o/∂n · ∂n/∂x` in symbols and numbers; hidden gradients are question marks. */
export function shareLatex(session, { node, id, edge, slope, upstream, amount }) {
  const { engine } = session;
  const up = session.veils(node) ? "?" : figure(upstream);
  const result = session.veils(id) ? "?" : figure(amount);
  const symbols = `${fraction(engine, node)} \\cdot ${fraction(engine, id, node)}`;
  return `${symbols} = ${up} \\cdot ${session.conceals(edge) ? "?" : bracketed(slope)} = ${result}`;
}

/** The gradient of node i as the sum of its shares. */
export function sumLatex(session, i, shares, sum) {
  const { engine } = session;
  const left = fraction(engine, i);
  if (shares.length === 1) return `${left} = ${shareLatex(session, { ...shares[0], id: i })}`;
  const symbols = listed(shares, ({ node }) => `${fraction(engine, node)} \\cdot ${fraction(engine, i, node)}`);
  if (session.veils(i)) return `${left} = ${symbols} = \\text{?}`;
  const numbers = listed(shares, ({ amount }, k) => (k ? bracketed(amount) : figure(amount)));
  return `${left} = ${symbols} = ${numbers} = ${figure(sum)}`;
}

function listed(shares, write) {
  const terms = shares.slice(0, TERMS).map(write);
  if (shares.length > TERMS) terms.push("\\cdots");
  return terms.join(" + ");
}

/** Lines under each other, aligned at their first sign of equality. */
export function aligned(lines) {
  if (lines.length === 1) return lines[0];
  const rows = lines.map((line) => `  ${line.replace(" = ", " &= ")}`);
  return `\\begin{aligned}\n${rows.join(" \\\\\n")}\n\\end{aligned}`;
}
