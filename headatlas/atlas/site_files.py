"""The files of a site, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from headatlas.atlas.build import scripts
from headatlas.atlas.build.fingerprints import code_digest, content_digest, digest_of, maps_digest
from headatlas.atlas.build.templating import render, style_sheet, templates_folder
from headatlas.atlas.context.pages import Page
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.lines import lines_of
from headatlas.atlas.data.load import column_descriptions, heatmaps
from headatlas.atlas.data.model_data import Head, Layer, ModelData
from headatlas.atlas.data.neighbours import Neighbours
from headatlas.atlas.make import (
    circuits,
    circuits_page,
    curves,
    datafiles,
    definitions,
    depth,
    downloads,
    front,
    glossary,
    heads,
    overview,
    pictures,
    previews,
    scatter,
    small_maps,
)
from headatlas.atlas.make.layer_data import layers_script
from headatlas.atlas.make.maps import LayerMaps
from headatlas.catalog.reader import Reader
from headatlas.catalog.training import Training


@dataclass(frozen=True)
class File:
    """A file of the site: `key` is a digest of everything its content depends on, None where it is cheap to make."""

    name: str
    make: Callable[[], bytes]
    key: str | None = None


def common_digest(atlas: Atlas) -> str:
    """What the pages of every model depend on."""
    shared = (
        atlas.pattern_files,
        atlas.probe_files,
        atlas.comparable,
        list(atlas.newest.values()),
        atlas.url,
        atlas.downloads,
    )
    return digest_of(code_digest(), repr(shared))


def of_patterns_and_models(reader: Reader, atlas: Atlas, trainings: Mapping[str, Training]) -> Iterator[File]:
    """All that is of no single model: pages of patterns and probes, guides, the front page."""
    common = common_digest(atlas)
    for name, pattern in atlas.newest.items():
        file = atlas.pattern_files[name]
        yield _page(atlas, f"patterns/{file}.html", partial(definitions.pattern_page, atlas, pattern))
        if atlas.url:
            yield File(
                f"previews/pattern-{file}.png",
                partial(previews.pattern_preview, pattern, definitions.ideal(pattern)),
                digest_of(common, repr(pattern)),
            )
    for name, probe in atlas.newest_probes.items():
        yield _page(atlas, f"probes/{atlas.probe_files[name]}.html", partial(definitions.probe_page, atlas, probe))
    for file, run in trainings.items():
        yield _page(atlas, f"training/{file}.html", partial(curves.run_page, atlas, run))
    yield File("assets/names.js", partial(datafiles.names_file, atlas))
    if atlas.url:
        yield File("previews/atlas.png", partial(previews.atlas_preview, atlas.models))
    figure = depth.depth_figure(atlas)
    if figure is not None:
        yield File("figures/kinds-by-depth.svg", partial(render, figure))
        yield File("figures/kinds-by-depth.csv", partial(depth.depth_csv, atlas))
    yield _page(atlas, "glossary.html", partial(glossary.glossary_page, atlas))
    yield _page(atlas, "methods.html", partial(definitions.methods_page, atlas))
    yield _page(atlas, "heads.html", partial(front.heads_page, atlas))
    if atlas.comparable:
        yield _page(atlas, "compare.html", partial(front.pair_page, atlas))
    # The front page last: while it is missing or old, a site is being written.
    yield _page(atlas, "index.html", partial(front.index_page, atlas, partial(_maps, reader), trainings))


def of_model(reader: Reader, atlas: Atlas, model: ModelData, neighbours: Neighbours, common: str) -> Iterator[File]:
    """A model's pages and data; `common` is the `common_digest`."""
    described = column_descriptions(reader, "scans")
    digest = digest_of(common, content_digest(model))
    for number, group in enumerate(model.layer_groups):
        maps = [_Once(partial(_layer_maps, reader, atlas, model, layer)) for layer in group]
        keys = [digest_of(digest, maps_digest(reader, layer)) for layer in group]
        near: list[str] = []
        for layer, of_layer, key in zip(group, maps, keys, strict=True):
            for head in layer.heads:
                near.append(neighbours.said(model, head))
                yield _page(
                    atlas,
                    f"{model.slug}/heads/{head.name}.html",
                    partial(_head_page, atlas, model, layer, head, of_layer, neighbours),
                    digest_of(key, near[-1]),
                )
            layer_page = partial(_layer_page, atlas, model, layer, of_layer)
            yield _page(atlas, f"{model.slug}/layers/{layer.name}.html", layer_page, key)
        if any(layer.heads and small_maps.example_of(model, layer.attention) for layer in group):
            yield File(small_maps.file_of(model, number), partial(_small_maps, model, group, maps), digest_of(*keys))
        yield File(
            f"{model.slug}/data/layers-{number}.js",
            partial(_layers_file, atlas, model, group, maps, neighbours),
            digest_of(*keys, *near),
        )
    of_run = digest_of(digest, atlas.runs.get(model.name, ""))
    yield _page(atlas, f"{model.slug}/about.html", partial(overview.about_page, atlas, model, described))
    yield _page(atlas, f"{model.slug}/index.html", partial(overview.model_page, atlas, model), of_run)
    yield _page(atlas, f"{model.slug}/explorer.html", partial(overview.explorer_page, atlas, model), digest)
    yield _page(atlas, f"{model.slug}/scatter.html", partial(scatter.scatter_page, atlas, model), digest)
    if circuits.has_edges(model):
        yield _page(atlas, f"{model.slug}/circuits.html", partial(circuits_page.circuits_page, atlas, model), digest)
    yield from _pictures(reader, atlas, model, neighbours, digest)
    yield File(f"{model.slug}/{downloads.LABELS}", partial(downloads.labels_csv, reader, model), digest)
    if atlas.downloads:
        key = digest_of(digest, *(maps_digest(reader, layer) for layer in model.layers))
        yield File(f"{model.slug}/{model.slug}.zip", partial(downloads.zipped_files, reader, model), key)
        yield File(f"{model.slug}/{model.slug}.db", partial(downloads.own_database, reader, model), key)
    if atlas.url:
        yield File(f"{model.slug}/previews/model.png", partial(previews.model_preview, model), digest)
    for name, make in datafiles.data_files(atlas, model):
        yield File(f"{model.slug}/{name}", make, digest)


