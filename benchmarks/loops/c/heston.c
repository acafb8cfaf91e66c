/* Heston: a path keeps the volatility, the growth and the price of each step; the second normal is computed again. */
#include "lanes.h"

void heston(long lanes, double s0, double v0, double r, double kappa, double theta, double xi, double rho, double rho2,
            const double *z, double *value, double *by_s, double *by_v, double *by_r, double *by_kappa,
            double *by_theta, double *by_xi, double *by_rho, double *by_rho2)
{
    const double dt = 1.0 / N, step = sqrt(dt);
    vec *normal = memory(sizeof(vec) * 5 * N), (*kept)[3] = (void *)(normal + 2 * N);
    for (long i = 0; i < lanes; i += W) {
        load_rows(normal, z + i * 2 * N, 2 * N, 2 * N);
        vec s = all(s0), v = all(v0), total = all(0.0);
        for (int t = 0; t < N; t++) {
            vec z0 = normal[2 * t], z1 = normal[2 * t + 1];
            vec positive = larger(v, all(0.0)), deviation = root(positive + 1e-300);
            vec growth = exponential((r - 0.5 * positive) * dt + deviation * step * z0);
            kept[t][0] = deviation, kept[t][1] = growth, kept[t][2] = s = s * growth;
            v = v + kappa * dt * (theta - positive) + xi * step * deviation * (rho * z0 + rho2 * z1);
            total += s;
        }
        vec as = all(0.0), av = as, ar = as, akappa = as, atheta = as, axi = as, arho = as, arho2 = as;
        for (int t = N - 1; t >= 0; t--) {
            vec z0 = normal[2 * t], z1 = normal[2 * t + 1], z2 = rho * z0 + rho2 * z1;
            vec deviation = kept[t][0], growth = kept[t][1], positive = deviation * deviation;
            as += 1.0 / N;
            vec exponent = as * kept[t][2], shock = av * deviation * step;
            as *= growth;
            ar += exponent;
            axi += shock * z2, arho += shock * z0, arho2 += shock * z1;
            akappa += av * (theta - positive), atheta += av;
            vec by_deviation = step * (exponent * z0 + xi * (av * z2));
            vec by_positive = -dt * (0.5 * exponent + kappa * av) + 0.5 * by_deviation / deviation;
            av += choose(deviation, all(1e-149), by_positive, all(0.0));
        }
        store(value + i, total / N);
        store(by_s + i, as), store(by_v + i, av), store(by_r + i, ar * dt);
        store(by_kappa + i, akappa * dt), store(by_theta + i, atheta * (kappa * dt)), store(by_xi + i, axi);
        store(by_rho + i, arho * xi), store(by_rho2 + i, arho2 * xi);
    }
}
