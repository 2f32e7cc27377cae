"""What the listings say: rows for tables, cards for single definitions."""

from __future__ import annotations

import sqlite3
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from headatlas.catalog import literature
from headatlas.catalog.named_queries import QUERIES, NamedQuery, lacking
from headatlas.heads import head_name
from headatlas.patterns import PATTERNS, Pattern, rivals_of
from headatlas.probes import PROBES

if TYPE_CHECKING:
    from headatlas.catalog.catalog import Catalog
    from headatlas.catalog.compare import Comparison
    from headatlas.catalog.score_changes import Change
    from headatlas.catalog.training import Training
    from headatlas.catalog.verify import Verification

Listing = tuple[Sequence[str], list[tuple[Any, ...]]]
Table = tuple[Sequence[str], list[tuple[Any, ...]], str]  # with a caption


def published_by(catalog: Catalog, rows: Iterable[Any]) -> list[str]:
    """What the literature says of the head of each row of `Catalog.heads`, each role once; empty where nothing."""
    findings: dict[str, tuple[literature.Finding, ...]] = {}
    found = []
    for row in rows:
        if row["model"] not in findings:
            findings[row["model"]] = literature.of_scan(catalog.scan(row["model"]))
        about = literature.about(findings[row["model"]], row["attention"], row["layer"], row["head"])
        # Of a role given by several sources the one on the scale of scores says most.
        about.sort(key=lambda one: (one.measure != literature.ATTENTION, one.value is None))
        found.append("; ".join({one.role: one.short for one in reversed(about)}.values()))
    return found


def head_rows(rows: Iterable[Any], published: Sequence[str], *, one_model: bool) -> Listing:
    """Rows of `Catalog.heads` for people; what is the same in all, or in none, is left out."""
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
    return (columns, [row[1:] for row in listed]) if one_model else (("model", *columns), listed)


def pattern_rows(name: str | None, form: str) -> Listing:
    """All patterns, or one: short for tables, complete for programs."""
    chosen = [PATTERNS[name]] if name else list(PATTERNS)
    if form == "table":
        return ("pattern", "family", "what it says"), [(one.name, one.family, one.summary) for one in chosen]
    columns = ("name", "version", "kind", "family", "probe", "unit", "formula", "source", "description")
    return columns, [tuple(getattr(one, column) for column in columns) for one in chosen]


def probe_rows(name: str | None, form: str) -> Listing:
    """All probes, or one."""
    chosen = [PROBES[name]] if name else list(PROBES)
    if form == "table":
        return ("probe", "what it is"), [(one.name, one.summary) for one in chosen]
    columns = ("name", "version", "description")
    return columns, [tuple(getattr(one, column) for column in columns) for one in chosen]


def query_rows(connection: sqlite3.Connection, form: str) -> Listing:
    """The named queries; in tables those that this database cannot answer come last, with the reason."""
    listed = [(one, lacking(connection, one)) for one in QUERIES.values()]
    if form == "table":
        listed.sort(key=lambda pair: bool(pair[1]))
        shown = [(one.name, f"{one.title} ({lack})" if lack else one.title, _defaults(one)) for one, lack in listed]
        return ("query", "what it answers", "parameters"), shown
    columns = ("name", "title", "parameters", "unavailable", "sql")
    return columns, [(one.name, one.title, _defaults(one), lack, one.sql) for one, lack in listed]


def _defaults(one: NamedQuery) -> str:
    return " ".join(f"{name}={value}" for name, value in one.parameters.items())


def comparison_tables(found: Comparison, *, by_kind: bool, form: str, limit: int | None) -> list[Table]:
    """A comparison's tables; the first is the one for programs."""
    tables: list[Table] = []
    columns: Sequence[str]
    first, second = found.first, found.second
    if found.same_shape and not by_kind:
        if form != "table":
            columns = ("attention", "layer", "head", "pattern", "probe", "first", "second", "difference", "ci_low",
                       "ci_high", "real")  # fmt: skip
            rows: list[tuple[Any, ...]] = [
                (one.attention, one.layer, one.head, one.pattern, one.probe, one.first, one.second, one.difference,
                 one.low, one.high, one.real)
                for one in found.changes
            ]  # fmt: skip
            return [(columns, rows[:limit], "")]
        if found.has_labels:
            rows = [
                (one.name, one.label, one.first, one.second, *_score_change(one.change),
                 "yes" if one.beyond_interval else "within interval")
                for one in found.labels
            ]  # fmt: skip
            caption = f"{len(found.labels)} labels changed, {len(found.changed_labels)} beyond their interval."
            columns = ("head", "label", first, second, "change of score", "95% interval", "real")
            tables.append((columns, rows[:limit], caption))
        rows = [(one.name, one.pattern, one.first, one.second, *_score_change(one)) for one in found.real]
        caption = f"{len(found.real)} of {len(found.changes)} scores really changed."
        columns = ("head", "pattern", first, second, "difference", "95% interval")
        tables.append((columns, rows[:limit], caption))
        return tables
    if form != "table":
        columns = ("attention", "layer", "head", "other_attention", "other_layer", "other_head", "distance", "mutual",
                   "why")  # fmt: skip
        rows = [
            (one.attention, one.layer, one.head, one.neighbour.attention, one.neighbour.layer, one.neighbour.head,
             one.neighbour.distance, one.mutual, one.neighbour.explanation)
            for one in found.matches
        ]  # fmt: skip
        return [(columns, rows[:limit], "")]
    rows = [(one.kind, one.first, one.second, one.first_depth, one.second_depth) for one in found.kinds]
    caption = f"{first}: {found.shapes[0]}. {second}: {found.shapes[1]}. Depth: 0 is the first layer, 1 the last."
    columns = ("kind", f"{first} heads", f"{second} heads", f"{first} depth", f"{second} depth")
    tables.append((columns, rows[:limit], caption))
    nearest = sorted(found.matches, key=lambda one: one.neighbour.distance)
    rows = [
        (one.name, one.neighbour.name, one.neighbour.distance, "yes" if one.mutual else "", one.neighbour.explanation)
        for one in nearest
    ]
    tables.append(((first, second, "distance", "mutual", "why"), rows[:limit], "Nearest heads."))
    return tables