def _pictures(reader: Reader, atlas: Atlas, model: ModelData, neighbours: Neighbours, digest: str) -> Iterator[File]:
    """The page of words and places with its data, of a model that draws; none of others."""
    made = pictures.pictures_of(model)
    if not made:
        return
    near = digest_of(digest, *(neighbours.said(model, head) for head in pictures.looking(model)))
    yield _page(atlas, f"{model.slug}/pictures.html", partial(pictures.pictures_page, atlas, model, neighbours), near)
    key = digest_of(digest, *(maps_digest(reader, layer) for layer in model.layers if layer.attention == "cross"))
    for number, picture in enumerate(made):
        file = pictures.file_name(number)
        make = partial(datafiles.picture_file, reader, model, picture, file)
        yield File(f"{model.slug}/data/{file}.js", make, key)


def assets(unused: Collection[str]) -> Iterator[File]:
    """Style and scripts, but for those that are not used."""
    for name in scripts.BUNDLES:
        if name != "view" and name not in unused:  # that one is only in pages of one file
            yield File(f"assets/{name}.js", partial(_bundle, name))
    yield File("assets/icon.svg", (templates_folder() / "icon.svg").read_bytes)
    yield File("assets/style.css", lambda: style_sheet().encode())


def _bundle(name: str) -> bytes:
    return scripts.bundle(name).encode()


def _page(atlas: Atlas, name: str, make: Callable[[], Page], key: str | None = None) -> File:
    slugs = [model.slug for model in atlas.models]
    own = name.split("/")[0] if "/" in name else ""
    own = own if own in slugs else ""
    table = f"{own or slugs[0]}/explorer.html" if own or not atlas.comparable else "index.html#models"

    def content() -> bytes:
        page = replace(make(), comparable=atlas.comparable, own_model=own, table=table)
        if atlas.url:
            page = replace(page, address=atlas.url + name, preview=atlas.url + page.preview)
        return render(page)

    return File(name, content, key)


def _maps(reader: Reader, model: ModelData, layer: Layer) -> dict[tuple[int, int], np.ndarray]:
    return heatmaps(reader, layer, model.examples)


class _Once:
    """Maps of a layer, read when the first page asks for them."""

    def __init__(self, make: Callable[[], LayerMaps]) -> None:
        self._make = make
        self._made: LayerMaps | None = None

    def __call__(self) -> LayerMaps:
        if self._made is None:
            self._made = self._make()
        return self._made


def _head_page(atlas: Atlas, model: ModelData, layer: Layer, head: Head, maps: _Once, neighbours: Neighbours) -> Page:
    return heads.head_page(atlas, model, layer, head, maps(), neighbours)


def _layer_page(atlas: Atlas, model: ModelData, layer: Layer, maps: _Once) -> Page:
    return heads.layer_page(atlas, model, layer, maps())


def _layers_file(
    atlas: Atlas, model: ModelData, group: Sequence[Layer], maps: Sequence[_Once], neighbours: Neighbours
) -> bytes:
    both = [(layer, of_layer()) for layer, of_layer in zip(group, maps, strict=True)]
    return layers_script(atlas, model, both, neighbours)


def _small_maps(model: ModelData, group: Sequence[Layer], maps: Sequence[_Once]) -> bytes:
    return small_maps.picture(model, [(layer, of_layer()) for layer, of_layer in zip(group, maps, strict=True)])


def _layer_maps(reader: Reader, atlas: Atlas, model: ModelData, layer: Layer) -> LayerMaps:
    maps = heatmaps(reader, layer, model.examples)
    return LayerMaps(model, layer, maps, atlas.probe_files, lines_of(reader, layer))
