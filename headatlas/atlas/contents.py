"""From rows to what pages show: every number a template prints is chosen here."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from headatlas.atlas import claims, evidence, images
from headatlas.atlas.colours import family_class
from headatlas.atlas.data import Example, Head, Layer, ModelData, Pattern, Probe, Score
from headatlas.atlas.glyphs import short, visible
from headatlas.atlas.overlays import overlays
from headatlas.atlas.pages import (
    Bar,
    Chip,
    Definition,
    ExampleDrawing,
    ExampleSection,
    Fact,
    HeadPage,
    IndexPage,
    LayerPage,
    MapImage,
    MapSet,
    MethodsPage,
    Mini,
    ModelFacts,
    ModelPage,
    Mosaic,
    MosaicCell,
    MosaicRow,
    PatternChoice,
    PatternLines,
    ProbeText,
    ScoreLine,
    TopHead,
    TopHeads,
)
from headatlas.atlas.published import published
from headatlas.atlas.templating import plural, score, two_digits, words

TOP = 5
# Besides a pattern's own probe, a head's page shows its scores on these.
GENERAL_PROBES = ("natural_text", "repeated_random_tokens")
HIGHLIGHTS = 3
NOTABLE = 0.05  # above chance, to be named on the head's page

_KINDS = {
    "self": "Self-attention",
    "encoder": "Encoder self-attention",
    "decoder": "Decoder self-attention",
    "cross": "Cross-attention",
    "vision": "Vision",
}
_LAYER_WORDS = {
    "self": "Layer",
    "encoder": "Encoder layer",
    "decoder": "Decoder layer",
    "cross": "Cross-attention layer",
    "vision": "Vision layer",
}
_LABELLED_CELL = 8  # narrower cells have no room for a token each
_HEAD_ROOM, _MULTIPLE_ROOM = 520, 224  # CSS pixels for a map on a head page, on a layer page
_CELL_LIMITS = {_HEAD_ROOM: 18, _MULTIPLE_ROOM: 12}

# An invented map that shows how to read one: a head that looks for what followed the same word before.
_WORKED_TOKENS = ("The", " red", " fox", " met", " a", " red", " fox")
_WORKED_WEIGHTS = (
    (1.00, 0, 0, 0, 0, 0, 0),
    (0.92, 0.08, 0, 0, 0, 0, 0),
    (0.88, 0.05, 0.07, 0, 0, 0, 0),
    (0.85, 0.04, 0.06, 0.05, 0, 0, 0),
    (0.83, 0.05, 0.03, 0.05, 0.04, 0, 0),
    (0.10, 0.03, 0.82, 0.02, 0.01, 0.02, 0),
    (0.09, 0.02, 0.04, 0.80, 0.02, 0.01, 0.02),
)


class LayerMaps:
    """Pictures of a layer's maps; each is made once and used on the head's and on the layer's page."""

    def __init__(self, model: ModelData, layer: Layer, maps: Mapping[tuple[int, int], np.ndarray]) -> None:
        self.layer = layer
        self.maps = maps
        self.examples: list[tuple[Example, dict[int, str], str]] = []
        for example in model.examples:
            found = {head.id: maps[example.id, head.id] for head in layer.heads if (example.id, head.id) in maps}
            if found and example.tokens:
                pictures = {head: images.heatmap(weights, layer.causal) for head, weights in found.items()}
                mean = images.heatmap(images.mean_map(list(found.values())), layer.causal)
                self.examples.append((example, pictures, mean))

    def of_head(self, head: Head) -> list[ExampleSection]:
        """The head beside the mean over its layer, on each sequence."""
        sections: list[ExampleSection] = []
        for example, pictures, mean in self.examples:
            if head.id in pictures:
                maps = [self._head(example, head, pictures[head.id]), self._mean(example, mean)]
                section = _section(example, self.layer.attention, len(sections), maps, _HEAD_ROOM)
                drawn = overlays(example, self.maps[example.id, head.id], head.name)
                sections.append(replace(section, overlays=drawn))
        return sections

    def of_layer(self) -> list[ExampleSection]:
        """All heads and their mean, on each sequence."""
        return [
            _section(
                example,
                self.layer.attention,
                place,
                [
                    *(
                        replace(self._head(example, head, pictures[head.id]), href=f"../heads/{head.name}.html")
                        for head in self.layer.heads
                        if head.id in pictures
                    ),
                    replace(self._mean(example, mean), title=f"mean of {plural(len(self.layer.heads), 'head')}"),
                ],
                _MULTIPLE_ROOM,
            )
            for place, (example, pictures, mean) in enumerate(self.examples)
        ]

    def tokens(self) -> list[dict[str, list[str]]]:
        """Tokens of each sequence, for the script; `keys` where others are looked at than look."""
        found = []
        for example, _, _ in self.examples:
            rows, columns = _labels(example, self.layer.attention)
            found.append({"tokens": rows} if rows == columns else {"tokens": rows, "keys": columns})
        return found

    def _head(self, example: Example, head: Head, uri: str) -> MapImage:
        return MapImage(title=head.name, uri=uri, alternative=f"Attention of {head.name} on {self._on(example)}")

    def _mean(self, example: Example, uri: str) -> MapImage:
        title = f"mean of {plural(len(self.layer.heads), 'head')} of {self.layer.name}"
        return MapImage(title=title, uri=uri, alternative=f"Mean attention of {self.layer.name} on {self._on(example)}")

    def _on(self, example: Example) -> str:
        length = _length(example, self.layer.attention)
        return f"{words(example.probe)}, sequence {example.sequence}: {length}, rows are queries, columns are keys"


