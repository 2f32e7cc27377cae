"""Attention as other frameworks hand it over, made into what `RecordedAttention` takes.

- transformers: what `generate(..., output_attentions=True, return_dict_in_generate=True)` returns: of the prompt a
  square of rows, of each generated token a row.
- TransformerLens: an `ActivationCache`, or any mapping with `blocks.5.attn.hook_pattern`.
- nnsight: a list with what `.save()` gave for each layer; older versions keep the tensor in `.value`.
- vLLM: responses of the server's attention capture (pull request 35014 of vllm-project/vllm): `attn_capture_data`,
  for each layer `layer_idx`, `shape` [query, head, key] and `data`, base64 of gzip of float16.
- llama.cpp: rows of `llama_get_attn_ith` (pull request 20086 of ggml-org/llama.cpp): for each output token, in the
  order of the (layer, head) pairs asked for, a row over the context.
- JSON Lines: a sequence a line, {"token_ids": [...], "tokens": [...], "attention": [layer][head][query][key]}.
"""

from __future__ import annotations

import base64
import gzip
import math
import re
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped

from headatlas.attention.recorded_tokens import ids_of
from headatlas.errors import HeadatlasError, one_line
from headatlas.files.given import read_json_rows, shown

# Names of TransformerLens' hooks of attention, with the kind of attention and the layer.
_HOOK = re.compile(r"(?P<blocks>(?:encoder_|decoder_)?blocks)\.(?P<layer>\d+)\.(?P<module>\w+)\.hook_pattern")
_KINDS = {
    ("blocks", "attn"): "self", ("encoder_blocks", "attn"): "encoder", ("decoder_blocks", "self_attn"): "decoder",
    ("decoder_blocks", "attn"): "decoder", ("decoder_blocks", "cross_attn"): "cross",
}  # fmt: skip
# Weights of one layer of a response, decompressed, beyond which it is not read: half a gigabyte.
_MAX_BYTES = 2**29
_SEQUENCE_FORM = "A sequence has to hold `token_ids` and `attention` [layer][head][query][key]."

Weights = Float[np.ndarray, "..."]


@dataclass(frozen=True)
class Recording:
    """Recorded attention: arrays [batch, head, query, key] by kind, the layers' numbers, ids and texts of sequences."""

    layers: dict[str, list[Any]]
    numbers: dict[str, list[int]]
    token_ids: list[list[int]]
    tokens: list[list[str]] | None = None


def recognised(attention: Any, token_ids: Any = None) -> Recording | None:
    """What an object of another framework holds; None where it is of none that is known here, as plain arrays are.

    Raises:
        HeadatlasError: it is such an object, and lacks something.
    """
    if hasattr(attention, "sequences") and hasattr(attention, "attentions"):
        return from_generation(attention)
    cached = getattr(attention, "cache_dict", attention)
    if isinstance(cached, Mapping):
        if "attn_capture_data" in cached:
            return from_vllm([cached], token_ids)
        return from_cache(cached, token_ids) if any(_HOOK.fullmatch(str(name)) for name in cached) else None
    if isinstance(attention, Sequence) and attention and isinstance(attention[0], Mapping):
        return from_vllm(attention, token_ids)
    return None


