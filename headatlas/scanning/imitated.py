"""Which simple rule would imitate which pattern on the texts that a scan gives a model: no model is run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from headatlas.models.load import load_unweighted
from headatlas.patterns import PATTERNS, RIVALS
from headatlas.patterns.definition import Pattern
from headatlas.patterns.families import Family
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import texts_for
from headatlas.scoring.imitation import imitations

# What their patterns look at is said by where a key stands or by what it is, whatever the text asks for.
SIMPLE = (Family.POSITIONAL, Family.TOKEN_CLASS)


def simple_rules() -> list[Pattern]:
    """The rules that are nobody's pattern, and the patterns that are simple: of a position or of a class of tokens."""
    return [*RIVALS, *(pattern for pattern in PATTERNS if pattern.family in SIMPLE and pattern.kind == "target")]


def imitated_by(
    model: str | Path, patterns: Iterable[Pattern] | None = None, *, seed: int = 0
) -> dict[str, list[tuple[str, float]]]:
    """What a head that follows a simple rule perfectly would get on each pattern, on the pattern's own probe.

    Args:
        model: whose texts: only its configuration and its tokenizer are read.
        patterns: which; all where nothing is said.
        seed: of the probes, as of a scan.

    Returns:
        For each pattern of the model's kinds of attention that has queries in the texts the simple rules with their
        shares of attention (0 to 1, the mean over the pattern's queries), the largest first.

    Raises:
        ModelError: the model is not there or cannot be read, or none of the probes fits it.
    """
    chosen = [pattern for pattern in (PATTERNS if patterns is None else patterns) if pattern.kind == "target"]
    names = () if patterns is None else tuple(dict.fromkeys(pattern.probe for pattern in chosen))
    if not chosen:
        return {}
    unweighted = load_unweighted(model)
    texts = texts_for(unweighted, ScanSettings(probes=names, seed=seed))
    possible = [pattern for pattern in chosen if set(pattern.attention) & set(unweighted.kinds)]
    return imitations(texts, possible, simple_rules())
