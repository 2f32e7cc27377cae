"""What holds for every pattern, and what headatlas says of unknown ones."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch

from headatlas.errors import HeadatlasError, UnknownNameError
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS, pattern, rivals_of
from headatlas.probes import PROBES
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.targets import targets_of
from tests.helpers import batch_of, sequence, uniform

TARGETS = [one.name for one in PATTERNS if one.kind == "target"]
VARIED = ["S* the cat , the dog ; a cat . the end", "S* a b c d e f a b c d e f", "S* x x , y . x"]
PICTURES = ["S* a b c / d e f / g h i", "S* S* a b / c d", "a b c d / e f g h"]


def example_of(name: str) -> tuple[str, int, set[int]]:
    """Words, query and target keys of a pattern's worked example."""
    found = re.match(r"(.+): query (\d+).* looks? at keys? (.+)\.$", PATTERNS[name].example)
    assert found, f"{name} has no example of the form 'A B C: query 2 looks at key 1.'"
    return found[1], int(found[2]), {int(key) for key in re.findall(r"\d+", found[3])}


def varied(name: str, causal: bool) -> TokenBatch | PairBatch:
    """Some text, and the pattern's own example, whose words have roles."""
    one = PATTERNS[name]
    texts = PICTURES if "vision" in one.attention else VARIED
    return batch_of(one, [*texts, example_of(name)[0]], causal=causal)


@pytest.mark.parametrize("name", TARGETS)
def test_worked_example(name):
    words, query, keys = example_of(name)
    batch = batch_of(PATTERNS[name], [words], causal=not PATTERNS[name].bidirectional)
    targets = targets_of(PATTERNS[name], batch)
    assert set(targets[0, query].nonzero().flatten().tolist()) == keys


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
    reducer = RowReducer(batch, [PATTERNS[name]])
    n = reducer.n_queries.sum()
    assert (reducer(ideal[:, None]).scores.sum() / n).item() == pytest.approx(1, abs=1e-6)
    score = reducer(uniform(batch)).scores.sum() / n
    assert score.item() == pytest.approx(reducer.chance.sum().item() / n.item(), abs=1e-6)


@pytest.mark.parametrize("name", TARGETS)
def test_padding_and_order_change_nothing(name):
    causal = not PATTERNS[name].bidirectional
    sequences = varied(name, causal).sequences
    kind = PairBatch if "cross" in PATTERNS[name].attention else partial(TokenBatch, causal=causal)
    together = targets_of(PATTERNS[name], kind(sequences[::-1]))
    for row, one in enumerate(sequences[::-1]):
        alone = targets_of(PATTERNS[name], kind([one]))[0]
        queries, keys = alone.shape
        assert torch.equal(together[row, :queries, :keys], alone)
        assert not together[row, queries:].any()
        assert not together[row, :, keys:].any()


@pytest.mark.parametrize("name", PATTERNS.names())
def test_definition_is_complete(name):
    one = PATTERNS[name]
    assert one.summary.endswith(".") or one.kind == "statistic"
    assert one.formula
    assert one.source
    assert one.unit
    assert one.probe in PROBES.names()
    for rival in one.rivals:
        assert any(other.startswith(rival) for other in PATTERNS.names()), rival


def test_rivals_are_spelled_out():
    assert {"fixed_offset_2", "fixed_offset_3", "duplicate_token"} <= set(rivals_of(PATTERNS["induction"]))


def test_pure_rivals_fail():
    """An offset head fails induction when periods vary; a sink fails punctuation once the first token is out."""
    blocks = [[f"{i}{letter}" for letter in "abcdefghijkl"[:n]] for i, n in enumerate((4, 6, 9))]
    batch = TokenBatch([sequence(" ".join(["S", *block, *block]), special=1) for block in blocks])
    offset = torch.zeros_like(uniform(batch))
    offset[:, 0] = batch.at_offset(5).float()  # induction's offset for a period of 6
    reducer = RowReducer(batch, [PATTERNS["induction"]])
    score = reducer(offset).scores.sum() / reducer.n_queries.sum()
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
    assert (sums.scores.sum() / reducer.n_queries.sum()) < 0.02


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


def test_definitions_are_json_safe():
    assert json.dumps([one.description for one in PATTERNS])
    assert np.all([one.version >= 1 for one in PATTERNS])


def test_the_order_does_not_depend_on_what_is_imported_first():
    """It decides the digest by which a scan is known again: from Python and from the command line it is the same."""
    code = (
        "import headatlas.patterns.content, headatlas.probes.ordinal_sequences;"
        "from headatlas.patterns import PATTERNS; from headatlas.probes import PROBES;"
        "print([*PATTERNS.names(), *PROBES.names()])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = ast.literal_eval(done.stdout)
    assert names == [*PATTERNS.names(), *PROBES.names()]
    modules = [one.defined_in.rpartition(":")[0] for one in PATTERNS]
    assert modules == sorted(modules)
