"""Scans agree with their definitions, read out in plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glassgrad.compiler.rolling.scan import distances, stretches

CODES = st.lists(st.integers(0, 3), min_size=1, max_size=80)


@given(CODES, st.sampled_from([1, 4, 16]))
def test_distances_lead_to_the_word_before(codes, width):
    found = distances(np.array(codes, np.int32), width)
    last = {}
    for i in range(width - 1, len(codes)):
        word = tuple(codes[i - width + 1 : i + 1])
        assert found[i] == (i - last[word] if word in last else 0)
        last[word] = i


@given(CODES, st.integers(1, 20), st.integers(1, 10), st.randoms(use_true_random=False))
def test_stretches_hold_all_that_repeats(codes, period, least, chance):
    size = len(codes)
    lags = [[chance.choice([1, 2, period, 3 * period, 1 << 30]) for _ in codes] for _ in range(2)]

    def repeats(i):
        pairs = [(lag[i], lag[i + period]) for lag in lags]
        alike = all(a == b or b - a == period or min(a, b) > 2 * period for a, b in pairs)
        return codes[i] == codes[i + period] and alike

    good = [repeats(i) for i in range(size - period)]
    expected, start = [], None
    for i, one in enumerate([*good, False]):
        if one and start is None:
            start = i
        elif not one and start is not None:
            expected += [[start, i]] if i - start >= least else []
            start = None
    if size > period:
        assert stretches(np.array(codes, np.int32), np.array(lags, np.int32), period, least).tolist() == expected


def test_many_different_words():
    codes = np.random.default_rng(0).integers(0, 1 << 30, 20_000).astype(np.int32)
    found = distances(np.concatenate([codes, codes]), 4)
    assert not found[: len(codes) + 3].any()
    assert (found[len(codes) + 3 :] == len(codes)).all()
