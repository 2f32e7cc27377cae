"""Statements to be found again among other sentences, and asked for in other words. Written for headatlas."""

from __future__ import annotations

from dataclasses import dataclass

FILLERS = (
    "The road along the coast is narrow, and in winter nobody drives there after dark.",
    "We walked home before the storm and left our boots by the stove.",
    "Her brother collects old maps, most of them of rivers that have since moved.",
    "The market is open until noon, and the square is full of carts and baskets.",
    "Most of the windows were painted green in the year when the bridge was mended.",
    "A bird is building its nest under the roof, out of straw and bits of wool.",
    "The soup is better with a little salt, but the cook will not hear of it.",
    "On clear evenings one can see the lights of the ferry from the hill.",
)


@dataclass(frozen=True)
class Needle:
    """A statement whose last words are the answer, a question for it in other words, and how its answer begins."""

    statement: str
    answer: str
    question: str
    beginning: str


NEEDLES = (
    Needle("The old baker of Orford keeps his money in", "a blue tin box under the flour sacks",
           "Where does the old baker of Orford keep his money?", "He keeps it in"),
    Needle("The children of the mill are most afraid of", "the grey goose with the crooked neck",
           "What are the children of the mill most afraid of?", "They are most afraid of"),
    Needle("At the wedding in Lund the guests were given", "warm plum bread and a small silver spoon",
           "What were the guests given at the wedding in Lund?", "They were given"),
    Needle("The key of the lighthouse hangs behind", "the painting of a red boat in the kitchen",
           "Where does the key of the lighthouse hang?", "It hangs behind"),
    Needle("Before every journey the captain drinks", "two cups of cold tea with honey and pepper",
           "What does the captain drink before every journey?", "He drinks"),
    Needle("The prize of the winter race was", "a black pony named Walnut and a woollen coat",
           "What was the prize of the winter race?", "It was"),
    Needle("The doctor of the island is known for", "playing the violin to her sick goats",
           "What is the doctor of the island known for?", "She is known for"),
    Needle("In the cellar of the school they found", "nine wooden masks and a letter from Peru",
           "What did they find in the cellar of the school?", "They found"),
)  # fmt: skip
# How much filler stands before each statement, in sentences of the above.
DEPTHS = (1, 5)


def parts(needle: Needle, depth: int) -> tuple[str, str, str]:
    """What stands before the answer, the answer behind its space, and what follows up to where it is due again."""
    before = " ".join([*FILLERS[:depth], needle.statement])
    after = " ".join([".", *FILLERS[depth:]])
    return before, f" {needle.answer}", f"{after}\nQuestion: {needle.question}\nAnswer: {needle.beginning}"
