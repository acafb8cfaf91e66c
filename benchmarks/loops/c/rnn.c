/* A recurrent network: a step keeps its hidden state. Adjoints of the weights are summed over steps and lanes. */
#include "lanes.h"

void rnn(long lanes, const double *w_, const double *u_, const double *b, const double *v, const double *xs,
         const double *ys, double *value, double *by_w, double *by_u, double *by_b, double *by_v)
{
    const double (*w)[INPUTS] = (void *)w_, (*u)[HIDDEN] = (void *)u_;
    vec (*x)[INPUTS] = memory(sizeof(vec) * N * (INPUTS + HIDDEN)), (*kept)[HIDDEN] = (void *)(x + N);
    vec aw[HIDDEN][INPUTS], au[HIDDEN][HIDDEN], ab[HIDDEN], av[HIDDEN], total = all(0.0);
    memset(aw, 0, sizeof aw), memset(au, 0, sizeof au), memset(ab, 0, sizeof ab), memset(av, 0, sizeof av);
    for (long lane = 0; lane < lanes; lane += W) {
        load_rows(x[0], xs + lane * N * INPUTS, N * INPUTS, N * INPUTS);
        vec h[HIDDEN] = {0}, a[HIDDEN], error = -load(ys + lane);
        for (int t = 0; t < N; t++) {
            vec next[HIDDEN];
            for (int i = 0; i < HIDDEN; i++) {
                vec z = all(b[i]);
                for (int j = 0; j < INPUTS; j++)
                    z += w[i][j] * x[t][j];
                for (int j = 0; j < HIDDEN; j++)
                    z += u[i][j] * h[j];
                next[i] = z;
            }
            for (int i = 0; i < HIDDEN; i++)
                kept[t][i] = h[i] = tangent(next[i]);
        }
        for (int i = 0; i < HIDDEN; i++)
            error += v[i] * h[i];
        total += error * error;
        for (int i = 0; i < HIDDEN; i++)
            av[i] += 2.0 * error * h[i], a[i] = 2.0 * error * v[i];
        for (int t = N - 1; t >= 0; t--) {
            vec before[HIDDEN] = {0};
            for (int i = 0; i < HIDDEN; i++) {
                vec z = a[i] * (1.0 - kept[t][i] * kept[t][i]);
                ab[i] += z;
                for (int j = 0; j < INPUTS; j++)
                    aw[i][j] += z * x[t][j];
                for (int j = 0; j < HIDDEN; j++)
                    before[j] += u[i][j] * z;
                if (t)
                    for (int j = 0; j < HIDDEN; j++)
                        au[i][j] += z * kept[t - 1][j];
            }
            memcpy(a, before, sizeof a);
        }
    }
    *value = sum(total);
    for (int i = 0; i < HIDDEN; i++) {
        by_b[i] = sum(ab[i]), by_v[i] = sum(av[i]);
        for (int j = 0; j < INPUTS; j++)
            by_w[i * INPUTS + j] = sum(aw[i][j]);
        for (int j = 0; j < HIDDEN; j++)
            by_u[i * HIDDEN + j] = sum(au[i][j]);
    }
}
