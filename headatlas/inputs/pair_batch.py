"""What an encoder-decoder reads: batches of pairs, with a target's tokens as queries and its source's as keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch


def paired(sequence: TokenSequence, start: tuple[int, ...], text: Callable[[int], str]) -> TokenSequence:
    """A text as source and as target: what the decoder reads when it is to repeat the source.

    As in training, the decoder reads `start`, then the text without its last special token (shifted right).
    A sequence that has a source of its own is left as it is.
    """
    if sequence.source is not None:
        return sequence
    target = shifted_right(sequence, start, text)
    return replace(target, source=replace(sequence, example=False), example=sequence.example)


def shifted_right(sequence: TokenSequence, start: tuple[int, ...], text: Callable[[int], str]) -> TokenSequence:
    """`start` before a sequence, and its last token left out where it is a special one."""
    end = len(sequence) - int(bool(sequence.special) and sequence.special[-1])
    return replace(
        sequence,
        ids=(*start, *sequence.ids[:end]),
        texts=(*map(text, start), *sequence.texts[:end]),
        special=(True,) * len(start) + sequence.special[:end],
        roles={
            name: {position + len(start): group for position, group in groups.items() if position < end}
            for name, groups in sequence.roles.items()
        },
    )


class PairBatch:
    """Cross-attention's queries (target tokens) and keys (source tokens), each a `TokenBatch`.

    `queries` and `keys` hold the two sides; `allowed` [batch, query, key]: every key that is not padding. Of a text
    that looks at a picture, only the tokens that see it are queries.
    """

    def __init__(self, sequences: Sequence[TokenSequence]) -> None:
        self.sequences = tuple(sequences)
        self.queries = TokenBatch(sequences, causal=True)
        self.keys = TokenBatch(sources(sequences), causal=False)
        self.causal = False
        self.window: int | None = None

    @property
    def sees_first(self) -> Bool[Tensor, "batch query"]:
        """Queries that may attend to the first position: all."""
        return self.real

    @cached_property
    def real(self) -> Bool[Tensor, "batch query"]:
        """Queries that are not padding, and that see the source."""
        first = torch.tensor([sequence.source_from for sequence in self.sequences])
        return self.queries.real & (self.queries.positions >= first[:, None])

    def shape_of(self, row: int) -> tuple[int, int]:
        """Queries and keys of one pair, padding aside."""
        return self.queries.lengths[row], self.keys.lengths[row]

    @cached_property
    def allowed(self) -> Bool[Tensor, "batch query key"]:
        """Keys a query may attend to: not padding."""
        return self.real[:, :, None] & self.keys.real[:, None, :]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Pairs of texts, queries, keys: the shape of `allowed`."""
        return len(self.sequences), self.queries.tokens.shape[1], self.keys.tokens.shape[1]

    @cached_property
    def n_allowed(self) -> Int[Tensor, "batch query"]:
        """How many keys each query may attend to."""
        return torch.where(self.real, self.keys.real.sum(-1, keepdim=True), 0)

    @cached_property
    def text_index(self) -> Int[Tensor, "batch query"]:
        """Index of each query's token among the ordinary tokens of its target, from 0; -1 for special ones."""
        ordinary = self.queries.ordinary
        return (ordinary.cumsum(-1) - 1).where(ordinary, -1)

    @cached_property
    def diagonal_index(self) -> Int[Tensor, "batch query"]:
        """Index among the source's ordinary tokens that is as far along as the query is in its target; -1 for none."""
        n_queries = self.queries.ordinary.sum(-1, keepdim=True).clamp(min=1)
        n_keys = self.keys.ordinary.sum(-1, keepdim=True)
        stretched = (2 * self.text_index + 1) * n_keys // (2 * n_queries)
        return stretched.where((self.text_index >= 0) & (n_keys > 0), -1)

    def at_source(self, indices: Int[Tensor, "batch query"]) -> Bool[Tensor, "batch query key"]:
        """For each query the source token with an index among the ordinary ones; -1 for none."""
        index_of_key = (self.keys.ordinary.cumsum(-1) - 1).where(self.keys.ordinary, -2)
        return indices[:, :, None] == index_of_key[:, None, :]

    def shift_to_next_query(self, targets: Bool[Tensor, "batch query key"]) -> Bool[Tensor, "batch query key"]:
        """For each query the targets of the query after it; none for the last."""
        shifted = torch.zeros_like(targets)
        shifted[:, :-1] = targets[:, 1:]
        return shifted

    def same_token(self) -> Bool[Tensor, "batch query key"]:
        """Source tokens that are the same as the query's token; special tokens have none."""
        same = self.queries.tokens[:, :, None] == self.keys.tokens[:, None, :]
        return same & self.queries.ordinary[:, :, None] & self.keys.ordinary[:, None, :]

    def link(self, query_role: str, key_role: str) -> Bool[Tensor, "batch query key"]:
        """From target tokens with one role to source tokens with another role, within the same group."""
        queries, keys = self.queries.role(query_role), self.keys.role(key_role)
        return (queries[:, :, None] == keys[:, None, :]) & (queries >= 0)[:, :, None]


# The queries and keys of any kind of attention.
Batch = TokenBatch | PairBatch


def sources(sequences: Sequence[TokenSequence]) -> list[TokenSequence]:
    """The sequences that the encoder reads."""
    encoded = [sequence.source for sequence in sequences if sequence.source is not None]
    assert len(encoded) == len(sequences), "an encoder-decoder needs a source for every sequence"
    return encoded
