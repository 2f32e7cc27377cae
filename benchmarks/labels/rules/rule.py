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
    "absolute", "after_frequent", "all_seconds", "all_starts", "alphabet_end", "alphabet_half", "apostrophe",
    "around_ending", "around_long", "around_person", "around_plural", "around_possessive", "around_pronoun",
    "article", "as_often", "auxiliary", "between_commas", "between_copies", "beyond_capital", "blend", "block",
    "block_middle", "body", "by_parity", "capital", "capital_before", "chain", "column", "comma", "comma_before",
    "comma_elsewhere", "conjunction", "consonants", "content", "copied_capital", "copy_and_back", "copy_and_length",
    "copy_and_on", "copy_of_class", "copy_of_opening", "copy_of_rare", "count_as_distance", "cross_letter", "dash",
    "dealings", "deed", "degree", "demonstrative", "derived", "digraph", "distance_series", "doubled_letter",
    "early_places", "ending", "far_offset", "fifth_of_sentence", "first_break", "first_letter", "first_line",
    "first_number", "first_sentence", "fourth_last", "fraction", "frequency", "function", "graded", "horizon",
    "household", "id", "in_ly", "inclusion", "indefinite", "judgement", "landscape", "largest_number", "last_letter",
    "length", "letter_inside", "letter_sum", "like_opening", "line", "line_break", "line_place", "lines_back",
    "log_distance", "longest_elsewhere", "longest_sentence", "longest_unsaid", "making", "median", "middle_letter",
    "middle_of_previous", "mirror", "mixture", "modulo", "negation", "next_letter", "novel", "number", "oldest_copy",
    "oldest_mention", "one_longer", "opening", "paragraph", "parenthesis", "pendulum", "person", "place_of_index",
    "possessive", "preposition", "previous_clause", "previous_sentence", "quantity", "question", "question_word",
    "quotation_mark", "rare_letter", "rarest_elsewhere", "rarest_far", "rarity", "reflection", "relative_length",
    "relative_rarity", "remainder", "returning", "rising_word", "root", "said_thrice", "same_recency", "scrambled",
    "script", "second_commonest", "second_letter", "second_of_sentence", "second_sentence", "sentence_end_before",
    "sentence_of_copy", "series", "shape", "shortest_sentence", "size_or_colour", "skeleton", "slightly_rarer",
    "spacing", "start", "staying", "stride_of_query", "stride_of_text", "subordinator", "switching", "syllables",
    "symbol", "thirteens", "three_back", "time", "times", "tiny", "together", "turns", "twice_index",
    "two_sentences_back", "two_words_before", "typical_length", "unlike", "valley", "vowel", "whereabouts",
    "within_sentence", "word_before_end",
)  # fmt: skip
JUDGE = (
    "after_rarest", "after_repeated", "after_saying", "agent", "alternating", "animal", "around_copy", "around_longest",
    "between_marks", "bit_count", "block_rarest", "by_turns", "capital_pair", "capital_sentence", "characters_back",
    "commas_of_word", "comparison", "content_back", "copies_of_recent", "distance_as_place", "drifting", "enumeration",
    "every_other_sentence", "feeling", "final_e", "first_comma", "food", "function_pair", "graded_words",
    "length_by_place", "length_pair", "letter_once", "letter_pair", "letters_as_place", "like_length", "long_sentence",
    "long_short", "longest_clause", "longest_line", "longest_repeated", "marks_as_place", "marks_back", "mean_number",
    "most_e", "of_place", "plain_sentence", "prefix", "rarest_and_sound", "record", "repeated_pair", "reversed_digits",
    "rising_run", "same_ends", "sandwich", "second_capital", "second_end", "sentence_count", "shared_words",
    "sound_class", "swapped_ends", "thought", "topic_turns", "topic_word", "two_at_once", "two_before_comma",
    "vowel_rich", "wave", "writing",
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
