"""A user's own text as a probe: a file, or a dataset read as a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from headatlas.errors import HeadatlasError, brief
from headatlas.files.given import exists, read_text, regular, shown
from headatlas.files.passages import read_passages
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
# As long as this a passage is encoded as a whole where it cannot be cut.
_MOST_TOGETHER = 4 * _PIECE
# Where a cut is looked for: behind a line end, before a space, around a space whose place a tokenizer's mark of a
# beginning takes, or else anywhere. What there is, how much of it ends a part, and how much is in neither.
_CUTS = (("\n", 1, 0), (" ", 0, 0), (" ", 0, 1), ("", 0, 0))
# Letters before and after a cut on which it is tried out, and how many places of a sort are tried.
_AROUND, _N_TRIES = 200, 20
# A longer string is no file's name.
_LONGEST_NAME = 256


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
    if not name:
        raise HeadatlasError("An empty name is no dataset. Give a dataset's name, a folder or a file.")
    if exists(name) and not Path(name).is_dir():
        regular(Path(name), "Give a dataset's name, a folder or a file.")
    read = read_passages(name, column, N_PASSAGES, MOST_TEXT)
    if read.passages is None:
        raise HeadatlasError(
            f"The dataset '{brief(name)}' has no column '{brief(column)}'. Its columns are: {read.columns}. "
            "Use --dataset NAME:COLUMN."
        )
    description = f"The first {len(read.passages)} passages of the dataset {name}."
    return _probe(f"dataset:{_path(name).name}", description, read.passages, window)


def _path(name: str) -> Path:
    """Where a dataset is: in full where it is a file or folder here, so that "." has a name too."""
    return Path(name).resolve() if exists(name) else Path(name)


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
    """A long passage in parts whose tokens are together those of the whole: cut where it allows that.

    Where no place is found, the rest is one part, unless its tokens would take gigabytes: then it is cut all the same.
    """
    start = 0
    while len(passage) - start > 2 * _PIECE:
        cut = _cut(passage, start, encode)
        if cut is None and len(passage) - start <= _MOST_TOGETHER:
            break
        end, following = cut or (start + _PIECE, start + _PIECE)
        yield passage[start:end]
        start = following
    yield passage[start:]


def _cut(passage: str, start: int, encode: Encode) -> tuple[int, int] | None:
    """Where a part that begins at `start` may end, and the next begin."""
    for mark, behind, dropped in _CUTS:
        end = start + _PIECE
        for _ in range(_N_TRIES):
            at = passage.find(mark, end + 1 - behind, start + 2 * _PIECE)
            if at < 0:
                break
            end = at + behind
            before, after = passage[end - _AROUND : end], passage[end : end + _AROUND]
            if encode(before, None) + encode(after[dropped:], None) == encode(before + after, None):
                return end, end + dropped
    return None
