/**
 * The gamma function, its logarithm and their derivatives, to the last digit: what src/glassgrad/core/special.py does, on
 * BigInts, which are exact and as wide as wanted. `v` stands for `v / 2**bits`. Each function is
 *
 * 1. the asymptotic series, DLMF 5.11.1, 5.11.2 and 5.15.8, at an argument shifted up until it converges;
 * 2. the recurrence `gamma(x + 1) = x * gamma(x)`, DLMF 5.5.1, back down;
 * 3. for negative arguments the reflection formula, DLMF 5.5.3 and 5.5.4, with exact remainders of x;
 *
 * and is done again with twice the bits where cancellation has left too few of them (A. Ziv, Fast evaluation of
 * elementary mathematical functions with correctly rounded last bit, ACM TOMS 17, 1991), so that results beside the
 * roots are as good as elsewhere.
 *
 * DLMF is the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov.
 */

const BITS = 80; // the first attempt: enough for a double unless 20 bits cancel
const GUARD = 16; // bits below those, which take up the rounding of some hundred operations
const ENOUGH = 60; // significant bits wanted: 53, and 7 so that rounding is right but for 1 case in 100
const MOST = 1200; // bits at which to stop: a result with too few significant bits there is below the least double
const MOST_ORDER = 100; // beyond it, one value may take seconds
const TINY = 2 ** -64; // below it the pole at zero is all there is, to double precision

/** The gamma function: infinite at 0, by the sign of the zero, and NaN at the negative integers. */
export function gamma(x) {
  if (x !== x || x === -Infinity || (x < 0 && isPole(x))) return NaN;
  if (Math.abs(x) < TINY) return 1 / x;
  if (x > 172) return Infinity;
  const sign = x < 0 && Math.floor(x) % 2 ? -1 : 1;
  if (x < -200) return sign * 0;
  const [p, s] = exact(x);
  const digits = BITS + GUARD;
  const [mantissa, exponent] = exp(p > 0n ? logGamma(p, s, digits) : logGammaReflected(p, s, digits), digits);
  const up = BigInt(Math.max(0, exponent));
  return sign * quotient(mantissa << up, 1n << BigInt(digits + Math.max(0, -exponent)));
}

/** The natural logarithm of |gamma(x)|: infinite at the poles, zero and the negative integers. */
export function lgamma(x) {
  if (x !== x) return x;
  if (Math.abs(x) === Infinity || isPole(x)) return Infinity;
  if (x === 1 || x === 2) return 0;
  if (Math.abs(x) < TINY) return -Math.log(Math.abs(x));
  const [p, s] = exact(x);
  return settle((bits) => (p > 0n ? logGamma(p, s, bits) : logGammaReflected(p, s, bits)));
}

/** The derivative of lgamma: infinite at 0, by the sign of the zero, and NaN at the negative integers. */
export function digamma(x) {
  return polygamma(0, x);
}

/** The n-th derivative of digamma at x, for whole n from 0 to 100, otherwise NaN. */
export function polygamma(n, x) {
  if (!Number.isInteger(n) || n < 0 || n > MOST_ORDER || x !== x || x === -Infinity) return NaN;
  const odd = n % 2 === 1;
  const sign = odd ? 1 : -1; // of the values at positive x
  if (x === Infinity) return n === 0 ? Infinity : sign * 0;
  if (x === 0) return odd ? Infinity : -1 / x;
  if (isPole(x)) return odd ? Infinity : NaN;
  const [p, s] = exact(x);
  if (Math.abs(x) < TINY) return quotient(BigInt(sign) * (factorial(n) << (s * BigInt(n + 1))), p ** BigInt(n + 1));
  if (n > 0 && x > n / TINY) return quotient(BigInt(sign) * (factorial(n - 1) << (s * BigInt(n))), p ** BigInt(n));
  if (p < 0n) return settle((bits) => polygammaReflected(n, p, s, bits));
  if (n === 0) return settle((bits) => polygammaAbove(0, p, s, bits));
  // Nothing cancels, but the result, (n-1)! / x**n, may be tiny.
  const small = n * Math.max(0, bitLength(p) - Number(s));
  return quotient(polygammaAbove(n, p, s, BITS + GUARD, small), 1n << BigInt(BITS + GUARD + small));
}

/**
 * `[m, k]` with `exp(v) = 2**k m` for a number v and an m in [1, 2), both in fixed point.
 *
 * @returns {[bigint, number]}
 */
function exp(v, digits) {
  const bits = BigInt(digits);
  const step = ln2(digits);
  const k = v / step - (v % step < 0n ? 1n : 0n);
  const r = v - k * step;
  let total = 1n << bits;
  for (let term = total, n = 1n; term; n++) {
    term = ((term * r) >> bits) / n;
    total += term;
  }
  return [total, Number(k)];
}

