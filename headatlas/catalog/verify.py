"""How a scan agrees with the literature: the same heads, in the same order, and every contradiction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from headatlas.catalog.counterparts import Counterpart, counterpart_of
from headatlas.catalog.literature import ATTENTION, Finding, Literature, literature, names_of, own_claims
from headatlas.errors import HeadatlasError
from headatlas.heads import Head

if TYPE_CHECKING:
    import sqlite3

    from headatlas.catalog.reader import Reader

    # Our measurement of a head, as the database has it or made from it.
    Row = sqlite3.Row | Mapping[str, Any]

# A published share of attention and ours contradict each other when they are further apart than this and the interval.
MAX_DIFFERENCE = 0.2
# Fewer values than this have no rank correlation worth the name.
MIN_VALUES = 4


@dataclass(frozen=True)
class Agreement:
    """Heads that one source gives one role, against our scores of the pattern that such heads follow.

    `overlap` of the source's `n_heads` heads are among as many with our highest scores (`by_chance` would be expected
    of heads drawn blindly). `correlation` is Spearman's, over the `n_values` heads with a published value. Where the
    source speaks of several heads together, all of these are counted as one.
    """

    role: str
    pattern: str
    measure: str
    source: str
    setting: str
    n_heads: int
    overlap: int
    by_chance: float
    correlation: float | None
    n_values: int


@dataclass(frozen=True)
class Checked:
    """A finding beside our measurement; `rank` 1 is the head of the model with the highest score.

    Of several heads together the highest score counts, and `rank` is among all sets of so many.
    """

    finding: Finding
    pattern: str
    score: float
    low: float | None
    high: float | None
    chance: float
    rank: int
    n_heads: int
    confidence: float | None
    contradiction: str


@dataclass(frozen=True)
class Verification:
    """What a comparison with the literature gave.

    `unmeasured` are findings whose role no pattern of the scan stands for; `missing` says of some of
    their roles how a scan gets what stands beside them.
    """

    model: str
    agreements: list[Agreement]
    checked: list[Checked]
    unmeasured: list[Finding]
    missing: dict[str, str]

    @property
    def contradictions(self) -> list[Checked]:
        """Findings that our measurement contradicts."""
        return [checked for checked in self.checked if checked.contradiction]


def verify(reader: Reader, model: str, known: Literature | None = None) -> Verification:
    """Compares a scan with what sources say of its model, and with what the model's own settings say of its heads.

    Raises:
        UnknownNameError: the database has no such model.
        HeadatlasError: nothing is known of the model, or of another of its size.
    """
    known = known or literature()
    scan = reader.scan(model)
    findings = (*known.of(names_of(scan)), *own_claims(scan))
    if not findings:
        listed = ", ".join(known.models()[:8])
        raise HeadatlasError(
            f"The literature says nothing of '{model}'. It knows {len(known.models())} models: {listed}, ... "
            "Give --literature FILE for a list of your own."
        )
    heads = [
        _head_of(row)
        for row in reader.rows("select attention, layer, head from heads where scan_id = ? order by id", [scan["id"]])
    ]
    for finding in findings:
        if sum(finding.is_of(*head) for head in heads) < finding.n_heads:
            raise HeadatlasError(
                f"{finding.source.split(',')[0]} speaks of {finding.name} of {finding.model}, which the scan '{model}' "
                "does not have: it is of another model, or of some of its layers."
            )
    measured = {row[0] for row in reader.rows("select distinct name from patterns where kind = 'target'")}
    labels = {
        (_head_of(row), row["label"]): row["confidence"]
        for row in reader.rows("select * from head_labels where model = ?", [model])
    }
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        claim = (finding.role, *finding.patterns, finding.measure, finding.source, finding.setting)
        groups.setdefault(claim, []).append(finding)
    rows_of = cache(lambda pattern: reader.head_rows(model, pattern=pattern))  # a list may have thousands of groups
    result = Verification(model, [], [], [], {})
    for group in groups.values():
        role, names = group[0].role, [name for name in group[0].patterns if name in measured]
        other = None if names else counterpart_of(role, group[0].measure)
        scores = _scores_of(rows_of, names, group)
        if other is not None and (measured_rows := other.rows(reader, model)):
            scores = other.name, measured_rows
        if scores is None:
            result.unmeasured.extend(group)
            if other is not None:
                result.missing[role] = other.remedy
            continue
        sets = _side_by_side(scores[1], group)
        checked = [_check(finding, scores[0], sets, labels, other) for finding in group]
        result.checked.extend(checked)
        result.agreements.append(_agreement(checked, other))
    return result


def _scores_of(
    rows_of: Callable[[str], Sequence[Row]], patterns: Iterable[str], group: list[Finding]
) -> tuple[str, Sequence[Row]] | None:
    """The pattern that the group's heads follow most, and its rows for all heads, best first."""
    best: tuple[float, str, Sequence[Row]] | None = None
    for pattern in patterns:
        rows = rows_of(pattern)
        own = [row for row in rows if any(finding.is_of(*_head_of(row)) for finding in group)]
        if own:
            mean = sum(row["score"] or 0.0 for row in own) / len(own)
            if best is None or mean > best[0]:
                best = mean, pattern, rows
    return None if best is None else best[1:]


