"""How a program ends while other threads are at work, and what functions registered with `atexit` may do."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest


def ended(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", dedent(program)], capture_output=True, text=True, timeout=120)


def test_a_daemon_thread_that_compiles_when_python_ends_is_ended_without_a_word():
    """It used to be stopped inside optree's C++ at times, which aborts the process."""
    run = ended(
        """
        import atexit, threading, time

        last = threading.Event()

        def at_the_end():  # runs when glassgrad has shut its door: a thread that goes on would be alive
            last.set()
            worker.join(30)
            print("alive" if worker.is_alive() else "ended")

        atexit.register(at_the_end)
        import glassgrad as gg

        def call():
            return gg.jit(lambda x: {"a": x["p"][0] * 2.0})({"p": [1.0]}), gg.grad(lambda p: p[0] * p[1])([2.0, 3.0])

        def work():
            call()
            ready.set()
            last.wait()
            while True:
                call()

        ready = threading.Event()
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        ready.wait()
        """
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "ended\n", "")


def test_functions_that_run_at_exit_may_compile():
    run = ended(
        """
        import atexit
        import glassgrad as gg

        gg.grad(lambda p: p[0] * p[1])([2.0, 3.0])
        atexit.register(lambda: print(gg.jit(lambda x: {"a": x["p"][0] * 2.0})({"p": [1.5]})))
        """
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "{'a': 3.0}\n", "")


def test_one_that_runs_after_optree_has_ended_is_told_the_cure():
    program = """
        import atexit
        {}
        atexit.register(lambda: print(gg.grad(lambda p: p[0] * p[1])([2.0, 3.0])))
        import glassgrad as gg

        gg.grad(lambda p: p[0] * p[1])([2.0, 3.0])
        """
    assert "Write `import optree` before the `atexit.register`" in ended(program.format("")).stderr
    assert ended(program.format("import optree")).stdout == "[3.0, 2.0]\n"


LONG = """
    import os, random, sys, time
    import glassgrad as gg

    gg.config.compile_budget = float("inf")

    def f(x, y):
        for _ in range(60):
            x = x + 0.01 * gg.sin(y) * y
            y = y - 0.01 * gg.exp(-x * x)
        return x * y

    compiled = gg.jit(gg.value_and_grad(f, argnums=(0, 1)))
    compiled(1.0, 2.0)
    (kernel,) = compiled.kernels()

    def optimise_for_a_while():
        kernel.calls = 1000
        kernel.count_use(1e9)
        time.sleep(random.Random(int(sys.argv[1])).uniform(0.0, 0.5))
"""
EXITS = """
    codes = []
    for _ in range(int(sys.argv[1])):
        child = os.fork()
        if not child:
            sys.argv[1] = os.getpid()
            optimise_for_a_while()
            break  # it ends as any program does
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    else:
        print(set(codes))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.parametrize("count", [10, pytest.param(200, marks=pytest.mark.nightly)])
def test_programs_end_well_at_any_time_while_better_code_is_made(count):
    """Nothing is inside LLVM when its data goes: that would crash the process."""
    program = dedent(LONG) + dedent(EXITS)
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(count)],
        capture_output=True,
        text=True,
        timeout=5 * count + 60,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "{0}\n", "")


@pytest.mark.nightly
def test_fresh_programs_end_well_at_any_time_while_better_code_is_made():
    for seed in range(200):
        program = dedent(LONG) + "optimise_for_a_while()"
        run = subprocess.run(
            [sys.executable, "-c", program, str(seed)], capture_output=True, text=True, timeout=60, check=False
        )
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
