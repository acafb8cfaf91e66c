"""Write results as a page of tables (Markdown, also printed), as JSON, and as a plot."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Okabe and Ito's colours, which colour-blind readers can tell apart; the markers differ, too.
BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION = "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00"
PHASES = {"record": ("o", SKY), "reverse": ("^", ORANGE), "total": ("D", BLACK)}


def write(results: dict[str, Any], folder: Path) -> None:
    """Write results.md, results.json, results.png and results.svg into `folder`, which is made if necessary."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text(markdown(results))
    (folder / "results.json").write_text(json.dumps(results | {"targets": targets(results)}, indent=1) + "\n")
    plot(results, folder)


def machine() -> dict[str, Any]:
    """Return the processor, the number of cores, the system and the Python version."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def markdown(results: dict[str, Any]) -> str:
    """Return the whole page."""
    return "\n\n".join(section for section in sections(results) if section) + "\n"


def sections(results: dict[str, Any]) -> Iterable[str]:
    machine = results["machine"]
    yield "# Benchmarks" + (" (quick run: a look, not a measurement)" if results["quick"] else "")
    yield (
        f"{machine['cpu']}, {machine['cores']} cores, one thread; {machine['system']}, {machine['python']}. "
        + ", ".join(f"{peer} {about['version']}" for peer, about in results["versions"].items())
        + f". {results['rounds']} round(s), {results['minutes']:.1f} minutes."
    )
    yield (
        "Nanoseconds of processor time per operation: medians, and the range of the sum. Each measurement is "
        "a process of its own, and the peers take turns. The garbage collector is on, as by default, "
        "unless the heading says otherwise. For every peer, objects older than the graph are frozen. All "
        "peers run the same lines on the same numbers; a gradient that differs by more than 1e-9 ends the run."
    )
    yield "## Against the targets\n\n" + table(
        ("", "measured", "target"),
        ((row["what"], row["measured"], row["target"]) for row in targets(results)),
    )
    for case in results["cases"].values():
        yield f"## {case['title'][0].upper()}{case['title'][1:]}\n\n" + case_table(case)
        disagreement = f"largest relative difference in a gradient {case['disagreement']:.1e}"
        yield f"{case['operations']:,} operations; {disagreement}."
    if results["bytes"]:
        yield "## Memory: bytes a node of the wide graph\n\n" + bytes_table(results)
    if results["scaling"]:
        yield "## Scaling: glassgrad's chain, ns a node\n\n" + scaling_table(results["scaling"])
    if results["script"]:
        yield "## A training script written for micrograd, run unchanged\n\n" + script_table(results["script"])
    if results["failures"]:
        yield "## What did not run\n\n" + "\n".join(f"- {line}" for line in results["failures"])


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table, padded to read well as text: the first column left-aligned, the others right-aligned."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rules = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]

    def join(cells: list[str]) -> str:
        first, *rest = cells
        padded = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        return "| " + " | ".join([first.ljust(widths[0]), *padded]) + " |"

    return "\n".join(map(join, [lines[0], rules, *lines[1:]]))


def number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def case_table(case: dict[str, Any]) -> str:
    peers = case["peers"]
    base = peers.get("glassgrad", next(iter(peers.values())))["total"]
    phases = [phase for phase in ("record", "reverse", "update") if phase in next(iter(peers.values()))]
    head = ["", *phases, " + ".join(phases), "range", "times the first", "freeing", "samples"]
    rows = []
    for peer, row in peers.items():
        cells = [peer, *(number(row[phase]) for phase in phases), number(row["total"])]
        cells += [f"{number(row['low'])}–{number(row['high'])}", f"{row['total'] / base:.1f}"]
        rows.append([*cells, number(row.get("free")), str(row["samples"])])
    return table(head, rows)


def bytes_table(results: dict[str, Any]) -> str:
    rows = [
        [peer, number(row["recorded"]), number(row["reversed"]), number(row["peak"])]
        for peer, row in results["bytes"].items()
    ]
    note = "Growth of a fresh process's resident set: after recording, after the reverse sweep, and at most."
    if "glassgrad" in results["versions"]:
        note += f" A Scalar by `sys.getsizeof`: {results['versions']['glassgrad']['sizeof']}."
    return table(("", "recorded", "after reverse", "peak"), rows) + "\n\n" + note


def scaling_table(scaling: list[dict[str, Any]]) -> str:
    rows = [
        [
            f"{row['operations']:,}", number(row["record"]), number(row["reverse"]), number(row["total"]),
            f"{number(row['low'])}–{number(row['high'])}", number(row["free"]), str(row["samples"]),
        ]
        for row in scaling
    ]  # fmt: skip
    note = (
        "The largest graphs take fresh memory from the system each time. If a virtual machine's host has taken free "
        "memory back, that is slow and varies, as the range shows. The best samples did not have to wait for memory."
    )
    return (
        table(("nodes", "record", "reverse", "record + reverse", "range", "freeing", "samples"), rows) + "\n\n" + note
    )


def script_table(script: dict[str, Any]) -> str:
    reference = script.get("micrograd", next(iter(script.values())))
    base = middle(reference["seconds"])
    rows = []
    for peer, run in script.items():
        seconds = run["seconds"]
        same = "yes" if run["printed"] == reference["printed"] else "NO"
        spread = f"{min(seconds):.2f}–{max(seconds):.2f}"
        rows.append([peer, f"{middle(seconds):.2f}", spread, f"{base / middle(seconds):.1f}", same])
    last = reference["printed"].strip().splitlines()[-1]
    head = ("", "seconds, end to end", "range", "times as fast as micrograd", "prints the same")
    return table(head, rows) + f"\n\nIts last line: `{last}`."


def middle(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def targets(results: dict[str, Any]) -> list[dict[str, str]]:
    """Return the targets beside this run's figures. No test depends on them."""
    rows = []

    def add(what: str, measured: str, target: str) -> None:
        rows.append({"what": what, "measured": measured, "target": target})

    for name, note in (("chain", ""), ("chain, no gc", ", garbage collector off")):
        peers = results["cases"].get(name, {}).get("peers", {})
        for peer, factor in (("micrograd", 30), ("XAD", 5)):
            if peer in peers and "glassgrad" in peers:
                ratio = peers[peer]["total"] / peers["glassgrad"]["total"]
                add(
                    f"record + reverse of the chain, {peer} / glassgrad{note}",
                    f"{ratio:.1f}x",
                    f"{factor}x" if not note else "",
                )
    if "glassgrad" in results["bytes"]:
        add("bytes a node, recorded", number(results["bytes"]["glassgrad"]["recorded"]), "at most 120")
    scaling = results["scaling"]
    if scaling:
        totals = [row["total"] for row in scaling]
        sizes = f"{scaling[0]['operations']:,} to {scaling[-1]['operations']:,}"
        lows = [row["low"] for row in scaling]
        what = f"time a node from {sizes} nodes, slowest / fastest size"
        add(f"{what}, by medians", f"{max(totals) / min(totals):.2f}", "flat")
        add(f"{what}, by best samples", f"{max(lows) / min(lows):.2f}", "flat")
        million = min(scaling, key=lambda row: abs(row["operations"] - 1_000_000))
        seconds = million["free"] * million["operations"] / 1e9
        add(f"a chain of {million['operations']:,} nodes freed", f"{seconds:.2f} s", "no crash")
    script = results["script"]
    if "glassgrad" in script and "micrograd" in script:
        ratio = middle(script["micrograd"]["seconds"]) / middle(script["glassgrad"]["seconds"])
        same = script["micrograd"]["printed"] == script["glassgrad"]["printed"]
        losses = "same losses" if same else "DIFFERENT losses"
        add("micrograd's training script, end to end", f"{ratio:.1f}x, {losses}", "10x, same losses")
    return rows


