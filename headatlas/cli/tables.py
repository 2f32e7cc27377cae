"""What the listings say: rows for tables, cards for single definitions."""

from __future__ import annotations

import sqlite3
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headatlas.catalog import literature
from headatlas.catalog.named_queries import QUERIES, NamedQuery, lacking
from headatlas.cli.options import FOR_PEOPLE
from headatlas.cli.terminal_table import terminal_width
from headatlas.heads import head_name
from headatlas.patterns import PATTERNS, vocabulary
from headatlas.patterns.definition import Pattern
from headatlas.patterns.for_newcomers import introduction
from headatlas.patterns.lookup import rivals_of
from headatlas.probes import PROBES

if TYPE_CHECKING:
    from headatlas.catalog.head_query import HeadQuery
    from headatlas.catalog.label_counts import LabelCounts
    from headatlas.catalog.reader import Reader

Listing = tuple[Sequence[str], list[tuple[Any, ...]]]
# Columns that tables can do without, the least important first.
HEAD_DROPS = ("chance", "sink-free", "literature", "95% interval", "awake", "basis", "label's score")
IMITATION_DROPS = ("its share", "next")
MODEL_DROPS = ("seconds", "architecture", "scanned", "size", "parameters")


def published_by(reader: Reader, rows: Iterable[Any]) -> list[str]:
    """What the literature says of the head of each row of `Catalog.head_rows`, each role once; empty where nothing."""
    findings: dict[str, tuple[literature.Finding, ...]] = {}
    published = []
    for row in rows:
        if row["model"] not in findings:
            findings[row["model"]] = literature.of_scan(reader.scan(row["model"]))
        about = literature.about(findings[row["model"]], row["attention"], row["layer"], row["head"])
        # Of a role given by several sources the one on the scale of scores says most.
        about.sort(key=lambda finding: (finding.measure != literature.ATTENTION, finding.value is None))
        published.append("; ".join({finding.role: finding.short for finding in reversed(about)}.values()))
    return published


def head_rows(rows: Iterable[Any], published: Sequence[str], *, one_model: bool) -> Listing:
    """Rows of `Catalog.head_rows` for people; what is the same in all, or in none, is left out."""
    rows = list(rows)
    labelled = bool(rows) and "confidence" in rows[0].keys()  # noqa: SIM118 - a Row iterates over values
    columns = ("head", *(("label", "confidence") if labelled else ("pattern",)))
    columns += ("score", "95% interval", "chance", "sink-free")
    listed = [
        (
            row["model"],
            head_name(row["attention"], row["layer"], row["head"]),
            *((row["label"], row["confidence"]) if labelled else (row["pattern"],)),
            row["score"],
            f"{row['ci_low']:.3f}-{row['ci_high']:.3f}" if row["ci_low"] is not None else None,
            row["chance"],
            row["score_nosink"],
        )
        for row in rows
    ]
    if any(published):
        columns += ("literature",)
        listed = [(*row, text) for row, text in zip(listed, published, strict=True)]
    if labelled and any(row["basis"] for row in rows):  # labels of before do not say on what they rest
        columns += ("label's score", "basis", "awake")
        listed = [(*row, of["label_score"], of["basis"], of["awake"]) for row, of in zip(listed, rows, strict=True)]
    return (columns, [row[1:] for row in listed]) if one_model else (("model", *columns), listed)


def read_elsewhere(query: HeadQuery, rows: Iterable[Any]) -> list[str]:
    """Which of the rows are of another probe than their pattern's, because a scan did not run that: a line a scan."""
    shown = {(row["model"], row["probe"]) for row in rows}
    absent: dict[tuple[str, str], list[str]] = {}
    for model, own, probe in query.stand_ins:
        if (model, probe) in shown:
            absent.setdefault((model, probe), []).append(own)
    return [
        f"{model} was not run on {own[0] if len(own) == 1 else 'the probes that these patterns were made for'}: "
        f"its scores are those on '{probe}'."
        for (model, probe), own in absent.items()
    ]


