"""What headatlas says when it cannot go on: every message tells what was wrong and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

# Letters of a name that somebody gave, in a sentence that repeats it.
MOST_OF_A_NAME = 200


def brief(name: str) -> str:
    """A name in a sentence: of one of a hundred thousand letters the first."""
    return name if len(name) <= MOST_OF_A_NAME else f"{name[:MOST_OF_A_NAME]}..."


def spelled(name: str) -> str:
    """A name as ours are spelled: `spelled("Induction-head")` is "induction_head"."""
    return re.sub(r"[\s_-]+", "_", name.strip().lower())


def meant(name: str, known: Iterable[str], synonyms: Mapping[str, str]) -> str | None:
    """The known name in another spelling, as a head ("induction heads") or by a synonym; None where it is none of them.

    `synonyms` maps them, spelled as ours are, to names.
    """
    known = set(known)
    asked = spelled(name)
    for likely in (asked, re.sub("_heads?$", "", asked)):
        for candidate in (likely, synonyms.get(likely)):
            if candidate in known:
                return candidate
    return None


def nearest(name: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str | None:
    """The known name that is most likely meant, see `meant`, or the nearest by its letters."""
    import difflib  # where a name is wrong, and not whenever the program starts

    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return meant(name, known, synonyms or {}) or (near[0] if near else None)


def suggestion(name: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str:
    """ " Did you mean 'induction'?", or what there is where nothing is near; begins with a space, empty for nothing."""
    known = sorted(known)
    near = nearest(name, known, synonyms)
    if near is not None:
        return f" Did you mean '{near}'?"
    shown = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    return f" Available: {shown}." if known else ""


def one_line(error: BaseException, *, named: bool = False) -> str:
    """What an error of another library says, on one line of at most 200 characters; `named` puts its class before it.

    Of an error that says nothing, the name of its class.
    """
    name = type(error).__name__
    try:
        text = " ".join(str(error).split())[:200]
    except Exception:  # somebody's own class, whose text is computed
        text = ""
    if "set_int_max_str_digits" in text:  # Python's advice is for programs
        text = "a number in it has thousands of digits"
    return name if not text else f"{name}: {text}" if named else text


class PanicError(Exception):
    """Code in Rust, which libraries call, has failed where its authors thought that it cannot."""


@contextmanager
def panics_as_errors() -> Iterator[None]:
    """Inside, a panic of a library's Rust code is a PanicError: as Python gets it, no `except Exception` catches it."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # which no module has
            raise
        raise PanicError(one_line(error)).with_traceback(error.__traceback__) from error


class HeadatlasError(Exception):
    """A failure the user can act on; the command line prints its message and exits with code 1."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as it is: classes that make their message of other arguments would be made of the message."""
        return _unpickled, (type(self), self.args)


def _unpickled(kind: type[HeadatlasError], args: tuple[Any, ...]) -> HeadatlasError:
    error = kind.__new__(kind)
    error.args = args
    return error


class ModelError(HeadatlasError):
    """The model cannot be found, read or wrapped."""


class WeightsChangedError(HeadatlasError):
    """A scan of this name is stored, of weights that have changed since."""


class DatabaseError(HeadatlasError):
    """The database cannot be opened, read or written."""


class WrongValueError(DatabaseError):
    """A value in a database is not what it should be; `headatlas.share.diagnosis` says which of them it is."""


class UnknownNameError(HeadatlasError):
    """A name that is not in a registry or a database; the message has the nearest name, or else a hint.

    `elsewhere` is what is known of the name where it is one of something else: then nothing is guessed.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        known: Iterable[str],
        hint: str = "",
        synonyms: Mapping[str, str] | None = None,
        elsewhere: str = "",
    ) -> None:
        known, shown = list(known), brief(name)
        if elsewhere and meant(name, known, synonyms or {}) is None:
            super().__init__(f"There is no {kind} '{shown}'. {elsewhere}")
            return
        advice = f" {hint}" if hint and nearest(name, known, synonyms) is None else ""
        super().__init__(f"There is no {kind} '{shown}'.{suggestion(name, known, synonyms)}{advice}")


class OutOfRangeError(UnknownNameError):
    """A layer or a head beyond those that a model has."""

    def __init__(self, kind: str, name: str, model: str, ranges: str) -> None:
        HeadatlasError.__init__(self, f"There is no {kind} '{brief(name)}' in {model}: it has {ranges}.")


class AttentionError(HeadatlasError):
    """A layer gave rows that are not attention; a score from them would be a lie."""


class ScanConflictError(HeadatlasError):
    """Another scan of the same name is in the database."""


class OutputError(HeadatlasError):
    """Files cannot be written where the user asked."""
