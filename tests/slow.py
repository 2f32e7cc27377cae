"""Every score of patterns without roles once more, by plain loops over queries: shares no code with headatlas.

Attention comes as one array [head, query, key] for each sequence, without padding; heads are the only
axis that is not looped over.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from headatlas.patterns.words import FUNCTION_WORDS  # a list, not a computation


def previous_copy(ids: Sequence[int], special: Sequence[bool], q: int) -> int | None:
    if special[q]:
        return None
    for k in range(q - 1, -1, -1):
        if ids[k] == ids[q] and not special[k]:
            return k
    return None


class Look:
    """A query of a sequence and the keys it may see, as the target functions below get it."""

    def __init__(self, sequence, q: int, causal: bool) -> None:
        self.ids, self.special, self.texts = sequence.ids, sequence.special, sequence.texts
        self.q, self.n, self.causal = q, len(sequence.ids), causal
        self.keys = range(q + 1) if causal else range(self.n)

    def others(self, wanted: Callable[[int], bool]) -> list[int]:
        """Visible keys of the text, other than the query, for which something holds."""
        return [k for k in self.keys if k != self.q and not self.special[k] and wanted(k)]

    def named(self, wanted: Callable[[str], bool]) -> list[int]:
        return self.others(lambda k: wanted(self.texts[k]))


def _offset(n: int) -> Callable[[Look], list[int]]:
    return lambda look: [look.q - n] if look.q >= n else []


def _duplicate(look: Look) -> list[int]:
    k = previous_copy(look.ids, look.special, look.q)
    return [] if k is None else [k]


def _induction(look: Look) -> list[int]:
    k = previous_copy(look.ids, look.special, look.q)
    return [] if k is None or k + 1 >= look.q else [k + 1]


def _copies(look: Look) -> list[int]:
    if look.special[look.q]:
        return []
    copies = [k for k in range(look.q) if look.ids[k] == look.ids[look.q] and not look.special[k]]
    return copies if len(copies) in (2, 3, 4, 5, 6, 7, 8) else []


def next_copy(look: Look) -> int | None:
    if look.special[look.q]:
        return None
    for k in range(look.q + 1, look.n):
        if look.ids[k] == look.ids[look.q] and not look.special[k]:
            return k
    return None


def _duplicate_ahead(look: Look) -> list[int]:
    k = next_copy(look)
    return [] if k is None or look.causal else [k]


def _induction_ahead(look: Look) -> list[int]:
    k = next_copy(look)
    return [] if k is None or look.causal or k - 1 <= look.q else [k - 1]


def _is_punctuation(text: str) -> bool:
    stripped = text.strip()
    if not stripped:
        return False
    return not [letter for letter in stripped if unicodedata.category(letter)[0] != "P"]


def _ends_sentence(text: str) -> bool:
    if "\n" in text:
        return True
    text = text.strip()
    while text and text[-1] in "\"')]”»":
        text = text[:-1]
    return text != "" and text[-1] in ".!?。؟"


def _number(text: str) -> bool:
    text = text.strip()
    while text and text[0] in ".,":
        text = text[1:]
    while text and text[-1] in ".,":
        text = text[:-1]
    return text.isdigit()


def _function_word(text: str) -> bool:
    return text.strip().lower() in FUNCTION_WORDS


def _start_of_sentence(look: Look) -> list[int]:
    if look.special[look.q]:
        return []
    for k in range(look.q, 0, -1):
        after_end = not look.special[k - 1] and _ends_sentence(look.texts[k - 1])
        if after_end and not look.special[k] and not _ends_sentence(look.texts[k]):
            return [] if k == look.q else [k]
    return []


def _rare(look: Look) -> list[int]:
    others = look.others(lambda k: True)
    if look.special[look.q] or not others:
        return []
    rarest = max(look.ids[k] for k in others)
    return [next(k for k in others if look.ids[k] == rarest)]


def _frequent(look: Look) -> list[int]:
    said = [look.ids[k] for k in look.keys if not look.special[k]]
    return look.others(lambda k: said.count(look.ids[k]) >= 3)


def _word_of(look: Look, position: int, pieces: bool) -> int | None:
    """Where the word of a token begins; None for tokens that are no part of a word."""

    def piece(k: int) -> str:
        return look.texts[k].removeprefix("##") if pieces else look.texts[k]

    def in_word(k: int) -> bool:
        return not look.special[k] and piece(k).strip()[:1].isalnum()

    if not in_word(position):
        return None
    while position > 0 and in_word(position - 1):
        continues = (
            look.texts[position].startswith("##")
            if pieces
            else look.texts[position][:1].isalnum() and look.texts[position - 1][-1:].isalnum()
        )
        if not continues:
            break
        position -= 1
    return position


def _continuation(look: Look, digits: bool = False) -> list[int]:
    pieces = all(" " not in text for text in look.texts)
    word = _word_of(look, look.q, pieces)
    if word is None or _number(look.texts[look.q]) != digits:
        return []
    earlier = [k for k in range(look.q) if _number(look.texts[k]) == digits]
    return [k for k in earlier if _word_of(look, k, pieces) == word]


def _separator(look: Look) -> list[int]:
    def text_before(k: int) -> bool:
        return not all(look.special[:k])

    return [k for k in look.keys if k != look.q and look.special[k] and text_before(k)]


TARGETS: dict[str, Callable[[Look], list[int]]] = {
    "previous_token": _offset(1),
    **{f"fixed_offset_{n}": _offset(n) for n in range(2, 9)},
    "current_token": lambda look: [look.q] if look.q >= 1 else [],
    "first_token": lambda look: [0] if look.q >= 1 else [],
    "next_token": lambda look: [look.q + 1] if look.q + 1 < look.n and not look.causal else [],
    "last_token": lambda look: [look.n - 1] if look.q < look.n - 1 and not look.causal else [],
    "local_window": lambda look: [k for k in look.keys if abs(k - look.q) <= 2] if look.q >= 3 else [],
    "nearby_tokens": lambda look: [k for k in look.keys if abs(k - look.q) <= 8] if look.q >= 9 else [],
    "start_of_sentence": _start_of_sentence,
    "duplicate_token": _duplicate,
    "induction": _induction,
    "duplicate_token_any": _copies,
    "induction_any": lambda look: [k + 1 for k in _copies(look) if k + 1 < look.q],
    "duplicate_token_ahead": _duplicate_ahead,
    "induction_ahead": _induction_ahead,
    "punctuation": lambda look: look.named(_is_punctuation),
    "sentence_end": lambda look: look.named(_ends_sentence),
    "comma": lambda look: look.named(lambda text: text.strip() in (",", "，", "、", "،")),
    "newline": lambda look: look.named(lambda text: "\n" in text),
    "whitespace": lambda look: look.named(lambda text: text != "" and text.strip() == ""),
    "digit": lambda look: look.named(_number),
    "capitalised": lambda look: look.named(lambda text: text.strip()[:1].isupper()),
    "function_word": lambda look: look.named(_function_word),
    "special_token": lambda look: [k for k in look.keys if k != look.q and look.special[k]],
    "separator": _separator,
    "rare_token": _rare,
    "frequent_token": _frequent,
    "word_continuation": _continuation,
    "number_continuation": lambda look: _continuation(look, digits=True),
}


def _statistics(rows: np.ndarray, q: int, first: int) -> dict[str, np.ndarray]:
    """Each head's row [head, key] over the keys it may see from `first` on; its numbers, or none for a single key."""
    keys = range(first, rows.shape[1])
    if len(keys) < 2:
        return {}
    own = rows[:, first:]
    surprise = np.where(own > 0, -np.log(np.where(own > 0, own, 1)), 0)
    return {
        "entropy": (own * surprise).sum(1) / math.log(len(keys)),
        "mean_distance": sum(rows[:, k] * abs(q - k) for k in keys),
        "largest_weight": own.max(1),
        "uniformity": 1 - abs(own - 1 / len(keys)).sum(1) / 2,
    }


