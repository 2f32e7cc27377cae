"""Hidden states that nobody reads any more during a pass, given up while callers still hold them.

What goes into a block stays in the frames and argument tuples of its callers until the block is done, though nothing
reads it once the attention's output has been added to it. Of a long text that is as much memory as anything that the
feed-forward part makes. Which blocks are so is found out on a few tokens, not from the names of architectures: some
add their input again at the end, or go back to the embeddings later.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from jaxtyping import Shaped
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from headatlas.attention.modules import AttentionModule

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

# Given a module's hook and the hidden states that went into its block, when the feed-forward part begins.
OnFeedForward = Callable[[str, Shaped[Tensor, "*_"]], None]


@contextmanager
def giving_up(bridge: TransformerBridge, modules: Sequence[AttentionModule], spent: frozenset[str]) -> Iterator[None]:
    """Inside, what went into the blocks of the modules whose hooks are `spent` is let go before their last part.

    The tensor is emptied rather than its memory freed: where another tensor shares the memory nothing is lost, and
    whoever does read the emptied one gets an error of shapes, not other numbers.
    """

    def give_up(hook: str, hidden: Shaped[Tensor, "*_"]) -> None:
        if hook in spent:
            hidden.set_()  # type: ignore[call-overload]

    with _at_feed_forward(bridge, modules, give_up) if spent else ExitStack():
        yield


@contextmanager
def watching(bridge: TransformerBridge, modules: Sequence[AttentionModule]) -> Iterator[Callable[[], frozenset[str]]]:
    """Inside, reads are watched; yields what says afterwards of which modules the block's input is spent."""
    reads = _Reads()
    with _at_feed_forward(bridge, modules, reads.add), reads:
        yield reads.spent


@contextmanager
def _at_feed_forward(
    bridge: TransformerBridge, modules: Sequence[AttentionModule], on_feed_forward: OnFeedForward
) -> Iterator[None]:
    given: dict[str, Shaped[Tensor, "batch position d_model"]] = {}

    def enter(hook: str, _: nn.Module, args: tuple[Any, ...]) -> None:
        if args and isinstance(args[0], Tensor):
            given[hook] = args[0]

    def feed_forward(hook: str, _: nn.Module, args: tuple[Any, ...]) -> None:
        if hook in given:
            on_feed_forward(hook, given.pop(hook))

    with ExitStack() as hooks:
        for module in modules:
            block = functools.reduce(getattr, module.hook.split(".")[:-2], bridge)
            part = getattr(block, "mlp", None)
            if isinstance(block, nn.Module) and isinstance(part, nn.Module):
                hooks.callback(block.register_forward_pre_hook(functools.partial(enter, module.hook)).remove)
                hooks.callback(part.register_forward_pre_hook(functools.partial(feed_forward, module.hook)).remove)
        yield


class _Reads(TorchDispatchMode):
    """Which hidden states any operation was given after the feed-forward part behind them began."""

    def __init__(self) -> None:
        super().__init__()
        # They are held, so that nothing else comes to lie where they lie.
        self._held: list[tuple[str, Shaped[Tensor, "batch position d_model"]]] = []
        self._hooks_at: dict[int, set[str]] = {}
        self._read: set[str] = set()

    def add(self, hook: str, hidden: Shaped[Tensor, "batch position d_model"]) -> None:
        self._held.append((hook, hidden))
        self._hooks_at.setdefault(hidden.untyped_storage().data_ptr(), set()).add(hook)

    def spent(self) -> frozenset[str]:
        return frozenset(hook for hook, _ in self._held) - self._read

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for leaf in tree_leaves((args, kwargs)):
            if isinstance(leaf, Tensor):
                self._read |= self._hooks_at.get(leaf.untyped_storage().data_ptr(), set())
        return func(*args, **(kwargs or {}))
