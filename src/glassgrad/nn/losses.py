"""Loss functions. A loss is one Scalar, which is small if the predictions are good.

Each function takes the network's predictions for some rows, and the targets of these rows: two sequences of equal
length, or one prediction and its target. It returns the mean over the rows.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import glassgrad as gg
from glassgrad.core.scalar import Scalar


def mse(predictions: Any, targets: Any) -> Scalar:
    """The mean squared error: the mean of (prediction - target)².

    Args:
        predictions: a sequence of Scalars, or one Scalar.
        targets: a number for each.

    Raises:
        ValueError: the numbers of predictions and targets differ, or are 0.

    >>> import glassgrad as gg
    >>> gg.nn.mse([gg.Scalar(1.0), gg.Scalar(3.0)], [0.0, 1.0]).data
    2.5
    """
    return _mean(lambda prediction, target: (prediction - target) ** 2, predictions, targets)


def hinge(scores: Any, targets: Any) -> Scalar:
    """The hinge loss, or max-margin loss: the mean of max(0, 1 - target * score).

    Args:
        scores: a sequence of Scalars, or one Scalar.
        targets: -1 or 1 for each.

    Raises:
        ValueError: a target is neither -1 nor 1, or the numbers of scores and targets differ, or are 0.

    >>> import glassgrad as gg
    >>> gg.nn.hinge([gg.Scalar(2.0), gg.Scalar(0.5)], [1, -1]).data
    0.75
    """
    return _mean(_hinge, scores, targets)


def binary_cross_entropy(logits: Any, targets: Any) -> Scalar:
    """The negative mean log-likelihood of `targets`, where sigmoid(logit) is the probability of target 1.

    The formula is softplus(z) - target * z. It neither overflows nor loses digits where the sigmoid saturates:
    -log(1 - sigmoid(40)) would be inf in floating point, but this is 40.

    Args:
        logits: a sequence of Scalars, or one Scalar.
        targets: a number from 0 to 1 for each.

    Raises:
        ValueError: a target is outside that range, or the numbers of logits and targets differ, or are 0.

    >>> import glassgrad as gg
    >>> gg.nn.binary_cross_entropy(gg.Scalar(40.0), 0).data
    40.0
    """
    return _mean(_binary_cross_entropy, logits, targets)


def cross_entropy(logits: Any, targets: Any) -> Scalar:
    """The negative mean log-likelihood of classes: the mean of logsumexp(row) - row[class].

    Args:
        logits: a list of rows, each a list with one logit (a Scalar) for each class; or a single row.
        targets: the class of each row, an int counted from 0; or the class of the single row.

    Raises:
        TypeError: a class is not an int.
        ValueError: a class is out of range, or the numbers of rows and classes differ, or are 0.

    >>> import glassgrad as gg
    >>> round(gg.nn.cross_entropy([gg.Scalar(0.0), gg.Scalar(0.0)], 1).data, 4)
    0.6931
    """
    rows = list(logits) if hasattr(logits, "__iter__") else None
    if not rows:
        raise ValueError(f"cross_entropy needs a row with one logit for each class, or a list of rows, got {logits!r}")
    if not hasattr(rows[0], "__iter__"):
        rows, targets = [rows], [targets]
    return _mean(_cross_entropy, rows, targets)


def _hinge(score: Scalar, target: Any) -> Scalar:
    if target not in (-1, 1):
        raise ValueError(f"a target of hinge must be -1 or 1, got {target!r}: 2*y - 1 converts 0 and 1")
    loss: Scalar = gg.relu(1 - target * score)
    return loss


def _binary_cross_entropy(logit: Scalar, target: Any) -> Scalar:
    if not 0 <= target <= 1:
        raise ValueError(
            f"a target of binary_cross_entropy must be from 0 to 1, got {target!r}: (y + 1) / 2 converts -1 and 1"
        )
    loss: Scalar = gg.softplus(logit) - target * logit
    return loss


def _cross_entropy(row: Any, target: Any) -> Scalar:
    row = list(row)
    try:
        k = operator.index(target)
    except TypeError:
        raise TypeError(f"a target of cross_entropy must be a class, an int counted from 0, got {target!r}") from None
    if not 0 <= k < len(row):
        raise ValueError(f"a class must be from 0 to {len(row) - 1} for a row of {len(row)} logits, got {k}")
    loss: Scalar = gg.logsumexp(row) - row[k]
    return loss


def _mean(loss: Callable[[Any, Any], Scalar], predictions: Any, targets: Any) -> Scalar:
    """The mean of `loss` over pairs; a single pair counts as one row."""
    said, true = _listed(predictions), _listed(targets)
    if len(said) != len(true) or not said:
        raise ValueError(
            f"a loss needs one target for each prediction, and at least one, got {len(said)} predictions "
            f"and {len(true)} targets"
        )
    terms = [loss(prediction, target) for prediction, target in zip(said, true, strict=True)]
    mean: Scalar = sum(terms[1:], terms[0]) * (1.0 / len(terms))
    return mean


def _listed(values: Any) -> list[Any]:
    if hasattr(values, "tolist"):
        values = values.tolist()
    return list(values) if isinstance(values, Iterable) else [values]
