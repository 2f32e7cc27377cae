"""Heads in clusters by their whole profile, without regard to labels: so heads are found that no pattern describes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

# With fewer heads there is nothing to group, and t-SNE has no neighbours to speak of.
MIN_HEADS = 12
# Directions of the profile that are kept; the rest is mostly noise of small scores.
DIRECTIONS = 20
# A feature that sets a cluster apart: its mean differs from all heads' by this many standard deviations.
STANDS_OUT = 1.0
# Features named of a cluster, at most.
MAX_MARKS = 6
# A cluster takes the label that this share of its heads has as their first.
MAJORITY = 0.5


@dataclass(frozen=True)
class Profiles:
    """One row a head. `names` says what each column is: a pattern or statistic and the probe it was read on."""

    values: Float[np.ndarray, "head feature"]
    names: tuple[tuple[str, str], ...]
    by_distance: Float[np.ndarray, "head distance"]


@dataclass(frozen=True)
class Cluster:
    """Heads that are like each other, by their number in the profiles.

    `label` is what most of them are labelled, and `share` how many; None and 0 where no label has a majority. `marks`
    are the features that set the cluster apart: pattern, probe, its mean, the mean of all heads.
    """

    name: str
    heads: tuple[int, ...]
    label: str | None
    share: float
    marks: tuple[tuple[str, str, float, float], ...]


@dataclass(frozen=True)
class Clustering:
    """Clusters, `cluster_of` each head (-1: in none), how typical of it the head is, and a map of the heads.

    `positions` are the heads' x and y on the map, from 0 to 1.
    """

    clusters: tuple[Cluster, ...]
    cluster_of: Int[np.ndarray, " head"]
    typicality: Float[np.ndarray, " head"]
    positions: Float[np.ndarray, "head 2"]


def cluster(profiles: Profiles, labels: Mapping[int, str], seed: int = 0) -> Clustering:
    """Clusters by density (HDBSCAN, Campello et al. 2013) and a map (t-SNE, van der Maaten & Hinton 2008).

    `labels` gives the primary label of each head that has one; it names the clusters and takes no part in making them.
    """
    n_heads = len(profiles.values)
    all_equal = not (np.ptp(np.nan_to_num(profiles.values), 0).any() or np.ptp(profiles.by_distance, 0).any())
    if n_heads < MIN_HEADS or all_equal:
        return Clustering((), np.full(n_heads, -1), np.zeros(n_heads), _in_a_row(n_heads))
    # A thousand steps of a millisecond each: threads would wait for each other where another process has a core, and
    # their number would change the map of many heads.
    with threadpool_limits(1):
        reduced = _reduced(profiles)
        positions = TSNE(
            init="pca", perplexity=min(30.0, (n_heads - 1) / 3), random_state=seed, learning_rate="auto"
        ).fit_transform(reduced)
        by_density = HDBSCAN(min_cluster_size=max(4, n_heads // 50), min_samples=2, copy=True).fit(reduced)
    cluster_of = by_density.labels_.astype(int)
    clusters = _described(profiles, cluster_of, labels)
    return Clustering(clusters, cluster_of, by_density.probabilities_.astype(float), _unit_square(positions))


def _reduced(profiles: Profiles) -> Float[np.ndarray, "head direction"]:
    """Scores and attention by distance in a few directions; each of the two counts as much as the other."""
    blocks = []
    # The root brings small shares apart, where most heads differ.
    for block in (profiles.values, np.sqrt(np.clip(profiles.by_distance, 0, None))):
        block = np.nan_to_num(block)
        centred = block - block.mean(0)
        scale = np.sqrt((centred**2).sum(1).mean())
        if scale > 0:
            blocks.append(centred / scale)
    both = np.concatenate(blocks, 1)
    return PCA(min(DIRECTIONS, *both.shape), svd_solver="full").fit_transform(both)


def _described(
    profiles: Profiles, cluster_of: Int[np.ndarray, " head"], labels: Mapping[int, str]
) -> tuple[Cluster, ...]:
    """The clusters by their number; those without a label of their own are numbered from 1."""
    values = np.nan_to_num(profiles.values)
    mean, spread = values.mean(0), values.std(0) + 1e-9
    clusters: list[Cluster] = []
    n_unnamed = 0
    for number in range(cluster_of.max() + 1):
        heads = np.flatnonzero(cluster_of == number)
        counts = Counter(labels[int(head)] for head in heads if int(head) in labels)
        label, count = counts.most_common(1)[0] if counts else (None, 0)
        share = count / len(heads)
        if share < MAJORITY:
            label, share = None, 0.0
            n_unnamed += 1
        apart = (values[heads].mean(0) - mean) / spread
        marks = [
            (*profiles.names[column], float(values[heads, column].mean()), float(mean[column]))
            for column in np.argsort(-np.abs(apart), kind="stable")[:MAX_MARKS]
            if abs(apart[column]) > STANDS_OUT
        ]
        clusters.append(
            Cluster(
                # As the database has called clusters without a label from the beginning.
                name=label or f"unnamed kind {n_unnamed}",
                heads=tuple(int(head) for head in heads),
                label=label,
                share=share,
                marks=tuple(marks),
            )
        )
    return tuple(clusters)


def _unit_square(positions: Float[np.ndarray, "head 2"]) -> Float[np.ndarray, "head 2"]:
    low, high = positions.min(0), positions.max(0)
    return np.asarray((positions - low) / np.where(high > low, high - low, 1), dtype=float)


def _in_a_row(n_heads: int) -> Float[np.ndarray, "head 2"]:
    return np.stack([np.linspace(0, 1, max(n_heads, 1))[:n_heads], np.full(n_heads, 0.5)], 1)


def as_share(values: Float[np.ndarray, " head"]) -> Float[np.ndarray, " head"]:
    """A statistic with a unit of its own (tokens), brought to the range of a share."""
    top = np.nanmax(np.abs(values), initial=0)
    return values / top if top > 1 else values
