"""The builder: a database in, a folder of pages out."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from headatlas.atlas import site_files
from headatlas.atlas.build import processes
from headatlas.atlas.build.fingerprints import code_digest, digest_of, file_digest
from headatlas.atlas.build.folder import Made, SiteFolder
from headatlas.atlas.data.atlas import Atlas, unique_slugs
from headatlas.atlas.data.load import all_patterns, all_probes, load_model
from headatlas.atlas.data.model_data import ModelData
from headatlas.atlas.data.neighbours import NearestHeads, Neighbours, nearest_heads
from headatlas.atlas.data.outline import outline
from headatlas.atlas.draw.wording import natural_order
from headatlas.atlas.make import circuits, curves, pictures
from headatlas.catalog.reader import Reader
from headatlas.errors import HeadatlasError, brief

Progress = Callable[[int, int], None]

# Scans of a site; each takes a page even where it has no head.
MOST_SCANS = 5_000
# Of all models together, from which on models are written by several processes.
MIN_HEADS = 1_000


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
        names, chosen = _names(reader, database, models)
        folder = SiteFolder(out, force)
        source = digest_of(code_digest(), file_digest(database), repr(chosen), url, repr(downloads))
        if folder.is_made_from(source):
            return out / "index.html"
        # Slugs are made over all models of the database: a page keeps its address whatever is chosen.
        slugs = unique_slugs(names)
        stored = _Models(reader, slugs)
        n_processes = _processes(reader, chosen)
        outlines, near, drawn = _outlines(database, stored, chosen, n_processes)
        atlas = replace(_atlas(reader, outlines), url=url, downloads=downloads)
        trainings = curves.trainings(reader, atlas)
        atlas = replace(atlas, runs=curves.pages_of(trainings))
        painting = sum(bool(pictures.pictures_of(model)) for model in atlas.models)
        pages = _Pages(progress, _n_pages(atlas) + len(trainings) + drawn + painting)
        neighbours, common = Neighbours(near, atlas.models), site_files.common_digest(atlas)

        def write_model(name: str) -> Mapping[str, Made]:
            with Reader(database) as own:
                model = (_Models(own, slugs) if n_processes else stored).load(name)
                part = folder.part()
                pages.write(site_files.of_model(own, atlas, model, neighbours, common), part, silently=n_processes > 0)
                return part.made

        used = {"compare": atlas.comparable, "circuits": drawn, "pictures": painting}
        pages.write(site_files.assets({name for name, number in used.items() if not number}), folder)
        with processes.working(write_model, n_processes) as submit:
            for made in processes.results([submit(model.name) for model in atlas.models]):
                if made is not None:
                    folder.join(made)
                if n_processes:
                    pages.tell()
        stored.release()
        pages.write(site_files.of_patterns_and_models(reader, atlas, trainings), folder)
        folder.finish(source)
    return out / "index.html"


def _names(reader: Reader, database: Path, models: Sequence[str]) -> tuple[list[str], list[str]]:
    """The models of a database, and those to be shown: all where none are named.

    Raises:
        HeadatlasError: there are none, or more than a site has.
        UnknownNameError: one that is named is not there.
    """
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
    return names, chosen


def _outlines(
    database: Path, stored: _Models, chosen: Sequence[str], n_processes: int
) -> tuple[list[ModelData], NearestHeads, int]:
    """What pages of other models need of each, the heads that are alike, and of how many models edges are drawn."""
    # The more memory the search takes the more heads there are: before any model is read, or apart from that.
    with processes.working(lambda _: _nearest(database, chosen), min(n_processes, 1)) as search:
        searched = search("heads that are alike")
        outlines, drawn = [], 0
        for name in chosen:
            model = stored.load(name)
            outlines.append(outline(model))
            drawn += circuits.has_edges(model)
            del model  # before the next one is read
        return outlines, processes.result(searched), drawn


def _n_pages(atlas: Atlas) -> int:
    """How many pages a site has, but for those that not every model or atlas has."""
    of_models = sum(4 + len(model.layers) + len(model.heads) for model in atlas.models)
    return 4 + atlas.comparable + len(atlas.newest) + len(atlas.newest_probes) + of_models


class _Pages:
    """Writes files and counts pages, in this process and its copies; says so in this one alone."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = processes.Counter()

    def write(self, files: Iterator[site_files.File], into: SiteFolder, *, silently: bool = False) -> None:
        """Writes files into a folder."""
        for file in files:
            into.write(file.name, file.make, file.key)
            if file.name.endswith(".html"):
                self._done.add(1)
                if not silently:
                    self.tell()
            del file  # it holds a model, and the next one is read before the next file comes

    def tell(self) -> None:
        """Says how many pages are done."""
        if self._progress is not None:
            self._progress(self._done.value, self._total)


def _processes(reader: Reader, models: Sequence[str]) -> int:
    """How many copies of this process write models, 0 for none: to copy it takes longer than few heads do."""
    rows = reader.rows(
        "select count(*) from heads join scans on scans.id = scan_id"
        " where status = 'done' and model in (select value from json_each(?))",
        [json.dumps(models)],
    )
    return processes.n_copies(len(models)) if rows[0][0] >= MIN_HEADS else 0


def _nearest(database: Path, models: Sequence[str]) -> NearestHeads:
    with Reader(database) as reader:
        return nearest_heads(reader, models)


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
