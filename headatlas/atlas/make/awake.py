"""What a head looks at besides where it rests: tokens and distances, measured on the maps that were kept.

A head rests on the first position, the sink, on other sinks of its layer, and an encoder's on special tokens. What goes
there says little of the head, and of most heads it is nearly everything. So it is left out, and shares are of what
remains: a head that rests on nine queries of ten is described by the tenth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from headatlas.atlas.context.models import TokenShare
from headatlas.atlas.data.model_data import Distances, Example
from headatlas.atlas.draw.glyphs import visible

TOP_K_TOKENS = 10
MIN_QUERIES = 8  # that may look at a token, or as far as that: fewer say nothing
MIN_SPENT = 255  # of attention that does not rest, in 1/255: of one query, all of it
MAX_DISTANCE = 256  # tokens, as far as scans keep distances themselves

# A sequence with the head's map of it, [query, key] bytes.
Kept = tuple[Example, np.ndarray]


def resting_keys(example: Example, attention: str) -> np.ndarray:
    """Which keys are left out, [key] booleans: the first position, other sinks of the layer, and special tokens."""
    keys = example.sides(attention)[1]
    special = example.special if keys is example.tokens and len(example.special) == len(keys) else ()
    return _resting(len(keys), example.resting, special)


@lru_cache(maxsize=256)
def _resting(n_keys: int, sinks: tuple[int, ...], special: tuple[bool, ...]) -> np.ndarray:
    rest = np.zeros(n_keys, dtype=bool)
    rest[[0, *sinks]] = True
    if special:
        rest |= np.array(special, dtype=bool)
    rest.setflags(write=False)  # the same array for all heads of a layer
    return rest


def tokens_most_attended(kept: Iterable[Kept], attention: str, *, causal: bool) -> tuple[list[TokenShare], int]:
    """The tokens that a head prefers, and how many tokens there are in all sequences.

    A token's share is what it gets from the queries that may look at it, over all that these queries do not leave
    where they rest. The first tokens of a text have few others beside them, so that any head looks at them: tokens
    are ordered by how far their share lies above what evenly spread attention would give them. Tokens are left out
    that fewer than `MIN_QUERIES` queries may look at, or of whose queries' attention less than `MIN_SPENT` is awake.
    """
    kept = list(kept)
    texts = tuple(example.sides(attention)[1] for example, _ in kept)
    vocabulary, numbers = _numbered(texts)
    n_tokens = sum(map(len, texts))
    columns: list[tuple[np.ndarray, ...]] = [(np.zeros(0, dtype=int),) * 5]
    for (example, weights), of_text in zip(kept, numbers, strict=True):
        rest = resting_keys(example, attention)
        awake = weights * ~rest
        of_keys, of_queries = awake.sum(axis=0), awake.sum(axis=1)
        n_keys = np.cumsum(~rest)[: len(weights)] if causal else np.full(len(weights), (~rest).sum())
        # Of a query and all after it.
        spent_from = np.cumsum(of_queries[::-1])[::-1]
        even_from = np.cumsum((of_queries / np.maximum(n_keys, 1))[::-1])[::-1]
        positions = np.flatnonzero(~rest)
        first = positions if causal else np.zeros_like(positions)
        columns.append(
            (of_text[positions], of_keys[positions], even_from[first], spent_from[first], len(weights) - first)
        )
    token, *others = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    got, even, spent, n_queries = (np.bincount(token, values, minlength=len(vocabulary)) for values in others)
    seen = np.bincount(token, minlength=len(vocabulary))
    usable = np.flatnonzero((seen > 0) & (n_queries >= MIN_QUERIES) & (spent >= MIN_SPENT))
    # Rounded, so that equal ones stay in the order of the tokens whatever the processor adds up first.
    lifts = ((got[usable] - even[usable]) / spent[usable]).round(9)
    shares = [
        (vocabulary[number], float(got[number] / spent[number]), float(even[number] / spent[number]), int(seen[number]))
        for number in usable[np.argsort(-lifts, kind="stable")][:TOP_K_TOKENS].tolist()
        if got[number] > even[number]
    ]
    most = max((share for _, share, *_ in shares), default=1.0)
    return [
        TokenShare(token=visible(token), share=share, even=even, times=times, width=f"{100 * share / most:.0f}")
        for token, share, even, times in shares
    ], n_tokens


@lru_cache(maxsize=8)
def _numbered(texts: tuple[tuple[str, ...], ...]) -> tuple[list[str], list[np.ndarray]]:
    """All tokens of some texts in order, each once, and of each text the numbers of its tokens there."""
    vocabulary = sorted({token for text in texts for token in text})
    number_of = {token: number for number, token in enumerate(vocabulary)}
    return vocabulary, [np.array([number_of[token] for token in text], dtype=int) for text in texts]


def distances(kept: Iterable[Kept], attention: str) -> dict[str, Distances]:
    """Probe -> share of attention on the key so many tokens back, of what is not left where the head rests.

    Distances at which fewer than `MIN_QUERIES` queries have a key that counts are not given; in causal attention
    those begin at 0.
    """
    by_probe: dict[str, list[Kept]] = defaultdict(list)
    for example, weights in kept:
        by_probe[example.probe].append((example, weights))
    curves = {probe: _curve(sequences, attention) for probe, sequences in by_probe.items()}
    return {probe: curve for probe, curve in curves.items() if curve is not None}


def _by_distance(weights: np.ndarray) -> np.ndarray:
    """Sums of the diagonals of [query, key] weights, by how far back the key is, from the furthest ahead on."""
    n_queries, n_keys = weights.shape
    # Each row one place further right than the one below it, so that diagonals stand in columns.
    sheared = np.zeros((n_queries, n_keys + n_queries), dtype=weights.dtype)
    sheared[:, :n_keys] = weights[::-1]
    columns = sheared.ravel()[: n_queries * (n_keys + n_queries - 1)].reshape(n_queries, -1)
    return np.asarray(columns.sum(axis=0)[::-1])


def _curve(kept: Sequence[Kept], attention: str) -> Distances | None:
    """The curve of one probe; None where too few queries count, or all their attention rests."""
    reach = min(max(max(weights.shape) for _, weights in kept) - 1, MAX_DISTANCE)
    got, spent, n_queries = np.zeros((3, 2 * reach + 1))
    for example, weights in kept:
        open_keys = ~resting_keys(example, attention)
        awake = weights * open_keys
        # Of every pair of a query and a key that counts, by how far back the key is.
        of_pairs = np.correlate(awake.sum(axis=1).astype(float), open_keys.astype(float), "full")
        counted = np.correlate(np.ones(len(weights)), open_keys.astype(float), "full")
        before = weights.shape[1] - 1  # what stands before a distance of 0
        start, end = max(before - reach, 0), min(before + reach + 1, len(counted))
        into = slice(reach - before + start, reach - before + end)
        got[into] += _by_distance(awake)[start:end]
        spent[into] += of_pairs[start:end]
        n_queries[into] += counted[start:end]
    usable = np.flatnonzero((n_queries >= MIN_QUERIES) & (spent > 0))
    if not got.any() or not usable.size:
        return None
    # In causal attention nothing lies ahead.
    ahead = got[:reach].any()
    usable = usable if ahead else usable[usable >= reach]
    shares = got[usable[0] : usable[-1] + 1] / np.maximum(spent[usable[0] : usable[-1] + 1], 1e-9)
    return Distances(int(usable[0]) - reach, tuple(float(share) for share in shares))
