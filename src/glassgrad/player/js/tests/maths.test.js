// Against published values, and the identities that the functions are known by. That each operation of the table is
// Python's is tested from Python, in tests/table/test_javascript.py.

import assert from "node:assert/strict";
import test from "node:test";

import { digamma, erf, erfc, floordiv, lgamma, mod, polygamma, pow } from "../maths.js";
import { OPERATIONS } from "../operations.js";

const EULER = 0.57721566490153286061; // OEIS A001620
const ZETA_3 = 1.2020569031595942854; // OEIS A002117
const ROOT = 1.46163214496836234126; // of digamma, DLMF 5.4.20
const INFINITIES = [Infinity, -Infinity];

function close(found, expected, relative = 4e-15) {
  assert.ok(Math.abs(found - expected) <= relative * Math.abs(expected), `${found} is not ${expected}`);
}

function same(found, expected) {
  assert.ok(Object.is(found, expected), `${found} is not ${expected}`);
}

test("erf and erfc have their published values", () => {
  close(erf(0.5), 0.52049987781304653768); // Abramowitz & Stegun, table 7.1, and OEIS A099286 for the next
  close(erf(1), 0.84270079294971486934);
  close(erf(2), 0.99532226501895273416);
  close(erfc(1), 0.15729920705028513066);
  close(erfc(2), 0.0046777349810472658379);
  close(erfc(5), 1.5374597944280348502e-12);
  close(erfc(10), 2.088487583762544757e-45);
  close(erfc(-1), 1.84270079294971486934);
});

test("erf is odd, and erfc what it leaves of 1", () => {
  for (let x = 0; x < 7; x += 0.03125) {
    same(erf(-x), -erf(x));
    close(erfc(-x), 1 + erf(x), 3e-16);
    assert.ok(Math.abs(erf(x) + erfc(x) - 1) < 3e-16);
  }
});

