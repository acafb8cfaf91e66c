"""A function for arguments of one structure: the paths that it is known to go, and how its results are laid out."""

from __future__ import annotations

import itertools
import math
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.account import Tries
from glassgrad.compiler.frontend.comparison import Comparison
from glassgrad.compiler.frontend.outer_state import Outside
from glassgrad.compiler.frontend.paths import merge, require_same_way
from glassgrad.compiler.frontend.structures import flatten, holds
from glassgrad.compiler.frontend.tracer import PathTrace, refuse_old_arguments, trace_path
from glassgrad.compiler.ir.operations import is_uncompilable
from glassgrad.compiler.ir.tape import Tape, verify
from glassgrad.core import scalar
from glassgrad.core.arrays import Array, Truths
from glassgrad.core.arrays.foreign import plain
from glassgrad.core.op import describe
from glassgrad.core.scalar import Scalar, TracingError
from glassgrad.core.state import Within
from glassgrad.support import forks, pytrees
from glassgrad.support.frames import levels_to_the_user, line_of
from glassgrad.support.naming import titled
from glassgrad.transforms.given import CHANGED, Given, line_that_changes

__all__ = ["Argument", "Program", "Result", "Results", "result_of"]

WHOLE = 2**53  # whole numbers up to here are floats, by which compiled code gives them


class Argument(NamedTuple):
    """A leaf of the arguments, as one lane sees it.

    Attributes:
        name: ``"x"`` or ``"params['w']"``.
        shape: of an array; None for a number.
        single: its numbers are float32.
    """

    name: str
    shape: tuple[int, ...] | None
    single: bool = False

    @property
    def size(self) -> int:
        return math.prod(self.shape) if self.shape is not None else 1


class Result(NamedTuple):
    """A leaf of the results, as one lane gives it.

    Attributes:
        kind: ``"number"``, ``"truth"`` or ``"integer"``; ``"array"``, ``"truths"`` or ``"integers"``, arrays of them;
            or ``"fixed"``: not of the trace.
        shape: of an array.
        single: it is an array of float32 whatever the arguments are.
        value: what is fixed.
        dtype: of integers, which compiled code gives as floats.
    """

    kind: str
    shape: tuple[int, ...] = ()
    single: bool = False
    value: Any = None
    dtype: Any = None

    def __eq__(self, other: object) -> bool:
        """Whether one call gives both alike: an integer is a number there."""
        if not isinstance(other, Result):
            return NotImplemented
        kinds = ["number" if one.kind == "integer" else (one.kind, one.dtype) for one in (self, other)]
        same = kinds[0] == kinds[1] and self[1:3] == other[1:3]
        return same and (self.value is other.value or bool(np.array_equal(self.value, other.value)))

    def __hash__(self) -> int:
        return hash(self[1:3])

    @property
    def size(self) -> int:
        return 0 if self.kind == "fixed" else math.prod(self.shape)

    @property
    def is_array(self) -> bool:
        return self.kind in ("array", "truths", "integers")

    @property
    def is_whole(self) -> bool:
        """Whether an array of it, from a batch, is of whole numbers."""
        return self.kind in ("integer", "integers")


class Results:
    """What a path returns.

    Attributes:
        structure: optree's.
        leaves: in order.
        order: the leaves in the order in which their numbers are computed: arrays first, then numbers.
    """

    def __init__(self, structure: Any, leaves: tuple[Result, ...]) -> None:
        self.structure, self.leaves = structure, leaves
        arrays = [k for k, leaf in enumerate(leaves) if leaf.is_array]
        self.order = arrays + [k for k, leaf in enumerate(leaves) if not leaf.is_array and leaf.kind != "fixed"]

    def ordered(self) -> list[Result]:
        """The leaves in that order."""
        return [self.leaves[k] for k in self.order]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results):
            return NotImplemented
        return self is other or (self.structure == other.structure and self.leaves == other.leaves)

    __hash__ = None  # type: ignore[assignment]

    def text(self) -> str:
        """What the results are, for a message."""
        whats = [
            repr(leaf.value)
            if leaf.kind == "fixed"
            else f"an array of shape {leaf.shape}"
            if leaf.is_array
            else "a number"
            for leaf in self.leaves
        ]
        return str(pytrees.tree_unflatten(self.structure, whats)).replace("'", "")


_serial, _uses = itertools.count(), itertools.count()
Path = tuple[PathTrace, Results, list[int]]  # a run, how its results are laid out, their references