def _score_change(change: Change | None) -> tuple[Any, ...]:
    return (None, None) if change is None else (change.difference, f"{change.low:+.3f} to {change.high:+.3f}")


def verification_tables(found: Verification) -> list[Table]:
    """Agreement with each source, then every contradiction."""
    rows: list[tuple[Any, ...]] = [
        (one.role, one.pattern, one.source.split(",")[0], one.measure, f"{one.overlap} of {one.n_heads}",
         round(one.by_chance, 1), one.correlation)
        for one in found.agreements
    ]  # fmt: skip
    columns = ("role", "pattern", "source", "measure", "top heads", "by chance", "rank correlation")
    caption = (
        "Top heads: how many of the source's heads are among as many with our highest scores. "
        "Rank correlation: Spearman's, over the heads with a published value."
    )
    if found.unmeasured:
        roles = sorted({one.role for one in found.unmeasured})
        caption += f" No pattern of ours stands for: {', '.join(roles)}."
    tables: list[Table] = [(columns, rows, caption)]
    rows = [
        (one.finding.name, one.finding.role, one.finding.source.split(",")[0], one.score, one.rank, one.contradiction)
        for one in found.contradictions
    ]
    caption = f"{len(rows)} of {len(found.checked)} findings contradict our measurement."
    tables.append((("head", "said to be", "source", "our score", "rank", "contradiction"), rows, caption))
    return tables


# Columns of `checked_rows`.
CHECKED = ("attention", "layer", "head", "role", "pattern", "measure", "published", "source", "basis", "score",
           "ci_low", "ci_high", "chance", "rank", "n_heads", "label_confidence", "contradiction")  # fmt: skip


def checked_rows(found: Verification) -> list[tuple[Any, ...]]:
    """Every finding beside our measurement, for programs."""
    return [
        (one.finding.attention, one.finding.layer, one.finding.head, one.finding.role, one.pattern,
         one.finding.measure, one.finding.value, one.finding.source, one.finding.basis, one.score, one.low, one.high,
         one.chance, one.rank, one.n_heads, one.confidence, one.contradiction or None)
        for one in found.checked
    ]  # fmt: skip


def pattern_card(name: str) -> str:
    """Everything about a pattern."""
    one = PATTERNS[name]
    facts = [
        ("family", one.family),
        ("formula", one.formula),
        ("unit", one.unit),
        ("example", one.example),
        ("probe", one.probe),
        ("rivals", _rivals(one)),
        ("source", one.source),
        ("version", str(one.version)),
    ]
    text = one.description.replace(one.example, "") if one.example else one.description
    return _card(one.name, text, facts)


def probe_card(name: str) -> str:
    """Everything about a probe."""
    one = PROBES[name]
    served = [item.name for item in PATTERNS if item.probe == one.name]
    return _card(one.name, one.description, [("serves", ", ".join(served)), ("version", str(one.version))])


def _rivals(one: Pattern) -> str:
    return ", ".join(rivals_of(one)) or "none"


def _card(name: str, text: str, facts: Iterable[tuple[str, str]]) -> str:
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    lines = [name, "", *("\n".join(textwrap.wrap(part, 78)) + "\n" for part in paragraphs)]
    for label, value in facts:
        if value:
            lines += textwrap.wrap(value, 78, initial_indent=f"{label:<9}", subsequent_indent=" " * 9)
    return "\n".join(lines)


def training_rows(found: Training, form: str) -> Listing:
    """A run over training: a line a head for people, a line a head and step for programs."""
    if form == "table":
        columns: tuple[str, ...] = ("head", "first", "last", "highest", "at step", "half way")
        return columns, [
            (
                one.name, one.points[0].score, one.points[-1].score,
                *(reversed(one.highest) if one.highest else (None, None)), one.half_way,
            )
            for one in found.curves
        ]  # fmt: skip
    columns = ("attention", "layer", "head", "pattern", "probe", "step", "score", "ci_low", "ci_high", "chance")
    return columns, [
        (
            one.attention, one.layer, one.head, found.pattern, found.probe,
            point.step, point.score, point.low, point.high, point.chance,
        )
        for one in found.curves
        for point in one.points
    ]  # fmt: skip
