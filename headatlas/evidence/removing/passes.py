"""A clean pass of a model over prompts, and passes that start at a layer, so that earlier blocks are not run again.

Passes without some heads, for which this is done, are in `headatlas.evidence.removing.removals`.

The model's own forward runs, so that masks, rotary tables, soft caps and the shape of outputs are its own business;
only the blocks before the layer hand on what is stored, and the unembedding sees the scored positions alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from headatlas.attention.outputs import by_head
from headatlas.evidence.removing.hook_points import HookPoints
from headatlas.evidence.removing.metrics import readings_in_pieces
from headatlas.inputs.forward_batch import beside_ids
from headatlas.inputs.token_batch import TokenBatch
from headatlas.models.products import fast_layers, in_fast_products
from headatlas.models.products import linear as product
from headatlas.probes.metrics import Prompt, Target

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge


class NotAvailable(Exception):
    """A type of evidence cannot be had from this model; the message says why and is stored with the evidence."""


class PromptBatch:
    """Prompts padded on the right into one batch, with the row and the query of each of their targets."""

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        self.prompts = tuple(prompts)
        tokens = TokenBatch([prompt.sequence for prompt in prompts])
        self.tokens, self.real = tokens.tokens, tokens.real
        self.targets: list[Target] = [target for prompt in prompts for target in prompt.targets]
        #: What goes with the tokens where a picture stands within the text, by name.
        self.beside: dict[str, Shaped[Tensor, "some ..."]] = beside_ids(tokens.sequences, tokens.shape[1])
        if self.beside:
            self.beside["attention_mask"] = tokens.real.long()
        rows = [row for row, prompt in enumerate(prompts) for _ in prompt.targets]
        self.rows: Int[Tensor, " target"] = torch.tensor(rows)
        self.queries: Int[Tensor, " target"] = torch.tensor([target.query for target in self.targets])


@dataclass(frozen=True)
class Clean:
    """What one undisturbed pass leaves: enough to start at any layer, and to see what each head gave.

    `entering[i]` is the residual stream that enters block i, `leaving` what leaves the last one; `z_sums` sums of
    the heads' outputs over real positions; `z` and `mlp` the outputs of heads and feed-forward layers at the targets;
    `readings` what was read off the logits, by types.
    """

    logits: Float[Tensor, "target vocabulary"]
    entering: list[Float[Tensor, "batch position d_model"]]
    leaving: Float[Tensor, "batch position d_model"]
    z_sums: dict[int, Float[Tensor, "head d_head"]]
    z: dict[int, Float[Tensor, "target head d_head"]]
    mlp: dict[int, Float[Tensor, "target d_model"]]
    readings: dict[tuple[str, ...], Float[Tensor, "target type"]] = field(default_factory=dict)


class Passes:
    """Passes of one model with all of its heads: clean ones, and those with hooks, from the first layer or a later one.

    `layers` are the layers whose heads are looked at (hybrids have blocks without any).
    """

    def __init__(self, bridge: TransformerBridge, layers: Sequence[int], n_heads: Sequence[int], device: str) -> None:
        self.bridge = bridge
        self.blocks = list(bridge.blocks)
        self.layers = dict(zip(layers, n_heads, strict=True))
        self.device = device
        self.unembedding = _linear(bridge.unembed)
        # A bias of zeros, which a bridge gives where there is none, would be copied into all logits first.
        own = None if self.unembedding is None else self.unembedding.bias
        self._bias = own if own is None or bool(own.any()) else None
        self._fast_layers = fast_layers(self.blocks)
        self._besides: list[tuple[Any, ...] | None] = []  # what blocks return beside the residual stream
        self.n_logits = 1  # at a position, once a pass has told
        self._as_unembedded = False  # whether logits are what the unembedding gives, as far as is known
        self.hooks = HookPoints(bridge)
        missing = [layer for layer in layers if z_hook(layer) not in self.hooks]
        if missing:
            raise NotAvailable(f"layer {missing[0]} has no hook for the heads' outputs (hook_z)")

    def on(self, bridge: TransformerBridge) -> Self:
        """The same of a copy of the model, after an undisturbed pass of this one."""
        made = type(self)(bridge, list(self.layers), list(self.layers.values()), self.device)
        made._besides, made._as_unembedded = self._besides, self._as_unembedded
        made.n_logits = self.n_logits
        return made

    def clean(self, batch: PromptBatch) -> Clean:
        """One pass from the first layer, remembering what later passes start from."""
        real = batch.real.to(self.device)
        rows, queries = batch.rows.to(self.device), batch.queries.to(self.device)
        entering: list[Tensor] = []
        leaving: list[Any] = []
        sums: dict[int, Tensor] = {}
        at_targets: dict[int, Tensor] = {}
        mlp: dict[int, Tensor] = {}

        def keep(layer: int) -> Callable[..., None]:
            def hook(z: Tensor, hook: Any) -> None:
                heads = by_head(z, self.layers[layer]).float()
                sums[layer] = heads[real].sum(0)
                at_targets[layer] = heads[rows, queries]

            return hook

        def keep_mlp(layer: int) -> Callable[..., None]:
            def hook(out: Tensor, hook: Any) -> None:
                mlp[layer] = out[rows, queries].float().cpu()

            return hook

        hooks = [(z_hook(layer), keep(layer)) for layer in self.layers]
        names = {layer: f"blocks.{layer}.mlp.hook_out" for layer in self.layers}
        hooks += [(name, keep_mlp(layer)) for layer, name in names.items() if name in self.hooks]
        handles = [
            block.register_forward_pre_hook(lambda _, args, kwargs: entering.append(hidden_of(args, kwargs)),
                                            with_kwargs=True)
            for block in self.blocks
        ]  # fmt: skip
        handles += [block.register_forward_hook(lambda _, args, out: leaving.append(out)) for block in self.blocks]
        try:
            logits = self._run(batch, 1, hooks)
        finally:
            for handle in handles:
                handle.remove()
        if len(entering) != len(self.blocks) or set(sums) != set(self.layers):
            raise NotAvailable("its blocks are not run once each, in order, so that a pass cannot start at one of them")
        self._besides = [out[1:] if isinstance(out, tuple) else None for out in leaving]
        self.n_logits = logits.shape[1]
        last = leaving[-1][0] if isinstance(leaving[-1], tuple) else leaving[-1]
        self._as_unembedded = self.device == "cpu" and self._hands_on_logits(batch, last)
        return Clean(logits, entering, last, sums, at_targets, mlp)

    def logits(
        self, batch: PromptBatch, hooks: list[tuple[str, Callable[..., Any]]]
    ) -> Float[Tensor, "target vocabulary"]:
        """Logits at the targets with hooks in place."""
        return self._run(batch, 1, hooks)

    def logits_from(
        self, batch: PromptBatch, clean: Clean, layer: int, hooks: list[tuple[str, Callable[..., Any]]]
    ) -> Float[Tensor, "target vocabulary"]:
        """Logits at the targets with hooks in place, in a pass that starts at a layer."""
        with self._starting_at(layer, clean, 1):
            return self._run(batch, 1, hooks)

    def _run(
        self,
        batch: PromptBatch,
        copies: int,
        hooks: list[tuple[str, Callable[..., Any]]],
        wanted: Int[Tensor, " wanted"] | None = None,
        types: Sequence[str] = (),
    ) -> Float[Tensor, "copies_and_targets vocabulary_or_type"]:
        """Logits at the targets of `copies` copies of the batch, one after the other; of the `wanted` tokens or all.

        Where types of readings are named, these in the logits' place, if the model's logits are what its unembedding
        gives.
        """
        size = len(batch.prompts)
        rows = torch.cat([batch.rows + copy * size for copy in range(copies)]).to(self.device)
        queries = batch.queries.repeat(copies).to(self.device)
        handle = self.bridge.unembed.register_forward_pre_hook(
            lambda _, args: (args[0][rows, queries][None], *args[1:])
        )
        unembedding = self._reading(batch.targets * copies, types) if types else self._unembedding(wanted)
        try:
            with torch.inference_mode(), self.hooks.hooked(hooks), unembedding:
                logits = self._logits(batch, copies)
        finally:
            handle.remove()
        if logits.shape[:2] != (1, len(rows)):
            raise NotAvailable("its logits do not come from the positions that are put in")
        return logits[0]

    def _logits(self, batch: PromptBatch, copies: int = 1) -> Tensor:
        """A forward pass over some copies of the batch, one after the other, with what goes with its tokens."""
        tokens = batch.tokens.repeat(copies, 1).to(self.device)
        beside = {name: torch.cat([value] * copies).to(self.device) for name, value in batch.beside.items()}
        with in_fast_products(self._fast_layers):
            logits = self.bridge(tokens, return_type="logits", **beside, **self._options())
        assert isinstance(logits, Tensor)
        return logits

    @property
    def can_choose(self) -> bool:
        """Whether the logits of some tokens can be had without the others'."""
        return self.unembedding is not None

    @contextmanager
    def _unembedding(self, tokens: Int[Tensor, " wanted"] | None) -> Iterator[None]:
        """Inside, the model's unembedding gives the logits of these tokens only, in this order; of all where None."""
        linear = self.unembedding
        if linear is None or (tokens is None and self._bias is linear.bias):
            yield
            return
        weight: Tensor = linear.weight
        bias: Tensor | None = self._bias
        if tokens is not None:
            tokens = tokens.to(weight.device)
            weight, bias = weight[tokens], None if bias is None else bias[tokens]
        with _in_place_of(linear, lambda x: product(x, weight, bias)):
            yield

    def _reading(self, targets: Sequence[Target], types: Sequence[str]) -> AbstractContextManager[None]:
        """Inside, the model's unembedding gives readings of its logits, which are never all there."""
        assert self.unembedding is not None
        weight: Tensor = self.unembedding.weight
        return _in_place_of(
            self.unembedding, lambda x: readings_in_pieces(x[0], weight, self._bias, targets, types)[None]
        )

    def _hands_on_logits(self, batch: PromptBatch, leaving: Tensor) -> bool:
        """Whether the model's logits are what its unembedding gives, whatever that is: no factor, no cap on them."""
        linear = self.unembedding
        if linear is None or linear.weight.dtype != torch.float32:
            return False
        given = torch.linspace(-1e3, 1e3, linear.out_features)
        # At one position: a model may make a copy of what it hands on.
        handle = self.bridge.unembed.register_forward_pre_hook(lambda _, args: (args[0][:1, :1], *args[1:]))
        try:
            with (
                torch.inference_mode(),
                self._handing_on(len(self.blocks), leaving),
                _in_place_of(linear, lambda x: given.expand(*x.shape[:-1], -1)),
            ):
                logits = self._logits(batch)
        finally:
            handle.remove()
        return torch.equal(logits.flatten(), given)

    def _options(self) -> dict[str, Any]:
        # Keys and values of earlier layers are not there to be cached; native models know no such option.
        config = getattr(getattr(self.bridge, "original_model", None), "config", None)
        return {"use_cache": False} if hasattr(config, "use_cache") else {}

    @contextmanager
    def _starting_at(self, layer: int, clean: Clean, copies: int) -> Iterator[None]:
        """Inside, blocks before the layer do nothing and the layer's input is the clean one, `copies` times."""
        stored = clean.entering[layer].repeat(copies, *[1] * (clean.entering[layer].ndim - 1))
        with self._handing_on(layer, stored):
            yield

    @contextmanager
    def _handing_on(self, layer: int, stored: Tensor) -> Iterator[None]:
        """Inside, blocks before the layer (of all, where it is their number) do nothing and the last gives `stored`.

        The layer itself is given it too: some models add features of a picture to what a block gives (Qwen3-VL).
        """
        skipped = self.blocks[:layer]
        entered = self.blocks[layer : layer + 1] if layer else []
        handles = [block.register_forward_pre_hook(_entering(stored), with_kwargs=True) for block in entered]
        for number, block in enumerate(skipped):
            # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
            block.__dict__["forward"] = _pass_on(self._besides[number], stored if number == layer - 1 else None)
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
            for block in skipped:
                del block.__dict__["forward"]


