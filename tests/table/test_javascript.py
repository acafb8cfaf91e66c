"""Every operation's column ``js``: it is there, the file made of it is current, and its values are Python's.

Node computes the whole table in one run. What Python's values are is held against mpmath in `test_values`.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import shutil
import struct
import subprocess
from collections.abc import Callable

import pytest

import glassgrad as gg
from glassgrad.core.op import TABLE, Op
from glassgrad.player import generate
from helpers import exact, sampling

RELATIVE = 1e-12  # what is promised
ABSOLUTE = 2 * sampling.SUBNORMAL  # down there both round once more than they say

COMPUTE = """
import { readFileSync } from "node:fs";
const { OPERATIONS } = await import(process.argv[1]);
const memory = new DataView(new ArrayBuffer(8));
const number = (hex) => (memory.setBigUint64(0, BigInt("0x" + hex)), memory.getFloat64(0));
const text = (x) => (memory.setFloat64(0, x), memory.getBigUint64(0).toString(16).padStart(16, "0"));
const found = {};
for (const [name, rows] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  found[name] = rows.map((row) => text(OPERATIONS[name](...row.map(number))));
}
console.log(JSON.stringify(found));
"""

MAKE_ANEW = "run `python -m glassgrad.player.generate` and `make player`, and commit what they write"

every_operation = pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)

Rows = list[tuple[float, ...]]


def points(op: Op, seeds: tuple[int, ...] = (1,), count: int = 300) -> Rows:
    """Arguments inside the domain, and of some operations more where they are hard."""
    rows = [xs for seed in seeds for xs in sampling.arguments(op, seed, count)]
    draw = random.Random(f"{op.name} {seeds}")
    return rows + [HARD[op.name](draw) for _ in range(len(rows)) if op.name in HARD]


def order_and_argument(draw: random.Random) -> tuple[float, float]:
    """Any order, at any argument or beside a pole."""
    beside = draw.randint(-30, 3) + draw.choice((-1.0, 1.0)) * 2.0 ** -draw.uniform(1.0, 45.0)
    return float(draw.randint(0, 100)), draw.choice((sampling.one(draw), beside))


def large_power(draw: random.Random) -> tuple[float, float]:
    """A base near 1 or -1 and a large whole exponent, the result being finite."""
    exponent = draw.choice((-1, 1)) * int(2.0 ** draw.uniform(9.0, 36.0))
    return draw.choice((-1.0, 1.0)) * math.exp(draw.uniform(-745.0, 709.7) / exponent), float(exponent)


HARD: dict[str, Callable[[random.Random], tuple[float, ...]]] = {
    "erf": lambda draw: (draw.uniform(-6.0, 6.0),),
    "erfc": lambda draw: (draw.uniform(-1.0, 27.5),),
    "lgamma": lambda draw: (draw.uniform(-12.0, 4.0),),
    "digamma": lambda draw: (draw.uniform(-12.0, 4.0),),
    "polygamma": order_and_argument,
    "pow": large_power,
}


def computed(rows: dict[str, Rows]) -> dict[str, list[float]]:
    """What the page's operations make of the ``rows`` of each, bit for bit."""
    node = shutil.which("node")
    if node is None:
        assert os.environ.get("GLASSGRAD_NODE") != "required", "there is no node, which runs the JavaScript"
        pytest.skip("there is no node, which runs the JavaScript")
    asked = {name: [[struct.pack(">d", x).hex() for x in xs] for xs in some] for name, some in rows.items()}
    done = subprocess.run(
        [node, "--input-type=module", "--eval", COMPUTE, generate.OPERATIONS.as_uri()],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {
        name: [struct.unpack(">d", bytes.fromhex(y))[0] for y in column]
        for name, column in json.loads(done.stdout).items()
    }


@pytest.fixture(scope="module")
def values() -> dict[str, list[tuple[tuple[float, ...], float]]]:
    """Points and edges of every operation, with what JavaScript makes of them."""
    rows = {name: points(op) + list(sampling.edges(op)) for name, op in TABLE.items()}
    found = computed(rows)
    return {name: list(zip(rows[name], found[name], strict=True)) for name in TABLE}


def agrees(y: float, expected: float) -> bool:
    """Zeros with their sign, infinities and nan are the same; else within what is promised."""
    if expected == 0 or not math.isfinite(expected):
        return exact.same(y, expected)
    return math.isfinite(y) and abs(y - expected) <= max(RELATIVE * abs(expected), ABSOLUTE)


@every_operation
def test_the_expression_is_there_and_of_its_arguments_alone(op):
    arguments = set(generate.ARGUMENTS[op.arity])
    cure = f"write it in its entry of core/ops.py, of {sorted(arguments)}, `Math` and functions of player/js/maths.js"
    assert op.js is not None, f"{op.name} has no js=: {cure}"
    names = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", op.js)) - {"Math", *generate.needs(op.js)}
    assert not names - arguments, f"js={op.js!r} of {op.name} uses {sorted(names - arguments)}: {cure}"
    assert not arguments - names, f"js={op.js!r} of {op.name} does not use {sorted(arguments - names)}: {cure}"


def test_the_file_is_current():
    current = generate.OPERATIONS.read_text(encoding="utf-8") == generate.operations(TABLE.values())
    assert current, f"{generate.OPERATIONS.name} is not what the table says: {MAKE_ANEW}"
    assert generate.main(["--check"]) == 0, MAKE_ANEW


def test_a_file_that_is_not_current_is_found_and_made_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "OPERATIONS", tmp_path / "operations.js")
    generate.OPERATIONS.write_text("export const OPERATIONS = {};\n", encoding="utf-8")
    assert generate.main(["--check"]) == 1
    assert "python -m glassgrad.player.generate" in capsys.readouterr().err
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    assert generate.main(["--chek"]) == 2


def test_only_what_has_the_column_is_in_the_file():
    told = generate.operations([TABLE["tanh"], gg.TABLE["erfc"], Op("mine", value=abs, partials=[None])])
    assert "  tanh: (x) => Math.tanh(x),\n  erfc: (x) => erfc(x),\n};" in told
    assert 'import { erfc } from "./maths.js";' in told
    assert "mine" not in told
    assert "import" not in generate.operations([TABLE["tanh"]])


def test_an_operation_keeps_its_expression_beside_a_pullback_of_its_own():
    assert TABLE["tanh"].with_pullback(lambda: None).js == TABLE["tanh"].js


@every_operation
def test_value(op, values):
    wrong = [(xs, y, op.value(*xs)) for xs, y in values[op.name] if not agrees(y, op.value(*xs))]
    assert not wrong, (
        f"js={op.js!r} of {op.name} is off by more than {RELATIVE} of Python's value; mend it in core/ops.py, or the "
        f"function in player/js/maths.js, then {MAKE_ANEW}. Arguments, JavaScript's value, Python's: {wrong[:5]}"
    )


@pytest.mark.nightly
def test_value_at_many_points():
    rows = {name: points(op, tuple(range(2, 12)), 2000) for name, op in TABLE.items()}
    for name, found in computed(rows).items():
        value = TABLE[name].value
        wrong = [(xs, y, value(*xs)) for xs, y in zip(rows[name], found, strict=True) if not agrees(y, value(*xs))]
        assert not wrong, (name, wrong[:5])


def test_agreement_can_be_missed():
    assert agrees(1.0 + 1e-13, 1.0)
    assert not agrees(1.0 + 1e-11, 1.0)
    assert not agrees(-0.0, 0.0)
    assert not agrees(math.inf, sampling.HUGE)
    assert not agrees(math.nan, 1.0)
    assert not agrees(0.0, 1e-300)
