"""The keys of headatlas' own patterns, found once more from their definitions, without the package's code for them.

`TARGETS` maps the patterns that causal attention can follow to a function BenchText -> keys [query, key], or
positions of keys. A test compares each with the package's own on the texts of the probes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from benchmarks.labels.keys import (
    Numbers,
    Pairs,
    allowed_pairs,
    distances,
    earlier_pairs,
    latest_of,
    moved,
)
from benchmarks.labels.wording import previous_copy, previous_pair, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns import words

TargetFunction = Callable[[BenchText], Numbers | Pairs]


def offset(by: int) -> TargetFunction:
    """The token so many positions back."""

    def keys(text: BenchText) -> Numbers:
        return np.maximum(np.arange(len(text)) - by, -1)

    return keys


def current_token(text: BenchText) -> Numbers:
    """The token itself; the first query has nothing else to look at and does not count."""
    return np.where(np.arange(len(text)) >= 1, np.arange(len(text)), -1)


def first_token(text: BenchText) -> Numbers:
    """The first position, from all others."""
    return np.where(np.arange(len(text)) >= 1, 0, -1)


def local_window(text: BenchText) -> Pairs:
    """Tokens at most two positions away, from the fourth query on."""
    near: Pairs = np.abs(distances(len(text))) <= 2
    return near & (np.arange(len(text)) >= 3)[:, None]


def nearby_tokens(text: BenchText) -> Pairs:
    """Tokens at most eight positions away, from the tenth query on."""
    near: Pairs = np.abs(distances(len(text))) <= 8
    return near & (np.arange(len(text)) >= 9)[:, None]


def start_of_sentence(text: BenchText) -> Numbers:
    """First token of the query's sentence or line, from the second one on."""
    n, ordinary = len(text), ~text.special
    ends = wording(text).tokens(words.ends_sentence)
    starts = np.zeros(n, dtype=bool)
    starts[1:] = ends[:-1] & ~ends[1:] & ordinary[1:]
    start = np.maximum.accumulate(np.where(starts, np.arange(n), 0))
    return np.where((start > 0) & (start < np.arange(n)) & ordinary, start, -1)


def token_class(predicate: Callable[[str], bool]) -> TargetFunction:
    """All tokens of a class other than the query."""

    def keys(text: BenchText) -> Pairs:
        return np.broadcast_to(wording(text).tokens(predicate), (len(text),) * 2) & _elsewhere(text)

    return keys


def rare_token(text: BenchText) -> Numbers:
    """The other token with the highest id, the first of equals."""
    n, ordinary = len(text), ~text.special
    pairs = _elsewhere(text) & ordinary & ordinary[:, None]
    ranked = np.where(pairs, text.ids, -1)
    return np.where(pairs.any(-1), ranked.argmax(-1), -1) if n else np.zeros(0, dtype=int)


def frequent_token(text: BenchText) -> Pairs:
    """Other tokens that have been said three times up to the query, or in the whole text if all of it can be read."""
    same = (text.ids[:, None] == text.ids) & ~text.special & ~text.special[:, None]
    said = np.cumsum(same, axis=0) if text.causal else np.broadcast_to(same.sum(0), same.shape)
    return (said >= 3) & _elsewhere(text)


def word_continuation(text: BenchText) -> Pairs:
    """Earlier pieces of the query's word, digits aside."""
    pieces = np.where(wording(text).tokens(words.has_digit), -1, wording(text).word)
    return _same_group(pieces, pieces) & earlier_pairs(len(text))


def number_continuation(text: BenchText) -> Pairs:
    """Earlier digits of the query's number."""
    digits = np.where(wording(text).tokens(words.has_digit), wording(text).word, -1)
    return _same_group(digits, digits) & earlier_pairs(len(text))


def duplicate_token(text: BenchText) -> Numbers:
    """The latest earlier copy of the token."""
    return previous_copy(text.ids, text.special)


def induction(text: BenchText) -> Numbers:
    """What followed the latest earlier copy of the token."""
    return moved(duplicate_token(text), 1)


def _earlier_copies(text: BenchText) -> Pairs:
    same: Pairs = (text.ids[:, None] == text.ids) & ~text.special & ~text.special[:, None]
    return same & earlier_pairs(len(text))


def _followed(copies: Pairs) -> Pairs:
    followed = np.zeros_like(copies)
    followed[:, 1:] = copies[:, :-1]
    return followed & earlier_pairs(len(copies))


def _several(copies: Pairs) -> Pairs:
    """Of queries with two to eight copies."""
    number = copies.sum(-1, keepdims=True)
    return copies & (number >= 2) & (number <= 8)


