"""Chunks of work: some sequences of a probe that are run in one forward pass."""

from __future__ import annotations

from dataclasses import dataclass

from headatlas.inputs.sequence import TokenSequence
from headatlas.probes import ProbeText

# Tokens in one forward pass, padding included: enough to keep the processor busy, little enough to hold.
BATCH_TOKENS = 2048
# How much more a probe's last pass may have rather than be followed by a small one, which costs nearly as much.
_MORE = 1.15


@dataclass(frozen=True)
class Chunk:
    """One forward pass: some sequences of one probe, by their position in it."""

    text: ProbeText
    indices: tuple[int, ...]

    @property
    def sequences(self) -> list[TokenSequence]:
        """The sequences themselves."""
        return [self.text.sequences[i] for i in self.indices]

    @property
    def n_tokens(self) -> int:
        """Tokens in the padded batch."""
        return len(self.indices) * max(map(_size, self.sequences))


def chunks_of(text: ProbeText) -> list[Chunk]:
    """Sequences of similar length together, for little padding; the longest first, so that memory peaks early."""
    order = sorted(range(len(text.sequences)), key=lambda i: (-_size(text.sequences[i]), i))
    chunks: list[Chunk] = []
    while order:
        longest = _size(text.sequences[order[0]])
        size = len(order) if len(order) * longest <= BATCH_TOKENS * _MORE else max(1, BATCH_TOKENS // longest)
        chunks.append(Chunk(text, tuple(order[:size])))
        order = order[size:]
    return chunks


def _size(sequence: TokenSequence) -> int:
    """Tokens of a sequence, its source with it."""
    return len(sequence) + len(sequence.source or ())
