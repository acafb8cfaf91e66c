"""Sum the results of a batch over its lanes.

Each result has a vector of sums, one sum for each lane at work. Vectors of results are added to it. At the end of a
chunk the sums of the lanes are added together. The last vector of a batch overlaps the one before it, so lanes that
were added before are masked out. Lanes that only pad the batch are masked out, too.
"""

from __future__ import annotations

from glassgrad.compiler.codegen.access import result_stem
from glassgrad.compiler.codegen.batch_plan import BatchPlan
from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code, F, M

__all__ = ["REDUCE", "accumulate", "add_lanes", "clear", "counted", "write_reduce"]

REDUCE = Signature("reduce", (("i64", "lane0"), ("i64", "count"), ("i64", "valid"), ("ptr", "rows"), ("ptr", "sums")))


def counted(code: Code, place: Int, fresh: Int, lane: Int, valid: Int, lanes: int = 0) -> M:
    """Return the mask of the lanes to add: those that are valid and were not added before.

    Args:
        code: the function that the mask is written to.
        place: the place in the block of the first lane at work.
        fresh: the place in the block of the first lane that was not at work before.
        lane: the number of the first lane at work.
        valid: the number of the first lane that only pads the batch.
        lanes: the number of lanes, or 0 for as many as the function computes.
    """
    lanes = lanes or code.lanes
    if lanes == 1:
        return M(code, (lane < valid).name)
    steps = Int(code, f"<{', '.join(f'i64 {k}' for k in range(lanes))}>", f"<{lanes} x i64>")
    new = steps >= (fresh - place).splat(lanes)
    real = steps < (valid - lane).splat(lanes)
    return M(code, (new & real).name)


def accumulate(code: Code, sums: Pointer, where: Int, value: F, counted: M) -> None:
    """Add ``value`` to sum ``where``, in the lanes that are ``counted``."""
    at = sums.offset(where * (8 * code.lanes))
    old = F(code, code.read(code.f64, at))
    code.store(code.select(counted, old + value, old), at)


def clear(code: Code, sums: Pointer, results: int) -> None:
    """Set all sums to 0."""
    code.each(results, lambda where: code.store(code.constant(0.0), sums.offset(where * (8 * code.lanes))))


def add_lanes(code: Code, sums: Pointer, results: int, to: Pointer) -> None:
    """Add up the lanes of each sum, and store the total: one half of the lanes is added to the other, and so on."""

    def write(where: Int) -> None:
        kind, lanes = code.f64, code.lanes
        total = code.read(kind, sums.offset(where * (8 * lanes), inside=False))
        while lanes > 1:
            half = lanes // 2
            low, high = (code.shuffle(kind, total, "poison", range(first, first + half)) for first in (0, half))
            kind, lanes = f"<{half} x double>", half
            total = code.binary("fadd", kind, low, high)
        code.write("double", code.extract(kind, total, 0), to.element("double", where, inside=False))

    code.each(results, write)


def write_reduce(plan: BatchPlan) -> None:
    """Add the function that adds the results of a block to the sums."""
    code = Code(plan.module.target)
    given, lanes = REDUCE.values(code), code.lanes
    zero, latest = code.integer(0), given.count - lanes
    with code.repeat(zero, zero) as loop:
        p, fresh = loop.state
        mask = counted(code, p, fresh, given.lane0 + p, given.valid)

        def write(where: Int) -> None:
            row = given.rows.offset(where * (plan.capacity * 8))
            at = row.element("double", p, result_stem(plan.rows, where))
            accumulate(code, given.sums, where, F(code, code.read(code.f64, at)), mask)

        code.each(plan.results, write)
        further = p + lanes
        loop.again(further < given.count, code.pick(further > latest, latest, further), further)
    code.ret()
    plan.module.add(REDUCE, code)
