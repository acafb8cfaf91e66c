"""The learning curve as an SVG, readable in light and dark mode, inside a page and as a file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from glassgrad.messages import ENGLISH, say

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 112, 18, 50

# Blue and orange from Okabe and Ito's palette, which colour-blind readers tell apart; both are lighter in dark mode.
STYLE = """
.curve text { font: 13px system-ui, sans-serif; fill: #444b59 }
.curve .grid { stroke: #d9dde5; stroke-width: 1 }
.curve .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
.curve .one { stroke: #0072b2 } .curve .two { stroke: #c75000; stroke-dasharray: 7 5 }
.curve .dot-one { fill: #0072b2 } .curve .dot-two { fill: #c75000 }
.curve text.name-one { fill: #0072b2; font-weight: 600 }
.curve text.name-two { fill: #b04600; font-weight: 600 }
@media (prefers-color-scheme: dark) {
  .curve text { fill: #aeb6c4 } .curve .grid { stroke: #323a48 }
  .curve .one { stroke: #56b4e9 } .curve .two { stroke: #f0a04b }
  .curve .dot-one { fill: #56b4e9 } .curve .dot-two { fill: #f0a04b }
  .curve text.name-one { fill: #56b4e9 } .curve text.name-two { fill: #f0a04b }
}
"""


def curve(one: Sequence[float], two: Sequence[float], names: tuple[str, str], lang: str = ENGLISH) -> str:
    """Draw two losses over the epochs, from epoch 0 on, as the text of an SVG in a language."""
    ends = {"one_loss": f"{one[-1]:.3f}", "two_loss": f"{two[-1]:.3f}"}
    title = say(lang, "tour.curve", one=names[0], two=names[1], **ends)
    last, top = len(one) - 1, _ceiling(max(*one, *two))
    ticks = [top * k / 4 for k in range(5)]
    every = max(1, math.ceil(last / 10))
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(epoch: float) -> float:
        return LEFT + plot_width * epoch / last

    def y(loss: float) -> float:
        return TOP + plot_height * (1 - loss / top)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="curve" role="img" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
    ]
    for tick in ticks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + plot_width}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{LEFT - 9}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for epoch in range(0, last + 1, every):
        parts.append(f'<text x="{x(epoch):.1f}" y="{HEIGHT - 26}" text-anchor="middle">{epoch}</text>')
    parts.append(
        f'<text x="{LEFT + plot_width / 2}" y="{HEIGHT - 3}" text-anchor="middle">{say(lang, "tour.epoch")}</text>'
    )
    for number, losses in (("two", two), ("one", one)):
        points = " ".join(f"{x(i):.1f},{y(loss):.1f}" for i, loss in enumerate(losses))
        parts.append(f'<polyline class="line {number}" points="{points}"/>')
        parts.append(f'<circle class="dot-{number}" cx="{x(last):.1f}" cy="{y(losses[-1]):.1f}" r="4"/>')
    for (number, name), height in zip(
        (("one", names[0]), ("two", names[1])), _apart(y(one[-1]), y(two[-1])), strict=True
    ):
        parts.append(f'<text class="name-{number}" x="{x(last) + 9:.1f}" y="{height + 4:.1f}">{escape(name)}</text>')
    return "".join(parts) + "</svg>"


def _ceiling(value: float) -> float:
    """The smallest number of the form 1, 2, 4, 6 or 8 times a power of ten that is at least `value`. Its quarters are
    round numbers."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value)


def _apart(one: float, two: float, room: float = 22) -> tuple[float, float]:
    """Heights for two names: the ends of their lines, moved apart if they are too close."""
    middle, half = (one + two) / 2, max(abs(one - two), room) / 2
    return (middle - half, middle + half) if one <= two else (middle + half, middle - half)