def from_generation(
    output: Any, *, attention_mask: Any = None, eos_token_id: int | None = None, pad_token_id: int | None = None
) -> Recording:
    """What transformers' `generate` returns with attention; the token generated last is no query, and is left out.

    Args:
        output: has `sequences` [batch, position] and `attentions`, a tuple for each step with a tensor
            [batch, head, query, key] a layer.
        attention_mask: [batch, prompt position], of prompts that were padded on the left.
        eos_token_id: a sequence ends with the first that was generated.
        pad_token_id: what stands behind sequences that ended earlier, where they do not end with `eos_token_id`.

    Raises:
        HeadatlasError: there is no attention, or it is of beams.
    """
    steps = output.attentions
    if not steps or not all(steps) or any(layer is None for layer in steps[0]):
        raise HeadatlasError(
            "This generation holds no attention. Load the model with attn_implementation='eager', and generate with "
            "output_attentions=True and return_dict_in_generate=True."
        )
    ids = np.asarray(_numpy(output.sequences))
    n_batch, prompt = steps[0][0].shape[0], steps[0][0].shape[2]
    if len(ids) != n_batch:
        raise HeadatlasError(
            f"Attention is of {n_batch} sequences, and {len(ids)} were generated: beams cannot be read."
        )
    size = steps[-1][0].shape[3]
    starts = [0] * n_batch if attention_mask is None else _numpy(attention_mask).argmax(1).tolist()
    ends = [_end(row[:size].tolist(), prompt, eos_token_id, pad_token_id) for row in ids]
    layers = []
    for number in range(len(steps[0])):
        rows = [_numpy(step[number]) for step in steps]
        whole = np.zeros((n_batch, rows[0].shape[1], size, size), np.float32)
        query = 0
        for row in rows:
            if row.shape[3] > size or query + row.shape[2] > size:
                raise HeadatlasError(
                    f"The steps of layer {number} do not follow each other; generate with use_cache=True."
                )
            whole[:, :, query : query + row.shape[2], : row.shape[3]] = row
            query += row.shape[2]
        layers.append(_without_padding(whole, starts))
    kept = [row[start:end].tolist() for row, start, end in zip(ids, starts, ends, strict=True)]
    return Recording({"self": layers}, {"self": list(range(len(layers)))}, kept)


def from_cache(cache: Mapping[str, Any], token_ids: Any) -> Recording:
    """TransformerLens' cache: `hook_pattern` of each layer, [batch, head, query, key] or without batch.

    Raises:
        HeadatlasError: there are no ids of tokens; cross-attention, whose source a cache does not name.
    """
    by_kind: dict[str, dict[int, Weights]] = defaultdict(dict)
    for name, value in cache.items():
        match = _HOOK.fullmatch(str(name))
        kind = _KINDS.get((match["blocks"], match["module"])) if match else None
        if match and kind is not None:
            array = _numpy(value)
            by_kind[kind][int(match["layer"])] = array[None] if array.ndim == 3 else array
    if "cross" in by_kind or ("encoder" in by_kind and "decoder" in by_kind):
        raise HeadatlasError(
            "This cache is of an encoder-decoder. Give its attention as a mapping {'encoder': [...], 'decoder': [...], "
            "'cross': [...]}, with source_ids."
        )
    ids = _ids(token_ids, "a cache")
    return Recording(
        {kind: [of_kind[number] for number in sorted(of_kind)] for kind, of_kind in by_kind.items()},
        {kind: sorted(of_kind) for kind, of_kind in by_kind.items()},
        ids,
    )


def from_vllm(responses: Sequence[Mapping[str, Any]], token_ids: Any = None) -> Recording:
    """Responses of a vLLM server that captures attention, one a sequence.

    Ids are `prompt_token_ids` and those of the first choice (`token_ids`) where the response has them, as a server
    returns them on request; else give them. Layers that were not captured are left out, and the others keep their
    numbers. Tokens for which there are no rows, as the last one generated, are left out.

    Raises:
        HeadatlasError: a response lacks attention or ids, or is damaged.
    """
    if token_ids is not None and len(given := _ids(token_ids, "a response")) != len(responses):
        raise HeadatlasError(f"There are {len(responses)} responses and ids of {len(given)} sequences.")
    read, kept = [], []
    for position, response in enumerate(responses):
        ids = _vllm_ids(response, position) if token_ids is None else given[position]
        layers = _vllm_layers(response, position, len(ids))
        read.append(layers)
        kept.append(list(ids[: next(iter(layers.values())).shape[1]]))
    return _joined(read, kept, None)


