"""``jit`` and ``vmap``: plain functions in, compiled ones out."""

from __future__ import annotations

import inspect
import math
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import MethodType
from typing import Any

import numpy as np

from glassgrad.compiler import account
from glassgrad.compiler.account import Account, TooDear
from glassgrad.compiler.codegen import callback
from glassgrad.compiler.frontend import structures
from glassgrad.compiler.frontend.program import Argument, Program, Results
from glassgrad.compiler.frontend.tracer import TooLong
from glassgrad.compiler.pickling import Pickled
from glassgrad.compiler.runtime import eager
from glassgrad.compiler.runtime.advice import advice
from glassgrad.compiler.runtime.anomalies import Watched
from glassgrad.compiler.runtime.fastcall import Entry
from glassgrad.compiler.runtime.units import Coming, Unit, available, prepare, row_forms, single_of, spread
from glassgrad.core.anomaly import NanReport
from glassgrad.core.arrays.foreign import plain
from glassgrad.core.op import as_float, cure_for_array, describe, is_number
from glassgrad.core.scalar import Scalar
from glassgrad.core.settings import config, whole_number
from glassgrad.support import forks, pytrees
from glassgrad.support.frames import levels_to_the_user
from glassgrad.support.naming import full_name, own_name, parameters, titled
from glassgrad.transforms.tracing import inside_a_trace, name_of

__all__ = ["Compiled", "Jitted"]

FASTER, LONGEST = 8, 1 << 16  # calls go by without Python: so many times more at each turn, but no more than that
PRICE = 3.0  # what the best code takes to make, by what the first does
CHEAP = 0.03  # seconds for which units are made one in any case
EAGER = 1e-7  # seconds that an operation takes uncompiled, about
STREAK = 8192  # calls that run uncompiled at once before code is tried again
MISSING = object()  # in place of a result that there is not
ROUTES = 5  # routes through a function from which its user is told that further ones run uncompiled
Outcome = tuple[Results, list[Any], Any]  # how results are laid out, an array for each array among them, the numbers

PROGRAMS = 128  # programs of a function: kinds of arguments, that is structures and shapes; others are traced again


