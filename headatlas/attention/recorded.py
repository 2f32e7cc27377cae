"""Attention recorded elsewhere: arrays of another framework, or of a provider that returns attention weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from headatlas.attention import converters
from headatlas.attention.certificate import MOST_TOKENS, Certificate, choose_sequences
from headatlas.attention.certify import certify
from headatlas.attention.modules import AttentionModule, OnAttention
from headatlas.attention.receiver import AttentionReceiver
from headatlas.attention.recorded_layers import MOST_LAYERS, as_array, check_shapes, stored_layers
from headatlas.attention.recorded_tokens import sequences_of
from headatlas.errors import HeadatlasError
from headatlas.heads import ATTENTION_KINDS, RECORDED
from headatlas.inputs.forward_batch import Inputs
from headatlas.models.info import ModelInfo
from headatlas.probes import Probe, ProbeText

_LONGEST_EXAMPLE = 64
_N_EXAMPLES = 2


class RecordedAttention:
    """A source of attention for the scanner: arrays and the tokens they belong to.

    `attention` is [layer, batch, head, query, key], a list of layers (which may differ in their number of heads),
    or a mapping from the kinds of attention to either. Rows and columns behind the end of a sequence are not read.
    `token_ids` are a list of ids a sequence, of any lengths, or an array with -1 where a sequence has ended. `tokens`
    are what they say, and `special` marks those that a tokenizer added. `source_ids` and `source_tokens` are what
    the encoder of an encoder-decoder read; `token_ids` is then what its decoder read. `numbers` are those of the layers
    of each kind of attention, where not all were recorded.

    Raises:
        HeadatlasError: shapes do not fit together.
    """

    def __init__(
        self,
        attention: Any,
        token_ids: Any,
        *,
        name: str = "recorded",
        tokens: Sequence[Sequence[str]] | None = None,
        special: Any = None,
        source_ids: Any = None,
        source_tokens: Sequence[Sequence[str]] | None = None,
        numbers: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        given = attention if isinstance(attention, Mapping) else {"self": attention}
        unknown = sorted(set(given) - set(ATTENTION_KINDS))
        if unknown or not given:
            raise HeadatlasError(
                f"Attention is of one of the kinds {', '.join(ATTENTION_KINDS)}, not '{', '.join(unknown)}'."
            )
        sequences = sequences_of(token_ids, tokens, special)
        if source_ids is not None:
            read = sequences_of(source_ids, source_tokens, None)
            if len(read) != len(sequences):
                raise HeadatlasError(f"There are {len(read)} sources for {len(sequences)} sequences.")
            sequences = [replace(target, source=source) for target, source in zip(sequences, read, strict=True)]
        elif max(map(len, sequences)) == 1:
            raise HeadatlasError(
                "Every sequence has one token, which can look at nothing but itself. Give longer ones."
            )
        elif "cross" in given:
            raise HeadatlasError("Cross-attention needs `source_ids`: the tokens that the encoder read.")
        examples = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))[:_N_EXAMPLES]
        self.sequences = tuple(
            replace(sequence, example=i in examples and len(sequence) <= _LONGEST_EXAMPLE)
            for i, sequence in enumerate(sequences)
        )
        self._rows = {id(sequence): row for row, sequence in enumerate(self.sequences)}
        # Shapes are checked before anything of a file is read.
        stored = {kind: stored_layers(layers, kind) for kind, layers in given.items()}
        for kind, layers in stored.items():
            check_shapes(kind, layers.shapes, self.sequences)
        self.layers = {kind: [as_array(layer) for layer in layers] for kind, layers in stored.items()}
        self.numbers = {kind: list((numbers or {}).get(kind, range(len(own)))) for kind, own in self.layers.items()}
        if not all(0 <= number < MOST_LAYERS for own in self.numbers.values() for number in own):
            raise HeadatlasError(f"Layers have numbers from 0 to {MOST_LAYERS - 1}, and one here is beyond them.")
        self.info = self._describe(name)
        assert self.info.digest is not None
        probe = Probe(
            RECORDED, int(self.info.digest[:7], 16), "The text on which the attention was recorded.", __file__,
            lambda context: iter(self.sequences),
        )  # fmt: skip
        self.text = ProbeText(probe, self.sequences, "")
        self.device = "cpu"

    def certify(self, text: ProbeText) -> Certificate:
        """Checks that rows are attention and whether they are causal; there is nothing to compare them with."""
        # None can be cut: rows of the beginning alone may sum to less. All are checked again when they are scored.
        short = [sequence for sequence in text.sequences if len(sequence) <= MOST_TOKENS]
        sequences = choose_sequences(short) if short else [min(text.sequences, key=len)]
        modules = [
            AttentionModule(kind, number, f"{kind}.{position}")
            for kind, numbers in self.numbers.items()
            for position, number in enumerate(numbers)
        ]
        reason = "not compared: the attention was recorded elsewhere"
        return certify(self._pass, modules, sequences, reason, probe=text.probe.name)

    def run(self, inputs: Inputs, modules: Sequence[AttentionModule], receiver: AttentionReceiver) -> None:
        """Hands over what was recorded of these sequences; there are no values."""
        self._pass(inputs, modules, receiver.receive, masked=False)

    def _pass(
        self, inputs: Inputs, modules: Sequence[AttentionModule], on_attention: OnAttention, *, masked: bool
    ) -> None:
        rows = [self._rows[id(sequence)] for sequence in inputs.sequences]
        for module in modules:
            kind, number = module.hook.split(".")
            batch = inputs.batch(module.attention)
            _, n_queries, n_keys = batch.shape
            recorded = self.layers[kind][int(number)]
            if len(rows) == 1:  # long ones come alone, and are not copied
                q, k = batch.shape_of(0)
                on_attention(module, torch.from_numpy(recorded[rows[0] : rows[0] + 1, :, :q, :k]).float())
                continue
            attention = torch.zeros(len(rows), recorded.shape[1], n_queries, n_keys)
            for i, row in enumerate(rows):
                q, k = batch.shape_of(i)
                attention[i, :, :q, :k] = torch.from_numpy(recorded[row, :, :q, :k]).float()
            on_attention(module, attention)

    def _describe(self, name: str) -> ModelInfo:
        digest = hashlib.sha256(json.dumps([(own.ids, own.texts, own.special) for own in self.sequences]).encode())
        if any(numbers != list(range(len(numbers))) for numbers in self.numbers.values()):
            digest.update(json.dumps(self.numbers).encode())
        for kind, layers in self.layers.items():
            for layer in layers:
                digest.update(f"{kind} {layer.shape} {layer.dtype}".encode())
                digest.update(np.ascontiguousarray(layer).tobytes())
        first = next(iter(self.layers.values()))
        n_layers = 1 + max(max(numbers) for numbers in self.numbers.values())
        return ModelInfo(
            name=name, architecture="unknown", source=RECORDED, revision=None, digest=digest.hexdigest(),
            n_layers=n_layers, n_heads=max(layer.shape[1] for layer in first), d_model=0,
            d_vocab=1 + max(max(sequence.ids, default=0) for sequence in self.sequences), context_length=None,
            n_parameters=0, dtype=str(first[0].dtype), device="cpu", tokenizer=None,
        )  # fmt: skip


def of_recording(
    recording: converters.Recording, *, name: str, tokens: Sequence[Sequence[str]] | None = None, special: Any = None
) -> RecordedAttention:
    """A source of what another framework recorded; `tokens` and `special` where the recording has none.

    Raises:
        HeadatlasError: shapes do not fit together.
    """
    tokens = recording.tokens if tokens is None else tokens
    return RecordedAttention(
        recording.layers, recording.token_ids, name=name, tokens=tokens, special=special, numbers=recording.numbers
    )