test("erfc is good in its far tail, down to the least number", () => {
  // The bounds of DLMF 7.8.2 close in on it: 1 / (x + sqrt(x**2 + 2)) and 1 / (x + sqrt(x**2 + 4 / pi)).
  for (let x = 1; x < 26; x += 0.125) {
    const known = (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
    assert.ok(erfc(x) > known / (x + Math.sqrt(x * x + 2)));
    assert.ok(erfc(x) < known / (x + Math.sqrt(x * x + 4 / Math.PI)));
  }
  close(erfc(20.1), 9.735977140428878159e-178); // by mpmath, as the next
  close(erfc(23.7), 2.7379369178464716529e-246);
  assert.ok(erfc(27.2) > 0 && erfc(27.2) < 1e-322);
  same(erfc(27.2266748529958), 0); // half the least number, less a little
  same(erfc(27.3), 0);
});

test("error functions at the edges", () => {
  same(erf(-0), -0);
  same(erf(Infinity), 1);
  same(erf(-Infinity), -1);
  same(erfc(Infinity), 0);
  same(erfc(-Infinity), 2);
  same(erf(NaN), NaN);
  same(erfc(NaN), NaN);
  close(erf(1e-300), 1.1283791670955125739e-300); // 2 / sqrt(pi), OEIS A190732
});

test("lgamma has its published values", () => {
  close(lgamma(0.5), 0.5 * Math.log(Math.PI)); // DLMF 5.4.6
  close(lgamma(0.25), Math.log(3.62560990822190831193)); // OEIS A068466
  close(lgamma(ROOT), -0.12148629053584960809551); // its least value, OEIS A030171
  close(lgamma(-0.5), Math.log(2 * Math.sqrt(Math.PI)));
  let factorial = 1;
  for (let n = 2; n <= 170; n++) {
    factorial *= n;
    close(lgamma(n + 1), Math.log(factorial));
  }
});

test("lgamma is good beside its roots", () => {
  for (const t of [2 ** -30, 2 ** -40, 2 ** -51]) {
    // ln gamma(1 + t) = -EULER t + pi**2 / 12 t**2 - ..., DLMF 5.7.3, which for 2 + t has ln(1 + t) besides
    close(lgamma(1 + t), -EULER * t + (Math.PI ** 2 / 12) * t * t, 1e-15);
    close(lgamma(2 + t), (1 - EULER) * t + (Math.PI ** 2 / 12 - 0.5) * t * t, 1e-15);
  }
  same(lgamma(1), 0);
  same(lgamma(2), 0);
  const root = -2.4570247382208005; // the greatest one: the root is not a number, but between this and a neighbour
  assert.ok(Math.abs(lgamma(root)) < 2e-15);
  assert.notEqual(lgamma(root), 0);
});

test("digamma and its derivatives have their published values", () => {
  close(digamma(1), -EULER); // DLMF 5.4.12
  close(digamma(0.5), -EULER - 2 * Math.LN2); // DLMF 5.4.13
  close(polygamma(1, 1), Math.PI ** 2 / 6); // DLMF 5.15.2
  close(polygamma(1, 0.5), Math.PI ** 2 / 2); // DLMF 5.15.3
  close(polygamma(2, 1), -2 * ZETA_3); // DLMF 5.15.2
  close(polygamma(2, 0.5), -14 * ZETA_3); // DLMF 5.15.3
  close(polygamma(3, 1), Math.PI ** 4 / 15);
  close(digamma(ROOT), -9.55e-17 * 0.9676720454, 1e-4); // how far the double is from the root, times the slope
});

test("psi(x + 1) is psi(x) and a power, and psi(1 - x) mirrors it", () => {
  for (const x of [0.2, 0.75, 3.5, 17.25, -0.3, -4.6, -20.125]) {
    close(digamma(x + 1), digamma(x) + 1 / x, 1e-13);
    close(digamma(1 - x), digamma(x) + Math.PI / Math.tan(Math.PI * x), 1e-12); // DLMF 5.5.4
    let factorial = 1;
    for (let n = 1; n <= 100; n++) {
      factorial *= -n; // (-1)**n n!, DLMF 5.15.5
      const [before, after, power] = [polygamma(n, x), polygamma(n, x + 1), factorial / pow(x, n + 1)];
      const scale = Math.max(Math.abs(before), Math.abs(power));
      if (Number.isFinite(scale)) assert.ok(Math.abs(after - before - power) <= 1e-13 * scale, `${n} ${x}`);
    }
  }
});

test("the gamma function's derivatives at poles, at infinity and beyond their orders", () => {
  for (const x of [0, -0, -1, -200, ...INFINITIES]) same(lgamma(x), Infinity);
  same(digamma(0), -Infinity);
  same(digamma(-0), Infinity);
  same(digamma(-3), NaN);
  same(digamma(Infinity), Infinity);
  same(digamma(-Infinity), NaN);
  same(polygamma(1, -3), Infinity);
  same(polygamma(1, Infinity), 0);
  same(polygamma(2, Infinity), -0);
  for (const order of [-1, 0.5, 101, NaN, Infinity]) same(polygamma(order, 2), NaN);
  for (const f of [lgamma, digamma]) same(f(NaN), NaN);
  same(lgamma(1e306), Infinity);
  close(lgamma(5e-324), 1074 * Math.LN2);
  close(digamma(1e-308), -1e308); // of a subnormal number
});

test("powers are IEEE 754's", () => {
  for (const x of [NaN, 0, -0, 1, -1, ...INFINITIES]) {
    same(pow(x, 0), 1);
    same(pow(1, x), 1);
  }
  for (const x of INFINITIES) same(pow(-1, x), 1);
  same(pow(-0, -3), -Infinity);
  same(pow(-0, -2), Infinity);
  same(pow(-0, 3), -0);
  same(pow(-8, 1 / 3), NaN);
  same(pow(-Infinity, 3), -Infinity);
  same(pow(-Infinity, -3), -0);
  same(pow(2, -1074), 5e-324);
  same(pow(-2, 1023), -(2 ** 1023));
  same(pow(-2, 2001), -Infinity);
  close(pow(0.50005, -1024), pow(pow(0.50005, -512), 2), 2e-15); // nearly the largest number
  close(pow(1 + 2 ** -20, 2 ** 20), 2.7182805322823960773, 1e-15); // e (1 - 2**-21 + 11/24 2**-40 - ...)
  close(pow(-(1 + 2 ** -20), -(2 ** 20)), 1 / 2.7182805322823960773, 1e-15);
  close(pow(-(1 + 2 ** -20), 2 ** 20 + 1), -2.7182831246367245021, 1e-15);
});

test("remainders have the sign of the divisor", () => {
  for (let a = -12; a <= 12; a++) {
    for (const b of [1, 2, 3, 5, 7, 11, -1, -2, -3, -5, -7, -11]) {
      const [quotient, rest] = [floordiv(a, b), mod(a, b)];
      assert.ok(quotient * b + rest === a && quotient === Math.floor(a / b));
      assert.ok(b > 0 ? 0 <= rest && rest < b : b < rest && rest <= 0);
    }
  }
  same(mod(-1e-100, 1e100), 1e100); // the documentation of Python's math.fmod
  same(mod(6, -3), -0);
  same(mod(-6, 3), 0);
  same(mod(-5, Infinity), Infinity);
  same(mod(5, Infinity), 5);
  same(mod(Infinity, 3), NaN);
  same(mod(1, 0), NaN);
});

test("whole quotients", () => {
  same(floordiv(-5, Infinity), -1);
  same(floordiv(5, Infinity), 0);
  same(floordiv(-0, 3), -0);
  same(floordiv(1, 0), Infinity);
  same(floordiv(-1, 0), -Infinity);
  same(floordiv(0, 0), NaN);
  same(floordiv(1, 0.1), 9); // 0.1 is a little more than a tenth
  same(floordiv(Infinity, 3), NaN);
  same(floordiv(NaN, 3), NaN);
});

test("a choice, a maximum and a comparison take nan as Python does", () => {
  same(OPERATIONS.where(NaN, 1, 2), 1); // nan is true in Python
  same(OPERATIONS.where(-0, 1, 2), 2);
  same(OPERATIONS.maximum(NaN, 1), NaN);
  same(OPERATIONS.maximum(1, NaN), NaN);
  same(OPERATIONS.minimum(-0, 0), 0); // of two zeros the second
  same(OPERATIONS.maximum(0, -0), -0);
  same(OPERATIONS.relu(NaN), NaN);
  same(OPERATIONS.relu(-0), 0);
  same(OPERATIONS.not_equal(NaN, NaN), 1);
  same(OPERATIONS.sign(-0), 0);
});
