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
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from headatlas.errors import HeadatlasError, suggestion
from headatlas.patterns import rows, vocabulary
from headatlas.patterns.definition import EVERY, MAX_REACH, SCALES, TARGET_FORMULA, TEXT, Pattern
from headatlas.patterns.families import Family
from headatlas.registry import Registry, where

if TYPE_CHECKING:
    from headatlas.patterns.definition import RowFunction, Targets

# Plug-ins were promised this name of the module.
sys.modules.setdefault("headatlas.row_statistics", rows)

PATTERNS: Registry[Pattern] = Registry(
    "pattern",
    "headatlas.patterns",
    {"probe": "headatlas.probes:PROBES"},
    published=vocabulary.synonyms,
    elsewhere=vocabulary.elsewhere,
)
# Rules that explain attention without being anybody's pattern: not listed, and never a label.
RIVALS: Registry[Pattern] = Registry("rival", "headatlas.patterns")


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
            targets: keys of the same queries that are no targets (see `TokenBatch.others`), or the same keys for
            queries that have no reason to look at them.
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
    of_sentences: bool = False,
    attention: tuple[str, ...] = EVERY,
    scale: str = "share",
    on_sink: bool = False,
    prominence: int = 0,
    synonyms: Sequence[str] = (),
    chance: float | None = None,
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
        of_sentences: it is made of `rows.sentence_kurtosis`, of what sentences get from later ones: it counts once a
            text, in texts of sentences enough, has no sink-free form, and takes no part in what heads are compared by.
        attention: the kinds of attention it is defined for.
        scale: "log" for a number without an upper end, such as a distance; heads are then compared by its logarithm.
        on_sink: as of `pattern`.
        prominence: as of `pattern`.
        synonyms: as of `pattern`.
        chance: what a head scores that knows nothing of it, where there is such a number; scores then have a p-value.

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
                sink_free=sink_free and not (of_outputs or of_sentences),
                full_rows=full_rows or whole_rows,
                of_outputs=of_outputs,
                of_sounds=of_sounds,
                of_sentences=of_sentences,
                attention=attention,
                scale=scale,
                on_sink=on_sink,
                prominence=prominence,
                synonyms=(synonyms,) if isinstance(synonyms, str) else tuple(synonyms),
                chance=chance,
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
