"""What the rest of the house asks of patterns by their names, whether they are installed here or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from headatlas.errors import HeadatlasError, one_line
from headatlas.patterns import PATTERNS, RIVALS
from headatlas.patterns.definition import Pattern


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


def place_of(name: str) -> int:
    """Where a pattern stands among all that are installed, which begin with the most particular; others come last."""
    names = PATTERNS.names()
    return names.index(name) if name in names else len(names)


def comes_last(name: str) -> bool:
    """Whether a label says where a head rests, and comes after any other; False for one that is not installed."""
    definition = PATTERNS.get(name)
    return definition is not None and definition.label_last


def is_compared(name: str) -> bool:
    """Whether heads are compared by it, as by all that says of each token where they look.

    They are not by what they give, nor by what is a number of a whole text. One that is not installed counts.
    """
    definition = PATTERNS.get(name)
    return definition is None or not (definition.of_outputs or definition.of_sentences)


def prominence_of(name: str) -> int:
    """The prominence of a pattern; 0 for one that this installation does not have."""
    definition = PATTERNS.get(name)
    return 0 if definition is None else definition.prominence
