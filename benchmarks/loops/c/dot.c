/* The scalar product of two long vectors: each is the gradient with respect to the other. */
#include "lanes.h"

void dot(long lanes, const double *x, const double *y, double *value, double *by_x, double *by_y)
{
    vec sums[4] = {all(0.0), all(0.0), all(0.0), all(0.0)};
    double total = 0.0;
    long i = 0;
    for (; i + 4 * W <= N; i += 4 * W)
        for (int k = 0; k < 4; k++) {
            vec a = load(x + i + k * W), b = load(y + i + k * W);
            sums[k] += a * b;
            store(by_x + i + k * W, b), store(by_y + i + k * W, a);
        }
    for (; i < N; i++)
        total += x[i] * y[i], by_x[i] = y[i], by_y[i] = x[i];
    *value = total + sum(sums[0] + sums[1] + (sums[2] + sums[3]));
}
