"""Optimisers, schedules and clipping do what PyTorch's do: 20 steps of each, to 1e-12."""

import json

import numpy as np
import pytest

import glassgrad as gg
from helpers import torch_optim

EXPECTED = json.loads(torch_optim.NUMBERS.read_text(encoding="utf-8"))
CASES = [(kind, name) for kind, found in EXPECTED.items() if kind != "signatures" for name in found]


@pytest.fixture(scope="module")
def ours():
    return torch_optim.everything(gg.optim, gg.nn.utils, gg.Scalar)


def flat(nested):
    return [x for part in nested for x in flat(part)] if isinstance(nested, list) else [nested]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_the_course_is_pytorchs(ours, kind, name):
    assert flat(ours[kind][name]) == pytest.approx(flat(EXPECTED[kind][name]), rel=1e-12, abs=1e-15)


def test_every_case_was_tried_on_pytorch(ours):
    assert {kind: set(found) for kind, found in ours.items()} == {kind: set(EXPECTED[kind]) for kind in EXPECTED}


def test_the_numbers_are_those_of_the_pytorch_that_is_installed():
    pytest.importorskip("torch")
    found = torch_optim.from_torch()
    for kind, name in CASES:
        assert flat(found[kind][name]) == pytest.approx(flat(EXPECTED[kind][name]), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", torch_optim.NAMES)
def test_arguments_and_defaults_are_pytorchs(ours, name):
    assert ours["signatures"][name] == EXPECTED["signatures"][name]


def test_there_are_many_names_for_them():
    from glassgrad.nn.optim import SGD
    from glassgrad.nn.optim.lr_scheduler import StepLR

    assert gg.nn.optim is gg.optim
    assert (SGD, StepLR) == (gg.optim.SGD, gg.optim.StepLR)
    assert gg.optim.lr_scheduler.StepLR is gg.optim.StepLR
    assert gg.optim.clip_grad_norm_ is gg.nn.utils.clip_grad_norm_


@pytest.mark.parametrize("name", torch_optim.OPTIMIZERS)
def test_a_restored_optimizer_goes_on_bit_for_bit(name):
    kind, options = torch_optim.OPTIMIZERS[name]

    def made(values):
        params = [gg.Scalar(value) for value in values]
        return params, getattr(gg.optim, kind)(params, **options)

    def steps(params, optimizer):
        for _ in range(5):
            optimizer.zero_grad()
            torch_optim.loss(*params).backward()
            optimizer.step()

    params, optimizer = made([-0.7, 1.2, 0.4])
    steps(params, optimizer)
    others, restored = made([p.data for p in params])
    restored.load_state_dict(json.loads(json.dumps(optimizer.state_dict()), object_hook=whole_keys))
    steps(params, optimizer)
    steps(others, restored)
    assert [p.data for p in params] == [p.data for p in others]
    assert restored.state_dict() == optimizer.state_dict()


def whole_keys(found):
    return {int(key) if key.isdigit() else key: value for key, value in found.items()}


@pytest.mark.parametrize("name", torch_optim.SCHEDULES)
def test_a_restored_schedule_goes_on_bit_for_bit(name):
    def made():
        optimizer = gg.optim.SGD([{"params": [gg.Scalar(1.0)]}, {"params": [gg.Scalar(1.0)], "lr": 0.02}], 0.1, 0.9)
        return optimizer, torch_optim.SCHEDULES[name](gg.optim.lr_scheduler, optimizer)

    (optimizer, schedule), (other, restored) = made(), made()
    for _ in range(6):
        schedule.step()
    other.load_state_dict(optimizer.state_dict())
    restored.load_state_dict(json.loads(json.dumps(schedule.state_dict())))
    for _ in range(8):
        schedule.step()
        restored.step()
        assert restored.get_last_lr() == schedule.get_last_lr()
    assert restored.state_dict() == schedule.state_dict()


X = gg.Scalar(1.0, label="x")


def group(**options):
    return gg.optim.SGD([{"params": [X], **options}], lr=0.1)


def changed(name, value):
    optimizer = gg.optim.SGD([X], lr=0.1)
    optimizer.param_groups[0][name] = value
    return optimizer


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda: gg.optim.Adam([X], betas=(0.9, 1.0)), ValueError, r"each at least 0 and below 1, .*got \(0.9, 1.0\)"),
        (lambda: gg.optim.Adam([X], betas=0.9), TypeError, "betas must be two numbers, .*got 0.9"),
        (lambda: gg.optim.Adam([X], betas=(0.9,)), ValueError, "betas must be two numbers"),
        (lambda: gg.optim.Adam([X], eps=0), ValueError, "eps must be a finite number above 0, got 0"),
        (lambda: gg.optim.Adam([X], amsgrad=1), ValueError, "amsgrad must be True or False, got 1"),
        (lambda: gg.optim.AdamW([]), ValueError, "AdamW got no parameters"),
        (lambda: gg.optim.SGD([X], nesterov=True), ValueError, "nesterov=True needs momentum .* momentum=0.9"),
        (lambda: group(betas=(0.9, 0.9)), ValueError, "SGD has no option 'betas': its options are lr, momentum"),
        (lambda: gg.optim.SGD({X}), TypeError, "in a fixed order, which a set does not have: pass a list"),
        (lambda: changed("lr", "x").step(), TypeError, "lr must be a finite number above 0, got 'x'"),
        (lambda: changed("lr", -1).step(), ValueError, "lr must be a finite number above 0, got -1"),
        (lambda: changed("momentum", 1.5).step(), ValueError, "momentum must be at least 0"),
        (lambda: group(lr=-1), ValueError, "lr must be a finite number above 0, got -1"),
        (lambda: gg.optim.SGD([{"lr": 1.0}]), TypeError, "a parameter group must be a dict"),
        (lambda: gg.optim.SGD([{"params": [X]}, {"params": [X]}]), ValueError, "parameters 0 and 1 .* the same Scalar"),
        (lambda: gg.optim.StepLR(group(), 0), ValueError, "step_size must be a whole number, 1 or more, got 0"),
        (lambda: gg.optim.StepLR(X, 1), TypeError, "StepLR needs an optimiser such as gg.optim.SGD"),
        (lambda: gg.optim.LinearLR(group(), 0), ValueError, "start_factor must be a number above 0"),
        (lambda: gg.optim.OneCycleLR(group(), 0.1), ValueError, "needs the length of its cycle: pass total_steps"),
        (lambda: gg.optim.LambdaLR(group(), []), ValueError, "a list of 1, one for each parameter group"),
        (lambda: gg.optim.ReduceLROnPlateau(group(), "least"), ValueError, "mode must be 'min' or 'max', got 'least'"),
        (lambda: gg.optim.SequentialLR(group(), [], []), ValueError, "one milestone between each two"),
        (lambda: gg.optim.clip_grad_norm_([X], -1), ValueError, "max_norm must be a number of 0 or more, got -1"),
        (lambda: gg.optim.clip_grad_value_([1.0], 1), TypeError, "parameter 0 must be a Scalar, got 1.0"),
        (lambda: group().load_state_dict({}), TypeError, r"needs a dict from state_dict\(\)"),
        (
            lambda: gg.optim.Adam([X]).load_state_dict(group().state_dict()),
            ValueError,
            "no .*betas.*: it was not saved by an optimiser of the class Adam",
        ),
        (
            lambda: gg.optim.SGD([X, gg.Scalar(1.0)]).load_state_dict(group().state_dict()),
            ValueError,
            r"groups of \[1\] parameters, but this SGD has groups of \[2\]",
        ),
    ],
)
def test_bad_input_is_told_what_to_do(wrong, error, said):
    with pytest.raises(error, match=said):
        wrong()


