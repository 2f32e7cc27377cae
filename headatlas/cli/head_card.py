"""What `headatlas info MODEL HEAD` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headatlas.cli.terminal_table import NO_BREAK, table_lines, wrap
from headatlas.labels.sentences import ROLE, Waking, waking_in_words

if TYPE_CHECKING:
    from headatlas.evidence.head_card import Edge, HeadCard

# Of each list so many, the largest first; JSON has all.
_PARTS, _WAKES, _EDGES = 5, 3, 4
# Parts of a budget below this share, and edges that take less of a score away, are not worth a word.
_LEAST_SHARE, _LEAST_CHANGE = 0.01, 0.02
_MARGIN = 13  # of what stands beside the name of a fact


def card_lines(card: HeadCard, width: int) -> list[str]:
    """A head in lines of at most `width` characters."""
    lines = [f"{card.model} {card.head}", "", *wrap(card.sentence or "Nothing is said of this head.", width)]
    if card.labels:
        judged = any(label.verdict for label in card.labels)
        rows = [
            (label.label, label.confidence, label.score, label.basis, label.awake, label.verdict)[: 5 + judged]
            for label in card.labels
        ]
        columns = ("label", "confidence", "label's score", "basis", "awake", "evidence")[: 5 + judged]
        table = table_lines(columns, rows, width, ("awake", "basis"))
        lines += ["", *table.head, *table.body]
    lines.append("")
    for name, texts in _facts(card):
        folded = [line for text in texts for line in wrap(text, width - _MARGIN)]
        for number, line in enumerate(folded):
            lines.append(f"{name if number == 0 else '':<{_MARGIN}}{line}")
    return lines


def _facts(card: HeadCard) -> list[tuple[str, list[str]]]:
    """Names and what is said under them, a paragraph each; what is not known is left out."""
    facts = [
        ("attention", _budgets(card)),
        ("wakes on", _wakes(card.wakes)),
        ("causes", list(card.causes)),
        ("needs", _edges(card.needs, "without {other} its {label} score is {less} in place of {score}")),
        ("needed by", _edges(card.needed_by, "{other}, whose {label} score is {less} without it in place of {score}")),
    ]
    return [(name, texts) for name, texts in facts if texts]


def _wakes(wakes: Sequence[Waking]) -> list[str]:
    """Each class where it counts most, without parts of one that was said, such as the first tokens of a role."""
    said: list[Waking] = []
    for waking in wakes:
        if not any(f"{waking.query_class}:".startswith(f"{other.query_class}:") for other in said):
            said.append(waking)
    return [
        waking_in_words(waking) + ("" if waking.query_class.startswith(ROLE) else f", in {_plain(waking.probe)}")
        for waking in said[:_WAKES]
    ]


def _budgets(card: HeadCard) -> list[str]:
    """What attention is divided among in natural text and on the probe of the first label."""
    from headatlas.probes import natural_probes

    own = [label.probe for label in card.labels[:1]]
    probes = dict.fromkeys([*(probe for probe in card.budget if probe in natural_probes()), *own])
    return [f"{_plain(probe)}: {_parts(card.budget[probe])}" for probe in probes if probe in card.budget]


def _parts(parts: dict[str, float]) -> str:
    unexplained = parts.get("unexplained")
    patterns = {part: share for part, share in parts.items() if part not in ("sink", "unexplained")}
    largest = sorted(patterns, key=lambda part: -patterns[part])[:_PARTS]
    said = [("sink", parts["sink"])] if "sink" in parts else []
    said += [(part, parts[part]) for part in largest if parts[part] >= _LEAST_SHARE]
    said += [] if unexplained is None else [("unexplained", unexplained)]
    return ", ".join(f"{_plain(part)}{NO_BREAK}{share:.0%}" for part, share in said)


def _edges(edges: Sequence[Edge], words: str) -> list[str]:
    weighty = [edge for edge in edges if edge.change <= -_LEAST_CHANGE]
    return [
        words.format(
            other=edge.other,
            label=_plain(edge.label),
            score=f"{edge.score:.2f}",
            less=f"{max(0.0, edge.score + edge.change):.2f}",
        )
        for edge in weighty[:_EDGES]
    ]


def _plain(name: str) -> str:
    return name.replace("_", " ")
