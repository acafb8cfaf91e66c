"""`take`, and an `Array` indexed by integers: rows are read without a branch, and derivatives go back to them."""

import os
import warnings

import numpy as np
import pytest

import glassgrad as gg

TABLE = np.arange(12.0).reshape(4, 3) ** 2 + 1.0


def paths(compiled):
    return sum(len(program.traces) for program in compiled.programs.values())


@pytest.mark.parametrize("axis", [0, 1, -1, 2])
@pytest.mark.parametrize("index", [0, 2, -1, [0, 1, 1], [[1, -1], [0, 0]], []])
def test_it_reads_as_numpy_does(axis, index):
    rows = np.random.default_rng(0).normal(size=(3, 4, 5))
    index = np.array(index, dtype=int) if isinstance(index, list) else index
    expected = np.take(rows, index, axis)
    assert np.array_equal(gg.take(rows, index, axis), expected)
    compiled = gg.jit(lambda rows, i: gg.take(rows, i, axis))
    assert np.array_equal(compiled(rows, index), expected)
    slope = gg.jit(gg.grad(lambda rows, i: gg.take(rows, i, axis).sum()))(rows, index)
    counts = np.bincount(np.ravel(index) % rows.shape[axis], minlength=rows.shape[axis])
    assert np.array_equal(np.moveaxis(slope, axis, -1), np.broadcast_to(counts, np.moveaxis(rows, axis, -1).shape))
    assert np.array_equal(gg.grad(lambda rows: gg.take(rows, index, axis).sum())(rows), slope)


@pytest.mark.parametrize("count", [1, 2, 4, 5, 30])
def test_constants_inputs_and_intermediates(count):
    values = np.random.default_rng(1).normal(size=count)

    def constants(x, i):
        return x * gg.take(values, i)

    def inputs(x, i, table):
        return x * gg.take(table, i)

    def intermediates(x, i):
        return gg.take([gg.sin(x * v) for v in values], i)

    places = np.arange(-count, count)
    x = np.linspace(0.5, 1.5, 2 * count)
    for f, more in ((constants, ()), (inputs, (values,)), (intermediates, ())):
        compiled, axes = gg.jit(f), (0, 0, *[None] * len(more))
        slope = gg.jit(gg.grad(f))
        for a, i in zip(x, places):
            i = int(i)
            wanted = np.sin(a * values[i]) if f is intermediates else a * values[i]
            assert compiled(a, i, *more) == pytest.approx(wanted, rel=1e-14)
            wanted = values[i] * np.cos(a * values[i]) if f is intermediates else values[i]
            assert slope(a, i, *more) == pytest.approx(wanted, rel=1e-14)
        assert paths(compiled) == 1
        batch = gg.vmap(f, in_axes=axes)(x, places, *more)
        assert batch == pytest.approx([f(a, int(i), *more) for a, i in zip(x, places)], rel=1e-14)
        batch = gg.vmap(gg.grad(f), in_axes=axes)(x, places, *more)
        assert batch == pytest.approx([slope(a, int(i), *more) for a, i in zip(x, places)], rel=1e-14)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("layout", ["rows", "lanes", "reversed", "shared"])
@pytest.mark.parametrize("lanes", [1, 7, 40])
def test_rows_are_read_where_they_lie(kind, layout, lanes):
    rng = np.random.default_rng(2)
    tables = rng.normal(size=(lanes, 4, 3)).astype(kind)
    if layout == "lanes":
        tables = np.moveaxis(np.ascontiguousarray(np.moveaxis(tables, 0, -1)), -1, 0)
    elif layout == "reversed":
        tables = tables[:, ::-1, ::-1]
    places = rng.integers(-4, 4, lanes)
    axes = (0, 0)
    given = tables
    if layout == "shared":
        axes, given = (None, 0), tables[0]
        tables = np.broadcast_to(tables[0], tables.shape)
    found = gg.vmap(lambda table, i: table[i], in_axes=axes)(given, places)
    assert np.array_equal(found, tables[range(lanes), places])
    slopes = gg.vmap(gg.grad(lambda table, i: (table[i] ** 2).sum()), in_axes=axes)(given, places)
    expected = np.zeros(tables.shape)
    expected[range(lanes), places] = 2 * tables[range(lanes), places].astype(float)
    assert slopes == pytest.approx(expected, rel=1e-6 if kind is np.float32 else 1e-15)
    summed = gg.vmap(gg.grad(lambda table, i: (table[i] ** 2).sum()), in_axes=axes, reduce="sum")(given, places)
    assert summed == pytest.approx(expected.sum(axis=0), rel=1e-5 if kind is np.float32 else 1e-13)


