"""XAD from Python: one tape, recorded again for every call, and a reverse sweep for every result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Program = Callable[[list[Any]], Any]
Sweep = Callable[[Program, Sequence[float]], tuple[list[float], list[list[float]]]]


def sweeper() -> Sweep:
    """Return a function of a list of numbers. It returns the program's result or results, and the gradient of each."""
    import xad.adj_1st as xad

    tape = xad.Tape()
    tape.activate()

    def sweep(program: Program, values: Sequence[float]) -> tuple[list[float], list[list[float]]]:
        inputs = [xad.Real(value) for value in values]
        tape.registerInputs(inputs)
        tape.newRecording()
        results = program(inputs)
        outputs = results if isinstance(results, list) else [results]
        gradients = []
        tape.registerOutputs(outputs)
        for output in outputs:
            tape.clearDerivatives()
            output.derivative = 1.0
            tape.computeAdjoints()
            gradients.append([x.derivative for x in inputs])
        return [output.value for output in outputs], gradients

    return sweep
