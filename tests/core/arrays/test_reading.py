"""Arrays of other libraries come in as numbers, or are refused with the reason and the cure."""

import array
import ctypes
import datetime
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

import glassgrad as gg

NUMBERS = np.array([1.0, 2.0])


def library(name):
    return pytest.importorskip(name)


def pandas(make):
    return lambda: make(library("pandas"))


def polars(make):
    return lambda: make(library("polars"))


def torch(make):
    return lambda: make(library("torch"))


class OfDLPack:
    """An array that says only how its memory lies."""

    def __dlpack__(self, **options):
        return NUMBERS.__dlpack__(**options)

    def __dlpack_device__(self):
        return NUMBERS.__dlpack_device__()


class OfStruct:
    __array_struct__ = NUMBERS.__array_struct__


# All of them hold 1.0 and 2.0.
COME_IN = {
    "array.array": lambda: array.array("d", [1.0, 2.0]),
    "array.array of ints": lambda: array.array("i", [1, 2]),
    "array.array of bytes": lambda: array.array("B", [1, 2]),
    "memoryview": lambda: memoryview(NUMBERS),
    "memoryview of small ints": lambda: memoryview(NUMBERS.astype(np.uint8)),
    "memoryview, cast": lambda: memoryview(NUMBERS.tobytes()).cast("d"),
    "range": lambda: range(1, 3),
    "ctypes": lambda: (ctypes.c_double * 2)(1.0, 2.0),
    "__array_interface__": lambda: SimpleNamespace(__array_interface__=NUMBERS.__array_interface__),
    "__array_struct__": lambda: OfStruct(),
    "__dlpack__": lambda: OfDLPack(),
    "x.flat": lambda: NUMBERS.flat,
    "float16": lambda: NUMBERS.astype(np.float16),
    "longdouble": lambda: NUMBERS.astype(np.longdouble),
    "pandas, a column": pandas(lambda pd: pd.DataFrame({"a": NUMBERS, "b": ["x", "y"]})["a"]),
    "pandas, float32": pandas(lambda pd: pd.Series(NUMBERS, dtype="float32")),
    "pandas, Int64": pandas(lambda pd: pd.Series([1, 2], dtype="Int64")),
    "pandas, Float64": pandas(lambda pd: pd.Series([1, 2], dtype="Float64")),
    "pandas, objects": pandas(lambda pd: pd.Series([Decimal(1), 2], dtype=object)),
    "pandas, sparse": pandas(lambda pd: pd.Series(pd.arrays.SparseArray(NUMBERS))),
    "pandas, an index": pandas(lambda pd: pd.Index(NUMBERS)),
    "pandas, an extension": pandas(lambda pd: pd.array([1, 2])),
    "polars": polars(lambda pl: pl.Series(NUMBERS)),
    "polars, ints": polars(lambda pl: pl.Series([1, 2])),
    "polars, decimals": polars(lambda pl: pl.Series([Decimal(1), Decimal(2)])),
    "pyarrow": lambda: library("pyarrow").array(NUMBERS),
    "pyarrow, in chunks": lambda: library("pyarrow").chunked_array([[1.0], [2.0]]),
    "xarray": lambda: library("xarray").DataArray(NUMBERS, dims=["time"]),
    "torch": torch(lambda torch: torch.tensor(NUMBERS)),
    "torch, strided": torch(lambda torch: torch.tensor([[1.0, 9.0], [2.0, 9.0]])[:, 0]),
    "torch, float16": torch(lambda torch: torch.tensor([1.0, 2.0]).half()),
    "torch, bfloat16": torch(lambda torch: torch.tensor([1.0, 2.0]).bfloat16()),
    "torch, ints": torch(lambda torch: torch.tensor([1, 2])),
    "torch, a negative view": torch(lambda torch: torch.imag(torch.tensor([1 - 1j, 2 - 2j]).conj())),
    "jax": lambda: library("jax").numpy.array(NUMBERS),
    "jax, bfloat16": lambda: library("jax").numpy.array(NUMBERS, dtype="bfloat16"),
}
TABLES = {
    "pandas": pandas(lambda pd: pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4]})),
    "pandas, nullable": pandas(lambda pd: pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4]}).convert_dtypes()),
    "polars": polars(lambda pl: pl.DataFrame({"a": [1.0, 2.0], "b": [3, 4]})),
    "pyarrow": lambda: library("pyarrow").table({"a": [1.0, 2.0], "b": [3.0, 4.0]}),
    "xarray": lambda: library("xarray").DataArray([[1.0, 3.0], [2.0, 4.0]]),
}
DAYS = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]
REFUSED = {
    "pandas, Int64 with NA": (pandas(lambda pd: pd.Series([1, None], dtype="Int64")), r"missing.*x\.fillna\(0\.0\)"),
    "pandas, Float64 with NA": (pandas(lambda pd: pd.Series([1, None], dtype="Float64")), r"missing.*x\.dropna\(\)"),
    "pandas, None": (pandas(lambda pd: pd.Series([1.0, None], dtype=object)), r"missing.*the first at \[1\]"),
    "pandas, categories": (pandas(lambda pd: pd.Series([1.0, 2.0], dtype="category")), r"categories.*x\.cat\.codes"),
    "pandas, text": (pandas(lambda pd: pd.Series(["a", "b"])), r"holds text.*x\.astype\(float\)"),
    "pandas, dates": (pandas(lambda pd: pd.Series(pd.to_datetime(DAYS))), r"datetime64.*not numbers"),
    "pandas, durations": (pandas(lambda pd: pd.Series(pd.to_timedelta([1, 2]))), r"x\.dt\.total_seconds\(\)"),
    "pandas, periods": (pandas(lambda pd: pd.Series(pd.period_range("2020", periods=2))), "period.*not numbers"),
    "pandas, complex": (pandas(lambda pd: pd.Series([1j, 2])), r"complex.*x\.real"),
    "pandas, a column of text": (pandas(lambda pd: pd.DataFrame({"a": [1.0], "n": ["x"]})), "text in its column 'n'"),
    "polars, null": (polars(lambda pl: pl.Series([1, None])), r"missing.*x\.fill_null\(0\.0\)"),
    "polars, a table with null": (polars(lambda pl: pl.DataFrame({"a": [1.0, None]})), r"missing.*x\.drop_nulls\(\)"),
    "polars, text": (polars(lambda pl: pl.Series(["a"])), r"holds text.*x\.cast\(float\)"),
    "polars, dates": (polars(lambda pl: pl.Series(DAYS)), "Date.*not numbers"),
    "polars, categories": (polars(lambda pl: pl.Series(["a"], dtype=pl.Categorical)), r"labels.*x\.to_physical\(\)"),
    "pyarrow, null": (lambda: library("pyarrow").array([1.0, None]), r"missing.*x\.fill_null\(0\.0\)"),
    "masked": (lambda: np.ma.array([1.0, 2.0], mask=[0, 1]), r"mask.*x\.filled"),
    "xarray, dates": (lambda: library("xarray").DataArray(np.array(DAYS, "M8[ns]")), "datetime64"),
    "xarray, many": (lambda: library("xarray").Dataset({"a": ("t", [1.0])}), "Dataset, which cannot be read"),
    "pint": (lambda: NUMBERS * library("pint").UnitRegistry().m, r"in meter, whose unit.*x\.magnitude"),
    "pint, one number": (lambda: 2.0 * library("pint").UnitRegistry().m, r"in meter, whose unit.*x\.magnitude"),
    "xarray of pint": (
        lambda: library("xarray").DataArray(NUMBERS * library("pint").UnitRegistry().m),
        r"in meter, whose unit",
    ),
    "astropy": (lambda: NUMBERS * library("astropy.units").m, r"Quantity, whose unit.*x\.value"),
    "unyt": (lambda: NUMBERS * library("unyt").m, r"unyt_array, whose unit.*x\.value"),
    "uncertainties": (lambda: library("uncertainties.unumpy").uarray([1.0], [0.1]), "nominal_value"),
    "torch, requires grad": (
        torch(lambda torch: torch.tensor([1.0], requires_grad=True)),
        r"gg\.interop\.torch\.function\(f\).*x\.detach\(\)",
    ),
    "torch, a number that requires grad": (
        torch(lambda torch: torch.tensor(1.0, requires_grad=True)),
        r"gg\.interop\.torch\.function\(f\).*x\.detach\(\)",
    ),
    "torch, sparse": (torch(lambda torch: torch.eye(2).to_sparse()), r"sparse.*x\.to_dense\(\)"),
    "torch, elsewhere": (torch(lambda torch: torch.ones(2, device="meta")), r"device meta.*x\.cpu\(\)"),
    "torch, complex": (torch(lambda torch: torch.tensor([1j])), r"complex.*x\.real"),
    "jax, complex": (lambda: library("jax").numpy.array([1j]), r"complex.*x\.real"),
    "jax, a key": (lambda: library("jax").random.key(0), "cannot be read"),
    "raw bytes": (lambda: memoryview(b"ab"), r"raw bytes.*np\.frombuffer\(x"),
    "records": (
        lambda: SimpleNamespace(__array_interface__=np.zeros(1, [("a", "f8")]).__array_interface__),
        "records.*one of its fields",
    ),
    "letters": (lambda: array.array("u", "ab"), "holds text"),
}
DOORS = {
    "gg.array": lambda x: gg.values(gg.array(x)),
    "gg.scalars": lambda x: gg.values(gg.scalars(x)),
    "grad": gg.grad(lambda x: (x * x).sum() if hasattr(x, "sum") else x * x),
    "jit": gg.jit(lambda x: x * 2.0),
    "jit of grad": gg.jit(gg.grad(lambda x: (x * x).sum() if hasattr(x, "sum") else x * x)),
    "vmap of grad": lambda x: gg.vmap(gg.grad(lambda x: x * x))(x),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", COME_IN)
def test_numbers_come_in(name, door):
    np.testing.assert_array_equal(DOORS[door](COME_IN[name]()), DOORS[door](NUMBERS))


@pytest.mark.parametrize("name", TABLES)
def test_tables_come_in_as_matrices(name):
    table, matrix = TABLES[name](), np.array([[1.0, 3.0], [2.0, 4.0]])
    f = lambda x: gg.exp(x[0] * x[1])
    np.testing.assert_array_equal(gg.vmap(gg.grad(f))(table), gg.vmap(gg.grad(f))(matrix))
    np.testing.assert_array_equal(gg.grad(lambda w: (np.asarray(table, float) @ w).sum())(NUMBERS), matrix.sum(0))
    np.testing.assert_array_equal(gg.jit(lambda x, w: x @ w)(table, NUMBERS), matrix @ NUMBERS)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", REFUSED)
def test_what_would_lose_its_meaning_is_refused(name, door):
    make, message = REFUSED[name]
    x = make()
    if door == "vmap of grad" and name in ("pint, one number", "torch, a number that requires grad", "xarray, many"):
        return  # these have no lanes
    with pytest.raises(TypeError, match=message) as caught:
        DOORS[door](x)
    assert "\n" not in str(caught.value)
    if door.startswith(("jit", "grad")):
        assert "argument 'x' of " in str(caught.value)


def test_columns_beside_nodes():
    pd = library("pandas")
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 7.0]})
    loss = lambda w: ((table["x"] * w - table["y"]) ** 2).sum()
    expected = 2 * float((table["x"] * (table["x"] * 2.0 - table["y"])).sum())
    for transform in (lambda f: f, gg.jit):
        assert transform(gg.grad(loss))(2.0) == pytest.approx(expected)
        assert transform(gg.grad(lambda w: gg.dot(table["x"], table["y"] * w)))(2.0) == 31.0
        assert transform(lambda w: table["x"] * w)(2.0).tolist() == [2.0, 4.0, 6.0]
        assert transform(gg.jacobian(lambda w: gg.exp(table["x"] * w)))(0.0).tolist() == [1.0, 2.0, 3.0]
    a, b = table["x"][:2], table["x"][1:]
    both = a * gg.Scalar(2.0) + b
    assert both.index.tolist() == [0, 1, 2]  # pandas still matches the rows by their index
    assert both[1].data == 6.0


