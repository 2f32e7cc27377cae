"""Tokens as they read one after another, and the first words of a sequence."""

from __future__ import annotations

from collections.abc import Sequence

from headatlas.atlas.draw.glyphs import visible

_CONTINUES = "##"  # what a WordPiece token begins with that continues a word
FIRST_WORDS = 26  # letters of a sequence's name


def running_text(tokens: Sequence[str]) -> list[str]:
    """What each token adds to the text: spaces are spaces, all else that cannot be seen keeps its glyph.

    `running_text(["The", " cat"])` and `running_text(["the", "ca", "##t"])` both read as two words.
    """
    if not any(token[:1].isspace() for token in tokens):
        # WordPiece: tokens hold no spaces, and say instead where they continue a word.
        tokens = [
            token.removeprefix(_CONTINUES) if token.startswith(_CONTINUES) or not i else " " + token
            for i, token in enumerate(tokens)
        ]
    # A "·" is always a space of ours: the token's own is spelled as a code point.
    return [visible(token).replace("·", " ") if token else "" for token in tokens]


def first_words(tokens: Sequence[str], special: Sequence[bool] = ()) -> str:
    """How a sequence begins, without special tokens: "When Odelia reached the…"; empty where nothing can be read."""
    marks = [*special, *[False] * len(tokens)]
    text = "".join(running_text([token for token, mark in zip(tokens, marks, strict=False) if not mark]))
    words = " ".join(text.replace("⏎", " ").replace("⇥", " ").split())
    if len(words) <= FIRST_WORDS:
        return words
    cut = words[:FIRST_WORDS].rsplit(" ", 1)[0] if " " in words[:FIRST_WORDS] else words[: FIRST_WORDS - 1]
    return f"{cut}…"
