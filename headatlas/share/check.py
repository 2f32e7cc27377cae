"""The door for scans from elsewhere: a record is checked whole before anything is written or computed from it.

`headatlas.store.rules` says what a value may be; here is what has to agree: heads with layers, maps with their tokens.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from pathlib import Path

from headatlas.errors import DatabaseError, HeadatlasError
from headatlas.heads import head_name, parse_head
from headatlas.share.layout import Layout, Table, newer
from headatlas.share.record import Row, ScanRecord, definition_keys, row_key
from headatlas.store import limits, rules
from headatlas.store.blobs import inflate

# Pictures of probes are some hundred pixels wide.
MAX_PIXELS = 16_000_000
_CARRIED_ELSEWHERE = {"id", "location"}
# What a scan measures on the probes that it lists; evidence has probes of its own beside them.
_MEASURED = ("scores", "off_sink", "distances", "sinks", "awakenings", "budgets", "far_lags", "overlaps", "examples",
             "head_lines", "line_texts")  # fmt: skip

# Says where a table's rows stand: "scan.json, row {} of layers".
Where = Callable[[str, int], str]


def check_heads(heads: Mapping[str, int | list[int]], file: str) -> list[str]:
    """Names of heads from numbers by layer: `{"L0": 2}` is `["L0H0", "L0H1"]`.

    Raises:
        HeadatlasError: more heads or layers than a model has, numbers that are none, or a layer of no known kind.
    """
    names: list[str] = []
    for layer, count in heads.items():
        n_heads = count if isinstance(count, int) else max(count, default=0) + 1
        if n_heads > limits.MAX_HEADS_A_LAYER or n_heads < 0 or (isinstance(count, list) and min(count, default=0) < 0):
            allowed = f"at most {limits.MAX_HEADS_A_LAYER:,} heads in a layer"
            raise HeadatlasError(rules.refusal(f"{file}, heads of '{layer[:20]}'", count, allowed))
        numbers: Sequence[int] = range(count) if isinstance(count, int) else count
        if len(names) + len(numbers) > limits.MAX_HEADS:
            raise HeadatlasError(f"{file} claims more than {limits.MAX_HEADS:,} heads, which no model has.")
        attention, number, _ = parse_head(f"{layer}H0")
        if number >= limits.MAX_LAYERS:
            raise HeadatlasError(f"{file}, heads: '{layer[:20]}' is beyond the {limits.MAX_LAYERS:,} layers allowed.")
        names += [head_name(attention, number, head) for head in numbers]
    if len(set(names)) < len(names):
        raise HeadatlasError(f"{file}, heads: a head is listed twice.")
    return names


def check(record: ScanRecord, layout: Layout, where: Where) -> None:
    """Checks all values of a record, and that its parts agree; `where` names the place of a table's row.

    Raises:
        HeadatlasError: a value that is not allowed, or parts that contradict each other; says where, and what is.
    """
    _check_rows("scans", [record.scan], rules.RULES["scans"], layout.types["scans"], where)
    unknown = (record.definitions.keys() - set(layout.definitions)) | (record.tables.keys() - layout.tables.keys())
    if unknown:
        raise newer(f"table '{min(unknown)}'")
    for name in layout.definitions:
        rows = record.definitions.get(name, [])
        if len(rows) > limits.MAX_DEFINITIONS:
            most = f"{limits.MAX_DEFINITIONS:,} rows at most"
            raise HeadatlasError(rules.refusal(where(name, -1), len(rows), most))
        _check_rows(name, rows, rules.RULES.get(name, {}), layout.types[name], where)
    if len(record.heads) > limits.MAX_HEADS:
        raise HeadatlasError(rules.refusal(where("heads", -1), len(record.heads), f"{limits.MAX_HEADS:,} at most"))
    most_rows = limits.MAX_ROWS + limits.MAX_ROWS_A_HEAD * len(record.heads)
    for table in layout.tables.values():
        rows = record.tables.get(table.name, [])
        if len(rows) > most_rows:
            raise HeadatlasError(rules.refusal(where(table.name, -1), len(rows), f"{most_rows:,} rows at most"))
        _check_rows(table.name, rows, _rules_of(table), table.types, where)
    _check_certificates(record, where)
    _check_layers(record, where)
    _check_references(record, layout, where)
    _check_probes(record, where)
    _check_examples(record, where)
    _check_maps(record, where)
    _check_lines(record, where)


def check_record(record: ScanRecord, layout: Layout, path: Path) -> None:
    """Checks a scan that was read from a database as one from a folder is.

    Raises:
        HeadatlasError: a value that is not allowed, or parts that contradict each other; says where, and what is.
    """
    check(record, layout, partial(_in_database, path, record.model))


def _in_database(path: Path, model: str, table: str, row: int) -> str:
    of = f"of '{model}' in {path}"
    return f"{table} {of}" if row < 0 or table == "scans" else f"{table}, row {row + 1} {of}"


def _rules_of(table: Table) -> Mapping[str, rules.Rule]:
    """The rules of a table, with those of its references, which are names."""
    own = dict(rules.RULES.get(table.name, {}))
    for column, short in table.short.items():
        own[short] = rules.text(limits.MAX_NAME, needed=column in table.required)
    if table.name == "examples":
        own["probe"] = rules.text(limits.MAX_NAME, needed=True)
    return own


def _check_rows(
    table: str, rows: Sequence[Row], own: Mapping[str, rules.Rule], types: Mapping[str, str], where: Where
) -> None:
    if not rows:
        return
    columns = dict.fromkeys(column for row in rows for column in row)
    columns |= dict.fromkeys(column for column, rule in own.items() if rule.needed)
    for column in columns:
        if column in _CARRIED_ELSEWHERE and table == "scans":
            raise HeadatlasError(f"{where(table, 0)} has a column '{column}', which is not carried.")
        if column not in types and column not in own:
            raise newer(f"column '{column[:60]}' of {table}")
        rule = own.get(column) or rules.rule_of(table, column, types[column])
        at = partial(_of_column, where, table, column)
        rules.check_column(rule, [row.get(column) for row in rows], at)


def _of_column(where: Where, table: str, column: str, row: int) -> str:
    return f"{where(table, row)}, column '{column}'"


def _check_certificates(record: ScanRecord, where: Where) -> None:
    """One that was passed, or failed, says by how much."""
    for position, row in enumerate(record.tables.get("certificates", [])):
        for column in ("max_difference", "tolerance"):
            if row.get("passed") is not None and row.get(column) is None:
                raise HeadatlasError(
                    rules.refusal(_of_column(where, "certificates", column, position), None, "a number")
                )


def _check_layers(record: ScanRecord, where: Where) -> None:
    rows = record.tables.get("layers", [])
    n_heads = {(row["attention"], row["layer"]): row["n_heads"] for row in rows}
    if len(n_heads) < len(rows):
        raise HeadatlasError(f"{where('layers', len(rows) - 1)}: a layer is listed twice.")
    for name in record.heads:
        attention, layer, head = parse_head(name)
        if (attention, layer) not in n_heads:
            raise HeadatlasError(f"{where('layers', -1)} lacks the layer of the head {name}.")
        if head >= n_heads[attention, layer]:
            raise HeadatlasError(
                f"{where('layers', -1)} gives the layer of {name} {n_heads[attention, layer]} heads, which has more."
            )


def _check_references(record: ScanRecord, layout: Layout, where: Where) -> None:
    """Heads, patterns and whatever else rows name are there, and of nothing are there two."""
    keys = {name: definition_keys(rows) for name, rows in record.definitions.items()}
    known: dict[str, Container[str]] = {"heads": frozenset(record.heads)}
    for name, own in keys.items():
        known[name] = frozenset(own)
        if len(frozenset(own)) < len(own):
            raise HeadatlasError(f"{where(name, len(own) - 1)}: a name is listed twice with the same version.")
    for table in layout.tables.values():
        rows = record.tables.get(table.name, [])
        for column, short in table.short.items():
            names = known[table.references[column]]
            for position, row in enumerate(rows):
                if row.get(short) is not None and row[short] not in names:
                    at = _of_column(where, table.name, short, position)
                    raise HeadatlasError(rules.refusal(at, row[short], f"one of the {table.references[column]} listed"))
        for columns in table.unique:
            own_columns = [column for column in columns if table.references.get(column) != "scans"]
            _check_unique(table, [table.short.get(column, column) for column in own_columns], rows, where)
        if "id" in table.types:
            known[table.name] = frozenset(row_key(table.name, row, number) for number, row in enumerate(rows, start=1))


def _check_probes(record: ScanRecord, where: Where) -> None:
    """Nothing was measured on a probe that the scan did not run."""
    listed = {row["probe"] for row in record.tables.get("scan_probes", [])}
    for table in _MEASURED:
        for position, row in enumerate(record.tables.get(table, [])):
            if row.get("probe") is not None and row["probe"] not in listed:
                at = _of_column(where, table, "probe", position)
                raise HeadatlasError(rules.refusal(at, row["probe"], "one of the probes that scan_probes lists"))


def _check_unique(table: Table, columns: Sequence[str], rows: Sequence[Row], where: Where) -> None:
    seen: set[tuple[object, ...]] = set()
    # A table whose rows only the scan tells apart has one of them.
    values = (
        zip(*([row.get(column) for row in rows] for column in columns), strict=True) if columns else [()] * len(rows)
    )
    for position, own in enumerate(values):
        if own in seen and None not in own:
            words = f"an earlier row has the same {' and '.join(columns)}" if columns else "a scan has one of them"
            raise HeadatlasError(f"{where(table.name, position)}: {words}.")
        seen.add(own)


def _sides(row: Row) -> tuple[int, int]:
    """How many tokens an example has, and its source (0 for none)."""
    return len(json.loads(row["tokens"])), len(json.loads(row["key_tokens"])) if row.get("key_tokens") else 0


def _check_examples(record: ScanRecord, where: Where) -> None:
    for position, row in enumerate(record.tables.get("examples", [])):
        here = where("examples", position)
        sides = _sides(row)
        for prefix, n_tokens in zip(("", "key_"), sides, strict=True):
            for column in (f"{prefix}token_ids", f"{prefix}special"):
                if row.get(column) and len(json.loads(row[column])) not in (0, n_tokens):
                    raise HeadatlasError(f"{here}, column '{column}': it has not as many entries as {prefix}tokens.")
        if not sides[0]:
            raise HeadatlasError(f"{here}, column 'tokens': a text of no token is not allowed.")
        if row.get("image") is not None:
            _check_image(row, sides, here)


def _check_image(row: Row, sides: tuple[int, int], here: str) -> None:
    from PIL import Image

    allowed = f"a picture as PNG of at most {MAX_PIXELS:,} pixels"
    try:
        with Image.open(io.BytesIO(row["image"]), formats=["PNG"]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValueError("too large")
            picture.load()
    except Exception as error:  # Pillow raises what its decoders raise
        raise HeadatlasError(f"{here}, column 'image': it is not {allowed}.") from error
    rows, columns = row.get("grid_rows"), row.get("grid_columns")
    if (rows is None) is not (columns is None):
        raise HeadatlasError(f"{here}: grid_rows and grid_columns go together.")
    if rows is not None and (rows * columns > sides[0] or (sides[1] and rows * columns != sides[0])):
        raise HeadatlasError(f"{here}: {rows} rows of {columns} patches are not those of {sides[0]} tokens.")


def _check_maps(record: ScanRecord, where: Where) -> None:
    """Every map unpacks to one byte for each query and key."""
    shapes = {row_key("examples", row, 0): _sides(row) for row in record.tables.get("examples", [])}
    heads = {name: parse_head(name).attention for name in record.heads}
    for position, row in enumerate(record.tables.get("heatmaps", [])):
        if row["example"] not in shapes or row["head"] not in heads:
            continue  # writing says so, of whatever table
        n_tokens, n_source = shapes[row["example"]]
        attention = heads[row["head"]]
        queries = n_source if n_source and attention == "encoder" else n_tokens
        keys = n_source if n_source and attention == "cross" else queries
        try:
            inflate(row["weights"], queries * keys, "A map")
        except DatabaseError as error:
            raise HeadatlasError(
                f"{where('heatmaps', position)}, column 'weights': it is damaged, or not {queries} by {keys} weights."
            ) from error


def _check_lines(record: ScanRecord, where: Where) -> None:
    """Every line stands in a text of its own kind of attention that is there, and so does what it looks at."""
    n_tokens = {
        (row["probe"], row["attention"], row["sequence"]): len(json.loads(row["tokens"]))
        for row in record.tables.get("line_texts", [])
    }
    for position, row in enumerate(record.tables.get("head_lines", [])):
        n = n_tokens.get((row["probe"], parse_head(row["head"]).attention, row["sequence"]))
        here = where("head_lines", position)
        if n is None:
            raise HeadatlasError(f"{here}: line_texts lacks its text, sequence {row['sequence']} of {row['probe']}.")
        keys = json.loads(row["keys"])
        if len(keys) != len(json.loads(row["weights"])):
            raise HeadatlasError(f"{here}, column 'weights': it has not as many entries as keys.")
        for column, positions in (("query", [row["query"]]), ("keys", keys)):
            if max(positions, default=0) >= n:
                at = _of_column(where, "head_lines", column, position)
                raise HeadatlasError(rules.refusal(at, max(positions), f"a position of the text's {n:,} tokens"))


def locations(tables_in_csv: Container[str], definitions: Sequence[str], folder: str) -> Where:
    """Where rows of a folder stand, counted from 1 without the line of names."""

    def where(table: str, row: int) -> str:
        if table in tables_in_csv:
            return f"{folder}{table}.csv, row {row + 1}"
        if table == "scans":
            return f"{folder}scan.json, scan"
        file = "definitions.json" if table in definitions else "scan.json"
        return f"{folder}{file}, {table}" if row < 0 else f"{folder}{file}, row {row + 1} of {table}"

    return where
