"""A model's hooks, looked up once.

A bridge makes its list of hooks anew whenever some are put in place: several times in a pass, for longer than a short
pass takes through one block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge


class HookPoints:
    """The hook points of one model, by name."""

    def __init__(self, bridge: TransformerBridge) -> None:
        self._named: dict[str, Any] = dict(bridge.hook_dict)

    def __contains__(self, name: str) -> bool:
        return name in self._named

    @contextmanager
    def hooked(self, hooks: Iterable[tuple[str, Callable[..., Any]]]) -> Iterator[None]:
        """Inside, these hooks are in place, as `bridge.hooks` has them; others are left alone.

        Raises:
            KeyError: there is no hook of a name.
        """
        added = []
        try:
            for name, hook in hooks:
                point = self._named[name]
                added.append((point, point.add_hook(hook)))
            yield
        finally:
            for point, handle in added:
                handle.hook.remove()
                point.fwd_hooks = [other for other in point.fwd_hooks if other is not handle]