def head_page(model: ModelData, layer: Layer, head: Head, maps: LayerMaps) -> HeadPage:
    """The page of one head."""
    heads = model.heads
    highlights, examples = _highlights(model, head), maps.of_head(head)
    name = f"{_LAYER_WORDS[head.attention]} {head.layer}, head {head.head}"
    return HeadPage(
        title=f"{head.name} · {model.name}",
        description=f"What {head.name} of {model.name} looks at: scores for "
        f"{plural(len(model.patterns), 'attention pattern')}, and heatmaps.",
        root="../../",
        trail=[(model.name, "../index.html"), (head.layer_name, f"../layers/{head.layer_name}.html")],
        model=facts(model),
        name=head.name,
        words=name,
        layer=head.layer_name,
        previous=heads[head.place - 1].name if head.place else "",
        next=heads[head.place + 1].name if head.place + 1 < len(heads) else "",
        claims=claims.claims(model, head),
        labelled=claims.is_labelled(model),
        evidence=evidence.section(model, head),
        highlights=[
            Chip(text=words(pattern.name), value=score(one.score, 2), hue=family_class(pattern.family))
            for pattern, one in highlights
        ],
        examples=examples,
        start=next((one.anchor for one in examples if highlights and one.probe == highlights[0][0].probe), ""),
        patterns=[lines for lines in (_pattern_lines(model, head, one) for one in model.patterns) if lines.lines],
        published=published(model, head),
        n_heads=len(heads),
        causal=layer.causal,
        data=maps.tokens(),
    )


def layer_page(model: ModelData, layer: Layer, maps: LayerMaps) -> LayerPage:
    """The page of one layer."""
    names = [one.name for one in model.layers]
    place = names.index(layer.name)
    return LayerPage(
        title=f"{layer.name} · {model.name}",
        description=f"All {plural(len(layer.heads), 'head')} of {_LAYER_WORDS[layer.attention].lower()} "
        f"{layer.layer} of {model.name} side by side.",
        root="../../",
        trail=[(model.name, "../index.html")],
        model=facts(model),
        layer=layer,
        words=f"{_LAYER_WORDS[layer.attention]} {layer.layer}",
        previous=names[place - 1] if place else "",
        next=names[place + 1] if place + 1 < len(names) else "",
        labels=[(head.name, claims.chips(model, head)) for head in layer.heads],
        examples=maps.of_layer(),
        data=maps.tokens(),
    )


