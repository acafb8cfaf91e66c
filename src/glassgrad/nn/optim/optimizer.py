"""The base class of all optimisers: parameter groups, their options, and the state between steps.

A group is a dict, as in PyTorch, with its parameters under `"params"` and its options under their names. All parameters
of a group step together, so the state of a group is stored in columns: `{"exp_avg": [0.1, 0.2]}` has one number for
each parameter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, NamedTuple

from glassgrad.core.scalar import Scalar

__all__ = ["LEARNING_RATE", "WEIGHT_DECAY", "Check", "Columns", "Optimizer", "Option", "flag", "gradients", "number"]

Columns = dict[str, list[float]]


class Check(NamedTuple):
    """A rule for an option: `read` converts a value, or returns None if it is invalid; `needed` is the text."""

    needed: str
    read: Callable[[Any], Any]


def number(needed: str, holds: Callable[[float], bool]) -> Check:
    """A rule for a real number: `holds` must be true."""

    def read(value: Any) -> float | None:
        if type(value) is not float:
            if isinstance(value, bool) or not isinstance(value, Real):
                raise TypeError(f"{needed}, got {value!r}")
            value = float(value)
        return value if holds(value) else None

    return Check(needed, read)


def flag(name: str) -> Check:
    """A rule for True or False."""
    return Check(f"{name} must be True or False", lambda value: value if isinstance(value, bool) else None)


LEARNING_RATE = number("the learning rate lr must be a finite number above 0", lambda lr: 0 < lr < math.inf)
WEIGHT_DECAY = number("weight_decay must be a finite number of 0 or more", lambda decay: 0 <= decay < math.inf)


@dataclass(frozen=True)
class Option:
    """An attribute that reads or sets an option of all groups at once: `sgd.lr *= 0.9`."""

    name: str

    def __get__(self, optimizer: Optimizer | None, kind: type) -> Any:
        if optimizer is None:
            return self
        found = [group[self.name] for group in optimizer.param_groups]
        if any(value != found[0] for value in found):
            raise AttributeError(
                f"the groups of this {kind.__name__} differ in {self.name} ({', '.join(map(repr, found))}): "
                f"read param_groups[i][{self.name!r}] instead"
            )
        return found[0]

    def __set__(self, optimizer: Optimizer, value: Any) -> None:
        value = optimizer._read(self.name, value)
        for group in optimizer.param_groups:
            group[self.name] = value


class Optimizer:
    """Base class of the optimisers.

    A parameter whose gradient is 0 still takes part in a step: momentum may move it. (PyTorch skips a parameter that no
    `backward()` has reached.) So give an optimiser only the parameters that you want to train.

    Attributes:
        param_groups: a list of dicts, each with its parameters under `"params"` and its options under their names. You
            may change options between steps: `param_groups[0]["lr"] = 0.01`.
        defaults: a dict of the options of groups that do not set their own.
        parameters: a list of the parameters of all groups, in order.

    >>> import glassgrad as gg
    >>> w, b = gg.Scalar(1.0, label="w"), gg.Scalar(0.0, label="b")
    >>> optimizer = gg.optim.SGD([{"params": [w]}, {"params": [b], "lr": 0.5}], lr=0.1)
    >>> isinstance(optimizer, gg.optim.Optimizer)
    True
    >>> [group["lr"] for group in optimizer.param_groups]
    [0.1, 0.5]
    >>> (w * 3 + b).backward()
    >>> optimizer.step()
    >>> w.data, b.data
    (0.7, -0.5)
    """

    checks: ClassVar[dict[str, Check]] = {}
    lr = Option("lr")

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.param_groups: list[dict[str, Any]] = []
        self._columns: list[Columns] = []
        self.defaults = {name: self._read(name, value) for name, value in defaults.items()}
        self._require_consistent(self.defaults)
        for group in self._groups(params):
            self.add_param_group(group)

    @property
    def parameters(self) -> list[Scalar]:
        """The parameters of all groups, in order."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    @property
    def state(self) -> dict[Scalar, dict[str, float]]:
        """The state of each parameter, by parameter; empty before the first step."""
        return {
            parameter: {name: column[i] for name, column in columns.items()}
            for group, columns in zip(self.param_groups, self._columns)
            for i, parameter in enumerate(group["params"])
            if columns
        }

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add a group: a dict of its parameters, under `"params"`, and the options that differ from the defaults.

        Raises:
            TypeError, ValueError: the group has no parameters, a parameter that is not a leaf or is already in a group,
                or an unknown or invalid option.
        """
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(
                f'a parameter group must be a dict such as {{"params": [w, b], "lr": 0.1}}, got {param_group!r}'
            )
        options = {**self.defaults}
        for name, value in param_group.items():
            if name not in ("params", *self.defaults):
                raise ValueError(
                    f"{type(self).__name__} has no option {name!r}: its options are {', '.join(self.defaults)}"
                )
            if name != "params":
                options[name] = self._read(name, value)
        self._require_consistent(options)
        params = self._checked(param_group["params"])
        self.param_groups.append({"params": params, **options})
        self._columns.append({})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradient of every parameter to 0. Call this before the next `backward()`.

        Args:
            set_to_none: accepted for PyTorch's sake; a gradient is always a number here, so it makes no difference.
        """
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = 0.0

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter once.

        Args:
            closure: a function without arguments that clears the gradients, computes the loss, calls `backward()` on
                it and returns it. If given, it is called first.

        Returns:
            The result of `closure`, or None.

        Raises:
            FloatingPointError: a gradient is nan or infinite. No parameter has moved.
            TypeError, ValueError: an option of a group was set to an invalid value. No parameter has moved.
        """
        loss = None if closure is None else closure()
        index, isfinite = 0, math.isfinite
        for group in self.param_groups:
            for name in self.checks:  # options may be set by hand between steps
                group[name] = self._restored(name, group[name])
            for parameter in group["params"]:
                if not isfinite(parameter.grad):
                    raise FloatingPointError(
                        f"the gradient of {_called(index, parameter)} is {parameter.grad!r}: "
                        "no parameter was moved. Compute the loss inside gg.detect_anomaly() to see where that "
                        "comes from, or lower lr"
                    )
                index += 1
        for group, columns in zip(self.param_groups, self._columns):
            self._move(group, columns)
        return loss

    def _move(self, group: dict[str, Any], columns: Columns) -> None:
        """Move the parameters of one group; all gradients are finite."""
        raise NotImplementedError

    # State

    def state_dict(self) -> dict[str, Any]:
        """Return the state and the options, in PyTorch's layout. Parameters are numbered from 0 across all groups.

        >>> import glassgrad as gg
        >>> sgd = gg.optim.SGD([gg.Scalar(1.0)], lr=0.1, momentum=0.9)
        >>> sgd.step()
        >>> sgd.state_dict()["state"]
        {0: {'momentum_buffer': 0.0}}
        """
        start, groups, state = 0, [], {}
        for group, columns in zip(self.param_groups, self._columns):
            places = list(range(start, start + len(group["params"])))
            groups.append({**group, "params": places})
            for i, place in enumerate(places):
                if columns:
                    state[place] = {name: column[i] for name, column in columns.items()}
            start += len(places)
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a state that `state_dict` returned, from an optimiser of this class with as many parameters.

        Raises:
            TypeError, ValueError: the state belongs to another kind of optimiser, or to other parameters. Nothing has
                changed in that case.
        """
        groups, columns = self._read_state(state_dict)
        for group, new in zip(self.param_groups, groups):
            params = group["params"]
            group.clear()
            group.update({"params": params, **new})
        self._columns = columns

    def _read_state(self, state_dict: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[Columns]]:
        name = type(self).__name__
        if not isinstance(state_dict, Mapping) or not {"state", "param_groups"} <= state_dict.keys():
            raise TypeError(f"{name}.load_state_dict needs a dict from state_dict(), got {state_dict!r:.80}")
        saved, state = state_dict["param_groups"], state_dict["state"]
        sizes, needed = [len(group["params"]) for group in saved], [len(group["params"]) for group in self.param_groups]
        if sizes != needed:
            raise ValueError(
                f"the state has groups of {sizes} parameters, but this {name} has groups of {needed}: "
                "make the optimiser as it was when the state was saved"
            )
        groups, columns = [], []
        for number, group in enumerate(saved):
            if missing := self.defaults.keys() - group.keys():
                raise ValueError(
                    f"group {number} of the state has no {', '.join(sorted(missing))}: it was not saved by an "
                    f"optimiser of the class {name}"
                )
            options = {key: self._restored(key, value) for key, value in group.items() if key != "params"}
            for key, value in self.param_groups[number].items():
                if isinstance(value, Real) and not isinstance(options.get(key, value), Real):
                    raise ValueError(f"the state is damaged: group {number} has {key}={options[key]!r:.60}")
            self._require_consistent(options)
            groups.append(options)
            columns.append(self._read_columns([state.get(place) for place in group["params"]], options))
        return groups, columns

    def _restored(self, name: str, value: Any) -> Any:
        """An option of a group, checked. But a schedule may set `lr` to 0, and store numbers of its own in a group."""
        schedules = name not in self.checks or (name == "lr" and value == 0)
        return value if schedules else self._read(name, value)

    def _read_columns(self, rows: list[Any], options: dict[str, Any]) -> Columns:
        """The state of a group's parameters as columns; either all parameters have a state, or none has."""
        if all(row is None or not row for row in rows):
            return {}
        wanted = self._column_names(options)
        for row in rows:
            if not isinstance(row, Mapping) or set(row) != set(wanted):
                raise ValueError(
                    f"{type(self).__name__} needs {', '.join(wanted) or 'nothing'} for each parameter, but the state "
                    f"has {', '.join(row) if row else 'nothing'}: it was saved with another optimiser or other options"
                )
        columns = {name: [float(row[name]) for row in rows] for name in wanted}
        for steps in columns.get("step", ()):
            if not (steps >= 1 and steps % 1 == 0):
                raise ValueError(f"the state is damaged: a parameter's steps must be 1 or more, got {steps:g}")
        return columns

    def _column_names(self, options: dict[str, Any]) -> tuple[str, ...]:
        """The names of the numbers that a step with these options stores for each parameter."""
        raise NotImplementedError

    def __repr__(self) -> str:
        count = len(self.parameters)
        first = self.param_groups[0]
        options = ", ".join(f"{name}={_shown(first[name])}" for name in self._told(first))
        groups = f" in {len(self.param_groups)} groups" if len(self.param_groups) > 1 else ""
        return f"{type(self).__name__}({count} parameters{groups}, {options})"

    def _told(self, group: dict[str, Any]) -> list[str]:
        """The options to show in the repr: numbers, and flags that are set."""
        return [name for name in self.defaults if group[name] is not False]

    # Arguments

    def _read(self, name: str, value: Any) -> Any:
        """Check and convert `value` for the option `name`."""
        check = self.checks[name]
        found = check.read(value)
        if found is None:
            raise ValueError(f"{check.needed}, got {value!r}")
        return found

    def _require_consistent(self, options: dict[str, Any]) -> None:
        """Raise ValueError if the options contradict each other."""

    def _groups(self, params: Any) -> list[dict[str, Any]]:
        """The constructor's argument as a list of groups; a list of parameters becomes one group."""
        name = type(self).__name__
        if isinstance(params, (set, frozenset)):
            raise TypeError(f"{name} needs its parameters in a fixed order, which a set does not have: pass a list")
        if isinstance(params, (Scalar, Mapping)) or not hasattr(params, "__iter__"):
            raise TypeError(f"{name} needs a list of Scalars such as model.parameters(), got {params!r}")
        found = list(params)
        return found if found and isinstance(found[0], Mapping) else [{"params": found}]

    def _checked(self, params: Any) -> list[Scalar]:
        """The parameters as a list; each must be a leaf, and occur once."""
        name = type(self).__name__
        found = [params] if isinstance(params, Scalar) else list(params)
        if not found:
            raise ValueError(f"{name} got no parameters: pass a list of Scalars such as model.parameters()")
        found = [_without_name(parameter) for parameter in found]
        start = len(self.parameters)
        places = {id(parameter): place for place, parameter in enumerate(self.parameters)}
        for index, parameter in enumerate(found, start):
            if not isinstance(parameter, Scalar):
                raise TypeError(f"{name}: parameter {index} must be a Scalar, got {parameter!r}: wrap it in gg.Scalar")
            if parameter.op:
                raise ValueError(
                    f"{_called(index, parameter)} is the result of {parameter.op!r}: "
                    f"{name} needs leaves, made by Scalar(number)"
                )
            first = places.setdefault(id(parameter), index)
            if first != index:
                raise ValueError(
                    f"parameters {first} and {index}{_label(parameter)} are the same Scalar, "
                    "which would move twice: pass it once"
                )
        return found


def _without_name(parameter: Any) -> Any:
    """The parameter itself, if it comes in a pair (name, parameter) from `named_parameters()`."""
    named = isinstance(parameter, tuple) and len(parameter) == 2 and isinstance(parameter[0], str)
    return parameter[1] if named else parameter


def _called(index: int, parameter: Scalar) -> str:
    return f"parameter {index}{_label(parameter)}"


def _label(parameter: Scalar) -> str:
    return f" ({parameter.label})" if parameter.named else ""


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


def gradients(group: dict[str, Any], decay: float) -> list[float]:
    """The gradients to descend along, weight decay included; with `maximize`, `backward()`'s gradients negated."""
    params = group["params"]
    if group["maximize"]:
        return [decay * parameter.data - parameter.grad for parameter in params]
    if decay:
        return [parameter.grad + decay * parameter.data for parameter in params]
    return [parameter.grad for parameter in params]
