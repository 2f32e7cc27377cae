"""Patterns and probes: their definitions, the worked example as a heatmap, and the pages that show them everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from itertools import groupby
from typing import Any

from headatlas.atlas.context.definitions import Definition, Ideal, ProbeFacts, ProbeRun
from headatlas.atlas.context.mosaics import ModelMosaic
from headatlas.atlas.context.pages import MethodsPage, PatternPage, ProbePage
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import ModelData, Pattern, Probe
from headatlas.atlas.data.scores import MOST_RANKED
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.glyphs import visible
from headatlas.atlas.draw.wording import plural, score, words
from headatlas.atlas.make import bars, effects, mosaics
from headatlas.atlas.make.ranked import ranked_heads
from headatlas.evidence.types import FAST, SLOW
from headatlas.evidence.words import verdicts, weight_words
from headatlas.labels.thresholds import HIGH_CONFIDENCE
from headatlas.patterns import examples, vocabulary
from headatlas.patterns.for_newcomers import introduction

MAX_NAMED = 3  # models with the same chance that are named
TOP_K = MOST_RANKED  # heads of a pattern, over all models
TOP_K_OF_ONE = 10  # where the site has one model, whose explorer has them all
TOP_K_OF_PROBE = 3
# Verdicts that agree with the picture, or disagree, as head pages colour them; the others do neither.
_TONES = {
    verdicts.MECHANISM: "good",
    verdicts.UNCONFIRMED: "open",
    verdicts.QUIET: "good",
    verdicts.PICTURE: "bad",
    verdicts.AGAINST: "bad",
    verdicts.UNSEEN: "bad",
}


def definition(atlas: Atlas, pattern: Pattern) -> Definition:
    """A pattern as pages define it."""
    # A rival may be the common beginning of several names.
    rivals = [name for name in atlas.newest if name != pattern.name and name.startswith(pattern.rivals)]
    paragraphs = [
        paragraph for paragraph in _paragraphs(pattern.description) if not paragraph.startswith(pattern.example or "\0")
    ]
    return Definition(
        name=pattern.name,
        file=atlas.pattern_files[pattern.name],
        version=pattern.version,
        family=pattern.family,
        hue=family_class(pattern.family),
        kind=pattern.kind,
        summary=pattern.summary,
        description=[paragraph for paragraph in paragraphs if paragraph != pattern.summary],
        example=examples.without_roles(pattern.example),
        formula=pattern.formula,
        unit=pattern.unit,
        source=pattern.source,
        rivals=[(name, atlas.pattern_files[name]) for name in rivals] if pattern.rivals else [],
        probe=pattern.probe,
        probe_file=atlas.probe_files.get(pattern.probe, ""),
        same_as=[_called(name) for name in vocabulary.names_for(pattern.name) if name.fit == vocabulary.SAME],
        near=[_called(name) for name in vocabulary.names_for(pattern.name) if name.fit != vocabulary.SAME],
    )


def _called(name: vocabulary.PublishedName) -> tuple[str, str, str]:
    return name.name, name.by, name.address


def families(atlas: Atlas) -> list[tuple[str, str, list[Definition]]]:
    """The newest definitions, family by family."""
    every = [definition(atlas, pattern) for pattern in atlas.newest.values()]
    return [(family, family_class(family), list(group)) for family, group in groupby(every, lambda entry: entry.family)]


def probe_facts(atlas: Atlas) -> list[ProbeFacts]:
    """The newest version of every probe."""
    return [_probe_facts(atlas, probe) for probe in atlas.newest_probes.values()]


def _probe_facts(atlas: Atlas, probe: Probe) -> ProbeFacts:
    return ProbeFacts(
        name=probe.name,
        file=atlas.probe_files[probe.name],
        version=probe.version,
        summary=probe.summary,
        patterns=[
            (pattern.name, atlas.pattern_files[pattern.name], family_class(pattern.family))
            for pattern in atlas.newest.values()
            if pattern.probe == probe.name
        ],
    )


def pattern_page(atlas: Atlas, pattern: Pattern) -> PatternPage:
    """A pattern: what it is, and who follows it."""
    measured = [(model, model.probes_of(pattern)) for model in atlas.models]
    shown = [(model, probes[0]) for model, probes in measured if probes]
    top = max([model.largest(pattern, probe) for model, probe in shown], default=1.0)
    probe = pattern.probe if any(probe == pattern.probe for _, probe in shown) else (shown[0][1] if shown else "")
    older = [other for other in atlas.patterns if other.name == pattern.name and other.version < pattern.version]
    columns = effects.columns([model for model, _ in shown], probe)
    top_k = TOP_K if atlas.comparable else TOP_K_OF_ONE
    heads = ranked_heads(atlas, pattern, probe, top_k, top, columns) if probe else []
    return PatternPage(
        title=words(pattern.name),
        description=f"{pattern.summary} Definition, worked example, and the heads of "
        f"{plural(len(shown), 'model')} that follow it most.",
        root="../",
        trail=[],
        preview=f"previews/pattern-{atlas.pattern_files[pattern.name]}.png",
        definition=definition(atlas, pattern),
        introduction=introduction(pattern.name),
        older=[definition(atlas, other) for other in older],
        ideal=ideal(pattern),
        mosaics=[
            ModelMosaic(
                model=model.name,
                slug=model.slug,
                thumbnail=mosaics.thumbnail(atlas, model, pattern, 240, top),
                n_labelled=sum(pattern.name in [label.name for label in labels] for labels in model.labels.values()),
            )
            for model, _ in shown
        ],
        largest=f"{top:.3g}",
        heads=heads,
        labels=any(head.confidence for head in heads),
        effects=columns,
        n_heads=sum(len(model.heads) for model, _ in shown),
        chance=_chances(pattern, shown),
        real=next((head for head in heads if head.map and head.confidence), None)
        or next((head for head in heads if head.map), None),
    )


def _chances(pattern: Pattern, shown: Sequence[tuple[ModelData, str]]) -> list[tuple[str, str]]:
    """What chance scores, as it is printed, with the models in which it is that; many models are counted."""
    named: dict[str, list[str]] = {}
    for model, probe in shown:
        value = bars.common_chance(model, pattern.name, probe)
        if value is not None:
            named.setdefault(score(value), []).append(model.name)
    return [
        (value, ", ".join(names) if len(names) <= MAX_NAMED else plural(len(names), "model"))
        for value, names in named.items()
    ]


def probe_page(atlas: Atlas, probe: Probe) -> ProbePage:
    """A probe: its texts, and the heads that stand out on it."""
    runs = []
    for model in atlas.models:
        ran = next((run for run in model.probes if run.name == probe.name), None)
        if ran is not None:
            kept = [
                (example.sequence, [visible(token) for token in example.tokens])
                for example in model.examples
                if example.probe == probe.name
            ]
            runs.append(
                ProbeRun(
                    model=model.name,
                    slug=model.slug,
                    n_sequences=ran.n_sequences,
                    n_tokens=ran.n_tokens,
                    note=ran.note,
                    sequences=kept,
                )
            )
    facts = _probe_facts(atlas, probe)
    tops = []
    for name, file, hue in facts.patterns:
        top = max(
            [
                model.largest(atlas.newest[name], probe.name)
                for model in atlas.models
                if (name, probe.name) in model.scores
            ],
            default=1.0,
        )
        tops.append((name, file, hue, ranked_heads(atlas, atlas.newest[name], probe.name, TOP_K_OF_PROBE, top)))
    return ProbePage(
        title=words(probe.name),
        description=f"{probe.summary} Its texts and the {plural(len(facts.patterns), 'pattern')} read on it.",
        root="../",
        trail=[],
        preview="previews/atlas.png",
        probe=facts,
        paragraphs=_paragraphs(probe.description)[1:],
        runs=runs,
        tops=tops,
        missed=[of_model for model in atlas.models if (of_model := effects.missed(model, probe.name)) is not None],
    )


def methods_page(atlas: Atlas) -> MethodsPage:
    """How every number is made."""
    tolerances = [
        model.certificate["tolerance"]
        for model in atlas.models
        if model.certificate and model.certificate["tolerance"] is not None
    ]
    return MethodsPage(
        title="Methods",
        description="How every number of this atlas is made: patterns, probes, scores, chance, intervals.",
        root="",
        trail=[],
        preview="previews/atlas.png",
        families=families(atlas),
        probes=probe_facts(atlas),
        verdicts=[(word, _TONES.get(word, "open"), meaning) for word, meaning in verdicts.MEANINGS.items()],
        copies=verdicts.COPIES,
        gives=weight_words.GIVES,
        suppresses=weight_words.SUPPRESSES,
        fast=FAST,
        slow=SLOW,
        sure=HIGH_CONFIDENCE,
        tolerance=max(tolerances, default=None),
    )


# The worked example as a heatmap


def ideal(pattern: Pattern) -> Ideal | None:
    """A perfect head's attention on the worked example.

    Computed from the definition for the patterns that headatlas comes with (ideal.json); for any other pattern
    the one row that its worked example names.
    """
    known = _ideals().get(pattern.name)
    if known is not None and known["version"] == pattern.version and known["example"] == pattern.example:
        rows, targets, causal = known["tokens"], known["targets"], known["causal"]
        columns, query = known.get("keys", rows), known["query"]
    else:
        example = examples.parse(pattern.example)
        if example is None:
            return None
        rows, columns, query = example.sequence.texts, example.key_sequence.texts, example.query
        targets = {str(query): example.keys}
        causal = example.sequence.source is None and max(example.keys) <= query
    cells, rests = [], []
    for row in range(len(rows)):
        keys = targets.get(str(row), [])
        cells += [(row, key, f"v{max(round(100 / len(keys)), 30)}") for key in keys]
        rests += [(row, key) for key in range(row + 1 if causal else len(columns))] if not keys else []
    rows, columns = ([visible(token) if token.strip() else "␣" for token in side] for side in (rows, columns))
    return Ideal(
        rows=rows,
        columns=columns,
        targets=cells,
        rests=rests,
        query=query,
        causal=causal,
        side=max(14, min(34, 320 // max(len(rows), len(columns)))),
        margin=8 + 7 * max(min(len(token), 12) for token in (*rows, *columns)),
    )


@lru_cache(maxsize=1)
def _ideals() -> dict[str, Any]:
    text = (resources.files("headatlas.atlas") / "ideal.json").read_text(encoding="utf-8")
    known: dict[str, Any] = json.loads(text)
    return known


def _paragraphs(text: str) -> Sequence[str]:
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph.strip()]
