"""Binding: whether maps of a thing's adjective and noun are alike, on heads whose truth is known."""

from __future__ import annotations

import pytest
import torch

from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.sequence import Drawing, TokenSequence
from headatlas.patterns import PATTERNS
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.scores import bootstrap_interval

SIDE = 8
WORDS = ("<s>", "red", "circle", "left", "blue", "blue", "square", "</s>")
ROLES = {"adjective": {1: 0, 4: 1, 5: 1}, "noun": {2: 0, 6: 1}}
LEFT = torch.arange(SIDE**2) % SIDE < SIDE // 2


def picture(roles=ROLES, seed=0, drawn=True):
    """A picture of 8 by 8 places and its prompt, of which one adjective has two pieces."""
    prompt = TokenSequence(tuple(range(len(WORDS))), WORDS, (True, *(False,) * 6, True), roles)
    drawing = Drawing("a prompt", 0.5, seed) if drawn else None
    places = tuple(range(SIDE**2))
    return TokenSequence(
        places, ("p",) * len(places), (False,) * len(places), source=prompt, grid=(SIDE, SIDE), drawing=drawing
    )


def head(red, circle, blue, square):
    """Rows [place, token] of a head whose words have these maps; the start token gets the rest."""
    rows = torch.zeros(SIDE**2, len(WORDS))
    rows[:, 1], rows[:, 2], rows[:, 6] = red, circle, square
    rows[:, 4] = rows[:, 5] = blue / 2
    rows[:, 0] = 1 - rows.sum(-1)
    return rows


def maps(places, share=0.2):
    return places.float() * share


EVERYWHERE = maps(torch.ones(SIDE**2))
BUILT = {
    "binds": (head(maps(LEFT), maps(LEFT, 0.05), maps(~LEFT, 0.1), maps(~LEFT)), 1.0),
    "swaps": (head(maps(LEFT), maps(~LEFT), maps(~LEFT), maps(LEFT)), 0.0),
    "looks everywhere": (head(*[EVERYWHERE] * 4), 0.5),
    "rests": (head(*[EVERYWHERE * 0] * 4), 0.5),
    "sees things, not colours": (head(EVERYWHERE, maps(LEFT), EVERYWHERE, maps(~LEFT)), 0.5),
    # Of three quarters that an adjective has on its own side 0.75 overlap with its noun's, and 0.25 with the other's.
    "binds mostly": (
        head(maps(LEFT, 0.3) + maps(~LEFT, 0.1), maps(LEFT), maps(~LEFT, 0.3) + maps(LEFT, 0.1), maps(~LEFT)), 0.75,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BUILT)
def test_built_heads(name):
    rows, expected = BUILT[name]
    reducer = RowReducer(PairBatch([picture()]), [PATTERNS["binding"]])
    layer = torch.stack([rows, head(*[EVERYWHERE] * 4)])[None]
    scores = reducer(layer).scores[0, :, 0] / reducer.counts.n_queries[0, 0]
    assert scores.tolist() == pytest.approx([expected, 0.5], abs=1e-5)
    assert (reducer.counts.chance / reducer.counts.n_queries).item() == 0.5


def test_a_prompt_without_two_things_says_nothing():
    alone = picture({"adjective": {1: 0}, "noun": {2: 0}})
    reducer = RowReducer(PairBatch([alone]), [PATTERNS["binding"]])
    rows = BUILT["binds"][0][None, None]
    assert (reducer(rows).scores / reducer.counts.n_queries[:, None]).item() == 0.5


def test_the_interval_of_a_head_that_binds_lies_above_chance_and_that_of_noise_around_it():
    """Maps with noise of their own in each of 40 pictures: one head's also have the side of the thing."""
    random = torch.Generator().manual_seed(0)
    n_pictures = 40
    noise = torch.rand(n_pictures, 2, 4, SIDE**2, generator=random) * 0.1
    sides = torch.stack([LEFT, LEFT, ~LEFT, ~LEFT]).float() * 0.1  # red, circle, blue, square
    words = noise + torch.stack([sides, sides * 0])
    rows = torch.stack([torch.stack([head(*own) for own in heads]) for heads in words])
    reducer = RowReducer(PairBatch([picture(seed=seed) for seed in range(n_pictures)]), [PATTERNS["binding"]])
    sums, counts = reducer(rows).scores.double().numpy(), reducer.counts.n_queries.numpy()
    low, high = bootstrap_interval(sums, counts, seed=0)
    assert low[0, 0] > 0.55
    assert low[1, 0] < 0.5 < high[1, 0]
    assert high[1, 0] - low[1, 0] < 0.02
