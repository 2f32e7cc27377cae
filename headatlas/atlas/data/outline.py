"""What pages of other models and of the whole atlas need of a model: little enough to hold of every model at once.

A site is written in two passes. The first reads one model after the other and keeps its outline; the second reads each
again and writes its pages, with the outlines of the others beside it. So memory grows with the largest model, not with
the number of models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from headatlas.atlas.data.budgets import BudgetsByHead
from headatlas.atlas.data.edges import ScanEdges
from headatlas.atlas.data.model_data import DistancesByHead, ModelData
from headatlas.atlas.data.scores import PatternScores
from headatlas.evidence.load import HeadEvidence, ScanEvidence
from headatlas.evidence.words.effect_words import EFFECTS

# Types of evidence that tables of heads have beside their scores, those of other models too.
SHOWN_EFFECTS = ("ablation_loss", "direct_logit")
# Of what the removal of heads changes on a probe, so many of the heads that are missed most.
MISSED_MOST = 8


def outline(model: ModelData) -> ModelData:
    """The same model without what only its own pages show.

    Left are layers, heads, labels and sentences; the scores of each pattern on the probe that it is read on, whole for
    the highest heads alone (see `PatternScores.outline`); and of the evidence the verdicts, the numbers of each head
    that tables show beside scores, those of the heads that are missed most on each probe, and of each type on each
    probe the first number, which says that there are some.
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
    seen: set[tuple[str, str | None]] = set()
    missed: dict[int, set[tuple[str, str | None]]] = defaultdict(set)
    for type_ in EFFECTS:
        for probe, lines in model.evidence.by_type.get(type_, {}).items():
            for number in sorted(lines, key=lambda number: -lines[number].value)[:MISSED_MOST]:
                missed[number].add((type_, probe))
    outlined = {
        number: _outlined(known, seen, missed.get(number, ())) for number, known in model.evidence.heads.items()
    }
    return ScanEvidence(outlined, ())


def _outlined(
    known: HeadEvidence, seen: set[tuple[str, str | None]], missed: Collection[tuple[str, str | None]]
) -> HeadEvidence:
    verdicts = tuple(replace(verdict, checks=()) for verdict in known.verdicts)
    lines = tuple(
        line
        for line in known.lines
        if line.type in SHOWN_EFFECTS or (line.type, line.probe) not in seen or (line.type, line.probe) in missed
    )
    seen |= {(line.type, line.probe) for line in lines}
    return replace(known, lines=lines, verdicts=verdicts, besides=(), links=(), built_on=())
