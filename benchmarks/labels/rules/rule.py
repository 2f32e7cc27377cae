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

# Which half each kin is in. What has once been looked at by whoever writes patterns, probes or rival rules is for
# fitting. A new rule that resembles none of the others gets a kin of its own here.
FIT = (
    "apostrophe", "block", "capital", "chain", "comma", "content", "copy_and_back", "copy_and_on", "distance_series",
    "ending", "far_offset", "first_letter", "fraction", "frequency", "function", "id", "last_letter", "length", "line",
    "mixture", "modulo", "number", "opening", "previous_sentence", "rarity", "script", "second_of_sentence", "shape",
    "spacing", "start", "symbol", "times", "vowel", "within_sentence",
)  # fmt: skip
JUDGE = (
    "after_frequent", "article", "auxiliary", "between_copies", "blend", "conjunction", "copy_of_opening",
    "deed", "degree", "doubled_letter", "first_line", "first_sentence", "horizon", "inclusion", "largest_number",
    "like_opening", "line_break", "line_place", "longest_sentence", "median", "mirror", "negation", "paragraph",
    "parenthesis", "person", "place_of_index", "preposition", "quantity", "question", "question_word",
    "rarest_elsewhere", "reflection", "relative_length", "relative_rarity", "returning", "root",
    "said_thrice", "second_letter", "series", "size_or_colour", "stride_of_query", "stride_of_text", "switching",
    "syllables", "time", "two_sentences_back", "unlike", "whereabouts",
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
