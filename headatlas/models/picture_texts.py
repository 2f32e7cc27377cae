"""Texts that hold a picture, as vision-language models read them: through the model's own processor."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int, UInt8

from headatlas.errors import ModelError, one_line
from headatlas.inputs.annotated_text import AnnotatedText, Span
from headatlas.inputs.patch_grid import PatchGrid, patch_names
from headatlas.inputs.sequence import PICTURE, TokenSequence
from headatlas.inputs.vocabulary import Vocabulary

if TYPE_CHECKING:
    from headatlas.models.source import Source

log = logging.getLogger("headatlas")

SIDE = 12  # rows, and columns, of a picture's tokens where a model takes pictures of any size


@dataclass(frozen=True)
class PictureFamily:
    """How a family of models has pictures in its texts.

    `before` is what stands before a text where the model has no chat template: the picture's place, `{picture}`.
    `two_way` says which tokens see each other both ways although the model is causal: "picture", "all" or none.
    `options` are given to the processor.
    """

    before: str
    two_way: str = ""
    options: tuple[tuple[str, Any], ...] = ()


_QWEN = PictureFamily("<|vision_start|>{picture}<|vision_end|>")
# By the type of model that a configuration names.
FAMILIES = {
    "llava": PictureFamily("{picture}\n"),
    "paligemma": PictureFamily("{picture}", two_way="all"),
    "gemma3": PictureFamily("{picture}", two_way="picture"),
    "qwen2_vl": _QWEN,
    "qwen2_5_vl": _QWEN,
    "qwen3_vl": _QWEN,
    "idefics3": PictureFamily("{picture}", options=(("do_image_splitting", False),)),
}


def captions_of(model: Any, source: Source) -> PatchGrid | None:
    """What a model of pictures and words is to be given; None for others, and for those whose pictures stay out.

    Of a model that has an encoder of images and is of no family that is known here, and of one whose processor cannot
    be read, the language model is scanned on text alone; a warning is logged.
    """
    config = model.config
    if not hasattr(config, "vision_config") or not hasattr(config, "text_config") or not model.can_generate():
        return None
    family = FAMILIES.get(config.model_type)
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


class PictureTexts:
    """Makes tokens of a picture and a text; `patch_grid` says which pictures to draw, and reads them."""

    def __init__(self, processor: Any, config: Any, family: PictureFamily) -> None:
        self.processor, self.family = processor, family
        self._vocabulary = Vocabulary(processor.tokenizer, int(config.get_text_config().vocab_size))
        token = getattr(config, "image_token_id", None)
        self._image_token = int(token if token is not None else config.image_token_index)
        side = _side(config, processor)
        self.patch_grid = PatchGrid("captions", side, side, read=self.read)

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
    ) -> TokenSequence:
        """The tokens of a picture and a text behind it, with the text's roles; see `PatchGrid` for the arguments.

        Raises:
            ModelError: the processor makes something else of them than is known of its family.
        """
        from PIL import Image

        encoded = dict(
            self.processor(
                images=[Image.fromarray(image)], text=[self._prompt(text.text)], return_tensors="np",
                **dict(self.family.options),
            )
        )  # fmt: skip
        ids = np.asarray(encoded.pop("input_ids"))[0]
        for unused in ("attention_mask", "labels"):
            encoded.pop(unused, None)
        is_picture = ids == self._image_token
        grid = self._grid(int(is_picture.sum()), encoded)
        positions = np.flatnonzero(is_picture).tolist()
        texts = [self._vocabulary.text(int(token)) for token in ids]
        for position, name in zip(positions, patch_names(grid), strict=True):
            texts[position] = name
        roles = self._roles(text, texts, positions[-1] + 1)
        roles[PICTURE] = dict.fromkeys(positions, 0)
        roles["shape"] = {positions[cell]: own for cell, own in sorted(_owners(owner, grid).items())}
        if asked is not None:
            roles["asked"] = {len(ids) - 1: asked}
        two_way = {"picture": (positions[0], positions[-1] + 1), "all": (0, len(ids))}
        special = [int(token) in self._vocabulary.special_ids for token in ids] & ~is_picture
        if asked is not None:
            special[-1] = False  # it is what the answer is made from, whatever a chat template ends with
        return TokenSequence(
            ids=tuple(ids.tolist()),
            texts=tuple(texts),
            special=tuple(special.tolist()),
            roles=roles,
            image=image,
            grid=grid,
            given={name: np.asarray(value) for name, value in encoded.items()},
            two_way=two_way.get(self.family.two_way),
        )

    def _prompt(self, text: str) -> str:
        if getattr(self.processor, "chat_template", None):
            content = [{"type": "image"}, {"type": "text", "text": text}]
            return str(
                self.processor.apply_chat_template(
                    [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
                )
            )
        return self.family.before.format(picture=self.processor.image_token) + text

    def _grid(self, n_tokens: int, encoded: dict[str, Any]) -> tuple[int, int]:
        """Rows and columns of the picture's tokens."""
        if "image_grid_thw" in encoded:
            _, rows, columns = (int(size) for size in encoded["image_grid_thw"][0])
            merged = int(self.processor.image_processor.merge_size)
            grid = (rows // merged, columns // merged)
        else:
            grid = (round(n_tokens**0.5),) * 2
        if not n_tokens or grid[0] * grid[1] != n_tokens:
            raise ModelError(f"the picture has {n_tokens} tokens, which are not one each for the cells of a grid")
        return grid

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


def _owners(owner: Int[np.ndarray, "height width"], grid: tuple[int, int]) -> dict[int, int]:
    """The thing that covers more than half of a cell of a grid, by the cell's number, where one does."""
    down, across = (np.linspace(0, size, n + 1).round().astype(int) for size, n in zip(owner.shape, grid, strict=True))
    sizes = np.outer(np.diff(down), np.diff(across))
    owners: dict[int, int] = {}
    for number in np.unique(owner[owner >= 0]).tolist():
        rows = np.add.reduceat((owner == number).astype(int), down[:-1], axis=0)
        covered = np.add.reduceat(rows, across[:-1], axis=1)
        owners |= dict.fromkeys(np.flatnonzero(covered > sizes / 2).tolist(), int(number))
    return owners


def _side(config: Any, processor: Any) -> int:
    """Rows, and columns, of the pixels of a picture that the processor leaves as it is."""
    images = processor.image_processor
    if hasattr(images, "merge_size"):
        return SIDE * int(images.patch_size) * int(images.merge_size)
    return int(config.vision_config.image_size)