def any_induction(text: BenchText) -> Pairs:
    """What followed any earlier copy of the token: where there is only one, as on induction's probe, the same."""
    return _followed(_earlier_copies(text))


def duplicate_token_any(text: BenchText) -> Pairs:
    """All earlier copies of the token, where there are two to eight."""
    return _several(_earlier_copies(text))


def induction_any(text: BenchText) -> Pairs:
    """What followed all earlier copies of the token, where there are two to eight."""
    return _followed(_several(_earlier_copies(text)))


def preceding_copy(text: BenchText) -> Numbers:
    """What stood before the latest earlier copy of the token."""
    keys = moved(duplicate_token(text), -1)
    return np.where((keys >= 0) & ~text.special[keys], keys, -1)


def longer_prefix_induction(text: BenchText) -> Numbers:
    """What followed the latest copy of the last two tokens, where the latest copy of one of them would mislead."""
    pair = previous_pair(text.ids, text.special)
    return np.where((pair >= 0) & (duplicate_token(text) > pair), pair + 1, -1)


def linked(query_role: str, key_role: str) -> TargetFunction:
    """From tokens with one role to other tokens with another role, within the same group."""

    def keys(text: BenchText) -> Pairs:
        return _same_group(text.role(query_role), text.role(key_role))

    return keys


def linked_back(query_role: str, key_role: str, *, new: bool = False, any_group: bool = False) -> TargetFunction:
    """The same with earlier keys only; of queries only `new` tokens, or whatever the group."""

    def keys(text: BenchText) -> Pairs:
        queries, targets = text.role(query_role), text.role(key_role)
        if any_group:
            queries, targets = np.minimum(queries, 0), np.minimum(targets, 0)
        pairs = _same_group(queries, targets) & earlier_pairs(len(text))
        return pairs & (duplicate_token(text) < 0)[:, None] if new else pairs

    return keys


def phrase_end_induction(text: BenchText) -> Pairs:
    """Ends of both phrases, the known one and that of chance words, which stood after the same words."""
    ends = np.maximum(text.role("phrase:last"), text.role("chance_phrase:last"))
    return _same_group(text.role("phrase_due:last"), ends) & earlier_pairs(len(text))


def successor(text: BenchText) -> Pairs:
    """Earlier tokens of the next element in order."""
    last = text.role("element:last")
    return _same_group(np.where(last >= 0, last + 1, -1), text.role("element")) & earlier_pairs(len(text))


def predecessor_in_order(text: BenchText) -> Numbers:
    """The last token of the nearest earlier mention of the previous element in order."""
    elements = text.role("element:last")
    return latest_of(_same_group(elements - 1, elements))


def _same_group(queries: Numbers, keys: Numbers) -> Pairs:
    """Pairs of different tokens with the same number; negative numbers are nobody's."""
    pairs: Pairs = (queries[:, None] == keys) & (keys >= 0)
    np.fill_diagonal(pairs, False)
    return pairs


def _elsewhere(text: BenchText) -> Pairs:
    """Keys that a query may attend to, itself aside."""
    pairs = allowed_pairs(text).copy()
    np.fill_diagonal(pairs, False)
    return pairs


