"""Pictures of two written words, and a text that says them: whether heads read letters in pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import DoesNotFit, ProbeContext, probe
from headatlas.probes.metrics import LOSS, Metric, Prompt, Target
from headatlas.probes.scenes import GROUND

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_PICTURES = 16
INK = (30, 34, 40)
WORDS = (
    "BREAD", "CLOUD", "DREAM", "FIELD", "HORSE", "LIGHT", "MONEY", "NIGHT", "PAPER", "RIVER", "SMILE", "STONE", "TABLE",
    "TRAIN", "WATER", "WORLD",
)  # fmt: skip
# Seven rows of five cells, from the top; a bit is ink.
LETTERS = {
    letter: tuple(int(row, 16) for row in rows.split())
    for letter, rows in {
        "A": "0e 11 11 1f 11 11 11", "B": "1e 11 11 1e 11 11 1e", "C": "0e 11 10 10 10 11 0e",
        "D": "1e 11 11 11 11 11 1e", "E": "1f 10 10 1e 10 10 1f", "F": "1f 10 10 1e 10 10 10",
        "G": "0e 11 10 17 11 11 0e", "H": "11 11 11 1f 11 11 11", "I": "0e 04 04 04 04 04 0e",
        "L": "10 10 10 10 10 10 1f", "M": "11 1b 15 15 11 11 11", "N": "11 19 15 15 13 11 11",
        "O": "0e 11 11 11 11 11 0e", "P": "1e 11 11 1e 10 10 10", "R": "1e 11 11 1e 14 12 11",
        "S": "0f 10 10 0e 01 01 1e", "T": "1f 04 04 04 04 04 04", "U": "11 11 11 11 11 11 0e",
        "V": "11 11 11 11 11 0a 04", "W": "11 11 11 15 15 1b 11", "Y": "11 11 0a 04 04 04 04",
    }.items()
}  # fmt: skip
# Shares of the picture: the middles of the two lines, and the height and width of a line.
MIDDLES, HEIGHT, WIDTH = (0.27, 0.73), 0.24, 0.86


def _words(sequence: TokenSequence) -> Prompt | None:
    """The tokens of the words that can be read off the picture, where those before them do not see them."""
    written = sorted(sequence.roles.get("written", ()))
    seen_ahead = range(*(sequence.two_way or (0, 0)))
    targets = [Target(position - 1, sequence.ids[position]) for position in written if position not in seen_ahead]
    return Prompt(sequence, tuple(targets)) if targets else None


METRIC = Metric(_words, (LOSS,), measure="loss on words in pictures", n_tokens=1600, order=8)


@probe("written_words", version=1, medium="captions", metric=METRIC)
def written_words(context: ProbeContext) -> Iterator[TokenSequence]:
    """Pictures of two words in letters, one above the other, then "The upper word is RIVER, the lower word is STONE."

    Which of the two the text names first is by chance. The picture's tokens have the role `picture`; those of which a
    word's line covers more than half have the role `shape` with the word's number, as has the word in the text,
    which is `written`. The first text is kept as an example.
    """
    patch_grid = context.patch_grid
    assert patch_grid is not None
    assert patch_grid.read is not None
    for index in range(N_PICTURES):
        words = [WORDS[number] for number in context.random.choice(len(WORDS), 2, replace=False)]
        picture = drawn(words, patch_grid.height, patch_grid.width)
        text = AnnotatedText()
        for turn, number in enumerate(context.random.permutation(2).tolist()):
            text.add(", the " if turn else "The ").add(("upper", "lower")[number]).add(" word is")
            text.add(f" {words[number]}", written=number)
        sequence = patch_grid.read(*picture, text.add("."), None)
        if len(sequence) > context.max_length:
            raise DoesNotFit(f"left out: a picture and a sentence take {len(sequence)} tokens, more than it reads")
        yield replace(sequence, example=index == 0)


def drawn(words: Sequence[str], height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The picture [height, width, 3] in bytes, and the number of the line at each pixel, -1 beside them."""
    import numpy as np

    down, across = (np.mgrid[0:height, 0:width] + 0.5) / np.array([height, width])[:, None, None]
    image = np.full((height, width, 3), GROUND, dtype=np.uint8)
    owner = np.full((height, width), -1)
    for number, (word, middle) in enumerate(zip(words, MIDDLES, strict=True)):
        cells = lettered(word)
        row = np.floor((down - middle + HEIGHT / 2) / HEIGHT * cells.shape[0]).astype(int)
        column = np.floor((across - 0.5 + WIDTH / 2) / WIDTH * cells.shape[1]).astype(int)
        inside = (row >= 0) & (row < cells.shape[0]) & (column >= 0) & (column < cells.shape[1])
        owner[inside] = number
        ink = inside.copy()
        ink[inside] = cells[row[inside], column[inside]]
        image[ink] = INK
    return image, owner


def lettered(word: str) -> np.ndarray:
    """A word in cells, [7, 6 a letter], true where there is ink."""
    import numpy as np

    bits = np.array([LETTERS[letter] for letter in word])  # [letter, row]
    return (bits.T[:, :, None] >> np.array([4, 3, 2, 1, 0, 5]) & 1).astype(bool).reshape(7, -1)
