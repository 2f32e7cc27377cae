"""The sums of one chunk of work, a tally for each kind of attention, as bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from headatlas.accumulate import Tally


def to_bytes(tallies: Mapping[str, Tally]) -> bytes:
    """An npz of one packed tally a kind of attention."""
    buffer = io.BytesIO()
    packed: dict[str, Any] = {kind: np.frombuffer(tally.to_bytes(), np.uint8) for kind, tally in tallies.items()}
    np.savez(buffer, **packed)
    return buffer.getvalue()


def from_bytes(data: bytes) -> dict[str, Tally]:
    """Inverse of `to_bytes`."""
    with np.load(io.BytesIO(data), allow_pickle=False) as parts:
        return {kind: Tally.from_bytes(parts[kind].tobytes()) for kind in parts.files}
