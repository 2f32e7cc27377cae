"""A layer's maps, scores and budgets as a script, from which the pages of its heads draw what they do not hold.

`data/layer-L5.js` is loaded by the pages of L5 and of its heads. As markup the same takes four times the room. All of
it is deflated (zlib) and spelled in base64; see `templates/js/layer_data.js`, which reads it.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headatlas.atlas.context.labels import Budget
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, Layer, ModelData, Pattern
from headatlas.atlas.draw import images
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import thousandths
from headatlas.atlas.make import evidence, labels
from headatlas.atlas.make.maps import LayerMaps

MEAN = "mean"  # the name under which the mean over the heads is kept


def layer_data(atlas: Atlas, model: ModelData, layer: Layer, maps: LayerMaps) -> dict[str, Any]:
    """What the pages of a layer and of its heads draw.

    `causal`: whether queries cannot look at later tokens. `maps`: for each head, and for the mean over them, the
    numbers of the sequences that were kept and their maps one after the other, row after row, a byte a weight; of
    causal attention only what a query can see. `tables`: `patterns` (name, page, family, its CSS class, probe, upper
    end of the scale), `scores` by head (see `_scores`), `budgets` by head: probe, its page, and the parts (name, CSS
    class, share in ten thousandths), and `evidence` (see `evidence.numbers`).
    """
    return {"causal": layer.causal, "maps": _maps(layer, maps), "tables": packed(_json(_tables(atlas, model, layer)))}


def packed(content: bytes) -> str:
    """Deflated and spelled in base64."""
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def _maps(layer: Layer, maps: LayerMaps) -> dict[str, list[Any]]:
    of_heads: dict[str, list[tuple[int, np.ndarray]]] = {head.name: [] for head in layer.heads}
    of_heads[MEAN] = []
    for example, weights in maps.kept_of_all():
        number = maps.numbers[example.id]
        for head in layer.heads:
            if head.id in weights:
                of_heads[head.name].append((number, weights[head.id]))
        of_heads[MEAN].append((number, images.mean_map(list(weights.values()))))
    return {
        name: [
            [number for number, _ in kept],
            packed(b"".join(_visible(weights, layer.causal) for _, weights in kept)),
        ]
        for name, kept in of_heads.items()
        if kept
    }


def _visible(weights: np.ndarray, causal: bool) -> bytes:
    """What a query can see, row after row."""
    return bytes(weights[np.tril_indices(len(weights), m=weights.shape[1])] if causal else weights.ravel())


def _tables(atlas: Atlas, model: ModelData, layer: Layer) -> dict[str, Any]:
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
        "scores": {head.name: _scores(model, head, measured) for head in layer.heads},
        "budgets": {
            head.name: [_budget(budget) for budget in labels.budget(atlas, model, head)] for head in layer.heads
        },
        "evidence": evidence.numbers(model, layer.heads),
    }  # fmt: skip


def _budget(budget: Budget) -> list[Any]:
    return [budget.probe, budget.probe_file, [[part.name, part.hue, exact(part.share, 2)] for part in budget.parts]]


def _scores(model: ModelData, head: Head, measured: Sequence[tuple[Pattern, str]]) -> Mapping[str, list[Any]]:
    """A list for each column of the table of scores, in the order of the patterns; numbers in thousandths.

    Nothing where a head has no row for a pattern, null where the row has no value.
    """
    lists: dict[str, list[Any]] = {
        name: []
        for name in (
            "pattern", "score", "low", "high", "free", "chance", "null", "q", "rival", "rival_score", "rank", "queries",
        )
    }  # fmt: skip
    for number, (pattern, probe) in enumerate(measured):
        score = model.scores[pattern.name, probe].get(head.id)
        if score is None:
            continue
        numbers = (score.score, score.low, score.high, score.sink_free, score.chance, score.null, score.q)
        line = [
            number, *(thousandths(value) for value in numbers), score.rival, thousandths(score.rival_score),
            model.ranking(pattern.name, probe).get(head.id), score.n_queries,
        ]  # fmt: skip
        for values, value in zip(lists.values(), line, strict=True):
            values.append(value)
    return lists


def exact(share: float, decimals: int) -> int:
    """A share in ten thousandths, off by one where it would otherwise be printed otherwise with so many decimals."""
    whole, step = round(10_000 * share), 10 ** (4 - decimals)
    # Half of the last decimal that is printed: the share itself lies on one side of it.
    return whole + (1 if share > whole / 10_000 else -1) if whole % step == step // 2 else whole


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
