# C types for accurate.py, which Cython compiles with them. Nothing here changes what the code means.
cimport cython

cdef double ZERO, K, A, B, MIDDLE, SLOPE, BEND, FLAT, TURN, SPLITTER, LOG2E, LN2_HI, LN2_LO
cdef double GELU_ROOT, GELU_ROOT_LO, GELU_BESIDE, SILU_ROOT, SILU_ROOT_LO, SILU_BESIDE
cdef double ROOT_HALF, ROOT_HALF_LO, INVERSE_ROOT_PI, INVERSE_ROOT_PI_LO, DENSITY, DENSITY_LO, FIRST, SECOND
cdef tuple REST, GELU_SLOPE, SILU_SLOPE

@cython.locals(p=double, c=double, a1=double, a2=double, b1=double, b2=double)
cdef (double, double) _product(double a, double b) noexcept

@cython.locals(s=double, t=double)
cdef (double, double) _sum(double a, double b) noexcept

@cython.locals(d=double, d_lo=double, r=double, p=double, p_lo=double, r_lost=double, u=double, u_lo=double,
               u_lost=double, lost=double, v=double, q=double, q_lo=double, c=double, rest=double, w=double, w_lo=double)
cdef (double, double) _scaled_tail(double size, double low)

@cython.locals(d=double, t=double, y=double, c=double, p=double, p_lo=double)
cdef double _beside(double x, double root, double root_lo, object coefficients) except? -1.0

@cython.locals(z=double, z_lo=double, w=double, rest=double)
cdef (double, double) _half_tail(double size)

@cython.locals(power=int, p=double)
cdef double _times_exp(double v, double v_lo, double x, double x_lo) except? -1.0

@cython.locals(k=int)
cdef (int, double) _exp_parts(double x, double x_lo)

cdef double _exp(double x) except? -1.0

@cython.locals(y=double, scale=double, square=double, square_lo=double, cube=double, cube_lo=double, rest=double)
cpdef double cbrt(double x)

@cython.locals(t=double, d=double, y=double)
cpdef double tanh(double x)

@cython.locals(d=double, t=double, e=double)
cpdef double exp_sub(double a, double b)

@cython.locals(w=double, rest=double, square=double, square_lo=double)
cpdef double erfc(double x)

@cython.locals(size=double, y=double, y_lo=double, v=double, c=double, series=double, w=double, rest=double,
               square=double, square_lo=double, power=int, p=double, scale=double)
cpdef double erfcx(double x)

@cython.locals(size=double, square=double, square_lo=double)
cpdef double exp_neg_square(double x)

@cython.locals(size=double, square=double, square_lo=double)
cpdef double norm_pdf(double x)

@cython.locals(half=double, half_lo=double, square=double, square_lo=double)
cpdef double norm_cdf(double x)

@cython.locals(half=double, half_lo=double, v=double, v_lo=double, square=double, square_lo=double)
cpdef double gelu(double x)

@cython.locals(size=double, y=double, half=double, half_lo=double, p=double, p_lo=double, v=double, v_lo=double,
               square=double, square_lo=double)
cpdef double gelu_slope(double x)

@cython.locals(e=double, d=double, v=double)
cpdef double silu(double x)

@cython.locals(size=double, y=double, e=double, d=double, d_lo=double, n=double, n_lo=double, p=double, p_lo=double,
               q=double, t=double, t_lo=double, rest=double)
cpdef double silu_slope(double x)
