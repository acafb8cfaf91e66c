"""The tour's page: one HTML file with its style and drawings inside; nothing is loaded from the web."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from html import escape

from glassgrad import messages
from glassgrad.tour.network import BATCH, NUDGED_ON, SIZES
from glassgrad.tour.report import COMPILED, Report, agrees
from glassgrad.tour.style import STYLE
from glassgrad.transforms.nudges import GradReport, GradRow

Say = Callable[..., str]  # Returns a message of this page, in its language, for a key and values.

# The page's Content-Security-Policy allows styles inside the page, and nothing else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

PLAYER = "neuron.html"  # A file of its own, because it needs a script, and the page's policy allows none.

NEURON_CODE = """\
import glassgrad as gg

x1, x2 = gg.Scalar(2.0, label="x1"), gg.Scalar(0.0, label="x2")
w1, w2 = gg.Scalar(-3.0, label="w1"), gg.Scalar(1.0, label="w2")
b = gg.Scalar(6.8813735870195432, label="b")

o = (x1 * w1 + x2 * w2 + b).tanh()
o.backward()

print(x1.grad, gg.derivative(lambda x: gg.tanh(x * -3.0 + 0.0 * 1.0 + b.data), 2.0))
gg.draw(o).save("neuron.svg")
gg.play(o).save("neuron.html")"""

NETWORK_CODE = """\
import glassgrad as gg

model = gg.nn.MLP(30, {sizes}, activation="tanh", seed={seed})
sgd = gg.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)

for rows, classes in batches:          # {batch} rows of 30 numbers, {batch} classes of 0 or 1
    sgd.zero_grad()
    loss = gg.nn.binary_cross_entropy([model(row) for row in rows], classes)
    loss.backward()
    sgd.step()"""


def page(report: Report, drawings: dict[str, str], lang: str) -> str:
    """The page's HTML, in the language `lang`. `drawings` has the SVGs and the neuron's player, by the names of the
    files in which they are also saved."""
    say = partial(messages.say, lang)
    return f"""<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{say("tour.title")}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{_header(report, say)}
{_neuron(report, drawings, say)}
{_network(report, drawings, say)}
{_timing(report, say)}
{_yourself(report, say)}
{_footer(report, drawings, lang, say)}
</main>
</body>
</html>
"""


def _header(report: Report, say: Say) -> str:
    total, wrong = len(report.rows), len(report.wrong)
    checked = say("tour.of", n=total - wrong, all=total)
    tiles = [
        (f"{report.test.accuracy:.1%}", say("tour.tile_right", n=len(report.data.test_rows))),
        (f'<span class="wrong">{checked}</span>' if wrong else checked, say("tour.tile_checked")),
        (
            f"{report.speed.record_ns + report.speed.reverse_ns:,.0f} ns",
            say("tour.tile_speed", engine=_engine(report, say)),
        ),
        (f"{report.seconds:.1f} s", say("tour.tile_seconds")),
    ]
    items = "".join(f"<li><b>{value}</b><span>{text}</span></li>" for value, text in tiles)
    return f"""<header>
<h1>{say("tour.title")}</h1>
<p class="lead">{say("tour.lead", parameters=report.parameters)}</p>
<ul class="tiles">{items}</ul>
</header>"""


def _neuron(report: Report, drawings: dict[str, str], say: Say) -> str:
    return f"""<section id="neuron">
<h2>{say("tour.neuron")}</h2>
<p>{say("tour.neuron_text", output=f"{report.output:.4f}")}</p>
{_figure(drawings, "neuron-forward.svg", say("tour.forward"), "paper")}
<p>{say("tour.backward_text")}</p>
{_figure(drawings, "neuron-backward.svg", say("tour.backward"), "paper")}
{_figure(drawings, "neuron.svg", say("tour.draw"))}
<p>{say("tour.player", player=PLAYER)}</p>
<h3>{say("tour.right")}</h3>
<p>{say("tour.right_text")}</p>
{_table(report.neuron, say("term.node"), say)}
</section>"""


def _network(report: Report, drawings: dict[str, str], say: Say) -> str:
    data, history = report.data, report.history
    train, test = len(data.train_rows), len(data.test_rows)
    layers = say(
        "tour.layers",
        shape=" – ".join(map(str, [len(data.features), *SIZES])),
        parameters=report.parameters,
        batch=BATCH,
        nodes=f"{report.speed.nodes:,}",
        steps=f"{history.steps:,}",
        n=report.epochs,
    )
    loss = say(
        "tour.loss_figure",
        before=f"{history.train_loss[0]:.3f}",
        after=f"{history.train_loss[-1]:.3f}",
        test=f"{history.test_loss[-1]:.3f}",
    )
    return f"""<section id="network">
