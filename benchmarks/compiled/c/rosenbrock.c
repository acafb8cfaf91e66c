/* The gradient of Rosenbrock's function: 200 (x[i] - x[i-1]^2) from the term before, where there is one, and
 * -400 x[i] (x[i+1] - x[i]^2) - 2 (1 - x[i]) from its own. */

void gradient(long n, const double *restrict x, double *restrict out)
{
    out[0] = -400.0 * x[0] * (x[1] - x[0] * x[0]) - 2.0 * (1.0 - x[0]);
    for (long i = 1; i < n - 1; i++)
        out[i] = 200.0 * (x[i] - x[i - 1] * x[i - 1]) - 400.0 * x[i] * (x[i + 1] - x[i] * x[i]) - 2.0 * (1.0 - x[i]);
    out[n - 1] = 200.0 * (x[n - 1] - x[n - 2] * x[n - 2]);
}

/* So many calls from C: what the work itself takes. */
void repeated(long calls, long n, const double *restrict x, double *restrict out)
{
    for (long call = 0; call < calls; call++) {
        gradient(n, x, out);
        __asm__ volatile("" ::: "memory"); /* each call is made */
    }
}

void batch(long lanes, long n, const double *restrict x, double *restrict out)
{
#pragma omp parallel for schedule(static) if (lanes * n >= 20000)
    for (long lane = 0; lane < lanes; lane++)
        gradient(n, x + lane * n, out + lane * n);
}
