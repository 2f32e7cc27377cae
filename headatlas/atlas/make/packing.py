"""Bytes in scripts: deflated, and spelled in letters of seven bits. That takes a sixth more room, base64 a third.

Scripts are UTF-8, in which letters below 128 take a byte. Four of them cannot stand in a string of a script: line feed,
carriage return, quotation mark and backslash. They are spelled by the letters 256 further on, which take two bytes.
`templates/js/layer_data.js` reads what is written here.
"""

from __future__ import annotations

import zlib

import numpy as np

_FORBIDDEN = [(sign, chr(ord(sign) + 256)) for sign in '\n\r"\\']


def deflated(content: bytes, *, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> str:
    """Bytes as what stands between the quotation marks of a script's string."""
    deflate = zlib.compressobj(7, strategy=strategy)  # 9 takes twice as long to save a hundredth
    return spelled(deflate.compress(content) + deflate.flush())


def spelled(content: bytes) -> str:
    """Bytes, seven bits a letter, the highest first; the last letter is filled up with zeros."""
    bits = np.unpackbits(np.frombuffer(content, dtype=np.uint8))
    eights = np.zeros((-(-len(bits) // 7), 8), dtype=np.uint8)
    eights[:, 1:] = np.append(bits, np.zeros(-len(bits) % 7, dtype=np.uint8)).reshape(-1, 7)
    letters = np.packbits(eights).tobytes().decode("ascii")
    for sign, instead in _FORBIDDEN:  # `str.translate` takes a hundred times as long
        letters = letters.replace(sign, instead)
    return letters
