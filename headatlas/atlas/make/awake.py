"""What a head looks at besides where it rests: tokens and distances, measured on the maps that were kept.

A head rests on the first position, the sink, on other sinks of its layer, and an encoder's on special tokens. What goes
there says little of the head, and of most heads it is nearly everything. So it is left out, and shares are of what
remains: a head that rests on nine queries of ten is described by the tenth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
# A sequence with the maps of heads, by their numbers.
OfHeads = tuple[Example, Mapping[int, np.ndarray]]


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
    alone = [(example, {0: weights}) for example, weights in kept]
    return tokens_of_all(alone, attention, causal=causal).get(0, ([], 0))


def tokens_of_all(kept: Iterable[OfHeads], attention: str, *, causal: bool) -> dict[int, tuple[list[TokenShare], int]]:
    """The same of each head of a layer, by its number."""
    shares = {}
    for heads, stacked in _together([*kept]):
        texts = tuple(example.sides(attention)[1] for example, _ in stacked)
        vocabulary, numbers = _numbered(texts)
        columns: list[tuple[np.ndarray, ...]] = []
        for (example, weights), of_text in zip(stacked, numbers, strict=True):
            rest = resting_keys(example, attention)
            awake = weights * ~rest
            of_keys, of_queries = awake.sum(axis=1), awake.sum(axis=2)
            length = weights.shape[1]
            n_keys = np.cumsum(~rest)[:length] if causal else np.full(length, (~rest).sum())
            # Of a query and all after it.
            spent_from = np.cumsum(of_queries[:, ::-1], axis=1)[:, ::-1]
            even_from = np.cumsum((of_queries / np.maximum(n_keys, 1))[:, ::-1], axis=1)[:, ::-1]
            positions = np.flatnonzero(~rest)
            first = positions if causal else np.zeros_like(positions)
            columns.append(
                (of_text[positions], length - first, of_keys[:, positions], even_from[:, first], spent_from[:, first])
            )
        token, n_queries, *of_heads = (np.concatenate(parts, axis=-1) for parts in zip(*columns, strict=True))
        seen = np.bincount(token, minlength=len(vocabulary))
        known = (seen > 0) & (np.bincount(token, n_queries, minlength=len(vocabulary)) >= MIN_QUERIES)
        for head, *of_head in zip(heads, *of_heads, strict=True):
            got, even, spent = (np.bincount(token, values, minlength=len(vocabulary)) for values in of_head)
            usable = np.flatnonzero(known & (spent >= MIN_SPENT))
            listed = _preferred(vocabulary, usable, seen, got, even, spent)
            shares[head] = listed, sum(map(len, texts))
    return shares


def _preferred(
    vocabulary: Sequence[str],
    usable: np.ndarray,
    seen: np.ndarray,
    got: np.ndarray,
    even: np.ndarray,
    spent: np.ndarray,
) -> list[TokenShare]:
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
    ]


def _together(kept: Sequence[OfHeads]) -> Iterator[tuple[list[int], list[Kept]]]:
    """Heads of which the same maps were kept, and these maps, [head, query, key] bytes."""
    together: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for head in dict.fromkeys(head for _, of_heads in kept for head in of_heads):
        together[tuple(n for n, (_, of_heads) in enumerate(kept) if head in of_heads)].append(head)
    for numbers, heads in together.items():
        yield heads, [(kept[n][0], np.stack([kept[n][1][head] for head in heads])) for n in numbers]


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
    alone = [(example, {0: weights}) for example, weights in kept]
    return distances_of_all(alone, attention).get(0, {})


def distances_of_all(kept: Iterable[OfHeads], attention: str) -> dict[int, dict[str, Distances]]:
    """The same of each head of a layer, by its number."""
    by_probe: dict[str, list[OfHeads]] = defaultdict(list)
    for example, of_heads in kept:
        by_probe[example.probe].append((example, of_heads))
    curves: dict[int, dict[str, Distances]] = defaultdict(dict)
    for probe, sequences in by_probe.items():
        for heads, stacked in _together(sequences):
            for head, curve in zip(heads, _curves(stacked, attention), strict=True):
                if curve is not None:
                    curves[head][probe] = curve
    return curves


def _by_distance(weights: np.ndarray) -> np.ndarray:
    """Sums of the diagonals of [head, query, key] weights, by how far back the key is, from the furthest ahead on."""
    n_heads, n_queries, n_keys = weights.shape
    # Each row one place further right than the one below it, so that diagonals stand in columns.
    sheared = np.zeros((n_heads, n_queries, n_keys + n_queries), dtype=weights.dtype)
    sheared[:, :, :n_keys] = weights[:, ::-1]
    rows = sheared.reshape(n_heads, -1)[:, : n_queries * (n_keys + n_queries - 1)]
    return np.asarray(rows.reshape(n_heads, n_queries, -1).sum(axis=1)[:, ::-1])


def _curves(kept: Sequence[tuple[Example, np.ndarray]], attention: str) -> list[Distances | None]:
    """The curves of one probe, of [head, query, key] weights; None where too few queries count, or all of it rests."""
    reach = min(max(max(weights.shape[1:]) for _, weights in kept) - 1, MAX_DISTANCE)
    n_heads = len(kept[0][1])
    got, spent = np.zeros((2, n_heads, 2 * reach + 1))
    n_queries = np.zeros(2 * reach + 1)
    for example, weights in kept:
        open_keys = ~resting_keys(example, attention)
        awake = weights * open_keys
        pairs = _pairs(weights.shape[1], open_keys.tobytes())
        before = weights.shape[2] - 1  # what stands before a distance of 0
        start, end = max(before - reach, 0), min(before + reach + 1, pairs.shape[1])
        into = slice(reach - before + start, reach - before + end)
        got[:, into] += _by_distance(awake)[:, start:end]
        spent[:, into] += (awake.sum(axis=2) @ pairs)[:, start:end]
        n_queries[into] += pairs.sum(axis=0)[start:end]
    usable = (n_queries >= MIN_QUERIES) & (spent > 0)
    # In causal attention nothing lies ahead.
    usable[:, :reach] &= got[:, :reach].any(axis=1, keepdims=True)
    known = got.any(axis=1) & usable.any(axis=1)
    first, end = usable.argmax(axis=1).tolist(), (usable.shape[1] - usable[:, ::-1].argmax(axis=1)).tolist()
    shares = got / np.maximum(spent, 1e-9)
    return [
        Distances(start - reach, tuple(of_head[start:stop].tolist())) if is_known else None
        for of_head, start, stop, is_known in zip(shares, first, end, known.tolist(), strict=True)
    ]


@lru_cache(maxsize=64)
def _pairs(n_queries: int, open_keys: bytes) -> np.ndarray:
    """[query, distance]: 1 where the key so far back is one that counts, from the furthest ahead on."""
    counts = np.frombuffer(open_keys, dtype=bool)
    pairs = np.zeros((n_queries, n_queries + len(counts) - 1))
    for query, row in enumerate(pairs):
        row[query : query + len(counts)] = counts[::-1]
    pairs.setflags(write=False)
    return pairs
