"""A function for arguments of one structure: its known paths, and the layout of its results."""

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

WHOLE = 2**53  # Compiled code returns integers as floats, which represent all of them up to this size.


class Argument(NamedTuple):
    """A leaf of the arguments, for one lane.

    Attributes:
        name: its name, such as ``"x"`` or ``"params['w']"``.
        shape: the shape of an array; None for a number.
        single: whether its numbers are float32.
    """

    name: str
    shape: tuple[int, ...] | None
    single: bool = False

    @property
    def size(self) -> int:
        return math.prod(self.shape) if self.shape is not None else 1


class Result(NamedTuple):
    """A leaf of the results, for one lane.

    Attributes:
        kind: ``"number"``, ``"truth"`` or ``"integer"``; for arrays of these, ``"array"``, ``"truths"`` or
            ``"integers"``; or ``"fixed"`` for an object that does not depend on the arguments.
        shape: the shape of an array.
        single: whether it is an array of float32, even where the arguments are not.
        value: the fixed object.
        dtype: the dtype of integers, which compiled code returns as floats.
    """

    kind: str
    shape: tuple[int, ...] = ()
    single: bool = False
    value: Any = None
    dtype: Any = None

    def __eq__(self, other: object) -> bool:
        """Whether a single call returns both in the same form. There, an integer is a number."""
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
        """Whether a batch returns it as an array of integers."""
        return self.kind in ("integer", "integers")


class Results:
    """The results of a path.

    Attributes:
        structure: the optree structure.
        leaves: the leaves, in the order of the structure.
        order: positions of leaves, in the order in which their numbers are computed: arrays first, then numbers.
    """

    def __init__(self, structure: Any, leaves: tuple[Result, ...]) -> None:
        self.structure, self.leaves = structure, leaves
        arrays = [k for k, leaf in enumerate(leaves) if leaf.is_array]
        self.order = arrays + [k for k, leaf in enumerate(leaves) if not leaf.is_array and leaf.kind != "fixed"]

    def ordered(self) -> list[Result]:
        """Return the leaves in the order of `order`."""
        return [self.leaves[k] for k in self.order]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results):
            return NotImplemented
        return self is other or (self.structure == other.structure and self.leaves == other.leaves)

    __hash__ = None  # type: ignore[assignment]

    def text(self) -> str:
        """Describe the results, for a message."""
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
Path = tuple[PathTrace, Results, list[int]]  # A run, the layout of its results, and their references.


