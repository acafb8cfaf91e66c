"""The package as built, installed and chosen at run time: compiled and plain Python, alike to its users."""

import inspect
import os
import pickle
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest

import glassgrad as gg
from glassgrad import _build
from glassgrad.messages import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "glassgrad"
OWN = [path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COMPILED_ONLY = pytest.mark.skipif(not gg.compiled(), reason="plain Python runs")

BEARING = ("GLASSGRAD_PURE", "CC", "PYTHONPATH")
BUILT = ("_compiled", "*.egg-info", "__pycache__", "node_modules")

BUILDS = """
import importlib, sys, glassgrad
files = [importlib.import_module(f"glassgrad.{name.replace('/', '.')}").__file__ for name in sys.argv[1:]]
print(glassgrad.compiled(), all(file.endswith(".py") for file in files))
"""
ROUND_TRIP = """
import sys, pickle, glassgrad as gg
if sys.argv[1] == "write":
    x = gg.Scalar(3.0, label="x")
    sys.stdout.buffer.write(pickle.dumps(x * x + gg.sin(x)))
else:
    node = pickle.loads(sys.stdin.buffer.read())
    node.backward()
    print(type(node).__module__, node.data, [leaf.grad for leaf in gg.graph.leaves(node) if leaf.label == "x"][0])
"""


def environment(**changes: str) -> dict[str, str]:
    """Give this process's environment without what bears on builds, and with `changes`."""
    return {name: value for name, value in os.environ.items() if name not in BEARING} | changes


def python(*arguments: str, input: bytes | None = None, **changes: str) -> bytes:
    """Run this Python in an environment with `changes`; give what it prints."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, input=input, env=environment(**changes), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def checkout(folder: Path) -> Path:
    """Copy what a wheel is built from into `folder`, and return it."""
    folder.mkdir()
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, folder)
    for name in ("src", "lessons"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*BUILT))
    return folder


def wheel(folder: Path, **changes: str) -> Path:
    """Build a wheel of this checkout below `folder`, offline; give its path."""
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder / "wheels")]
    python("-m", "pip", "wheel", *options, str(checkout(folder / "checkout")), **changes)
    (built,) = (folder / "wheels").glob("*.whl")
    return built


def names_in(built: Path) -> set[str]:
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


# --- what is published


def test_version_is_written_once():
    assert metadata.version("glassgrad") == gg.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|rc\d+)?", gg.__version__)
    assert "version" in PROJECT["project"]["dynamic"]
    places = [*ROOT.glob("*.toml"), *ROOT.glob("*.py"), *OWN]
    said = [path.name for path in places if f'"{gg.__version__}"' in path.read_text(encoding="utf-8")]
    assert said == ["_version.py"]


@pytest.mark.parametrize("name", gg.__all__)
def test_public_name_exists_and_is_documented(name):
    thing = getattr(gg, name)
    if callable(thing) or inspect.ismodule(thing):
        assert (inspect.getdoc(thing) or "").strip(), f"gg.{name} needs a docstring"


def test_the_package_pickles_by_name():
    """As cloudpickle asks for it, if a function in a notebook refers to it."""
    assert pickle.loads(pickle.dumps(gg)) is gg


def test_dir_lists_the_public_names_only():
    """So tab completion offers no module of ours, whichever has been imported meanwhile."""
    assert set(gg.__all__) <= set(dir(gg))
    assert len(set(gg.__all__)) == len(gg.__all__)
    for package, modules in ((gg, {"graph", "interop", "linalg", "nn", "optim"}), (gg.nn, {"optim", "utils"})):
        listed = {name for name in dir(package) if not name.startswith("_")}
        assert {name for name in listed if inspect.ismodule(getattr(package, name))} == modules
        assert listed >= set(package.__all__)
    assert {name for name in dir(gg.optim) if not name.startswith("_")} == set(gg.optim.__all__)


@pytest.mark.parametrize("name", [*gg.nn.__all__, *gg.optim.__all__])
def test_networks_and_optimisers_have_an_example(name):
    thing = getattr(gg.nn, name, None) or getattr(gg.optim, name)
    assert ">>>" in (inspect.getdoc(thing) or ""), f"{name} needs an example"


def test_command_is_installed():
    (command,) = metadata.entry_points(group="console_scripts", name="glassgrad")
    assert callable(command.load())
    assert gg.__version__ in python("-m", "glassgrad", "--version").decode()


def test_change_log_tells_of_this_version():
    assert f"[{gg.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


# --- which build runs


def test_there_are_hot_modules():
    assert "core/scalar" in _build.hot_modules(str(PACKAGE))


@pytest.mark.parametrize(("setting", "pure"), [("", False), ("0", False), ("1", True), ("yes", True)])
def test_environment_chooses_the_build(setting, pure):
    names = _build.hot_modules(str(PACKAGE))
    compiled, plain = python("-c", BUILDS, *names, GLASSGRAD_PURE=setting).decode().split()
    assert (compiled == "True") == (plain == "False")
    assert not (pure and compiled == "True")


@COMPILED_ONLY
def test_nothing_set_means_compiled():
    assert python("-c", "import glassgrad; print(glassgrad.compiled())").decode().split() == ["True"]


@pytest.mark.parametrize(("writer", "reader"), [("0", "1"), ("1", "0"), ("1", "1")])
def test_pickles_pass_between_builds(writer, reader):
    pickled = python("-c", ROUND_TRIP, "write", GLASSGRAD_PURE=writer)
    read = python("-c", ROUND_TRIP, "read", input=pickled, GLASSGRAD_PURE=reader)
    module, value, slope = read.decode().split()
    assert module == "glassgrad.core.scalar"
    assert float(value) == pytest.approx(9.141120008059867, rel=1e-15)  # 9 + sin 3
    assert float(slope) == pytest.approx(5.010007503399555, rel=1e-15)  # 6 + cos 3


@COMPILED_ONLY
def test_edited_source_is_not_hidden_by_its_build(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "glassgrad")
    with (tmp_path / "glassgrad" / "core" / "scalar.py").open("a", encoding="utf-8") as file:
        file.write("\nEDITED = True\n")
    code = "import glassgrad as gg, glassgrad.core.scalar as s; print(gg.compiled(), s.EDITED)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=environment(PYTHONPATH=str(tmp_path)), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
    assert "RuntimeWarning" in done.stderr


# --- what is built


def test_wheel_without_a_compiler_is_plain_python(tmp_path):
    built = wheel(tmp_path, CC="/bin/false")
    assert built.name == f"glassgrad-{gg.__version__}-py3-none-any.whl"
    names = names_in(built)
    assert {"glassgrad/py.typed", *(f"glassgrad/{name}" for name in _build.sources(str(PACKAGE)))} <= names
    assert {f"glassgrad/lessons/{path.name}" for path in (ROOT / "lessons").glob("*.py")} <= names
    assert not any("/_compiled/" in name or name.startswith(("tests", "lessons")) for name in names)
    assert {path.relative_to(PACKAGE.parent).as_posix() for path in OWN} <= names
    with_the_player = {name for name in names if name.endswith((".js", ".css", ".json"))}
    words = {f"glassgrad/messages/{lang}.json" for lang in LANGUAGES}
    assert with_the_player == {"glassgrad/player/static/player.js", *words}  # made of sources that stay at home
    with zipfile.ZipFile(built) as archive:
        (name,) = (name for name in names if name.endswith("METADATA"))
        about = Parser().parsestr(archive.read(name).decode())
    assert about["License-Expression"] == "MIT"
    needed = {re.match(r"[\w-]+", line)[0] for line in about.get_all("Requires-Dist") if "extra" not in line}
    assert needed == {"numpy", "optree", "graphviz", "matplotlib", "tqdm", "llvmlite"}


def test_source_distribution_holds_what_the_player_is_made_of(tmp_path):
    home = checkout(tmp_path / "checkout")
    tools = home / "src" / "glassgrad" / "player" / "js" / "node_modules" / "tool"
    tools.mkdir(parents=True)
    (tools / "index.js").write_text("", encoding="utf-8")
    code = "import sys; from setuptools import build_meta; print(build_meta.build_sdist(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=home, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    folders = [PACKAGE / "player", PACKAGE / "messages"]
    sources = [path for folder in folders for kind in ("*.js", "*.css", "*.json") for path in folder.rglob(kind)]
    wanted = {path.relative_to(ROOT).as_posix() for path in sources if "node_modules" not in path.parts}
    assert "src/glassgrad/player/static/player.js" in wanted
    assert wanted <= names
    assert not any("node_modules" in name for name in names)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["1", "0", ""])
def test_wheel_installs_and_runs_alone(tmp_path, setting):
    if setting != "1" and not gg.compiled():
        pytest.skip("nothing compiles here")
    built = wheel(tmp_path, GLASSGRAD_PURE=setting)
    assert ("py3-none-any" in built.name) == (setting == "1")
    home = tmp_path / "home"
    venv.create(home, system_site_packages=False, with_pip=False, symlinks=os.name != "nt")
    runner = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    place = ["--prefix", str(home), "--no-deps", "--no-index", "--ignore-installed", "--quiet"]
    python("-m", "pip", "install", *place, str(built))
    code = "import glassgrad as gg; x = gg.Scalar(3.0); (x * x).backward();"
    code += "print(gg.compiled(), x.grad, gg.__file__)"
    done = subprocess.run(
        [str(runner), "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    compiled, slope, place_of_package = done.stdout.split()
    assert (compiled, slope) == (str(setting != "1"), "6.0")
    assert Path(place_of_package).is_relative_to(home)


@pytest.mark.slow
def test_compiling_can_be_insisted_on(tmp_path):
    with pytest.raises(AssertionError, match="false"):
        wheel(tmp_path, GLASSGRAD_PURE="0", CC="/bin/false")
