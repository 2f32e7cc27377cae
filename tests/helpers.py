"""Small things several tests share."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import Pattern


def sequence(text: str, special: int = 0) -> TokenSequence:
    """A sequence of the words of a text; the same word is the same token. The first `special` words are special.

    `cat[noun0]` is the token "cat" with the role noun in group 0 (several roles are separated by commas), a "⏎" is
    a newline, "S*" a special token, and "·" a space within or before a token.
    """
    words, roles = [], {}
    for place, word in enumerate(text.split()):
        marked = re.fullmatch(r"(.+)\[([a-z_]+\d+(?:,[a-z_]+\d+)*)\]", word)
        words.append((marked[1] if marked else word).replace("⏎", "\n").replace("·", " ").removesuffix("*"))
        for role in marked[2].split(",") if marked else ():
            name, group = re.fullmatch(r"([a-z_]+)(\d+)", role).groups()
            for full in (name, f"{name}:first", f"{name}:last"):
                roles.setdefault(full, {})[place] = int(group)
    ids = [sorted(set(words)).index(word) + 1 for word in words]
    marks = tuple(place < special or word.endswith("*") for place, word in enumerate(text.split()))
    return TokenSequence(tuple(ids), tuple(words), marks, roles)


def picture(text: str) -> TokenSequence:
    """Patches of an image, its rows separated by a slash: "S* a b / c d" is two rows of two after a class token."""
    rows = text.split(" / ")
    one = sequence(" ".join(rows))
    n_patches = sum(not special for special in one.special)
    return replace(one, grid=(len(rows), n_patches // len(rows)))


def pair(text: str) -> TokenSequence:
    """ "le chat S* → S* the cat": what the encoder and what the decoder reads; the same word is the same token."""
    source, target = text.split(" → ")
    both = sequence(f"{source} {target}")
    cut = len(source.split())

    def part(start: int, end: int) -> TokenSequence:
        roles = {
            name: {place - start: group for place, group in places.items() if start <= place < end}
            for name, places in both.roles.items()
        }
        return TokenSequence(both.ids[start:end], both.texts[start:end], both.special[start:end], roles)

    return replace(part(cut, len(both)), source=part(0, cut))


def batch_of(one: Pattern, texts: list[str], causal: bool = True) -> TokenBatch | PairBatch:
    """Texts as the batch that a pattern's kind of attention gets; for a cross pattern a pair of each with itself."""
    if "cross" in one.attention and one.kind == "target":
        return PairBatch([pair(text if " → " in text else f"{text} → S* {text}") for text in texts])
    if "vision" in one.attention and one.kind == "target":
        return TokenBatch([picture(text) for text in texts], causal=False)
    return TokenBatch([sequence(text) for text in texts], causal=causal)


def random_attention(rng: np.random.Generator, lengths: list[int], heads: int, causal: bool = True) -> list[np.ndarray]:
    """Peaked random attention, float32 [head, query, key] for each sequence."""
    found = []
    for n in lengths:
        logits = rng.normal(0, 3, (heads, n, n))
        if causal:
            logits = np.where(np.tril(np.ones((n, n), bool)), logits, -np.inf)
        weights = np.exp(logits - logits.max(-1, keepdims=True))
        found.append((weights / weights.sum(-1, keepdims=True)).astype(np.float32))
    return found


def padded(attentions: list[np.ndarray], size: int) -> torch.Tensor:
    """[batch, head, query, key]; padded queries look at the first key, as real ones do."""
    batch = torch.zeros(len(attentions), attentions[0].shape[0], size, size)
    for row, one in enumerate(attentions):
        n = one.shape[-1]
        batch[row, :, :n, :n] = torch.from_numpy(one)
        batch[row, :, n:, 0] = 1
    return batch


def uniform(batch: TokenBatch | PairBatch) -> torch.Tensor:
    """Attention that is the same for every key a query may see, for one head."""
    allowed = batch.allowed.float()
    return (allowed / allowed.sum(-1, keepdim=True).clamp(min=1))[:, None]


def dump(db: Path) -> dict[str, list]:
    """Everything a reader sees: scores, labels, certificates, heatmaps."""
    connection = sqlite3.connect(db)
    queries = {
        "head_scores": "select * from head_scores order by 1, 2, 3, 4, 5, 6",
        "head_labels": "select * from head_labels order by 1, 2, 3, 4, 7",
        "scores": "select half_a, half_b, n_sunk from scores order by head_id, pattern_id, probe_id",
        "certificates": "select passed, max_difference, row_sum_min from certificates",
        "heatmaps": "select weights from heatmaps join heads on heads.id = head_id "
        "join examples on examples.id = example_id order by sequence, token_ids, layer, head",
    }
    found = {name: connection.execute(sql).fetchall() for name, sql in queries.items()}
    connection.close()
    return found
