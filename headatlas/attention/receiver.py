"""Who receives a pass's attention."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from jaxtyping import Float
from torch import Tensor

from headatlas.attention.modules import AttentionModule
from headatlas.inputs.block import Block

if TYPE_CHECKING:
    pass


class Taker(Protocol):
    """Who takes a pass's attention, module by module: whole, or in the blocks of queries it asks for."""

    @property
    def wants_values(self) -> bool:
        """Whether value vectors are to be given too."""
        ...

    def take(self, module: AttentionModule, attention: Float[Tensor, "batch head query key"]) -> None:
        """The whole attention of a module."""
        ...

    def take_values(self, module: AttentionModule, values: Float[Tensor, "batch key group d_head"]) -> None:
        """The values that its attention, which comes next, will weigh; heads of a group share them."""
        ...

    def blocks(self, module: AttentionModule, n_heads: int) -> Iterable[Block]:
        """The blocks in which a module's attention can come instead."""
        ...

    def add(
        self,
        module: AttentionModule,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        values: Float[Tensor, "batch group key d_head"],
        scores: Float[Tensor, "batch head query key"],
    ) -> None:
        """One of them: float32 rows up to the block's `n_keys`, and all values of the module.

        `scores` are those before the softmax, a large negative number where nothing may be looked at.
        """
        ...
