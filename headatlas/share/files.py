"""A scan as plain files that diff well, and back: `catalog/<model>/`.

scan.json         the scan, its certificate, layers, probes, examples, warnings
definitions.json  the patterns and probes that its scores refer to
scores.csv        one row a head, pattern and probe; labels.csv and other tables of heads likewise
heatmaps.csv      attention on the examples, as the database keeps it (compressed, in base64)
README.md         the card: made from the other files, for people
.headatlas-export the manifest: which of the files are ours, so that no others are ever replaced
"""

from __future__ import annotations

import contextlib
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace as replaced
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.errors import HeadatlasError, OutputError
from headatlas.files.given import exists, read_values
from headatlas.share.card import TABLES, card
from headatlas.share.check import check, check_record, locations
from headatlas.share.encoding import DEFINITIONS, SCAN, from_files, to_files
from headatlas.share.layout import Layout, layout_of
from headatlas.share.own_files import MANIFEST, write_folder
from headatlas.share.record import ScanRecord, definition_keys, read_record
from headatlas.share.writing import write_record

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader
    from headatlas.store.scans import Store

CARD = "README.md"
# Of one file: the heatmaps of 270 heads have 1.3 MB, those of 16,000 would have 80.
MAX_BYTES = 512_000_000
# Of all files of a scan, which are in memory together.
MAX_BYTES_IN_ALL = 1_000_000_000


def export(
    reader: Reader,
    out: Path,
    models: Sequence[str] = (),
    *,
    own_probes: bool = False,
    heatmaps: bool = True,
) -> Iterator[Path]:
    """Writes scans into folders of `out`, one a model, and yields each folder when it is written.

    `own_probes` leaves out scores of patterns on probes they were not made for, which are most of the bytes.

    Raises:
        UnknownNameError: a model that the database does not hold.
        HeadatlasError: a scan with values that no folder may have; says which.
        OutputError: a folder cannot be written, or holds something else.
    """
    for model in models:
        reader.scan(model)  # before anything is written
    for model in models or [row["model"] for row in reader.scans()]:
        layout = layout_of(reader.connection)
        record = read_record(reader, model)
        check_record(record, layout, reader.path)
        if own_probes:
            record = only_own_probes(record)
        if not heatmaps:
            record.tables["heatmaps"] = []
        files = to_files(record, layout)
        spoken_of = {SCAN, DEFINITIONS, *(f"{table}.csv" for table in TABLES)}
        written = {name: content for name, content in files.items() if name in spoken_of}
        files[CARD] = card(from_files(written, layout)).encode()
        yield _write_folder(out, model, files, layout)


def import_folder(store: Store, folder: Path, *, replace: bool = False) -> tuple[str, bool]:
    """Reads a folder written by `export` into a database: the model's name, and False when it was there already.

    Raises:
        HeadatlasError: it is no such folder, is damaged, or another scan of this name is in the database.
    """
    record = read_folder(store, folder)
    return record.model, write_record(store, record, replace=replace)


def read_folder(store: Store, folder: Path) -> ScanRecord:
    """The scan in a folder written by `export`, for a database.

    Raises:
        HeadatlasError: it is no such folder, or is damaged.
    """
    files, layout = _read_folder(folder), layout_of(store.db)
    record = from_files(files, layout, folder)
    in_csv = {name.removesuffix(".csv") for name in files}
    check(record, layout, locations(in_csv, layout.definitions, f"{folder}/"))
    return record


def folders(paths: Sequence[Path]) -> list[Path]:
    """Folders of scans: those given, or all within a given catalogue folder.

    Raises:
        HeadatlasError: a path with no scan in it.
    """
    scans: list[Path] = []
    for path in paths:
        inside = [path] if exists(path / SCAN) else []
        if not inside and exists(path):
            inside = sorted(file.parent for file in path.glob(f"*/{SCAN}"))
        if not inside:
            raise HeadatlasError(f"{path} holds no exported scan ({SCAN}). Write some with `headatlas export`.")
        scans += inside
    return scans


