"""The size of the images or sounds that a model takes, and the patches or frames that are its tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8

from headatlas.errors import ModelError
from headatlas.inputs.sequence import PADDING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headatlas.inputs.annotated_text import AnnotatedText
    from headatlas.inputs.prompts import PromptTokens
    from headatlas.inputs.sequence import Painting, TokenSequence

SAMPLING_RATE = 16_000  # of models that read waveforms, in Hz
SECONDS = 1.5  # of sound that they are given
SAMPLES_PER_FRAME = 320  # of Whisper's encoder: every second column of a spectrogram with a hop of 160 samples


@runtime_checkable
class ReadPicture(Protocol):
    """Makes tokens of a picture and a text behind it."""

    def __call__(
        self,
        image: UInt8[np.ndarray, "height width colour"],
        owner: Int[np.ndarray, "height width"],
        text: AnnotatedText,
        asked: int | None,
        answers: Sequence[str] = (),
    ) -> TokenSequence:
        """The tokens of an image, in bytes, and a text.

        Args:
            image: the picture.
            owner: the number of the thing at each pixel, -1 for none.
            text: the text, with its roles.
            asked: the number of the thing that the text's end asks for; None where it asks nothing.
            answers: words that answer it, the right one first.
        """
        ...


@dataclass(frozen=True)
class PatchGrid:
    """An image of `height` by `width` pixels in patches of `patch` pixels, `step` apart, after `n_special` tokens.

    `medium` is images (pixels from -1 to 1, [colour, height, width]) or sounds: a spectrogram of that size, [time,
    frequency], or, when `height` is 1, a waveform of `width` samples in `n_frames` frames; or scenes, images with a
    sentence that `prompt` turns into tokens, and `draw` lets the model draw a sentence itself, in so many steps, from
    noise of a seed. Of speech, a waveform is filled up with silence to `width` samples, and `listen` makes of the whole
    what the model reads. Of captions, images within text, `read` makes the tokens; `crossed` says that the text looks
    at the image by cross-attention.
    """

    medium: str
    height: int
    width: int
    patch: int = 1
    step: tuple[int, int] = (1, 1)
    n_special: int = 0
    n_frames: int = 0
    prompt: PromptTokens | None = None
    draw: Callable[[str, int, int], Painting] | None = None
    crossed: bool = False
    listen: Callable[[Float[np.ndarray, " sample"]], Float32[np.ndarray, "band frame"]] | None = None
    read: ReadPicture | None = None

    @property
    def n_tokens(self) -> int:
        """Patches or frames, and the tokens before them."""
        return self.grid[0] * self.grid[1] + self.n_special

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches; one row of frames for a waveform."""
        if self.n_frames:
            return 1, self.n_frames
        return (self.height - self.patch) // self.step[0] + 1, (self.width - self.patch) // self.step[1] + 1

    @property
    def seconds(self) -> float:
        """How long the sounds are that a model hears."""
        return self.width / SAMPLING_RATE

    def of_image(
        self,
        image: UInt8[np.ndarray, "height width colour"],
        owner: Int[np.ndarray, "height width"],
        *,
        example: bool = False,
    ) -> TokenSequence:
        """An image [height, width, 3] in bytes as tokens, one a patch, row by row.

        `owner` [height, width] holds the number of the shape at each pixel, -1 for none.
        """
        signal = (image / 127.5 - 1).astype(np.float32)
        signal = signal.mean(-1).T if self.medium == "sounds" else np.moveaxis(signal, -1, 0)
        rows, columns = self.grid
        shape: dict[int, int] = {}
        for patch in range(rows * columns):
            top, left = (index * step for index, step in zip(divmod(patch, columns), self.step, strict=True))
            block = owner[top : top + self.patch, left : left + self.patch]
            numbers, counts = np.unique(block[block >= 0], return_counts=True)
            if len(counts) and counts.max() > block.size / 2:
                shape[patch + self.n_special] = int(numbers[counts.argmax()])
        return self._tokens(patch_names(self.grid), np.ascontiguousarray(signal), {"shape": shape}, image, example)

    def of_sound(
        self, samples: Float[np.ndarray, " sample"], owner: Int[np.ndarray, " sample"], *, example: bool = False
    ) -> TokenSequence:
        """A waveform [samples] as tokens, one a frame; `owner` [samples] holds the note at each sample, -1 for none."""
        middles = ((np.arange(self.n_frames) + 0.5) / self.n_frames * self.width).astype(int)
        shape = {frame: int(owner[middle]) for frame, middle in enumerate(middles) if owner[middle] >= 0}
        names = [f"{middle / SAMPLING_RATE:.2f} s" for middle in middles]
        return self._tokens(names, samples.astype(np.float32), {"shape": shape}, None, example)

    def of_speech(
        self, samples: Float[np.ndarray, " sample"], owner: Int[np.ndarray, " sample"], role: str
    ) -> TokenSequence:
        """A waveform [samples] of speech as tokens, one a frame, named by its start; those behind its end are padding.

        `owner` [samples] holds the number of the word at each sample, -1 for none; frames have it in a role, those
        without a word the role `pause`.
        """
        assert self.listen is not None
        span = self.width / self.n_frames
        n_heard = min(self.n_frames, int(np.ceil(len(samples) / span)))
        middles = ((np.arange(n_heard) + 0.5) * span).astype(int).clip(max=len(samples) - 1)
        words = {frame: int(owner[middle]) for frame, middle in enumerate(middles) if owner[middle] >= 0}
        pauses = {frame: 0 for frame in range(n_heard) if frame not in words}
        padding = dict.fromkeys(range(n_heard, self.n_frames), 0)
        names = [f"{frame * span / SAMPLING_RATE:.2f}s" for frame in range(self.n_frames)]
        tokens = self._tokens(
            names, self.listen(samples), {role: words, "pause": pauses, PADDING: padding}, None, False
        )
        return replace(tokens, special=tuple(frame in padding for frame in range(self.n_frames)), grid=None)

    def _tokens(
        self,
        names: list[str],
        signal: Float32[np.ndarray, "*shape"],
        roles: dict[str, dict[int, int]],
        image: UInt8[np.ndarray, "height width colour"] | None,
        example: bool,
    ) -> TokenSequence:
        from headatlas.inputs.sequence import TokenSequence

        extra = ["[CLS]", *(f"[extra {i}]" for i in range(1, self.n_special))][: self.n_special]
        return TokenSequence(
            ids=tuple(range(len(extra) + len(names))),
            texts=(*extra, *names),
            special=(True,) * len(extra) + (False,) * len(names),
            roles=roles,
            example=example,
            signal=signal,
            image=image,
            grid=self.grid,
        )


