"""The usual way to find heads, on the same planted heads: TransformerLens' detector with a fixed threshold."""

from __future__ import annotations

import numpy as np
import torch
from transformer_lens.head_detector import (
    compute_head_attention_similarity_score,
    get_duplicate_token_head_detection_pattern,
    get_induction_head_detection_pattern,
    get_previous_token_head_detection_pattern,
)

from benchmarks.planted.cases import Cases
from benchmarks.planted.composed import Composer, Planted
from benchmarks.planted.measure import Setting, texts_of
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns.definition import Pattern

DETECTORS = {
    "previous_token": get_previous_token_head_detection_pattern,
    "duplicate_token": get_duplicate_token_head_detection_pattern,
    "induction": get_induction_head_detection_pattern,
}
N_SEQUENCES = 4
THRESHOLD = 0.4


def detected(
    setting: Setting, heads: list[Planted], patterns: list[Pattern], measured: Cases, seed: int
) -> tuple[np.ndarray, Cases]:
    """Score above the threshold for the detector's three names, as confidence 0 or 1, and the cases they belong to.

    The mean of `detect_head`'s measure over a few sequences of repeated random tokens, as its documentation does.
    """
    text = next(text for text in texts_of(setting, seed) if text.probe.name == "repeated_random_tokens")
    rng = np.random.default_rng(seed)
    scores = {name: np.zeros(len(heads)) for name in DETECTORS}
    for sequence in text.sequences[:N_SEQUENCES]:
        batch = TokenBatch([sequence], causal=True)
        attention, _ = Composer(batch, patterns, rng)(heads)
        for name, pattern in DETECTORS.items():
            wanted = pattern(torch.tensor([sequence.ids])).float()
            for head in range(len(heads)):
                scores[name][head] += compute_head_attention_similarity_score(
                    attention[0, head], wanted, exclude_bos=False, exclude_current_token=False, error_measure="mul"
                )
    cases = measured[np.isin(measured.pattern, list(DETECTORS))]
    detected = [
        scores[str(name)][head] / N_SEQUENCES > THRESHOLD for name, head in zip(cases.pattern, cases.head, strict=True)
    ]
    return np.array(detected, dtype=float), cases
