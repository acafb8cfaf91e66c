/* Heat: the states of SEGMENT steps are kept, and one state for each segment; a segment is computed again before its
 * reverse sweep, so that all fits the L2 cache.
 */
#include "lanes.h"

#ifndef SEGMENT
#define SEGMENT 14
#endif
#define SEGMENTS ((STEPS + SEGMENT - 1) / SEGMENT)

INLINE void step(vec k, const vec *u, vec *next)
{
    next[0] = u[0], next[N - 1] = u[N - 1];
    for (int i = 1; i < N - 1; i++)
        next[i] = u[i] + k * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
}

void heat(long lanes, const double *conductivity, const double *start, double *value, double *by_k, double *by_u)
{
    vec (*first)[N] = memory(sizeof(vec) * N * (SEGMENTS + SEGMENT + 3)), (*kept)[N] = first + SEGMENTS + 1;
    for (long lane = 0; lane < lanes; lane += W) {
        vec k = load(conductivity + lane), energy = all(0.0), ak = all(0.0);
        load_rows(first[0], start + lane * N, N, N);
        for (int s = 0; s < SEGMENTS; s++) {
            int steps = s < SEGMENTS - 1 ? SEGMENT : STEPS - s * SEGMENT;
            vec two[2][N], *from = first[s];
            for (int t = 0; t < steps; t++) {
                vec *to = t == steps - 1 ? first[s + 1] : two[t % 2];
                step(k, from, to);
                from = to;
            }
        }
        vec *a = kept[SEGMENT + 1];
        for (int i = 0; i < N; i++)
            energy += first[SEGMENTS][i] * first[SEGMENTS][i], a[i] = 2.0 * first[SEGMENTS][i];
        store(value + lane, energy);
        for (int s = SEGMENTS - 1; s >= 0; s--) {
            int steps = s < SEGMENTS - 1 ? SEGMENT : STEPS - s * SEGMENT;
            const vec *from = first[s];
            for (int t = 0; t < steps - 1; t++)
                step(k, from, kept[t + 1]), from = kept[t + 1];
            for (int t = steps - 1; t >= 0; t--) {
                const vec *u = t ? kept[t] : first[s];
                vec before = all(0.0), here = k * a[1], end = a[N - 1];
                a[0] += here;
                for (int i = 1; i < N - 1; i++) { /* `before`, `here` and `after` are k times the adjoints inside */
                    vec after = i < N - 2 ? k * a[i + 1] : all(0.0);
                    ak += a[i] * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
                    a[i] += before - 2.0 * here + after;
                    before = here, here = after;
                }
                a[N - 1] = end + before;
            }
        }
        store(by_k + lane, ak);
        store_rows(by_u + lane * N, a, N, N);
    }
}