@pytest.mark.parametrize("name", ["torch", "jax", "array.array", "memoryview", "range", "pyarrow"])
def test_operations_with_arrays_that_cannot_hold_nodes(name):
    s, x, nodes = COME_IN[name](), gg.Scalar(3.0), gg.array([3.0, 5.0])
    for found, expected in (
        (x * s, 3.0 * NUMBERS),
        (s * x, 3.0 * NUMBERS),
        (x - s, 3.0 - NUMBERS),
        (s - x, NUMBERS - 3.0),
        (s / x, NUMBERS / 3.0),
        (s**x, NUMBERS**3.0),
        (nodes * s, [3.0, 10.0]),
        (nodes @ s, 13.0),
        (np.maximum(x, s), [3.0, 3.0]),
        (gg.maximum(s, nodes), [3.0, 5.0]),
        (gg.dot(nodes, s), 13.0),
    ):
        np.testing.assert_array_equal(gg.values(found), expected)
    if name != "pyarrow":
        for found, expected in ((s * nodes, [3.0, 10.0]), (s - nodes, [-2.0, -3.0]), (s @ nodes, 13.0)):
            np.testing.assert_array_equal(gg.values(found), expected)
    assert gg.grad(lambda y: (s * y).sum())(2.0) == 3.0
    assert gg.jit(gg.grad(lambda y: (y * s).sum() + (s / y).sum()))(2.0) == 3.0 - 3.0 / 4.0


