"""One head in short, for the terminal: what it does, what that rests on, what breaks without it. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from headatlas.catalog.edges import edge_rows
from headatlas.evidence.load import HeadEvidence, evidence_of
from headatlas.evidence.words.verdicts import is_resting
from headatlas.labels.sentences import Waking

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader
    from headatlas.heads import Head


@dataclass(frozen=True)
class LabelLine:
    """A label of the head, on what it rests, where it is read; what evidence says of it, in a word and a sentence."""

    label: str
    confidence: float | None
    score: float | None
    basis: str | None
    awake: float | None
    probe: str | None
    verdict: str | None
    says: str | None


@dataclass(frozen=True)
class Edge:
    """What removing the earlier head changes in the later one's `score` for its label; `other` is the other head."""

    other: str
    label: str
    score: float
    change: float


@dataclass(frozen=True)
class HeadCard:
    """What a database knows of one head.

    `budget` divides the whole attention on each probe, from the sink to what is unexplained; `wakes` has the classes of
    queries that raise its attention off the sink most first; `causes` are sentences of evidence, the verdict
    on the first label first; `needs` are edges from
    earlier heads and `needed_by` edges to later ones, those that take most away first. Only the names are never empty.
    """

    model: str
    head: str
    sentence: str
    labels: tuple[LabelLine, ...]
    budget: dict[str, dict[str, float]]
    wakes: tuple[Waking, ...]
    causes: tuple[str, ...]
    needs: tuple[Edge, ...]
    needed_by: tuple[Edge, ...]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def head_card(reader: Reader, model: str, head: Head) -> HeadCard:
    """What is known of a head of a model's finished scan.

    Raises:
        UnknownNameError: no finished scan under this name.
        OutOfRangeError: it has no such head.
    """
    number = reader.head_id(model, *head)
    evidence = evidence_of(reader, model).heads.get(number)
    sentence = reader.rows("select sentence from sentences where head_id = ?", [number])
    edges = edge_rows(reader, model)
    name = str(head)
    return HeadCard(
        model=reader.scan(model)["model"],
        head=name,
        sentence=sentence[0]["sentence"] if sentence else "",
        labels=_labels(reader, number, evidence),
        budget=_budget(reader, number),
        wakes=_wakes(reader, number),
        causes=() if evidence is None else _causes(evidence),
        needs=_edges([row for row in edges if row["later"] == name], "earlier"),
        needed_by=_edges([row for row in edges if row["earlier"] == name], "later"),
    )


def _labels(reader: Reader, number: int, evidence: HeadEvidence | None) -> tuple[LabelLine, ...]:
    known = (
        {}
        if evidence is None
        else {verdict.label: (verdict.verdict, verdict.sentence) for verdict in evidence.verdicts}
    )
    columns = ("label", "confidence", "score", "basis", "awake", "probe")
    rows = reader.rows("select * from labels where head_id = ? order by rank, label", [number])
    return tuple(LabelLine(*(row[name] for name in columns), *known.get(row["label"], (None, None))) for row in rows)


def _budget(reader: Reader, number: int) -> dict[str, dict[str, float]]:
    """Probe -> part -> share, in the order in which they are stored."""
    budget: dict[str, dict[str, float]] = {}
    for row in reader.rows(
        "select name, part, share from budgets join probes on probes.id = probe_id where head_id = ? "
        "order by probe_id, budgets.rowid",
        [number],
    ):
        budget.setdefault(row["name"], {})[row["part"]] = row["share"]
    return budget


def _wakes(reader: Reader, number: int) -> tuple[Waking, ...]:
    rows = reader.rows(
        "select class, name, lift from awakenings join probes on probes.id = probe_id where head_id = ? "
        "order by lift desc, class",
        [number],
    )
    return tuple(Waking(row["class"], row["name"], row["lift"]) for row in rows)


def _causes(evidence: HeadEvidence) -> tuple[str, ...]:
    """The verdict on the first label that says more than where the head rests, and what else is known."""
    working = [verdict for verdict in evidence.verdicts if verdict.label is None or not is_resting(verdict.label)]
    return ((working or evidence.verdicts)[0].sentence, *evidence.besides)


def _edges(rows: Sequence[Mapping[str, Any]], other: str) -> tuple[Edge, ...]:
    return tuple(Edge(row[other], row["label"], row["score"], row["change"]) for row in rows)
