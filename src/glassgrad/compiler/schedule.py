"""The order of instructions. A processor looks some hundred instructions ahead for one that need not wait; the code of
a tape, operation after operation, has many more between two that are independent. List scheduling brings them
together: of the instructions whose operands are there, the one with the longest way to the end goes first (J. L.
Hennessy and T. Gross, *Postpass code optimization of pipeline constraints*, ACM TOPLAS 5, 1983).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from heapq import heappop, heappush

__all__ = ["scheduled"]

WINDOW = 160  # lines from the first that still waits, among which the next is chosen: more want more registers
LEAST = 30  # lines of a block below which its order does not matter
CYCLES = {  # until the result is there, and for which the multiplier is taken: about those of a current processor
    "fmul": (4, 1),
    "fadd": (4, 1),
    "fsub": (4, 1),
    "fdiv": (14, 3),
    "@llvm.fma": (4, 1),
    "@llvm.sqrt": (20, 3),
    "@llvm.x86": (6, 1),
    "load": (7, 0),
    "store": (0, 1),
}
FREE = ("bitcast", "getelementptr", "insertelement", "extractelement", "shufflevector", "mul", "phi")
OTHER = (1, 1)
PURE = (  # what may be called in between: of values alone, or of memory only to bring it near
    *("@llvm." + name for name in ("fma", "sqrt", "fabs", "copysign", "x86", "vector", "prefetch", "ctpop")),
    "@llvm.experimental",
)

_result = re.compile(r"\s*(%[\w.]+) = ")
_name = re.compile(r"%[\w.]+")
_label = re.compile(r"[\w.]+:")
_call = re.compile(r"call [^@]*(@[a-z]+\.?[a-z0-9]*)")


def scheduled(lines: Sequence[str], vectors: int = 1) -> list[str]:
    """The body of a function in LLVM IR, each of its blocks in an order that waits little.

    Args:
        lines: one instruction or label each.
        vectors: how many of the processor's vectors an instruction works on.
    """
    out: list[str] = []
    block: list[str] = []
    for line in "\n".join(lines).split("\n"):
        if _label.match(line) or line.lstrip().startswith(("br ", "ret ", "switch ")):
            out += _block(block, vectors)
            out.append(line)
            block = []
        else:
            block.append(line)
    return out + _block(block, vectors)


def _block(lines: list[str], vectors: int) -> list[str]:
    if len(lines) < LEAST:
        return lines
    kinds = [_kind(line) for line in lines]
    if "call" in kinds:
        return lines
    first = next((i for i, kind in enumerate(kinds) if kind != "phi"), 0)
    where: dict[str, int] = {}
    waits = [0] * len(lines)  # for how many operands
    users: list[list[int]] = [[] for _ in lines]
    stored, loaded = -1, list[int]()

    def after(i: int, j: int) -> None:
        waits[j] += 1
        users[i].append(j)

    for j in range(first, len(lines)):
        line = lines[j]
        found = _result.match(line)
        operands = set(_name.findall(line, found.end() if found else 0))
        for i in {where[name] for name in operands if name in where}:
            after(i, j)
        if found:
            where[found[1]] = j
        if kinds[j] == "store":  # memory is read and written in the order of the lines
            for i in {stored, *loaded} - {-1}:
                after(i, j)
            stored, loaded = j, []
        elif kinds[j] == "load" and "!invariant.load" not in line:
            if stored >= 0:
                after(stored, j)
            loaded.append(j)

    far = [0] * len(lines)  # cycles from an instruction's start to the end of the block
    for j in reversed(range(first, len(lines))):
        far[j] = _cycles(kinds[j])[0] + max([far[user] for user in users[j]], default=0)

    order = lines[:first]
    done = [True] * first + [False] * (len(lines) - first)
    ready: list[tuple[int, int]] = []  # by -far and place: could start now
    soon: list[tuple[float, int]] = []  # by when their operands are there
    later: list[int] = []  # by place: beyond the window
    at = [0.0] * len(lines)
    time, head = 0.0, first

    def enter(j: int) -> None:
        if j > head + WINDOW:
            heappush(later, j)
        elif at[j] > time:
            heappush(soon, (at[j], j))
        else:
            heappush(ready, (-far[j], j))

    for j in range(first, len(lines)):
        if not waits[j]:
            enter(j)
    while ready or soon or later:
        while later and later[0] <= head + WINDOW:
            enter(heappop(later))
        while soon and soon[0][0] <= time:
            enter(heappop(soon)[1])
        if not ready:
            time = soon[0][0]
            continue
        j = heappop(ready)[1]
        order.append(lines[j])
        done[j] = True
        latency, busy = _cycles(kinds[j])
        for user in users[j]:
            at[user] = max(at[user], time + latency)
            waits[user] -= 1
            if not waits[user]:
                enter(user)
        time += busy * vectors
        while head < len(lines) and done[head]:
            head += 1
    return order


def _kind(line: str) -> str:
    """The instruction, or the intrinsic that is called, by a name of `CYCLES` or `FREE`; ``"call"`` of a function."""
    found = _result.match(line)
    text = line[found.end() :] if found else line.lstrip()
    word = text.split(" ", 1)[0]
    if word == "call":
        called = _call.match(text)
        return called[1] if called and called[1] in PURE else word
    return word


def _cycles(kind: str) -> tuple[int, int]:
    return (0, 0) if kind in FREE else CYCLES.get(kind, OTHER)
