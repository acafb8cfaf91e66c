/**
 * What JavaScript's Math lacks, or does differently from Python: powers, remainders, the error functions. The gamma
 * function and its derivatives are in gamma.js.
 *
 * All take numbers, return a number, and never throw: infinities, NaN and the signs of zeros are those of the table of
 * operations in src/glassgrad/core/ops.py. DLMF is the NIST Digital Library of Mathematical Functions,
 * https://dlmf.nist.gov.
 */

export { digamma, gamma, lgamma, polygamma } from "./gamma.js";

// Powers and remainders --------------------------------------------------------------------------------------------

const MANY = 1024; // squarings cost at most half as many units in the last place, 1e-13

/**
 * a ** b by IEEE 754 (section 9.2.1), in which 1 to any power is 1, and so is -1 to an infinite one; JavaScript says
 * NaN.
 *
 * Firefox raises to a whole power by squaring again and again, and is off by as many units in the last place as the
 * exponent is large. So a large one is taken apart, into powers that are not whole.
 */
export function pow(a, b) {
  const size = Math.abs(a);
  if (a === 1 || (size === 1 && Math.abs(b) === Infinity)) return 1;
  if (Math.abs(b) < MANY || !(Math.abs(b) < 2 ** 31) || !Number.isInteger(b) || !(0 < size && size < Infinity)) {
    return Math.pow(a, b);
  }
  const half = Math.sign(b) / 2;
  const power = Math.pow(size, b - half) * Math.pow(size, half);
  return a < 0 && b % 2 !== 0 ? -power : power;
}

/** a % b with the sign of b, as in Python; JavaScript's has that of a. */
export function mod(a, b) {
  const rest = a % b; // exact
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 === b < 0 ? rest : rest + b;
}

/** a // b as in Python: the whole number that goes with mod(a, b). */
export function floordiv(a, b) {
  if (b === 0) return a / b;
  const rest = a % b;
  const below = rest !== 0 && rest < 0 !== b < 0 ? 1 : 0; // mod is rest + b then
  const quotient = (a - rest) / b - below; // whole, but for its rounding
  if (quotient === 0) return 0 * (a / b);
  const whole = Math.floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

// The error functions ----------------------------------------------------------------------------------------------

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
const TURN = 1; // up to it erf is summed, beyond it erfc is a continued fraction
const LIFT = 100; // e ** -LIFT is taken out of an exponential, which otherwise may be subnormal, and lose digits

/** The error function. */
export function erf(x) {
  const size = Math.abs(x);
  if (size < TURN) return x * (TWO_OVER_SQRT_PI * series(x));
  return x < 0 ? tail(size) - 1 : 1 - tail(size);
}

/** 1 - erf(x), as exact in the right tail as elsewhere. */
export function erfc(x) {
  if (x < -TURN) return 2 - tail(-x);
  return x < TURN ? 1 - erf(x) : tail(x);
}

/** e ** -x**2 times the sum of (2 x**2)**n / (1 3 5 ... (2n+1)), DLMF 7.6.2: no term is negative, nothing cancels. */
function series(x) {
  const square = x * x;
  let term = 1;
  let sum = 1;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= square / (n + 0.5);
    sum += term;
  }
  return Math.exp(-square) * sum;
}

/**
 * erfc(x) for x >= TURN: e ** -x**2 / sqrt(pi) / fraction(x). Of x**2 the exponential takes the square of x's first 24
 * bits, which is exact, and then the rest.
 */
function tail(x) {
  if (!(x < 28)) return x === x ? 0 : x;
  const near = Math.fround(x);
  const exponential = Math.exp(LIFT - near * near) * Math.exp((near - x) * (near + x));
  return (exponential / fraction(x)) * (TWO_OVER_SQRT_PI / 2) * Math.exp(-LIFT);
}

/** x + (1/2) / (x + 1 / (x + (3/2) / (x + 2 / ...))) for x >= TURN, DLMF 7.9.3 at z = ix. */
function fraction(x) {
  let below = x;
  for (let k = Math.ceil(20 + 200 / (x * x)); k > 0; k--) below = x + (0.5 * k) / below;
  return below;
}

/** e ** x**2 erfc(x). */
export function erfcx(x) {
  if (x >= TURN) return TWO_OVER_SQRT_PI / 2 / fraction(x);
  if (x < -27) return Infinity;
  const near = Math.fround(x);
  const exponential = Math.exp(near * near) * Math.exp((x - near) * (x + near));
  return x < -TURN ? 2 * exponential - erfcx(-x) : exponential * (1 - erf(x));
}

// The normal distribution ------------------------------------------------------------------------------------------

const FLAT = 38.75; // from here on the density is 0, and so is x times it

/** Its density. */
export function norm_pdf(x) {
  if (!(Math.abs(x) < FLAT)) return x === x ? 0 : x;
  const near = Math.fround(x);
  const exponential = Math.exp(LIFT - (near * near) / 2) * Math.exp(((near - x) * (near + x)) / 2);
  return (exponential / Math.sqrt(2 * Math.PI)) * Math.exp(-LIFT);
}

/** Its distribution function, as exact in the left tail as elsewhere. */
export function norm_cdf(x) {
  return x < -TURN ? norm_pdf(x) * mills(-x) : 0.5 + 0.5 * erf(x * Math.SQRT1_2);
}

/** x norm_cdf(x), -0 at minus infinity. */
export function gelu(x) {
  if (x <= -FLAT) return -0;
  return x < -TURN ? norm_pdf(x) * (x * mills(-x)) : x * norm_cdf(x);
}

/** The derivative of gelu. */
export function gelu_slope(x) {
  if (!(Math.abs(x) < FLAT)) return x === x ? (x > 0 ? 1 : -0) : x;
  const size = Math.abs(x);
  const below = size < TURN ? norm_cdf(-size) - size * norm_pdf(size) : norm_pdf(size) * (mills(size) - size);
  return x > 0 ? 1 - below : below;
}

/** e ** -x**2. */
export function exp_neg_square(x) {
  if (!(Math.abs(x) < 28)) return x === x ? 0 : x;
  const near = Math.fround(x);
  return Math.exp(LIFT - near * near) * Math.exp((near - x) * (near + x)) * Math.exp(-LIFT);
}

/** Mills' ratio: what is above x, by the density at x. */
function mills(x) {
  return Math.sqrt(Math.PI / 2) * erfcx(x * Math.SQRT1_2);
}

/** e ** (a - b) without the rounding error of the difference; 1 where both are the same infinity. */
export function exp_sub(a, b) {
  if (a === b) return 1;
  const d = a - b;
  const e = Math.exp(d);
  if (!(e > 0 && e < Infinity)) return e;
  const t = d - a;
  return e + e * (a - (d - t) - (b + t));
}

/** The derivative of silu. */
export function silu_slope(x) {
  if (!(Math.abs(x) < 800)) return x === x ? (x > 0 ? 1 : -0) : x;
  const size = Math.abs(x);
  const e = Math.exp(-size);
  const root = Math.exp(-size / 2); // e may be subnormal where the product is not
  const below = root * ((1 - size + e) / ((1 + e) * (1 + e))) * root;
  return x > 0 ? 1 - below : below;
}

/** x / (1 + e ** -x), -0 at minus infinity. */
export function silu(x) {
  if (!(x < 0)) return x / (1 + Math.exp(-x));
  const root = Math.exp(x / 2); // e ** x itself would lose digits, being subnormal before x * e ** x is
  return x < -800 ? -0 : (x * root * root) / (1 + root * root);
}
