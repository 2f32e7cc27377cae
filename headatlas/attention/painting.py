"""A picture drawn by a pipeline of diffusers as it always draws, and what its denoiser was given at each step."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from headatlas.attention.denoisers import Denoiser
from headatlas.inputs.sequence import Painting

MAX_PIXELS = 256  # rows, and columns, of a picture that is kept, at most


def paint(denoiser: Denoiser, prompt: str, n_steps: int, seed: int) -> Painting:
    """The picture of a prompt, in `n_steps` steps from seeded noise, with the pipeline's own default guidance.

    Of guidance's two halves, what is given to the one with the prompt is kept.
    """
    latents: list[Float[np.ndarray, "channel row column"]] = []
    noise: list[float] = []

    def look(module: nn.Module, args: Any, kwargs: Any) -> None:
        given = args[0] if args else kwargs["hidden_states"]
        time = kwargs["timestep"] if "timestep" in kwargs else args[1]
        latents.append(denoiser.unpacked(given[-1:])[0].float().cpu().numpy())
        noise.append(denoiser.share_of(float(torch.as_tensor(time).flatten()[-1])))

    side = denoiser.sample_size * int(denoiser.pipe.vae_scale_factor)
    hook = denoiser.model.register_forward_pre_hook(look, with_kwargs=True)
    try:
        with torch.inference_mode():
            drawn = denoiser.pipe(
                prompt=prompt,
                num_inference_steps=n_steps,
                generator=torch.Generator().manual_seed(seed),
                output_type="latent",
                height=side,
                width=side,
                **denoiser.draw_options,
            )
            image = _pixels(denoiser, denoiser.unpacked(drawn.images))
    finally:
        hook.remove()
    return Painting(image, latents, noise)


def _pixels(
    denoiser: Denoiser, latents: Float[Tensor, "batch channel row column"]
) -> UInt8[np.ndarray, "height width colour"]:
    """What the autoencoder makes of latents, or they themselves, in bytes."""
    vae = getattr(denoiser.pipe, "vae", None)
    if vae is not None:
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        latents = vae.decode(latents / vae.config.scaling_factor + shift).sample
    side = min(latents.shape[-1], MAX_PIXELS)
    latents = nn.functional.interpolate(latents.float(), (side, side), mode="area")
    return ((latents[0].clamp(-1, 1) + 1) * 127.5).round().byte().movedim(0, -1).cpu().numpy()