class Program:
    """Everything that is known about a function for one structure of arguments.

    Args:
        function: the function.
        name: its name, for messages.
        structure: the optree structure of ``(args, kwargs)``.
        arguments: the leaves, in order. The inputs are their numbers, in the order of the attribute ``order``.

    Attributes:
        calls_user_code: whether compiled code calls the user's functions. If one raises, the exception comes out before
            anything is written to ``out``.
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
        self.on_floats: bool | None = None  # whether the function does the same on floats as on nodes; None: unknown
        self.sample: tuple[list[float], Results, list[float]] | None = None  # a trace's inputs, results, their values
        self.layout: tuple[int, Results] | None = None
        self.units: list[Any] = []  # code for one call; first the unit that fitted last
        self.coming: Any = None  # a unit that is being made in the background
        self.tries = Tries()
        self.calls = 0  # calls that found no code
        self.turn = 0  # after this many calls, Python checks for better code
        self.size = 0  # the size of the code for all paths, in operations
        self.seen: list[Results] = []  # the results of runs along unknown paths
        self.lane_time: float | None = None  # the seconds that an uncompiled lane of a batch takes, roughly
        self.cost = 0.0  # the seconds that another trace takes, roughly
        self.dear = 0.0  # the seconds to compile one operation, if that was found to be too long
        self.met: Counter[int] = Counter()  # how often each path without code was traced
        self.serial = next(_serial)  # never given to another program, unlike an id
        self.use()
        self.lock = threading.RLock()
        forks.renew(self, "lock")
        self._paths: dict[bytes, int] = {}
        self._merged: tuple[int, Tape, list[Scalar]] | None = None
        self._said: set[tuple[str, str]] = set()  # warnings about outer state that were given

    def use(self) -> None:
        """Note that the program is used now."""
        self.used = next(_uses)

    @property
    def tape(self) -> Tape:
        """The tape of all known paths, merged."""
        return self.merged()[1]

    @property
    def captured(self) -> list[Scalar]:
        """The captured nodes of all known paths."""
        return self.merged()[2]

    def merged(self) -> tuple[int, Tape, list[Scalar]]:
        """Return the number of paths, the tape of all of them, and the captured nodes that it uses."""
        found = self._merged
        if found is None or found[0] != len(self.traces):
            with self.lock:
                found = self._merged = (len(self.traces), *self.tape_of(range(len(self.traces))))
        return found

    @cached_property
    def plain(self) -> bool:
        """Whether all arguments are positional, and each is a number or an array.

        Then the function can write to none of its arguments: the arrays that it gets are read-only.
        """
        count = len(self.arguments)
        flat = pytrees.tree_structure(((0.0,) * count, {}), none_is_leaf=True)  # type: ignore[arg-type]
        return bool(self.structure == flat and len(self.order) == count)

    def takes(self, args: Sequence[Any]) -> bool:
        """Whether a `plain` program takes these arguments: floats, and arrays of doubles."""
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
        """Return the paths that the next unit should hold, first those that were met most often and most recently."""
        known = {path for unit in self.units for path in unit.paths}
        some = [path for path in range(len(self.traces)) if path not in known]
        if (
            some and self.calls_user_code
        ):  # all go into one unit, because a unit that does not fit would call the user's functions in vain
            some = list(range(len(self.traces)))
        return sorted(some, key=lambda path: (-self.met[path], -path))

    def add_unit(self, unit: Any) -> Any:
        """Put ``unit`` first, and return it."""
        with self.lock:
            self.units = [
                unit,
                *([] if self.calls_user_code else self.units),
            ]  # a new list, because other threads read the old one
        return unit

    def replace_units(self, unit: Any) -> None:
        """Put ``unit`` first, and remove the units whose paths it covers."""
        with self.lock:
            before = self.units
            self.units = [unit, *[other for other in before if not {*other.paths} <= {*unit.paths}]]
        for other in before:
            if other.kernel is not None:
                other.kernel.version.value += 1  # so that calls look for the new code

    def prefer(self, unit: Any) -> None:
        """Try ``unit`` first."""
        units = self.units
        if units and units[0] is not unit:
            with self.lock:
                if unit in self.units:
                    self.units = [unit, *[other for other in self.units if other is not unit]]

    def tape_of(self, paths: Sequence[int]) -> tuple[Tape, list[Scalar]]:
        """Return the tape of some paths, numbered by their position in ``paths``, and its captured nodes."""
        tape, captured = merge([self.traces[k] for k in paths], self.names, [self.refs[k] for k in paths])
        return verify(tape), captured

    @cached_property
    def names(self) -> list[str]:
        """The names of the inputs."""
        found = []
        for k in self.order:
            argument = self.arguments[k]
            if not argument.shape:
                found.append(argument.name)
            else:
                found += [f"{argument.name}[{', '.join(map(str, i))}]" for i in np.ndindex(argument.shape)]
        return found

    def rebuild(self, numbers: Sequence[Any], node: bool) -> tuple[Any, Any]:
        """Return ``(args, kwargs)`` with these numbers, which come in the order of the inputs, as nodes or floats."""
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
                array.flags.writeable = False  # anything written there would be lost
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
        """Run the function on nodes of these numbers, and record the run.

        Args:
            numbers: the inputs.
            gathered: if given, a new path is put there instead of being entered at once, and its number is -1.
            late: tells when the run has taken too long.

        Returns:
            The number of the path, the values of the results, and whether the path is new.

        Raises:
            TracingError: a value would leave the graph, or the function was left behind when it was pickled.
            TypeError: a result is not a number.
            TooLong: ``late()`` returned True during the run.
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
        """Whether the pickler could not take the function along. Then only the known paths can run."""
        return getattr(self.function, "is_left_behind", False)

    @cached_property
    def outside(self) -> Outside:
        """The state that the function uses besides its arguments."""
        return Outside(self.function)

    def _warn_of_what_is_outside(self, before: Any, found: PathTrace) -> None:
        for line, what in self.outside.messages(before, is_uncompilable(found)):
            if (line, what) not in self._said:
                self._said.add((line, what))
                name = titled(self.function)
                message = f"{line}: {name if name.startswith('`') else 'your function'} {what}"
                warnings.warn(message, RuntimeWarning, stacklevel=levels_to_the_user())

    def raise_what_it_raises(self, numbers: Sequence[float], instead: Exception) -> None:
        """Run the function on floats, and raise its own exception instead of the one that it raised on nodes.

        The text of its own exception may hold a value. There is one exception to this: if a float fails at the same
        line as the node that was refused (a float is no index either), nothing is raised here, because the refusal,
        ``instead``, names the cure.
        """
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
        """Add these paths, either all or none. Return the number of the last one."""
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
            # A signal may raise an exception between these lines. `traces` tells how many paths there are, so their
            # results are stored before it, and `_paths`, which finds them, after it.
            self.refs, self.results = [*self.refs, *refs], [*self.results, *results]
            self.traces = traces
            self._paths = paths
        return len(traces) - 1

    # Pickling: everything else can be made from the traces

    def __getstate__(self) -> dict[str, Any]:
        with self.lock:  # so that another thread's new path is in all attributes or in none
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
    raise AssertionError("the run has ended: no more nodes can be captured")


def _results(found: PathTrace, name: str) -> tuple[Results, list[int], list[float]]:
    """Return the layout of a run's results, their references, and their values."""
    leaves, structure = flatten(found.result)
    kinds, numbers = [], []
    for leaf in leaves:
        kind, some = result_of(leaf, name)
        if kind.kind == "fixed" and holds(leaf, found.refs):
            raise TracingError(
                f"{name} returned an object of type {type(leaf).__name__} that holds values of its first call. Later "
                "calls would get the same object. Return the values themselves, in a list, tuple, dict or dataclass"
            )
        kinds.append(kind)
        numbers.append(some)
    results = Results(structure, tuple(kinds))
    flat = [x for k in results.order for x in numbers[k]]
    refs = [found.reference(float(x) if isinstance(x, (bool, np.bool_)) else x) for x in flat]
    return results, refs, [scalar.parts_of(x)[2] if isinstance(x, Scalar) else float(x) for x in flat]


def result_of(leaf: Any, name: str) -> tuple[Result, list[Any]]:
    """Return the description of a leaf of the results, and its numbers, in order."""
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
                raise TypeError(f"{name} returned an array that contains {describe(strange[0])}, which is not a number")
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
