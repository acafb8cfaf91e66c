"""Functions given by a table: linear and cubic interpolation between knots, and bilinear interpolation on a grid.

`knots` finds the interval of an argument. While a function is traced for compilation, it takes no branch: the numbers
of that interval are chosen by a tree of ``where``, or found by a binary search if the knots are many plain numbers.
`linear`, `cubic` and `grid` are the formulas inside an interval.
"""
