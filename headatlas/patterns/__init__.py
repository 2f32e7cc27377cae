"""Patterns: for a batch of tokens, which keys a perfect head of a kind would look at.

A pattern is one decorated function in one of this package's modules (one a family) or in a plug-in:

```python
@pattern("previous_token", family="positional", probe="natural_text", version=1, source="...", rivals=("...",))
def previous_token(seq):
    \"\"\"Attends to the token before the current one.

    A B C: query 2 looks at key 1.
    \"\"\"
    return seq.at_offset(1)
```

The docstring's first line is the definition people read; the line "TOKENS: query N ... looks at key M" is a
worked example that a test runs. Chance, the sink-free score, intervals, storage and pages are the machinery's.
Defining a pattern does not import torch, so that listings are quick.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headatlas.patterns import rows
from headatlas.registry import Registry, first_line, where

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

    from headatlas.patterns.rows import Rows

    # Of a TokenBatch; of a PairBatch where the pattern is one of cross-attention.
    Targets = Callable[[Any], Bool[Tensor, "batch query key"]]
    RowFunction = Callable[[Rows], Float[Tensor, "batch head query"]]

# Plug-ins were promised this name of the module.
sys.modules.setdefault("headatlas.row_statistics", rows)

# Kinds of attention whose queries and keys are the tokens of one text; the others are cross and vision.
TEXT = ("self", "encoder", "decoder")
EVERY = (*TEXT, "cross", "vision")


@dataclass(frozen=True)
class Pattern:
    """A definition: a set of target keys for each query (`targets`), or a number of each row (`statistic`)."""

    name: str
    family: str
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
    whole_rows: bool = False
    bidirectional: bool = False
    attention: tuple[str, ...] = TEXT
    contrast: Targets | None = None
    is_rival: bool = False

    @property
    def kind(self) -> str:
        """'target' or 'statistic', or 'rival' for a rule that is nobody's pattern."""
        if self.is_rival:
            return "rival"
        return "target" if self.targets is not None else "statistic"

    @property
    def summary(self) -> str:
        """First line of the description."""
        return first_line(self.description)

    @property
    def example(self) -> str:
        """The worked example: the line of the description that says which query looks at which key."""
        return next((line.strip() for line in self.description.splitlines() if re.search(r"query \d", line)), "")


PATTERNS: Registry[Pattern] = Registry("pattern", "headatlas.patterns")
# Rules that explain attention without being anybody's pattern: not listed, and never a label.
RIVALS: Registry[Pattern] = Registry("rival", "headatlas.patterns")

TARGET_FORMULA = "mean over q with T(q) not empty of sum over k in T(q) of A[q, k]"


def pattern(
    name: str,
    *,
    family: str,
    probe: str,
    version: int,
    source: str,
    rivals: tuple[str, ...] = (),
    formula: str = TARGET_FORMULA,
    bidirectional: bool = False,
    attention: tuple[str, ...] = TEXT,
    contrast: Targets | None = None,
) -> Callable[[Targets], Targets]:
    """Registers a function TokenBatch -> target keys [batch, query, key].

    Queries without a target are not counted; keys that a query may not attend to are ignored. `probe` is
    the probe on which the pattern is meant to be read; it is scored on every probe where it has targets.
    `rivals` are patterns that could explain the same score: their names, or the common beginning of several.
    `bidirectional` says that the targets lie ahead, where causal attention cannot look. `attention` are the
    kinds of attention it is defined for; for cross-attention the function gets a `PairBatch`.
    Where a pattern is the right one among several, `contrast` is a function that gives the wrong ones in the form
    of the targets: keys of the same queries that are no targets (see `TokenBatch.others`).
    """

    def register(function: Targets) -> Targets:
        PATTERNS.add(
            Pattern(
                name=name,
                family=family,
                probe=probe,
                version=version,
                source=source,
                rivals=rivals,
                formula=formula,
                unit="share of attention",
                description=inspect.getdoc(function) or "",
                defined_in=where(function),
                targets=function,
                bidirectional=bidirectional,
                attention=attention,
                contrast=contrast,
            )
        )
        return function

    return register


def rival(name: str, *, version: int = 1, attention: tuple[str, ...] = TEXT) -> Callable[[Targets], Targets]:
    """Registers a function TokenBatch -> target keys as a simple rule that could pass for a pattern.

    Rules have no probe of their own, since they are computed on every one. They are in `RIVALS`, not in `PATTERNS`:
    they take part in explaining a head's scores, and are never what a head is called.
    """

    def register(function: Targets) -> Targets:
        RIVALS.add(
            Pattern(
                name=name,
                family="other",
                probe="",
                version=version,
                source="headatlas; a simple rule that is nobody's pattern",
                rivals=(),
                formula=TARGET_FORMULA,
                unit="share of attention",
                description=inspect.getdoc(function) or "",
                defined_in=where(function),
                targets=function,
                attention=attention,
                is_rival=True,
            )
        )
        return function

    return register


def statistic(
    name: str,
    *,
    version: int,
    source: str,
    formula: str,
    unit: str,
    probe: str = "natural_text",
    sink_free: bool = True,
    whole_rows: bool = False,
    attention: tuple[str, ...] = EVERY,
) -> Callable[[RowFunction], RowFunction]:
    """Registers a function of attention rows -> one number for each query, [batch, head, query].

    It is made of the sums that `headatlas.patterns.rows.Rows` has, once a layer; with `whole_rows` it also gets
    `rows.attention`, block by block, which takes longer. Queries with a single key are not counted. With `sink_free`
    it is also computed on the rows without the first position.
    """

    def register(function: RowFunction) -> RowFunction:
        PATTERNS.add(
            Pattern(
                name=name,
                family="statistic",
                probe=probe,
                version=version,
                source=source,
                rivals=(),
                formula=formula,
                unit=unit,
                description=inspect.getdoc(function) or "",
                defined_in=where(function),
                statistic=function,
                sink_free=sink_free,
                whole_rows=whole_rows,
                attention=attention,
            )
        )
        return function

    return register


def rivals_of(one: Pattern) -> list[str]:
    """Names of all registered rivals of a pattern, with beginnings such as `fixed_offset` spelled out."""
    return [name for name in PATTERNS.names() if name != one.name and name.startswith(one.rivals)] if one.rivals else []
