"""Commands in processes that need not import anything: a server has done that, and forks for each command.

A command that scans imports torch and TransformerLens first, which takes far longer than scanning a tiny model. What
the server forks is otherwise a process as a shell would start it, with arguments, environment, folder, pipes, exit code
and signals of its own. What is said or done while a command starts is tested on commands that are really started.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.preload"])


class Process:
    """`headatlas ARGUMENTS`, or Python `code` with these arguments; used as a `subprocess.Popen` with text pipes.

    Args:
        arguments: what stands behind the command's name.
        env: all of its environment; that of the test by default.
        cwd: its folder; that of the test by default.
        code: what to run instead of the command.
        errors_apart: else standard error goes where the output goes.
        anew: imports headatlas anew, but nothing else, and with the plug-ins that lie in `PYTHONPATH`.
    """

    def __init__(
        self,
        *arguments: object,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        code: str = "",
        errors_apart: bool = True,
        anew: bool = False,
    ) -> None:
        self.args = [code or "headatlas", *map(str, arguments)]
        output, output_end = _CONTEXT.Pipe(duplex=False)
        errors, errors_end = _CONTEXT.Pipe(duplex=False)
        ends = output_end, errors_end if errors_apart else output_end
        environment = dict(os.environ if env is None else env)
        folder = str(cwd or Path.cwd())
        # A daemon: what a failed test leaves behind is ended with the tests, not waited for.
        self._process = _CONTEXT.Process(
            target=_run, args=(self.args, bool(code), environment, folder, ends, anew), daemon=True
        )
        self._process.start()
        output_end.close()
        errors_end.close()
        self.stdout, self.stderr = (os.fdopen(os.dup(end.fileno()), encoding="utf8") for end in (output, errors))
        output.close()
        errors.close()

    @property
    def pid(self) -> int:
        """Its number, for signals."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, minus the signal that ended it, or None while it runs."""
        return self._process.exitcode

    poll = returncode.fget

    def join(self, seconds: float) -> None:
        """Waits for its end, but no longer than that."""
        self._process.join(seconds)

    def wait(self, timeout: float = 120) -> int:
        """The exit code, when it has ended.

        Raises:
            subprocess.TimeoutExpired: it did not end; it has been killed.
        """
        self._process.join(timeout)
        if self.returncode is None:
            self._process.kill()
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.returncode

    def communicate(self, timeout: float = 120) -> tuple[str, str]:
        """What it printed and its errors, when it has ended."""
        with ThreadPoolExecutor(2) as pool, self.stdout, self.stderr:
            texts = [pool.submit(file.read) for file in (self.stdout, self.stderr)]
            self.wait(timeout)
            return texts[0].result(), texts[1].result()

    def send_signal(self, number: signal.Signals) -> None:
        """Sends a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)


def run(*arguments: object, timeout: float = 120, **options: Any) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` with text captured; `options` are those of `Process`."""
    process = Process(*arguments, **options)
    output, errors = process.communicate(timeout)
    return subprocess.CompletedProcess(process.args, process.wait(), output, errors)


def _run(
    arguments: list[str],
    is_code: bool,
    env: dict[str, str],
    cwd: str,
    ends: tuple[Connection, Connection],
    anew: bool,
) -> None:
    """In the forked process: what a shell would do, then the command."""
    os.setsid()
    for number, end in enumerate(ends, start=1):
        os.dup2(end.fileno(), number)
    for end in set(ends):
        end.close()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = arguments
    if anew:
        for name in [name for name in sys.modules if name.partition(".")[0] == "headatlas"]:
            del sys.modules[name]
        sys.path[:0] = env["PYTHONPATH"].split(os.pathsep)
        importlib.invalidate_caches()
    if is_code:
        sys.argv[0], code = "-c", arguments[0]
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    else:
        from headatlas.cli.main import main

        main(prog_name="headatlas")
