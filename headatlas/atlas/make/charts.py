"""Small figures as SVG paths: statistics by depth, labels by layer, the map of heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from headatlas.atlas.context.charts import DepthChart, DotGroup, LayerStack
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, ModelData, Pattern
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import score, words
from headatlas.atlas.make import labels
from headatlas.patterns.families import Family
from headatlas.patterns.lookup import comes_last

DEPTH_WIDTH, DEPTH_HEIGHT = 220, 96
MAP_SIZE = 600


def depth_charts(atlas: Atlas, model: ModelData) -> list[DepthChart]:
    """Each statistic of rows by layer: the mean over heads, and around it the middle 80% of them."""
    charts = []
    for pattern in model.patterns:
        probes = model.probes_of(pattern)
        if not pattern.is_target and probes:
            chart = _depth(atlas, model, pattern, probes[0])
            if chart is not None:
                charts.append(chart)
    return charts


def _depth(atlas: Atlas, model: ModelData, pattern: Pattern, probe: str) -> DepthChart | None:
    scores = model.scores[pattern.name, probe]
    of_layers = []
    for number, layer in enumerate(model.layers):
        values = scores.score[[head.position for head in layer.heads]]
        known = values[~np.isnan(values)]
        if len(known):
            low, high = np.quantile(known, [0.1, 0.9])
            of_layers.append((number, float(np.mean(known)), float(low), float(high), layer.name))
    if len(of_layers) < 2:
        return None
    top = max(high for *_, high, _ in of_layers) or 1.0
    top = 1.0 if top <= 1 and pattern.unit != "tokens" else top
    last = max(len(model.layers) - 1, 1)

    def at(number: float, value: float) -> str:
        return f"{_fixed(DEPTH_WIDTH * number / last)} {_fixed(DEPTH_HEIGHT * (1 - value / top))}"

    line = "M" + "L".join(at(number, mean) for number, mean, *_ in of_layers)
    upper = [at(number, high) for number, _, _, high, _ in of_layers]
    lower = [at(number, low) for number, _, low, _, _ in reversed(of_layers)]
    highest = max(of_layers, key=lambda layer: layer[1])
    lowest = min(of_layers, key=lambda layer: layer[1])
    return DepthChart(
        name=pattern.name,
        file=atlas.pattern_files[pattern.name],
        unit=pattern.unit,
        probe=probe,
        line=line,
        band="M" + "L".join([*upper, *lower]) + "Z",
        ticks=[(_fixed(DEPTH_HEIGHT * (1 - share)), f"{top * share:.3g}") for share in (0, 0.5, 1)],
        said=f"{words(pattern.name)} by layer: the mean over heads is highest in {highest[4]} ({score(highest[1])}) "
        f"and lowest in {lowest[4]} ({score(lowest[1])})",
    )


def layer_stacks(model: ModelData) -> list[LayerStack]:
    """How many heads of each layer carry a label of each family first."""
    families = {pattern.name: pattern.family for pattern in model.patterns}
    stacks = []
    for layer in model.layers:
        names = [[label.name for label in model.labels.get(head.id, [])] for head in layer.heads]
        doing = [[name for name in of_head if not comes_last(name)] for of_head in names]
        parts, aside = (
            _stacked([Family.of(families.get(of_head[0], "")) for of_head in some if of_head])
            for some in (names, doing)
        )
        said = ", ".join(f"{family} {number}" for _, family, _, number in parts) or "no label"
        stacks.append(LayerStack(name=layer.name, parts=parts, aside=aside, said=f"{layer.name}: {said}"))
    return stacks


def _stacked(carried: Sequence[Family]) -> list[tuple[str, str, int, int]]:
    parts, start = [], 0
    for family in Family:
        if number := carried.count(family):
            parts.append((family_class(family), str(family), start, number))
            start += number
    return parts


def dot_groups(model: ModelData, numbers: dict[str, int]) -> list[DotGroup]:
    """The map of heads: one path a label, a dot being a line of no length with a round end."""
    grouped: dict[str, list[Head]] = defaultdict(list)
    for head in model.heads:
        if head.id in model.positions:
            label = next((label.name for label in model.labels.get(head.id, [])), "")
            grouped[label].append(head)
    groups = []
    for label in sorted(grouped, key=lambda name: (name != "", numbers.get(name, -1))):
        heads = grouped[label]
        groups.append(
            DotGroup(
                text=words(label) or "unclassified",
                number=numbers.get(label, -1),
                hue=labels.hue_of(model, label) if label else "nameless",
                n_heads=len(heads),
                path="".join(f"M{x} {y}h0" for x, y in (dot(model, head) for head in heads)),
            )
        )
    return groups


def dot(model: ModelData, head: Head) -> tuple[str, str]:
    """Where a head lies on the map, in the units of its picture."""
    x, y = model.positions[head.id]
    return _fixed(8 + x * (MAP_SIZE - 16)), _fixed(8 + y * (MAP_SIZE - 16))


def _fixed(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
