"""Groups and map of profiles whose groups are known."""

from __future__ import annotations

import numpy as np

from headatlas.labels.clusters import Profiles, as_share, group


def profiles(rng: np.random.Generator, sizes: list[int], n_features: int = 12) -> Profiles:
    """Heads in tight groups, each with a feature of its own."""
    rows = [
        np.eye(n_features)[number] * 0.8 + rng.normal(0.1, 0.01, n_features)
        for number, size in enumerate(sizes)
        for _ in range(size)
    ]
    names = tuple((f"pattern {number}", "a probe") for number in range(n_features))
    return Profiles(np.array(rows), names, rng.uniform(0, 0.02, (len(rows), 10)))


def test_groups_are_found_and_named():
    found = group(profiles(np.random.default_rng(0), [20, 15, 10]), dict.fromkeys(range(14), "induction"))
    assert [len(kind.heads) for kind in found.kinds] == [20, 15, 10] or sorted(
        len(kind.heads) for kind in found.kinds
    ) == [10, 15, 20]
    by_size = {len(kind.heads): kind for kind in found.kinds}
    assert (by_size[20].name, by_size[20].label, by_size[20].share) == ("induction", "induction", 0.7)
    assert {by_size[15].name, by_size[10].name} == {"unnamed kind 1", "unnamed kind 2"}
    for size, number in ((20, 0), (15, 1), (10, 2)):
        pattern, _, here, everywhere = by_size[size].marks[0]
        assert pattern == f"pattern {number}"
        assert here > 0.8 > everywhere


def test_like_heads_lie_together_on_the_map():
    found = group(profiles(np.random.default_rng(1), [20, 20]), {})
    first, second = found.places[:20], found.places[20:]
    within = np.linalg.norm(first - first.mean(0), axis=1).mean()
    assert np.linalg.norm(first.mean(0) - second.mean(0)) > 3 * within
    assert found.places.min() >= 0
    assert found.places.max() <= 1


def test_same_input_gives_the_same_map_and_labels_do_not_move_it():
    given = profiles(np.random.default_rng(2), [12, 12])
    one, other = group(given, {}), group(given, {0: "induction"})
    np.testing.assert_array_equal(one.places, other.places)
    np.testing.assert_array_equal(one.kind_of, other.kind_of)


def test_few_heads_have_a_place_and_no_kind():
    for n_heads in (1, 2, 8):
        found = group(profiles(np.random.default_rng(3), [n_heads]), {})
        assert found.kinds == ()
        assert found.places.shape == (n_heads, 2)
        assert (found.kind_of == -1).all()


def test_heads_without_any_difference():
    same = Profiles(np.full((20, 3), 0.5), (("a", "p"), ("b", "p"), ("c", "p")), np.zeros((20, 4)))
    found = group(same, {})
    assert np.isfinite(found.places).all()


def test_statistics_are_brought_to_the_range_of_shares():
    np.testing.assert_allclose(as_share(np.array([10.0, 40.0])), [0.25, 1])
    np.testing.assert_allclose(as_share(np.array([0.1, 0.4])), [0.1, 0.4])
