"""Patterns of models that read pictures within text: from words to the picture, and from patch to patch.

In the examples `p[picture0]` is a token of the picture. Where each thing of a scene lies is known (`shape`, by its
number), which words name it (`noun`, `adjective`), and which one a question asks for (`asked`, its last token). Of
pictures of words the things are the words, which are `written` in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern, statistic
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch
    from headatlas.patterns.rows import Rows

_FASTV = "Chen et al. 2024, arXiv:2403.06764 (FastV)"
_SINK = "Kang et al. 2025, arXiv:2503.03321 (visual attention sinks)"
_LOCALISATION = "Kang et al. 2025, arXiv:2503.06287 (localisation heads)"
_CARON = "Caron et al. 2021, arXiv:2104.14294 (attention that segments)"
_OCR = "Baek et al. 2025, arXiv:2505.15865 (OCR heads)"
_SELF = ("self",)
# What the sentence of a head says of it.
PICTURE_SINK = "picture_sink"


def _numbered(marked: Bool[Tensor, "batch position"]) -> Int[Tensor, "batch position"]:
    return marked.long() - 1


def _words(seq: TokenBatch) -> Int[Tensor, "batch query"]:
    """0 for tokens of the text that are none of the picture; -1 for the others."""
    return _numbered(seq.ordinary & (seq.role("picture") < 0))


def _whole_picture(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    return seq.same_group(_numbered(seq.real), seq.role("picture"))


def _other_thing(seq: TokenBatch, targets: Bool[Tensor, "batch query key"]) -> Bool[Tensor, "batch query key"]:
    """From words that have targets, the patches of the thing that they do not speak of."""
    return seq.others(targets, seq.marked("shape"))


def _coming(seq: TokenBatch) -> Int[Tensor, "batch query"]:
    """The number of the written word that begins with the next token; -1 for none."""
    coming = seq.role("written:first").roll(-1, 1)
    coming[:, -1] = -1
    return coming


@pattern(
    "picture_tokens", family=Family.LAYOUT, probe="captions", version=1, attention=_SELF, source=_FASTV,
    rivals=("picture_ground",), formula="mean over words q of sum over the picture's tokens k of A[q, k]",
)  # fmt: skip
def picture_tokens(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from words to the picture: to all of its tokens.

    S* p[picture0] p[picture0] a red circle: query 4 (red) looks at keys 1, 2.
    """
    return seq.same_group(_words(seq), seq.role("picture"))


