"""Labels, kinds and the map as pages show them: every claim with its reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from headatlas.atlas.colours import family_class
from headatlas.atlas.data import Head, Label, ModelData
from headatlas.atlas.pages import Chip, Claim, Dot, LabelCount, UnnamedKind
from headatlas.atlas.templating import words

LISTED = 8  # heads named beside a label or kind
MAP_SIZE = 600


def hue_of(model: ModelData, label: str) -> str:
    """CSS class of a label's family."""
    families = {pattern.name: pattern.family for pattern in model.patterns}
    return family_class(families.get(label, "other"))


def chips(model: ModelData, head: Head) -> list[Chip]:
    """A head's labels with their confidence, the primary one first."""
    return [_chip(model, one) for one in model.labels.get(head.id, [])]


def claims(model: ModelData, head: Head) -> list[Claim]:
    """A head's labels with the reasons for each."""
    # The pattern's own probe, or what there is of attention that was recorded elsewhere.
    probes = {pattern.name: [*model.probes_of(pattern), pattern.probe][0] for pattern in model.patterns}
    found = []
    for one in model.labels.get(head.id, []):
        probe = probes.get(one.name, "")
        score = model.scores.get((one.name, probe), {}).get(head.id)
        found.append(
            Claim(
                chip=_chip(model, one),
                name=one.name,
                probe=probe,
                score=score.score if score else None,
                low=score.low if score else None,
                high=score.high if score else None,
                chance=score.chance if score else None,
                half_a=score.half_a if score else None,
                half_b=score.half_b if score else None,
                strength=one.strength,
                explained=one.explained,
                explained_by=one.explained_by or "",
                rival=(score.rival if score else None) or "",
                rival_score=score.rival_score if score else None,
            )
        )
    return found


def counts(model: ModelData) -> list[LabelCount]:
    """The primary labels of a model's heads, the commonest first."""
    carriers: dict[str, list[tuple[Head, Label]]] = defaultdict(list)
    for head in model.heads:
        for one in model.labels.get(head.id, [])[:1]:
            carriers[one.name].append((head, one))
    found = []
    for name, members in sorted(carriers.items(), key=lambda item: (-len(item[1]), item[0])):
        members.sort(key=lambda pair: (-(pair[1].strength or 0.0), pair[0].place))
        by_layer = [sum(head in layer.heads for head, _ in members) for layer in model.layers]
        found.append(
            LabelCount(
                chip=Chip(text=words(name), value=str(len(members)), hue=hue_of(model, name)),
                name=name,
                heads=[(head.name, _confidence(one)) for head, one in members[:LISTED]],
                more=max(len(members) - LISTED, 0),
                by_layer=by_layer,
            )
        )
    return found


def dots(model: ModelData) -> list[Dot]:
    """All heads on the map, in the order of the model."""
    found = []
    for head in model.heads:
        if head.id in model.places:
            x, y = model.places[head.id]
            primary = model.labels.get(head.id, [])[:1]
            found.append(
                Dot(
                    name=head.name,
                    x=f"{8 + x * (MAP_SIZE - 16):.1f}",
                    y=f"{8 + y * (MAP_SIZE - 16):.1f}",
                    hue=hue_of(model, primary[0].name) if primary else "",
                    text=words(primary[0].name) if primary else "unclassified",
                )
            )
    return found


def unnamed_kinds(model: ModelData) -> list[UnnamedKind]:
    """Groups of heads that no label covers, the largest first."""
    names = {head.id: head.name for head in model.heads}
    found = [
        UnnamedKind(
            name=kind.name,
            n_heads=len(kind.heads),
            typical=[names[head] for head in kind.heads[:LISTED]],
            marks=list(kind.marks),
        )
        for kind in model.grouped
        if kind.label is None
    ]
    return sorted(found, key=lambda one: -one.n_heads)


def is_labelled(model: ModelData) -> bool:
    """Whether labels have been made for the scan, be they none."""
    return model.scan["calibration"] is not None or bool(model.labels)


def n_unclassified(model: ModelData, found: Sequence[LabelCount]) -> int:
    """Heads without a label."""
    return len(model.heads) - sum(len(one.heads) + one.more for one in found)


def _chip(model: ModelData, one: Label) -> Chip:
    return Chip(text=words(one.name), value=_confidence(one), hue=hue_of(model, one.name))


def _confidence(one: Label) -> str:
    return "" if one.confidence is None else f"{min(one.confidence, 0.99):.2f}".removeprefix("0")