@pytest.mark.parametrize(
    "read",
    [
        lambda t, i, j: t[i],
        lambda t, i, j: t[:, j],
        lambda t, i, j: t[..., j],
        lambda t, i, j: t[i, j],
        lambda t, i, j: t[i, 1:],
        lambda t, i, j: t[None, i, ::-1],
        lambda t, i, j: t[i + 1 - 1, 2 * j - j],
        lambda t, i, j: t[-1, j],
        lambda t, i, j: t[1:][i - 1],
        lambda t, i, j: t.T[j, i],
    ],
)
def test_an_array_indexed_by_integers(read):
    compiled, slope = gg.jit(read), gg.jit(gg.grad(lambda *args: np.sum(read(*args) ** 2)))
    for i, j in ((1, 0), (3, 2), (2, 1)):
        assert np.array_equal(compiled(TABLE, i, j), read(TABLE, i, j))
        assert np.array_equal(slope(TABLE, i, j), gg.grad(lambda t: np.sum(read(t, i, j) ** 2))(TABLE))
        assert np.array_equal(gg.grad(lambda *args: np.sum(read(*args) ** 2))(TABLE, i, j), slope(TABLE, i, j))
    assert paths(compiled) == paths(slope) == 1


@pytest.mark.parametrize("rounds", [1, 60])
@pytest.mark.parametrize("reduce", [None, "sum"])
def test_rows_are_read_behind_a_branch_and_in_long_code(rounds, reduce):
    constants = np.cos(np.arange(9.0))

    def f(table, x, i):
        total = x if x > 0 else -2.0 * x
        for k in range(rounds):
            total = (
                total * 0.5
                + gg.take(table, i)[k % 3] * gg.take(constants, 2 * i + 1)
                + gg.take([x, total, x * x], i - 1)
            )
        return total

    rng = np.random.default_rng(5)
    x, i = rng.normal(size=100), rng.integers(0, 4, 100)
    for table, axes in ((TABLE, (None, 0, 0)), (rng.normal(size=(100, 4, 3)), (0, 0, 0))):
        rows = [table if axes[0] is None else table[k] for k in range(100)]
        found = gg.vmap(gg.value_and_grad(f, argnums=(0, 1)), in_axes=axes, reduce=reduce)(table, x, i)
        each = [gg.value_and_grad(f, argnums=(0, 1))(row, float(a), int(b)) for row, a, b in zip(rows, x, i)]
        wanted = [np.array(column) for column in zip(*[(value, *slopes) for value, slopes in each])]
        if reduce:
            wanted = [column.sum(axis=0) for column in wanted]
        for a, b in zip((found[0], *found[1]), wanted):
            assert a == pytest.approx(b, rel=1e-11, abs=1e-11)


SQUARE = gg.primitive(partials=lambda y, x: 2.0 * x, name="square_in_python")(lambda x: float(x) * float(x))


