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
worked example (see `examples`) that a test runs. Chance, the sink-free score, intervals, storage and pages are the
machinery's. Whatever else is to be known of a pattern, such as that its heads copy what they attend to, is said in the
decorator, so that a plug-in's pattern is treated as ours are: no other package names a pattern.

Defining a pattern does not import torch, so that listings are quick.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headatlas.errors import HeadatlasError, one_line, suggestion
from headatlas.patterns import examples, rows, vocabulary
from headatlas.patterns.families import Control, Family
from headatlas.registry import Reference, Registry, first_line, where

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

# How a score is compared with others: as a share of what is possible, or, where it has no upper end, by its logarithm.
SCALES = ("share", "log")


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
    def place(self) -> str:
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


PATTERNS: Registry[Pattern] = Registry(
    "pattern",
    "headatlas.patterns",
    {"probe": "headatlas.probes:PROBES"},
    published=vocabulary.synonyms,
    elsewhere=vocabulary.elsewhere,
)
# Rules that explain attention without being anybody's pattern: not listed, and never a label.
RIVALS: Registry[Pattern] = Registry("rival", "headatlas.patterns")

# As far as attention by distance is kept query by query.
MAX_REACH = 8

TARGET_FORMULA = "mean over q with T(q) not empty of sum over k in T(q) of A[q, k]"


def pattern(
    name: str,
    *,
    family: Family | str,
    probe: str,
    version: int,
    source: str,
    rivals: Sequence[str] = (),
    formula: str = TARGET_FORMULA,
    bidirectional: bool = False,
    attention: tuple[str, ...] = TEXT,
    on_sink: bool = False,
    resting: bool = False,
    label_last: bool = False,
    copies: bool = False,
    built_on: str = "",
    prominence: int = 0,
    contrast: Targets | None = None,
    seen_as: str = "",
    synonyms: Sequence[str] = (),
    reach: int = 0,
    offset: int = 0,
    by_key: bool = False,
    within: Targets | None = None,
) -> Callable[[Targets], Targets]:
    """Registers a function TokenBatch -> target keys [batch, query, key].

    Queries without a target are not counted; keys that a query may not attend to are ignored.

    Args:
        name: what it is called, in one word.
        family: one of `Family`, or its name.
        probe: the probe on which it is meant to be read; it is scored on every probe where it has targets.
        version: goes up with every change that makes scores incomparable.
        source: where it comes from.
        rivals: patterns that could explain the same score: their names, or the common beginning of several.
        formula: what the score is.
        bidirectional: the targets lie ahead, where causal attention cannot look.
        attention: the kinds of attention it is defined for; for cross-attention the function gets a `PairBatch`.
        on_sink: it measures attention sinks, so that heads are compared by its plain score, never the sink-free one.
        resting: a head that follows it rests or holds still, so that removing it is expected to change little.
        label_last: as a label it comes after any other that is as sure.
        copies: a head that follows it should raise the logits of what it attends to.
        built_on: the pattern of the earlier heads whose output a head that follows it reads with its keys.
        prominence: how far pages put it forward before anybody has chosen: 1 for a column of the table of heads as it
            comes; what is shown first is the pattern with the highest.
        contrast: where it is the right one among several, a function that gives the wrong ones in the form of the
            targets: keys of the same queries that are no targets (see `TokenBatch.others`).
        seen_as: where the name is that of a function, which attention does not show, what is shown of it: people read
            this in its place until evidence speaks for the function. The label in the database stays the name.
        synonyms: what else the literature calls it, for whoever looks for it under such a name.
        reach: of a pattern whose targets are all keys at most so many positions away, at most `MAX_REACH`: a head
            follows it only as far as its attention there depends on the distance and on nothing else.
        offset: likewise of a pattern whose target is the key so many positions back, at most `MAX_REACH`.
        by_key: the score is read along keys: of all that the target keys get, the share that comes from queries which
            should look there, once a sequence. Its chance is the share of such queries. It is no label.
        within: a function that gives keys of the same queries, the targets among them: the score is then read within
            these, as the share of what they get that the targets get, once a sequence. Its chance is the share of them
            that are targets. It is no label.

    Raises:
        HeadatlasError: there is no such family, the version is no positive number, the reach or offset is too far, or
            the name is taken.
    """

    def register(function: Targets) -> Targets:
        PATTERNS.add(
            Pattern(
                name=name,
                family=_family(family, name, where(function)),
                probe=probe,
                version=_version(version, name, where(function)),
                source=source,
                rivals=(rivals,) if isinstance(rivals, str) else tuple(rivals),
                formula=formula,
                unit="share of attention",
                description=inspect.getdoc(function) or "",
                defined_in=where(function),
                targets=function,
                bidirectional=bidirectional,
                attention=attention,
                on_sink=on_sink,
                resting=resting,
                label_last=label_last,
                copies=copies,
                built_on=built_on,
                prominence=prominence,
                contrast=contrast,
                seen_as=seen_as,
                synonyms=(synonyms,) if isinstance(synonyms, str) else tuple(synonyms),
                reach=_near(reach, "reach", name, where(function)),
                offset=_near(offset, "offset", name, where(function)),
                by_key=by_key,
                within=within,
            )
        )
        return function

    return register