_BESIDE = re.compile(r"\[(close r\d+c\d+|row end|latent \d+)\]")


def patch_names(grid: tuple[int, int]) -> list[str]:
    """What patches are called, row by row: r1c1, r1c2 ..."""
    return [f"r{row + 1}c{column + 1}" for row in range(grid[0]) for column in range(grid[1])]


def is_placed_beside(name: str) -> bool:
    """Whether a token is of a picture in a text but no cell of its grid: of a closer view, a row's end, a latent."""
    return _BESIDE.fullmatch(name) is not None


def patch_grid_of(model: Any, listen: Callable[..., Any] | None = None) -> PatchGrid | None:
    """The patch grid of a Hugging Face model of images or sounds, from its configuration; None for a model of text.

    `listen` is what makes the input of a model of speech from a waveform.

    Raises:
        ModelError: the configuration does not say how images are cut into patches.
    """
    name = getattr(model, "main_input_name", "")
    if listen is not None:
        n_frames = int(model.config.max_source_positions)
        return PatchGrid("speech", 1, n_frames * SAMPLES_PER_FRAME, n_frames=n_frames, listen=listen)
    if name not in ("pixel_values", "input_values"):
        return None
    config = model.config
    if name == "input_values" and not hasattr(config, "num_mel_bins"):
        samples = int(SECONDS * SAMPLING_RATE)
        inner = getattr(model, model.base_model_prefix, model)
        return PatchGrid("sounds", 1, samples, n_frames=int(inner._get_feat_extract_output_lengths(samples)))
    # The class token, which SigLIP lacks; the distillation token of DeiT or the registers of later models.
    names = [name for name, _ in model.named_parameters()]
    extra = int(getattr(config, "num_register_tokens", 0) or 0)
    for token in (("cls_token", "class_embedding"), ("distillation_token",)):
        extra += any(name.endswith(token) for name in names)
    if name == "input_values":
        return PatchGrid(
            "sounds", int(config.num_mel_bins), int(config.max_length), int(config.patch_size),
            (int(config.frequency_stride), int(config.time_stride)), extra,
        )  # fmt: skip
    size, patch = getattr(config, "image_size", None), getattr(config, "patch_size", None)
    patch = patch[0] if isinstance(patch, list | tuple) and len(set(patch)) == 1 else patch
    if not isinstance(patch, int) or size is None:
        raise ModelError(f"The configuration of {type(model).__name__} gives no image size and square patch size.")
    height, width = (size, size) if isinstance(size, int) else size
    return PatchGrid("images", int(height), int(width), patch, (patch, patch), extra)
