"""Which simple rule would imitate which pattern, asked for a model of which only the tokenizer is read."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest
from click.testing import CliRunner

from headatlas.cli.main import main
from headatlas.errors import ModelError
from headatlas.inputs.token_batch import TokenBatch
from headatlas.models.load import load_model, load_unweighted
from headatlas.patterns import PATTERNS, RIVALS
from headatlas.scanning.imitated import imitated_by, simple_rules
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import texts_for
from headatlas.scoring.targets import targets_of
from tests import warm


@pytest.fixture
def damaged(tiny, tmp_path):
    """A model whose weights cannot be read."""
    folder = tmp_path / "llama"
    shutil.copytree(tiny("llama"), folder)
    for file in folder.glob("*.safetensors"):
        file.write_bytes(b"none")
    return folder


@pytest.mark.slow
def test_a_model_without_weights_reads_the_same_texts(tiny, damaged):
    with pytest.raises(ModelError):
        load_model(damaged)
    unweighted, loaded = load_unweighted(damaged), load_model(tiny("llama"))
    assert {parameter.device.type for parameter in unweighted.hf_model.parameters()} == {"meta"}
    assert unweighted.info.n_parameters == loaded.info.n_parameters
    assert (unweighted.kinds, unweighted.media) == (loaded.kinds, loaded.media)
    settings = ScanSettings(probes=("indirect_object", "natural_text"))
    texts, expected = texts_for(unweighted, settings), texts_for(loaded, settings)
    assert [(text.probe.name, text.note) for text in texts] == [(text.probe.name, text.note) for text in expected]
    assert [sequence.ids for text in texts for sequence in text.sequences] == [
        sequence.ids for text in expected for sequence in text.sequences
    ]


def test_rules_are_simple():
    names = {rule.name for rule in simple_rules()}
    assert names >= {*RIVALS.names(), "first_token", "previous_token", "fixed_offset_2", "punctuation", "capitalised"}
    assert not names & {"induction", "name_mover", "matching_bracket", "entropy"}


@pytest.mark.slow
def test_shares_are_those_of_perfect_heads(damaged):
    """Against dense targets: of each query of the pattern, the part of the rule's keys that are the pattern's."""
    shares = dict(imitated_by(damaged, [PATTERNS["previous_token"]])["previous_token"])
    [text] = texts_for(load_unweighted(damaged), ScanSettings(probes=("natural_text",)))
    n_queries, sums = 0, dict.fromkeys(("local_window", "latest_mark", "first_token"), 0.0)
    for sequence in text.sequences:
        batch = TokenBatch([sequence])
        right = targets_of(PATTERNS["previous_token"], batch)[0]
        asked = right.any(-1)
        n_queries += int(asked.sum())
        for name in sums:
            keys = targets_of(RIVALS.get(name) or PATTERNS[name], batch)[0]
            part = (keys & right).sum(-1) / keys.sum(-1).clamp(min=1)
            sums[name] += float(part[asked].sum())
    assert {name: shares[name] for name in sums} == pytest.approx(
        {name: total / n_queries for name, total in sums.items()}
    )


@pytest.mark.slow
def test_the_command(damaged):
    printed = warm.run("patterns", "previous_token", "--imitated-by", "--model", str(damaged), "--json")
    rows = json.loads(printed.stdout)
    assert [row["share"] for row in rows] == sorted((row["share"] for row in rows), reverse=True)
    assert {row["pattern"] for row in rows} == {"previous_token"}
    as_csv = warm.run("patterns", "previous_token", "--imitated-by", "--model", str(damaged), "--csv")
    again = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert [(row["rule"], float(row["share"])) for row in again] == [(row["rule"], row["share"]) for row in rows]
    table = warm.run("patterns", "previous_token", "--imitated-by", "--model", str(damaged)).stdout.splitlines()
    assert table[0].split() == ["rule", "share"]
    assert len(table) - 1 >= sum(row["share"] > 0 for row in rows)
    assert "first_token" in printed.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "gpt2"], "--model goes with --imitated-by"),
        (["entropy", "--imitated-by"], "'entropy' is a number of each row of attention"),
        (["inducton", "--imitated-by"], "Did you mean 'induction'?"),
        (["--imitated-by", "--model", "./nowhere"], "There is no file or folder ./nowhere."),
    ],
)
def test_mistakes_are_sentences(arguments, message):
    result = CliRunner().invoke(main, ["patterns", *arguments], catch_exceptions=False)
    assert result.exit_code
    assert message in result.stderr