def rival(name: str, *, version: int = 1, attention: tuple[str, ...] = TEXT) -> Callable[[Targets], Targets]:
    """Registers a function TokenBatch -> target keys as a simple rule that could pass for a pattern.

    Rules have no probe of their own, since they are computed on every one. They are in `RIVALS`, not in `PATTERNS`:
    they take part in explaining a head's scores, and are never what a head is called.

    Raises:
        HeadatlasError: the version is no positive number, or the name is taken by another rule.
    """

    def register(function: Targets) -> Targets:
        RIVALS.add(
            Pattern(
                name=name,
                family=Family.OTHER,
                probe="",
                version=_version(version, name, where(function)),
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
    full_rows: bool = False,
    whole_rows: bool = False,
    of_outputs: bool = False,
    of_sounds: bool = False,
    attention: tuple[str, ...] = EVERY,
    scale: str = "share",
    on_sink: bool = False,
    prominence: int = 0,
    synonyms: Sequence[str] = (),
) -> Callable[[RowFunction], RowFunction]:
    """Registers a function of attention rows -> one number for each query, [batch, head, query].

    It is made of the sums that `headatlas.patterns.rows.Rows` has, once a layer. Queries with a single key are not
    counted. Arguments that are not explained here are those of `pattern`.

    Args:
        name: what it is called, in one word.
        version: goes up with every change that makes numbers incomparable.
        source: where it comes from.
        formula: what it is.
        unit: of what it gives.
        probe: the probe on which it is meant to be read.
        sink_free: it is also computed on the rows without the first position.
        full_rows: it also gets `rows.attention`, block by block, which takes longer.
        whole_rows: the earlier name of `full_rows`.
        of_outputs: it is made of `rows.output_norms`, not of attention: it has no sink-free form, takes no part in what
            heads are compared by, and is left out where a model's heads cannot be told apart in what they give.
        of_sounds: it is of frames of a sound, and left out where tokens are anything else.
        attention: the kinds of attention it is defined for.
        scale: "log" for a number without an upper end, such as a distance; heads are then compared by its logarithm.
        on_sink: as of `pattern`.
        prominence: as of `pattern`.
        synonyms: as of `pattern`.

    Raises:
        HeadatlasError: there is no such scale, the version is no positive number, or the name is taken.
    """

    def register(function: RowFunction) -> RowFunction:
        if scale not in SCALES:
            raise HeadatlasError(
                f"The statistic '{name}' ({where(function)}) has scale='{scale}'. It is \"share\" or \"log\"."
            )
        PATTERNS.add(
            Pattern(
                name=name,
                family=Family.STATISTIC,
                probe=probe,
                version=_version(version, name, where(function)),
                source=source,
                rivals=(),
                formula=formula,
                unit=unit,
                description=inspect.getdoc(function) or "",
                defined_in=where(function),
                statistic=function,
                sink_free=sink_free and not of_outputs,
                full_rows=full_rows or whole_rows,
                of_outputs=of_outputs,
                of_sounds=of_sounds,
                attention=attention,
                scale=scale,
                on_sink=on_sink,
                prominence=prominence,
                synonyms=(synonyms,) if isinstance(synonyms, str) else tuple(synonyms),
            )
        )
        return function

    return register


def _near(distance: int, argument: str, name: str, defined_in: str) -> int:
    if not 0 <= distance <= MAX_REACH:
        raise HeadatlasError(
            f"The pattern '{name}' ({defined_in}) has {argument}={distance}. It is from 0 to {MAX_REACH}."
        )
    return distance


def _family(family: Family | str, name: str, defined_in: str) -> Family:
    try:
        return Family(family)
    except ValueError:
        raise HeadatlasError(
            f"The pattern '{name}' ({defined_in}) has family='{family}', which is none."
            f"{suggestion(str(family), Family)}"
        ) from None


def _version(version: int, name: str, defined_in: str) -> int:
    if not isinstance(version, int) or version < 1:
        raise HeadatlasError(f"The pattern '{name}' ({defined_in}) has version={version!r}. Versions are 1, 2, 3, ...")
    return version


@contextmanager
def names_plugin(name: str) -> Iterator[None]:
    """Around a call of a pattern's function: what a plug-in's raises becomes a sentence that names the plug-in.

    Raises:
        HeadatlasError: the function of a plug-in failed.
    """
    try:
        yield
    except (HeadatlasError, MemoryError):
        raise
    except Exception as error:  # whatever somebody else's function does
        plugin = PATTERNS.plugin_of(name)
        if plugin is None or "memory" in str(error):  # torch has no class of its own for it on every device
            raise
        raise HeadatlasError(
            f"{plugin}: the pattern '{name}' ({PATTERNS[name].defined_in}) fails: "
            f"{one_line(error, named=True).rstrip('.')}. Mend it, or uninstall the plug-in to do without it."
        ) from error


def scored_patterns() -> list[Pattern]:
    """All that a scan scores: the patterns, then the rivals, which only explain."""
    return [*PATTERNS, *RIVALS]


def rivals_of(definition: Pattern) -> list[str]:
    """Names of all registered rivals of a pattern, with beginnings such as `fixed_offset` spelled out."""
    if not definition.rivals:
        return []
    return [name for name in PATTERNS.names() if name != definition.name and name.startswith(definition.rivals)]


def most_prominent(names: Iterable[str]) -> str | None:
    """Of some patterns, the one to show where nobody has chosen: the first of the highest prominence; None of none.

    A pattern that this installation does not have counts as one of no prominence.
    """
    return max(names, key=prominence_of, default=None)


def comes_last(name: str) -> bool:
    """Whether a label says where a head rests, and comes after any other; False for one that is not installed."""
    definition = PATTERNS.get(name)
    return definition is not None and definition.label_last


def is_of_outputs(name: str) -> bool:
    """Whether it is a statistic of what heads give, not of where they look; False for one that is not installed."""
    definition = PATTERNS.get(name)
    return definition is not None and definition.of_outputs


def prominence_of(name: str) -> int:
    """The prominence of a pattern; 0 for one that this installation does not have."""
    definition = PATTERNS.get(name)
    return 0 if definition is None else definition.prominence