function isPole(x) {
  return x <= 0 && x === Math.floor(x);
}

// How a result is settled ------------------------------------------------------------------------------------------

/** The double nearest to `evaluate(bits) / 2**bits`; bits are doubled until enough are significant. */
function settle(evaluate) {
  for (let bits = BITS; ; bits *= 2) {
    const value = evaluate(bits + GUARD);
    if (bitLength(value) >= ENOUGH + GUARD || bits >= MOST) return quotient(value, 1n << BigInt(bits + GUARD));
  }
}

/** `p / q` as a double, infinite or zero where that is beyond the range. */
function quotient(p, q) {
  const shift = 70 - bitLength(p) + bitLength(q); // leaves 70 bits, of which Number keeps the first 53
  const scaled = Number(shift > 0 ? (p << BigInt(shift)) / q : p / (q << BigInt(-shift)));
  const half = Math.trunc(shift / 2); // in two steps, since 2**-shift need not be a double
  return scaled * 2 ** -half * 2 ** (half - shift);
}

/** `[p, s]` with `x = p / 2**s` exactly, in lowest terms, and s a BigInt as well. */
function exact(x) {
  WORDS.setFloat64(0, x);
  const word = WORDS.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  let p = exponent ? fraction | 0x10000000000000n : fraction;
  let s = exponent ? 1075 - exponent : 1074;
  if (s <= 0) return [x < 0 ? -(p << BigInt(-s)) : p << BigInt(-s), 0n];
  const spare = Math.min(s, bitLength(p & -p) - 1); // zeros at p's end
  p >>= BigInt(spare);
  s -= spare;
  return [x < 0 ? -p : p, BigInt(s)];
}

const WORDS = new DataView(new ArrayBuffer(8));

function bitLength(v) {
  if (v === 0n) return 0;
  const digits = (v < 0n ? -v : v).toString(16);
  return 4 * digits.length - Math.clz32(parseInt(digits[0], 16)) + 28;
}

/**
 * `p / 2**s` in fixed point.
 *
 * @param {bigint} p
 * @param {bigint} s
 * @param {bigint} bits
 */
function fixed(p, s, bits) {
  return (p << bits) >> s;
}

/** `c[0] + w * (c[1] + w * (c[2] + ...))` in fixed point. */
function horner(coefficients, w, bits) {
  let total = 0n;
  for (let k = coefficients.length - 1; k >= 0; k--) total = coefficients[k] + ((total * w) >> bits);
  return total;
}

/** How often 1 must be added to `p / 2**s` to reach `least`. */
function shiftTo(least, p, s) {
  const whole = p >> s;
  return whole < BigInt(least) ? least - Number(whole) : 0;
}

// Gamma at positive arguments --------------------------------------------------------------------------------------

/** `(x - 1/2) ln x - x + ln(2 pi) / 2 + sum B[2k] / (2k (2k-1) x**(2k-1))` at x = p / 2**s > 0. */
function logGamma(p, s, digits) {
  const bits = BigInt(digits);
  const one = 1n << s;
  const shift = shiftTo(least(digits, 0), p, s);
  let product = 1n; // exact: x (x+1) ... (x + shift - 1)
  for (let k = 0; k < shift; k++) {
    product *= p;
    p += one;
  }
  const reciprocal = (1n << (bits + s)) / p;
  const series = (horner(logGammaSeries(digits), (reciprocal * reciprocal) >> bits, bits) * reciprocal) >> bits;
  const lnX = ((2n * p - one) * log(p, s, digits)) >> (s + 1n);
  const total = lnX - fixed(p, s, bits) + halfLogTwoPi(digits) + series;
  return shift ? total - log(product, s * BigInt(shift), digits) : total;
}

/**
 * `(n-1)! / x**n + n! / (2 x**(n+1)) + sum B[2k] (2k+n-1)! / ((2k)! x**(2k+n))`, negated for even n.
 *
 * For `n = 0` the first term is `-ln x`. The result has `digits + small` bits, relatively as good as `digits`.
 */
function polygammaAbove(n, p, s, digits, small = 0) {
  const bits = BigInt(digits);
  const wide = bits + BigInt(small);
  const power = BigInt(n + 1);
  const one = 1n << s;
  const top = factorial(n) << (wide + s * power);
  let below = 0n; // the terms n! / (x + j)**(n+1) of the recurrence
  for (let k = shiftTo(least(digits, n), p, s); k > 0; k--) {
    below += top / p ** power;
    p += one;
  }
  const reciprocal = (1n << (bits + s)) / p;
  let series = horner(polygammaSeries(n, digits), (reciprocal * reciprocal) >> bits, bits);
  series = ((series * reciprocal) >> bits) + (factorial(n) << (bits - 1n)); // x times all but the first
  if (n === 0) return log(p, s, digits) - ((series * reciprocal) >> bits) - below;
  let total = ((series << s) + ((factorial(n - 1) * p) << bits)) / p; // x**n times the sum
  total = (total << (s * BigInt(n) + wide - bits)) / p ** BigInt(n) + below;
  return n % 2 ? total : -total;
}

