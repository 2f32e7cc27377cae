"""Patterns of lines of text: where they break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch


@pattern(
    "line_boundary", family=Family.STRUCTURE, probe="wrapped_lines", version=1,
    source="Gurnee et al. 2025, arXiv:2601.04480 (boundary heads)",
    rivals=("newline", "whitespace", "start_of_sentence", "sentence_end", "punctuation", "fixed_offset", "first_token"),
    formula="mean over last words q of full lines, from the second on, of A[q, line break before q's line]",
    contrast=lambda seq: seq.others(line_boundary(seq), seq.marked("line_break")).tril(-1),
    synonyms=("boundary", "line_break", "line_width"),
)  # fmt: skip
def line_boundary(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the last word of a full line to the line break before the line, in text of a fixed width.

    Boundary heads compare how far a line has come with how wide lines are, and look at the latest line break when few
    characters are left. A head that looks there from anywhere in a line does so without comparing: what other queries
    give the same line breaks counts against it.

    An old dog ⏎[line_break1] sat in the sun[line_end1] ⏎[line_break2] and slept .: query 7 (sun) looks at key 3.
    """
    return seq.link("line_end:last", "line_break").tril(-1)
