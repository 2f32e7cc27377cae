"""What a head that follows one pattern perfectly gets on another: how far patterns share their targets on a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64
from scipy import sparse

from headatlas.scoring.forms.base import ListedTargets, Targets
from headatlas.scoring.forms.keys import KeyTargets
from headatlas.scoring.forms.pairwise import PairwiseTargets

# Pairs of query and key that are listed at a time, where a pattern has no smaller form than pairs.
PAIRS_AT_ONCE = 2**18


def overlaps(patterns: Sequence[Targets]) -> Float64[np.ndarray, "pattern other"]:
    """Attention on each pattern's targets of a head that follows another perfectly, summed over that other's queries.

    A head that finds no target of its own is taken to rest outside the targets of the first; the last column is a head
    that always rests on the first position.
    """
    sums = np.zeros((len(patterns), len(patterns) + 1))
    if not patterns:
        return sums
    sums[:, -1] = [int(targets.on_first.sum()) for targets in patterns]
    keyed = {i: targets for i, targets in enumerate(patterns) if isinstance(targets, KeyTargets)}
    listed = {i: targets for i, targets in enumerate(patterns) if isinstance(targets, ListedTargets)}
    for i, targets in keyed.items():
        for j, other in keyed.items():
            sums[i, j] = targets.overlap(other)
    if listed:
        n_sequences, n_queries, n_keys = patterns[0].batch.shape
        by_pairs = any(isinstance(targets, PairwiseTargets) for targets in patterns)
        step = max(1, PAIRS_AT_ONCE // (n_sequences * n_keys)) if by_pairs else n_queries
        for start in range(0, n_queries, step):
            _add_listed(sums, listed, keyed, slice(start, min(start + step, n_queries)))
    return sums


def _add_listed(
    sums: Float64[np.ndarray, "pattern other"],
    listed: dict[int, ListedTargets],
    keyed: dict[int, KeyTargets],
    queries: slice,
) -> None:
    """Adds, for some queries, the overlaps of `listed` patterns with each other and with `keyed` ones."""
    members, columns = list(listed.values()), list(listed)
    n_queries, n_keys = members[0].batch.shape[1:]
    pairs: list[Int64[np.ndarray, " pair"]] = [targets.pairs(queries) for targets in members]
    owner = np.repeat(np.arange(len(members)), [len(own) for own in pairs])
    all_pairs = np.concatenate(pairs)
    # Queries are numbered through the whole batch.
    of_query, key = np.divmod(all_pairs, n_keys)
    share = np.concatenate([targets.share[own // n_keys] for targets, own in zip(members, pairs, strict=True)])
    _, column = np.unique(all_pairs, return_inverse=True)
    shape = (len(members), len(all_pairs))
    targets_of = sparse.csr_array((np.ones(len(column)), (owner, column)), shape=shape)
    perfect = sparse.csr_array((share, (owner, column)), shape=shape)
    sums[np.ix_(columns, columns)] += (targets_of @ perfect.T).toarray()
    row, query = np.divmod(of_query, n_queries)
    for other, targets in keyed.items():
        inside = targets.contains(row, query, key)
        sums[columns, other] += np.bincount(owner, inside * targets.share[of_query], len(members))
        sums[other, columns] += np.bincount(owner, inside * share, len(members))
