"""Write results as a page of tables (Markdown), as JSON, and as a plot of each row's times against C by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import geometric_mean
from typing import Any

from report import BLACK, table
from rows import OURS, STYLES, duration, family_section, name, size

C, NUMBA = "C by hand|1", "numba, gradient by hand|1"
BY_HAND = (C, NUMBA)
PEER = 3.0  # the target: how many times faster glassgrad shall be than the best peer that differentiates by itself
HAND = 1.2  # the target: how many times C's time glassgrad shall take at most, on the geometric mean


def write(results: dict[str, Any], folder: Path) -> None:
    """Write results.md, results.json and the plot into `folder`, which is made if necessary."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text("\n\n".join(sections(results)) + "\n", encoding="utf-8")
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plot(results, folder)


def sections(results: dict[str, Any]) -> Iterable[str]:
    machine, families = results["machine"], results["families"]
    yield "# Programs with loops" + (" (quick run: small sizes, a look, not a measurement)" if results["quick"] else "")
    yield (
        f"{machine['cpu']}, {machine['cores']} cores, one thread; {machine['system']}, {machine['python']}. Up to "
        f"{results['rounds']} rounds; {results['minutes']:.0f} minutes. Each contender is a process of its own, and "
        "they take turns. *First call* is the time from the plain function to the first result, in a process that has "
        "done its imports and compiled nothing; *warm* is the same in a process that has compiled a small program. "
        "It is processor time if that is less than wall time. "
        "gcc is included for C and for CasADi's C. *Steady* is the median of the rounds, in processor time. *Memory* "
        "is how much the process grew at most during its first call, *code* the bytes of machine code, and *scratch* "
        "those that a kernel needs besides its arguments and results. All results were compared before they were "
        f"timed. A contender whose first call takes more than {results['budget']:.0f} s is stopped. Bold figures miss "
        f"a target: at most {HAND} times C, and {PEER:.0f} times as fast as the best peer that differentiates itself."
    )
    cases = {title: case for title, family in families.items() for case in family["cases"]}
    yield "## All rows\n\n" + table(*summary(cases))
    yield "\n".join(verdict(cases))
    yield "![Time relative to C by hand](results.svg)"
    for family in families.values():
        yield family_section(family, machine)


def ours_and(case: dict[str, Any]) -> tuple[Any, Any, tuple[str, Any] | None]:
    """Return the rows of glassgrad, of C, and of the fastest peer that differentiates by itself, or None for each."""
    rows = case["rows"]
    peers = {key: row for key, row in rows.items() if name(key) != OURS and key not in BY_HAND}
    best = min(peers.items(), key=lambda item: item[1]["median"], default=None)
    return rows.get(f"{OURS}|1"), rows.get(C), best


def summary(cases: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the head and the lines of the table with one line for each row. What misses its target is bold."""
    head = ["program", "first call", "warm", "steady", "C by hand", "times C", "best peer", "its time", "times ours"]
    lines = []
    for title, case in cases.items():
        ours, c, best = ours_and(case)
        cells = [title, *["–"] * 8, "–", "–"]
        if ours:
            cells[1], cells[3] = duration(ours["first"]), duration(ours["median"] / case["items"])
            cells[2] = duration(ours["warm"]) if "warm" in ours else "–"
            cells[9], cells[10] = size(ours["code"]) if ours["code"] else "uncompiled", size(ours["memory"])
        elif OURS in case["absent"]:
            cells[3] = case["absent"][OURS].partition(":")[0]
        if c:
            cells[4] = duration(c["median"] / case["items"])
        if ours and c:
            cells[5] = marked(ours["median"] / c["median"], ours["median"] <= HAND * c["median"])
        if best:
            cells[6], cells[7] = name(best[0]), duration(best[1]["median"] / case["items"])
        if ours and best:
            cells[8] = marked(best[1]["median"] / ours["median"], best[1]["median"] >= PEER * ours["median"])
        lines.append(cells)
    return [*head, "code", "memory"], lines


def marked(ratio: float, good: bool) -> str:
    return f"{ratio:.2f}" if good else f"**{ratio:.2f}**"


def verdict(cases: dict[str, Any]) -> Iterable[str]:
    """Yield what the table amounts to, and name the rows where glassgrad loses."""
    by_c, by_peer, lost = [], [], []
    for title, case in cases.items():
        ours, c, best = ours_and(case)
        if ours is None:
            if OURS in case["absent"]:
                lost.append(f"{title} ({case['absent'][OURS].partition(':')[0]})")
            continue
        if c:
            by_c.append(ours["median"] / c["median"])
        if best:
            by_peer.append(best[1]["median"] / ours["median"])
            if by_peer[-1] < 1:
                lost.append(f"{title} ({name(best[0])} is {1 / by_peer[-1]:.1f} times faster)")
    if by_c:
        yield f"glassgrad takes {geometric_mean(by_c):.2f} times as long as C (geometric mean of {len(by_c)} rows)."
    if by_peer:
        yield f"The best peer takes {geometric_mean(by_peer):.2f} times as long as glassgrad ({len(by_peer)} rows)."
    yield f"Rows lost to a peer or to the clock: {'; '.join(lost) or 'none'}."


def plot(results: dict[str, Any], folder: Path) -> None:
    """Plot each contender's time relative to C by hand, one line for each row."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams |= {"svg.hashsalt": "glassgrad", "svg.fonttype": "none", "font.size": 9}
    import matplotlib.pyplot as plt

    cases = [
        (title, case) for title, family in results["families"].items() for case in family["cases"] if C in case["rows"]
    ]
    if not cases:
        return
    figure, axis = plt.subplots(figsize=(8, 1.2 + 0.26 * len(cases)), layout="constrained")
    labelled: set[str] = set()
    for height, (_, case) in enumerate(cases):
        base = case["rows"][C]["median"]
        for key, row in case["rows"].items():
            colour, marker = STYLES.get(name(key).replace(",", " ").split()[0], (BLACK, "."))
            label = None if key in labelled else name(key)
            labelled.add(key)
            hollow = {"markerfacecolor": "none"} if "VM" in key else {}
            axis.plot(row["median"] / base, height, marker, color=colour, label=label, linestyle="", **hollow)
            axis.plot((row["low"] / base, row["high"] / base), (height, height), color=colour, linewidth=0.8)
    axis.set_yticks(range(len(cases)), [title for title, _ in cases])
    axis.set_ylim(len(cases) - 0.5, -0.5)
    axis.set(xscale="log", xlabel="time relative to C by hand")
    axis.grid(True, axis="x", color="#dddddd", linewidth=0.7)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(fontsize=7, framealpha=0.9)
    figure.savefig(folder / "results.svg", metadata={"Date": None})
    figure.savefig(folder / "results.png", dpi=130)
    plt.close(figure)
