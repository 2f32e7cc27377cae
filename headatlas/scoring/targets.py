"""The keys that a pattern looks for in a batch, in the smallest form that there is for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from headatlas.errors import HeadatlasError
from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.sparse_targets import IndexedTargets, SparseTargets, SuffixTargets
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns.definition import Pattern
from headatlas.patterns.lookup import names_plugin
from headatlas.scoring.forms.base import Targets
from headatlas.scoring.forms.gathered import GatheredTargets
from headatlas.scoring.forms.keys import first_allowed
from headatlas.scoring.forms.pairwise import PairwiseTargets
from headatlas.scoring.forms.shared import SharedTargets
from headatlas.scoring.forms.staggered import StaggeredTargets

# Targets of at most this many keys a query, or of this part of all keys, are gathered.
MAX_GATHERED = 20
MAX_GATHERED_PART = 1 / 64


def targets_of(pattern: Pattern, batch: Batch) -> Bool[Tensor, "batch query key"]:
    """A pattern's target keys, kept to the keys that each query may attend to.

    Raises:
        HeadatlasError: the pattern's function did not give a boolean [batch, query, key] tensor.
    """
    return _given_by(pattern, batch) & batch.allowed


def contrast_of(pattern: Pattern, batch: Batch) -> Bool[Tensor, "batch query key"]:
    """The wrong ones beside a pattern's target keys, kept to the keys that each query may attend to.

    Raises:
        HeadatlasError: the pattern has none, or its function did not give a boolean [batch, query, key] tensor.
    """
    return _contrast_given_by(pattern, batch) & batch.allowed


def find_targets(pattern: Pattern, batch: Batch) -> Targets:
    """The same in the form that takes the least memory and time.

    Raises:
        HeadatlasError: the pattern's function did not give a boolean [batch, query, key] tensor.
    """
    return _smallest(_given_by(pattern, batch), batch)


def find_target_keys(pattern: Pattern, batch: Batch) -> Bool[Tensor, "batch key"]:
    """The keys that are a target of any query.

    Raises:
        HeadatlasError: as `find_targets`.
    """
    given = _given_by(pattern, batch)
    dense = given.dense() if isinstance(given, SparseTargets) else given
    return (dense & batch.allowed).any(1)


def find_within(pattern: Pattern, batch: Batch, targets: Targets) -> Targets:
    """The keys within which a pattern is read, of the queries that have some of its `targets`, in such a form.

    Raises:
        HeadatlasError: as `find_targets`.
    """
    assert pattern.within is not None
    within = _checked(pattern.within, pattern, batch)
    return _smallest(within & (targets.counts > 0)[:, :, None], batch)


def find_contrast(pattern: Pattern, batch: Batch) -> Targets:
    """The wrong ones beside a pattern's target keys, in such a form.

    Raises:
        HeadatlasError: the pattern has none, or its function did not give a boolean [batch, query, key] tensor.
    """
    return _smallest(_contrast_given_by(pattern, batch), batch)


def _smallest(given: Bool[Tensor, "batch query key"], batch: Batch) -> Targets:
    if isinstance(given, IndexedTargets) and given.keys.shape[2] <= _most_gathered(batch):
        return GatheredTargets(_allowed(given.keys, batch), batch)
    if isinstance(given, SuffixTargets) and isinstance(batch, TokenBatch) and not _is_mixed(batch):
        return _of_suffixes(given, batch)
    dense = given.dense() if isinstance(given, SparseTargets) else given
    return _of_pairs(dense & batch.allowed, batch)


def _given_by(pattern: Pattern, batch: Batch) -> Bool[Tensor, "batch query key"]:
    assert pattern.targets is not None
    return _checked(pattern.targets, pattern, batch)


def _contrast_given_by(pattern: Pattern, batch: Batch) -> Bool[Tensor, "batch query key"]:
    if pattern.contrast is None:
        raise HeadatlasError(f"Pattern '{pattern.name}' ({pattern.defined_in}) has no contrast.")
    return _checked(pattern.contrast, pattern, batch)


def _checked(function: Callable[[Any], Any], pattern: Pattern, batch: Batch) -> Bool[Tensor, "batch query key"]:
    with names_plugin(pattern.name):
        given = function(batch)
    if not isinstance(given, Tensor) or given.dtype != torch.bool or tuple(given.shape) != batch.shape:
        raise HeadatlasError(
            f"Pattern '{pattern.name}' ({pattern.defined_in}) must return a boolean tensor [batch, query, key] "
            f"of shape {batch.shape}."
        )
    return given


def _most_gathered(batch: Batch) -> int:
    return max(MAX_GATHERED, int(batch.shape[2] * MAX_GATHERED_PART))


def _allowed(keys: Int[Tensor, "batch query some"], batch: Batch) -> Int[Tensor, "batch query some"]:
    """Those of the keys that their query may attend to; -1 in place of the others."""
    side = batch if isinstance(batch, TokenBatch) else batch.keys
    ends = torch.tensor(side.lengths)[:, None, None]
    if batch.causal:
        ends = ends.minimum(torch.arange(batch.shape[1])[:, None] + 1)
    if batch.window is not None:
        keys = keys.where((keys - torch.arange(batch.shape[1])[:, None]).abs() <= batch.window, -1)
    if _is_mixed(batch):
        keys = keys.where(batch.allowed.gather(2, keys.clamp(0, batch.shape[2] - 1)), -1)
    return keys.where(batch.real[:, :, None] & (keys < ends), -1)


def _is_mixed(batch: Batch) -> bool:
    """Whether some queries see what lies ahead and others do not."""
    return isinstance(batch, TokenBatch) and batch.two_way is not None


def _of_suffixes(given: SuffixTargets, batch: TokenBatch) -> Targets:
    n_queries, positions = batch.shape[1], batch.positions
    first_query = given.first_query.where(batch.real, n_queries).clamp(max=n_queries)
    allowed_from = first_allowed(batch, len(positions))
    first_query = first_query.maximum(allowed_from)
    if batch.causal:
        first_query = first_query.maximum(positions + given.excludes_self)
    marked = first_query < torch.tensor(batch.lengths)[:, None]
    first_query = first_query.where(marked, n_queries)
    excludes_self = given.excludes_self and not batch.causal
    # Keys that all start with the first query that may attend to them, or the one after, are a class of tokens.
    for later in range(2 if batch.causal else 1):
        if torch.equal(first_query, torch.where(marked, allowed_from + later, n_queries)):
            return SharedTargets(marked, excludes_self or bool(later), batch)
    if excludes_self:
        return _of_pairs(given.dense() & batch.allowed, batch)
    return StaggeredTargets(first_query, batch)


def _of_pairs(targets: Bool[Tensor, "batch query key"], batch: Batch) -> Targets:
    counts = np.count_nonzero(targets.numpy(), axis=-1).ravel()
    if counts.max() <= _most_gathered(batch):
        return GatheredTargets(_listed(targets, counts), batch)
    if _is_mixed(batch):
        return PairwiseTargets(targets, batch)
    marked = targets.any(1)
    everywhere = marked[:, None] & batch.allowed
    if torch.equal(targets, everywhere):
        return SharedTargets(marked, False, batch)
    if isinstance(batch, TokenBatch):
        everywhere.diagonal(0, 1, 2).fill_(False)
        if torch.equal(targets, everywhere):
            return SharedTargets(marked, True, batch)
    return PairwiseTargets(targets, batch)


def _listed(
    targets: Bool[Tensor, "batch query key"], counts: Int[np.ndarray, " batch_query"]
) -> Int[Tensor, "batch query most"]:
    """The targets of each query, of which there are `counts`, in a list."""
    query, key = np.divmod(np.flatnonzero(targets.numpy()), targets.shape[2])
    keys = np.full((len(counts), int(counts.max())), -1)
    keys[query, np.arange(len(query)) - (np.cumsum(counts) - counts)[query]] = key
    return torch.from_numpy(keys).view(*targets.shape[:2], -1)
