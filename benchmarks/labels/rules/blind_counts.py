"""Rules of the families "copy" and "count", written without sight of probes and results."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, best_of, distances, latest, latest_of, moved
from benchmarks.labels.rules.classes import is_content_word
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import previous_copy, wording
from headatlas.bench.heads import BenchText

FROM_COPY = (4, 7)  # tokens on either side of a copy
RECENT = (3, 8)  # tokens back whose copies are looked for
NARROW = (2, 5)  # tokens from one mention to the next
BLOCK = 10


def _copies(text: BenchText) -> Numbers:
    return previous_copy(text.ids, text.special)


@rule("copy", kin="around_copy", seldom=True)
def far_around_copy(text: BenchText) -> Pairs:
    """Attends to what stands four to seven tokens before and after the latest copy of the current one."""
    copies = _copies(text)
    away = np.abs(np.arange(len(text)) - copies[:, None])
    near = (away >= FROM_COPY[0]) & (away <= FROM_COPY[1]) & (copies[:, None] >= 0)
    return near & (distances(len(text)) > 0) & ~text.special


@rule("copy", kin="copies_of_recent", seldom=True)
def copies_of_recent(text: BenchText) -> Pairs:
    """Attends to the latest copies of the tokens three to eight back, to all alike."""
    copies = _copies(text)
    pairs = np.zeros((len(text), len(text)), dtype=bool)
    for by in range(RECENT[0], RECENT[1] + 1):
        keys = copies[: max(len(text) - by, 0)]
        copied = np.flatnonzero(keys >= 0)
        pairs[copied + by, keys[copied]] = True
    return pairs


@rule("copy", kin="sandwich", seldom=True)
def inside_latest_sandwich(text: BenchText) -> Numbers:
    """Attends to what followed the first of the latest two equal tokens that stand two to five apart."""
    copies = _copies(text)
    gaps = np.arange(len(text)) - copies
    keys = latest((copies >= 0) & (gaps >= NARROW[0]) & (gaps <= NARROW[1]))
    return np.where(keys >= 0, copies[keys] + 1, -1)


@rule("count", kin="topic_word", seldom=True)
def topic_word(text: BenchText) -> Numbers:
    """Attends to the content word that has been said most often so far, twice or more, where it was last said."""
    words = wording(text).words(is_content_word)
    forms, number = np.unique([word.casefold() for word in wording(text).whole_words], return_inverse=True)
    once = (number[:, None] == np.arange(len(forms))) & words[:, None]
    before = (np.cumsum(once, axis=0) - once)[:, number]
    return best_of(before, (before >= 2) & words)


@rule("count", kin="length_pair", also=("longer_prefix_induction",), seldom=True)
def after_same_lengths(text: BenchText) -> Numbers:
    """Attends to what followed the latest two tokens as long as the current and the previous one, beyond eight back."""
    lengths = np.where(text.special, -1, [len(word) for word in wording(text).said])
    same = (lengths[:, None] == lengths) & (lengths >= 0)
    pairs = np.zeros_like(same)
    pairs[1:, 1:] = same[1:, 1:] & same[:-1, :-1]
    return moved(latest_of(pairs & (distances(len(text)) > BEYOND + 1)), 1)


@rule("count", kin="block_rarest")
def rarest_of_each_ten(text: BenchText) -> Pairs:
    """Attends to the rarest token of each ten that the text has been read in, to all alike."""
    n = len(text)
    blocks = np.arange(n) // BLOCK
    pairs = np.zeros((n, n), dtype=bool)
    for block in range(n // BLOCK):
        inside = np.flatnonzero((blocks == block) & ~text.special)
        if len(inside):
            pairs[(block + 1) * BLOCK :, inside[text.ids[inside].argmax()]] = True
    return pairs
