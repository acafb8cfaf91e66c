/* The log-likelihood of a Gaussian mixture and its gradient, in ADBench's parameters: for each of K components a
 * weight alpha, a mean, and the inverse root of the covariance, a lower triangle L with exp of its diagonal stored
 * first. By point the responsibilities r_k come from e_k = alpha_k + sum of log-diagonal - |L (x - mean)|^2 / 2; the
 * rest is r_k times the derivatives of e_k. BLOCK points at a time, so that all inner loops run over points and
 * become vector code. D and K are compiled in. `out` is value, by alpha, by mean, by the triangle (diagonal, then
 * columns below it).
 */
#include "vector_math.h"

#ifndef D
#define D 2
#define K 5
#endif
#define BELOW (D * (D - 1) / 2)
#define PACKED (D + BELOW)
#define BLOCK 64
#define COUNT (1 + K + K * D + K * PACKED)

/* Adds a block's share to `sums`; lanes from `lanes` on weigh nothing. */
static void block(const double *restrict alpha, const double *restrict mean, const double *restrict packed,
                  const double (*restrict diagonal)[D], double x[D][BLOCK], long lanes, double *restrict sums)
{
    double z[K][D][BLOCK], e[K][BLOCK], most[BLOCK], total[BLOCK], value = 0.0;
    for (int k = 0; k < K; k++) {
        const double *below = packed + k * PACKED + D;
        double shift = alpha[k];
        for (int d = 0; d < D; d++)
            shift += packed[k * PACKED + d];
        for (int i = 0; i < BLOCK; i++)
            e[k][i] = shift;
        for (int d = 0; d < D; d++) {
            for (int i = 0; i < BLOCK; i++)
                z[k][d][i] = diagonal[k][d] * (x[d][i] - mean[k * D + d]);
            for (int c = 0, at = d - 1; c < d; at += D - 2 - c, c++)
                for (int i = 0; i < BLOCK; i++)
                    z[k][d][i] += below[at] * (x[c][i] - mean[k * D + c]);
            for (int i = 0; i < BLOCK; i++)
                e[k][i] -= 0.5 * z[k][d][i] * z[k][d][i];
        }
    }
    for (int i = 0; i < BLOCK; i++)
        most[i] = e[0][i], total[i] = 0.0;
    for (int k = 1; k < K; k++)
        for (int i = 0; i < BLOCK; i++)
            most[i] = fmax(most[i], e[k][i]);
    for (int k = 0; k < K; k++)
        for (int i = 0; i < BLOCK; i++) {
            e[k][i] = quick_exp(fmax(e[k][i] - most[i], -700.0));
            total[i] += e[k][i];
        }
    for (int i = 0; i < BLOCK; i++) {
        value += i < lanes ? most[i] + log_ratio(total[i], 1.0) : 0.0;
        total[i] = i < lanes ? 1.0 / total[i] : 0.0;
    }
    sums[0] += value;
    double *by_alpha = sums + 1, *by_mean = by_alpha + K, *by_packed = by_mean + K * D;
    for (int k = 0; k < K; k++) {
        const double *below = packed + k * PACKED + D;
        double *by_below = by_packed + k * PACKED + D, sum = 0.0;
        for (int i = 0; i < BLOCK; i++) {
            e[k][i] *= total[i];
            sum += e[k][i];
        }
        by_alpha[k] += sum;
        for (int d = 0; d < D; d++) {
            double by_z = 0.0, by_diagonal = 0.0;
            for (int i = 0; i < BLOCK; i++) {
                z[k][d][i] *= -e[k][i]; /* from here on, the derivative by z */
                by_z += z[k][d][i];
                by_diagonal += z[k][d][i] * (x[d][i] - mean[k * D + d]);
            }
            by_packed[k * PACKED + d] += sum + diagonal[k][d] * by_diagonal;
            by_mean[k * D + d] -= diagonal[k][d] * by_z;
            for (int c = 0, at = d - 1; c < d; at += D - 2 - c, c++) {
                double by_entry = 0.0;
                for (int i = 0; i < BLOCK; i++)
                    by_entry += z[k][d][i] * (x[c][i] - mean[k * D + c]);
                by_below[at] += by_entry;
                by_mean[k * D + c] -= below[at] * by_z;
            }
        }
    }
}

void gradient(long n, const double *restrict alpha, const double *restrict mean, const double *restrict packed,
              const double *restrict points, double *restrict out)
{
    double diagonal[K][D], sums[COUNT] = {0.0}, most = alpha[0], total = 0.0;
    for (int k = 0; k < K; k++)
        for (int d = 0; d < D; d++)
            diagonal[k][d] = exp(packed[k * PACKED + d]);
#pragma omp parallel for schedule(static) reduction(+ : sums) if (n >= 5000)
    for (long start = 0; start < n; start += BLOCK) {
        double x[D][BLOCK];
        long lanes = n - start < BLOCK ? n - start : BLOCK;
        for (long i = 0; i < BLOCK; i++)
            for (int d = 0; d < D; d++)
                x[d][i] = points[(start + (i < lanes ? i : 0)) * D + d];
        block(alpha, mean, packed, diagonal, x, lanes, sums);
    }
    for (int k = 1; k < K; k++)
        most = fmax(most, alpha[k]);
    for (int k = 0; k < K; k++)
        total += exp(alpha[k] - most);
    sums[0] -= n * (most + log(total));
    for (int k = 0; k < K; k++)
        sums[1 + k] -= n * exp(alpha[k] - most) / total;
    memcpy(out, sums, sizeof sums);
}
