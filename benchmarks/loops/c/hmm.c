/* A hidden Markov model: a step keeps its scaled probabilities and the inverse of their sum. The emissions' adjoints
 * are summed times the emissions, and divided by them once at the end.
 */
#include "lanes.h"

void hmm(long lanes, const double *transition, const double *emission, const double *start, double *value,
         double *by_transition, double *by_emission, double *by_start)
{
    static const int seen[] = {SEEN};
    vec (*kept)[STATES + 1] = memory(sizeof(vec) * N * (STATES + 1));
    for (long lane = 0; lane < lanes; lane += W) {
        vec A[STATES][STATES], B[STATES][SYMBOLS], first[STATES], alpha[STATES], total = all(0.0);
        load_rows(A[0], transition + lane * STATES * STATES, STATES * STATES, STATES * STATES);
        load_rows(B[0], emission + lane * STATES * SYMBOLS, STATES * SYMBOLS, STATES * SYMBOLS);
        load_rows(first, start + lane * STATES, STATES, STATES);
        for (int j = 0; j < STATES; j++)
            kept[0][j] = alpha[j] = first[j] * B[j][seen[0]];
        for (int t = 1; t < N; t++) {
            vec w[STATES], scale = all(0.0);
            for (int j = 0; j < STATES; j++) {
                vec u = alpha[0] * A[0][j];
                for (int i = 1; i < STATES; i++)
                    u += alpha[i] * A[i][j];
                w[j] = u * B[j][seen[t]];
                scale += w[j];
            }
            total += logarithm(scale);
            vec inverse = kept[t][STATES] = 1.0 / scale;
            for (int j = 0; j < STATES; j++)
                kept[t][j] = alpha[j] = w[j] * inverse;
        }
        store(value + lane, total);
        vec aA[STATES][STATES], aB[STATES][SYMBOLS], a[STATES];
        memset(aA, 0, sizeof aA), memset(aB, 0, sizeof aB), memset(a, 0, sizeof a);
        for (int t = N - 1; t > 0; t--) {
            vec common = all(1.0), u[STATES];
            for (int j = 0; j < STATES; j++)
                common -= a[j] * kept[t][j];
            for (int j = 0; j < STATES; j++) {
                vec by_w = a[j] + common; /* times the sum */
                aB[j][seen[t]] += by_w * kept[t][j];
                u[j] = by_w * kept[t][STATES] * B[j][seen[t]];
            }
            for (int i = 0; i < STATES; i++) {
                a[i] = all(0.0);
                for (int j = 0; j < STATES; j++) {
                    aA[i][j] += kept[t - 1][i] * u[j];
                    a[i] += A[i][j] * u[j];
                }
            }
        }
        for (int j = 0; j < STATES; j++) {
            aB[j][seen[0]] += a[j] * kept[0][j];
            a[j] *= B[j][seen[0]];
            for (int o = 0; o < SYMBOLS; o++)
                aB[j][o] /= B[j][o];
        }
        store_rows(by_transition + lane * STATES * STATES, aA[0], STATES * STATES, STATES * STATES);
        store_rows(by_emission + lane * STATES * SYMBOLS, aB[0], STATES * SYMBOLS, STATES * SYMBOLS);
        store_rows(by_start + lane * STATES, a, STATES, STATES);
    }
}
