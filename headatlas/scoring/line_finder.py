"""Finds in a layer's rows the queries that are kept as lines to read, while its blocks are added; see `lines`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Shaped, UInt64
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch, PairBatch
from headatlas.probes import is_running_text
from headatlas.scoring.chunks import Chunk
from headatlas.scoring.lines import (
    MIN_WEIGHT,
    MOST_OF_A_SEQUENCE,
    N_KEYS,
    N_MOST,
    N_SAMPLED,
    NOTHING,
    PARTS,
    nothing,
    priorities,
)

# Of one sequence and head some more are held than are kept: those whose key turns out to be a sink are left out, and
# which keys are sinks of a layer is known when all of its rows have been seen.
_SPARE = 4
# Attention off the sink that a query has to have, in `PARTS`.
_MIN_OFF = 500
# The last query number that can stand below a share in one number.
_QUERIES = 2**32 - 1
# Weights of sampled queries that are gone through at once.
MOST_WEIGHTS = 2**20


class _Rows(NamedTuple):
    """Some queries of each head: the share off the sink in `PARTS`, the query, the strongest keys and their weights."""

    off: Int[Tensor, "*line"]
    query: Int[Tensor, "*line"]
    keys: Int[Tensor, "*line key"]
    weights: Int[Tensor, "*line key"]


class FoundLines(NamedTuple):
    """Lines of some heads in a batch. `indices` are the numbers of its sequences in their probe."""

    indices: Sequence[int]
    most: _Rows  # batch head line
    sample_rows: Sequence[int]
    sample_priorities: UInt64[np.ndarray, " line"]
    sampled: _Rows  # line head

    def arrays(self) -> Iterator[tuple[str, Shaped[np.ndarray, "head line"]]]:
        """The lists by name, as `lines.LINE`; their order means nothing."""
        n_batch, n_heads, n = self.most.off.shape
        most = nothing(n_heads, n_batch * n)
        for name in ("off", "query", "keys", "weights"):
            values = getattr(self.most, name).movedim(1, 0).flatten(1, 2)
            most[name] = values.cpu().numpy()
        most["sequence"] = np.repeat(self.indices, n)
        yield "most", most
        sampled = nothing(n_heads, len(self.sample_rows))
        for name in ("off", "query", "keys", "weights"):
            sampled[name] = getattr(self.sampled, name).movedim(1, 0).cpu().numpy()
        sampled["sequence"] = [self.indices[row] for row in self.sample_rows]
        sampled["priority"] = self.sample_priorities
        yield "sampled", sampled


class LineFinder:
    """What may be a line of a batch of running text; made once a batch, used for all layers.

    Lines are tokens of the text itself, the first position and special tokens aside. `indices` are the numbers of the
    batch's sequences in their probe, which has `n_sequences`.
    """

    def __init__(
        self, batch: Batch, indices: Sequence[int], n_sequences: int, seed: int, device: torch.device | str
    ) -> None:
        assert not isinstance(batch, PairBatch), "queries and keys of a pair are not of one text"
        self.indices = indices
        self.shape = batch.shape
        self.device = device
        self.n_kept = max(MOST_OF_A_SEQUENCE, -(-N_MOST // n_sequences))
        may_look = batch.ordinary & (batch.positions > 0)
        special = batch.special & (batch.positions > 0)
        self.eligible: Bool[Tensor, "batch query"] = may_look.to(device)
        self.special: Bool[Tensor, "batch key"] = special.to(device)
        self.any_special = bool(special.any())
        rows, queries = np.nonzero(may_look.numpy())
        every = priorities(seed, indices, np.arange(batch.shape[1]))[rows, queries]
        first = np.argsort(every)[:N_SAMPLED]
        self.sample_rows, self.sample_queries = rows[first].tolist(), queries[first].tolist()
        self.sample_priorities = every[first]

    def accumulator(self, n_heads: int) -> LineAccumulator:
        """For one layer."""
        return LineAccumulator(self, n_heads)


class LineAccumulator:
    """The lines of one layer while its blocks are added.

    Of each sequence and head no two lines are held that look at the same key most: one key shows nothing new twice, and
    so none is lost where many queries rest on a key that turns out to be a sink.
    """

    def __init__(self, finder: LineFinder, n_heads: int) -> None:
        n_sequences, _, n_keys = finder.shape
        self._finder = finder
        shape = (n_sequences, n_heads, min(finder.n_kept + _SPARE, n_keys))
        # A share and a query in one number, the larger the better; below 0 where there is none.
        self._ranks = torch.full(shape, -1, dtype=torch.long, device=finder.device)
        self._keys = torch.zeros(shape, dtype=torch.long, device=finder.device)
        self._rows = torch.zeros(*shape, n_keys, device=finder.device)
        # As many keys as the block that a query came in: of causal attention half of all.
        self._sampled: dict[int, Float[Tensor, "head some_key"]] = {}

    def add(
        self,
        attention: Float[Tensor, "batch head query key"],
        excluding_sink: Float[Tensor, "batch head query"],
        block: Block,
    ) -> None:
        """Adds a block, of which the sums of all but the first key are known."""
        finder, at, start = self._finder, block.rows, block.queries.start
        n_keys = attention.shape[3]
        for number, (row, query) in enumerate(zip(finder.sample_rows, finder.sample_queries, strict=True)):
            if at.start <= row < at.stop and start <= query < block.queries.stop:
                self._sampled[number] = attention[row - at.start, :, query - start].clone()
        if n_keys < 2:  # nothing but the first key
            return
        others, off = attention[..., 1:], excluding_sink
        if finder.any_special:
            special = finder.special[at, None, None, 1:n_keys]
            others = others.masked_fill(special, 0)
            off = others.sum(-1)
        keys = _largest(others) + 1
        ranks = self._ranked(off, torch.arange(start, start + off.shape[2], device=off.device))
        ranks = ranks.where(finder.eligible[at, None, block.queries] & (ranks >> 32 >= _MIN_OFF), -1)
        # Of each key the best query that looks at it most, then the best of these.
        by_key = torch.full((*ranks.shape[:2], n_keys), -1, dtype=torch.long, device=ranks.device)
        by_key.scatter_reduce_(2, keys, ranks, "amax")
        best, keys = by_key.topk(min(self._ranks.shape[2], n_keys))
        queries = (_query_of(best) - start).clamp(0, off.shape[2] - 1)
        self._merge(at, best, keys, queries, attention)

    def _merge(
        self,
        at: slice,
        ranks: Int[Tensor, "batch head more"],
        keys: Int[Tensor, "batch head more"],
        queries: Int[Tensor, "batch head more"],
        attention: Float[Tensor, "batch head query key"],
    ) -> None:
        """Keeps the best of what is held and of more lines, whose rows are those of `queries` in a block.

        Rows that stay are left where they lie: of a long text they take several times as much as the block.
        """
        n = self._ranks.shape[2]
        ranks, keys = torch.cat([self._ranks[at], ranks], 2), torch.cat([self._keys[at], keys], 2)
        beaten = (keys[..., None] == keys[..., None, :]) & (ranks[..., None] < ranks[..., None, :])
        ranks = ranks.masked_fill(beaten.any(-1), -1)
        _, order = ranks.topk(n)
        # Those that come get the places of those that go, in turn.
        stays = torch.zeros_like(ranks, dtype=torch.bool).scatter_(2, order, True)[..., :n]
        comes_first, gone_first = order.sort(dim=-1, descending=True).values, stays.sort(dim=-1, stable=True).indices
        order = torch.zeros_like(order).scatter_(2, gone_first, comes_first)
        order = order.where(~stays, torch.arange(n, device=order.device))
        self._ranks[at], self._keys[at] = ranks.gather(2, order), keys.gather(2, order)
        queries = queries.gather(2, (order - n).clamp(min=0))
        rows = self._rows[at, ..., : attention.shape[3]]
        if attention.device.type == "cpu":
            row, head, slot = (order >= n).nonzero(as_tuple=True)
            rows[row, head, slot] = attention[row, head, queries[row, head, slot]]
        else:  # to ask which ones come would make the device wait
            rows.copy_(_chosen(attention, queries).where((order >= n)[..., None], rows))

    def lines(self, sinks: Bool[Tensor, "batch key"]) -> FoundLines:
        """The lines when all blocks have been added; `sinks` are keys on which the layer rests besides the first."""
        finder = self._finder
        rests = sinks | finder.special
        rests[:, 0] = True
        queries = _query_of(self._ranks).clamp(0, finder.shape[1] - 1)
        rows = self._rows.masked_fill(rests[:, None, None], 0)
        off = _parts(rows.sum(-1))
        # What rests on a sink does nothing there, and a sink's own row is no line.
        at = torch.arange(len(sinks), device=sinks.device)[:, None, None]
        there = (self._ranks >= 0) & ~rests[at, self._keys] & (off >= _MIN_OFF)
        if sinks.shape[1] == finder.shape[1]:
            there &= ~sinks[at, queries]
        ranks = ((off << 32) + (_QUERIES - queries)).where(there, -1)
        best, order = ranks.topk(min(finder.n_kept, ranks.shape[2]))
        most = _Rows(
            (best >> 32).where(best >= 0, NOTHING), queries.gather(2, order), *_strongest(_chosen(rows, order))
        )
        sampled = self._strongest_of_sampled(rests)
        return FoundLines(finder.indices, most, finder.sample_rows, finder.sample_priorities, sampled)

    def _strongest_of_sampled(self, rests: Bool[Tensor, "batch key"]) -> _Rows:
        """The sampled queries, whose whole rows are made again a few at a time."""
        finder, (n_heads, n_keys) = self._finder, self._rows.shape[1::2]
        n, at_once = len(finder.sample_rows), max(1, MOST_WEIGHTS // (n_heads * n_keys))
        queries = torch.tensor(finder.sample_queries, dtype=torch.long).view(n, 1).expand(n, n_heads)
        off, keys, weights = [], [], []
        for numbers in torch.arange(n).split(at_once):
            rows = self._rows.new_zeros(len(numbers), n_heads, n_keys)
            for row, number in zip(rows, numbers.tolist(), strict=True):
                if number in self._sampled:
                    row[:, : self._sampled[number].shape[1]] = self._sampled[number]
            of_rows = torch.tensor(finder.sample_rows, dtype=torch.long, device=rests.device)[numbers]
            rows = rows.masked_fill(rests[of_rows][:, None], 0)
            strongest, percent = _strongest(rows)
            off.append(_parts(rows.sum(-1)))
            keys.append(strongest)
            weights.append(percent)
        return _Rows(torch.cat(off), queries, torch.cat(keys), torch.cat(weights))

    @staticmethod
    def _ranked(
        off: Float[Tensor, "batch head query"], queries: Int[Tensor, " query"]
    ) -> Int[Tensor, "batch head query"]:
        return (_parts(off) << 32) + (_QUERIES - queries)


def line_finder(chunk: Chunk, attention: str, batch: Batch, seed: int, device: torch.device | str) -> LineFinder | None:
    """Where the lines of a chunk are to be looked for; None where it is no running text, or of two texts."""
    of_text = is_running_text(chunk.text.probe.name) and not any(sequence.has_signal for sequence in batch.sequences)
    if not of_text or isinstance(batch, PairBatch) or attention == "vision":
        return None
    return LineFinder(batch, chunk.indices, len(chunk.text.sequences), seed, device)


def _parts(off: Float[Tensor, "*line"]) -> Int[Tensor, "*line"]:
    # What is not a number is refused elsewhere.
    return (off.nan_to_num() * PARTS).round_().clamp_(0, PARTS).long()


def _query_of(ranks: Int[Tensor, "*line"]) -> Int[Tensor, "*line"]:
    return _QUERIES - (ranks & _QUERIES)


def _largest(rows: Float[Tensor, "*line key"]) -> Int[Tensor, "*line"]:
    """Where each row is largest; the first of those that are."""
    if rows.device.type == "cpu":  # torch takes three times as long there
        return torch.from_numpy(rows.detach().numpy().argmax(-1))
    return rows.argmax(-1)


def _chosen(
    rows: Float[Tensor, "batch head line key"], order: Int[Tensor, "batch head some"]
) -> Float[Tensor, "batch head some key"]:
    """Some rows of each head."""
    n_batch, n_heads = order.shape[:2]
    batch = torch.arange(n_batch, device=order.device)[:, None, None]
    return rows[batch, torch.arange(n_heads, device=order.device)[:, None], order]


def _strongest(
    rows: Float[Tensor, "*line every_key"],
) -> tuple[Int[Tensor, "*line key"], Int[Tensor, "*line key"]]:
    """The strongest keys of rows, and their weights in percent."""
    weights, keys = rows.topk(min(N_KEYS, rows.shape[-1]))
    percent = (weights.nan_to_num() * 100).round().clamp(0, 100).long()
    kept = percent >= MIN_WEIGHT
    missing = (0, N_KEYS - weights.shape[-1])
    keys = torch.nn.functional.pad(keys.where(kept, NOTHING), missing, value=NOTHING)
    return keys, torch.nn.functional.pad(percent.where(kept, 0), missing)
