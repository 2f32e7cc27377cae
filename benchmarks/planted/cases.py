"""Heads whose truth is known as cases for the calibrated model: one a head and pattern."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Bool, Float

from benchmarks.planted.measure import Measured
from headatlas.bench.heads import BenchHead
from headatlas.labels.confidence import elsewhere, features, passes_criteria
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.thresholds import STRENGTH
from headatlas.labels.unmixing import identical_patterns, unions, unmix
from headatlas.patterns.definition import Pattern

# A head of the bench counts this much in fitting. Most of them follow rules that are no pattern, more than models have:
# at full weight heads that follow a pattern weakly lose their names.
WEIGHT_ON_BENCH = 0.5


@dataclass(frozen=True)
class Cases:
    """One row a head and pattern, over all patterns on their own probes.

    `truth` is the planted strength off the sink, `raw` the score, `allowed` whether the head may carry the label at
    all; `pattern` its name, `head` a number that is the same for all rows of a head; `weight` what the row counts in
    fitting.
    """

    values: Float[np.ndarray, "case feature"]
    raw: Float[np.ndarray, " case"]
    allowed: Bool[np.ndarray, " case"]
    truth: Float[np.ndarray, " case"]
    pattern: np.ndarray
    head: np.ndarray
    weight: Float[np.ndarray, " case"]

    def __getitem__(self, rows: np.ndarray | slice) -> Cases:
        return Cases(*(getattr(self, part.name)[rows] for part in fields(self)))


def joined(parts: Sequence[Cases]) -> Cases:
    """Several settings' cases, their heads numbered on."""
    shift, moved = 0, []
    for part in parts:
        moved.append(Cases(**{**vars(part), "head": part.head + shift}))
        shift += int(part.head.max()) + 1
    return Cases(*(np.concatenate([getattr(cases, part.name) for cases in moved]) for part in fields(Cases)))


def cases_of(measured: Measured, patterns: Sequence[Pattern]) -> Cases:
    """Every planted head with every pattern that has targets in its setting."""
    columns = {pattern.name: column for column, pattern in enumerate(patterns)}
    cases = _cases(measured.scores, patterns, lambda name: measured.truth[:, columns[name]])
    return cases[~np.isnan(cases.truth)]


def cases_of_bench(scores: Mapping[str, ProbeScores], heads: Sequence[BenchHead], patterns: Sequence[Pattern]) -> Cases:
    """Every head of the bench with every pattern of which it is known whether the head follows it.

    Left out are patterns that a head follows by their definitions though nobody planted them, those planted so weakly
    that a label is neither right nor wrong, and where heads rest.
    """
    resting = {pattern.name for pattern in patterns if pattern.label_last}

    def truth(name: str) -> Float[np.ndarray, " head"]:
        strengths = np.array([head.truth.get(name, 0.0) for head in heads])
        unknown = [name in head.also or (name in resting and name not in head.truth) for head in heads]
        strengths[np.array(unknown) | ((strengths > 0) & (strengths < STRENGTH))] = np.nan
        return strengths

    cases = _cases(scores, patterns, truth, WEIGHT_ON_BENCH)
    return cases[~np.isnan(cases.truth)]


def _cases(
    by_probe: Mapping[str, ProbeScores],
    patterns: Sequence[Pattern],
    truth_of: Callable[[str], Float[np.ndarray, " head"]],
    weight: float = 1.0,
) -> Cases:
    parts: list[Cases] = []
    names, others = {pattern.name for pattern in patterns}, elsewhere(by_probe)
    for probe, scores in by_probe.items():
        own = [pattern.name for pattern in patterns if pattern.probe == probe and pattern.name in scores.patterns]
        if not own:
            continue
        unmixed, identical = unmix(scores), identical_patterns(scores)
        values, allowed = features(scores, unmixed, others[probe]), passes_criteria(scores, unmixed)
        all_unions = unions(scores)
        for name in own:
            if name in identical:  # what cannot be told apart is one case
                continue
            column, truth = scores.patterns.index(name), truth_of(name).copy()
            parts_of = [scores.patterns[part] for part in all_unions.get(column, []) if scores.patterns[part] in names]
            if parts_of:  # who follows a part follows the union, though nobody planted it
                followed = np.sum([np.nan_to_num(truth_of(part)) for part in parts_of], axis=0)
                truth[(truth < STRENGTH) & (followed > 0)] = np.nan
            for other, earlier in identical.items():
                if earlier == name and other in names:
                    truth += np.nan_to_num(truth_of(other))
            n_heads = len(truth)
            parts.append(
                Cases(
                    values=values[:n_heads, column],
                    raw=np.nan_to_num(scores.score[:n_heads, column]),
                    allowed=allowed[:n_heads, column],
                    truth=truth,
                    pattern=np.full(n_heads, name),
                    head=np.arange(n_heads),
                    weight=np.full(n_heads, weight),
                )
            )
    return Cases(*(np.concatenate([getattr(cases, part.name) for cases in parts]) for part in fields(Cases)))