def model_page(model: ModelData, described: Mapping[str, str]) -> ModelPage:
    """The page of one model."""
    scan = model.scan
    readable = [pattern for pattern in model.patterns if model.probes_of(pattern)]
    chosen = _first_choice(readable)
    chosen_probe = model.probes_of(chosen)[0] if chosen else ""
    top = model.largest(chosen, chosen_probe) if chosen else 1.0
    scores = model.scores[chosen.name, chosen_probe] if chosen else {}
    own = facts(model)
    counts = claims.counts(model)
    return ModelPage(
        title=model.name,
        description=f"{plural(len(model.heads), 'attention head')} of {model.name}, "
        f"scored for {plural(len(model.patterns), 'pattern')}.",
        root="../",
        trail=[],
        model=own,
        mosaics=[_mosaic(model, kind, scores, top) for kind in model.kinds],
        choices=[PatternChoice(name=pattern.name, family=pattern.family) for pattern in readable],
        probes=model.probes,
        chosen=PatternChoice(name=chosen.name, family=chosen.family) if chosen else PatternChoice(name="", family=""),
        chosen_probe=chosen_probe,
        hue=family_class(chosen.family if chosen else "other"),
        ticks=[f"{top * quarter / 4:.3g}" for quarter in range(5)],
        chance=_chance(scores),
        minis=[_mini(model, pattern, 180) for pattern in readable],
        tops=[_top_heads(model, pattern) for pattern in readable],
        counts=counts,
        n_unclassified=claims.n_unclassified(model, counts),
        labelled=claims.is_labelled(model),
        dots=claims.dots(model),
        unnamed=claims.unnamed_kinds(model),
        certificate=dict(model.certificate) if model.certificate else None,
        warnings=model.warnings,
        layers=model.layers,
        provenance=[
            Fact(name=name, value=_shown(scan[name]), description=described.get(name, ""))
            for name in scan.keys()  # noqa: SIM118 - a Row iterates over values
            if name != "versions"
        ],
        versions=sorted((str(name), str(value)) for name, value in _versions(scan).items()),
        data=_mosaic_data(model, readable, chosen, chosen_probe),
    )


def methods_page(models: Sequence[ModelData], patterns: Sequence[Pattern], probes: Sequence[Probe]) -> MethodsPage:
    """How every number is made."""
    names = [pattern.name for pattern in patterns]
    newest = {pattern.name: max(one.version for one in patterns if one.name == pattern.name) for pattern in patterns}
    definitions = [_definition(pattern, newest[pattern.name], names) for pattern in patterns]
    families = [
        (family, family_class(family), list(group)) for family, group in groupby(definitions, lambda one: one.family)
    ]
    newest_probe = {probe.name: max(one.version for one in probes if one.name == probe.name) for probe in probes}
    tolerances = [
        model.certificate["tolerance"]
        for model in models
        if model.certificate and model.certificate["tolerance"] is not None
    ]
    return MethodsPage(
        title="Methods",
        description="How every number of this atlas is made: patterns, probes, scores, chance, intervals.",
        root="",
        trail=[],
        families=families,
        probes=[
            ProbeText(
                anchor=_anchor("probe", probe.name, probe.version, newest_probe[probe.name]),
                name=probe.name,
                version=probe.version,
                summary=probe.summary,
                description=_paragraphs(probe.description)[1:],
                patterns=[pattern.name for pattern in patterns if pattern.probe == probe.name],
            )
            for probe in probes
        ],
        tolerance=max(tolerances, default=None),
    )


def index_page(models: Sequence[ModelData]) -> IndexPage:
    """The front page."""
    tokens = [visible(token) for token in _WORKED_TOKENS]
    weights = np.round(np.array(_WORKED_WEIGHTS) * 255).astype(np.uint8)
    worked = MapSet(
        number=0,
        size=len(tokens),
        columns=len(tokens),
        cell=32,
        axis="\n".join(tokens),
        column_axis="\n".join(tokens),
        step=1,
        maps=[
            MapImage(
                title="",
                uri=images.heatmap(weights, causal=True),
                alternative="An invented attention map of seven tokens: the second ' red' looks at the first ' fox', "
                "the second ' fox' at ' met', all others at the first token.",
            )
        ],
    )
    return IndexPage(
        title="An atlas of attention heads",
        description="What every attention head of a language model looks at, measured and drawn.",
        root="",
        trail=[],
        models=[(facts(model), _portrait(model), [one.chip for one in claims.counts(model)[:6]]) for model in models],
        n_heads=sum(len(model.heads) for model in models),
        worked=worked,
        data=[{"tokens": tokens}],
    )


