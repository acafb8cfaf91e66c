/* Eight leaves of equal work, by three comparisons or the first leaf for all, with the derivative by w. `branching`
 * goes lane by lane; `sorting` sorts a block's lanes by leaf first, so that each leaf's loop is vector code.
 */
#include "vector_math.h"

static inline void leaf(double a, double b, double w, long i, long n, double *restrict out)
{
    double t = w, slope = 1.0;
    for (int round = 0; round < 4; round++) {
        double e = quick_exp(-t * t);
        slope = slope * (a - 2.0 * b * t * e);
        t = a * t + b * e;
    }
    out[i] = t;
    out[n + i] = slope;
}

void branching(long n, const double *restrict table, const double *restrict x, const double *restrict y,
               const double *restrict z, const double *restrict w, double *restrict out)
{
#pragma omp parallel for schedule(static) if (n >= 5000)
    for (long i = 0; i < n; i++) {
        int which;
        if (x[i] > 0)
            which = y[i] > 0 ? (z[i] > 0 ? 0 : 1) : (z[i] > 0 ? 2 : 3);
        else
            which = y[i] > 0 ? (z[i] > 0 ? 4 : 5) : (z[i] > 0 ? 6 : 7);
        leaf(table[2 * which], table[2 * which + 1], w[i], i, n, out);
    }
}

#define BLOCK 4096

void sorting(long n, const double *restrict table, const double *restrict x, const double *restrict y,
             const double *restrict z, const double *restrict w, double *restrict out)
{
#pragma omp parallel for schedule(static) if (n >= 5000)
    for (long begin = 0; begin < n; begin += BLOCK) {
        static _Thread_local double packed[BLOCK], result[2 * BLOCK];
        static _Thread_local int lane[BLOCK], which[BLOCK];
        int lanes = n - begin < BLOCK ? (int)(n - begin) : BLOCK, ends[9] = {0};
        for (int j = 0; j < lanes; j++) {
            long i = begin + j;
            which[j] = 4 * !(x[i] > 0) + 2 * !(y[i] > 0) + !(z[i] > 0);
        }
        for (int j = 0; j < lanes; j++)
            ends[which[j] + 1]++;
        for (int k = 0; k < 8; k++)
            ends[k + 1] += ends[k];
        for (int j = 0; j < lanes; j++)
            lane[ends[which[j]]++] = j; /* ends[k] moves from the begin of leaf k to its end */
        for (int j = 0; j < lanes; j++)
            packed[j] = w[begin + lane[j]];
        for (int k = 0; k < 8; k++) {
            double a = table[2 * k], b = table[2 * k + 1];
#pragma omp simd
            for (int j = k ? ends[k - 1] : 0; j < ends[k]; j++)
                leaf(a, b, packed[j], j, BLOCK, result);
        }
        for (int j = 0; j < lanes; j++) {
            out[begin + lane[j]] = result[j];
            out[n + begin + lane[j]] = result[BLOCK + j];
        }
    }
}

void straight(long n, const double *restrict table, const double *restrict x, const double *restrict y,
              const double *restrict z, const double *restrict w, double *restrict out)
{
    double a = table[0], b = table[1];
#pragma omp parallel for simd schedule(static) if (parallel : n >= 5000)
    for (long i = 0; i < n; i++)
        leaf(a, b, w[i], i, n, out);
}
