"""What a task says of a model's heads: ranked, with intervals, and which labels are frequent among them. No torch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from headatlas.evidence.tasks.lines import TaskLine
from headatlas.evidence.tasks.types import exact_type
from headatlas.heads import OfHead
from headatlas.probes.metrics import LEAD

if TYPE_CHECKING:
    import pandas

    from headatlas.catalog.reader import Reader

# Heads whose effect is at least this share of what the model has with all of them, and clear, are called important.
IMPORTANT = 0.05
# Labels with a corrected p-value of at most this are over-represented.
MAX_Q = 0.05

Name = tuple[str, int, int]  # attention, layer, head


@dataclass(frozen=True)
class Value:
    """A number with its 95% bootstrap interval over prompts; None where there are fewer than two prompts."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class TaskHead(OfHead):
    """One head on a task.

    Attributes:
        attention, layer, head: which one.
        attribution: the effect as estimated to first order.
        effect: what the task's measure gets worse by without the head, measured; None where the head was not taken out.
        accuracy: what the share of right answers falls by, measured along with it; None without wrong answers too.
        direct: what the head's output adds to the answer's logit over the wrong ones straight through the final norm;
            None where the model does not allow it.
        drawn: whether it was taken out because it was drawn at random, not because its attribution is large.
    """

    attention: str
    layer: int
    head: int
    attribution: Value
    effect: Value | None = None
    accuracy: Value | None = None
    direct: Value | None = None
    drawn: bool = False

    @property
    def best(self) -> Value:
        """The effect where it was measured, else its estimate."""
        return self.effect or self.attribution

    @property
    def key(self) -> Name:
        """Attention, layer, head."""
        return self.attention, self.layer, self.head


@dataclass(frozen=True)
class LabelShare:
    """How many of the important heads carry a label, beside how many of all heads do.

    `expected` is the number if important heads were drawn at random from all of them; `p` the probability of as many or
    more (hypergeometric), `q` the same corrected over all labels (Benjamini & Hochberg 1995).
    """

    label: str
    n_important: int
    n_heads: int
    expected: float
    p: float
    q: float