@contextlib.contextmanager
def temporary_database(paths: Sequence[Path]) -> Iterator[Path]:
    """A database of exported scans that is gone afterwards.

    Raises:
        HeadatlasError: a path holds no exported scan, or a damaged one.
    """
    from headatlas.store.scans import Store

    scans = folders(paths)
    with tempfile.TemporaryDirectory(prefix="headatlas-") as temporary:
        path = Path(temporary) / "catalog.db"
        with Store(path) as store:
            for folder in scans:
                import_folder(store, folder)
        yield path


def only_own_probes(record: ScanRecord) -> ScanRecord:
    """The record without scores of patterns on other probes than their own; a pattern without any keeps all."""
    made_for = {
        key: row["probe"]
        for key, row in zip(
            definition_keys(record.definitions["patterns"]), record.definitions["patterns"], strict=True
        )
    }
    probes = {
        key: row["name"]
        for key, row in zip(definition_keys(record.definitions["probes"]), record.definitions["probes"], strict=True)
    }
    scores = record.tables["scores"]
    with_own = {row["pattern"] for row in scores if made_for[row["pattern"]] == probes[row["probe"]]}

    def is_kept(row: Mapping[str, Any]) -> bool:
        own = made_for[row["pattern"]]  # rivals have none: they are made for explaining, on every probe
        return own == probes[row["probe"]] or (own != "" and row["pattern"] not in with_own)

    kept = {name: [row for row in record.tables.get(name, []) if is_kept(row)] for name in ("scores", "off_sink")}
    return replaced(record, tables={**record.tables, **kept})


def _write_folder(out: Path, model: str, files: Mapping[str, bytes], layout: Layout) -> Path:
    folder = _folder_for(out, model)
    try:
        ours = (folder / SCAN).is_file() or (folder / MANIFEST).is_file()
        if not ours and folder.is_dir() and any(folder.iterdir()):
            raise OutputError(f"{folder} holds other files. Give another place with --out.")
        tables = {f"{table}.csv" for table in layout.tables}
        write_folder(folder, files, known={SCAN, DEFINITIONS, CARD, *tables})
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}. Give another place with --out.") from error
    return folder


def _folder_for(out: Path, model: str) -> Path:
    """The folder of a model: its name without what file systems mind; with a number when another model has it."""
    slug = re.sub(r"[^a-z0-9._]+", "-", model.lower())[:80].strip("-._") or "model"
    number, folder = 2, out / slug
    while folder.exists() and _model_in(folder) not in (None, model):
        folder = out / f"{slug}-{number}"
        number += 1
    return folder


def _model_in(folder: Path) -> str | None:
    if not (folder / SCAN).is_file():  # or a pipe, which would be waited for
        return None
    try:
        return str(read_values(_read(folder / SCAN))["scan"]["model"])
    except (HeadatlasError, OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _read_folder(folder: Path) -> dict[str, bytes]:
    try:
        names = [SCAN, DEFINITIONS, *sorted(file.name for file in folder.glob("*.csv"))]
        if (n_bytes := sum((folder / name).stat().st_size for name in names)) > MAX_BYTES_IN_ALL:
            raise HeadatlasError(f"{folder} has files of {n_bytes // 1_000_000:,} MB and is not read.")
        return {name: _read(folder / name) for name in names}
    except OSError as error:
        raise HeadatlasError(f"{folder} is not an exported scan: {error.filename} {error.strerror}.") from error


def _read(path: Path) -> bytes:
    """A file's bytes; what may never end, or fill the memory, is not begun."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise HeadatlasError(f"{path} is no file.")
    if about.st_size > MAX_BYTES:
        raise HeadatlasError(f"{path} has more than {MAX_BYTES // 1_000_000} MB and is not read.")
    return path.read_bytes()
