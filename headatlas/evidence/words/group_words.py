"""What all heads with a label do together, read from a database and said in sentences. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headatlas.evidence.words.effect_words import Line, measure
from headatlas.probes.metrics import LEAD, LOSS

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

COLUMNS = (
    "model", "label", "kind", "probe", "n_heads", "effect", "control", "control_low", "control_high", "n_control",
    "n_draws", "single_sum", "n_smallest", "smallest", "n_targets", "n_sequences",
)  # fmt: skip


def group_rows(catalog: Reader, model: str) -> list[dict[str, Any]]:
    """The groups of a model's finished scan, the largest effects first on each probe; none in files of before.

    Raises:
        UnknownNameError: no finished scan under this name.
    """
    name = catalog.scan(model)["model"]
    if not catalog.rows("select 1 from sqlite_master where name = 'head_groups'"):
        return []
    rows = catalog.rows("select * from head_groups where model = ? order by kind, probe, effect desc", [name])
    return [dict(row) for row in rows]


def in_words(row: Mapping[str, Any]) -> str:
    """ "Without its 12 induction heads loss on repeats rises by 5.1, without 12 others of the same layers by 0.10"."""
    line = Line(row["kind"], row["probe"], "causes", "", row["effect"], None, None, None, None)
    n, label = row["n_heads"], row["label"].replace("_", "-")
    text = f"Without its {n} {label} heads {measure(line)} {_change(row['kind'], row['effect'], verb=True)}"
    if row["control"] is not None:
        others = _change(row["kind"], row["control"], verb=(row["control"] < 0) != (row["effect"] < 0))
        text += f", without {row['n_control']} others of the same layers {others} (mean of {row['n_draws']} draws)"
    text += f"; removed one by one, they add up to {_signed(row['kind'], row['single_sum'])}."
    if row["smallest"]:
        names = row["smallest"].split()
        text += f" Half of it takes {len(names)} of them: {', '.join(names)}."
    return text


def _change(kind: str, effect: float, *, verb: bool) -> str:
    """ "rises by 5.1"; without the verb "by 5.1". A lead or an accuracy falls when the model gets worse."""
    rises = (effect > 0) == (kind == LOSS)
    unit = " logits" if kind == LEAD else ""
    return f"{('rises ' if rises else 'falls ') if verb else ''}by {abs(effect):.2g}{unit}"


def _signed(kind: str, effect: float) -> str:
    """The change of the reading, with its sign."""
    value = effect if kind == LOSS else -effect
    return f"{'-' if value < 0 else ''}{abs(value):.2g}"