@pytest.mark.parametrize("lanes", [5, 100, 9000])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("reduce", ["sum", "mean"])
@pytest.mark.parametrize("width", [1, 5, 60])
def test_a_summed_gradient_is_added_to_the_rows_that_were_read(lanes, kind, reduce, width):
    """Against NumPy's ``add.at``, with more rows than are added one by one."""
    rng = np.random.default_rng(6)
    table, weights = rng.normal(size=(20, width)).astype(kind), rng.normal(size=width).astype(kind)
    places, y = rng.integers(-20, 20, lanes), rng.normal(size=lanes).astype(kind)

    def loss(table, weights, i, y):
        return (gg.take(table, i) @ weights - y) ** 2

    axes = (None, None, 0, 0)
    value, (slope, by_weight) = gg.vmap(gg.value_and_grad(loss, argnums=(0, 1)), axes, reduce=reduce)(
        table, weights, places, y
    )
    table, weights, y = table.astype(float), weights.astype(float), y.astype(float)
    error = table[places] @ weights - y
    wanted = np.zeros((20, width))
    np.add.at(wanted, places, 2 * error[:, None] * weights)
    scale = lanes if reduce == "mean" else 1
    close = {"rel": 1e-10, "abs": 1e-10} if kind is np.float64 else {"rel": 1e-4, "abs": 1e-3}
    assert slope == pytest.approx(wanted / scale, **close)
    assert by_weight == pytest.approx((2 * error[:, None] * table[places]).sum(axis=0) / scale, **close)
    assert value == pytest.approx((error**2).sum() / scale, **close)


def test_a_summed_gradient_does_not_depend_on_threads_or_on_how_it_is_summed():
    rng = np.random.default_rng(7)
    table, places, x = rng.normal(size=40), rng.integers(-40, 45, 30_000), rng.normal(size=30_000)

    def f(table, i, x):
        return gg.where(x > 3.0, 0.0, x * gg.exp(gg.take(table, i)))

    def branching(table, i, x):
        return 0.0 if x > 3.0 else x * gg.exp(gg.take(table, i))

    def calling(table, i, x):
        return gg.where(x > 3.0, 0.0, x * gg.exp(gg.take(table, i))) + 0.0 * SQUARE(x)

    inside = abs(places + 0.5) < 40
    found = [
        gg.vmap(gg.grad(g), (None, 0, 0), reduce="sum", threads=threads)(table, places[inside], x[inside])
        for g, threads in ((f, 1), (f, 2), (branching, 1))
    ]
    assert np.array_equal(found[0], found[1])
    assert found[2] == pytest.approx(found[0], rel=1e-12)
    some = gg.vmap(gg.grad(calling), (None, 0, 0), reduce="sum")(table, places[inside][:50], x[inside][:50])
    assert some == pytest.approx(
        gg.vmap(gg.grad(f), (None, 0, 0))(table, places[inside][:50], x[inside][:50]).sum(axis=0)
    )


def test_an_array_of_indices_reads_rows():
    compiled = gg.jit(lambda table, places: table[places])
    for places in (np.array([0, 3, 3]), np.array([-1, 2, 0])):
        assert np.array_equal(compiled(TABLE, places), TABLE[places])
    assert paths(compiled) == 1


@pytest.mark.parametrize("i", [4, -5, 1000])
def test_no_such_row(i):
    with pytest.raises(IndexError, match=rf"there is no row {i} among 4: the index must be from -4 to 3"):
        gg.take(TABLE, i)
    with pytest.raises(IndexError, match="there is no row"):
        gg.grad(lambda table, i: gg.take(table, i).sum())(TABLE, i)
    for read in (lambda t, i: t[i, 1].sum(), lambda t, i: t[0, i], lambda t, i: t[i - 0, i]):
        with pytest.raises(IndexError, match=r"there is no row .* among \d: the index must be from -\d to \d"):
            gg.grad(read, argnums=(0, 1))(TABLE, i)
    for rows in (TABLE, TABLE.tolist()):
        assert np.isnan(gg.jit(lambda table, i: gg.take(table, i))(rows, i)).all()
        assert np.isnan(gg.jit(lambda i, rows=rows: gg.take(rows, i))(i)).all()
    assert np.isnan(gg.jit(lambda table, i: table[1, i])(TABLE, i))
    assert np.isnan(gg.jit(lambda table, i: table[i, 1])(TABLE, i))
    assert np.isnan(gg.vmap(lambda table, i: table[i, 1], in_axes=(None, 0))(TABLE, np.array([0, i]))).tolist() == [
        0,
        1,
    ]
    with gg.detect_anomaly(), pytest.raises(gg.AnomalyError):
        gg.jit(lambda table, i: gg.take(table, i))(TABLE, i)