def facts(model: ModelData) -> ModelFacts:
    """What every page about a model says of it."""
    certificate = model.certificate
    passed = certificate["passed"] if certificate else None
    return ModelFacts(
        name=model.name,
        slug=model.slug,
        architecture=model.scan["architecture"] or "unknown architecture",
        n_layers=len(model.layers),
        n_heads=len(model.heads),
        n_parameters=model.scan["n_parameters"],
        scanned=(model.scan["finished"] or "")[:10],
        verdict="not compared" if passed is None else "passed" if passed else "failed",
        n_warnings=len(model.warnings),
    )


# Heatmaps


def _labels(example: Example, attention: str, show: Callable[[str], str] = visible) -> tuple[list[str], list[str]]:
    """What stands at rows and columns.

    In cross-attention a row is named by the token the decoder has just read and, after a mark, the one that comes
    next: what the model computes there is the latter, and it is mostly the latter whose source it looks at.
    """
    queries, keys = example.sides(attention)
    rows = [show(token) for token in queries]
    if attention == "cross":
        rows = [" ▸ ".join(pair) for pair in pairwise(rows)] + rows[-1:]
    return rows, [show(token) for token in keys]


def _length(example: Example, attention: str) -> str:
    queries, keys = example.sides(attention)
    return plural(len(queries), "token") + (f" and {len(keys)} of the source" if attention == "cross" else "")


_READING = "Row: the token that looks; column: the token looked at."
_CROSS_READING = "Row: the token the decoder has read ▸ the one that comes next; column: the source token looked at."


