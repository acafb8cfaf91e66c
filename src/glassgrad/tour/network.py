"""The tour's second stop: a small network of Scalars learns from real data, and its gradients are checked.

The data are the Wisconsin breast-cancer set that comes with scikit-learn (Street, Wolberg & Mangasarian, 1993): 569
biopsies, each with 30 measurements of its cell nuclei, and whether the tumour was benign (1) or malignant (0).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import glassgrad as gg
from glassgrad.core.scalar import Scalar
from glassgrad.nn import MLP, binary_cross_entropy
from glassgrad.nn.optim import SGD
from glassgrad.transforms.nudges import GradReport, compare

SIZES = [8, 4, 1]
BATCH = 16
LEARNING_RATE = 0.1
MOMENTUM = 0.9
WEIGHT_DECAY = 0.01
TEST_PART = 0.25  # This share of the rows is held out for the test.
NUDGED = 20  # The gradients of this many parameters are checked.
NUDGED_ON = 4  # The check uses the loss of this many rows. It computes that loss about 30 times for each parameter.

Rows = list[list[float]]
Classes = list[int]


@dataclass(frozen=True)
class Data:
    """Standardised rows and their classes, in two parts that share no row."""

    train_rows: Rows
    train_classes: Classes
    test_rows: Rows
    test_classes: Classes
    features: list[str]
    classes: list[str]


def load(seed: int) -> Data:
    """Load the data, split them at random within each class, and standardise them.

    Mean and deviation come from the training rows only."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split

    bunch = load_breast_cancer()
    train, test, train_classes, test_classes = train_test_split(
        bunch.data, bunch.target, test_size=TEST_PART, stratify=bunch.target, random_state=seed
    )
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return Data(
        ((train - mean) / deviation).tolist(),
        train_classes.tolist(),
        ((test - mean) / deviation).tolist(),
        test_classes.tolist(),
        [str(name) for name in bunch.feature_names],
        [str(name) for name in bunch.target_names],
    )


@dataclass
class History:
    """The record of one training run; every list starts with the untrained network."""

    train_loss: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)
    nodes: int = 0
    steps: int = 0
    seconds: float = 0.0

    def add(self, train_loss: float, test: Verdict) -> None:
        self.train_loss.append(train_loss)
        self.test_loss.append(test.loss)
        self.test_accuracy.append(test.accuracy)


@dataclass(frozen=True)
class Verdict:
    """The quality of a network's predictions on some rows."""

    loss: float
    accuracy: float
    confusion: list[list[int]]  # [true class][predicted class]


def judge(model: MLP, rows: Rows, classes: Classes) -> Verdict:
    """The loss, accuracy and confusion matrix of the model on some rows."""
    confusion, loss = [[0, 0], [0, 0]], 0.0
    for row, true in zip(rows, classes, strict=True):
        logit = model(row)
        loss += binary_cross_entropy(logit, true).data
        confusion[true][int(logit.data > 0)] += 1
    right = confusion[0][0] + confusion[1][1]
    return Verdict(loss / len(rows), right / len(rows), confusion)


def loss_of(model: MLP, rows: Sequence[Sequence[float]], classes: Sequence[int]) -> Scalar:
    """The model's loss on some rows, as one graph of Scalars."""
    return binary_cross_entropy([model(row) for row in rows], classes)


def train(
    model: MLP,
    data: Data,
    epochs: int,
    seed: int,
    progress: Callable[[int], Any],
) -> History:
    """Train with mini-batches and a falling learning rate; `progress(steps)` makes the progress bar."""
    history, order, shuffle = History(), list(range(len(data.train_rows))), random.Random(seed)
    history.add(
        judge(model, data.train_rows, data.train_classes).loss,
        judge(model, data.test_rows, data.test_classes),
    )
    sgd = SGD(model.parameters(), LEARNING_RATE, MOMENTUM, weight_decay=WEIGHT_DECAY)
    with progress(epochs * math.ceil(len(order) / BATCH)) as bar:
        for epoch in range(epochs):
            sgd.lr = LEARNING_RATE * (1 - 0.9 * epoch / epochs)
            shuffle.shuffle(order)
            total, start = 0.0, perf_counter()
            for first in range(0, len(order), BATCH):
                batch = order[first : first + BATCH]
                sgd.zero_grad()
                loss = loss_of(model, [data.train_rows[i] for i in batch], [data.train_classes[i] for i in batch])
                loss.backward()
                sgd.step()
                total += loss.data * len(batch)
                history.steps += 1
                bar.set_postfix(epoch=epoch + 1, loss=f"{loss.data:.4f}", refresh=False)
                bar.update()
            history.seconds += perf_counter() - start
            history.add(total / len(order), judge(model, data.test_rows, data.test_classes))
    return history


def nudged(model: MLP, data: Data, seed: int) -> GradReport:
    """Check the gradients of twenty random parameters against finite differences.

    Each difference changes one parameter, computes the loss of some rows again, and sees how much it changed.
    """
    rows, classes = data.train_rows[:NUDGED_ON], data.train_classes[:NUDGED_ON]
    names, parameters = zip(*random.Random(seed).sample(list(model.named_parameters()), NUDGED), strict=True)
    model.zero_grad()
    loss_of(model, rows, classes).backward()

    def loss(*values: float) -> float:
        for parameter, value in zip(parameters, values, strict=True):
            parameter.data = value
        return loss_of(model, rows, classes).data

    kept = [parameter.data for parameter in parameters]
    try:
        return compare(tuple(parameter.grad for parameter in parameters), loss, *kept, names=names)
    finally:
        loss(*kept)


@dataclass(frozen=True)
class Speed:
    """Times measured on the loss of one batch."""

    nodes: int  # in the graph of the loss
    record_ns: float  # nanoseconds per node, forward
    reverse_ns: float  # nanoseconds per node, backward


def speed(model: MLP, data: Data, repeats: int = 7) -> Speed:
    """Measure the nanoseconds per node to compute the loss of a batch and its gradient; the best of several runs."""
    rows, classes = data.train_rows[:BATCH], data.train_classes[:BATCH]
    nodes, record, reverse = 0, math.inf, math.inf
    for _ in range(repeats):
        start = perf_counter()
        loss = loss_of(model, rows, classes)
        middle = perf_counter()
        loss.backward()
        end = perf_counter()
        nodes = nodes or len(gg.trace(loss)[0])
        record, reverse = min(record, middle - start), min(reverse, end - middle)
        del loss
    return Speed(nodes, record / nodes * 1e9, reverse / nodes * 1e9)