def test_uncompiled_calls_return_nan_as_well(monkeypatch):
    monkeypatch.setattr(gg.config, "compile_budget", 0.0)
    compiled = gg.jit(lambda table, i: gg.take(table, i) * 2.0)
    assert np.isnan(compiled(TABLE, 9)).all()
    assert np.array_equal(compiled(TABLE, 1), 2.0 * TABLE[1])


@pytest.mark.parametrize("index", [1.0, np.array([0.5]), "a", None, gg.Scalar(1.0)])
def test_an_index_must_be_an_integer(index):
    with pytest.raises(TypeError, match=r"gg.take needs an integer as the index"):
        gg.take(TABLE, index)


def test_rows_must_be_rows():
    with pytest.raises(TypeError, match=r"gg.take needs rows to read"):
        gg.take(1.0, 0)
    with pytest.raises(ValueError, match="rows of equal length"):
        gg.take([[1.0], [1.0, 2.0]], 0)
    with pytest.raises(ValueError, match="axis must be an axis of the rows"):
        gg.take(TABLE, 0, axis=2)


def test_a_table_of_integers_gives_integers():
    """A machine that counts modulo 3: the next state is read from a table, by the state and the symbol."""
    step = [[0, 1], [1, 2], [2, 0]]

    def f(x, symbols):
        state = 0
        for symbol in symbols:
            state = gg.take(np.ravel(step), 2 * state + symbol)
        return x * gg.take([10.0, 20.0, 30.0], state)

    compiled = gg.jit(f)
    for symbols in ([1, 1, 0, 1], [1, 1, 0, 0], [0, 1, 0, 0]):
        assert compiled(1.0, np.array(symbols)) == f(1.0, symbols) == [10.0, 20.0, 30.0][sum(symbols) % 3]
    assert paths(compiled) == 1
    assert type(gg.take([1, 2, 3], 1)) is int
    assert gg.take(np.arange(3, dtype=np.float32), [0, 1]).dtype == np.float32
    assert gg.take([1, 2, 3], [0, 1]).dtype.kind == "i"


def test_the_side_not_taken_gives_no_nan():
    def f(x, i):
        return gg.take([x * x, gg.sqrt(x), gg.log(x)], i)

    assert gg.jit(gg.grad(f))(0.0, 0) == 0.0
    assert gg.vmap(gg.grad(f))(np.array([0.0, 4.0]), np.array([0, 1])).tolist() == [0.0, 0.25]


def test_second_derivatives_and_tangents():
    def f(table, i):
        return (table[i] ** 3).sum() * gg.take(table, -1 - i)[0]

    at = TABLE[:, :2] / 10
    for i in range(4):
        wanted = gg.hessian(lambda t, i=i: f(t, i))(at)
        assert gg.jit(gg.hessian(f))(at, i) == pytest.approx(wanted)
        value, tangent = gg.jit(lambda t, d, i: gg.jvp(lambda t: f(t, i), (t,), (d,)))(at, at, i)
        assert tangent == pytest.approx((gg.grad(lambda t, i=i: f(t, i))(at) * at).sum())
        assert value == pytest.approx(float(f(at, i)))


def likelihood(transitions, emissions, start, seen):
    """Return the log likelihood of a hidden Markov model, by the forward algorithm with scaling (Rabiner, 1989)."""
    alpha = start * emissions[:, seen[0]]
    total = 0.0
    for t in range(1, len(seen)):
        scale = alpha.sum()
        total = total + np.log(scale)
        alpha = (alpha / scale) @ transitions * emissions[:, seen[t]]
    return total + np.log(alpha.sum())


