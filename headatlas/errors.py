"""What headatlas says when it cannot go on: every message tells what was wrong and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(name: str, known: Iterable[str]) -> str:
    """ " Did you mean 'induction'?", or what there is where nothing is near; begins with a space, empty for nothing."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f" Did you mean '{near[0]}'?"
    shown = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return f" Available: {shown}." if known else ""


def one_line(error: BaseException, *, named: bool = False) -> str:
    """What an error of another library says, on one line of at most 200 characters; `named` puts its class before it.

    Of an error that says nothing, the name of its class.
    """
    text = " ".join(str(error).split())[:200]
    name = type(error).__name__
    return name if not text else f"{name}: {text}" if named else text


class HeadatlasError(Exception):
    """A failure the user can act on; the command line prints its message and exits with code 1."""


class ModelError(HeadatlasError):
    """The model cannot be found, read or wrapped."""


class WeightsChangedError(HeadatlasError):
    """A scan of this name is stored, of weights that have changed since."""


class DatabaseError(HeadatlasError):
    """The database cannot be opened, read or written."""


class UnknownNameError(HeadatlasError):
    """A name that is not in a registry or a database."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        super().__init__(f"There is no {kind} '{name}'.{suggestion(name, known)}{' ' + hint if hint else ''}")


class AttentionError(HeadatlasError):
    """A layer gave rows that are not attention; a score from them would be a lie."""


class OutputError(HeadatlasError):
    """Files cannot be written where the user asked."""
