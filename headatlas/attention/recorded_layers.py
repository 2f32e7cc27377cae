"""Layers of attention that was recorded elsewhere: given as arrays or lists, or as they stand in a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.attention.array_files import StoredArray
from headatlas.errors import HeadatlasError
from headatlas.inputs.sequence import TokenSequence

# More layers than any model has, and heads of a layer: numbers beyond them are no numbers of layers.
MOST_LAYERS = 1_000
_MOST_HEADS = 10_000


@dataclass(frozen=True)
class StoredLayers:
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


def stored_layers(layers: Any, kind: str) -> StoredLayers:
    """The layers of a kind of attention, given as an array of all of them, a list, or as they stand in a file.

    Raises:
        HeadatlasError: there are none, or too many.
    """
    if isinstance(layers, StoredLayers):
        return layers
    shape = tuple(getattr(layers, "shape", (len(layers),) if hasattr(layers, "__len__") else ()))
    if not shape:
        raise HeadatlasError(
            f"The {kind} attention is no array [layer, batch, head, query, key] and no list of layers."
        )
    check_n_layers(kind, shape[0])
    layers = [as_array(layer) for layer in layers]
    return StoredLayers([layer.shape for layer in layers], layers)


def check_n_layers(kind: str, n_layers: int) -> None:
    """Raises HeadatlasError where there are no layers, or more than `MOST_LAYERS`."""
    if not 0 < n_layers <= MOST_LAYERS:
        raise HeadatlasError(f"`{kind}` has {n_layers:,} layers; from 1 to {MOST_LAYERS:,} are read.")


def check_shapes(kind: str, shapes: Sequence[tuple[int, ...]], sequences: Sequence[TokenSequence]) -> None:
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


def as_array(layer: Any) -> Float[np.ndarray, "*shape"]:
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
