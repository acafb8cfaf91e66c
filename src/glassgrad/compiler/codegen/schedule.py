"""The order of instructions. A processor looks some hundred instructions ahead for one that need not wait; the code of
a tape, operation after operation, has many more between two that are independent. List scheduling brings them
together: of the instructions whose operands are there, the one with the longest way to the end goes first (J. L.
Hennessy and T. Gross, *Postpass code optimization of pipeline constraints*, ACM TOPLAS 5, 1983); but where registers
run out, one that frees some.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush

__all__ = ["chained", "scheduled"]

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


def scheduled(lines: Sequence[str], vectors: int = 1, registers: int = 32) -> list[str]:
    """The body of a function in LLVM IR, each of its blocks in an order that waits little.

    Args:
        lines: one instruction or label each.
        vectors: how many of the processor's vectors an instruction works on.
        registers: of the processor, each of which holds one of these.
    """
    out: list[str] = []
    for block, end in _blocks(lines):
        out += Block(block).ordered(vectors, registers // vectors) if len(block) >= LEAST else block
        out += end
    return out


def chained(lines: Sequence[str]) -> tuple[int, float]:
    """Of the longest block of a function how many lines it has; and how many cycles, for each of them, it takes at
    least, however many instructions the processor runs at once."""
    longest = max([block for block, _ in _blocks(lines)], key=len)
    return len(longest), max([0, *Block(longest).far]) / max(1, len(longest))


def _blocks(lines: Sequence[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Instructions that run one after another, and the line that ends them."""
    block: list[str] = []
    for line in "\n".join(lines).split("\n"):
        if _label.match(line) or line.lstrip().startswith(("br ", "ret ", "switch ")):
            yield block, [line]
            block = []
        else:
            block.append(line)
    yield block, []


class Block:
    """Instructions that run one after another, what each waits for, and how far it is from the end.

    Attributes:
        lines, kinds: one instruction each, and what it is (`_kind`).
        first: the first that may be moved.
        users: for each the instructions that take its result.
        behind: for each those that must come after it in memory, which takes no time.
        far: the cycles from its start until all that is made of its result is there.
    """

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.kinds = kinds = [_kind(line) for line in lines]
        self.first = next((i for i, kind in enumerate(kinds) if kind != "phi"), len(lines))
        self.users: list[list[int]] = [[] for _ in lines]
        self.behind: list[list[int]] = [[] for _ in lines]
        self.waits = [0] * len(lines)  # for how many others
        where: dict[str, int] = {}
        stored, loaded = -1, list[int]()
        for j in range(self.first, len(lines)):
            line = lines[j]
            found = _result.match(line)
            operands = set(_name.findall(line, found.end() if found else 0))
            for i in {where[name] for name in operands if name in where}:
                self.users[i].append(j)
                self.waits[j] += 1
            if found:
                where[found[1]] = j
            if kinds[j] == "store":  # memory is read and written in the order of the lines
                for i in {stored, *loaded} - {-1}:
                    self._behind(i, j)
                stored, loaded = j, []
            elif kinds[j] == "load" and "!invariant.load" not in line:
                if stored >= 0:
                    self._behind(stored, j)
                loaded.append(j)
        self.far = far = [0] * len(lines)
        for j in reversed(range(self.first, len(lines))):
            far[j] = _cycles(kinds[j])[0] + max([far[user] for user in self.users[j]], default=0)

    def _behind(self, i: int, j: int) -> None:
        self.behind[i].append(j)
        self.waits[j] += 1

    def ordered(self, vectors: int, registers: int) -> list[str]:
        """The instructions in a better order, if none of them is a call; ``registers`` hold as many of the values that
        they work on, with ``vectors`` each."""
        lines, kinds, far, first = self.lines, self.kinds, self.far, self.first
        if "call" in kinds:
            return lines
        values = Live(self)
        waits = [*self.waits]
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
            if values.count < registers:
                j = heappop(ready)[1]
            else:  # what frees registers, or takes none
                item = max(ready, key=lambda item: (values.freed(item[1]), -item[0]))
                ready.remove(item)
                heapify(ready)
                j = item[1]
            values.run(j)
            order.append(lines[j])
            done[j] = True
            latency, busy = _cycles(kinds[j])
            for others, after in ((self.users[j], latency), (self.behind[j], 0)):
                for k in others:
                    at[k] = max(at[k], time + after)
                    waits[k] -= 1
                    if not waits[k]:
                        enter(k)
            time += busy * vectors
            while head < len(lines) and done[head]:
                head += 1
        return order


class Live:
    """The vectors that are still needed, as the instructions of a block run one after another."""

    def __init__(self, block: Block) -> None:
        lines, kinds, users = block.lines, block.kinds, block.users
        self.count = 0
        self.made = [0] * len(lines)  # whether an instruction makes a vector that is needed
        self.taken: list[list[int]] = [[] for _ in lines]  # by which instructions those are made that it needs
        self.left = [0] * len(lines)  # how many instructions still need what one made
        root = list(range(len(lines)))  # by which instruction that is made which this one only sees otherwise
        for i, line in enumerate(lines):
            if " x double>" not in line and " x i64>" not in line:
                continue
            if kinds[i] == "bitcast" or (kinds[i] == "shufflevector" and "poison" in line):
                root[i] = root[self.taken[i][0]] if self.taken[i] else i
            elif users[i]:
                self.made[i] = 1
            for user in users[i]:
                self.taken[user].append(i)
        for i, taken in enumerate(self.taken):
            self.taken[i] = list({root[k] for k in taken}) if root[i] == i else []
            for k in self.taken[i]:
                self.left[k] += 1

    def freed(self, i: int) -> int:
        """How many fewer are needed once this one has run."""
        return sum([self.left[k] == 1 and self.made[k] for k in self.taken[i]]) - self.made[i]

    def run(self, i: int) -> None:
        self.count -= self.freed(i)
        for k in self.taken[i]:
            self.left[k] -= 1


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
