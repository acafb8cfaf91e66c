/* A bundle adjustment's residuals, two an observation, and their derivatives by 11 camera parameters, the point and
 * the weight, by the chain rule on paper. Rodrigues: with the axis a and the angle, y = c v + s (a x v) + (1 - c) (a
 * . v) a. `p` is 15 rows of n (rotation 3, centre 3, focal length, principal point 2, radial 2, point 3, weight),
 * `feature` 2 rows, `out` 32 rows: the residuals, then the derivatives of the first by all 15, then those of the
 * second.
 */
#include "vector_math.h"

#define P(row) p[(row) * n + i]
#define D(residual, row) out[(2 + 15 * (residual) + (row)) * n + i]

/* Backwards from the derivatives of residual k by the image's u and w; a macro, as gcc leaves a loop over k scalar. */
#define DERIVATIVES(k, image, gap, by_u, by_w)                                                                       \
    {                                                                                                                \
        double g0 = (by_u) * depth, g1 = (by_w) * depth, g2 = -(g0 * u + g1 * w); /* by y */                         \
        double on_axis = g0 * a0 + g1 * a1 + g2 * a2;                                                                \
        /* by v: the same rotation, backwards */                                                                     \
        double h0 = c * g0 + s * (g1 * a2 - g2 * a1) + rest * on_axis * a0;                                          \
        double h1 = c * g1 + s * (g2 * a0 - g0 * a2) + rest * on_axis * a1;                                          \
        double h2 = c * g2 + s * (g0 * a1 - g1 * a0) + rest * on_axis * a2;                                          \
        /* by the axis, and by the angle */                                                                          \
        double b0 = s * (v1 * g2 - v2 * g1) + rest * (on_axis * v0 + along * g0);                                    \
        double b1 = s * (v2 * g0 - v0 * g2) + rest * (on_axis * v1 + along * g1);                                    \
        double b2 = s * (v0 * g1 - v1 * g0) + rest * (on_axis * v2 + along * g2);                                    \
        double turn = -s * (g0 * v0 + g1 * v1 + g2 * v2) + c * (g0 * x0 + g1 * x1 + g2 * x2) + s * along * on_axis;  \
        double level = a0 * b0 + a1 * b1 + a2 * b2;                                                                  \
        D(k, 0) = a0 * turn + (b0 - a0 * level) * inverse;                                                           \
        D(k, 1) = a1 * turn + (b1 - a1 * level) * inverse;                                                           \
        D(k, 2) = a2 * turn + (b2 - a2 * level) * inverse;                                                           \
        D(k, 3) = -h0, D(k, 4) = -h1, D(k, 5) = -h2;                                                                 \
        D(k, 6) = weight * radial * (image);                                                                         \
        D(k, 7) = k == 0 ? weight : 0.0, D(k, 8) = k == 1 ? weight : 0.0;                                            \
        D(k, 9) = scale * square * (image), D(k, 10) = scale * square * square * (image);                            \
        D(k, 11) = h0, D(k, 12) = h1, D(k, 13) = h2;                                                                 \
        D(k, 14) = (gap);                                                                                            \
    }

void jacobian(long n, const double *restrict p, const double *restrict feature, double *restrict out)
{
#pragma omp parallel for simd schedule(static) if (parallel : n >= 5000)
    for (long i = 0; i < n; i++) {
        double r0 = P(0), r1 = P(1), r2 = P(2), focal = P(6), k1 = P(9), k2 = P(10), weight = P(14);
        double v0 = P(11) - P(3), v1 = P(12) - P(4), v2 = P(13) - P(5);
        double angle = sqrt(r0 * r0 + r1 * r1 + r2 * r2), inverse = 1.0 / angle, s, c;
        sine_cosine(angle, &s, &c);
        double a0 = r0 * inverse, a1 = r1 * inverse, a2 = r2 * inverse, rest = 1.0 - c;
        double x0 = a1 * v2 - a2 * v1, x1 = a2 * v0 - a0 * v2, x2 = a0 * v1 - a1 * v0; /* a x v */
        double along = a0 * v0 + a1 * v1 + a2 * v2;
        double y0 = c * v0 + s * x0 + rest * along * a0, y1 = c * v1 + s * x1 + rest * along * a1;
        double y2 = c * v2 + s * x2 + rest * along * a2;
        double depth = 1.0 / y2, u = y0 * depth, w = y1 * depth, square = u * u + w * w;
        double radial = 1.0 + square * (k1 + square * k2), slope = 2.0 * (k1 + 2.0 * square * k2);
        double gap0 = focal * radial * u + P(7) - feature[i], gap1 = focal * radial * w + P(8) - feature[n + i];
        out[i] = weight * gap0;
        out[n + i] = weight * gap1;
        double scale = weight * focal, cross = scale * slope * u * w;
        DERIVATIVES(0, u, gap0, scale * (radial + slope * u * u), cross)
        DERIVATIVES(1, w, gap1, cross, scale * (radial + slope * w * w))
    }
}
