/* log-sum-exp of one long vector: the exponentials are kept in the place of the gradient. */
#include "lanes.h"

void log_sum_exp(long lanes, const double *x, double *value, double *by_x)
{
    double most = x[0], total = 0.0;
    vec largest = all(x[0]), sums = all(0.0);
    long i = 0;
    for (; i + W <= N; i += W)
        largest = larger(largest, load(x + i));
    for (int l = 0; l < W; l++)
        most = fmax(most, largest[l]);
    for (; i < N; i++)
        most = fmax(most, x[i]);
    for (i = 0; i + W <= N; i += W) {
        vec e = exponential(load(x + i) - most);
        store(by_x + i, e);
        sums += e;
    }
    for (; i < N; i++)
        total += by_x[i] = exp(x[i] - most);
    total += sum(sums);
    *value = most + log(total);
    for (i = 0; i < N; i++)
        by_x[i] *= 1.0 / total;
}
