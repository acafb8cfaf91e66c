"""The text of the operations and loops of a tape.

Operation 3 is ``v3``, and ``t0`` is the counter of loop 0, which counts rounds from 0. ``v3[t0 - 1]`` is the value of
``v3`` in the round before. It has an index for each loop around ``v3``, outermost first. ``(x then v3[t0 - 1])`` is
``x`` in the first round. A list ``[x, v3[5], …][t0]`` names a value for each execution. ``c0`` is a value that a loop
carries from round to round.

``for t0 until not v7`` is a loop that lanes leave one by one, at its line ``leave if not v7``. ``for t1 down from v9``
runs the rounds below ``v9``, the last one first.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from glassgrad.compiler.ir.loops import READS, Affine, Assert, Carried, Executions, Read

if TYPE_CHECKING:
    from glassgrad.compiler.ir.tape import Tape

__all__ = ["Printer"]

MANY = 12  # A printed operation shows only some of its operands if it has more than this many.
LONGEST = 6  # A printed list shows only some of its entries if it has more than this many.
INDEX = re.compile(r"(?<=[\[ ])\d+(?=[\],])")  # an index in the name of an input, such as the two of ``rows[0, 1]``


class Printer:
    """Writes the operations and operands of a tape."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def inputs(self) -> str:
        """Return the names of the inputs. Of a long array the first two and the last are given."""
        found: list[str] = []
        for _, group in groupby(self.tape.names, _template):
            names = [*group]
            found += [*names[:2], "…", names[-1]] if len(names) > MANY else names
        return ", ".join(found) or "none"

    def lines(self, start: int, stop: int, pad: str = "", around: int = -1) -> Iterator[str]:
        """Yield the lines of operations ``start`` to ``stop`` of the body of loop ``around``, with the loops inside."""
        loops, inner = self.tape.loops, self._inner[around]
        for k in inner[bisect_left(inner, start, key=lambda k: loops[k].start) :]:
            loop = loops[k]
            if loop.start >= stop:
                break
            yield from self._operations(start, loop.start, pad, around)
            yield f"{pad}for t{k} {self._range(k)}:"
            for name, carried in self.carried_by(k):
                yield f"{pad}  {name} = {self.show(carried.initial)} then {self.show(carried.next)}"
            yield from self.lines(loop.start, loop.stop, pad + "  ", k)
            start = loop.stop
        yield from self._operations(start, stop, pad, around)

    def _range(self, k: int) -> str:
        """Return which rounds loop k runs."""
        loop = self.tape.loops[k]
        if loop.until is not None:
            return f"until not {self.show(loop.until.condition)} (at most {loop.trips})"
        if loop.down_from is not None:
            return f"down from {self.show(loop.down_from)} (at most {loop.trips})"
        return f"in 0..{self.trips(k)}"

    def _operations(self, start: int, stop: int, pad: str, around: int) -> Iterator[str]:
        """Yield the lines of operations of the body of loop ``around``, which have no loop between them."""
        until = self.tape.loops[around].until if around >= 0 else None
        for i in range(start, stop + 1):
            if until is not None and until.position == i:
                yield f"{pad}leave if not {self.show(until.condition)}"
            if i == stop:
                return
            op, args = self.tape.ops[i], [self.show(a) for a in self.tape.args[i]]
            if isinstance(op, Assert):
                line = f"   # {op.line}" if op.line else ""
                yield f"{pad}assert {'' if op.outcome else 'not '}{args[0]}{line}"
                continue
            if len(args) > MANY:
                args = [*args[:2], "…", args[-1]]
            infix = len(args) == 2 and not op.symbol.replace("_", "").isalnum()
            yield f"{pad}v{i} = " + (f" {op.symbol} ".join(args) if infix else f"{op.name}({', '.join(args)})")

    def results(self, refs: Sequence[int]) -> str:
        """Return the text of results. Of many results of a tape with loops the first two and the last are given."""
        if len(refs) > MANY and self.tape.rolled:
            return ", ".join([*map(self.show, refs[:2]), "…", self.show(refs[-1])])
        return ", ".join(map(self.show, refs)) or "nothing"

    def trips(self, k: int) -> str:
        """Return how often a loop runs: a number, or the rule by which it depends on the counters, or a list."""
        _, _, trips, parent = self.tape.loops[k][:4]
        if not isinstance(trips, np.ndarray):
            return str(trips)
        found = _fit(trips, self._executions.counters(parent))
        counters = self.counters(parent)
        return _linear(*found, counters) if found else self._list(list(map(str, _some(trips))), len(trips), parent)

    def counters(self, loop: int) -> list[str]:
        """Return the names of the counters of ``loop`` and those around it, outermost first."""
        return [f"t{k}" for k in self._executions.chain(loop)]

    def carried_by(self, loop: int) -> list[tuple[str, Carried]]:
        """Return the values that a loop carries, with their names."""
        reads = self.tape.reads
        return [
            (name, one) for k, name in self._names.items() if isinstance(one := reads[k], Carried) and one.loop == loop
        ]

    def show(self, ref: int) -> str:
        """Return the text of a reference."""
        if ref < 0:
            return repr(float(self.tape.constants[~ref])).removesuffix(".0")
        if ref < self.tape.inputs:
            return self.tape.names[ref]
        if ref < READS:
            return f"v{ref - self.tape.inputs}"
        read = self.tape.read(ref)
        return self._names[ref - READS] if isinstance(read, Carried) else self._read(read)

    # Values that depend on the execution

    def _read(self, read: Read) -> str:
        loop, index = read
        if isinstance(index, Affine):
            found = self._rule(read) if any(index.strides) else None
            if found is not None:
                return found[0].format(*[_linear(*rule, self.counters(loop)) for rule in found[1]])
        refs = self._executions.index(read)
        text = self._ruled(refs, loop, 0)
        if text is None and len(self.counters(loop)) == 1 and len(refs) > 2:
            later = self._ruled(refs, loop, 1)
            text = later and f"({self._value(int(refs[0]))} then {later})"
        return text or self._list([self._value(int(ref)) for ref in _some(refs)], len(refs), loop)

    def _ruled(self, refs: Any, loop: int, first: int) -> str | None:
        """Return the text of these expanded references as a rule that holds from execution ``first`` on, or None."""
        refs = refs[first:]
        if not len(refs):
            return None
        if (refs == refs[0]).all():
            return self._value(int(refs[0]))
        name, places = self._places(refs)
        if name is None:
            return None
        counters = [counter[first:] for counter in self._executions.counters(loop)]
        rules = [rule for place in places if (rule := _fit(place, counters))]
        return (
            name.format(*[_linear(*rule, self.counters(loop)) for rule in rules]) if len(rules) == len(places) else None
        )

    def _value(self, ref: int) -> str:
        """Return the text of an expanded reference."""
        if ref < self.tape.inputs:
            return self.show(ref)
        template, places = self._places(np.array([ref]))
        assert template is not None
        return template.format(*[int(place[0]) for place in places])

    def _list(self, texts: Sequence[str], count: int, loop: int) -> str:
        """Return a list with a text for each of the ``count`` executions of ``loop``, of which some are given."""
        if count > len(texts):
            texts = [*texts[:-1], "…", texts[-1]]
        index = ", ".join(self.counters(loop))
        return f"[{', '.join(texts)}]" + (f"[{index}]" if index else "")

    def _rule(self, read: Read) -> tuple[str, list[tuple[int, tuple[int, ...]]]] | None:
        """Return a template for what an affine read names, and the base and strides of each of its indices.

        The time does not depend on the number of executions. None: the rule is not as simple as that.
        """
        reach = self._executions.reach(read)
        space = self._space(*reach) if reach else None
        if space is None:
            return None
        template, start, shape = space
        base, strides = read.index
        ends = [base - start, *[base + stride - start for stride in strides]]  # at round 0, and one round further
        if not all(0 <= end < math.prod(shape) for end in ends):
            return None
        first, *others = [np.unravel_index(end, shape) for end in ends]
        rules = []
        for i, size in enumerate(shape):
            rule = int(first[i]), tuple([int(other[i] - first[i]) for other in others])
            low, high = self._executions.reach(Read(read.loop, Affine(*rule))) or (0, 0)
            if low < 0 or high >= size:
                return None
            rules.append(rule)
        return template, rules

    def _space(self, low: int, high: int) -> tuple[str, int, tuple[int, ...]] | None:
        """Return the array of inputs, or of executions of an operation, that has all of these references.

        It is given by a template for the names, the first reference, and the shape. None: there is none.
        """
        executions, n = self._executions, self.tape.inputs
        if low < 0 or low < n <= high:
            return None
        if high < n:
            number = self._inputs[0][low]
            return self._arrays[number] if number == self._inputs[0][high] else None
        s = int(np.searchsorted(executions.first, low - n, "right")) - 1
        shape = [self.tape.loops[k].trips for k in executions.chain(executions.home[s])]
        if len(shape) == 1:
            shape = [int(executions.first[s + 1] - executions.first[s])]
        if high - n >= executions.first[s + 1] or not all(isinstance(size, int) for size in shape):
            return None
        return f"v{s}[{', '.join(['{}'] * len(shape))}]", n + int(executions.first[s]), tuple(shape)

    @cached_property
    def _arrays(self) -> list[tuple[str, int, tuple[int, ...]] | None]:
        """The inputs of each template, as `_space` gives them, if they are all elements of an array in order."""
        numbers, indices = self._inputs
        found: list[tuple[str, int, tuple[int, ...]] | None] = []
        for number, template in enumerate(self._templates):
            members = np.flatnonzero(numbers == number)
            columns = [index[members] for index in indices[: len(INDEX.findall(self.tape.names[members[0]]))]]
            shape = tuple([int(column.max()) + 1 for column in columns])
            whole = bool(shape) and len(members) == math.prod(shape) == members[-1] - members[0] + 1
            if whole and all(map(np.array_equal, columns, np.unravel_index(np.arange(len(members)), shape))):
                found.append((template, int(members[0]), shape))
            else:
                found.append(None)
        return found

    def _places(self, refs: Any) -> tuple[str | None, Sequence[Any]]:
        """Return a template for the names of all these expanded references, and the indices to fill in.

        The template is None where there is none.
        """
        n, executions = self.tape.inputs, self._executions
        if not len(refs) or refs.min() < 0:
            return None, ()
        if refs.max() < n:
            numbers, indices = self._inputs
            template = self._templates[numbers[refs[0]]]
            return (template if (numbers[refs] == numbers[refs[0]]).all() else None), [one[refs] for one in indices]
        ops = np.searchsorted(executions.first, refs - n, "right") - 1
        if refs.min() < n or (ops != ops[0]).any():
            return None, ()
        s = int(ops[0])
        home = int(executions.home[s])
        places = [counter[refs - n - executions.first[s]] for counter in executions.counters(home)]
        return f"v{s}" + (f"[{', '.join(['{}'] * len(places))}]" if places else ""), places

    @cached_property
    def _executions(self) -> Executions:
        return Executions(self.tape)

    @cached_property
    def _inner(self) -> dict[int, list[int]]:
        """The loops directly inside each loop, in order."""
        found: dict[int, list[int]] = defaultdict(list)
        for k, loop in enumerate(self.tape.loops):
            found[loop.parent].append(k)
        return found

    @cached_property
    def _names(self) -> dict[int, str]:
        """The names of the carried values, by their places in the tape's reads."""
        found = [k for k, read in enumerate(self.tape.reads) if isinstance(read, Carried)]
        return {k: f"c{number}" for number, k in enumerate(found)}

    @cached_property
    def _templates(self) -> list[str]:
        """The different names of inputs, with {} in place of each index."""
        return [*dict.fromkeys(map(_template, self.tape.names))]

    @cached_property
    def _inputs(self) -> tuple[Any, list[Any]]:
        """The number of the template of each input, and arrays with its first index, its second, and so on."""
        number = {template: k for k, template in enumerate(self._templates)}
        names = self.tape.names
        indices = [list(map(int, INDEX.findall(name))) for name in names]
        most = max(map(len, indices), default=0)
        columns = [np.array([one[j] if j < len(one) else 0 for one in indices], np.int64) for j in range(most)]
        return np.array([number[_template(name)] for name in names], np.int64), columns


