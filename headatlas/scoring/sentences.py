"""What each sentence gets from later ones, and whether few get it: receiver heads.

A receiver head narrows its attention to few of the sentences far back (Bogdan et al. 2025, arXiv:2506.19143). Attention
is averaged over the tokens of each two sentences; a sentence gets the mean over those that come at least `BAND` later;
of what the sentences of a text get the kurtosis is taken, which is high where one or two stand out. A line counts as a
sentence. Where attention slides, only pairs of tokens within the window are averaged. Sinks, the first token and
others, are left out: the sentence of one would stand out in every head of a layer that rests there.

Sums are kept by head and key, since sinks are known when a layer has been read; the attention itself is read once, in
the blocks of the one pass.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns.words import ends_sentence
from headatlas.scoring.blocks import blocks

# Sentences less than so many apart are neighbours, whose attention is not counted.
BAND = 4
# A text counts if so many of its sentences have one that comes so much later; what has fewer tokens is no sentence.
MIN_SENTENCES, MIN_TOKENS = 8, 4
# Sentences that all get the same have no kurtosis: deviations below this share of their mean are rounding.
NO_DEVIATION = 1e-5
# How many blocks' plans are remembered for the next layer; a text of tens of thousands of tokens has more.
MAX_PLANS = 32


class _Plan(NamedTuple):
    """What is to be summed of some texts of a block: its queries' shares of their sentences, and keys far before these.

    `rows` are the texts' places in the block.
    """

    rows: slice
    queries: Float[Tensor, "some 1 sentence some_query"]
    keys: Float[Tensor, "some 1 sentence few_keys"]


class LaterSentences:
    """Sums what sentences get from later ones; made once a batch, used for all layers.

    True where it is `wanted` and a text of the batch has sentences enough; `texts` are those.
    """

    def __init__(self, batch: Batch, device: torch.device, *, wanted: bool = True) -> None:
        n_texts, n_tokens, _ = batch.shape
        numbers = torch.full((n_texts, n_tokens), -1)
        if wanted and isinstance(batch, TokenBatch) and n_tokens >= (MIN_SENTENCES + BAND) * MIN_TOKENS:
            numbers = sentence_numbers(batch)
        n_receiving = (numbers.amax(-1) + 1 - BAND).clamp(min=0)
        numbers[n_receiving < MIN_SENTENCES] = -1
        self.texts: Bool[Tensor, " batch"] = n_receiving >= MIN_SENTENCES
        self._numbers = numbers
        self._n_sentences = int(n_receiving.where(self.texts, 0).max())
        self._plans: dict[tuple[int, int, int, int], list[_Plan]] = {}
        self._device = torch.device("cpu")  # until what is known without attention has been counted
        lengths = torch.zeros(n_texts, int(numbers.max()) + 2).scatter_add_(1, numbers + 1, torch.ones(numbers.shape))
        self._shares: Float[Tensor, "batch position"] = (1 / lengths.gather(1, numbers + 1)).where(numbers >= 0, 0)
        # The sentence of each key, and behind all sentences that of keys of none; [batch, 1, key] as sums have it.
        into = numbers.where((numbers >= 0) & (numbers < self._n_sentences), self._n_sentences)
        self._into: Int[Tensor, "batch 1 key"] = into[:, None]
        # From how many later sentences each key could be looked at; within a window, parts of them.
        self._n_later: Float[Tensor, "batch 1 key"] = self.sums(1)
        if self:
            assert isinstance(batch, TokenBatch)
            for block in blocks(batch.shape, 1, causal=batch.causal, device=self._device):
                self.add(self._n_later, _allowed(batch, block), block)
            self._plans.clear()  # layers of more heads are read in other blocks
            self.texts = self.texts & ((self._by_sentence(self._n_later)[:, 0] > 0).sum(-1) >= MIN_SENTENCES)
        self._device = device
        self._into, self._n_later = self._into.to(device), self._n_later.to(device)

    def __bool__(self) -> bool:
        """Whether there is anything to sum."""
        return self._n_sentences > 0

    def sums(self, n_heads: int) -> Float[Tensor, "batch head key"]:
        """Nothing yet, for a layer's heads."""
        n_texts, n_keys = self._numbers.shape
        return torch.zeros(n_texts, n_heads, n_keys if self else 0, device=self._device)

    def add(
        self,
        sums: Float[Tensor, "batch head key"],
        attention: Float[Tensor, "some head some_query some_key"],
        block: Block,
    ) -> None:
        """Adds what a block's queries leave on sentences far enough before their own."""
        key = block.rows.start, block.rows.stop, block.queries.start, block.queries.stop
        plans = self._plans.get(key)
        if plans is None:
            plans = self._plans_of(block, attention.shape[3])
            if len(self._plans) < MAX_PLANS:
                self._plans[key] = plans
        of_block = sums[block.rows]
        for rows, queries, keys in plans:
            n_keys = keys.shape[3]
            of_block[rows, :, :n_keys] += ((queries @ attention[rows, :, :, :n_keys]) * keys).sum(2)

    def _plans_of(self, block: Block, n_keys: int) -> list[_Plan]:
        """How a block is summed: text by text on a processor, where one of many lines would cost all as much."""
        n_texts = block.rows.stop - block.rows.start
        step = 1 if self._device.type == "cpu" else n_texts
        plans = [self._plan(block, slice(row, min(row + step, n_texts)), n_keys) for row in range(0, n_texts, step)]
        return [plan for plan in plans if plan is not None]

    def _plan(self, block: Block, rows: slice, n_keys: int) -> _Plan | None:
        """How some texts of a block are summed; None where none of their queries has a sentence far before its own."""
        numbers, shares = self._numbers[block.rows][rows], self._shares[block.rows][rows, block.queries]
        own, keys = numbers[:, block.queries], numbers[:, :n_keys]
        far = own >= BAND
        if not far.any():
            return None
        first = own.where(far, own.max()).amin(-1, keepdim=True)  # the first such sentence of each text
        here = first + torch.arange(int((own - first).max()) + 1)
        queries = (own[:, None] == here[..., None]) * shares[:, None]
        before = (keys[:, None] >= 0) & (keys[:, None] <= here[..., None] - BAND)
        last = int(before.any(1).any(0).nonzero().max()) + 1
        return _Plan(rows, queries[:, None].to(self._device), before[:, None, :, :last].float().to(self._device))

    def _by_sentence(self, on_keys: Float[Tensor, "batch head key"]) -> Float[Tensor, "batch head sentence"]:
        """Sums over the keys of each sentence that has one far enough behind it."""
        sums = on_keys.new_zeros(*on_keys.shape[:2], self._n_sentences + 1)
        return sums.scatter_add_(2, self._into.expand_as(on_keys), on_keys)[..., :-1]

    def kurtosis(
        self, sums: Float[Tensor, "batch head key"], sinks: Bool[Tensor, "batch key"]
    ) -> Float[Tensor, "batch head"]:
        """The kurtosis of what the sentences of each text get: 3 of a normal distribution, 1 at least.

        It is 1 where all get the same, and means nothing of texts that are none of `texts`. What is on `sinks` is left
        out.
        """
        counted = ~sinks[:, None]
        n_later = self._by_sentence(self._n_later * counted)
        known = n_later > 0
        received = self._by_sentence(sums * counted) / n_later.where(known, 1)
        n = known.sum(-1, keepdim=True).clamp(min=1)
        mean = received.where(known, 0).sum(-1, keepdim=True) / n
        deviation = (received / mean.clamp(min=1e-30) - 1).where(known, 0)
        second, fourth = (deviation.pow(power).sum(-1) / n[..., 0] for power in (2, 4))
        varies = second > NO_DEVIATION**2
        return torch.where(varies, fourth / second.where(varies, 1).square(), 1)


