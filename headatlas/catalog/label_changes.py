"""Labels of two scans of models of one shape: which came and went, and whether the scores behind them changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from headatlas.heads import Head, OfHead

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader
    from headatlas.catalog.score_changes import Change


class GivenLabel(NamedTuple):
    """How surely a head carries a label, and the share of attention that only it explains; None where not known."""

    confidence: float | None
    strength: float | None


@dataclass(frozen=True)
class LabelChange(OfHead):
    """A label that one scan gives a head and the other does not.

    `first` and `second` are its confidence, `first_strength` and `second_strength` the share of attention that only it
    explains (None where it is not given, or was made without). `change` is that of the score of the label's pattern;
    None where the label is not named after a pattern.
    """

    attention: str
    layer: int
    head: int
    label: str
    first: float | None
    second: float | None
    first_strength: float | None
    second_strength: float | None
    change: Change | None

    @property
    def beyond_interval(self) -> bool:
        """Whether the score behind the label has really changed; a label without a pattern counts as changed."""
        return self.change is None or self.change.real


# The labels of each head that has any.
HeadLabels = dict[Head, dict[str, GivenLabel]]


def read_labels(reader: Reader, scan: int) -> HeadLabels:
    """The labels of a scan (`scans.id`)."""
    labels: HeadLabels = defaultdict(dict)
    for row in reader.rows(
        "select attention, layer, head, label, confidence, strength from labels join heads on heads.id = head_id "
        "where scan_id = ? order by head_id, label",
        [scan],
    ):
        head = Head(row["attention"], row["layer"], row["head"])
        labels[head][row["label"]] = GivenLabel(row["confidence"], row["strength"])
    return dict(labels)


def label_changes(first: HeadLabels, second: HeadLabels, changes: list[Change]) -> list[LabelChange]:
    """Labels that only one of two scans gives, those beyond their interval first, then by the change of the score."""
    by_pattern = {(Head(change.attention, change.layer, change.head), change.pattern): change for change in changes}
    nothing = GivenLabel(None, None)
    changed = []
    for head in sorted(first.keys() | second.keys()):
        before, after = first.get(head, {}), second.get(head, {})
        for label in sorted(before.keys() ^ after.keys()):
            a, b = before.get(label, nothing), after.get(label, nothing)
            change = by_pattern.get((head, label))
            changed.append(LabelChange(*head, label, a.confidence, b.confidence, a.strength, b.strength, change))
    return sorted(
        changed, key=lambda label: (-label.beyond_interval, -abs(label.change.difference) if label.change else -1.0)
    )
