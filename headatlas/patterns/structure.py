"""Structure patterns: the target follows from brackets, quotes, indentation, JSON, lists and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool, Int
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch

_SPARSE = "Gao et al. 2025, arXiv:2511.13653"
# The group of a cell or a word is its row or item times this, plus its place there.
_ROW = 100


def _row(cells: Int[Tensor, "batch position"]) -> Int[Tensor, "batch position"]:
    """The rows of cells, or the items of words; -1 for other tokens."""
    return (cells // _ROW).where(cells >= 0, -1)


def _lines_alike(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """From the first word of a line that comes back to an indentation to those of all lines with the same one."""
    lines = seq.role("line:first")
    return seq.same_group(lines.where(seq.role("indented:first") >= 0, -1), lines).tril(-1)


def _item_before(seq: TokenBatch) -> Int[Tensor, "batch position"]:
    """For the words of an item the number of the item before it; -1 for other tokens."""
    return _row(seq.role("item_word:last"))


@pattern(
    "matching_bracket", family=Family.STRUCTURE, probe="structured_text", version=1,
    source="Ebrahimi et al. 2020, arXiv:2010.04303",
    rivals=("previous_token", "fixed_offset", "punctuation", "matching_quote", "first_token"),
    formula="mean over closing brackets q of A[q, its opening bracket]",
    contrast=lambda seq: seq.others(matching_bracket(seq), seq.marked("opening")),
    synonyms=("bracket_matching", "closing_bracket", "parenthesis"),
)  # fmt: skip
def matching_bracket(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a closing bracket to the bracket that it closes.

    Round, square and curly brackets lie within each other, so that neither the nearest opening bracket nor the
    nearest of the same shape is always the right one.

    ([opening0] a [[opening1] b ][closing1] c )[closing0]: query 6 (the last bracket) looks at key 0.
    """
    return seq.link("closing:last", "opening")


