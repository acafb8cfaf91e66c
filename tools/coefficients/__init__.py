"""Where the numbers in glassgrad's mathematical functions come from.

Run ``python -m coefficients`` in ``tools/`` to compute every coefficient and constant again with mpmath and to compare
each with the source. README.md explains the methods. `polynomials.py` has one entry for each polynomial, `constants.py`
one for each constant, `fitting.py` the algorithms and `source.py` reads the numbers that are in the source.
"""
