"""Rules of the family "mixture", made of rules that were written without sight of probes, labels and results."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Weights, as_weights, earlier_pairs
from benchmarks.labels.rules import later_copies, later_places, later_sentences, later_words
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import start_of_sentence
from benchmarks.labels.rules.switching import by_query
from benchmarks.labels.wording import previous_copy, wording
from headatlas.bench.heads import BenchText

SHORT, LONG = 2, 6  # signs of a token
HALFWAY = 8  # tokens into a sentence after which one rule has as much as the other
KEPT = 0.7  # of a word's weight with each sentence that ends


@rule("mixture", kin="old_or_new")
def old_to_new_pair_others_to_rare_window(text: BenchText) -> Weights:
    """Attends from tokens said before to the latest new pair of old tokens, from new ones to the rarest seven."""
    old = previous_copy(text.ids, text.special) >= 0
    return by_query(text, old, later_copies.latest_new_pair_of_old, later_copies.middle_of_rarest_seven)


@rule("mixture", kin="by_length", seldom=True)
def by_length_of_query(text: BenchText) -> Weights:
    """Attends from short tokens to the clause's third token, from long ones to like vowels, else 23 words back."""
    lengths = np.array([len(said) for said in wording(text).said])[:, None]
    short, between, long = (
        as_weights(part(text), text)
        for part in (later_sentences.third_of_clause, later_places.twenty_three_words_back, later_words.same_vowels)
    )
    return np.where(lengths <= SHORT, short, np.where(lengths >= LONG, long, between))


@rule("mixture", kin="three_unequal")
def between_to_and_stretch(text: BenchText) -> Weights:
    """Attends by 0.6 to the token between the last two, by 0.3 to what followed "to", by 0.1 to the stretch's start."""
    parts = (
        (0.6, later_copies.latest_between_last_two), (0.3, later_places.after_to), (0.1, later_places.start_of_stretch),
    )  # fmt: skip
    return sum((share * as_weights(part(text), text) for share, part in parts), np.zeros((len(text), len(text))))


@rule("mixture", kin="within_sentence_drift", seldom=True)
def drifts_within_sentence(text: BenchText) -> Weights:
    """Attends to the first sentence's content words and, the longer a sentence, the more to the latest flanked word."""
    into = np.maximum(np.arange(len(text)) - start_of_sentence(text), 0)
    late = (into / (into + HALFWAY))[:, None]
    early = as_weights(later_sentences.content_of_first_sentence(text), text)
    return (1 - late) * early + late * as_weights(later_words.latest_flanked(text), text)


@rule("mixture", kin="fading_by_sentence", seldom=True)
def senses_and_materials_by_sentence(text: BenchText) -> Weights:
    """Attends to all words of the senses and of materials, by three tenths less with each sentence between."""
    words, sentence = wording(text), wording(text).sentence
    marked = words.words(later_words.is_of_senses) | words.words(later_words.is_material)
    between = np.maximum(sentence[:, None] - sentence, 0)
    return np.where(marked & earlier_pairs(len(text)), KEPT**between, 0)
