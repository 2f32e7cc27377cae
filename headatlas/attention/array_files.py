"""Arrays in a .npz or .safetensors file: their headers are read first, and then only those that are wanted."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import psutil

from headatlas.errors import HeadatlasError, one_line
from headatlas.files.given import regular, shown

FLOAT, INTEGER, BOOLEAN, TEXT = "floating-point numbers", "whole numbers", "booleans", "texts"
_NUMPY_KINDS = {"f": FLOAT, "i": INTEGER, "u": INTEGER, "b": BOOLEAN, "U": TEXT, "S": TEXT}
_SAFETENSORS_BITS = {"F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "BOOL": 8}
_SAFETENSORS_BITS |= {f"{sign}{bits}": bits for sign in "IU" for bits in (8, 16, 32, 64)}
# Members of a .npz file or tensors of a .safetensors file.
_MOST_ARRAYS = 100_000
# Bytes of arrays that may be unpacked from less than a hundredth of them; attention of texts is never so empty.
_MOST_UNPACKED = 500_000_000
# Bytes of the text that says what an array in a .npz file is.
_MOST_HEADER = 10_000


@dataclass(frozen=True)
class StoredArray:
    """An array as its header has it; `read` gives its numbers, as an array of NumPy or a tensor.

    `holds` is what it is made of: `FLOAT`, `INTEGER`, `BOOLEAN`, `TEXT`, or the name of anything else.
    """

    name: str
    shape: tuple[int, ...]
    holds: str
    n_bytes: int
    read: Callable[[], Any]


@dataclass(frozen=True)
class ArrayFile:
    """What a file holds: the `names` of its arrays, headers of the `wanted` ones, and texts in its metadata."""

    names: tuple[str, ...]
    wanted: Mapping[str, StoredArray]
    texts: Mapping[str, str]


@contextmanager
def open_arrays(path: Path, is_wanted: Callable[[str], bool], advice: str) -> Iterator[ArrayFile]:
    """A .npz or .safetensors file; nothing is read of arrays that are not wanted, nothing is unpickled.

    Raises:
        HeadatlasError: it is no such file, is damaged, or a wanted array is of more bytes than there is memory; errors
            of whatever is read inside are turned into such a sentence too.
    """
    regular(path, advice)
    open_file = {".npz": _open_npz, ".safetensors": _open_safetensors}.get(path.suffix)
    if open_file is None:
        raise HeadatlasError(f"{shown(path)} is neither a .npz nor a .safetensors file. {advice}")
    try:
        with open_file(path, is_wanted) as file:
            available = psutil.virtual_memory().available
            if (n_bytes := sum(array.n_bytes for array in file.wanted.values())) > available:
                raise HeadatlasError(
                    f"The arrays of {shown(path)} take {n_bytes / 1e9:,.0f} GB, and {available / 1e9:,.0f} GB of "
                    "memory are free. Write fewer sequences or layers into a file."
                )
            yield file
    except HeadatlasError:
        raise
    except Exception as error:  # safetensors, zipfile, zlib and the parser of headers have errors of their own
        raise HeadatlasError(f"{shown(path)} cannot be read: {one_line(error).rstrip('.')}. {advice}") from error


@contextmanager
def _open_npz(path: Path, is_wanted: Callable[[str], bool]) -> Iterator[ArrayFile]:
    with zipfile.ZipFile(path) as file:
        members = {info.filename.removesuffix(".npy"): info for info in file.infolist()}
        _check_number(len(members))
        wanted = {name: _npy(file, info, name) for name, info in members.items() if is_wanted(name)}
        # A member may claim to be packed into more bytes than the file has.
        n_packed = min(sum(members[name].compress_size for name in wanted), path.stat().st_size)
        _check_unpacked(sum(array.n_bytes for array in wanted.values()), n_packed)
        yield ArrayFile(tuple(members), wanted, {})


def _check_unpacked(n_bytes: int, n_packed: int) -> None:
    """Raises ValueError where arrays unpack to gigabytes from next to nothing."""
    if n_bytes > max(_MOST_UNPACKED, 100 * n_packed):
        raise ValueError(
            f"it unpacks from {n_packed / 1e6:,.1f} MB to {n_bytes / 1e6:,.0f}. Cut off what lies "
            "behind the ends of sequences, or write it with np.savez, which does not compress"
        )


def _npy(file: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> StoredArray:
    """A member's header.

    Raises:
        ValueError: it is none, or says that there is more than the member holds; or pickled objects.
    """
    with file.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        readers = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        if version not in readers:
            raise ValueError(f"`{name}` is of version {version} of NumPy's format, which is not known")
        try:
            shape, _, dtype = readers[version](stream, max_header_size=_MOST_HEADER)
        except Exception as error:  # it is read as a literal of Python, which may fail in any way
            raise ValueError(f"the header of `{name}` is damaged, or too long to be meant") from error
    if dtype.hasobject:
        raise ValueError(f"`{name}` holds pickled objects, which could run code and are never read")
    n_bytes = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or n_bytes > info.file_size:
        raise ValueError(
            f"`{name}` is cut off: {list(shape)} of {dtype} take more than the {info.file_size} bytes of it"
        )

    def read() -> Any:
        stream: IO[bytes]
        with file.open(info) as stream:
            return np.lib.format.read_array(stream, allow_pickle=False, max_header_size=_MOST_HEADER)

    return StoredArray(name, shape, _NUMPY_KINDS.get(dtype.kind, str(dtype)), n_bytes, read)


@contextmanager
def _open_safetensors(path: Path, is_wanted: Callable[[str], bool]) -> Iterator[ArrayFile]:
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as file:
        names = tuple(file.keys())
        _check_number(len(names))
        wanted = {}
        for name in filter(is_wanted, names):
            header = file.get_slice(name)
            shape, dtype = tuple(header.get_shape()), header.get_dtype()
            holds = {"F": FLOAT, "I": INTEGER, "U": INTEGER}.get(dtype[:1], BOOLEAN if dtype == "BOOL" else dtype)
            if dtype not in _SAFETENSORS_BITS:
                raise HeadatlasError(f"`{name}` in {shown(path)} is of {dtype}, which is not read. Write it as F32.")
            n_bytes = math.prod(shape) * _SAFETENSORS_BITS[dtype] // 8
            wanted[name] = StoredArray(
                name, shape, FLOAT if dtype == "BF16" else holds, n_bytes, partial(file.get_tensor, name)
            )
        yield ArrayFile(names, wanted, file.metadata() or {})


def _check_number(n_arrays: int) -> None:
    if n_arrays > _MOST_ARRAYS:
        raise ValueError(f"it holds {n_arrays:,} arrays; at most {_MOST_ARRAYS:,} are read")
