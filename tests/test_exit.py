"""How a program ends while other threads are at work, and what functions registered with `atexit` may do."""

import subprocess
import sys
from textwrap import dedent


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