def plot(results: dict[str, Any], folder: Path) -> None:
    """Plot the time per phase of each case, memory, and scaling in one figure. Axes are logarithmic."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams |= {"svg.hashsalt": "glassgrad", "svg.fonttype": "none", "font.size": 9}
    import matplotlib.pyplot as plt

    names = [name for name in ("chain", "mlp", "graph") if name in results["cases"]]
    panels: list[tuple[Any, Any]] = [(panel_times, results["cases"][name]) for name in names]
    if results["bytes"]:
        panels.append((panel_bytes, results["bytes"]))
    if results["scaling"]:
        panels.append((panel_scaling, results["scaling"]))
    if results["script"]:
        panels.append((panel_script, results["script"]))
    if not panels:
        return
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.6 * columns, 3.1 * rows), squeeze=False, layout="constrained")
    for axis in axes.flat[len(panels) :]:
        axis.remove()
    for axis, (draw, data) in zip(axes.flat, panels, strict=False):
        draw(axis, data)
        axis.grid(True, which="major", color="#dddddd", linewidth=0.7)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    machine = results["machine"]
    figure.suptitle(f"glassgrad beside its peers: {machine['cpu']}, {machine['python']}, one thread", fontsize=10)
    figure.savefig(folder / "results.png", dpi=150)
    figure.savefig(folder / "results.svg", metadata={"Date": None})
    plt.close(figure)


def widen(axis: Any, factor: float) -> None:
    """Make the axis logarithmic, with room for numbers on its right."""
    axis.set_xscale("log")
    low, high = axis.dataLim.intervalx
    axis.set_xlim(low / 2, high * factor)


def name_rows(axis: Any, names: list[str]) -> None:
    """Label the rows with the peers from the top down, glassgrad in bold."""
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    for label in axis.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() == "glassgrad" else "normal")


def panel_times(axis: Any, case: dict[str, Any]) -> None:
    peers = case["peers"]
    for height, row in enumerate(peers.values()):
        axis.plot((row["low"], row["high"]), (height, height), color=BLACK, linewidth=1)
        axis.annotate(number(row["total"]), (row["high"], height), (9, 0), textcoords="offset points", va="center")
        for phase, (marker, colour) in PHASES.items():
            label = "sum, with its range" if phase == "total" else phase
            face = "none" if phase == "total" else colour  # hollow, so it hides nothing
            style = {"color": colour, "markerfacecolor": face, "markersize": 8 if phase == "total" else 6}
            axis.plot(row[phase], height, marker, label=None if height else label, **style)
    widen(axis, 8)
    name_rows(axis, list(peers))
    axis.set(title=case["title"], xlabel="ns an operation")
    axis.title.set_fontsize(9)
    axis.legend(fontsize=7, loc="lower left", framealpha=0.9)


def panel_bytes(axis: Any, sizes: dict[str, Any]) -> None:
    for height, row in enumerate(sizes.values()):
        axis.plot((row["recorded"], row["peak"]), (height, height), color=BLACK, linewidth=1)
        axis.plot(row["recorded"], height, "s", color=BLUE, label=None if height else "recorded")
        axis.plot(
            row["peak"],
            height,
            "|",
            color=BLACK,
            markersize=10,
            label=None if height else "peak, with reverse",
        )
        axis.annotate(
            number(row["recorded"]),
            (row["recorded"], height),
            (0, 6),
            textcoords="offset points",
            ha="center",
        )
    axis.axvline(120, color=VERMILION, linestyle="--", linewidth=1, label="120 bytes")
    widen(axis, 3)
    name_rows(axis, list(sizes))
    axis.set(xlabel="bytes a node")
    axis.set_title("memory of the wide graph", fontsize=9)
    axis.legend(fontsize=7, loc="upper right", framealpha=0.9)


def panel_scaling(axis: Any, scaling: list[dict[str, Any]]) -> None:
    nodes = [row["operations"] for row in scaling]
    for phase, (marker, colour) in {**PHASES, "free": ("v", GREEN)}.items():
        label = {"total": "record + reverse", "free": "freeing"}.get(phase, phase)
        axis.plot(nodes, [row[phase] for row in scaling], marker + "-", color=colour, markersize=5, label=label)
    low, high = [row["low"] for row in scaling], [row["high"] for row in scaling]
    axis.fill_between(nodes, low, high, color=BLACK, alpha=0.12, linewidth=0, label="its range")
    axis.set_xscale("log")
    axis.set_yscale("log")
    lowest = min(row["free"] for row in scaling)
    axis.set_ylim(min(10.0, lowest / 2), 10 * max(row["total"] for row in scaling))
    axis.set(xlabel="nodes in the chain", ylabel="ns a node")
    axis.set_title("glassgrad: time a node, by size of the graph", fontsize=9)
    axis.legend(fontsize=7, loc="upper left", ncols=2, framealpha=0.9)


def panel_script(axis: Any, script: dict[str, Any]) -> None:
    for height, run in enumerate(script.values()):
        seconds = middle(run["seconds"])
        axis.plot((min(run["seconds"]), max(run["seconds"])), (height, height), color=BLACK, linewidth=1)
        axis.plot(seconds, height, "D", color=BLACK)
        axis.annotate(f"{seconds:.2f} s", (seconds, height), (0, 7), textcoords="offset points", ha="center")
    widen(axis, 2)
    name_rows(axis, list(script))
    axis.set(xlabel="seconds, end to end")
    axis.set_title("micrograd's training script, unchanged", fontsize=9)
