"""Syntactic patterns: from a word to the word it belongs to.

The query is a word's last token, where it is complete; the target is all tokens of the other word together.
Of each pair of patterns, such as `object_of_verb` and `verb_of_object`, causal attention can only follow the one
that looks back; the other is for bidirectional models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch

PROBE = "grammar_sentences"
CLARK = "Clark et al. 2019, arXiv:1906.04341, section 4.2"
VOITA = "Voita et al. 2019, arXiv:1905.09418, section 5.2"
COREFERENCE = "Clark et al. 2019, arXiv:1906.04341, section 4.3; Voita et al. 2018, arXiv:1805.10163"
BEHIND = ("previous_token", "fixed_offset", "local_window", "first_token")
AHEAD = ("next_token", "fixed_offset", "local_window", "first_token")
# Roles of words that could stand in a relation, and do not in the one that is asked for.
NOUNS = ("noun", "name", "pronoun")
VERBS = ("verb", "verb_like")


@pattern(
    "determiner_of_noun", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (det)",
    rivals=(*BEHIND, "adjective_of_noun", "possessor_of_noun"),
    formula="mean over nouns with a determiner of A[noun's last token, determiner]",
    contrast=lambda seq: seq.others(determiner_of_noun(seq), seq.marked("det")),
    synonyms=("det",),
)  # fmt: skip
def determiner_of_noun(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A noun attends to its determiner: the, a, this, some.

    The[det0] old[adj0] kitchen door[noun0] creaks: query 3 (door) looks at key 0 (The).
    """
    return seq.link("noun:last", "det")


