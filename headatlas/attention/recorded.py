"""Attention recorded elsewhere: arrays of another framework, or of a provider that returns attention weights."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.attention import array_files, converters
from headatlas.attention.array_files import StoredArray
from headatlas.attention.certificate import MOST_TOKENS, Certificate, choose_sequences
from headatlas.attention.certify import certify
from headatlas.attention.modules import AttentionModule, OnAttention
from headatlas.attention.receiver import AttentionReceiver
from headatlas.attention.recorded_tokens import check_number, sequences_of
from headatlas.errors import HeadatlasError
from headatlas.files.given import parsed_json, regular, shown
from headatlas.heads import ATTENTION_KINDS, RECORDED
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.info import ModelInfo
from headatlas.probes import Probe, ProbeText

# Layers of one kind of attention, each [batch, head, query, key].
Layers = Sequence[Any]

_FORM = (
    "It has to hold `attention` [layer, batch, head, query, key] (or `encoder`, `decoder` and `cross`) and "
    "`token_ids` [batch, position], with -1 where a sequence has ended."
)
_LONGEST_EXAMPLE = 64
_N_EXAMPLES = 2
# More layers than any model has, and heads of a layer: numbers beyond them are no numbers of layers.
MOST_LAYERS = 1_000
_MOST_HEADS = 10_000
# Places in `token_ids` and what stands beside them; most of them may be behind the ends of sequences.
_MOST_PLACES = 50_000_000
# What a file's arrays beside the attention are made of.
_PARTS = {
    name: made_of
    for names, made_of in (
        (("token_ids", "source_ids"), (array_files.INTEGER, array_files.FLOAT)),
        (("special",), (array_files.BOOLEAN, array_files.INTEGER)),
        (("tokens", "source_tokens"), (array_files.TEXT, array_files.INTEGER)),
    )
    for name in names
}
_TEXTS = ("tokens", "source_tokens")


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
        stored = {kind: _stored(layers, kind) for kind, layers in given.items()}
        for kind, layers in stored.items():
            _check_shapes(kind, layers.shapes, self.sequences)
        self.layers = {kind: [_array(layer) for layer in layers] for kind, layers in stored.items()}
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


def read(path: str | Path) -> RecordedAttention:
    """Recorded attention from a .npz or .safetensors file.

    Arrays are named as the arguments of `RecordedAttention`: `attention` (or `encoder`, `decoder`, `cross`) and
    `token_ids`, and where there are any `special`, `source_ids`, `tokens`, `source_tokens`. Layers with different
    numbers of heads are arrays of their own: `attention.0`, `attention.1`. A .safetensors file has its texts as JSON
    in its metadata. A .json or .jsonl file is of one of the forms of `headatlas.attention.converters.read_json`.

    Headers are read and checked before arrays are, and no array of another name is read.

    Raises:
        HeadatlasError: the file is not there, is of another kind, or lacks an array.
    """
    path = Path(path)
    regular(path, _FORM)
    if path.suffix in (".json", ".jsonl"):
        return of_recording(converters.read_json(path), name=shown(path.stem))
    with array_files.open_arrays(path, _is_wanted, _FORM) as file:
        if {"attention", "self"} <= {name.partition(".")[0] for name in file.wanted}:
            raise HeadatlasError(f"{shown(path)} holds `attention` and `self`, which are names of the same. Write one.")
        attention = {
            "self" if name == "attention" else name: layers
            for name in ("attention", *ATTENTION_KINDS)
            if (layers := _layers_named(name, file.wanted)) is not None
        }
        if not attention or "token_ids" not in file.wanted:
            holds = ", ".join(sorted(file.names)[:12])[:200] or "nothing"
            raise HeadatlasError(f"{shown(path)} holds {holds}. {_FORM}")
        for name, made_of in _PARTS.items():
            if name in file.wanted:
                _check_part(file.wanted[name], made_of)
        options = {name: file.wanted[name].read() for name in _PARTS if name in file.wanted}
        options |= {
            name: parsed_json(file.texts[name], f"`{name}` in {path.name}") for name in _TEXTS if name in file.texts
        }
        return RecordedAttention(attention, options.pop("token_ids"), name=shown(path.stem), **options)


def _is_wanted(name: str) -> bool:
    return (
        name in _PARTS or re.fullmatch(rf"({'|'.join(('attention', *ATTENTION_KINDS))})(\.[0-9]+)?", name) is not None
    )


def _check_part(array: StoredArray, made_of: Sequence[str]) -> None:
    """Raises HeadatlasError for tokens of another shape, or made of something else."""
    if array.holds not in made_of or len(array.shape) != 2:
        raise HeadatlasError(
            f"`{array.name}` holds {array.holds} of shape {list(array.shape)}; it has to hold {' or '.join(made_of)}, "
            "[sequence, position]."
        )
    if 0 in array.shape:
        raise HeadatlasError(f"`{array.name}` has shape {list(array.shape)}: there are no tokens in it.")
    check_number(array.shape[0])
    if array.shape[0] * array.shape[1] > _MOST_PLACES:
        raise HeadatlasError(
            f"`{array.name}` has shape {list(array.shape)}: at most {_MOST_PLACES:,} places are read, tokens and what "
            "fills up short sequences. Write fewer sequences into a file."
        )


@dataclass(frozen=True)
class _Stored:
    """Layers whose shapes are known; going through them reads them."""

    shapes: Sequence[tuple[int, ...]]
    layers: Any

    def __iter__(self) -> Iterator[Any]:
        for layer in self.layers:
            yield from (
                layer.read()
                if isinstance(layer, StoredArray) and len(layer.shape) == 5
                else [layer.read() if isinstance(layer, StoredArray) else layer]
            )


def _stored(layers: Any, kind: str) -> _Stored:
    """The layers of a kind of attention, given as an array of all of them, a list, or as they stand in a file.

    Raises:
        HeadatlasError: there are none, or too many.
    """
    if isinstance(layers, _Stored):
        return layers
    shape = tuple(getattr(layers, "shape", (len(layers),) if hasattr(layers, "__len__") else ()))
    if not shape:
        raise HeadatlasError(
            f"The {kind} attention is no array [layer, batch, head, query, key] and no list of layers."
        )
    _check_n_layers(kind, shape[0])
    layers = [_array(layer) for layer in layers]
    return _Stored([layer.shape for layer in layers], layers)


def _layers_named(name: str, arrays: Mapping[str, StoredArray]) -> _Stored | None:
    """The layers of a kind of attention in a file, in one array or in one each."""
    own = [array for array in arrays.values() if array.name == name or array.name.startswith(f"{name}.")]
    for array in own:
        n_axes = 5 if array.name == name else 4
        if array.holds != array_files.FLOAT or len(array.shape) != n_axes:
            axes = "[layer, batch, head, query, key]" if n_axes == 5 else "[batch, head, query, key]"
            raise HeadatlasError(
                f"`{array.name}` holds {array.holds} of shape {list(array.shape)}; attention has to be floating-point "
                f"numbers {axes}."
            )
    if name in arrays:
        _check_n_layers(name, arrays[name].shape[0])
        return _Stored([arrays[name].shape[1:]] * arrays[name].shape[0], [arrays[name]])
    if not own:
        return None
    _check_n_layers(name, len(own))
    # Zeros before a number do not count: int() refuses thousands of digits.
    own.sort(key=lambda array: (len(number := array.name.split(".")[1].lstrip("0")), number))
    return _Stored([array.shape for array in own], own)


def _check_n_layers(kind: str, n_layers: int) -> None:
    if not 0 < n_layers <= MOST_LAYERS:
        raise HeadatlasError(f"`{kind}` has {n_layers:,} layers; from 1 to {MOST_LAYERS:,} are read.")


def _check_shapes(kind: str, shapes: Sequence[tuple[int, ...]], sequences: Sequence[TokenSequence]) -> None:
    """Raises HeadatlasError unless each layer is [sequence, head, query, key] with room for all tokens."""
    n_queries = max(len(sequence) for sequence in sequences)
    n_keys = max(len(sequence.source or sequence) for sequence in sequences)
    n_queries, n_keys = {"encoder": (n_keys, n_keys), "cross": (n_queries, n_keys)}.get(kind, (n_queries, n_queries))
    for number, shape in enumerate(shapes):
        fits = len(shape) == 4 and shape[0] == len(sequences) and 0 < shape[1] <= _MOST_HEADS
        if not (fits and shape[2] >= n_queries and shape[3] >= n_keys):
            raise HeadatlasError(
                f"Layer {number} of the {kind} attention has shape {tuple(shape)}; with {len(sequences)} "
                f"sequences of up to {n_queries} queries and {n_keys} keys it has to be "
                f"[{len(sequences)}, head, {n_queries}, {n_keys}]."
            )


def _array(layer: Any) -> Float[np.ndarray, "*shape"]:
    """[batch, head, query, key] as torch reads it: other kinds of floating-point numbers than its own become those."""
    if not isinstance(layer, Tensor | np.ndarray):
        layer = getattr(layer, "value", layer)  # what nnsight saved
    if isinstance(layer, Tensor):
        layer = layer.detach().cpu()
        if layer.is_floating_point() and layer.dtype not in (torch.float16, torch.float32, torch.float64):
            layer = layer.float()  # bfloat16 and float8, which NumPy lacks
        layer = layer.numpy()
    try:
        array = np.asarray(layer)
    except ValueError as error:  # lists of different lengths
        raise HeadatlasError(f"Attention weights have to be an array: {error}.") from error
    if not np.issubdtype(array.dtype, np.floating):
        raise HeadatlasError(f"Attention weights have to be floating-point numbers, not {array.dtype}.")
    if array.dtype.itemsize > 8:
        return array.astype(np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
