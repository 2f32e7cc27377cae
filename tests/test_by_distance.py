"""Sums of attention that depends on distance alone, against a table of all pairs."""

from __future__ import annotations

import pytest
import torch

from headatlas.scoring.by_distance import ByDistance


@pytest.mark.parametrize(("n_queries", "n_keys"), [(7, 7), (64, 64), (100, 100), (5, 12), (12, 5)])
@pytest.mark.parametrize("far", [0.0, 1e-6, 0.5])
def test_sums_equal_those_over_all_pairs(n_queries, n_keys, far):
    torch.manual_seed(0)
    n_heads, n_distances = 3, n_queries + n_keys - 1
    habit = far * torch.rand(n_heads, n_distances)
    habit[:, n_keys - 1 : n_keys + 1] += torch.rand(n_heads, 1)
    queries, keys = torch.rand(2, n_heads, 4, n_queries), torch.rand(2, n_heads, 4, n_keys)
    spent = habit[:, torch.arange(n_queries)[:, None] - torch.arange(n_keys) + n_keys - 1].double()

    by_distance = ByDistance(habit, n_queries, n_keys)

    on_queries, on_keys = by_distance.on_queries(keys), by_distance.on_keys(queries)
    torch.testing.assert_close(
        on_queries.double(), torch.einsum("hqk,bhgk->bhgq", spent, keys.double()), rtol=1e-6, atol=1e-13
    )
    torch.testing.assert_close(
        on_keys.double(), torch.einsum("hqk,bhgq->bhgk", spent, queries.double()), rtol=1e-6, atol=1e-13
    )
    parts = torch.zeros(n_heads, n_queries, n_keys)
    for block, part in by_distance.blocks((1, n_queries, n_keys), causal=False):
        parts[:, block.queries, : block.n_keys] = part
    torch.testing.assert_close(parts.double(), spent)