def test_a_norm_that_is_not_finite_can_be_refused():
    x = gg.Scalar(1.0)
    x.grad = np.inf
    with pytest.raises(FloatingPointError, match="norm of the gradients is inf"):
        gg.nn.utils.clip_grad_norm_([x], 1.0, error_if_nonfinite=True)
    assert x.grad == np.inf


def test_huge_gradients_are_clipped_without_overflow():
    x, y = gg.Scalar(1.0), gg.Scalar(1.0)
    x.grad, y.grad = 3e200, 4e200
    assert gg.nn.utils.clip_grad_norm_([x, y], 1.0) == pytest.approx(5e200)
    assert (x.grad, y.grad) == pytest.approx((0.6, 0.8))


def test_options_are_attributes_while_groups_agree():
    optimizer = gg.optim.SGD([{"params": [gg.Scalar(1.0)]}, {"params": [gg.Scalar(2.0)], "lr": 0.5}], lr=0.1)
    with pytest.raises(AttributeError, match=r"differ in lr \(0.1, 0.5\): read param_groups"):
        _ = optimizer.lr
    optimizer.lr = 0.2
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.2]
    assert optimizer.momentum == 0


def test_a_closure_computes_the_loss():
    x = gg.Scalar(3.0)
    optimizer = gg.optim.SGD([x], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (x - 1) ** 2
        loss.backward()
        return loss

    assert optimizer.step(closure).data == 4.0
    assert x.data == 2.0
