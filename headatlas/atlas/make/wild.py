"""Text from the wild: where in the kept natural text a head is most awake, and what it looks at there.

Only what the kept maps hold: of each sequence every query, with the attention that it does not leave where the head
rests. The queries with most of it are shown, and some from the middle of the order, so that one also sees what is
typical.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from headatlas.atlas.context.heatmaps import WildLine, WildPiece
from headatlas.atlas.data.model_data import Example
from headatlas.atlas.draw.running_text import running_text
from headatlas.atlas.make.awake import Kept, resting_keys
from headatlas.atlas.make.maps import reading_rank

N_MOST = 5
TYPICAL = (0.25, 0.5, 0.75)  # of the other queries, in the order of their attention off the sink
APART = 3  # tokens between two queries of a sequence that are both shown, at least
MIN_AWAKE = 0.05  # attention off the sink that a query has to have to be among the most awake
SHADED = 0.05  # weight from which a token is shaded
AROUND = 5  # tokens shown before and after the query
BESIDE = 2  # tokens shown before and after another token that is shaded


@dataclass(frozen=True)
class _Query:
    """A query of a kept sequence; `awake` is its attention off the sink, 0 to 1."""

    example: Example
    row: int
    awake: float
    weights: np.ndarray
    text: Sequence[str]


def wild_lines(kept: Iterable[Kept], attention: str, anchors: dict[int, str]) -> tuple[list[WildLine], list[WildLine]]:
    """The queries on which the head is most awake, the most awake first, and typical ones.

    None of cross-attention, whose queries and keys are of two texts, nor of pictures.
    """
    queries = sorted(_queries(kept, attention), key=lambda query: -query.awake)
    most: list[_Query] = []
    for query in queries:
        near = any(other.example is query.example and abs(other.row - query.row) < APART for other in most)
        if len(most) < N_MOST and query.awake >= MIN_AWAKE and not near:
            most.append(query)
    others = [query for query in queries if query not in most]
    typical = [others[int(share * len(others))] for share in TYPICAL] if len(others) > len(TYPICAL) else []
    return [_line(query, anchors) for query in most], [_line(query, anchors) for query in typical]


def _queries(kept: Iterable[Kept], attention: str) -> list[_Query]:
    """Every query of natural text that may look at more than where the head rests."""
    queries = []
    for example, weights in kept:
        if attention == "cross" or example.grid is not None or reading_rank(example.probe) > 1:
            continue
        tokens, _ = example.sides(attention)
        open_keys = ~resting_keys(example, attention)
        text = _running(tokens)
        off_sink = weights * open_keys
        awake = off_sink.sum(axis=1).tolist()
        queries += [
            _Query(example, row, awake[row] / 255, off_sink[row], text) for row in np.flatnonzero(open_keys).tolist()
        ]
    return queries


@lru_cache(maxsize=64)
def _running(tokens: tuple[str, ...]) -> list[str]:
    return running_text(tokens)


def _line(query: _Query, anchors: dict[int, str]) -> WildLine:
    return WildLine(
        awake=query.awake,
        href=f"{anchors[query.example.id]}&row={query.row}",
        pieces=_pieces(query),
    )


def _pieces(query: _Query) -> list[WildPiece]:
    """The text around the query and around what it looks at, in pieces that are shaded alike."""
    weights, n_tokens = (query.weights / 255).tolist(), len(query.text)
    shown = [False] * n_tokens
    for position in (query.row, *(at for at, weight in enumerate(weights) if weight >= SHADED)):
        reach = AROUND if position == query.row else BESIDE
        for near in range(max(position - reach, 0), min(position + reach + 1, n_tokens)):
            shown[near] = True
    pieces: list[WildPiece] = []
    for position, text in enumerate(query.text):
        if not shown[position]:
            if position == 0 or shown[position - 1]:
                _add_plain(pieces, " … " if position else "… ")
            continue
        step = f"v{round(100 * weights[position])}" if weights[position] >= SHADED else ""
        if not step and position != query.row:
            _add_plain(pieces, text)
            continue
        word = text.lstrip(" ") or text  # the space before a word is not shaded with it
        if word != text:
            _add_plain(pieces, " ")
        pieces.append(WildPiece(text=word, step=step, query=position == query.row))
    return pieces


def _add_plain(pieces: list[WildPiece], text: str) -> None:
    if pieces and not pieces[-1].step and not pieces[-1].query:
        text = pieces.pop().text + text
    pieces.append(WildPiece(text=text, step="", query=False))
