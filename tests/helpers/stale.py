"""A graph whose numbers are out of date."""

from __future__ import annotations

import glassgrad as gg

__all__ = ["WAS", "textbook"]

WAS = "w was moved after the forward pass: it was 2.024, and is now 1.819."


def textbook() -> tuple[gg.Scalar, gg.Scalar]:
    """One step of gradient descent, and no new forward pass: the loss, and its leaf."""
    w = gg.Scalar(2.024, label="w")
    loss = (w - 1) ** 2
    loss.label = "loss"
    w.grad = 0
    loss.backward()
    w.data -= 0.1 * w.grad
    return loss, w
