"""Who reads whom, by cause: how far a later head still follows its own pattern while an earlier head is out.

The patterns of later heads are read in the passes that remove a head anyway. Beside composition, which says what
weights would allow, this is what a head's attention rests on in fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from headatlas.evidence.removing.passes import PromptBatch
from headatlas.inputs.sparse_targets import SparseTargets
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.scoring.targets import targets_of

# Changes of a score smaller than this are not stored.
MIN_CHANGE = 0.01


class Watch:
    """Scores of labelled heads, on their labels' patterns, in whatever passes the hooks see.

    Args:
        batch: the prompts.
        groups: heads, as (layer, head), by label.
        hooks: names of the hooks that there are.
    """

    def __init__(
        self, batch: PromptBatch, groups: Mapping[str, Sequence[tuple[int, int]]], hooks: Mapping[str, Any]
    ) -> None:
        tokens = TokenBatch([prompt.sequence for prompt in batch.prompts])
        self.size = len(batch.prompts)
        self.targets: dict[str, Bool[Tensor, "batch query key"]] = {}
        self.heads: list[tuple[str, int, int]] = []
        for label, heads in groups.items():
            pattern = PATTERNS.get(label)
            targets = None if pattern is None else targets_of(pattern, tokens)
            if targets is None or not targets.any():
                continue
            # Prompts are short, and a sparse form would be made dense in every pass.
            self.targets[label] = targets.dense() if isinstance(targets, SparseTargets) else targets
            self.heads += [(label, *head) for head in heads if _hook(head[0]) in hooks]
        self.seen: list[dict[int, Float64[np.ndarray, " copy"]]] = []

    def hooks(self, after: int) -> list[tuple[str, Callable[..., None]]]:
        """Hooks that read the heads of layers after this one; where the first of them fires again, a pass has begun."""
        layers = sorted({layer for _, layer, _ in self.heads if layer > after})
        return [(_hook(layer), self._reader(layer, layer == layers[0])) for layer in layers]

    def scores(self, starts: Sequence[int]) -> Float64[np.ndarray, "copy watched"]:
        """What was seen since the last call, the copies of all passes one after the other.

        `starts` has the layer at which something was changed in each copy, in order; of heads that are not after it
        the score is not a number. Passes in which these are several layers may not have been more than one.
        """
        seen, self.seen = self.seen, []
        scores = np.full((len(starts), len(self.heads)), np.nan)
        begin = 0
        for of_pass in seen:
            # Copies that start later in a pass than others are not there before.
            for number, of_copies in of_pass.items():
                scores[begin : begin + len(of_copies), number] = of_copies
            begin += max(map(len, of_pass.values()))
        layers = np.array([layer for _, layer, _ in self.heads], dtype=int)
        return np.where(layers > np.array(starts, dtype=int)[:, None], scores, np.nan)

    def _reader(self, layer: int, first: bool) -> Callable[..., None]:
        numbers = [number for number, (_, of_layer, _) in enumerate(self.heads) if of_layer == layer]
        labels = [self.heads[number][0] for number in numbers]
        heads = [self.heads[number][2] for number in numbers]

        def read(pattern: Tensor, hook: Any) -> None:
            if first:
                self.seen.append({})
            self.seen[-1].update(zip(numbers, self._scores(pattern[:, heads], labels), strict=True))

        return read

    def _scores(
        self, rows: Float[Tensor, "copies_and_batch watched query key"], labels: Sequence[str]
    ) -> Float64[np.ndarray, "watched copy"]:
        """Mean attention on target keys over the queries that have any, for each copy of the batch."""
        targets = torch.stack([self.targets[label] for label in labels], 1).to(rows.device)
        on_targets = (rows.reshape(-1, self.size, *rows.shape[1:]).float() * targets).sum((1, 3, 4))
        return (on_targets / targets.any(-1).sum((0, 2))).T.double().cpu().numpy()


def _hook(layer: int) -> str:
    return f"blocks.{layer}.attn.hook_pattern"