def test_a_hidden_markov_model_with_integer_observations():
    rng = np.random.default_rng(3)
    transitions, emissions, start = (
        rng.dirichlet(np.ones(3), 3),
        rng.dirichlet(np.ones(4), 3),
        rng.dirichlet(np.ones(3)),
    )
    seen = rng.integers(0, 4, (5, 40))
    wanted = [float(likelihood(transitions, emissions, start, row)) for row in seen]
    compiled = gg.jit(gg.value_and_grad(likelihood, argnums=(0, 1)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for row, value in zip(seen, wanted):
            found, slopes = compiled(transitions, emissions, start, row)
            assert found == pytest.approx(value, abs=1e-10)
            plain = gg.grad(lambda a, b, row=row: likelihood(a, b, start, row), argnums=(0, 1))(transitions, emissions)
            assert slopes[0] == pytest.approx(plain[0], rel=1e-10)
            assert slopes[1] == pytest.approx(plain[1], rel=1e-10)
        batch = gg.vmap(likelihood, in_axes=(None, None, None, 0))(transitions, emissions, start, seen)
    assert batch == pytest.approx(wanted, abs=1e-10)
    assert paths(compiled) == 1


def test_a_large_table_is_one_piece_of_code():
    rng = np.random.default_rng(4)
    table, weights = rng.normal(size=(300, 8)), rng.normal(size=8)

    def loss(table, weights, i, y):
        return (gg.take(table, i) @ weights - y) ** 2

    compiled = gg.jit(loss)
    for i in (0, 17, 299, -1):
        assert compiled(table, weights, i, 1.0) == pytest.approx((table[i] @ weights - 1.0) ** 2)
    lowered = compiled.lower(table, weights, 0, 1.0)
    assert "take(" in str(lowered.tape)
    if os.environ.get("GLASSGRAD_TARGET") != "none":
        assert lowered.llvm.count("\n") < 600


# A hidden Markov model as a textbook writes it. The log-likelihood and its gradients are by JAX 0.10.2 in float64, with
# jax.numpy in place of numpy.
HMM = np.random.default_rng(7)
TRANSITIONS, EMISSIONS = HMM.normal(size=(3, 3)), HMM.normal(size=(3, 4))
OBSERVATIONS = HMM.integers(0, 4, 60)
LIKELIHOOD = -87.15017685618852
BY_TRANSITIONS = [
    [0.30406126557523994, -1.007434847318395, 0.7033735817431568],
    [0.8276405929136361, -1.4655635667755398, 0.6379229738619001],
    [0.1335035277745411, -0.6648559083610479, 0.5313523805865086],
]
BY_EMISSIONS = [
    [0.5315720539262752, -1.9972159537142131, -1.9219496635960267, 3.387593563383966],
    [1.8079594625513042, -1.599894565624405, -2.3848028338563445, 2.1767379369294475],
    [0.8590999674364594, -0.7079615544154663, -1.432877350643786, 1.2817389376227928],
]


def hidden_markov(a, b, observations):
    transition = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
    emission = np.exp(b) / np.exp(b).sum(axis=1, keepdims=True)
    alpha = emission[:, observations[0]] / 3
    total = 0.0
    for t in range(1, len(observations)):
        scale = alpha.sum()
        total = total + np.log(scale)
        alpha = (alpha / scale) @ transition * emission[:, observations[t]]
    return total + np.log(alpha.sum())


@pytest.mark.parametrize("transform", [lambda f: f, gg.jit], ids=["eager", "jit"])
def test_a_hidden_markov_model_agrees_with_jax(transform):
    f = transform(gg.value_and_grad(hidden_markov, argnums=(0, 1)))
    value, (by_transitions, by_emissions) = f(TRANSITIONS, EMISSIONS, OBSERVATIONS)
    assert value == pytest.approx(LIKELIHOOD, rel=1e-12)
    assert by_transitions == pytest.approx(np.array(BY_TRANSITIONS), rel=1e-10)
    assert by_emissions == pytest.approx(np.array(BY_EMISSIONS), rel=1e-10)


@pytest.mark.filterwarnings("ignore:.*changes the list")
def test_other_observations_take_the_path_that_is_there():
    runs = []

    def counted(a, b, observations):
        runs.append(1)
        return hidden_markov(a, b, observations)

    f = gg.jit(gg.value_and_grad(counted, argnums=(0, 1)))
    f(TRANSITIONS, EMISSIONS, OBSERVATIONS)
    seen = len(runs)
    value, _ = f(TRANSITIONS, EMISSIONS, OBSERVATIONS[::-1].copy())
    assert len(runs) == seen
    assert value == pytest.approx(float(hidden_markov(TRANSITIONS, EMISSIONS, OBSERVATIONS[::-1])), rel=1e-12)
