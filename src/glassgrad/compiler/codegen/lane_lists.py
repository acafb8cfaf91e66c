"""Append lanes to the lists of the regions where they continue.

If the target has an instruction that packs the chosen elements of a vector, a region first stores for each lane the
number of the region that comes next. `pack` then reads these numbers, 16 at a time, and appends to each list the lanes
that go there. On other targets `append` appends one lane at a time.
"""

from __future__ import annotations

from collections.abc import Mapping

from glassgrad.compiler.codegen.builder import Signature
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.values import Int, Pointer
from glassgrad.compiler.codegen.vector import Code

__all__ = ["KEEP", "PAD", "append", "pack", "write_keep", "write_pad"]

STEP = 16  # This many lanes are packed at a time.
PAD = Signature("pad", (("ptr", "list"), ("i64", "n")))
KEEP = Signature("keep", (("ptr", "list"), ("i64", "n"), ("i64", "length")))


def append(code: Code, lists: Pointer, counts: Pointer, capacity: int, region: Int, lane: Int) -> None:
    """Append a lane to the list of ``region``; both are 64-bit integers."""
    counter = counts.element("i64", region)
    count = code.read_int(counter)
    code.store(lane.cast("trunc", "i32"), lists.element("i32", region * capacity + count))
    code.store(count + 1, counter)


def pack(
    code: Code, ids: Pointer, lanes: Pointer | None, count: Int, lists: Mapping[int, Pointer], counts: Mapping[int, Int]
) -> dict[int, Int]:
    """Append lanes to lists.

    Args:
        code: the function that this is written to.
        ids: the address of an array with the number of a list for each lane.
        lanes: the address of the lanes, or None for 0, 1, ….
        count: the number of lanes.
        lists: the address of each list, by its number.
        counts: the length of each list before.

    Returns:
        The length of each list after.
    """
    kind = f"<{STEP} x i32>"
    with code.repeat(code.integer(0), *counts.values()) as loop:
        first, *lengths = loop.state
        id_ = code.read_int(ids.element("i32", first), kind)
        steps = Int(code, f"<{', '.join(f'i32 {k}' for k in range(STEP))}>", kind)
        place = first.cast("trunc", "i32").splat(STEP) + steps
        inside = place < count.cast("trunc", "i32").splat(STEP)
        lane = place if lanes is None else code.read_int(lanes.element("i32", first), kind)
        longer = {
            k: compressed(code, lane, (id_ == k) & inside, lists[k], length) for k, length in zip(counts, lengths)
        }
        further = first + STEP
        loop.again(further < count, further, *longer.values())
    return longer


def compressed(code: Code, lanes: Int, chosen: Int, to: Pointer, length: Int) -> Int:
    """Append those of ``lanes`` that are ``chosen`` to a list. Return its new length."""
    kind, mask = lanes.type, chosen.type
    compress = f"llvm.experimental.vector.compress.v{STEP}i32"
    code.declarations.add(f"declare {kind} @{compress}({kind}, {mask}, {kind})")
    code.declarations.add(f"declare i{STEP} @llvm.ctpop.i{STEP}(i{STEP})")
    packed = code.call(kind, compress, [(kind, lanes.name), (mask, chosen.name), (kind, "poison")])
    code.write(kind, packed, to.element("i32", length))
    bits = chosen.cast("bitcast", f"i{STEP}")
    many = Int(code, code.call(bits.type, f"llvm.ctpop.i{STEP}", [(bits.type, bits.name)]), bits.type)
    return length + many.cast("zext", "i64")


def write_pad(module: Module) -> None:
    """Add the function that pads a list by repeating its last lane."""
    code = Code(module.target)
    given, lanes = PAD.values(code), code.lanes
    last = code.read_int(given.list.element("i32", given.n - 1, inside=False), "i32")
    code.store(last.splat(lanes), given.list.element("i32", given.n, inside=False))
    code.ret()
    module.add(PAD, code)


def write_keep(module: Module) -> None:
    """Add the function that keeps the lanes of a list, from place n on, for the next block.

    The next block starts ``length`` lanes after this one.
    """
    code = Code(module.target)
    given, lanes = KEEP.values(code), code.lanes
    old = code.read_int(given.list.element("i32", given.n, inside=False), f"<{lanes} x i32>")
    code.store(old - given.length.cast("trunc", "i32").splat(lanes), given.list)
    code.ret()
    module.add(KEEP, code)