@dataclass(frozen=True)
class TaskResult:
    """A model's heads on a task.

    Attributes:
        task, summary, source: the task, what it asks, where it comes from.
        model: the scan's name, or the model's where it is not scanned.
        measure: `ablation_logit_difference` (the answer's lead over the wrong ones) or `ablation_loss`.
        resampled: whether heads' outputs were replaced by those on corrupted prompts, rather than by their mean.
        n_prompts, n_targets: prompts, and scored predictions in them.
        intact: the model's lead, or loss, with all its heads.
        accuracy: its share of right answers; None where no wrong ones are named.
        heads: all heads, in order of layers.
        agreement: Spearman's correlation between estimated and measured effects of the heads that were taken out.
        notes: what was left out or is worth knowing.
        examples: the task's first lines.
        labels: the labels of each head, the primary one first; empty where the model is not scanned.
        scanned: whether the result stands in a database beside the scan.
        seconds: what measuring took by the clock: `clean`, passes with all heads; `attribution`, estimates of all
            heads; `exact`, heads taken out. Empty for results of versions that did not write it down.
    """

    task: str
    summary: str
    source: str
    model: str
    measure: str
    resampled: bool
    n_prompts: int
    n_targets: int
    intact: Value
    accuracy: float | None
    heads: tuple[TaskHead, ...]
    agreement: float | None
    notes: tuple[str, ...] = ()
    examples: tuple[TaskLine, ...] = ()
    labels: Mapping[Name, tuple[str, ...]] = field(default_factory=dict)
    scanned: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        first = ", ".join(head.name for head in self.ranked[:3])
        return f"TaskResult({self.task!r} of {self.model!r}, {self.n_prompts} prompts: {first}, ...)"

    @cached_property
    def ranked(self) -> list[TaskHead]:
        """The heads, largest measured effect first, whatever its sign; after them the others by their attribution."""
        return sorted(
            self.heads,
            key=lambda head: (
                head.effect is None,
                -abs((head.effect or head.attribution).value),
                head.layer,
                head.head,
            ),
        )

    @property
    def kind(self) -> str:
        """The type of evidence that the effects are."""
        return exact_type(self.measure, self.resampled)

    @property
    def works(self) -> bool:
        """Whether the model can do the task: the interval of its lead lies above zero. Of a loss nothing tells."""
        return self.measure != LEAD or (self.intact.clear and self.intact.value > 0)

    @cached_property
    def important(self) -> list[TaskHead]:
        """Heads whose effect is clear and at least `IMPORTANT` of the model's lead (or loss), the largest first."""
        least = IMPORTANT * abs(self.intact.value)
        return [
            head for head in self.ranked if head.effect is not None and head.effect.clear
            and abs(head.effect.value) >= least
        ]  # fmt: skip

    @cached_property
    def label_shares(self) -> list[LabelShare]:
        """Labels of important heads, the least likely by chance first; empty where there are no labels."""
        return label_shares([head.key for head in self.important], [head.key for head in self.heads], self.labels)

    def label_of(self, head: TaskHead) -> str:
        """The head's labels with commas between; empty where it has none."""
        return ", ".join(self.labels.get(head.key, ()))

    def rows(self) -> list[dict[str, Any]]:
        """A row a head, in the order of `ranked`; columns as of `frame`."""
        rows = []
        for rank, head in enumerate(self.ranked, 1):
            row: dict[str, Any] = {
                "model": self.model, "task": self.task, "attention": head.attention, "layer": head.layer,
                "head": head.head, "rank": rank, "labels": self.label_of(head), "kind": self.kind,
            }  # fmt: skip
            for name, value in (("effect", head.effect), ("attribution", head.attribution), ("direct", head.direct)):
                row |= {
                    name: value and value.value,
                    f"{name}_low": value and value.low,
                    f"{name}_high": value and value.high,
                }
            row |= {"accuracy": head.accuracy and head.accuracy.value, "drawn": head.drawn}
            rows.append(row)
        return rows

    def frame(self) -> pandas.DataFrame:
        """The heads as a pandas.DataFrame, in the order of their rank.

        `effect` (with its interval) is what gets worse without the head, missing where it was only estimated;
        `attribution` the estimate; `direct` the direct effect on the answer's logit; `accuracy` what the share of right
        answers falls by.
        """
        import pandas

        return pandas.DataFrame(self.rows())

    def _repr_html_(self) -> str:
        from headatlas.catalog.frames import titled

        columns = ["layer", "head", "labels", "effect", "effect_low", "effect_high", "attribution", "direct"]
        return titled(f"{self.task}: the heads of {self.model}", self.frame()[columns])

    def to_json(self) -> str:
        """Everything but the labels, which a scan may get anew."""
        values = asdict(replace(self, labels={}))
        return json.dumps({name: value for name, value in values.items() if name not in ("labels", "scanned")})


def from_json(text: str, labels: Mapping[Name, tuple[str, ...]]) -> TaskResult:
    """The result of a stored run, with the labels that heads carry now."""
    given = json.loads(text)
    heads = tuple(
        TaskHead(**{**head, **{name: _value(head[name]) for name in ("attribution", "effect", "accuracy", "direct")}})
        for head in given.pop("heads")
    )
    intact = Value(**given.pop("intact"))
    notes = tuple(given.pop("notes"))
    examples = tuple(TaskLine(**{**line, "wrong": tuple(line["wrong"])}) for line in given.pop("examples"))
    return TaskResult(**given, heads=heads, intact=intact, notes=notes, examples=examples, labels=labels, scanned=True)


def _value(given: Mapping[str, float] | None) -> Value | None:
    return None if given is None else Value(**given)


