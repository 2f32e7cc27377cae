"""What a script draws on a head's page besides tables of numbers: how far it looks, at which tokens, heads like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headatlas.atlas.context.labels import Chip
from headatlas.atlas.context.models import TokenShare
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Distances, Head, Layer, ModelData
from headatlas.atlas.data.neighbours import Neighbours
from headatlas.atlas.draw.wording import exact, thousandths
from headatlas.atlas.make import awake, bars, labels
from headatlas.atlas.make.maps import LayerMaps
from headatlas.atlas.make.small_maps import small_map
from headatlas.probes import natural_probes

CURVE_HEIGHT = 150  # of curves by distance, in the units of their picture
MAX_PEAKS = 3


def tokens_and_distances(model: ModelData, layer: Layer, maps: LayerMaps) -> dict[str, dict[str, Any]]:
    """`tokens` and `distances` of each head of a layer; null where its maps or distances were not kept.

    `tokens`: sequences and tokens in all of them, how many queries must look at a token, and for each token that the
    head prefers its text, share and even share in ten thousandths, occurrences, and length of its bar from 0 to 100.
    `distances`: see `distance_data`.
    """
    off_sink = awake.distances_of_all(maps.examples, layer.attention)
    tokens = awake.tokens_of_all(maps.examples, layer.attention, causal=layer.causal)
    return {
        head.name: _of_head(model, head, maps, off_sink.get(head.id, {}), *tokens.get(head.id, ([], 0)))
        for head in layer.heads
    }


def _of_head(
    model: ModelData,
    head: Head,
    maps: LayerMaps,
    off_sink: Mapping[str, Distances],
    tokens: Sequence[TokenShare],
    n_kept: int,
) -> dict[str, Any]:
    kept = maps.kept(head)
    best = bars.highlights(model, head)
    whole = {} if off_sink else model.distances.get(head.id, {})
    rows = [
        [token.token, exact(token.share, 2), exact(token.even, 2), token.times, int(token.width)] for token in tokens
    ]
    return {
        "tokens": [len(kept), n_kept, awake.MIN_QUERIES, rows] if kept else None,
        "distances": distance_data(off_sink, whole, model.probes_of(best[0][0])[0] if best else ""),
    }


def distance_data(
    off_sink: Mapping[str, Distances], whole: Mapping[str, Distances], front: str
) -> dict[str, Any] | None:
    """Attention by distance on every probe, as curves in whole units; `front` first, or natural text, or what there is.

    Drawn is `off_sink`, measured on kept maps; where no maps were kept, `whole`, which has the sink in it.

    Returns:
        `off_sink`: whether the sink is left out. `curves`: probe, distance of the first point, and the points, in units
        down from the top of a picture `CURVE_HEIGHT` high. `ticks`: attention at the bottom, half way and at the top.
        `peaks`: the distances that get most on the first of the probes, with their attention in thousandths.
    """
    known = {probe: curve for probe, curve in (off_sink or whole).items() if len(curve.attention) > 1}
    if not known:
        return None
    own = next((probe for probe in (front, *natural_probes()) if probe in known), next(iter(known)))
    top = max(max(curve.attention) for curve in known.values()) or 1.0
    strongest = sorted(enumerate(known[own].attention), key=lambda pair: (-pair[1], pair[0]))[:MAX_PEAKS]
    return {
        "off_sink": bool(off_sink),
        "curves": [
            [probe, known[probe].first, [round(CURVE_HEIGHT * (1 - value / top)) for value in known[probe].attention]]
            for probe in sorted(known, key=lambda probe: probe != own)
        ],
        "ticks": [f"{top * share:.2g}" for share in (0, 0.5, 1)],
        "peaks": [[known[own].first + offset, thousandths(value)] for offset, value in strongest],
    }


def similar_data(atlas: Atlas, model: ModelData, head: Head, neighbours: Neighbours) -> list[list[Any]]:
    """For each head of the list of similar heads on a head's page its map and its labels.

    The map: what it shows, the picture from the site's root, where in it the map begins from the left and the top, its
    side, and the picture's width and height, in pixels; null for none. A label: text, strength, CSS class, page of its
    pattern and hint.
    """
    listed = []
    for other, near, _ in neighbours.of(model, head):
        small = small_map(other, near)
        listed.append(
            [
                [small.said, small.href, small.x, small.y, small.side, small.width, small.height] if small else None,
                [_chip(chip) for chip in labels.chips(atlas, other, near)[:2]],
            ]
        )
    return listed


def reasons_data(atlas: Atlas, model: ModelData, head: Head) -> list[list[Any]]:
    """Why a head carries its labels, for each what `labels.reasons` gives, numbers in thousandths.

    Name, page, CSS class, confidence; the list of score, both ends of its interval, scores on both halves, chance,
    habit, wrong keys, and what all else would score; what explains most of it, strength, basis, probe, its page.
    """
    listed = []
    for reason in labels.reasons(atlas, model, head):
        numbers = (
            reason.score, reason.low, reason.high, reason.half_a, reason.half_b, reason.chance, reason.control,
            reason.contrast, reason.explained,
        )  # fmt: skip
        listed.append(
            [
                reason.name, reason.chip.file, reason.chip.hue, reason.confidence,
                [thousandths(value) for value in numbers], reason.explained_by, thousandths(reason.strength),
                reason.basis, reason.probe, reason.probe_file,
            ]
        )  # fmt: skip
    return listed


def _chip(chip: Chip) -> list[str]:
    return [chip.text, chip.value, chip.hue, chip.file, chip.hint]
