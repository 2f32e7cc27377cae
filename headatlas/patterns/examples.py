"""Worked examples: how definitions, tests and pages write down tokens and who looks at whom, and the one parser of it.

    A B C A: query 3 (the second A) looks at key 1 (B).
    the ·photo syn thesis: query 3 (thesis) looks at keys 1, 2.

Tokens are separated by spaces, and the same word is the same token. Within one, "·" is a space and "⏎" a line break;
`S*` is a special token and `cat[noun0]` a token with the role noun in group 0 (more roles after commas). A slash ends a
row of an image's patches; before " → " stands what an encoder reads, behind it what the decoder reads. Queries and keys
are counted from 0, and what stands in parentheses behind them is for people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from headatlas.inputs.sequence import TokenSequence

_ROLE = r"[a-z_]+\d+"
_ROLES = rf"\[({_ROLE}(?:,{_ROLE})*)\]"
_EXAMPLE = re.compile(r"(?P<tokens>.+?): query (?P<query>\d+)\b.*? looks? at keys? (?P<keys>\d.*)")


@dataclass(frozen=True)
class Example:
    """A query of some tokens and the keys that a perfect head looks at from there.

    `text` is how the tokens are written. Of a pair, `sequence` is what the decoder reads, and its `source` what the
    encoder reads.
    """

    text: str
    sequence: TokenSequence
    query: int
    keys: tuple[int, ...]

    @property
    def key_sequence(self) -> TokenSequence:
        """The tokens that are looked at: the source of a pair, else the tokens themselves."""
        return self.sequence.source or self.sequence


def find(description: str) -> str:
    """The line of a description that is its worked example, empty where there is none."""
    return next((line.strip() for line in description.splitlines() if re.search(r"query \d", line)), "")


def parse(text: str) -> Example | None:
    """A worked example by its line; None for a text that is none, or that names tokens which it does not have."""
    match = _EXAMPLE.fullmatch(text.strip())
    if match is None:
        return None
    keys = tuple(int(key) for key in re.findall(r"\d+", re.sub(r"\(.*?\)", "", match["keys"])))
    example = Example(match["tokens"], tokens(match["tokens"]), int(match["query"]), keys)
    there = example.query < len(example.sequence) and max(keys) < len(example.key_sequence)
    return example if there else None


def tokens(text: str) -> TokenSequence:
    """Tokens written as in a worked example; ids, from 1, go by the alphabet, in a pair's two texts together."""
    source, arrow, target = text.rpartition(" → ")
    ids = {token: number for number, token in enumerate(sorted({_token(word)[0] for word in _words(text)}), start=1)}
    sequence = _sequence(target, ids)
    return replace(sequence, source=_sequence(source, ids)) if arrow else sequence


def without_roles(text: str) -> str:
    """A worked example as people read it: "the[det0] cat[noun0]" is "the cat"."""
    return re.sub(rf"(?<=\S){_ROLES}", "", text)


def _words(text: str) -> list[str]:
    return [word for word in text.split() if word not in ("→", "/")]


def _token(word: str) -> tuple[str, bool, Sequence[str]]:
    """What a word of an example says, whether it is a special token, and its roles."""
    marked = re.fullmatch(rf"(.+?){_ROLES}", word)
    said, roles = (marked[1], marked[2].split(",")) if marked else (word, [])
    special = len(said) > 1 and said.endswith("*")
    return said.removesuffix("*" if special else "").replace("⏎", "\n").replace("·", " "), special, roles


def _sequence(text: str, ids: dict[str, int]) -> TokenSequence:
    """One text; with the grid of its patches where it has rows."""
    read = [_token(word) for word in _words(text)]
    roles: dict[str, dict[int, int]] = {}
    for position, (_, _, of_token) in enumerate(read):
        for role in of_token:
            name = role.rstrip("0123456789")
            for full in (name, f"{name}:first", f"{name}:last"):
                roles.setdefault(full, {})[position] = int(role.removeprefix(name))
    special = tuple(special for _, special, _ in read)
    texts = tuple(token for token, _, _ in read)
    n_rows = text.split().count("/") + 1
    grid = (n_rows, special.count(False) // n_rows) if n_rows > 1 else None
    return TokenSequence(tuple(ids[token] for token in texts), texts, special, roles, grid=grid)
