"""Pieces of work side by side, each on a copy of the model and with a share of the threads.

Two threads within one operation wait for each other at every one of thousands of small operations; two that work on
different layers do not. Copies have the model's weights in common, and modules and hooks of their own.
"""

from __future__ import annotations

import copy
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.models.threads import ThreadShare

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

log = logging.getLogger("headatlas")

Result = TypeVar("Result")
# Each holds passes of its own in memory.
MAX_LANES = 4


class Lanes:
    """Copies of a model that work side by side; the first of them is the model itself.

    There is one lane where there is one thread, on any device but a processor, and where the model cannot be copied.

    Args:
        bridge: the model.
        device: where it is.
        hook: one of its hooks, on which it is tried whether a copy has hooks of its own.
        share: says how many threads there are.

    `stopping` is set when nobody waits any longer for what is being worked on, so that it may be given up.
    """

    def __init__(self, bridge: TransformerBridge, device: str, hook: str, share: ThreadShare | None = None) -> None:
        self.bridge = bridge
        self.hook = hook
        self.share = share
        self.most = min(MAX_LANES, share.most) if share is not None and device == "cpu" else 1
        self.stopping = threading.Event()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @cached_property
    def bridges(self) -> list[TransformerBridge]:
        """The model, and a copy for every lane besides the first."""
        copies = [self.bridge]
        try:
            while len(copies) < self.most:
                copies.append(_copy_of(self.bridge, self.hook))
        except Exception as error:  # whatever somebody's model cannot be copied for
            log.debug("no copy of the model, so that one piece of work is done at a time: %s", error)
        return copies

    def map(self, tasks: Iterable[Callable[[int], Result]]) -> Iterator[Result]:
        """What tasks give, in their order; each is called with the number of its lane.

        Nothing may be done with the model before all that was begun is given, or the iterator closed.
        """
        n = min(torch.get_num_threads(), self.most)
        if n < 2 or len(self.bridges) < 2 or self.share is None:
            for task in tasks:
                yield task(0)
            return
        n = min(n, len(self.bridges))
        free: SimpleQueue[int] = SimpleQueue()
        for number in range(n):
            free.put(number)
        self.stopping.clear()
        begun: deque[Future[Result]] = deque()
        with self.share.split(n):
            try:
                for task in tasks:
                    begun.append(self._threads.submit(partial(_run, task, free, torch.get_num_threads())))
                    if len(begun) > n:
                        yield begun.popleft().result()
                while begun:
                    yield begun.popleft().result()
            finally:
                if begun:
                    self.stopping.set()
                for future in begun:
                    future.cancel()
                for future in begun:
                    if not future.cancelled():
                        future.exception()

    @property
    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.most, thread_name_prefix="lane")
        return self._pool


def _run(task: Callable[[int], Result], free: SimpleQueue[int], n_threads: int) -> Result:
    torch.set_num_threads(n_threads)
    number = free.get()
    try:
        return task(number)
    finally:
        free.put(number)


def _copy_of(bridge: TransformerBridge, name: str) -> TransformerBridge:
    """A copy with the same weights, which does what the model does and has hooks of its own.

    Raises:
        RuntimeError: it does not.
    """
    kept = {id(tensor): tensor for tensor in (*bridge.parameters(), *bridge.buffers())}
    made = copy.deepcopy(bridge, kept)
    tokens = torch.tensor([[0, 1, 2, 3]])
    fired: list[int] = []

    def nothing(z: Float[Tensor, "*shape"], hook: Any) -> Float[Tensor, "*shape"]:
        fired.append(1)
        return torch.zeros_like(z)

    def logits(model: TransformerBridge) -> Float[Tensor, "batch position vocabulary"]:
        given = model(tokens, return_type="logits")
        assert isinstance(given, Tensor)
        return given

    with torch.inference_mode():
        whole = logits(bridge)
        with made.hooks(fwd_hooks=[(name, nothing)]):
            untouched, without = logits(bridge), logits(made)
        same = torch.equal(whole, untouched) and torch.equal(whole, logits(made)) and len(fired) == 1
        with bridge.hooks(fwd_hooks=[(name, nothing)]):
            same = same and torch.equal(without, logits(bridge))
    if not same:
        raise RuntimeError("a copy does something else than the model")
    return made
