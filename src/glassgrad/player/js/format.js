/**
 * Numbers and names as people read them, and how wide they will be.
 *
 * Pictures are laid out without a font, so the widths of letters come from a table, that of DejaVu Sans. Verdana is
 * nearly as wide, and Helvetica, Arial and most system fonts are narrower, so text that fits here also fits in those
 * fonts.
 */

import { t } from "./messages.js";

const SYMBOLS = { "*": "×", "-": "−", neg: "−", "/": "÷" }; // better in print than those on the keyboard
const SUPERSCRIPTS = { "-": "⁻", "−": "⁻", "+": "⁺", "(": "⁽", ")": "⁾", n: "ⁿ" };

/**
 * A number with `digits` significant digits and a true minus sign; "–" for none.
 *
 *     number(-0.70710678) === "−0.7071"
 */
export function number(x, digits = 4) {
  if (x === null || x === undefined) return "–";
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const rounded = Number(x.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size >= 1e-4 && size < 10 ** (digits + 2)) return String(rounded).replace("-", "−");
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  return `${Number(mantissa)}e${Number(exponent)}`.replaceAll("-", "−");
}

export const CELL = 9; // A box has room for a number of so many characters.

/** A number in at most `CELL` characters: with fewer digits where it is long. */
export function short(x) {
  for (let digits = 4; digits > 1; digits--) {
    const text = number(x, digits);
    if (text.length <= CELL) return text;
  }
  return number(x, 1);
}

/** A number with its sign in any case, as a contribution is written: "+0.5", "−3". */
export function signed(x, digits = 4) {
  const text = number(x, digits);
  return /^[−–N]/.test(text) ? text : `+${text}`;
}

/** A whole number with its thousands apart: "4,812". */
export function count(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count that can be read at a glance: "9,999", "12k" or "1.25M". */
export function rounded(n) {
  if (n < 10_000) return count(n);
  if (n < 999_500) return `${Math.round(n / 1000)}k`;
  return `${Number((n / 1e6).toPrecision(3))}M`;
}

/** "1 node", "4,812 nodes": `noun` is "node" or "edge". */
export function counted(n, noun) {
  return t(`count.${noun}`, { n, count: count(n) });
}

/** An operation's symbol as it is drawn. */
export function symbol(text) {
  return SYMBOLS[text] ?? text;
}

/** "x2" raised: superscript("-12") === "⁻¹²". What has no superscript stays. */
export function superscript(text) {
  const digit = (c) => (c >= "0" && c <= "9" ? "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)] : (SUPERSCRIPTS[c] ?? c));
  return Array.from(String(text), digit).join("");
}

const segmenter = globalThis.Intl?.Segmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

/** The characters of a text as readers count them: letters with their accents, whole emoji. */
export function graphemes(text) {
  return segmenter ? Array.from(segmenter.segment(text), (part) => part.segment) : Array.from(text);
}

/** `text` cut to `limit` characters as readers count them, the last an ellipsis where something was cut. */
export function clip(text, limit) {
  if (text.length <= limit) return text;
  const parts = graphemes(text);
  return parts.length <= limit ? text : `${parts.slice(0, limit - 1).join("")}…`;
}

// The widths of U+0020 to U+007E, in thousandths of the font size.
const ASCII = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
  636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
  748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
  615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
  337, 636, 838,
];
const WIDE = /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u;
const NONE = /^[\p{M}\p{Cf}]$/u;
const BOLD = 1.12; // DejaVu Sans Bold is so many times as wide as DejaVu Sans.
const OTHER = 720;
const others = new Map([
  ["×", 838],
  ["−", 838],
  ["…", 1000],
  ["·", 318],
  ["∂", 517],
  ["÷", 838],
  ["–", 500],
  ["∞", 833],
]);

/** The width of `text` set at `size`, in the units of `size`. */
export function textWidth(text, size, bold = false) {
  let sum = 0;
  for (const c of text) {
    const code = c.codePointAt(0);
    sum += code >= 32 && code < 127 ? ASCII[code - 32] : (others.get(c) ?? other(c));
  }
  return (sum / 1000) * size * (bold ? BOLD : 1);
}

function other(c) {
  const width = NONE.test(c) ? 0 : WIDE.test(c) ? 1300 : OTHER;
  others.set(c, width);
  return width;
}

const SHADES = 4; // The number of shades for positive gradients, and again for negative ones.

/**
 * The shade of a gradient: "zero", "plus1" to "plus4", "minus1" to "minus4", or "bad" for nan and infinities. It grows
 * with the square root of the gradient, so that small gradients stay visible beside large ones.
 */
export function shade(grad, largest) {
  if (!Number.isFinite(grad)) return "bad";
  if (grad === 0) return "zero";
  const step = largest > 0 ? Math.ceil(SHADES * Math.sqrt(Math.min(Math.abs(grad) / largest, 1))) : 1;
  return `${grad > 0 ? "plus" : "minus"}${Math.max(step, 1)}`;
}
