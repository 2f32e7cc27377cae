"""A part of a batch's attention that is held in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Some queries of some sequences (`rows` of the batch), and how many keys these may attend to at most."""

    rows: slice
    queries: slice
    n_keys: int
