"""French and English sentences from one grammar that knows which word translates which: for cross-attention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import DoesNotFit, ProbeContext, probe, those_that_fit

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_PAIRS = 64
N_EXAMPLES = 2

# French masculine, French feminine, English; of nouns the French gender.
DETERMINERS = (("le", "la", "the"), ("un", "une", "a"), ("ce", "cette", "this"), ("chaque", "chaque", "every"))
NOUNS = (
    ("chat", "m", "cat"), ("chien", "m", "dog"), ("cheval", "m", "horse"), ("jardin", "m", "garden"),
    ("livre", "m", "book"), ("bateau", "m", "boat"), ("pont", "m", "bridge"), ("train", "m", "train"),
    ("maison", "f", "house"), ("table", "f", "table"), ("voiture", "f", "car"), ("femme", "f", "woman"),
    ("fille", "f", "girl"), ("porte", "f", "door"), ("montagne", "f", "mountain"), ("lampe", "f", "lamp"),
)  # fmt: skip
# These follow the noun in French; those after them stand before it, as all do in English.
AFTER = (
    ("noir", "noire", "black"), ("blanc", "blanche", "white"), ("vert", "verte", "green"), ("bleu", "bleue", "blue"),
    ("rouge", "rouge", "red"), ("lourd", "lourde", "heavy"), ("rapide", "rapide", "fast"), ("froid", "froide", "cold"),
)  # fmt: skip
BEFORE = (
    ("petit", "petite", "small"), ("grand", "grande", "big"), ("jeune", "jeune", "young"), ("beau", "belle", "fine"),
)  # fmt: skip
VERBS = (
    ("voit", "sees", "see"), ("cherche", "seeks", "seek"), ("trouve", "finds", "find"), ("garde", "keeps", "keep"),
    ("suit", "follows", "follow"), ("montre", "shows", "show"), ("touche", "touches", "touch"),
    ("aime", "loves", "love"),
)  # fmt: skip
PREPOSITIONS = (
    ("dans", "in"), ("sous", "under"), ("sur", "on"), ("derrière", "behind"), ("avec", "with"), ("sans", "without"),
)  # fmt: skip
TIMES = (("demain", "tomorrow"), ("souvent", "often"), ("ici", "here"), ("encore", "again"))


@dataclass(frozen=True)
class Pair:
    """A sentence in both languages; words with the same number translate each other, -1 stands for none."""

    french: tuple[tuple[str, int], ...]
    english: tuple[tuple[str, int], ...]


def sentence(random: np.random.Generator) -> Pair:
    """One sentence: subject, verb (at times denied), object, and at times a place and a time.

    Subjects and objects have a determiner and up to two adjectives, most of which change sides.
    """
    french: list[tuple[str, int]] = []
    english: list[tuple[str, int]] = []
    count = iter(range(100))

    def pick(options: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
        return options[int(random.integers(len(options)))]

    def noun_phrase() -> None:
        noun, gender, english_noun = pick(NOUNS)
        form = 0 if gender == "m" else 1
        det, thing = (pick(DETERMINERS), next(count)), next(count)
        before = (pick(BEFORE), next(count)) if random.random() < 0.35 else None
        after = (pick(AFTER), next(count)) if random.random() < 0.75 else None
        number = next(count)
        french.append((det[0][form], number))
        english.append((det[0][2], number))
        if before:
            french.append((before[0][form], before[1]))
            english.append((before[0][2], before[1]))
        french.append((noun, thing))
        if after:
            french.append((after[0][form], after[1]))
            english.append((after[0][2], after[1]))
        english.append((english_noun, thing))

    noun_phrase()
    verb, number = pick(VERBS), next(count)
    if random.random() < 0.25:
        denied = next(count)
        french += [("ne", denied), (verb[0], number), ("pas", denied)]
        english += [("does", -1), ("not", denied), (verb[2], number)]
    else:
        french.append((verb[0], number))
        english.append((verb[1], number))
    noun_phrase()
    if random.random() < 0.4:
        preposition, number = pick(PREPOSITIONS), next(count)
        french.append((preposition[0], number))
        english.append((preposition[1], number))
        noun_phrase()
    if random.random() < 0.4:
        time, number = pick(TIMES), next(count)
        french.append((time[0], number))
        english.append((time[1], number))
    number = next(count)
    return Pair((*french, (".", number)), (*english, (".", number)))


# What people know from the first lesson; it is kept as an example.
FIRST = Pair(
    (("le", 0), ("chat", 1), ("noir", 2), ("voit", 3), ("une", 4), ("petite", 5), ("fille", 6), (".", 7)),
    (("the", 0), ("black", 2), ("cat", 1), ("sees", 3), ("a", 4), ("small", 5), ("girl", 6), (".", 7)),
)


def probe_pairs() -> list[Pair]:
    """The sentences of the probes: the same in both directions, whatever the seed."""
    import numpy as np

    random = np.random.default_rng(N_PAIRS)
    return [FIRST, *(sentence(random) for _ in range(N_PAIRS - 1))]


def marked(words: tuple[tuple[str, int], ...], role: str) -> AnnotatedText:
    """A side of a pair as text, its words with their numbers as groups of a role."""
    text = AnnotatedText()
    for position, (word, number) in enumerate(words):
        if position and word != ".":
            text.add(" ")
        shown = word.capitalize() if position == 0 else word
        text.add(shown, **({role: number} if number >= 0 else {}))
    return text


@probe("french_to_english", version=1, medium="pairs", smallest_set="quick")
def french_to_english(context: ProbeContext) -> Iterator[TokenSequence]:
    """French sentences for the encoder and their English translations for the decoder, word by word aligned.

    Simple sentences of our own words in which most adjectives change sides ("le chat noir", "the black cat")
    and two French words deny with one English one, so that what is aligned is not what stands at the same place.
    The target is read by the decoder as in training (teacher forcing). The first two pairs are kept as examples.
    """
    yield from _pairs(context, from_french=True)


@probe("english_to_french", version=1, medium="pairs", smallest_set="quick")
def english_to_french(context: ProbeContext) -> Iterator[TokenSequence]:
    """The pairs of `french_to_english` the other way round, for models that translate into French."""
    yield from _pairs(context, from_french=False)


def _pairs(context: ProbeContext, from_french: bool) -> Iterator[TokenSequence]:
    if context.vocabulary.tokenizer is None:
        raise DoesNotFit("left out: the model has no tokenizer, so text cannot be read")
    sides = [(pair.french, pair.english) if from_french else (pair.english, pair.french) for pair in probe_pairs()]
    yield from those_that_fit(context, "pairs", (
        context.vocabulary.pair(
            marked(source, "source_word"), marked(target, "target_word"),
            limit=context.max_length, example=index < N_EXAMPLES,
        )
        for index, (source, target) in enumerate(sides)
    ))  # fmt: skip
