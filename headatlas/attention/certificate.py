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

    `outputs` says whether what its heads give can be read one by one, `window` how many tokens away the farthest key of
    a query is, where attention slides.
    """

    module: AttentionModule
    n_heads: int
    causal: bool
    scored: bool
    max_difference: float | None
    rows: RowCheck
    outputs: bool = False
    window: int | None = None


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


def merged(certificates: Sequence[Certificate]) -> Certificate:
    """One certificate of a model whose towers were looked at apart, or of several that say what the first lacks."""
    if len(certificates) == 1:
        return certificates[0]
    verdicts = [certificate.passed for certificate in certificates]
    differences = [certificate.max_difference for certificate in certificates]
    compared = [difference for difference in differences if difference is not None]
    layers = [layer for certificate in certificates for layer in certificate.layers]
    warnings = [warning for certificate in certificates for warning in certificate.warnings]
    return Certificate(
        passed=False if False in verdicts else None if None in verdicts else True,
        compared_with="; ".join(dict.fromkeys(certificate.compared_with for certificate in certificates)),
        probe=", ".join(certificate.probe for certificate in certificates),
        n_sequences=sum(certificate.n_sequences for certificate in certificates),
        n_tokens=sum(certificate.n_tokens for certificate in certificates),
        max_difference=max(compared, default=None),
        tolerance=max(certificate.tolerance for certificate in certificates),
        layers=tuple(layers),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def choose_sequences(sequences: Sequence[TokenSequence]) -> list[TokenSequence]:
    """A few sequences of different lengths, so that padding is checked too; of texts the first `MOST_TOKENS` tokens.

    The whole attention of every layer is held of them, which of thousands of tokens would be gigabytes. A sound that a
    model hears as a whole cannot be cut, nor a text that holds a picture; of long ones there are two, the shortest and
    the longest.
    """
    by_length = sorted(sequences, key=n_tokens)
    longest = by_length[-1]
    whole = longest.source if longest.source is not None else longest if longest.given else ()
    if len(whole) > MOST_TOKENS:
        return [by_length[0], longest][: len(by_length)]
    step = max(1, len(by_length) // N_SEQUENCES)
    return [_beginning(sequence) for sequence in by_length[::step][:N_SEQUENCES]]


def _beginning(sequence: TokenSequence) -> TokenSequence:
    is_text = not sequence.has_signal and sequence.source is None
    return first_tokens(sequence, MOST_TOKENS) if is_text and len(sequence) > MOST_TOKENS else sequence


def n_tokens(sequence: TokenSequence) -> int:
    """Tokens of a sequence, its source with it."""
    return len(sequence) + len(sequence.source or ())


def tolerance(dtype: torch.dtype) -> float:
    """How far apart two ways of computing the same attention may be."""
    return {torch.float32: 1e-4, torch.float64: 1e-6, torch.float16: 0.01}.get(dtype, 0.05)
