"""What pages of other models and of the whole atlas need of a model: little enough to hold of every model at once.

A site is written in two passes. The first reads one model after the other and keeps its outline; the second reads each
again and writes its pages, with the outlines of the others beside it. So memory grows with the largest model, not with
the number of models.
"""

from __future__ import annotations

from dataclasses import replace

from headatlas.atlas.data.budgets import BudgetsByHead
from headatlas.atlas.data.edges import ScanEdges
from headatlas.atlas.data.model_data import DistancesByHead, ModelData
from headatlas.atlas.data.scores import PatternScores
from headatlas.evidence.load import HeadEvidence, ScanEvidence


def outline(model: ModelData) -> ModelData:
    """The same model without what only its own pages show.

    Left are layers, heads, labels and sentences; the scores of each pattern on the probe that it is read on, whole for
    the highest heads alone (see `PatternScores.outline`); and what evidence there is of each head, in
    numbers and verdicts.
    """
    scores = _outlined_scores(model)
    small = replace(
        model,
        budgets=BudgetsByHead(),
        grouped=[],
        positions={},
        distances=DistancesByHead({}),
        evidence=_outlined_evidence(model),
        edges=ScanEdges(),
        scores={pair: of_pair.outline() for pair, of_pair in scores.items()},
    )
    for pattern in model.patterns:
        for probe in small.probes_of(pattern):
            small.keep_largest(pattern, probe, model.largest(pattern, probe))
    return small


def _outlined_scores(model: ModelData) -> dict[tuple[str, str], PatternScores]:
    """Scores of each pattern on its own probe; on every probe where it was not measured on its own."""
    kept = {}
    for pattern in model.patterns:
        probes = model.probes_of(pattern)
        for probe in probes[:1] if pattern.probe in probes else probes:
            kept[pattern.name, probe] = model.scores[pattern.name, probe]
    return kept


def _outlined_evidence(model: ModelData) -> ScanEvidence:
    return ScanEvidence({head: _outlined(known) for head, known in model.evidence.heads.items()}, ())


def _outlined(known: HeadEvidence) -> HeadEvidence:
    verdicts = tuple(replace(verdict, checks=()) for verdict in known.verdicts)
    return replace(known, verdicts=verdicts, besides=(), links=(), built_on=())
