"""What holds for every pattern, and what headatlas says of unknown ones."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from headatlas.errors import HeadatlasError, UnknownNameError
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS, examples, pattern
from headatlas.patterns.lookup import rivals_of
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.targets import targets_of
from tests.helpers import batch_of, sequence, uniform

TARGETS = [pattern.name for pattern in PATTERNS if pattern.kind == "target"]
VARIED = ["S* the cat , the dog ; a cat . the end", "S* a b c d e f a b c d e f", "S* x x , y . x"]
PICTURES = ["S* a b c / d e f / g h i", "S* S* a b / c d", "a b c d / e f g h"]


def varied(name: str, causal: bool) -> TokenBatch | PairBatch:
    """Some text, and the pattern's own example, whose words have roles."""
    pattern = PATTERNS[name]
    texts = PICTURES if "vision" in pattern.attention else VARIED
    return batch_of(pattern, [*texts, examples.parse(pattern.example).text], causal=causal)


@pytest.mark.parametrize("name", TARGETS)
def test_worked_example(name):
    pattern = PATTERNS[name]
    example = examples.parse(pattern.example)
    assert example, f"{name} has no example of the form 'A B C: query 2 looks at key 1.'"
    targets = targets_of(pattern, batch_of(pattern, [example.text], causal=not pattern.bidirectional))
    assert targets[0, example.query].nonzero().flatten().tolist() == list(example.keys)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("name", TARGETS)
def test_targets_lie_where_the_query_may_look(name, causal):
    batch = varied(name, causal=causal)
    targets = targets_of(PATTERNS[name], batch)
    assert targets.any() == (not batch.causal or not PATTERNS[name].bidirectional)
    assert not (targets & ~batch.allowed).any()


@pytest.mark.parametrize("name", TARGETS)
def test_ideal_head_scores_one_and_uniform_head_scores_chance(name):
    batch = varied(name, causal=not PATTERNS[name].bidirectional)
    targets = targets_of(PATTERNS[name], batch).float()
    ideal = torch.where(targets.any(-1, keepdim=True), targets / targets.sum(-1, keepdim=True), uniform(batch)[:, 0])
    if PATTERNS[name].by_key:  # nothing comes to the target keys from elsewhere
        others = batch.allowed & ~targets.any(1, keepdim=True)
        ideal = torch.where(targets.any(-1, keepdim=True), ideal, others / others.sum(-1, keepdim=True).clamp(min=1))
    reducer = RowReducer(batch, [PATTERNS[name]])
    n = reducer.counts.n_queries.sum()
    assert (reducer(ideal[:, None]).scores.sum() / n).item() == pytest.approx(1, abs=1e-6)
    score = reducer(uniform(batch)).scores.sum() / n
    assert score.item() == pytest.approx(reducer.counts.chance.sum().item() / n.item(), abs=1e-6)


@pytest.mark.parametrize("name", TARGETS)
def test_padding_and_order_change_nothing(name):
    causal = not PATTERNS[name].bidirectional
    sequences = varied(name, causal).sequences
    batch_type = PairBatch if "cross" in PATTERNS[name].attention else partial(TokenBatch, causal=causal)
    together = targets_of(PATTERNS[name], batch_type(sequences[::-1]))
    for row, tokens in enumerate(sequences[::-1]):
        alone = targets_of(PATTERNS[name], batch_type([tokens]))[0]
        queries, keys = alone.shape
        assert torch.equal(together[row, :queries, :keys], alone)
        assert not together[row, queries:].any()
        assert not together[row, :, keys:].any()


@pytest.mark.parametrize("name", PATTERNS.names())
def test_definition_is_complete(name):
    pattern = PATTERNS[name]
    assert pattern.summary.endswith(".") or pattern.kind == "statistic"
    assert pattern.formula
    assert pattern.source
    assert pattern.unit


def test_rivals_are_spelled_out():
    assert {"fixed_offset_2", "fixed_offset_3", "duplicate_token"} <= set(rivals_of(PATTERNS["induction"]))


def test_pure_rivals_fail():
    """An offset head fails induction when periods vary; a sink fails punctuation once the first token is out."""
    blocks = [[f"{i}{letter}" for letter in "abcdefghijkl"[:n]] for i, n in enumerate((4, 6, 9))]
    batch = TokenBatch([sequence(" ".join(["S", *block, *block]), special=1) for block in blocks])
    offset = torch.zeros_like(uniform(batch))
    offset[:, 0] = batch.at_offset(5).float()  # induction's offset for a period of 6
    reducer = RowReducer(batch, [PATTERNS["induction"]])
    score = reducer(offset).scores.sum() / reducer.counts.n_queries.sum()
    assert score < 0.4
    copies = torch.zeros_like(offset)
    copies[:, 0] = targets_of(PATTERNS["duplicate_token"], batch).float()
    assert reducer(copies).scores.sum() == 0

    text = TokenBatch([sequence("S a , b . c d")])
    sink = torch.zeros(1, 1, 7, 7)
    sink[..., 0] = 0.95
    sink[..., 1:] = uniform(text)[..., 1:] * 0.05
    reducer = RowReducer(text, [PATTERNS["punctuation"]])
    sums = reducer(sink)
    assert (sums.scores.sum() / reducer.counts.n_queries.sum()) < 0.02


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match=r"There is no pattern 'inducton'. Did you mean 'induction'\?"):
        PATTERNS["inducton"]


def test_two_patterns_of_one_name_are_refused():
    with pytest.raises(
        HeadatlasError, match=r"Two patterns are called 'induction': one in .*content.py.*test_patterns"
    ):

        @pattern("induction", family="content", probe="natural_text", version=1, source="here")
        def another(seq):
            """Something else."""
            return seq.at_offset(1)