@pattern(
    "matching_quote", family=Family.STRUCTURE, probe="structured_text", version=1,
    source=f"headatlas; nearest: {_SPARSE} (circuit that closes strings)",
    rivals=("previous_token", "fixed_offset", "punctuation", "duplicate_token", "matching_bracket", "first_token"),
    formula="mean over closing quotation marks q of A[q, its opening quotation mark]",
    contrast=lambda seq: seq.others(matching_quote(seq), seq.marked("opening_quote", "opening")),
    synonyms=("quote_matching", "quotation"),
)  # fmt: skip
def matching_quote(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a closing quotation mark to the one that opened the quotation.

    "[opening_quote0] no , "[closing_quote0] he said: query 3 (the second quotation mark) looks at key 0.
    """
    return seq.link("closing_quote:last", "opening_quote")


@pattern(
    "same_indentation", family=Family.STRUCTURE, probe="structured_text", version=1,
    source="headatlas; nearest: Karpathy et al. 2015, arXiv:1506.02078 (cells that follow indentation)",
    rivals=("previous_token", "fixed_offset", "newline", "whitespace", "start_of_sentence", "first_token"),
    formula="mean over first tokens q of a line of A[q, first token of the last line with q's indentation]",
    contrast=lambda seq: seq.others(_lines_alike(seq), seq.marked("line:first")).tril(-1),
)  # fmt: skip
def same_indentation(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the first word of a line to that of the last line with the same indentation.

    From word to word, since tokenizers differ in whether the indentation is a token of its own. Only lines that
    come back to an indentation count: when the line above has the same, looking one line up would be enough.

    if[indented_before5] a ⏎ ·· b ⏎ c[indented5] = 1: query 6 (c) looks at key 0 (if).
    """
    return seq.link("indented:first", "indented_before:first")


@pattern(
    "json_key_of_value", family=Family.STRUCTURE, probe="structured_text", version=1,
    source="headatlas; nearest: Feng & Steinhardt 2023, arXiv:2310.17191 (binding of entities and attributes)",
    rivals=("previous_token", "fixed_offset", "punctuation", "first_token"),
    formula="mean over last tokens q of a value of sum over the tokens k of its key of A[q, k]",
    contrast=lambda seq: seq.others(json_key_of_value(seq), seq.marked("key")),
)  # fmt: skip
def json_key_of_value(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the last token of a value in a JSON object to its key.

    Marks around the value are not part of it; of a list the last element is the value's end, of an object within the
    object its closing brace.

    { " age[key0] ": 31[value0] }: query 4 (31) looks at key 2 (age).
    """
    return seq.link("value:last", "key")


@pattern(
    "list_marker", family=Family.STRUCTURE, probe="structured_text", version=1,
    source="headatlas; nearest: Gould et al. 2023, arXiv:2312.09230 (successor heads, for numbers)",
    rivals=("previous_token", "fixed_offset", "duplicate_token", "newline", "punctuation", "predecessor_in_order"),
    formula="mean over list markers q of A[q, marker of the previous item]",
    contrast=lambda seq: seq.others(list_marker(seq), seq.marked("marker", "marker_before", "marker_like")).tril(-1),
)  # fmt: skip
def list_marker(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the bullet, number or letter of a list item to that of the item before.

    The point or bracket after a number or letter is not part of the marker.

    a[marker_before1] . tea ⏎ b[marker1] . salt: query 4 (b) looks at key 0 (a).
    """
    return seq.link("marker:last", "marker_before")


@pattern(
    "same_position_in_previous_item", family=Family.STRUCTURE, probe="structured_text", version=1,
    source="headatlas; nearest: Cabannes et al. 2024, arXiv:2406.02128 (iteration heads)",
    rivals=("previous_token", "fixed_offset", "list_marker", "newline", "induction"),
    formula="mean over words of a list item, q their last token, of sum over the tokens k of the word at the same "
    "place of the item before of A[q, k]",
    contrast=lambda seq: seq.others(
        same_position_in_previous_item(seq), seq.role("item"), _item_before(seq)
    ),
)  # fmt: skip
def same_position_in_previous_item(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the i-th word of a list item to the i-th word of the item before.

    - old[item_word_before100] rope ⏎ - red[item_word100] wine: query 5 (red) looks at key 1 (old).
    """
    return seq.link("item_word:last", "item_word_before")


@pattern(
    "table_column", family=Family.STRUCTURE, probe="structured_text", version=1,
    source="headatlas; nearest: Yin et al. 2020, arXiv:2005.08314 (vertical attention, built in)",
    rivals=("previous_token", "fixed_offset", "header_of_cell", "newline", "duplicate_token"),
    formula="mean over cells, q their last token, of sum over the tokens k of the cell above of A[q, k]",
    contrast=lambda seq: seq.others(table_column(seq), _row(seq.role("cell_above")), _row(seq.role("cell:last"))),
)  # fmt: skip
def table_column(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a cell of a table to the cell above it.

    The first row under the header is not counted: what is above it is the header.

    A | B ⏎ tea[cell_above100] | 3 ⏎ salt[cell100] | 5: query 8 (salt) looks at key 4 (tea).
    """
    return seq.link("cell:last", "cell_above")


@pattern(
    "header_of_cell", family=Family.STRUCTURE, probe="structured_text", version=1,
    source="headatlas; nearest: Yin et al. 2020, arXiv:2005.08314 (cells encoded with their column's name)",
    rivals=("previous_token", "fixed_offset", "table_column", "first_token", "capitalised"),
    formula="mean over cells, q their last token, of sum over the tokens k of the column's header of A[q, k]",
    contrast=lambda seq: seq.others(header_of_cell(seq), seq.marked("header")),
)  # fmt: skip
def header_of_cell(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a cell of a table to the header of its column.

    The first row under the header is not counted: there the header is the cell above.

    A[header0] | B ⏎ tea | 3 ⏎ salt[cell_below0] | 5: query 8 (salt) looks at key 0 (A).
    """
    return seq.link("cell_below:last", "header")
