"""The results of a tour, and its exact numbers as JSON."""

from __future__ import annotations

import json
import math
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glassgrad.nn import MLP
from glassgrad.tour.folder import MADE_BY
from glassgrad.tour.network import BATCH, LEARNING_RATE, MOMENTUM, SIZES, WEIGHT_DECAY, Data, History, Speed, Verdict
from glassgrad.transforms.nudges import GradReport, GradRow

COMPILED = "compiled by Cython"  # The name of the compiled engine in results.json.


@dataclass(frozen=True)
class Report:
    """The results of a tour, from which the page and the JSON are written."""

    seed: int
    epochs: int
    output: float  # the neuron's output
    neuron: GradReport
    data: Data
    model: MLP
    history: History
    train: Verdict
    test: Verdict
    network: GradReport
    speed: Speed
    seconds: float
    machine: dict[str, str]

    @property
    def parameters(self) -> int:
        return len(self.model.parameters())

    @property
    def rows(self) -> list[GradRow]:
        """All gradients that were checked with a nudge."""
        return [*self.neuron.rows, *self.network.rows]

    @property
    def wrong(self) -> list[GradRow]:
        """The gradients that disagree with their nudge."""
        return [row for row in self.rows if not agrees(row)]


def agrees(row: GradRow) -> bool:
    """Whether a gradient agrees with its nudge."""
    return GradReport("", [row]).ok


def machine() -> dict[str, str]:
    """The machine and the versions with which the numbers were measured."""
    import numpy

    import glassgrad as gg

    return {
        "glassgrad": gg.__version__,
        "engine": COMPILED if gg.compiled() else "pure Python",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": numpy.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
    }


def _processor() -> str:
    """The processor's name, if the system gives it; otherwise its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def as_json(report: Report) -> str:
    """The exact numbers as JSON. For the same seed and epochs, all but `timing` and `machine` are the same."""
    history = report.history
    content: dict[str, Any] = {
        "made_by": MADE_BY,
        "format": 1,
        "seed": report.seed,
        "epochs": report.epochs,
        "neuron": {"output": report.output, "gradients": _rows(report.neuron)},
        "network": {
            "data": "Wisconsin breast cancer, as bundled with scikit-learn",
            "train_rows": len(report.data.train_rows),
            "test_rows": len(report.data.test_rows),
            "inputs": len(report.data.features),
            "sizes": SIZES,
            "parameters": report.parameters,
            "batch": BATCH,
            "learning_rate": LEARNING_RATE,
            "momentum": MOMENTUM,
            "weight_decay": WEIGHT_DECAY,
            "steps": history.steps,
            "train_loss": history.train_loss,
            "test_loss": history.test_loss,
            "test_accuracy": history.test_accuracy,
            "train": asdict(report.train),
            "test": asdict(report.test),
            "gradients": _rows(report.network),
        },
        "all_gradients_right": not report.wrong,
        "timing": {
            "seconds": report.seconds,
            "training_seconds": history.seconds,
            "nodes_per_batch": report.speed.nodes,
            "record_ns_per_node": report.speed.record_ns,
            "reverse_ns_per_node": report.speed.reverse_ns,
        },
        "machine": report.machine,
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _rows(report: GradReport) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "value": _number(row.value),
            "gradient": _number(row.analytic),
            "nudge": _number(row.numeric),
            "difference": _number(row.difference),
            "tolerance": _number(row.tolerance),
            "verdict": row.verdict,
        }
        for row in report.rows
    ]


def _number(value: float) -> float | str:
    """A number for JSON, which has no nan or infinity: these become text."""
    return value if math.isfinite(value) else repr(value)