@pattern(
    "picture_ground", family=Family.LAYOUT, probe="captions", version=1, attention=_SELF, source=_SINK, resting=True,
    rivals=("picture_tokens", "named_patches"), synonyms=("visual attention sink",),
    formula="mean over words q of sum over tokens k of the picture on which no thing is drawn of A[q, k]",
)  # fmt: skip
def picture_ground(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from words to patches on which nothing is drawn: where sinks within pictures lie.

    S* p[picture0] p[picture0,shape0] a red circle: query 4 (red) looks at key 1.
    """
    drawn = (seq.role("shape") >= 0) | (seq.role("placeless") >= 0)
    return seq.same_group(_words(seq), _numbered((seq.role("picture") >= 0) & ~drawn))


@pattern(
    "named_patches", family=Family.LAYOUT, probe="captions", version=1, attention=_SELF, source=_LOCALISATION,
    rivals=("picture_tokens", "described_patches"), contrast=lambda seq: _other_thing(seq, named_patches(seq)),
    prominence=1, synonyms=("grounding head",),
    formula="mean over nouns q of sum over the patches k of the thing that q names of A[q, k]",
)  # fmt: skip
def named_patches(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a noun to the patches of the thing that it names, not to those of the other thing.

    p[picture0,shape0] p[picture0,shape1] red circle[noun0] blue square[noun1]: query 5 (square) looks at key 1.
    """
    return seq.link("noun", "shape")


@pattern(
    "described_patches", family=Family.LAYOUT, probe="captions", version=1, attention=_SELF, source=_LOCALISATION,
    rivals=("picture_tokens", "named_patches"), contrast=lambda seq: _other_thing(seq, described_patches(seq)),
    formula="mean over adjectives q of sum over the patches k of the thing that q describes of A[q, k]",
)  # fmt: skip
def described_patches(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from an adjective to the patches of the thing that it describes, not to those of the other thing.

    p[picture0,shape0] p[picture0,shape1] red[adjective0] circle blue[adjective1] square: query 4 (blue) looks at key 1.
    """
    return seq.link("adjective", "shape")


@pattern(
    "asked_patches", family=Family.LAYOUT, probe="captions", version=1, attention=_SELF, source=_LOCALISATION,
    rivals=("picture_tokens",), contrast=lambda seq: _other_thing(seq, asked_patches(seq)),
    synonyms=("localisation head",),
    formula="mean over questions of sum over the patches k of the thing asked for of A[last token, k]",
)  # fmt: skip
def asked_patches(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the end of a question to the patches of the thing that it asks for, not to the other thing's.

    p[picture0,shape0] p[picture0,shape1] what is square ?[asked1]: query 5 (?) looks at key 1.
    """
    return seq.link("asked", "shape")


@pattern(
    "named_localisation", family=Family.LAYOUT, probe="captions", version=1, attention=_SELF, source=_LOCALISATION,
    within=_whole_picture,
    formula="mean over texts of: sum of A[noun q, k] over patches k of its thing / over all tokens k of the picture",
)  # fmt: skip
def named_localisation(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Of all that nouns give the picture, the share on the thing that each names; chance is its area.

    p[picture0,shape0] p[picture0] red circle[noun0]: query 3 (circle) looks at key 0.
    """
    return seq.link("noun", "shape")


@pattern(
    "asked_localisation", family=Family.LAYOUT, probe="captions", version=1, attention=_SELF, source=_LOCALISATION,
    within=_whole_picture,
    formula="mean over questions of: sum of A[last token, k] over patches k of the thing / over the picture's tokens k",
)  # fmt: skip
def asked_localisation(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Of all that the end of a question gives the picture, the share on the thing asked for; chance is its area.

    p[picture0,shape0] p[picture0] what is circle ?[asked0]: query 5 (?) looks at key 0.
    """
    return seq.link("asked", "shape")


@pattern(
    "same_thing", family=Family.LAYOUT, probe="captions", version=1, attention=_SELF, source=_CARON,
    rivals=("picture_tokens",),
    formula="mean over patches q of a thing of sum over the thing's other patches k before q of A[q, k]",
)  # fmt: skip
def same_thing(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a patch of a thing to other patches of the same thing.

    p[picture0,shape0] q[picture0] r[picture0,shape0] a: query 2 (r) looks at key 0 (p).
    """
    return seq.link("shape", "shape")


@pattern(
    "written_patches", family=Family.LAYOUT, probe="written_words", version=1, attention=_SELF, source=_OCR,
    rivals=("picture_tokens", "coming_written_patches"), contrast=lambda seq: _other_thing(seq, written_patches(seq)),
    formula="mean over pieces q of a word of sum over the patches k on which the same word is written of A[q, k]",
)  # fmt: skip
def written_patches(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a word to the patches on which it is written, not to those of the other word.

    p[picture0,shape0] p[picture0,shape1] upper is RIVER[written0]: query 4 (RIVER) looks at key 0.
    """
    return seq.link("written", "shape")


@pattern(
    "coming_written_patches", family=Family.LAYOUT, probe="written_words", version=1, attention=_SELF, source=_OCR,
    rivals=("picture_tokens", "written_patches"), contrast=lambda seq: _other_thing(seq, coming_written_patches(seq)),
    synonyms=("OCR head",),
    formula="mean over q before a word of sum over the patches k on which the word is written of A[q, k]",
)  # fmt: skip
def coming_written_patches(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the patches on which the word is written that comes next: reading it off the picture.

    p[picture0,shape0] p[picture0,shape1] upper is RIVER[written0]: query 3 (is) looks at key 0.
    """
    return seq.same_group(_coming(seq), seq.role("shape"))


@statistic(
    PICTURE_SINK, version=1, source=_SINK, probe="captions", unit="share of attention", sink_free=False,
    attention=("self", "cross"), on_sink=True, synonyms=("image sink", "visual sink token"),
    formula="mean over texts and words q of sum over sinks k among the picture's tokens of A[q, k]",
)  # fmt: skip
def picture_sink(rows: Rows) -> Float[Tensor, "batch head query"]:
    """What words leave on those tokens of the picture on which the layer's heads rest, whatever the word and the thing.

    Which these are is found in the attention itself: tokens that get at least a tenth of the words' attention beyond an
    even share, on the mean over the layer's heads, and that in each of four groups to which words are dealt by turns.
    """
    return rows.on_picture_sinks.expand_as(rows.on_first)
