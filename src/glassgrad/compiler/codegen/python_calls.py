"""Calls of Python functions in the kernel for a batch: one call for all lanes of a block that are at work.

Operands are read from the block's frame, and results are stored there. A lane that was missed before is left out. A
lane whose function raises becomes one that was missed: Python runs it again, and there the exception comes out.
"""

from __future__ import annotations

from collections.abc import Mapping

from glassgrad.compiler.codegen.callback import FAILED
from glassgrad.compiler.codegen.callees import BACK
from glassgrad.compiler.codegen.layout import named
from glassgrad.compiler.codegen.module import Module
from glassgrad.compiler.codegen.vector import Code

__all__ = ["call", "helpers", "size"]


def size(module: Module, capacity: int) -> int:
    """Bytes of memory that the calls want: the lanes' numbers, and columns of operands and results."""
    callees = module.callees
    return (4 + 8 * callees.width) * capacity + 64 if callees.back else 0


def columns(capacity: int) -> int:
    """Where the columns begin, behind the lanes' numbers."""
    return -(-4 * capacity // 64) * 64


def call(
    module: Module, slots: Mapping[int, int], number: int, i: int, capacity: int, count: str, where: str
) -> list[str]:
    """Code that calls the function of operation i, behind stage ``number``.

    It stands in the kernel: ``%b`` is the block's first lane. It is called for ``count`` lanes of the list at
    ``where``, or for all if that is null; ``slots`` says where in the frame the operands and the result are.
    """
    tape, name = module.tape, f"%c{number}.{i}"
    args, made = tape.args[i], tape.inputs + i

    def slot(ref: int) -> str:
        """A register for where a value is in the frame."""
        return f"%frame{slots[ref]}.{named(ref)}.{number}{i}{len(lines)}"

    lines = [
        f"  {name} = call i64 @choose(ptr %back, ptr {where}, i64 {count}, i64 %b, i64 %valid, ptr %missed)",
        f"  {name}.columns = getelementptr i8, ptr %back, i64 {columns(capacity)}",
    ]
    for k, ref in enumerate(args):
        source = slot(ref)
        lines += [
            f"  {source} = getelementptr i8, ptr %frame, i64 {8 * capacity * slots[ref]}",
            f"  {name}.to{k} = getelementptr i8, ptr {name}.columns, i64 {8 * capacity * k}",
            f"  call void @collect(ptr {name}.to{k}, ptr %back, i64 {name}, ptr {source})",
        ]
    callee = module.callees.name(i)
    module.declarations |= {f"@{callee} = external global i8", f"declare void @{BACK}(ptr, ptr, i64, i64)"}
    into = slot(made)
    return [
        *lines,
        f"  {name}.made = getelementptr i8, ptr {name}.columns, i64 {8 * capacity * len(args)}",
        f"  {into} = getelementptr i8, ptr %frame, i64 {8 * capacity * slots[made]}",
        f"  call void @mark(ptr {name}.made, i64 {name})",
        f"  call void @python(ptr @{callee}, ptr {name}.columns, i64 {capacity}, i64 {name})",
        f"  call void @spread(ptr {name}.made, ptr %back, i64 {name}, i64 %b, ptr %flag, ptr %missed, ptr {into})",
    ]


def helpers(module: Module) -> None:
    """The functions that `call` calls, if it does."""
    if not module.callees.back:
        return
    for header, lines in HELPERS.items():
        module.function(f"internal {header} noinline", Code(module.target), [], lines.strip("\n").split("\n"))


HELPERS = {
    # The numbers of those lanes, counted from the block's first, that are real and not missed. A list ascends, but
    # where a vector of lanes overlapped the one before it: a lane that stands there twice is taken once
    "i64 @choose(ptr %to, ptr %list, i64 %n, i64 %lane0, i64 %valid, ptr %missed)": """
  %all = icmp eq ptr %list, null
  br label %head
head:
  %k = phi i64 [ 0, %entry ], [ %k1, %next ]
  %m = phi i64 [ 0, %entry ], [ %m1, %next ]
  %top = phi i64 [ -1, %entry ], [ %top1, %next ]
  %more = icmp slt i64 %k, %n
  br i1 %more, label %body, label %end
body:
  br i1 %all, label %test, label %listed
listed:
  %at = getelementptr inbounds i32, ptr %list, i64 %k
  %short = load i32, ptr %at, align 4
  %long = sext i32 %short to i64
  br label %test
test:
  %i = phi i64 [ %k, %body ], [ %long, %listed ]
  %lane = add i64 %lane0, %i
  %byte = getelementptr inbounds i8, ptr %missed, i64 %lane
  %bad = load i8, ptr %byte, align 1
  %known = icmp eq i8 %bad, 0
  %real = icmp slt i64 %lane, %valid
  %new = icmp sgt i64 %i, %top
  %top1 = select i1 %new, i64 %i, i64 %top
  %both = and i1 %known, %real
  %good = and i1 %both, %new
  %i32 = trunc i64 %i to i32
  %place = getelementptr inbounds i32, ptr %to, i64 %m
  store i32 %i32, ptr %place, align 4
  br label %next
next:
  %one = zext i1 %good to i64
  %m1 = add i64 %m, %one
  %k1 = add i64 %k, 1
  br label %head
end:
  ret i64 %m
""",
    "void @collect(ptr %to, ptr %lanes, i64 %n, ptr %from)": """
  br label %head
head:
  %k = phi i64 [ 0, %entry ], [ %k1, %body ]
  %more = icmp slt i64 %k, %n
  br i1 %more, label %body, label %end
body:
  %at = getelementptr inbounds i32, ptr %lanes, i64 %k
  %i = load i32, ptr %at, align 4
  %here = getelementptr inbounds double, ptr %from, i32 %i
  %x = load double, ptr %here, align 8
  %there = getelementptr inbounds double, ptr %to, i64 %k
  store double %x, ptr %there, align 8
  %k1 = add i64 %k, 1
  br label %head
end:
  ret void
""",
    "void @mark(ptr %to, i64 %n)": f"""
  br label %head
head:
  %k = phi i64 [ 0, %entry ], [ %k1, %body ]
  %more = icmp slt i64 %k, %n
  br i1 %more, label %body, label %end
body:
  %there = getelementptr inbounds i64, ptr %to, i64 %k
  store i64 {FAILED}, ptr %there, align 8
  %k1 = add i64 %k, 1
  br label %head
end:
  ret void
""",
    "void @python(ptr %function, ptr %block, i64 %stride, i64 %n)": f"""
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %some
some:
  call void @{BACK}(ptr %function, ptr %block, i64 %stride, i64 %n)
  br label %end
end:
  ret void
""",
    "void @spread(ptr %from, ptr %lanes, i64 %n, i64 %lane0, ptr %flag, ptr %missed, ptr %to)": f"""
  br label %head
head:
  %k = phi i64 [ 0, %entry ], [ %k1, %next ]
  %more = icmp slt i64 %k, %n
  br i1 %more, label %body, label %end
body:
  %at = getelementptr inbounds i32, ptr %lanes, i64 %k
  %i = load i32, ptr %at, align 4
  %here = getelementptr inbounds i64, ptr %from, i64 %k
  %x = load i64, ptr %here, align 8
  %there = getelementptr inbounds i64, ptr %to, i32 %i
  store i64 %x, ptr %there, align 8
  %failed = icmp eq i64 %x, {FAILED}
  br i1 %failed, label %miss, label %next
miss:
  store i64 1, ptr %flag, align 8
  %long = sext i32 %i to i64
  %lane = add i64 %lane0, %long
  %byte = getelementptr inbounds i8, ptr %missed, i64 %lane
  store i8 1, ptr %byte, align 1
  br label %next
next:
  %k1 = add i64 %k, 1
  br label %head
end:
  ret void
""",
}
