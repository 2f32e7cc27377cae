"""Work that can be cut off: what decides its numbers, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# Called with the work done and the work in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """Digest of everything that decides a job's numbers; `earlier` are those that older versions made of the same."""

    digest: str
    earlier: tuple[str, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """All digests that stand for this plan; what is written is the first."""
        return (self.digest, *self.earlier)


@dataclass(frozen=True)
class Outcome:
    """What was done about a model: the name of its scan, whether there was anything to do, and whether it had begun."""

    model: str
    ran: bool
    resumed: bool
