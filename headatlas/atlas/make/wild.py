"""Text from the wild: where in natural text a head is most awake, and what it looks at there; and what is typical.

A scan keeps such lines of all that it reads. Of scans that kept none they are taken from the kept maps: of each
sequence every query, with the attention that it does not leave where the head rests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, zip_longest
from typing import Any, NamedTuple

import numpy as np

from headatlas.atlas.context.heatmaps import WildLine, WildPiece, WildText
from headatlas.atlas.data.lines import StoredLine
from headatlas.atlas.data.model_data import Head
from headatlas.atlas.draw.running_text import running_text
from headatlas.atlas.draw.wording import score
from headatlas.atlas.make.awake import Kept, resting_keys
from headatlas.atlas.make.maps import LayerMaps, reading_rank

N_MOST = 5  # of kept maps
SHOWN_MOST = 5  # lines that stand on the page; others are drawn by a script
SHOWN_TYPICAL = 4
TYPICAL = (0.25, 0.5, 0.75)  # of the other queries, in the order of their attention off the sink
APART = 3  # tokens between two queries of a sequence that are both shown, at least
MIN_AWAKE = 0.05  # attention off the sink that a query has to have to be among the most awake
SHADED = 0.05  # weight from which a token is shaded
MOST_SHADED = 4  # tokens of a line, the strongest
BEFORE, AFTER = 4, 2  # tokens shown before and after the query
BESIDE = 1  # tokens shown before and after another token that is shaded


class _Query(NamedTuple):
    """A token that looks; `awake` is its attention off the sink, `weights` those of the keys that get much of it."""

    text: Sequence[str]
    row: int
    awake: float
    weights: Mapping[int, float]
    sequence: tuple[str, int]


def wild_texts(maps: LayerMaps, head: Head) -> list[WildText]:
    """What is shown of a head, a user's own text first; nothing where it read no natural text."""
    return maps.once("wild", head, lambda: _made(maps, head))


def _made(maps: LayerMaps, head: Head) -> list[WildText]:
    stored = maps.lines.get(head.id, ())
    if not stored:
        return from_maps(maps.kept(head), maps.layer.attention, maps.anchors)
    kept = {(example.probe, example.sequence): maps.anchors[example.id] for example, _ in maps.examples}
    texts = [_stored(probe, [*lines], kept, maps.running) for probe, lines in groupby(stored, lambda line: line.probe)]
    return sorted(texts, key=lambda text: reading_rank(text.probe))


def _stored(
    probe: str,
    lines: Sequence[StoredLine],
    anchors: Mapping[tuple[str, int], str],
    running: dict[tuple[str, int], list[str]],
) -> WildText:
    """`running`: texts as they are read, which are those of all heads of a layer."""
    bands: dict[int, list[WildLine]] = defaultdict(list)
    for line in lines:
        sequence = (line.probe, line.sequence)
        if sequence not in running:
            running[sequence] = running_text(line.tokens)
        weights = dict(zip(line.keys, line.weights, strict=False))
        query = _Query(running[sequence], line.query, line.off_sink, weights, sequence)
        bands[line.band].append(_line(query, anchors))
    most = bands.pop(0, [])
    # One of each quarter first, since the others are folded.
    turns = zip_longest(*(bands[band] for band in sorted(bands)))
    typical = [line for turn in turns for line in turn if line is not None]
    return WildText(
        probe=probe,
        most=most[:SHOWN_MOST],
        typical=typical[:SHOWN_TYPICAL],
        more_most=most[SHOWN_MOST:],
        more_typical=typical[SHOWN_TYPICAL:],
        from_maps=False,
    )


def more_lines(texts: Sequence[WildText]) -> list[list[list[Any]]]:
    """The lines that a script draws, list by list in the order of the page.

    A line: its number as it is printed, its row in the map or "", and the text in pieces: a text, or a text, the CSS
    class of its weight and whether it looks.
    """
    lists = [lines for text in texts for lines in (text.more_most, text.more_typical) if lines]
    return [
        [
            [score(line.awake, 2), line.href, *(list(piece) if any(piece[1:]) else piece.text for piece in line.pieces)]
            for line in lines
        ]
        for lines in lists
    ]


