"""Attention of models that draw pictures: from places to the prompt's tokens, and from places to places.

Every call of torch's fused attention within a denoiser's attention module is met on its way: its weights are computed
from the same queries and keys, handed over, and let go; its output stays torch's own, so that nothing in the model is
replaced and any of diffusers' attention processors is read. Scores are made on drawn scenes with noise mixed in as in
training, so that each time step is a pass of its own and memory does not depend on how many there are.

The layers of a UNet see the picture at several resolutions. Their attention is brought to one grid of places: a query's
row is that of the coarser place around it, or the mean over the finer ones within it, and keys share what a coarser
one gets, or sum it. Rows sum to what they summed before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from headatlas.attention.certificate import Certificate, LayerReport, choose_sequences, n_tokens
from headatlas.attention.denoisers import Denoiser, denoiser_of
from headatlas.attention.modules import AttentionModule
from headatlas.attention.receiver import AttentionReceiver
from headatlas.attention.row_check import RowCheck, check_rows
from headatlas.errors import AttentionError, ModelError
from headatlas.inputs.forward_batch import Inputs, signals
from headatlas.inputs.patch_grid import PatchGrid
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.pipelines import Pipeline
from headatlas.probes import ProbeText

PREFIX = "diffusers:"
KINDS = ("cross", "vision")
MAX_GRID = 16  # rows, and columns, of the places on which attention is scored, at most
TOLERANCE = 1e-4  # between what our weights make of the values and what torch's attention does, relative to the values

# Weights that are held at once, before they are brought to the grid.
MAX_WEIGHTS = 2**27
# A module's attention by kind, and how far what it makes of the values is from torch's own output.
Blocks = dict[str, Float[Tensor, "batch head place _"]]
OnBlocks = Callable[[str, Blocks, float], None]


class _Reader(TorchFunctionMode):
    """Hands over the weights of each call of fused attention inside the module `path`, as `cut` cuts them."""

    def __init__(
        self, cut: Callable[[Float[Tensor, "batch head query key"]], Blocks], on_blocks: OnBlocks, compares: bool
    ) -> None:
        super().__init__()
        self.path: str | None = None
        self._cut, self._on_blocks, self._compares = cut, on_blocks, compares

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        if func is nn.functional.scaled_dot_product_attention and self.path is not None:
            given = dict(zip(("query", "key", "value", "attn_mask"), args, strict=False)) | kwargs
            self._read(self.path, output, **given)
        return output

    def _read(
        self,
        path: str,
        output: Float[Tensor, "batch head query d_head"],
        query: Float[Tensor, "batch head query d_head"],
        key: Float[Tensor, "batch head key d_head"],
        value: Float[Tensor, "batch head key d_head"],
        attn_mask: Shaped[Tensor, "_ _ _ key"] | None = None,
        scale: float | None = None,
        **_: Any,
    ) -> None:
        apart, parts = 0.0, []
        mask = None if attn_mask is None else attn_mask.expand(len(query), *attn_mask.shape[1:])
        rows = max(1, MAX_WEIGHTS // (query.shape[1] * query.shape[2] * key.shape[2]))
        for some in (slice(row, row + rows) for row in range(0, len(query), rows)):
            weights = attention_weights(query[some], key[some], None if mask is None else mask[some], scale)
            if self._compares:
                difference = weights.to(value.dtype) @ value[some] - output[some]
                apart = max(apart, float(difference.abs().amax() / value.abs().amax()))
            parts.append(self._cut(weights))
        self._on_blocks(path, {kind: torch.cat([part[kind] for part in parts]) for kind in parts[0]}, apart)


def attention_weights(
    query: Float[Tensor, "batch head query d_head"],
    key: Float[Tensor, "batch head key d_head"],
    mask: Shaped[Tensor, "_ _ _ key"] | None = None,
    scale: float | None = None,
) -> Float[Tensor, "batch head query key"]:
    """The weights of scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762), in float32."""
    scores = query.float() @ key.float().transpose(-1, -2) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf) if mask.dtype is torch.bool else scores + mask
    return scores.softmax(-1)


@contextmanager
def reading(
    model: nn.Module,
    cut: Callable[[Float[Tensor, "batch head query key"]], Blocks],
    on_blocks: OnBlocks,
    *,
    compares: bool = False,
) -> Iterator[None]:
    """While it lasts, the attention of a denoiser's modules is handed over as it is computed.

    `cut` makes blocks of the weights [batch, head, query, key] of some pictures; it is given as many at once as
    memory should hold.
    """
    reader = _Reader(cut, on_blocks, compares)

    def enter(path: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: Any) -> None:
            reader.path = path

        return hook

    def leave(module: nn.Module, args: Any, output: Any) -> None:
        reader.path = None

    with ExitStack() as stack:
        for path, module in model.named_modules():
            if hasattr(module, "to_q") and hasattr(module, "heads"):
                stack.callback(module.register_forward_pre_hook(enter(path)).remove)
                stack.callback(module.register_forward_hook(leave).remove)
        stack.enter_context(reader)
        yield


@cache
def _overlap(to: int, of: int) -> Float[Tensor, "to of"]:
    """Along one side, how much of a cell in `to` cells each cell in `of` covers, in cells of the finer kind."""
    edges = torch.arange(max(to, of) + 1, dtype=torch.float64)
    left, right = (edges[:n] / n for n in (to, of))
    shared = torch.minimum(left[:, None] + 1 / to, right + 1 / of) - torch.maximum(left[:, None], right)
    return shared.clamp(min=0)


def queries_on_grid(side: int, own: int) -> Float[Tensor, "place own_place"]:
    """What turns the rows of `own` by `own` places into those of `side` by `side`: a mean over overlaps."""
    share = _overlap(side, own)
    return _both_sides(share / share.sum(1, keepdim=True))


def keys_on_grid(side: int, own: int) -> Float[Tensor, "own_place place"]:
    """What spreads the weights on `own` by `own` places over `side` by `side`: in proportion to overlaps."""
    share = _overlap(side, own)
    return _both_sides((share / share.sum(0)).T)


def _both_sides(along: Float[Tensor, "to of"]) -> Float[Tensor, "to_places of_places"]:
    return torch.kron(along, along).float()


@dataclass
class _Blocks:
    """A module's attention cut into the kinds that are scored, on one grid of places.

    In joint attention the two kinds are blocks of one softmax, whose rows sum to 1 together.
    """

    denoiser: Denoiser
    side: int

    def of(self, weights: Float[Tensor, "batch head query key"]) -> Blocks:
        """The blocks by kind, from places alone."""
        n_queries, n_keys = weights.shape[2:]
        blocks: Blocks
        if _is_joint(self.denoiser, n_keys):
            n_text = self.denoiser.n_text
            places = slice(n_text, None) if self.denoiser.text_first else slice(0, n_keys - n_text)
            text = slice(0, n_text) if self.denoiser.text_first else slice(n_keys - n_text, None)
            blocks = {"cross": weights[:, :, places, text], "vision": weights[:, :, places, places]}
        else:
            blocks = {"vision" if n_queries == n_keys else "cross": weights}
        return {kind: self._on_grid(kind, block) for kind, block in blocks.items()}

    def _on_grid(
        self, kind: str, block: Float[Tensor, "batch head own_place _"]
    ) -> Float[Tensor, "batch head place _"]:
        own = math.isqrt(block.shape[2])
        if own**2 != block.shape[2]:
            raise AttentionError(f"A layer has {block.shape[2]} places, which are no square picture.")
        if own == self.side:
            return block
        rows = queries_on_grid(self.side, own).to(block.device) @ block
        return rows @ keys_on_grid(self.side, own).to(block.device) if kind == "vision" else rows


def _is_joint(denoiser: Denoiser, n_keys: int) -> bool:
    return denoiser.joint_places is not None and n_keys == denoiser.joint_places + denoiser.n_text


class DrawingModel:
    """The attention of a pipeline of diffusers: an `AttentionSource`.

    `patch_grid` says what scenes to draw for it, `media` and `kinds` what it reads and has.
    """

    kinds = KINDS
    media = ("scenes",)

    def __init__(self, pipeline: Pipeline) -> None:
        self.info = pipeline.info
        self.denoiser = denoiser_of(pipeline)
        self._sizes = self._measure()
        pixels = self.denoiser.pixels
        finest = min(MAX_GRID, max(self._sizes))
        side = next(side for side in range(finest, 0, -1) if pixels % side == 0)
        self._blocks = _Blocks(self.denoiser, side)
        step = pixels // side
        self.patch_grid = PatchGrid("scenes", pixels, pixels, step, (step, step), prompt=self.denoiser.prompt)

    @property
    def device(self) -> str:
        """Where the attention tensors are."""
        return self.info.device

    def certify(self, text: ProbeText) -> Certificate:
        """Finds the modules, and compares what their weights make of the values with what the model computes.

        Raises:
            ModelError: no module of the denoiser has attention that can be read.
            AttentionError: rows are not attention.
        """
        sequences = choose_sequences(text.sequences)
        inputs = Inputs(sequences, dict.fromkeys(KINDS, False))
        checks: dict[AttentionModule, RowCheck] = {}
        heads: dict[AttentionModule, int] = {}
        apart: dict[AttentionModule, float] = {}

        def look(path: str, blocks: Blocks, difference: float) -> None:
            for kind, block in blocks.items():
                module = AttentionModule(kind, sum(other.attention == kind for other in checks), PREFIX + path)
                checks[module], heads[module], apart[module] = RowCheck(), block.shape[1], difference
                check_rows(module, self._fitted(kind, block, inputs), inputs.batch(kind), checks[module])

        self._pass(sequences, look, compares=True)
        if not checks:
            raise ModelError(f"No attention of '{self.info.name}' could be read, so there is nothing to scan.")
        largest = max(apart.values())
        joint = any(check.row_sum_min < 0.99 for check in checks.values())
        note = "Places and prompt share one softmax: what a place leaves for the other block is counted as sink mass."
        return Certificate(
            passed=largest <= TOLERANCE,
            compared_with="what torch's fused attention makes of the same values",
            probe=text.probe.name,
            n_sequences=len(sequences),
            n_tokens=sum(map(n_tokens, sequences)),
            max_difference=largest,
            tolerance=TOLERANCE,
            layers=tuple(
                LayerReport(module, heads[module], False, True, apart[module], check)
                for module, check in sorted(checks.items(), key=lambda item: KINDS.index(item[0].attention))
            ),
            warnings=(note,) if joint else (),
        )

    def run(self, inputs: Inputs, modules: Sequence[AttentionModule], receiver: AttentionReceiver) -> None:
        """One pass over pictures at their own time steps.

        Raises:
            ModelError: value vectors are asked for.
            AttentionError: a module was not met.
        """
        if receiver.wants_values:
            raise ModelError("The values of a model that draws cannot be read; scan it without --value-weighted.")
        waiting = {(module.hook.removeprefix(PREFIX), module.attention): module for module in modules}

        def hand_over(path: str, blocks: Blocks, _: float) -> None:
            for kind, block in blocks.items():
                module = waiting.pop((path, kind), None)
                if module is not None:
                    receiver.receive(module, self._fitted(kind, block, inputs))

        self._pass(inputs.sequences, hand_over)
        if waiting:
            names = ", ".join(module.name for module in waiting.values())
            raise AttentionError(f"The attention of {names} was not computed, so its heads cannot be scored.")

    def _fitted(
        self, kind: str, block: Float[Tensor, "batch head place _"], inputs: Inputs
    ) -> Float[Tensor, "batch head place _"]:
        """Without the keys of masked padding, which no batch has."""
        return block[..., : inputs.batch(kind).shape[2]]

    def _pass(self, sequences: Sequence[TokenSequence], on_blocks: OnBlocks, *, compares: bool = False) -> None:
        drawings = [sequence.drawing for sequence in sequences]
        assert all(drawings), "a model that draws needs scenes"
        noise = torch.tensor([drawing.noise for drawing in drawings if drawing])
        with torch.inference_mode():
            clean = self.denoiser.latents(signals(sequences))
            random = [
                torch.randn(clean.shape[1:], generator=torch.Generator().manual_seed(drawing.seed))
                for drawing in drawings
                if drawing
            ]
            noisy = self.denoiser.mixed(clean, torch.stack(random).to(clean), noise)
            prompts = [drawing.prompt for drawing in drawings if drawing]
            with reading(self.denoiser.model, self._blocks.of, on_blocks, compares=compares):
                self.denoiser.run(noisy, noise, prompts)

    def _measure(self) -> list[int]:
        """Rows of places of every layer, from one pass over nothing."""
        sizes: list[int] = []

        def look(weights: Float[Tensor, "batch head query key"]) -> Blocks:
            n_queries, n_keys = weights.shape[2:]
            joint = _is_joint(self.denoiser, n_keys)
            sizes.append(math.isqrt(n_queries - self.denoiser.n_text if joint else n_queries))
            return {}

        model, size = self.denoiser.model, self.denoiser.sample_size
        empty = torch.zeros(1, self.denoiser.channels, size, size, device=self.device, dtype=self.denoiser.dtype)
        with torch.inference_mode(), reading(model, look, lambda *_: None):
            self.denoiser.run(empty, torch.tensor([0.5]), ["a"])
        if not sizes:
            raise ModelError(f"No attention of '{self.info.name}' could be read, so there is nothing to scan.")
        return sizes
