"""A user's own text as a probe: a file, or a dataset read as a stream."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from headatlas.errors import HeadatlasError, one_line
from headatlas.files.given import read_text, regular, shown
from headatlas.probes import DoesNotFit, Probe, ProbeContext

if TYPE_CHECKING:
    from headatlas.inputs.sequence import TokenSequence

    # Ids of a text, cut to a number of them.
    Encode: TypeAlias = Callable[[str, int | None], list[int]]

# Passages are cut to this many tokens: long enough for context, short enough for many.
WINDOW = 256
# Passages taken from a dataset.
N_PASSAGES = 64
# Bytes of a text, and of the passages of a dataset together.
MOST_TEXT = 2**24
# Letters of a long text that are encoded together: a tokenizer holds a hundred bytes and more for each token.
_PIECE = 2**18
# Letters before and after a cut on which it is tried out, and how many places of a sort are tried.
_AROUND, _N_TRIES = 200, 20
# A longer string is no file's name.
_LONGEST_NAME = 256
# Files that the datasets library reads, and what it calls their formats.
_FORMATS = {".jsonl": "json", ".json": "json", ".csv": "csv", ".parquet": "parquet", ".txt": "text"}


def text_probe(path: Path, *, window: int = WINDOW) -> Probe:
    """A text file; cut into sequences of up to `window` tokens, or as many as the model's context holds.

    Raises:
        HeadatlasError: there is no such file, it is empty, or it is not text.
    """
    try:
        regular(path)
    except HeadatlasError as error:
        if not path.exists():
            raise HeadatlasError(f"There is no text file {shown(path)}.") from error
        raise HeadatlasError(f"{error} Write the text into a file, and give that.") from error
    text = read_text(path, MOST_TEXT, "Give a text file, or a part of it.")
    if not text.strip():
        raise HeadatlasError(f"{shown(path)} is empty. Give a file with some text in it.")
    name = shown(path.name)
    return _probe(f"text:{name}", f"The text file {name}.", [text], window)


def texts_probe(texts: Sequence[str | Path], *, window: int = WINDOW) -> list[Probe]:
    """Probes of texts given in Python: one of all strings together, and one of each `Path`, which is a file.

    Raises:
        HeadatlasError: there is no text in them, or a string is the name of a file.
    """
    if isinstance(texts, str | Path):
        texts = [texts]
    strings = [text for text in texts if isinstance(text, str)]
    for text in strings:
        if len(text) < _LONGEST_NAME and "\n" not in text and Path(text).suffix and Path(text).is_file():
            raise HeadatlasError(f"'{text}' is the name of a file. Give Path('{text}') to read it, or its text.")
    if strings and not any(text.strip() for text in strings):
        raise HeadatlasError("There is nothing in the texts. Give some words.")
    of_files = [text_probe(text, window=window) for text in texts if isinstance(text, Path)]
    if not strings:
        return of_files
    return [_probe("texts", f"{len(strings)} texts given in Python.", strings, window), *of_files]


def dataset_probe(name: str, column: str = "text", *, window: int = WINDOW) -> Probe:
    """The first passages of a dataset of the datasets library (a hub id, a folder or a file), read as a stream.

    Raises:
        HeadatlasError: it cannot be loaded, or has no such column.
    """
    path = Path(name)
    if path.exists() and not path.is_dir():
        regular(path, "Give a dataset's name, a folder or a file.")
    try:
        first = list(itertools.islice(_rows(name), N_PASSAGES))
    except Exception as error:  # the library raises its own and everybody else's errors
        reason = one_line(error)
        raise HeadatlasError(f"The dataset '{name}' could not be read: {reason}") from error
    if not first or column not in first[0]:
        columns = ", ".join(first[0]) if first else "none"
        raise HeadatlasError(
            f"The dataset '{name}' has no column '{column}'. Its columns are: {columns}. Use --dataset NAME:COLUMN."
        )
    passages = [str(row[column]) for row in first if row.get(column) is not None and str(row[column]).strip()]
    return _probe(
        f"dataset:{_path(name).name}", f"The first {len(passages)} passages of the dataset {name}.", passages, window
    )


def _rows(name: str) -> Iterable[dict[str, Any]]:
    """The rows of a dataset, one after the other."""
    import datasets

    path = _path(name)
    if path.is_file() and path.suffix in _FORMATS:
        return datasets.load_dataset(_FORMATS[path.suffix], data_files=str(path), split="train", streaming=True)
    return datasets.load_dataset(str(path) if path.exists() else name, split="train", streaming=True)


def _path(name: str) -> Path:
    """Where a dataset is: in full where it is a file or folder here, so that "." has a name too."""
    path = Path(name)
    return path.resolve() if path.exists() else path


def _probe(name: str, description: str, passages: list[str], window: int) -> Probe:
    if (n_letters := sum(map(len, passages))) > MOST_TEXT:
        raise HeadatlasError(
            f"{description.rstrip('.')} has {n_letters / 1e6:,.0f} million letters; at most {MOST_TEXT / 1e6:,.0f} "
            "million are read. Give a part of it."
        )
    # The words and where they are cut decide the numbers, so they stand in for a version.
    cut = [] if window == WINDOW else [str(window)]
    digest = hashlib.sha256("\0".join([*passages, *cut]).encode()).hexdigest()

    def generate(context: ProbeContext) -> Iterator[TokenSequence]:
        vocabulary = context.vocabulary
        if vocabulary.tokenizer is None:
            raise DoesNotFit("left out: the model has no tokenizer, so text cannot be read")
        room = min(window, context.max_length) - len(vocabulary.before) - len(vocabulary.after)
        if room < 2:
            raise DoesNotFit(f"left out: a context of {context.max_length} tokens is too short")
        number = -1
        for number, ids in enumerate(_windows(passages, vocabulary.encode, room)):
            # The whole attention of an example is kept, which would be gigabytes of a long one.
            shown = number == 0 and len(ids) <= WINDOW
            yield vocabulary.sequence(ids, before=vocabulary.before, after=vocabulary.after, example=shown)
        if number < 0:
            raise DoesNotFit(f"left out: {name} has fewer than two tokens, so that none can look at another")

    return Probe(name, int(digest[:7], 16), description, __file__, generate)


def _windows(passages: Iterable[str], encode: Encode, room: int) -> Iterator[list[int]]:
    for passage in passages:
        ids: list[int] = []
        for piece in _pieces(passage, encode):
            ids += encode(piece, None)
            full = len(ids) - len(ids) % room
            for start in range(0, full, room):
                yield from _long_enough(ids[start : start + room])
            del ids[:full]
        yield from _long_enough(ids)


def _long_enough(window: list[int]) -> Iterator[list[int]]:
    if len(window) > 1:  # a single token has nothing to look at
        yield window


def _pieces(passage: str, encode: Encode) -> Iterator[str]:
    """A long passage in parts whose tokens are together those of the whole: cut at line ends or spaces that allow it.

    Where there is no such place (some tokenizers put a mark at every beginning), the rest is one part.
    """
    start = 0
    while len(passage) - start > 2 * _PIECE:
        end = _cut(passage, start, encode)
        if end is None:
            break
        yield passage[start:end]
        start = end
    yield passage[start:]


def _cut(passage: str, start: int, encode: Encode) -> int | None:
    """Where a part that begins at `start` may end: behind a line end, or else before a space."""
    for mark, behind in (("\n", 1), (" ", 0)):
        end = start + _PIECE
        for _ in range(_N_TRIES):
            at = passage.find(mark, end + 1 - behind, start + 2 * _PIECE)
            if at < 0:
                break
            end = at + behind
            before, after = passage[end - _AROUND : end], passage[end : end + _AROUND]
            if encode(before, None) + encode(after, None) == encode(before + after, None):
                return end
    return None
