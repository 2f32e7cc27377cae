"""Passes of a screen: what removals would do to first order, and what single blocks make of them, with gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from headatlas.attention.outputs import by_head
from headatlas.evidence.removing.metrics import readings
from headatlas.evidence.removing.passes import Clean, NotAvailable, PromptBatch, z_hook
from headatlas.evidence.removing.removals import PASS_LOGITS, PASS_TARGETS, PASS_TOKENS, Removals
from headatlas.evidence.removing.screen import carried_to


@dataclass(frozen=True)
class FirstOrder:
    """Effects to first order, summed over the targets of each prompt, and the gradients that they come from.

    `gradients[i]` is with respect to what enters block i (the first's is not needed and is zero); the last of them is
    with respect to what leaves the last block.
    """

    effects: dict[int, Float64[np.ndarray, "prompt head"]]
    gradients: list[Float[Tensor, "batch position d_model"]]


# What is done with the change to a layer's heads: the layer, their outputs and what is added to these.
Seen = Callable[[int, Float[Tensor, "batch position head d_head"], Float[Tensor, "batch position head d_head"]], None]


class _Stop(Exception):
    """The rest of a pass is not needed."""


class ScreenPasses(Removals):
    """Passes through single blocks, with gradients: of activations, those of one block are held at a time."""

    def first_order(
        self,
        batch: PromptBatch,
        clean: Clean,
        means: Mapping[int, Float[Tensor, "head *position d_head"]],
        type_: str,
        seen: Seen | None = None,
    ) -> FirstOrder:
        """The replacement of every head's output by its mean, or by what it is elsewhere, to first order.

        Args:
            batch: the prompts; `clean` is what an undisturbed pass over them has left.
            clean: see there.
            means: what each layer's heads are replaced by: one vector a head, or one at each position of the batch.
            type_: the reading, one that has a gradient.
            seen: is shown each layer's heads, last layer first, and the change to them.

        Raises:
            NotAvailable: the model cannot be run backwards.
        """
        n_blocks = len(self.blocks)
        effects = {}
        with self._gradients():
            gradient = self._of_leaving(batch, clean, type_)
            gradients = [torch.zeros_like(gradient)] * n_blocks + [gradient]
            for layer in reversed(range(n_blocks)):
                entering, z, of_z = self._back_through(batch, clean, layer, gradients[layer + 1])
                if entering is not None:
                    gradients[layer] = entering
                if z is not None and of_z is not None:
                    # Heads last but one: [batch, position, head, d_head], or [head, d_head] for one vector a head.
                    change = means[layer].to(z).movedim(0, -2) - z
                    effects[layer] = (change * of_z).float().sum((1, 3)).double().cpu().numpy()
                    if seen is not None:
                        seen(layer, z, change.expand_as(z))
        return FirstOrder(effects, gradients)

    def carried(
        self,
        batch: PromptBatch,
        clean: Clean,
        layer: int,
        means: Float[Tensor, "head d_head"],
        heads: Sequence[int],
        first_order: FirstOrder,
    ) -> Iterator[tuple[int, Float64[np.ndarray, " prompt"], float]]:
        """Mean ablation of some heads of a layer, carried through a few blocks, then to first order.

        Yields (head, effect on each prompt, moved): `moved` is the mean size of the change to the residual stream
        there, as a share of the stream's.
        """
        end = carried_to(layer, len(self.blocks))
        reference = clean.leaving if end == len(self.blocks) else clean.entering[end]
        real = batch.real.to(self.device)
        size = reference.norm(dim=-1).clamp_min(1e-30)
        for some in _split(heads, max(1, PASS_TOKENS // batch.tokens.numel())):
            left = self._through(batch, clean, layer, end, means, some)
            for head, stream in zip(some, left.split(len(batch.prompts)), strict=True):
                change = (stream - reference).float() * real[..., None]
                effect = (change * first_order.gradients[end]).sum((1, 2)).double().cpu().numpy()
                yield head, effect, float(((change.norm(dim=-1) / size) * real).sum() / real.sum())

    def _through(
        self, batch: PromptBatch, clean: Clean, layer: int, end: int, means: Tensor, heads: Sequence[int]
    ) -> Float[Tensor, "copies_and_batch position d_model"]:
        """What leaves block `end` - 1, a copy of the batch for each head that is replaced by its mean."""
        left: list[Tensor] = []

        def stop(_: Any, args: Any, out: Any) -> None:
            left.append(_stream(out))
            raise _Stop

        hook = self._replacing(batch, layer, means, [[head] for head in heads])
        handle = self.blocks[end - 1].register_forward_hook(stop)
        try:
            real = dict.fromkeys(range(layer, end), batch.real)
            with self._starting_at(layer, clean, len(heads)), self.feed_forward.only_at(real):
                self._run(batch, len(heads), [(z_hook(layer), hook)])
        except _Stop:
            return left[0]
        finally:
            handle.remove()
        raise NotAvailable("its blocks are not run once each, in order, so that a pass cannot stop at one of them")

    def _of_leaving(self, batch: PromptBatch, clean: Clean, type_: str) -> Float[Tensor, "batch position d_model"]:
        """The gradient of the reading, summed over all targets, with respect to what leaves the last block."""
        leaving = clean.leaving.clone()
        total = torch.zeros_like(leaving, dtype=torch.float32)
        at_once = max(1, min(PASS_TARGETS, PASS_LOGITS // (4 * clean.logits.shape[1])))
        for some in _split(range(len(batch.targets)), at_once):
            stream = leaving.detach().requires_grad_()
            rows, queries = batch.rows[some].to(self.device), batch.queries[some].to(self.device)
            handle = self.bridge.unembed.register_forward_pre_hook(
                lambda _, args, at=(rows, queries): (args[0][at][None], *args[1:])
            )
            try:
                with self._handing_on(len(self.blocks), stream):
                    logits = self._logits(batch)
            finally:
                handle.remove()
            reading = readings(logits[0], [batch.targets[target] for target in some], [type_]).sum()
            total += _gradient(reading, [stream])[0].float()
        return total

    def _back_through(
        self, batch: PromptBatch, clean: Clean, layer: int, gradient: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """The gradient with respect to what enters a block, its heads' outputs and the gradient with respect to these.

        The first is None for the first block, the others for one whose heads are not looked at.
        """
        entering = clean.entering[layer].clone().requires_grad_()
        left: list[Tensor] = []
        outputs: list[tuple[Tensor, Tensor]] = []

        def stop(_: Any, args: Any, out: Any) -> None:
            left.append(_stream(out))
            raise _Stop

        def watch(z: Tensor, hook: Any) -> Tensor:
            nothing = torch.zeros_like(z, requires_grad=True)
            outputs.append((z.detach(), nothing))
            return z + nothing

        handle = self.blocks[layer].register_forward_hook(stop)
        hooks: list[tuple[str, Callable[..., Any]]] = [(z_hook(layer), watch)] if layer in self.layers else []
        try:
            with self._handing_on(layer, entering), self.hooks.hooked(hooks):
                self._logits(batch)
        except _Stop:
            pass
        finally:
            handle.remove()
        wanted = ([entering] if layer else []) + [nothing for _, nothing in outputs]
        if not wanted:
            return None, None, None
        parts = list(_gradient(left[0], wanted, gradient.to(left[0])))
        before = parts.pop(0).float() if layer else None
        if not outputs:
            return before, None, None
        n_heads = self.layers[layer]
        return before, by_head(outputs[0][0], n_heads), by_head(parts[0], n_heads)

    @contextmanager
    def _gradients(self) -> Iterator[None]:
        """Inside, gradients are kept, those of activations alone.

        Raises:
            NotAvailable: the model does not run so, or not backwards.
        """
        weights = [weight for weight in self.bridge.parameters() if weight.requires_grad]
        for weight in weights:
            weight.requires_grad_(False)
        try:
            with torch.enable_grad():
                yield
        except (RuntimeError, NotImplementedError) as error:
            raise NotAvailable("it cannot be run backwards, so that no head could be screened") from error
        finally:
            for weight in weights:
                weight.requires_grad_(True)


def _split(numbers: Sequence[int], at_once: int) -> Iterator[list[int]]:
    for start in range(0, len(numbers), at_once):
        yield list(numbers[start : start + at_once])


def _gradient(of: Tensor, wanted: Sequence[Tensor], times: Tensor | None = None) -> tuple[Tensor, ...]:
    return torch.autograd.grad(of, list(wanted), times)


def _stream(out: Any) -> Tensor:
    """The residual stream among what a block returns."""
    stream = out[0] if isinstance(out, tuple) else out
    assert isinstance(stream, Tensor)
    return stream
