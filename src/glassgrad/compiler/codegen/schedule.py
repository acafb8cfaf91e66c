"""Put instructions in a better order.

A processor looks a few hundred instructions ahead for one that can start. A tape in its own order often has more
instructions than that between two that do not depend on each other. List scheduling brings them together: among the
instructions whose operands are ready, the one with the longest path to the end goes first (J. L. Hennessy and T. Gross,
*Postpass code optimization of pipeline constraints*, ACM TOPLAS 5, 1983). When registers run out, an instruction that
frees some goes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from glassgrad.compiler.codegen.instructions import Block, Call, Instruction, Load, Shuffle

__all__ = ["critical_path", "schedule"]

# The next instruction is chosen from this many, starting with the first that was not chosen yet. A larger window needs
# more registers.
WINDOW = 160
LEAST = 30  # The order of a block with fewer instructions does not matter.
# For each kind of instruction: the cycles until its result is ready, and the cycles in which the multiplier is busy.
# They are approximately those of a current processor.
CYCLES = {
    "fmul": (4, 1),
    "fadd": (4, 1),
    "fsub": (4, 1),
    "fdiv": (14, 3),
    "llvm.fma": (4, 1),
    "llvm.sqrt": (20, 3),
    "llvm.x86": (6, 1),
    "load": (7, 0),
    "store": (0, 1),
}
# These instructions are counted as taking no time.
FREE = ("bitcast", "getelementptr", "insertelement", "extractelement", "shufflevector", "mul", "phi")
OTHER = (1, 1)  # The cycles of all other instructions.
PURE = (  # These intrinsics only compute or prefetch, so they may change places with loads and stores.
    *("llvm." + name for name in ("fma", "sqrt", "fabs", "copysign", "x86", "vector", "prefetch", "ctpop")),
    "llvm.experimental",
)


def schedule(block: Block, vectors: int = 1, registers: int = 32) -> None:
    """Put the instructions of a block in an order with little waiting.

    Args:
        block: the block. Its order does not change if it is short or calls functions.
        vectors: how many of the processor's vectors an instruction works on.
        registers: the number of the processor's vector registers.
    """
    if len(block) >= LEAST:
        block.instructions = Dependences(block.instructions).ordered(vectors, registers // vectors)


def critical_path(blocks: Sequence[Block]) -> tuple[int, float]:
    """Measure the longest block.

    Return its number of instructions, and the length of its critical path in cycles for each instruction. The critical
    path is the time that the block would take on a processor that runs any number of instructions at once.
    """
    longest = max(blocks, key=len).instructions
    return len(longest), max([0, *Dependences(longest).far]) / max(1, len(longest))


class Dependences:
    """The dependences between the instructions of a block.

    Attributes:
        instructions, kinds: the instructions, and the kind of each (`kind_of`).
        first: the first instruction that may be moved.
        users: for each instruction, the instructions that use its result.
        behind: for each instruction, those that must come after it because they use the same memory.
        waits: for each instruction, how many others must come before it.
        far: for each instruction, the cycles from its start to the end of the longest chain of users.
    """

    def __init__(self, instructions: Sequence[Instruction]) -> None:
        self.instructions = instructions
        count = len(instructions)
        self.kinds = kinds = [*map(kind_of, instructions)]
        self.first = next((i for i, kind in enumerate(kinds) if kind != "phi"), count)
        self.users: list[list[int]] = [[] for _ in instructions]
        self.behind: list[list[int]] = [[] for _ in instructions]
        self.waits = [0] * count
        made: dict[str, int] = {}  # the instruction that sets a register
        stored, loaded = -1, list[int]()
        for j in range(self.first, count):
            instruction = instructions[j]
            for i in {made[name] for name in instruction.operands() if name in made}:
                self.users[i].append(j)
                self.waits[j] += 1
            if instruction.result:
                made[instruction.result] = j
            if kinds[j] == "store":  # memory is read and written in the order of the instructions
                for i in {stored, *loaded} - {-1}:
                    self._behind(i, j)
                stored, loaded = j, []
            elif isinstance(instruction, Load) and not instruction.constant:
                if stored >= 0:
                    self._behind(stored, j)
                loaded.append(j)
        self.far = far = [0] * count
        for j in reversed(range(self.first, count)):
            far[j] = cycles(kinds[j])[0] + max([far[user] for user in self.users[j]], default=0)

    def _behind(self, i: int, j: int) -> None:
        self.behind[i].append(j)
        self.waits[j] += 1

    def ordered(self, vectors: int, registers: int) -> list[Instruction]:
        """Return the instructions in a better order, or in the same order if one of them is a call.

        For the arguments see `schedule`. Here, ``registers`` is the number of values that fit into the registers; each
        value consists of ``vectors`` vectors.
        """
        if "call" in self.kinds:
            return list(self.instructions)
        return Queue(self, vectors, registers).run()


class Queue:
    """Choose the instructions of a block one after another.

    Attributes:
        ready: a heap of instructions that could start now. The one with the longest path to the end comes first.
        soon: a heap of instructions whose operands are being computed, ordered by the time when these are ready.
        later: a heap of instructions beyond the window, ordered by place.
    """

    def __init__(self, block: Dependences, vectors: int, registers: int) -> None:
        self.block, self.vectors, self.registers = block, vectors, registers
        count, first = len(block.instructions), block.first
        self.values = Live(block)
        self.waits = [*block.waits]
        self.done = [True] * first + [False] * (count - first)
        self.at = [0.0] * count  # for each instruction, the time when its operands are ready
        self.time, self.head = 0.0, first
        self.ready: list[tuple[int, int]] = []
        self.soon: list[tuple[float, int]] = []
        self.later: list[int] = []

    def run(self) -> list[Instruction]:
        block = self.block
        order = [*block.instructions[: block.first]]
        for j in range(block.first, len(self.waits)):
            if not self.waits[j]:
                self.enter(j)
        while self.ready or self.soon or self.later:
            while self.later and self.later[0] <= self.head + WINDOW:
                self.enter(heappop(self.later))
            while self.soon and self.soon[0][0] <= self.time:
                self.enter(heappop(self.soon)[1])
            if not self.ready:
                self.time = self.soon[0][0]
                continue
            j = self.next()
            order.append(block.instructions[j])
            self.issue(j)
        return order

    def enter(self, j: int) -> None:
        """Put instruction j into a heap. All instructions that it depends on have been issued."""
        if j > self.head + WINDOW:
            heappush(self.later, j)
        elif self.at[j] > self.time:
            heappush(self.soon, (self.at[j], j))
        else:
            heappush(self.ready, (-self.block.far[j], j))

    def next(self) -> int:
        values, ready = self.values, self.ready
        if values.count < self.registers:
            return heappop(ready)[1]
        item = max(ready, key=lambda item: (values.freed(item[1]), -item[0]))  # the one that frees most registers
        ready.remove(item)
        heapify(ready)
        return item[1]

    def issue(self, j: int) -> None:
        """Issue instruction j."""
        block, done = self.block, self.done
        self.values.run(j)
        done[j] = True
        latency, busy = cycles(block.kinds[j])
        for others, after in ((block.users[j], latency), (block.behind[j], 0)):
            for k in others:
                self.at[k] = max(self.at[k], self.time + after)
                self.waits[k] -= 1
                if not self.waits[k]:
                    self.enter(k)
        self.time += busy * self.vectors
        while self.head < len(done) and done[self.head]:
            self.head += 1


class Live:
    """Count the vectors that are live while the instructions of a block run one after another."""

    def __init__(self, block: Dependences) -> None:
        instructions, users = block.instructions, block.users
        count = len(instructions)
        self.count = 0
        self.made = [0] * count  # 1 for an instruction that makes a vector that others need
        self.taken: list[list[int]] = [[] for _ in instructions]  # the instructions that make its operands
        self.left = [0] * count  # how many instructions still need the vector that an instruction made
        root = list(range(count))  # for a view, the instruction that makes the vector; for others, the instruction
        for i, instruction in enumerate(instructions):
            if not works_on_vectors(instruction):
                continue
            if is_view(instruction):
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
        """Return by how much the number of live vectors falls when instruction i runs. It may be negative."""
        return sum([self.left[k] == 1 and self.made[k] for k in self.taken[i]]) - self.made[i]

    def run(self, i: int) -> None:
        self.count -= self.freed(i)
        for k in self.taken[i]:
            self.left[k] -= 1


def kind_of(instruction: Instruction) -> str:
    """Return the opcode, or the name of an intrinsic in `PURE`. For a call of any other function it is ``"call"``."""
    if isinstance(instruction, Call):
        family = ".".join(instruction.function[1:].split(".")[:2])
        return family if family in PURE else "call"
    return instruction.opcode


def cycles(kind: str) -> tuple[int, int]:
    return (0, 0) if kind in FREE else CYCLES.get(kind, OTHER)


def works_on_vectors(instruction: Instruction) -> bool:
    """Whether an operand or the result is a vector of doubles or of 64-bit integers."""
    return any(" x double>" in kind or " x i64>" in kind for kind in instruction.types())


def is_view(instruction: Instruction) -> bool:
    """Whether the result is the operand, or a part of it, seen as another type. Such an instruction makes no vector."""
    return instruction.opcode == "bitcast" or (isinstance(instruction, Shuffle) and instruction.b == "poison")