def test_polars_beside_a_node():
    s, x = COME_IN["polars"](), gg.Scalar(3.0)
    assert gg.values(x * s).tolist() == [3.0, 6.0]
    assert gg.values(gg.array([3.0, 5.0]) * s).tolist() == [3.0, 10.0]
    with pytest.warns(gg.GraphWarning, match="polars's __mul__"):  # polars decides what a node on its right means
        s * x


def test_units_stay_beside_a_node():
    metre = library("pint").UnitRegistry().m
    for found in (gg.Scalar(3.0) * (NUMBERS * metre), (NUMBERS * metre) * gg.Scalar(3.0)):
        assert str(found.units) == "meter"
        assert gg.values(found.magnitude).tolist() == [3.0, 6.0]
    assert gg.grad(lambda x: (x * (2.0 * metre)).magnitude)(3.0) == 2.0


def test_a_quantity_without_a_dimension_is_a_number():
    registry = library("pint").UnitRegistry()
    assert gg.jit(lambda x: x * 2.0)(3.0 * registry.km / registry.m) == 6000.0


def test_labels_of_xarray_stay_beside_a_node():
    xarray = library("xarray")
    times = xarray.DataArray([1.0, 2.0], dims=["time"])
    places = xarray.DataArray([1.0, 2.0, 3.0], dims=["place"])
    for transform in (lambda f: f, gg.jit):
        assert transform(gg.grad(lambda w: (times * w * places).sum()))(2.0) == 18.0
        assert np.asarray(transform(lambda w: times * w)(2.0), float).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("door", DOORS)
