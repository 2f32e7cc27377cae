"""Tables of `compare`, `training` and `verify`, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from headatlas.cli.options import FOR_PEOPLE
from headatlas.cli.terminal_table import NO_BREAK

if TYPE_CHECKING:
    from headatlas.catalog.compare import Comparison
    from headatlas.catalog.label_changes import LabelChange
    from headatlas.catalog.score_changes import Change
    from headatlas.catalog.training import Training
    from headatlas.catalog.verify import Verification
    from headatlas.cli.tables import Listing

Rows = list[tuple[Any, ...]]
# Columns, rows, a caption, and the columns that a narrow table can do without.
Table = tuple[Sequence[str], Rows, str, Sequence[str]]

# Columns for programs.
CHANGES = ("attention", "layer", "head", "pattern", "probe", "first", "second", "difference", "ci_low", "ci_high",
           "real")  # fmt: skip
MATCHES = ("attention", "layer", "head", "other_attention", "other_layer", "other_head", "distance", "mutual", "why")
CHECKED = ("attention", "layer", "head", "role", "pattern", "measure", "published", "source", "basis", "score",
           "ci_low", "ci_high", "chance", "rank", "n_heads", "label_confidence", "contradiction")  # fmt: skip


def comparison_tables(comparison: Comparison, *, by_kind: bool) -> list[Table]:
    """A comparison for people: labels and scores head by head, or kinds and nearest heads."""
    if comparison.same_shape and not by_kind:
        return [*([_labels(comparison)] if comparison.has_labels else []), _changes(comparison)]
    return [_kinds(comparison), _matches(comparison)]


def comparison_rows(comparison: Comparison, *, by_kind: bool) -> Listing:
    """A comparison as one table for programs: the changes of scores, or the nearest heads."""
    head_by_head = comparison.same_shape and not by_kind
    return _changes_for_programs(comparison) if head_by_head else _matches_for_programs(comparison)


def comparison_object(comparison: Comparison, *, by_kind: bool, limit: int | None) -> dict[str, Any]:
    """A comparison as an object for programs, of at most `limit` entries in each list.

    `labels` and `changes` where it is made head by head, else `kinds` and `nearest`. Of `labels` those with `decides`
    are what --exit-code counts.
    """
    about: dict[str, Any] = {
        "first": comparison.first,
        "second": comparison.second,
        "shapes_agree": comparison.same_shape,
        "shapes": list(comparison.shapes),
        "notes": comparison.notes,
    }
    columns, rows = comparison_rows(comparison, by_kind=by_kind)
    listed = [dict(zip(columns, row, strict=True)) for row in rows[:limit]]
    if comparison.same_shape and not by_kind:
        about["labels_compared"] = comparison.has_labels
        return {**about, "labels": [_label_object(label) for label in comparison.labels[:limit]], "changes": listed}
    return {**about, "kinds": [asdict(kind) for kind in comparison.kinds[:limit]], "nearest": listed}


def _label_object(label: LabelChange) -> dict[str, Any]:
    """A label that changed; its confidence in both scans, and the change of the score behind it."""
    change = label.change
    return {
        "attention": label.attention, "layer": label.layer, "head": label.head, "label": label.label,
        "first": label.first, "second": label.second,
        "first_score": change and change.first, "second_score": change and change.second,
        "difference": change and change.difference, "ci_low": change and change.low, "ci_high": change and change.high,
        "decides": label.beyond_interval,
    }  # fmt: skip


def _changes_for_programs(comparison: Comparison) -> Listing:
    rows: Rows = [
        (change.attention, change.layer, change.head, change.pattern, change.probe, change.first, change.second,
         change.difference, change.low, change.high, change.real)
        for change in comparison.changes
    ]  # fmt: skip
    return CHANGES, rows


def _matches_for_programs(comparison: Comparison) -> Listing:
    rows: Rows = [
        (match.attention, match.layer, match.head, match.neighbour.attention, match.neighbour.layer,
         match.neighbour.head, match.neighbour.distance, match.mutual, match.neighbour.explanation)
        for match in comparison.matches
    ]  # fmt: skip
    return MATCHES, rows


def _labels(comparison: Comparison) -> Table:
    columns = ("head", "label", comparison.first, comparison.second, "change of score", "95% interval", "real")
    rows: Rows = [
        (label.name, label.label, label.first, label.second, *_score_change(label.change),
         "yes" if label.beyond_interval else "within interval")
        for label in comparison.labels
    ]  # fmt: skip
    n, beyond = len(comparison.labels), len(comparison.changed_labels)
    return (
        columns,
        rows,
        f"{n} label{'' if n == 1 else 's'} changed, {beyond} beyond {'its' if n == 1 else 'their'} interval.",
        ("95% interval", "change of score"),
    )


def _changes(comparison: Comparison) -> Table:
    columns = ("head", "pattern", comparison.first, comparison.second, "difference", "95% interval")
    rows: Rows = [
        (change.name, change.pattern, change.first, change.second, *_score_change(change))
        for change in comparison.listed
    ]  # fmt: skip
    return (
        columns,
        rows,
        f"{len(comparison.real)} of {len(comparison.changes)} scores really changed."
        if comparison.listed == comparison.real
        else f"{len(comparison.changes)} scores, without intervals: which really changed is not known.",
        ("95% interval",),
    )


def _score_change(change: Change | None) -> tuple[Any, ...]:
    return (
        (None if change is None else change.difference, None)
        if change is None or change.low is None
        else (change.difference, f"{change.low:+.3f} to {change.high:+.3f}".replace(" ", NO_BREAK))
    )


def _kinds(comparison: Comparison) -> Table:
    first, second = comparison.first, comparison.second
    columns = ("kind", f"{first} heads", f"{second} heads", f"{first} depth", f"{second} depth")
    rows: Rows = [
        (kind.kind, kind.first, kind.second, kind.first_depth, kind.second_depth) for kind in comparison.kinds
    ]
    shapes = f"{first}: {comparison.shapes[0]}. {second}: {comparison.shapes[1]}."
    return columns, rows, f"{shapes} Depth: 0 is the first layer, 1 the last.", ()


def _matches(comparison: Comparison) -> Table:
    rows: Rows = [
        (match.name, match.neighbour.name, match.neighbour.distance, "yes" if match.mutual else "",
         match.neighbour.explanation)
        for match in sorted(comparison.matches, key=lambda match: match.neighbour.distance)
    ]  # fmt: skip
    return (comparison.first, comparison.second, "distance", "mutual", "why"), rows, "Nearest heads.", ("mutual",)


def verification_tables(verification: Verification) -> list[Table]:
    """Agreement with each source, then every contradiction."""
    return [_agreements(verification), _contradictions(verification)]


def _agreements(verification: Verification) -> Table:
    columns = ("role", "pattern", "source", "measure", "top heads", "by chance", "rank correlation")
    rows: Rows = [
        (claim.role, claim.pattern, _short(claim.source), claim.measure, f"{claim.overlap} of {claim.n_heads}",
         round(claim.by_chance, 1), claim.correlation)
        for claim in verification.agreements
    ]  # fmt: skip
    caption = (
        "Top heads: how many of the source's heads are among as many with our highest scores. "
        "Rank correlation: Spearman's, over the heads with a published value."
    )
    if verification.unmeasured:
        roles = sorted({finding.role for finding in verification.unmeasured} - verification.missing.keys())
        caption += f" No pattern of ours stands for: {', '.join(roles)}." if roles else ""
        for role, remedy in verification.missing.items():
            caption += f" Not in this scan: {role}; {remedy.replace('MODEL', verification.model)}."
    return columns, rows, caption, ("measure", "by chance")


def _contradictions(verification: Verification) -> Table:
    columns = ("head", "said to be", "source", "our score", "rank", "contradiction")
    rows: Rows = [
        (checked.finding.name, checked.finding.role, _short(checked.finding.source), checked.score, checked.rank,
         checked.contradiction)
        for checked in verification.contradictions
    ]  # fmt: skip
    return columns, rows, f"{len(rows)} of {len(verification.checked)} findings contradict our measurement.", ()


def _short(source: str) -> str:
    """`Wang et al. 2022` of a source with title and address."""
    return source.split(",")[0]


def checked_rows(verification: Verification) -> Rows:
    """Every finding beside our measurement, for programs; columns are `CHECKED`."""
    return [
        (checked.finding.attention, checked.finding.layer, checked.finding.head, checked.finding.role, checked.pattern,
         checked.finding.measure, checked.finding.value, checked.finding.source, checked.finding.basis, checked.score,
         checked.low, checked.high, checked.chance, checked.rank, checked.n_heads, checked.confidence,
         checked.contradiction or None)
        for checked in verification.checked
    ]  # fmt: skip


def training_rows(training: Training, form: str) -> Listing:
    """A run over training: a line a head for people, a line a head and step for programs."""
    if form in FOR_PEOPLE:
        return ("head", "first", "last", "highest", "at step", "half way"), [
            (curve.name, curve.points[0].score, curve.points[-1].score,
             *(reversed(curve.highest) if curve.highest else (None, None)), curve.half_way)
            for curve in training.curves
        ]  # fmt: skip
    columns = ("attention", "layer", "head", "pattern", "probe", "step", "score", "ci_low", "ci_high", "chance")
    return columns, [
        (curve.attention, curve.layer, curve.head, training.pattern, training.probe, point.step, point.score,
         point.low, point.high, point.chance)
        for curve in training.curves
        for point in curve.points
    ]  # fmt: skip
