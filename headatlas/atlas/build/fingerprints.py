"""Digests of all that pages are made from, by which a site is known to be as it was."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import fields
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from headatlas.atlas.build.templating import templates_folder
from headatlas.atlas.data.lines import lines_digest
from headatlas.atlas.data.model_data import Layer, ModelData
from headatlas.catalog.reader import Reader
from headatlas.evidence.load import ScanEvidence
from headatlas.settings import __version__


def digest_of(*parts: str) -> str:
    """A digest of some texts, or of other digests."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def file_digest(database: Path) -> str:
    """The bytes of a database, with those that SQLite has not yet moved into its file."""
    digest = hashlib.sha256()
    for path in (database, database.with_name(f"{database.name}-wal")):
        if path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def content_digest(model: ModelData) -> str:
    """Everything that was read of a scan."""
    digest = hashlib.sha256()
    for field in fields(model):
        value = getattr(model, field.name)
        if isinstance(value, ScanEvidence):
            value = value.heads | {-1: value.notes}
        # Item by item: of a large model the text of all would be as large as the model.
        for part in value.items() if isinstance(value, dict) else [value]:
            said = repr(tuple(part) if isinstance(part, sqlite3.Row) else part)
            digest.update(said.encode("utf-8", "surrogatepass"))
    model.distances.update(digest)
    model.budgets.update(digest)
    model.edges.update(digest)
    for scores in model.scores.values():
        scores.update(digest)
    return digest.hexdigest()


def maps_digest(reader: Reader, layer: Layer) -> str:
    """The heatmaps and the lines to read of a layer."""
    digest = hashlib.sha256()
    for head in layer.heads:
        for row in reader.rows("select weights from heatmaps where head_id = ? order by example_id", [head.id]):
            digest.update(row["weights"])
    digest.update(lines_digest(reader, layer).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def code_digest() -> str:
    """This program: another version may make other pages of the same data."""
    digest = hashlib.sha256(__version__.encode())
    for folder in (resources.files("headatlas.atlas"), templates_folder()):
        for file in _files_in(folder):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _files_in(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files_in(entry)
        elif not entry.name.endswith(".pyc"):
            yield entry
