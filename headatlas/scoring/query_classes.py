"""Classes of queries: what heads may wake on. A head whose off-sink share is raised on a class wakes on it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from headatlas.inputs.sequence import TokenSequence, is_of_places
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import words
from headatlas.patterns.definition import TEXT
from headatlas.scoring.waking import EVERY_QUERY

# Positions below the first number are the beginning of a text, those from the second on its far part.
N_BEGINNING, FAR_POSITION = 16, 128
ROLE = "role:"

_BY_TEXT = {
    "punctuation marks": words.is_punctuation,
    "ends of sentences and lines": words.ends_sentence,
    "commas": words.is_comma,
    "line breaks": words.has_newline,
    "numbers": words.has_digit,
    "capitalised words": words.is_capitalised,
    "function words": words.is_function_word,
}
_FROM_TEXT = (
    EVERY_QUERY, *_BY_TEXT, "content words", "later pieces of words", "first words of sentences and lines",
    "tokens said before", "new tokens", "pairs of tokens said before", "first tokens of a text",
    "tokens far into a text",
)  # fmt: skip


def class_names(sequences: Sequence[TokenSequence], attention: str) -> tuple[str, ...]:
    """The classes of a probe's queries in a kind of attention: those that any text has, then its roles as `role:io`.

    Images and sounds have none, nor has cross-attention, whose queries and keys are of two texts.
    """
    if attention not in TEXT or any(is_of_places(sequence, attention) for sequence in sequences):
        return ()
    roles = sorted({name for sequence in sequences for name in sequence.roles})
    return (*_FROM_TEXT, *(f"{ROLE}{name}" for name in roles))


def query_classes(batch: TokenBatch, names: Sequence[str]) -> Bool[Tensor, "batch query class"]:
    """Which queries are of which class; the first position, whose only key is itself, is of none."""
    masks = {name: batch.where_text(predicate) for name, predicate in _BY_TEXT.items()}
    marks = masks["punctuation marks"] | masks["numbers"] | masks["line breaks"]
    masks["content words"] = batch.where_text(_is_word) & ~masks["function words"] & ~marks
    masks["later pieces of words"] = _same_as_before(batch.words)
    masks["first words of sentences and lines"] = _after(masks["ends of sentences and lines"])
    masks["tokens said before"] = batch.previous_occurrence >= 0
    masks["new tokens"] = ~masks["tokens said before"]
    masks["pairs of tokens said before"] = batch.previous_pair >= 0
    masks["first tokens of a text"] = (batch.positions < N_BEGINNING).expand(batch.real.shape)
    masks[EVERY_QUERY] = batch.ordinary
    masks["tokens far into a text"] = (batch.positions >= FAR_POSITION).expand(batch.real.shape)
    for name in names:
        if name.startswith(ROLE):
            masks[name] = batch.role(name.removeprefix(ROLE)) >= 0
    members = torch.stack([masks[name] for name in names], -1) & batch.ordinary[..., None]
    members[:, 0] = False
    return members


def _is_word(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _after(marked: Bool[Tensor, "batch query"]) -> Bool[Tensor, "batch query"]:
    later = marked.roll(1, -1)
    later[:, 0] = False
    return later & ~marked


def _same_as_before(groups: Int[Tensor, "batch query"]) -> Bool[Tensor, "batch query"]:
    same = (groups == groups.roll(1, -1)) & (groups >= 0)
    same[:, 0] = False
    return same
