"""How much each head gives: the norm of its own output, measured in the head's few dimensions.

A head adds z W_O to the residual stream, where z is its attention times its values. The norm of that is the norm of
z R^T, where R^T R is the Gram matrix W_O W_O^T [d_head, d_head], so that no vector of d_model is made for any head.
z is read where the output projection reads it, whatever computed the attention and whatever gate came after it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from headatlas.attention.modules import AttentionModule
from headatlas.attention.pieces import MOST_POSITIONS

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

OnNorms = Callable[[AttentionModule, Float[Tensor, "batch head query"]], None]


class NoOutputs(Exception):
    """The outputs of a model's heads cannot be had one by one; the message says why."""


class _EndOfPass(Exception):
    """Raised when the last projection has been read: nothing after it matters."""


@dataclass(frozen=True)
class HeadOutputs:
    """A module's output projection, which reads z, and what makes norms of it: R of each head's W_O (see above)."""

    projection: nn.Module
    factor: Float[Tensor, "head d_head d_head"]

    def norms(self, z: Shaped[Tensor, "batch query *heads"]) -> Float[Tensor, "batch head query"]:
        """||z W_O|| of each head and query; heads lie side by side in `z`, or in a dimension of their own."""
        own = by_head(z, len(self.factor))
        norms = [
            torch.einsum("bqhd,hed->bhqe", some.to(self.factor), self.factor).norm(dim=-1)
            for some in own.split(MOST_POSITIONS, dim=1)
        ]
        return norms[0] if len(norms) == 1 else torch.cat(norms, dim=2)


def by_head(z: Shaped[Tensor, "batch query *heads"], n_heads: int) -> Float[Tensor, "batch query head d_head"]:
    """The outputs of heads, whether they come side by side or not."""
    return z if z.ndim == 4 else z.reshape(*z.shape[:2], n_heads, -1)


def find_outputs(
    bridge: TransformerBridge, modules: Sequence[AttentionModule], forward: Callable[[], Any]
) -> dict[str, HeadOutputs]:
    """What reads the norms of each module's heads, by the module's hook.

    `forward` runs the model on a text of two tokens or more: what the weights say that the heads give together has to
    be what the output projection gives, as far as it differs from token to token (a bias does not).

    Raises:
        NoOutputs: it is not, or there is no projection, or no weight, of the kind that is known here.
    """
    parts = {module: _projection(bridge, module) for module in modules}
    passed: dict[AttentionModule, tuple[Any, Any]] = {}

    def look(module: AttentionModule, _: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        passed.setdefault(module, (args[0] if args else None, output))
        if len(passed) == len(parts):
            raise _EndOfPass

    with torch.inference_mode(), ExitStack() as hooks:
        for module, (projection, _) in parts.items():
            hooks.callback(projection.register_forward_hook(partial(look, module)).remove)
        with suppress(_EndOfPass):
            forward()
    outputs = {}
    for module, (projection, weights) in parts.items():
        _compare(module, weights, *passed.get(module, (None, None)))
        # The Gram matrix by its factor, which keeps the last digits where two directions of a head nearly cancel.
        outputs[module.hook] = HeadOutputs(projection, torch.linalg.qr(weights.transpose(1, 2)).R)
    return outputs


def on_copy(
    outputs: Mapping[str, HeadOutputs], bridge: TransformerBridge, modules: Sequence[AttentionModule]
) -> dict[str, HeadOutputs]:
    """The same in a copy of the model, whose weights are the same and whose modules are its own."""
    return {
        module.hook: replace(outputs[module.hook], projection=_projection(bridge, module)[0])
        for module in modules
        if module.hook in outputs
    }


@contextmanager
def reading_outputs(
    modules: Sequence[AttentionModule],
    outputs: Mapping[str, HeadOutputs],
    on_norms: OnNorms,
    waiting: set[str],
    end: Callable[[Shaped[Tensor, "batch query *heads"]], None],
) -> Iterator[None]:
    """Inside, the norms of each module's heads are handed over the first time its output projection is run.

    The module's name is in `waiting` until then; `end` is called after each, which may raise to end the pass.
    """

    def read(module: AttentionModule, own: HeadOutputs, _: nn.Module, args: tuple[Any, ...]) -> None:
        if module.name in waiting:
            waiting.discard(module.name)
            on_norms(module, own.norms(args[0]))
        end(args[0])

    with ExitStack() as hooks:
        for module in modules if outputs else ():
            own = outputs[module.hook]
            waiting.add(module.name)
            hooks.callback(own.projection.register_forward_pre_hook(partial(read, module, own)).remove)
        yield


def _projection(
    bridge: TransformerBridge, module: AttentionModule
) -> tuple[nn.Module, Float[Tensor, "head d_head d_model"]]:
    """The plain module in which a module's heads are added up, and its weights by head in float32, where they lie.

    Raises:
        NoOutputs: TransformerLens knows of none.
    """
    try:
        attention = functools.reduce(getattr, module.hook.split(".")[:-1], bridge)
        projection, weights = attention.o.original_component, attention.W_O
    except Exception as error:  # what is missing differs from architecture to architecture
        raise NoOutputs(f"TransformerLens knows no output weights of {module.name}") from error
    is_known = isinstance(projection, nn.Module) and isinstance(weights, Tensor)
    if not is_known or weights.ndim != 3 or not weights.is_floating_point():
        raise NoOutputs(f"TransformerLens knows no output weights of {module.name}")
    return projection, weights.detach().float()


def _compare(module: AttentionModule, weights: Float[Tensor, "head d_head d_model"], z: Any, given: Any) -> None:
    """Whether the heads' outputs through their weights are what the projection gives, up to a bias.

    Raises:
        NoOutputs: they are not.
    """
    n_heads, d_head, d_model = weights.shape
    fits = isinstance(z, Tensor) and isinstance(given, Tensor) and z.ndim in (3, 4) and given.ndim == 3
    if not fits or z.shape[2:].numel() != n_heads * d_head or given.shape[2] != d_model:
        raise NoOutputs(f"the output projection of {module.name} reads something else than its heads")
    expected = torch.einsum("bqhd,hdm->bqm", by_head(z, n_heads).float(), weights)
    apart = (expected - expected[:, :1]) - (given - given[:, :1]).float()
    # Sums in the model's own number format, so that the last digits are its own.
    allowed = 1e-4 if given.dtype in (torch.float32, torch.float64) else 0.05
    if not apart.abs().amax() <= allowed * max(1e-6, float(given.abs().amax())):
        raise NoOutputs(f"what the heads of {module.name} give is not what its output weights make of it")
