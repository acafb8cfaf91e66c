"""What all optimisers share: parameter groups, their options, and the state that a step leaves behind.

A group is a dict, as in PyTorch: its parameters under `"params"`, and an option under each other name. All parameters
of a group step together, so its state is kept as columns: `{"exp_avg": [0.1, 0.2]}` is one number a parameter.
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
    """What an option must be: `read` turns a value into it, or returns None; `needed` says it in words."""

    needed: str
    read: Callable[[Any], Any]


def number(needed: str, holds: Callable[[float], bool]) -> Check:
    """A real number for which `holds` is true."""

    def read(value: Any) -> float | None:
        if type(value) is not float:
            if isinstance(value, bool) or not isinstance(value, Real):
                raise TypeError(f"{needed}, not {value!r}")
            value = float(value)
        return value if holds(value) else None

    return Check(needed, read)


def flag(name: str) -> Check:
    """True or False."""
    return Check(f"{name} is True or False", lambda value: value if isinstance(value, bool) else None)


LEARNING_RATE = number("the learning rate lr is a finite number above 0", lambda lr: 0 < lr < math.inf)
WEIGHT_DECAY = number("weight_decay is a finite number of 0 or more", lambda decay: 0 <= decay < math.inf)


@dataclass(frozen=True)
class Option:
    """An attribute that reads and sets an option of all groups: `sgd.lr *= 0.9`."""

    name: str

    def __get__(self, optimizer: Optimizer | None, kind: type) -> Any:
        if optimizer is None:
            return self
        found = [group[self.name] for group in optimizer.param_groups]
        if any(value != found[0] for value in found):
            raise AttributeError(
                f"the groups of this {kind.__name__} differ in {self.name} ({', '.join(map(repr, found))}): "
                f"read it as param_groups[i][{self.name!r}]"
            )
        return found[0]

    def __set__(self, optimizer: Optimizer, value: Any) -> None:
        value = optimizer._read(self.name, value)
        for group in optimizer.param_groups:
            group[self.name] = value


class Optimizer:
    """Base class of the optimisers.

    Attributes:
        param_groups: a list of dicts, each with its parameters under `"params"` and its options under their names.
            Options may be changed between steps, `param_groups[0]["lr"] = 0.01`.
        defaults: the options that a group gets where it does not give its own.
        parameters: the parameters of all groups, in order.

    A parameter whose gradient is 0 takes part in a step all the same: momentum goes on moving it. PyTorch skips a
    parameter that no `backward()` reached; give an optimiser only what you want to train.
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
        """What each parameter's steps have left behind, by parameter; empty before the first step."""
        return {
            parameter: {name: column[i] for name, column in columns.items()}
            for group, columns in zip(self.param_groups, self._columns)
            for i, parameter in enumerate(group["params"])
            if columns
        }

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add a dict of parameters, under `"params"`, and the options that differ from the defaults.

        Raises:
            TypeError, ValueError: it has no parameters, one that is no leaf or is here already, or an unknown or
                wrong option.
        """
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(
                f'a parameter group is a dict with "params" in it, {{"params": [w, b], "lr": 0.1}}, not {param_group!r}'
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
        """Set the gradient of every parameter to 0, as is due before the next `backward()`.

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
                it and returns it. Called first, where it is given.

        Returns:
            What `closure` returned, or None.

        Raises:
            FloatingPointError: a gradient is NaN or infinite. No parameter has moved then.
            ValueError: an option of a group was set to what it cannot be. No parameter has moved then.
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
                        "no parameter was moved; compute the loss under gg.detect_anomaly() to see where it "
                        "comes from, or lower lr"
                    )
                index += 1
        for group, columns in zip(self.param_groups, self._columns):
            self._move(group, columns)
        return loss

    def _move(self, group: dict[str, Any], columns: Columns) -> None:
        """Move the parameters of one group, whose gradients are finite."""
        raise NotImplementedError

    # State

    def state_dict(self) -> dict[str, Any]:
        """The state and the options, in PyTorch's layout; parameters are counted from 0 through all groups.

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
        """Take over what `state_dict` of an optimiser of this class and as many parameters returned.

        Raises:
            TypeError, ValueError: it is of another kind of optimiser, or of other parameters. Nothing has changed then.
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
            raise TypeError(f"{name}.load_state_dict takes what state_dict() returned, not {state_dict!r:.80}")
        saved, state = state_dict["param_groups"], state_dict["state"]
        sizes, needed = [len(group["params"]) for group in saved], [len(group["params"]) for group in self.param_groups]
        if sizes != needed:
            raise ValueError(
                f"the state is of groups of {sizes} parameters, and this {name} has groups of {needed}: "
                "make the optimiser as it was made when the state was saved"
            )
        groups, columns = [], []
        for number, group in enumerate(saved):
            if missing := self.defaults.keys() - group.keys():
                raise ValueError(
                    f"group {number} of the state has no {', '.join(sorted(missing))}: it was saved by another "
                    f"optimiser than {name}"
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
        """An option of a group, where a schedule may have set `lr` to 0, or kept numbers of its own."""
        schedules = name not in self.checks or (name == "lr" and value == 0)
        return value if schedules else self._read(name, value)

    def _read_columns(self, rows: list[Any], options: dict[str, Any]) -> Columns:
        """Per-parameter state as columns; all parameters of a group have it, or none has."""
        if all(row is None or not row for row in rows):
            return {}
        wanted = self._column_names(options)
        for row in rows:
            if not isinstance(row, Mapping) or set(row) != set(wanted):
                raise ValueError(
                    f"{type(self).__name__} keeps {', '.join(wanted) or 'nothing'} for each parameter, and the state "
                    f"has {', '.join(row) if row else 'nothing'}: it was saved by another optimiser, or other options"
                )
        columns = {name: [float(row[name]) for row in rows] for name in wanted}
        for steps in columns.get("step", ()):
            if not (steps >= 1 and steps % 1 == 0):
                raise ValueError(f"the state is damaged: a parameter has taken {steps:g} steps, not 1 or more")
        return columns

    def _column_names(self, options: dict[str, Any]) -> tuple[str, ...]:
        """What a step with these options leaves behind for each parameter."""
        raise NotImplementedError

    def __repr__(self) -> str:
        count = len(self.parameters)
        first = self.param_groups[0]
        options = ", ".join(f"{name}={_shown(first[name])}" for name in self._told(first))
        groups = f" in {len(self.param_groups)} groups" if len(self.param_groups) > 1 else ""
        return f"{type(self).__name__}({count} parameters{groups}, {options})"

    def _told(self, group: dict[str, Any]) -> list[str]:
        """The options to show: numbers, and flags that are set."""
        return [name for name in self.defaults if group[name] is not False]

    # What goes in

    def _read(self, name: str, value: Any) -> Any:
        """`value` as the option `name` needs it."""
        check = self.checks[name]
        found = check.read(value)
        if found is None:
            raise ValueError(f"{check.needed}, not {value!r}")
        return found

    def _require_consistent(self, options: dict[str, Any]) -> None:
        """Refuse options that do not go together."""

    def _groups(self, params: Any) -> list[dict[str, Any]]:
        """What the constructor got, as groups: a list of dicts, or parameters that make one."""
        name = type(self).__name__
        if isinstance(params, (set, frozenset)):
            raise TypeError(f"{name} needs its parameters in an order, which a set has not: give a list")
        if isinstance(params, (Scalar, Mapping)) or not hasattr(params, "__iter__"):
            raise TypeError(f"{name} takes a list of Scalars such as model.parameters(), not {params!r}")
        found = list(params)
        return found if found and isinstance(found[0], Mapping) else [{"params": found}]

    def _checked(self, params: Any) -> list[Scalar]:
        """The parameters as a list, each of them a leaf and there once."""
        name = type(self).__name__
        found = [params] if isinstance(params, Scalar) else list(params)
        if not found:
            raise ValueError(f"{name} got no parameters: give it a list of Scalars such as model.parameters()")
        found = [_without_name(parameter) for parameter in found]
        start = len(self.parameters)
        places = {id(parameter): place for place, parameter in enumerate(self.parameters)}
        for index, parameter in enumerate(found, start):
            if not isinstance(parameter, Scalar):
                raise TypeError(f"{name} moves Scalars, and parameter {index} is {parameter!r}: wrap it in gg.Scalar")
            if parameter.op:
                raise ValueError(
                    f"{_called(index, parameter)} is the result of {parameter.op!r}: "
                    f"{name} moves leaves, made by Scalar(number)"
                )
            first = places.setdefault(id(parameter), index)
            if first != index:
                raise ValueError(
                    f"parameters {first} and {index}{_label(parameter)} are one Scalar, "
                    "and would be moved twice: give it once"
                )
        return found


def _without_name(parameter: Any) -> Any:
    """The parameter of a pair that `named_parameters()` gave."""
    named = isinstance(parameter, tuple) and len(parameter) == 2 and isinstance(parameter[0], str)
    return parameter[1] if named else parameter


def _called(index: int, parameter: Scalar) -> str:
    return f"parameter {index}{_label(parameter)}"


def _label(parameter: Scalar) -> str:
    return f" ({parameter.label})" if parameter.named else ""


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


def gradients(group: dict[str, Any], decay: float) -> list[float]:
    """The gradients to go down along, with the pull of weight decay: with `maximize`, minus what `backward()` found."""
    params = group["params"]
    if group["maximize"]:
        return [decay * parameter.data - parameter.grad for parameter in params]
    if decay:
        return [parameter.grad + decay * parameter.data for parameter in params]
    return [parameter.grad for parameter in params]
