/* A perceptron 2-HIDDEN-HIDDEN-1 over many rows: MANY vectors of rows at a time, so that the products with the square
 * matrix keep TILE x FEW sums in registers.
 */
#include "lanes.h"

#define MANY 25
#define TILE 4
#define FEW 5

typedef vec block[MANY];

/* out[r] = sum over c of w[r * by_row + c * by_column] * in[c], for `count` vectors of rows */
INLINE void tile(int rows, int few, const double *w, long by_row, long by_column, const block *in, block *out, int at)
{
    vec sums[TILE][FEW];
    for (int r = 0; r < rows; r++)
        for (int g = 0; g < few; g++)
            sums[r][g] = all(0.0);
    for (int c = 0; c < HIDDEN; c++)
        for (int r = 0; r < rows; r++)
            for (int g = 0; g < few; g++)
                sums[r][g] += w[r * by_row + c * by_column] * in[c][at + g];
    for (int r = 0; r < rows; r++)
        for (int g = 0; g < few; g++)
            out[r][at + g] = sums[r][g];
}

static void product(const double *w, long by_row, long by_column, const block *in, block *out, int count)
{
    for (int r = 0; r < HIDDEN; r += TILE, w += TILE * by_row, out += TILE) {
        int g = 0;
        if (r + TILE <= HIDDEN)
            for (; g + FEW <= count; g += FEW)
                tile(TILE, FEW, w, by_row, by_column, in, out, g);
        for (; g < count; g++)
            for (int k = 0; k < TILE && r + k < HIDDEN; k++)
                tile(1, 1, w + k * by_row, by_row, by_column, in, out + k, g);
    }
}

/* sums[r][c] += the sum of a[r] * b[c] over the vectors of rows */
static void outer(const block *a, const block *b, vec (*sums)[HIDDEN], int count)
{
    for (int r = 0; r < HIDDEN; r += 4)
        for (int c = 0; c < HIDDEN; c += 4)
            if (r + 4 <= HIDDEN && c + 4 <= HIDDEN) {
                vec s[4][4];
                for (int i = 0; i < 4; i++)
                    for (int j = 0; j < 4; j++)
                        s[i][j] = sums[r + i][c + j];
                for (int g = 0; g < count; g++)
                    for (int i = 0; i < 4; i++)
                        for (int j = 0; j < 4; j++)
                            s[i][j] += a[r + i][g] * b[c + j][g];
                for (int i = 0; i < 4; i++)
                    for (int j = 0; j < 4; j++)
                        sums[r + i][c + j] = s[i][j];
            } else
                for (int i = r; i < r + 4 && i < HIDDEN; i++)
                    for (int j = c; j < c + 4 && j < HIDDEN; j++)
                        for (int g = 0; g < count; g++)
                            sums[i][j] += a[i][g] * b[j][g];
}

void mlp(long lanes, const double *w1, const double *b1, const double *w2, const double *b2, const double *w3,
         const double *b3, const double *xs, const double *ys, double *value, double *by_w1, double *by_b1,
         double *by_w2, double *by_b2, double *by_w3, double *by_b3)
{
    block *a1 = memory(sizeof(block) * (4 * HIDDEN + 2) + sizeof(vec) * HIDDEN * (HIDDEN + 5));
    block *a2 = a1 + HIDDEN, *d1 = a2 + HIDDEN, *d2 = d1 + HIDDEN, *x = d2 + HIDDEN;
    vec (*sums)[HIDDEN] = (void *)(x + 2), *s1 = sums[HIDDEN], *s2 = s1 + HIDDEN, *s3 = s2 + HIDDEN;
    vec (*sw1)[2] = (void *)(s3 + HIDDEN), total = all(0.0), error_sum = all(0.0);
    memset(sums, 0, sizeof(vec) * HIDDEN * (HIDDEN + 5));
    for (long lane = 0; lane < lanes; lane += MANY * W) {
        int count = lanes - lane < MANY * W ? (lanes - lane) / W : MANY;
        vec error[MANY];
        for (int g = 0; g < count; g++) {
            vec row[2];
            load_rows(row, xs + 2 * (lane + g * W), 2, 2);
            x[0][g] = row[0], x[1][g] = row[1], error[g] = b3[0] - load(ys + lane + g * W);
        }
        for (int i = 0; i < HIDDEN; i++)
            for (int g = 0; g < count; g++)
                a1[i][g] = tangent(w1[2 * i] * x[0][g] + w1[2 * i + 1] * x[1][g] + b1[i]);
        product(w2, HIDDEN, 1, a1, a2, count);
        for (int i = 0; i < HIDDEN; i++)
            for (int g = 0; g < count; g++) {
                a2[i][g] = tangent(a2[i][g] + b2[i]);
                error[g] += w3[i] * a2[i][g];
            }
        for (int g = 0; g < count; g++) {
            total += error[g] * error[g];
            error_sum += error[g] *= 2.0;
        }
        for (int i = 0; i < HIDDEN; i++)
            for (int g = 0; g < count; g++) {
                s3[i] += error[g] * a2[i][g];
                d2[i][g] = error[g] * w3[i] * (1.0 - a2[i][g] * a2[i][g]);
                s2[i] += d2[i][g];
            }
        outer(d2, a1, sums, count);
        product(w2, 1, HIDDEN, d2, d1, count);
        for (int i = 0; i < HIDDEN; i++)
            for (int g = 0; g < count; g++) {
                vec d = d1[i][g] * (1.0 - a1[i][g] * a1[i][g]);
                s1[i] += d, sw1[i][0] += d * x[0][g], sw1[i][1] += d * x[1][g];
            }
    }
    *value = sum(total), *by_b3 = sum(error_sum);
    for (int i = 0; i < HIDDEN; i++) {
        by_w1[2 * i] = sum(sw1[i][0]), by_w1[2 * i + 1] = sum(sw1[i][1]);
        by_b1[i] = sum(s1[i]), by_b2[i] = sum(s2[i]), by_w3[i] = sum(s3[i]);
        for (int j = 0; j < HIDDEN; j++)
            by_w2[i * HIDDEN + j] = sum(sums[i][j]);
    }
}
