"""Mergeable sums: everything a score needs, in memory that does not grow with the text."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

N_UNITS = 64
N_OFFSETS = 64  # offsets 0 to 63 are tried as fixed-offset rivals
N_DISTANCES = 64  # attention by distance is kept up to 63 tokens either way
# Parts of a tally that are not kept by unit.
_SUMMED = ("overlaps", "distance", "n_distance")


@dataclass
class Tally:
    """Sums over the sequences of each unit, for one probe and one kind of attention.

    Over counted queries: `scores` and, with the first position taken out, `sink_free`. `n_sink_free` counts
    the queries of the latter, head by head since heads differ in how often they rest on the sink;
    `n_possible` counts those that could have been. `chance` is summed like a score. `null` are the scores
    against the targets of shuffled tokens, over `n_null` queries; `value_weighted` is zero unless asked for.
    `offset_hits` counts the queries on which a head of each fixed offset would score.

    The last three are summed over everything: `overlaps` is what a head that follows one pattern perfectly (last
    axis; the last entry is one that rests on the first position) would get on another; `distance` is attention by
    distance, from `N_DISTANCES - 1` tokens ahead to as many back, over `n_distance` pairs of query and key.
    """

    scores: Float64[np.ndarray, "unit head pattern"]
    sink_free: Float64[np.ndarray, "unit head pattern"]
    n_sink_free: Float64[np.ndarray, "unit head pattern"]
    null: Float64[np.ndarray, "unit head pattern"]
    value_weighted: Float64[np.ndarray, "unit head pattern"]
    chance: Float64[np.ndarray, "unit pattern"]
    n_queries: Int64[np.ndarray, "unit pattern"]
    n_possible: Int64[np.ndarray, "unit pattern"]
    n_sequences: Int64[np.ndarray, "unit pattern"]
    n_null: Int64[np.ndarray, "unit pattern"]
    offset_hits: Int64[np.ndarray, "unit pattern offset"]
    overlaps: Float64[np.ndarray, "pattern other"]
    distance: Float64[np.ndarray, "head distance"]
    n_distance: Int64[np.ndarray, " distance"]

    @classmethod
    def empty(cls, n_heads: int, n_patterns: int, n_units: int = N_UNITS) -> Tally:
        """A tally of nothing."""
        per_head, shared = (n_units, n_heads, n_patterns), (n_units, n_patterns)
        floats = ("scores", "sink_free", "n_sink_free", "null", "value_weighted")
        counts = ("n_queries", "n_possible", "n_sequences", "n_null")
        return cls(
            **{name: np.zeros(per_head) for name in floats},
            **{name: np.zeros(shared, np.int64) for name in counts},
            chance=np.zeros(shared),
            offset_hits=np.zeros((*shared, N_OFFSETS), np.int64),
            overlaps=np.zeros((n_patterns, n_patterns + 1)),
            distance=np.zeros((n_heads, 2 * N_DISTANCES - 1)),
            n_distance=np.zeros(2 * N_DISTANCES - 1, np.int64),
        )

    def add(self, other: Tally) -> None:
        """Adds another tally of the same shape to this one."""
        for one in fields(self):
            getattr(self, one.name)[...] += getattr(other, one.name)

    def to_bytes(self) -> bytes:
        """As compressed npz; units without sequences are left out."""
        used = np.flatnonzero(self.n_sequences.any(1))
        parts = {
            one.name: getattr(self, one.name) if one.name in _SUMMED else getattr(self, one.name)[used]
            for one in fields(self)
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, n_units=len(self.n_sequences), used=used, **parts)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Tally:
        """Inverse of `to_bytes`."""
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            _, n_heads, n_patterns = parts["scores"].shape
            tally = cls.empty(n_heads, n_patterns, int(parts["n_units"]))
            for one in fields(cls):
                places = ... if one.name in _SUMMED else parts["used"]
                getattr(tally, one.name)[places] = parts[one.name]
        return tally


def pack_tallies(tallies: Mapping[str, Tally]) -> bytes:
    """An npz of one packed tally a kind of attention."""
    buffer = io.BytesIO()
    packed: dict[str, Any] = {kind: np.frombuffer(tally.to_bytes(), np.uint8) for kind, tally in tallies.items()}
    np.savez(buffer, **packed)
    return buffer.getvalue()


def unpack_tallies(data: bytes) -> dict[str, Tally]:
    """Inverse of `pack_tallies`."""
    with np.load(io.BytesIO(data), allow_pickle=False) as parts:
        return {kind: Tally.from_bytes(parts[kind].tobytes()) for kind in parts.files}
