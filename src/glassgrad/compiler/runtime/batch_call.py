"""One call of a `vmap` function. It decides which lanes run as code, are traced for more code, or run uncompiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassgrad.compiler import account
from glassgrad.compiler.account import Account, TooExpensive
from glassgrad.compiler.codegen.layout import CONTIGUOUS, INTERLEAVED
from glassgrad.compiler.frontend.program import NoLayout, Program
from glassgrad.compiler.frontend.results import Results
from glassgrad.compiler.frontend.tracer import PathTrace, TooLong
from glassgrad.compiler.marshal.arguments import Arguments
from glassgrad.compiler.marshal.assemble import deliver, leaves_of_lanes, leaves_of_sums
from glassgrad.compiler.marshal.out import in_place
from glassgrad.compiler.runtime import eager
from glassgrad.compiler.runtime.batch_code import BatchCode, lane_input_forms, lane_output_forms
from glassgrad.compiler.runtime.memory import empty
from glassgrad.compiler.runtime.units import available
from glassgrad.core.scalar import TracingError
from glassgrad.core.settings import config, processors

__all__ = ["BatchCall", "results_of", "threads_for"]

SAMPLE = 200  # At most this many unmatched lanes are traced before code is made again.
VAIN = 0.5  # Traces that find no new path may take this share of the time of making code again.
CHUNK = 256  # After an exception, at most this many uncompiled lanes are prepared again.
NAMED = 8  # A note names at most this many numbers of a lane.
ROUNDS = 200  # Code is made again at most this many times in one call.


class BatchCall:
    """One call of a `vmap` function.

    Args:
        program: the program for arguments of this kind.
        arguments: the arguments, with their lanes.
        out: the argument ``out`` of the user.
        reduce: ``"sum"`` or ``"mean"`` to reduce over the lanes, or None.
        threads: how many threads may be used. None means the number in ``gg.config``.

    Attributes:
        code: the code of the last run, or None if there is none yet.
        arrays: the results that the code wrote: one array with all lanes for each, in the order of the kernel.
        sums: the rows of sums that the code wrote, if it sums the results.
        uncompiled: a dict from each lane that ran uncompiled to its results.
    """

    def __init__(
        self, program: Program, arguments: Arguments, out: Any, reduce: str | None, threads: int | None
    ) -> None:
        self.program, self.arguments, self.out, self.reduce, self.threads = program, arguments, out, reduce, threads
        self.user, self.account, self.lanes = program.user, program.user.account, arguments.lanes
        self.code: BatchCode | None = None
        self.arrays: list[Any] = []
        self.sums: Any = None
        self.uncompiled: dict[int, list[float]] = {}
        self._demanded = 0

    def run(self) -> Any:
        """Compute the results of all lanes."""
        if not self.lanes:
            return self._empty()
        self._begin()
        for turn in range(ROUNDS + 1):
            where = self._unmatched(self._execute())
            if not len(where):
                break
            with self.program.lock:
                learnt = turn < ROUNDS and self._learn(where)
            if not learnt:
                self._run_uncompiled(where.tolist())
                if self.reduce is not None:  # the code has summed over other lanes: compute each lane by itself
                    self._run_uncompiled(self._unmatched(self._execute()).tolist())
                break
        return self._results()

    # Running code

    def _unmatched(self, unmatched: Any) -> Any:
        """Return the lanes that have no results yet, after `_execute`."""
        if unmatched is None:
            return np.empty(0, int)
        unmatched[list(self.uncompiled)] = 0
        return np.flatnonzero(unmatched)

    def _execute(self) -> Any:
        """Run the known code. Return an array that marks the lanes whose path has no code, or None if all have code."""
        program, lanes = self.program, self.lanes
        results = program.lane_results()
        reduced = self.reduce is not None and not self.uncompiled
        self.arrays = [] if reduced else self._targets(results)
        layouts = [CONTIGUOUS if a.strides[0] == a.itemsize else INTERLEAVED for a in self.arrays]
        with program.lock:  # another thread may trace a new path, but the code must fit one state of the program
            self.code = code = self._find_code(layouts, reduced)
        if code is None:
            return np.ones(lanes, np.uint8)
        unmatched, self.sums = code.run(self.arguments, self.arrays, threads_for(self.threads))
        return unmatched

    def _targets(self, results: Results) -> list[Any]:
        """Return arrays for the results: those of ``out`` that the kernel can write to, and new ones for the others."""
        program, lanes = self.program, self.lanes
        leaves = results.ordered()
        kinds = [leaf.kind_of_array(program.single) for leaf in leaves]
        given = [None] * len(leaves)
        if self.out is not None and self.reduce is None and not program.calls_user_code:
            read = [leaf.array for leaf in self.arguments.arrays]
            given = in_place(results, lanes, kinds, self.out, read)
        return [
            empty((lanes, *leaf.shape), kind) if array is None else array
            for leaf, kind, array in zip(leaves, kinds, given)
        ]

    def _find_code(self, layouts: Sequence[str], reduced: bool) -> BatchCode | None:
        """Return code for all paths that are known now, if it exists or making it may pay.

        Otherwise return code for fewer paths, or None.
        """
        program = self.program
        key = reduced, tuple([array.layout for array in self.arguments.arrays]), tuple(layouts)
        found: BatchCode | None = program.batch_code.get(key)
        count = len(program.traces)
        if not count or (found is not None and found.paths == count):
            return found
        if available() and not self._affords(self._cost(), self.lanes):
            return found
        with self.account.investing():
            results = program.lane_results()
            inputs = lane_input_forms(program, self.arguments.arrays, len(program.captured))
            outputs = lane_output_forms(results, layouts or [CONTIGUOUS] * len(results.order), reduced, program.single)
            allowance = None if self.user.left_behind else self.account.allowance()
            try:
                made = BatchCode(program, inputs, outputs, "reduce" if reduced else "batch", allowance)
            except TooExpensive as error:
                program.give_up(range(count), error)
                return found
        program.end_fast_paths()  # because they lead to code that knows fewer paths
        program.batch_code[key] = made
        return made

    # Finding new paths

    def _cost(self, more: Sequence[PathTrace] = ()) -> float:
        """Estimate the seconds that it takes to make code for all known paths, and for these further ones."""
        program = self.program
        given_up = program.given_up
        if given_up is not None and not more and given_up.paths == (*range(len(program.traces)),):
            return given_up.seconds
        size = program.size + sum([trace.size for trace in more]) // 2  # about half is shared with other paths
        return max(account.hoped("batch", size, len(program.traces) + len(more)), program.operation_time * size)

    def _affords(self, seconds: float, lanes: int) -> bool:
        """Whether this many seconds may be invested in code for ``lanes`` lanes that have none."""
        if self.user.left_behind or seconds <= self.account.left():  # a function left behind can only run as code
            return True
        self._demand(lanes)
        return seconds <= self.account.left()

    def _demand(self, lanes: int) -> None:
        """Enter in the account the time that lanes without code would take uncompiled. Each lane is counted once."""
        program, more = self.program, lanes - self._demanded
        if more <= 0:
            return
        if program.lane_time is None:
            one = Account()
            try:
                eager.run(program, self.arguments.lane(0), one)
            except Exception as error:
                if isinstance(error, TracingError) or not self.user.errors_are_nan:
                    self._name_lane(error, 0)
                    raise
            program.lane_time = one.missed
        self._demanded = lanes
        self.account.missed += more * program.lane_time

    def _begin(self) -> None:
        """In the first call, trace the first lane, and lanes that take other paths.

        If the trace does not finish in time, run all lanes uncompiled.
        """
        program = self.program
        with program.lock:
            if not program.traces:
                self._trace(0, None, True)
                if not program.traces and self._affords(program.trace_time, self.lanes):  # it was too slow, but may pay
                    self._trace(0, None, True)
                if not program.traces and self.user.errors_are_nan:
                    self._find_layout()
                if program.traces and program.traces[0].guards:
                    self._discover(np.arange(self.lanes), -1)
        if not program.traces:
            self._run_uncompiled(range(self.lanes))

    def _find_layout(self) -> None:
        """Trace lanes until one raises no exception: it tells the layout of the results."""
        step = max(1, self.lanes // SAMPLE)
        for lane in _scattered([*range(step, self.lanes, step), self.lanes - 1]):
            if self.program.traces or not self._affords(self.program.trace_time, self.lanes):
                break
            self._trace(lane, None, True)

    def _learn(self, where: Any) -> bool:
        """Look for new paths among the lanes ``where``, which had no code. Return whether to make code again."""
        program = self.program
        covered = 0 if self.code is None else self.code.paths
        if len(program.traces) < self.user.limit:
            self._discover(where, int(where[0]))
        return len(program.traces) > covered and self._affords(self._cost(), len(where))

    def _trace(self, lane: int, gathered: dict[Any, Any] | None, may_raise: bool) -> bool:
        """Trace a lane if there is time for it. Return whether it takes a new path.

        Exceptions of the function are raised only if the lane ``may_raise`` them: if it is the first lane without code.
        If errors are nan, the function's are kept by the trace, and others are raised.
        """
        program, left = self.program, self.account.left_for_a_trace()
        began = account.clock()
        try:
            with self.account.investing():
                numbers = self.arguments.lane(lane)
                new = program.trace(numbers, gathered, lambda: account.clock() - began > left)[2]
            program.trace_time = account.clock() - began
            return new
        except TooLong:
            program.trace_time = 2 * (account.clock() - began)
            return False
        except NoLayout:
            return False
        except TracingError:
            raise
        except Exception as error:
            if may_raise or self.user.errors_are_nan:
                self._name_lane(error, lane)
                raise
            return False

    def _name_lane(self, error: Exception, lane: int) -> None:
        """Tell in a note of ``error`` which lane raised it, and its numbers."""
        names, numbers = self.program.names, self.arguments.lane(lane)
        some = [f"{name} = {x:.17g}" for name, x in zip(names[:NAMED], numbers)]
        more = [f"and {len(names) - NAMED} more numbers"] if len(names) > NAMED else []
        error.add_note(f"in lane {lane} of {self.lanes} of {self.user.called}: {', '.join(some + more)}")

    def _discover(self, where: Any, first: int) -> None:
        """Trace a sample of the lanes ``where``, as long as new paths are found and code for them may pay."""
        program = self.program
        half = SAMPLE // 2
        some = _scattered([*where[half :: max(1, len(where) // half)].tolist(), *where[:half].tolist()])
        gathered: dict[Any, Any] = {}
        making = self._cost()
        vain = 0.0
        for lane in some:
            if len(program.traces) + len(gathered) >= self.user.limit or vain > VAIN * making:
                break
            if not self._affords(making + program.trace_time, len(where)):
                break
            if self._trace(lane, gathered, lane == first):
                vain = 0.0
                making = self._cost([found for found, _, _ in gathered.values()])
            else:
                vain += program.trace_time
        if gathered:
            program.enter(gathered)

    # Uncompiled lanes

    def _run_uncompiled(self, lanes: Sequence[int]) -> None:
        program = self.program
        began = account.clock()
        failed: list[int] = []
        error: Exception | None = None
        for start in range(0, len(lanes), CHUNK):
            error = self._run_each(lanes[start : start + CHUNK], failed) or error
        if error is not None:
            try:
                results, values = program.nothing(error)
            except NoLayout:
                self._name_lane(error, failed[0])
                error.add_note("all other lanes raised one, too, so the shape of the results is unknown")
                raise error from None
            program.note_lane_results(results)
            self.uncompiled.update(dict.fromkeys(failed, values))
        spent = account.clock() - began
        if len(program.traces) > 1 or len(program.traces) >= self.user.limit:
            self.user.warn(program)  # not earlier: if a lane raises an exception, that comes first
        self.account.missed += max(0.0, spent - self._demanded * (program.lane_time or 0.0))
        if lanes:
            program.lane_time = spent / len(lanes)

    def _run_each(self, lanes: Sequence[int], failed: list[int]) -> Exception | None:
        """Run lanes uncompiled. If errors are nan, add to ``failed`` those that raise one, and return the last."""
        program, done = self.program, 0
        last: Exception | None = None
        while done < len(lanes):
            try:
                for results, values in eager.run_lanes(program, self.arguments, lanes[done:]):
                    program.note_lane_results(results)
                    self.uncompiled[lanes[done]] = values
                    done += 1
            except TracingError:
                raise
            except Exception as error:
                if not self.user.errors_are_nan:
                    self._name_lane(error, lanes[done])
                    raise
                failed.append(lanes[done])
                last = error.with_traceback(None)  # it holds the nodes of the lane
                done += 1
        return last

    def _patch(self, results: Results) -> None:
        """Write the results of uncompiled lanes to the arrays."""
        for lane, values in self.uncompiled.items():
            place = 0
            for leaf, array in zip(results.ordered(), self.arrays):
                array[lane] = np.array(values[place : place + leaf.size]).reshape(leaf.shape)
                place += leaf.size

    # Results

    def _results(self) -> Any:
        """Return the results in their structure. If ``out`` is given, its arrays hold them."""
        results = self.program.lane_results()
        if self.uncompiled:
            self._patch(results)
        if self.uncompiled and self.reduce is not None:
            each = [a.reshape(self.lanes, -1).astype(float).sum(axis=0) for a in self.arrays]
            self.sums = np.concatenate(each or [np.empty(0)])[None]
        return results_of(self.program, self.arrays, self.sums, self.lanes, self.reduce, self.out)

    def _empty(self) -> Any:
        """Return the results of a batch without lanes."""
        program = self.program
        if not program.traces:
            try:
                with program.lock:
                    program.trace([0.5] * program.inputs)
            except Exception as error:
                raise ValueError(
                    f"the batch is empty, and a trial run at 0.5, to learn the shape of the results of "
                    f"{self.user.called}, failed: {error}"
                ) from error
        results = program.lane_results()
        if self.reduce == "mean":
            raise ValueError(f"{self.user.title} must have at least one lane for a mean, got an empty batch")
        if self.reduce == "sum":
            zeros = np.zeros(sum(leaf.size for leaf in results.leaves))
            return deliver(results, leaves_of_sums(results, zeros, 0, self.reduce, program.single), self.out)
        arrays = [np.empty((0, *leaf.shape), leaf.kind_of_array(program.single)) for leaf in results.ordered()]
        return deliver(results, leaves_of_lanes(results, arrays, 0), self.out)


def results_of(program: Program, arrays: Sequence[Any], sums: Any, lanes: int, reduce: str | None, out: Any) -> Any:
    """The results of a batch in their structure, in the arrays of ``out`` if there is one.

    Args:
        program: the program that computed them.
        arrays: an array with all lanes for each result, in the order of the kernel; not used with ``reduce``.
        sums: with ``reduce``, rows of sums.
        lanes: the number of lanes.
        reduce: ``"sum"``, ``"mean"`` or None.
        out: what the user gave as ``out``.
    """
    results = program.lane_results()
    if reduce is None:
        return deliver(results, leaves_of_lanes(results, arrays, lanes), out)
    total = np.add.accumulate(sums, axis=0)[-1]  # one after the other, as the fast path does
    if reduce == "mean":
        total = total / lanes
    return deliver(results, leaves_of_sums(results, total, lanes, reduce, program.single), out)


def threads_for(wanted: int | None) -> int:
    """Return how many threads a batch may use."""
    return wanted or config.threads or processors()


def _scattered(lanes: list[int]) -> list[int]:
    """Reorder ``lanes`` so that neighbours in the list lie far apart in the batch. The first lane stays first.

    Lanes that lie near each other mostly take the same path.
    """
    some = sorted(set(lanes))
    bits = len(some).bit_length()
    return [some[k] for k in sorted(range(len(some)), key=lambda k: f"{k:0{bits}b}"[::-1])]
