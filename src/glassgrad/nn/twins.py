"""Two ways to run a model over many rows: eager and compiled. Both give the same predictions and gradients.

The compiled way traces a *twin* of the model, a copy in which each parameter is an argument. It computes the
predictions as numbers. The loss is then computed from them eagerly, so any loss works. `backward()` gives the gradients
of the predictions, and the compiled model takes them back to the parameters.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import glassgrad as gg
from glassgrad.core.scalar import Scalar
from glassgrad.nn.modules import Module

__all__ = ["Compiled", "Eager"]

BLOCK = 256  # Gradients of this many rows are in memory at once.
AGREEMENT = 1e-9  # The tolerance, relative to the largest number: far above rounding, far below any real difference.


class Eager:
    """The model as it is."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def predict(self, rows: Any) -> list[Any]:
        """The predictions for each row: Scalars, or lists of Scalars."""
        return [self.model(row) for row in rows.tolist()]

    def send_back(self) -> None:
        """Do nothing: `backward()` has already taken the gradients from the predictions to the parameters."""


class Compiled:
    """The model as machine code, for all rows at once.

    The first batch is also run eagerly. If the results differ, the model depends on more than its inputs and its
    `named_parameters()`, which compiled code cannot follow.

    Raises:
        TypeError: the model is not a `Module`.
        ValueError: (when it runs) the compiled code and the model disagree.
    """

    def __init__(self, model: Any) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"compiled=True needs a gg.nn.Module, which names its parameters, got {model!r:.80}")
        self.model: Any = model
        self.names, self.parameters = map(list, zip(*model.named_parameters(), strict=True))

        def outputs(theta: Any, x: Any) -> Any:
            return self._at(theta, x)

        def weighted(theta: Any, x: Any, sent: Any) -> Any:  # its gradient is the pullback of `sent`
            found = self._at(theta, x)
            return gg.dot(list(found) if isinstance(found, (list, tuple)) else [found], list(sent))

        outputs.__name__ = weighted.__name__ = type(model).__name__  # the name in messages
        self._outputs = gg.vmap(outputs, in_axes=(None, 0))
        self._slopes = gg.vmap(gg.grad(weighted), in_axes=(None, 0, 0))
        for function in (self._outputs, self._slopes):
            # Compile before the first row, whatever it costs. Runs without machine code round differently, and the
            # decision to compile depends on timing, so no two trainings would be the same to the last bit.
            function.account.missed = math.inf
        self._leaves: list[list[Scalar]] = []
        self._rows: Any = None
        self._checked = False

    def predict(self, rows: Any) -> list[Any]:
        """The predictions for each row: Scalars, or lists of Scalars; they are leaves."""
        found = self._outputs(self._values(), rows)
        several = isinstance(found, (list, tuple))
        columns = [column.tolist() for column in (found if several else [found])]
        self._rows, self._leaves = rows, [[Scalar(value) for value in row] for row in zip(*columns, strict=True)]
        return list(self._leaves) if several else [leaf for (leaf,) in self._leaves]

    def send_back(self) -> None:
        """Take the gradients from the predictions of the last `predict` back to the parameters."""
        import numpy as np

        sent = np.array([[leaf.grad for leaf in row] for row in self._leaves])
        slopes = self._summed(sent).tolist()
        if not self._checked:
            self._check(sent.tolist(), slopes)
            self._checked = True
        for parameter, slope in zip(self.parameters, slopes, strict=True):
            parameter.grad += slope

    def _summed(self, sent: Any) -> Any:
        """The gradient: the sum over the rows, added in order from the first, as in `backward()`.

        Another order rounds differently. If a sum is 0 except for rounding errors, Adam would make a step of those.
        """
        import numpy as np

        values, total = self._values(), np.zeros(len(self.parameters))
        for start in range(0, len(sent), BLOCK):
            part = slice(start, start + BLOCK)
            total = np.add.reduce([total, *self._slopes(values, self._rows[part], sent[part])], axis=0)
        return total

    def _at(self, theta: Any, x: Any) -> Any:
        """The prediction for one row, with these parameters."""
        numbers = dict(zip(map(id, self.parameters), list(theta), strict=True))
        return _twin(self.model, numbers, {})(list(x))

    def _values(self) -> Any:
        import numpy as np

        return np.array([parameter.data for parameter in self.parameters])

    def _check(self, sent: list[list[float]], slopes: list[float]) -> None:
        """Compare the predictions and gradients of a batch with those of the model itself."""
        before = [parameter.grad for parameter in self.parameters]
        for parameter in self.parameters:
            parameter.grad = 0.0
        said = [self.model(row) for row in self._rows.tolist()]
        outputs = [list(row) if isinstance(row, (list, tuple)) else [row] for row in said]
        total = gg.dot([x for row in outputs for x in row], [weight for row in sent for weight in row])
        total.backward()
        wanted = [parameter.grad for parameter in self.parameters]
        for parameter, grad in zip(self.parameters, before, strict=True):
            parameter.grad = grad
        pairs = [(a.data, b.data) for row, leaves in zip(outputs, self._leaves) for a, b in zip(row, leaves)]
        self._require_alike(["a prediction"] * len(pairs), *zip(*pairs, strict=True))
        self._require_alike([f"the gradient of {name}" for name in self.names], wanted, slopes)

    def _require_alike(self, names: list[str], eager: Any, code: Any) -> None:
        limit = AGREEMENT * max(1e-300, *map(abs, eager))
        for name, a, b in zip(names, eager, code, strict=True):
            if abs(a - b) > limit:
                raise ValueError(
                    f"compiled, {name} is {b:g}, but the model itself gives {a:g}: the model depends on more than its "
                    "inputs and its named_parameters() (random numbers, changing state, a Scalar kept elsewhere). "
                    "Train with compiled=False, or keep all parameters as attributes of the module"
                )


def _twin(value: Any, numbers: dict[int, Any], made: dict[int, Any]) -> Any:
    """A copy of a module and of the containers of its parameters, with `numbers` in place of the parameters."""
    if isinstance(value, Scalar):
        return numbers.get(id(value), value)
    if id(value) in made:
        return made[id(value)]
    if isinstance(value, Module):
        made[id(value)] = twin = copy.copy(value)
        for name, held in vars(value).items():
            vars(twin)[name] = _twin(held, numbers, made)
        return twin
    if isinstance(value, dict):
        return {key: _twin(held, numbers, made) for key, held in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_twin(held, numbers, made) for held in value)
    if getattr(getattr(value, "dtype", None), "hasobject", False):
        twin = value.copy()
        twin.ravel()[:] = [_twin(held, numbers, made) for held in value.ravel().tolist()]
        return twin
    return value
