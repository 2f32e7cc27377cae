"""What papers say of a head, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, kw_only=True)
class Published:
    """A source's word on a head."""

    role: Annotated[str, "What the source calls it."]
    value: Annotated[float | None, "The source's number."]
    measure: Annotated[str, "What the number is; may be empty."]
    setting: Annotated[str, "How it was measured."]
    source: Annotated[str, "Who says so."]
    basis: Annotated[str, "How we know, where it was not read there; may be empty."]
    pattern: Annotated[str, "Our pattern that such a head follows; empty for none."]
    score: Annotated[float | None, "Our score for it, on the pattern's own probe."]
