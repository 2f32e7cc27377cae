"""Which keys each query looks at, without a place for every pair of them.

A boolean tensor [batch, query, key] of a text of 32,768 tokens takes a gigabyte, and making one looks at every pair.
Most patterns need neither: they name a few keys a query, or mark tokens that all queries look at from some query on.
The two classes here are such tensors: they can be combined with masks by `&` and cut by `tril` in the form they have,
and become ordinary tensors in the hands of everything else. They cannot be changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.utils import _pytree as pytree

# What is known of a tensor without its elements.
_OUTSIDE = frozenset(
    [getattr(Tensor, name).__get__ for name in ("shape", "dtype", "ndim", "device", "layout", "requires_grad")]
    + [Tensor.size, Tensor.dim, Tensor.__len__, Tensor.numel, Tensor.is_floating_point]
)
_AND = (Tensor.__and__, Tensor.__rand__, Tensor.bitwise_and, Tensor.logical_and, torch.bitwise_and, torch.logical_and)


class KeySets(Tensor):
    """A boolean tensor [batch, query, key] that is not there pair by pair; see the module's text."""

    @staticmethod
    def __new__(cls, *_: Any, shape: Sequence[int], **__: Any) -> KeySets:
        """A tensor without memory of its own."""
        return Tensor._make_wrapper_subclass(cls, tuple(shape), dtype=torch.bool)

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """`&` and `tril` keep the small form where they can; everything else gets an ordinary tensor."""
        if func in _OUTSIDE:
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **(kwargs or {}))
        if func in _AND and not kwargs:
            one, other = args if isinstance(args[0], KeySets) else args[::-1]
            smaller = one.and_(other)
            if smaller is None and isinstance(other, KeySets):
                smaller = other.and_(one)
            if smaller is not None:
                return smaller
        if func in (Tensor.tril, torch.tril) and isinstance(args[0], KeyLists):
            return args[0].up_to(*args[1:], **(kwargs or {}))
        return cls.__torch_dispatch__(func, types, args, kwargs)

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Callable[..., Any], types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """What a function gives of the ordinary tensors.

        Raises:
            TypeError: the function would change one of them, and nobody would see it.
        """
        name = getattr(func, "__name__", "")
        if name == "__setitem__" or (name.endswith("_") and not name.endswith("__")):
            raise TypeError("Keys in a small form cannot be changed in place; change a .clone() of them.")
        dense = pytree.tree_map_only(KeySets, lambda one: one.dense(), (args, kwargs or {}))
        return func(*dense[0], **dense[1])

    def and_(self, other: Tensor) -> KeySets | None:
        """The pairs that are in both; None where these have no such form."""
        raise NotImplementedError

    def dense(self) -> Bool[Tensor, "batch query key"]:
        """The ordinary tensor."""
        raise NotImplementedError


class KeyLists(KeySets):
    """A few keys a query: `keys` [batch, query, most], -1 where there are fewer."""

    def __init__(self, keys: Int[Tensor, "batch query most"], *, shape: Sequence[int]) -> None:
        self.keys = keys

    @classmethod
    def of_groups(cls, queries: Int[Tensor, "batch query"], keys: Int[Tensor, "batch key"]) -> KeyLists:
        """From each query to the keys with the same number, its own place aside; negative numbers are nobody's."""
        (n_sequences, n_queries), n_keys = queries.shape, keys.shape[1]
        found: list[tuple[int, int, list[int]]] = []
        for row in range(n_sequences):
            members: dict[int, list[int]] = {}
            for place in np.flatnonzero(keys[row].numpy() >= 0).tolist():
                members.setdefault(int(keys[row, place]), []).append(place)
            for place in np.flatnonzero(queries[row].numpy() >= 0).tolist():
                own = members.get(int(queries[row, place]), [])
                found.append((row, place, [one for one in own if one != place]))
        most = max((len(own) for *_, own in found), default=0)
        lists = np.full((n_sequences, n_queries, most), -1)
        for row, place, own in found:
            lists[row, place, : len(own)] = own
        return cls(torch.from_numpy(lists), shape=(n_sequences, n_queries, n_keys))

    def and_(self, other: Tensor) -> KeyLists | None:
        """The same lists without the keys that are not in `other`."""
        queries = torch.arange(self.shape[1])[:, None]
        at = self.keys.clamp(min=0)
        if isinstance(other, KeyLists):
            there = (self.keys[..., None] == other.keys[..., None, :]).any(-1)
        elif isinstance(other, KeysFrom):
            there = other.since.gather(1, at.flatten(1)).view(at.shape) <= queries
            if other.besides_itself:
                there &= at != queries
        elif other.shape[-1] == 1:
            there = other
        elif other.ndim < 2 or other.shape[-2] == 1:
            marked = other.reshape(-1, self.shape[2]).expand(self.shape[0], -1)
            there = marked.gather(1, at.flatten(1)).view(at.shape)
        else:
            there = other.expand(self.shape).gather(2, at)
        return self._kept(there)

    def up_to(self, diagonal: int = 0) -> KeyLists:
        """The keys that are at most so many places behind the query (before it, when negative)."""
        return self._kept(self.keys <= torch.arange(self.shape[1])[:, None] + diagonal)

    def without(self, other: Tensor) -> KeyLists:
        """The same lists without the keys that are in `other`; queries of which `other` has no key have none."""
        if isinstance(other, KeyLists):
            inside = (self.keys[..., None] == other.keys[..., None, :]).any(-1)
            return self._kept(~inside & (other.keys >= 0).any(-1, keepdim=True))
        inside = other.gather(2, self.keys.clamp(min=0))
        return self._kept(~inside & other.any(-1, keepdim=True))

    def _kept(self, there: Tensor) -> KeyLists:
        return KeyLists(self.keys.where(there, -1), shape=self.shape)

    def dense(self) -> Bool[Tensor, "batch query key"]:
        """The ordinary tensor."""
        # One column more than there are keys, for queries with fewer than most.
        found = torch.zeros(*self.shape[:2], self.shape[2] + 1, dtype=torch.bool)
        return found.scatter_(2, self.keys.where(self.keys >= 0, self.shape[2]), True)[:, :, :-1]


class KeysFrom(KeySets):
    """Each key from some query on: `since` [batch, key], the number of queries or more for none.

    With `besides_itself` no query looks at its own place.
    """

    def __init__(self, since: Int[Tensor, "batch key"], *, besides_itself: bool, shape: Sequence[int]) -> None:
        self.since = since
        self.besides_itself = besides_itself

    def and_(self, other: Tensor) -> KeySets | None:
        """Still keys from some query on, if `other` says nothing of single queries."""
        if isinstance(other, KeyLists):
            return None  # it is the other one's to make a list of
        if isinstance(other, KeysFrom):
            since, besides_itself = self.since.maximum(other.since), self.besides_itself or other.besides_itself
        elif other.ndim < 2 or other.shape[-2] == 1:
            marked = other.reshape(-1, other.shape[-1]).expand_as(self.since)
            since, besides_itself = self.since.where(marked, self.shape[1]), self.besides_itself
        else:
            return None
        return KeysFrom(since, besides_itself=besides_itself, shape=self.shape)

    def dense(self) -> Bool[Tensor, "batch query key"]:
        """The ordinary tensor."""
        found = torch.arange(self.shape[1])[:, None] >= self.since[:, None]
        if self.besides_itself:
            found.diagonal(0, 1, 2).fill_(False)
        return found
