"""Tokens that attention was recorded on: ids, texts and marks from anywhere, checked and made into sequences."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from headatlas.errors import HeadatlasError
from headatlas.inputs.sequence import TokenSequence

# Ids are stored as numbers of the size that vocabularies have.
_MOST_ID = 2**31 - 1
# Tokens of all sequences of a recording.
MOST_TOKENS = 10_000_000
# Characters of a token's text.
_LONGEST_TEXT = 10_000


def sequences_of(token_ids: Any, tokens: Any, special: Any) -> list[TokenSequence]:
    """The sequences of a recording: rows of ids, where -1 ends one, what they say, and marks of special tokens.

    `tokens` and `special` have a row for each sequence, as long as its ids or longer; None where there are none.

    Raises:
        HeadatlasError: there are no sequences, one is empty, something is no id, or a row of the others is missing.
    """
    rows = _rows(token_ids, "token_ids")
    texts_of, marks_of = (
        None if given is None else _rows(given, name) for given, name in ((tokens, "tokens"), (special, "special"))
    )
    for given, name in ((texts_of, "tokens"), (marks_of, "special")):
        if given is not None and len(given) < len(rows):
            raise HeadatlasError(f"`{name}` has {len(given)} rows for {len(rows)} sequences; give one for each.")
    sequences, n_tokens = [], 0
    for number, row in enumerate(rows):
        ids = ids_of(row, number)
        if not ids:
            raise HeadatlasError(f"Sequence {number} is empty.")
        n_tokens += len(ids)
        check_number(n_tokens)
        texts = [str(i) for i in ids] if texts_of is None else _texts(texts_of[number], number)[: len(ids)]
        marks = [False] * len(ids) if marks_of is None else _marks(marks_of[number], number)[: len(ids)]
        if not len(texts) == len(marks) == len(ids):
            raise HeadatlasError(f"Sequence {number} has {len(ids)} ids, {len(texts)} texts and {len(marks)} marks.")
        sequences.append(TokenSequence(tuple(ids), tuple(texts), tuple(marks)))
    if not sequences:
        raise HeadatlasError("There are no sequences to score.")
    return sequences


def check_number(n_tokens: int) -> None:
    """Raises HeadatlasError for more tokens than are held."""
    if n_tokens > MOST_TOKENS:
        raise HeadatlasError(f"The sequences have more than {MOST_TOKENS:,} tokens. Write fewer into a file.")


def ids_of(row: Any, number: int) -> list[int]:
    """The ids of sequence `number`, up to the -1 that ends it.

    Raises:
        HeadatlasError: something in it is no id.
    """
    ids = []
    for value in _items(row, f"The ids of sequence {number}"):
        token = _whole(value)
        if token == -1:
            break
        if token is None or not 0 <= token <= _MOST_ID:
            raise HeadatlasError(
                f"Sequence {number} has the id {_short(value)}. Ids are whole numbers from 0 to {_MOST_ID}, or -1 "
                "where a sequence has ended."
            )
        ids.append(token)
    return ids


def _whole(value: Any) -> int | None:
    """A whole number of Python, NumPy or torch, or a floating-point number that is whole; None for anything else."""
    if isinstance(value, bool | np.bool_):
        return None
    try:
        return operator.index(value)
    except TypeError:
        pass
    if isinstance(value, float | np.floating) and math.isfinite(value) and value == int(value):
        return int(value)
    return None


def _texts(row: Any, number: int) -> list[str]:
    texts = []
    for value in _items(row, f"`tokens` of sequence {number}"):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        if len(text) > _LONGEST_TEXT or not isinstance(value, str | bytes | int | np.integer):
            raise HeadatlasError(
                f"`tokens` of sequence {number} holds {_short(value)}. Tokens are texts of at most {_LONGEST_TEXT:,} "
                "letters."
            )
        # Half a character, as JSON can spell it, is no text that could be stored.
        texts.append(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    return texts


def _marks(row: Any, number: int) -> list[bool]:
    marks = []
    for value in _items(row, f"`special` of sequence {number}"):
        mark = bool(value) if isinstance(value, bool | np.bool_) else _whole(value)
        if mark not in (0, 1):
            raise HeadatlasError(f"`special` of sequence {number} holds {_short(value)}. Marks are true or false.")
        marks.append(bool(mark))
    return marks


def _rows(given: Any, name: str) -> Sequence[Any]:
    """Rows of an array [sequence, position], a tensor, or lists."""
    if (shape := getattr(given, "shape", None)) is not None and len(shape) != 2:
        raise HeadatlasError(f"`{name}` has shape {list(shape)}; it has to be [sequence, position].")
    if isinstance(given, str | bytes) or not hasattr(given, "__getitem__") or not hasattr(given, "__len__"):
        raise HeadatlasError(f"`{name}` is {_short(given)}; it has to be a list for each sequence.")
    if hasattr(given, "keys"):
        raise HeadatlasError(f"`{name}` is a mapping; it has to be a list for each sequence.")
    return given


def _items(row: Any, what: str) -> Iterable[Any]:
    if hasattr(row, "tolist"):
        row = row.tolist()
    if isinstance(row, str | bytes) or hasattr(row, "keys") or not hasattr(row, "__iter__"):
        raise HeadatlasError(f"{what} are {_short(row)}, not a list.")
    return row


def _short(value: Any) -> str:
    """What something is, in a few letters."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested a thousand deep; a number of thousands of digits
        return f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
