"""Rows of `head_lines` and of the texts that they stand in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headatlas.inputs.sequence import TokenSequence
from headatlas.scoring.lines import DrawnLine


def line_rows(lines: Sequence[DrawnLine], head_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Rows of `head_lines` without their probe."""
    for line in lines:
        yield {
            "head_id": head_ids[line.head],
            "band": line.band,
            "rank": line.rank,
            "sequence": line.sequence,
            "query": line.query,
            "off_sink": line.off_sink,
            "keys": _compact(line.keys),
            "weights": _compact(line.weights),
        }


def text_rows(
    lines: Sequence[DrawnLine], sequences: Sequence[TokenSequence], attention: str
) -> Iterator[Mapping[str, Any]]:
    """Rows of `line_texts` without their scan and probe: the texts of a probe that have a line."""
    for number in sorted({line.sequence for line in lines}):
        read = sequences[number]
        if attention == "encoder" and read.source is not None:
            read = read.source
        # Halves of surrogate pairs, which some tokens are, cannot be stored but as JSON spells them.
        halves = any("\ud800" <= sign <= "\udfff" for text in read.texts for sign in text)
        tokens = json.dumps(read.texts, ensure_ascii=halves, separators=(",", ":"))
        yield {"attention": attention, "sequence": number, "tokens": tokens}


def _compact(values: Sequence[float]) -> str:
    return json.dumps(values, separators=(",", ":"))
