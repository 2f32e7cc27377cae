"""Target keys in a sparse form: boolean tensors that take no memory for the pairs of query and key that are no target.

A boolean tensor [batch, query, key] of a text of 32,768 tokens takes a gigabyte, and making one looks at every pair.
Most patterns need neither: they name a few keys a query, or mark keys that every query from some query on looks at.
`IndexedTargets` and `SuffixTargets` are such tensors. `&` with a mask of queries or keys and `tril` keep the sparse
form where that is possible; every other operation gets an ordinary tensor. They cannot be changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int, Int64
from torch import Tensor
from torch.utils import _pytree as pytree

# Attributes and methods that need no elements of the tensor.
_METADATA = frozenset(
    [getattr(Tensor, name).__get__ for name in ("shape", "dtype", "ndim", "device", "layout", "requires_grad")]
    + [Tensor.size, Tensor.dim, Tensor.__len__, Tensor.numel, Tensor.is_floating_point]
)
_AND = (Tensor.__and__, Tensor.__rand__, Tensor.bitwise_and, Tensor.logical_and, torch.bitwise_and, torch.logical_and)


class SparseTargets(Tensor):
    """A boolean tensor [batch, query, key] that is not stored pair by pair; see the module's docstring."""

    @staticmethod
    def __new__(cls, *_: Any, shape: Sequence[int], **__: Any) -> SparseTargets:
        """A tensor without memory of its own."""
        return Tensor._make_wrapper_subclass(cls, tuple(shape), dtype=torch.bool)

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """`&` and `tril` keep the sparse form where they can; every other function gets ordinary tensors."""
        if func in _METADATA:
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **(kwargs or {}))
        if func in _AND and not kwargs:
            sparse, other = args if isinstance(args[0], SparseTargets) else args[::-1]
            both = sparse.intersection(other)
            if both is None and isinstance(other, SparseTargets):
                both = other.intersection(sparse)
            if both is not None:
                return both
        if func in (Tensor.tril, torch.tril) and isinstance(args[0], IndexedTargets):
            return args[0].up_to(*args[1:], **(kwargs or {}))
        return cls.__torch_dispatch__(func, types, args, kwargs)

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Callable[..., Any], types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Calls a function with ordinary tensors in place of the sparse ones.

        Raises:
            TypeError: the function would change one of them in place, and the change would be lost.
        """
        name = getattr(func, "__name__", "")
        if name == "__setitem__" or (name.endswith("_") and not name.endswith("__")):
            raise TypeError("Sparse targets cannot be changed in place; change a .clone() of them.")
        dense_args, dense_kwargs = pytree.tree_map_only(
            SparseTargets, lambda targets: targets.dense(), (args, kwargs or {})
        )
        return func(*dense_args, **dense_kwargs)

    def intersection(self, other: Bool[Tensor, "*shape"]) -> SparseTargets | None:
        """The pairs that are in both, in sparse form; None where they have none."""
        raise NotImplementedError

    def dense(self) -> Bool[Tensor, "batch query key"]:
        """The ordinary tensor."""
        raise NotImplementedError


class IndexedTargets(SparseTargets):
    """A few keys for each query: `keys` [batch, query, most] holds their positions, -1 where there are fewer."""

    def __init__(self, keys: Int[Tensor, "batch query most"], *, shape: Sequence[int]) -> None:
        self.keys = keys

    @classmethod
    def of_groups(cls, queries: Int[Tensor, "batch query"], keys: Int[Tensor, "batch key"]) -> IndexedTargets:
        """From each query to the keys with the same group number, except its own position.

        A negative number means no group.
        """
        (n_sequences, n_queries), n_keys = queries.shape, keys.shape[1]
        if not (queries >= 0).any() or not (keys >= 0).any():  # as of roles that a probe does not have
            return cls(torch.zeros(n_sequences, n_queries, 0, dtype=torch.long), shape=(n_sequences, n_queries, n_keys))
        rows = [_group_members(*pair) for pair in zip(queries.numpy(), keys.numpy(), strict=True)]
        lists = np.full((n_sequences, n_queries, max((row.shape[1] for row in rows), default=0)), -1)
        for row, members in enumerate(rows):
            lists[row, :, : members.shape[1]] = members
        return cls(torch.from_numpy(lists), shape=(n_sequences, n_queries, n_keys))

    def intersection(self, other: Bool[Tensor, "*shape"]) -> IndexedTargets | None:
        """The same keys without those that are not in `other`."""
        queries = torch.arange(self.shape[1])[:, None]
        keys = self.keys.clamp(min=0)
        if isinstance(other, IndexedTargets):
            kept = (self.keys[..., None] == other.keys[..., None, :]).any(-1)
        elif isinstance(other, SuffixTargets):
            kept = other.first_query.gather(1, keys.flatten(1)).view(keys.shape) <= queries
            if other.excludes_self:
                kept &= keys != queries
        elif other.shape[-1] == 1:
            kept = other
        elif other.ndim < 2 or other.shape[-2] == 1:
            marked = other.reshape(-1, self.shape[2]).expand(self.shape[0], -1)
            kept = marked.gather(1, keys.flatten(1)).view(keys.shape)
        else:
            kept = other.expand(self.shape).gather(2, keys)
        return self._where(kept)

    def up_to(self, diagonal: int = 0) -> IndexedTargets:
        """The keys that are at most `diagonal` positions after the query (before it when negative), as `tril`."""
        return self._where(self.keys <= torch.arange(self.shape[1])[:, None] + diagonal)

    def without(self, other: Bool[Tensor, "*shape"]) -> IndexedTargets:
        """The same keys without those that are in `other`; queries for which `other` has no key have none."""
        if isinstance(other, IndexedTargets):
            inside = (self.keys[..., None] == other.keys[..., None, :]).any(-1)
            return self._where(~inside & (other.keys >= 0).any(-1, keepdim=True))
        inside = other.gather(2, self.keys.clamp(min=0))
        return self._where(~inside & other.any(-1, keepdim=True))

    def _where(self, kept: Bool[Tensor, "*shape"]) -> IndexedTargets:
        return IndexedTargets(self.keys.where(kept, -1), shape=self.shape)

    def dense(self) -> Bool[Tensor, "batch query key"]:
        """The ordinary tensor."""
        # One column more than there are keys, for the -1 of queries that have fewer than the most.
        targets = torch.zeros(*self.shape[:2], self.shape[2] + 1, dtype=torch.bool)
        return targets.scatter_(2, self.keys.where(self.keys >= 0, self.shape[2]), True)[:, :, :-1]


class SuffixTargets(SparseTargets):
    """Each key is a target of all queries from `first_query` [batch, key] on; the number of queries or more for none.

    With `excludes_self` no query looks at its own position.
    """

    def __init__(self, first_query: Int[Tensor, "batch key"], *, excludes_self: bool, shape: Sequence[int]) -> None:
        self.first_query = first_query
        self.excludes_self = excludes_self

    def intersection(self, other: Bool[Tensor, "*shape"]) -> SparseTargets | None:
        """Suffixes again if `other` is the same for all queries, or suffixes itself."""
        if isinstance(other, IndexedTargets):
            return None  # `other` makes indexed targets of it
        if isinstance(other, SuffixTargets):
            first_query = self.first_query.maximum(other.first_query)
            excludes_self = self.excludes_self or other.excludes_self
        elif other.ndim < 2 or other.shape[-2] == 1:
            marked = other.reshape(-1, other.shape[-1]).expand_as(self.first_query)
            first_query, excludes_self = self.first_query.where(marked, self.shape[1]), self.excludes_self
        else:
            return None
        return SuffixTargets(first_query, excludes_self=excludes_self, shape=self.shape)

    def dense(self) -> Bool[Tensor, "batch query key"]:
        """The ordinary tensor."""
        targets = torch.arange(self.shape[1])[:, None] >= self.first_query[:, None]
        if self.excludes_self:
            targets.diagonal(0, 1, 2).fill_(False)
        return targets


def _group_members(
    queries: Int64[np.ndarray, " query"], keys: Int64[np.ndarray, " key"]
) -> Int64[np.ndarray, "query most"]:
    """Of each query the positions of the keys of its group in order, but its own; -1 behind the last."""
    if (queries < 0).all() or (keys < 0).all():
        return np.full((len(queries), 0), -1)
    order = np.argsort(keys, kind="stable")
    grouped = keys[order]
    first, end = (np.searchsorted(grouped, queries, side) for side in ("left", "right"))
    count = np.where(queries >= 0, end - first, 0)
    rank = np.arange(count.max(initial=0))
    members = np.where(rank < count[:, None], order[np.minimum(first[:, None] + rank, len(keys) - 1)], -1)
    members[members == np.arange(len(queries))[:, None]] = -1
    members = np.take_along_axis(members, np.argsort(members < 0, axis=1, kind="stable"), 1)
    return members[:, : int((members >= 0).sum(1).max(initial=0))]
