"""Dead code elimination: remove the operations that no result and no branch depends on."""

from __future__ import annotations

from glassgrad.compiler.ir.tape import Outputs, Tape, TapeBuilder

__all__ = ["dce"]


def dce(tape: Tape) -> Tape:
    """Remove the operations that no result and no branch depends on."""
    n = tape.inputs
    live = bytearray(n + len(tape.ops))
    for _, _, _, exit in tape.segments:
        for a in exit.refs if isinstance(exit, Outputs) else (exit.condition,):
            if a >= 0:
                live[a] = 1
    for i in range(len(tape.ops) - 1, -1, -1):
        if live[n + i]:
            for a in tape.args[i]:
                if a >= 0:
                    live[a] = 1
    if all(live[n:]):
        return tape
    builder = TapeBuilder(tape.names)
    constants = [builder.constant(x) for x in tape.constants]
    new = list(range(n)) + [0] * len(tape.ops)
    for start, stop, parent, exit in tape.segments:
        builder.begin(parent)
        for i in range(start, stop):
            if live[n + i]:
                args = tuple([new[a] if a >= 0 else constants[~a] for a in tape.args[i]])
                new[n + i] = builder.append(tape.ops[i], args)
        if isinstance(exit, Outputs):
            builder.end(Outputs(tuple([new[a] if a >= 0 else constants[~a] for a in exit.refs]), exit.path))
        else:
            a = exit.condition
            builder.end(exit._replace(condition=new[a] if a >= 0 else constants[~a]))
    return builder.tape