/**
 * The argument from which Stirling's series is used. Its smallest term is about `exp(-2 pi x)`: a ninth of the bits
 * would do, a fifth halves the terms.
 */
function least(bits, n) {
  return Math.floor(bits / 5) + n;
}

/** `B[2k] / (2k (2k-1))` for k = 1, 2, ... in fixed point, as many as count at the least argument. */
const logGammaSeries = kept((bits) => seriesOf((k) => [1n, 2n * k * (2n * k - 1n)], least(bits, 0), bits, 1n));

/** `B[2k] (2k+n-1)! / (2k)!` for k = 1, 2, ... in fixed point, as many as count at the least argument. */
const polygammaSeries = kept((n, bits) =>
  seriesOf(
    (k) => [factorial(2 * Number(k) + n - 1), factorial(2 * Number(k))],
    least(bits, n),
    bits,
    factorial(Math.max(0, n - 1)),
  ),
);

/** `B[2k] factor(k)` until its term at the least argument is below the last bit of the first term. */
function seriesOf(factor, smallest, bits, first) {
  const coefficients = [];
  for (let k = 1, last = null; last === null || (last < 0n ? -last : last) >= limit(k - 1); k++) {
    const [p, q] = bernoulli(k);
    const [a, b] = factor(BigInt(k));
    last = ((p * a) << BigInt(bits)) / (q * b);
    coefficients.push(last);
  }
  return coefficients;

  function limit(count) {
    return first * BigInt(smallest) ** BigInt(2 * count - 1);
  }
}

/** The Bernoulli number B[2k] as a ratio, `(-1)**(k-1) 2k T[k] / (4**k (4**k - 1))`, DLMF 24.15.4. */
const bernoulli = kept((k) => {
  const count = 2 ** Math.ceil(Math.log2(k));
  const four = 4n ** BigInt(k);
  return [(k % 2 ? 2n : -2n) * BigInt(k) * tangents(count)[k - 1], four * (four - 1n)];
});

/**
 * The first tangent numbers, 1, 2, 16, 272 ...: R. Brent and D. Harvey, Fast computation of Bernoulli, tangent and
 * secant numbers, 2011, algorithm 2.
 */
const tangents = kept((count) => {
  const t = [];
  for (let k = 0; k < count; k++) t.push(factorial(k));
  for (let k = 1; k < count; k++) {
    for (let j = k; j < count; j++) t[j] = BigInt(j - k) * t[j - 1] + BigInt(j - k + 2) * t[j];
  }
  return t;
});

// Negative arguments -----------------------------------------------------------------------------------------------

/** `ln(pi / |sin(pi x)|) - ln gamma(1 - x)`; pi cancels, as `sin(pi r) = pi r sinc(pi r)`. */
function logGammaReflected(p, s, digits) {
  const r = fromNearestInteger(p, s);
  const [, sinc] = cosAndSinc(r, s, digits);
  const below = log(r < 0n ? -r : r, s, digits) + log(sinc, BigInt(digits), digits);
  return -below - logGamma((1n << s) - p, s, digits);
}

/** The `n`-th derivative of `digamma(x) = digamma(1 - x) - c(x)`, `c(x) = pi cot(pi x)`. */
function polygammaReflected(n, p, s, wanted) {
  const coefficients = cotDerivative(n);
  const sum = coefficients.reduce((total, c) => total + (c < 0n ? -c : c), 0n);
  const magnified = bitLength(sum) + 2 * n; // bits: what rounding of c grows by, where c < pi
  const digits = wanted + magnified;
  const bits = BigInt(digits);
  const r = fromNearestInteger(p, s);
  const [cos, sinc] = cosAndSinc(r, s, digits);
  const c = (cos << (s + bits)) / (sinc * r);
  const square = (c * c) >> bits;
  const piSquared = (pi(digits) ** 2n) >> bits;
  let total = 0n;
  let power = 1n << bits;
  for (const a of coefficients) {
    total = ((total * square) >> bits) + a * power;
    power = (power * piSquared) >> bits;
  }
  if (n % 2 === 0) total = (total * c) >> bits;
  const other = polygammaAbove(n, (1n << s) - p, s, digits);
  return ((n % 2 ? -other : other) - total) >> BigInt(magnified);
}

