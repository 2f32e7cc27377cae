"""What a token looks like on a page: whitespace, control and invisible characters get a visible glyph.

Nothing here escapes HTML; templates do that. Glyphs of ours that a token contains by itself are spelled as
code points, so that "·" on a page is always a space.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_GLYPHS = {" ": "·", "\n": "⏎", "\t": "⇥"}
_JOINERS = "\u200c\u200d"
_OURS = frozenset(_GLYPHS.values()) | {"‹", "›"} | {chr(code) for code in range(0x2400, 0x2422)}
# In names and texts: what turns the direction of writing round for all that follows, and control characters.
_OBEYED = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Separators, control, format, surrogate, private and unassigned characters have no picture of their own.
_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"}


@lru_cache(maxsize=1 << 16)
def visible(token: str) -> str:
    """A token with every character visible: `visible(" a\\n")` is "·a⏎"."""
    if not token:
        return "‹empty›"
    shown = "".join(_visible_character(token, position) for position in range(len(token)))
    # A mark that combines with what stands before it would sit on the neighbouring text.
    return "\u25cc" + shown if unicodedata.category(token[0]).startswith("M") else shown


def spelled(text: str) -> str:
    """A name or a text as it can stand among ours: those characters by their numbers, as `visible` has them."""
    return _OBEYED.sub(lambda match: f"‹U+{ord(match[0]):04X}›", text)


def _visible_character(token: str, position: int) -> str:
    letter = token[position]
    if letter in _GLYPHS:
        return _GLYPHS[letter]
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if letter in _JOINERS and 0 < position < len(token) - 1:
        return letter  # holds an emoji or a word together
    if letter in _OURS or unicodedata.category(letter) in _INVISIBLE:
        return f"‹U+{code:04X}›"
    return letter


@lru_cache(maxsize=1 << 16)
def short(token: str, width: int = 12) -> str:
    """`visible(token)` cut to `width` columns, with an ellipsis where something was cut."""
    shown = visible(token)
    used = 0
    for position, letter in enumerate(shown):
        used += 0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if used > width:
            while position and (unicodedata.combining(shown[position]) or shown[position] in _JOINERS):
                position -= 1
            return shown[: position - 1] + "…"
    return shown