def model_rows(rows: Iterable[Any], unfinished: Iterable[Any], form: str) -> Listing:
    """Rows of `Catalog.models`; of parameters, seconds and bytes people read the size, programs the number.

    Programs also get the unfinished scans, which people get as sentences.
    """
    columns = ("model", "architecture", "layers", "heads", "parameters", "scanned", "seconds", "bytes")
    listed = [tuple(row[column] for column in columns) for row in rows]
    if form in FOR_PEOPLE:
        return (*columns[:7], "size"), [
            (*row[:4], row[4] and count_in_words(row[4]), row[5], None if row[6] is None else round(row[6]),
             bytes_in_words(row[7]))
            for row in listed
        ]  # fmt: skip
    begun = [
        (row["model"], row["architecture"], row["n_layers"], None, row["n_parameters"], None, row["seconds"],
         row["bytes"], f"unfinished: {row['chunks_done']} of {row['n_chunks']} chunks")
        for row in unfinished
    ]  # fmt: skip
    return (*columns, "status"), [*((*row, "done") for row in listed), *begun]


def unfinished_line(row: Any) -> str:
    """What is said of a scan that was cut off: a row of `Reader.unfinished`."""
    again = f"`{row['command']}` goes on with it" if row["command"] else "the same scan goes on with it"
    return (
        f"{row['model']}: unfinished, {row['chunks_done']} of {row['n_chunks']} chunks since "
        f"{(row['started'] or '')[:10]} ({bytes_in_words(row['bytes'])}); {again}, "
        f"`headatlas rm {row['model']} --unfinished` deletes it."
    )


def count_in_words(number: int) -> str:
    """`count_in_words(134515008)` is "134.5M"."""
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return str(number)


def bytes_in_words(number: int) -> str:
    """`bytes_in_words(20490000)` is "20.5 MB"."""
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} bytes"


def kind_rows(counts: LabelCounts) -> Listing:
    """A row a label and model."""
    return ("label", "model", "heads", "share", "confidence", "depth"), [
        (entry.label, entry.model, entry.n_heads, entry.share, entry.confidence, entry.depth) for entry in counts.counts
    ]


def wide_kind_rows(counts: LabelCounts, form: str) -> Listing:
    """A row a label and a column a model; for people the heads without a label, and all, come last."""
    rows: list[tuple[Any, ...]] = [
        (label, *(counts.count(label, model) for model in counts.models)) for label in counts.labels
    ]
    if rows and form in FOR_PEOPLE:
        rows.append(("no label", *(counts.n_bare[model] for model in counts.models)))
        rows.append(("all heads", *(counts.n_heads[model] for model in counts.models)))
    return ("label", *counts.models), rows


def pattern_rows(name: str | None, form: str) -> Listing:
    """All patterns, or one: short for tables, complete for programs."""
    chosen = [PATTERNS[name]] if name else list(PATTERNS)
    if form in FOR_PEOPLE:
        return ("pattern", "family", "what it says"), [
            (pattern.name, pattern.family, pattern.summary) for pattern in chosen
        ]
    columns = ("name", "version", "kind", "family", "probe", "unit", "formula", "source", "description")
    listed = [tuple(getattr(pattern, column) for column in columns) for pattern in chosen]
    return (*columns, "synonyms", "introduction"), [
        (*row, ", ".join(pattern.synonyms), introduction(pattern.name))
        for row, pattern in zip(listed, chosen, strict=True)
    ]


def imitation_rows(
    shares: Mapping[str, Sequence[tuple[str, float]]], form: str, *, one_pattern: bool = False
) -> Listing:
    """A row a pattern and rule; for people the two strongest rules of each of several patterns, or all that one has."""
    if form in FOR_PEOPLE and not one_pattern:
        columns = ("pattern", "imitated by", "share", "next", "its share")
        return columns, [(name, *(cell for rule in ranked[:2] for cell in rule)) for name, ranked in shares.items()]
    listed = [(name, *rule) for name, ranked in shares.items() for rule in ranked]
    if form in FOR_PEOPLE:
        return ("rule", "share"), [(rule, share) for _, rule, share in listed if share]
    return ("pattern", "rule", "share"), listed


def probe_rows(name: str | None, form: str) -> Listing:
    """All probes, or one."""
    chosen = [PROBES[name]] if name else list(PROBES)
    if form in FOR_PEOPLE:
        return ("probe", "set", "what it is"), [(probe.name, probe.smallest_set, probe.summary) for probe in chosen]
    columns = ("name", "version", "description", "smallest_set")
    return columns, [tuple(getattr(probe, column) for column in columns) for probe in chosen]


