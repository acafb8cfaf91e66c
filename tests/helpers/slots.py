"""Check the slots of generated code: on every path through the code, a read of a slot finds the intended value.

The checker reads only the text of a module, after scheduling. The name of an address's register contains its slot and
the value that is kept there (``%frame3.17.42``: slot 3 of the frame, value 17). So each load tells which value it
expects, and each store tells which value it writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["WrongSlot", "check_slots"]

ADDRESS = re.compile(r"%(frame|local)(\d+)\.(\w+)\.\d+")
BEHIND = re.compile(r"; region (\d+) continues region (\d+)")
DEFINE = re.compile(r"define .*@([\w.]+)\(")
CALL = re.compile(r"call (?:void|i1) @(piece\d+|region\d+|reduce)\(")
CALLED = re.compile(r"call void @(collect|spread)\(.*ptr %frame(\d+)\.(\w+)\.\d+\)")
GO_ON = re.compile(r"br (?:i1 %\w+, )?label %([\w.]+)(?:, label %([\w.]+))?")
BASE = re.compile(r"\s*(%[\w.]+) = getelementptr (?:inbounds )?i8, ptr %(?:frame|rows|local), i64 (\d+)")
NAMED = re.compile(r"\s*(%(?:frame|local)\d+\.\w+\.\d+) = getelementptr \w+ ?\w*, ptr (%[\w.]+), i64 ([%\w.]+)")

Access = tuple[str, str, int, str]  # "load" or "store", "frame" or "local", the slot, the value
State = dict[tuple[str, int], str]


class WrongSlot(AssertionError):
    """A read of a slot finds another value than it was meant to, or none."""


def check_slots(text: str) -> int:
    """Raise `WrongSlot` unless each read of a slot in the module finds its value, on every way; return how many reads
    there are."""
    functions = {}
    for part in text.split("define ")[1:]:
        lines = part.split("\n}")[0].split("\n")
        functions[_found(DEFINE, "define " + lines[0])] = lines[1:]
    reads = 0
    for lines in functions.values():
        _require_one_place(lines)
        reads += sum(access[0] == "load" for access in _accesses(lines, functions, pieces=False))
    if "region0" in functions:
        _check_batch(text, functions)
    else:
        _check_row(functions)
    return reads


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    assert found, text
    return found[1]


def _accesses(lines: Sequence[str], functions: dict[str, list[str]], pieces: bool = True) -> Iterator[Access]:
    """Loads and stores of slots, in order, those of the pieces that are called among them."""
    for line in lines:
        called = CALL.search(line)
        if called and pieces and called[1].startswith("piece"):
            yield from _accesses(functions[called[1]], functions)
        word = line.strip().split(" ")[0] if line.strip().startswith("store") else "load" if " = load " in line else ""
        address = ADDRESS.search(line.rsplit("ptr ", 1)[-1]) if word else None
        if address:
            yield word, address[1], int(address[2]), address[3]


def _called(lines: Sequence[str]) -> Iterator[Access]:
    """What the calls of Python functions read and write, behind a region."""
    for line in lines:
        found = CALLED.search(line)
        if found:
            yield "load" if found[1] == "collect" else "store", "frame", int(found[2]), found[3]


def _require_one_place(lines: Sequence[str]) -> None:
    """A slot is at one place, and no other slot is."""
    bases = {found[1]: found[2] for line in lines if (found := BASE.match(line))}
    places: dict[tuple[str, str], set[Any]] = {}
    for line in lines:
        found = NAMED.match(line)
        address = ADDRESS.search(line) if found else None
        if found and address:
            offset = bases.get(found[2]) or found[3]
            places.setdefault((address[1], address[2]), set()).add(int(offset))
    for (space, slot), offsets in places.items():
        if len(offsets) != 1:
            raise WrongSlot(f"slot {slot} of {space} is at several places: {sorted(offsets)}")
    for space in ("frame", "local"):
        here = [offset for (kind, _), offsets in places.items() if kind == space for offset in offsets]
        if len(set(here)) != len(here):
            raise WrongSlot(f"two slots of {space} are at one place")


def _run(accesses: Iterator[Access], state: State, where: str) -> None:
    for word, space, slot, value in accesses:
        if word == "store":
            state[space, slot] = value
        elif state.get((space, slot)) != value:
            held = state.get((space, slot), "nothing")
            raise WrongSlot(f"{where} reads value {value} from slot {slot} of {space}, which holds {held}")


def _check_batch(text: str, functions: dict[str, list[str]]) -> None:
    """Each way of a lane is a chain of regions; what is local is so to one of them."""
    parents = {int(k): int(parent) for k, parent in BEHIND.findall(text)}
    count = sum(name.startswith("region") for name in functions)
    assert sorted(parents) == list(range(1, count))
    assert all(parent < k for k, parent in parents.items())
    order = [int(k) for k in re.findall(r"call void @region(\d+)\(", "\n".join(functions["kernel"]))]
    assert order == sorted(order), "the regions do not run in order"
    accesses = {k: list(_accesses(functions[f"region{k}"], functions)) for k in range(count)}
    for part in "\n".join(functions["kernel"]).split("call void @region")[1:]:
        accesses[int(part.split("(")[0])] += _called(part.split("\n"))
    behind: dict[int, list[int]] = {}
    for k, parent in parents.items():
        behind.setdefault(parent, []).append(k)
    work: list[tuple[int, State]] = [(0, {})]
    while work:
        k, state = work.pop()
        state = {key: value for key, value in state.items() if key[0] == "frame"}
        _run(iter(accesses[k]), state, f"region {k}")
        work += [(child, state) for child in behind.get(k, ())]
        if not behind.get(k) and "reduce" in functions:
            _run(_accesses(functions["reduce"], functions), state, f"the sums behind region {k}")


def _check_row(functions: dict[str, list[str]]) -> None:
    """Each way of a call is a chain of blocks of the kernel."""
    blocks: dict[str, list[str]] = {"": []}
    label = ""
    for line in functions["kernel"]:
        if re.match(r"[\w.]+:", line):
            label = line.split(":")[0]
            blocks[label] = []
        else:
            blocks[label].append(line)
    first = "entry" if "entry" in blocks else ""
    work: list[tuple[str, State]] = [(first, {})]
    while work:
        label, state = work.pop()
        state = dict(state)
        _run(_accesses(blocks[label], functions), state, f"block {label}")
        for line in blocks[label]:
            found = GO_ON.search(line)
            if found:
                work += [(to, state) for to in found.groups() if to and to != label]
