/* log det A + b' inv(A) b by Cholesky's factor: the adjoint of the factor overwrites itself. */
#include "lanes.h"

void cholesky(long lanes, const double *matrices, const double *rights, double *value, double *by_A, double *by_b)
{
    vec (*L)[N] = memory(sizeof(vec) * N * N * 2), (*a)[N] = L + N;
    for (long lane = 0; lane < lanes; lane += W) {
        vec y[N], ay[N], inverse[N], total = all(0.0);
        load_rows(L[0], matrices + lane * N * N, N * N, N * N), load_rows(y, rights + lane * N, N, N);
        for (int i = 0; i < N; i++) {
            for (int j = 0; j <= i; j++) {
                vec s = L[i][j];
                for (int k = 0; k < j; k++)
                    s -= L[i][k] * L[j][k];
                if (j < i)
                    L[i][j] = s * inverse[j];
                else
                    L[i][i] = root(s), inverse[i] = 1.0 / L[i][i];
            }
            for (int k = 0; k < i; k++)
                y[i] -= L[i][k] * y[k];
            y[i] *= inverse[i];
            ay[i] = 2.0 * y[i];
            total += y[i] * y[i] + 2.0 * logarithm(L[i][i]);
        }
        store(value + lane, total);
        for (int i = N - 1; i >= 0; i--) {
            ay[i] *= inverse[i]; /* now the adjoint of b[i] */
            a[i][i] = 2.0 * inverse[i] - ay[i] * y[i];
            for (int k = 0; k < i; k++) {
                a[i][k] = -ay[i] * y[k];
                ay[k] -= ay[i] * L[i][k];
            }
            for (int k = i + 1; k < N; k++)
                a[i][k] = all(0.0);
        }
        for (int i = N - 1; i >= 0; i--)
            for (int j = i; j >= 0; j--) {
                vec s = a[i][j] * inverse[j];
                if (j < i)
                    a[j][j] -= s * L[i][j];
                else
                    s *= 0.5;
                a[i][j] = s;
                for (int k = 0; k < j; k++) {
                    a[i][k] -= s * L[j][k];
                    a[j][k] -= s * L[i][k];
                }
            }
        store_rows(by_A + lane * N * N, a[0], N * N, N * N), store_rows(by_b + lane * N, ay, N, N);
    }
}
