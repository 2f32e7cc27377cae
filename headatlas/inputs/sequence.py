"""One input of a probe: its tokens, what they say, and their roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float32, Shaped, UInt8

# The role of the tokens of a picture that stands within a text.
PICTURE = "picture"
# Of these, the role of those that are no part of it: latents that sum it up, and ends of rows.
PLACELESS = "placeless"

# The role of tokens that only fill up what a model reads.
PADDING = "sound_padding"


@dataclass(frozen=True)
class Drawing:
    """What a model that draws pictures is given beside a picture: a sentence, how much noise, and the noise's seed.

    `noise` is the time of diffusion as a share, from 0 (the clean picture) to 1 (nothing but noise). `step` counts from
    0 where the picture is one that the model draws itself: then the signal is what it has at that step, noise and all.
    """

    prompt: str
    noise: float
    seed: int
    step: int | None = None


@dataclass(frozen=True)
class Painting:
    """A picture that a model has drawn, and what it was given at each of its steps, with the noise left in it."""

    image: UInt8[np.ndarray, "height width colour"]
    latents: list[Float32[np.ndarray, "channel row column"]]
    noise: list[float]


@dataclass(frozen=True)
class TokenSequence:
    """One input of a probe.

    `ids`, `texts` and `special` have one entry a token: its id, what it says, and whether the model's
    tokenizer added it (such as BOS). `roles` names positions: `{"needle": {7: 0, 8: 0, 30: 1}}` says that
    tokens 7 and 8 are needle number 0 and token 30 is needle number 1. An `example` is kept as a heatmap.

    For an encoder-decoder this is what the decoder reads, and `source` what the encoder reads. A model of images or
    sounds gets `signal`; its tokens are patches in the rows and columns of `grid`, or stretches of time, and `image`
    [height, width, colour] is what to show. Of a model that writes down speech these are the `source`'s, and the tokens
    are words. Of a model that draws pictures the tokens are places of the picture,
    `signal` is the picture that `drawing` says how to mix with noise, and `source` holds the tokens of the prompt.

    A picture that stands within a text takes the tokens of the role `picture`, in the rows and columns of `grid`;
    `given` is what goes with the ids, by name: pixels, and numbers of each token. Where a model that is causal
    otherwise lets some tokens see each other both ways, these are the ones from the first of `two_way` to before the
    last. Where a text looks at a picture by cross-attention instead, `source` holds the picture's tokens, and the text
    sees them from the token `source_from` on. `answers` are tokens that answer a question at the end, which are not
    there themselves: the right one, then wrong ones.
    """

    ids: tuple[int, ...]
    texts: tuple[str, ...]
    special: tuple[bool, ...]
    roles: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    example: bool = False
    source: TokenSequence | None = None
    source_from: int = 0
    signal: Float32[np.ndarray, "*shape"] | None = field(default=None, compare=False)
    image: UInt8[np.ndarray, "height width colour"] | None = field(default=None, compare=False)
    grid: tuple[int, int] | None = None
    drawing: Drawing | None = None
    given: Mapping[str, Shaped[np.ndarray, ...]] = field(default_factory=dict, compare=False)
    two_way: tuple[int, int] | None = None
    answers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.ids) == len(self.texts) == len(self.special):
            raise ValueError("ids, texts and special must have one entry a token")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def has_signal(self) -> bool:
        """Whether there is more in it than text: a picture or a sound."""
        return self.signal is not None or bool(self.given)


def is_of_places(sequence: TokenSequence, attention: str) -> bool:
    """Whether a kind of attention is among places of an image or stretches of a sound, which have no wording.

    A model of speech has that of its encoder, and the keys of its cross-attention; its decoder reads words. Among the
    places of an image within a text count the words around it.
    """
    heard = sequence.source is not None and sequence.source.signal is not None
    return sequence.has_signal or (heard and attention in ("encoder", "cross"))


def n_frames_shown(sequence: TokenSequence) -> int | None:
    """How many frames of a sound are shown one by one; None where there is no padding behind them."""
    padding = sequence.roles.get(PADDING) if sequence.signal is not None else None
    return min(padding) if padding else None


def with_folded_padding(sequence: TokenSequence) -> TokenSequence:
    """A sound as maps show it: its padding, if there is any, as one token."""
    n = n_frames_shown(sequence)
    if n is None:
        return sequence
    return replace(
        sequence,
        ids=sequence.ids[: n + 1],
        texts=(*sequence.texts[:n], "[padding]"),
        special=sequence.special[: n + 1],
        roles={},
    )


def first_tokens(sequence: TokenSequence, n: int) -> TokenSequence:
    """A sequence's first tokens, without roles."""
    return replace(sequence, ids=sequence.ids[:n], texts=sequence.texts[:n], special=sequence.special[:n], roles={})


def shuffled(sequence: TokenSequence, random: np.random.Generator) -> TokenSequence:
    """The same tokens in another order, their roles with them; special tokens stay where they are.

    The source of a pair is shuffled by itself, and so is a picture within a text.
    """
    picture = sequence.roles.get(PICTURE, {})
    order = list(range(len(sequence)))
    for of_picture in (False, True) if picture else (False,):
        ordinary = [
            position
            for position, special in enumerate(sequence.special)
            if not special and (position in picture) == of_picture
        ]
        for position, moved in zip(ordinary, random.permutation(ordinary).tolist(), strict=True):
            order[position] = moved
    goes_to = {moved: position for position, moved in enumerate(order)}
    return replace(
        sequence,
        ids=tuple(sequence.ids[moved] for moved in order),
        texts=tuple(sequence.texts[moved] for moved in order),
        roles={
            role: {goes_to[position]: group for position, group in groups.items()}
            for role, groups in sequence.roles.items()
        },
        source=None if sequence.source is None else shuffled(sequence.source, random),
    )
