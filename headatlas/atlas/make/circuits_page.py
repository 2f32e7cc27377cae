"""The page that draws a model's edges as a graph of heads, and the data from which its script draws."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from headatlas.atlas.context.circuits import EdgeEnd, EdgeKind, EdgeLine, EdgeTable
from headatlas.atlas.context.pages import CircuitsPage
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.edges import Edge, PathPart
from headatlas.atlas.data.model_data import ModelData
from headatlas.atlas.draw.wording import score, thousandths, words
from headatlas.atlas.make.circuits import NO_LABEL, PLURALS, READS, Circuit, Composition, circuit, heads_of, names_of
from headatlas.atlas.make.facts import facts
from headatlas.atlas.make.labels import hue_of
from headatlas.evidence.paths.result import READS as ROUTES
from headatlas.evidence.types import TYPES

TOP_K = 20  # lines of each table that the page holds; a script lists what it draws
MAX_KINDS = 12
MAX_NAMED = 4  # kinds that the model's page names
_CAPTIONS = {
    "cause": "The earlier head gives its mean output in place of its own, and the later head's attention is scored "
    "again on the pattern of its label. Below zero: it rests on the earlier head.",
    "path": "What of taking the earlier head out is felt where the later head alone reads it, by the "
    "command headatlas path: how much worse the model does.",
    "weights": "Share of what the earlier head writes that the later head's weights read, less what random weights "
    "would share. What weights would allow, not what happens; positions are left aside.",
}


def circuits_page(atlas: Atlas, model: ModelData) -> CircuitsPage:
    """The page of one model; a script draws the graph from `circuits_data`."""
    drawn = circuit(model)
    senders, receivers = _labels(model, drawn)
    return CircuitsPage(
        title=f"Circuits of {model.name}",
        description=f"Which heads of {model.name} read which: as a graph, by what a head loses without an earlier one, "
        "and by their weights.",
        root="../",
        trail=[(model.name, "index.html")],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        tables=_tables(model, drawn),
        senders=senders,
        receivers=receivers,
        kinds=edge_kinds(model),
    )


def circuits_data(model: ModelData) -> dict[str, Any]:
    """What the script draws.

    `heads`: name, number of the layer, CSS class, positions of its labels in `labels`; `layers`: their names. Edges by
    positions of heads, the strongest first: `cause` (earlier, later, label, score, change), `weights` (earlier, later,
    position in `reads`, value), `path` (earlier, later, position in `reads` or -1 for all, effect, score lost or null,
    label or -1, position in `probes`, position in `units`); numbers in thousandths. `all`: how many edges there are
    of each sort.
    """
    drawn = circuit(model)
    heads = heads_of(model, drawn)
    at = {head.id: number for number, head in enumerate(heads)}
    layers = {layer.name: number for number, layer in enumerate(model.layers)}
    labels, probes, units = _Numbers(), _Numbers(), _Numbers()
    routes = list(ROUTES)
    return {
        "heads": [
            [
                head.name, layers[head.layer_name], _hue(model, head.id),
                [labels.of(name) for name in names_of(model, head.id) if name != NO_LABEL],
            ]
            for head in heads
        ],
        "layers": list(layers),
        "reads": READS,
        "cause": [
            [at[edge.earlier], at[edge.later], labels.of(edge.label), thousandths(edge.score), thousandths(edge.change)]
            for edge in drawn.causes
        ],
        "weights": [
            [at[edge.earlier], at[edge.later], READS.index(edge.reads), thousandths(edge.value)]
            for edge in drawn.compositions
        ],
        "path": [
            [
                at[part.earlier], at[part.later], routes.index(part.route) if part.route in ROUTES else -1,
                thousandths(part.effect), thousandths(part.score_lost),
                -1 if part.pattern is None else labels.of(part.pattern), probes.of(part.probe),
                units.of(unit_of(part)),
            ]
            for part in drawn.paths
        ],
        "labels": labels.names,
        "probes": probes.names,
        "units": units.names,
        "all": drawn.n_all,
    }  # fmt: skip


def edge_kinds(model: ModelData) -> list[EdgeKind]:
    """Kinds of edges by cause that take a score away, those with the largest loss first."""
    members: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in model.edges.edges:
        if edge.change < 0:
            for sender in names_of(model, edge.earlier):
                members[sender, edge.label].append(edge)
    ordered = sorted(members.items(), key=lambda item: (item[1][0].change, item[0]))
    return [
        EdgeKind(
            sender=sender,
            receiver=receiver,
            sender_text=label_text(sender),
            receiver_text=label_text(receiver),
            n_edges=len(edges),
            strongest=in_words(edges[0], model.names),
        )
        for (sender, receiver), edges in ordered[:MAX_KINDS]
    ]


def strongest_kinds(model: ModelData) -> list[EdgeKind]:
    """The first of `edge_kinds`, each with an edge of its own: an edge may be of several kinds."""
    first: dict[str, EdgeKind] = {}
    for kind in edge_kinds(model):
        first.setdefault(kind.strongest, kind)
    return list(first.values())[:MAX_NAMED]


def in_words(edge: Edge, names: dict[int, str]) -> str:
    """ "Without L16H0, L18H6's induction score is 0.24 in place of 0.81." """
    return (
        f"Without {names[edge.earlier]}, {names[edge.later]}'s {words(edge.label)} score is "
        f"{without(edge):.2f} in place of {edge.score:.2f}."
    )


def without(edge: Edge) -> float:
    """The later head's score while the earlier one is out."""
    return max(0.0, edge.score + edge.change)


