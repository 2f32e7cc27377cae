"""Labels and kinds as pages show them: every label with its reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from headatlas.atlas.context.labels import Budget, BudgetPart, Chip, LabelCount, LabelKey, LabelReason
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, Label, ModelData
from headatlas.atlas.draw.colours import family_class, family_rank
from headatlas.atlas.draw.wording import plural, two_digits, words
from headatlas.atlas.make.bars import shown_confidence
from headatlas.labels.budget import OTHER_SINKS, SINK, UNEXPLAINED
from headatlas.patterns import PATTERNS
from headatlas.patterns.lookup import comes_last
from headatlas.probes import PROBES

_SMALL = frozenset({"of", "in", "to", "the", "on"})  # words that a code leaves out
MAX_NAMED = 8  # heads named beside a label or kind
_HUES = {SINK: "sink", OTHER_SINKS: "sink other", UNEXPLAINED: "unexplained"}
_PLACES = {SINK: 0, OTHER_SINKS: 1, UNEXPLAINED: 3}  # in a budget; patterns between them
NATURAL = frozenset(probe.name for probe in PROBES if probe.natural)


def hue_of(model: ModelData, label: str) -> str:
    """CSS class of a label's family."""
    return family_class(model.families.get(label, "other"))


def chips(atlas: Atlas, model: ModelData, head: Head) -> list[Chip]:
    """A head's labels with their strengths, the primary one first."""
    if head.id not in model.chips:
        model.chips[head.id] = [_chip(atlas, model, head, label) for label in model.labels.get(head.id, [])]
    return model.chips[head.id]


def reasons(atlas: Atlas, model: ModelData, head: Head) -> list[LabelReason]:
    """A head's labels with the reasons for each."""
    listed = []
    for label in model.labels.get(head.id, []):
        probe = label.probe or _probe_of(model, label.name)
        # What rests on the sink itself has a score of all attention, and so had every label once.
        score = model.score_of(label.name, probe, head)
        own = score if label.low is None and score else label
        listed.append(
            LabelReason(
                chip=_chip(atlas, model, head, label),
                name=label.name,
                confidence=shown_confidence(label.confidence),
                probe=probe,
                probe_file=atlas.probe_files.get(probe, ""),
                basis=basis_words(label),
                score=own.score,
                low=own.low,
                high=own.high,
                chance=own.chance,
                half_a=own.half_a,
                half_b=own.half_b,
                strength=label.strength,
                explained=label.explained,
                explained_by=label.explained_by or "",
                control=label.control,
                contrast=label.contrast,
            )
        )
    return listed


def _probe_of(model: ModelData, name: str) -> str:
    """A pattern's own probe, or what there is of attention that was recorded elsewhere; empty for no pattern's name."""
    probes = ([*model.probes_of(pattern), pattern.probe] for pattern in model.patterns if pattern.name == name)
    return next(probes, [""])[0]


def basis_words(label: Label) -> str:
    """On what a label rests: "always", or "when awake (12% of queries)"; empty where that is not known."""
    if label.basis != "awake" or label.awake is None:
        return label.basis or ""
    return f"when awake ({label.awake:.0%} of queries)"


def budgets(atlas: Atlas, model: ModelData, head: Head) -> list[Budget]:
    """What a head divides its attention among, probe by probe; the texts that models read first."""
    order = {probe.name: number for number, probe in enumerate(model.probes)}
    of_head = model.budgets.get(head.id, {})
    return [
        Budget(
            probe=probe,
            probe_file=atlas.probe_files.get(probe, ""),
            parts=_parts(model, of_head[probe]),
        )
        for probe in sorted(of_head, key=lambda name: (name not in NATURAL, order.get(name, len(order))))
    ]


def _parts(model: ModelData, shares: Sequence[tuple[str, float]]) -> list[BudgetPart]:
    return [
        BudgetPart(name=name, hue=_HUES.get(name) or hue_of(model, name), share=share)
        for name, share in sorted(shares, key=reading_order)
    ]


def reading_order(part: tuple[str, float]) -> tuple[int, float]:
    """Sinks first, then patterns, the largest share first, last what none explains. Imported scans are in no order."""
    name, share = part
    return _PLACES.get(name, 2), -share


def counts_of(model: ModelData) -> list[tuple[str, int]]:
    """Primary labels with the number of heads that carry them, in the order of `counts`."""
    counted = Counter(given[0].name for given in model.labels.values() if given)
    return sorted(counted.items(), key=lambda item: (comes_last(item[0]), -item[1], item[0]))


