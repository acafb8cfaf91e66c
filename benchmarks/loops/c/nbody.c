/* Gravity between N bodies: a step keeps the positions, and for each pair the pull and the inverse square. */
#include "lanes.h"

#define PAIRS (N * (N - 1) / 2)

typedef vec bodies[N][3];

void nbody(long lanes, const double *positions, const double *velocities, const double *masses, double *value,
           double *by_position, double *by_velocity, double *by_mass)
{
    bodies *kept = memory(sizeof(bodies) * (STEPS + 1) + sizeof(vec) * STEPS * PAIRS * 2);
    vec (*pulls)[PAIRS][2] = (void *)(kept + STEPS + 1);
    for (long lane = 0; lane < lanes; lane += W) {
        bodies v, ax, av, force;
        vec m[N], am[N], total = all(0.0);
        load_rows(kept[0][0], positions + lane * 3 * N, 3 * N, 3 * N);
        load_rows(v[0], velocities + lane * 3 * N, 3 * N, 3 * N), load_rows(m, masses + lane * N, N, N);
        for (int t = 0; t < STEPS; t++) {
            vec (*x)[3] = kept[t], *pull = pulls[t][0];
            memset(force, 0, sizeof force);
            for (int i = 0; i < N; i++)
                for (int j = 0; j < i; j++, pull += 2) {
                    vec d0 = x[j][0] - x[i][0], d1 = x[j][1] - x[i][1], d2 = x[j][2] - x[i][2];
                    vec inverse = 1.0 / (d0 * d0 + d1 * d1 + d2 * d2 + SOFTENING), w = inverse * root(inverse);
                    pull[0] = w, pull[1] = inverse;
                    vec wi = m[i] * w, wj = m[j] * w;
                    force[i][0] += wj * d0, force[i][1] += wj * d1, force[i][2] += wj * d2;
                    force[j][0] -= wi * d0, force[j][1] -= wi * d1, force[j][2] -= wi * d2;
                }
            for (int i = 0; i < N; i++)
                for (int c = 0; c < 3; c++) {
                    v[i][c] += H * force[i][c];
                    kept[t + 1][i][c] = x[i][c] + H * v[i][c];
                }
        }
        for (int i = 0; i < N; i++)
            for (int c = 0; c < 3; c++) {
                vec x = kept[STEPS][i][c];
                total += x * x, ax[i][c] = 2.0 * x, av[i][c] = am[i] = all(0.0);
            }
        store(value + lane, total);
        for (int t = STEPS - 1; t >= 0; t--) {
            vec (*x)[3] = kept[t], *pull = pulls[t][0], (*f)[3] = force;
            for (int i = 0; i < N; i++)
                for (int c = 0; c < 3; c++) {
                    av[i][c] += H * ax[i][c];
                    f[i][c] = H * av[i][c];
                }
            for (int i = 0; i < N; i++)
                for (int j = 0; j < i; j++, pull += 2) {
                    vec w = pull[0], d[3], g[3], along_i = all(0.0), along_j = all(0.0);
                    for (int c = 0; c < 3; c++) {
                        d[c] = x[j][c] - x[i][c];
                        along_i += f[i][c] * d[c], along_j += f[j][c] * d[c];
                        g[c] = m[j] * f[i][c] - m[i] * f[j][c];
                    }
                    am[j] += w * along_i, am[i] -= w * along_j;
                    vec radial = -3.0 * w * pull[1] * (m[j] * along_i - m[i] * along_j);
                    for (int c = 0; c < 3; c++) {
                        vec by_d = w * g[c] + radial * d[c];
                        ax[j][c] += by_d, ax[i][c] -= by_d;
                    }
                }
        }
        store_rows(by_position + lane * 3 * N, ax[0], 3 * N, 3 * N);
        store_rows(by_velocity + lane * 3 * N, av[0], 3 * N, 3 * N), store_rows(by_mass + lane * N, am, N, N);
    }
}
