"""Tables of contenders at one case, for the pages of benchmarks whose contenders take turns."""

from __future__ import annotations

from typing import Any

from report import BLACK, BLUE, GREEN, ORANGE, SKY, VERMILION, table

OURS = "glassgrad"
STYLES = {  # by the first word of a contender's name: colour and marker
    "glassgrad": (BLACK, "D"),
    "heyoka": (VERMILION, "o"),
    "JAX": (BLUE, "s"),
    "CasADi": (GREEN, "^"),
    "PyTorch": (ORANGE, "v"),
    "autograd": ("#CC79A7", "P"),
    "XAD": ("#8c6d31", "X"),
    "NumPy": ("#777777", "*"),
    "C": (SKY, "h"),
}


def family_section(family: dict[str, Any], machine: dict[str, Any]) -> str:
    """Return the section of a family: its description, the machine, and a table for each case."""
    versions = {k: v for case in family["cases"] for k, v in case["versions"].items()}
    told = ", ".join(f"{package} {version}" for package, version in versions.items())
    where = f"{machine['cpu']}, {machine['cores']} cores; {machine['system']}, {machine['python']}. {told}."
    return "\n\n".join(
        [f"## {family['title']}", family["about"], where, *(case_section(c, family) for c in family["cases"])]
    )


def case_section(case: dict[str, Any], family: dict[str, Any]) -> str:
    title = f"### {case['series'][0].upper()}{case['series'][1:]}: {case['size']:,} {family['axis']}"
    rows, items = case["rows"], case["items"]
    parts = [title]
    if rows:
        parts.append(table(*columns(rows, items, family["unit"])))
        parts.append(f"Largest relative difference in a result: {case['disagreement']:.1e}.")
    if case["absent"]:
        parts.append("Not measured: " + "; ".join(f"{peer}: {reason}" for peer, reason in case["absent"].items()) + ".")
    return "\n\n".join(parts)


def columns(rows: dict[str, Any], items: int, unit: str) -> tuple[list[str], list[list[str]]]:
    """Return the head and the lines of a table. Some columns are there only if some contender has such a figure."""
    base = rows.get(f"{OURS}|1")  # all others are compared with this one
    head = ["", "threads", "first call", f"steady, per {unit}", "range", "busy", f"times {OURS}, 1 thread"]
    more = [field for field in MORE if any(field in row for row in rows.values())]
    lines = []
    for key, row in rows.items():
        cells = [name(key), key.split("|")[1], duration(row["first"]), duration(row["median"] / items)]
        cells += [f"{duration(row['low'] / items)} – {duration(row['high'] / items)}", f"{row['busy']:.1f}"]
        cells.append(f"{row['median'] / base['median']:.2f}" if base else "–")
        lines.append(cells + [MORE[field][1](row[field]) if field in row else "–" for field in more])
    return head + [MORE[field][0] for field in more], lines


def size(count: float) -> str:
    """Format a number of bytes with a suitable unit."""
    for unit, bytes_ in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= bytes_:
            return f"{count / bytes_:.3g} {unit}"
    return f"{count:.0f} bytes"


def name(key: str) -> str:
    return key.split("|")[0]


def duration(seconds: float) -> str:
    """Format seconds with three digits and a suitable unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= size or unit == "ns":
            value = seconds / size
            return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    raise AssertionError


MORE = {  # more figures of a contender: the title of the column, and how it is formatted
    "warm": ("first call, warm", duration),
    "memory": ("memory", size),
    "code": ("code", size),
    "scratch": ("scratch", size),
}
