"""What a head reads from and what reads it, in sentences: by what was measured, and by weights."""

from __future__ import annotations

from headatlas.atlas.context.circuits import EdgeSentence, HeadEdges, WeightEdges
from headatlas.atlas.data.edges import Edge, PathPart
from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.atlas.draw.wording import score, words
from headatlas.atlas.make.circuits import NO_LABEL, PLURALS, READS, names_of
from headatlas.atlas.make.circuits_page import unit_of, without
from headatlas.evidence.paths.result import READS as ROUTES

# Edges that are named for each, and heads by weights: every page of a head has them.
TOP_K, TOP_K_BY_WEIGHTS = 4, 3
# Numbers of less than this much of a random pair's composition more are not shown.
MIN_LINK = 0.005
_READ = {"query": "Its queries read", "key": "Its keys read", "value": "Its values read"}


def head_edges(model: ModelData, head: Head) -> list[HeadEdges]:
    """What a head reads from and what reads it; nothing of what is not known."""
    edges, paths = model.edges, model.edges.paths
    into = [_rests(model, edge) for edge in edges.by_later.get(head.id, [])[:TOP_K]]
    into += [_goes_through(model, part) for part in paths if part.later == head.id and part.route != "all"][:TOP_K]
    out = [_is_needed(model, edge) for edge in edges.by_earlier.get(head.id, [])[:TOP_K]]
    out += [_goes_on(model, part) for part in paths if part.earlier == head.id and part.route != "all"][:TOP_K]
    both = [
        HeadEdges(title="Reads from", sentences=into, weights=_reads(model, head)),
        HeadEdges(title="Is read by", sentences=out, weights=_readers(model, head)),
    ]
    return [edges for edges in both if edges.sentences or edges.weights]


def _rests(model: ModelData, edge: Edge) -> EdgeSentence:
    after = f", its {words(edge.label)} score is {without(edge):.2f} in place of {edge.score:.2f}."
    return _sentence(model, edge.earlier, "Without ", after)


def _is_needed(model: ModelData, edge: Edge) -> EdgeSentence:
    after = f" has a score for {words(edge.label)} of {without(edge):.2f} in place of {edge.score:.2f}."
    return _sentence(model, edge.later, "Without it, ", after)


def _goes_through(model: ModelData, part: PathPart) -> EdgeSentence:
    before = f"Straight through its {ROUTES[part.route]} go {score(part.effect)} {unit_of(part)} of what taking "
    return _sentence(model, part.earlier, before, f" out does on {words(part.probe)}.")


def _goes_on(model: ModelData, part: PathPart) -> EdgeSentence:
    before = (
        f"Of what taking it out does on {words(part.probe)}, {score(part.effect)} {unit_of(part)} go straight through "
        f"the {ROUTES[part.route]} of "
    )
    return _sentence(model, part.later, before, ".")


def _sentence(model: ModelData, other: int, before: str, after: str) -> EdgeSentence:
    return EdgeSentence(before=before, name=model.names[other], labels=_called(model, other), after=after)


def _reads(model: ModelData, head: Head) -> list[WeightEdges]:
    """Heads that its queries, keys and values read most, by their weights."""
    known = model.evidence.heads.get(head.id)
    links = [] if known is None else [link for link in known.links if link.value >= MIN_LINK]
    return [
        WeightEdges(title=_READ[reads], heads=[(name, _called(model, model.ids[name]), value) for name, value in shown])
        for reads in READS
        if (shown := [(link.earlier, link.value) for link in links if link.reads == reads][:TOP_K_BY_WEIGHTS])
    ]


def _readers(model: ModelData, head: Head) -> list[WeightEdges]:
    """Heads whose queries, keys and values read it most; those that read others more are not known."""
    readers = [(later, link) for later, link in model.evidence.readers.get(head.name, []) if link.value >= MIN_LINK]
    return [
        WeightEdges(
            title=f"It is read by the {PLURALS[reads]} of",
            heads=[(model.names[later], _called(model, later), value) for later, value in shown],
        )
        for reads in READS
        if (shown := [(later, link.value) for later, link in readers if link.reads == reads][:TOP_K_BY_WEIGHTS])
    ]


def _called(model: ModelData, head: int) -> str:
    """A head's first name in words; empty for one that has none, or only rests."""
    name = names_of(model, head)[0]
    return "" if name == NO_LABEL else words(name)
