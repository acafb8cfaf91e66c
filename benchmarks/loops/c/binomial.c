/* An American put on a binomial tree: the values of SEGMENT levels are kept, and those of one level for each segment;
 * a segment is computed again before its reverse sweep. Prices are the spot times powers of `up`, which all lanes share.
 */
#include "lanes.h"

#ifndef SEGMENT
#define SEGMENT 14
#endif
#define SEGMENTS ((N + SEGMENT - 1) / SEGMENT)

static double power[2 * N + 1]; /* up^(k - N) */

INLINE void level(int i, const vec *next, vec *v, vec spot, double strike, double rise, double fall)
{
    for (int j = 0; j <= i; j++)
        v[j] = larger(rise * next[j + 1] + fall * next[j], strike - spot * power[N + 2 * j - i]);
}

void binomial(long lanes, const double *spots, double strike, double r, double sigma, double years, double *value,
              double *by_spot, double *by_strike, double *by_r, double *by_sigma, double *by_years)
{
    const double dt = years / N, up = exp(sigma * sqrt(dt)), down = 1.0 / up, discount = exp(-r * dt);
    const double p = (exp(r * dt) - down) / (up - down), rise = discount * p, fall = discount * (1.0 - p);
    power[N] = 1.0;
    for (int k = 1; k <= N; k++)
        power[N + k] = power[N + k - 1] * up, power[N - k] = power[N - k + 1] * down;
    vec (*first)[N + 1] = memory(sizeof(vec) * (N + 1) * (SEGMENTS + SEGMENT + 3)), (*kept)[N + 1] = first + SEGMENTS + 1;
    vec *a = kept[SEGMENT], *row = a + N + 1;
    for (long lane = 0; lane < lanes; lane += W) {
        vec spot = load(spots + lane), arise = all(0.0), afall = arise, price = arise, ups = arise, exercised = arise;
        for (int j = 0; j <= N; j++)
            first[SEGMENTS][j] = larger(strike - spot * power[2 * j], all(0.0));
        for (int s = SEGMENTS - 1; s >= 0; s--) {
            int top = s < SEGMENTS - 1 ? (s + 1) * SEGMENT : N;
            memcpy(row, first[s + 1], sizeof(vec) * (top + 1));
            for (int i = top - 1; i >= s * SEGMENT; i--)
                level(i, row, row, spot, strike, rise, fall);
            memcpy(first[s], row, sizeof(vec) * (s * SEGMENT + 1));
        }
        store(value + lane, first[0][0]);
        a[0] = all(1.0);
        for (int s = 0; s < SEGMENTS; s++) {
            int low = s * SEGMENT, top = s < SEGMENTS - 1 ? (s + 1) * SEGMENT : N;
            const vec *next = first[s + 1];
            for (int i = top - 1; i >= low; i--)
                level(i, next, kept[i - low], spot, strike, rise, fall), next = kept[i - low];
            for (int i = low; i < top; i++) {
                const vec *children = i < top - 1 ? kept[i - low + 1] : first[s + 1];
                vec before = all(0.0);
                for (int j = 0; j <= i; j++) {
                    vec s_ij = spot * power[N + 2 * j - i];
                    vec later = rise * children[j + 1] + fall * children[j];
                    vec on = choose(later, strike - s_ij, a[j], all(0.0)), off = a[j] - on;
                    exercised += off, price += off * s_ij, ups += off * s_ij * (2.0 * j - i);
                    arise += on * children[j + 1], afall += on * children[j];
                    a[j] = fall * on + rise * before;
                    before = on;
                }
                a[i + 1] = rise * before;
            }
        }
        for (int j = 0; j <= N; j++) {
            vec s_j = spot * power[2 * j], off = choose(strike - s_j, all(0.0), a[j], all(0.0));
            exercised += off, price += off * s_j, ups += off * s_j * (2.0 * j - N);
        }
        /* the chain from the tree's numbers to the parameters, by parameter: d up, d exp(r dt), d discount */
        const double by[3][3] = {{0.0, dt, -dt}, {up * sqrt(dt), 0.0, 0.0}, {up * sigma * sqrt(dt) / (2 * years), r / N, -r / N}};
        double *out[3] = {by_r, by_sigma, by_years};
        for (int k = 0; k < 3; k++) {
            double d_up = by[k][0], d_down = -down * down * d_up, d_discount = by[k][2] * discount;
            double d_p = (by[k][1] * exp(r * dt) - d_down - p * (d_up - d_down)) / (up - down);
            double d_rise = d_discount * p + discount * d_p, d_fall = d_discount * (1.0 - p) - discount * d_p;
            store(out[k] + lane, arise * d_rise + afall * d_fall - ups * (d_up / up));
        }
        store(by_spot + lane, -price / spot), store(by_strike + lane, exercised);
    }
}
