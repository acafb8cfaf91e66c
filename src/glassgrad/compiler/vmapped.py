"""``vmap``: a function over a batch, as `glassgrad.vmap` describes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassgrad.compiler import account, jitted
from glassgrad.compiler.account import TooDear
from glassgrad.compiler.codegen import callback
from glassgrad.compiler.codegen.layout import BROADCAST, CONTIGUOUS, INTERLEAVED, Form
from glassgrad.compiler.frontend.program import Argument, Program, Result, Results
from glassgrad.compiler.frontend.tracer import PathTrace
from glassgrad.compiler.ir.interpret import interpret
from glassgrad.compiler.ir.tape import Tape
from glassgrad.compiler.jitted import (
    FASTER,
    LONGEST,
    PROGRAMS,
    Compiled,
    as_array,
    check_out,
    flatten,
    is_traced,
    leaf_names,
)
from glassgrad.compiler.runtime.anomalies import bad_lanes, unknown
from glassgrad.compiler.runtime.batch_call import BatchCall
from glassgrad.compiler.runtime.fast_path import Plan, look
from glassgrad.compiler.runtime.fastcall import Entry
from glassgrad.compiler.runtime.leaves import Batched, Taken, run, span, writable_in_place
from glassgrad.compiler.runtime.memory import empty
from glassgrad.compiler.runtime.units import available, build, output_forms, single_of
from glassgrad.compiler.runtime.vmap_eager import unrolled
from glassgrad.core.anomaly import NanReport
from glassgrad.core.op import as_float, describe, is_number
from glassgrad.core.rerun import Place, bad_places
from glassgrad.core.scalar import Scalar
from glassgrad.core.settings import config, processors, whole_number
from glassgrad.support import pytrees
from glassgrad.transforms.tracing import inside_a_trace

__all__ = ["Vmapped"]

FOLDS = {None: 0, "sum": 1, "mean": 2}
LOOKS = 16  # looks of calls that are remembered


class BatchCode(NamedTuple):
    """Code for the first so many ``paths`` of a program: a kernel, or None where the ``tape`` is interpreted; and the
    nodes from outside that it uses."""

    paths: int
    kernel: Any
    tape: Tape
    captured: list[Scalar]

    @property
    def straight(self) -> bool:
        """Whether no lane can be missed."""
        return self.tape.straight and not (self.kernel is not None and self.kernel.callees.back)


class Vmapped(Compiled, Entry):
    """A function compiled over a batch; see `glassgrad.vmap`."""

    def __init__(
        self,
        f: Callable[..., Any],
        in_axes: Any = 0,
        *,
        reduce: str | None = None,
        threads: int | None = None,
        max_paths: int | None = None,
    ) -> None:
        Entry.__init__(self)
        Compiled.__init__(self, f, max_paths, "vmap")
        if reduce not in (None, "sum", "mean"):
            raise ValueError(f"vmap: reduce={reduce!r}: choose 'sum', 'mean' or None")
        self._in_axes = plain_axes(in_axes)
        self._reduce = reduce
        self._wanted = None if threads is None else whole_number(threads, "vmap: threads")
        self._kernels: dict[Any, Any] = {}
        self._known_axes: dict[Any, list[int | None]] = {}
        self._looks: dict[Any, Plan] = {}

    @property
    def in_axes(self) -> Any:
        """Which axis of each argument is that of the batch."""
        return self._in_axes

    @property
    def reduce(self) -> str | None:
        """``"sum"``, ``"mean"`` or None."""
        return self._reduce

    @property
    def threads(self) -> int | None:
        """How many threads it may use; None: as ``gg.config`` says."""
        return self._wanted

    def _options(self) -> dict[str, Any]:
        return {
            "in_axes": self._in_axes,
            "reduce": self._reduce,
            "threads": self._wanted,
            "max_paths": self.max_paths,
        }

    def kernels(self) -> list[Any]:
        return [code.kernel for code in self._kernels.values() if code.kernel is not None]

    def _drop(self, serials: set[int]) -> None:
        self.forget()
        self._kernels = {key: kept for key, kept in list(self._kernels.items()) if key[0] in serials}
        self._looks = {looks: plan for looks, plan in self._looks.items() if plan.program.serial in serials}

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that `Entry` knows no kernel for: one may be known for what it looks like."""
        if callback.pending:
            callback.reraise()
        out = kwargs.pop("out", None) if not self._takes_out else None
        looks = None if kwargs else look(args)
        plan = self._looks.get(looks)
        if plan is not None and not inside_a_trace():
            given = None
            if out is not None and self.reduce is None and not plan.program.calls_user_code:
                given = self._given(plan.results, plan.lanes, [kind for _, kind, _ in plan.shapes], out, args)
            buffers = plan.run(args, given, threads_for(self.threads))
            if buffers is not None:
                self._teach(plan, args, buffers)
                return self._assemble(plan.program, plan.results, buffers, plan.lanes, False, out)
        leaves, structure = flatten(args, kwargs)
        axes = self._known_axes.get(structure)
        if axes is None:
            if len(self._known_axes) >= PROGRAMS:
                self._known_axes = {}
            axes = self._known_axes[structure] = self._axes(args, kwargs)
        if is_traced(leaves):
            if out is not None:
                raise TypeError(
                    "out= cannot be used inside another transform, whose results are nodes: leave it out there"
                )
            return self._unrolled(leaves, structure, axes)
        batched, lanes, program = self._prepare(leaves, structure, axes)
        if lanes == 0:
            return self._empty(program, batched, out)
        return self._run(program, batched, lanes, out, looks, args)

    # Arguments

    def _axes(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[int | None]:
        """For each leaf of the arguments which axis is that of the batch, or None."""
        axes = self.in_axes
        if axes is None or type(axes) is int:
            axes = tuple([axes] * len(args))
        if not isinstance(axes, tuple):
            raise TypeError(
                f"vmap: in_axes must be an integer, None, or a tuple with one of these for each argument, got {axes!r}"
            )
        if len(axes) != len(args):
            raise ValueError(
                f"vmap: in_axes={self.in_axes!r} is for {len(axes)} positional arguments, but {self._title} was "
                f"called with {len(args)}: give an entry for each"
            )
        found: list[int | None] = []
        for axis, arg in zip(axes, args):
            try:
                found += pytrees.broadcast_prefix(axis, arg, is_leaf=lambda x: x is None, none_is_leaf=True)
            except ValueError as error:
                raise ValueError(
                    f"vmap: in_axes={self.in_axes!r} does not have the structure of the arguments: {error}"
                ) from None
        found += [0] * len(flatten((), kwargs)[0])
        for axis in found:
            if axis is not None and type(axis) is not int:
                raise TypeError(f"vmap: in_axes holds {axis!r}, but it may hold only integers and None")
        return found

    def _prepare(
        self, leaves: list[Any], structure: Any, axes: list[int | None]
    ) -> tuple[list[Batched | None], int, Program]:
        names = None
        batched: list[Batched | None] = []
        lanes, first = -1, 0

        def name(k: int) -> str:
            nonlocal names
            if names is None:
                names = leaf_names(structure, self._argument_names)
            return names[k]

        for k, (leaf, axis) in enumerate(zip(leaves, axes)):
            if leaf is None:
                batched.append(None)
                continue
            if not isinstance(leaf, np.ndarray):
                if not is_number(leaf):
                    raise jitted.refuse(leaf, name(k), self._title)
                if axis is not None:
                    raise ValueError(
                        f"argument {name(k)!r} of {self._title} is the number {leaf!r}, which has no axis {axis} to "
                        "run over: give an array, or None for it in in_axes, so that all lanes get the same"
                    )
                batched.append(Batched(None, as_float(leaf, f"argument {name(k)!r}"), False))
                continue
            array = as_array(
                leaf, name(k) if leaf.dtype.kind != "f" or type(leaf) is not np.ndarray else "", self._title
            )
            if axis is None:
                batched.append(Batched(array, 0.0, False))
                continue
            if not -array.ndim <= axis < array.ndim:
                raise ValueError(
                    f"argument {name(k)!r} of {self._title} has shape {array.shape}, so there is no axis {axis} to "
                    "run over: set in_axes to the axis of the batch, or to None for an argument without one"
                )
            array = array if axis in (0, -array.ndim) else np.moveaxis(array, axis, 0)
            if lanes < 0:
                lanes, first = array.shape[0], k
            elif array.shape[0] != lanes:
                raise ValueError(
                    f"the batch has {lanes} lanes by argument {name(first)!r} of {self._title}, but {array.shape[0]} "
                    f"by argument {name(k)!r}"
                )
            batched.append(Batched(array, 0.0, True))
        if lanes < 0:
            raise ValueError(f"vmap: no argument of {self._title} has an axis to run over: in_axes is {self.in_axes!r}")
        key = (structure, tuple([None if b is None else (b.shape, b.single) for b in batched]))

        def arguments() -> list[Argument]:
            return [
                Argument("", None) if b is None else Argument(name(k), b.shape, b.single) for k, b in enumerate(batched)
            ]

        program = self.program(key, structure, arguments)
        program.single = single_of([a for a, b in zip(program.arguments, batched) if b is not None and b.lanes])
        return batched, lanes, program

    # Running

    def _run(
        self, program: Program, batched: list[Batched | None], lanes: int, out: Any, looks: Any = None, args: Any = ()
    ) -> Any:
        call = BatchCall(self, program, batched, lanes, out)
        call.run()
        results = self._one_layout(program)
        if call.uncompiled:
            self._patch(results, call.buffers, call.uncompiled)
        elif looks is not None and call.code is not None:
            self._remember(looks, args, call, results)
        return self._assemble(program, results, call.buffers, lanes, bool(call.uncompiled), out)

    def _remember(self, looks: Any, args: Sequence[Any], call: BatchCall, results: Results) -> None:
        """Have calls that look like this one go the short way, if its arguments are used as they lie."""
        code = call.code
        assert code is not None
        arrays = [b for b in call.batched if b is not None and b.array is not None]
        if code.kernel is None or call.lanes < code.kernel.lanes or code.captured or len(arrays) != len(args):
            return
        if any(b.array.ctypes.data != a.ctypes.data or b.array.dtype != a.dtype for b, a in zip(arrays, args)):
            return
        targets = [] if self.reduce else call.buffers
        plan = Plan(call.program, results, code.kernel, arrays, np.empty(0), targets, call.lanes, not code.straight)
        with self._lock:  # a new dict, as other threads read the old one
            self._looks = {**dict([*self._looks.items()][1 - LOOKS :]), looks: plan}
        self._teach(plan, args, targets)

    def _teach(self, plan: Plan, args: Sequence[Any], targets: Sequence[Any]) -> None:
        """Have calls like this one, of whatever length, go straight to the kernel."""
        from glassgrad.compiler.codegen.batch_kernel import CHUNK
        from glassgrad.compiler.runtime.kernel import AGAIN

        results, kernel, name = plan.results, plan.kernel, plan.name
        if self.knows(name, kernel.state):
            return
        kernel.serve(self.served(name))
        plan.turn = -1 if kernel.final else min(FASTER * plan.turn, LONGEST) or AGAIN - 2
        leaves = [results.leaves[k] for k in results.order]
        if len(leaves) != len(results.leaves) or any(leaf.kind not in ("number", "array") for leaf in leaves):
            return
        if not all(array.flags.c_contiguous for array in (*args, *targets)):
            return
        if any(self._axes(tuple(args), {})):  # lanes are rows then
            return
        if self.reduce is None:
            steps = plan.outs.reshape(-1, 3)[:, 1:].tolist()
            outputs = [
                (t.shape[1:], True, t.dtype.char, *step, t.dtype, k)
                for t, step, k in zip(targets, steps, results.order)
            ]
        else:
            single = plan.program.single
            kinds = [np.dtype(np.float32 if is_single(leaf, single) else float) for leaf in leaves]
            outputs = [
                (leaf.shape if leaf.is_array else (), False, kind.char, 0, 8, kind if leaf.is_array else None, k)
                for leaf, kind, k in zip(leaves, kinds, results.order)
            ]
        threads = self.threads  # and not self, which would be a cycle that goes through C

        def threaded(lanes: int, ins: int, outs: int, missed: int) -> bool:
            return kernel.batch(lanes, ins, outs, missed, threads_for(threads))

        self.teach_batch(
            name,
            kernel,
            plan.arguments,
            outputs,
            results.structure,
            self._takes_out or plan.program.calls_user_code,
            plan.branches,
            FOLDS[self.reduce],
            CHUNK,
            plan.turn,
            empty,
            threaded,
            lambda out: jitted.out_leaves(results, out),
        )

    def _one_layout(self, program: Program) -> Results:
        """How the results are laid out, whichever path they come by: a truth beside a number is a number."""
        every = [*program.results, *program.seen]
        if program.layout is not None and program.layout[0] == len(every):
            return program.layout[1]
        first = every[0]
        for other in every[1:]:
            self._require_alike(first, other)
        leaves = []
        for column in zip(*[one.leaves for one in every]):
            leaf: Result = column[0]
            if any(other.kind != leaf.kind or other.dtype != leaf.dtype for other in column):
                leaf = _together(column)
            leaves.append(leaf._replace(single=all(other.single for other in column)))
        first = Results(first.structure, tuple(leaves))
        for leaf in first.leaves:
            if leaf.kind == "fixed" and leaf.value is not None and not isinstance(leaf.value, np.ndarray):
                raise TypeError(
                    f"{self._called} returned {describe(leaf.value)}, which is no number: vmap can stack numbers and "
                    "arrays only"
                )
        program.layout = (len(every), first)
        return first

    def note_results(self, program: Program, results: Results) -> None:
        """Lanes that ran uncompiled returned such results."""
        if not any(results == other for other in [*program.results, *program.seen]):
            for other in [*program.results, *program.seen][:1]:
                self._require_alike(other, results)
            program.seen = [*program.seen, results]

    def _require_alike(self, first: Results, other: Results) -> None:
        def shape(leaf: Result) -> Any:
            return ("fixed", str(leaf.value)) if leaf.kind == "fixed" else (leaf.is_array, leaf.shape)

        if first.structure != other.structure or [shape(x) for x in first.leaves] != [shape(x) for x in other.leaves]:
            raise TypeError(
                f"{self._called} returns {first.text()} for some lanes and {other.text()} for others: vmap needs the "
                "same structure for all"
            )

    def execute(self, call: BatchCall) -> tuple[Any, list[Any]]:
        """Run the code that there is; return the lanes it missed (None: none), and an array for each result, arrays
        first; or sums, if none of the lanes ran uncompiled."""
        program, lanes = call.program, call.lanes
        results = self._one_layout(program)
        fold = self.reduce is not None and not call.uncompiled
        single = program.single
        leaves = [results.leaves[k] for k in results.order]
        order = [b for k in program.order if (b := call.batched[k]) is not None]
        arrays = [b for b in order if b.array is not None]
        targets = self._targets(results, lanes, single, None if program.calls_user_code else call.out, fold, arrays)
        layouts = [CONTIGUOUS if not fold and array.strides[0] == array.itemsize else INTERLEAVED for array in targets]
        with program.lock:  # another thread may trace a new path: all this must be of one state
            call.code = code = self._code(call, arrays, layouts, fold)
        if code is None:
            return np.ones(lanes, np.uint8), targets
        missed = None if code.straight else np.zeros(lanes, np.uint8)
        extra = [node.data for node in code.captured]
        if code.kernel is None:
            return self._interpreted(code.tape, order, extra, lanes, leaves, targets, missed, fold)
        packed = np.array([b.number for b in order if b.array is None] + extra, dtype=float)
        some, sums = run(code.kernel, arrays, packed, targets, lanes, missed, threads_for(self.threads))
        return missed if some else None, [sums] if fold else targets

    def _code(self, call: BatchCall, arrays: Sequence[Batched], layouts: Sequence[str], fold: bool) -> BatchCode | None:
        """The code for a call: of all paths known now if that is there, or making it may pay; else of those known
        earlier, or None."""
        program = call.program
        count = len(program.traces)
        key = (program.serial, fold, program.single, tuple([b.layout for b in arrays]), tuple(layouts))
        found: BatchCode | None = self._kernels.get(key)
        if not count or (found is not None and found.paths == count):
            return found
        if available() and not call.affords(self.cost(program), call.lanes):
            return found
        with self.account.investing():
            began = account.clock()
            results = self._one_layout(program)
            kind = "fold" if fold else "batch"
            inputs, first = [], 0
            for b in arrays:
                size = math.prod(b.shape)
                inputs.append(Form(first, size, b.layout, b.single))
                first += size
            inputs.append(Form(first, program.inputs - first + len(program.captured), BROADCAST))
            outputs, place = [], 0
            leaves = [results.leaves[k] for k in results.order]
            for leaf, layout in zip(leaves, layouts or [CONTIGUOUS] * len(leaves)):
                narrow = not fold and is_single(leaf, program.single)
                outputs.append(Form(place, leaf.size, layout, narrow))
                place += leaf.size
            allowance = None if program.left_behind else self.account.allowance()
            try:
                kernel = build(program.tape, inputs, outputs, kind, allowance)
            except TooDear as error:
                program.dear = error.seconds / program.size
                return found
            if kernel is not None:
                account.observe(kind, program.size, count, account.clock() - began)
        made = self._kernels[key] = BatchCode(count, kernel, program.tape, program.captured)
        return made

    def cost(self, program: Program, more: Sequence[PathTrace] = ()) -> float:
        """How many seconds it takes, about, to make code for all known paths, and some more."""
        size = program.size + sum([trace.size for trace in more]) // 2  # about half is shared with other paths
        return max(account.estimate("batch", size, len(program.traces) + len(more)), program.dear * size)

    def _targets(
        self,
        results: Results,
        lanes: int,
        single: bool,
        out: Any,
        fold: bool,
        arrays: Sequence[Batched],
    ) -> list[Any]:
        """Arrays for the results, of ``out`` where they can be written to while the arguments are read."""
        if fold:
            return []
        leaves = [results.leaves[k] for k in results.order]
        kinds = [np.float32 if is_single(leaf, single) else float for leaf in leaves]
        given = (
            [None] * len(leaves) if out is None else self._given(results, lanes, kinds, out, [b.array for b in arrays])
        )
        return [
            empty((lanes, *leaf.shape), kind) if array is None else array
            for leaf, kind, array in zip(leaves, kinds, given)
        ]

    def _given(self, results: Results, lanes: int, kinds: list[Any], out: Any, arrays: Sequence[Any]) -> list[Any]:
        """The arrays of ``out``; None for one that must not be written to while the arguments are read."""
        given = jitted.out_leaves(results, out)
        taken = Taken()
        for a in arrays:
            taken.add(*span(a))
        found: list[Any] = []
        for k, kind in zip(results.order, kinds):
            array, leaf = given[k], results.leaves[k]
            if array is None or self.reduce is not None or leaf.kind in ("truth", "truths") or leaf.is_whole:
                found.append(None)
                continue
            check_out(array, (lanes, *leaf.shape), kind)
            apart = taken.add(*span(array))
            found.append(array if apart and writable_in_place(array) else None)
        return found

    def _interpreted(
        self,
        tape: Any,
        order: Sequence[Batched],
        extra: list[float],
        lanes: int,
        leaves: Sequence[Result],
        targets: list[Any],
        missed: Any,
        fold: bool,
    ) -> tuple[Any, list[Any]]:
        columns = [b.column(j) for b in order for j in range(math.prod(b.shape or ()))] + extra
        found, paths = interpret(tape, columns, lanes)
        if missed is not None:
            missed[:] = paths < 0
        if fold:
            return missed, [np.array([[x.sum() for x in found]])]
        place = 0
        for leaf, target in zip(leaves, targets):
            flat = target.reshape(lanes, -1)
            for j in range(leaf.size):
                flat[:, j] = found[place + j]
            place += leaf.size
        return missed, targets

    def _patch(self, results: Results, buffers: list[Any], stubborn: dict[int, list[float]]) -> None:
        for lane, values in stubborn.items():
            place = 0
            for k, buffer in zip(results.order, buffers):
                leaf = results.leaves[k]
                buffer[lane] = np.array(values[place : place + leaf.size]).reshape(leaf.shape)
                place += leaf.size

    def _assemble(
        self, program: Program, results: Results, buffers: list[Any], lanes: int, whole: bool, out: Any
    ) -> Any:
        leaves: list[Any] = [leaf.value for leaf in results.leaves]
        if self.reduce is None:
            for k, buffer in zip(results.order, buffers):
                leaf = results.leaves[k]
                truths = leaf.kind in ("truth", "truths")
                leaves[k] = buffer != 0 if truths else buffer.astype(leaf.dtype) if leaf.is_whole else buffer
            for k, leaf in enumerate(results.leaves):
                if leaf.kind == "fixed" and leaf.value is not None:
                    leaves[k] = np.broadcast_to(leaf.value, (lanes, *np.shape(leaf.value))).copy()
        else:
            if whole:
                sums = np.concatenate(
                    [b.reshape(lanes, -1).astype(float).sum(axis=0) for b in buffers] or [np.empty(0)]
                )
            else:
                sums = np.add.accumulate(buffers[0], axis=0)[-1]  # one after the other, as a plan does
            if self.reduce == "mean":
                sums = sums / lanes
            for k, leaf in enumerate(results.leaves):
                if leaf.kind == "fixed" and leaf.value is not None:
                    leaves[k] = leaf.value * (lanes if self.reduce == "sum" else 1.0)
            place = 0
            single = program.single
            for k in results.order:
                leaf = results.leaves[k]
                some = sums[place : place + leaf.size]
                place += leaf.size
                if leaf.is_whole and self.reduce == "sum":
                    leaves[k] = some.reshape(leaf.shape).astype(leaf.dtype) if leaf.is_array else int(some[0])
                elif leaf.is_array:
                    leaves[k] = some.reshape(leaf.shape).astype(np.float32 if is_single(leaf, single) else float)
                else:
                    leaves[k] = float(some[0])
        return deliver(results, leaves, out)

    def _empty(self, program: Program, batched: Sequence[Batched | None], out: Any) -> Any:
        if not program.traces:
            try:
                with program.lock:
                    program.trace([0.5] * program.inputs)
            except Exception as error:
                raise ValueError(
                    f"the batch is empty, and what {self._called} returns could not be found out by a trial at 0.5: "
                    f"{error}"
                ) from error
        results = self._one_layout(program)
        single = program.single
        if self.reduce == "mean":
            raise ValueError(f"the mean of an empty batch is not defined: give {self._title} at least one lane")
        if self.reduce == "sum":
            return self._assemble(
                program, results, [np.zeros((1, sum(leaf.size for leaf in results.leaves)))], 0, False, out
            )
        leaves = [results.leaves[k] for k in results.order]
        buffers = [np.empty((0, *leaf.shape), np.float32 if is_single(leaf, single) else float) for leaf in leaves]
        return self._assemble(program, results, buffers, 0, False, out)

    # Results that are not finite

    def _explain(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> NanReport | None:
        leaves, structure = flatten(args, kwargs)
        places = bad_places(result) if self.reduce is not None else []
        if places:
            each = Vmapped(self.function, self._in_axes, threads=self._wanted, max_paths=self.max_paths)
            result = each._call(args, dict(kwargs))
        bad = bad_lanes(result) if self.reduce is None or places else None
        if bad is None or not len(bad):
            return None
        lane, about = int(bad.argmax()), {"lanes": (int(bad.sum()), len(bad))}
        if not bad.any():
            return self._explain_sum(places[0], result) if places else None
        some = [
            leaf if axis is None or leaf is None else np.moveaxis(as_array(leaf, "", self.__name__), axis, 0)[lane]
            for leaf, axis in zip(leaves, self._axes(args, kwargs))
        ]
        results = pytrees.tree_map(lambda leaf: leaf[lane], result)
        return self._rerun(some, structure, leaf_names(structure, self._argument_names), results, lane=lane, **about)

    def _explain_sum(self, place: Place, result: Any) -> NanReport:
        """Of results that are finite in each lane, but not when they are summed."""
        leaf = pytrees.tree_leaves(result, none_is_leaf=True)[place.leaf]
        with np.errstate(over="ignore", invalid="ignore"):
            sums = np.cumsum(leaf.reshape(len(leaf), -1)[:, place.element], dtype=float)
        over = ~np.isfinite(sums)
        if not over.any():
            return unknown(
                place, "the sum over the lanes is too large for a float32", "float32", function=self.__name__
            )
        lane = int(over.argmax())
        why = f"every lane is finite, but the sum of those up to this one is {float(sums[lane])!r}"
        return unknown(place, why, "sum", function=self.__name__, lane=lane)

    # Inside another transform

    def _unrolled(self, leaves: list[Any], structure: Any, axes: list[int | None]) -> Any:
        """Lane by lane, on nodes."""
        names = leaf_names(structure, self._argument_names)
        found = unrolled(self.function, self._title, names, leaves, structure, axes, self.reduce)
        if found is None:
            raise ValueError(f"vmap: no argument of {self._title} has an axis to run over: in_axes is {self.in_axes!r}")
        return found[0]

    def lower(self, *args: Any, **kwargs: Any) -> Any:
        """What is compiled for these arguments, to look at: ``.tape``, ``.llvm``, ``.assembly``, ``.draw()``."""
        from glassgrad.compiler.lowered import Lowered

        leaves, structure = flatten(args, kwargs)
        batched, lanes, program = self._prepare(leaves, structure, self._axes(args, kwargs))
        if lanes:
            self._run(program, batched, lanes, None)
        else:
            self._empty(program, batched, None)
        single = program.single
        order = [b for k in program.order if (b := batched[k]) is not None]
        inputs, first = [], 0
        for b in order:
            if b.array is not None:
                size = math.prod(b.shape)
                inputs.append(Form(first, size, b.layout, b.single))
                first += size
        inputs.append(Form(first, program.inputs - first + len(program.captured), BROADCAST))
        outputs = output_forms(program.results[0], CONTIGUOUS, single)
        return Lowered(program, inputs, outputs, "batch" if self.reduce is None else "fold")


def _together(column: Sequence[Result]) -> Result:
    """One kind for lanes that differ in theirs: whole numbers if all are whole numbers or truths, else numbers."""
    first = column[0]
    if all(leaf.is_whole or leaf.kind in ("truth", "truths") for leaf in column):
        kinds = [leaf.dtype for leaf in column if leaf.is_whole]
        return first._replace(kind="integers" if first.is_array else "integer", dtype=np.result_type(*kinds))
    return first._replace(kind="array" if first.is_array else "number", dtype=None)


def is_single(leaf: Result, single: bool) -> bool:
    """Whether a result is stored as float32."""
    return (single or leaf.single) and leaf.kind in ("array", "number")


def threads_for(wanted: int | None) -> int:
    """How many threads a batch may use that wants so many."""
    return wanted or config.threads or processors()


def plain_axes(axes: Any) -> Any:
    """JAX takes a list for a tuple at the top; whole numbers of NumPy are Python's."""
    axes = tuple(axes) if isinstance(axes, list) else axes
    return pytrees.tree_map(lambda axis: int(axis) if isinstance(axis, np.integer) else axis, axes)


def deliver(results: Results, leaves: list[Any], out: Any) -> Any:
    """The results in their structure, in the arrays of ``out`` if that is given."""
    if out is not None:
        jitted.copy_out(results, leaves, out)
    return pytrees.tree_unflatten(results.structure, leaves)
