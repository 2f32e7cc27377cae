"""Which edges between a model's heads are drawn: the strongest of each kind, so that a page stays small.

A kind is a label of the head that is read, a label of the head that reads, and through what it reads.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from headatlas.atlas.data.edges import Edge, PathPart
from headatlas.atlas.data.model_data import Head, ModelData

# Edges kept of each sort; a model of thousands of heads has hundreds of thousands.
MAX_EDGES = {"cause": 1600, "weights": 600, "path": 300}
# Compositions of less than this more than random weights give are not drawn.
MIN_COMPOSITION = 0.01
PLURALS = {"query": "queries", "key": "keys", "value": "values"}
READS = tuple(PLURALS)
# What stands for a head without a label.
NO_LABEL = "none"


class Composition(NamedTuple):
    """How much of what an earlier head writes a later one's query, key or value reads, by their weights; head ids."""

    earlier: int
    later: int
    reads: str
    value: float


_Edge = TypeVar("_Edge", bound=Edge | Composition)


@dataclass(frozen=True)
class Circuit:
    """The edges of a model that are drawn, of each sort the strongest first, and how many there are in all."""

    causes: Sequence[Edge]
    compositions: Sequence[Composition]
    paths: Sequence[PathPart]
    n_all: dict[str, int]

    def __bool__(self) -> bool:
        return bool(self.causes or self.compositions or self.paths)


def has_edges(model: ModelData) -> bool:
    """Whether there is anything to draw."""
    return bool(model.edges.edges or model.edges.paths) or any(True for _ in compositions(model))


def circuit(model: ModelData) -> Circuit:
    """What is drawn of a model."""
    composed = list(compositions(model))
    causes, paths = model.edges.edges, model.edges.paths
    return Circuit(
        causes=_strongest(
            causes,
            MAX_EDGES["cause"],
            lambda edge: [(name, edge.label) for name in names_of(model, edge.earlier)],
            lambda edge: abs(edge.change),
        ),
        compositions=_strongest(
            composed,
            MAX_EDGES["weights"],
            lambda edge: [
                (sender, receiver, edge.reads)
                for sender in names_of(model, edge.earlier)
                for receiver in names_of(model, edge.later)
            ],
            lambda edge: edge.value,
        ),
        paths=paths[: MAX_EDGES["path"]],
        n_all={"cause": len(causes), "weights": len(composed), "path": len(paths)},
    )


def compositions(model: ModelData) -> Iterator[Composition]:
    """Compositions of heads with a name with heads with a name; see `names_of`."""
    for later, known in model.evidence.heads.items():
        if is_named(model, later):
            for link in known.links:
                earlier = model.ids.get(link.earlier)
                if link.value >= MIN_COMPOSITION and earlier is not None and is_named(model, earlier):
                    yield Composition(earlier, later, link.reads, link.value)


def names_of(model: ModelData, head: int) -> list[str]:
    """A head's labels besides those that say where it rests; "none" for a head that has none, or rests only."""
    return model.does.get(head, [NO_LABEL])


def is_named(model: ModelData, head: int) -> bool:
    """Whether a head has a label besides one that says where it rests."""
    return head in model.does


def heads_of(model: ModelData, drawn: Circuit) -> list[Head]:
    """The heads at the ends of what is drawn, in order."""
    every: list[Edge | Composition | PathPart] = [*drawn.causes, *drawn.compositions, *drawn.paths]
    ends = {head for edge in every for head in (edge.earlier, edge.later)}
    return [head for head in model.heads if head.id in ends]


def _strongest(
    edges: Sequence[_Edge],
    limit: int,
    kinds: Callable[[_Edge], Sequence[tuple[str, ...]]],
    strength: Callable[[_Edge], float],
) -> list[_Edge]:
    """The strongest of each kind and of each head that reads before any second of either, and so on; in order."""

    def order(edge: _Edge) -> tuple[float, int, int]:
        return (-strength(edge), edge.later, edge.earlier)

    seen: Counter[Any] = Counter()
    turns: dict[int, list[_Edge]] = defaultdict(list)
    for edge in sorted(edges, key=order):
        groups: list[Any] = [*kinds(edge), edge.later]
        turns[min(seen[group] for group in groups)].append(edge)
        seen.update(groups)
    kept = list(chain.from_iterable(turns[turn] for turn in sorted(turns)))[:limit]
    return sorted(kept, key=order)
