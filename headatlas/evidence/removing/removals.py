"""Passes of a model in which heads are replaced by their means: what is lost without them.

Heads, or sets of them, are removed in copies of one batch, as many as fit into a pass, which starts where the first of
them stands (see `headatlas.evidence.removing.passes`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.attention.outputs import by_head
from headatlas.evidence.removing.feed_forward import FeedForward
from headatlas.evidence.removing.joining import joining
from headatlas.evidence.removing.metrics import among_wanted, readings, reads_all
from headatlas.evidence.removing.passes import Clean, Passes, PromptBatch, z_hook
from headatlas.probes.metrics import Target

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

log = logging.getLogger("headatlas")

Kept = TypeVar("Kept")

# Most tokens in one pass over ablated variants; most scored positions, and most logits (a quarter of a gigabyte), where
# these are kept.
PASS_TOKENS = 2560
# Where heads of several layers share a pass: on a processor more do not make its products faster.
JOINED_TOKENS = 1280
PASS_TARGETS = 768
PASS_LOGITS = 2**26


class Removals(Passes):
    """Passes of one model over one batch of prompts with heads replaced by their means, head by head or set by set."""

    def __init__(self, bridge: TransformerBridge, layers: Sequence[int], n_heads: Sequence[int], device: str) -> None:
        super().__init__(bridge, layers, n_heads, device)
        self.feed_forward = FeedForward(self.blocks)
        self._joins = False  # whether copies of a batch may start at different layers, as far as is known

    def on(self, bridge: TransformerBridge) -> Self:
        """The same of a copy of the model, after an undisturbed pass of this one."""
        made = super().on(bridge)
        made._joins = self._joins
        return made

    def ablated(
        self,
        batch: PromptBatch,
        clean: Clean,
        layer: int,
        means: Float[Tensor, "head *position d_head"],
        chosen: Sequence[int] | None = None,
        wanted: Int[Tensor, " wanted"] | None = None,
    ) -> Iterator[tuple[int, Float[Tensor, "target vocabulary"]]]:
        """Logits at the targets with each head of a layer (or each of the `chosen`) replaced by its mean, in turn.

        `means` may have a vector for each position of the batch instead. Yields (head, logits), the logits of all
        tokens or of the `wanted` ones (see `can_choose`). As many heads as fit share a pass, each with its own copy of
        the batch.
        """
        heads = range(self.layers[layer]) if chosen is None else chosen
        sets = [[(layer, head)] for head in heads]
        yield from zip(heads, self._without(batch, clean, {layer: means}, sets, wanted), strict=True)

    def without(
        self,
        batch: PromptBatch,
        clean: Clean,
        means: Mapping[int, Float[Tensor, "head *position d_head"]],
        sets: Sequence[Sequence[tuple[int, int]]],
        types: Sequence[str],
    ) -> Iterator[Float[Tensor, "target type"]]:
        """Readings at the targets with all heads of a set, as (layer, head), replaced by their means, set by set.

        As many sets as fit share a pass; those that begin at different layers only where the model allows it (see
        `try_joining`), and sets that begin early had better come first.
        """
        wanted, targets = self._wanted(batch, types)
        if wanted is None and self._as_unembedded:
            yield from self._without(batch, clean, means, sets, types=types)
        else:
            for logits in self._without(batch, clean, means, sets, wanted):
                yield readings(logits, targets, types)

    def share_a_pass(self, batch: PromptBatch, types: Sequence[str], n_sets: int, *, one_layer: bool = False) -> bool:
        """Whether so many sets of heads, which begin at different layers or at one, can be removed in one pass."""
        size, n_positions = batch.tokens.shape
        wanted = self._wanted(batch, types)[0]
        most = self._together(batch, wanted, types if wanted is None and self._as_unembedded else ())
        if one_layer or n_sets > most:
            return n_sets <= most
        in_cache = self.device != "cpu" or n_sets * batch.tokens.numel() <= JOINED_TOKENS
        return self._joins and in_cache and n_sets * size != n_positions

    def try_joining(self, batch: PromptBatch, clean: Clean) -> None:
        """Finds out whether copies of the batch may start at different layers of a pass: heads of two layers are tried.

        If so, heads of several layers share a pass, whose matrix products have more rows.
        """
        some = list(self.layers)[-4:]
        if some[0] == some[-1] or 2 * len(batch.tokens) == batch.tokens.shape[1]:
            return
        heads = [(some[0], 0), (some[-1], 0)]
        means = {layer: clean.z_sums[layer] / batch.real.sum() for layer, _ in heads}
        wanted = torch.arange(min(64, clean.logits.shape[1])) if self.can_choose else None

        def logits() -> Tensor:
            return torch.cat(list(self._without(batch, clean, means, [[head] for head in heads], wanted)))

        apart = logits()
        self._joins = True
        try:
            together = logits()
        except Exception as error:  # how this fails differs from architecture to architecture
            log.debug("heads of one layer at a time are removed: %s", error)
            self._joins = False
        else:
            self._joins = torch.allclose(together, apart, rtol=1e-5, atol=1e-4)

    def _without(
        self,
        batch: PromptBatch,
        clean: Clean,
        means: Mapping[int, Float[Tensor, "head *position d_head"]],
        sets: Sequence[Sequence[tuple[int, int]]],
        wanted: Int[Tensor, " wanted"] | None = None,
        types: Sequence[str] = (),
    ) -> Iterator[Float[Tensor, "target vocabulary_or_type"]]:
        """What `_run` gives without each set of heads."""
        size, n_positions = batch.tokens.shape
        for some in _evenly(sets, self._together(batch, wanted, types)):
            first = [min(layer for layer, _ in heads) for heads in some]
            # Of as many rows as positions it could not be told what belongs to which.
            starts = sorted(first) if self._joins and len(some) * size != n_positions else [min(first)] * len(some)
            order = sorted(range(len(some)), key=lambda number: first[number])
            hooks = []
            for layer in sorted({layer for heads in some for layer, _ in heads}):
                n_started = sum(start <= layer for start in starts)
                own = [[head for other, head in some[number] if other == layer] for number in order[:n_started]]
                hooks.append((z_hook(layer), self._replacing(batch, layer, means[layer], own)))
            with (
                self._starting_at(starts[0], clean, len(some)),
                joining(self.blocks, clean.entering, starts),
                self._what_counts(batch),
            ):
                given = self._run(batch, len(some), hooks, wanted, types).split(len(batch.targets))
            yield from (given[order.index(number)] for number in range(len(some)))

    def _replacing(
        self,
        batch: PromptBatch,
        layer: int,
        means: Float[Tensor, "head *position d_head"],
        heads: Sequence[Sequence[int]],
    ) -> Callable[..., Tensor]:
        """A hook that replaces some heads by their means in each copy of the batch."""
        n_heads, size = self.layers[layer], len(batch.prompts)

        def replace(z: Tensor, hook: Any) -> Tensor:
            shape = z.shape
            z = by_head(z, n_heads).clone()
            for copy, own in enumerate(heads):
                for head in own:
                    z[copy * size : (copy + 1) * size, :, head] = means[head].to(z.dtype)
            return z.reshape(shape)

        return replace

    def _what_counts(self, batch: PromptBatch) -> AbstractContextManager[None]:
        """Inside, feed-forward layers do nothing of padding, and the last does nothing but at the targets."""
        scored = torch.zeros_like(batch.real)
        scored[batch.rows, batch.queries] = True
        last = len(self.blocks) - 1
        return self.feed_forward.only_at(dict.fromkeys(range(last), batch.real) | {last: scored})

    def _wanted(
        self, batch: PromptBatch, types: Sequence[str]
    ) -> tuple[Int[Tensor, " wanted"] | None, Sequence[Target]]:
        """The tokens whose logits the readings need, None for all, and the targets as they stand among these."""
        if self.can_choose and not reads_all(batch.targets, types):
            return among_wanted(batch.targets)
        return None, batch.targets

    def _together(self, batch: PromptBatch, wanted: Int[Tensor, " wanted"] | None, types: Sequence[str]) -> int:
        """Copies of a batch that share a pass of which the logits are kept, or readings alone."""
        together = PASS_TOKENS // batch.tokens.numel()
        if not types:
            n_logits = self.n_logits if wanted is None else len(wanted)
            targets = min(PASS_TARGETS, PASS_LOGITS // max(1, n_logits))
            together = min(together, targets // max(1, len(batch.targets)))
        return max(1, together)


def _evenly(sets: Sequence[Kept], together: int) -> Iterator[Sequence[Kept]]:
    """Passes of about the same size, of at most so many: nine of which eight fit go as five and four."""
    n_passes = -(-len(sets) // together)
    for start, end in pairwise(number * len(sets) // n_passes for number in range(n_passes + 1) if n_passes):
        yield sets[start:end]
