"""The correctness certificate: what came out when hooked attention was compared with Hugging Face's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from headatlas.attention.modules import AttentionModule
from headatlas.attention.row_check import RowCheck
from headatlas.inputs.sequence import TokenSequence, first_tokens

N_SEQUENCES = 4
MOST_TOKENS = 512
# Mass on later positions up to which a module counts as causal.
CAUSAL = 1e-6


@dataclass(frozen=True)
class LayerReport:
    """One module: heads, causality, and how far its hook was from Hugging Face's attention.

    `outputs` says whether what its heads give can be read one by one.
    """

    module: AttentionModule
    n_heads: int
    causal: bool
    scored: bool
    max_difference: float | None
    rows: RowCheck
    outputs: bool = False


@dataclass(frozen=True)
class Certificate:
    """What was compared and what came out. `passed` is None when there was nothing to compare with."""

    passed: bool | None
    compared_with: str
    probe: str
    n_sequences: int
    n_tokens: int
    max_difference: float | None
    tolerance: float
    layers: tuple[LayerReport, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def modules(self) -> list[AttentionModule]:
        """The modules whose heads can be scored."""
        return [layer.module for layer in self.layers if layer.scored]


def choose_sequences(sequences: Sequence[TokenSequence]) -> list[TokenSequence]:
    """A few sequences of different lengths, so that padding is checked too; of texts the first `MOST_TOKENS` tokens.

    The whole attention of every layer is held of them, which of thousands of tokens would be gigabytes. A sound that a
    model hears as a whole cannot be cut; of long ones there is one less than two pairs, the shortest and the longest.
    """
    by_length = sorted(sequences, key=n_tokens)
    if by_length[-1].source is not None and len(by_length[-1].source) > MOST_TOKENS:
        return [by_length[0], by_length[-1]][: len(by_length)]
    step = max(1, len(by_length) // N_SEQUENCES)
    return [_beginning(sequence) for sequence in by_length[::step][:N_SEQUENCES]]


def _beginning(sequence: TokenSequence) -> TokenSequence:
    is_text = sequence.signal is None and sequence.source is None
    return first_tokens(sequence, MOST_TOKENS) if is_text and len(sequence) > MOST_TOKENS else sequence


def n_tokens(sequence: TokenSequence) -> int:
    """Tokens of a sequence, its source with it."""
    return len(sequence) + len(sequence.source or ())


def tolerance(dtype: torch.dtype) -> float:
    """How far apart two ways of computing the same attention may be."""
    return {torch.float32: 1e-4, torch.float64: 1e-6, torch.float16: 0.01}.get(dtype, 0.05)
