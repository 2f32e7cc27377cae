"""Standard output that cannot be written, or is of an encoding that lacks what is printed."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

_ESCAPED = "headatlas.escaped"
_UNWRITABLE = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EBADF}


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """What a terminal of another encoding gets: rules as dashes, the rest escaped as JSON spells it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    units = [unit for letter in lacking for unit in _units(letter)]
    return "".join(units), error.end


def _units(letter: str) -> list[str]:
    if letter == "─":
        return ["-"]
    pair = letter.encode("utf-16-be", "surrogatepass")
    return [f"\\u{pair[start : start + 2].hex()}" for start in range(0, len(pair), 2)]


@contextmanager
def written_or_said() -> Iterator[None]:
    """Inside, what an encoding lacks is escaped; an output that cannot be written is a sentence and exit code 1."""
    codecs.register_error(_ESCAPED, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors=_ESCAPED)
    try:
        yield
    except OSError as error:
        # Of files that cannot be written there are sentences elsewhere; what is left has no name.
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        with Path(os.devnull).open("wb") as nothing:  # what is still to be flushed, at exit
            os.dup2(nothing.fileno(), sys.stdout.fileno())
        click.echo(f"Error: Standard output cannot be written: {os.strerror(error.errno)}.", err=True)
        sys.exit(1)
