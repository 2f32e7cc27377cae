"""A small encoder-decoder trained on the spot: toy French to English, where most adjectives change places.

    python examples/toy_translator.py toy-translator
    headatlas scan ./toy-translator --as toy-translator
    headatlas heads toy-translator --pattern coming_gold_alignment

The sentences are those of the probe `french_to_english`; the 64 of the probe itself are kept out of training.
Training takes under two minutes on two cores.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

from headatlas.probes.parallel import Pair, marked, probe_pairs, sentence

PAD, START, END, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
STEPS, BATCH, RATE = 700, 64, 2e-3


@dataclass(frozen=True)
class Trained:
    """The model, its tokenizer, and how well it translates sentences it has not seen."""

    model: BartForConditionalGeneration
    tokenizer: PreTrainedTokenizerFast
    accuracy: float
    seconds: float


def texts(pair: Pair) -> tuple[str, str]:
    """A pair as plain text."""
    return marked(pair.french, "word").text, marked(pair.english, "word").text


def pairs(seed: int, count: int) -> list[tuple[str, str]]:
    """Sentences of the grammar, none of them one of the probe's."""
    of_the_probe = set(map(texts, probe_pairs()))
    random = np.random.default_rng([seed, 1])
    chosen: list[tuple[str, str]] = []
    while len(chosen) < count:
        pair = texts(sentence(random))
        if pair not in of_the_probe:
            chosen.append(pair)
    return chosen


def word_tokenizer(sentences: list[tuple[str, str]]) -> PreTrainedTokenizerFast:
    """One token a word; lower case, the full stop by itself, an end token after each text."""
    words = sorted({word for pair in sentences for text in pair for word in text.lower().replace(".", " .").split()})
    vocabulary = {token: number for number, token in enumerate([PAD, START, END, UNKNOWN, *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, 2)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, unk_token=UNKNOWN)


def train(steps: int = STEPS, seed: int = 0) -> Trained:
    """Trains and tests it."""
    started = time.perf_counter()
    torch.manual_seed(seed)
    training, held_out = pairs(seed, steps * BATCH), pairs(seed + 1, 100)
    tokenizer = word_tokenizer(training)
    config = BartConfig(
        vocab_size=len(tokenizer), d_model=64, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=128, decoder_ffn_dim=128, max_position_embeddings=64, dropout=0.0,
        attention_dropout=0.0, activation_dropout=0.0, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        decoder_start_token_id=1, forced_eos_token_id=None, attn_implementation="eager", init_std=0.1,
    )  # fmt: skip
    model = BartForConditionalGeneration(config)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.15)
    for step in range(steps):
        batch = training[step * BATCH : (step + 1) * BATCH]
        inputs, labels = _encoded(tokenizer, batch)
        loss = model(**inputs, labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    model.eval()
    return Trained(model, tokenizer, _accuracy(model, tokenizer, held_out), time.perf_counter() - started)


def _encoded(
    tokenizer: PreTrainedTokenizerFast, batch: list[tuple[str, str]]
) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    french = tokenizer([text for text, _ in batch], padding=True, return_tensors="pt")
    english = tokenizer([text for _, text in batch], padding=True, return_tensors="pt")
    labels = english.input_ids.masked_fill(english.attention_mask == 0, -100)
    return {"input_ids": french.input_ids, "attention_mask": french.attention_mask}, labels


def _accuracy(model: BartForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, held_out: list) -> float:
    """Share of sentences that greedy decoding translates word for word."""
    inputs, labels = _encoded(tokenizer, held_out)
    with torch.no_grad():
        said = model.generate(**inputs, max_length=labels.shape[1] + 2, num_beams=1, do_sample=False)
    right = 0
    for row, wanted in zip(said, labels, strict=True):
        translated = [int(token) for token in row[1:] if token != 0]
        right += translated == [int(token) for token in wanted if token >= 0]
    return right / len(held_out)


def main() -> None:
    """Trains the model and saves it as a folder."""
    torch.set_num_threads(1)  # the matrices are small; a second thread mostly waits for the first
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "toy-translator")
    trained = train()
    trained.model.save_pretrained(folder)
    trained.tokenizer.save_pretrained(folder)
    sys.stdout.write(
        f"{folder}: {trained.accuracy:.0%} of new sentences translated word for word, {trained.seconds:.0f} s\n"
    )


if __name__ == "__main__":
    main()
