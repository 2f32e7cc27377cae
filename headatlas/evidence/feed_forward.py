"""Feed-forward layers that run where it counts: not on padding and, in the last block, only where something is read.

Three quarters of a block's work are its feed-forward layer's, which sees one position at a time in nearly every model.
That is tried before it is relied on; a layer that does otherwise runs on every position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from headatlas.attention.pieces import run_on_rows

# Positions of a text on which a layer is tried, and the largest difference, as a share of the largest number, between
# what it gives of the same position.
_TRIED = 6
_SAME = 1e-4


class FeedForward:
    """A model's feed-forward layers, by block, as far as they see one position at a time."""

    def __init__(self, blocks: list[Any]) -> None:
        named = {number: getattr(block, "mlp", None) for number, block in enumerate(blocks)}
        self.layers: dict[int, nn.Module] = {n: mlp for n, mlp in named.items() if isinstance(mlp, nn.Module)}
        self._tried = False

    def on(self, blocks: list[Any]) -> FeedForward:
        """The same of a copy of the model, of which nothing has to be tried again."""
        made = FeedForward(blocks)
        made.layers = {number: mlp for number, mlp in made.layers.items() if number in self.layers}
        made._tried = self._tried
        return made

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Inside, one undisturbed pass has to run; afterwards only layers that see one position at a time are left."""
        seen: dict[int, tuple[Any, Any]] = {}

        def keep(number: int) -> Callable[..., None]:
            def hook(_: nn.Module, args: Any, kwargs: Any, out: Any) -> None:
                seen[number] = ((args, kwargs), out)

            return hook

        first = {_kind(mlp): number for number, mlp in reversed(self.layers.items())}
        handles = [
            self.layers[number].register_forward_hook(keep(number), with_kwargs=True) for number in first.values()
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
        alone = {
            kind
            for kind, number in first.items()
            if number in seen and _one_at_a_time(self.layers[number], *seen[number])
        }
        self.layers = {number: mlp for number, mlp in self.layers.items() if _kind(mlp) in alone}
        self._tried = True

    @contextmanager
    def only_at(self, wanted: Mapping[int, Bool[Tensor, "batch position"]]) -> Iterator[None]:
        """Inside, the layers of these blocks give zeros at positions that are not wanted, at no cost.

        A pass may hold several copies of the batch, one after the other.
        """
        changed = [
            (self.layers[number], positions)
            for number, positions in wanted.items()
            if self._tried and number in self.layers and not positions.all()
        ]
        for mlp, positions in changed:
            # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
            mlp.__dict__["forward"] = _at(mlp.forward, positions)
        try:
            yield
        finally:
            for mlp, _ in changed:
                mlp.__dict__.pop("forward", None)


def _kind(mlp: nn.Module) -> tuple[type, type]:
    """The classes of a layer and of what it wraps."""
    return type(mlp), type(getattr(mlp, "original_component", None))


def _at(forward: Callable[[Tensor], Tensor], positions: Bool[Tensor, "batch position"]) -> Callable[[Tensor], Tensor]:
    def run(
        x: Float[Tensor, "copies_and_batch position d_model"],
    ) -> Float[Tensor, "copies_and_batch position d_model"]:
        rows = torch.nonzero(positions.to(x.device).repeat(len(x) // len(positions), 1).flatten())[:, 0]
        return run_on_rows(forward, rows, x)

    return run


def _one_at_a_time(mlp: nn.Module, given: tuple[tuple[Any, ...], dict[str, Any]], out: Any) -> bool:
    """Whether a layer gives the same of a position when it does not see all others, and takes and gives one tensor."""
    args, kwargs = given
    if len(args) != 1 or kwargs or not isinstance(args[0], Tensor) or not isinstance(out, Tensor):
        return False
    x = args[0]
    if x.ndim != 3 or out.shape != x.shape or x.shape[1] < 2:
        return False
    some = torch.arange(1, min(_TRIED, x.shape[1]), 2, device=x.device)
    with torch.inference_mode():
        alone = mlp(x[:1, some])
    expected = out[:1, some]
    return isinstance(alone, Tensor) and bool(
        (alone - expected).abs().max() <= _SAME * expected.abs().max().clamp_min(1e-30)
    )
