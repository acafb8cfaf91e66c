"""Names of parametrized tests. All workers must give a test the same name, so it holds no address."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["shown"]


def shown(x: Any) -> str:
    """``repr(x)`` without addresses."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(x))
