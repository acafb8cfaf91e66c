"""Call Python functions in the kernel for a batch: one call for all lanes of a block that are at work.

Operands are read from the frame of the block, and results are stored there. Lanes that are already unmatched are left
out. If the function raises an exception for a lane, the lane becomes unmatched. Then Python runs the lane again, and
the user gets the exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from glassgrad.compiler.codegen.access import named
from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.callback import FAILED
from glassgrad.compiler.codegen.callees import BACK
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code

__all__ = ["Site", "call", "size", "write_helpers"]

CHOOSE = Signature(
    "choose",
    (("ptr", "to"), ("ptr", "list"), ("i64", "n"), ("i64", "lane0"), ("i64", "valid"), ("ptr", "unmatched")),
    "i64",
)
COLLECT = Signature("collect", (("ptr", "to"), ("ptr", "lanes"), ("i64", "n"), ("ptr", "from")))
MARK = Signature("mark", (("ptr", "to"), ("i64", "n")))
PYTHON = Signature("python", (("ptr", "function"), ("ptr", "block"), ("i64", "stride"), ("i64", "n")))
SPREAD = Signature(
    "spread",
    (
        *(("ptr", "from"), ("ptr", "lanes"), ("i64", "n"), ("i64", "lane0")),
        *(("ptr", "flag"), ("ptr", "unmatched"), ("ptr", "to")),
    ),
)


class Site(NamedTuple):
    """A place in the kernel where functions are called: the first lane of the block, and memory."""

    lane0: Int
    valid: Int
    frame: Pointer
    back: Pointer
    flag: Pointer
    unmatched: Pointer


def size(module: Module, capacity: int) -> int:
    """Return the bytes of memory that the calls need, for the numbers of the lanes, the operands and the results."""
    callees = module.callees
    return (4 + 8 * callees.width) * capacity + 64 if callees.back else 0


def columns(capacity: int) -> int:
    """Return where the columns start, in bytes: after the numbers of the lanes."""
    return -(-4 * capacity // 64) * 64


def call(
    module: Module, code: Code, site: Site, slots: Mapping[int, int], i: int, capacity: int, count: Int, where: Pointer
) -> None:
    """Call the function of operation i for ``count`` lanes: those in the list at ``where``, or all if that is null.

    ``slots`` gives the slots of the operands and of the result in the frame.
    """
    tape = module.tape
    args, made = tape.args[i], tape.inputs + i

    def slot(ref: int) -> Pointer:
        return site.frame.offset(8 * capacity * slots[ref], f"frame{slots[ref]}.{named(ref)}.", inside=False)

    n = code.invoke(CHOOSE, site.back, where, count, site.lane0, site.valid, site.unmatched)
    block = site.back.offset(columns(capacity), inside=False)
    for k, ref in enumerate(args):
        column = block.offset(8 * capacity * k, inside=False)
        code.invoke(COLLECT, column, site.back, n, slot(ref))
    callee = module.callees.name(i)
    module.declarations |= {f"@{callee} = external global i8", f"declare void @{BACK}(ptr, ptr, i64, i64)"}
    results = block.offset(8 * capacity * len(args), inside=False)
    code.invoke(MARK, results, n)
    code.invoke(PYTHON, Pointer(code, f"@{callee}"), block, code.integer(capacity), n)
    code.invoke(SPREAD, results, site.back, n, site.lane0, site.flag, site.unmatched, slot(made))


def write_helpers(module: Module) -> None:
    """Add the functions that the code of `call` calls, if there are such calls."""
    if module.callees.back:
        for signature, write in WRITERS:
            code = Code(module.target)
            result = write(code, signature.values(code))
            code.ret(result)
            module.add(signature, code)


def write_choose(code: Code, given: Any) -> Int:
    """Collect the lanes that are valid and not unmatched, counted from the first of the block. Return their number.

    A list ascends, except where a vector of lanes overlaps the one before it. A lane that is there twice is taken once.
    """
    listed = given.list.is_given()
    zero = code.integer(0)
    with code.if_(given.n > 0) as some, code.repeat(zero, zero, code.integer(-1)) as loop:
        k, count, top = loop.state
        with code.if_(listed) as from_list:
            long = code.read_int(given.list.element("i32", k), "i32").cast("sext", "i64")
        i = from_list.merge(long, k)
        lane = given.lane0 + i
        known = code.read_int(given.unmatched.element("i8", lane), "i8") == 0
        real, new = lane < given.valid, i > top
        code.store(i.cast("trunc", "i32"), given.to.element("i32", count))
        more = count + (known & real & new).cast("zext", "i64")
        further = k + 1
        loop.again(further < given.n, further, more, code.pick(new, i, top))
    found: Int = some.merge(more, zero)
    return found


def write_collect(code: Code, given: Any) -> None:
    """Copy a column of operands from a slot of the frame."""
    with code.count(given.n) as k:
        i = code.read_int(given.lanes.element("i32", k), "i32").cast("sext", "i64")
        x = code.read_int(getattr(given, "from").element("i64", i))
        code.store(x, given.to.element("i64", k))


def write_mark(code: Code, given: Any) -> None:
    """Fill the results with the mark of a failure. The function overwrites it with its results."""
    with code.count(given.n) as k:
        code.store(code.integer(FAILED), given.to.element("i64", k))


def write_python(code: Code, given: Any) -> None:
    """Call the function, if there are any lanes."""
    with code.if_(given.n > 0):
        arguments = [("ptr", given.function.name), ("ptr", given.block.name)]
        code.call("void", BACK, [*arguments, ("i64", given.stride.name), ("i64", given.n.name)])


def write_spread(code: Code, given: Any) -> None:
    """Copy a column of results to a slot of the frame. Lanes that failed become unmatched."""
    with code.count(given.n) as k:
        i = code.read_int(given.lanes.element("i32", k), "i32").cast("sext", "i64")
        x = code.read_int(getattr(given, "from").element("i64", k))
        code.store(x, given.to.element("i64", i))
        with code.if_(x == FAILED):
            code.store(code.integer(1), given.flag)
            code.store(code.integer(1, "i8"), given.unmatched.element("i8", given.lane0 + i))


WRITERS = (
    (CHOOSE, write_choose),
    (COLLECT, write_collect),
    (MARK, write_mark),
    (PYTHON, write_python),
    (SPREAD, write_spread),
)
