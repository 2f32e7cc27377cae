"""How the UNets and transformers of diffusers' pipelines are run on a noisy picture and a prompt, family by family."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.errors import ModelError
from headatlas.inputs.prompts import PromptPart, PromptTokens
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.pipelines import Pipeline


class Denoiser(ABC):
    """One family of models that take noise away. Pictures are latents where the pipeline has an autoencoder.

    Where places and prompt share one softmax, `joint_places` is the number of places, and `text_first` says whether the
    prompt's tokens stand before them; None where there is self- and cross-attention.
    """

    text_first = False
    joint_places: int | None = None
    # What the pipeline is told beside the prompt when it draws.
    draw_options: Mapping[str, Any] = {}

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipe, self.model = pipeline.pipe, pipeline.denoiser
        self.config: Any = self.model.config
        self.device, self.dtype = pipeline.info.device, next(self.model.parameters()).dtype

    @property
    @abstractmethod
    def prompt(self) -> PromptTokens:
        """The tokens of a prompt in the order of the keys."""

    @abstractmethod
    def run(
        self, noisy: Float[Tensor, "batch channel row column"], noise: Float[Tensor, " batch"], prompts: Sequence[str]
    ) -> Float[Tensor, "batch channel row column"]:
        """One pass; `noise` is the share of diffusion's time, from 0 (clean) to 1 (noise). Gives what is predicted."""

    @property
    def sample_size(self) -> int:
        """Rows, and columns, of the latents."""
        size = self.config.sample_size
        if not isinstance(size, int) and len(set(size)) != 1:
            raise ModelError(f"{type(self.pipe).__name__} draws pictures that are not square; those cannot be scanned.")
        return size if isinstance(size, int) else int(size[0])

    @property
    def pixels(self) -> int:
        """Rows, and columns, of the picture itself."""
        vae = getattr(self.pipe, "vae", None)
        return self.sample_size * (1 if vae is None else 2 ** (len(vae.config.block_out_channels) - 1))

    @property
    def n_text(self) -> int:
        """Keys that are tokens of the prompt, padding included."""
        return sum(part.length for part in self.prompt.parts)

    @property
    def channels(self) -> int:
        """Channels of the latents."""
        return int(self.config.in_channels)

    def latents(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch channel row column"]:
        """Pictures (-1 to 1) as the model has them: what the autoencoder makes of them, or themselves."""
        images = images.to(self.device, self.dtype)
        vae = getattr(self.pipe, "vae", None)
        if vae is None:
            return images
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        return (vae.encode(images).latent_dist.mean - shift) * vae.config.scaling_factor

    def mixed(
        self,
        clean: Float[Tensor, "batch channel row column"],
        random: Float[Tensor, "batch channel row column"],
        noise: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channel row column"]:
        """Pictures with noise mixed in as in training: by the schedule's cumulative product (Ho et al. 2020)."""
        kept = self.pipe.scheduler.alphas_cumprod.to(clean)[self.steps(noise)][:, None, None, None]
        return kept.sqrt() * clean + (1 - kept).sqrt() * random

    def steps(self, noise: Float[Tensor, " batch"]) -> Int[Tensor, " batch"]:
        """Training's time steps at some shares of its time."""
        return (noise * (self.pipe.scheduler.config.num_train_timesteps - 1)).round().long()

    def share_of(self, time: float) -> float:
        """The share of diffusion's time that a time step of the pipeline's own is."""
        return time / (self.pipe.scheduler.config.num_train_timesteps - 1)

    def goal(
        self,
        clean: Float[Tensor, "batch channel row column"],
        random: Float[Tensor, "batch channel row column"],
        noise: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channel row column"]:
        """What a pass on a mixture should predict: the noise, the picture, or the velocity between the two
        (Salimans & Ho 2022, arXiv:2202.00512), as the schedule says.
        """
        kind = self.pipe.scheduler.config.prediction_type
        if kind == "epsilon":
            return random
        if kind == "sample":
            return clean
        kept = self.pipe.scheduler.alphas_cumprod.to(clean)[self.steps(noise)][:, None, None, None]
        return kept.sqrt() * random - (1 - kept).sqrt() * clean

    def unpacked(self, packed: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch channel row column"]:
        """Latents as the model gets them, on the picture's own rows and columns."""
        return packed

    def _part(self, tokenizer: Any, length: int, masked: bool = False) -> PromptPart:
        return PromptPart(Vocabulary(tokenizer, len(tokenizer)), length, masked)


class StableDiffusion(Denoiser):
    """UNets with cross-attention to the states of one text encoder (Rombach et al. 2022, arXiv:2112.10752)."""

    @property
    def prompt(self) -> PromptTokens:
        """77 tokens of CLIP in the models of that name; padding is looked at."""
        return PromptTokens([self._part(self.pipe.tokenizer, int(self.pipe.tokenizer.model_max_length))])

    def run(
        self, noisy: Float[Tensor, "batch channel row column"], noise: Float[Tensor, " batch"], prompts: Sequence[str]
    ) -> Float[Tensor, "batch channel row column"]:
        """One pass of the UNet, on the prompts alone: nothing of guidance's unconditional half."""
        states, _ = self.pipe.encode_prompt(list(prompts), self.device, 1, False)
        return self.model(noisy, self.steps(noise).to(self.device), encoder_hidden_states=states).sample


class PixArt(Denoiser):
    """Transformers with self- and cross-attention (Chen et al. 2023, arXiv:2310.00426); padding is masked."""

    N_TOKENS = 120
    draw_options = {"use_resolution_binning": False}  # noqa: RUF012

    @property
    def prompt(self) -> PromptTokens:
        """Tokens of T5, without their padding."""
        return PromptTokens([self._part(self.pipe.tokenizer, self.N_TOKENS, masked=True)])

    def run(
        self, noisy: Float[Tensor, "batch channel row column"], noise: Float[Tensor, " batch"], prompts: Sequence[str]
    ) -> Float[Tensor, "batch channel row column"]:
        """One pass of the transformer."""
        states, mask, *_ = self.pipe.encode_prompt(
            list(prompts), do_classifier_free_guidance=False, device=self.device, max_sequence_length=self.N_TOKENS
        )
        if self.config.sample_size == 128:
            raise ModelError("PixArt of 1024 pixels needs sizes beside its prompt and cannot be scanned yet.")
        predicted = self.model(
            noisy,
            encoder_hidden_states=states,
            encoder_attention_mask=mask,
            timestep=self.steps(noise).to(self.device),
            added_cond_kwargs={"resolution": None, "aspect_ratio": None},
        ).sample
        return predicted[:, : self.channels]  # the rest, where there is any, is a learned variance


class _Flow(Denoiser):
    """Models trained on the straight way from the picture to noise (Lipman et al. 2023, arXiv:2210.02747)."""

    def mixed(
        self,
        clean: Float[Tensor, "batch channel row column"],
        random: Float[Tensor, "batch channel row column"],
        noise: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channel row column"]:
        """So far on that way."""
        share = noise.to(clean)[:, None, None, None]
        return (1 - share) * clean + share * random

    def goal(
        self,
        clean: Float[Tensor, "batch channel row column"],
        random: Float[Tensor, "batch channel row column"],
        noise: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channel row column"]:
        """The direction of that way, which is the same all along."""
        return random - clean

    def share_of(self, time: float) -> float:
        """Time steps run to 1000."""
        return time / 1000


class StableDiffusion3(_Flow):
    """Joint attention of places and prompt (Esser et al. 2024, arXiv:2403.03206): keys are places, CLIP's, T5's."""

    N_TOKENS = 256

    @property
    def joint_places(self) -> int:  # type: ignore[override]
        """Places are squares of latents."""
        return (self.sample_size // int(self.config.patch_size)) ** 2

    @property
    def prompt(self) -> PromptTokens:
        """The tokens of the two CLIP encoders, which share their places, then those of T5."""
        clip = self._part(self.pipe.tokenizer, int(self.pipe.tokenizer.model_max_length))
        if self.pipe.text_encoder_3 is None:  # its keys are zeros, which say nothing
            return PromptTokens([clip, replace(clip, length=self.N_TOKENS, empty=True)])
        return PromptTokens([clip, self._part(self.pipe.tokenizer_3, self.N_TOKENS)])

    def run(
        self, noisy: Float[Tensor, "batch channel row column"], noise: Float[Tensor, " batch"], prompts: Sequence[str]
    ) -> Float[Tensor, "batch channel row column"]:
        """One pass of the transformer."""
        text = list(prompts)
        states, _, pooled, _ = self.pipe.encode_prompt(
            text, text, text, device=self.device, do_classifier_free_guidance=False, max_sequence_length=self.N_TOKENS
        )
        return self.model(
            hidden_states=noisy, timestep=noise.to(noisy) * 1000, encoder_hidden_states=states,
            pooled_projections=pooled,
        ).sample  # fmt: skip


class Flux(_Flow):
    """Joint attention, then single blocks of the same keys: T5's tokens, then places, two by two latents each."""

    N_TOKENS = 512
    MAX_SIZE = 64
    text_first = True

    @property
    def prompt(self) -> PromptTokens:
        """T5's tokens; CLIP's are pooled and have no places."""
        return PromptTokens([self._part(self.pipe.tokenizer_2, self.N_TOKENS)])

    @property
    def sample_size(self) -> int:
        """Rows of the latents, which the transformer's configuration does not say: a picture of 512 pixels at most."""
        return min(int(self.pipe.default_sample_size), self.MAX_SIZE)

    @property
    def channels(self) -> int:
        """Four latents, two by two, are one place."""
        return int(self.config.in_channels) // 4

    @property
    def joint_places(self) -> int:  # type: ignore[override]
        """Places are two by two latents."""
        return (self.sample_size // 2) ** 2

    def run(
        self, noisy: Float[Tensor, "batch channel row column"], noise: Float[Tensor, " batch"], prompts: Sequence[str]
    ) -> Float[Tensor, "batch channel row column"]:
        """One pass of the transformer."""
        text, (n, channels, rows, columns) = list(prompts), noisy.shape
        states, pooled, text_ids = self.pipe.encode_prompt(
            text, text, device=self.device, max_sequence_length=self.N_TOKENS
        )
        guided = self.config.guidance_embeds
        predicted = self.model(
            hidden_states=self.pipe._pack_latents(noisy, n, channels, rows, columns),
            timestep=noise.to(noisy),
            guidance=torch.full([n], 3.5, device=noisy.device, dtype=noisy.dtype) if guided else None,
            pooled_projections=pooled,
            encoder_hidden_states=states,
            txt_ids=text_ids,
            img_ids=self.pipe._prepare_latent_image_ids(n, rows // 2, columns // 2, noisy.device, noisy.dtype),
        ).sample
        return self.unpacked(predicted)

    def unpacked(self, packed: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch channel row column"]:
        """Two by two latents a place, as the transformer has them, on the picture's own rows and columns."""
        side = self.sample_size // 2
        squares = packed.unflatten(2, (self.channels, 2, 2)).unflatten(1, (side, side))
        return squares.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)

    def share_of(self, time: float) -> float:
        """The transformer is given shares."""
        return time


_FAMILIES: dict[str, type[Denoiser]] = {
    "StableDiffusionPipeline": StableDiffusion,
    "PixArtAlphaPipeline": PixArt,
    "StableDiffusion3Pipeline": StableDiffusion3,
    "FluxPipeline": Flux,
}


def denoiser_of(pipeline: Pipeline) -> Denoiser:
    """The family of a pipeline.

    Raises:
        ModelError: it is of none that is known.
    """
    family = _FAMILIES.get(pipeline.info.architecture)
    if family is None:
        raise ModelError(
            f"'{pipeline.info.name}' is a {pipeline.info.architecture}; of diffusers' pipelines headatlas scans "
            f"{', '.join(_FAMILIES)}."
        )
    return family(pipeline)