@pattern(
    "noun_of_determiner", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (det)",
    rivals=(*AHEAD, "noun_of_adjective"), bidirectional=True,
    formula="mean over determiners of the sum of A[determiner, k] over the noun's tokens k",
    contrast=lambda seq: seq.others(noun_of_determiner(seq), seq.marked(*NOUNS)),
)  # fmt: skip
def noun_of_determiner(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A determiner attends to its noun, which stands ahead.

    The[det0] old[adj0] kitchen door[noun0] creaks: query 0 (The) looks at key 3 (door).
    """
    return seq.link("det:last", "noun")


@pattern(
    "adjective_of_noun", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (amod)",
    rivals=(*BEHIND, "determiner_of_noun"),
    formula="mean over nouns with adjectives of the sum of A[noun's last token, k] over their tokens k",
    contrast=lambda seq: seq.others(adjective_of_noun(seq), seq.marked("adj")),
    synonyms=("amod",),
)  # fmt: skip
def adjective_of_noun(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A noun attends to the adjectives before it.

    Other nouns may stand between ("the old kitchen door").

    The[det0] old[adj0] and heavy[adj0] kitchen door[noun0] creaks: query 5 (door) looks at keys 1 (old) and 3 (heavy).
    """
    return seq.link("noun:last", "adj")


@pattern(
    "noun_of_adjective", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (amod)",
    rivals=(*AHEAD, "noun_of_determiner"), bidirectional=True,
    formula="mean over adjectives of the sum of A[adjective's last token, k] over the noun's tokens k",
    contrast=lambda seq: seq.others(noun_of_adjective(seq), seq.marked(*NOUNS)),
)  # fmt: skip
def noun_of_adjective(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """An adjective attends to the noun it describes, which stands ahead.

    The[det0] old[adj0] kitchen door[noun0] creaks: query 1 (old) looks at key 3 (door).
    """
    return seq.link("adj:last", "noun")


@pattern(
    "verb_of_object", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (dobj); {VOITA}",
    rivals=(*BEHIND, "subject_of_verb", "preposition_of_object"),
    formula="mean over objects of the sum of A[object's last token, k] over the verb's tokens k",
    contrast=lambda seq: seq.others(verb_of_object(seq), seq.marked(*VERBS)),
    synonyms=("dobj",),
)  # fmt: skip
def verb_of_object(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A verb's direct object attends to the verb.

    Anna sent[verb0] Peter the old key[object0]: query 5 (key) looks at key 1 (sent).
    """
    return seq.link("object:last", "verb")


@pattern(
    "object_of_verb", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (dobj); {VOITA}",
    rivals=AHEAD, bidirectional=True,
    formula="mean over verbs with an object of the sum of A[verb's last token, k] over the object's tokens k",
    contrast=lambda seq: seq.others(object_of_verb(seq), seq.marked(*NOUNS)),
)  # fmt: skip
def object_of_verb(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A verb attends to its direct object, which stands ahead.

    Anna sent[verb0] Peter the old key[object0]: query 1 (sent) looks at key 5 (key).
    """
    return seq.link("verb:last", "object")


@pattern(
    "subject_of_verb", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (nsubj); {VOITA}",
    rivals=(*BEHIND, "auxiliary_of_verb"),
    formula="mean over verbs of the sum of A[verb's last token, k] over the subject's tokens k",
    contrast=lambda seq: seq.others(subject_of_verb(seq), seq.marked(*NOUNS)),
    synonyms=("nsubj",),
)  # fmt: skip
def subject_of_verb(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A verb attends to its subject, past other nouns between the two.

    The subject is the phrase's main noun or pronoun. Where there is an auxiliary, the verb is the main verb;
    otherwise it is the verb that agrees with the subject, a form of "be" included.

    The keys[subject0] behind the doors are[verb0] old: query 5 (are) looks at key 1 (keys).
    """
    return seq.link("verb:last", "subject")


@pattern(
    "verb_of_subject", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (nsubj); {VOITA}",
    rivals=AHEAD, bidirectional=True,
    formula="mean over subjects of the sum of A[subject's last token, k] over the verb's tokens k",
    contrast=lambda seq: seq.others(verb_of_subject(seq), seq.marked(*VERBS)),
)  # fmt: skip
def verb_of_subject(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A subject attends to its verb, which stands ahead.

    The keys[subject0] behind the doors are[verb0] old: query 1 (keys) looks at key 5 (are).
    """
    return seq.link("subject:last", "verb")


@pattern(
    "preposition_of_object", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (pobj)",
    rivals=(*BEHIND, "determiner_of_noun", "verb_of_object"),
    formula="mean over objects of prepositions of A[object's last token, preposition]",
    synonyms=("pobj",),
)  # fmt: skip
def preposition_of_object(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """The object of a preposition attends to the preposition.

    They wait behind[prep0] the old church[prep_object0]: query 5 (church) looks at key 2 (behind).
    """
    return seq.link("prep_object:last", "prep")


@pattern(
    "possessor_of_noun", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (poss)",
    rivals=(*BEHIND, "determiner_of_noun", "adjective_of_noun"),
    formula="mean over possessed nouns of the sum of A[noun's last token, k] over the possessor's tokens k",
    contrast=lambda seq: seq.others(possessor_of_noun(seq), seq.marked(*NOUNS)),
    synonyms=("poss",),
)  # fmt: skip
def possessor_of_noun(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A possessed noun attends to its possessor: a noun, a name, or a pronoun such as "her".

    The 's after a noun is not counted as part of it.

    The king[possessor0] 's old coats[noun0] are wet: query 4 (coats) looks at key 1 (king).
    """
    return seq.link("noun:last", "possessor")


@pattern(
    "antecedent_of_pronoun", family=Family.SYNTAX, probe=PROBE, version=1, source=COREFERENCE,
    rivals=(*BEHIND, "verb_of_subject", "capitalised"),
    formula="mean over pronouns of the sum of A[pronoun, k] over the antecedent's tokens k",
    contrast=lambda seq: seq.others(antecedent_of_pronoun(seq), seq.marked("noun", "name")),
    synonyms=("coreference", "anaphora"),
)  # fmt: skip
def antecedent_of_pronoun(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A pronoun attends to the noun or name it stands for.

    Of the nouns before it, only that one agrees with it in gender and number.

    Anna[antecedent0] met the king while she[pronoun0] slept: query 5 (she) looks at key 0 (Anna).
    """
    return seq.link("pronoun:last", "antecedent")


@pattern(
    "auxiliary_of_verb", family=Family.SYNTAX, probe=PROBE, version=1, source=f"{CLARK} (aux)",
    rivals=(*BEHIND, "subject_of_verb"),
    formula="mean over verbs with an auxiliary of A[verb's last token, auxiliary]",
    contrast=lambda seq: seq.others(auxiliary_of_verb(seq), seq.marked("aux", "aside", *VERBS)),
)  # fmt: skip
def auxiliary_of_verb(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A main verb attends to its auxiliary: has, did, will.

    Did[aux0] the old king laugh[verb0] ?: query 4 (laugh) looks at key 0 (Did).
    """
    return seq.link("verb:last", "aux")