def from_llama_cpp(
    rows: Sequence[Any], layers: Sequence[Sequence[int]], token_ids: Sequence[Sequence[int]]
) -> Recording:
    """Rows of `llama_get_attn_ith`, copied after each decode.

    Args:
        rows: for each sequence an array [token, pair, context], the row of each output token in turn; behind the
            `llama_get_attn_n_kv` entries that count it may hold anything.
        layers: the (layer, head) pairs in the order in which `llama_set_attn_heads` had them; all heads of a layer.
        token_ids: of each sequence.

    Raises:
        HeadatlasError: shapes do not fit, or a layer's heads are not all there.
    """
    heads: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for position, (layer, head) in enumerate(layers):
        heads[int(layer)].append((int(head), position))
    for layer, members in heads.items():
        if sorted(head for head, _ in members) != list(range(len(members))):
            raise HeadatlasError(
                f"Of layer {layer} heads are missing; ask llama_set_attn_heads for all heads of a layer."
            )
    read = []
    for number, (own, ids) in enumerate(zip(rows, token_ids, strict=True)):
        array, size = _numpy(own), len(ids)
        if array.ndim != 3 or array.shape[:2] != (size, len(layers)) or array.shape[2] < size:
            raise HeadatlasError(
                f"Sequence {number}: rows have shape {array.shape}; with {size} tokens and {len(layers)} pairs it has "
                f"to be [{size}, {len(layers)}, {size} or more]."
            )
        square = np.tril(np.moveaxis(array[:, :, :size], 0, 1))  # what a token had not seen is no weight
        read.append({layer: square[[position for _, position in sorted(own)]] for layer, own in heads.items()})
    return _joined(read, [list(map(int, ids)) for ids in token_ids], None)


def holds_attention(path: Path) -> bool:
    """Whether a .json or .jsonl file is one of those that `read_json` reads, from its first sequence.

    Raises:
        HeadatlasError: it is no file, or no JSON.
    """
    rows = _json_rows(path)
    first = rows[0] if rows else None
    return isinstance(first, Mapping) and bool({"attention", "attn_capture_data"} & first.keys())


def read_json(path: Path) -> Recording:
    """Recorded attention from a .jsonl file, a sequence or response a line, or a .json file with a list of them or one.

    Raises:
        HeadatlasError: the file cannot be read, is damaged, or lacks something.
    """
    rows = _json_rows(path)
    if rows and all(isinstance(row, Mapping) and "attn_capture_data" in row for row in rows):
        return from_vllm(rows)
    read, ids, tokens = [], [], []
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping) or not isinstance(row.get("attention"), list) or "token_ids" not in row:
            raise HeadatlasError(f"{shown(path)}: sequence {number} is damaged. {_SEQUENCE_FORM}")
        ids.append(ids_of(row["token_ids"], number))
        try:
            layers = [np.asarray(layer, dtype=np.float32) for layer in row["attention"]]
        except (TypeError, ValueError, OverflowError) as error:
            reason = one_line(error, named=True)
            raise HeadatlasError(f"{shown(path)}: sequence {number} is damaged ({reason}). {_SEQUENCE_FORM}") from error
        if not layers or any(layer.ndim != 3 or layer.shape[1:] != (len(ids[-1]),) * 2 for layer in layers):
            raise HeadatlasError(
                f"{shown(path)}: the attention of sequence {number} is not of its {len(ids[-1])} tokens. "
                f"{_SEQUENCE_FORM}"
            )
        read.append(dict(enumerate(layers)))
        said = row.get("tokens", list(map(str, ids[-1])))
        if not isinstance(said, list) or len(said) != len(ids[-1]) or not all(isinstance(text, str) for text in said):
            raise HeadatlasError(f"{shown(path)}: the tokens of sequence {number} are not a text for each id.")
        tokens.append(said)
    return _joined(read, ids, tokens)


def _json_rows(path: Path) -> list[Any]:
    content = read_json_rows(path)
    return content if isinstance(content, list) else [content]