def _section(example: Example, attention: str, place: int, maps: Sequence[MapImage], room: int) -> ExampleSection:
    rows, columns = _labels(example, attention, short)
    cell = max(1, min(_CELL_LIMITS[room], room // max(len(rows), len(columns), 1)))
    step, axes = 1, ["", ""]
    if room == _HEAD_ROOM:
        step = next(step for step in (1, 5, 10, 20, 50, 100, 1000) if step * cell >= _LABELLED_CELL * min(step, 2))
        axes = ["\n".join(one if step == 1 else map(str, range(0, len(one), step))) for one in (rows, columns)]
    return ExampleSection(
        anchor=f"example-{place + 1}",
        probe=example.probe,
        sequence=example.sequence,
        length=_length(example, attention),
        reading=_CROSS_READING if attention == "cross" else _READING,
        maps=MapSet(
            number=place, size=len(rows), columns=len(columns), cell=cell, axis=axes[0], column_axis=axes[1],
            step=step, maps=maps,
        ),
    )  # fmt: skip


# Scores of a head


def _pattern_lines(model: ModelData, head: Head, pattern: Pattern) -> PatternLines:
    lines = []
    # Every pattern is measured on every probe where it has targets; the database has all of it.
    measured = model.probes_of(pattern)
    for probe in [one for one in measured if one in (pattern.probe, *GENERAL_PROBES)] or measured:
        one = model.scores[pattern.name, probe].get(head.id)
        if one is not None:
            lines.append(
                ScoreLine(
                    probe=probe,
                    bar=_bar(one, model.largest(pattern, probe)),
                    score=one.score,
                    low=one.low,
                    high=one.high,
                    sink_free=one.sink_free,
                    chance=one.chance,
                    null=one.null,
                    q=one.q,
                    rival=one.rival,
                    rival_score=one.rival_score,
                    rank=model.ranking(pattern.name, probe).get(head.id),
                    n_queries=one.n_queries,
                    n_sequences=one.n_sequences,
                )
            )
    return PatternLines(name=pattern.name, family=pattern.family, hue=family_class(pattern.family), lines=lines)


def _bar(one: Score, top: float) -> Bar | None:
    if one.score is None:
        return None

    def place(value: float | None) -> str:
        return "" if value is None else f"{100 * min(max(value / top, 0.0), 1.0):.1f}".removesuffix(".0")

    both = one.low is not None and one.high is not None
    return Bar(
        at=place(one.score),
        low=place(one.low) if both else "",
        high=place(one.high) if both else "",
        chance=place(one.chance),
    )


def _highlights(model: ModelData, head: Head) -> list[tuple[Pattern, Score]]:
    """The patterns a head is furthest above chance for, each on the probe it is meant to be read on."""
    found = []
    for pattern in model.patterns:
        probes = model.probes_of(pattern)
        one = model.scores[pattern.name, probes[0]].get(head.id) if probes and pattern.is_target else None
        if one is not None and one.score is not None and one.score - (one.chance or 0) >= NOTABLE:
            found.append((one.score - (one.chance or 0), pattern, one))
    found.sort(key=lambda item: (-item[0], item[1].name))
    return [(pattern, one) for _, pattern, one in found[:HIGHLIGHTS]]


# Mosaics


def _first_choice(patterns: Sequence[Pattern]) -> Pattern | None:
    targets = [pattern for pattern in patterns if pattern.is_target] or list(patterns)
    known = [pattern for pattern in targets if pattern.name == "induction"]
    return next(iter(known or targets), None)


def _step(value: float | None, top: float) -> str:
    return "none" if value is None else f"v{round(100 * min(max(value / top, 0.0), 1.0))}"


def _mosaic(model: ModelData, kind: str, scores: Mapping[int, Score], top: float) -> Mosaic:
    layers = [layer for layer in model.layers if layer.attention == kind]
    rows = []
    for layer in layers:
        values = [scores[head.id].score if head.id in scores else None for head in layer.heads]
        cells = [
            MosaicCell(name=head.name, step=_step(value, top), text=two_digits(value))
            for head, value in zip(layer.heads, values, strict=True)
        ]
        rows.append(MosaicRow(name=layer.name, scored=bool(layer.heads), cells=cells))
    columns = max([len(layer.heads) for layer in layers], default=0)
    return Mosaic(kind=kind, title=_KINDS[kind], columns=columns, rows=rows)


def _mini(model: ModelData, pattern: Pattern, height: int) -> Mini:
    probe = model.probes_of(pattern)[0]
    scores = model.scores[pattern.name, probe]
    top = model.largest(pattern, probe)
    values: list[list[float | None]] = []
    for _, layers in groupby(model.layers, lambda layer: layer.attention):
        values += [[None]] if values else []  # an empty line between kinds
        for layer in layers:
            found = [scores[head.id].score if head.id in scores else None for head in layer.heads]
            values.append([None if value is None else value / top for value in found] or [None])
    rows, columns = max(len(values), 1), max([len(row) for row in values], default=1)
    known = [one.score for one in scores.values() if one.score is not None]
    most = max(known, default=None)
    return Mini(
        pattern=pattern.name,
        hue=family_class(pattern.family),
        uri=images.mosaic(values or [[None]], pattern.family),
        width=columns * min(max(round(0.6 * height / columns), 1), 10),
        height=rows * min(max(round(height / rows), 1), 10),
        alternative=f"{words(pattern.name)} on {words(probe)}, {plural(rows, 'layer')} top to bottom by "
        f"{plural(columns, 'head')}; highest {score(most)}",
        most=score(most),
    )


def _portrait(model: ModelData) -> list[Mini]:
    shown = [pattern for pattern in model.patterns if pattern.is_target and model.probes_of(pattern)]

    def most(pattern: Pattern) -> float:
        scores = model.scores[pattern.name, model.probes_of(pattern)[0]].values()
        return max((one.score for one in scores if one.score is not None), default=0.0)

    # The ten that some head of the model follows most, in the usual order.
    best = sorted(shown, key=most, reverse=True)[:10]
    return [_mini(model, pattern, 120) for pattern in shown if pattern in best]


def _chance(scores: Mapping[int, Score]) -> float | None:
    values = {one.chance for one in scores.values()}
    return values.pop() if len(values) == 1 else None


def _thousandths(values: Sequence[float | None]) -> list[int | None]:
    return [None if value is None else round(1000 * value) for value in values]


def _mosaic_data(
    model: ModelData, patterns: Sequence[Pattern], chosen: Pattern | None, chosen_probe: str
) -> dict[str, Any]:
    """Scores in thousandths, in the order of the mosaic's cells."""
    measured: dict[str, Any] = {}
    for pattern in patterns:
        probes = {}
        for probe in model.probes_of(pattern):
            found = model.scores[pattern.name, probe]
            lines = [found.get(head.id) for head in model.heads]
            probes[probe] = {
                "score": _thousandths([one.score if one else None for one in lines]),
                "sinkfree": _thousandths([one.sink_free if one else None for one in lines]),
                "chance": _chance(found),
                "top": model.largest(pattern, probe),
            }
        measured[pattern.name] = {
            "hue": family_class(pattern.family),
            "summary": pattern.summary,
            "unit": pattern.unit,
            "probes": probes,
        }
    return {"pattern": chosen.name if chosen else "", "probe": chosen_probe, "patterns": measured}


def _top_heads(model: ModelData, pattern: Pattern) -> TopHeads:
    probe = model.probes_of(pattern)[0]
    scores = model.scores[pattern.name, probe]
    top = model.largest(pattern, probe)
    known = [(head, scores[head.id]) for head in model.heads if head.id in scores and scores[head.id].score is not None]
    known.sort(key=lambda pair: (-(pair[1].score or 0.0), pair[0].place))
    return TopHeads(
        name=pattern.name,
        family=pattern.family,
        hue=family_class(pattern.family),
        summary=pattern.summary,
        probe=probe,
        unit=pattern.unit,
        chance=_chance(scores),
        scale=f"{top:.3g}",
        heads=[
            TopHead(name=head.name, score=one.score, low=one.low, high=one.high, bar=_bar(one, top))
            for head, one in known[:TOP]
        ],
    )


# Provenance and methods


def _versions(scan: sqlite3.Row) -> dict[str, Any]:
    found = json.loads(scan["versions"] or "{}")
    return found if isinstance(found, dict) else {"versions": found}


def _shown(value: object) -> str:
    if value is None or value == "":
        return "–"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def _anchor(kind: str, name: str, version: int, newest: int) -> str:
    return f"{kind}-{name}" if version == newest else f"{kind}-{name}-v{version}"


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph.strip()]


def _definition(pattern: Pattern, newest: int, names: Sequence[str]) -> Definition:
    # A rival may be the common beginning of several names.
    rivals = [name for name in dict.fromkeys(names) if name != pattern.name and name.startswith(pattern.rivals)]
    paragraphs = [one for one in _paragraphs(pattern.description) if not one.startswith(pattern.example or "\0")]
    return Definition(
        anchor=_anchor("pattern", pattern.name, pattern.version, newest),
        name=pattern.name,
        version=pattern.version,
        family=pattern.family,
        hue=family_class(pattern.family),
        kind=pattern.kind,
        summary=pattern.summary,
        description=[one for one in paragraphs if one != pattern.summary],
        example=pattern.example,
        drawing=_drawing(pattern.example),
        formula=pattern.formula,
        unit=pattern.unit,
        source=pattern.source,
        rivals=rivals if pattern.rivals else [],
        probe=pattern.probe,
    )


def _drawing(example: str) -> ExampleDrawing | None:
    """ "A B C A: query 3 (the second A) looks at key 1 (B)." as a grid.

    Tokens are shown without the roles that a worked example marks them with. Before an arrow stands what is looked
    at in cross-attention, a slash is the end of a row of patches.
    """
    found = re.fullmatch(r"(?P<tokens>.+?): query (?P<query>\d+)\b.*? looks at keys? (?P<keys>\d.*)", example)
    if not found:
        return None
    looked_at, arrow, looking = found["tokens"].partition(" → ")
    columns = _tokens_of(looked_at)
    rows = _tokens_of(looking) if arrow else columns
    keys = [int(key) for key in re.findall(r"\d+", re.sub(r"\(.*?\)", "", found["keys"]))]
    if max(len(rows), len(columns)) > 12 or int(found["query"]) >= len(rows) or max(keys) >= len(columns):
        return None
    longest = max(map(len, (*rows, *columns)))
    side = 18 if longest == 1 else 6 * longest + 10
    return ExampleDrawing(rows=rows, columns=columns, query=int(found["query"]), keys=keys, side=side)


def _tokens_of(words: str) -> list[str]:
    """ "The[det0] S* / a" is three tokens: The, S, a."""
    shown = [re.sub(r"(?<=.)\[[a-z_]+\d+(,[a-z_]+\d+)*\]$", "", word) for word in words.split()]
    return [word.removesuffix("*") or word for word in shown if word != "/"]
