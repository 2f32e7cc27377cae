"""Texts put together from parts, some of which have roles; roles move from characters to tokens by offsets."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[int, int]


class AnnotatedText:
    """A text under construction.

    ```python
    AnnotatedText().add("The ").add("cat", noun=0).add(" sees ").add("the", det=1)
    ```

    Each keyword gives the added characters a role and a group number; what belongs together (a noun and its
    determiner) has the same number.
    """

    def __init__(self) -> None:
        self.text = ""
        self.spans: dict[str, list[tuple[Span, int]]] = {}

    def add(self, text: str, **roles: int) -> AnnotatedText:
        """Appends characters, with roles or without; returns the text itself."""
        start = len(self.text)
        self.text += text
        for role, group in roles.items():
            self.spans.setdefault(role, []).append(((start, len(self.text)), group))
        return self

    def roles(self, offsets: Sequence[Span], shift: int = 0) -> dict[str, dict[int, int]]:
        """Roles of tokens, `{role: {position: group}}`, from the span of characters that each token stands for.

        A token has a role when it overlaps the annotated characters, spaces aside. A word of several tokens has
        its role on each of them, and `role:first` and `role:last` on the first and last: a pattern takes all of
        a key word's tokens together, and lets the query be the last token, where the word is first complete.
        `shift` is added to positions, for special tokens put before the text.
        """
        tokens_at: list[list[int]] = [[] for _ in self.text]
        for position, span in enumerate(offsets, start=shift):
            for tokens in tokens_at[slice(*span)]:
                tokens.append(position)
        roles: dict[str, dict[int, int]] = {}
        for role, spans in self.spans.items():
            for span, group in spans:
                positions = self._positions(span, tokens_at)
                if not positions:
                    continue
                roles.setdefault(role, {}).update(dict.fromkeys(positions, group))
                roles.setdefault(f"{role}:first", {})[positions[0]] = group
                roles.setdefault(f"{role}:last", {})[positions[-1]] = group
        return roles

    def _positions(self, span: Span, tokens_at: list[list[int]]) -> list[int]:
        """Tokens that have one of the span's characters that is not a space (or any, when all of them are)."""
        text = self.text[slice(*span)]
        spaces_count = text.isspace()
        return sorted({
            position
            for character, tokens in zip(text, tokens_at[slice(*span)], strict=True)
            if spaces_count or not character.isspace()
            for position in tokens
        })  # fmt: skip


# Plug-ins were promised this name.
MarkedText = AnnotatedText


def spans_by_decoding(pieces: Sequence[str], text: str) -> list[Span]:
    """Spans of tokens from what they say, for tokenizers that give no offsets.

    Each piece is searched for after the one before it; a piece that is not there gets an empty span.
    """
    spans: list[Span] = []
    end = 0
    for piece in pieces:
        word = piece.removeprefix("##").strip() or piece
        start = text.find(word, end)
        spans.append((start, start + len(word)) if start >= 0 else (end, end))
        end = spans[-1][1]
    return spans
