"""What a head does, in a sentence: how much it rests, what it is called and on what that rests, what wakes it.

Every head gets one. A head without a name is described by what wakes it, by the tokens that it looks at and from which
it looks, and by how far it looks; the sink is left out of all of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# A head that leaves more than this of its attention on sinks is said to rest there.
RESTS = 0.5
# Classes that raise the off-sink share less than this are not worth a word.
NOTABLE_LIFT = 1.5
# Nor are sinks besides the first position with less of a head's attention than this.
NOTABLE_SHARE = 0.05
N_TOKENS = 3
# How classes of queries are called that are roles of a probe.
ROLE = "role:"


@dataclass(frozen=True)
class Name:
    """A name as the sentence says it: `words` complete "it attends".

    `awake` is the share of queries, for a label that holds of what the head does off the sink, and None for one that
    holds of all of its attention.
    """

    label: str
    words: str
    awake: float | None


@dataclass(frozen=True)
class Waking:
    """A class of queries on which the off-sink share is `lift` times the head's average, and on which probe."""

    query_class: str
    probe: str
    lift: float


@dataclass(frozen=True)
class HeadFacts:
    """What the sentence is made of.

    `sink` is the share of attention on the first position in natural text, or on all probes where there is none, and
    `other_sinks` that on other sinks of the layer; `picture_sinks` what words leave on sinks within a picture;
    `distance` the typical distance off the sink, in tokens; tokens as they are written.
    """

    sink: float
    names: Sequence[Name]
    wakes: Sequence[Waking]
    looked_at: Sequence[str]
    looking: Sequence[str]
    distance: float | None
    other_sinks: float = 0.0
    picture_sinks: float = 0.0


def head_sentence(facts: HeadFacts) -> str:
    """One or two plain sentences about a head."""
    parts = []
    if facts.sink + facts.other_sinks >= RESTS:
        others = f" and on other sinks with {facts.other_sinks:.0%}" if facts.other_sinks >= NOTABLE_SHARE else ""
        parts.append(f"Rests on the sink with {facts.sink:.0%} of its attention{others}")
    named = [name for name in facts.names if name.words]
    if named:
        parts.append(_name(named[0], resting=bool(parts)))
        if len(named) > 1:
            parts[-1] += f"; also {_listed([_plain(name.label) for name in named[1:3]])}"
    else:
        parts.append(_unnamed(facts, resting=bool(parts)))
    text = ("; " if parts[0].startswith("Rests") else ". ").join(parts)
    if facts.picture_sinks >= NOTABLE_SHARE:
        text += f". In pictures, words leave {facts.picture_sinks:.0%} on patches where its layer rests"
    wakes = [waking for waking in facts.wakes if waking.lift >= NOTABLE_LIFT]
    if wakes:
        text += f". Wakes on {waking_in_words(wakes[0])}"
    return text[0].upper() + text[1:] + "."


def _name(name: Name, *, resting: bool) -> str:
    looks = f"attends {name.words} ({_plain(name.label)})"
    if name.awake is None:
        return looks if not resting else f"otherwise {looks}"
    if name.awake < 0.01:
        return f"beside it {looks}"
    return f"when awake ({name.awake:.0%} of the queries) it {looks}"


def _unnamed(facts: HeadFacts, *, resting: bool) -> str:
    start = "otherwise it has no name" if resting else "has no name"
    said = []
    if facts.looked_at:
        said.append(f"looks most at {_quoted(facts.looked_at)}")
    if facts.looking:
        said.append(f"most from {_quoted(facts.looking)}")
    if facts.distance is not None:
        said.append(f"typically {_tokens(facts.distance)} back")
    return f"{start}: {', '.join(said)}" if said else start


def waking_in_words(waking: Waking) -> str:
    """ "tokens said before (4.6 times its average)"."""
    where = waking.query_class
    if where.startswith(ROLE):
        role = where.removeprefix(ROLE).replace(":", ", ").replace("_", " ")
        where = f'"{role}" of {_plain(waking.probe)}'
    return f"{where} ({waking.lift:.1f} times its average)"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _tokens(distance: float) -> str:
    rounded = round(distance)
    return f"{rounded} token" if rounded == 1 else f"{rounded} tokens"


def _quoted(tokens: Sequence[str]) -> str:
    return _listed([f'"{token}"' for token in tokens[:N_TOKENS]])


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
