"""Patterns of lines of text: where they break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch


def _from_first_halves(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """From the first half of each full line, in tokens, to the line break before it."""
    breaks, ends = seq.role("line_break"), seq.role("line_end:last")
    line = breaks.cummax(-1).values
    start = seq.positions.where(breaks >= 0, -1).cummax(-1).values
    # Tokens behind the last end have none; those of a line that is not full have another line's.
    beyond = seq.positions.where(ends >= 0, seq.tokens.shape[1]).flip(-1).cummin(-1).values.flip(-1)
    end = beyond.clamp(max=seq.tokens.shape[1] - 1)
    same_line = ends.gather(-1, end) == line
    early = same_line & (seq.positions > start) & (seq.positions - start <= end - seq.positions)
    return seq.same_group(line.where(early, -1), breaks).tril(-1)


@pattern(
    "line_boundary", family=Family.STRUCTURE, probe="wrapped_lines", version=1,
    source="Gurnee et al. 2025, arXiv:2601.04480 (boundary heads)",
    rivals=("newline", "whitespace", "start_of_sentence", "sentence_end", "punctuation", "fixed_offset", "first_token"),
    formula="mean over last words q of full lines, from the second on, of A[q, line break before q's line]",
    contrast=_from_first_halves,
    synonyms=("boundary", "line_break", "line_width"),
)  # fmt: skip
def line_boundary(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the last word of a full line to the line break before the line, in text of a fixed width.

    Boundary heads compare how far a line has come with how wide lines are, and look at the latest line break when few
    characters are left. A head that looks there from anywhere in a line does so without comparing: what tokens in the
    first half of a line give the same line break counts against it.

    An old dog ⏎[line_break1] sat in the sun[line_end1] ⏎[line_break2] and slept .: query 7 (sun) looks at key 3.
    """
    return seq.link("line_end:last", "line_break").tril(-1)