def _template(name: str) -> str:
    return INDEX.sub("{}", name.replace("{", "{{").replace("}", "}}"))


def _some(values: Any) -> Any:
    """Return the values, or the first ones and the last if there are many."""
    return values if len(values) <= LONGEST else [*values[: LONGEST - 2], values[-1]]


def _fit(values: Any, counters: Sequence[Any]) -> tuple[int, tuple[int, ...]] | None:
    """Return base and strides that give ``values``, from counters with as many entries, or None."""
    if not len(values):
        return None
    rows = np.column_stack([np.ones(len(values)), *counters])
    base, *strides = np.rint(np.linalg.lstsq(rows, np.asarray(values, float), rcond=None)[0]).astype(np.int64).tolist()
    found = base + sum(stride * counter for stride, counter in zip(strides, counters))
    return (base, tuple(strides)) if np.all(found == values) else None


def _linear(base: int, strides: Sequence[int], counters: Sequence[str]) -> str:
    """Return the text of a sum: ``2*t0 + 1``, or ``9 - t0``."""
    terms = [(stride, f"{abs(stride)}*{name}" if abs(stride) != 1 else name) for stride, name in zip(strides, counters)]
    terms = [term for term in terms if term[0]]
    if base or not terms:
        terms.insert(0 if base > 0 and terms and terms[0][0] < 0 else len(terms), (base, str(abs(base))))
    first, *others = terms
    return ("-" if first[0] < 0 else "") + first[1] + "".join(f" {'-' if a < 0 else '+'} {text}" for a, text in others)
