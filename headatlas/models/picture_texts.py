"""Texts that hold a picture, as vision-language models read them: through the model's own processor."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Int, Shaped, UInt8
from torch import Tensor

from headatlas.errors import ModelError, one_line
from headatlas.inputs.annotated_text import AnnotatedText, Span
from headatlas.inputs.patch_grid import PatchGrid
from headatlas.inputs.sequence import PICTURE, PLACELESS, TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.picture_tokens import (
    Grid,
    PictureTokens,
    in_a_grid,
    in_a_square,
    in_two_views,
    without_place,
)

if TYPE_CHECKING:
    from headatlas.models.source import Source

log = logging.getLogger("headatlas")

SIDE = 12  # rows, and columns, of a picture's tokens where a model takes pictures of any size


@dataclass(frozen=True)
class PictureFamily:
    """How a family of models has pictures in its texts.

    `before` is what stands before a text where the model has no chat template: the picture's place, `{picture}`.
    `two_way` says which tokens see each other both ways although the model is causal: "picture", "all" or none.
    `options` are given to the processor. `tokens` says where the picture's tokens lie, of their number and of how many
    patches the encoder of images makes. Where `crossed`, none stand in the text: cross-attention looks at them.
    """

    before: str
    two_way: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    tokens: Callable[[int, int], PictureTokens] = in_a_square
    crossed: bool = False


_QWEN = PictureFamily("<|vision_start|>{picture}<|vision_end|>")
_VIEWS = PictureFamily("{picture}\n", tokens=in_two_views)
_WHOLE = (("do_image_splitting", False),)
# By the type of model that a configuration names.
FAMILIES = {
    "llava": PictureFamily("{picture}\n"),
    "llava_next": _VIEWS,
    "llava_onevision": _VIEWS,
    "paligemma": PictureFamily("{picture}", two_way="all"),
    "gemma3": PictureFamily("{picture}", two_way="picture"),
    "qwen2_vl": _QWEN,
    "qwen2_5_vl": _QWEN,
    "qwen3_vl": _QWEN,
    "idefics": PictureFamily("", crossed=True),
    "idefics2": PictureFamily("{picture}", options=_WHOLE, tokens=without_place),
    "idefics3": PictureFamily("{picture}", options=_WHOLE),
    "smolvlm": PictureFamily("{picture}", options=_WHOLE),
    "mllama": PictureFamily("{picture}", crossed=True),
}


def captions_of(model: Any, source: Source) -> PatchGrid | None:
    """What a model of pictures and words is to be given; None for others, and for those whose pictures stay out.

    Of a model that has an encoder of images and is of no family that is known here, and of one whose processor cannot
    be read, the language model is scanned on text alone; a warning is logged.
    """
    config = model.config
    family = FAMILIES.get(config.model_type)
    reads_both = hasattr(config, "text_config") or (family is not None and family.crossed)
    if not hasattr(config, "vision_config") or not reads_both or not model.can_generate():
        return None
    if family is None:
        log.warning(
            "'%s' (%s) reads pictures too, which it is not given: how they stand in a text is known here of %s alone. "
            "Its language model is scanned on text.", source.location, type(model).__name__, ", ".join(FAMILIES),
        )  # fmt: skip
        return None
    try:
        processor = source.read_processor(type(model).__name__)
        texts = PictureTexts(processor, config, family)
        texts.try_out()
        return texts.patch_grid
    except Exception as error:  # transformers raises nearly anything for what is missing or damaged
        log.warning(
            "The processor of '%s' could not be used, so that the model is scanned on text, without pictures: %s",
            source.location, one_line(error, named=not isinstance(error, ModelError)),
        )  # fmt: skip
        return None


def blank_picture(model: Any, ids: Int[Tensor, "batch position"]) -> dict[str, Shaped[Tensor, "batch ..."]]:
    """What a model that runs on no text without a picture is given with a text: a picture that nothing looks at.

    Only Idefics 1 is of that kind; its own processor does the same, and its cross-attention's gate is then 0.
    """
    if model.config.model_type != "idefics":
        return {}
    side = int(model.config.vision_config.image_size)
    return {
        "pixel_values": torch.zeros(len(ids), 1, 3, side, side, device=ids.device),
        "image_attention_mask": torch.zeros(*ids.shape, 1, dtype=torch.bool, device=ids.device),
    }


class PictureTexts:
    """Makes tokens of a picture and a text; `patch_grid` says which pictures to draw, and reads them."""

    def __init__(self, processor: Any, config: Any, family: PictureFamily) -> None:
        self.processor, self.family = processor, family
        self._config = config
        for name, value in family.options:  # Idefics 2 goes by the attribute, the others by what they are given
            setattr(processor.image_processor, name, value)
        self._vocabulary = Vocabulary(processor.tokenizer, int(config.get_text_config().vocab_size))
        named = (getattr(config, name, None) for name in ("image_token_id", "image_token_index"))
        self._image_token = int(next((token for token in named if token is not None), processor.image_token_id))
        side = _side(config, processor, family)
        self.patch_grid = PatchGrid("captions", side, side, read=self.read, crossed=family.crossed)

    def try_out(self) -> None:
        """Reads a text with a blank picture.

        Raises:
            ModelError: as of `read`.
        """
        size = (self.patch_grid.height, self.patch_grid.width)
        blank = np.zeros((*size, 3), dtype=np.uint8)
        self.read(blank, np.full(size, -1), AnnotatedText().add("a red circle"), None)

    def read(
        self,
        image: UInt8[np.ndarray, "height width colour"],
        owner: Int[np.ndarray, "height width"],
        text: AnnotatedText,
        asked: int | None,
        answers: Sequence[str] = (),
    ) -> TokenSequence:
        """The tokens of a picture and a text behind it, with the text's roles; see `ReadPicture` for the arguments.

        Raises:
            ModelError: the processor makes something else of them than is known of its family.
        """
        encoded = self._encoded(image, text.text)
        ids = np.asarray(encoded.pop("input_ids"))[0]
        for unused in ("attention_mask", "labels"):
            encoded.pop(unused, None)
        is_picture = ids == self._image_token
        positions = np.flatnonzero(is_picture).tolist()
        texts = [self._vocabulary.text(int(token)) for token in ids]
        source = self._looked_at(owner) if self.family.crossed else None
        if source is None:
            tokens = self._tokens(len(positions), encoded)
            for position, name in zip(positions, tokens.names, strict=True):
                texts[position] = name
        roles = self._roles(text, texts, positions[-1] + 1)
        if source is None:
            roles[PICTURE] = dict.fromkeys(positions, 0)
            roles["shape"] = {positions[token]: thing for token, thing in sorted(tokens.owners(owner).items())}
            if placeless := {positions[token]: 0 for token, cell in enumerate(tokens.cells) if cell is None}:
                roles[PLACELESS] = placeless
        if asked is not None:
            roles["asked"] = {len(ids) - 1: asked}
        two_way = {"picture": (positions[0], positions[-1] + 1), "all": (0, len(ids))}
        special = [int(token) in self._vocabulary.special_ids for token in ids]
        if source is None:
            special = [own and not placed for own, placed in zip(special, is_picture.tolist(), strict=True)]
        if asked is not None:
            special[-1] = False  # it is what the answer is made from, whatever a chat template ends with
        return TokenSequence(
            ids=tuple(ids.tolist()),
            texts=tuple(texts),
            special=tuple(special),
            roles=roles,
            source=source,
            source_from=positions[0] if source is not None else 0,
            image=image,
            grid=source.grid if source is not None else tokens.grid,
            given={name: np.asarray(value) for name, value in encoded.items()},
            two_way=two_way.get(self.family.two_way),
            answers=self._answers(text.text, answers),
        )

    def _encoded(self, image: UInt8[np.ndarray, "height width colour"], text: str) -> dict[str, Any]:
        """What the model is given of a picture and a text, by name."""
        from PIL import Image

        if self._config.model_type == "idefics":  # whose processor puts the picture before the text by itself
            return dict(self.processor(images=[Image.fromarray(image)], text=[text], return_tensors="pt"))
        prompt, options = self._prompt(text), dict(self.family.options)
        start = self.processor.tokenizer.bos_token
        if start and prompt.startswith(start):  # as some chat templates do; the tokenizer would add another
            options["add_special_tokens"] = False
        return dict(self.processor(images=[Image.fromarray(image)], text=[prompt], return_tensors="np", **options))

    def _prompt(self, text: str) -> str:
        if getattr(self.processor, "chat_template", None):
            content = [{"type": "image"}, {"type": "text", "text": text}]
            return str(
                self.processor.apply_chat_template(
                    [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
                )
            )
        return self.family.before.format(picture=self.processor.image_token) + text

    def _answers(self, text: str, answers: Sequence[str]) -> tuple[int, ...]:
        """The tokens that words begin with behind a text; none where two words begin with the same.

        A space stands before the words, unless the text ends in one or in a line's end, as chat templates' do, or the
        tokenizer makes of the space a token of its own.
        """
        prompt = text if self._config.model_type == "idefics" else self._prompt(text)
        before = self.processor.tokenizer(prompt).input_ids
        for space in ("",) if prompt[-1:].isspace() else (" ", ""):
            tokens: list[int] = []
            for answer in answers:
                ids = self.processor.tokenizer(f"{prompt}{space}{answer}").input_ids
                tokens += ids[len(before) : len(before) + 1] if ids[: len(before)] == before else []
            if len({*tokens}) == len(answers):
                return tuple(tokens)
        return ()

    def _tokens(self, n_tokens: int, encoded: dict[str, Any]) -> PictureTokens:
        """Where the picture's tokens lie that stand in the text."""
        if "image_grid_thw" in encoded:
            _, rows, columns = (int(size) for size in encoded["image_grid_thw"][0])
            merged = int(self.processor.image_processor.merge_size)
            grid = (rows // merged, columns // merged)
            if grid[0] * grid[1] != n_tokens or not n_tokens:
                raise ModelError(f"the picture has {n_tokens} tokens, which are not one each for the cells of a grid")
            return in_a_grid(grid)
        return self.family.tokens(n_tokens, self._patches()[0] ** 2)

    def _patches(self) -> Grid:
        vision = self._config.vision_config
        side = int(vision.image_size) // int(getattr(vision, "patch_size", vision.image_size))
        return side, side

    def _looked_at(self, owner: Int[np.ndarray, "height width"]) -> TokenSequence:
        """What cross-attention looks at: a class token and the patches, or what a resampler makes of them."""
        config = self._config
        if getattr(config, "use_resampler", False):
            tokens, n_before = without_place(int(config.perceiver_config.resampler_n_latents)), 0
        else:
            tokens, n_before = in_a_grid(self._patches()), 1
        positions = range(n_before, n_before + len(tokens.names))
        return TokenSequence(
            ids=tuple(range(n_before + len(tokens.names))),
            texts=("[CLS]",) * n_before + tokens.names,
            special=(True,) * n_before + (False,) * len(tokens.names),
            roles={
                PICTURE: dict.fromkeys(positions, 0),
                "shape": {token + n_before: thing for token, thing in sorted(tokens.owners(owner).items())},
            },
            grid=tokens.grid,
        )

    def _roles(self, text: AnnotatedText, texts: list[str], start: int) -> dict[str, dict[int, int]]:
        """Roles of a text's tokens, of which the first may stand at `start`: spans are found in what tokens say."""
        ends = np.cumsum([len(said) for said in texts[start:]])
        offset = "".join(texts[start:]).find(text.text)
        if offset < 0:
            raise ModelError("the tokens of a text do not give it back")
        spans: list[Span] = [
            (max(0, int(end) - len(said) - offset), max(0, int(end) - offset))
            for end, said in zip(ends, texts[start:], strict=True)
        ]
        return text.roles(spans, shift=start)


def _side(config: Any, processor: Any, family: PictureFamily) -> int:
    """Rows, and columns, of the pixels of a picture that the processor leaves as it is, or does not make smaller."""
    images = processor.image_processor
    if hasattr(images, "merge_size"):
        return SIDE * int(images.patch_size) * int(images.merge_size)
    side = int(config.vision_config.image_size)
    shortest = getattr(getattr(images, "size", None), "shortest_edge", None)
    return min(side, int(shortest)) if family.tokens is without_place and shortest else side
