"""Batches of token sequences, and what patterns ask of them: allowed keys, earlier copies, token classes, roles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.sparse_targets import IndexedTargets, SuffixTargets


class TokenBatch:
    """Sequences padded on the right, on the CPU; [batch, position] tensors.

    `tokens` ids (0 where padded), `real` not padding, `special` added by the tokenizer, `allowed`
    [batch, query, key]: the keys a query may attend to. It is not `causal` where only some tokens see nothing ahead.
    Where attention slides, `window` is how many tokens away the farthest key of a query is; None where any is seen.
    """

    def __init__(self, sequences: Sequence[TokenSequence], causal: bool = True, window: int | None = None) -> None:
        self.sequences = tuple(sequences)
        self.window = window
        self.lengths = [len(sequence) for sequence in self.sequences]
        shape = (len(self.sequences), max(self.lengths))
        #: Sequences, queries, keys: the shape of `allowed`.
        self.shape = (*shape, shape[1])
        self.tokens: Int[Tensor, "batch position"] = torch.zeros(shape, dtype=torch.long)
        self.special: Bool[Tensor, "batch position"] = torch.zeros(shape, dtype=torch.bool)
        self.real: Bool[Tensor, "batch position"] = torch.zeros(shape, dtype=torch.bool)
        for row, sequence in enumerate(self.sequences):
            self.tokens[row, : len(sequence)] = torch.tensor(sequence.ids)
            self.special[row, : len(sequence)] = torch.tensor(sequence.special)
            self.real[row, : len(sequence)] = True
        self._mostly_causal = causal
        self.causal = causal and self.two_way is None

    @property
    def real_keys(self) -> Bool[Tensor, "batch position"]:
        """Tokens that queries may attend to, besides what causality says."""
        return self.real

    def shape_of(self, row: int) -> tuple[int, int]:
        """Queries and keys of one sequence, padding aside."""
        return self.lengths[row], self.lengths[row]

    @cached_property
    def positions(self) -> Int[Tensor, " position"]:
        """0, 1, 2, ..."""
        return torch.arange(self.tokens.shape[1])

    @cached_property
    def allowed(self) -> Bool[Tensor, "batch query key"]:
        """Keys a query may attend to: not padding and, in causal models, not later than itself."""
        pairs = self.real[:, :, None] & self.real[:, None, :]
        if self.window is not None:
            pairs &= (self.positions[:, None] - self.positions).abs() <= self.window
        if self._mostly_causal and self.two_way is not None:
            return pairs.tril() | self.two_way
        return pairs.tril() if self.causal else pairs

    @cached_property
    def two_way(self) -> Bool[Tensor, "batch query key"] | None:
        """Pairs of tokens that see each other both ways even where attention is causal; None where there are none."""
        spans = [sequence.two_way for sequence in self.sequences]
        if not any(spans):
            return None
        inside = torch.zeros_like(self.real)
        for row, span in enumerate(spans):
            if span is not None:
                inside[row, slice(*span)] = True
        return inside[:, :, None] & inside[:, None, :]

    @cached_property
    def n_allowed(self) -> Int[Tensor, "batch query"]:
        """How many keys each query may attend to; as `allowed` says, without going through pairs where possible."""
        if self._mostly_causal and self.two_way is not None:
            return self.allowed.sum(-1)
        seen = self.positions + 1 if self.causal else self.real.sum(-1, keepdim=True)
        if self.window is not None:
            before = self.positions.clamp(max=self.window)
            behind = (seen - 1 - self.positions).clamp(0, self.window)
            seen = before + 1 + behind
        return torch.where(self.real, seen, 0)

    @cached_property
    def sees_first(self) -> Bool[Tensor, "batch query"]:
        """Queries that may attend to the first position: all but those beyond its window."""
        if self.window is None:
            return self.real
        return (
            self.real & self.allowed[:, :, 0]
            if self.two_way is not None
            else self.real & (self.positions <= self.window)
        )

    @cached_property
    def ordinary(self) -> Bool[Tensor, "batch position"]:
        """Tokens of the text itself: neither padding nor added by the tokenizer."""
        return self.real & ~self.special

    @cached_property
    def previous_occurrence(self) -> Int[Tensor, "batch position"]:
        """Position of the nearest earlier copy of each token; -1 where it is new. Special tokens have none."""
        return self._nearest_copy(range)

    @cached_property
    def previous_pair(self) -> Int[Tensor, "batch position"]:
        """Position of the nearest earlier copy of each token that follows the same token as it does; -1 for none."""
        return self._nearest_copy(range, n_tokens=2)

    @cached_property
    def next_occurrence(self) -> Int[Tensor, "batch position"]:
        """Position of the nearest later copy of each token; -1 where there is none. Special tokens have none."""
        return self._nearest_copy(lambda n: range(n - 1, -1, -1))

    def _nearest_copy(self, order: Callable[[int], range], n_tokens: int = 1) -> Int[Tensor, "batch position"]:
        """Where each token, with the `n_tokens - 1` before it, was last met, going through positions in an order."""
        copies = np.full(tuple(self.tokens.shape), -1)
        for row, sequence in enumerate(self.sequences):
            met: dict[tuple[int, ...], int] = {}
            for position in order(len(sequence)):
                start = position + 1 - n_tokens
                if start >= 0 and not any(sequence.special[start : position + 1]):
                    ids = sequence.ids[start : position + 1]
                    copies[row, position] = met.get(ids, -1)
                    met[ids] = position
        return torch.from_numpy(copies)

    def earlier_copies(self, fewest: int, most: int) -> Int[Tensor, "batch position copy"]:
        """Positions of all earlier copies of each token that has so many, the others -1. Special tokens have none."""
        copies = np.full((*self.tokens.shape, most), -1)
        for row, sequence in enumerate(self.sequences):
            met: dict[int, list[int]] = {}
            for position, (token, special) in enumerate(zip(sequence.ids, sequence.special, strict=True)):
                if special:
                    continue
                earlier = met.setdefault(token, [])
                if fewest <= len(earlier) <= most:
                    copies[row, position, : len(earlier)] = earlier
                if len(earlier) <= most:  # beyond that their number is all that counts
                    earlier.append(position)
        return torch.from_numpy(copies)

    def latest(self, pairs: Bool[Tensor, "batch query key"]) -> Int[Tensor, "batch query"]:
        """The last marked key of each query; -1 for none."""
        if isinstance(pairs, IndexedTargets):
            return torch.nn.functional.pad(pairs.keys, (0, 1), value=-1).amax(-1)
        from_the_end = torch.from_numpy(pairs.numpy()[..., ::-1].argmax(-1))  # torch would flip a copy
        return (pairs.shape[-1] - 1 - from_the_end).where(pairs.any(-1), -1)

    @cached_property
    def words(self) -> Int[Tensor, "batch position"]:
        """Number of the word that each token is a piece of; -1 for tokens without letters or digits.

        A piece continues a word when it begins with a letter or digit right after one. Where no token of a
        sequence has a space in it, the vocabulary is taken to mark continuations with ## instead.
        """
        numbers = np.full(tuple(self.tokens.shape), -1)
        for row, sequence in enumerate(self.sequences):
            marks_continuations = not any(" " in text for text in sequence.texts)
            word, before = -1, ""
            for position, text in enumerate(sequence.texts):
                piece = text.removeprefix("##") if marks_continuations else text
                if sequence.special[position] or not piece.strip()[:1].isalnum():
                    before = ""
                    continue
                if not (
                    before and text.startswith("##")
                    if marks_continuations
                    else piece[:1].isalnum() and before.isalnum()
                ):
                    word += 1
                numbers[row, position] = word
                before = piece[-1:]
        return torch.from_numpy(numbers)

    def at(self, keys: Int[Tensor, "batch query"]) -> Bool[Tensor, "batch query key"]:
        """One target key for each query; -1 for none."""
        return IndexedTargets(keys[:, :, None], shape=self.shape)

    def at_each(self, keys: Int[Tensor, "batch query few"]) -> Bool[Tensor, "batch query key"]:
        """A few different target keys for each query; -1 where there are fewer."""
        return IndexedTargets(keys, shape=self.shape)

    def at_offset(self, offset: int) -> Bool[Tensor, "batch query key"]:
        """The key `offset` tokens back from each query (ahead when negative)."""
        return self._at_offsets(torch.tensor([offset]))

    def within(self, reach: int) -> Bool[Tensor, "batch query key"]:
        """Pairs at most so many positions apart."""
        return self._at_offsets(torch.arange(reach, -reach - 1, -1))

    def _at_offsets(self, offsets: Int[Tensor, " some"]) -> Bool[Tensor, "batch query key"]:
        keys = self.positions[:, None] - offsets
        exists = (keys >= 0) & (keys < self.shape[2])
        return IndexedTargets(keys.where(exists, -1).expand(self.shape[0], -1, -1), shape=self.shape)

    def same_group(
        self, queries: Int[Tensor, "batch query"], keys: Int[Tensor, "batch key"]
    ) -> Bool[Tensor, "batch query key"]:
        """From each query to all other positions with the same group number; a negative number means no group."""
        return IndexedTargets.of_groups(queries, keys)

    def said(self, times: int) -> Bool[Tensor, "batch query key"]:
        """Keys whose token is said so often in what the query may know of: in causal models, up to the query."""
        # The query from which on each token has been said so often; beyond the last for those that never are.
        first_query = np.full(tuple(self.tokens.shape), self.tokens.shape[1])
        for row, sequence in enumerate(self.sequences):
            said: dict[int, list[int]] = {}
            for position, (token, special) in enumerate(zip(sequence.ids, sequence.special, strict=True)):
                if not special:
                    said.setdefault(token, []).append(position)
            for positions in said.values():
                if len(positions) >= times:
                    first_query[row, positions] = positions[times - 1] if self.causal else 0
        return SuffixTargets(torch.from_numpy(first_query), excludes_self=False, shape=self.shape)

    def all_queries_except_self(self, keys: Bool[Tensor, "batch key"]) -> Bool[Tensor, "batch query key"]:
        """The marked keys, from every query but their own position (to look at oneself is another pattern)."""
        first_query = torch.where(keys & self.real, self.positions + 1 if self.causal else 0, self.shape[1])
        return SuffixTargets(first_query, excludes_self=not self.causal, shape=self.shape)

    # Plug-ins were promised this name.
    from_elsewhere = all_queries_except_self

    def where_text(self, predicate: Callable[[str], bool]) -> Bool[Tensor, "batch position"]:
        """Tokens of the text for whose wording the predicate holds."""
        marked = np.zeros(tuple(self.tokens.shape), dtype=bool)
        verdicts = {text: predicate(text) for text in {text for sequence in self.sequences for text in sequence.texts}}
        for row, sequence in enumerate(self.sequences):
            marked[row, : len(sequence)] = [verdicts[text] for text in sequence.texts]
        return torch.from_numpy(marked) & self.ordinary

    def role(self, name: str) -> Int[Tensor, "batch position"]:
        """Group number of each token that has the role; -1 for the others."""
        groups = np.full(tuple(self.tokens.shape), -1)
        for row, sequence in enumerate(self.sequences):
            for position, group in sequence.roles.get(name, {}).items():
                groups[row, position] = group
        return torch.from_numpy(groups)

    def link(self, query_role: str, key_role: str) -> Bool[Tensor, "batch query key"]:
        """From tokens with one role to other tokens with another role, within the same group."""
        return self.same_group(self.role(query_role), self.role(key_role))

    def others(
        self,
        targets: Bool[Tensor, "batch query key"],
        keys: Int[Tensor, "batch key"],
        queries: Int[Tensor, "batch query"] | None = None,
    ) -> Bool[Tensor, "batch query key"]:
        """What is not right among several: for queries that have a target, the keys of their number that are none.

        Where `queries` is left out, all have the number 0, which is that of all keys that `marked` gives. As in
        `same_group`, negative numbers are nobody's. No piece of the query's own word is among its keys.
        """
        if queries is None:
            queries = torch.zeros_like(self.tokens).where(self.real, -1)
        wrong = IndexedTargets.of_groups(queries, keys).without(targets.tril() if self.causal else targets).keys
        own = self.words[:, None].expand(self.shape).gather(2, wrong.clamp(min=0)) == self.words[:, :, None]
        return self.at_each(wrong.where(~own | (self.words < 0)[:, :, None], -1))

    def marked(self, *roles: str) -> Int[Tensor, "batch position"]:
        """0 for each token that has one of the roles; -1 for the others."""
        return torch.stack([self.role(name) for name in roles]).amax(0).clamp(max=0)

    @cached_property
    def patch_steps(self) -> tuple[Int[Tensor, "batch query key"], Int[Tensor, "batch query key"]]:
        """Rows down and columns right from each query's patch to each key's; 0 where either is no patch."""
        columns = torch.ones(len(self.sequences), 1, dtype=torch.long)
        for row, sequence in enumerate(self.sequences):
            columns[row] = sequence.grid[1] if sequence.grid else 1
        patch = self.ordinary.cumsum(-1) - 1
        coordinates = (patch // columns, patch % columns)
        steps = (coordinate[:, None, :] - coordinate[:, :, None] for coordinate in coordinates)
        down, across = (step.where(self.both_patches, 0) for step in steps)
        return down, across

    @cached_property
    def both_patches(self) -> Bool[Tensor, "batch query key"]:
        """Pairs of patches of an image that has a grid."""
        gridded = torch.tensor([sequence.grid is not None for sequence in self.sequences])
        return self.ordinary[:, :, None] & self.ordinary[:, None, :] & gridded[:, None, None]
