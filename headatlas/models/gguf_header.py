"""What a .gguf file says of itself, checked against the file before anything is made of it.

The layout is that of ggml's docs/gguf.md: a header, keys with values, descriptions of tensors, and their contents.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headatlas.errors import ModelError
from headatlas.models.folder_check import MOST_LAYERS

# Bytes of the values of fixed size, by the number of their type, and how `struct` spells them.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# Bytes of a name, dimensions of a tensor, arrays within arrays: what ggml allows, or more.
_LONGEST_NAME, _MOST_AXES, _DEEPEST = 2**16, 8, 4
# Keys, and tensors: a model has hundreds of them. Values in arrays: a vocabulary of 262,144 tokens has 1.3 million. Of
# each thing objects are made, so that a million of them take seconds and hundreds of megabytes.
_MOST_KEYS, _MOST_TENSORS, _MOST_VALUES = 10_000, 100_000, 3_000_000
# Bytes behind the last tensor.
_MOST_SPARE = 2**24


class _Damaged(Exception):
    """Something in the header cannot be; the message says what."""


class _Reader:
    """Goes through a header from front to back, and never beyond the end of the file."""

    def __init__(self, data: Any, order: str) -> None:
        self.data = data
        self.order = order
        self.at = 8
        self.n_values = 0

    def skip(self, n_bytes: int) -> int:
        """Goes on by that many bytes; where they began."""
        start = self.at
        if n_bytes > len(self.data) - start:
            raise _Damaged("it ends in the middle of its header, or a length in it is wrong")
        self.at = start + n_bytes
        return start

    def number(self, letter: str) -> Any:
        """One number, as `struct` spells its type."""
        form = self.order + letter
        return struct.unpack_from(form, self.data, self.skip(struct.calcsize(form)))[0]

    def name(self) -> str:
        """The name of a key or a tensor."""
        length = self.number("Q")
        if length > _LONGEST_NAME:
            raise _Damaged(f"a name in it has {length:,} bytes")
        start = self.skip(length)
        return bytes(self.data[start : start + length]).decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> Any:
        """A value that is a number; None for texts and arrays, which are gone through alone."""
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        if kind == _STRING:
            self.skip(self.number("Q"))
            return None
        if kind != _ARRAY or depth == _DEEPEST:
            raise _Damaged(f"it has a value of type {kind}" if kind != _ARRAY else "it has arrays within arrays")
        inner, n = self.number("I"), self.number("Q")
        self.n_values += n
        if inner in _SCALARS:
            self.skip(n * struct.calcsize(f"={_SCALARS[inner]}"))
        elif n * (8 if inner == _STRING else 12) > len(self.data) - self.at:
            raise _Damaged(f"it claims an array of {n:,} values, which its {len(self.data):,} bytes cannot hold")
        if self.n_values > _MOST_VALUES:
            raise _Damaged(f"its arrays have more than {_MOST_VALUES:,} values")
        for _ in range(0 if inner in _SCALARS else n):
            self.value(inner, depth + 1)
        return None


def check_header(path: Path) -> None:
    """Reads a file's header, and compares what it claims with the file's size and with its tensors.

    Raises:
        ModelError: it claims more than it holds, or is damaged.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            _check(data)
    except (_Damaged, OSError, ValueError, struct.error) as error:
        raise ModelError(
            f"{path} could not be read as a model: {error}. It may be cut off or damaged; fetch it again, or use the "
            "original weights."
        ) from error


def _check(data: Any) -> None:
    if len(data) < 24:
        raise _Damaged("it ends in the middle of its header, or a length in it is wrong")
    # The version is small, so that its two upper bytes say which way round numbers are.
    order = "<" if data[6:8] == b"\0\0" else ">"
    version = struct.unpack_from(f"{order}I", data, 4)[0]
    if version not in (2, 3):
        raise _Damaged(f"it is of version {version} of GGUF, and versions 2 and 3 are read")
    reader = _Reader(data, order)
    n_tensors, n_keys = reader.number("Q"), reader.number("Q")
    if n_keys > _MOST_KEYS or n_tensors > _MOST_TENSORS:
        raise _Damaged(f"it claims {n_keys:,} keys and {n_tensors:,} tensors")
    values = {}
    for _ in range(n_keys):
        name = reader.name()
        values[name] = reader.value(reader.number("I"))
    tensors, end = {}, 0
    for _ in range(n_tensors):
        name, n_axes = reader.name(), reader.number("I")
        if not 0 < n_axes <= _MOST_AXES:
            raise _Damaged(f"its tensor {name[:60]} has {n_axes:,} dimensions")
        shape = [reader.number("Q") for _ in range(n_axes)]
        kind, offset = reader.number("I"), reader.number("Q")
        tensors[name] = shape
        end = max(end, _check_tensor(name[:60], shape, kind, offset, len(data) - reader.at))
    if len(data) - reader.at - end > _MOST_SPARE:
        raise _Damaged(f"it has {len(data):,} bytes, of which its header and tensors fill {reader.at + end:,}")
    _check_sizes(values, tensors)


def _check_tensor(name: str, shape: list[int], kind: int, offset: int, n_left: int) -> int:
    """Where a tensor ends, counted from the end of the header."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    try:
        n_block, n_bytes = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
    except (ValueError, KeyError):
        raise _Damaged(f"its tensor {name} is of the type {kind}, which is not known") from None
    end = offset + math.prod(shape) // n_block * n_bytes
    if 0 in shape or end > n_left:
        raise _Damaged(f"its tensor {name} of shape {shape} is not in the file")
    return end


def _check_sizes(values: Mapping[str, Any], tensors: Mapping[str, list[int]]) -> None:
    """Sizes that a key gives are those of the tensors: a model of these sizes is made before tensors are read."""
    embedding = tensors.get("token_embd.weight", [])
    feed_forward = next((shape for name, shape in tensors.items() if name.endswith("ffn_up.weight")), [])
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool):
            continue
        if name.endswith(".block_count") and not 0 < value <= MOST_LAYERS:
            raise _Damaged(f"it claims {value:,} layers; from 1 to {MOST_LAYERS:,} are read")
        if name.endswith(".head_count") and not 0 < value <= MOST_LAYERS:
            raise _Damaged(f"it claims {value:,} heads a layer")
        if name.endswith(".embedding_length") and embedding and value not in embedding:
            raise _Damaged(f"it claims vectors of {value:,} numbers, and its embedding has the shape {embedding}")
        if name.endswith(".vocab_size") and embedding and value not in embedding:
            raise _Damaged(f"it claims a vocabulary of {value:,} tokens, and its embedding has the shape {embedding}")
        if name.endswith(".feed_forward_length") and len(feed_forward) == 2 and value not in feed_forward:
            raise _Damaged(f"it claims {value:,} neurons a layer, and its tensors have the shape {feed_forward}")
