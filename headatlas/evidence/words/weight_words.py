"""What weights say of relations between words and of copy suppression, in sentences. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headatlas.evidence.types import SUCCESSOR, relation_type, suppressed_type
from headatlas.evidence.word_pairs import RELATIONS

# Relations and successors that weights give in at least this share of pairs above chance are named.
GIVES = 0.25
# Copy suppression is named where both of its halves hold in at least this share of pairs.
SUPPRESSES = 0.8


def given_words(values: Mapping[str, float]) -> list[str]:
    """Relations that the output weights give, and copy suppression, where that is much.

    `values` are the head's, by type of evidence.
    """
    gives = {relation_type(relation.name): relation.gives for relation in RELATIONS}
    gives[SUCCESSOR] = "the successor of a day, a month, a number or a letter"
    given = sorted((type_ for type_ in gives if values.get(type_, 0) >= GIVES), key=lambda type_: -values[type_])
    sentences = []
    if given:
        named = listed([f"{gives[type_]} ({100 * values[type_]:.0f}%)" for type_ in given])
        sentences.append(f"Its output weights give {named}: the share of words, less that of random pairs.")
    takes = {suppressed_type(relation.name): relation.gives for relation in RELATIONS}
    taken = sorted((type_ for type_ in takes if values.get(type_, 0) >= GIVES), key=lambda type_: -values[type_])
    if taken:
        named = listed([f"{takes[type_]} ({100 * values[type_]:.0f}%)" for type_ in taken])
        sentences.append(f"Its output weights write against {named}: the share of words, less that of random pairs.")
    halves = [values.get(type_, 0) for type_ in ("qk_predicted_token", "ov_own_token_lowered")]
    if min(halves) >= SUPPRESSES:
        shown = " and ".join(f"{half:.2f}" for half in halves)
        sentences.append(
            f"By its weights it looks for the token that is about to be predicted and writes against it ({shown}, by "
            "chance 0.50): copy suppression."
        )
    return sentences


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
