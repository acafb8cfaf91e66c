"""A program: everything that is known about a function for one kind of arguments, mainly its paths and their code."""

from __future__ import annotations

import itertools
import math
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler.account import SearchCost
from glassgrad.compiler.frontend.outer_state import Outside
from glassgrad.compiler.frontend.paths import merge, require_same_way
from glassgrad.compiler.frontend.results import Results, common, require_alike, result_of
from glassgrad.compiler.frontend.structures import flatten, holds
from glassgrad.compiler.frontend.tracer import PathTrace, refuse_old_arguments, trace_path
from glassgrad.compiler.frontend.user_function import UserFunction
from glassgrad.compiler.ir.operations import is_uncompilable
from glassgrad.compiler.ir.tape import Tape, verify
from glassgrad.core import scalar
from glassgrad.core.arrays import Array
from glassgrad.core.scalar import Scalar, TracingError
from glassgrad.core.state import Within
from glassgrad.support import forks, pytrees
from glassgrad.support.frames import levels_to_the_user, line_of
from glassgrad.support.naming import titled
from glassgrad.transforms.given import CHANGED, Given, line_that_changes

__all__ = ["Argument", "NoLayout", "Program"]


class Argument(NamedTuple):
    """A leaf of the arguments, as the tracer needs it.

    Attributes:
        name: its name, such as ``"x"`` or ``"params['w']"``. It is empty for None, which is no input.
        shape: the shape that one lane sees; None for a number.
        single: whether it is float32.
        integer: whether it is known to be an integer, or an array of integers.
    """

    name: str
    shape: tuple[int, ...] | None
    single: bool = False
    integer: bool = False

    @property
    def size(self) -> int:
        return math.prod(self.shape) if self.shape is not None else 1


_serial, _uses = itertools.count(), itertools.count()
Path = tuple[PathTrace, Results, list[int]]  # A trace, the layout of its results, and their references.


class NoLayout(Exception):
    """The function raised an exception, which is to become nan, but no lane has told yet what it returns.

    The exception is the cause of this one.
    """


class GivenUp(NamedTuple):
    """Code that was too expensive.

    Attributes:
        paths: the paths that it was for.
        seconds: how long making it would take another time, beginning with what is done.
        done: what is done.
    """

    paths: tuple[int, ...]
    seconds: float
    done: Any


