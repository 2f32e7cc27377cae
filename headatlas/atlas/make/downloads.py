"""A scan to take away: its labels as a table, and all of it as plain files and as a database."""

from __future__ import annotations

import contextlib
import csv
import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from headatlas.atlas.data.model_data import ModelData
from headatlas.catalog.reader import Reader
from headatlas.share.files import export, import_folder

LABELS = "labels.csv"
# What zip files can say of a time at the least: the same scan gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def labels_csv(reader: Reader, model: ModelData) -> bytes:
    """Every label of a model, in the order of its heads: what the view `head_labels` says."""
    rows = reader.connection.execute(
        "select * from head_labels where model = ? order by attention, layer, head, rank", [model.name]
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column[0] for column in rows.description])
    writer.writerows(tuple(row) for row in rows)
    return text.getvalue().encode()


def zipped_files(reader: Reader, model: ModelData) -> bytes:
    """The scan as `headatlas export --own-probes` writes it, which `headatlas import` reads."""
    content = io.BytesIO()
    with _exported(reader, model) as folder, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(f"{model.slug}/{file.name}", _TIME), file.read_bytes(),
                             zipfile.ZIP_DEFLATED)  # fmt: skip
    return content.getvalue()


def own_database(reader: Reader, model: ModelData) -> bytes:
    """A database that holds this scan alone, with scores of patterns on their own probes."""
    from headatlas.store.scans import Store

    with _exported(reader, model) as folder:
        path = folder.parent / "scan.db"
        with Store(path) as store:
            import_folder(store, folder)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # When the tables were made is no news, and would give other bytes each time.
            connection.execute("update _sqlite_migrations set applied_at = ?", [model.scan["finished"]])
            connection.execute("pragma journal_mode = delete")
            connection.execute("vacuum")
        return path.read_bytes()


@contextlib.contextmanager
def _exported(reader: Reader, model: ModelData) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="headatlas-") as temporary:
        yield next(export(reader, Path(temporary), [model.name], own_probes=True))
