/* An American put along simulated paths, exercised where the spot falls below a boundary, with the derivatives of
 * the mean payoff by spot, volatility and rate. The sum of the shocks tells when: the spot is below the boundary
 * where log(spot) + (rate - vol^2 / 2) t + vol sqrt(step) sum < log(boundary), so that only the exercise needs an
 * exponential.
 */
#include "vector_math.h"

#define MOST 64

void value(long n, long steps, const double *restrict terms, const double *restrict boundary,
           const double *restrict shocks, double *restrict out)
{
    double spot = terms[0], vol = terms[1], rate = terms[2], strike = terms[3], step = terms[4], root = sqrt(step);
    double bound[MOST], discount[MOST], drift = (rate - 0.5 * vol * vol) * step;
    double price = 0.0, by_spot = 0.0, by_vol = 0.0, by_rate = 0.0;
    for (long i = 0; i < steps; i++) {
        bound[i] = (log(boundary[i] / spot) - drift * (i + 1)) / (vol * root);
        discount[i] = exp(-rate * step * (i + 1));
    }
#pragma omp parallel for schedule(static) reduction(+ : price, by_spot, by_vol, by_rate) if (n >= 5000)
    for (long path = 0; path < n; path++) {
        double sum = 0.0;
        for (long i = 0; i < steps; i++) {
            sum += shocks[path * steps + i];
            if (sum < bound[i]) {
                double t = step * (i + 1), at = spot * quick_exp(drift * (i + 1) + vol * root * sum);
                price += discount[i] * (strike - at);
                by_spot -= discount[i] * at / spot;
                by_vol -= discount[i] * at * (root * sum - vol * t);
                by_rate -= discount[i] * t * strike;
                break;
            }
        }
    }
    out[0] = price / n, out[1] = by_spot / n, out[2] = by_vol / n, out[3] = by_rate / n;
}