def scores(sequences, attentions, causal: bool = True) -> dict[str, dict[str, np.ndarray]]:
    """pattern -> {score, score_nosink, chance, n}; arrays over heads.

    `sequences` have ids, special and texts; `attentions` one [head, query, key] array each.
    """
    n_heads = attentions[0].shape[0]
    total: dict[str, dict[str, np.ndarray]] = {}

    def entry(name: str) -> dict[str, np.ndarray]:
        return total.setdefault(
            name,
            {"sum": np.zeros(n_heads), "n": np.zeros(n_heads), "chance": np.zeros(1),
             "sum_rest": np.zeros(n_heads), "n_rest": np.zeros(n_heads)},
        )  # fmt: skip

    for sequence, attention in zip(sequences, attentions, strict=True):
        length = len(sequence.ids)
        for q in range(length):
            visible = q + 1 if causal else length
            rows = attention[:, q, :visible].astype(np.float64)
            sink = rows[:, 0]
            rest = rows[:, 1:].sum(1)
            beyond_sink = sink <= 0.99
            look = Look(sequence, q, causal)
            for name, target in TARGETS.items():
                keys = target(look)
                if not keys:
                    continue
                sums = entry(name)
                sums["sum"] += sum(rows[:, k] for k in keys)
                sums["n"] += 1
                sums["chance"] += len(keys) / visible
                excluding_sink = [k for k in keys if k != 0]
                if excluding_sink:
                    mass = sum(rows[:, k] for k in excluding_sink)
                    sums["sum_rest"] += np.where(beyond_sink, mass / np.where(beyond_sink, rest, 1), 0)
                    sums["n_rest"] += beyond_sink
            for name, values in _statistics(rows, q, first=0).items():
                entry(name)["sum"] += values
                entry(name)["n"] += 1
            if visible > 1:
                sums = entry("sink_mass")
                sums["sum"] += sink + 1 - rows.sum(1)
                sums["n"] += 1
            for name, values in _statistics(rows / np.where(beyond_sink, rest, 1)[:, None], q, first=1).items():
                entry(name)["sum_rest"] += np.where(beyond_sink, values, 0)
                entry(name)["n_rest"] += beyond_sink
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            name: {
                "score": sums["sum"] / sums["n"],
                "score_nosink": sums["sum_rest"] / sums["n_rest"],
                "chance": sums["chance"] / sums["n"],
                "n": sums["n"],
            }
            for name, sums in total.items()
        }
