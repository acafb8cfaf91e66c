/* The gradient of a product: the products of all before, times, from behind, the products of all after. */

void gradient(long n, const double *restrict x, double *restrict out)
{
    double before = 1.0, after = 1.0;
    for (long i = 0; i < n; i++) {
        out[i] = before;
        before *= x[i];
    }
    for (long i = n - 1; i >= 0; i--) {
        out[i] *= after;
        after *= x[i];
    }
}
