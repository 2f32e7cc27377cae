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

N_LISTS = 20
# Words in braces are the ones that come again; spelling aside, the same word is the same group. Words in angle brackets
# are decoys: they begin or end as the word in braces does.
SENTENCES = (
    "At dusk the {harbour} fell silent. {Harbour} lights came on; a <neighbour> read {HARBOUR} SALE, ({harbour} gate).",
    "She asked for {coffee} without <toffee>. \"{Coffee} again?\" he said, left his <coffer>, and wrote {COFFEE} down.",
    "Under the {bridge} ran a <ridge>. {Bridge} and path were old, and on a <brick> stood {BRIDGE} CLOSED.",
    "We heard the {music} first. {Music} from the <attic>, then {MUSIC}!, and near the <museum> (the {music}) again.",
    "The {garden} gate stood by a <garage>. {Garden} tools lay about; a <warden> read {GARDEN} or \"{garden} twine\".",
    "No {water} came out. {Water} pipes had burst, said the <waiter>, so the <porter> put up a sign: {WATER} SOON.",
    "Every {winter} the <winner> rests. {Winter} sports began at once, and by the <counter> hung {WINTER} SALE.",
    "His {father} kept a <feather>. {Father} and son sold a <fathom> of rope under the name {FATHER} BEE.",
    "The {market} had a <basket>. {Market} women sold <marbles>; {MARKET} DAY, it said on every post.",
    "They took the {train} in the <rain>. {Train} after {TRAIN} had a <trailer>, one \"{train} with wings\" too.",
)  # fmt: skip
# Each with a word that begins as it does and one that ends as it does.
WORDS = {
    "apple": ("apron", "maple"), "bread": ("brick", "thread"), "cloud": ("clock", "shroud"),
    "doctor": ("donkey", "motor"), "forest": ("fortune", "harvest"), "island": ("issue", "husband"),
    "kitchen": ("kitten", "chicken"), "letter": ("lesson", "butter"), "market": ("marble", "basket"),
    "mountain": ("mouse", "fountain"), "paper": ("parcel", "pepper"), "river": ("ribbon", "fever"),
    "school": ("scarf", "pool"), "silver": ("silence", "clover"),
    "summer": ("summit", "hammer"), "table": ("tailor", "cable"), "teacher": ("teapot", "butcher"),
    "window": ("wisdom", "shadow"), "winter": ("wizard", "printer"), "yellow": ("yeast", "pillow"),
}  # fmt: skip
FOLLOWERS = (
    "gate bell lamp rope door pot shelf nail string glass coat wheel stone song rule plan game price shade path "
    "box map fence roof oven hook"
).split()


@probe("word_variants", version=2, draws_in_full=4)
def word_variants(context: ProbeContext) -> Iterator[TokenSequence]:
    """Sentences and word lists in which words come again with other capitals or without the space before them.

    "Harbour lights ... the harbour fell ... HARBOUR": the same word in other tokens, each time with another word
    after it. A tokenizer that drops capitals may write all mentions alike; texts where none begins a new token are
    left out.

    Decoys: between the mentions stand words that begin or end as they do, in the same spellings ("neighbour",
    "HARVEST"), so that letters alone do not lead to the earlier mention. Roles, with the word as group: `variant` each
    mention, `follower` the word or mark after it; `alike` each decoy, `after_alike` what stands after it. The first of
    the texts is kept as an example.
    """
    random = context.random
    texts = [_marked("The {cat} sat; a <car>, {Cat} ran"), *(_marked(sentence) for sentence in SENTENCES)]
    texts += [_marked(_list(random, n_words=1 if i % 4 == 0 else int(random.integers(2, 4)))) for i in range(N_LISTS)]
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
    """Some words in three or four spellings each, with their decoys, shuffled, each time before another word."""
    entries = []
    for word in random.choice(list(WORDS), n_words, replace=False).tolist():
        ways = (f"{{{word}}} _", f"{{{word.title()}}} _", f"{{{word.upper()}}} _", f"({{{word}}} _)")
        entries += [ways[i] for i in random.permutation(4)[: int(random.integers(3, 5))]]
        for decoy in WORDS[word]:
            spelled = (decoy, decoy.title(), decoy.upper())[int(random.integers(3))]
            entries.append(f"<{word}:{spelled}> _")
    followers = iter(random.choice(FOLLOWERS, len(entries), replace=False).tolist())
    text = "List:"
    for number, i in enumerate(random.permutation(len(entries))):
        text += " " if number == 0 else (", ", "; ", "\n", " and ")[int(random.integers(4))]
        text += entries[i].replace("_", next(followers))
    return text


def _marked(sentence: str) -> AnnotatedText:
    """A text whose words in braces, and what follows each, have roles, and so have the decoys in angle brackets.

    A decoy belongs to the word before its colon, or else to the text's only word.
    """
    text = AnnotatedText()
    groups: dict[str, int] = {}
    for word in re.findall(r"\{(\w+)\}", sentence):
        groups.setdefault(word.lower(), len(groups))
    parts = re.split(r"([{<][\w:]+[}>])", sentence)  # text, word, text, word, ..., text
    text.add(parts[0])
    for marked, after in zip(parts[1::2], parts[2::2], strict=True):
        owner, _, word = marked[1:-1].rpartition(":")
        decoy = marked[0] == "<"
        group = groups[owner or next(iter(groups))] if decoy else groups[word.lower()]
        text.add(word, **{"alike" if decoy else "variant": group})
        follower = re.match(r"\s*(\w+|[^\w\s])", after)
        assert follower is not None, "something stands after each marked word"
        text.add(follower[0], **{"after_alike" if decoy else "follower": group}).add(after[follower.end() :])
    return text