class Compiled(Pickled, Watched):
    """What `jit` and `vmap` have in common: a program for each structure of arguments, found, traced, pickled."""

    def __init__(self, f: Callable[..., Any], max_paths: int | None, what: str) -> None:
        if not callable(f):
            raise TypeError(
                f"{what} takes a function, but got {describe(f)}; did you mean {what}(f)(x) rather than {what}(f(x))?"
            )
        self.function = f
        self.__name__ = name_of(f)
        self.__doc__ = getattr(f, "__doc__", None)
        self.__wrapped__ = f
        self.__module__ = getattr(f, "__module__", None) or __name__
        self.__qualname__ = getattr(f, "__qualname__", self.__name__)
        self.max_paths = None if max_paths is None else whole_number(max_paths, f"{what}: max_paths")
        self.programs = {}
        self._lock = threading.RLock()
        forks.renew(self, "_lock")
        self._warned = False
        self.account = Account()
        self._argument_names = parameters(f)
        self._title, self._called = own_name(f), full_name(f)  # in messages
        self._takes_out = _takes(f, "out")

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.__dict__.get('__name__', '')}>"

    def __getattr__(self, name: str) -> Any:
        """What the function has, such as ``errordef`` for iminuit, except for what Python and notebooks look for."""
        function = self.__dict__.get("function")
        if function is None or name.startswith(("__", "_repr_", "_ipython_")) or not hasattr(function, name):
            raise AttributeError(f"{self!r} has no attribute {name!r}, and neither has the function")
        return getattr(function, name)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """In a class it is a method, as a function is."""
        return self if instance is None else MethodType(self, instance)  # type: ignore[arg-type]

    def __copy__(self) -> Compiled:
        return self

    def __deepcopy__(self, memo: Any) -> Compiled:
        return self

    def _own(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        return {name: x for name, x in kwargs.items() if name != "out" or self._takes_out}

    def limit(self) -> int:
        return self.max_paths or config.max_paths

    def kernels(self) -> list[Any]:
        """The kernels that there are now, of which the last is the youngest."""
        raise NotImplementedError

    def program(self, key: Any, structure: Any, arguments: Callable[[], list[Argument]]) -> Program:
        """The program for arguments of this kind. The one used longest ago is forgotten where there are too many."""
        found = self.programs.get(key)
        if found is None:
            prepare()
            with self._lock:
                found = self.programs.get(key)
                if found is None:
                    found = Program(self.function, self._title, structure, arguments())
                    if len(self.programs) >= PROGRAMS:
                        del self.programs[min(self.programs, key=lambda key: self.programs[key].used)]
                        self._drop({program.serial for program in self.programs.values()})
                    self.programs[key] = found
        found.use()
        return found

    def _drop(self, serials: set[int]) -> None:
        """Forget what was made for programs other than those with these numbers."""
        raise NotImplementedError

    def warn(self, program: Program) -> None:
        """Say once that inputs are run uncompiled, and what to write instead."""
        if self._warned:
            return
        self._warned = True
        guards = [guard for trace in program.traces for guard in trace.guards]
        most = self.limit() if len(program.traces) >= self.limit() else None
        message = advice(titled(self.function), guards, len(program.traces) + 1, most)
        warnings.warn(message, RuntimeWarning, stacklevel=levels_to_the_user())


def _takes(f: Callable[..., Any], name: str) -> bool:
    try:
        parameters = inspect.signature(f).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters


def flatten(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any]:
    leaves, structure = pytrees.tree_flatten((args, kwargs), none_is_leaf=True)  # type: ignore[arg-type,var-annotated]
    return leaves, structure


def flat(arrays: Sequence[Any], numbers: Sequence[float]) -> list[float]:
    """All numbers of a call."""
    return [*[float(x) for array in arrays for x in array.ravel()], *numbers]


def leaf_names(structure: Any, parameters: tuple[list[str], str]) -> list[str]:
    """What to call each leaf of ``(args, kwargs)``."""
    names, rest = parameters
    found = []
    for accessor in pytrees.treespec_accessors(structure):
        kind, first = accessor.path[:2]
        if kind == 1:
            base = str(first)
        elif first < len(names):
            base = names[first]
        else:
            base = f"{rest}[{first - len(names)}]"
        found.append(accessor[2:].codify(base))
    return found


def is_traced(leaves: Sequence[Any]) -> bool:
    """Whether nodes are among the arguments, or a transform is at work: then the function is run as it is."""
    if inside_a_trace():
        return True
    return any(
        isinstance(x, Scalar)
        or (isinstance(x, np.ndarray) and x.dtype == object and any(isinstance(e, Scalar) for e in x.ravel()))
        for x in leaves
    )


def as_array(leaf: Any, name: str, what: str) -> Any:
    """An array leaf as doubles or float32, without a copy if it is either."""
    kind = leaf.dtype.kind
    if type(leaf) is not np.ndarray:
        leaf = np.asarray(plain(leaf, f"argument {name!r} of {what}"))
    if leaf.dtype == np.float64 or leaf.dtype == np.float32:
        return leaf
    native = leaf.dtype.newbyteorder("=")
    if native == np.float64 or native == np.float32:
        return leaf.astype(native)
    if kind in "fiub":
        return leaf.astype(np.float64)
    if kind == "O":
        try:
            return np.array([as_float(x, name) for x in leaf.ravel()], dtype=float).reshape(leaf.shape)
        except TypeError as error:
            raise TypeError(f"argument {name!r} of {what}: {error}") from None
    raise TypeError(
        f"argument {name!r} of {what} is an array of dtype {leaf.dtype}, which holds no real numbers: convert it first"
    )


def refuse(leaf: Any, name: str, what: str) -> TypeError:
    cure = cure_for_array(leaf) or "fix strings, flags and options first, with functools.partial"
    return TypeError(
        f"argument {name!r} of {what} is {describe(leaf)}, which is no number: compiled functions take numbers, arrays "
        f"of them, and nested lists, tuples and dicts of those; {cure}"
    )


class Jitted(Compiled, Entry):
    """A compiled function; see `glassgrad.jit`."""

    def __init__(self, f: Callable[..., Any], max_paths: int | None = None) -> None:
        Entry.__init__(self)
        Compiled.__init__(self, f, max_paths, "jit")
        self._uncompiled: tuple[Program, float] | None = None  # of calls with floats and arrays alone that run
        # uncompiled at once, until so many seconds may be invested
        self._streak = 0  # of such calls

    def kernels(self) -> list[Any]:
        units = [unit for program in self.programs.values() for unit in reversed(program.units)]
        return [unit.kernel for unit in units if unit.kernel is not None]

    def _options(self) -> dict[str, Any]:
        return {"max_paths": self.max_paths}

    def _drop(self, serials: set[int]) -> None:
        self.forget()
        self._uncompiled = None

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that no known kernel is for: find out what it is."""
        if callback.pending:
            callback.reraise()
        if self._uncompiled is not None and not kwargs:
            found = self._at_once(*self._uncompiled, args)
            if found is not MISSING:
                return found
        out = kwargs.pop("out", None) if not self._takes_out else None
        leaves, structure = flatten(args, kwargs)
        if is_traced(leaves):
            if out is not None:
                raise TypeError(
                    "out= cannot be used inside another transform, whose results are nodes: leave it out there"
                )
            return self.function(*args, **kwargs)
        program, arrays, numbers = self._prepare(leaves, structure)
        found = self._by_code(program, arrays, numbers)
        if found is None:
            return assemble(*self._without_code(program, arrays, numbers), out)
        results = found[0]
        simple = not kwargs and all(isinstance(x, float) or type(x) in (int, np.ndarray) for x in args)
        if simple and not any(leaf.kind == "fixed" for leaf in results.leaves):
            self._teach(program, results, args)
        return assemble(*found, out)

    def _explain(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> NanReport | None:
        leaves, structure = flatten(args, kwargs)
        return self._rerun(leaves, structure, leaf_names(structure, self._argument_names), result)

    def _prepare(self, leaves: list[Any], structure: Any) -> tuple[Program, list[Any], list[float]]:
        names: list[str] = []

        def name(k: int) -> str:
            if not names:
                names.extend(leaf_names(structure, self._argument_names))
            return names[k]

        arrays: list[Any] = []
        numbers: list[float] = []
        kinds: list[Any] = []
        for k, leaf in enumerate(leaves):
            if type(leaf) is float or type(leaf) is np.float64:
                numbers.append(float(leaf))
                kinds.append(None)
            elif isinstance(leaf, np.ndarray):
                array = as_array(
                    leaf, name(k) if leaf.dtype.kind != "f" or type(leaf) is not np.ndarray else "", self._title
                )
                if not array.flags.c_contiguous or not array.flags.aligned:
                    array = array.copy(order="C")
                arrays.append(array)
                kinds.append((array.shape, array.dtype == np.float32))
            elif leaf is None:
                kinds.append("none")
            elif is_number(leaf):
                numbers.append(as_float(leaf, f"argument {name(k)!r} of {self._title}"))
                kinds.append(None)
            else:
                raise refuse(leaf, name(k), self._title)
        key = (structure, tuple(kinds))

        def arguments() -> list[Argument]:
            found = []
            for k, kind in enumerate(kinds):
                if kind == "none":
                    found.append(Argument("", None))
                elif kind is None:
                    found.append(Argument(name(k), None))
                else:
                    found.append(Argument(name(k), kind[0], kind[1]))
            return found

        return self.program(key, structure, arguments), arrays, numbers

    def _by_code(self, program: Program, arrays: list[Any], numbers: list[float]) -> Outcome | None:
        """The results of a call by code, known or made now if that may pay; None where it is to run uncompiled."""
        if program.tries.vain and not program.tries.pays() and not program.left_behind:
            return None
        found = self._search(program, arrays, numbers) if program.units else None
        if found is not None:
            return found
        with program.lock:
            return self._compile(program, arrays, numbers) or self._trace(program, arrays, numbers)

    def _search(self, program: Program, arrays: list[Any], numbers: list[float]) -> Outcome | None:
        """The results of the unit that fits, or None if none does."""
        began = account.clock()
        units = program.units
        for unit in units:
            found = unit.run(arrays, numbers)
            if found is not None:
                if unit is not units[0]:
                    program.prefer(unit)
                    program.tries.searched(account.clock() - began, found=True)
                return program.results[found[0]], *found[1:]
        program.tries.searched(account.clock() - began, found=False)
        return None

    def _without_code(self, program: Program, arrays: list[Any], numbers: list[float]) -> Outcome:
        """The results of a call that runs uncompiled."""
        if len(program.traces) >= min(ROUTES, self.limit()):
            self.warn(program)
        began = account.clock()
        results, values = eager.run(program, flat(arrays, numbers), self.account)
        program.tries.ran(account.clock() - began)
        enough = self._next(program)
        if program.on_floats and program.plain and self.account.left() < enough:
            self._uncompiled = program, enough
        return results, *spread(results, values, single_of(program.arguments))

    def _at_once(self, program: Program, enough: float, args: tuple[Any, ...]) -> Any:
        """The result of a call that is run uncompiled, where nothing but floats and arrays goes in; else `MISSING`."""
        if not program.takes(args) or inside_a_trace():
            return MISSING
        books = self.account
        began = account.clock()
        try:
            found, others = eager.at_once(program, args)
        except Exception:
            return MISSING
        if others is not None:
            results, values = others
            found = assemble(results, *spread(results, values, single_of(program.arguments)), None)
        books.missed += account.clock() - began
        self._streak += 1
        if books.left() >= enough or self._streak == STREAK:
            self._uncompiled = None  # so that code is looked for again
            self._streak = 0
        elif self._streak == STREAK // 32 and self.served(program.serial) < self._streak:
            self.forget()  # kernels that hardly fit cost more than they save
        return found

    def _next(self, program: Program) -> float:
        """How many seconds the next thing that may be learnt takes."""
        costs = [self._price(program, path) for path in program.waiting()[:1]]
        if len(program.traces) < self.limit():
            costs.append(program.cost)
        return min(costs, default=math.inf)

    def _price(self, program: Program, path: int) -> float:
        """How many seconds it takes, about, to make code for a path."""
        size = program.traces[path].size
        return max(account.estimate("row", size), program.dear * size)

    def _compile(self, program: Program, arrays: list[Any], numbers: list[float]) -> Outcome | None:
        """Make code for paths that have none yet, if that may pay; the results, if the call takes one of them."""
        some: list[int] = []
        left = self.account.left() if not program.left_behind else math.inf  # without it there is but code
        for path in program.waiting():
            left -= self._price(program, path)
            if left < 0:
                if program.calls_user_code:
                    return None
                break
            some.append(path)
        if not some:
            self._compile_in_the_background(program)
            return None
        try:
            with self.account.investing():
                allowance = None if program.left_behind else self.account.allowance()
                unit = program.add_unit(Unit(program, some, allowance))
        except TooDear as error:
            program.dear = error.seconds / sum([program.traces[path].size for path in some])
            return None
        found = unit.run(arrays, numbers)
        return None if found is None else (program.results[found[0]], *found[1:])

    def _compile_in_the_background(self, program: Program) -> None:
        """Have the first code of a function made in the background, where it takes too long to wait for."""
        if not program.units and program.calls and len(program.traces) == 1:
            self._have_made(program, [0], best=False)
        program.calls += 1

    def _merge(self, program: Program, units: Sequence[Unit]) -> None:
        """Have one unit made of several, in which their paths share what they do alike, once it has paid."""
        price = PRICE * account.estimate("row", program.size)
        calls = sum([unit.kernel.calls for unit in units])
        saved = EAGER * calls * program.size / len(program.traces)
        if len(units) > 1 and not program.calls_user_code and price <= max(CHEAP, saved):
            self._have_made(program, [path for unit in units for path in unit.paths], best=True)

    def _have_made(self, program: Program, paths: list[int], best: bool) -> None:
        if program.coming is None and available():
            from glassgrad.compiler.runtime import optimiser

            program.coming = Coming(program, sorted(paths), best)
            optimiser.ask(program.coming)

    def _trace(self, program: Program, arrays: list[Any], numbers: list[float]) -> Outcome | None:
        """Trace the function, if that may pay, and make code for the path that it takes; the results."""
        left = self.account.left()
        if not program.left_behind and (len(program.traces) >= self.limit() or program.cost > left):
            return None  # without the function, tracing says that it is not there
        began = account.clock()
        try:
            with self.account.investing():
                path, values, _ = program.trace(flat(arrays, numbers), late=lambda: account.clock() - began > left)
        except TooLong:
            program.cost = 2 * (account.clock() - began)
            return None
        program.cost = account.clock() - began
        program.met[path] += 1
        found = self._compile(program, arrays, numbers)
        results = program.results[path]
        return found or (results, *spread(results, values, single_of(program.arguments)))

    def _teach(self, program: Program, results: Results, args: tuple[Any, ...]) -> None:
        """Have calls like this one go straight to the kernels, for a while where there may be better ones."""
        if any(isinstance(x, np.ndarray) and x.dtype != np.float64 for x in args) or any(
            leaf.kind in ("truths", "integers") or leaf.single for leaf in results.leaves
        ):
            return
        units = [unit for unit in program.units if unit.serves(results, program.units[0].captured)]
        kernels, name = [unit.kernel for unit in units], program.serial
        if not units or self.knows(name, [kernel.state for kernel in kernels]):
            return
        served = self.served(name)
        for kernel in kernels:
            kernel.serve(served // len(kernels))
        self._merge(program, units)
        final = len(kernels) == 1 and kernels[0].final
        program.turn = -1 if final else min(FASTER * max(program.turn, 1), LONGEST)
        owns_out = (
            self._takes_out or program.calls_user_code
        )  # what raises an exception must not have written to an array yet
        self.teach(name, kernels, program.turn, tuple(units[0].captured), args, results, owns_out)

    def lower(self, *args: Any, **kwargs: Any) -> Any:
        """What is compiled for these arguments, to look at: ``.tape``, ``.llvm``, ``.assembly``, ``.draw()``."""
        from glassgrad.compiler.lowered import Lowered

        leaves, structure = flatten(args, kwargs)
        program, arrays, numbers = self._prepare(leaves, structure)
        with program.lock:
            if len(program.traces) < self.limit() or not program.traces:
                program.trace(flat(arrays, numbers))
        return Lowered(program, *row_forms(program, program.captured, program.results), "row")


def assemble(results: Results, buffers: Sequence[Any], small: Any, out: Any) -> Any:
    """The results of one call in their structure; arrays copied to ``out`` if that is given."""
    arrays, numbers = iter(buffers), iter(small.tolist())
    leaves: list[Any] = [leaf.value for leaf in results.leaves]
    for k in results.order:  # arrays first
        kind = results.leaves[k].kind
        x = next(arrays) if results.leaves[k].is_array else next(numbers)
        leaves[k] = (
            x != 0 if kind in ("truth", "truths") else x.astype(results.leaves[k].dtype) if kind == "integers" else x
        )
    leaves = [
        x.copy() if leaf.kind == "fixed" and isinstance(x, np.ndarray) else x for leaf, x in zip(results.leaves, leaves)
    ]
    if out is not None:
        copy_out(results, leaves, out)
    return pytrees.tree_unflatten(results.structure, leaves)


def out_leaves(results: Results, out: Any) -> list[Any]:
    """The leaves of ``out``, which must have the structure of the results: arrays, and None where none is given."""
    leaves, structure = structures.flatten(out)
    if structure != results.structure:
        given = pytrees.tree_unflatten(structure, ["None" if leaf is None else "an array" for leaf in leaves])
        raise ValueError(
            f"out must have the structure of the results, {results.text()}, with an array or None for each, but got "
            + str(given).replace("'", "")
        )
    return list(leaves)


def check_out(array: Any, shape: tuple[int, ...], kind: Any) -> None:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"out takes an array, or None for a new one, but got {describe(array)}")
    if array.shape != shape or array.dtype != kind:
        raise ValueError(
            f"out has shape {array.shape} and dtype {array.dtype}, but the result has shape {shape} and dtype "
            f"{np.dtype(kind)}"
        )
    if not array.flags.writeable:
        raise ValueError("out is a read-only array, so no result can be written to it: pass out.copy()")


def copy_out(results: Results, leaves: list[Any], out: Any) -> None:
    """Write arrays among ``leaves`` to the arrays of ``out``, which take their places; None leaves a leaf as it is."""
    given = out_leaves(results, out)
    for array, value in zip(given, leaves):  # all is checked before anything is written
        if array is not None:
            if not isinstance(value, np.ndarray):
                raise TypeError(
                    f"out takes arrays for results that are arrays; for the number {value!r} give None, not "
                    f"{describe(array)}"
                )
            takes = value.dtype.kind in "iu" and getattr(array, "dtype", None) == np.float64  # whole numbers, too
            check_out(array, value.shape, np.float64 if takes else value.dtype)
    for k, array in enumerate(given):
        if array is not None:
            if array is not leaves[k]:
                array[...] = leaves[k]
            leaves[k] = array
