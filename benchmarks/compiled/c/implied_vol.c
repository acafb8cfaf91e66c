/* Implied volatility by Newton's steps, and its derivative by the option's price, carried along: with the error e,
 * the vega g and a step v -> v - e / g, dv -> 1 / g + e dg / g^2, where dg = g d1 d2 / v dv. `plain` loops option by
 * option; `blocks` takes BLOCK options at a time and steps until all of them are done, done ones standing still:
 * vector code.
 */
#include "vector_math.h"

#define BLOCK 32
#define TOLERANCE 1e-10

static inline double start(double spot, double strike, double rate, double time)
{
    double m = (log_ratio(spot, strike) + rate * time) / time;
    return sqrt(sqrt(4.0 * m * m + 1e-4));
}

/* The error of the price at a volatility, the vega, and d1 d2 / vol. */
static inline double miss(double vol, double price, double spot, double forward, double discounted, double root,
                          double *vega, double *bend)
{
    double spread = vol * root, d1 = forward / spread + 0.5 * spread, d2 = d1 - spread;
    double density = spot * ROOT_TWO_PI_INVERSE * quick_exp(fmax(-0.5 * d1 * d1, -700.0));
    double tail1 = density * mills(fabs(d1)), tail2 = density * mills(fabs(d2));
    *vega = density * root;
    *bend = d1 * d2 / vol;
    return (d1 > 0 ? spot - tail1 : tail1) - (d2 > 0 ? discounted - tail2 : tail2) - price;
}

void plain(long n, const double *restrict price, const double *restrict spot, const double *restrict strike,
           const double *restrict rate, const double *restrict time, double *restrict out)
{
#pragma omp parallel for schedule(static) if (n >= 5000)
    for (long i = 0; i < n; i++) {
        double vol = start(spot[i], strike[i], rate[i], time[i]), slope = 0.0, vega, bend;
        double root = sqrt(time[i]), forward = log_ratio(spot[i], strike[i]) + rate[i] * time[i];
        double discounted = strike[i] * quick_exp(-rate[i] * time[i]);
        double error = miss(vol, price[i], spot[i], forward, discounted, root, &vega, &bend);
        while (fabs(error) > TOLERANCE) {
            double inverse = 1.0 / vega;
            slope = inverse + error * bend * slope * inverse;
            vol -= error * inverse;
            error = miss(vol, price[i], spot[i], forward, discounted, root, &vega, &bend);
        }
        out[i] = vol;
        out[n + i] = slope;
    }
}

void blocks(long n, const double *restrict price, const double *restrict spot, const double *restrict strike,
            const double *restrict rate, const double *restrict time, double *restrict out)
{
#pragma omp parallel for schedule(static) if (n >= 5000)
    for (long begin = 0; begin < n; begin += BLOCK) {
        double vol[BLOCK], slope[BLOCK], error[BLOCK], vega[BLOCK], bend[BLOCK], root[BLOCK], forward[BLOCK];
        double discounted[BLOCK], p[BLOCK], s[BLOCK], worst = 0.0;
        for (int j = 0; j < BLOCK; j++) {
            long i = begin + j < n ? begin + j : n - 1;
            p[j] = price[i], s[j] = spot[i], slope[j] = 0.0, root[j] = sqrt(time[i]);
            vol[j] = start(s[j], strike[i], rate[i], time[i]);
            forward[j] = log_ratio(s[j], strike[i]) + rate[i] * time[i];
            discounted[j] = strike[i] * quick_exp(-rate[i] * time[i]);
            error[j] = miss(vol[j], p[j], s[j], forward[j], discounted[j], root[j], &vega[j], &bend[j]);
            worst = fmax(worst, fabs(error[j]));
        }
        while (worst > TOLERANCE) {
            worst = 0.0;
            for (int j = 0; j < BLOCK; j++) {
                double inverse = 1.0 / vega[j];
                int go = fabs(error[j]) > TOLERANCE;
                slope[j] = go ? inverse + error[j] * bend[j] * slope[j] * inverse : slope[j];
                vol[j] = go ? vol[j] - error[j] * inverse : vol[j];
                error[j] = miss(vol[j], p[j], s[j], forward[j], discounted[j], root[j], &vega[j], &bend[j]);
                worst = fmax(worst, fabs(error[j]));
            }
        }
        for (int j = 0; j < BLOCK && begin + j < n; j++)
            out[begin + j] = vol[j], out[n + begin + j] = slope[j];
    }
}
