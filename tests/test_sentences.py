"""Sentences and budgets: what every head is said to do, on heads that are given as facts."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from headatlas.labels.budget import OTHER_SINKS, SINK, UNEXPLAINED, budgets
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.sentences import HeadFacts, Name, Waking, head_sentence
from headatlas.labels.unmixing import unmix
from headatlas.scanning.describing import _most

NOTHING = HeadFacts(sink=0.1, names=(), wakes=(), looked_at=(), looking=(), distance=None)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Has no name."),
        (
            {"sink": 0.9, "names": [Name("induction", "to what followed", 0.12)]},
            "Rests on the sink with 90% of its attention; when awake (12% of the queries) it attends to what followed "
            "(induction).",
        ),
        (
            {"names": [Name("previous_token", "to the token before", None), Name("comma", "to commas", None)]},
            "Attends to the token before (previous token); also comma.",
        ),
        (
            {
                "looked_at": ["the", ","],
                "looking": ["."],
                "distance": 3.0,
                "wakes": [Waking("commas", "any_text", 2.25)],
            },
            'Has no name: looks most at "the" and ",", most from ".", typically 3 tokens back. '
            "Wakes on commas (2.2 times its average).",
        ),
        (
            {"wakes": [Waking("role:subject_again", "indirect_object", 6.1)]},
            'Has no name. Wakes on "subject again" of indirect object (6.1 times its average).',
        ),
        ({"wakes": [Waking("commas", "any_text", 1.2)]}, "Has no name."),
        (
            {"sink": 0.3, "other_sinks": 0.25},
            "Rests on the sink with 30% of its attention and on other sinks with 25%; otherwise it has no name.",
        ),
    ],
)
def test_sentences(changed, said):
    assert head_sentence(HeadFacts(**{**vars(NOTHING), **changed})) == said


def test_tokens_and_distance_of_a_head_without_a_name():
    tokens = ["S", "·a", "·b", "·c"]
    weights = np.zeros((4, 4), np.uint8)
    weights[1, 0] = weights[2, 0] = 255  # on the first position, which is left out
    weights[3, 1], weights[2, 2] = 200, 50
    looked_at, looking, distance = _most([(tokens, [1, 0, 0, 0], zlib.compress(weights.tobytes()))])
    assert looked_at == ["·a", "·b"]
    assert looking == ["·c", "·b"]
    assert distance == 2
    assert _most([]) == ([], [], None)


def test_a_budget_is_all_of_a_heads_attention():
    score = np.array([[0.6, 0.3], [0.0, 0.0], [1.0, 1.0]])
    n_heads, n = score.shape
    scores = ProbeScores(
        ("previous", "far"), np.zeros(n, dtype=bool), score, score, score, score, mass=np.full((n_heads, n), 0.5),
        awake=np.ones((n_heads, n)), control=np.zeros((n_heads, n)), contrast_low=np.full((n_heads, n), np.nan),
        chance=np.full(n, 0.01), n_queries=np.full(n, 100.0), n_sequences=np.full(n, 10.0), overlaps=np.eye(n),
    )  # fmt: skip
    parts = budgets(
        scores, unmix(scores), {0: (0.5, 0), 1: (0.8, 0.1), 2: (0.5, 0)}, 100, frozenset({"previous", "far"})
    )
    for divided in parts.values():
        assert sum(divided.values()) == pytest.approx(1)
    assert parts[0][SINK] == 0.5
    assert parts[0]["previous"] == pytest.approx(0.3, abs=0.02)
    assert parts[1] == {SINK: 0.8, OTHER_SINKS: 0.1, UNEXPLAINED: pytest.approx(0.1)}
    assert parts[2][UNEXPLAINED] == pytest.approx(0, abs=1e-9), "shares of keys that two patterns share are cut"
    unnamed = budgets(scores, unmix(scores), {0: (0.5, 0)}, 100, frozenset({"far"}))
    assert "previous" not in unnamed[0]
