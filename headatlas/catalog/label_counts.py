"""How many heads of each model carry each label: the table of a paper that compares models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader


@dataclass(frozen=True)
class LabelledHeads:
    """Heads of a model with a label: how many, their share of its heads, and their mean confidence and depth.

    Depth is the layer as a share of the last one: 0 is the first layer, 1 the last.
    """

    label: str
    model: str
    n_heads: int
    share: float
    confidence: float
    depth: float


@dataclass(frozen=True)
class LabelCounts:
    """The labels of some models, the commonest first; `n_heads` and `n_bare` count the heads of a model, and those
    without a label. A model whose labels were never made is in none of them.
    """

    models: list[str]
    labels: list[str]
    counts: list[LabelledHeads]
    n_heads: dict[str, int]
    n_bare: dict[str, int]

    def count(self, label: str, model: str) -> int:
        """How many heads of a model carry a label."""
        return sum(entry.n_heads for entry in self.counts if (entry.label, entry.model) == (label, model))


def label_counts(reader: Reader, models: Sequence[str] = (), *, minimum: float = 0.0) -> LabelCounts:
    """Counts the labels of at least `minimum` confidence in these models, or in all.

    Raises:
        UnknownNameError: a model that the database does not hold.
    """
    chosen = [reader.scan(model) for model in models] or sorted(reader.scans(), key=lambda scan: str(scan["model"]))
    counts: list[LabelledHeads] = []
    n_heads: dict[str, int] = {}
    n_bare: dict[str, int] = {}
    for scan in chosen:
        asked = {"scan": scan["id"], "minimum": minimum}
        total, bare = reader.rows(
            "select count(*), sum(not exists (select 1 from labels where head_id = heads.id "
            "and confidence >= :minimum)) from heads where scan_id = :scan",
            asked,
        )[0]
        rows = reader.rows(
            "select label, count(*) as n, avg(confidence) as confidence, avg(layer * 1.0 / max(last, 1)) as depth "
            "from labels join heads on heads.id = head_id join (select attention as kind, max(layer) as last "
            "from heads where scan_id = :scan group by attention) on kind = attention "
            "where scan_id = :scan and confidence >= :minimum group by label",
            asked,
        )
        if scan["calibration"] is None and not rows:
            continue
        n_heads[scan["model"]], n_bare[scan["model"]] = total, bare or 0
        counts += [
            LabelledHeads(row["label"], scan["model"], row["n"], row["n"] / total, row["confidence"], row["depth"])
            for row in rows
        ]
    of_label = {label: sum(entry.n_heads for entry in counts if entry.label == label) for label in
                {entry.label for entry in counts}}  # fmt: skip
    labels = sorted(of_label, key=lambda label: (-of_label[label], label))
    counts.sort(key=lambda entry: (labels.index(entry.label), list(n_heads).index(entry.model)))
    return LabelCounts(list(n_heads), labels, counts, n_heads, n_bare)
