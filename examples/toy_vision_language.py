"""A small vision-language model trained on the spot: it answers questions about two drawn things.

    python examples/toy_vision_language.py toy-vision-language
    headatlas scan ./toy-vision-language --as toy-vision-language --evidence
    headatlas atlas

It is built as LLaVA is: a SigLIP encoder of images, whose 8 x 8 patches stand as tokens before the text, and a causal
Llama. Both learn from random weights, on scenes, sentences and questions like those of the probe `captions`, whose
own scenes are kept out of training. Three things are for speed. The encoder of images first learns alone: each patch
has to tell, through a linear layer that is thrown away afterwards, which thing it shows. Then a picture is read once
for seven texts, of which each sees the picture and itself alone. And the loss of patches goes on beside that of words.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch.nn.functional import cross_entropy
from transformers import (
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    SiglipImageProcessorPil,
    SiglipVisionConfig,
)

from headatlas.probes.scenes import COLOURS, SHAPES, Scene, scene

PAD, START, END, IMAGE = "<pad>", "<s>", "</s>", "<image>"
SIZE, PATCH = 32, 4
N_PATCHES = (SIZE // PATCH) ** 2
LOOKING, STEPS, BATCH, RATE = 500, 1600, 16, 3e-3
KINDS = ("colour", "shape", "place")  # of questions
OPPOSITE = {"left of": "right", "right of": "left", "above": "below", "below": "above"}  # the second thing's side
PATCHES = 0.5  # weight of the loss of patches beside that of words


@dataclass(frozen=True)
class Trained:
    """The model, its processor, the loss of words at each step, and the processor's seconds that training took."""

    model: LlavaForConditionalGeneration
    processor: LlavaProcessor
    losses: list[float]
    seconds: float


def questions(drawn: Scene) -> dict[str, list[tuple[str, str]]]:
    """Questions about a scene and their answers, by what is asked for."""
    things = (drawn.first, drawn.second)
    made: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
    for thing in things:
        made["colour"].append((f"Question: what colour is the {thing.shape}? Answer:", f" {thing.colour}"))
        made["shape"].append((f"Question: what shape is {thing.colour}? Answer:", f" {thing.shape}"))
    for thing, side in zip(things, (drawn.relation.split()[0], OPPOSITE[drawn.relation]), strict=True):
        made["place"].append((f"Question: where is the {thing.shape}? Answer:", f" {side}"))
    return made


