"""What decides the numbers of a scan, and what came of it."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from headatlas.patterns import Pattern
from headatlas.probes import Probe

if TYPE_CHECKING:
    pass


# Goes up when the same patterns and probes would give other numbers than before.
METHOD_VERSION = 2
# Models without a stated context length are taken to hold this many tokens.
DEFAULT_CONTEXT = 512
_PACKAGES = ("headatlas", "torch", "transformers", "transformer-lens", "tokenizers", "numpy")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What `scan_model` did: the name under which the scan is stored, and whether it had to run."""

    model: str
    ran: bool
    resumed: bool


def plan_of(patterns: Sequence[Pattern], chosen: Sequence[Probe], **settings: Any) -> str:
    """Digest of what decides the numbers, the model's weights aside."""
    parts = {
        "method": METHOD_VERSION,
        "patterns": [(one.name, one.version) for one in patterns],
        "probes": [(one.name, one.version) for one in chosen],
        **settings,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
