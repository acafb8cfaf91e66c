"""Threads that take turns very often."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

__all__ = ["run_in_threads"]


def run_in_threads(work: Callable[[int], object], count: int = 8, interval: float = 1e-6) -> None:
    """Call ``work(0)``, ``work(1)``, … in ``count`` threads, which take turns after ``interval`` seconds."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(interval)
    try:
        threads = [threading.Thread(target=work, args=(i,)) for i in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
