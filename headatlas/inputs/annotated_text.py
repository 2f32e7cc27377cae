"""Texts put together from parts, some of which have roles; roles move from characters to tokens by offsets."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[int, int]


class MarkedText:
    """A text under construction.

    ```python
    MarkedText().add("The ").add("cat", noun=0).add(" sees ").add("the", det=1)
    ```

    Each keyword marks the added characters with a role and a group number; what belongs together (a noun and
    its determiner) has the same number.
    """

    def __init__(self) -> None:
        self.text = ""
        self.spans: dict[str, list[tuple[Span, int]]] = {}

    def add(self, text: str, **roles: int) -> MarkedText:
        """Appends characters, with roles or without; returns the text itself."""
        start = len(self.text)
        self.text += text
        for role, group in roles.items():
            self.spans.setdefault(role, []).append(((start, len(self.text)), group))
        return self

    def roles(self, offsets: Sequence[Span], shift: int = 0) -> dict[str, dict[int, int]]:
        """Roles of tokens, from the span of characters that each token stands for.

        A token has a role when it overlaps the marked characters, spaces aside. A word of several tokens has
        its role on each of them, and `role:first` and `role:last` on the first and last: a pattern takes all of
        a key word's tokens together, and lets the query be the last token, where the word is first complete.
        `shift` is added to positions, for special tokens put before the text.
        """
        found: dict[str, dict[int, int]] = {}
        for role, spans in self.spans.items():
            for (start, end), group in spans:
                tokens = [i for i, span in enumerate(offsets) if self._overlap(span, (start, end))]
                if not tokens:
                    continue
                for place in tokens:
                    found.setdefault(role, {})[place + shift] = group
                found.setdefault(f"{role}:first", {})[tokens[0] + shift] = group
                found.setdefault(f"{role}:last", {})[tokens[-1] + shift] = group
        return found

    def _overlap(self, one: Span, other: Span) -> bool:
        """Whether the spans share a character that is not a space (or any, when the marked text is space)."""
        shared = self.text[max(one[0], other[0]) : min(one[1], other[1])]
        return bool(shared) and (not shared.isspace() or self.text[slice(*other)].isspace())


def spans_by_decoding(pieces: Sequence[str], text: str) -> list[Span]:
    """Spans of tokens from what they say, for tokenizers that give no offsets.

    Each piece is looked for after the one before it; one that is not found there gets an empty span.
    """
    spans: list[Span] = []
    at = 0
    for piece in pieces:
        word = piece.removeprefix("##").strip() or piece
        found = text.find(word, at)
        spans.append((found, found + len(word)) if found >= 0 else (at, at))
        at = spans[-1][1]
    return spans
