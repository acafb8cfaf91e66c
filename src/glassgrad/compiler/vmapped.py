"""The callable that `glassgrad.vmap` returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassgrad.compiler.codegen.layout import CONTIGUOUS
from glassgrad.compiler.compiled import PROGRAMS, Compiled
from glassgrad.compiler.frontend.program import Program
from glassgrad.compiler.marshal.arguments import Arguments, as_array, is_whole, leaf_names
from glassgrad.compiler.marshal.axes import leaf_axes, plain_axes
from glassgrad.compiler.runtime.anomalies import bad_lanes, explain_sum
from glassgrad.compiler.runtime.batch_call import BatchCall
from glassgrad.compiler.runtime.batch_code import lane_input_forms
from glassgrad.compiler.runtime.fastcall import is_fast
from glassgrad.compiler.runtime.replay import Replays
from glassgrad.compiler.runtime.specialize import specialize_batch
from glassgrad.compiler.runtime.streak import MISSING
from glassgrad.compiler.runtime.units import output_forms
from glassgrad.compiler.runtime.vmap_eager import vmap_eager
from glassgrad.core.anomaly import NanReport
from glassgrad.core.rerun import bad_places
from glassgrad.core.settings import whole_number
from glassgrad.support import pytrees

__all__ = ["Vmapped"]


class Vmapped(Compiled):
    """A function compiled over a batch; see `glassgrad.vmap`.

    Attributes:
        in_axes: which axis of each argument is that of the lanes.
        reduce: ``"sum"``, ``"mean"`` or None.
        threads: how many threads it may use; None: as ``gg.config`` says.
        on_error: ``"raise"`` or ``"nan"``.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        in_axes: Any = 0,
        *,
        reduce: str | None = None,
        threads: int | None = None,
        max_paths: int | None = None,
        static_argnums: Any = None,
        static_argnames: Any = None,
        on_error: str = "raise",
    ) -> None:
        if on_error not in ("raise", "nan"):
            raise ValueError(f"vmap: on_error={on_error!r}: choose 'raise' or 'nan'")
        Compiled.__init__(self, f, max_paths, "vmap", static_argnums, static_argnames, on_error == "nan")
        if reduce not in (None, "sum", "mean"):
            raise ValueError(f"vmap: reduce={reduce!r}: choose 'sum', 'mean' or None")
        self._in_axes = plain_axes(in_axes)
        self._reduce = reduce
        self._threads = None if threads is None else whole_number(threads, "vmap: threads")
        self._known_axes: dict[Any, list[int | None]] = {}  # of structures of arguments
        self._replays = None if is_fast() else Replays()

    @property
    def in_axes(self) -> Any:
        return self._in_axes

    @property
    def reduce(self) -> str | None:
        return self._reduce

    @property
    def threads(self) -> int | None:
        return self._threads

    @property
    def on_error(self) -> str:
        return "nan" if self._user.errors_are_nan else "raise"

    def _options(self) -> dict[str, Any]:
        return {
            "in_axes": self._in_axes,
            "reduce": self._reduce,
            "threads": self._threads,
            "max_paths": self.max_paths,
            "static_argnums": self._static[0],
            "static_argnames": self._static[1],
            "on_error": self.on_error,
        }

    def _axes(self, args: Any, kwargs: Any, leaves: Sequence[Any], structure: Any) -> list[int | None]:
        axes = self._known_axes.get(structure)
        if axes is None:
            if len(self._known_axes) >= PROGRAMS:
                self._known_axes = {}
            axes = self._known_axes[structure] = leaf_axes(self._in_axes, args, kwargs, self.function)
        if all(axis is None or leaf is None for axis, leaf in zip(axes, leaves)):
            raise ValueError(
                f"vmap: no argument of {self._user.title} has an axis to run over: in_axes is {self._in_axes!r}"
            )
        return axes

    def _new_call(self, program: Program, arguments: Arguments, out: Any) -> BatchCall:
        return BatchCall(program, arguments, out, self._reduce, self._threads)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        out = None if self._user.takes_out else kwargs.get("out")
        if self._replays is not None and len(kwargs) == (out is not None):  # no other keywords
            found = self._replays.run(args, out)
            if found is not MISSING:
                return found
        return Compiled._call(self, args, kwargs)

    def _remember(self, call: BatchCall, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self._replays is None:
            specialize_batch(self, call, args, kwargs)
        elif not kwargs:  # Compiled._call has taken `out` out of it, if it is not an argument
            self._replays.learn(call, args)

    def _run_traced(self, args: tuple[Any, ...], kwargs: dict[str, Any], axes: Any) -> Any:
        return vmap_eager(self._user, args, kwargs, axes, self._reduce)

    def _lowered(self, program: Program, arguments: Arguments) -> Any:
        from glassgrad.compiler.lowered import Lowered

        self._new_call(program, arguments, None).run()
        inputs = lane_input_forms(program, arguments.arrays, len(program.captured))
        outputs = output_forms(program.results[0], CONTIGUOUS, program.single)
        return Lowered(program, inputs, outputs, "batch" if self._reduce is None else "reduce")

    def _lanes_of(self, leaf: Any) -> Any:
        """An argument with lanes as an array of floats, or of integers if it is one."""
        return leaf if is_whole(leaf) else as_array(leaf, "", self.__name__)

    def _explained(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: Sequence[Any], structure: Any, result: Any
    ) -> NanReport | None:
        places = bad_places(result) if self._reduce is not None else []
        if places:
            options = {name: x for name, x in self._options().items() if name != "reduce"}
            each = Vmapped(self.function, **options)
            result = each._call(args, dict(kwargs))
        bad = bad_lanes(result) if self._reduce is None or places else None
        if bad is None or not len(bad):
            return None
        lane, about = int(bad.argmax()), {"lanes": (int(bad.sum()), len(bad))}
        if not bad.any():
            return explain_sum(places[0], result, self.__name__) if places else None
        some = [
            leaf if axis is None or leaf is None else np.moveaxis(self._lanes_of(leaf), axis, 0)[lane]
            for leaf, axis in zip(leaves, self._axes(args, kwargs, leaves, structure))
        ]
        results = pytrees.tree_map(lambda leaf: leaf[lane], result)
        return self._rerun(some, structure, leaf_names(structure, self._user.parameters), results, lane=lane, **about)
