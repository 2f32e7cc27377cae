"""Evidence beside heads in tables: what the model loses without a head, and what it adds to the answer."""

from __future__ import annotations

from collections.abc import Sequence

from headatlas.atlas.context.evidence import EffectColumn, MissedHead, MissedHeads
from headatlas.atlas.context.models import Measure
from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.atlas.data.outline import MISSED_MOST, SHOWN_EFFECTS
from headatlas.atlas.draw.wording import score, words
from headatlas.atlas.make import evidence
from headatlas.atlas.make.number_files import evidence_files
from headatlas.evidence.types import CAUSES, REGION_LOSS, TYPES
from headatlas.evidence.words.effect_words import EFFECTS, counts_first, interval_in_words, measure
from headatlas.patterns.lookup import most_prominent
from headatlas.probes import natural_probes
from headatlas.probes.metrics import LOSS

GROUP = "evidence"
# What tables of heads have beside their scores, and what it is called there.
_LOSS, _DIRECT = SHOWN_EFFECTS
_SHORT = {_LOSS: "Loss", _DIRECT: "Direct logit"}


def measures(model: ModelData) -> list[Measure]:
    """Each type of evidence on each probe it was gathered on, as numbers that every head may have."""
    titles = evidence.titles(model)
    files = evidence_files(model)
    every = []
    for type_, title in titles.items():
        for probe, lines in evidence.values(model, type_).items():
            known = next(iter(lines.values()))
            every.append(
                Measure(
                    id=measure_id(type_, probe),
                    group=GROUP,
                    title=f"{title}, {words(probe)}" if probe else title,
                    unit=known.unit,
                    probe=probe,
                    file=files[type_],
                    cause=known.basis == CAUSES,
                )
            )
    return every


def measure_id(type_: str, probe: str) -> str:
    """How addresses and data files spell a type of evidence on a probe."""
    return f"{type_}:{probe}" if probe else type_


def columns(models: Sequence[ModelData], probe: str = "") -> list[EffectColumn]:
    """The effects that tables of heads show: loss on natural text, loss and direct logit on another probe.

    That is `probe` where any of the models was tried on it, or else the probe of their most prominent pattern. Nothing
    where none of the models has evidence.
    """
    gathered = {(type_, on or "") for model in models for type_, on in model.evidence.spreads}
    other = probe if {(_LOSS, probe), (_DIRECT, probe)} & gathered else _prominent_probe(models)
    natural = [on for on in natural_probes() if (_LOSS, on) in gathered]
    wanted = [*((_LOSS, on) for on in natural[:1]), (_LOSS, other), (_DIRECT, other)]
    return [
        EffectColumn(
            id=measure_id(type_, on),
            type=type_,
            probe=on,
            title=f"{_SHORT[type_]}, {words(on)}",
            unit=TYPES[type_].unit,
        )
        for type_, on in dict.fromkeys(wanted)
        if (type_, on) in gathered
    ]


def shown(model: ModelData, head: Head, shown_columns: Sequence[EffectColumn]) -> list[str]:
    """A head's number for each column; a dash where it was not measured, an estimate being no measurement."""
    known = model.evidence.heads.get(head.id)
    lines = known.lines if known else ()
    measured = {(line.type, line.probe or ""): line.value for line in lines if line.exact}
    return [score(measured.get((column.type, column.probe))) for column in shown_columns]


def missed(model: ModelData, probe: str) -> MissedHeads | None:
    """The heads that a model is surely worse without on a probe; None where none was removed on it."""
    known = model.evidence.by_type
    of_probe = {type_: known[type_][probe] for type_ in EFFECTS if probe in known.get(type_, {})}
    # In the measure that counts first there.
    chosen = next((type_ for type_, lines in of_probe.items() if counts_first(next(iter(lines.values())))), None)
    chosen = chosen or next(iter(of_probe), None)
    if chosen is None:
        return None
    lines = of_probe[chosen]
    strongest = sorted(lines, key=lambda number: -lines[number].value)[:MISSED_MOST]
    sure = [(number, lines[number]) for number in strongest if (lines[number].low or 0) > 0 and lines[number].exact]
    return MissedHeads(
        model=model.name,
        slug=model.slug,
        measure=measure(next(iter(lines.values()))),
        rises=chosen in (LOSS, REGION_LOSS),
        heads=[
            MissedHead(
                name=model.names[number],
                label=next((label.name for label in model.labels.get(number, [])), ""),
                value=line.value,
                interval=interval_in_words(line.low or 0, line.high),
            )
            for number, line in sure
        ],
    )


def _prominent_probe(models: Sequence[ModelData]) -> str:
    probes = {
        pattern.name: model.probes_of(pattern)[0]
        for model in models
        for pattern in model.patterns
        if model.probes_of(pattern)
    }
    return probes.get(most_prominent(probes) or "", "")
