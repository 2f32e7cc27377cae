"""Attention recorded elsewhere: arrays of another framework, or of a provider that returns attention weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.attention import converters
from headatlas.attention.certificate import Certificate, choose_sequences
from headatlas.attention.certify import certify
from headatlas.attention.modules import AttentionModule, OnAttention
from headatlas.attention.receiver import AttentionReceiver
from headatlas.errors import HeadatlasError
from headatlas.heads import ATTENTION_KINDS, RECORDED
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.load import ModelInfo
from headatlas.probes import Probe, ProbeText

# Layers of one kind of attention, each [batch, head, query, key].
Layers = Sequence[Any]

_FORM = (
    "It has to hold `attention` [layer, batch, head, query, key] (or `encoder`, `decoder` and `cross`) and "
    "`token_ids` [batch, position], with -1 where a sequence has ended."
)
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
        self.layers = {kind: [_array(layer) for layer in layers] for kind, layers in given.items()}
        self.numbers = {kind: list((numbers or {}).get(kind, range(len(own)))) for kind, own in self.layers.items()}
        sequences = _sequences(token_ids, tokens, special)
        if source_ids is not None:
            read = _sequences(source_ids, source_tokens, None)
            if len(read) != len(sequences):
                raise HeadatlasError(f"There are {len(read)} sources for {len(sequences)} sequences.")
            sequences = [replace(target, source=source) for target, source in zip(sequences, read, strict=True)]
        elif "cross" in given:
            raise HeadatlasError("Cross-attention needs `source_ids`: the tokens that the encoder read.")
        examples = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))[:_N_EXAMPLES]
        self.sequences = tuple(
            replace(sequence, example=i in examples and len(sequence) <= _LONGEST_EXAMPLE)
            for i, sequence in enumerate(sequences)
        )
        self._rows = {id(sequence): row for row, sequence in enumerate(self.sequences)}
        self._check_shapes()
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
        sequences = choose_sequences(text.sequences)
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
            attention = torch.zeros(len(rows), recorded.shape[1], n_queries, n_keys)
            for i, row in enumerate(rows):
                q, k = batch.shape_of(i)
                attention[i, :, :q, :k] = torch.from_numpy(recorded[row, :, :q, :k]).float()
            on_attention(module, attention)

    def _check_shapes(self) -> None:
        kinds = dict.fromkeys(self.layers, False)
        for kind, layers in self.layers.items():
            if not layers:
                raise HeadatlasError(f"There is no layer of {kind} attention.")
            _, n_queries, n_keys = Inputs(self.sequences, kinds).batch(kind).shape
            for number, layer in enumerate(layers):
                fits = layer.ndim == 4 and len(layer) == len(self.sequences)
                if not (fits and layer.shape[2] >= n_queries and layer.shape[3] >= n_keys):
                    raise HeadatlasError(
                        f"Layer {number} of the {kind} attention has shape {layer.shape}; with {len(self.sequences)} "
                        f"sequences of up to {n_queries} queries and {n_keys} keys it has to be "
                        f"[{len(self.sequences)}, head, {n_queries}, {n_keys}]."
                    )

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


def read(path: str | Path) -> RecordedAttention:
    """Recorded attention from a .npz or .safetensors file.

    Arrays are named as the arguments of `RecordedAttention`: `attention` (or `encoder`, `decoder`, `cross`) and
    `token_ids`, and where there are any `special`, `source_ids`, `tokens`, `source_tokens`. Layers with different
    numbers of heads are arrays of their own: `attention.0`, `attention.1`. A .safetensors file has its texts as JSON
    in its metadata. A .json or .jsonl file is of one of the forms of `headatlas.attention.converters.read_json`.

    Raises:
        HeadatlasError: the file is not there, is of another kind, or lacks an array.
    """
    path = Path(path)
    if not path.is_file():
        raise HeadatlasError(f"There is no file {path}. {_FORM}")
    if path.suffix in (".json", ".jsonl"):
        return of_recording(converters.read_json(path), name=path.stem)
    parts: dict[str, Any] = {}
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as file:
                parts = {name: file[name] for name in file.files}
        elif path.suffix == ".safetensors":
            from safetensors import safe_open

            with safe_open(str(path), framework="pt") as file:
                parts = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
                texts = file.metadata() or {}
            parts |= {name: json.loads(texts[name]) for name in ("tokens", "source_tokens") if name in texts}
        else:
            raise HeadatlasError(f"{path} is neither a .npz nor a .safetensors file. {_FORM}")
    except (OSError, ValueError, EOFError) as error:
        raise HeadatlasError(f"{path} cannot be read: {error}. {_FORM}") from error
    except Exception as error:  # safetensors and zipfile have errors of their own
        if isinstance(error, HeadatlasError):
            raise
        raise HeadatlasError(f"{path} is damaged or of another kind: {error}. {_FORM}") from error
    attention = {
        kind: layers for kind in ("attention", *ATTENTION_KINDS) if (layers := _layers_named(kind, parts)) is not None
    }
    if "attention" in attention:
        attention["self"] = attention.pop("attention")
    if not attention or "token_ids" not in parts:
        raise HeadatlasError(f"{path} holds {', '.join(sorted(parts)) or 'nothing'}. {_FORM}")
    options = {name: parts[name] for name in ("special", "source_ids", "tokens", "source_tokens") if name in parts}
    for name in options.keys() & {"tokens", "source_tokens"}:
        options[name] = [[str(text) for text in row] for row in options[name]]
    return RecordedAttention(attention, parts["token_ids"], name=path.stem, **options)


def _layers_named(kind: str, parts: Mapping[str, Any]) -> Layers | None:
    if kind in parts:
        return list(parts[kind])
    numbered = sorted(
        (int(end), array) for name, array in parts.items() for end in [name.removeprefix(f"{kind}.")] if end.isdigit()
    ) if any(name.startswith(f"{kind}.") for name in parts) else []  # fmt: skip
    return [array for _, array in numbered] or None


def _array(layer: Any) -> Float[np.ndarray, "*shape"]:
    """[batch, head, query, key] as NumPy has it; torch's bfloat16, which NumPy lacks, becomes float32."""
    if not isinstance(layer, Tensor | np.ndarray):
        layer = getattr(layer, "value", layer)  # what nnsight saved
    if isinstance(layer, Tensor):
        layer = layer.detach().cpu()
        layer = (layer.float() if layer.dtype == torch.bfloat16 else layer).numpy()
    array = np.asarray(layer)
    if not np.issubdtype(array.dtype, np.floating):
        raise HeadatlasError(f"Attention weights have to be floating-point numbers, not {array.dtype}.")
    return array


def _sequences(token_ids: Any, tokens: Any, special: Any) -> list[TokenSequence]:
    rows = [[int(token) for token in row] for row in token_ids]
    sequences = []
    for number, row in enumerate(rows):
        ids = row[: row.index(-1)] if -1 in row else row
        if not ids:
            raise HeadatlasError(f"Sequence {number} is empty.")
        texts = [str(text) for text in (ids if tokens is None else tokens[number])][: len(ids)]
        marks = [False] * len(ids) if special is None else [bool(mark) for mark in special[number]][: len(ids)]
        if not len(texts) == len(marks) == len(ids):
            raise HeadatlasError(f"Sequence {number} has {len(ids)} ids, {len(texts)} texts and {len(marks)} marks.")
        sequences.append(TokenSequence(tuple(ids), tuple(texts), tuple(marks)))
    if not sequences:
        raise HeadatlasError("There are no sequences to score.")
    return sequences
