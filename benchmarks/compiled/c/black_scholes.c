/* A call's price and its derivatives by spot, strike, rate, volatility and time, as a good programmer writes them by
 * hand: d(spot) = N(d1), d(strike) = -D N(d2), d(rate) = K t D N(d2), d(vol) = S n(d1) sqrt(t), d(time) = S n(d1)
 * vol / (2 sqrt(t)) + r K D N(d2), with the discount D = exp(-r t).  `with_libmvec` calls exp, log and erf, which
 * gcc turns into the vector functions of glibc's libmvec. `with_polynomials` has its own, inlined, good to a few
 * ULP: it saves the second density, as S n(d1) = K D n(d2), and a division in log(S / K). `out` is six rows of n;
 * the options are split over OpenMP's threads.
 */
#include "vector_math.h"

void with_libmvec(long n, const double *restrict spot, const double *restrict strike, const double *restrict rate,
                  const double *restrict vol, const double *restrict time, double *restrict out)
{
    double *restrict price = out, *restrict by_spot = out + n, *restrict by_strike = out + 2 * n;
    double *restrict by_rate = out + 3 * n, *restrict by_vol = out + 4 * n, *restrict by_time = out + 5 * n;
#pragma omp parallel for simd schedule(static) if (parallel : n >= 5000)
    for (long i = 0; i < n; i++) {
        double root = sqrt(time[i]), spread = vol[i] * root;
        double d1 = (log(spot[i] / strike[i]) + rate[i] * time[i]) / spread + 0.5 * spread, d2 = d1 - spread;
        double discounted = strike[i] * exp(-rate[i] * time[i]);
        double n1 = 0.5 + 0.5 * erf(d1 * ROOT_HALF), n2 = 0.5 + 0.5 * erf(d2 * ROOT_HALF);
        double density = spot[i] * ROOT_TWO_PI_INVERSE * exp(-0.5 * d1 * d1);
        double paid = discounted * n2;
        price[i] = spot[i] * n1 - paid;
        by_spot[i] = n1;
        by_strike[i] = -paid / strike[i];
        by_rate[i] = time[i] * paid;
        by_vol[i] = density * root;
        by_time[i] = 0.5 * density * vol[i] / root + rate[i] * paid;
    }
}

void with_polynomials(long n, const double *restrict spot, const double *restrict strike, const double *restrict rate,
                      const double *restrict vol, const double *restrict time, double *restrict out)
{
    double *restrict price = out, *restrict by_spot = out + n, *restrict by_strike = out + 2 * n;
    double *restrict by_rate = out + 3 * n, *restrict by_vol = out + 4 * n, *restrict by_time = out + 5 * n;
#pragma omp parallel for simd schedule(static) if (parallel : n >= 5000)
    for (long i = 0; i < n; i++) {
        double s = spot[i], k = strike[i], r = rate[i], v = vol[i], t = time[i];
        double root = sqrt(t), spread = v * root, inverse = 1.0 / spread;
        double d1 = (log_ratio(s, k) + r * t) * inverse + 0.5 * spread, d2 = d1 - spread;
        double discounted = k * quick_exp(-r * t);
        double density = ROOT_TWO_PI_INVERSE * quick_exp(fmax(-0.5 * d1 * d1, -700.0)), weighted = s * density;
        double tail1 = density * mills(fabs(d1)), tail2 = weighted * mills(fabs(d2)); /* N(-|d1|), K D N(-|d2|) */
        double n1 = d1 > 0 ? 1.0 - tail1 : tail1, paid = d2 > 0 ? discounted - tail2 : tail2;
        price[i] = s * n1 - paid;
        by_spot[i] = n1;
        by_strike[i] = -paid / k;
        by_rate[i] = t * paid;
        by_vol[i] = weighted * root;
        by_time[i] = 0.5 * weighted * v * v * inverse + r * paid;
    }
}
