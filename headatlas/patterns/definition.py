"""What is known of a pattern: a definition, as the decorators of this package make them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headatlas.patterns import examples
from headatlas.patterns.families import Control, Family
from headatlas.registry import Reference, first_line

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

    from headatlas.patterns.rows import Rows

    # Of a TokenBatch; of a PairBatch where the pattern is one of cross-attention.
    Targets = Callable[[Any], Bool[Tensor, "batch query key"]]
    RowFunction = Callable[[Rows], Float[Tensor, "batch head query"]]

# Kinds of attention whose queries and keys are the tokens of one text; the others are cross and vision.
TEXT = ("self", "encoder", "decoder")
EVERY = (*TEXT, "cross", "vision")

# How a score is compared with others: as a share of what is possible, or, where it has no upper end, by its logarithm.
SCALES = ("share", "log")

TARGET_FORMULA = "mean over q with T(q) not empty of sum over k in T(q) of A[q, k]"

# As far as attention by distance is kept query by query.
MAX_REACH = 8


@dataclass(frozen=True)
class Pattern:
    """A definition: a set of target keys for each query (`targets`), or a number of each row (`statistic`).

    What `pattern` and `statistic` say of their arguments holds for the attributes of the same names.
    """

    name: str
    family: Family
    probe: str
    version: int
    source: str
    rivals: tuple[str, ...]
    formula: str
    unit: str
    description: str
    defined_in: str
    targets: Targets | None = None
    statistic: RowFunction | None = None
    sink_free: bool = True
    full_rows: bool = False
    of_outputs: bool = False
    of_sounds: bool = False
    of_sentences: bool = False
    bidirectional: bool = False
    attention: tuple[str, ...] = TEXT
    scale: str = "share"
    on_sink: bool = False
    resting: bool = False
    label_last: bool = False
    copies: bool = False
    built_on: str = ""
    prominence: int = 0
    contrast: Targets | None = None
    seen_as: str = ""
    is_rival: bool = False
    synonyms: tuple[str, ...] = ()
    reach: int = 0
    offset: int = 0
    by_key: bool = False
    within: Targets | None = None
    chance: float | None = None

    @property
    def kind(self) -> str:
        """'target' or 'statistic', or 'rival' for a rule that is nobody's pattern."""
        if self.is_rival:
            return "rival"
        return "target" if self.targets is not None else "statistic"

    @property
    def control(self) -> Control:
        """What its score has to exceed."""
        return Control.IRREGULAR if self.reach or self.offset else self.family.control

    @property
    def summary(self) -> str:
        """First line of the description."""
        return first_line(self.description)

    @property
    def where(self) -> str:
        """The definition as words that complete "it attends": "to the token just before the current one"."""
        text = re.split(r"[:;(]", self.summary.rstrip("."))[0].strip()
        if by_whom := re.fullmatch(r"(An?) (.+?) attends to (.+)", text):
            article, query, key = by_whom.groups()
            return f"from {article.lower()} {query} to {key}"
        return text.removeprefix("Attends").lstrip(", ")

    @property
    def example(self) -> str:
        """The worked example: the line of the description that says which query looks at which key."""
        return examples.find(self.description)

    @property
    def references(self) -> list[Reference]:
        """The probe and the patterns that the definition names."""
        if self.is_rival:
            return []  # it is computed on every probe
        mentioned = [Reference("probe", "probe", self.probe)]
        mentioned += [Reference("pattern", "rivals", rival, beginning=True) for rival in self.rivals]
        return mentioned + ([Reference("pattern", "built_on", self.built_on)] if self.built_on else [])
