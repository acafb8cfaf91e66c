"""Check that two checkouts of glassgrad compute the same bits, with random programs on every target.

    /checkout/a/.venv/bin/python bits.py run a.json          # 1,000 programs: some hours
    /checkout/b/.venv/bin/python bits.py run b.json
    python bits.py compare a.json b.json                     # list the differences; exit status 1 if there are any

    python bits.py run a.json --programs 40 --targets avx2   # a few minutes
    python bits.py run a.json --thin                         # one of the ways below for each program: about an hour
    python bits.py show 17                                   # the source of program 17

A program is source text made from its number, so both checkouts run the same programs. Each is run by ``jit``, ``vmap``
and ``vmap(reduce=)``, itself and its derivatives, by the first code and by the optimised code. Batches have several
lengths, and their arrays are contiguous, interleaved, broadcast or float32. The file has a digest of the bits of each
result; all NaNs count as equal. Only public names of glassgrad are used, and ``kernels()`` and ``wait()`` of compiled
functions, so the script can be copied to an older checkout.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

TARGETS = ("sse2", "avx2", "avx512")
CHUNK = 20  # programs for each process
UNARY = [
    *("exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "square", "sin", "cos", "tan", "asin"),
    *(
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "erf",
        "erfc",
        "erfcx",
        "norm_pdf",
        "norm_cdf",
    ),
    *("gelu", "silu", "lgamma", "digamma", "relu", "sign", "floor", "ceil", "sigmoid"),
]
BINARY = ["hypot", "atan2", "maximum", "minimum"]
ROUGH = {"sign", "floor", "ceil", "digamma", "lgamma"}  # left out where derivatives are taken


class Source:
    """A random program.

    Attributes:
        text: it defines ``program``.
        kind: ``"straight"``, ``"branches"``, ``"array"`` or ``"long"``.
        shapes: of the arguments: () for a number.
        smooth: it has derivatives, and gives one number.
    """

    def __init__(self, seed: int) -> None:
        self.draw = draw = random.Random(seed)
        self.kind = draw.choices(("straight", "branches", "array", "long"), (30, 40, 22, 8))[0]
        self.smooth = draw.random() < 0.6
        self.result = (
            "return a * b + c * d"
            if self.smooth
            else draw.choice(
                ("return a, b", "return a", "return {'p': a - b, 'q': [c, d]}", "return a, b, c, d, a, 1.0")
            )
        )
        self.names = ["a", "b", "c", "d"]
        self.shapes: list[tuple[int, ...]] = [()] * 4
        body = getattr(self, f"_{self.kind}")()
        self.text = "\n".join([f"def program({', '.join(self.names)}):", *[f"    {line}" for line in body]]) + "\n"

    def _number(self) -> str:
        return f"{self.draw.uniform(-2.0, 2.0):.3f}"

    def _value(self) -> str:
        return self.draw.choice("abcd") if self.draw.random() < 0.85 else self._number()

    def _assignment(self) -> str:
        draw = self.draw
        x, y, z = draw.choice("abcd"), self._value(), self._value()
        k = self._number()
        unary = draw.choice([name for name in UNARY if not (self.smooth and name in ROUGH)])
        return draw.choice(
            (
                f"{x} = {x} + {k} * {y}",
                f"{x} = {y} - {z}",
                f"{x} = {y} * {z} * 0.3 + {k}",
                f"{x} = {y} * {y} + {z} * {z} - {x} * {k}",
                f"{x} = {y} / (1.5 + {z} * {z})",
                f"{x} = gg.exp(-0.1 * {x} * {x}) * {k} + {y}",
                f"{x} = gg.{unary}({x}) * 0.5 + {k}",
                f"{x} = gg.{unary}(abs({y} * 0.7) + 0.1) - {z}",
                f"{x} = gg.{draw.choice(BINARY)}({x}, {z} * {k})",
                f"{x} = abs({x} - {k}) ** {draw.choice(('2', '3', '1.5', '-1', '0.5'))}",
                f"{x} = gg.where({x} > {z}, {y}, {k})" if not self.smooth else f"{x} = gg.tanh({x}) + {y} * 0.1",
            )
        )

    def _straight(self) -> list[str]:
        return [*[self._assignment() for _ in range(self.draw.randint(2, 40))], self.result]

    def _branches(self) -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw.randint(1, 5)):
            lines += [self._assignment() for _ in range(self.draw.randint(0, 8))]
            lines += self._branch(0)
        lines += [self._assignment() for _ in range(self.draw.randint(0, 8))]
        return [*lines, self.result]

    def _branch(self, depth: int) -> list[str]:
        draw = self.draw
        x, y = draw.sample("abcd", 2)
        condition = draw.choice((f"{x} > {y} + {self._number()}", f"gg.sin(3.0 * {x}) < {y}", f"{x} * {y} > 0.5"))
        if draw.random() < 0.15:
            count = f"n{draw.randint(0, 999)}"
            return [f"{count} = 0", f"while {x} < {y} + 2.0 and {count} < 3:",
                    f"    {x} = {x} + 0.7 * gg.exp(-{x} * {x})", f"    {count} += 1"]  # fmt: skip
        lines = [f"if {condition}:"]
        if draw.random() < 0.1:
            return [*lines, "    " + self.result]
        lines += [f"    {self._assignment()}" for _ in range(draw.randint(1, 6))]
        if depth < 2 and draw.random() < 0.3:
            lines += [f"    {line}" for line in self._branch(depth + 1)]
        if draw.random() < 0.5:
            lines += ["else:", *[f"    {self._assignment()}" for _ in range(draw.randint(1, 6))]]
        return lines

    def _array(self) -> list[str]:
        """Arguments are arrays, and results may be."""
        draw = self.draw
        n, m = draw.randint(2, 24), draw.randint(2, 12)
        self.names = ["w", "x", "a", "b"]
        self.shapes = [(n,), (m,), (), ()]
        lines = [f"c, d = w[{draw.randrange(n)}], x[{draw.randrange(m)}]"]
        for _ in range(draw.randint(1, 4)):
            lines += [self._assignment() for _ in range(draw.randint(1, 5))]
            lines.append(draw.choice((
                f"c = c + sum(w[i] * w[i - 1] for i in range({n}))",
                f"d = gg.tanh(sum(x[i] * {self._number()} for i in range({m})))",
                f"a = a * w[{draw.randrange(n)}] - x[{draw.randrange(m)}]",
                "w = w * a",
                "x = x * 0.5 + b",
            )))  # fmt: skip
            if draw.random() < 0.4:
                lines += self._branch(1)
        if self.smooth:
            return [*lines, "return a * b + c * d + w[0] * x[0]"]
        return [*lines, draw.choice(("return w * a", "return x + d, a", "return [w * b, x - c], d"))]

    def _long(self) -> list[str]:
        """More than fits into one function."""
        draw = self.draw
        self.names, word = ["w", "x", "a", "b"], draw.choice(("matmul", "mixture", "chain", "mlp"))
        if word == "matmul":
            n = draw.randint(8, 13)
            self.shapes = [(n, n), (n, n), (), ()]
            lines = ["y = w @ x"]
            return [
                *lines,
                "return (y * y).sum() * a + b" if self.smooth else draw.choice(("return y", "return y * a, b")),
            ]
        if word == "mixture":
            k, d = draw.randint(4, 9), draw.randint(2, 5)
            self.shapes = [(k, d), (d,), (), ()]
            lines = [
                *("total = 0.0 * a", f"for i in range({k}):", "    s = b * 0.1", f"    for j in range({d}):"),
                *("        t = x[j] - w[i, j]", "        s = s - 0.5 * t * t * gg.exp(a * 0.01 * j)"),
                "    total = total + gg.exp(s) / (1.0 + i)",
            ]
            return [*lines, "return gg.log(total)" if self.smooth else "return gg.log(total), w * total"]
        if word == "mlp":
            n, m = draw.randint(6, 20), draw.randint(8, 24)
            self.shapes = [(n, m), (m,), (), ()]
            lines = ["h = gg.tanh(w @ x + a)", "h = gg.sigmoid(w.T @ h) * b"]
            return [*lines, "return (h * x).sum()" if self.smooth else "return h, h[0]"]
        n = draw.randint(3, 12)
        self.shapes = [(n,), (n,), (), ()]
        lines = ["c, d = w[0], x[0]"]
        for _ in range(draw.randint(30, 90)):
            lines += [self._assignment() for _ in range(3)]
            lines.append(
                f"{draw.choice('abcd')} = w[{draw.randrange(n)}] * x[{draw.randrange(n)}] + {draw.choice('abcd')} * 0.1"
            )
            if draw.random() < 0.03:
                lines += self._branch(2)
        return [*lines, "return a * b + c * d" if self.smooth else "return a, b, c, w * d"]


# One program, in every way


class Run:
    """The results of one program, each as a digest under a label."""

    def __init__(self, seed: int, thin: bool = False) -> None:
        import numpy as np

        import glassgrad as gg

        self.np, self.gg, self.thin = np, gg, thin
        self.source = Source(seed)
        names = {"gg": gg, "np": np}
        exec(compile(self.source.text, f"<program {seed}>", "exec"), names)
        self.program = names["program"]
        self.draw = random.Random(seed + 1_000_000)
        self.rng = np.random.default_rng(seed)
        self.digests: dict[str, str] = {}

    def inputs(self, lanes: int) -> list:
        arrays = [self.rng.uniform(-2.0, 2.0, (lanes, *shape)) for shape in self.source.shapes]
        for array in arrays:  # some round numbers and ties
            some = self.rng.random(array.shape) < 0.05
            array[some] = self.rng.choice([0.0, -0.0, 1.0, -1.0, 0.5, 2.0], some.sum())
        return arrays

    def note(self, label: str, compute) -> None:
        try:
            found = compute()
        except Exception as error:
            text = f"raises {type(error).__name__}".encode()
        else:
            text = b"".join(self.flat(found))
        assert label not in self.digests, label
        self.digests[label] = hashlib.blake2b(text, digest_size=6).hexdigest()

    def flat(self, result):
        np = self.np
        if isinstance(result, dict):
            for key in sorted(result):
                yield from self.flat(result[key])
        elif isinstance(result, (list, tuple)):
            for item in result:
                yield from self.flat(item)
        else:
            array = np.array(result, order="C")
            if array.dtype == object:
                array = array.astype(float)
            yield f"{array.dtype}{array.shape}".encode()
            if array.dtype.kind == "f":
                array = np.where(np.isnan(array), array.dtype.type(np.nan), array)
                array[np.isnan(array)] = abs(array.dtype.type(np.nan))
            yield array.tobytes()

    def all(self) -> dict[str, str]:
        gg, draw = self.gg, self.draw
        f, count = self.program, len(self.source.shapes)
        functions = {"f": f}
        if self.source.smooth:
            functions["grad"] = gg.value_and_grad(f, argnums=tuple(range(count)))
            if self.source.kind == "straight" and len(self.source.text) < 600:
                functions["hessian"] = gg.hessian(f, argnums=(0, 1))
        short, medium, long = draw.randint(1, 7), draw.randint(8, 100), draw.choice((1100, 1500, 5000))
        if self.source.kind == "long":
            long = 1030
        if self.thin:
            functions = dict([draw.choice(list(functions.items()))])
        for name, function in functions.items():
            if not self.thin or draw.random() < 0.4:
                self.calls(f"jit {name}", gg.jit(function))
            axes = tuple(draw.choice((0, 0, None)) for _ in range(count))[1:]
            ways = {
                "contiguous": (0, self.contiguous),
                "interleaved": (0, self.interleaved),
                "broadcast": ((0, *axes), partial(broadcast, axes=(0, *axes))),
                "float32": (0, lambda arrays: [x.astype("float32") for x in arrays]),
            }
            chosen = list(ways) if self.source.kind != "long" else draw.sample(list(ways), 2)
            if self.thin:
                chosen = draw.sample(list(ways), int(draw.random() < 0.7))
            for way in chosen:
                in_axes, prepare = ways[way]
                lengths = (short, medium, long) if way in ("contiguous", "interleaved") else (medium,)
                self.batches(f"vmap {name} {way}", gg.vmap(function, in_axes=in_axes), lengths, prepare)
            for way in draw.sample(list(ways)[:3], 1 if not self.thin or not chosen else 0):
                in_axes, prepare = ways[way]
                self.batches(
                    f"sum {name} {way}",
                    gg.vmap(function, in_axes=in_axes, reduce="sum"),
                    (short, medium, long),
                    prepare,
                )
        return self.digests

    def contiguous(self, arrays):
        """Lanes side by side."""
        np = self.np
        return [
            np.ascontiguousarray(x.T).T
            if x.ndim == 2
            else np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)
            for x in arrays
        ]

    def interleaved(self, arrays):
        """A lane's numbers side by side; numbers alone are a column of a matrix."""
        np = self.np
        return [np.ascontiguousarray(x) if x.ndim > 1 else np.repeat(x[:, None], 3, axis=1)[:, 1] for x in arrays]

    def calls(self, label: str, compiled) -> None:
        points = [
            [x[k] if x.ndim > 1 else float(x[k]) for x in arrays] for arrays in [self.inputs(4)] for k in range(4)
        ]
        for tier in ("first", "best"):
            if tier == "best":
                wait(compiled)
            for k, point in enumerate(points):
                self.note(f"{label} {k} {tier}", partial(compiled, *point))

    def batches(self, label: str, compiled, lengths, prepare) -> None:
        given = {lanes: prepare(self.inputs(lanes)) for lanes in lengths}
        for tier in ("first", "best"):
            if tier == "best":
                wait(compiled)
            for lanes, arrays in given.items():
                self.note(f"{label} {lanes} {tier}", partial(compiled, *arrays))


