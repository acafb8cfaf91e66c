/* ADBench's LSTM: a step keeps four gates, the cell and its tanh for each unit. The adjoint of the output is known at
 * once, so the forward sweep computes it. Adjoints of the weights are summed over steps and lanes.
 */
#include "lanes.h"

enum { FORGET, INGATE, OUTGATE, CHANGE, CELL, TANH, KEPT };

void lstm(long lanes, const double *main_, const double *extra_, const double *start, const double *sequences,
          double *value, double *by_main, double *by_extra)
{
    const double (*main)[4][HIDDEN] = (void *)main_, (*extra)[HIDDEN] = (void *)extra_;
    const double (*state)[HIDDEN] = (void *)start, weight = -1.0 / ((N - 1) * HIDDEN);
    vec (*sequence)[HIDDEN] = memory(sizeof(vec) * N * HIDDEN * (2 + LAYERS * KEPT));
    vec (*by_top)[HIDDEN] = sequence + N, (*kept)[LAYERS][HIDDEN][KEPT] = (void *)(by_top + N);
    vec sums[2 * LAYERS][4][HIDDEN], extra_sums[3][HIDDEN], total = all(0.0);
    memset(sums, 0, sizeof sums), memset(extra_sums, 0, sizeof extra_sums);
    for (long lane = 0; lane < lanes; lane += W) {
        load_rows(sequence[0], sequences + lane * N * HIDDEN, N * HIDDEN, N * HIDDEN);
        vec h[LAYERS][HIDDEN], c[LAYERS][HIDDEN];
        for (int l = 0; l < LAYERS; l++)
            for (int i = 0; i < HIDDEN; i++)
                h[l][i] = all(state[2 * l][i]), c[l][i] = all(state[2 * l + 1][i]);
        for (int t = 0; t < N - 1; t++) {
            vec x[HIDDEN], e[HIDDEN], y[HIDDEN], scale = all(2.0), count = all(0.0);
            for (int i = 0; i < HIDDEN; i++)
                x[i] = sequence[t][i] * extra[0][i];
            for (int l = 0; l < LAYERS; l++) {
                const double (*w)[HIDDEN] = main[2 * l], (*b)[HIDDEN] = main[2 * l + 1];
                for (int i = 0; i < HIDDEN; i++) {
                    vec *k = kept[t][l][i];
                    k[FORGET] = sigmoid(x[i] * w[0][i] + b[0][i]);
                    k[INGATE] = sigmoid(h[l][i] * w[1][i] + b[1][i]);
                    k[OUTGATE] = sigmoid(x[i] * w[2][i] + b[2][i]);
                    k[CHANGE] = tangent(h[l][i] * w[3][i] + b[3][i]);
                    k[CELL] = c[l][i] = c[l][i] * k[FORGET] + k[INGATE] * k[CHANGE];
                    k[TANH] = tangent(c[l][i]);
                    x[i] = h[l][i] = k[OUTGATE] * k[TANH];
                }
            }
            for (int i = 0; i < HIDDEN; i++) {
                y[i] = x[i] * extra[1][i] + extra[2][i];
                scale += e[i] = exponential(y[i]);
                count += sequence[t + 1][i];
                total += sequence[t + 1][i] * y[i];
            }
            total -= count * logarithm(scale);
            vec share = count / scale;
            for (int i = 0; i < HIDDEN; i++) {
                vec by_y = weight * (sequence[t + 1][i] - share * e[i]);
                extra_sums[1][i] += by_y * x[i], extra_sums[2][i] += by_y;
                by_top[t][i] = by_y * extra[1][i];
            }
        }
        vec ah[LAYERS][HIDDEN], ac[LAYERS][HIDDEN];
        memset(ah, 0, sizeof ah), memset(ac, 0, sizeof ac);
        for (int t = N - 2; t >= 0; t--) {
            vec above[HIDDEN];
            memcpy(above, by_top[t], sizeof above);
            for (int l = LAYERS - 1; l >= 0; l--) {
                const double (*w)[HIDDEN] = main[2 * l];
                vec (*by_w)[HIDDEN] = sums[2 * l], (*by_b)[HIDDEN] = sums[2 * l + 1];
                for (int i = 0; i < HIDDEN; i++) {
                    const vec *k = kept[t][l][i], *below = kept[t][l ? l - 1 : 0][i], *before = kept[t ? t - 1 : 0][l][i];
                    vec x = l ? below[OUTGATE] * below[TANH] : sequence[t][i] * extra[0][i];
                    vec old_h = t ? before[OUTGATE] * before[TANH] : all(state[2 * l][i]);
                    vec old_c = t ? before[CELL] : all(state[2 * l + 1][i]);
                    vec a = ah[l][i] + above[i], cell = ac[l][i] + a * k[OUTGATE] * (1.0 - k[TANH] * k[TANH]);
                    vec forget = cell * old_c * k[FORGET] * (1.0 - k[FORGET]);
                    vec ingate = cell * k[CHANGE] * k[INGATE] * (1.0 - k[INGATE]);
                    vec outgate = a * k[TANH] * k[OUTGATE] * (1.0 - k[OUTGATE]);
                    vec change = cell * k[INGATE] * (1.0 - k[CHANGE] * k[CHANGE]);
                    by_w[0][i] += forget * x, by_b[0][i] += forget, by_w[1][i] += ingate * old_h, by_b[1][i] += ingate;
                    by_w[2][i] += outgate * x, by_b[2][i] += outgate, by_w[3][i] += change * old_h, by_b[3][i] += change;
                    above[i] = forget * w[0][i] + outgate * w[2][i];
                    ah[l][i] = ingate * w[1][i] + change * w[3][i];
                    ac[l][i] = cell * k[FORGET];
                }
            }
            for (int i = 0; i < HIDDEN; i++)
                extra_sums[0][i] += above[i] * sequence[t][i];
        }
    }
    *value = weight * sum(total);
    for (int k = 0; k < 8 * LAYERS * HIDDEN; k++)
        by_main[k] = sum((&sums[0][0][0])[k]);
    for (int k = 0; k < 3 * HIDDEN; k++)
        by_extra[k] = sum((&extra_sums[0][0])[k]);
}
