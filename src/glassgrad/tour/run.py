"""Run the tour from start to end."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from textwrap import indent
from time import perf_counter
from typing import Any

import glassgrad as gg
from glassgrad.core.scalar import Scalar
from glassgrad.messages import ENGLISH, checked, say
from glassgrad.nn import MLP
from glassgrad.tour import network, neuron
from glassgrad.tour.curve import curve
from glassgrad.tour.folder import PAGE, RESULTS, written
from glassgrad.tour.page import PLAYER, page
from glassgrad.tour.report import Report, as_json, machine
from glassgrad.transforms.nudges import GradReport

EPOCHS = 12  # By default, the network sees all rows this many times.


class MissingPackage(ImportError):
    """A package that the tour needs is not installed; the message says how to install it."""


def tour(folder: str | Path = "glassgrad-tour", seed: int = 0, epochs: int = EPOCHS, lang: str | None = None) -> Report:
    """Run the tour, write its page into `folder`, and print the results; see `glassgrad tour --help`.

    Args:
        folder: the folder for the page and its files: a new one, an empty one, or that of an earlier tour.
        seed: an int; decides the split of the data, the initial weights, the order of the rows, and the parameters to
            check.
        epochs: the number of passes over the training rows, 1 or more.
        lang: the language of the page, "en", "de", "fr" or "es"; English by default.

    Returns:
        A report; `report.wrong` lists the gradients that disagree with their nudge, and is empty if all is well.

    Raises:
        ValueError: `epochs` is not a whole number of 1 or more, or there is no such language.
        MissingPackage: scikit-learn is not installed.
        FileExistsError: `folder` holds other files. All errors are raised before any work is done.
    """
    if not isinstance(epochs, int) or isinstance(epochs, bool) or epochs < 1:
        raise ValueError(f"the number of epochs must be a whole number of 1 or more, got {epochs!r}")
    checked(lang)
    if importlib.util.find_spec("sklearn") is None:
        raise MissingPackage('the tour needs scikit-learn for its data: pip install "glassgrad[tour]"')
    with written(Path(folder)) as fresh:
        report, drawings = _findings(seed, epochs, **({} if lang is None else {"lang": lang}))
        for name, text in drawings.items():
            (fresh / name).write_text(text, encoding="utf-8")
        (fresh / RESULTS).write_text(as_json(report), encoding="utf-8")
        (fresh / PAGE).write_text(page(report, drawings, lang or ENGLISH), encoding="utf-8")
    return report


def _findings(seed: int, epochs: int, lang: str | None = None) -> tuple[Report, dict[str, str]]:
    """Do all the work. Return the report, and by file name the drawings (SVG) and the neuron's player (HTML)."""
    spoken = lang or ENGLISH
    start = perf_counter()
    output, nudged_neuron, drawings = _neuron(lang)
    data, model = network.load(seed), untrained(seed)
    print(f"A network of {len(model.parameters())} Scalars learns from {len(data.train_rows)} biopsies")
    history = network.train(model, data, epochs, seed, _progress)
    train = network.judge(model, data.train_rows, data.train_classes)
    test = network.judge(model, data.test_rows, data.test_classes)
    print(f"  right on {train.accuracy:.1%} of these, and on {test.accuracy:.1%} of {len(data.test_rows)} held out\n")
    nudged = network.nudged(model, data, seed)
    print(f"{len(nudged.rows)} of its gradients, nudged\n{_table(nudged)}\n")
    drawings["network.svg"] = _network(model, data, spoken)
    names = say(spoken, "tour.learned"), say(spoken, "tour.held_out")
    drawings["loss.svg"] = curve(history.train_loss, history.test_loss, names, spoken)
    report = Report(
        seed=seed,
        epochs=epochs,
        output=output,
        neuron=nudged_neuron,
        data=data,
        model=model,
        history=history,
        train=train,
        test=test,
        network=nudged,
        speed=network.speed(model, data),
        seconds=perf_counter() - start,
        machine=machine(),
    )
    return report, drawings


def untrained(seed: int) -> MLP:
    """The tour's network before training."""
    return MLP(30, network.SIZES, activation="tanh", seed=seed)


def _neuron(lang: str | None) -> tuple[float, GradReport, dict[str, str]]:
    """Run the neuron forward and backward. Return its output, its checked gradients, its drawings and its player."""
    output, nodes = neuron.build()
    drawings = {"neuron-forward.svg": gg.draw_dot(output).pipe("svg", encoding="utf-8")}
    output.backward()
    drawings["neuron-backward.svg"] = gg.draw_dot(output).pipe("svg", encoding="utf-8")
    drawings["neuron.svg"] = gg.draw(output).svg()
    drawings[PLAYER] = gg.play(output, names=False, title=say(lang or ENGLISH, "tour.neuron"), lang=lang).html()
    nudged = neuron.nudged(nodes)
    print(f"One neuron: o = {output.data:.6f}; its gradients, nudged\n{_table(nudged)}\n")
    return output.data, nudged, drawings


def _network(model: MLP, data: network.Data, lang: str) -> str:
    """A drawing of one biopsy's way through the network; each neuron is one box."""
    with gg.group(say(lang, "tour.measurements", n=len(data.features))) as measurements:
        row = [Scalar(value, label=name) for value, name in zip(data.test_rows[0], data.features, strict=True)]
    logit = model(row)
    logit.label = "logit"
    logit.backward()
    boxes = [neuron.group.name for layer in model.layers for neuron in layer.neurons]
    return gg.draw(logit, collapse={measurements.name, *boxes}).svg()


def _table(report: GradReport) -> str:
    """The report as indented text."""
    return indent(str(report), "  ")


def _progress(steps: int) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=steps, desc="  training", unit="step", file=sys.stderr, dynamic_ncols=True)
