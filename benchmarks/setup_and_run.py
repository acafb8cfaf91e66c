"""Make an environment for the benchmarks, `.venv` beside this file, and run them in it with the given options.

If the first option is `compiled`, it runs the benchmarks of compiled code in `compiled/`, which have their own peers.
If it is `loops`, it runs those of programs with loops in `loops/`, which have theirs, too.
If it is `routes`, it runs those of functions with many routes in `routes/`, which need no peers. If it is `arrays`, it
runs those of functions written with NumPy in `arrays/`, which need none either.

The package is built from its sources, as `pip install .` would do, and again whenever they change. If a peer cannot
be installed, a message names it and the run goes on without it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
HOME = HERE / ".venv"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def digest(paths: list[Path]) -> str:
    """Return a digest of these files' contents and of the Python version."""
    total = hashlib.sha256(sys.version.encode())
    for path in sorted(paths):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def once(stamp: str, sources: list[Path], *installs: list[str]) -> None:
    """Run `pip install` with each list of arguments, unless it has already been done for the same sources."""
    mark, now = HOME / f"{stamp}.sha256", digest(sources)
    if mark.exists() and mark.read_text() == now:
        return
    for arguments in installs:
        print("installing", " ".join(arguments[-1:]), flush=True)
        environment = {key: value for key, value in os.environ.items() if key != "GLASSGRAD_PURE"}
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
        if subprocess.run(command, env=environment, check=False).returncode:
            print(f"could not install {arguments[-1]}: it is left out", file=sys.stderr, flush=True)
            now = "incomplete"  # so the next run tries again
    mark.write_text(now)


def make_environment() -> None:
    try:
        venv.create(HOME, with_pip=True, clear=True)
    except subprocess.CalledProcessError:  # Debian's python3 without python3-venv: no pip to put into it
        venv.create(HOME, with_pip=False, clear=True)
        subprocess.run([sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "-q", "pip"], check=True)


def main() -> None:
    made = HOME / "made"
    if not (PYTHON.exists() and made.exists()):
        make_environment()
        made.touch()
    part = sys.argv[1] if sys.argv[1:2] in (["compiled"], ["loops"], ["routes"], ["arrays"]) else ""
    folders = {"": [HERE], "compiled": [HERE, HERE / "compiled"], "loops": [HERE / "loops"]}
    for folder in folders.get(part, []):
        requirements = folder / "requirements.txt"
        lines = [line.strip() for line in requirements.read_text().splitlines()]
        stamp = "peers" if folder == HERE else f"{folder.name}-peers"
        once(stamp, [requirements], *([line] for line in lines if line and not line.startswith("#")))
    sources = [path for path in (ROOT / "src").rglob("*") if path.suffix in {".py", ".pxd", ".h"}]
    sources += [path for path in (ROOT / "pyproject.toml", ROOT / "setup.py") if path.exists()]
    once("package", sources, ["--force-reinstall", "--no-deps", str(ROOT)], [str(ROOT)])
    command = [str(PYTHON), str(HERE / part), *sys.argv[1 + bool(part) :]]
    sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