def byte_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer that has a token for each word of the scenes; a start token comes first."""
    random = np.random.default_rng(0)
    texts = [text for _ in range(500) for text in ["\n", *_sentences(scene(random))]]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1000, special_tokens=[PAD, START, END, IMAGE], initial_alphabet=sorted(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{START} $A", special_tokens=[(START, 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, bos_token=START, eos_token=END,
        extra_special_tokens={"image_token": IMAGE}, model_max_length=256,
    )  # fmt: skip


def _sentences(drawn: Scene) -> list[str]:
    asked = [question + answer for both in questions(drawn).values() for question, answer in both]
    return [drawn.text.text, *asked]


def untrained() -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:
    """The model before training, and its processor."""
    tokenizer = byte_tokenizer()
    images = SiglipImageProcessorPil(size={"height": SIZE, "width": SIZE})
    processor = LlavaProcessor(
        images, tokenizer, patch_size=PATCH, vision_feature_select_strategy="full", num_additional_image_tokens=0
    )
    config = LlavaConfig(
        vision_config=SiglipVisionConfig(
            hidden_size=64, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4, image_size=SIZE,
            patch_size=PATCH, vision_use_head=False,
        ),
        text_config=LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=3,
            num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=256, initializer_range=0.05,
            pad_token_id=0, bos_token_id=1, eos_token_id=2,
        ),
        image_token_index=tokenizer.convert_tokens_to_ids(IMAGE), vision_feature_select_strategy="full",
        vision_feature_layer=-1, image_seq_length=N_PATCHES,
    )  # fmt: skip
    return LlavaForConditionalGeneration(config), processor


@dataclass(frozen=True)
class Pictures:
    """Drawn scenes as the encoder of images gets them, and what each patch shows."""

    scenes: list[Scene]
    pixels: torch.Tensor  # [picture, 3, height, width], from -1 to 1 as the processor has them
    patches: torch.Tensor  # [picture, patch]: 0 for the ground, else the number of a thing's colour and shape, from 1


@dataclass(frozen=True)
class Texts:
    """Several texts behind each picture, of which every one sees the picture and itself alone."""

    ids: torch.Tensor  # [picture, token]
    places: torch.Tensor  # [picture, token]: positions, which begin anew behind the picture with each text
    allowed: torch.Tensor  # [picture, 1, token, token]
    labels: torch.Tensor  # [picture, token]: the token that is to come next in the same text, -100 for none


def pictures(random: np.random.Generator, count: int) -> Pictures:
    """New scenes."""
    scenes = [scene(random) for _ in range(count)]
    images, owners = zip(*(drawn.draw(SIZE, SIZE) for drawn in scenes), strict=True)
    pixels = torch.from_numpy(np.stack(images)).float().movedim(-1, 1) / 127.5 - 1
    patches = np.stack([_shown(drawn, owner) for drawn, owner in zip(scenes, owners, strict=True)])
    return Pictures(scenes, pixels, torch.from_numpy(patches))


def texts(scenes: list[Scene], tokenizer: PreTrainedTokenizerFast) -> Texts:
    """Behind each scene's picture its sentence and all questions about it, with their answers."""
    rows = []
    before = N_PATCHES + 2  # a start token and a line's end
    for drawn in scenes:
        asked = questions(drawn)
        ids, places, owner, labels = [*_before(tokenizer)], [*range(before)], [-1] * before, [-100] * before
        for number, (question, answer) in enumerate([("", drawn.text.text), *chain(*asked.values())]):
            given, said = _tokens(tokenizer, question), _tokens(tokenizer, answer)
            ids += given + said
            places += range(before, before + len(given) + len(said))
            owner += [number] * (len(given) + len(said))
            # Of a question the answer and its end are learned; of a sentence all that follows its first word.
            labels += [-100] * (len(given) - 1) + [*(said if given else said[1:]), tokenizer.eos_token_id]
        rows.append((ids, places, owner, labels))
    longest = max(len(ids) for ids, *_ in rows)
    ids, places, owner, labels = (
        torch.tensor([[*row[part], *[padding] * (longest - len(row[part]))] for row in rows])
        for part, padding in enumerate((tokenizer.pad_token_id, 0, -2, -100))
    )
    same = (owner[:, :, None] == owner[:, None, :]) | (owner == -1)[:, None, :]
    allowed = same & torch.ones(longest, longest, dtype=torch.bool).tril()
    return Texts(ids, places, allowed[:, None], labels)


@cache
def _before(tokenizer: PreTrainedTokenizerFast) -> tuple[int, ...]:
    """What stands before each text: a start token, the picture's tokens, a line's end."""
    return tuple(tokenizer(IMAGE * N_PATCHES + "\n").input_ids)


@cache
def _tokens(tokenizer: PreTrainedTokenizerFast, text: str) -> tuple[int, ...]:
    return tuple(tokenizer(text, add_special_tokens=False).input_ids)


def _shown(drawn: Scene, owner: np.ndarray) -> np.ndarray:
    """What each patch shows [patch]: 0 for the ground, else the number of a colour and shape."""
    side = SIZE // PATCH
    shown = np.zeros((side, side), dtype=np.int64)
    for number, thing in enumerate((drawn.first, drawn.second)):
        covered = (owner == number).reshape(side, PATCH, side, PATCH).mean((1, 3)) > 0.5
        shown[covered] = 1 + [*COLOURS].index(thing.colour) * len(SHAPES) + SHAPES.index(thing.shape)
    return shown.ravel()