def counts(atlas: Atlas, model: ModelData) -> list[LabelCount]:
    """The primary labels of a model's heads, the commonest first; where heads rest comes last."""
    carriers: dict[str, list[tuple[Head, Label]]] = defaultdict(list)
    for head in model.heads:
        for label in model.labels.get(head.id, [])[:1]:
            carriers[label.name].append((head, label))
    counted = []
    for name, members in sorted(carriers.items(), key=lambda item: (comes_last(item[0]), -len(item[1]), item[0])):
        members.sort(key=lambda pair: (-(pair[1].strength or 0.0), pair[0].position))
        in_layers: dict[tuple[str, int], int] = defaultdict(int)
        for head, _ in members:
            in_layers[head.attention, head.layer] += 1
        counted.append(
            LabelCount(
                chip=Chip(
                    text=words(name),
                    value=str(len(members)),
                    hue=hue_of(model, name),
                    file=atlas.pattern_files.get(name, ""),
                ),
                name=name,
                heads=[(head.name, shown_strength(label)) for head, label in members[:MAX_NAMED]],
                more=max(len(members) - MAX_NAMED, 0),
                by_layer=[in_layers[layer.attention, layer.layer] for layer in model.layers],
            )
        )
    return counted


def label_keys(model: ModelData) -> list[LabelKey]:
    """Every label of a model with the code that stands for it, family by family."""
    first: dict[str, int] = defaultdict(int)
    every: dict[str, int] = defaultdict(int)
    for labels in model.labels.values():
        for rank, label in enumerate(labels):
            every[label.name] += 1
            first[label.name] += rank == 0
    known = {pattern.name: pattern for pattern in model.patterns}
    names = sorted(
        every, key=lambda name: (*family_rank(known[name].family if name in known else "other"), -every[name], name)
    )
    coded = codes(names)
    return [
        LabelKey(
            number=number,
            code=coded[name],
            text=words(name),
            hue=hue_of(model, name),
            first=first[name],
            all=every[name],
            summary=known[name].summary if name in known else "",
        )
        for number, name in enumerate(names)
    ]


def label_numbers(model: ModelData) -> dict[str, int]:
    """Positions of labels in `label_keys`."""
    names = {words(name): name for labels in model.labels.values() for name in (label.name for label in labels)}
    return {names[key.text]: key.number for key in label_keys(model)}


def codes(names: Sequence[str]) -> dict[str, str]:
    """Two or three letters for each name, no two alike: `codes(["previous_token"])` is {"previous_token": "pt"}."""
    coded: dict[str, str] = {}
    for name in names:
        parts = [part for part in name.split("_") if part and part not in _SMALL] or [name]
        initials = "".join(part[:1] for part in parts)[:3]
        tries = [initials if len(parts) > 1 else name[:2], parts[0][:1] + parts[-1][:2], name[:3]]
        tries += [f"{initials[:1]}{number}" for number in range(2, len(names) + 3)]
        coded[name] = next(code for code in tries if code not in coded.values())
    return coded


def is_labelled(model: ModelData) -> bool:
    """Whether labels have been made for the scan, be they none."""
    return model.scan["calibration"] is not None or bool(model.labels)


def n_unclassified(model: ModelData, counted: Sequence[LabelCount]) -> int:
    """Heads without a label."""
    return len(model.heads) - sum(len(count.heads) + count.more for count in counted)


def coverage(model: ModelData, counted: Sequence[LabelCount]) -> str:
    """What is said of a model's heads, in words; empty where they have not been labelled."""
    if not is_labelled(model):
        return ""
    resting, unclassified = n_resting(counted), n_unclassified(model, counted)
    named = len(model.heads) - resting - unclassified
    return (
        f"{named:,} of {plural(len(model.heads), 'head')} named, {resting:,} only rest, {unclassified:,} unclassified"
    )


def shown_name(model: ModelData, head: Head, label: Label) -> str:
    """A label in words: the place that is seen where its name is a function's and no evidence agrees with that."""
    pattern = PATTERNS.get(label.name)
    if pattern is None or not pattern.seen_as:
        return words(label.name)
    known = model.evidence.heads.get(head.id)
    verdicts = () if known is None else known.verdicts
    agreed = any(verdict.label == label.name and verdict.agrees for verdict in verdicts)
    return words(label.name) if agreed else pattern.seen_as


def n_resting(counted: Sequence[LabelCount]) -> int:
    """Heads of which nothing is said but where they rest."""
    return sum(len(count.heads) + count.more for count in counted if comes_last(count.name))


def shown_strength(label: Label) -> str:
    """.43: the share of attention that only this label explains; empty where that is not known."""
    return "" if label.strength is None else two_digits(label.strength)


def _hint(label: Label) -> str:
    """ "strength .43, confidence .98"."""
    parts = {"strength": shown_strength(label), "confidence": shown_confidence(label.confidence)}
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value)


def _chip(atlas: Atlas, model: ModelData, head: Head, label: Label) -> Chip:
    return Chip(
        text=shown_name(model, head, label),
        value=shown_strength(label),
        hue=atlas.hue(label.name),
        file=atlas.pattern_files.get(label.name, ""),
        hint=_hint(label),
    )
