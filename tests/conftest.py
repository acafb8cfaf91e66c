"""What all tests share: how many examples hypothesis tries, plots without a screen, which build is tested."""

import os

import pytest
from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "Agg")

# ci tries the same examples each time: a failure is of the change at hand. nightly looks for new ones.
settings.register_profile("ci", derandomize=True, database=None, deadline=None, max_examples=60)
settings.register_profile("nightly", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_report_header(config: pytest.Config) -> str:
    import glassgrad

    return f"glassgrad {glassgrad.__version__}: {'compiled' if glassgrad.compiled() else 'plain Python'}"