def label_shares(
    important: Sequence[Name], heads: Sequence[Name], labels: Mapping[Name, Sequence[str]]
) -> list[LabelShare]:
    """Which labels are over-represented among important heads, the least likely by chance first.

    The test is one-sided and hypergeometric: as many important heads drawn without putting back from all heads. Labels
    that no important head carries count in the correction for their number, and are not listed.
    """
    from scipy import stats

    carried: dict[str, int] = {}
    for head in heads:
        for label in labels.get(head, ()):
            carried[label] = carried.get(label, 0) + 1
    if not carried or not important:
        return []
    counts = {label: sum(label in labels.get(head, ()) for head in important) for label in carried}
    p = [float(stats.hypergeom.sf(counts[label] - 1, len(heads), n, len(important))) for label, n in carried.items()]
    q = stats.false_discovery_control(p).tolist()
    shares = [
        LabelShare(label, counts[label], n, len(important) * n / len(heads), p_of_label, q_of_label)
        for (label, n), p_of_label, q_of_label in zip(carried.items(), p, q, strict=True)
        if counts[label]
    ]
    return sorted(shares, key=lambda share: (share.p, share.label))


def stored_labels(reader: Reader, model: str) -> dict[Name, tuple[str, ...]]:
    """The labels of a scan's heads, the primary one first."""
    labels: dict[Name, tuple[str, ...]] = {}
    for row in reader.rows(
        "select attention, layer, head, label from head_labels where model = ? order by rank, confidence desc", [model]
    ):
        key = (row["attention"], row["layer"], row["head"])
        labels[key] = (*labels.get(key, ()), row["label"])
    return labels


def sentences(result: TaskResult) -> Iterable[str]:
    """What a listing and a page say of a task, sentence by sentence."""
    if result.measure == LEAD:
        share = "" if result.accuracy is None else f"; {result.accuracy:.0%} of its answers are right"
        yield f"The answer leads the wrong ones by {_with_interval(result.intact)} logits{share}."
    else:
        yield f"The loss on the answer is {_with_interval(result.intact)} nats a token."
    if not result.works:
        yield (
            "This model cannot do the task: the interval of its lead does not lie above zero, so that effects of its "
            "heads are of no ability."
        )
    taken = [head for head in result.heads if head.effect is not None]
    drawn = [head for head in taken if head.drawn]
    how = "its output on the corrupted prompt" if result.resampled else "its mean over the task's prompts"
    yield (
        f"{len(taken)} of {len(result.heads)} heads were taken out one at a time, each replaced by {how}"
        + (f": those with the largest attribution, and {len(drawn)} drawn at random." if drawn else ".")
    )
    if drawn:
        largest = max(drawn, key=lambda head: abs(head.effect.value) if head.effect else 0.0)
        assert largest.effect is not None
        yield f"Of those drawn at random the largest effect is {largest.effect.value:.2g} ({largest.name})."
    if result.agreement is not None:
        yield (
            "Attribution ranks the heads that were taken out as the measured effect does to "
            f"{result.agreement:.2f} (Spearman)."
        )
    yield from _of_labels(result)
    yield from result.notes


def _of_labels(result: TaskResult) -> Iterable[str]:
    """Which labels are frequent among the important heads."""
    if not result.labels:
        return
    if not result.important:
        yield f"No head's effect is clear and at least {IMPORTANT:.0%} of what the model has."
        return
    many = [share for share in result.label_shares if share.q <= MAX_Q]
    names = ", ".join(
        f"{share.label.replace('_', ' ')} ({share.n_important} of {share.n_heads} where {share.expected:.1f} are "
        f"expected, q = {share.q:.2g})"
        for share in many
    )
    n = len(result.important)
    of_them = f"{n} head{'s' if n > 1 else ''} whose effect is clear and at least {IMPORTANT:.0%} of what the model has"
    yield (
        f"Over-represented among the {of_them}: {names}."
        if many
        else f"No label is over-represented among the {of_them}."
    )


def _with_interval(value: Value) -> str:
    if value.low is None or value.high is None:
        return f"{value.value:.2f}"
    return f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})"
