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

from headatlas.errors import HeadatlasError, one_line

# Bytes of a text from standard input.
_MOST_GIVEN = 2**22
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


def _open_closed() -> None:
    """Leads streams that were closed before we began to nowhere.

    Else the next file that is opened, a database say, would have the number of standard output, into which libraries
    write.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is not None:
            continue
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        if name != "stdin":  # that there is none is said by whoever is to read it
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


@contextmanager
def written_or_said() -> Iterator[None]:
    """Inside, what an encoding lacks is escaped; an output that cannot be written is a sentence and exit code 1."""
    _open_closed()
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
            try:
                click.echo(f"Error: Standard output cannot be written: {os.strerror(error.errno)}.", err=True)
            except OSError:  # nor can standard error
                os.dup2(nothing.fileno(), sys.stderr.fileno())
        sys.exit(1)


def given_text() -> str:
    """What stands on standard input, as text in UTF-8.

    Raises:
        HeadatlasError: it is closed, is no text, or has more than is read.
    """
    advice = 'Give a text in UTF-8, as in `echo "The red fox" | headatlas view MODEL -`.'
    if sys.stdin is None:
        raise HeadatlasError(f"Standard input is closed, so there is no text to read. {advice}")
    try:
        content = sys.stdin.buffer.read(_MOST_GIVEN + 1)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or one_line(error)
        raise HeadatlasError(f"Standard input cannot be read: {reason}. {advice}") from error
    if len(content) > _MOST_GIVEN:
        raise HeadatlasError(f"Standard input has more than {_MOST_GIVEN / 1e6:.0f} MB, which no model reads at once.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HeadatlasError(f"Standard input holds bytes that are no text in UTF-8. {advice}") from error
