"""The whole atlas: the models that are shown and what their pages have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from headatlas.atlas.data.model_data import Head, ModelData, Pattern, Probe
from headatlas.atlas.data.scores import Score
from headatlas.atlas.draw.colours import family_class

# Folders of the site that are no model's.
OWN_FOLDERS = frozenset({"assets", "patterns", "probes", "previews", "figures", "training"})


@dataclass(frozen=True)
class Atlas:
    """Models in the order of the front page, with every version of the patterns and probes they were scanned with."""

    models: Sequence[ModelData]
    patterns: Sequence[Pattern]
    probes: Sequence[Probe]
    downloads: bool = False  # whether each scan can be taken away whole
    runs: Mapping[str, str] = field(default_factory=dict)  # model -> page of the run it is a checkpoint of
    url: str = ""  # where the site will stand, with a slash at its end; empty where that is not known

    @property
    def comparable(self) -> bool:
        """Whether there is a second model to compare with."""
        return len(self.models) > 1

    @cached_property
    def ends(self) -> list[ModelData]:
        """The models, of a run over training the last checkpoint alone: the others are no models of their own."""
        last = {run: model.name for model in self.models if (run := self.runs.get(model.name))}
        return [model for model in self.models if last.get(self.runs.get(model.name, ""), model.name) == model.name]

    @cached_property
    def newest(self) -> dict[str, Pattern]:
        """The newest version of each pattern, family by family."""
        newest: dict[str, Pattern] = {}
        for pattern in self.patterns:
            if pattern.name not in newest or pattern.version > newest[pattern.name].version:
                newest[pattern.name] = pattern
        return newest

    @cached_property
    def newest_probes(self) -> dict[str, Probe]:
        """The newest version of each probe."""
        newest: dict[str, Probe] = {}
        for probe in self.probes:
            if probe.name not in newest or probe.version > newest[probe.name].version:
                newest[probe.name] = probe
        return newest

    @cached_property
    def pattern_files(self) -> dict[str, str]:
        """The page of each pattern in the folder patterns/, without its ending."""
        return file_names(self.newest)

    @cached_property
    def probe_files(self) -> dict[str, str]:
        """The page of each probe in the folder probes/, without its ending."""
        return file_names(self.newest_probes)

    def hue(self, pattern: str) -> str:
        """CSS class of a pattern's family; of "other" for a name that is none of ours."""
        return family_class(self.newest[pattern].family if pattern in self.newest else "other")

    def ranked(self, pattern: str, probe: str, limit: int) -> list[tuple[ModelData, Head, Score]]:
        """Heads of all models by their score for a pattern on a probe, the highest first, at most `limit`."""
        ranked = []
        for model in self.models:
            scores = model.scores.get((pattern, probe))
            if scores is None:
                continue
            for row in np.argsort(-scores.score, kind="stable")[:limit].tolist():
                if not np.isnan(scores.score[row]):
                    head = model.heads[row]
                    ranked.append((float(scores.score[row]), model, head, scores[head.id]))
        ranked.sort(key=lambda item: (-item[0], item[1].slug, item[2].position))
        return [item[1:] for item in ranked[:limit]]


def unique_slugs(names: Iterable[str]) -> dict[str, str]:
    """A folder name for each model: lower case, no character that a file system or a URL minds, no two alike."""
    return _distinct(names, "model", OWN_FOLDERS)


def file_names(names: Iterable[str]) -> dict[str, str]:
    """The same for files: names of patterns and probes."""
    return _distinct(names, "unnamed", frozenset({"index"}))


def _distinct(names: Iterable[str], empty: str, taken: frozenset[str]) -> dict[str, str]:
    slugs: dict[str, str] = {}
    used = set(taken)
    for name in sorted(names):
        slug = re.sub(r"[^a-z0-9._]+", "-", name.lower())[:80].strip("-._") or empty
        number, wanted = 2, slug
        while slug in used:
            slug = f"{wanted}-{number}"
            number += 1
        used.add(slug)
        slugs[name] = slug
    return slugs