def broadcast(arrays, axes):
    """Of an argument that has no lanes, those of the first one."""
    return [x if axis == 0 else x[0] for x, axis in zip(arrays, axes)]


def wait(compiled) -> None:
    """Until the code of ``compiled`` is as good as it gets."""
    for kernel in compiled.kernels():
        kernel.wait()


# Many programs


def work(first: int, stop: int, out: str, thin: bool) -> None:
    warnings.simplefilter("ignore")
    import numpy as np

    import glassgrad as gg

    np.seterr(all="ignore")
    gg.config.compile_budget = math.inf
    gg.config.max_paths = 256
    found = {}
    for seed in range(first, stop):
        found[str(seed)] = Run(seed, thin).all()
    Path(out).write_text(json.dumps(found))


def run(args: argparse.Namespace) -> None:
    results: dict[str, dict[str, dict[str, str]]] = {target: {} for target in args.targets}
    steps = [
        (t, k, min(k + CHUNK, args.first + args.programs))
        for k in range(args.first, args.first + args.programs, CHUNK)
        for t in args.targets
    ]

    def step(item) -> None:
        target, first, stop = item
        with tempfile.TemporaryDirectory() as folder:
            out = str(Path(folder) / "found.json")
            environment = {**os.environ, "GLASSGRAD_TARGET": target}
            environment.pop("GLASSGRAD_CACHE", None)
            command = [sys.executable, __file__, "work", str(first), str(stop), out, *["--thin"] * args.thin]
            subprocess.run(command, env=environment, check=True)
            results[target].update(json.loads(Path(out).read_text()))
        print(f"{target} {first}..{stop - 1}", flush=True)

    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(step, steps))
    Path(args.out).write_text(json.dumps(results))
    count = sum(len(labels) for found in results.values() for labels in found.values())
    print(f"{count} results of {args.programs} programs on {', '.join(args.targets)}")


