"""Words that come again with other capitals or other spacing, which a tokenizer writes as other tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import DoesNotFit, ProbeContext, probe, texts_that_fit

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_LISTS = 28
# Words in braces are the ones that come again; spelling aside, the same word is the same group.
SENTENCES = (
    "At dusk the {harbour} fell silent. {Harbour} lights came on; {HARBOUR} OFFICE, a sign ({harbour} pilots only).",
    "She asked for {coffee} without sugar. \"{Coffee} again?\" he said, and wrote {COFFEE} on the slip.",
    "Under the {bridge} ran a path. {Bridge} and path were old, and on the map stood {BRIDGE} CLOSED.",
    "We heard the {music} first. {Music} from the hall, then more {MUSIC}!, and at last (the {music}) again.",
    "The {garden} gate was open. {Garden} tools lay about; one box said {GARDEN} in red, another \"{garden} twine\".",
    "No {water} came out. {Water} pipes had burst, so they put up a board: {WATER} TOMORROW.",
    "Every {winter} the pond froze. {Winter} sports began at once, and {WINTER} SALE hung in the windows.",
    "His {father} kept bees. {Father} and son sold the honey under the name {FATHER} BEE.",
    "The {market} opened early. {Market} women shouted; {MARKET} DAY, it said on every post.",
    "They took the {train} north. {Train} after {TRAIN} stood waiting in the snow, one \"{train} with wings\" too.",
)  # fmt: skip
WORDS = (
    "apple bread cloud doctor forest island kitchen letter market mountain paper river school silver summer table "
    "teacher window winter yellow"
).split()
FOLLOWERS = (
    "gate bell lamp rope door pot shelf nail string glass coat wheel stone song rule plan game price shade path"
).split()


@probe("word_variants", version=1)
def word_variants(context: ProbeContext) -> Iterator[TokenSequence]:
    """Sentences and word lists in which words come again with other capitals or without the space before them.

    "Harbour lights ... the harbour fell ... HARBOUR": the same word in other tokens, each time with another word
    after it. Roles, with the word as group: `variant` each mention, `follower` the word or mark after it. A
    tokenizer that drops capitals may write all mentions alike; texts where none begins a new token are left out.
    The first of the others is kept as an example.
    """
    random = context.random
    texts = [_marked("The {cat} sat; {Cat} ran"), *(_marked(sentence) for sentence in SENTENCES)]
    texts += [_marked(_list(random, n_words=1 if i % 4 == 0 else int(random.integers(2, 5)))) for i in range(N_LISTS)]
    unchanged = made = 0
    for sequence in texts_that_fit(context, texts):
        mentions = sorted(sequence.roles["variant:last"].items())
        groups = [group for _, group in mentions]
        again = [position for i, (position, group) in enumerate(mentions) if group in groups[:i]]
        if all(sequence.ids[position] in sequence.ids[:position] for position in again):
            unchanged += 1
        else:
            yield replace(sequence, example=not made)
            made += 1
    if not made:
        raise DoesNotFit("left out: the tokenizer writes the variants of a word alike")
    if unchanged:
        context.note(f"{unchanged} texts left out: the tokenizer writes the variants of their words alike")


def _list(random: np.random.Generator, n_words: int) -> str:
    """Some words in three or four spellings each, in shuffled order, each time before another word."""
    spellings = []
    for word in random.choice(WORDS, n_words, replace=False).tolist():
        ways = (f"{{{word}}} _", f"{{{word.title()}}} _", f"{{{word.upper()}}} _", f"({{{word}}} _)")
        spellings += [ways[i] for i in random.permutation(4)[: int(random.integers(3, 5))]]
    followers = iter(random.choice(FOLLOWERS, len(spellings), replace=False).tolist())
    text = "List:"
    for number, i in enumerate(random.permutation(len(spellings))):
        text += " " if number == 0 else (", ", "; ", "\n", " and ")[int(random.integers(4))]
        text += spellings[i].replace("_", next(followers))
    return text


def _marked(sentence: str) -> AnnotatedText:
    """A text whose words in braces, and what follows each, have roles."""
    text = AnnotatedText()
    groups: dict[str, int] = {}
    parts = re.split(r"\{(\w+)\}", sentence)  # text, word, text, word, ..., text
    text.add(parts[0])
    for word, after in zip(parts[1::2], parts[2::2], strict=True):
        group = groups.setdefault(word.lower(), len(groups))
        text.add(word, variant=group)
        follower = re.match(r"\s*(\w+|[^\w\s])", after)
        assert follower is not None, "something stands after each marked word"
        text.add(follower[0], follower=group).add(after[follower.end() :])
    return text
