"""Texts for heads of the bench: written by hand, drawn at random, and passages cut by a simple tokenizer of our own."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import numpy as np

from headatlas.bench.heads import BenchText
from headatlas.inputs.sequence import TokenSequence
from headatlas.probes.natural_text import passages
from tests.helpers import sequence

# Words with the space before them, cut after six letters; single digits, marks and breaks.
TOKEN = re.compile(r" ?[^\W\d_]{1,6}|\d|\n+| +|[^\w\s]|_")
N_ROLES = 4


def as_bench_text(tokens: TokenSequence, causal: bool = True, seed: int = 0, probe: str = "by_hand") -> BenchText:
    return BenchText(
        np.array(tokens.ids), tokens.texts, np.array(tokens.special, dtype=bool), probe, causal,
        np.random.default_rng(seed), tokens.roles,
    )  # fmt: skip


def by_hand(text: str | int, causal: bool = True, seed: int = 0) -> BenchText:
    """A text in the notation of `tests.helpers.sequence`; a number is that many different tokens."""
    words = text if isinstance(text, str) else " ".join(f"t{position:03}" for position in range(text))
    return as_bench_text(sequence(words), causal, seed)


@cache
def passage_tokens(longest: int = 120) -> tuple[TokenSequence, ...]:
    """The passages of natural text; ids in order of frequency, as vocabularies have them."""
    texts = [tuple(TOKEN.findall(passage.text))[:longest] for passage in passages()]
    counts = Counter(token for text in texts for token in text)
    ranked = sorted(counts, key=lambda token: (-counts[token], token[::-1]))
    ids = {token: number for number, token in enumerate(ranked)}
    return tuple(TokenSequence(tuple(ids[t] for t in text), text, (False,) * len(text)) for text in texts)


def passage_texts(causal: bool = True, longest: int = 120) -> list[BenchText]:
    return [as_bench_text(tokens, causal, probe="natural_text") for tokens in passage_tokens(longest)]


def random_tokens(seed: int, roles: tuple[str, ...] = (), repeat: bool = False) -> TokenSequence:
    """Random tokens after a special one, some of them several times, or all of them twice over; roles at random."""
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(200)[:20].tolist() * 2 if repeat else rng.integers(0, 25, 40).tolist()
    ids = (999, *drawn)
    marked = {
        role: {int(position): int(rng.integers(N_ROLES)) for position in rng.permutation(np.arange(1, 41))[:12]}
        for role in roles
    }
    return TokenSequence(ids, tuple(f" t{number}" for number in ids), (True,) + (False,) * 40, marked)
