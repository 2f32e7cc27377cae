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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.attention.certificate import Certificate, LayerReport, choose_sequences, n_tokens
from headatlas.attention.denoisers import Denoiser, denoiser_of
from headatlas.attention.fused import Blocks, OnBlocks, reading
from headatlas.attention.modules import AttentionModule
from headatlas.attention.painting import paint
from headatlas.attention.picture_grid import keys_on_grid, queries_on_grid
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


@dataclass(frozen=True)
class NoisyPictures:
    """What one pass is given: latents with noise in them, the share of diffusion's time of each, and the prompts.

    `clean` and `random` are what they were mixed of; None for pictures on the way of being drawn by the model itself.
    """

    latents: Float[Tensor, "batch channel row column"]
    noise: Float[Tensor, " batch"]
    prompts: list[str]
    clean: Float[Tensor, "batch channel row column"] | None = None
    random: Float[Tensor, "batch channel row column"] | None = None


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
        self.patch_grid = PatchGrid(
            "scenes",
            pixels,
            pixels,
            step,
            (step, step),
            prompt=self.denoiser.prompt,
            draw=partial(paint, self.denoiser),
        )

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

    def noisy(self, sequences: Sequence[TokenSequence]) -> NoisyPictures:
        """The pictures of some sequences with the noise of their time step, which is seeded."""
        drawings = [sequence.drawing for sequence in sequences if sequence.drawing is not None]
        assert len(drawings) == len(sequences), "a model that draws needs scenes"
        noise = torch.tensor([drawing.noise for drawing in drawings])
        prompts = [drawing.prompt for drawing in drawings]
        if drawings[0].step is not None:
            return NoisyPictures(signals(sequences).to(self.device, self.denoiser.dtype), noise, prompts)
        clean = self.denoiser.latents(signals(sequences))
        generators = [torch.Generator().manual_seed(drawing.seed) for drawing in drawings]
        random = torch.stack([torch.randn(clean.shape[1:], generator=generator) for generator in generators]).to(clean)
        return NoisyPictures(self.denoiser.mixed(clean, random, noise), noise, prompts, clean, random)

    def on_places(self, values: Float[Tensor, "batch row column"]) -> Float[Tensor, "batch place"]:
        """Numbers of each latent, as means, on the places on which attention is scored."""
        return values.flatten(1) @ queries_on_grid(self._blocks.side, values.shape[-1]).to(values).T

    def _pass(self, sequences: Sequence[TokenSequence], on_blocks: OnBlocks, *, compares: bool = False) -> None:
        with torch.inference_mode():
            noisy = self.noisy(sequences)
            with reading(self.denoiser.model, self._blocks.of, on_blocks, compares=compares):
                self.denoiser.run(noisy.latents, noisy.noise, noisy.prompts)

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