def _head_of(row: Row) -> Head:
    return Head(row["attention"], row["layer"], row["head"])


def _side_by_side(rows: Sequence[Row], group: Sequence[Finding]) -> Sequence[Row]:
    """Of each set of as many heads as the group's findings are about the row with the highest score, best first.

    Raises:
        HeadatlasError: its findings are about sets of several sizes, or about sets that overlap.
    """
    sizes = {finding.n_heads for finding in group}
    if sizes == {1}:
        return rows
    size = max(sizes)
    for finding in group:
        if finding.n_heads != size or finding.head % size:
            raise HeadatlasError(
                f"{finding.source.split(',')[0]} speaks of {finding.name} beside sets of {size} heads. Heads that "
                "share keys and values come in sets of one size, counted from head 0 of the layer."
            )
    best: dict[tuple[str, int, int], Row] = {}
    for row in rows:
        best.setdefault((row["attention"], row["layer"], row["head"] // size), row)
    return list(best.values())


def _opposite(finding: Finding, other: Counterpart | None) -> bool:
    """Whether the published value says that the head is none of those that the role is about."""
    return other is not None and finding.value is not None and finding.value < other.below


def _check(
    finding: Finding,
    pattern: str,
    rows: Sequence[Row],
    labels: dict[tuple[Head, str], float],
    other: Counterpart | None,
) -> Checked:
    rank, row = next((rank, row) for rank, row in enumerate(rows, start=1) if finding.is_of(*_head_of(row)))
    score, chance = row["score"] or 0.0, row["chance"] or 0.0
    low = score if row["ci_low"] is None else row["ci_low"]
    high = score if row["ci_high"] is None else row["ci_high"]
    reasons = []
    if _opposite(finding, other):
        pass
    elif low <= chance:
        reasons.append(other.nothing if other else "we measure no more than chance")
    elif rank > len(rows) / 2:
        reasons.append("half of the model's heads follow the pattern more")
    if (
        finding.measure == ATTENTION
        and finding.value is not None
        and not (low - MAX_DIFFERENCE <= finding.value <= high + MAX_DIFFERENCE)
    ):
        reasons.append(f"published {finding.value:.2f}, measured {score:.2f}")
    return Checked(
        finding, pattern, score, row["ci_low"], row["ci_high"], chance, rank, len(rows),
        labels.get((_head_of(row), pattern)), "; ".join(reasons),
    )  # fmt: skip


def _agreement(checked: list[Checked], other: Counterpart | None) -> Agreement:
    from scipy.stats import spearmanr

    first = checked[0]
    heads = {head.finding.name: head for head in checked}
    said = [head for head in heads.values() if not _opposite(head.finding, other)]
    valued = [head for head in heads.values() if head.finding.value is not None]
    values, scores = [head.finding.value for head in valued], [head.score for head in valued]
    varied = len(valued) >= MIN_VALUES and len(set(values)) > 1 and len(set(scores)) > 1
    return Agreement(
        role=first.finding.role,
        pattern=first.pattern,
        measure=first.finding.measure,
        source=first.finding.source,
        setting=first.finding.setting,
        n_heads=len(said),
        overlap=sum(head.rank <= len(said) for head in said),
        by_chance=len(said) ** 2 / first.n_heads,
        correlation=float(spearmanr(values, scores).statistic) if varied else None,
        n_values=len(valued),
    )
