"""Rows of attention as row statistics see them, with and without the first position, each sum computed once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor


class Rows:
    """What a row statistic gets: float32 `attention`, `n_keys` [batch, 1, query], `distance` |query - key| in tokens.

    The methods are sums over keys that several statistics need, [batch, head, query]. Where the scores before the
    softmax are known, all of them finite, no logarithm of a weight has to be taken.
    """

    def __init__(
        self,
        attention: Float[Tensor, "batch head query key"],
        n_keys: Float[Tensor, "batch 1 query"],
        distance_of: Callable[[], Float[Tensor, "query key"]],
        scores: Float[Tensor, "batch head query key"] | None = None,
    ) -> None:
        self.attention = attention
        self.n_keys = n_keys
        self._distance_of = distance_of
        self.scores = scores

    @cached_property
    def distance(self) -> Float[Tensor, "query key"]:
        """How many tokens lie between query and key."""
        return self._distance_of()

    @cached_property
    def on_first(self) -> Float[Tensor, "batch head query"]:
        """Attention to the first position."""
        return self.attention[..., 0]

    @cached_property
    def _others(self) -> Float[Tensor, "batch head query key"]:
        return self.attention[..., 1:]

    @cached_property
    def besides_first(self) -> Float[Tensor, "batch head query"]:
        """Attention to all other positions."""
        return self._others.sum(-1)

    @cached_property
    def _entropy_besides(self) -> Float[Tensor, "batch head query"]:
        if self.scores is not None:  # log A is the score less the same number for the whole row
            less = self.scores.amax(-1) - self.largest().log()
            return less * self.besides_first - torch.linalg.vecdot(self._others, self.scores[..., 1:])
        # In place, since the logarithm of a whole block is the dearest step; log(0) is kept finite, 0 times it is 0.
        return self._others.clamp(min=1e-30).log_().mul_(self._others).sum(-1).neg_()

    @cached_property
    def _distance_besides(self) -> Float[Tensor, "batch head query"]:
        return (self._others * self.distance[:, 1:]).sum(-1)

    @cached_property
    def _largest_besides(self) -> Float[Tensor, "batch head query"]:
        return self._others.amax(-1) if self._others.shape[-1] else torch.zeros_like(self.on_first)

    def entropy(self) -> Float[Tensor, "batch head query"]:
        """Sum of -A log A, in nats."""
        return self._entropy_besides - self.on_first.xlogy(self.on_first)

    def mean_distance(self) -> Float[Tensor, "batch head query"]:
        """Sum of A |q - k|, in tokens."""
        return self._distance_besides + self.on_first * self.distance[:, 0]

    def largest(self) -> Float[Tensor, "batch head query"]:
        """The largest A."""
        return self._largest_besides.maximum(self.on_first)

    def below(self, share: Float[Tensor, "batch 1 query"]) -> Float[Tensor, "batch head query"]:
        """Sum of A or of `share`, whichever is less."""
        return self.attention.minimum(share[..., None]).sum(-1)


class RowsBesidesFirst(Rows):
    """The same rows with the first position taken out and the others scaled to sum to 1.

    `share_of_rest` is what each row is multiplied by for that, 0 for rows that are left out. Except to statistics that
    ask for `attention` itself, the scaled rows are never made.
    """

    def __init__(
        self,
        rows: Rows,
        n_keys: Float[Tensor, "batch 1 query"],
        share_of_rest: Float[Tensor, "batch head query"],
    ) -> None:
        self.rows = rows
        self.n_keys = n_keys
        self._distance_of = lambda: rows.distance
        self.share_of_rest = share_of_rest

    @cached_property
    def attention(self) -> Float[Tensor, "batch head query key"]:  # type: ignore[override]
        """The scaled rows; the first column is 0."""
        scaled = self.rows.attention * self.share_of_rest[..., None]
        scaled[..., 0] = 0
        return scaled

    def entropy(self) -> Float[Tensor, "batch head query"]:
        """Sum of -A log A, in nats."""
        log = self.share_of_rest.clamp(min=1e-30).log()
        return self.share_of_rest * (self.rows._entropy_besides - log * self.rows.besides_first)

    def mean_distance(self) -> Float[Tensor, "batch head query"]:
        """Sum of A |q - k|, in tokens."""
        return self.share_of_rest * self.rows._distance_besides

    def largest(self) -> Float[Tensor, "batch head query"]:
        """The largest A."""
        return self.share_of_rest * self.rows._largest_besides

    def below(self, share: Float[Tensor, "batch 1 query"]) -> Float[Tensor, "batch head query"]:
        """Sum of A or of `share`, whichever is less."""
        level = share / self.share_of_rest.clamp(min=1e-30)
        return self.share_of_rest * self.rows._others.minimum(level[..., None]).sum(-1)
