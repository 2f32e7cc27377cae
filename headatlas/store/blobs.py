"""Unpacking what the database keeps compressed: never more than is expected."""

from __future__ import annotations

import zlib

from headatlas.errors import WrongValueError


def inflate(packed: object, size: int, what: str) -> bytes:
    """The `size` bytes that were compressed with zlib; a small blob cannot fill the memory.

    Raises:
        WrongValueError: it is no such blob, is damaged, or holds another number of bytes.
    """
    try:
        if not isinstance(packed, bytes):
            raise ValueError("no bytes")
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, size + 1)
        if len(content) != size or not (unpacking.eof or (unpacking.decompress(b"", 1) == b"" and unpacking.eof)):
            raise ValueError(f"not {size:,} bytes")
    except (zlib.error, ValueError) as error:
        raise WrongValueError(f"{what} is not of {size:,} bytes, or is damaged ({error}).") from error
    return content
