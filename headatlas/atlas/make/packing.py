"""Bytes in scripts: deflated, and spelled in letters of sixteen bits. That takes a thirtieth more room, base64 a third.

Scripts with them are UTF-16, in which nearly every letter takes two bytes; they begin with the mark that says so, which
browsers believe before what a server says. Letters that cannot stand in a string of a script, those of surrogates alone
and four signs, are spelled by two. `templates/js/packing.js` reads what is written here.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int

ESCAPE = 0xE000  # before a letter that stands there with its highest bit turned
_HIGHEST_BIT = 0x8000
_FORBIDDEN = np.zeros(2**16, dtype=bool)
_FORBIDDEN[0xD800:0xE000] = True
_FORBIDDEN[[ESCAPE, *map(ord, '\n\r"\\')]] = True


def deflated(content: bytes) -> str:
    """Bytes as what stands between the quotation marks of a script's string."""
    return deflated_parts([content])


def deflated_parts(parts: Sequence[bytes], *, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> str:
    """Bytes one after the other, of which each part is spelled by its own statistics."""
    deflate = zlib.compressobj(6, strategy=strategy)  # 9 takes twice as long to save a hundredth
    content = [deflate.compress(part) + deflate.flush(zlib.Z_BLOCK) for part in parts[:-1]]
    return spelled(b"".join([*content, deflate.compress(parts[-1]), deflate.flush()]))


def spelled(content: bytes) -> str:
    """How many bytes the last letter has too much, 0 or 1, and the bytes, two a letter, the lower first."""
    odd = len(content) % 2
    letters = np.frombuffer(content + bytes(odd), dtype="<u2")
    forbidden = _FORBIDDEN[letters]
    # Where an escape comes first, the letter is the second of its two.
    ends = np.cumsum(forbidden + 1) - 1
    spelling = np.full(len(letters) + forbidden.sum(), ESCAPE, dtype="<u2")
    spelling[ends] = letters ^ np.where(forbidden, _HIGHEST_BIT, 0).astype("<u2")
    return str(odd) + spelling.tobytes().decode("utf-16-le")


def script(content: str) -> bytes:
    """The bytes of a script in which something is spelled."""
    return codecs.BOM_UTF16_LE + content.encode("utf-16-le")


def table(facts: Any, columns: Sequence[Float[np.ndarray, " row"]]) -> str:
    """Facts that JSON can say and columns of whole numbers, NaN where there is none, as deflated letters.

    The bytes: how long the JSON is, four bytes with the lowest first; the JSON of the facts and of how many rows and
    columns there are; the numbers, column after column, first the lowest byte of each, then the next of each. A number
    is there as `_natural` says. As deflated digits the scores of a model take a quarter more.
    """
    numbers = np.concatenate(columns) if columns else np.empty(0)
    sizes = len(columns[0]) if columns else 0, len(columns)
    head = json.dumps([facts, *sizes], ensure_ascii=False, separators=(",", ":"))
    encoded = head.encode("utf-8", "surrogatepass")
    naturals = _natural(numbers)
    n_bytes = max((int(naturals.max(initial=0)).bit_length() + 7) // 8, 1)
    planes = naturals.astype("<i8").view(np.uint8).reshape(-1, 8)[:, :n_bytes].T
    return deflated(len(encoded).to_bytes(4, "little") + encoded + planes.tobytes())


def _natural(numbers: Float[np.ndarray, " number"]) -> Int[np.ndarray, " number"]:
    """0 where there is none, then 1 for 0, 2 for -1, 3 for 1, 4 for -2: small where they are near 0."""
    known = np.isfinite(numbers)
    whole = np.where(known, numbers, 0).astype(np.int64)
    return np.where(known, np.where(whole < 0, -2 * whole, 2 * whole + 1), 0)
