/* Vectors of W lanes by gcc's vector extension, and elementary functions for them that are good to 1 to 3 ULP.
 * W is 8 or a multiple of it, for several vectors side by side. W = 1 makes scalar code of the same program.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#ifndef W
#define W 8
#endif
#define INLINE static inline __attribute__((always_inline))

#if W == 1
#define U 1
typedef double vec, part, unaligned;
typedef int64_t bits;
#else
#define U (W / 8) /* vectors side by side */
typedef double vec __attribute__((vector_size(8 * W)));
typedef double unaligned __attribute__((vector_size(8 * W), aligned(8)));
typedef double part __attribute__((vector_size(64)));
typedef int64_t bits __attribute__((vector_size(64)));
#endif
typedef union { vec all; part part[U]; } parts;

INLINE vec load(const double *from) { return *(const unaligned *)from; }
INLINE void store(double *to, vec x) { *(unaligned *)to = x; }
INLINE part part_all(double x) { return x - (part){0}; }
INLINE vec all(double x) /* unlike x * v, it does not go through memory if vec is several vectors */
{
    parts p;
    for (int u = 0; u < U; u++)
        p.part[u] = part_all(x);
    return p.all;
}
INLINE bits as_bits(part x) { bits m; memcpy(&m, &x, sizeof m); return m; }
INLINE part as_numbers(bits m) { part x; memcpy(&x, &m, sizeof x); return x; }

/* a > b ? yes : no, the larger and the smaller of two, and the square root */
#if W == 1
INLINE part part_choose(part a, part b, part yes, part no) { return a > b ? yes : no; }
INLINE part part_larger(part a, part b) { return a > b ? a : b; }
INLINE part part_smaller(part a, part b) { return a < b ? a : b; }
#elif defined __AVX512F__
INLINE part part_choose(part a, part b, part yes, part no)
{
    return (part)_mm512_mask_blend_pd(_mm512_cmp_pd_mask((__m512d)a, (__m512d)b, 30), (__m512d)no, (__m512d)yes);
}
INLINE part part_larger(part a, part b) { return (part)_mm512_max_pd((__m512d)a, (__m512d)b); }
INLINE part part_smaller(part a, part b) { return (part)_mm512_min_pd((__m512d)a, (__m512d)b); }
#else
INLINE part part_choose(part a, part b, part yes, part no)
{
    bits where = a > b;
    return as_numbers((as_bits(yes) & where) | (as_bits(no) & ~where));
}
INLINE part part_larger(part a, part b) { return part_choose(a, b, a, b); }
INLINE part part_smaller(part a, part b) { return part_choose(b, a, a, b); }
#endif

INLINE part part_root(part x)
{
#if W == 1
    return __builtin_sqrt(x);
#else
    for (int i = 0; i < 8; i++)
        x[i] = __builtin_sqrt(x[i]);
    return x;
#endif
}

#define SHIFT 6755399441055744.0 /* 1.5 * 2^52: adding it rounds to an integer, which the low bits then hold */

/* exp(x) = 2^k exp(r) with |r| <= log(2) / 2: returns p, where exp(r) = 1 + r + r^2 p, and k in an exponent's place. */
INLINE part reduced(part x, bits *k, part *r)
{
    part t = x * 1.44269504088896340736 + SHIFT, n = t - SHIFT;
    *k = as_bits(t) << 52;
    part y = x - n * 6.93147180369123816490e-01 - n * 1.90821492927058770002e-10, y2 = y * y, y4 = y2 * y2;
    *r = y;
    part a = 0.5000000000000019 + y * 0.1666666666666668, b = 0.0416666666664881 + y * 0.008333333333319601;
    part c = 0.0013888888952314775 + y * 0.00019841269890047113;
    part d = 2.4801485482328494e-05 + y * 2.755724091857897e-06, e = 2.763263963904103e-07 + y * 2.5110037605963777e-08;
    return (a + y2 * b) + y4 * ((c + y2 * d) + y4 * e);
}

INLINE part part_exponential(part x) /* not for x > 709 */
{
    bits k;
    part r, p = reduced(part_larger(x, part_all(-708.0)), &k, &r);
    return as_numbers(as_bits(1.0 + (r + r * r * p)) + k);
}

/* x is positive and normal: x = 2^e m with m near 1, and log m = 2 atanh((m - 1) / (m + 1)). */
INLINE part part_logarithm(part x)
{
    bits e = (as_bits(x) - 0x3fe6a09e667f3bcd) >> 52;
    part m = as_numbers(as_bits(x) - (e << 52));
#if W == 1
    part n = (double)e;
#else
    part n = __builtin_convertvector(e, part);
#endif
    part s = (m - 1.0) / (m + 1.0), z = s * s, z2 = z * z;
    part low = 0.3333333333334101 + z * 0.199999999962844, high = 0.14285714970139485 + z * 0.11111049325080943;
    part top = 0.09093928055359424 + z * (0.07611102963636861 + z * 0.07786448267682476);
    part p = low + z2 * (high + z2 * top);
    return n * 0.69314718055994530942 + 2.0 * (s + s * z * p);
}

