"""Whether a head holds together what belongs together: maps of the adjective and the noun of one thing look alike.

The map of a word is from where in a picture it is looked at, as shares of what the word gets in all. Two maps are as
alike as they overlap: the sum over places of the smaller of their two shares, 1 for the same map and 0 for maps that
have no place in common. Binding is the share of the overlaps of adjectives with nouns that is within one thing:

    sum over things t of overlap(adjective of t, noun of t) / sum over things t, u of overlap(adjective of t, noun of u)

With two things it is a half where all maps are alike or go by neither, and 1 where those of one thing overlap and those
of two do not. Rassin et al. 2023 (arXiv:2306.08877) draw pictures that bind better by making maps so.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch, PairBatch

N_THINGS, UNBOUND = 2, 0.5
_ROLES = ("adjective", "noun")


class Binding:
    """Finds out how alike words' maps are; made once a batch, used for all layers. True where pictures are drawn."""

    def __init__(self, batch: Batch, device: torch.device) -> None:
        drawn = isinstance(batch, PairBatch) and all(sequence.drawing is not None for sequence in batch.sequences)
        self._any = drawn
        words = torch.zeros(batch.shape[0], 0, batch.shape[2])
        if drawn:
            assert isinstance(batch, PairBatch)
            roles = [batch.keys.role(role) for role in _ROLES]
            words = torch.stack([(role == thing).float() for role in roles for thing in range(N_THINGS)], 1)
        self._words: Float[Tensor, "batch word key"] = words.to(device)
        self._known: Bool[Tensor, " batch"] = (words.sum(-1) > 0).all(1).to(device)
        self._real = batch.real.float().to(device)

    def __bool__(self) -> bool:
        """Whether the batch is of pictures that are drawn from prompts."""
        return self._any

    @property
    def n_words(self) -> int:
        """How many maps there are of each prompt: two adjectives', then two nouns'."""
        return self._words.shape[1]

    def maps(
        self, attention: Float[Tensor, "some head some_query some_key"], block: Block
    ) -> Float[Tensor, "some head word some_query"]:
        """What each word gets from each place of a block."""
        words = self._words[block.rows, None, :, : attention.shape[3]]
        return words @ attention.mT * self._real[block.rows, None, None, block.queries]

    def __call__(self, maps: Float[Tensor, "batch head word query"]) -> Float[Tensor, "batch head"]:
        """The binding of each prompt's words; a half where a prompt has no two things with an adjective each."""
        shares = maps / maps.sum(-1, keepdim=True).clamp(min=1e-30)
        adjectives, nouns = shares[:, :, :N_THINGS], shares[:, :, N_THINGS:]
        overlaps = adjectives[:, :, :, None].minimum(nouns[:, :, None]).sum(-1)  # [batch, head, adjective, noun]
        within, in_all = overlaps.diagonal(dim1=2, dim2=3).sum(-1), overlaps.sum((2, 3))
        bound = torch.where(in_all > 0, within / in_all.clamp(min=1e-30), UNBOUND)
        return torch.where(self._known[:, None], bound, UNBOUND)
