/* A Kalman filter: the variances are the same for all lanes and computed once; a lane keeps its errors. */
#include "lanes.h"

void kalman(long lanes, double q1, double q2, double r, double a0, double v0, const double *y, double *value,
            double *by_q1, double *by_q2, double *by_r, double *by_a, double *by_v)
{
    double k0[N], k1[N], p00[N], p01[N], inverse[N], logs = 0.0, c00 = 1.0, c01 = 0.0, c11 = 1.0;
    for (int t = 0; t < N; t++) {
        p00[t] = c00 + 2 * c01 + c11 + q1, p01[t] = c01 + c11;
        double p11 = c11 + q2, s = p00[t] + r;
        inverse[t] = 1.0 / s, k0[t] = p00[t] / s, k1[t] = p01[t] / s, logs += log(s);
        c00 = p00[t] - k0[t] * p00[t], c01 = p01[t] - k0[t] * p01[t], c11 = p11 - k1[t] * p01[t];
    }
    vec *error = memory(sizeof(vec) * N);
    for (long i = 0; i < lanes; i += W) {
        load_rows(error, y + i * N, N, N);
        vec a = all(a0), v = all(v0), squares = all(0.0);
        for (int t = 0; t < N; t++) {
            a += v;
            vec e = error[t] -= a;
            squares += e * e * all(inverse[t]);
            a += all(k0[t]) * e, v += all(k1[t]) * e;
        }
        store(value + i, -0.5 * (logs + squares));
        vec aa = all(0.0), av = aa, b00 = aa, b01 = aa, b11 = aa, aq1 = aa, aq2 = aa, ar = aa;
        for (int t = N - 1; t >= 0; t--) {
            vec e = error[t], i_s = all(inverse[t]), g0 = all(k0[t]), g1 = all(k1[t]), rest = all(1 - k0[t]);
            vec scaled = e * i_s, ak0 = aa * e - b00 * all(p00[t]) - b01 * all(p01[t]), ak1 = av * e - b11 * all(p01[t]);
            vec as = all(0.5) * (scaled * scaled - i_s) - (ak0 * g0 + ak1 * g1) * i_s;
            vec a00 = b00 * rest + ak0 * i_s + as, a01 = b01 * rest - b11 * g1 + ak1 * i_s;
            aa = aa * rest - av * g1 + scaled;
            av += aa;
            aq1 += a00, aq2 += b11, ar += as;
            b11 += a00 + a01, b01 = a00 + a00 + a01, b00 = a00;
        }
        store(by_q1 + i, aq1), store(by_q2 + i, aq2), store(by_r + i, ar), store(by_a + i, aa), store(by_v + i, av);
    }
}
