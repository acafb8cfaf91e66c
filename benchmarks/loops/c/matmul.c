/* The sum of squares of A B: one lane after another, rows of 8 columns in vectors, products in tiles of registers. */
#include "lanes.h"

#define COLUMNS ((N + 7) / 8)
#define TILE 6

typedef part matrix[N][COLUMNS];

INLINE void tile(int rows, const double *a, long by_row, long by_column, matrix b, part (*c)[COLUMNS])
{
    part sums[TILE][COLUMNS];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < COLUMNS; j++)
            sums[i][j] = part_all(0.0);
    for (int k = 0; k < N; k++)
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < COLUMNS; j++)
                sums[i][j] += a[i * by_row + k * by_column] * b[k][j];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < COLUMNS; j++)
            c[i][j] = sums[i][j];
}

/* c = a b, where a is a matrix in memory with these strides */
static void product(const double *a, long by_row, long by_column, matrix b, matrix c)
{
    int i = 0;
    for (; i + TILE <= N; i += TILE)
        tile(TILE, a + i * by_row, by_row, by_column, b, c + i);
    for (; i < N; i++)
        tile(1, a + i * by_row, by_row, by_column, b, c + i);
}

static void load_matrix(matrix m, const double *from)
{
    memset(m, 0, sizeof(matrix));
    for (int i = 0; i < N; i++)
        memcpy(m[i], from + i * N, 8 * N);
}

static void store_matrix(double *to, matrix m)
{
    for (int i = 0; i < N; i++)
        memcpy(to + i * N, m[i], 8 * N);
}

void matmul(long lanes, const double *A, const double *B, double *value, double *by_A, double *by_B)
{
    matrix b, c, across, out;
    double turned[N][N];
    for (long lane = 0; lane < lanes; lane++, A += N * N, B += N * N, by_A += N * N, by_B += N * N) {
        load_matrix(b, B);
        product(A, N, 1, b, c);
        part total = part_all(0.0);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < COLUMNS; j++) {
                total += c[i][j] * c[i][j];
                c[i][j] *= 2.0;
            }
        value[lane] = 0.0;
        for (int i = 0; i < 8; i++)
            value[lane] += total[i];
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                turned[j][i] = B[i * N + j];
        load_matrix(across, turned[0]);
        product((double *)c, 8 * COLUMNS, 1, across, out);
        store_matrix(by_A, out);
        product(A, 1, N, c, out);
        store_matrix(by_B, out);
    }
}