def sentence_numbers(batch: TokenBatch) -> Int[Tensor, "batch position"]:
    """The number of each token's sentence or line; -1 for the first position, padding and special tokens.

    Fewer than `MIN_TOKENS` tokens begin a sentence that goes on: "Mr.", "3." or an empty line are none.
    """
    ends, closes = (batch.where_text(predicate).numpy() for predicate in (ends_sentence, _closes))
    numbers = np.full(ends.shape, -1)
    for row, of_text in enumerate(batch.ordinary.numpy()):
        number, length, ended = 0, 0, False
        for position in np.flatnonzero(of_text[1:]) + 1:
            ending = ends[row, position] or (ended and closes[row, position])
            if ended and not ending:
                number, length = number + 1, 0
            numbers[row, position] = number
            length += 1
            ended = ending and length >= MIN_TOKENS
    return torch.from_numpy(numbers)


def _closes(text: str) -> bool:
    """True for a closing quote or bracket right behind what it closes."""
    return bool(text) and not text.strip("\"')]\u201d\u00bb")


def _allowed(batch: TokenBatch, block: Block) -> Float[Tensor, "some 1 some_query some_key"]:
    """1 for each pair of tokens of a block that may see each other, padding aside."""
    behind = batch.positions[block.queries, None] - torch.arange(block.n_keys)
    seen = torch.ones_like(behind, dtype=torch.bool) if batch.window is None else behind.abs() <= batch.window
    if batch.causal:
        seen &= behind >= 0
    return seen.float().expand(block.rows.stop - block.rows.start, 1, -1, -1)
