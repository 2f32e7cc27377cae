"""A layer's maps, scores and budgets in a script, from which the pages of its heads draw what they do not hold.

`data/layers-1.js` is loaded by the pages of some layers (see `ModelData.layer_groups`) and of their heads. As markup
the same takes four times the room. All of it is deflated and spelled in letters of sixteen bits (see `packing`), the
tables of all its layers together, which are much alike; `templates/js/layer_data.js` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from headatlas.atlas.context.labels import Budget
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, Layer, ModelData, Pattern
from headatlas.atlas.data.neighbours import Neighbours
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import all_thousandths, exact
from headatlas.atlas.make import evidence, labels, packing
from headatlas.atlas.make.head_data import reasons_data, similar_data, tokens_and_distances
from headatlas.atlas.make.map_bytes import packed_maps
from headatlas.atlas.make.maps import LayerMaps
from headatlas.atlas.make.wild import more_lines, wild_texts

# Columns of the table `scores`, and what a page calls them.
_NUMBERS = {
    "score": "score", "ci_low": "low", "ci_high": "high", "score_nosink": "free", "chance": "chance",
    "null_score": "null", "q_value": "q", "rival_score": "rival_score",
}  # fmt: skip


def layers_script(
    atlas: Atlas, model: ModelData, layers: Sequence[tuple[Layer, LayerMaps]], neighbours: Neighbours
) -> bytes:
    """The content of `data/layers-NUMBER.js`: what the pages of each of these layers and of its heads draw.

    `layers`, by name: `causal`: whether queries cannot look at later tokens. `rests`: by number of a sequence the
    positions besides the first on which the layer's heads rest, where there are any. `kept`: the different lists of
    sequences that heads have maps of. `maps`: for each head the number of its list in `kept`, and its `packed_maps`.

    `tables`, of the heads of all layers: `patterns` (name, page, family, its CSS class, probe, upper end of the scale),
    `budgets` (see `_budgets`), `evidence` (see `evidence.numbers`), `looks` by head (see `tokens_and_distances`), `why`
    by head (see `reasons_data`), `similar` by head (see `similar_data`), and `wild` by head (see `more_lines`).
    `scores`: see `_scores`.
    """
    heads = [head for layer, _ in layers for head in layer.heads]
    read = [(pattern, model.probes_of(pattern)) for pattern in model.patterns]
    measured = [(pattern, probes[0]) for pattern, probes in read if probes]
    tables = packing.deflated(_json(_tables(atlas, model, layers, measured, neighbours)))
    of_layers = ",".join(f'"{layer.name}":{_layer(layer, maps)}' for layer, maps in layers)
    content = f'"layers":{{{of_layers}}},"tables":"{tables}","scores":"{_scores(model, heads, measured)}"'
    return packing.script(f'((window.headatlas??={{}}).data??={{}})["layers"]={{{content}}};\n')


def _layer(layer: Layer, maps: LayerMaps) -> str:
    kept: dict[tuple[int, ...], int] = {}
    of_heads = ",".join(
        f'"{name}":[{kept.setdefault((*numbers,), len(kept))},"{packed}"]'
        for name, (numbers, packed) in _maps(layer, maps).items()
    )
    numbers, causal = json.dumps([*kept], separators=(",", ":")), json.dumps(layer.causal)
    rests = {maps.numbers[example.id]: example.resting for example, _ in maps.kept_of_all() if example.resting}
    return (
        f'{{"causal":{causal},"rests":{json.dumps(rests, separators=(",", ":"))},"kept":{numbers},'
        f'"maps":{{{of_heads}}}}}'
    )


def _maps(layer: Layer, maps: LayerMaps) -> dict[str, tuple[list[int], str]]:
    of_heads: dict[str, list[tuple[int, np.ndarray]]] = {head.name: [] for head in layer.heads}
    for example, weights in maps.kept_of_all():
        number = maps.numbers[example.id]
        for head in layer.heads:
            if head.id in weights:
                of_heads[head.name].append((number, weights[head.id]))
    return {
        name: ([number for number, _ in kept], packed_maps([weights for _, weights in kept], layer.causal))
        for name, kept in of_heads.items()
        if kept
    }


def _tables(
    atlas: Atlas,
    model: ModelData,
    layers: Sequence[tuple[Layer, LayerMaps]],
    measured: Sequence[tuple[Pattern, str]],
    neighbours: Neighbours,
) -> dict[str, Any]:
    of_heads = [(head, maps) for layer, maps in layers for head in layer.heads]
    heads = [head for head, _ in of_heads]
    looks: dict[str, Any] = {}
    for layer, maps in layers:
        looks |= tokens_and_distances(model, layer, maps)
    return {
        "patterns": [
            [
                pattern.name, atlas.pattern_files[pattern.name], pattern.family, family_class(pattern.family), probe,
                model.largest(pattern, probe),
            ]
            for pattern, probe in measured
        ],
        "budgets": _budgets(
            {
                head.name: maps.once("budgets", head, partial(labels.budgets, atlas, model, head))
                for head, maps in of_heads
            }
        ),
        "evidence": evidence.numbers(model, heads),
        "looks": looks,
        "why": {head.name: reasons_data(atlas, model, head) for head in heads},
        "similar": {head.name: similar_data(atlas, model, head, neighbours) for head in heads},
        "wild": {head.name: more_lines(wild_texts(maps, head)) for head, maps in of_heads},
    }  # fmt: skip


def _budgets(of_heads: Mapping[str, Sequence[Budget]]) -> dict[str, Any]:
    """Of all heads the probes with their pages, and the parts with their CSS classes; by head, for each probe its
    number and, part after part, number and share in ten thousandths.
    """
    probes: dict[tuple[str, str], int] = {}
    parts: dict[tuple[str, str], int] = {}
    heads: dict[str, list[list[int]]] = {}
    for name, budgets in of_heads.items():
        heads[name] = []
        for budget in budgets:
            line = [probes.setdefault((budget.probe, budget.probe_file), len(probes))]
            for part in budget.parts:
                line += [parts.setdefault((part.name, part.hue), len(parts)), exact(part.share, 2)]
            heads[name].append(line)
    return {"probes": list(probes), "parts": list(parts), "heads": heads}


def _scores(model: ModelData, heads: Sequence[Head], measured: Sequence[tuple[Pattern, str]]) -> str:
    """The table of scores of some heads, which follow each other in the model, packed.

    The facts are the names of its columns, of the heads, and of rivals. Of each column there are, pattern after
    pattern, the numbers of all heads, in thousandths where they are decimal; of a rival its place among the names.
    Nothing where a head has no row for a pattern, then it has no number of queries either, or the row has no value.
    """
    rows = slice(heads[0].position, heads[-1].position + 1) if heads else slice(0)
    rivals: dict[str, int] = {}
    parts: dict[str, list[np.ndarray]] = {name: [] for name in (*_NUMBERS.values(), "rival", "rank", "queries")}
    for pattern, probe in measured if heads else ():
        scores = model.scores[pattern.name, probe]
        has_row = scores.measured[rows]
        numbers = np.concatenate([scores.number(column)[rows] for column in _NUMBERS])
        spelled = np.array(all_thousandths(numbers), dtype=float)  # all at once: there are few heads in a layer
        for name, of_column in zip(_NUMBERS.values(), np.split(spelled, len(_NUMBERS)), strict=True):
            parts[name].append(np.where(has_row, of_column, np.nan))
        named = [rivals.setdefault(name, len(rivals)) if name else np.nan for name in scores.rivals(rows)]
        parts["rival"].append(np.where(has_row, named, np.nan))
        ranks = model.ranks(pattern.name, probe)[rows]
        parts["rank"].append(np.where(has_row & (ranks > 0), ranks, np.nan))
        parts["queries"].append(np.where(has_row, scores.n_queries[rows], np.nan))
    columns = [np.concatenate(of_column) if of_column else np.empty(0) for of_column in parts.values()]
    return packing.table([list(parts), [head.name for head in heads], list(rivals)], columns)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
