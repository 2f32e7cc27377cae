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
    rest = np.zeros(len(keys), dtype=bool)
    rest[[0, *example.resting]] = True
    if keys is example.tokens and len(example.special) == len(keys):
        rest |= np.array(example.special, dtype=bool)
    return rest


def tokens_most_attended(kept: Iterable[Kept], attention: str, *, causal: bool) -> tuple[list[TokenShare], int]:
    """The tokens that a head prefers, and how many tokens there are in all sequences.

    A token's share is what it gets from the queries that may look at it, over all that these queries do not leave
    where they rest. The first tokens of a text have few others beside them, so that any head looks at them: tokens
    are ordered by how far their share lies above what evenly spread attention would give them. Tokens are left out
    that fewer than `MIN_QUERIES` queries may look at, or of whose queries' attention less than `MIN_SPENT` is awake.
    """
    got, even, spent = defaultdict[str, float](float), defaultdict[str, float](float), defaultdict[str, float](float)
    seen, n_queries = defaultdict[str, int](int), defaultdict[str, int](int)
    n_tokens = 0
    for example, weights in kept:
        keys = example.sides(attention)[1]
        n_tokens += len(keys)
        rest = resting_keys(example, attention)
        awake = weights * ~rest
        of_keys, of_queries = awake.sum(axis=0), awake.sum(axis=1)
        n_keys = np.cumsum(~rest)[: len(weights)] if causal else np.full(len(weights), (~rest).sum())
        # Of a query and all after it.
        spent_from = np.cumsum(of_queries[::-1])[::-1].tolist()
        even_from = np.cumsum((of_queries / np.maximum(n_keys, 1))[::-1])[::-1].tolist()
        got_by = of_keys.tolist()
        for position in np.flatnonzero(~rest).tolist():
            token, first = keys[position], position if causal else 0
            got[token] += got_by[position]
            even[token] += even_from[first]
            spent[token] += spent_from[first]
            n_queries[token] += len(weights) - first
            seen[token] += 1
    usable = [token for token in got if n_queries[token] >= MIN_QUERIES and spent[token] >= MIN_SPENT]
    # Rounded, so that equal ones stay in the order of the tokens whatever the processor adds up first.
    usable.sort(key=lambda token: (-round((got[token] - even[token]) / spent[token], 9), token))
    shares = [
        (token, got[token] / spent[token], even[token] / spent[token])
        for token in usable[:TOP_K_TOKENS]
        if got[token] > even[token]
    ]
    most = max((share for _, share, _ in shares), default=1.0)
    return [
        TokenShare(token=visible(token), share=share, even=even, times=seen[token], width=f"{100 * share / most:.0f}")
        for token, share, even in shares
    ], n_tokens


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


@lru_cache(maxsize=64)
def _offsets(n_queries: int, n_keys: int, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """How far back keys lie, plus `reach`, of all pairs of a query and a key no further apart; and which those are."""
    back = np.arange(n_queries)[:, None] - np.arange(n_keys) + reach
    near = (back >= 0) & (back <= 2 * reach)
    return back[near], near


def _curve(kept: Sequence[Kept], attention: str) -> Distances | None:
    """The curve of one probe; None where too few queries count, or all their attention rests."""
    reach = min(max(max(weights.shape) for _, weights in kept) - 1, MAX_DISTANCE)
    got, spent, n_queries = np.zeros((3, 2 * reach + 1))
    for example, weights in kept:
        open_keys = ~resting_keys(example, attention)
        awake = weights * open_keys
        of_queries = awake.sum(axis=1)
        # Every pair of a query and a key that counts, by how far back the key is.
        back, near = _offsets(*weights.shape, reach)
        of_pairs = np.where(open_keys, of_queries[:, None], 0)
        counted = np.broadcast_to(open_keys, weights.shape)
        got += np.bincount(back, awake[near], minlength=len(got))
        spent += np.bincount(back, of_pairs[near], minlength=len(got))
        n_queries += np.bincount(back, counted[near], minlength=len(got))
    usable = np.flatnonzero((n_queries >= MIN_QUERIES) & (spent > 0))
    if not got.any() or not usable.size:
        return None
    # In causal attention nothing lies ahead.
    ahead = got[:reach].any()
    usable = usable if ahead else usable[usable >= reach]
    shares = got[usable[0] : usable[-1] + 1] / np.maximum(spent[usable[0] : usable[-1] + 1], 1e-9)
    return Distances(int(usable[0]) - reach, tuple(float(share) for share in shares))
