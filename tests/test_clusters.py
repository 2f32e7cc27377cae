"""Clusters and map of profiles whose groups are known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_info, threadpool_limits

from headatlas.labels.clusters import Profiles, as_share, cluster


def profiles(rng: np.random.Generator, sizes: list[int], n_features: int = 12) -> Profiles:
    """Heads in tight groups, each with a feature of its own."""
    rows = [
        np.eye(n_features)[number] * 0.8 + rng.normal(0.1, 0.01, n_features)
        for number, size in enumerate(sizes)
        for _ in range(size)
    ]
    names = tuple((f"pattern {number}", "a probe") for number in range(n_features))
    return Profiles(np.array(rows), names, rng.uniform(0, 0.02, (len(rows), 10)))


@pytest.mark.slow
def test_clusters_are_found_and_named():
    clustering = cluster(profiles(np.random.default_rng(0), [20, 15, 10]), dict.fromkeys(range(14), "induction"))
    by_size = {len(each.heads): each for each in clustering.clusters}
    assert sorted(by_size) == [10, 15, 20]
    assert (by_size[20].name, by_size[20].label, by_size[20].share) == ("induction", "induction", 0.7)
    assert {by_size[15].name, by_size[10].name} == {"unnamed kind 1", "unnamed kind 2"}
    for size, number in ((20, 0), (15, 1), (10, 2)):
        pattern, _, here, everywhere = by_size[size].marks[0]
        assert pattern == f"pattern {number}"
        assert here > 0.8 > everywhere


def test_the_map_is_made_by_one_thread_however_many_there_may_be(monkeypatch):
    made_with: list[int] = []
    fit_transform = TSNE.fit_transform

    def watched(self, values):
        made_with.extend(library["num_threads"] for library in threadpool_info())
        return fit_transform(self, values)

    monkeypatch.setattr(TSNE, "fit_transform", watched)
    with threadpool_limits(2):
        cluster(profiles(np.random.default_rng(0), [8, 8]), {})
        after = {library["num_threads"] for library in threadpool_info()}
    assert made_with
    assert set(made_with) == {1}
    assert after == {2}


@pytest.mark.slow
def test_like_heads_lie_together_on_the_map():
    positions = cluster(profiles(np.random.default_rng(1), [20, 20]), {}).positions
    first, second = positions[:20], positions[20:]
    within = np.linalg.norm(first - first.mean(0), axis=1).mean()
    assert np.linalg.norm(first.mean(0) - second.mean(0)) > 3 * within
    assert positions.min() >= 0
    assert positions.max() <= 1


@pytest.mark.slow
def test_same_input_gives_the_same_map_and_labels_do_not_move_it():
    given = profiles(np.random.default_rng(2), [12, 12])
    unlabelled, labelled = cluster(given, {}), cluster(given, {0: "induction"})
    np.testing.assert_array_equal(unlabelled.positions, labelled.positions)
    np.testing.assert_array_equal(unlabelled.cluster_of, labelled.cluster_of)


def test_few_heads_have_a_position_and_no_cluster():
    for n_heads in (1, 2, 8):
        clustering = cluster(profiles(np.random.default_rng(3), [n_heads]), {})
        assert clustering.clusters == ()
        assert clustering.positions.shape == (n_heads, 2)
        assert (clustering.cluster_of == -1).all()


def test_heads_without_any_difference():
    same = Profiles(np.full((20, 3), 0.5), (("a", "p"), ("b", "p"), ("c", "p")), np.zeros((20, 4)))
    assert np.isfinite(cluster(same, {}).positions).all()


def test_statistics_are_brought_to_the_range_of_shares():
    np.testing.assert_allclose(as_share(np.array([10.0, 40.0])), [0.25, 1])
    np.testing.assert_allclose(as_share(np.array([0.1, 0.4])), [0.1, 0.4])