def query_rows(connection: sqlite3.Connection, form: str) -> Listing:
    """The named queries; in tables those that this database cannot answer come last, with the reason."""
    listed = [(query, lacking(connection, query)) for query in QUERIES.values()]
    if form in FOR_PEOPLE:
        listed.sort(key=lambda pair: bool(pair[1]))
        shown = [
            (query.name, f"{query.title} ({lack})" if lack else query.title, _defaults(query)) for query, lack in listed
        ]
        return ("query", "what it answers", "parameters"), shown
    columns = ("name", "title", "parameters", "unavailable", "sql")
    return columns, [(query.name, query.title, _defaults(query), lack, query.sql) for query, lack in listed]


def with_head_names(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Listing:
    """The answer of a named query for people: attention, layer and head, where it has all three, as one name."""
    apart = ("attention", "layer", "head")
    if not set(apart) <= set(columns):
        return columns, [tuple(row) for row in rows]
    where = [columns.index(name) for name in apart]
    others = [number for number in range(len(columns)) if number not in where]
    before = [number for number in others if number < where[0]]

    def merged(values: Sequence[Any], head: str) -> tuple[Any, ...]:
        kept = [values[number] for number in others]
        return (*kept[: len(before)], head, *kept[len(before) :])

    return merged(columns, "head"), [merged(row, head_name(*(row[number] for number in where))) for row in rows]


def _defaults(query: NamedQuery) -> str:
    return " ".join(f"{name}={value}" for name, value in query.parameters.items())


def pattern_card(name: str) -> str:
    """Everything about a pattern."""
    pattern = PATTERNS[name]
    facts = [
        ("family", pattern.family),
        ("synonyms", ", ".join(pattern.synonyms).replace("_", " ")),
        ("same as", _published(pattern.name, same=True)),
        ("near", _published(pattern.name, same=False)),
        ("formula", pattern.formula),
        ("unit", pattern.unit),
        ("example", pattern.example),
        ("probe", pattern.probe),
        ("rivals", _rivals(pattern)),
        ("source", pattern.source),
        ("version", str(pattern.version)),
    ]
    text = pattern.description.replace(pattern.example, "") if pattern.example else pattern.description
    said = introduction(pattern.name)
    return _card(pattern.name, f"{said}\n\n{text}" if said else text, facts)


def probe_card(name: str) -> str:
    """Everything about a probe."""
    probe = PROBES[name]
    served = [pattern.name for pattern in PATTERNS if pattern.probe == probe.name]
    return _card(
        probe.name,
        probe.description,
        [("serves", ", ".join(served)), ("sets", ", ".join(probe.sets)), ("version", str(probe.version))],
    )


def published_rows(form: str) -> Listing:
    """What others call heads, name by name, and what of ours says the same or nearly so."""
    names = vocabulary.published_names()
    if form in FOR_PEOPLE:
        return ("name", "by", "here", "fit"), [
            (name.name, name.by, ", ".join((*name.patterns, *name.evidence)), name.fit) for name in names
        ]
    return vocabulary.COLUMNS, [
        (name.list, name.name, name.group, "; ".join(name.also), " ".join(name.patterns), name.fit,
         " ".join(name.evidence), name.source)
        for name in names
    ]  # fmt: skip


def _published(pattern: str, *, same: bool) -> str:
    names = [name for name in vocabulary.names_for(pattern) if (name.fit == vocabulary.SAME) is same]
    return "; ".join(f"{name.name} ({name.by})" for name in names)


def _rivals(pattern: Pattern) -> str:
    return ", ".join(rivals_of(pattern)) or "none"


# Lines of prose are no longer than this, however wide the terminal.
_PROSE = 78


def _card(name: str, text: str, facts: Iterable[tuple[str, str]]) -> str:
    width = min(_PROSE, terminal_width())
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    lines = [name, "", *("\n".join(textwrap.wrap(part, width)) + "\n" for part in paragraphs)]
    for label, value in facts:
        if value:
            lines += textwrap.wrap(value, width, initial_indent=f"{label:<9}", subsequent_indent=" " * 9)
    return "\n".join(lines)
