"""A part of a batch's attention that is looked at together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Some queries of some sequences, and how many keys they may attend to at most."""

    rows: slice
    queries: slice
    n_keys: int
