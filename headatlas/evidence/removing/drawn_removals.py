"""A model that draws with one head taken out: what the head gives is everywhere what it gives on average."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.attention.denoisers import Denoiser
from headatlas.attention.diffusion import PREFIX, DrawingModel, NoisyPictures
from headatlas.attention.fused import HeadOutputs, fused_calls
from headatlas.inputs.sequence import TokenSequence


class WithoutHead:
    """Runs a model on some pictures, with and without a head.

    The mean is over the pictures at the same amount of noise and over their places (of joint attention, over the
    prompt's tokens apart): a head that does no more than tell how much noise there is is not missed.
    """

    def __init__(self, source: DrawingModel, sequences: Sequence[TokenSequence], batch_size: int = 24) -> None:
        self.source = source
        self.denoiser: Denoiser = source.denoiser
        self.batches = [sequences[start : start + batch_size] for start in range(0, len(sequences), batch_size)]
        self._means: dict[tuple[str, float], list[Float[Tensor, "head d_head"]]] = {}

    def errors(
        self, batch: Sequence[TokenSequence], path: str | None = None, head: int = 0
    ) -> tuple[Float[Tensor, "batch place"], Float[Tensor, "batch channel row column"]]:
        """How wrong the prediction is at each place (mean squared error), and the prediction itself.

        `path` is that of the attention module of the head that is taken out; None for the model as it is.
        """
        with torch.inference_mode():
            noisy = self.source.noisy(batch)
            if path is None:
                predicted = self.denoiser.run(noisy.latents, noisy.noise, noisy.prompts)
            else:
                with self._without(path, head, noisy):
                    predicted = self.denoiser.run(noisy.latents, noisy.noise, noisy.prompts)
            assert noisy.clean is not None
            assert noisy.random is not None
            goal = self.denoiser.goal(noisy.clean, noisy.random, noisy.noise)
            return self.at_places((predicted - goal).square()), predicted

    def at_places(self, squares: Float[Tensor, "batch channel row column"]) -> Float[Tensor, "batch place"]:
        """Numbers of each latent as means over channels on the places on which attention is scored."""
        return self.source.on_places(squares.float().mean(1))

    def prepare(self, paths: Collection[str]) -> None:
        """Averages what the heads of some modules give, at each amount of noise, in one pass over all pictures."""
        sums: dict[tuple[str, float], list[Float[Tensor, "head d_head"]]] = {}
        n_pictures: Counter[tuple[str, float]] = Counter()

        def add(path: str, output: HeadOutputs, given: dict[str, Any]) -> HeadOutputs:
            if path in paths:
                groups = self._groups(given)
                for share, row in zip(noise, output.float(), strict=True):
                    means = [row[:, group].mean(1) for group in groups]
                    before = sums.get((path, share), [torch.zeros_like(mean) for mean in means])
                    sums[path, share] = [total + mean for total, mean in zip(before, means, strict=True)]
                    n_pictures[path, share] += 1
            return output

        for batch in self.batches:
            with torch.inference_mode():
                noisy = self.source.noisy(batch)
                noise = noisy.noise.tolist()
                with fused_calls(self.denoiser.model, add):
                    self.denoiser.run(noisy.latents, noisy.noise, noisy.prompts)
        self._means |= {key: [total / n_pictures[key] for total in totals] for key, totals in sums.items()}

    @contextmanager
    def _without(self, path: str, head: int, noisy: NoisyPictures) -> Iterator[None]:
        def change(at: str, output: HeadOutputs, given: dict[str, Any]) -> HeadOutputs:
            if at != path:
                return output
            changed = output.clone()
            for number, group in enumerate(self._groups(given)):
                means = [self._means[path, share][number][head] for share in noisy.noise.tolist()]
                changed[:, head, group] = torch.stack(means)[:, None].to(output)
            return changed

        with fused_calls(self.denoiser.model, change):
            yield

    def _groups(self, given: dict[str, Any]) -> list[slice]:
        """The queries of a call: places, and of joint attention the prompt's tokens."""
        n_queries, n_text = given["query"].shape[2], self.denoiser.n_text
        if self.denoiser.joint_places is None or n_queries != self.denoiser.joint_places + n_text:
            return [slice(None)]
        if self.denoiser.text_first:
            return [slice(n_text, None), slice(0, n_text)]
        return [slice(0, n_queries - n_text), slice(n_queries - n_text, None)]


def path_of(hook: str) -> str:
    """The path of an attention module within the denoiser, from the column `hook` of `layers`."""
    return hook.removeprefix(PREFIX)
