"""Add up the results of a tape with loops over the lanes of a batch.

The sums have the same bits as those of the other kernels (`sums`). Each sum has a vector of sums, for as many lanes as
the processor's vectors have, even if a block has more. So the sums do not depend on the block.
"""

from __future__ import annotations

from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.rolled.lanes import Lanes
from glassgrad.compiler.codegen.rolled.plan import Plan
from glassgrad.compiler.codegen.rolled.results import ResultTables
from glassgrad.compiler.codegen.sums import add_lanes, clear, counted
from glassgrad.compiler.codegen.values import Int
from glassgrad.compiler.codegen.vector import Code, F

__all__ = ["ADD_ALL", "ADD_SOME", "CLEAR", "TOTAL", "write_sums"]

MEMORY = ("ptr", "cells"), ("ptr", "sums")
ADD_ALL = Signature("add_all", MEMORY)
ADD_SOME = Signature("add_some", (("i64", "first"), ("i64", "stop"), ("i64", "valid"), *MEMORY))
CLEAR = Signature("clear", (("ptr", "sums"),))
TOTAL = Signature("total", (("ptr", "sums"), ("ptr", "to")))


def write_sums(plan: Plan, tables: ResultTables) -> None:
    """Add the functions that clear the sums, add the results of a block to them, and add up their lanes."""
    _write_all(plan, tables)
    _write_some(plan, tables)
    for signature in (CLEAR, TOTAL):
        code = _code(plan)
        given = signature.values(code)
        if signature is CLEAR:
            clear(code, given.sums, len(plan.refs))
        else:
            add_lanes(code, given.sums, len(plan.refs), given.to)
        code.ret()
        plan.module.add(signature, code)


def _code(plan: Plan) -> Code:
    return Code(plan.module.target)


def _write_all(plan: Plan, tables: ResultTables) -> None:
    """Add the function for a block whose lanes are all added."""
    code = _code(plan)
    given = ADD_ALL.values(code)
    cell = tables.cell(code, given.cells, 0)

    def write(where: Int) -> None:
        at, to = cell(where), tables.sum(code, given.sums, where)
        total = F(code, code.read(code.f64, to))
        for vector in range(plan.vectors):
            total = total + F(code, code.read(code.f64, at.offset(vector * 8 * code.lanes) if vector else at))
        code.store(total, to)

    code.each(len(plan.collected), write)
    code.ret()
    plan.module.add(ADD_ALL, code)


def _write_some(plan: Plan, tables: ResultTables) -> None:
    """Add the function for a block of which some lanes were added before, or only pad the batch.

    Its arguments are the first lane of the block, the lane at which the batch ends, and the first lane that only pads
    the batch.
    """
    code = _code(plan)
    given, lanes = ADD_SOME.values(code), code.lanes
    cell = tables.cell(code, given.cells, 0)
    with code.count(plan.vectors) as vector:
        fresh = given.first + vector * lanes
        start = Lanes(code, lanes, fresh, given.stop).starts[0]
        mask = counted(code, start, fresh, start, given.valid)

        def write(where: Int) -> None:
            value = F(code, code.read(code.f64, cell(where).offset(vector * (8 * lanes))))
            to = tables.sum(code, given.sums, where)
            total = F(code, code.read(code.f64, to))
            code.store(code.select(mask, total + value, total), to)

        code.each(len(plan.collected), write)
    code.ret()
    plan.module.add(ADD_SOME, code)
