"""Write results as a page of tables (Markdown), as JSON, and as a log-log plot for each family."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from report import BLACK, table
from rows import OURS, STYLES, duration, family_section, name


def write(results: dict[str, Any], folder: Path) -> None:
    """Write results.md, results.json and the plots into `folder`, which is made if necessary."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text("\n\n".join(sections(results)) + "\n")
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    for title, family in results["families"].items():
        plot(title, family, results["machine"], folder)


def sections(results: dict[str, Any]) -> Iterable[str]:
    yield "# Compiled code beside its peers" + (" (quick run: a look, not a measurement)" if results["quick"] else "")
    yield (
        f"{results['machine']['cores']} cores; up to {results['rounds']} rounds; {results['minutes']:.0f} minutes. "
        "Each contender is a process of its own, with its threads set before it starts. The contenders take turns, "
        "round after round. *First call* is the time from the plain function to the first result: tracing, "
        "compiling (gcc included) and one run, in a process that has done its imports. *Steady* is the median of "
        "the rounds; the range is from the fastest to the slowest. For one thread it is processor time, so other "
        "programs on the machine matter less. (On a quiet machine it equals wall time. If it is larger, wall time "
        "counts.) For several threads it is wall time. *Busy* is processor time divided by wall time: the number "
        "of threads that really ran. All results were compared before they were timed."
    )
    rows = list(targets(results["families"]))
    if rows:
        yield "## Against the targets\n\n" + table(("", "measured", "target"), rows)
    for title, family in results["families"].items():
        yield family_section(family, results["machine"]) + f"\n\n![{family['title']}]({title}.svg)"


def targets(families: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
    """Yield the targets beside this run's figures. No test depends on them."""

    def find(family: str, key: str, size: int | None = None, series: str = "", time: str = "median") -> float | None:
        """Return the steady time of a row, of the largest size by default; wall time if `time` is "wall"."""
        cases = [case for case in families.get(family, {"cases": []})["cases"] if series in case["series"]]
        cases = [case for case in cases if key in case["rows"] and size in (None, case["size"])]
        return max(cases, key=lambda case: case["size"])["rows"][key][time] if cases else None

    def ratio(what: str, over: float | None, under: float | None, target: str) -> Iterable[tuple[str, str, str]]:
        if over is not None and under is not None:
            yield what, f"{over / under:.2f}", target

    def time(what: str, seconds: float | None, target: str) -> Iterable[tuple[str, str, str]]:
        if seconds is not None:
            yield what, duration(seconds), target

    ours, book, out = f"{OURS}|1", "black_scholes", f"{OURS}, out=|1"
    greeks, c = find(book, ours), find(book, "C by hand, polynomials|1")
    threads = {key for case in families.get(book, {"cases": []})["cases"] for key in case["rows"]}
    for peer, least in (("heyoka", 1.8), ("JAX", 4.0)):
        yield from ratio(
            f"Black–Scholes, {peer} / {OURS}, 1 thread", find(book, f"{peer}|1"), greeks, f"at least {least}"
        )
    yield from ratio(f"Black–Scholes, {OURS} / C by hand", greeks, c, "at most 1.2")
    yield from ratio("value and gradient / value", greeks, find(book, f"{OURS}, value alone|1"), "at most 1.4")
    for key in sorted(threads & {f"{OURS}|{count}" for count in range(2, 1024)}):
        one, many = find(book, ours, time="wall"), find(book, key, time="wall")
        yield from ratio(f"1 thread / {key.split('|')[1]} threads, on the wall", one, many, "at least 1.8 for 2")
    one = find("rosenbrock", ours, 10, "one call")
    yield from time("Rosenbrock n = 10, one call", one, "at most 1.5 µs")
    yield from time("the same with out=", find("rosenbrock", out, 10, "one call"), "under 0.6 µs")
    for peer in ("heyoka", "CasADi, ordinary call"):
        yield from ratio(f"the same, {peer} / {OURS}", find("rosenbrock", f"{peer}|1", 10, "one call"), one, "over 1")
    small, long, longer = (find("compile_time", ours, size) for size in (90, 30_000, 300_000))
    yield from time("first result of a small function", small, "under 60 ms")
    yield from ratio(f"the same, JAX / {OURS}", find("compile_time", "JAX|1", 90), small, "at least 10")
    yield from time("first result of 30,000 instructions", long, "under 1.5 s")
    yield from ratio("300,000 / 30,000 instructions", longer, long, "10: linear")
    mixed, straight = (find("eight_paths", ours, None, series) for series in ("eight paths", "one path"))
    yield from ratio("throughput with eight paths / without branches", straight, mixed, "at least 0.6")


def plot(title: str, family: dict[str, Any], machine: dict[str, Any], folder: Path) -> None:
    """Plot time per item against size, one panel per series. Solid lines are one thread, dashed lines all threads."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams |= {"svg.hashsalt": "glassgrad", "svg.fonttype": "none", "font.size": 9}
    import matplotlib.pyplot as plt

    series = list(dict.fromkeys(case["series"] for case in family["cases"]))
    if not series:
        return
    figure, axes = plt.subplots(1, len(series), figsize=(5.6 * len(series), 4.4), squeeze=False, layout="constrained")
    for axis, label in zip(axes.flat, series, strict=True):
        panel(axis, label, [case for case in family["cases"] if case["series"] == label], family)
    figure.suptitle(f"{family['title']}: {machine['cpu']}, {machine['python']}", fontsize=10)
    figure.savefig(folder / f"{title}.svg", metadata={"Date": None})
    figure.savefig(folder / f"{title}.png", dpi=130)
    plt.close(figure)


def panel(axis: Any, label: str, cases: list[dict[str, Any]], family: dict[str, Any]) -> None:
    keys = list(dict.fromkeys(key for case in cases for key in case["rows"]))
    seen: dict[str, int] = {}
    for key in keys:
        points = [(case["size"], case["rows"][key], case["items"]) for case in cases if key in case["rows"]]
        sizes = [size for size, _, _ in points]
        colour, marker = STYLES.get(name(key).replace(",", " ").split()[0], (BLACK, "."))
        variant = seen.setdefault(name(key), len({k for k in seen if k.split()[0] == name(key).split()[0]}))
        many = key.split("|")[1] != "1"
        style = {
            "color": colour,
            "marker": marker,
            "linestyle": "--" if many else "-",
            "markerfacecolor": "none" if variant or many else colour,
            "linewidth": 2 if name(key) == OURS else 1,
            "markersize": 5 + variant,
        }
        axis.plot(sizes, [row["median"] / items for _, row, items in points], label=key.replace("|", ", "), **style)
        low, high = ([row[end] / items for _, row, items in points] for end in ("low", "high"))
        axis.vlines(sizes, low, high, color=colour, linewidth=0.8)
    axis.set(xscale="log", yscale="log", xlabel=family["axis"], ylabel=f"seconds per {family['unit']}")
    axis.set_title(label, fontsize=9)
    axis.grid(True, which="major", color="#dddddd", linewidth=0.7)
    axis.spines[["top", "right"]].set_visible(False)
    if keys:
        axis.legend(fontsize=6, ncols=2, framealpha=0.9, title="contender, threads", title_fontsize=6)
