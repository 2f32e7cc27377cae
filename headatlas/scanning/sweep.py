"""Scans of a list of models; what is in the database already is never done again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from headatlas.errors import DatabaseError, HeadatlasError, one_line
from headatlas.files.given import read_text, shown
from headatlas.models.load import name_of
from headatlas.models.memory import out_of_memory
from headatlas.scanning.options import ScanSettings
from headatlas.settings import LoadOptions
from headatlas.store.readonly import open_readonly

# Models of a list; each that is not found takes a question to the hub.
MOST_MODELS = 10_000
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
        HeadatlasError: the file cannot be read, names no model or too many, or names one twice.
    """
    lines = read_text(path, advice="Give a text file, one model a line.").splitlines()
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
                f"{shown(path)} names '{name}' twice, in lines {line_of[name]} and {number}. "
                "Remove one, or write NAME = MODEL."
            )
        line_of[name] = number
        listed.append(Listed(name if sign else name_of(name), model if sign else name))
    if not listed:
        raise HeadatlasError(f"{shown(path)} names no model. Write one a line; '#' begins a comment.")
    if len(listed) > MOST_MODELS:
        raise HeadatlasError(
            f"{shown(path)} names {len(listed):,} models; at most {MOST_MODELS:,} are read. Split the list."
        )
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

    Yields what became of each; a model that fails does not stop the others. While one is scanned the next is loaded, so
    that two are in memory at once (see `headatlas.scanning.ahead` for when they are not); where its load fails, that is
    told in its turn.

    Raises:
        DatabaseError: nothing can be written any longer.
    """
    from headatlas.scanning.ahead import LoadAhead, may_load_ahead
    from headatlas.scanning.scanner import load_readable, scan_model

    model_of = {listed.name: listed.model for listed in models}
    with LoadAhead(lambda name: load_readable(model_of[name], name, settings, load)) as ahead:
        for number, listed in enumerate(models):
            following = models[number + 1 :]

            def load_next(following: Sequence[Listed] = following) -> None:
                upcoming = _first_unfinished(following, db, force=force)
                if upcoming is not None and may_load_ahead(upcoming.model, load):
                    ahead.begin(upcoming.name)

            started = time.perf_counter()
            ran, failure = False, None
            try:
                outcome = scan_model(
                    listed.model, db=db, name=listed.name, settings=settings, load=load, force=force, command=command,
                    progress=_of(progress, listed.name, load_next), loaded=partial(ahead.take, listed.name),
                )  # fmt: skip
                ran = outcome.ran
            except DatabaseError:
                raise
            except Exception as error:
                failure = sentence(error)
            yield Result(listed.name, ran, time.perf_counter() - started, failure)


def _first_unfinished(models: Sequence[Listed], db: str | Path, *, force: bool) -> Listed | None:
    """The first of which there is no finished scan; with `force` all are scanned."""
    with closing(open_readonly(db)) as connection:
        done = {row[0] for row in connection.execute("select model from scans where status = 'done'")}
    return next((listed for listed in models if force or listed.name not in done), None)


def sentence(error: BaseException) -> str:
    """What is told of a failure."""
    if isinstance(error, HeadatlasError):
        return str(error)
    if out_of_memory(error):
        return "Memory ran out while it was loaded. Use --dtype bfloat16, or a machine with more memory."
    return one_line(error, named=True)


def _of(progress: SweepProgress | None, name: str, when_begun: Callable[[], None]) -> Callable[[int, int], None]:
    """Tells of progress; calls `when_begun` when the first chunk is done: by then the model is loaded and wrapped."""
    calls = count()

    def show(done: int, total: int) -> None:
        if next(calls) == 1:
            when_begun()
        if progress is not None:
            progress(name, done, total)

    return show
