/* Elementary functions that gcc inlines and turns into vector code, good to a few ULP where they are used.
 * What is written as fma keeps its order under -ffast-math.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define ROOT_HALF 0.70710678118654752440
#define ROOT_TWO_PI_INVERSE 0.39894228040143267794

static inline int64_t bits(double x) { int64_t i; memcpy(&i, &x, 8); return i; }
static inline double number(int64_t i) { double x; memcpy(&x, &i, 8); return x; }

/* exp(x) = 2^k exp(r), |r| <= log(2) / 2, r by Cody and Waite's two parts of log(2); for -708 < x < 709. */
static inline double quick_exp(double x)
{
    double k = rint(x * 1.44269504088896340736);
    double r = fma(k, -1.90821492927058770002e-10, fma(k, -6.93147180369123816490e-01, x));
    double p = 2.5110037605963777e-08;
    p = fma(p, r, 2.763263963904103e-07);
    p = fma(p, r, 2.755724091857897e-06);
    p = fma(p, r, 2.4801485482328494e-05);
    p = fma(p, r, 0.00019841269890047113);
    p = fma(p, r, 0.0013888888952314775);
    p = fma(p, r, 0.008333333333319601);
    p = fma(p, r, 0.0416666666664881);
    p = fma(p, r, 0.1666666666666668);
    p = fma(p, r, 0.5000000000000019);
    p = fma(p, r, 1.0);
    p = fma(p, r, 1.0);
    return number(bits(p) + ((int64_t)(int32_t)k << 52));
}

/* log(a / b) without dividing: a is scaled by 2^-e to be near b; log(a / b) = 2 atanh((a - b) / (a + b)). */
static inline double log_ratio(double a, double b)
{
    int64_t e = (bits(a) - bits(b) + ((int64_t)1 << 51)) >> 52;
    double scaled = number(bits(a) - (e << 52));
    double s = (scaled - b) / (scaled + b), z = s * s;
    double p = 0.07786448267682476;
    p = fma(p, z, 0.07611102963636861);
    p = fma(p, z, 0.09093928055359424);
    p = fma(p, z, 0.11111049325080943);
    p = fma(p, z, 0.14285714970139485);
    p = fma(p, z, 0.199999999962844);
    p = fma(p, z, 0.3333333333334101);
    return fma((double)(int32_t)e, 0.69314718055994530942, 2.0 * fma(s * z, p, s));
}

/* N(-x) / n(x), Mills' ratio, for x >= 0: a quotient of polynomials that meets it at 20 points, to 8e-16. */
static inline double mills(double x)
{
    double p = 4.759474691123115e-06, q = 4.759474691123117e-06;
    p = fma(p, x, 0.00012168461053503696), q = fma(q, x, 0.00012168461053503324);
    p = fma(p, x, 0.0015357354962260198), q = fma(q, x, 0.0015404949709188003);
    p = fma(p, x, 0.012338400206668232), q = fma(q, x, 0.012460084816923789);
    p = fma(p, x, 0.06891236531841631), q = fma(q, x, 0.0704385818893115);
    p = fma(p, x, 0.27624965815936176), q = fma(q, x, 0.28834468791036966);
    p = fma(p, x, 0.7942674046007313), q = fma(q, x, 0.8601559353461486);
    p = fma(p, x, 1.5845105143229876), q = fma(q, x, 1.8372992292980477);
    p = fma(p, x, 2.007294461916674), q = fma(q, x, 2.678759591596642);
    p = fma(p, x, 1.2533141373155001), q = fma(q, x, 2.39947382095125);
    q = fma(q, x, 1.0);
    return p / q;
}

/* Sine and cosine: by quarter turns to |r| <= pi / 4, then the polynomials of Sun's fdlibm; for |x| < 1e6. */
static inline void sine_cosine(double x, double *sine, double *cosine)
{
    double k = rint(x * 0.63661977236758134308);
    double r = fma(k, -6.12323399573676603587e-17, fma(k, -1.57079632679489655800, x)), z = r * r;
    double s = 1.58969099521155010221e-10, c = -1.13596475577881948265e-11;
    s = fma(s, z, -2.50507602534068634195e-08), c = fma(c, z, 2.08757232129817482790e-09);
    s = fma(s, z, 2.75573137070700676789e-06), c = fma(c, z, -2.75573143513906633035e-07);
    s = fma(s, z, -1.98412698298579493134e-04), c = fma(c, z, 2.48015872894767294178e-05);
    s = fma(s, z, 8.33333333332248946124e-03), c = fma(c, z, -1.38888888888741095749e-03);
    s = fma(s, z, -1.66666666666666324348e-01), c = fma(c, z, 4.16666666666666019037e-02);
    s = fma(s * z, r, r), c = fma(c * z, z, fma(-0.5, z, 1.0));
    int64_t quarter = (int32_t)k;
    double from = quarter & 1 ? c : s, other = quarter & 1 ? s : c;
    *sine = quarter & 2 ? -from : from;
    *cosine = (quarter + 1) & 2 ? -other : other;
}
