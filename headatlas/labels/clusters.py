"""Heads grouped by their whole profile without looking at labels: where kinds of head that have no name are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

# With fewer heads there is nothing to group, and t-SNE has no neighbours to speak of.
FEWEST = 12
# Directions of the profile that are kept; the rest is mostly noise of small scores.
DIRECTIONS = 20
# A feature that sets a kind apart: its mean differs from all heads' by this many standard deviations.
STANDS_OUT = 1.0


@dataclass(frozen=True)
class Profiles:
    """One row a head. `names` says what each column is: a pattern or statistic and the probe it was read on."""

    values: Float[np.ndarray, "head feature"]
    names: tuple[tuple[str, str], ...]
    by_distance: Float[np.ndarray, "head distance"]


@dataclass(frozen=True)
class Kind:
    """A group of heads; `marks` are the features that set it apart, with its mean and the mean of all heads."""

    name: str
    heads: tuple[int, ...]
    label: str | None
    share: float
    marks: tuple[tuple[str, str, float, float], ...]


@dataclass(frozen=True)
class Grouping:
    """`kind_of` each head (-1: like no group), how typical of it the head is, and its place on the map (0 to 1)."""

    kinds: tuple[Kind, ...]
    kind_of: Int[np.ndarray, " head"]
    typicality: Float[np.ndarray, " head"]
    places: Float[np.ndarray, "head 2"]


def group(profiles: Profiles, labels: Mapping[int, str], seed: int = 0) -> Grouping:
    """Groups by density (HDBSCAN, Campello et al. 2013) and lays out on a map (t-SNE, van der Maaten & Hinton 2008).

    `labels` gives the primary label of each head that has one; it names the groups and takes no part in making them.
    """
    n_heads = len(profiles.values)
    all_alike = not (np.ptp(np.nan_to_num(profiles.values), 0).any() or np.ptp(profiles.by_distance, 0).any())
    if n_heads < FEWEST or all_alike:
        return Grouping((), np.full(n_heads, -1), np.zeros(n_heads), _in_a_row(n_heads))
    reduced = _reduced(profiles)
    places = TSNE(
        init="pca", perplexity=min(30.0, (n_heads - 1) / 3), random_state=seed, learning_rate="auto"
    ).fit_transform(reduced)
    finder = HDBSCAN(min_cluster_size=max(4, n_heads // 50), min_samples=2, copy=True).fit(reduced)
    kind_of = finder.labels_.astype(int)
    kinds = _described(profiles, kind_of, labels)
    return Grouping(kinds, kind_of, finder.probabilities_.astype(float), _unit_square(places))


def _reduced(profiles: Profiles) -> Float[np.ndarray, "head direction"]:
    """Scores and attention by distance in a few directions; each of the two counts alike."""
    blocks = []
    # The root brings small shares apart, where most heads differ.
    for block in (profiles.values, np.sqrt(np.clip(profiles.by_distance, 0, None))):
        block = np.nan_to_num(block)
        centred = block - block.mean(0)
        scale = np.sqrt((centred**2).sum(1).mean())
        if scale > 0:
            blocks.append(centred / scale)
    whole = np.concatenate(blocks, 1)
    return PCA(min(DIRECTIONS, *whole.shape), svd_solver="full").fit_transform(whole)


def _described(profiles: Profiles, kind_of: Int[np.ndarray, " head"], labels: Mapping[int, str]) -> tuple[Kind, ...]:
    values = np.nan_to_num(profiles.values)
    mean, spread = values.mean(0), values.std(0) + 1e-9
    kinds: list[Kind] = []
    n_unnamed = 0
    for number in range(kind_of.max() + 1):
        heads = np.flatnonzero(kind_of == number)
        carried = Counter(labels[int(head)] for head in heads if int(head) in labels)
        name, count = carried.most_common(1)[0] if carried else ("", 0)
        share = count / len(heads)
        if share < 0.5:
            n_unnamed += 1
        apart = (values[heads].mean(0) - mean) / spread
        marks = [
            (*profiles.names[column], float(values[heads, column].mean()), float(mean[column]))
            for column in np.argsort(-np.abs(apart), kind="stable")[:6]
            if abs(apart[column]) > STANDS_OUT
        ]
        kinds.append(
            Kind(
                name=name if share >= 0.5 else f"unnamed kind {n_unnamed}",
                heads=tuple(int(head) for head in heads),
                label=name if share >= 0.5 else None,
                share=share if share >= 0.5 else 0.0,
                marks=tuple(marks),
            )
        )
    return tuple(kinds)


def _unit_square(places: Float[np.ndarray, "head 2"]) -> Float[np.ndarray, "head 2"]:
    low, high = places.min(0), places.max(0)
    return np.asarray((places - low) / np.where(high > low, high - low, 1), dtype=float)


def _in_a_row(n_heads: int) -> Float[np.ndarray, "head 2"]:
    return np.stack([np.linspace(0, 1, max(n_heads, 1))[:n_heads], np.full(n_heads, 0.5)], 1)


def as_share(values: Float[np.ndarray, " head"]) -> Float[np.ndarray, " head"]:
    """A statistic with a unit of its own (tokens), brought to the range of a share."""
    top = np.nanmax(np.abs(values), initial=0)
    return values / top if top > 1 else values
