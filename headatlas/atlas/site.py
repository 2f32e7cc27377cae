"""The builder: a database in, a folder of pages out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from headatlas.atlas.build import scripts
from headatlas.atlas.build.fingerprints import code_digest, content_digest, digest_of, file_digest, maps_digest
from headatlas.atlas.build.folder import SiteFolder
from headatlas.atlas.build.templating import render, templates_folder
from headatlas.atlas.context.pages import Page
from headatlas.atlas.data.atlas import Atlas, unique_slugs
from headatlas.atlas.data.lines import lines_of
from headatlas.atlas.data.load import all_patterns, all_probes, column_descriptions, heatmaps, load_model
from headatlas.atlas.data.model_data import Head, Layer, ModelData
from headatlas.atlas.data.neighbours import NearestHeads, Neighbours, nearest_heads
from headatlas.atlas.data.outline import outline
from headatlas.atlas.draw import colours
from headatlas.atlas.draw.wording import natural_order
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
from headatlas.errors import HeadatlasError, brief

Progress = Callable[[int, int], None]

# Scans of a site; each takes a page even where it has no head.
MOST_SCANS = 5_000
_COPIED = (".css", ".svg")


@dataclass(frozen=True)
class File:
    """A file of the site: `key` is a digest of everything its content depends on, None where it is cheap to make."""

    name: str
    make: Callable[[], bytes]
    key: str | None = None


def build(
    database: Path,
    out: Path,
    *,
    models: Sequence[str] = (),
    force: bool = False,
    url: str = "",
    downloads: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Writes the static site of a database and returns the path of its front page.

    The same database gives the same bytes. A site that we built in `out` is replaced: pages whose data did not
    change are not made again, pages that are gone are removed. Where the database's file is the same to the byte and
    nobody changed a page, nothing else is read.

    Args:
        database: a database with at least one finished scan.
        out: the folder to write.
        models: names of the models to show; all when empty.
        force: write into a folder that holds other files too. They are kept unless a page has their name.
        url: the address that the folder will have. With it pages have pictures for places that link to them, which want
            whole addresses.
        downloads: write each scan as plain files and as a database too, for readers to take away.
        progress: called with (pages done, pages in all) after each page.

    Raises:
        DatabaseError: the database cannot be read.
        HeadatlasError: it holds no finished scan or more than a site has, or the address is none.
        UnknownNameError: a model that it does not hold.
        OutputError: `out` cannot be written, or holds something that is not a site made by headatlas.
    """
    database, out, url = Path(database), Path(out), _checked(url)
    with Reader(database) as reader, _collected_after():
        names = sorted((row["model"] for row in reader.scans()), key=natural_order)
        if not names:
            raise HeadatlasError(
                f"{database} holds no finished scan. Scan a model first: `headatlas scan MODEL --db {database}`."
            )
        chosen = [name for name in names if not models or name in models]
        if len(chosen) > MOST_SCANS:
            raise HeadatlasError(
                f"{database} holds {len(chosen):,} scans; a site has at most {MOST_SCANS:,}. Name those to be shown."
            )
        for name in models:
            reader.scan(name)  # says what is there when it is not
        folder = SiteFolder(out, force)
        source = digest_of(code_digest(), file_digest(database), repr(chosen), url, repr(downloads))
        if folder.is_made_from(source):
            return out / "index.html"
        # Slugs are made over all models of the database: a page keeps its address whatever is chosen.
        slugs = unique_slugs(names)
        stored = _Models(reader, slugs)
        # The more memory it takes the more heads there are: before any model is read.
        near = nearest_heads(reader, chosen)
        outlines, drawn = [], 0  # of how many models edges are drawn
        for name in chosen:
            model = stored.load(name)
            outlines.append(outline(model))
            drawn += circuits.has_edges(model)
            del model  # before the next one is read
        atlas = replace(_atlas(reader, outlines), url=url, downloads=downloads)
        trainings = curves.trainings(reader, atlas)
        atlas = replace(atlas, runs=curves.pages_of(trainings))
        total = 4 + len(trainings) + drawn + atlas.comparable + len(atlas.newest) + len(atlas.newest_probes)
        total += sum(4 + len(model.layers) + len(model.heads) for model in atlas.models)
        painting = sum(bool(pictures.pictures_of(model)) for model in atlas.models)
        total += painting
        unused = {
            name
            for name, used in (("compare", atlas.comparable), ("circuits", drawn), ("pictures", painting))
            if not used
        }
        done = 0
        for file in _files(reader, atlas, stored, near, trainings, unused):
            folder.write(file.name, file.make, file.key)
            if progress is not None and file.name.endswith(".html"):
                done += 1
                progress(done, total)
            del file  # it holds a model, and the next one is read before the next file comes
        folder.finish(source)
    return out / "index.html"