def test_dask_is_computed_with_a_warning(door):
    lazy = library("dask.array").from_array(NUMBERS, chunks=1)
    with pytest.warns(RuntimeWarning, match="is a Dask Array, and all of it is computed now") as caught:
        np.testing.assert_array_equal(DOORS[door](lazy), DOORS[door](NUMBERS))
    assert caught[0].filename == __file__


def test_dask_beside_a_node():
    lazy = library("dask.array").from_array(NUMBERS, chunks=1)
    for use in (lambda: gg.Scalar(2.0) * lazy, lambda: gg.array([2.0, 2.0]) * lazy, lambda: lazy * gg.Scalar(2.0)):
        with pytest.warns(RuntimeWarning, match="is a Dask Array"):
            assert gg.values(use()).tolist() == [2.0, 4.0]


def test_no_library_is_imported():
    import subprocess
    import sys

    code = (
        "import sys, array, glassgrad as gg\n"
        "gg.jit(gg.grad(lambda x: (x * x).sum()))(array.array('d', [1.0]))\n"
        "gg.Scalar(1.0) * range(3), gg.interop.torch, gg.interop.jax\n"
        "print({'pandas', 'polars', 'torch', 'jax', 'xarray', 'dask', 'attr', 'pint'} & {*sys.modules})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


# A column beside a node, in NumPy's functions: the name, the function of a number, a column and NumPy's functions

BESIDE = {
    "interp": lambda x, c: np.interp(x * 3.0, c, c * c),
    "interp, as the arguments": lambda x, c: np.sum(np.interp(c, c * 1.0, c * 2.0) * x),
    "gg.interp": lambda x, c: gg.interp(x * 3.0, c, c * c),
    "maximum": lambda x, c: np.sum(np.maximum(x * 3.0, c)),
    "maximum, the column first": lambda x, c: np.sum(np.maximum(c, x * 3.0)),
    "clip, the columns first": lambda x, c: np.sum(np.clip(x * 3.0, c, c + 1.0)),
    "where": lambda x, c: np.sum(np.where(c > 2.0, x * 3.0, c)),
    "dot": lambda x, c: np.dot(c, np.stack([x, x * x, x])),
    "concatenate": lambda x, c: np.sum(np.concatenate([np.stack([x, x * x]), c]) ** 2),
    "logaddexp, the column first": lambda x, c: np.sum(np.logaddexp(c, x)),
    "polyval": lambda x, c: np.polyval(c, x),
    "outer": lambda x, c: np.sum(np.multiply.outer(np.stack([x, 2.0 * x]), c)),
    "einsum": lambda x, c: np.einsum("i,i", c, np.stack([x, x * x, x])),
}


POLARS = [name for name in BESIDE if "first" not in name]  # polars computes a ufunc itself if a column comes first


@pytest.mark.parametrize(
    ("column", "name"), [*[("pandas", name) for name in BESIDE], *[("polars", name) for name in POLARS]]
)
def test_numpys_functions_take_a_column_beside_a_node(name, column):
    numbers = np.array([1.0, 4.0, 9.0])
    series, f = library(column).Series(numbers), BESIDE[name]
    expected = f(0.7, numbers)
    slope = (f(0.7 + 1e-6, numbers) - f(0.7 - 1e-6, numbers)) / 2e-6
    with np.errstate(all="ignore"):
        assert gg.jit(lambda x: f(x, series))(0.7) == pytest.approx(expected, rel=1e-12)
        for transformed in (gg.grad(lambda x: f(x, series)), gg.jit(gg.grad(lambda x: f(x, series)))):
            assert transformed(0.7) == pytest.approx(slope, rel=1e-7)
        lanes = gg.vmap(lambda x: f(x, series))(np.array([0.7, 0.8]))
    assert lanes == pytest.approx([expected, f(0.8, numbers)], rel=1e-12)


@pytest.mark.parametrize("function", [np.maximum, np.logaddexp, np.add, np.hypot])
def test_ufuncs_take_an_xarray_beside_a_node(function):
    array = library("xarray").DataArray([1.0, 4.0, 9.0], dims="t")
    expected = function(2.5, array.to_numpy()).sum()
    for f in (lambda x: np.sum(function(array, x)), lambda x: np.sum(function(x, array))):
        assert gg.jit(f)(2.5) == pytest.approx(expected, rel=1e-14)
        assert gg.check_grad(f, 2.5)


def test_equations_of_columns_that_hold_nodes():
    pd = library("pandas")
    table, right = pd.DataFrame([[2.0, 1.0], [1.0, 3.0]]), pd.Series([3.0, 4.0])
    assert gg.grad(lambda x: gg.linalg.solve(table * x, right)[0])(2.0) == pytest.approx(-0.25)
