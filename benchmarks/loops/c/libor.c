/* LIBOR market model: each step keeps the rates and their growth; the drift is run back, and 1 / (1 + delta L)
 * is computed again.
 */
#include "lanes.h"

#define DELTA 0.25
#define LEFT (RATES - STEPS)

void libor(long lanes, const double *forward, const double *volatility, const double *z, double *value,
           double *by_forward, double *by_volatility)
{
    static const int maturity[] = {MATURITIES};
    static const double strike[] = {STRIKES};
    const int count = sizeof maturity / sizeof *maturity;
    const double step = sqrt(DELTA);
    vec *normal = memory(sizeof(vec) * (STEPS + 2 * STEPS * RATES)), (*kept)[RATES][2] = (void *)(normal + STEPS);
    vec total = all(0.0), arate[RATES], asigma[RATES], sums[RATES];
    for (int i = 0; i < RATES; i++)
        sums[i] = asigma[i] = all(0.0);
    for (long lane = 0; lane < lanes; lane += W) {
        vec rate[RATES], drift[STEPS], bond[LEFT], inverse[LEFT], abond[LEFT], aswap[LEFT], swap[LEFT];
        load_rows(normal, z + lane * STEPS, STEPS, STEPS);
        for (int i = 0; i < RATES; i++)
            rate[i] = all(forward[i]), arate[i] = all(0.0);
        for (int n = 0; n < STEPS; n++) {
            drift[n] = all(0.0);
            for (int i = n + 1; i < RATES; i++) {
                double sigma = volatility[i - n - 1], scaled = DELTA * sigma;
                drift[n] += scaled * rate[i] / (1.0 + DELTA * rate[i]);
                vec growth = exponential(scaled * drift[n] + sigma * (step * normal[n] - 0.5 * scaled));
                kept[n][i][0] = rate[i], kept[n][i][1] = growth;
                rate[i] *= growth;
            }
        }
        vec b = all(1.0), s = all(0.0), payoff = all(0.0), discount = all(1.0);
        for (int i = 0; i < LEFT; i++) {
            inverse[i] = 1.0 / (1.0 + DELTA * rate[STEPS + i]);
            bond[i] = b *= inverse[i];
            swap[i] = s += DELTA * b;
            abond[i] = aswap[i] = all(0.0);
        }
        for (int n = 0; n < STEPS; n++)
            discount /= 1.0 + DELTA * rate[n];
        for (int k = 0; k < count; k++) {
            int m = maturity[k] - 1;
            vec gain = bond[m] + strike[k] * swap[m] - 1.0, weight = 100.0 * discount;
            weight = choose(gain, all(0.0), weight, all(0.0));
            payoff += weight * gain;
            abond[m] += weight, aswap[m] += weight * strike[k];
        }
        total += payoff;
        for (int n = 0; n < STEPS; n++)
            arate[n] = -DELTA * payoff / (1.0 + DELTA * rate[n]);
        vec along = all(0.0), annuity = all(0.0);
        for (int i = LEFT - 1; i >= 0; i--) {
            annuity += aswap[i];
            along = (along + abond[i] + DELTA * annuity) * inverse[i];
            arate[STEPS + i] = -DELTA * along * bond[i];
        }
        for (int n = STEPS - 1; n >= 0; n--) {
            vec d = drift[n], adrift = all(0.0);
            for (int i = RATES - 1; i > n; i--) {
                double sigma = volatility[i - n - 1], scaled = DELTA * sigma;
                vec l = kept[n][i][0], growth = kept[n][i][1], part = 1.0 / (1.0 + DELTA * l), x = l * part;
                vec exponent = arate[i] * l * growth;
                adrift += scaled * exponent;
                asigma[i - n - 1] += exponent * (DELTA * d + step * normal[n] - scaled) + DELTA * adrift * x;
                arate[i] = arate[i] * growth + scaled * adrift * part * part;
                d -= scaled * x;
            }
        }
        for (int i = 0; i < RATES; i++)
            sums[i] += arate[i];
    }
    *value = sum(total);
    for (int i = 0; i < RATES; i++)
        by_forward[i] = sum(sums[i]), by_volatility[i] = sum(asigma[i]);
}
