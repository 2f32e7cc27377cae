"""Mergeable sums: everything a score needs, in memory that does not grow with the text.

Sequences are gathered in at most `N_UNITS` units (sequence i of a probe belongs to unit i modulo `N_UNITS`). Adding two
tallies adds their numbers: any split of the work gives the same result, to rounding.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float64, Int64

from headatlas.scoring.lines import Lines

if TYPE_CHECKING:  # they hold tensors, and what reads tallies does without torch
    from torch import Tensor

    from headatlas.scoring.batch_counts import BatchCounts
    from headatlas.scoring.layer_sums import LayerSums

N_UNITS = 64
N_OFFSETS = 64  # offsets 0 to 63 are tried as fixed-offset rivals
N_DISTANCES = 64  # attention by distance is kept up to 63 tokens either way
# Parts of a tally by unit, head and pattern, and those by head and pattern alone.
_BY_UNIT = ("scores", "off_sink", "off_mass", "contrast")
_OVER_UNITS = ("sink_free", "n_sink_free", "null", "value_weighted", "awake")
# Counts by unit and pattern.
_COUNTS = ("n_queries", "n_possible", "n_sequences", "n_null", "n_targets", "n_contrast")
# What grows with the length of the texts; chunks of versions that did not know of it lack it.
_FAR = ("far", "n_far")
# What the names of lists of lines begin with.
_LINES = "lines_"
# Parts of a tally that are kept by unit.
_UNITS = (*_BY_UNIT, *_COUNTS, "chance", "offset_hits", "waking", "n_waking")


@dataclass
class Tally:
    """Sums over the sequences of each unit, for one probe and one kind of attention.

    Over counted queries: `scores` and, with the first position taken out and rows renormalised, `sink_free`.
    `n_sink_free` counts the queries of the latter, head by head since heads differ in how often they rest on the sink;
    `n_possible` counts those that could have been. `chance` is summed like a score. `null` are the scores
    against the targets of shuffled tokens, over `n_null` queries; `value_weighted` is zero unless asked for.
    `offset_hits` counts the queries on which a head of each fixed offset would score.

    Off the sink, over the possible queries: `off_sink` is attention on targets besides the first position, `off_mass`
    all attention besides it, `awake` the number of queries with much of that; `contrast` is attention on the wrong ones
    of patterns that name such. `n_targets` and `n_contrast` count the pairs of query and right or wrong key.
    `control` is what habits of distance and of popular keys would put on the targets (`Controls`), `chance_off` what
    uniform attention off the sink would, `overlaps_off` what heads that follow another pattern would.

    `waking` is attention off the sink over the queries of each class, of which there are `n_waking`; `rows_off` the
    same over all `n_rows` queries, and `other_sinks` the part of it on other positions where the layer's heads rest.

    What is summed over everything: `overlaps` is what a head that follows one pattern perfectly (last axis; the last
    entry is one that rests on the first position) would get on another; `distance` is attention by distance, from
    `N_DISTANCES - 1` tokens ahead to as many back, over `n_distance` pairs of query and key. `far` is attention besides
    the first position at the lags from `N_DISTANCES` on, as many as the longest text has, over `n_far` queries.

    Beside the sums, `lines` are queries of each head that are kept to be read, on running text.
    """

    scores: Float64[np.ndarray, "unit head pattern"]
    off_sink: Float64[np.ndarray, "unit head pattern"]
    off_mass: Float64[np.ndarray, "unit head pattern"]
    contrast: Float64[np.ndarray, "unit head pattern"]
    sink_free: Float64[np.ndarray, "head pattern"]
    n_sink_free: Float64[np.ndarray, "head pattern"]
    null: Float64[np.ndarray, "head pattern"]
    value_weighted: Float64[np.ndarray, "head pattern"]
    awake: Float64[np.ndarray, "head pattern"]
    control: Float64[np.ndarray, "head pattern"]
    n_queries: Int64[np.ndarray, "unit pattern"]
    n_possible: Int64[np.ndarray, "unit pattern"]
    n_sequences: Int64[np.ndarray, "unit pattern"]
    n_null: Int64[np.ndarray, "unit pattern"]
    n_targets: Int64[np.ndarray, "unit pattern"]
    n_contrast: Int64[np.ndarray, "unit pattern"]
    chance: Float64[np.ndarray, "unit pattern"]
    chance_off: Float64[np.ndarray, " pattern"]
    offset_hits: Int64[np.ndarray, "unit pattern offset"]
    waking: Float64[np.ndarray, "unit head class"]
    n_waking: Int64[np.ndarray, "unit class"]
    rows_off: Float64[np.ndarray, " head"]
    other_sinks: Float64[np.ndarray, " head"]
    n_rows: Int64[np.ndarray, ""]
    overlaps: Float64[np.ndarray, "pattern other"]
    overlaps_off: Float64[np.ndarray, "pattern pattern"]
    distance: Float64[np.ndarray, "head distance"]
    n_distance: Int64[np.ndarray, " distance"]
    far: Float64[np.ndarray, "head far_lag"]
    n_far: Int64[np.ndarray, " far_lag"]

    def __post_init__(self) -> None:
        self.lines = Lines(len(self.null))

    @classmethod
    def empty(cls, n_heads: int, n_patterns: int, n_classes: int = 0, n_units: int = N_UNITS) -> Tally:
        """A tally of nothing."""
        shared = (n_units, n_patterns)
        return cls(
            **{name: np.zeros((n_units, n_heads, n_patterns)) for name in _BY_UNIT},
            **{name: np.zeros((n_heads, n_patterns)) for name in (*_OVER_UNITS, "control")},
            **{name: np.zeros(shared, np.int64) for name in _COUNTS},
            chance=np.zeros(shared),
            chance_off=np.zeros(n_patterns),
            offset_hits=np.zeros((*shared, N_OFFSETS), np.int64),
            waking=np.zeros((n_units, n_heads, n_classes)),
            n_waking=np.zeros((n_units, n_classes), np.int64),
            rows_off=np.zeros(n_heads),
            other_sinks=np.zeros(n_heads),
            n_rows=np.zeros((), np.int64),
            overlaps=np.zeros((n_patterns, n_patterns + 1)),
            overlaps_off=np.zeros((n_patterns, n_patterns)),
            distance=np.zeros((n_heads, 2 * N_DISTANCES - 1)),
            n_distance=np.zeros(2 * N_DISTANCES - 1, np.int64),
            far=np.zeros((n_heads, 0)),
            n_far=np.zeros(0, np.int64),
        )

    def add(self, other: Tally) -> None:
        """Adds another tally of the same shape to this one; its texts may be longer."""
        self._reach(len(other.n_far))
        for part in fields(self):
            own, added = getattr(self, part.name), getattr(other, part.name)
            (own[..., : added.shape[-1]] if part.name in _FAR else own)[...] += added
        self.lines.add(other.lines)

    def _reach(self, n_far: int) -> None:
        """Makes room for so many far lags."""
        missing = max(0, n_far - len(self.n_far))
        self.far = np.pad(self.far, ((0, 0), (0, missing)))
        self.n_far = np.pad(self.n_far, (0, missing))

    def add_counts(self, counts: BatchCounts, units: Sequence[int]) -> None:
        """Adds what is known of a batch before any attention; `units` says which unit each of its sequences is of."""
        for name in ("overlaps", "overlaps_off", "chance_off", "n_rows"):
            getattr(self, name)[...] += getattr(counts, name)
        self.n_distance += counts.n_distance.numpy()
        self._reach(len(counts.n_far))
        self.n_far[: len(counts.n_far)] += counts.n_far.numpy()
        for row, unit in enumerate(units):
            for name in (
                "n_queries", "n_possible", "n_null", "n_targets", "n_contrast", "chance", "offset_hits", "n_waking",
            ):  # fmt: skip
                getattr(self, name)[unit] += getattr(counts, name)[row].numpy()
            self.n_sequences[unit] += (counts.n_queries[row] > 0).numpy()

    def add_layer(self, sums: LayerSums, heads: slice, units: Sequence[int]) -> None:
        """Adds the sums of some heads over a batch.

        Raises:
            FloatingPointError: some of the attention was not a number.
        """
        distance = sums.distance.double().cpu().numpy()
        if not np.isfinite(distance).all():
            raise FloatingPointError("some weights are not numbers")
        self.distance[heads] += distance
        self._reach(sums.far.shape[1])
        self.far[heads, : sums.far.shape[1]] += _numbers(sums.far)
        for name in (*_BY_UNIT, "waking"):
            for unit, own in zip(units, _numbers(getattr(sums, name)), strict=True):
                getattr(self, name)[unit, heads] += own
        for name in _OVER_UNITS:
            values = getattr(sums, name)
            if values is not None:
                getattr(self, name)[heads] += _numbers(values).sum(0)
        self.control[heads] += _numbers(sums.control)
        self.rows_off[heads] += _numbers(sums.rows_off)
        self.other_sinks[heads] += _numbers(sums.other_sinks)
        if sums.lines is not None:
            self.lines.add_layer(sums.lines.arrays(), heads)

    def to_bytes(self) -> bytes:
        """As compressed npz; units without sequences are left out."""
        used = np.flatnonzero(self.n_sequences.any(1))
        parts = {
            part.name: getattr(self, part.name)[used] if part.name in _UNITS else getattr(self, part.name)
            for part in fields(self)
        }
        arrays = {"n_units": np.asarray(len(self.n_sequences)), "used": used, **parts}
        arrays |= {_LINES + name: lines for name, lines in self.lines.arrays().items()}
        buffer = io.BytesIO()
        # As `np.savez_compressed` writes it, but for the level: it is read once and thrown away.
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, values in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(values), allow_pickle=False)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Tally:
        """Inverse of `to_bytes`."""
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            _, n_heads, n_patterns = parts["scores"].shape
            tally = cls.empty(n_heads, n_patterns, parts["n_waking"].shape[1], int(parts["n_units"]))
            tally._reach(parts["n_far"].size if "n_far" in parts else 0)
            for part in fields(cls):
                if part.name in _FAR and part.name not in parts:
                    continue
                units = parts["used"] if part.name in _UNITS else ...
                getattr(tally, part.name)[units] = parts[part.name]
            for name in tally.lines.arrays():
                if _LINES + name in parts:
                    setattr(tally.lines, name, parts[_LINES + name])
        return tally


def _numbers(values: Float[Tensor, "*shape"]) -> Float64[np.ndarray, "*shape"]:
    numbers: Float64[np.ndarray, "*shape"] = values.double().cpu().numpy()
    return numbers


def pack_tallies(tallies: Mapping[str, Tally]) -> bytes:
    """An npz of one packed tally for each kind of attention."""
    buffer = io.BytesIO()
    packed: dict[str, Any] = {kind: np.frombuffer(tally.to_bytes(), np.uint8) for kind, tally in tallies.items()}
    np.savez(buffer, **packed)
    return buffer.getvalue()


def unpack_tallies(data: bytes) -> dict[str, Tally]:
    """Inverse of `pack_tallies`."""
    with np.load(io.BytesIO(data), allow_pickle=False) as parts:
        return {kind: Tally.from_bytes(parts[kind].tobytes()) for kind in parts.files}