def train(looking: int = LOOKING, steps: int = STEPS, seed: int = 0) -> Trained:
    """Trains the encoder of images for some steps to tell what patches show, then the whole to say what comes next."""
    started = time.process_time()
    torch.manual_seed(seed)
    random = np.random.default_rng([seed, 1])
    model, processor = untrained()
    model.train()
    inner = model.model
    tells = torch.nn.Linear(model.config.text_config.hidden_size, 1 + len(COLOURS) * len(SHAPES))
    seen: list[torch.Tensor] = []
    watching = inner.multi_modal_projector.register_forward_hook(lambda _, args, out: seen.append(out))

    def loss_of_patches(made: Pictures) -> torch.Tensor:
        return cross_entropy(tells(seen.pop()).view(-1, tells.out_features), made.patches.flatten())

    eyes = [*inner.vision_tower.parameters(), *inner.multi_modal_projector.parameters(), *tells.parameters()]
    optimiser, schedule = _optimiser(eyes, looking)
    for step in range(looking):
        made = pictures(random, BATCH)
        inner.get_image_features(made.pixels)
        loss = loss_of_patches(made)
        _step(loss, eyes, optimiser, schedule)
        _report("looking", step, looking, patches=loss)
    both = [*model.parameters(), *tells.parameters()]
    optimiser, schedule = _optimiser(both, steps)
    losses: list[float] = []
    for step in range(steps):
        made = pictures(random, BATCH)
        text = texts(made.scenes, processor.tokenizer)
        logits = model(
            input_ids=text.ids, pixel_values=made.pixels, attention_mask=text.allowed, position_ids=text.places
        ).logits
        said = text.labels >= 0
        words, patches = cross_entropy(logits[said], text.labels[said]), loss_of_patches(made)
        _step(words + PATCHES * patches, both, optimiser, schedule)
        losses.append(words.item())
        _report("speaking", step, steps, words=words, patches=patches)
    watching.remove()
    model.eval()
    return Trained(model, processor, losses, time.process_time() - started)


def _optimiser(parameters: list[torch.nn.Parameter], steps: int) -> tuple[Any, Any]:
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)


def _step(loss: torch.Tensor, parameters: list[torch.nn.Parameter], optimiser: Any, schedule: Any) -> None:
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()
    schedule.step()


def _report(what: str, step: int, steps: int, **values: torch.Tensor) -> None:
    if step % 50 == 49:
        said = ", ".join(f"{name} {value.item():.3f}" for name, value in values.items())
        sys.stderr.write(f"{what}, step {step + 1} of {steps}: {said}\n")


def accuracy(trained: Trained, seed: int = 1, count: int = 200) -> dict[str, float]:
    """The share of questions about scenes of another seed that are answered word for word, by what is asked for."""
    model, processor = trained.model, trained.processor
    random = np.random.default_rng([seed, 2])
    scenes = [scene(random) for _ in range(count)]
    shares = {}
    for kind in KINDS:
        asked = [(drawn, *pair) for drawn in scenes for pair in questions(drawn)[kind]]
        right = 0
        for start in range(0, len(asked), 50):
            some = asked[start : start + 50]
            inputs = processor(
                images=[Image.fromarray(drawn.draw(SIZE, SIZE)[0]) for drawn, _, _ in some],
                text=[f"{IMAGE}\n{question}" for _, question, _ in some],
                return_tensors="pt", padding=True, padding_side="left",
            )  # fmt: skip
            with torch.no_grad():
                said = model.generate(**inputs, max_new_tokens=2, do_sample=False)
            words = processor.tokenizer.batch_decode(said[:, inputs.input_ids.shape[1] :], skip_special_tokens=True)
            right += sum(word == answer for word, (_, _, answer) in zip(words, some, strict=True))
        shares[kind] = right / len(asked)
    return shares


def main() -> None:
    """Trains the model and saves it as a folder."""
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "toy-vision-language")
    trained = train()
    trained.model.save_pretrained(folder)
    trained.processor.save_pretrained(folder)
    answered = ", ".join(f"{share:.1%} of questions for a {kind}" for kind, share in accuracy(trained).items())
    sys.stdout.write(f"{folder}: answered {answered}; {trained.seconds:.0f} s of processor time\n")


if __name__ == "__main__":
    main()
