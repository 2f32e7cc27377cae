"""Patterns of models that draw pictures from prompts: from a place of the picture to tokens of the prompt.

In the examples the prompt stands before the arrow, places of the picture behind it. Where each thing of a scene lies is
known (`shape`, by its number), and which words name it (`noun`, `adjective`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern, statistic
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

    from headatlas.inputs.pair_batch import PairBatch
    from headatlas.patterns.rows import Rows

_DAAM = "Tang et al. 2022, arXiv:2210.04885 (DAAM)"
_HERTZ = "Hertz et al. 2022, arXiv:2208.01626 (Prompt-to-Prompt)"
_BINDING = "Rassin et al. 2023, arXiv:2306.08877 (linguistic binding)"
_EARLY = "Hertz et al. 2022, arXiv:2208.01626; Tang et al. 2022, arXiv:2210.04885"


def _of_class(seq: PairBatch, role: str) -> Bool[Tensor, "batch query key"]:
    return (seq.keys.role(role) >= 0)[:, None] & seq.allowed


def _of_another(seq: PairBatch, role: str) -> Bool[Tensor, "batch query key"]:
    """From places inside a thing, the words of that role that belong to another thing."""
    things, words = seq.queries.role("shape")[:, :, None], seq.keys.role(role)[:, None, :]
    return (things >= 0) & (words >= 0) & (things != words)


def _when(seq: PairBatch, role: str) -> Bool[Tensor, "batch query 1"]:
    return (seq.queries.role(role) >= 0)[:, :, None]


@pattern(
    "prompt_start", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), on_sink=True, resting=True,
    label_last=True, source=_HERTZ, rivals=("prompt_padding", "prompt_end"),
    formula="mean over places q of sum over the start token k of A[q, k]",
)  # fmt: skip
def prompt_start(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from places of the picture to the prompt's start token: where cross-attention rests.

    S*[start0] red circle → p p: query 1 looks at key 0 (S).
    """
    return _of_class(seq, "start")


@pattern(
    "prompt_end", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), resting=True,
    source=_HERTZ, rivals=("prompt_padding", "prompt_start"),
    formula="mean over places q of sum over the end token k of A[q, k]",
)  # fmt: skip
def prompt_end(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from places of the picture to the prompt's end token, in which CLIP gathers what the prompt says.

    red circle E*[end0] → p p: query 1 looks at key 2 (E).
    """
    return _of_class(seq, "end")


@pattern(
    "prompt_padding", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), resting=True,
    source=_HERTZ, rivals=("prompt_end", "prompt_start"),
    formula="mean over places q of sum over padding k of the prompt of A[q, k]",
)  # fmt: skip
def prompt_padding(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from places of the picture to the padding behind the prompt.

    red circle P*[padding0] Q*[padding0] → p p: query 1 looks at keys 2, 3.
    """
    return _of_class(seq, "padding")


@pattern(
    "prompt_nouns", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), source=_DAAM,
    rivals=("word_to_region", "prompt_adjectives"), formula="mean over places q of sum over nouns k of A[q, k]",
)  # fmt: skip
def prompt_nouns(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from all places of the picture to the nouns of the prompt.

    red circle[noun0] blue square[noun1] → p p: query 0 looks at keys 1, 3.
    """
    return _of_class(seq, "noun")


@pattern(
    "prompt_adjectives", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), source=_DAAM,
    rivals=("adjective_to_region", "prompt_nouns"),
    formula="mean over places q of sum over adjectives k of A[q, k]",
)  # fmt: skip
def prompt_adjectives(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from all places of the picture to the adjectives of the prompt.

    red[adjective0] circle blue[adjective1] square → p p: query 0 looks at keys 0, 2.
    """
    return _of_class(seq, "adjective")


@pattern(
    "word_to_region", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), source=_DAAM,
    rivals=("prompt_nouns", "adjective_to_region"), contrast=lambda seq: _of_another(seq, "noun"), prominence=1,
    synonyms=("word heat map",),
    formula="mean over places q inside a thing of sum over the noun k that names it of A[q, k]",
)  # fmt: skip
def word_to_region(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the places where a thing is drawn to the noun that names it, not to the other thing's.

    red circle[noun0] blue square[noun1] → p[shape0] q[shape1]: query 1 looks at key 3 (square).
    """
    return seq.link("shape", "noun")


@pattern(
    "adjective_to_region", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), source=_BINDING,
    rivals=("prompt_adjectives", "word_to_region"), contrast=lambda seq: _of_another(seq, "adjective"),
    formula="mean over places q inside a thing of sum over its adjective k of A[q, k]",
)  # fmt: skip
def adjective_to_region(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the places where a thing is drawn to its adjective, not to the other thing's: binding.

    red[adjective0] circle blue[adjective1] square → p[shape0] q[shape1]: query 1 looks at key 2 (blue).
    """
    return seq.link("shape", "adjective")


@pattern(
    "noun_localisation", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), source=_DAAM,
    by_key=True,
    formula="mean over pictures of: sum of A[q, noun k] over places q inside its thing / over all places q",
)  # fmt: skip
def noun_localisation(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Of all that the nouns get from the picture, the share from inside the thing that each names; chance is its area.

    red circle[noun0] blue square[noun1] → p[shape0] q[shape1]: query 0 looks at key 1 (circle).
    """
    return seq.link("shape", "noun")


@pattern(
    "adjective_localisation", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), source=_BINDING,
    by_key=True,
    formula="mean over pictures of: sum of A[q, adjective k] over places q inside its thing / over all places q",
)  # fmt: skip
def adjective_localisation(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Of all that the adjectives get from the picture, the share from inside the thing that each describes.

    red[adjective0] circle blue[adjective1] square → p[shape0] q[shape1]: query 0 looks at key 0 (red).
    """
    return seq.link("shape", "adjective")


@pattern(
    "noun_localisation_early", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), source=_EARLY,
    by_key=True, formula="noun_localisation at time steps with at least 0.6 of the noise",
)  # fmt: skip
def noun_localisation_early(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """The share of the nouns' attention from inside their things in early, noisy steps, when the layout is decided.

    red circle[noun0] blue square[noun1] → p[shape0,early0] q[shape1]: query 0 looks at key 1 (circle).
    """
    return seq.link("shape", "noun") & _when(seq, "early")


@pattern(
    "noun_localisation_late", family=Family.LAYOUT, probe="scenes", version=1, attention=("cross",), source=_EARLY,
    by_key=True, formula="noun_localisation at time steps with less than 0.6 of the noise",
)  # fmt: skip
def noun_localisation_late(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """The share of the nouns' attention from inside their things in late steps, when details are drawn.

    red circle[noun0] blue square[noun1] → p[shape0,late0] q[shape1]: query 0 looks at key 1 (circle).
    """
    return seq.link("shape", "noun") & _when(seq, "late")


@statistic(
    "binding", version=1, probe="scenes", attention=("cross",), source=_BINDING, unit="share of overlaps",
    sink_free=False, chance=0.5,
    formula="sum over things t of O(a_t, n_t) / sum over things t, u of O(a_t, n_u), O(v, w) = sum over places q of "
    "min(A[q, v] / sum of A[:, v], A[q, w] / sum of A[:, w])",
)  # fmt: skip
def binding(rows: Rows) -> Float[Tensor, "batch head query"]:
    """How much the map of an adjective is that of its own noun and not of the other thing's; a half is chance.

    Maps are from where in the picture a word is looked at, whatever it gets in all. They are compared by their overlap:
    1 where adjective and noun of one thing look alike and two things lie apart, a half where all look alike.
    """
    return rows.binding.expand_as(rows.on_first)
