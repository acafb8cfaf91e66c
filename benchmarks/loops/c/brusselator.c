/* The Brusselator: the states of SEGMENT steps are kept, and one state for each segment; a segment is computed again
 * before its reverse sweep, so that all fits the L2 cache.
 */
#include "lanes.h"

#ifndef SEGMENT
#define SEGMENT 7
#endif
#define SEGMENTS ((STEPS + SEGMENT - 1) / SEGMENT)

typedef struct { vec u[N], v[N]; } state;
typedef struct { vec a, b, d; } parameters;

INLINE vec bend(const vec *x, int i) { return x[i - 1] - 2.0 * x[i] + x[i + 1]; }

static void step(parameters p, const state *s, state *next)
{
    next->u[0] = s->u[0], next->u[N - 1] = s->u[N - 1], next->v[0] = s->v[0], next->v[N - 1] = s->v[N - 1];
    for (int i = 1; i < N - 1; i++) {
        vec u = s->u[i], v = s->v[i], reaction = u * u * v;
        next->u[i] = u + H * (p.a + reaction - (p.b + 1.0) * u + p.d * bend(s->u, i));
        next->v[i] = v + H * (p.b * u - reaction + p.d * bend(s->v, i));
    }
}

/* The adjoint of a state from that after the step, in place */
static void back(parameters p, const state *s, state *a, parameters *sums)
{
    vec hd = H * p.d, before_u = all(0.0), before_v = all(0.0), here_u = a->u[1], here_v = a->v[1];
    a->u[0] += hd * here_u, a->v[0] += hd * here_v;
    for (int i = 1; i < N - 1; i++) {
        vec u = s->u[i], v = s->v[i], au = here_u, av = here_v;
        vec after_u = i < N - 2 ? a->u[i + 1] : all(0.0), after_v = i < N - 2 ? a->v[i + 1] : all(0.0);
        sums->a += au, sums->b += u * (av - au);
        sums->d += au * bend(s->u, i) + av * bend(s->v, i);
        vec reaction = H * (au - av), uv = 2.0 * u * v;
        a->u[i] = au + reaction * uv - H * ((p.b + 1.0) * au - p.b * av) + hd * (before_u - 2.0 * au + after_u);
        a->v[i] = av + reaction * (u * u) + hd * (before_v - 2.0 * av + after_v);
        before_u = au, before_v = av, here_u = after_u, here_v = after_v;
    }
    a->u[N - 1] += hd * before_u, a->v[N - 1] += hd * before_v;
}

void brusselator(long lanes, const double *a0, const double *b0, const double *d0, const double *u0, const double *v0,
                 double *value, double *by_a, double *by_b, double *by_d, double *by_u, double *by_v)
{
    state *first = memory(sizeof(state) * (SEGMENTS + SEGMENT + 4)), *kept = first + SEGMENTS + 1;
    state *two = kept + SEGMENT, *a = two + 2;
    for (long lane = 0; lane < lanes; lane += W) {
        parameters p = {load(a0 + lane), load(b0 + lane), load(d0 + lane)}, sums = {all(0.0), all(0.0), all(0.0)};
        load_rows(first->u, u0 + lane * N, N, N), load_rows(first->v, v0 + lane * N, N, N);
        for (int s = 0; s < SEGMENTS; s++) {
            int steps = s < SEGMENTS - 1 ? SEGMENT : STEPS - s * SEGMENT;
            state *from = first + s;
            for (int t = 0; t < steps; t++) {
                state *to = t == steps - 1 ? first + s + 1 : two + t % 2;
                step(p, from, to);
                from = to;
            }
        }
        vec energy = all(0.0);
        const state *last = first + SEGMENTS;
        for (int i = 0; i < N; i++) {
            energy += last->u[i] * last->u[i] + last->v[i] * last->v[i];
            a->u[i] = 2.0 * last->u[i], a->v[i] = 2.0 * last->v[i];
        }
        store(value + lane, energy);
        for (int s = SEGMENTS - 1; s >= 0; s--) {
            int steps = s < SEGMENTS - 1 ? SEGMENT : STEPS - s * SEGMENT;
            for (int t = 1; t < steps; t++)
                step(p, t > 1 ? kept + t - 1 : first + s, kept + t);
            for (int t = steps - 1; t >= 0; t--)
                back(p, t ? kept + t : first + s, a, &sums);
        }
        store(by_a + lane, H * sums.a), store(by_b + lane, H * sums.b), store(by_d + lane, H * sums.d);
        store_rows(by_u + lane * N, a->u, N, N), store_rows(by_v + lane * N, a->v, N, N);
    }
}
