"""A function of glassgrad is one of PyTorch's: autograd and torch.func agree with PyTorch's own functions."""

import pickle

import pytest

import glassgrad as gg

torch = pytest.importorskip("torch")
function = gg.interop.torch.function
pytestmark = [
    pytest.mark.one_build,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:torch"),
]


def numbers(*shape, dtype=torch.float64):
    generator = torch.Generator().manual_seed(len(shape) + sum(shape))
    return torch.randn(*shape, dtype=dtype, generator=generator)


def energy(x, y):
    return gg.sin(x).sum() * y + (x * x * y).sum()


def energy_of_torch(x, y):
    return torch.sin(x).sum() * y + (x * x * y).sum()


OURS = function(energy)
X, Y, ROWS = numbers(3), torch.tensor(0.7, dtype=torch.float64), numbers(4, 3)


def test_checks_of_pytorch_pass():
    x, y = X.clone().requires_grad_(), Y.clone().requires_grad_()
    assert torch.autograd.gradcheck(OURS, (x, y), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(OURS, (x, y), check_fwd_over_rev=True)


def many(x, w):
    return {"a": gg.exp(x @ w), "b": (x * x, w * 2.0)}


BATCHED = function(many, in_axes=(0, None))


def flat(x, w):
    found = BATCHED(x, w)
    return (found["a"], *found["b"])


def test_checks_pass_for_lanes_and_several_results():
    x, w = ROWS.clone().requires_grad_(), numbers(3).requires_grad_()
    assert torch.autograd.gradcheck(flat, (x, w), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(flat, (x, w), check_fwd_over_rev=True, check_rev_over_rev=True)
    assert torch.autograd.gradcheck(lambda w: flat(ROWS, w), (w,))
    assert torch.autograd.gradgradcheck(lambda w: flat(ROWS, w), (w,))
    assert torch.autograd.gradcheck(lambda x: flat(x, w.detach()), (x,))


@pytest.mark.parametrize("x", [numbers(3, 5).T, numbers(6)[::2], numbers(3, 2)[:, :1]], ids=["T", "step", "part"])
def test_tensors_may_lie_in_memory_in_any_way(x):
    f = function(lambda x: gg.tanh(x).sum(axis=0))
    assert torch.autograd.gradcheck(f, (x.requires_grad_(),))


def test_float32_stays_float32():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    value = OURS(x, 2)
    value.backward()
    assert (value.dtype, x.grad.dtype) == (torch.float32, torch.float32)
    assert torch.allclose(x.grad, torch.cos(x.detach()) * 2.0 + 4.0 * x.detach())
    y = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    OURS(x, y).backward()
    assert (OURS(x, y).dtype, y.grad.dtype) == (torch.float64, torch.float64)
    half = torch.tensor([1.0, 2.0], dtype=torch.bfloat16, requires_grad=True)
    OURS(half, 2).backward()
    assert half.grad.dtype == torch.bfloat16
    assert function(lambda: 1.0)().dtype == torch.get_default_dtype()


def alike(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "use",
    [
        lambda f: torch.func.grad(f, (0, 1))(X, Y),
        lambda f: torch.func.hessian(f)(X, Y),
        lambda f: torch.func.jvp(f, (X, Y), (X * 2.0, Y)),
        lambda f: torch.func.vjp(f, X, Y)[1](torch.tensor(2.0, dtype=torch.float64)),
        lambda f: torch.vmap(f, in_dims=(0, None))(ROWS, Y),
        lambda f: torch.vmap(f, in_dims=(1, None))(ROWS.T, Y),
        lambda f: torch.vmap(torch.func.grad(f, (0, 1)), in_dims=(0, None))(ROWS, Y),
        lambda f: torch.func.jacrev(torch.vmap(f, in_dims=(0, None)), argnums=(0, 1))(ROWS, Y),
        lambda f: torch.func.jacfwd(torch.vmap(f, in_dims=(0, None)), argnums=(0, 1))(ROWS, Y),
        lambda f: torch.vmap(torch.vmap(f, in_dims=(0, None)), in_dims=(None, 0))(ROWS, numbers(2)),
        lambda f: torch.autograd.functional.hessian(f, (X, Y)),
        lambda f: torch.autograd.grad(f(X.requires_grad_(), Y), X)[0],
    ],
)
def test_it_does_what_a_function_of_pytorch_does(use):
    alike(use(OURS), use(energy_of_torch))
    X.requires_grad_(False)


def test_lanes_of_lanes_are_one_batch():
    many_rows, w = numbers(2, 4, 3), numbers(3)
    found = torch.vmap(lambda x: BATCHED(x, w)["a"])(many_rows)
    alike(found, torch.exp(many_rows @ w))
    slope = torch.func.grad(lambda w: torch.vmap(lambda x: BATCHED(x, w)["a"])(many_rows).sum())(w)
    alike(slope, (torch.exp(many_rows @ w)[..., None] * many_rows).sum((0, 1)))
    each = torch.vmap(torch.func.grad(lambda w, x: BATCHED(x, w)["a"].sum()), in_dims=(None, 0))(w, many_rows)
    alike(each, (torch.exp(many_rows @ w)[..., None] * many_rows).sum(1))


def test_results_keep_their_structure_and_only_floats_have_gradients():
    f = function(lambda x: {"truth": x > 0, "n": 3, "text": "t", "none": None, "x": (x * 2.0, x[0])})
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    found = f(x)
    assert found["truth"].tolist() == [True, False]
    assert (found["n"].item(), found["text"], found["none"]) == (3, "t", None)
    assert not found["truth"].requires_grad
    found["x"][0].sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_options_are_fixed_and_other_arrays_come_in():
    import numpy as np

    f = function(lambda x, how, *, scale=1.0: x * scale if how == "times" else x / scale)
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert f(x, "times", scale=torch.tensor(4.0)).tolist() == [4.0, 8.0]
    assert f(x, "over", scale=4).tolist() == [0.25, 0.5]
    assert f(x, "times", scale=np.array([1.0, 2.0])).tolist() == [1.0, 4.0]
    by_name = function(lambda x, scale: x * scale, in_axes={"scale": None})
    assert by_name(x, scale=torch.tensor(4.0)).tolist() == [4.0, 8.0]
    with pytest.raises(TypeError, match="can be hashed"):
        f(x, {"times"})


def test_training_by_an_optimiser_of_pytorch():
    w = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    truth = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    residual = function(lambda x, y, w: ((x @ w) - y) ** 2, in_axes=(0, 0, None))
    optimiser = torch.optim.LBFGS([w])

    def closure():
        optimiser.zero_grad()
        loss = residual(ROWS, ROWS @ truth, w).mean()
        loss.backward()
        return loss

    for _ in range(5):
        optimiser.step(closure)
    torch.testing.assert_close(w.detach(), truth, rtol=1e-4, atol=1e-4)


def test_what_it_refuses():
    for x, cure in (
        (torch.ones(2, device="meta"), r"x\.cpu\(\)"),
        (torch.ones(2, dtype=torch.complex64), r"x\.real"),
        (torch.eye(2).to_sparse(), r"x\.to_dense\(\)"),
    ):
        with pytest.raises(TypeError, match=rf"an argument of energy is .*{cure}"):
            OURS(x, 1.0)
    with pytest.raises(TypeError, match="needs a function, got float"):
        function(1.0)


def test_it_pickles_and_says_what_it_is():
    f = pickle.loads(pickle.dumps(OURS))
    assert f(X, Y) == OURS(X, Y)
    assert repr(f) == "<gg.interop.torch.function of energy>"
    assert f.__name__ == "energy"


def test_no_lanes_and_no_numbers():
    assert function(lambda x: x.sum(), in_axes=0)(torch.ones(0, 3)).shape == (0,)
    assert function(lambda x: x * 2.0)(torch.ones(0, 3)).shape == (0, 3)
