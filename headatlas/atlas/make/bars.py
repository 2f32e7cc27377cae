"""Scores as pictures of a line, and tables of them."""

from __future__ import annotations

import math

import numpy as np

from headatlas.atlas.context.scores import Bar, ScoreLine, TopHead, TopHeads
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, ModelData, Pattern
from headatlas.atlas.data.scores import Score
from headatlas.atlas.draw.colours import family_class

TOP_K = 5
N_STRONGEST = 10  # scores of a head that its page holds
MAX_HIGHLIGHTS = 3
MIN_LIFT = 0.05  # above chance, to be named on the head's page


def bar(score: Score, top: float) -> Bar | None:
    """A score with its interval and chance on a scale from 0 to `top`; None without a score."""
    if score.score is None:
        return None

    def position(value: float | None) -> str:
        return "" if value is None else f"{100 * min(max(value / top, 0.0), 1.0):.0f}"

    both = score.low is not None and score.high is not None
    return Bar(
        at=position(score.score),
        low=position(score.low) if both else "",
        high=position(score.high) if both else "",
        chance=position(score.chance),
    )


def strongest(atlas: Atlas, model: ModelData, head: Head) -> list[ScoreLine]:
    """The scores of a head that lie furthest above chance, each on the probe its pattern is meant to be read on."""
    lines = [_line(atlas, model, head, pattern) for pattern, _ in furthest_above_chance(model, head)]
    return [line for line in lines if line is not None]


def furthest_above_chance(model: ModelData, head: Head) -> list[tuple[Pattern, float]]:
    """Patterns with how far above chance the head's score is, the furthest first; statistics have no chance.

    As many as any page shows of a head.
    """
    if not model.lifts:
        return []
    numbers, lifts = model.furthest(N_STRONGEST)
    both = zip(numbers[:, head.position].tolist(), lifts[:, head.position].tolist(), strict=True)
    return [(model.lifts[number][0], lift) for number, lift in both if not math.isnan(lift)]


def highlights(model: ModelData, head: Head) -> list[tuple[Pattern, Score]]:
    """The patterns a head is furthest above chance for, each on the probe it is meant to be read on."""
    best = [pattern for pattern, lift in furthest_above_chance(model, head)[:MAX_HIGHLIGHTS] if lift >= MIN_LIFT]
    return [(pattern, model.scores[pattern.name, model.probes_of(pattern)[0]][head.id]) for pattern in best]


def _line(atlas: Atlas, model: ModelData, head: Head, pattern: Pattern) -> ScoreLine | None:
    for probe in model.probes_of(pattern):
        score = model.scores[pattern.name, probe].get(head.id)
        if score is not None:
            return ScoreLine(
                name=pattern.name,
                hue=family_class(pattern.family),
                file=atlas.pattern_files[pattern.name],
                probe=probe,
                score=score.score,
                low=score.low,
                high=score.high,
                chance=score.chance,
            )
    return None


def top_heads(atlas: Atlas, model: ModelData, pattern: Pattern) -> TopHeads:
    """The heads of a model that score highest for a pattern."""
    probe = model.probes_of(pattern)[0]
    scores = model.scores[pattern.name, probe]
    highest = np.argsort(-scores.score, kind="stable")[:TOP_K].tolist()  # those without a score last
    known = [(model.heads[row], scores[model.heads[row].id]) for row in highest if not np.isnan(scores.score[row])]
    return TopHeads(
        name=pattern.name,
        file=atlas.pattern_files[pattern.name],
        probe=probe,
        unit=pattern.unit,
        chance=common_chance(model, pattern.name, probe),
        scale=f"{model.largest(pattern, probe):.3g}",
        heads=[TopHead(name=head.name, score=score.score, low=score.low, high=score.high) for head, score in known],
    )


def shown_confidence(confidence: float | None) -> str:
    """.97; never 1, which no measurement gives."""
    return "" if confidence is None else f"{min(confidence, 0.99):.2f}".removeprefix("0")


def common_chance(model: ModelData, pattern: str, probe: str) -> float | None:
    """What chance scores, where it is the same for all heads of the model."""
    values = model.scores[pattern, probe].chances()
    return values.pop() if len(values) == 1 else None
