"""The tour's page: one HTML file, its style and drawings inside, that asks the network for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from glassgrad.numeric import GradReport, GradRow

from .network import BATCH, NUDGED_ON, SIZES
from .report import Report, agrees
from .style import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

PLAYER = "neuron.html"  # beside the page, since it needs a script and the page lets none run

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


def page(report: Report, drawings: dict[str, str]) -> str:
    """The page as text. `drawings` holds SVGs, and the neuron's player, by the name of the file that each is saved in
    as well."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>A tour of glassgrad</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{_header(report)}
{_neuron(report, drawings)}
{_network(report, drawings)}
{_timing(report)}
{_yourself(report)}
{_footer(report, drawings)}
</main>
</body>
</html>
"""


def _header(report: Report) -> str:
    total, wrong = len(report.rows), len(report.wrong)
    checked = f"{total} of {total}" if not wrong else f'<span class="wrong">{total - wrong} of {total}</span>'
    tiles = [
        (f"{report.test.accuracy:.1%}", f"right on {len(report.data.test_rows)} biopsies it never saw"),
        (checked, "gradients agree with their nudge"),
        (
            f"{report.speed.record_ns + report.speed.reverse_ns:,.0f} ns",
            f"a node, forward and backward, {escape(report.machine['engine'])}",
        ),
        (f"{report.seconds:.1f} s", "for everything on this page"),
    ]
    items = "".join(f"<li><b>{value}</b><span>{text}</span></li>" for value, text in tiles)
    return f"""<header>
<h1>A tour of glassgrad</h1>
<p class="lead">One neuron whose every gradient you can see and check by hand; then a network of
{report.parameters} such weights that learns to tell benign from malignant tumours, on scalars alone.</p>
<ul class="tiles">{items}</ul>
</header>"""


def _neuron(report: Report, drawings: dict[str, str]) -> str:
    return f"""<section id="neuron">
<h2>One neuron</h2>
<p>Two inputs, two weights, a bias of 6.8813735870195432 and a tanh. That bias makes the output
o&nbsp;=&nbsp;{report.output:.4f} and the slope of tanh there one half, so that all gradients come out round.</p>
{
        _figure(
            drawings,
            "neuron-forward.svg",
            "The forward pass: every value, and the operation that made it.",
            "paper",
        )
    }
<p><code>o.backward()</code> walks the same graph from its end. Each node hands its gradient to its operands,
multiplied by its own local derivative: that is the whole of backpropagation.</p>
{
        _figure(
            drawings,
            "neuron-backward.svg",
            "After <code>o.backward()</code>: <i>do/d…</i> is the gradient, and red arrows lead the way back. "
            "w2 gets none, because its input x2 is zero.",
            "paper",
        )
    }
{
        _figure(
            drawings,
            "neuron.svg",
            "The same neuron by <code>gg.draw</code>: gradients as colour, local derivatives on the edges.",
        )
    }
<p><a href="{PLAYER}"><b>Step through it</b></a>: forward and backward, one node at a time, with the chain rule written
out at each; a slider for every input, and a lab of the classic mistakes.</p>
<h3>Is it right? Nudge it</h3>
<p>A derivative says how far the output moves when one value is moved a little. So move it a little and look:
that takes no calculus and none of the engine's code.</p>
{_table(report.neuron, "node")}
</section>"""


def _network(report: Report, drawings: dict[str, str]) -> str:
    data, test, train, history = report.data, report.test, report.train, report.history
    shape = " – ".join(map(str, [len(data.features), *SIZES]))
    [[mm, mb], [bm, bb]] = test.confusion
    return f"""<section id="network">
<h2>A network that learns</h2>
<p>The Wisconsin breast-cancer data, bundled with scikit-learn: {len(data.train_rows) + len(data.test_rows)} biopsies,
{len(data.features)} measurements of their cell nuclei each. {len(data.train_rows)} are learned from,
{len(data.test_rows)} held out, in the same proportion of benign to malignant; all are standardised by the mean and
deviation of those learned from.</p>
<p>The network has layers of {shape} with tanh between them: {report.parameters} weights, each a
<code>Scalar</code>. The loss of one batch of {BATCH} rows is a graph of {report.speed.nodes:,} nodes, built anew and
differentiated {history.steps:,} times in {report.epochs} epoch{"s" * (report.epochs != 1)}.</p>
{
        _figure(
            drawings,
            "network.svg",
            "The trained network on one biopsy, each neuron one box: <code>gg.draw</code>, groups collapsed.",
        )
    }
{
        _figure(
            drawings,
            "loss.svg",
            f"Cross-entropy by epoch, from {history.train_loss[0]:.3f} before training to "
            f"{history.train_loss[-1]:.3f} on the rows learned from (solid; each epoch's mean) "
            f"and {history.test_loss[-1]:.3f} on those held out (dashed).",
        )
    }
