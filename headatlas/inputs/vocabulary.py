"""A tokenizer as probes need it: ordinary and special tokens, what each token says, texts with roles as tokens."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int64

from headatlas.errors import ModelError, one_line, panics_as_errors
from headatlas.inputs.annotated_text import AnnotatedText, spans_by_decoding
from headatlas.inputs.pair_batch import shifted_right
from headatlas.inputs.sequence import TokenSequence

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Vocabulary:
    """A model's vocabulary, with or without a tokenizer.

    `before` and `after` are the special tokens that the tokenizer itself puts around a text, as the model
    saw them in training; nothing is added that it would not add. `decoder_start` is what the decoder of an
    encoder-decoder reads first; it is empty for other models.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase | None, size: int, decoder_start: tuple[int, ...] = ()
    ) -> None:
        self.tokenizer = tokenizer
        self.size = size
        self.decoder_start = decoder_start
        self.before: tuple[int, ...] = ()
        self.after: tuple[int, ...] = ()
        if tokenizer is not None:
            bare = list(_tokenized(tokenizer, text="a", add_special_tokens=False).input_ids)
            full = list(_tokenized(tokenizer, text="a").input_ids)
            start = next((i for i in range(len(full)) if full[i : i + len(bare)] == bare), None)
            if bare and start is not None:
                self.before, self.after = tuple(full[:start]), tuple(full[start + len(bare) :])

    @cached_property
    def bos(self) -> tuple[int, ...]:
        """What a sequence of tokens begins with: what the tokenizer adds, or BOS if it only names one."""
        named = getattr(self.tokenizer, "bos_token_id", None)
        return self.before or (() if named is None else (int(named),))

    @cached_property
    def special_ids(self) -> frozenset[int]:
        """Ids of special and added tokens."""
        if self.tokenizer is None:
            return frozenset()
        added = getattr(self.tokenizer, "added_tokens_decoder", {})
        return frozenset(self.tokenizer.all_special_ids) | frozenset(added)

    @cached_property
    def ordinary_ids(self) -> Int64[np.ndarray, " token"]:
        """Ids that stand for text, in order."""
        size = self.size if self.tokenizer is None else min(self.size, len(self.tokenizer))
        return np.array([i for i in range(size) if i not in self.special_ids], dtype=np.int64)

    @cache  # noqa: B019 - lives as long as the scan
    def text(self, token: int) -> str:
        """What a token says, a leading space included; bytes that are no text by themselves as <0xE2>."""
        if self.tokenizer is None:
            return str(token)
        piece = self.tokenizer.convert_ids_to_tokens(token)
        if piece is None:
            return f"<{token}>"
        if token in self.special_ids:
            return piece
        if piece.startswith("\u2581"):  # SentencePiece marks the space before a word
            return piece.replace("\u2581", " ")
        text = self.tokenizer.decode([token], clean_up_tokenization_spaces=False)
        return _bytes_of(piece) or text if "\ufffd" in text else text

    def encode(self, text: str, limit: int | None = None) -> list[int]:
        """Ids of a text without special tokens, cut to `limit` where there is one.

        Raises:
            ValueError: there is no tokenizer.
        """
        if self.tokenizer is None:
            raise ValueError("this model has no tokenizer")
        # verbose=False: longer than the context is no reason for a warning, since we cut.
        return list(_tokenized(self.tokenizer, text=text, add_special_tokens=False, verbose=False).input_ids)[:limit]

    def exceeds(self, text: str, limit: int) -> bool:
        """Whether a long text has more than `limit` tokens, where its first letters tell: its tokens take minutes.

        Raises:
            ValueError: there is no tokenizer.
        """
        # The last word of a part may be cut, and have more tokens than its place in the whole.
        parts = (text[:letters] for letters in (4 * limit, 32 * limit) if letters < len(text))
        return any(len(self.encode(part)) > 2 * limit for part in parts)

    def marked(self, annotated: AnnotatedText, *, limit: int, example: bool = False) -> TokenSequence | None:
        """A text with roles, between the special tokens that the tokenizer adds; None when it is longer than `limit`.

        Raises:
            ValueError: there is no tokenizer.
        """
        if self.tokenizer is None:
            raise ValueError("this model has no tokenizer")
        options = {"add_special_tokens": False, "verbose": False}
        ids, offsets = self._encoded(annotated.text, options)
        if len(self.before) + len(ids) + len(self.after) > limit:
            return None
        bare = self.sequence(ids, before=self.before, after=self.after, example=example)
        return replace(bare, roles=annotated.roles(offsets, shift=len(self.before)))

    def pair(
        self, source: AnnotatedText, target: AnnotatedText, *, limit: int, example: bool = False
    ) -> TokenSequence | None:
        """A text and its translation, as the encoder and the decoder read them; None when either is too long.

        The target is encoded as a target (some tokenizers have a mark or a vocabulary of its language), and begins
        with `decoder_start`.

        Raises:
            ValueError: there is no tokenizer, or the model has no decoder beside its encoder.
        """
        if self.tokenizer is None or not self.decoder_start:
            raise ValueError("pairs need a tokenizer and an encoder-decoder")
        encoder_sequence = self.marked(source, limit=limit)
        return None if encoder_sequence is None else self.target(encoder_sequence, target, limit=limit, example=example)

    def target(
        self, source: TokenSequence, target: AnnotatedText, *, limit: int, example: bool = False
    ) -> TokenSequence | None:
        """What the decoder reads beside a source that is there already; None when it is too long.

        Raises:
            ValueError: there is no tokenizer, or the model has no decoder beside its encoder.
        """
        if self.tokenizer is None or not self.decoder_start:
            raise ValueError("pairs need a tokenizer and an encoder-decoder")
        ids, offsets = self._encoded(target.text, {"add_special_tokens": False, "verbose": False}, target=True)
        full = list(_tokenized(self.tokenizer, text_target=target.text, verbose=False).input_ids)
        start = next((i for i in range(len(full)) if full[i : i + len(ids)] == ids), None)
        before, after = ((), ()) if start is None else (tuple(full[:start]), tuple(full[start + len(ids) :]))
        # Whisper's tokenizer puts the start there itself.
        missing = () if before[: len(self.decoder_start)] == self.decoder_start else self.decoder_start
        if len(missing) + len(before) + len(ids) > limit:
            return None
        sequence = self.sequence(ids, before=before, after=after, example=example)
        sequence = replace(sequence, roles=target.roles(offsets, shift=len(before)))
        return replace(shifted_right(sequence, missing, self.text), source=source)

    def _encoded(
        self, text: str, options: dict[str, bool], target: bool = False
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids, and the span of characters that each stands for."""
        assert self.tokenizer is not None
        given: dict[str, Any] = {"text_target" if target else "text": text, **options}
        if self.tokenizer.is_fast:
            encoded = _tokenized(self.tokenizer, **given, return_offsets_mapping=True)
            return list(encoded.input_ids), list(encoded.offset_mapping)
        ids = list(_tokenized(self.tokenizer, **given).input_ids)
        return ids, spans_by_decoding([self.text(token) for token in ids], text)

    def sequence(
        self, ids: list[int], *, before: tuple[int, ...], after: tuple[int, ...], example: bool = False
    ) -> TokenSequence:
        """A sequence with special tokens around it.

        Raises:
            ModelError: a token is beyond the model's vocabulary. (An encoder-decoder may have two of them.)
        """
        full = (*before, *ids, *after)
        if full and self.size and not self.decoder_start and max(full) >= self.size:
            raise ModelError(
                f"The tokenizer gives the token {max(full)}, and the model's vocabulary "
                f"ends at {self.size - 1}: the two do not belong together. Save the tokenizer that the model was "
                "trained with into its folder."
            )
        special = (True,) * len(before) + (False,) * len(ids) + (True,) * len(after)
        return TokenSequence(
            ids=tuple(int(i) for i in full),
            texts=tuple(self.text(int(i)) for i in full),
            special=special,
            example=example,
        )


def _tokenized(tokenizer: PreTrainedTokenizerBase, **given: Any) -> Any:
    """What a tokenizer makes of a text.

    Raises:
        ModelError: it fails, as one does whose pattern tries more ways to match a text than the library allows.
    """
    try:
        with panics_as_errors():
            return tokenizer(**given)
    except Exception as error:
        raise ModelError(
            f"The model's tokenizer fails on a text ({one_line(error, named=True)}). Save the tokenizer that the model "
            "was trained with into its folder."
        ) from error


@lru_cache(maxsize=1)
def _byte_letters() -> dict[str, int]:
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    return {letter: byte for byte, letter in bytes_to_unicode().items()}


def _bytes_of(piece: str) -> str:
    """A byte-level token as its bytes, `<0xE2><0x80>`; empty when the vocabulary is not byte-level."""
    letters = _byte_letters()
    return "".join(f"<0x{letters[letter]:02X}>" for letter in piece) if all(c in letters for c in piece) else ""
