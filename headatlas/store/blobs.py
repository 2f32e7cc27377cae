"""Unpacking what the database keeps compressed: never more than is expected."""

from __future__ import annotations

import zlib

from headatlas.errors import WrongValueError

# Cells of a map: 4,096 patches and a class token have half as many.
MAX_CELLS = 2**25


def inflate(packed: object, size: int, what: str, most: int = MAX_CELLS) -> bytes:
    """The `size` bytes, `most` at most, that were compressed with zlib.

    A small blob cannot fill the memory, and of one that is larger than what it should hold nothing is unpacked.

    Raises:
        WrongValueError: it is no such blob, is damaged, or holds another number of bytes.
    """
    try:
        if not isinstance(packed, bytes):
            raise ValueError("no bytes")
        if size > most:
            raise ValueError(f"at most {most:,} are unpacked")
        if len(packed) > size + size // 1000 + 1024:  # zlib adds five bytes to some thousand that it cannot shorten
            raise ValueError(f"compressed it has {len(packed):,}")
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, size + 1)
        if len(content) != size or not (unpacking.eof or (unpacking.decompress(b"", 1) == b"" and unpacking.eof)):
            raise ValueError(f"not {size:,} bytes")
    except (zlib.error, ValueError) as error:
        raise WrongValueError(f"{what} is not of {size:,} bytes, or is damaged ({error}).") from error
    return content
