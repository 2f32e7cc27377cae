"""A small text-to-image diffusion model trained on the spot: "a red circle left of a blue square" in 16 x 16 pixels.

    python examples/toy_diffusion.py toy-diffusion
    headatlas scan ./toy-diffusion --as toy-diffusion
    headatlas atlas

It has the parts of Stable Diffusion (a UNet with cross-attention, a text encoder, a scheduler) but draws pixels, not
latents, and its text encoder has one layer: enough for a noun to know its adjective. Without it, after 2,800 steps
of 32 pictures, the shapes that were drawn had nothing to do with the nouns. The scenes are those of `scenes`; that
probe's own are kept out of training. A step takes 0.16 s of processor time in one thread.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from headatlas.probes.scenes import COLOURS, RELATIONS, SHAPES, scene

PAD, START, END, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
SIZE, N_TOKENS, WIDTH = 16, 12, 64
STEPS, BATCH, RATE = 4000, 16, 2e-3
THINGS = 4.0  # how much more a pixel of a thing counts than one of the ground, of which there are seven times as many
NO_PROMPT = 0.1  # share of pictures that are learned without their sentence, for guidance


@dataclass(frozen=True)
class Trained:
    """The pipeline, its mean loss over the last hundred steps, and the processor's seconds that training took."""

    pipeline: StableDiffusionPipeline
    loss: float
    seconds: float


def word_tokenizer() -> PreTrainedTokenizerFast:
    """One token a word, a start and an end token, padding after it."""
    words = sorted({word for text in ("a", *COLOURS, *SHAPES, *RELATIONS) for word in text.split()})
    vocabulary = {token: number for number, token in enumerate([PAD, START, END, UNKNOWN, *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, 1), (END, 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, bos_token=START, eos_token=END, unk_token=UNKNOWN,
        model_max_length=N_TOKENS,
    )  # fmt: skip


def untrained(size: int = SIZE, widths: tuple[int, int] = (16, 64)) -> StableDiffusionPipeline:
    """The pipeline before training: attention where the UNet is narrow, with four heads a layer."""
    tokenizer = word_tokenizer()
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=WIDTH, num_hidden_layers=1,
            num_attention_heads=4, max_position_embeddings=N_TOKENS, projection_dim=WIDTH, pad_token_id=0,
            bos_token_id=1, eos_token_id=2,
        )
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=size, in_channels=3, out_channels=3, block_out_channels=widths, layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH, attention_head_dim=4, norm_num_groups=8,
    )  # fmt: skip
    scheduler = DDIMScheduler(beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction")
    return StableDiffusionPipeline(
        vae=None, text_encoder=text_encoder, tokenizer=tokenizer, unet=unet, scheduler=scheduler, safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def batch(random: np.random.Generator, count: int) -> tuple[torch.Tensor, list[str], torch.Tensor]:
    """Pictures [count, 3, height, width] from -1 to 1, their sentences, and where things are [count, height, width]."""
    scenes = [scene(random) for _ in range(count)]
    images, owners = (np.stack(parts) for parts in zip(*(drawn.draw(SIZE, SIZE) for drawn in scenes), strict=True))
    pixels = torch.from_numpy(images).float().movedim(-1, 1) / 127.5 - 1
    return pixels, [drawn.text.text for drawn in scenes], torch.from_numpy(owners >= 0)


def train(steps: int = STEPS, seed: int = 0) -> Trained:
    """Trains the UNet and the words' embeddings to take noise away."""
    started = time.process_time()
    torch.manual_seed(seed)
    random = np.random.default_rng([seed, 1])
    pipeline = untrained()
    unet, text_encoder = pipeline.unet.train(), pipeline.text_encoder.train()
    parameters = [*unet.parameters(), *text_encoder.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    losses: list[float] = []
    for step in range(steps):
        images, sentences, things = batch(random, BATCH)
        sentences = ["" if random.random() < NO_PROMPT else sentence for sentence in sentences]
        ids = pipeline.tokenizer(sentences, padding="max_length", return_tensors="pt").input_ids
        # The larger of two: the sentence matters where there is much noise.
        times = torch.from_numpy(random.integers(0, 1000, (2, BATCH)).max(0))
        noise = torch.from_numpy(random.standard_normal(images.shape, dtype=np.float32))
        noisy = pipeline.scheduler.add_noise(images, noise, times)
        wanted = pipeline.scheduler.get_velocity(images, noise, times)
        weight = (1 + (THINGS - 1) * things)[:, None]
        errors = (unet(noisy, times, text_encoder(ids)[0]).sample - wanted).square()
        loss = (errors * weight).mean() / weight.mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if step % 100 == 99:
            sys.stderr.write(f"step {step + 1} of {steps}: loss {np.mean(losses[-100:]):.4f}\n")
    unet.eval()
    text_encoder.eval()
    return Trained(pipeline, float(np.mean(losses[-100:])), time.process_time() - started)


def main() -> None:
    """Trains the model and saves it as a folder that diffusers reads."""
    torch.use_deterministic_algorithms(True)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "toy-diffusion")
    trained = train()
    trained.pipeline.save_pretrained(folder)
    sys.stdout.write(f"{folder}: loss {trained.loss:.4f}, {trained.seconds:.0f} s of processor time\n")


if __name__ == "__main__":
    main()