class Program:
    """Everything that is known about a function for one kind of arguments: one structure, and one shape of each array.

    Args:
        user: the function.
        structure: the structure of ``(args, kwargs)``, as optree describes it.
        arguments: the leaves. The inputs are their numbers, in the order of the attribute ``order``.
        single: whether arrays among the results are float32.

    Attributes:
        order: the positions of the leaves, in the order in which kernels take them: arrays first, then numbers.
        inputs: the number of inputs.
        traces, results, refs: for each path, its trace, the layout of its results, and their references.
        units: code for one call. The unit that fitted last comes first.
        batch_code: code for batches, by the layouts of arguments and results in memory.
        serial: a number that no other program has. Unlike an id, it is never used again.
        calls_user_code: whether compiled code calls the user's functions. If one raises, the exception comes out before
            anything is written to ``out``.
    """

    def __init__(self, user: UserFunction, structure: Any, arguments: Sequence[Argument], single: bool = False) -> None:
        self.user, self.structure, self.arguments, self.single = user, structure, list(arguments), single
        self.order = [k for k, a in enumerate(arguments) if a.shape is not None]
        self.order += [k for k, a in enumerate(arguments) if a.shape is None and a.name != ""]
        self.inputs = sum(arguments[k].size for k in self.order)
        self.traces: list[PathTrace] = []
        self.results: list[Results] = []
        self.refs: list[list[int]] = []
        self.calls_user_code = False
        self.units: list[Any] = []
        self.batch_code: dict[Any, Any] = {}
        self.on_floats: bool | None = None  # whether the function computes the same on floats as on nodes, if known
        self.sample: tuple[list[float], Results, list[float]] | None = None  # a trace's inputs, results, their values
        self.layout: tuple[int, Results] | None = None  # that of a batch, and how many layouts it was made from
        self.background_unit: Any = None  # a unit that is being made in the background
        self.search_cost = SearchCost()
        self.calls = 0  # the number of calls that found no code
        self.size = 0  # the size of the code for all paths, in operations
        self.uncompiled_results: list[Results] = []  # the layouts of the results of lanes that ran uncompiled
        self.lane_time: float | None = None  # the seconds that an uncompiled lane of a batch takes, roughly
        self.trace_time = 0.0  # the seconds that another trace takes, roughly
        self.operation_time = 0.0  # the seconds to compile one operation, if that was found to be too long
        self.given_up: GivenUp | None = None
        self.trace_counts: Counter[int] = Counter()  # how often each path was traced while it had no code
        self.serial = next(_serial)
        self.use()
        self.lock = threading.RLock()
        forks.renew(self, "lock")
        self._paths: dict[bytes, int] = {}
        self._merged: tuple[int, Tape, list[Scalar]] | None = None
        self._said: set[tuple[str, str]] = set()  # warnings about outer state that were given

    @property
    def function(self) -> Callable[..., Any]:
        """The user's function."""
        return self.user.function

    @property
    def name(self) -> str:
        """The name of the function in messages."""
        return self.user.title

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
        flat = pytrees.tree_structure(((0.0,) * count, {}), none_is_leaf=True)
        return bool(self.structure == flat and len(self.order) == count)

    def takes(self, args: Sequence[Any]) -> bool:
        """Whether a `plain` program takes these arguments: floats, and arrays of float64."""
        if len(args) != len(self.arguments):
            return False
        for x, argument in zip(args, self.arguments):
            if argument.shape is None:
                if type(x) is not float:
                    return False
            elif type(x) is not np.ndarray or x.dtype != np.float64 or x.shape != argument.shape or not x.shape:
                return False
        return True

    # Batches

    def lane_results(self) -> Results:
        """Return the layout of the results of a batch, whichever paths its lanes take."""
        every = [*self.results, *self.uncompiled_results]
        if self.layout is None or self.layout[0] != len(every):
            self.layout = len(every), common(every, self.user.called)
        return self.layout[1]

    def note_lane_results(self, results: Results) -> None:
        """Note the results of a lane that ran uncompiled."""
        every = [*self.results, *self.uncompiled_results]
        if not any(results == other for other in every):
            for other in every[:1]:
                require_alike(other, results, self.user.called)
            self.uncompiled_results = [*self.uncompiled_results, results]
            self.end_fast_paths()  # they may return truths where other lanes return numbers

    def end_fast_paths(self) -> None:
        """Make the next batch of any kind go through Python."""
        for code in list(self.batch_code.values()):
            if code.kernel is not None:
                code.kernel.version.value += 1

    # Code

    def kernels(self) -> list[Any]:
        """Return all current kernels. The last one is the youngest."""
        made = [*reversed(self.units), *list(self.batch_code.values())]
        return [one.kernel for one in made if one.kernel is not None]

    def waiting(self) -> list[int]:
        """Return the paths that the next unit should hold, first those that were traced most often and last."""
        known = {path for unit in self.units for path in unit.paths}
        some = [path for path in range(len(self.traces)) if path not in known]
        if some and self.calls_user_code:  # one unit holds all: a unit that does not fit would call user code in vain
            some = list(range(len(self.traces)))
        return sorted(some, key=lambda path: (-self.trace_counts[path], -path))

    def give_up(self, paths: Iterable[int], error: Any) -> None:
        """Note that code for some paths was too expensive, as a `TooExpensive` said."""
        some = tuple(paths)
        self.given_up = GivenUp(some, error.seconds, error.done)
        size = sum([self.traces[path].size for path in some])
        self.operation_time = error.seconds / max(size, 1)  # a path may have no operations

    def done_for(self, paths: Iterable[int]) -> Any:
        """Return what is done of code for these paths that was given up, or None. It is used once."""
        given_up = self.given_up
        if given_up is None or given_up.paths != tuple(paths):
            return None
        self.given_up = None
        return given_up.done

    def add_unit(self, unit: Any) -> Any:
        """Put ``unit`` first, and return it."""
        with self.lock:
            before = [] if self.calls_user_code else self.units
            self.units = [unit, *before]  # a new list, because other threads read the old one
        return unit

    def replace_units(self, unit: Any) -> None:
        """Put ``unit`` first, and remove the units whose paths it covers."""
        with self.lock:
            before = self.units
            self.units = [unit, *[other for other in before if not {*other.paths} <= {*unit.paths}]]
        for other in before:
            if other.kernel is not None:
                other.kernel.version.value += 1  # ends the fast paths to it

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

    @property
    def has_integers(self) -> bool:
        """Whether some argument is known to be an integer."""
        return any(argument.integer for argument in self.arguments)

    def nodes(self, numbers: Sequence[float], make: Callable[[float, str], Scalar]) -> list[Scalar]:
        """Return nodes for the inputs, made by ``make(number, name)``, and note which of them are integers."""
        nodes = [make(float(x), name) for x, name in zip(numbers, self.names)]
        if not self.user.tells_integers:
            scalar.mark_integers(nodes, unsure=True)
        elif self.has_integers:
            start = 0
            for k in self.order:
                stop = start + self.arguments[k].size
                if self.arguments[k].integer:
                    scalar.mark_integers(nodes[start:stop])
                start = stop
        return nodes

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
        """Return ``(args, kwargs)`` with these numbers, which come in the order of the inputs, as nodes or plain."""
        leaves: list[Any] = [None] * len(self.arguments)
        start = 0
        for k in self.order:
            argument = self.arguments[k]
            some = list(numbers[start : start + argument.size])
            start += argument.size
            if argument.integer and not node:
                some = [*map(int, some)]
            if not argument.shape and argument.size == 1:
                leaves[k] = some[0]
            elif node:
                array = np.empty(len(some), dtype=object)
                array[:] = some
                array = array.reshape(argument.shape)
                array.flags.writeable = False  # anything written there would be lost
                leaves[k] = array.view(Array)
            else:
                kind = np.int64 if argument.integer else np.float64
                leaves[k] = np.array(some, dtype=kind).reshape(argument.shape)
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
            Unsure: it matters whether an argument is an integer. See `UserFunction.tells_integers`.
            NoLayout: errors are nan, and the function raised one, but the layout of its results is unknown.
        """
        nodes = self.nodes(numbers, scalar.variable)
        args, kwargs = self.rebuild(nodes, node=True)
        given = Given(args, kwargs)
        outside = self.outside.state()
        try:
            found = trace_path(self.function, nodes, args, kwargs, late, self.user.errors_are_nan)
        except Exception as error:
            given.refuse_to_write(error, self.name)
            self.raise_what_it_raises(numbers, error)
            raise
        if given.changed():
            line = line_that_changes(self.function, *self.rebuild(nodes, node=True))
            raise TracingError(f"{line}: {self.name} {CHANGED}")
        self._warn_of_what_is_outside(outside, found)
        key = found.outcomes
        if found.error is not None:
            results, refs, values = self._results_of_an_error(numbers, found, found.error)
        else:
            results, refs, values = _results(found, self.name)
            self.sample = list(numbers), results, values
        refuse_old_arguments(found, self.name)
        found.close()
        path = self._paths.get(key)
        if path is not None:
            require_same_way(self.traces[path], found)
            return path, values, False
        if gathered is None:
            return self.enter({key: (found, results, refs)}), values, True
        new = key not in gathered
        gathered.setdefault(key, (found, results, refs))
        return -1, values, new

    def _results_of_an_error(
        self, numbers: Sequence[float], found: PathTrace, error: Exception
    ) -> tuple[Results, list[int], list[float]]:
        """Do as `_results` for a run that raised an exception: all its results are nan."""
        if not self._raises_on_floats(numbers):
            raise error
        results, values = self.nothing(error)
        return results, [found.constant(math.nan)] * len(values), values

    def _raises_on_floats(self, numbers: Sequence[float]) -> bool:
        args, kwargs = self.rebuild(list(map(float, numbers)), node=False)
        with Within(policy="nan", warns=False):
            try:
                self.function(*args, **kwargs)
            except Exception:
                return True
        return False

    def nothing(self, error: Exception) -> tuple[Results, list[float]]:
        """Return the results of a lane that raises ``error``, as a layout and numbers: all of them are nan."""
        known = [*self.results, *self.uncompiled_results]
        if not known:
            raise NoLayout from error
        results = known[0].of_numbers()
        return results, [math.nan] * sum([leaf.size for leaf in results.leaves])

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
        del state["lock"], state["user"]
        state.pop("outside", None)
        state.update(_merged=None, units=[], background_unit=None, batch_code={}, sample=None, given_up=None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.serial = next(_serial)
        self.use()
        self.lock = threading.RLock()
        forks.renew(self, "lock")


def _results(found: PathTrace, name: str) -> tuple[Results, list[int], list[float]]:
    """Return the layout of a run's results, their references, and their values."""
    leaves, structure = flatten(found.result)
    kinds, numbers = [], []
    for leaf in leaves:
        kind, some = result_of(leaf, name)
        if kind.kind == "fixed" and holds(leaf, found.has):
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
