"""What a network is trained on: one Scalar that is small where the predictions are good.

Each takes what the network said about some rows, and what is true of them, as two sequences of one length (or
one prediction and its target), and gives the mean over the rows.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import glassgrad as gg
from glassgrad.core.scalar import Scalar


def mse(predictions: Any, targets: Any) -> Scalar:
    """The mean squared error: mean of (prediction - target)².

    >>> import glassgrad as gg
    >>> gg.nn.mse([gg.Scalar(1.0), gg.Scalar(3.0)], [0.0, 1.0]).data
    2.5
    """
    return _mean(lambda prediction, target: (prediction - target) ** 2, predictions, targets)


def hinge(scores: Any, targets: Any) -> Scalar:
    """The hinge, or max-margin, loss: mean of max(0, 1 - target * score), targets being -1 or 1.

    >>> import glassgrad as gg
    >>> gg.nn.hinge([gg.Scalar(2.0), gg.Scalar(0.5)], [1, -1]).data
    0.75
    """
    return _mean(_hinge, scores, targets)


def binary_cross_entropy(logits: Any, targets: Any) -> Scalar:
    """Minus the mean log-likelihood of `targets`, each in [0, 1], where sigmoid(logit) is P(target = 1).

    Computed as softplus(z) - target * z, which neither overflows nor loses digits where the sigmoid
    saturates: log(1 - sigmoid(40)) is -inf in floating point, this is 40.

    >>> import glassgrad as gg
    >>> gg.nn.binary_cross_entropy(gg.Scalar(40.0), 0).data
    40.0
    """
    return _mean(_binary_cross_entropy, logits, targets)


def cross_entropy(logits: Any, targets: Any) -> Scalar:
    """Minus the mean log-likelihood of classes: the mean of logsumexp(row) - row[class].

    Args:
        logits: a list of rows, each a list of one logit a class; or a single row.
        targets: the class of each row, an int from 0; or the single row's.

    >>> import glassgrad as gg
    >>> round(gg.nn.cross_entropy([gg.Scalar(0.0), gg.Scalar(0.0)], 1).data, 4)
    0.6931
    """
    rows = list(logits) if hasattr(logits, "__iter__") else None
    if not rows:
        raise ValueError(f"cross_entropy takes a row of logits, one a class, or a list of rows, not {logits!r}")
    if not hasattr(rows[0], "__iter__"):
        rows, targets = [rows], [targets]
    return _mean(_cross_entropy, rows, targets)


def _hinge(score: Scalar, target: Any) -> Scalar:
    if target not in (-1, 1):
        raise ValueError(f"hinge takes targets of -1 and 1, not {target!r}: 2*y - 1 makes them from 0 and 1")
    loss: Scalar = gg.relu(1 - target * score)
    return loss


def _binary_cross_entropy(logit: Scalar, target: Any) -> Scalar:
    if not 0 <= target <= 1:
        raise ValueError(
            f"binary_cross_entropy takes targets from 0 to 1, not {target!r}: (y + 1) / 2 makes them from -1 and 1"
        )
    loss: Scalar = gg.softplus(logit) - target * logit
    return loss


def _cross_entropy(row: Any, target: Any) -> Scalar:
    row = list(row)
    try:
        k = operator.index(target)
    except TypeError:
        raise TypeError(f"cross_entropy takes each row's class as an int from 0, not {target!r}") from None
    if not 0 <= k < len(row):
        raise ValueError(f"cross_entropy got class {k} for a row of {len(row)} logits: 0 to {len(row) - 1}")
    loss: Scalar = gg.logsumexp(row) - row[k]
    return loss


def _mean(loss: Callable[[Any, Any], Scalar], predictions: Any, targets: Any) -> Scalar:
    """The mean of `loss` over pairs; a single pair counts as one row."""
    said, true = _listed(predictions), _listed(targets)
    if len(said) != len(true) or not said:
        raise ValueError(
            f"a loss pairs each prediction with its target and got {len(said)} predictions "
            f"and {len(true)} targets: give as many of each, one at least"
        )
    terms = [loss(prediction, target) for prediction, target in zip(said, true, strict=True)]
    mean: Scalar = sum(terms[1:], terms[0]) * (1.0 / len(terms))
    return mean


def _listed(values: Any) -> list[Any]:
    if hasattr(values, "tolist"):
        values = values.tolist()
    return list(values) if isinstance(values, Iterable) else [values]
