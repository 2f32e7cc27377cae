"""Kinds of heads against relative depth, over all models: the figure of the front page, as SVG and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from headatlas.atlas.context.depth import DepthFigure, DepthPanel
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Layer, ModelData
from headatlas.atlas.draw.colours import family_class, family_colour
from headatlas.atlas.draw.wording import plural, words
from headatlas.atlas.make.labels import is_labelled
from headatlas.patterns.lookup import comes_last
from headatlas.settings import __version__

BINS = 10
MAX_PANELS = 12
WIDTH, HEIGHT = 150, 70  # of a panel
_TOPS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


def by_depth(values: Float[np.ndarray, " layers"], bins: int = BINS) -> Float[np.ndarray, " bins"]:
    """Values of layers, each as wide as 1/layers of the depth, averaged over equal parts of it.

    So a model of 6 layers and one of 80 can be averaged. Layers that are nan take no part; a
    part that has no other is nan. `by_depth([0, 1], 4)` is [0, 0, 1, 1].
    """
    edges, parts = np.linspace(0, 1, len(values) + 1), np.linspace(0, 1, bins + 1)
    overlap = np.minimum(edges[1:, None], parts[None, 1:]) - np.maximum(edges[:-1, None], parts[None, :-1])
    weights = np.clip(overlap, 0, None) * ~np.isnan(values)[:, None]
    total = weights.sum(axis=0)
    sums = (weights * np.nan_to_num(values)[:, None]).sum(axis=0)
    return np.divide(sums, total, out=np.full(bins, np.nan), where=total > 1e-9)


def depth_figure(atlas: Atlas) -> DepthFigure | None:
    """The figure; None where no head has a label."""
    shares = _shares(atlas)
    if not shares:
        return None
    n_models = len(_counted(atlas))
    return DepthFigure(
        title=f"Kinds of attention heads by depth, {plural(n_models, 'model')}",
        panels=[_panel(atlas, name, of_models) for name, of_models in shares.items()],
        columns=[f"{100 * part // BINS}–{100 * (part + 1) // BINS}%" for part in range(BINS)],
        n_models=n_models,
        last_of_run=bool(atlas.runs),
        citation=_citation(atlas),
    )


def depth_csv(atlas: Atlas) -> bytes:
    """The numbers behind the figure, a line a label, model and tenth of the depth; the share is empty where unknown."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["label", "model", "depth_from", "depth_to", "share"])
    for name, of_models in _shares(atlas).items():
        for model, line in of_models:
            for part, share in enumerate(line):
                known = "" if np.isnan(share) else f"{share:.6g}"
                table.writerow([name, model, part / BINS, (part + 1) / BINS, known])
    return text.getvalue().encode()


def _counted(atlas: Atlas) -> list[ModelData]:
    """The models whose heads have been labelled; of a run over training the last checkpoint alone."""
    return [model for model in atlas.ends if is_labelled(model)]


def _shares(atlas: Atlas) -> dict[str, list[tuple[str, np.ndarray]]]:
    """Label -> share of heads that carry it by depth, of each model; the commonest labels, where heads rest last."""
    models = _counted(atlas)
    carried = {label.name for model in models for of_head in model.labels.values() for label in of_head}
    lines = {name: [(model.name, _line(model, name)) for model in models] for name in sorted(carried)}
    common = sorted(lines, key=lambda name: (-_mean(lines[name]).sum(), name))[:MAX_PANELS]
    return {name: lines[name] for name in sorted(common, key=comes_last)}


def _line(model: ModelData, label: str) -> np.ndarray:
    """The share of a model's heads that carry a label, by depth; encoder and decoder each from 0 to 1."""
    kinds = [[layer for layer in model.layers if layer.attention == kind] for kind in model.kinds]
    lines = [by_depth(np.array([_share(model, layer, label) for layer in layers])) for layers in kinds]
    known = ~np.isnan(lines)
    total = known.sum(axis=0)
    return np.divide(np.nan_to_num(lines).sum(axis=0), total, out=np.full(BINS, np.nan), where=total > 0)


def _share(model: ModelData, layer: Layer, label: str) -> float:
    if not layer.heads:
        return float("nan")
    carriers = [head for head in layer.heads if any(own.name == label for own in model.labels.get(head.id, []))]
    return len(carriers) / len(layer.heads)


def _mean(of_models: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
    """The mean over models, each counted once; 0 where no model has a layer."""
    lines = np.array([line for _, line in of_models])
    total = (~np.isnan(lines)).sum(axis=0)
    return np.nan_to_num(lines).sum(axis=0) / np.maximum(total, 1)


def _panel(atlas: Atlas, name: str, of_models: Sequence[tuple[str, np.ndarray]]) -> DepthPanel:
    mean = _mean(of_models)
    largest = max(float(np.nanmax(line, initial=0.0)) for _, line in of_models)
    top = next(top for top in _TOPS if top >= min(largest, 1.0) - 1e-9)
    family = atlas.newest[name].family if name in atlas.newest else "other"
    most = int(np.argmax(mean))
    return DepthPanel(
        name=words(name),
        hue=family_class(family),
        colour="#{:02x}{:02x}{:02x}".format(*family_colour(family, 0.5)),
        file=atlas.pattern_files.get(name, ""),
        top=f"{top:.0%}",
        mean=_path(mean, top),
        models=[(model, _path(line, top)) for model, line in of_models],
        shares=[f"{100 * share:.1f}" for share in mean],
        said=f"{words(name)}: most in {most * 10} to {most * 10 + 10}% of the depth, {mean[most]:.0%} of heads",
    )


def _path(line: np.ndarray, top: float) -> str:
    """A path through the middles of the parts; a part that is not known is left out."""
    points = [
        f"{WIDTH * (part + 0.5) / BINS:.1f} {HEIGHT * (1 - share / top):.1f}"
        for part, share in enumerate(line)
        if not np.isnan(share)
    ]
    return "M" + "L".join(points) if points else ""


def _citation(atlas: Atlas) -> str:
    models = _counted(atlas)
    days = sorted((model.scan["finished"] or "")[:10] for model in models)
    lines = [
        "@misc{headatlas-kinds-by-depth,",
        "  author = {{The headatlas authors}},",
        f"  title = {{Kinds of attention heads by depth, {plural(len(models), 'model')}}},",
        *([f"  year = {{{days[-1][:4]}}},"] if days[-1] else []),
        f"  note = {{headatlas {__version__}, {plural(sum(len(model.heads) for model in models), 'head')}}},",
        "}",
    ]
    return "\n".join(lines)
