"""A rule: a way of choosing keys that real heads might follow and that is none of headatlas' patterns.

```python
@rule("beside", kin="comma")
def after_colon(text):
    \"\"\"Attends to the token after the latest colon.\"\"\"
    return moved(latest(wording(text).tokens(is_colon)), 1)
```

A rule returns keys in one of the forms of `benchmarks.labels.keys`. Rules that look at nearly the same are kin and
stand in the same half: what is fitted on one half is judged on rules that it has not seen relatives of either.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Num

from benchmarks.labels.keys import Weights, as_weights
from headatlas.bench.heads import BenchText, Split

Keys = Num[np.ndarray, "*query_key"] | np.ndarray
RuleFunction = Callable[[BenchText], Keys]

# Which half each kin is in. What has once been looked at by whoever writes patterns, probes, rival rules or labels is
# for fitting. A new rule that resembles none of the others gets a kin of its own here.
FIT = (
    "absolute", "after_frequent", "after_rarest", "after_repeated", "after_saying", "agent", "all_seconds",
    "all_starts", "alphabet_end", "alphabet_half", "alternating", "animal", "apostrophe", "around_copy",
    "around_ending", "around_long", "around_longest", "around_person", "around_plural", "around_possessive",
    "around_pronoun", "article", "as_often", "auxiliary", "between_commas", "between_copies", "between_marks",
    "beyond_capital", "bit_count", "blend", "block", "block_middle", "block_rarest", "body", "by_parity",
    "by_turns", "capital", "capital_before", "capital_pair", "capital_sentence", "chain", "characters_back",
    "column", "comma", "comma_before", "comma_elsewhere", "commas_of_word", "comparison", "conjunction",
    "consonants", "content", "content_back", "copied_capital", "copies_of_recent", "copy_and_back",
    "copy_and_length", "copy_and_on", "copy_of_class", "copy_of_opening", "copy_of_rare", "count_as_distance",
    "cross_letter", "dash", "dealings", "deed", "degree", "demonstrative", "derived", "digraph",
    "distance_as_place", "distance_series", "doubled_letter", "drifting", "early_places", "ending", "enumeration",
    "every_other_sentence", "far_offset", "feeling", "fifth_of_sentence", "final_e", "first_break", "first_comma",
    "first_letter", "first_line", "first_number", "first_sentence", "food", "fourth_last", "fraction", "frequency",
    "function", "function_pair", "graded", "graded_words", "horizon", "household", "id", "in_ly", "inclusion",
    "indefinite", "judgement", "landscape", "largest_number", "last_letter", "length", "length_by_place",
    "length_pair", "letter_inside", "letter_once", "letter_pair", "letter_sum", "letters_as_place", "like_length",
    "like_opening", "line", "line_break", "line_place", "lines_back", "log_distance", "long_sentence", "long_short",
    "longest_clause", "longest_elsewhere", "longest_line", "longest_repeated", "longest_sentence", "longest_unsaid",
    "making", "marks_as_place", "marks_back", "mean_number", "median", "middle_letter", "middle_of_previous",
    "mirror", "mixture", "modulo", "most_e", "negation", "next_letter", "novel", "number", "of_place",
    "oldest_copy", "oldest_mention", "one_longer", "opening", "paragraph", "parenthesis", "pendulum", "person",
    "place_of_index", "plain_sentence", "possessive", "prefix", "preposition", "previous_clause",
    "previous_sentence", "quantity", "question", "question_word", "quotation_mark", "rare_letter",
    "rarest_and_sound", "rarest_elsewhere", "rarest_far", "rarity", "record", "reflection", "relative_length",
    "relative_rarity", "remainder", "repeated_pair", "returning", "reversed_digits", "rising_run", "rising_word",
    "root", "said_thrice", "same_ends", "same_recency", "sandwich", "scrambled", "script", "second_capital",
    "second_commonest", "second_end", "second_letter", "second_of_sentence", "second_sentence", "sentence_count",
    "sentence_end_before", "sentence_of_copy", "series", "shape", "shared_words", "shortest_sentence",
    "size_or_colour", "skeleton", "slightly_rarer", "sound_class", "spacing", "start", "staying", "stride_of_query",
    "stride_of_text", "subordinator", "swapped_ends", "switching", "syllables", "symbol", "thirteens", "thought",
    "three_back", "time", "times", "tiny", "together", "topic_turns", "topic_word", "turns", "twice_index",
    "two_at_once", "two_before_comma", "two_sentences_back", "two_words_before", "typical_length", "unlike",
    "valley", "vowel", "vowel_rich", "wave", "whereabouts", "within_sentence", "word_before_end", "writing",
)  # fmt: skip
JUDGE = (
    "after_marks", "after_quantity", "after_to", "alphabet_step", "as_rare", "back_as_often", "before_relative",
    "between_ids", "by_length", "class_sequence", "clause_third", "comma_mirror", "comma_rich", "half_of_new",
    "consonant_frame", "content_pair", "cut_word", "fading_by_sentence", "far_frequent", "farthest_function",
    "first_verb", "flanked", "function_opening", "vowel_pair", "like_context", "far_rare_capital", "mark_after_stretch",
    "material", "new_pair", "old_or_new", "opening_content", "penultimate", "rare_window", "repeats_as_distance",
    "senses", "end_of_longest", "shared_with_previous", "short_sentence", "shrinking", "first_two", "stretch",
    "striped_block", "three_unequal", "two_hops", "vowel_sequence", "within_sentence_drift", "without_e",
    "words_back",
)  # fmt: skip
SPLIT_OF: dict[str, Split] = {**dict.fromkeys(FIT, "fit"), **dict.fromkeys(JUDGE, "judge")}


@dataclass(frozen=True)
class Rule:
    """What a head may follow instead of a pattern.

    `family` is what both halves have some of, `kin` the group of near relatives that stays in one half. `within` is
    the pattern in whose keys the rule's keys always lie, if any: a head that follows the rule follows that pattern
    too, as patterns define it, on `coverage` of the pattern's queries (measured on natural text). `also` are patterns
    whose label is neither right nor wrong: on three quarters of their queries or more the rule's keys lie within
    theirs. A `seldom` rule has no key for a seventh or more of the queries of natural text; its heads do not rest on
    their own position, since that would make them current-token heads.
    """

    name: str
    family: str
    kin: str
    function: RuleFunction
    within: str | None = None
    also: tuple[str, ...] = ()
    coverage: float = 1.0
    seldom: bool = False

    @property
    def split(self) -> Split:
        """The half: "fit" or "judge"."""
        return SPLIT_OF[self.kin]

    def weights(self, text: BenchText) -> Weights:
        """What the rule looks at: each query's weights sum to 1, or are 0 for queries without keys and special ones."""
        return as_weights(self.function(text), text) * ~text.special[:, None]

    @property
    def definition(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").splitlines()[0]


_RULES: dict[str, Rule] = {}


def rule(
    family: str,
    *,
    kin: str,
    within: str | None = None,
    also: tuple[str, ...] = (),
    coverage: float = 1.0,
    seldom: bool = False,
) -> Callable[[RuleFunction], RuleFunction]:
    """Registers a function BenchText -> keys as a rule of that name.

    Raises:
        ValueError: the name is taken, or the kin is in neither half.
    """

    def register(function: RuleFunction) -> RuleFunction:
        name = function.__name__
        if name in _RULES or kin not in SPLIT_OF:
            raise ValueError(f"rule {name}: the name is taken, or kin {kin!r} is in neither FIT nor JUDGE")
        _RULES[name] = Rule(name, family, kin, function, within, also, coverage, seldom)
        return function

    return register


def registered() -> list[Rule]:
    """The rules of the modules that have been imported; `benchmarks.labels.rules.every` has all."""
    return list(_RULES.values())
