"""Which heads copy while the model writes: the retrieval score as published, with greedy decoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.evidence import needles
from headatlas.evidence.probe_rows import percentiles
from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.store import Row
from headatlas.evidence.types import COPIED
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model
from headatlas.scoring.scores import bootstrap_interval

# Tokens that are written beyond the length of the answer, for a model that begins with other words.
SLACK = 4
# A needle counts where the model says more than this share of its tokens (the authors ask for a ROUGE recall over 0.5).
SAID = 0.5


@dataclass(frozen=True)
class Haystack:
    """Tokens of a text that ends where the answer is due, and where among them the answer's tokens stand."""

    ids: tuple[int, ...]
    needle: range

    @property
    def answer(self) -> tuple[int, ...]:
        """The needle's tokens."""
        return self.ids[self.needle.start : self.needle.stop]


def haystacks(vocabulary: Vocabulary, longest: int) -> list[Haystack]:
    """Each needle at each depth, as a model reads it; those that do not fit into `longest` tokens are left out.

    Raises:
        NotAvailable: there is no tokenizer.
    """
    if vocabulary.tokenizer is None:
        raise NotAvailable("there is no tokenizer, so that no text can be written")
    made = []
    for needle in needles.NEEDLES:
        for depth in needles.DEPTHS:
            before, answer, after = (vocabulary.encode(part) for part in needles.parts(needle, depth))
            start = len(vocabulary.bos) + len(before)
            ids = (*vocabulary.bos, *before, *answer, *after)
            if len(ids) + len(answer) + SLACK <= longest:
                made.append(Haystack(tuple(ids), range(start, start + len(answer))))
    return made


def copied(model: Model, layers: Mapping[int, int], texts: Sequence[Haystack]) -> dict[str, np.ndarray]:
    """Of each text's needle the share of tokens that each head copies, and the share that the model says.

    The model writes greedily. A head copies a token of the needle when the token is written next while it is what the
    head attends to most of all. After Wu et al. 2024, arXiv:2404.15574, whose score is the mean over the texts in which
    the model says most of the needle. Of every head its most-attended position alone is kept.

    Returns:
        `copied` [text, head], heads layer by layer; `said` and `length` [text].

    Raises:
        NotAvailable: the model shows no attention at its hooks.
    """
    bridge = model.bridge
    names = [f"blocks.{layer}.attn.hook_pattern" for layer in layers]
    if missing := [name for name in names if name not in bridge.hook_dict]:
        raise NotAvailable(f"{missing[0]} is not there, so that its attention is not seen while it writes")
    shares, said = [], []
    for text in texts:
        hits = np.zeros((len(text.needle), sum(layers.values())), bool)
        written = set()
        for token, attended in _written(model, names, text):
            inside = (attended >= text.needle.start) & (attended < text.needle.stop)
            for head in np.flatnonzero(inside):
                if text.ids[attended[head]] == token:
                    hits[attended[head] - text.needle.start, head] = True
            written.add(token)
            if written.issuperset(text.answer):  # all of it is said
                break
        shares.append(hits.mean(0))
        said.append(np.mean([token in written for token in text.answer]))
    return {
        "copied": np.array(shares),
        "said": np.array(said),
        "length": np.array([len(text.needle) for text in texts]),
    }


def _written(model: Model, names: Sequence[str], text: Haystack) -> Iterator[tuple[int, Int[np.ndarray, " head"]]]:
    """Each token that the model writes greedily behind a text, with what every head attends to most as it is written.

    Several tokens a pass: the answer is tried as what comes next, and holds as far as the model itself would write it,
    since what comes later changes nothing before it.
    """
    end = getattr(model.tokenizer, "eos_token_id", None)
    ids, tried, left = list(text.ids), list(text.answer), len(text.answer) + SLACK
    while left:
        tried = tried[: left - 1]
        seen: dict[str, Int[Tensor, "head step"]] = {}
        hooks = [(name, _most(name, len(tried) + 1, seen)) for name in names]
        with torch.inference_mode():
            tokens = torch.tensor([[*ids, *tried]], device=model.info.device)
            logits = model.bridge.run_with_hooks(tokens, fwd_hooks=hooks)
        if len(seen) < len(names):
            raise NotAvailable("attention passes some of its hooks only")
        following = logits[0, -len(tried) - 1 :].argmax(-1).tolist()
        attended = torch.cat([seen[name] for name in names]).cpu().numpy()
        for step, token in enumerate(following):
            yield token, attended[:, step]
            ids.append(token)
            left -= 1
            if token == end:
                return
            if step < len(tried) and token != tried[step]:
                break
        # Wherever the model is in the answer, it may go on from there.
        start = text.answer.index(ids[-1]) + 1 if ids[-1] in text.answer else 0
        tried = list(text.answer[start:])


def _most(name: str, n_steps: int, seen: dict[str, Tensor]) -> Callable[..., None]:
    def hook(pattern: Float[Tensor, "batch head query key"], hook: Any) -> None:
        seen[name] = pattern[0, :, -n_steps:].argmax(-1)

    return hook


def rows(arrays: Mapping[str, np.ndarray], heads: Sequence[int], seed: int) -> Iterator[Row]:
    """A row for each head (their numbers in the database, in the order of `copied`); none where there is no score."""
    if "copied" not in arrays:
        return
    counted = arrays["said"] > SAID
    shares = arrays["copied"][counted]
    values = shares.mean(0)
    low, high = bootstrap_interval(shares[:, :, None], np.ones((len(shares), 1), dtype=np.int64), seed)
    n_tokens, intact = int(arrays["length"][counted].sum()), float(arrays["said"].mean())
    for index, rank in enumerate(percentiles(values)):
        yield Row(
            heads[index],
            COPIED,
            None,
            values[index],
            low[index, 0],
            high[index, 0],
            rank,
            intact,
            n_tokens,
            len(shares),
        )