def from_maps(kept: Iterable[Kept], attention: str, anchors: Mapping[int, str]) -> list[WildText]:
    """The queries of kept maps on which the head is most awake, the most awake first, and typical ones.

    None of cross-attention, whose queries and keys are of two texts, nor of pictures.
    """
    kept = list(kept)
    of_sequences = {(example.probe, example.sequence): anchors[example.id] for example, _ in kept}
    queries = sorted(_queries(kept, attention), key=lambda query: -query.awake)
    most: list[_Query] = []
    for query in queries:
        near = any(other.sequence == query.sequence and abs(other.row - query.row) < APART for other in most)
        if len(most) < N_MOST and query.awake >= MIN_AWAKE and not near:
            most.append(query)
    others = [query for query in queries if query not in most]
    typical = [others[int(share * len(others))] for share in TYPICAL] if len(others) > len(TYPICAL) else []
    lines, typical_lines = ([_line(query, of_sequences) for query in some] for some in (most, typical))
    if not queries:
        return []
    return [WildText(probe="", most=lines, typical=typical_lines, more_most=(), more_typical=(), from_maps=True)]


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
        for row in np.flatnonzero(open_keys).tolist():
            shaded = np.flatnonzero(off_sink[row] >= 255 * SHADED)
            looked_at = dict(zip(shaded.tolist(), (off_sink[row, shaded] / 255).tolist(), strict=True))
            queries.append(_Query(text, row, awake[row] / 255, looked_at, (example.probe, example.sequence)))
    return queries


@lru_cache(maxsize=512)
def _running(tokens: tuple[str, ...]) -> list[str]:
    return running_text(tokens)


def _line(query: _Query, anchors: Mapping[tuple[str, int], str]) -> WildLine:
    anchor = anchors.get(query.sequence)
    return WildLine(
        awake=query.awake,
        href=f"{anchor}&row={query.row}" if anchor else "",
        pieces=_pieces(query),
    )


def in_context(text: Sequence[str], row: int, weights: Mapping[int, float]) -> list[WildPiece]:
    """A token that looks in its text, what it looks at shaded; `text` as `running_text` gives it."""
    return _pieces(_Query(text, row, 1.0, weights, ("", 0)))


def _pieces(query: _Query) -> list[WildPiece]:
    """The text around the query and around what it looks at, in pieces that are shaded alike."""
    strongest = sorted(query.weights.items(), key=lambda looked_at: -looked_at[1])[:MOST_SHADED]
    shaded = {position: weight for position, weight in strongest if weight >= SHADED}
    shown = {*range(query.row - BEFORE, query.row + AFTER + 1)}
    for position in shaded:
        shown |= {*range(position - BESIDE, position + BESIDE + 1)}
    pieces: list[WildPiece] = []
    plain: list[str] = []  # what has been read since the last piece
    last = -1
    for position in sorted(position for position in shown if 0 <= position < len(query.text)):
        text = query.text[position]
        if position > last + 1:
            plain.append(f"{' ' if pieces or plain else ''}…{'' if text.startswith(' ') else ' '}")
        last = position
        step = f"v{round(100 * shaded[position])}" if position in shaded else ""
        if not step and position != query.row:
            plain.append(text)
            continue
        word = text.lstrip(" ") or text  # the space before a word is not shaded with it
        if word != text:
            plain.append(" ")
        _move(plain, pieces)
        pieces.append(WildPiece(text=word, step=step, query=position == query.row))
    if last < len(query.text) - 1:
        plain.append(" …")
    _move(plain, pieces)
    return pieces


def _move(plain: list[str], pieces: list[WildPiece]) -> None:
    if plain:
        pieces.append(WildPiece(text="".join(plain), step="", query=False))
        plain.clear()
