"""Patterns of models that write down speech: from words to the frames in which they are spoken, and among frames.

In the examples frames of the sound stand before the arrow and words behind it; frames of one word have the role `sound`
with the word's number, the word's tokens the role `spoken`. Frames are 20 ms long. Behind the sound there is padding,
at which heads may look: it is most of the half minute that Whisper hears at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.pair_batch import PairBatch
    from headatlas.inputs.token_batch import TokenBatch

_WHISPER = "Radford et al. 2022, arXiv:2212.04356; OpenAI's whisper/timing.py (times of words from cross-attention)"
_MONOTONIC = "Chorowski et al. 2015, arXiv:1506.07503; Raffel et al. 2017, arXiv:1704.00784"
_YANG = "Yang et al. 2020, arXiv:2006.03265"
_SINK = "headatlas; nearest: Xiao et al. 2023, arXiv:2309.17453"


def _hears(seq: PairBatch) -> Bool[Tensor, "batch 1 1"]:
    """Whether the source of a pair is a sound that says something; other encoder-decoders read text, or draw."""
    return (seq.keys.role("sound") >= 0).any(-1)[:, None, None]


def _of_role(seq: PairBatch, role: str) -> Bool[Tensor, "batch query key"]:
    return (seq.keys.role(role) >= 0)[:, None] & seq.allowed


def _of_other_words(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """From tokens of a word, the frames of the other words."""
    spoken, sound = seq.queries.role("spoken")[:, :, None], seq.keys.role("sound")[:, None, :]
    return (spoken >= 0) & (sound >= 0) & (spoken != sound)


@pattern(
    "spoken_word", family=Family.LAYOUT, probe="spoken_words", version=1, attention=("cross",), source=_WHISPER,
    rivals=("coming_spoken_word", "speech_in_step", "speech_padding"), contrast=_of_other_words,
    synonyms=("speech_alignment", "monotone_alignment"),
    formula="mean over q of a spoken word of sum over the frames k of that word of A[q, k]",
)  # fmt: skip
def spoken_word(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the frames in which the word is spoken that has just been read.

    m[sound0] e[sound0] g[sound1] P* → S* me[spoken0] go[spoken1]: query 1 (me) looks at keys 0, 1.
    """
    return seq.link("spoken", "sound")


@pattern(
    "coming_spoken_word", family=Family.LAYOUT, probe="spoken_words", version=1, attention=("cross",), source=_WHISPER,
    rivals=("spoken_word", "speech_in_step", "speech_padding"),
    contrast=lambda seq: seq.shift_to_next_query(_of_other_words(seq)), prominence=1,
    synonyms=("alignment_head", "timestamp_head"),
    formula="mean over q before a token of a spoken word of sum over the frames k of that word of A[q, k]",
)  # fmt: skip
def coming_spoken_word(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the frames in which the word is spoken whose token comes next: the word that is being written down.

    m[sound0] e[sound0] g[sound1] P* → S* me[spoken0] go[spoken1]: query 0 (S) looks at keys 0, 1.
    """
    return seq.shift_to_next_query(seq.link("spoken", "sound"))


@pattern(
    "speech_in_step", family=Family.LAYOUT, probe="spoken_words", version=1, attention=("cross",), source=_MONOTONIC,
    rivals=("spoken_word", "coming_spoken_word"),
    formula="mean over q, the i-th of N tokens, of sum over frames k from i M / N to (i + 1) M / N of M of A[q, k]",
)  # fmt: skip
def speech_in_step(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends as far into the speech as the query is into the text, whatever is said there: the diagonal.

    m[sound0] e[sound0] g[sound1] o[sound1] P* → S* me[spoken0] go[spoken1]: query 2 (go) looks at keys 2, 3.
    """
    n_queries = seq.queries.ordinary.sum(-1)[:, None, None].clamp(min=1)
    n_frames = seq.keys.ordinary.sum(-1)[:, None, None]
    token = seq.text_index[:, :, None]
    frame = (seq.keys.ordinary.cumsum(-1) - 1)[:, None, :]
    inside = (frame * n_queries >= token * n_frames) & (frame * n_queries < (token + 1) * n_frames)
    return inside & (token >= 0) & seq.keys.ordinary[:, None, :] & _hears(seq)


@pattern(
    "speech_start", family=Family.LAYOUT, probe="spoken_words", version=1, attention=("cross",), source=_SINK,
    on_sink=True, resting=True, label_last=True, rivals=("speech_padding", "speech_pause"),
    formula="mean over q of A[q, first frame]",
)  # fmt: skip
def speech_start(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the first frame of the sound: a sink of cross-attention.

    It has no sink-free score: the first position is what it measures.

    u[pause0] m[sound0] e[sound0] → S* me[spoken0]: query 1 (me) looks at key 0 (u).
    """
    return (seq.keys.positions == 0) & _hears(seq) & seq.allowed


@pattern(
    "speech_pause", family=Family.LAYOUT, probe="spoken_words", version=1, attention=("cross",), source=_WHISPER,
    resting=True, rivals=("speech_padding", "spoken_word", "coming_spoken_word"),
    formula="mean over q of sum over the frames k between words of A[q, k]",
)  # fmt: skip
def speech_pause(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the pauses between spoken words.

    m[sound0] e[sound0] u[pause0] g[sound1] P* → S* me[spoken0]: query 1 (me) looks at key 2 (u).
    """
    return _of_role(seq, "pause")


@pattern(
    "speech_padding", family=Family.LAYOUT, probe="spoken_words", version=1, attention=("cross",), source=_WHISPER,
    resting=True, rivals=("speech_start", "speech_pause"),
    formula="mean over q of sum over the frames k of padding of A[q, k]",
)  # fmt: skip
def speech_padding(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the padding behind the sound, where nothing is said. Most frames are padding, and so is chance high.

    m[sound0] P*[sound_padding0] Q*[sound_padding0] → S* me[spoken0]: query 1 (me) looks at keys 1, 2.
    """
    return _of_role(seq, "sound_padding")


@pattern(
    "same_word_frames", family=Family.LAYOUT, probe="spoken_words", version=1, attention=("encoder",), source=_YANG,
    rivals=("nearby_tokens", "local_window", "current_token"),
    formula="mean over frames q of a word of sum over its other frames k of A[q, k]",
)  # fmt: skip
def same_word_frames(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a frame of a spoken word to the other frames of that word.

    m[sound0] e[sound0] g[sound1] o[sound1]: query 1 (e) looks at key 0 (m).
    """
    return seq.link("sound", "sound")


@pattern(
    "frame_padding", family=Family.LAYOUT, probe="spoken_words", version=1, attention=("encoder",), source=_WHISPER,
    bidirectional=True, resting=True, rivals=("last_token", "first_token"),
    formula="mean over frames q of the sound of sum over the frames k of padding of A[q, k]",
)  # fmt: skip
def frame_padding(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from frames of the sound to the padding behind it. Most frames are padding, and so is chance high.

    m[sound0] e[sound0] P*[sound_padding0] Q*[sound_padding0]: query 1 (e) looks at keys 2, 3.
    """
    padding = seq.role("sound_padding")
    return ((padding >= 0)[:, None] & (padding < 0)[:, :, None]) & seq.allowed