/* tanh: with m = exp(2 |x|) - 1 it is m / (m + 2), with the sign of x. */
INLINE part part_tangent(part x)
{
    bits sign = as_bits(x) & INT64_MIN, k;
    part size = as_numbers(as_bits(x) ^ sign), r, p = reduced(2.0 * part_smaller(size, part_all(20.0)), &k, &r);
    part scale = as_numbers(as_bits(part_all(1.0)) + k), m = scale * (r + r * r * p) + (scale - 1.0);
    return as_numbers(as_bits(m / (m + 2.0)) | sign);
}

INLINE part part_sigmoid(part x) { return 1.0 / (1.0 + part_exponential(-x)); }

/* The same for all vectors side by side */
#define LIFT1(name)                                 \
    INLINE vec name(vec x)                          \
    {                                               \
        parts p = {x};                              \
        for (int u = 0; u < U; u++)                 \
            p.part[u] = part_##name(p.part[u]);     \
        return p.all;                               \
    }
#define LIFT2(name)                                         \
    INLINE vec name(vec a, vec b)                           \
    {                                                       \
        parts p = {a}, q = {b};                             \
        for (int u = 0; u < U; u++)                         \
            p.part[u] = part_##name(p.part[u], q.part[u]);  \
        return p.all;                                       \
    }
LIFT1(root)
LIFT1(exponential)
LIFT1(logarithm)
LIFT1(tangent)
LIFT1(sigmoid)
LIFT2(larger)
LIFT2(smaller)

INLINE vec choose(vec a, vec b, vec yes, vec no) /* a > b ? yes : no */
{
    parts p = {a}, q = {b}, y = {yes}, n = {no};
    for (int u = 0; u < U; u++)
        p.part[u] = part_choose(p.part[u], q.part[u], y.part[u], n.part[u]);
    return p.all;
}

INLINE double sum(vec x)
{
#if W == 1
    return x;
#else
    double total = 0.0;
    for (int i = 0; i < W; i++)
        total += x[i];
    return total;
#endif
}

/* Memory for what the forward sweep keeps, as many bytes as asked for last */
static void *memory(size_t bytes)
{
    static void *kept;
    static size_t size;
    if (bytes > size) {
        free(kept);
        size = bytes;
        kept = aligned_alloc(128, (bytes + 127) / 128 * 128);
    }
    return kept;
}

/* Rows of memory to vectors of lanes, and back: lanes[t] holds column t of W rows. */
#if W == 1
INLINE void load_rows(vec *lanes, const double *rows, long stride, long n) { memcpy(lanes, rows, n * sizeof(vec)); }
INLINE void store_rows(double *rows, const vec *lanes, long stride, long n) { memcpy(rows, lanes, n * sizeof(vec)); }
#else
typedef double unaligned_part __attribute__((vector_size(64), aligned(8)));

INLINE void transpose(part *m)
{
    part k[8];
    for (int l = 0; l < 8; l += 2) {
        k[l] = __builtin_shuffle(m[l], m[l + 1], (bits){0, 8, 2, 10, 4, 12, 6, 14});
        k[l + 1] = __builtin_shuffle(m[l], m[l + 1], (bits){1, 9, 3, 11, 5, 13, 7, 15});
    }
    for (int l = 0; l < 8; l += 4)
        for (int q = 0; q < 2; q++) {
            m[l + q] = __builtin_shuffle(k[l + q], k[l + 2 + q], (bits){0, 1, 8, 9, 4, 5, 12, 13});
            m[l + 2 + q] = __builtin_shuffle(k[l + q], k[l + 2 + q], (bits){2, 3, 10, 11, 6, 7, 14, 15});
        }
    for (int q = 0; q < 4; q++) {
        part low = m[q], high = m[4 + q];
        m[q] = __builtin_shuffle(low, high, (bits){0, 1, 2, 3, 8, 9, 10, 11});
        m[4 + q] = __builtin_shuffle(low, high, (bits){4, 5, 6, 7, 12, 13, 14, 15});
    }
}

static void load_rows(vec *lanes, const double *rows, long stride, long n)
{
    for (int g = 0; g < W; g += 8, rows += 8 * stride) {
        long t = 0;
        for (; t + 8 <= n; t += 8) {
            part m[8];
            for (int l = 0; l < 8; l++)
                m[l] = *(const unaligned_part *)(rows + l * stride + t);
            transpose(m);
            for (int l = 0; l < 8; l++)
                *(unaligned_part *)((double *)&lanes[t + l] + g) = m[l];
        }
        for (; t < n; t++)
            for (int l = 0; l < 8; l++)
                ((double *)&lanes[t])[g + l] = rows[l * stride + t];
    }
}

static void store_rows(double *rows, const vec *lanes, long stride, long n)
{
    for (int g = 0; g < W; g += 8, rows += 8 * stride) {
        long t = 0;
        for (; t + 8 <= n; t += 8) {
            part m[8];
            for (int l = 0; l < 8; l++)
                m[l] = *(const unaligned_part *)((const double *)&lanes[t + l] + g);
            transpose(m);
            for (int l = 0; l < 8; l++)
                *(unaligned_part *)(rows + l * stride + t) = m[l];
        }
        for (; t < n; t++)
            for (int l = 0; l < 8; l++)
                rows[l * stride + t] = ((const double *)&lanes[t])[g + l];
    }
}
#endif
