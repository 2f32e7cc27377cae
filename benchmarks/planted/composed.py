"""Heads composed by hand: for every head it is known which patterns it follows, and how strongly.

A head's attention is a mixture: each planted pattern's keys with its strength (on queries that have none, that
share joins the rest), and the rest spread over a sink, a uniform floor and noise. The strength varies from query
to query, as it does in real heads. Heads stand in layers, and some layers share a second sink at an early position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from headatlas.inputs.token_batch import TokenBatch
from headatlas.labels.thresholds import STRENGTH
from headatlas.patterns.definition import Pattern
from headatlas.patterns.families import Family
from headatlas.scoring.targets import targets_of

SINK = "first_token"
# Heads that stand together as a layer.
HEADS_A_LAYER = 8
# Where a layer's second sink can be, and how many heads of a layer rest there.
LATEST_SINK, RESTING = 24, 0.8
# The share of layers that have one, and of heads that have favourite tokens.
SECOND_SINKS, FAVOURITES = 1 / 3, 0.2
# A head follows a pattern weakly where it spends less than this off the sink on it.
STRONG = 0.4
# What a head put on a pattern's keys for its sake, and how much of it not on the first position.
Followed = tuple[float, float]
UNKNOWN: Followed = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Planted:
    """What one head does. `strengths` maps patterns to shares of attention; the other shares are of the rest."""

    strengths: dict[str, float]
    sink: float
    uniform: float
    steadiness: float  # concentration of the strength over queries; 0: all or nothing on each
    # "smooth" (random logits that fade with distance), "popular" (a few keys that all queries like) or "favourites"
    # (some tokens of the vocabulary, wherever they stand)
    noise: str
    sharpness: float  # of the noise
    uneven: str = ""  # what else the strength depends on: "place" in the text, or the query's "token"
    unevenness: float = 0.0  # standard deviation of the log of that factor
    asleep: tuple[str, float] | None = None  # on all "queries" but this share, or with this share on the "sink"
    on_second_sink: float = 0.0  # the share of all its attention that it leaves on its layer's second sink


def plant(
    rng: np.random.Generator, patterns: Sequence[str], rivals: dict[str, list[str]], n_each: int, *, unlike: bool
) -> list[Planted]:
    """`n_each` heads for every pattern, half of them with a rival beside it, and as many heads that follow nothing.

    `unlike` draws from another generator than without: strengths that are all or nothing, or depend on the query's
    token instead of its place; noise of another make. A third of the heads is asleep most of the time, a fifth has
    favourite tokens, and a third of the layers has a second sink. The heads of a layer have nothing else in common.
    """
    heads = []
    for name in [*patterns, None]:
        known = [rival for rival in rivals.get(name or "", []) if rival in patterns]
        for number in range(n_each):
            strengths: dict[str, float] = {}
            left = 1.0
            if name is not None:
                strengths[name] = float(rng.uniform(0, 1))
                left -= strengths[name]
                if known and number % 2:
                    strengths[str(rng.choice(known))] = float(rng.uniform(0, left))
            sink, uniform, _ = rng.dirichlet([1.0, 0.5, 1.0])
            heads.append(
                Planted(
                    strengths,
                    sink=float(sink),
                    uniform=float(uniform),
                    steadiness=0.0 if unlike and number % 3 == 0 else float(rng.uniform(2, 30)),
                    noise="favourites" if rng.random() < FAVOURITES else "popular" if unlike else "smooth",
                    sharpness=float(rng.uniform(0.5, 2.5)),
                    uneven="token" if unlike else "place",
                    unevenness=float(rng.uniform(0, 0.6)),
                    asleep=_asleep(rng, number) if number % 3 == 2 else None,
                )
            )
    return _with_second_sinks([heads[number] for number in rng.permutation(len(heads))], rng)


def plant_weak(
    rng: np.random.Generator, patterns: Sequence[str], rivals: dict[str, list[str]], n_each: int, *, unlike: bool
) -> list[Planted]:
    """Heads like those of `plant`, whose own pattern is as weak as a label may claim: 0.25 to 0.4 off the sink."""
    heads = []
    for head in plant(rng, patterns, rivals, n_each, unlike=unlike):
        strengths = dict(head.strengths)
        if strengths:
            name, *rival = strengths
            beside = strengths[rival[0]] / max(1 - strengths[name], 1e-6) if rival else 0.0
            wanted = float(rng.uniform(STRENGTH, STRONG))
            # Off the sink it is strength / (strength + rival's + (1 - both) * (1 - sink)), the rival's being a share of
            # what the pattern leaves.
            not_resting = 1 - head.sink * (1 - beside)
            strengths[name] = wanted * not_resting / (1 - wanted * (1 - not_resting))
            strengths.update(dict.fromkeys(rival, beside * (1 - strengths[name])))
        heads.append(replace(head, strengths=strengths))
    return heads


def _with_second_sinks(heads: Sequence[Planted], rng: np.random.Generator) -> list[Planted]:
    shares: list[float] = []
    while len(shares) < len(heads):
        if rng.random() < SECOND_SINKS:
            resting = rng.random(HEADS_A_LAYER) < RESTING
            shares += np.where(resting, rng.uniform(0.12, 0.7, HEADS_A_LAYER), 0.02).tolist()
        else:
            shares += [0.0] * HEADS_A_LAYER
    return [replace(head, on_second_sink=share) for head, share in zip(heads, shares, strict=False)]


def _asleep(rng: np.random.Generator, number: int) -> tuple[str, float]:
    if number % 2:
        return "queries", float(rng.uniform(0.05, 0.3))
    return "sink", float(rng.uniform(0.7, 0.97))


def pure(names: Sequence[str], rng: np.random.Generator, n_each: int) -> list[Planted]:
    """Heads that follow one pattern and rest on the sink otherwise."""
    return [
        Planted({name: float(rng.uniform(0.85, 1.0))}, sink=0.9, uniform=0.05, steadiness=30.0, noise="smooth",
                sharpness=1.0)
        for name in names
        for _ in range(n_each)
    ]  # fmt: skip


class Composer:
    """Makes the attention of planted heads for one batch; targets are found once for all of them.

    Beside the attention it says what was planted in fact: for each pattern the attention put on its keys for its sake,
    summed over queries, and how much of that is not on the first position. A head's sink counts as following the first
    token.
    """

    def __init__(self, batch: TokenBatch, patterns: Sequence[Pattern], rng: np.random.Generator) -> None:
        self.batch = batch
        self.random = torch.Generator().manual_seed(int(rng.integers(2**31)))
        self.rng = rng
        self.allowed = batch.allowed.float()
        self.rest = batch.allowed / batch.allowed.sum(-1, keepdim=True).clamp(min=1)
        self.targets: dict[str, Tensor] = {}
        self.n_queries: dict[str, int] = {}
        for pattern in patterns:
            targets = targets_of(pattern, batch).float()
            if targets.any():
                self.targets[pattern.name] = targets / targets.sum(-1, keepdim=True).clamp(min=1)
                self.n_queries[pattern.name] = int(targets.any(-1).sum())
        self.nearby = [pattern.name for pattern in patterns if pattern.reach and pattern.name in self.targets]
        self.classes = [
            pattern.name
            for pattern in patterns
            if pattern.family is Family.TOKEN_CLASS and pattern.name in self.targets and not pattern.label_last
        ]
        positions = batch.positions
        self.fading = torch.log1p((positions[:, None] - positions).abs().float())

    def __call__(self, heads: Sequence[Planted]) -> tuple[Tensor, list[dict[str, Followed]]]:
        """Attention [batch, head, query, key], rows of padded queries 0; and what each head followed.

        The heads are those of one layer.
        """
        followed: list[dict[str, Followed]] = [{} for _ in heads]
        second_sink = self._second_sink()
        made = [self._compose(head, second_sink, sums) for head, sums in zip(heads, followed, strict=True)]
        return torch.stack(made, 1), followed

    def _second_sink(self) -> Tensor:
        """All attention on an early position of each text, from the queries that may look there."""
        n_texts, _, n_keys = self.allowed.shape
        places = self.rng.integers(1, min(LATEST_SINK, n_keys - 1) + 1, n_texts) if n_keys > 1 else [0] * n_texts
        rows = torch.zeros_like(self.allowed)
        rows[torch.arange(n_texts), :, torch.as_tensor(places)] = 1
        return rows * self.allowed

    def _compose(self, head: Planted, second_sink: Tensor, followed: dict[str, Followed]) -> Tensor:
        attention = torch.zeros_like(self.allowed)
        used = torch.zeros_like(self.allowed[..., 0])
        resting = head.on_second_sink * second_sink.sum(-1)
        awake = self._awake(head) * (1 - resting)
        for name, strength in head.strengths.items():
            targets = self.targets.get(name)
            if targets is not None:
                share = self._shares(strength, head.steadiness) * self._factor(name, head) * targets.any(-1)
                share = torch.minimum(share, 1 - used)
                attention += share[..., None] * targets
                used += share
                kept = share * awake
                followed[name] = float(kept.sum()), float((kept * targets[..., 1:].sum(-1)).sum())
        if head.noise == "smooth":  # it fades with distance, so that it is nobody's to say that it does not look nearby
            followed.update({name: UNKNOWN for name in self.nearby if head.strengths.get(name, 0) < STRENGTH})
        if head.noise == "favourites":  # which may be commas, or words said often
            followed.update({name: UNKNOWN for name in self.classes if head.strengths.get(name, 0) < STRENGTH})
        rest = self._noise(head) * (1 - head.sink - head.uniform) + self.rest * head.uniform
        rest[..., 0] += head.sink
        left = (1 - used) * self.batch.real
        asleep = (1 - awake - resting) * self.batch.real
        on_sink, _ = followed.get(SINK, (0.0, 0.0))
        followed[SINK] = on_sink + float((left * awake).sum()) * head.sink + float(asleep.sum()), 0.0
        attention = (attention + rest * left[..., None]) * awake[..., None]
        attention[..., 0] += asleep
        return attention + resting[..., None] * second_sink

    def _awake(self, head: Planted) -> Tensor:
        """The share of each query's attention that is not left on the first position before anything else."""
        real = self.batch.real.float()
        if head.asleep is None:
            return real
        where, share = head.asleep
        if where == "sink":
            return real * (1 - share)
        # Nobody rests with all of a query's attention.
        return real * (torch.from_numpy(self.rng.random(tuple(real.shape)) < share).float() * 0.985 + 0.015)

    def _shares(self, strength: float, steadiness: float) -> Tensor:
        shape = tuple(self.batch.real.shape)
        if steadiness == 0:
            return torch.from_numpy(self.rng.random(shape) < strength).float()
        mean = min(max(strength, 1e-3), 1 - 1e-3)
        return torch.from_numpy(self.rng.beta(mean * steadiness, (1 - mean) * steadiness, shape)).float()

    def _factor(self, name: str, head: Planted) -> Tensor | float:
        """A wave along the text, or a number for each token of the vocabulary; the same in every batch."""
        own = np.random.default_rng([*name.encode(), int(head.unevenness * 1e6)])
        if head.uneven == "place":
            wave = np.sin(self.batch.positions.numpy() * own.uniform(0.05, 0.5) + own.uniform(0, 6)) * 2**0.5
            return torch.from_numpy(np.exp(head.unevenness * wave)).float()
        if head.uneven == "token":
            factors = np.exp(head.unevenness * own.standard_normal(1009))  # a prime, so that neighbours differ
            return torch.from_numpy(factors)[self.batch.tokens % 1009].float()
        return 1.0

    def _noise(self, head: Planted) -> Tensor:
        shape = self.allowed.shape
        if head.noise == "favourites":
            own = np.random.default_rng(int(head.sharpness * 1e9))  # the same in every batch
            likes = torch.from_numpy(own.standard_normal(1009)).float() * head.sharpness * 1.5
            logits = likes[self.batch.tokens % 1009][:, None] + torch.randn(shape, generator=self.random) * 0.5
        elif head.noise == "smooth":
            logits = torch.randn(shape, generator=self.random) * head.sharpness - self.fading
        else:
            popular = torch.randn(shape[0], 1, shape[2], generator=self.random) * head.sharpness * 1.5
            logits = popular + torch.randn(shape, generator=self.random) * 0.5
        return logits.masked_fill(self.allowed == 0, -1e9).softmax(-1) * self.allowed
