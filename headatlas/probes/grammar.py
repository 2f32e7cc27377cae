"""English sentences whose relations are known: what syntactic heads are measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import DoesNotFit, ProbeContext, probe
from headatlas.probes.grammar_writer import Distances, Writer

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 64
MIN_TEXTS = 16  # with fewer texts than this the scores would say little
FEATURES = ("", "f", "n", "m", "", "p", "f", "m")  # what each text's pronoun refers to
EXAMPLE_ROLES = {"det", "adj", "aux", "subject", "object", "prep", "pronoun"}


def texts(random: np.random.Generator) -> list[AnnotatedText]:
    """The texts with their roles; what a tokenizer makes of them plays no part."""
    distances = Distances(random)
    return [Writer(random, distances, FEATURES[number % len(FEATURES)]).text() for number in range(N_TEXTS)]


def _shows_most(marked: AnnotatedText) -> tuple[bool, int]:
    """Sorts texts by how well they serve as an example: a short one that has the commonest relations."""
    return not marked.spans.keys() >= EXAMPLE_ROLES, len(marked.text)


@probe("grammar_sentences", version=3, draws_in_full=4)
def grammar_sentences(context: ProbeContext) -> Iterator[TokenSequence]:
    """English sentences whose grammatical relations are known, because a small grammar of our own wrote them.

    64 texts of one or two sentences. How far apart related words stand differs: there may be adjectives and
    other nouns before a noun, adverbs between an auxiliary and its verb, prepositional phrases and relative
    clauses between a subject and its verb, a receiver between a verb and its object, and questions begin with
    the auxiliary. So no fixed offset finds most of them, and nouns that do not belong to the verb stand in
    between. A pronoun has one antecedent that agrees with it; other nouns before it have another gender or
    number.

    Decoys: most verbs have no form in -ed, while adjectives and nouns around the objects end in -ed or -ing ("sold
    the smiling girl a sewing box"), and a receiver may have a clause with another verb between the verb and its
    object. Between an auxiliary and its verb may stand an aside with a pronoun ("had, as we know, sold the boat"),
    so that what follows the latest pronoun is not always the auxiliary. Roles of words, with one group number for
    each relation: `det`, `adj`, `possessor` and `noun`; `aux`, `verb`, `subject` and `object`; `prep` and
    `prep_object`; `pronoun` and `antecedent`. Besides, `name` each name, `verb_like` what ends as verbs do and is
    none, and `aside` the words of an aside.

    The subject of "who sold the boat" has no role, since both "who" and the word before it could be named;
    nor has the object of "that the farmer sold". After Clark et al. 2019, arXiv:1906.04341, who used parsed
    newspaper text; one short text is kept as an example.
    """
    if context.vocabulary.tokenizer is None:
        raise DoesNotFit("left out: sentences need a tokenizer, and this model has none")
    made = [(marked, context.vocabulary.marked(marked, limit=context.max_length)) for marked in texts(context.random)]
    fitting = [(marked, sequence) for marked, sequence in made if sequence is not None]
    if len(fitting) < MIN_TEXTS:
        raise DoesNotFit(
            f"left out: only {len(fitting)} of {len(made)} texts fit into a context of {context.max_length} tokens"
        )
    if len(fitting) < len(made):
        context.note(f"{len(made) - len(fitting)} of {len(made)} texts left out: longer than the context")
    example = min(range(len(fitting)), key=lambda number: _shows_most(fitting[number][0]))
    for number, (_, sequence) in enumerate(fitting):
        yield replace(sequence, example=number == example)