def _checked(url: str) -> str:
    """An address with the slash that ends a folder's; empty where none is given.

    Raises:
        HeadatlasError: it is no address of a folder on the web.
    """
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        whole = False
    if not whole or any(sign.isspace() or not sign.isprintable() for sign in url):
        raise HeadatlasError(
            f"'{brief(url)}' is not the address of a site. Give one such as https://example.org/atlas/."
        )
    return url.rstrip("/") + "/"


def _atlas(reader: Reader, models: Sequence[ModelData]) -> Atlas:
    used = {pattern.id for model in models for pattern in model.patterns}
    ran = {(probe.name, probe.version) for model in models for probe in model.probes}
    return Atlas(
        models=models,
        patterns=[pattern for pattern in all_patterns(reader) if pattern.id in used],
        probes=[probe for probe in all_probes(reader) if (probe.name, probe.version) in ran],
    )


class _Models:
    """The models of a database, read anew each time; the last one that was read is kept, and it alone."""

    def __init__(self, reader: Reader, slugs: Mapping[str, str]) -> None:
        self._reader = reader
        self._slugs = slugs
        self._last: ModelData | None = None

    def load(self, name: str) -> ModelData:
        """A model with all that pages show of it."""
        if self._last is None or self._last.name != name:
            self._last = None  # before the next one is there
            with _uncollected():
                self._last = load_model(self._reader, self._reader.scan(name), self._slugs[name])
        return self._last

    def release(self) -> None:
        """Lets the last one go."""
        self._last = None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Around what makes a model's hundreds of thousands of objects: Python need not look through them for cycles.

    Without this a fifteenth of the time goes there. They go when nothing refers to them, as all objects do.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _collected_after() -> Iterator[None]:
    try:
        yield
    finally:
        gc.unfreeze()


def _files(
    reader: Reader,
    atlas: Atlas,
    models: _Models,
    near: NearestHeads,
    trainings: Mapping[str, Training],
    unused: Collection[str],
) -> Iterator[File]:
    yield from _assets(unused)
    described = column_descriptions(reader, "scans")
    neighbours = Neighbours(near, atlas.models)
    shared = (
        atlas.pattern_files,
        atlas.probe_files,
        atlas.comparable,
        list(atlas.newest.values()),
        atlas.url,
        atlas.downloads,
    )
    common = digest_of(code_digest(), repr(shared))
    for name in [model.name for model in atlas.models]:
        yield from _model_files(reader, atlas, models.load(name), neighbours, common, described)
    models.release()
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


def _model_files(
    reader: Reader,
    atlas: Atlas,
    model: ModelData,
    neighbours: Neighbours,
    common: str,
    described: Mapping[str, str],
) -> Iterator[File]:
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


def _assets(unused: Collection[str]) -> Iterator[File]:
    yield File("assets/colours.css", lambda: colours.stylesheet().encode())
    for name in scripts.BUNDLES:
        if name != "view" and name not in unused:  # that one is only in pages of one file
            yield File(f"assets/{name}.js", partial(_bundle, name))
    for file in sorted(templates_folder().iterdir(), key=lambda file: file.name):
        if file.name.endswith(_COPIED):
            yield File(f"assets/{file.name}", file.read_bytes)


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
