"""The builder: a database in, a folder of pages out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from headatlas.atlas import colours, contents
from headatlas.atlas.data import ModelData, all_patterns, all_probes, column_descriptions, heatmaps, load_model
from headatlas.atlas.folder import SiteFolder
from headatlas.atlas.templating import render, templates_folder
from headatlas.catalog import Catalog
from headatlas.errors import HeadatlasError

Progress = Callable[[int, int], None]

_COPIED = (".css", ".js", ".svg")
_OWN_FOLDERS = {"assets"}


def build(
    database: Path,
    out: Path,
    *,
    models: Sequence[str] = (),
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Writes the static site of a database and returns the path of its front page.

    The same database gives the same bytes. A site that we built in `out` is replaced: pages that did not
    change are left untouched, pages that are gone are removed.

    Args:
        database: a database with at least one finished scan.
        out: the folder to write.
        models: names of the models to show; all when empty.
        force: write into a folder that holds other files too. They are kept unless a page has their name.
        progress: called with (pages done, pages in all) after each page.

    Raises:
        DatabaseError: the database cannot be read.
        HeadatlasError: it holds no finished scan.
        UnknownNameError: a model that it does not hold.
        OutputError: `out` cannot be written, or holds something that is not a site made by headatlas.
    """
    database, out = Path(database), Path(out)
    with Catalog(database) as catalog:
        names = sorted(row["model"] for row in catalog.scans())
        if not names:
            raise HeadatlasError(
                f"{database} holds no finished scan. Scan a model first: `headatlas scan MODEL --db {database}`."
            )
        chosen = [name for name in names if not models or name in models]
        for name in models:
            catalog.scan(name)  # says what is there when it is not
        folder = SiteFolder(out, force)
        for name, content in _assets():
            folder.write(f"assets/{name}", content)
        # Slugs are made over all models of the database: a page keeps its address whatever is chosen.
        slugs = unique_slugs(names)
        loaded = [load_model(catalog, catalog.scan(name), slugs[name]) for name in chosen]
        total = 2 + sum(1 + len(model.layers) + len(model.heads) for model in loaded)
        for done, (page, content) in enumerate(_pages(catalog, loaded), start=1):
            folder.write(page, content)
            if progress is not None:
                progress(done, total)
        folder.finish()
    return out / "index.html"


def unique_slugs(names: Sequence[str]) -> dict[str, str]:
    """A folder name for each model: lower case, no character that a file system or a URL minds, no two alike."""
    slugs: dict[str, str] = {}
    taken = set(_OWN_FOLDERS)
    for name in sorted(names):
        slug = re.sub(r"[^a-z0-9._]+", "-", name.lower())[:80].strip("-._") or "model"
        number, wanted = 2, slug
        while slug in taken:
            slug = f"{wanted}-{number}"
            number += 1
        taken.add(slug)
        slugs[name] = slug
    return slugs


def _assets() -> Iterator[tuple[str, bytes]]:
    yield "colours.css", colours.stylesheet().encode()
    yield "colours.js", colours.script().encode()
    for file in sorted(templates_folder().iterdir(), key=lambda one: one.name):
        if file.name.endswith(_COPIED):
            yield file.name, file.read_bytes()


def _pages(catalog: Catalog, models: Sequence[ModelData]) -> Iterator[tuple[str, bytes]]:
    # The front page last: while it is missing or old, a site is being written.
    described = column_descriptions(catalog, "scans")
    for model in models:
        for layer in model.layers:
            maps = contents.LayerMaps(model, layer, heatmaps(catalog, layer, model.examples))
            for head in layer.heads:
                yield f"{model.slug}/heads/{head.name}.html", render(contents.head_page(model, layer, head, maps))
            yield f"{model.slug}/layers/{layer.name}.html", render(contents.layer_page(model, layer, maps))
        yield f"{model.slug}/index.html", render(contents.model_page(model, described))
    used = {pattern.id for model in models for pattern in model.patterns}
    patterns = [pattern for pattern in all_patterns(catalog) if pattern.id in used]
    shown = {(probe.name, probe.version) for model in models for probe in model.probes}
    probes = [probe for probe in all_probes(catalog) if (probe.name, probe.version) in shown]
    yield "methods.html", render(contents.methods_page(models, patterns, probes))
    yield "index.html", render(contents.index_page(models))