def label_text(name: str) -> str:
    """A label in words; "no label" for none."""
    return "no label" if name == NO_LABEL else words(name)


def end(model: ModelData, head: int, name: str) -> EdgeEnd:
    """A head at one end of an edge."""
    called = [words(label) for label in names_of(model, head) if label != NO_LABEL]
    return EdgeEnd(name=name, labels=", ".join(called[:2]), hue=_hue(model, head))


def _tables(model: ModelData, drawn: Circuit) -> list[EdgeTable]:

    def line(edge: Edge | PathPart | Composition, what: str, value: str) -> EdgeLine:
        earlier, later = (end(model, head, model.names[head]) for head in (edge.earlier, edge.later))
        return EdgeLine(earlier=earlier, later=later, what=what, value=value)

    causes = [line(edge, _scores(edge), score(edge.change)) for edge in drawn.causes[:TOP_K]]
    paths = [line(part, _through(part), score(part.effect)) for part in drawn.paths[:TOP_K]]
    composed = [line(edge, PLURALS[edge.reads], score(edge.value)) for edge in drawn.compositions[:TOP_K]]
    made = [
        ("cause", "By cause", "Score with and without the earlier head", "Change", causes),
        ("path", "Straight from one to the other", "Through", "Effect", paths),
        ("weights", "By weights", "What reads it", "Composition", composed),
    ]
    return [
        EdgeTable(anchor=sort, title=title, what=what, value=value, n_edges=drawn.n_all[sort], lines=lines,
                  caption=_CAPTIONS[sort])
        for sort, title, what, value, lines in made
        if lines
    ]  # fmt: skip


def _scores(edge: Edge) -> str:
    return f"{words(edge.label)} {score(edge.score)} → {score(without(edge))}"


def _through(part: PathPart) -> str:
    lost = "" if part.score_lost is None or part.pattern is None else (
        f"; {words(part.pattern)} score falls by {score(part.score_lost)}"
    )  # fmt: skip
    return f"{ROUTES.get(part.route, 'all it reads')}, {words(part.probe)}, {unit_of(part)}{lost}"


def unit_of(part: PathPart) -> str:
    """The unit of what goes straight."""
    return TYPES[part.kind].unit if part.kind in TYPES else ""


def _hue(model: ModelData, head: int) -> str:
    name = names_of(model, head)[0]
    return "" if name == NO_LABEL else hue_of(model, name)


def _labels(model: ModelData, drawn: Circuit) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Labels of heads that are read and of heads that read, as they are spelled and in words."""
    edges: list[Edge | Composition | PathPart] = [*drawn.causes, *drawn.compositions, *drawn.paths]
    senders = {name for edge in edges for name in names_of(model, edge.earlier)}
    receivers = {name for edge in edges for name in names_of(model, edge.later)} | {edge.label for edge in drawn.causes}
    order = {name: number for number, name in enumerate(model.families)}
    return _options(senders, order), _options(receivers, order)


def _options(names: set[str], order: dict[str, int]) -> list[tuple[str, str]]:
    ordered = sorted(names, key=lambda name: (name == NO_LABEL, order.get(name, len(order)), name))
    return [(name, label_text(name)) for name in ordered]


class _Numbers:
    """Positions of names in a list that grows."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def of(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)