/**
 * The `n`-th derivative of `c = pi cot(pi x)` as a polynomial in c, from `c' = -(pi**2 + c**2)`: the coefficients of
 * `c**(n+1)`, `pi**2 c**(n-1)`, `pi**4 c**(n-3)` ... (those between are zero).
 */
const cotDerivative = kept((n) => {
  let a = [1n];
  for (let k = 0; k < n; k++) {
    // c**j becomes -j (c**(j+1) + pi**2 c**(j-1))
    const raised = new Array(a.length + 1).fill(0n);
    a.forEach((coefficient, i) => {
      const j = BigInt(k + 1 - 2 * i);
      raised[i] -= j * coefficient;
      raised[i + 1] -= j * coefficient;
    });
    a = k % 2 === 0 ? raised : raised.slice(0, -1);
  }
  return a;
});

/** The numerator over `2**s` of x less its nearest integer. */
function fromNearestInteger(p, s) {
  const half = 1n << (s - 1n);
  return ((p + half) & ((1n << s) - 1n)) - half;
}

/** `cos(pi r / 2**s)` and `sin(pi r / 2**s) / (pi r / 2**s)`, by their Taylor series. */
function cosAndSinc(r, s, digits) {
  const bits = BigInt(digits);
  const t = (pi(digits) * (r < 0n ? -r : r)) >> s;
  const square = (t * t) >> bits;
  let term = 1n << bits;
  let cos = term;
  let sinc = term;
  for (let k = 2n; term; k += 2n) {
    term = -((term * square) >> bits) / (k * (k - 1n));
    cos += term;
    sinc += term / (k + 1n);
  }
  return [cos, sinc];
}

// Logarithm and constants ------------------------------------------------------------------------------------------

/**
 * The natural logarithm of `x = p / 2**s > 0`: `x = 2**k m` with m in [1, 2), and
 * `ln x = k ln 2 + ln c + 2 atanh((m - c) / (m + c))` with c close to m.
 */
function log(p, s, digits) {
  const bits = BigInt(digits);
  const length = BigInt(bitLength(p) - 1);
  const m = fixed(p, length, bits);
  const i = (m >> (bits - 5n)) - 32n;
  const c = (2n * i + 65n) << (bits - 6n); // the middle of m's 32nd part of [1, 2): the ratio is below 1/128
  const ratio = ((m - c) << bits) / (m + c);
  const series = horner(oddReciprocals(digits), (ratio * ratio) >> bits, bits);
  return (length - s) * ln2(digits) + logTable(digits)[Number(i)] + ((2n * ratio * series) >> bits);
}

/** 1, 1/3, 1/5 ... in fixed point, as many as count when w < 2**-14. */
const oddReciprocals = kept((bits) =>
  Array.from({ length: Math.floor(bits / 14) + 2 }, (_, k) => (1n << BigInt(bits)) / BigInt(2 * k + 1)),
);

/** `ln(65/64), ln(67/64), ... ln(127/64)`. */
const logTable = kept((bits) =>
  Array.from({ length: 32 }, (_, i) => 2n * inverseTangent(BigInt(2 * i + 1), BigInt(2 * i + 129), bits, 1n)),
);

/** `ln 2 = 2 atanh(1/3)`. */
const ln2 = kept((bits) => 2n * inverseTangent(1n, 3n, bits, 1n));

/** `pi = 16 atan(1/5) - 4 atan(1/239)` (Machin). */
const pi = kept((bits) => 16n * inverseTangent(1n, 5n, bits, -1n) - 4n * inverseTangent(1n, 239n, bits, -1n));

const halfLogTwoPi = kept((bits) => log(2n * pi(bits), BigInt(bits), bits) / 2n);

/** @type {(n: number) => bigint} */
const factorial = kept((n) => (n < 2 ? 1n : BigInt(n) * factorial(n - 1)));

/**
 * `atanh(p / q)`, or `atan(p / q)` when sign is -1, by its Taylor series.
 *
 * @param {bigint} p
 * @param {bigint} q
 * @param {number} digits
 * @param {bigint} sign
 */
function inverseTangent(p, q, digits, sign) {
  const bits = BigInt(digits + GUARD);
  let power = (p << bits) / q;
  let total = 0n;
  for (let k = 1n; power; k += 2n) {
    total += power / k;
    power = (sign * power * p * p) / (q * q);
  }
  return total >> BigInt(GUARD);
}

/**
 * The function with its results kept, by its arguments, which are few.
 *
 * @template {any[]} A
 * @template R
 * @param {(...args: A) => R} compute
 * @returns {(...args: A) => R}
 */
function kept(compute) {
  const found = new Map();
  return (...args) => {
    const key = args.length === 1 ? args[0] : args.join();
    if (!found.has(key)) found.set(key, compute(...args));
    return found.get(key);
  };
}
