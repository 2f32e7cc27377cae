"""The database's views as Parquet files, one a view, for pandas, polars, DuckDB and whatever else reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.errors import HeadatlasError, OutputError
from headatlas.files.given import exists
from headatlas.files.whole import put_in_place

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

VIEWS = ("head_scores", "head_labels", "head_budget", "head_evidence", "head_compositions", "head_sentences")
# Rows in memory at a time, which is also how many a row group has.
_ROWS = 50_000
_TEXT = {"model", "attention", "pattern", "probe", "label", "basis", "part", "kind", "sentence"}
_WHOLE = {"layer", "head", "n_queries", "n_sequences", "rank", "earlier_layer", "earlier_head"}


def write_views(reader: Reader, out: Path, models: Sequence[str] = ()) -> Iterator[Path]:
    """Writes `VIEW.parquet` for each view that has rows, of all models or some, and yields each file.

    Columns are those of the view; texts, whole numbers and floats have types of their own, and what is not known is
    null. A file's metadata has `models`, the names of its models as JSON, and `description`, what the view holds.

    Raises:
        HeadatlasError: pyarrow is not installed.
        UnknownNameError: a model that the database does not hold.
        OutputError: a file cannot be written, or stands in the place of another.
    """
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise HeadatlasError("Parquet files need pyarrow: pip install 'headatlas[parquet]'.") from error
    names = [str(reader.scan(model)["model"]) for model in models] or [row["model"] for row in reader.scans()]
    known = {row[0] for row in reader.rows("select name from sqlite_master where type = 'view'")}
    files = {view: out / f"{view}.parquet" for view in VIEWS if view in known}
    for path in files.values():
        _check_ours(path)
    for view, path in files.items():
        cursor = reader.connection.execute(
            f"select * from {view} where model in (select value from json_each(?)) order by {_order(reader, view)}",
            [json.dumps(names)],
        )
        with closing(cursor):
            columns = [column[0] for column in cursor.description]
            rows = cursor.fetchmany(_ROWS)
            if not rows:
                path.unlink(missing_ok=True)  # of an earlier export: it would be taken for this one's
                continue
            schema = _schema(reader, view, columns, names)
            try:
                out.mkdir(parents=True, exist_ok=True)
                # Files that Python opens: Arrow's own way takes "~" for a home folder, and names for text in UTF-8.
                with put_in_place(path) as part, part.open("wb") as file:
                    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
                        while rows:
                            writer.write_table(_table(rows, columns, schema))
                            rows = cursor.fetchmany(_ROWS)
            except OSError as error:
                reason = error.strerror or error
                raise OutputError(f"{path} cannot be written: {reason}. Give another folder.") from error
        yield path


def _check_ours(path: Path) -> None:
    """Raises OutputError where there is a file that no command of ours wrote: it would be lost."""
    import pyarrow
    import pyarrow.parquet as parquet

    if not exists(path):
        return
    try:
        if ours := path.is_file():
            with path.open("rb") as file:
                ours = {b"models", b"description"} <= (parquet.read_schema(file).metadata or {}).keys()
    except (OSError, pyarrow.ArrowException):
        ours = False
    if not ours:
        raise OutputError(f"{path} is there already, and was not written by `headatlas export`. Give another folder.")


def _order(reader: Reader, view: str) -> str:
    """What tells rows apart, so that the same database gives the same file."""
    names = [row[1] for row in reader.rows(f"pragma table_info({view})")]
    return ", ".join(name for name in names if name in _TEXT | _WHOLE)


def _schema(reader: Reader, view: str, columns: Sequence[str], models: Sequence[str]) -> Any:
    import pyarrow

    described = reader.rows("select description from descriptions where table_name = ? and column_name = ''", [view])
    metadata = {"models": json.dumps(models), "description": described[0][0] if described else ""}
    return pyarrow.schema([(column, _type(column)) for column in columns], metadata)


def _type(column: str) -> Any:
    import pyarrow

    return pyarrow.string() if column in _TEXT else pyarrow.int64() if column in _WHOLE else pyarrow.float64()


def _table(rows: Sequence[Sequence[Any]], columns: Sequence[str], schema: Any) -> Any:
    import pyarrow

    by_column = zip(columns, zip(*rows, strict=True), strict=True)
    return pyarrow.table({column: list(values) for column, values in by_column}, schema)
