/* Kepler by Runge-Kutta: a step keeps its state alone; the stages are computed again. */
#include "lanes.h"

typedef struct { vec x, y, vx, vy; } state;

INLINE vec pull(state s, vec *inverse)
{
    *inverse = 1.0 / (s.x * s.x + s.y * s.y);
    return *inverse * root(*inverse);
}
INLINE state field(state s)
{
    vec inverse, p = pull(s, &inverse);
    return (state){s.vx, s.vy, -p * s.x, -p * s.y};
}
INLINE state along(state s, double h, state k)
{
    return (state){s.x + h * k.x, s.y + h * k.y, s.vx + h * k.vx, s.vy + h * k.vy};
}
INLINE state scaled(double h, state k) { return (state){h * k.x, h * k.y, h * k.vx, h * k.vy}; }

/* The adjoint of a state from the adjoint `a` of the field there, given the pull and its inverse square */
INLINE state pulled(state s, vec p, vec inverse, state a)
{
    vec radial = 3.0 * p * inverse * (a.vx * s.x + a.vy * s.y);
    return (state){radial * s.x - p * a.vx, radial * s.y - p * a.vy, a.x, a.y};
}

void kepler(long lanes, const double *x, const double *y, const double *vx, const double *vy, double *value,
            double *by_x, double *by_y, double *by_vx, double *by_vy)
{
    state *kept = memory(sizeof(state) * N);
    for (long i = 0; i < lanes; i += W) {
        state s = {load(x + i), load(y + i), load(vx + i), load(vy + i)};
        for (int t = 0; t < N; t++) {
            kept[t] = s;
            state k1 = field(s), k2 = field(along(s, H / 2, k1)), k3 = field(along(s, H / 2, k2));
            state k4 = field(along(s, H, k3));
            s = along(along(along(along(s, H / 6, k1), H / 3, k2), H / 3, k3), H / 6, k4);
        }
        store(value + i, s.x);
        state a = {all(1.0), all(0.0), all(0.0), all(0.0)};
        for (int t = N - 1; t >= 0; t--) {
            vec i1, i2, i3, i4;
            state s1 = kept[t];
            vec p1 = pull(s1, &i1);
            state s2 = along(s1, H / 2, (state){s1.vx, s1.vy, -p1 * s1.x, -p1 * s1.y});
            vec p2 = pull(s2, &i2);
            state s3 = along(s1, H / 2, (state){s2.vx, s2.vy, -p2 * s2.x, -p2 * s2.y});
            vec p3 = pull(s3, &i3);
            state s4 = along(s1, H, (state){s3.vx, s3.vy, -p3 * s3.x, -p3 * s3.y});
            vec p4 = pull(s4, &i4);
            state a4 = pulled(s4, p4, i4, scaled(H / 6, a));
            state a3 = pulled(s3, p3, i3, along(scaled(H / 3, a), H, a4));
            state a2 = pulled(s2, p2, i2, along(scaled(H / 3, a), H / 2, a3));
            state a1 = pulled(s1, p1, i1, along(scaled(H / 6, a), H / 2, a2));
            a = along(along(along(along(a, 1.0, a4), 1.0, a3), 1.0, a2), 1.0, a1);
        }
        store(by_x + i, a.x), store(by_y + i, a.y), store(by_vx + i, a.vx), store(by_vy + i, a.vy);
    }
}