def _linear(unembed: Any) -> nn.Linear | None:
    """The linear layer that an unembedding is, where it is one."""
    inner = getattr(unembed, "original_component", None)
    return inner if type(inner) is nn.Linear else None


@contextmanager
def _in_place_of(linear: nn.Linear, forward: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Inside, a linear layer does this."""
    # In the instance itself, as blocks that are left out.
    linear.__dict__["forward"] = forward
    try:
        yield
    finally:
        del linear.__dict__["forward"]


def z_hook(layer: int) -> str:
    """Name of the hook that the outputs of a layer's heads pass."""
    return f"blocks.{layer}.attn.hook_z"


def _pass_on(besides: tuple[Any, ...] | None, stored: Tensor | None) -> Callable[..., Any]:
    """A block's forward that returns `stored`, or its input, in the shape of what the block itself returned."""

    def forward(*args: Any, **kwargs: Any) -> Any:
        out = hidden_of(args, kwargs) if stored is None else stored
        return out if besides is None else (out, *besides)

    return forward


def _entering(stored: Tensor) -> Callable[..., Any]:
    """A hook that gives a block `stored` as the residual stream."""

    def replace(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return ((stored, *args[1:]), kwargs) if args else (args, kwargs | {"hidden_states": stored})

    return replace


def hidden_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """The residual stream [batch, position, d_model] among the arguments of a block.

    Raises:
        NotAvailable: it is not where blocks have it.
    """
    hidden = args[0] if args else kwargs.get("hidden_states")
    if not isinstance(hidden, Tensor):
        raise NotAvailable("its blocks take their input in a form that is not known here")
    return hidden
