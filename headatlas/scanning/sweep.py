"""Scans of a list of models; what is in the database already is never done again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from headatlas.errors import DatabaseError, HeadatlasError, one_line
from headatlas.models.load import name_of
from headatlas.models.memory import out_of_memory
from headatlas.scanning.options import ScanSettings
from headatlas.settings import LoadOptions

# Called with the name of a model, tokens done and tokens in all.
SweepProgress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Listed:
    """A line of a list: the model, and the name under which its scan is stored."""

    name: str
    model: str


@dataclass(frozen=True)
class Result:
    """What became of one model, after how many seconds; `failure` is the sentence that says why it is not stored."""

    name: str
    ran: bool = False
    seconds: float = 0.0
    failure: str | None = None

    @property
    def outcome(self) -> str:
        """In a word or two."""
        return "failed" if self.failure else "scanned" if self.ran else "already there"


def read_list(path: Path) -> list[Listed]:
    """The models of a file: a name, a path, or `NAME = MODEL` on each line; `#` begins a comment.

    Raises:
        HeadatlasError: the file cannot be read, names no model, or names one twice.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise HeadatlasError(f"{path} cannot be read: {error.strerror}. Give a text file, one model a line.") from error
    except UnicodeDecodeError as error:
        raise HeadatlasError(f"{path} is no text in UTF-8. Give a text file, one model a line.") from error
    line_of: dict[str, int] = {}
    listed = []
    for number, line in enumerate(lines, start=1):
        # A "#" within a path is no comment.
        text = "" if line.lstrip().startswith("#") else line.split(" #", 1)[0].strip()
        if not text:
            continue
        name, sign, model = (part.strip() for part in text.partition(" = "))
        if name in line_of:
            raise HeadatlasError(
                f"{path} names '{name}' twice, in lines {line_of[name]} and {number}. "
                "Remove one, or write NAME = MODEL."
            )
        line_of[name] = number
        listed.append(Listed(name if sign else name_of(name), model if sign else name))
    if not listed:
        raise HeadatlasError(f"{path} names no model. Write one a line; '#' begins a comment.")
    return listed


def sweep(
    models: Sequence[Listed],
    *,
    db: str | Path,
    settings: ScanSettings = ScanSettings(),
    load: LoadOptions = LoadOptions(),
    force: bool = False,
    command: str = "",
    progress: SweepProgress | None = None,
) -> Iterator[Result]:
    """Scans one model after the other in this process, all with the same settings.

    Yields what became of each; a model that fails does not stop the others.

    Raises:
        DatabaseError: nothing can be written any longer.
    """
    from headatlas.scanning.scanner import scan_model

    for listed in models:
        show = None if progress is None else _of(progress, listed.name)
        started = time.perf_counter()
        ran, failure = False, None
        try:
            outcome = scan_model(
                listed.model, db=db, name=listed.name, settings=settings, load=load, force=force, command=command,
                progress=show,
            )  # fmt: skip
            ran = outcome.ran
        except DatabaseError:
            raise
        except Exception as error:
            failure = sentence(error)
        yield Result(listed.name, ran, time.perf_counter() - started, failure)


def sentence(error: BaseException) -> str:
    """What is told of a failure."""
    if isinstance(error, HeadatlasError):
        return str(error)
    if out_of_memory(error):
        return "Memory ran out while it was loaded. Use --dtype bfloat16, or a machine with more memory."
    return one_line(error, named=True)


def _of(progress: SweepProgress, name: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(name, done, total)