def compare(one: str, other: str) -> int:
    a, b = (json.loads(Path(name).read_text()) for name in (one, other))
    differ = missing = same = 0
    for target in sorted({*a, *b}):
        for seed in sorted({*a.get(target, {}), *b.get(target, {})}, key=int):
            left, right = a.get(target, {}).get(seed, {}), b.get(target, {}).get(seed, {})
            for label in sorted({*left, *right}):
                if label not in left or label not in right:
                    missing += 1
                elif left[label] != right[label]:
                    differ += 1
                    if differ <= 20:
                        print(f"program {seed} on {target}: {label}: {left[label]} and {right[label]}")
                else:
                    same += 1
    print(f"{same} results are equal, {differ} differ, {missing} are in one file only")
    return int(differ > 0 or missing > 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run")
    runs.add_argument("out")
    runs.add_argument("--programs", type=int, default=1000)
    runs.add_argument("--first", type=int, default=0)
    runs.add_argument("--targets", nargs="*", default=runnable(), help=", ".join(TARGETS))
    runs.add_argument("--jobs", type=int, default=1, help="processes at once")
    works = commands.add_parser("work")
    works.add_argument("first", type=int)
    works.add_argument("stop", type=int)
    works.add_argument("out")
    for command in (runs, works):
        command.add_argument("--thin", action="store_true", help="one way of running each program, drawn at random")
    compares = commands.add_parser("compare")
    compares.add_argument("one")
    compares.add_argument("other")
    shows = commands.add_parser("show")
    shows.add_argument("seed", type=int)
    args = parser.parse_args()
    if args.command == "run":
        run(args)
    elif args.command == "work":
        work(args.first, args.stop, args.out, args.thin)
    elif args.command == "compare":
        return compare(args.one, args.other)
    else:
        print(Source(args.seed).text, end="")
    return 0


def runnable() -> list[str]:
    """The targets whose code this machine runs."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return ["sse2"]
    needs = {
        "sse2": ("sse2",),
        "avx2": ("avx2", "fma"),
        "avx512": ("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"),
    }
    return [name for name, wanted in needs.items() if all(f" {flag} " in flags.replace("\n", " ") for flag in wanted)]


if __name__ == "__main__":
    sys.exit(main())
