"""Hidden states that nobody reads any more during a pass, given up while callers still hold them.

What goes into a block stays in the frames and argument tuples of its callers until the block is done, though nothing
reads it once the attention's output has been added to it; so do the normed states that queries, keys and values are
made of, and the latter two when the heads are done. Of a long text each of these is as much memory as anything that the
feed-forward part makes. Where it is so is found out on a few tokens, not from the names of architectures: some add
their input again at the end, read it beside the attention, or go back to the embeddings later.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from jaxtyping import Shaped
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from headatlas.attention.modules import AttentionModule

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge


class SpentState(NamedTuple):
    """Hidden states of a module, by its hook, that are not read after some moment of a pass.

    `BLOCK_INPUT` is what goes into its block, when the feed-forward part begins; `BEFORE_NORM` the same, when the norm
    before that part begins; `ATTENTION_INPUT` what queries, keys and values are made of, when these are there;
    `KEYS_AND_VALUES` are those, when the heads have given their outputs.
    """

    hook: str
    part: str


BLOCK_INPUT, BEFORE_NORM = "block input", "block input before the norm"
ATTENTION_INPUT, KEYS_AND_VALUES = "attention input", "keys and values"

# Given such a state and its tensor when the moment has come.
OnSpent = Callable[[SpentState, Shaped[Tensor, "*_"]], None]


class _Moments:
    """What is called at these moments of a pass, and the inputs that have not reached theirs."""

    def __init__(self, on_spent: OnSpent) -> None:
        self._on_spent = on_spent
        self._given: dict[SpentState, Shaped[Tensor, "*_"]] = {}

    def enter(self, state: SpentState, _: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """A forward hook of what is given the state."""
        hidden = args[0] if args else named.get("hidden_states")
        if isinstance(hidden, Tensor):
            self._given[state] = hidden

    def reached(self, state: SpentState, *_: Any) -> None:
        """Its moment has come."""
        if state in self._given:
            self._on_spent(state, self._given.pop(state))

    def heads_begin(self, hook: str) -> None:
        self.reached(SpentState(hook, ATTENTION_INPUT))

    def heads_done(self, hook: str, *tensors: Shaped[Tensor, "*_"]) -> None:
        for tensor in tensors:
            self._on_spent(SpentState(hook, KEYS_AND_VALUES), tensor)


# Told by the attention function (see `block_attention`) when its module begins and when it is done.
MOMENTS: ContextVar[_Moments | None] = ContextVar("headatlas_moments", default=None)


@contextmanager
def giving_up(
    bridge: TransformerBridge, modules: Sequence[AttentionModule], spent: frozenset[SpentState]
) -> Iterator[None]:
    """Inside, the `spent` states of the modules are let go at their moments.

    The tensor is emptied rather than its memory freed: where another tensor shares the memory nothing is lost, and
    whoever does read the emptied one gets an error of shapes, not other numbers.
    """

    def give_up(state: SpentState, hidden: Shaped[Tensor, "*_"]) -> None:
        if state in spent:
            hidden.set_()  # type: ignore[call-overload]

    with _at_moments(bridge, modules, give_up) if spent else ExitStack():
        yield


@contextmanager
def watching(
    bridge: TransformerBridge, modules: Sequence[AttentionModule]
) -> Iterator[Callable[[], frozenset[SpentState]]]:
    """Inside, reads are watched; yields what says afterwards which states of the modules are spent."""
    reads = _Reads()
    with _at_moments(bridge, modules, reads.add), reads:
        yield reads.spent


@contextmanager
def _at_moments(bridge: TransformerBridge, modules: Sequence[AttentionModule], on_spent: OnSpent) -> Iterator[None]:
    moments = _Moments(on_spent)
    with ExitStack() as hooks:
        hooks.callback(MOMENTS.reset, MOMENTS.set(moments))
        for module in modules:
            attention = functools.reduce(getattr, module.hook.split(".")[:-1], bridge)
            block = functools.reduce(getattr, module.hook.split(".")[:-2], bridge)
            entered = [(attention, SpentState(module.hook, ATTENTION_INPUT))]
            for name, part in (("mlp", BLOCK_INPUT), ("ln2", BEFORE_NORM)):
                component, state = getattr(block, name, None), SpentState(module.hook, part)
                if isinstance(component, nn.Module):
                    entered.append((block, state))
                    reached = functools.partial(moments.reached, state)
                    hooks.callback(component.register_forward_pre_hook(reached).remove)
            for component, state in entered:
                if isinstance(component, nn.Module):
                    enter = functools.partial(moments.enter, state)
                    hooks.callback(component.register_forward_pre_hook(enter, with_kwargs=True).remove)
        yield


class _Reads(TorchDispatchMode):
    """Which hidden states any operation was given after their moment."""

    def __init__(self) -> None:
        super().__init__()
        # They are held, so that nothing else comes to lie where they lie.
        self._held: list[tuple[SpentState, Shaped[Tensor, "*_"]]] = []
        self._states_at: dict[int, set[SpentState]] = {}
        self._read: set[SpentState] = set()

    def add(self, state: SpentState, hidden: Shaped[Tensor, "*_"]) -> None:
        self._held.append((state, hidden))
        self._states_at.setdefault(hidden.untyped_storage().data_ptr(), set()).add(state)

    def spent(self) -> frozenset[SpentState]:
        return frozenset(state for state, _ in self._held) - self._read

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for leaf in tree_leaves((args, kwargs)):
            if isinstance(leaf, Tensor):
                self._read |= self._states_at.get(leaf.untyped_storage().data_ptr(), set())
        return func(*args, **(kwargs or {}))
