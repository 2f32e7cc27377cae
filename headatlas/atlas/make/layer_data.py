"""A layer's maps, scores and budgets in a script, from which the pages of its heads draw what they do not hold.

`data/layers-1.js` is loaded by the pages of some layers (see `ModelData.layer_groups`) and of their heads. As markup
the same takes four times the room. All of it is deflated and spelled in letters of sixteen bits (see `packing`);
`templates/js/layer_data.js` reads it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from itertools import compress
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
from headatlas.atlas.make.maps import LayerMaps
from headatlas.atlas.make.wild import more_lines, wild_texts

# Columns of the table `scores` in the order of the table that is drawn; the rival's name stands before the last.
_NUMBERS = ("score", "ci_low", "ci_high", "score_nosink", "chance", "null_score", "q_value", "rival_score")


def layers_script(
    atlas: Atlas, model: ModelData, layers: Sequence[tuple[Layer, LayerMaps]], neighbours: Neighbours
) -> bytes:
    """The content of `data/layers-NUMBER.js`: what the pages of each of these layers and of its heads draw.

    `causal`: whether queries cannot look at later tokens. `rests`: by number of a sequence the positions besides the
    first on which the layer's heads rest, where there are any. `kept`: the different lists of sequences that heads have
    maps of. `maps`: for each head the number of its list in `kept`, and its maps one after the other, row after row, a
    byte a weight, the first of a row as `_visible` says; of causal attention only what a query can see. `tables`:
    `patterns` (name, page, family, its CSS class, probe, upper end of the scale), `scores` by head (see `_scores`),
    `budgets` (see `_budgets`), `evidence` (see `evidence.numbers`), `looks` by head (see `tokens_and_distances`), `why`
    by head (see `reasons_data`), `similar` by head (see `similar_data`), and `wild` by head (see `more_lines`).
    """
    content = ",".join(f'"{layer.name}":{_layer(atlas, model, layer, maps, neighbours)}' for layer, maps in layers)
    return packing.script(f'((window.headatlas??={{}}).data??={{}})["layers"]={{{content}}};\n')


def _layer(atlas: Atlas, model: ModelData, layer: Layer, maps: LayerMaps, neighbours: Neighbours) -> str:
    kept: dict[tuple[int, ...], int] = {}
    of_heads = ",".join(
        f'"{name}":[{kept.setdefault((*numbers,), len(kept))},"{packed}"]'
        for name, (numbers, packed) in _maps(layer, maps).items()
    )
    tables = packing.deflated(_json(_tables(atlas, model, layer, maps, neighbours)))
    numbers, causal = json.dumps([*kept], separators=(",", ":")), json.dumps(layer.causal)
    rests = {maps.numbers[example.id]: example.resting for example, _ in maps.kept_of_all() if example.resting}
    return (
        f'{{"causal":{causal},"rests":{json.dumps(rests, separators=(",", ":"))},"kept":{numbers},'
        f'"maps":{{{of_heads}}},"tables":"{tables}"}}'
    )


def _maps(layer: Layer, maps: LayerMaps) -> dict[str, tuple[list[int], str]]:
    of_heads: dict[str, list[tuple[int, np.ndarray]]] = {head.name: [] for head in layer.heads}
    for example, weights in maps.kept_of_all():
        number = maps.numbers[example.id]
        for head in layer.heads:
            if head.id in weights:
                of_heads[head.name].append((number, weights[head.id]))
    return {
        name: (
            [number for number, _ in kept],
            # Weights hardly ever repeat each other: spelling each shortly gives less than looking for repetitions does.
            packing.deflated(
                b"".join(_visible(weights, layer.causal) for _, weights in kept), strategy=zlib.Z_HUFFMAN_ONLY
            ),
        )
        for name, kept in of_heads.items()
        if kept
    }


def _visible(weights: np.ndarray, causal: bool) -> bytes:
    """What a query can see, row after row; in place of its first weight what the row adds up to beyond 255.

    That is nearly nothing, where the weight on the first key is mostly the largest and takes a whole byte.
    """
    seen = _seen(*weights.shape, causal)
    kept = np.where(seen, weights, 0)
    kept[:, 0] = (kept.sum(axis=1, dtype=np.int64) - 255).astype(np.uint8)  # whatever it is, modulo 256
    return kept[seen].tobytes()


@lru_cache(maxsize=64)
def _seen(n_queries: int, n_keys: int, causal: bool) -> np.ndarray:
    return np.tri(n_queries, n_keys, k=0 if causal else n_keys, dtype=bool)


def _tables(atlas: Atlas, model: ModelData, layer: Layer, maps: LayerMaps, neighbours: Neighbours) -> dict[str, Any]:
    read = [(pattern, model.probes_of(pattern)) for pattern in model.patterns]
    measured = [(pattern, probes[0]) for pattern, probes in read if probes]
    return {
        "patterns": [
            [
                pattern.name, atlas.pattern_files[pattern.name], pattern.family, family_class(pattern.family), probe,
                model.largest(pattern, probe),
            ]
            for pattern, probe in measured
        ],
        "scores": _scores(model, layer.heads, measured),
        "budgets": _budgets(
            {
                head.name: maps.once("budgets", head, partial(labels.budgets, atlas, model, head))
                for head in layer.heads
            }
        ),
        "evidence": evidence.numbers(model, layer.heads),
        "looks": tokens_and_distances(model, layer, maps),
        "why": {head.name: reasons_data(atlas, model, head) for head in layer.heads},
        "similar": {head.name: similar_data(atlas, model, head, neighbours) for head in layer.heads},
        "wild": {head.name: more_lines(wild_texts(maps, head)) for head in layer.heads},
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


def _scores(
    model: ModelData, heads: Sequence[Head], measured: Sequence[tuple[Pattern, str]]
) -> dict[str, dict[str, list[Any]]]:
    """By head a list for each column of the table of scores, in the order of the patterns; numbers in thousandths.

    Nothing where a head has no row for a pattern, null where the row has no value.
    """
    names = (
        "pattern", "score", "low", "high", "free", "chance", "null", "q", "rival", "rival_score", "rank", "queries",
    )  # fmt: skip
    if not heads or not measured:
        return {head.name: {name: [] for name in names} for head in heads}
    rows = slice(heads[0].position, heads[-1].position + 1)
    of_patterns: list[list[list[Any]]] = []
    for number, (pattern, probe) in enumerate(measured):
        scores, ranks = model.scores[pattern.name, probe], model.ranks(pattern.name, probe)[rows]
        numbers = np.concatenate([scores.number(column)[rows] for column in _NUMBERS])
        spelled = all_thousandths(numbers)  # all at once: there are few heads in a layer
        columns: list[list[Any]] = [spelled[start : start + len(heads)] for start in range(0, len(spelled), len(heads))]
        columns.insert(-1, scores.rivals(rows))
        columns += [[rank or None for rank in ranks.tolist()], scores.n_queries[rows].tolist()]
        of_patterns.append([[number] * len(heads), *columns])
    has_row = np.stack([model.scores[pattern.name, probe].measured[rows] for pattern, probe in measured])
    # All patterns of a column, of a head: names of rivals are among them.
    table = [list(zip(*columns, strict=True)) for columns in zip(*of_patterns, strict=True)]
    return {
        head.name: {name: list(compress(column[at], has_row[:, at])) for name, column in zip(names, table, strict=True)}
        for at, head in enumerate(heads)
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
