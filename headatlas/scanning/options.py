"""What decides the numbers of a scan."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from headatlas.errors import HeadatlasError
from headatlas.patterns.definition import Pattern
from headatlas.patterns.lookup import scored_patterns
from headatlas.probes import PROBES, Probe, natural_probes, probes_of_set
from headatlas.settings import DEFAULT_SET, PROBE_SETS, LoadOptions
from headatlas.store.job import Plan

# Goes up when the same patterns and probes would give other numbers than before.
METHOD_VERSION = 7

FEWEST_PASSAGES = 2

# Libraries that may change a number in its last digits; their versions are stored with a scan.
_PACKAGES = ("headatlas", "torch", "transformers", "transformer-lens", "tokenizers", "numpy")


@dataclass(frozen=True)
class ScanSettings:
    """What is measured on a model, and how.

    Args:
        probes: names of the probes to run.
        own_text: probes made of texts of one's own (see `headatlas.probes.own_text`).
        seed: of the probes and of the bootstrap.
        value_weighted: whether scores weighted by the norms of the value vectors are stored too.
        probe_set: the set of probes to run, beside the probes and texts that are named: "quick", "standard" or "full";
            where None, the standard set, or nothing but what is named. With "full" all that is run has more texts.
        passages: how many passages of natural text are drawn; where None, as many as the probe draws by itself.
    """

    probes: tuple[str, ...] = ()
    own_text: tuple[Probe, ...] = ()
    seed: int = 0
    value_weighted: bool = False
    probe_set: str | None = None
    passages: int | None = None

    @property
    def named(self) -> list[Probe]:
        """The probes that are asked for by name, and texts of one's own: those of a set, which are not, are silently
        passed over where they are for other media than the model's.

        Raises:
            UnknownNameError: a probe of that name does not exist.
        """
        return [*(PROBES[name] for name in self.probes), *self.own_text]

    @property
    def chosen(self) -> list[Probe]:
        """The probes to run: of the set, then those that are named.

        Raises:
            UnknownNameError: a probe or a set of that name does not exist.
        """
        named = self.named
        if named and self.probe_set is None:
            return named
        of_set = probes_of_set(self.probe_set or DEFAULT_SET)
        return [*of_set, *(probe for probe in named if probe not in of_set)]

    @property
    def full(self) -> bool:
        """Whether probes draw as many texts as the full set asks for."""
        return self.probe_set == PROBE_SETS[-1]

    def plan(self, load: LoadOptions) -> Plan:
        """What decides the numbers, the weights themselves aside.

        The number format and the revision are a part of it. The device is none: it changes the last digits at most.

        Raises:
            UnknownNameError: a probe of that name does not exist.
            HeadatlasError: passages are asked for, but too few, or none of the probes has any.
        """
        deciding: dict[str, Any] = {
            "seed": self.seed, "dtype": load.dtype, "revision": load.revision, "value_weighted": self.value_weighted,
        }  # fmt: skip
        if self.passages is not None:
            self._check_passages(self.passages)
            deciding["passages"] = self.passages
        if self.full:
            deciding["draws"] = [probe.draws_in_full for probe in self.chosen]
        return Plan(digest_of(scored_patterns(), self.chosen, **deciding))

    def _check_passages(self, passages: int) -> None:
        if passages < FEWEST_PASSAGES:
            raise HeadatlasError(
                f"{passages} passages are too few: a label needs the same verdict on two halves. "
                f"Ask for {FEWEST_PASSAGES} or more."
            )
        if not any(probe.natural for probe in self.chosen):
            raise HeadatlasError(
                "Passages are drawn by probes of natural text, and none is chosen. "
                f"Choose {natural_probes()[0]} too, or do not say how many passages."
            )


def digest_of(patterns: Sequence[Pattern], chosen: Sequence[Probe], **deciding: Any) -> str:
    """SHA-256 of the versions of patterns and probes, and of whatever else decides the numbers."""
    parts = {
        "method": METHOD_VERSION,
        "patterns": [(pattern.name, pattern.version) for pattern in patterns],
        "probes": [(probe.name, probe.version) for probe in chosen],
        **deciding,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def installed_versions() -> dict[str, str]:
    """Versions of Python, the platform and the libraries that compute, by name."""
    versions = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
