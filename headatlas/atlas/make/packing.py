"""Bytes in scripts: deflated, and spelled in letters of sixteen bits. That takes a thirtieth more room, base64 a third.

Scripts with them are UTF-16, in which nearly every letter takes two bytes; they begin with the mark that says so, which
browsers believe before what a server says. Letters that cannot stand in a string of a script, those of surrogates alone
and four signs, are spelled by two. `templates/js/layer_data.js` reads what is written here.
"""

from __future__ import annotations

import codecs
import zlib

import numpy as np

ESCAPE = 0xE000  # before a letter that stands there with its highest bit turned
_HIGHEST_BIT = 0x8000
_FORBIDDEN = np.zeros(2**16, dtype=bool)
_FORBIDDEN[0xD800:0xE000] = True
_FORBIDDEN[[ESCAPE, *map(ord, '\n\r"\\')]] = True


def deflated(content: bytes, *, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> str:
    """Bytes as what stands between the quotation marks of a script's string."""
    deflate = zlib.compressobj(7, strategy=strategy)  # 9 takes twice as long to save a hundredth
    return spelled(deflate.compress(content) + deflate.flush())


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
