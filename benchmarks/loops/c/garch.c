/* GARCH(1, 1): a step keeps its variance and the inverse of that. */
#include "lanes.h"

void garch(long lanes, double mu, double omega, double alpha, double beta, const double *returns, double *value,
           double *by_mu, double *by_omega, double *by_alpha, double *by_beta)
{
    const double rest = 1.0 - alpha - beta, start = omega / rest;
    const vec mu_ = all(mu), omega_ = all(omega), alpha_ = all(alpha), beta_ = all(beta), two = all(2.0 * alpha);
    vec *error = memory(sizeof(vec) * 3 * N), (*kept)[2] = (void *)(error + N);
    for (long i = 0; i < lanes; i += W) {
        load_rows(error, returns + i * N, N, N);
        vec variance = all(start), total = all(0.0);
        for (int t = 0; t < N; t++) {
            vec e = error[t] -= mu_, inverse = all(1.0) / variance;
            kept[t][0] = variance, kept[t][1] = inverse;
            total += logarithm(variance) + e * e * inverse;
            variance = omega_ + alpha_ * (e * e) + beta_ * variance;
        }
        store(value + i, -0.5 * total);
        vec av = all(0.0), amu = av, aomega = av, aalpha = av, abeta = av;
        for (int t = N - 1; t >= 0; t--) {
            vec e = error[t], inverse = kept[t][1], scaled = e * inverse;
            aomega += av, aalpha += av * (e * e), abeta += av * kept[t][0];
            amu += scaled - two * (e * av);
            av = beta_ * av + all(0.5) * (scaled * scaled - inverse);
        }
        vec astart = av * (start / rest);
        store(by_mu + i, amu), store(by_omega + i, aomega + av / rest);
        store(by_alpha + i, aalpha + astart), store(by_beta + i, abeta + astart);
    }
}
