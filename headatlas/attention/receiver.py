"""The interface of whatever receives the attention of a forward pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from headatlas.attention.modules import AttentionModule
from headatlas.inputs.block import Block


@runtime_checkable
class AttentionReceiver(Protocol):
    """Receives a pass's attention, module by module: whole, or in the blocks of queries it asks for."""

    @property
    def wants_values(self) -> bool:
        """Whether value vectors are to be given too."""
        ...

    def receive(self, module: AttentionModule, attention: Float[Tensor, "batch head query key"]) -> None:
        """The whole attention of a module."""
        ...

    def receive_values(self, module: AttentionModule, values: Float[Tensor, "batch key group d_head"]) -> None:
        """The values that the module's attention, which comes next, will weigh; heads of a group share them."""
        ...

    @property
    def wants_outputs(self) -> bool:
        """Whether the norms of the heads' outputs are to be given too."""
        ...

    def receive_outputs(self, module: AttentionModule, norms: Float[Tensor, "batch head query"]) -> None:
        """The norms of what each head of a module adds to the residual stream, once its attention has come."""
        ...

    def blocks(self, module: AttentionModule, n_heads: int) -> Iterable[Block]:
        """The blocks in which a module's attention can come instead."""
        ...

    def receive_block(
        self,
        module: AttentionModule,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        values: Float[Tensor, "all_batch group all_key d_head"],
        scores: Float[Tensor, "batch head query key"],
    ) -> None:
        """One of them: float32 rows up to the block's `n_keys`, and all values of the module.

        `scores` are those before the softmax, a large negative number for keys that a query may not attend to.
        """
        ...