POSITIONAL: dict[str, TargetFunction] = {
    "previous_token": offset(1),
    "current_token": current_token,
    "first_token": first_token,
    **{f"fixed_offset_{by}": offset(by) for by in range(2, 9)},
    "local_window": local_window,
    "start_of_sentence": start_of_sentence,
}
CLASSES: dict[str, TargetFunction] = {
    "punctuation": token_class(words.is_punctuation),
    "sentence_end": token_class(words.ends_sentence),
    "comma": token_class(words.is_comma),
    "newline": token_class(words.has_newline),
    "whitespace": token_class(words.is_whitespace),
    "digit": token_class(words.has_digit),
    "capitalised": token_class(words.is_capitalised),
    "function_word": token_class(words.is_function_word),
    "rare_token": rare_token,
    "frequent_token": frequent_token,
    "word_continuation": word_continuation,
}
CONTENT: dict[str, TargetFunction] = {
    "duplicate_token": duplicate_token,
    "induction": induction,
    "preceding_copy": preceding_copy,
    "longer_prefix_induction": longer_prefix_induction,
}
# Patterns that follow from the roles which their own probes mark.
ROLES: dict[str, TargetFunction] = {
    "fuzzy_induction": linked_back("variant:last", "follower:first", new=True),
    "fuzzy_duplicate": linked_back("variant:last", "variant:last", new=True),
    "successor": successor,
    "predecessor_in_order": predecessor_in_order,
    "duplicate_name": linked("subject_again:last", "subject"),
    "name_induction": linked("subject_again:last", "after_subject:first"),
    "subject_inhibition": linked("end:last", "subject_again"),
    "name_mover": linked("end:last", "io"),
    "retrieval": linked("answer_due:last", "answer"),
    "label_matching": linked_back("label_due:last", "label"),
    "shot_labels": linked_back("label_due:last", "label", any_group=True),
    "matching_bracket": linked("closing:last", "opening"),
    "matching_quote": linked("closing_quote:last", "opening_quote"),
    "same_indentation": linked("indented:first", "indented_before:first"),
    "json_key_of_value": linked("value:last", "key"),
    "list_marker": linked("marker:last", "marker_before"),
    "same_position_in_previous_item": linked("item_word:last", "item_word_before"),
    "table_column": linked("cell:last", "cell_above"),
    "header_of_cell": linked("cell_below:last", "header"),
    "determiner_of_noun": linked("noun:last", "det"),
    "adjective_of_noun": linked("noun:last", "adj"),
    "verb_of_object": linked("object:last", "verb"),
    "subject_of_verb": linked("verb:last", "subject"),
    "preposition_of_object": linked("prep_object:last", "prep"),
    "possessor_of_noun": linked("noun:last", "possessor"),
    "antecedent_of_pronoun": linked("pronoun:last", "antecedent"),
    "auxiliary_of_verb": linked("verb:last", "aux"),
}
# Behind the others, whose places decide the strengths of their heads.
ADDED: dict[str, TargetFunction] = {
    "number_continuation": number_continuation,
    "duplicate_token_any": duplicate_token_any,
    "induction_any": induction_any,
    "nearby_tokens": nearby_tokens,
    "function_token": token_class(words.is_function_token),
}
# Of roles as well, and added later.
ADDED_ROLES: dict[str, TargetFunction] = {
    "right_option": linked("choice_due:last", "option"),
    "right_option_letter": linked("choice_due:last", "option_letter"),
    "symbolic_induction": linked_back("third_due:last", "third"),
    "item_of_rule": linked("repeat_due:last", "repeated"),
    "query_focused_retrieval": linked("question", "document"),
    "bound_partner": linked("named_again:last", "partner"),
    "bound_answer": linked("partner_due:last", "partner"),
    "filtered_items": linked("filter_due:last", "item"),
    "line_boundary": linked_back("line_end:last", "line_break"),
    "concept_induction": linked_back("phrase_due:last", "phrase:last"),
    "phrase_end_induction": phrase_end_induction,
    "answer_from_context": linked("reply_due:last", "told"),
    "answer_from_memory": linked("reply_due:last", "known"),
    "chat_instruction": linked("turn_due:last", "instruction"),
    "injected_instruction": linked("turn_due:last", "injected"),
}
OF_ROLES = {**ROLES, **ADDED_ROLES}
TARGETS: dict[str, TargetFunction] = {**POSITIONAL, **CLASSES, **CONTENT, **ROLES, **ADDED, **ADDED_ROLES}

# Patterns within whose keys another pattern's keys always lie, on the queries that have both: who follows the first one
# follows these too, if only as a by-product. Their labels are neither right nor wrong for such a head.
IMPLIED: dict[str, tuple[str, ...]] = {
    "previous_token": ("local_window", "nearby_tokens", "word_continuation", "number_continuation"),
    "current_token": ("local_window", "nearby_tokens"),
    "fixed_offset_2": ("local_window", "nearby_tokens"),
    **{f"fixed_offset_{offset}": ("nearby_tokens",) for offset in range(3, 9)},
    "local_window": ("nearby_tokens",),
    "word_continuation": ("nearby_tokens",),
    "number_continuation": ("nearby_tokens",),
    "punctuation": ("function_token",),
    "sentence_end": ("function_token",),
    "comma": ("punctuation", "function_token"),
    "newline": ("sentence_end", "function_token"),
    "whitespace": ("function_token",),
    "function_word": ("function_token",),
    "duplicate_token": ("duplicate_name", "duplicate_token_any"),
    "induction": ("name_induction", "induction_any"),
    "longer_prefix_induction": ("induction_any",),
    "duplicate_token_any": ("frequent_token",),
    "label_matching": ("shot_labels",),
    "line_boundary": ("newline", "sentence_end", "whitespace", "function_token"),
    "concept_induction": ("phrase_end_induction",),
}


def implied_by(patterns: Iterable[str]) -> set[str]:
    """Patterns whose labels are neither right nor wrong for a head that follows these."""
    return {implied for pattern in patterns for implied in IMPLIED.get(pattern, ())}
