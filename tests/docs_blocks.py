"""The blocks of the documentation's pages, run in order in a fresh folder: what tests/test_docs_blocks.py is made of.

Shell blocks go through the installed command: `headatlas ...` in a process of `tests.warm`, so that what scans need not
import torch each time, and anything with a pipe or a redirection through bash. The Python blocks of a page share a
process and its names. A block `text` after one of Python is what it prints.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import re
import shlex
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests import warm

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/*.md", "benchmarks/*.md", "benchmarks/*/*.md", "catalog/*.md", "catalog/*/*.md")
    for path in ROOT.glob(pattern)
)
SHELL = ("sh", "console")
# What only a shell understands; everything else is started without one.
_FOR_A_SHELL = re.compile(r"[|;<>$`(){}*&=]")
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the number of its first line."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """A command of a shell block, and what stands under it (None in blocks without output)."""

    text: str
    output: str | None


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order; directives of the documentation site, as `{eval-rst}`, are none."""
    text = (ROOT / page).read_text()
    fences = re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [
        Block(fence[1].strip(), fence[2], text.count("\n", 0, fence.start()) + 2)
        for fence in fences
        if not fence[1].startswith("{")
    ]


def commands(block: Block) -> list[Command]:
    """The commands of a shell block; one goes on to the next line inside quotes and after a backslash."""
    if block.language == "sh":
        return [Command(text, None) for text in _whole(block.text.splitlines())]
    prompted: list[list[str]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            prompted.append([line[2:]])
        else:
            assert prompted, f"line {block.line}: a console block begins with a prompt"
            prompted[-1].append(line)
    return [_with_output(lines) for lines in prompted]


def _with_output(lines: list[str]) -> Command:
    n = next(n for n in range(1, len(lines) + 1) if _is_whole("\n".join(lines[:n])))
    return Command("\n".join(lines[:n]), "\n".join(lines[n:]))


def _whole(lines: list[str]) -> Iterator[str]:
    text = ""
    for line in lines:
        text = f"{text}\n{line}" if text else line
        if _is_whole(text):
            if shlex.split(text, comments=True):
                yield text
            text = ""
    assert not text, f"no end of {text}"


def _is_whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return not text.endswith("\\")


class Session:
    """A folder in which the blocks of one page run.

    Args:
        folder: where.
        columns: how wide the terminal is.
        only_output: whether the page shows standard output alone, and not what is said beside it.
        home: what the page calls the folder.
    """

    def __init__(self, folder: Path, columns: int, only_output: bool = False, home: str = "/home/you") -> None:
        self.folder = folder
        self.only_output = only_output
        self.home = home
        unwanted = ("HEADATLAS_DB", "FORCE_COLOR", "PYTEST_CURRENT_TEST")
        self.environment = {key: value for key, value in os.environ.items() if key not in unwanted}
        self.environment |= {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": str(columns), "NO_COLOR": "1",
            "HF_HUB_OFFLINE": "1",
        }  # fmt: skip
        self.printed = ""  # by the Python block before
        self._python: Connection | None = None
        self._process: multiprocessing.process.BaseProcess | None = None

    def run(self, command: str) -> tuple[int, str]:
        """The exit code of a shell command, and what it printed."""
        before, separator, last = command.rpartition("; headatlas ")
        # What is done first takes a shell, the command after it no process of its own.
        if separator and "#" not in before:
            subprocess.run(["bash", "-c", before], cwd=self.folder, env=self.environment, check=True, timeout=60)
            command = f"headatlas {last}"
        words = shlex.split(command, comments=True)
        if words[0] == "headatlas" and not _FOR_A_SHELL.search(" ".join(words)):
            done = warm.run(
                *words[1:], env=self.environment, cwd=self.folder, errors_apart=self.only_output, timeout=600
            )
        else:
            done = subprocess.run(
                ["bash", "-c", command], cwd=self.folder, env=self.environment, text=True, timeout=600,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE if self.only_output else subprocess.STDOUT,
            )  # fmt: skip
        assert "Traceback" not in done.stdout + (done.stderr or ""), done.stdout + (done.stderr or "")
        return done.returncode, self._told(done.stdout)

    def run_python(self, code: str) -> str:
        """What Python code printed, run after that of earlier calls and with its names.

        Raises:
            AssertionError: the code raised.
        """
        if self._python is None:
            self._python, end = warm._CONTEXT.Pipe()
            arguments = (end, str(self.folder), self.environment)
            self._process = warm._CONTEXT.Process(target=_interpreter, args=arguments, daemon=True)
            self._process.start()
        self._python.send(code)
        assert self._python.poll(600), f"nothing came of\n{code}"
        failure, printed = self._python.recv()
        assert not failure, failure
        return self._told(printed)

    def close(self) -> None:
        """Ends the Python process."""
        if self._python is not None and self._process is not None:
            self._python.send(None)
            self._process.join(30)

    def _told(self, printed: str) -> str:
        lines = printed.replace(str(self.folder.resolve()), self.home).splitlines()
        return "\n".join(line.rstrip() for line in lines if line.strip())


def _interpreter(connection: Connection, folder: str, environment: dict[str, str]) -> None:
    """In a process of its own: runs what comes, and answers with its traceback, if any, and its output."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    names: dict[str, object] = {"__name__": "__main__"}
    while (code := connection.recv()) is not None:
        printed, failure = io.StringIO(), ""
        Path("block.py").write_text(code)  # where what asks for its own source finds it
        with contextlib.redirect_stdout(printed):
            try:
                exec(compile(code, "block.py", "exec"), names)
            except Exception:
                failure = f"{code}\n{traceback.format_exc()}"
        connection.send((failure, printed.getvalue()))


def differences(shown: str, printed: str) -> str:
    """Where what a page shows is not what is printed now; empty where it is.

    Numbers may differ by one in the last digit of the shorter of the two, since an imported catalogue is rounded; a
    line `...` stands for any lines.
    """
    expected = [line for line in shown.splitlines() if line.strip()]
    lines = [line for line in printed.splitlines() if line.strip()]
    for number, line in enumerate(expected):
        if line.strip() == "...":
            rest = len(expected) - number - 1
            lines = [*lines[:number], line, *lines[max(number, len(lines) - rest) :]]
    if len(lines) == len(expected) and all(map(_alike, expected, lines)):
        return ""
    return f"The page shows\n{shown}\nand now there is\n{printed}"


def _alike(line: str, other: str) -> bool:
    numbers, others = _NUMBER.findall(line), _NUMBER.findall(other)
    if len(numbers) != len(others) or _words(line) != _words(other):
        return False
    return all(
        abs(float(a) - float(b)) <= 1.001 * max(_unit(a), _unit(b)) * (a != b)
        for a, b in zip(numbers, others, strict=True)
    )


def _words(line: str) -> list[str]:
    return re.sub("─+", "─", _NUMBER.sub("0", line)).split()


def _unit(number: str) -> float:
    """One in the last digit; of whole numbers nothing, which are counts."""
    digits, _, exponent = number.partition("e")
    return 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2])) if "." in digits or exponent else 0.0