<h3>What it says of biopsies it never saw</h3>
<figure><div class="wide" tabindex="0"><table class="wrap">
<thead><tr><th>held out</th><th>said malignant</th><th>said benign</th><th>right</th></tr></thead>
<tbody>
<tr><td>malignant</td><td>{mm}</td><td>{mb}</td><td>{_share(mm, mm + mb)}</td></tr>
<tr><td>benign</td><td>{bm}</td><td>{bb}</td><td>{_share(bb, bm + bb)}</td></tr>
<tr><td>all {mm + mb + bm + bb}</td><td>{mm + bm}</td><td>{mb + bb}</td><td>{test.accuracy:.1%}</td></tr>
</tbody></table></div>
<figcaption>On the {len(data.train_rows)} rows it learned from, {train.accuracy:.1%} are right.</figcaption></figure>
<h3>{len(report.network.rows)} of its {report.parameters} gradients, nudged</h3>
<p>Parameters picked at random from the trained network: the gradient that <code>backward()</code>
gives for the loss of {NUDGED_ON} rows, beside what the loss does when that one weight is moved.</p>
{_table(report.network, "parameter")}
</section>"""


def _timing(report: Report) -> str:
    speed, history, machine = report.speed, report.history, report.machine
    rows = [
        ("forward: compute and record", f"{speed.record_ns:,.0f} ns a node"),
        ("backward: all gradients", f"{speed.reverse_ns:,.0f} ns a node"),
        ("nodes in the graph of one batch", f"{speed.nodes:,}"),
        (f"training, {history.steps:,} steps", f"{history.seconds:.2f} s"),
        ("this whole tour", f"{report.seconds:.1f} s"),
    ]
    body = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    return f"""<section id="timing">
<h2>How long it took</h2>
<figure><div class="wide" tabindex="0"><table class="wrap"><tbody>{body}</tbody></table></div>
<figcaption>Measured in this run: glassgrad {escape(machine["glassgrad"])}, {escape(machine["engine"])},
{escape(machine["python"])}, NumPy {escape(machine["numpy"])}, on {escape(machine["processor"])}
({escape(machine["system"])}, {escape(machine["cores"])} cores).
Per node: the best of seven runs on one batch.</figcaption>
</figure>
</section>"""


def _yourself(report: Report) -> str:
    network = NETWORK_CODE.format(sizes=SIZES, seed=report.seed, batch=BATCH)
    return f"""<section id="yourself">
<h2>Do it yourself</h2>
<p>The neuron, its gradients, a nudge, its drawing:</p>
<pre tabindex="0"><code>{escape(NEURON_CODE)}</code></pre>
<p>The network:</p>
<pre tabindex="0"><code>{escape(network)}</code></pre>
<p>And from the beginning, step by step, with exercises: <code>glassgrad lessons</code>.</p>
</section>"""


def _footer(report: Report, drawings: dict[str, str]) -> str:
    names = ["results.json", *drawings]
    links = ", ".join(f'<a href="{name}">{name}</a>' for name in names)
    command = f"glassgrad tour --seed {report.seed} --epochs {report.epochs}"
    return f"""<footer>
<p>Made by <code>{command}</code>, which gives these numbers again, times aside.
Beside this page: {links}.</p>
</footer>"""


def _figure(drawings: dict[str, str], name: str, caption: str, kind: str = "") -> str:
    inside = _inline(drawings[name], name.removesuffix(".svg"))
    return (
        f'<figure class="{kind}"><div class="wide" tabindex="0">{inside}</div>\n'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _table(checked: GradReport, what: str) -> str:
    rows = "".join(_row(row) for row in checked.rows)
    return f"""<figure><div class="wide" tabindex="0"><table class="checks">
<thead><tr><th>{what}</th><th>value</th><th>backward()</th><th>nudge</th><th>apart</th><th></th></tr></thead>
<tbody>{rows}</tbody></table></div></figure>"""


def _row(row: GradRow) -> str:
    verdict = '<td class="ok">agree</td>' if agrees(row) else '<td class="wrong">differ</td>'
    return (
        f"<tr><td><code>{escape(row.name)}</code></td><td>{_signed(row.value, 4)}</td>"
        f"<td>{_signed(row.analytic, 10)}</td><td>{_signed(row.numeric, 10)}</td>"
        f"<td>{_small(row.difference)}</td>{verdict}</tr>"
    )


def _signed(value: float, digits: int) -> str:
    """A number with a minus sign as wide as its digits, and no minus on a zero."""
    text = f"{value:.{digits}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace("-", "−")


def _small(value: float) -> str:
    """A difference, to one digit: 3e−10."""
    return f"{value:.0e}".replace("e-", "e−").replace("−0", "−") if value else "0"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _inline(svg: str, prefix: str) -> str:
    """An SVG document made fit to stand in a page beside others: no prologue, identifiers of its own."""
    svg = svg[svg.index("<svg") :]
    names = set(re.findall(r'\bid="([^"]+)"', svg))
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    return _renamed(svg, names, prefix)


def _renamed(svg: str, names: Iterable[str], prefix: str) -> str:
    """References to `names`, by url(#…), href or aria attributes, prefixed as the names are."""
    known = set(names)

    def rename(match: re.Match[str]) -> str:
        return f"{match[1]}{prefix}-{match[2]}" if match[2] in known else match[0]

    svg = re.sub(r'(url\(#|href="#)([^")]+)', rename, svg)
    return re.sub(r'(aria-(?:labelledby|describedby)=")([^" ]+)', rename, svg)