def _joined(
    sequences: Sequence[Mapping[int, Weights]], ids: list[list[int]], tokens: list[list[str]] | None
) -> Recording:
    """Layers [batch, head, query, key] of sequences that each have their own [head, query, key], padded with 0."""
    if not sequences:
        raise HeadatlasError("There are no sequences to score.")
    numbers = sorted(sequences[0])
    longest = max(map(len, ids))
    layers = []
    for number in numbers:
        shapes = {own[number].shape[0] if number in own else 0 for own in sequences}
        if len(shapes) > 1 or any(sorted(own) != numbers for own in sequences):
            raise HeadatlasError(f"The sequences differ in their layers, or in the heads of layer {number}.")
        layer = np.zeros((len(sequences), *shapes, longest, longest), np.float32)
        for row, own in enumerate(sequences):
            size = own[number].shape[1]
            layer[row, :, :size, :size] = own[number]
        layers.append(layer)
    return Recording({"self": layers}, {"self": numbers}, ids, tokens)


def _vllm_layers(response: Mapping[str, Any], position: int, n_ids: int) -> dict[int, Weights]:
    """A response's layers [head, query, key]; not one is decompressed that says to be of more tokens than there are."""
    layers = {}
    try:
        for item in response["attn_capture_data"]:
            shape = tuple(int(size) for size in item["shape"])
            if len(shape) != 3 or shape[0] != shape[2] or not 0 < 2 * math.prod(shape) <= _MAX_BYTES:
                raise ValueError(f"its shape is {shape}, not [query, head, key]")
            if shape[0] > n_ids:
                raise HeadatlasError(f"Response {position} has attention of {shape[0]} tokens and ids of {n_ids}.")
            content = zlib.decompressobj(wbits=31).decompress(base64.b64decode(item["data"]), 2 * math.prod(shape) + 1)
            scores = np.frombuffer(content, "<f2").reshape(shape)
            layers[int(item["layer_idx"])] = np.moveaxis(scores, 1, 0).astype(np.float32)
    except (KeyError, TypeError, ValueError, OverflowError, zlib.error, gzip.BadGzipFile) as error:
        raise HeadatlasError(f"Response {position} is damaged ({one_line(error, named=True)}).") from error
    if not layers:
        raise HeadatlasError(f"Response {position} holds no attention: `attn_capture_data` is empty.")
    return layers


def _vllm_ids(response: Mapping[str, Any], position: int) -> list[int]:
    try:
        prompt = response.get("prompt_token_ids")
        choice = response["choices"][0]
        prompt = choice.get("prompt_token_ids") if prompt is None else prompt
        return ids_of([*prompt, *choice["token_ids"]], position)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise HeadatlasError(
            f"Response {position} holds no token ids. Ask the server for them (`return_token_ids`), or give token_ids."
        ) from error


def _ids(token_ids: Any, what: str) -> list[list[int]]:
    if token_ids is None:
        raise HeadatlasError(f"{what[0].upper()}{what[1:]} does not say which tokens were read: give token_ids.")
    return [ids_of(row, number) for number, row in enumerate(token_ids)]


def _end(ids: list[int], prompt: int, eos: int | None, pad: int | None) -> int:
    """Where a generated sequence ends."""
    generated = ids[prompt:]
    if eos is not None and eos in generated:
        return prompt + generated.index(eos) + 1
    if pad is not None and pad in generated:
        return prompt + generated.index(pad)
    return len(ids)


def _without_padding(attention: Weights, starts: Sequence[int]) -> Weights:
    """Rows and columns of left padding taken out: each sequence moved to begin at 0."""
    moved = np.zeros_like(attention)
    for row, start in enumerate(starts):
        size = attention.shape[2] - start
        moved[row, :, :size, :size] = attention[row, :, start:, start:]
    return moved


def _numpy(value: Any) -> Shaped[np.ndarray, ...]:
    """An array of a tensor, of what nnsight saved of one, or of whatever NumPy reads."""
    value = value if isinstance(value, torch.Tensor | np.ndarray) else getattr(value, "value", value)
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        value = value.float() if value.dtype == torch.bfloat16 else value
        return np.asarray(value.numpy())
    return np.asarray(value)