class Program:
    """All that is known of a function for one structure of arguments.

    Args:
        function: the function.
        structure: optree's of ``(args, kwargs)``.
        arguments: the leaves, in order. Their numbers are inputs in the order of `order`.
        fixed: leaves that are None, by place.

    Attributes:
        calls_user_code: whether compiled code calls the user's functions. What they raise comes out before anything is
            written to ``out``.
    """

    def __init__(self, function: Callable[..., Any], name: str, structure: Any, arguments: Sequence[Argument]) -> None:
        self.function, self.name, self.structure, self.arguments = function, name, structure, list(arguments)
        self.order = [k for k, a in enumerate(arguments) if a.shape is not None]
        self.order += [k for k, a in enumerate(arguments) if a.shape is None and a.name != ""]
        self.inputs = sum(arguments[k].size for k in self.order)
        self.traces: list[PathTrace] = []
        self.results: list[Results] = []
        self.refs: list[list[int]] = []
        self.calls_user_code = False
        self.single = False
        self.on_floats: bool | None = None  # whether the function does on floats what it does on nodes; None: not known
        self.sample: tuple[list[float], Results, list[float]] | None = None  # what a trace was of, and gave
        self.layout: tuple[int, Results] | None = None
        self.units: list[Any] = []  # code for one call, the unit that fitted last first
        self.coming: Any = None  # a unit that is being made in the background
        self.tries = Tries()
        self.calls = 0  # that had no code to take
        self.turn = 0  # after how many calls Python looks whether there is better code
        self.size = 0  # of the code for all paths, in operations
        self.seen: list[Results] = []  # results of runs of which no path is known
        self.lane_time: float | None = None  # seconds that a lane of a batch takes uncompiled, about
        self.cost = 0.0  # seconds that another trace takes, about
        self.dear = 0.0  # seconds an operation takes to compile, where that was found to be too many
        self.met: Counter[int] = Counter()  # how often a path that has no code was traced
        self.serial = next(_serial)  # unlike its id it is never given to another one
        self.use()
        self.lock = threading.RLock()
        forks.renew(self, "lock")
        self._paths: dict[bytes, int] = {}
        self._merged: tuple[int, Tape, list[Scalar]] | None = None
        self._said: set[tuple[str, str]] = set()  # of what is outside

    def use(self) -> None:
        """Note that it is used now."""
        self.used = next(_uses)

    @property
    def tape(self) -> Tape:
        """All known paths, merged."""
        return self.merged()[1]

    @property
    def captured(self) -> list[Scalar]:
        """The nodes from outside that any known path uses."""
        return self.merged()[2]

    def merged(self) -> tuple[int, Tape, list[Scalar]]:
        """How many paths there are, the tape of them all, the nodes from outside that it uses."""
        found = self._merged
        if found is None or found[0] != len(self.traces):
            with self.lock:
                found = self._merged = (len(self.traces), *self.tape_of(range(len(self.traces))))
        return found

    @cached_property
    def plain(self) -> bool:
        """Whether its arguments are numbers and arrays, each by its position, and nothing else: what a function could
        write to is arrays alone, which do not allow it."""
        count = len(self.arguments)
        flat = pytrees.tree_structure(((0.0,) * count, {}), none_is_leaf=True)  # type: ignore[arg-type]
        return bool(self.structure == flat and len(self.order) == count)

    def takes(self, args: Sequence[Any]) -> bool:
        """Whether a `plain` program is for these arguments: floats, and arrays of doubles."""
        if len(args) != len(self.arguments):
            return False
        for x, argument in zip(args, self.arguments):
            if argument.shape is None:
                if type(x) is not float:
                    return False
            elif type(x) is not np.ndarray or x.dtype != np.float64 or x.shape != argument.shape or not x.shape:
                return False
        return True

    # Code for one call

    def waiting(self) -> list[int]:
        """The paths that the next unit is to have code for, those met most often and last first."""
        known = {path for unit in self.units for path in unit.paths}
        some = [path for path in range(len(self.traces)) if path not in known]
        if (
            some and self.calls_user_code
        ):  # all in one unit: units that are tried in vain would call the user's functions, too
            some = list(range(len(self.traces)))
        return sorted(some, key=lambda path: (-self.met[path], -path))

    def add_unit(self, unit: Any) -> Any:
        with self.lock:
            self.units = [
                unit,
                *([] if self.calls_user_code else self.units),
            ]  # a new list, as other threads read the old one
        return unit

    def replace_units(self, unit: Any) -> None:
        """Have ``unit`` in the place of those whose paths it has code for."""
        with self.lock:
            before = self.units
            self.units = [unit, *[other for other in before if not {*other.paths} <= {*unit.paths}]]
        for other in before:
            if other.kernel is not None:
                other.kernel.version.value += 1  # so that calls look for what there is now

    def prefer(self, unit: Any) -> None:
        """Try ``unit`` first."""
        units = self.units
        if units and units[0] is not unit:
            with self.lock:
                if unit in self.units:
                    self.units = [unit, *[other for other in self.units if other is not unit]]

    def tape_of(self, paths: Sequence[int]) -> tuple[Tape, list[Scalar]]:
        """The tape of some paths, each numbered by its place among them, and the nodes from outside that it uses."""
        tape, captured = merge([self.traces[k] for k in paths], self.names, [self.refs[k] for k in paths])
        return verify(tape), captured

    @cached_property
    def names(self) -> list[str]:
        """Of the inputs."""
        found = []
        for k in self.order:
            argument = self.arguments[k]
            if not argument.shape:
                found.append(argument.name)
            else:
                found += [f"{argument.name}[{', '.join(map(str, i))}]" for i in np.ndindex(argument.shape)]
        return found

    def rebuild(self, numbers: Sequence[Any], node: bool) -> tuple[Any, Any]:
        """``(args, kwargs)`` with these numbers, in the order of the inputs; as nodes or as floats."""
        leaves: list[Any] = [None] * len(self.arguments)
        start = 0
        for k in self.order:
            argument = self.arguments[k]
            some = list(numbers[start : start + argument.size])
            start += argument.size
            if not argument.shape and argument.size == 1:
                leaves[k] = some[0]
            elif node:
                array = np.empty(len(some), dtype=object)
                array[:] = some
                array = array.reshape(argument.shape)
                array.flags.writeable = False  # what is written there would be lost
                leaves[k] = array.view(Array)
            else:
                leaves[k] = np.array(some, dtype=float).reshape(argument.shape)
                leaves[k].flags.writeable = False
        args, kwargs = pytrees.tree_unflatten(self.structure, leaves)
        return args, kwargs

    def trace(
        self,
        numbers: Sequence[float],
        gathered: dict[Any, Path] | None = None,
        late: Callable[[], bool] = lambda: False,
    ) -> tuple[int, list[float], bool]:
        """Run the function on nodes of these numbers; return its path, its results and whether the path is new. With
        ``gathered``, new paths are kept there, to be entered together; their number is -1.

        Raises:
            TracingError: a value would leave the graph; or the function stayed behind when it was pickled.
            TypeError: a result is no number.
            TooLong: ``late()`` became true meanwhile.
        """
        nodes = [scalar.variable(float(x), name) for x, name in zip(numbers, self.names)]
        args, kwargs = self.rebuild(nodes, node=True)
        given = Given(args, kwargs)
        outside = self.outside.state()
        try:
            found = trace_path(self.function, nodes, args, kwargs, late)
        except Exception as error:
            given.refuse_to_write(error, self.name)
            self.raise_what_it_raises(numbers, error)
            raise
        if given.changed():
            line = line_that_changes(self.function, *self.rebuild(nodes, node=True))
            raise TracingError(f"{line}: {self.name} {CHANGED}")
        self._warn_of_what_is_outside(outside, found)
        key = found.way
        results, refs, values = _results(found, self.name)
        refuse_old_arguments(found, self.name)
        self.sample = list(numbers), results, values
        found.result, found.refs, found.keep = None, {}, []
        found.capture = _closed  # type: ignore[method-assign]
        path = self._paths.get(key)
        if path is not None:
            require_same_way(self.traces[path], found)
            return path, values, False
        if gathered is None:
            return self.enter({key: (found, results, refs)}), values, True
        new = key not in gathered
        gathered.setdefault(key, (found, results, refs))
        return -1, values, new

    @property
    def left_behind(self) -> bool:
        """Whether the function could not come along when this was pickled: then there is but code."""
        return getattr(self.function, "is_left_behind", False)

    @cached_property
    def outside(self) -> Outside:
        """What the function uses besides its arguments."""
        return Outside(self.function)

    def _warn_of_what_is_outside(self, before: Any, found: PathTrace) -> None:
        for line, what in self.outside.messages(before, is_uncompilable(found)):
            if (line, what) not in self._said:
                self._said.add((line, what))
                name = titled(self.function)
                message = f"{line}: {name if name.startswith('`') else 'your function'} {what}"
                warnings.warn(message, RuntimeWarning, stacklevel=levels_to_the_user())

    def raise_what_it_raises(self, numbers: Sequence[float], instead: Exception) -> None:
        """Run the function itself at these numbers: an exception of its own, whose text may hold a value, comes
        before ``instead``, which it raised on nodes. But where a node is refused that a float cannot stand for either
        (as an index, say), the refusal is the one that has the cure."""
        args, kwargs = self.rebuild(list(map(float, numbers)), node=False)
        with Within(policy="nan", warns=False):
            try:
                self.function(*args, **kwargs)
            except TracingError:
                pass
            except (TypeError, AttributeError, IndexError) as error:
                if not isinstance(instead, TracingError) or not str(instead).startswith(f"{line_of(error)}: "):
                    raise

    def enter(self, some: Mapping[bytes, Path]) -> int:
        """Know these paths, all or none; return the number of the last one."""
        found, results, refs = zip(*some.values())
        traces = list(self.traces)
        for one in found:
            nearest = max(traces, key=one.shared, default=None)
            if nearest is not None:
                require_same_way(nearest, one)
            self.size += one.size - (0 if nearest is None else one.begun(one.shared(nearest)))
            self.calls_user_code = self.calls_user_code or is_uncompilable(one)
            traces.append(one)
        paths = self._paths | {key: len(self.traces) + k for k, key in enumerate(some)}
        with forks.whole:
            # An exception may come in between: what is counted by `traces` is there before they are, and then found
            self.refs, self.results = [*self.refs, *refs], [*self.results, *results]
            self.traces = traces
            self._paths = paths
        return len(traces) - 1

    # Pickling: the runs, which say all

    def __getstate__(self) -> dict[str, Any]:
        with self.lock:  # else another thread's new path may be known in one place, and not in another
            state = dict(self.__dict__)
        del state["lock"], state["function"]
        state.pop("outside", None)
        state.update(_merged=None, units=[], coming=None, turn=0, sample=None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.serial = next(_serial)
        self.use()
        self.lock = threading.RLock()
        forks.renew(self, "lock")


def _closed(node: Scalar) -> int:
    raise AssertionError("this run is over")


def _results(found: PathTrace, name: str) -> tuple[Results, list[int], list[float]]:
    """How the results of a run are laid out, their references, and their values."""
    leaves, structure = flatten(found.result)
    kinds, numbers = [], []
    for leaf in leaves:
        kind, some = result_of(leaf, name)
        if kind.kind == "fixed" and holds(leaf, found.refs):
            raise TracingError(
                f"{name} returned an object of type {type(leaf).__name__}, which holds values of its first call: later "
                "calls would get the same object. Return the values themselves, in a list, tuple, dict or dataclass"
            )
        kinds.append(kind)
        numbers.append(some)
    results = Results(structure, tuple(kinds))
    flat = [x for k in results.order for x in numbers[k]]
    refs = [found.reference(float(x) if isinstance(x, (bool, np.bool_)) else x) for x in flat]
    return results, refs, [scalar.parts_of(x)[2] if isinstance(x, Scalar) else float(x) for x in flat]


def result_of(leaf: Any, name: str) -> tuple[Result, list[Any]]:
    """Return the kind of a result of the function `name`, and its numbers in order."""
    plain(leaf, f"the result of {name}")
    if isinstance(leaf, Comparison) or type(leaf) in (bool, np.bool_):
        return Result("truth"), [leaf]
    if isinstance(leaf, (int, np.integer)) and abs(int(leaf)) <= WHOLE:
        return Result("integer", dtype=np.asarray(leaf).dtype), [leaf]
    if isinstance(leaf, (Scalar, float, int, np.floating, np.integer)):
        return Result("number"), [leaf]
    if isinstance(leaf, Truths):
        leaf = leaf.elements
    if isinstance(leaf, np.ndarray):
        elements = leaf.ravel().tolist()
        if leaf.dtype == object:
            if all(isinstance(x, (Comparison, bool)) for x in elements) and elements:
                return Result("truths", leaf.shape), elements
            strange = [x for x in elements if not isinstance(x, (Scalar, float, int))]
            if strange:
                raise TypeError(f"{name} returned an array with {describe(strange[0])} in it, which is no number")
            return Result("array", leaf.shape), elements
        if leaf.dtype.kind == "f":
            return Result("array", leaf.shape, leaf.dtype == np.float32), elements
        if leaf.dtype == bool:
            return Result("truths", leaf.shape), elements
        if leaf.dtype.kind in "iu" and all(abs(x) <= WHOLE for x in elements):
            return Result("integers", leaf.shape, dtype=leaf.dtype), elements
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "iu":
        return Result("fixed", value=leaf.copy()), []
    return Result("fixed", value=leaf), []