<h2>{say("tour.network")}</h2>
<p>{say("tour.data", rows=train + test, features=len(data.features), train=train, test=test)}</p>
<p>{layers}</p>
{_figure(drawings, "network.svg", say("tour.network_figure"))}
{_figure(drawings, "loss.svg", loss)}
<h3>{say("tour.says")}</h3>
{_confusion(report, say)}
<h3>{say("tour.nudged", n=len(report.network.rows), all=report.parameters)}</h3>
<p>{say("tour.nudged_text", n=NUDGED_ON)}</p>
{_table(report.network, say("tour.parameter"), say)}
</section>"""


def _confusion(report: Report, say: Say) -> str:
    """A table of the network's predictions for each class, and how often they were right."""
    [[mm, mb], [bm, bb]] = report.test.confusion
    heads = [say(f"tour.{name}") for name in ("held_out", "said_malignant", "said_benign", "share_right")]
    rows = [
        (say("tour.malignant"), mm, mb, _share(mm, mm + mb)),
        (say("tour.benign"), bm, bb, _share(bb, bm + bb)),
        (say("tour.all", n=mm + mb + bm + bb), mm + bm, mb + bb, f"{report.test.accuracy:.1%}"),
    ]
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    caption = say("tour.train_right", n=len(report.data.train_rows), share=f"{report.train.accuracy:.1%}")
    return f"""<figure><div class="wide" tabindex="0"><table class="wrap">
<thead><tr>{"".join(f"<th>{head}</th>" for head in heads)}</tr></thead>
<tbody>
{body}
</tbody></table></div>
<figcaption>{caption}</figcaption></figure>"""


def _timing(report: Report, say: Say) -> str:
    speed, history = report.speed, report.history
    rows = [
        (say("tour.time_forward"), say("tour.per_node", ns=f"{speed.record_ns:,.0f}")),
        (say("tour.time_backward"), say("tour.per_node", ns=f"{speed.reverse_ns:,.0f}")),
        (say("tour.time_nodes"), f"{speed.nodes:,}"),
        (say("tour.time_training", steps=f"{history.steps:,}"), f"{history.seconds:.2f} s"),
        (say("tour.time_all"), f"{report.seconds:.1f} s"),
    ]
    body = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    machine = {name: escape(text) for name, text in report.machine.items()} | {"engine": _engine(report, say)}
    return f"""<section id="timing">
<h2>{say("tour.timing")}</h2>
<figure><div class="wide" tabindex="0"><table class="wrap"><tbody>{body}</tbody></table></div>
<figcaption>{say("tour.measured", **machine)}</figcaption>
</figure>
</section>"""


def _engine(report: Report, say: Say) -> str:
    return say("tour.compiled") if report.machine["engine"] == COMPILED else say("tour.pure")


def _yourself(report: Report, say: Say) -> str:
    network = NETWORK_CODE.format(sizes=SIZES, seed=report.seed, batch=BATCH)
    return f"""<section id="yourself">
<h2>{say("tour.yourself")}</h2>
<p>{say("tour.yourself_neuron")}</p>
<pre tabindex="0"><code>{escape(NEURON_CODE)}</code></pre>
<p>{say("tour.yourself_network")}</p>
<pre tabindex="0"><code>{escape(network)}</code></pre>
<p>{say("tour.yourself_lessons")}</p>
</section>"""


def _footer(report: Report, drawings: dict[str, str], lang: str, say: Say) -> str:
    names = ["results.json", *drawings]
    links = ", ".join(f'<a href="{name}">{name}</a>' for name in names)
    language = "" if lang == messages.ENGLISH else f" --lang {lang}"
    command = f"glassgrad tour --seed {report.seed} --epochs {report.epochs}{language}"
    return f"""<footer>
<p>{say("tour.made_by", command=command, links=links)}</p>
</footer>"""


def _figure(drawings: dict[str, str], name: str, caption: str, kind: str = "") -> str:
    inside = _inline(drawings[name], name.removesuffix(".svg"))
    return (
        f'<figure class="{kind}"><div class="wide" tabindex="0">{inside}</div>\n'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _table(checked: GradReport, what: str, say: Say) -> str:
    rows = "".join(_row(row, say) for row in checked.rows)
    heads = (what, say("term.value"), "backward()", say("term.nudge"), say("tour.apart"), "")
    return f"""<figure><div class="wide" tabindex="0"><table class="checks">
<thead><tr>{"".join(f"<th>{head}</th>" for head in heads)}</tr></thead>
<tbody>{rows}</tbody></table></div></figure>"""


def _row(row: GradRow, say: Say) -> str:
    right = agrees(row)
    verdict = f'<td class="ok">{say("tour.agree")}</td>' if right else f'<td class="wrong">{say("tour.differ")}</td>'
    return (
        f"<tr><td><code>{escape(row.name)}</code></td><td>{_signed(row.value, 4)}</td>"
        f"<td>{_signed(row.analytic, 10)}</td><td>{_signed(row.numeric, 10)}</td>"
        f"<td>{_small(row.difference)}</td>{verdict}</tr>"
    )


def _signed(value: float, digits: int) -> str:
    """A number with a minus sign as wide as a digit; a zero has no sign."""
    text = f"{value:.{digits}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace("-", "−")


def _small(value: float) -> str:
    """A difference with one digit: 3e−10."""
    return f"{value:.0e}".replace("e-", "e−").replace("−0", "−") if value else "0"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _inline(svg: str, prefix: str) -> str:
    """An SVG document as part of a page: without its prologue, and with identifiers that begin with `prefix`."""
    svg = svg[svg.index("<svg") :]
    names = set(re.findall(r'\bid="([^"]+)"', svg))
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    return _renamed(svg, names, prefix)


def _renamed(svg: str, names: Iterable[str], prefix: str) -> str:
    """The SVG with `prefix` before each reference to `names`, in url(#…), href and aria attributes."""
    known = set(names)

    def rename(match: re.Match[str]) -> str:
        return f"{match[1]}{prefix}-{match[2]}" if match[2] in known else match[0]

    svg = re.sub(r'(url\(#|href="#)([^")]+)', rename, svg)
    return re.sub(r'(aria-(?:labelledby|describedby)=")([^" ]+)', rename, svg)
