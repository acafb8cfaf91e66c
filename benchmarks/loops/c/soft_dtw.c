/* Soft-DTW: cells are computed along diagonals, where none waits for another. A cell keeps the shares of two of its
 * neighbours; the reverse sweep only multiplies and adds.
 */
#include "lanes.h"

void soft_dtw(long lanes, const double *x0, const double *y0, double *value, double *by_x)
{
    typedef vec table[N + 2][N + 2];
    vec *x = memory(sizeof(table) * 4 + sizeof(vec) * 3 * N), *y = x + N, *ax = y + N;
    vec (*R)[N + 2] = (void *)(ax + N), (*up)[N + 2] = R + N + 2, (*left)[N + 2] = up + N + 2, (*a)[N + 2] = left + N + 2;
    for (long lane = 0; lane < lanes; lane += W) {
        load_rows(x, x0 + lane * N, N, N), load_rows(y, y0 + lane * N, N, N);
        for (int i = 0; i <= N; i++)
            R[i][0] = R[0][i] = all(FAR);
        R[0][0] = all(0.0);
        for (int diagonal = 2; diagonal <= 2 * N; diagonal++)
            for (int i = diagonal > N + 1 ? diagonal - N : 1; i < diagonal && i <= N; i++) {
                int j = diagonal - i;
                vec d = x[i - 1] - y[j - 1], p = R[i - 1][j], q = R[i][j - 1], c = R[i - 1][j - 1];
                vec low = smaller(p, q), high = larger(p, q), least = smaller(low, c), middle = larger(low, c);
                vec by_high = exponential((least - high) / GAMMA), by_middle = exponential((least - middle) / GAMMA);
                vec all_of_it = 1.0 + by_high + by_middle, part = 1.0 / all_of_it;
                R[i][j] = d * d + least - GAMMA * logarithm(all_of_it);
                vec share_low = choose(low, c, by_middle, all(1.0)) * part, share_high = by_high * part;
                up[i][j] = choose(p, q, share_high, share_low);
                left[i][j] = choose(p, q, share_low, share_high);
            }
        store(value + lane, R[N][N]);
        for (int i = 0; i <= N + 1; i++)
            a[i][N + 1] = a[N + 1][i] = up[N + 1][i] = up[i][N + 1] = left[N + 1][i] = left[i][N + 1] = all(0.0);
        for (int i = N; i > 0; i--) {
            vec total = all(0.0);
            for (int j = N; j > 0; j--) {
                vec across = a[i + 1][j + 1] * (1.0 - up[i + 1][j + 1] - left[i + 1][j + 1]);
                a[i][j] = a[i + 1][j] * up[i + 1][j] + a[i][j + 1] * left[i][j + 1] + across;
                if (i == N && j == N)
                    a[i][j] = all(1.0);
                total += a[i][j] * (x[i - 1] - y[j - 1]);
            }
            ax[i - 1] = 2.0 * total;
        }
        store_rows(by_x + lane * N, ax, N, N);
    }
}
