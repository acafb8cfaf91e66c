/* Lorenz by Runge-Kutta: a step keeps its state alone; the stages are computed again. */
#include "lanes.h"

typedef struct { vec x, y, z; } state;
typedef struct { vec sigma, rho, beta; } parameters;

INLINE state field(state s, parameters p)
{
    return (state){p.sigma * (s.y - s.x), s.x * (p.rho - s.z) - s.y, s.x * s.y - p.beta * s.z};
}
INLINE state along(state s, double h, state k) { return (state){s.x + h * k.x, s.y + h * k.y, s.z + h * k.z}; }
INLINE state scaled(double h, state k) { return (state){h * k.x, h * k.y, h * k.z}; }

/* The adjoint of a state from the adjoint `a` of the field there; that of the parameters is added to `sums`. */
INLINE state pulled(state s, parameters p, state a, parameters *sums)
{
    sums->sigma += a.x * (s.y - s.x), sums->rho += a.y * s.x, sums->beta -= a.z * s.z;
    return (state){(p.rho - s.z) * a.y + s.y * a.z - p.sigma * a.x, p.sigma * a.x - a.y + s.x * a.z,
                   -s.x * a.y - p.beta * a.z};
}

void lorenz(long lanes, const double *x, const double *y, const double *z, const double *sigma, const double *rho,
            const double *beta, double *value, double *by_x, double *by_y, double *by_z, double *by_sigma,
            double *by_rho, double *by_beta)
{
    state *kept = memory(sizeof(state) * N);
    for (long i = 0; i < lanes; i += W) {
        state s = {load(x + i), load(y + i), load(z + i)};
        parameters p = {load(sigma + i), load(rho + i), load(beta + i)};
        for (int t = 0; t < N; t++) {
            kept[t] = s;
            state k1 = field(s, p), k2 = field(along(s, H / 2, k1), p), k3 = field(along(s, H / 2, k2), p);
            state k4 = field(along(s, H, k3), p);
            s = along(along(s, H / 3, (state){k2.x + k3.x, k2.y + k3.y, k2.z + k3.z}), H / 6,
                      (state){k1.x + k4.x, k1.y + k4.y, k1.z + k4.z});
        }
        store(value + i, s.x);
        state a = {all(1.0), all(0.0), all(0.0)};
        parameters sums = {all(0.0), all(0.0), all(0.0)};
        for (int t = N - 1; t >= 0; t--) {
            state s1 = kept[t], s2 = along(s1, H / 2, field(s1, p)), s3 = along(s1, H / 2, field(s2, p));
            state s4 = along(s1, H, field(s3, p));
            state a4 = pulled(s4, p, scaled(H / 6, a), &sums);
            state a3 = pulled(s3, p, along(scaled(H / 3, a), H, a4), &sums);
            state a2 = pulled(s2, p, along(scaled(H / 3, a), H / 2, a3), &sums);
            state a1 = pulled(s1, p, along(scaled(H / 6, a), H / 2, a2), &sums);
            a = along(along(along(along(a, 1.0, a4), 1.0, a3), 1.0, a2), 1.0, a1);
        }
        store(by_x + i, a.x), store(by_y + i, a.y), store(by_z + i, a.z);
        store(by_sigma + i, sums.sigma), store(by_rho + i, sums.rho), store(by_beta + i, sums.beta);
    }
}
