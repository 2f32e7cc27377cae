"""Rules of the family "mixture", made of rules that were written without sight of probes and results."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Weights, as_weights
from benchmarks.labels.rules import blind_counts, blind_places, blind_words
from benchmarks.labels.rules.mixtures import both
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.switching import by_query
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText

HALFWAY = 40  # tokens after which one rule has as much as the other


@rule("mixture", kin="topic_turns", seldom=True)
def words_to_topic_others_back(text: BenchText) -> Weights:
    """Attends from words to the word said most often, from all else to 70 characters back."""
    words = wording(text).tokens(has_letter)
    return by_query(text, words, blind_counts.topic_word, blind_places.seventy_characters_back)


@rule("mixture", kin="rarest_and_sound")
def after_rarest_and_same_sound(text: BenchText) -> Weights:
    """Attends to what followed the rarest recent token and to the latest word with the same sort of first sound."""
    return both(text, blind_places.after_rarest_of_thirty, blind_words.same_sound_class)


@rule("mixture", kin="drifting")
def drifts_from_words_to_waves(text: BenchText) -> Weights:
    """Attends to the fourth content word back at first and, the longer the text, the more in waves of distance."""
    late = (np.arange(len(text)) / (np.arange(len(text)) + HALFWAY))[:, None]
    words = as_weights(blind_places.fourth_content_word_back(text), text)
    return (1 - late) * words + late * as_weights(blind_places.wave_of_fourteen(text), text)
