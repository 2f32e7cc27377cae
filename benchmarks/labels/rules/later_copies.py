"""Rules of the families "copy" and "count", written without sight of probes, labels and results."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from benchmarks.labels.keys import Numbers, Weights, among, best_of, distances, equal, latest, latest_of, moved
from benchmarks.labels.rules.classes import is_content_word
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import has_letter, previous_copy, previous_pair, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import has_digit, is_function_word

CONTEXT, ALIKE = 8, 3  # tokens that are compared, and how many different ones of them have to be the same
CLASSES_ALIKE = 5  # tokens in a row that have to be of the same classes
WINDOW, WINDOWS_BACK = 7, 60  # tokens
RECENT = 30  # tokens among which repeats are counted
SHARPNESS = 4.0  # of the preference for tokens that are as rare


def _copies(text: BenchText) -> Numbers:
    return previous_copy(text.ids, text.special)


def _classes(text: BenchText) -> Numbers:
    """1 for function words, 2 for other words, 3 for numbers, 0 for all else; -1 for special tokens."""
    words = wording(text)
    classes = np.where(words.tokens(has_letter), np.where(words.tokens(is_function_word), 1, 2), 0)
    return np.where(text.special, -1, np.where(words.tokens(has_digit), 3, classes))


def _said_before(numbers: Numbers) -> Int[np.ndarray, "query key"]:
    """How often the number of each key has come before each query; negative numbers never."""
    _, index = np.unique(numbers, return_inverse=True)
    once = (index[:, None] == np.arange(index.max() + 1)) & (numbers >= 0)[:, None]
    return (np.cumsum(once, axis=0) - once)[:, index] * (numbers >= 0)


@rule("copy", kin="two_hops", seldom=True)
def after_copy_of_what_followed(text: BenchText) -> Numbers:
    """Attends to what followed the earlier copy of that token which followed the latest copy of the current one."""
    copies = _copies(text)
    followed = copies + 1
    known = (copies >= 0) & (followed < np.arange(len(text)))
    second = np.where(known, copies[np.where(known, followed, 0)], -1)
    return among(np.where(second >= 0, second + 1, -1), wording(text).ordinary)


@rule("copy", kin="like_context", seldom=True)
def start_of_like_context(text: BenchText) -> Numbers:
    """Attends to the first of those eight tokens in a row that share most with the last eight, in any order."""
    n = len(text)
    _, number = np.unique(text.ids, return_inverse=True)
    said = np.cumsum((number[:, None] == np.arange(number.max() + 1)) & ~text.special[:, None], axis=0)
    recent = said.copy()
    recent[CONTEXT:] -= said[:-CONTEXT]
    present = (recent > 0).astype(np.int64)
    shared = present @ present.T
    complete = np.arange(n) >= CONTEXT - 1
    pairs = (distances(n) >= 2 * CONTEXT) & (shared >= ALIKE) & complete
    return among(moved(best_of(shared, pairs), 1 - CONTEXT), wording(text).ordinary)


@rule("copy", kin="shared_with_previous", seldom=True)
def latest_shared_with_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the latest word of the current sentence that the sentence before had too."""
    sentence = wording(text).sentence
    again = (equal(wording(text).form) & (sentence[:, None] - 1 == sentence) & (sentence >= 0)).any(-1)
    return latest_of(equal(sentence) & (again & wording(text).tokens(has_letter)))


@rule("copy", kin="class_sequence", seldom=True)
def after_same_classes(text: BenchText) -> Numbers:
    """Attends to what followed the latest five tokens of the same classes as the last five, beyond eight back."""
    same = equal(_classes(text))
    alike = same.copy()
    for by in range(1, CLASSES_ALIKE):
        alike[by:, by:] &= same[:-by, :-by]
        alike[:by] = False
        alike[:, :by] = False
    return moved(latest_of(alike & (distances(len(text)) > BEYOND + 1)), 1)


@rule("copy", kin="new_pair", seldom=True)
def latest_new_pair_of_old(text: BenchText) -> Numbers:
    """Attends to the second of the latest two tokens in a row that had both been said before, but never in a row."""
    old = _copies(text) >= 0
    new_pair = old & (previous_pair(text.ids, text.special) < 0)
    new_pair[1:] &= old[:-1]
    new_pair[0] = False
    return latest(new_pair)


@rule("count", kin="rare_window")
def middle_of_rarest_seven(text: BenchText) -> Numbers:
    """Attends to the middle of the seven tokens in a row, of the last sixty, that are rarest together."""
    n, half = len(text), WINDOW // 2
    rarity = np.where(text.special, 0, np.log(text.ids + 1))
    padded = np.pad(rarity, half)
    together = np.array([padded[start : start + WINDOW].sum() for start in range(n)])
    pairs = (distances(n) > half) & (distances(n) <= WINDOWS_BACK) & (np.arange(n) >= half)
    return best_of(np.broadcast_to(together, (n, n)), pairs)


@rule("count", kin="between_ids")
def latest_between_last_two(text: BenchText) -> Numbers:
    """Attends to the latest token beyond eight back whose number lies between those of the current and previous one."""
    before = np.concatenate([text.ids[:1], text.ids[:-1]])
    low, high = np.minimum(before, text.ids), np.maximum(before, text.ids)
    between = (text.ids > low[:, None]) & (text.ids < high[:, None]) & ~text.special
    return latest_of(between & (distances(len(text)) > BEYOND))


@rule("count", kin="back_as_often", seldom=True)
def content_words_back_as_often(text: BenchText) -> Numbers:
    """Attends to the sixth content word back, and two further for each time that the current token was said before."""
    content = wording(text).words(is_content_word)
    positions = np.flatnonzero(content)
    often = np.diagonal(_said_before(np.where(text.special, -1, text.ids)))
    wanted = np.cumsum(content) - content - (6 + 2 * often)
    keys = np.full(len(text), -1)
    keys[wanted >= 0] = positions[wanted[wanted >= 0]]
    return keys


@rule("count", kin="half_of_new")
def half_of_new_tokens(text: BenchText) -> Numbers:
    """Attends to the token with which half of the different tokens of the text so far had been said."""
    new = (_copies(text) < 0) & ~text.special
    positions = np.flatnonzero(new)
    so_far = np.cumsum(new) - new
    keys = np.full(len(text), -1)
    keys[so_far >= 2] = positions[so_far[so_far >= 2] // 2 - 1]
    return keys


@rule("count", kin="repeats_as_distance")
def as_far_as_repeats(text: BenchText) -> Numbers:
    """Attends to nine tokens back and one more for each of the last thirty tokens that had been said before it."""
    repeats = np.cumsum((_copies(text) >= 0).astype(np.int64))
    recent = repeats.copy()
    recent[RECENT:] -= repeats[:-RECENT]
    return among(np.maximum(np.arange(len(text)) - BEYOND - 1 - recent, -1), wording(text).ordinary)


@rule("count", kin="as_rare")
def about_as_rare(text: BenchText) -> Weights:
    """Attends to all tokens beyond eight back, the more the nearer their number's logarithm is to the current one's."""
    rarity = np.log(text.ids + 1)
    alike = np.exp(-SHARPNESS * np.abs(rarity[:, None] - rarity))
    return np.where((distances(len(text)) > BEYOND) & ~text.special, alike, 0)
