"""Attention recorded elsewhere is scored like a model's own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import save_file

import headatlas
from headatlas import probes
from headatlas.atlas.site import build
from headatlas.attention.hooks import model_input
from headatlas.cli.main import main
from headatlas.errors import AttentionError, HeadatlasError
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.probes import PROBES


@pytest.fixture(scope="module")
def recorded(tiny):
    """What a Llama's own eager attention gives on a probe: padded arrays, ids, and what the tokens say."""
    model = load_model(tiny("llama"))
    vocabulary = Vocabulary(model.tokenizer, model.info.d_vocab)
    text = probes.make(PROBES["repeated_random_tokens"], vocabulary, model.info.context_length, 0)
    longest = max(map(len, text.sequences))
    attention = np.zeros((2, len(text.sequences), 4, longest, longest), np.float32)
    ids = np.full((len(text.sequences), longest), -1)
    for row, sequence in enumerate(text.sequences):
        first, _ = model_input(Inputs([sequence], {"self": True}), device="cpu", masked=False)
        with torch.inference_mode():
            layers = model.hf_model(first, output_attentions=True).attentions
        size = len(sequence)
        attention[:, row, :, :size, :size] = torch.stack(layers)[:, 0].numpy()
        ids[row, :size] = sequence.ids
    special = [sequence.special for sequence in text.sequences]
    return attention, ids, special, [sequence.texts for sequence in text.sequences]


@pytest.mark.slow
def test_scores_equal_those_of_a_scan(tiny, tmp_path, recorded):
    attention, ids, special, tokens = recorded
    db = tmp_path / "heads.db"
    scan = headatlas.scan(str(tiny("llama")), db=db, name="scan", probe_names=["repeated_random_tokens"])
    recorded_scan = headatlas.score_attention(attention, ids, special=special, tokens=tokens, db=db, name="array")
    columns = ["layer", "head", "pattern"]
    of_attention = scan.scores[scan.scores.pattern != "loudness"]  # what heads give was not recorded
    scanned = of_attention.set_index(columns).sort_index()
    recorded_scores = recorded_scan.scores.set_index(columns).sort_index()
    assert list(scanned.index) == list(recorded_scores.index)
    assert set(recorded_scores.attention) == {"self"}
    for column in ("score", "score_nosink", "chance", "ci_low", "ci_high", "n_queries"):
        np.testing.assert_allclose(scanned[column], recorded_scores[column], atol=1e-5, err_msg=column)
    examples = recorded_scan.head(1, 2).examples
    assert len(examples) == 2
    assert examples[0].weights.shape == (len(examples[0].tokens),) * 2


@pytest.mark.slow
def test_the_same_again_is_not_scored_twice_and_another_is_refused(tmp_path, recorded):
    attention, ids, _, _ = recorded
    db = tmp_path / "heads.db"
    headatlas.score_attention(attention, ids, db=db)
    headatlas.score_attention(attention, ids, db=db)
    with pytest.raises(HeadatlasError, match="holds a scan of 'recorded' made with other settings"):
        headatlas.score_attention(attention[:1], ids, db=db)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["npz", "safetensors", "one array a layer"])
def test_files(tmp_path, recorded, form):
    attention, ids, special, tokens = recorded
    few = slice(0, 5)
    attention, ids = attention[:, few], ids[few]
    path = tmp_path / f"arrays.{'safetensors' if form == 'safetensors' else 'npz'}"
    words = [list(row) + [""] * (ids.shape[1] - len(row)) for row in tokens[few]]
    marks = np.array([list(row) + [False] * (ids.shape[1] - len(row)) for row in special[few]])
    if form == "safetensors":
        arrays = {"attention": attention, "token_ids": ids, "special": marks}
        save_file({name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}, path,
                  metadata={"tokens": json.dumps(words)})  # fmt: skip
    elif form == "npz":
        np.savez(path, attention=attention, token_ids=ids, tokens=np.array(words), special=marks)
    else:
        layers = {f"attention.{number}": layer for number, layer in enumerate(attention)}
        np.savez(path, token_ids=ids, tokens=np.array(words), special=marks, **layers)
    db = tmp_path / "heads.db"
    done = CliRunner().invoke(main, ["score", str(path), "--db", str(db)])
    assert done.exit_code == 0, done.output
    with headatlas.open(db) as catalog:
        (row,) = catalog.rows("select tokens from examples order by id limit 1")
        kinds = {row[0] for row in catalog.rows("select distinct attention from head_scores where model = 'arrays'")}
    assert json.loads(row["tokens"])[0] == "<s>"
    assert kinds == {"self"}


@pytest.mark.slow
def test_cross_attention_with_its_source(tmp_path):
    ids, source = [[1, 5, 6]], [[5, 7, 6, 2]]
    cross = np.zeros((1, 1, 1, 3, 4), np.float32)
    cross[0, 0, 0, [0, 1, 2], [0, 0, 2]] = 1  # from 5 to 5 and from 6 to 6
    scan = headatlas.score_attention({"cross": cross}, ids, source_ids=source, db=tmp_path / "a.db")
    scores = scan.scores.set_index("pattern").score
    assert scores["same_source_token"] == 1
    assert scores["coming_source_token"] == 0.5
    assert scan.head(0, 0, "cross").examples[0].keys == ("5", "7", "6", "2")


@pytest.mark.slow
def test_recorded_attention_is_labelled_and_printed_like_a_scan(tmp_path):
    """Two heads on text with repeats: one looks back by one, one for the token after the last copy."""
    random = np.random.default_rng(0)
    ids, size = [], 48
    attention = np.zeros((1, 24, 2, size, size), np.float32)
    for row in range(24):
        half = random.choice(500, size=int(random.integers(12, 20)), replace=False)
        filler = random.choice(np.arange(500, 900), size=size - 2 * len(half), replace=False)
        tokens = [*filler[:5], *half, *filler[5:], *half]
        ids.append([int(token) for token in tokens])
        for q in range(size):
            attention[0, row, 0, q, max(q - 1, 0)] = 1
            earlier = [k for k in range(q) if tokens[k] == tokens[q]]
            attention[0, row, 1, q, earlier[-1] + 1 if earlier else 0] = 1
    scan = headatlas.score_attention(attention, ids, db=tmp_path / "a.db")
    labels = scan.labels.query("rank == 1").set_index("head").label
    assert labels[0] == "previous_token"
    assert "induction" in set(scan.labels[scan.labels["head"] == 1].label)
    page = build(scan.path, tmp_path / "site").parent / "recorded" / "heads" / "L0H0.html"
    scores = page.read_text("utf8").partition("Why these labels")[2]
    row = re.findall(r"previous token</a>.*?(?=<tr|</table>)", scores[scores.index("data-scores") :], re.DOTALL)[0]
    assert row.rstrip().endswith("<td>recorded")
    assert (tmp_path / "site" / "probes" / "recorded.html").exists()
    assert "1.000" in row, "the score it was given for"


@pytest.mark.slow
def test_a_stack_that_looks_ahead_is_an_encoder(tmp_path):
    rows = np.full((1, 1, 2, 3, 3), 1 / 3, np.float32)
    scan = headatlas.score_attention(rows, [[4, 5, 6]], db=tmp_path / "a.db")
    assert set(scan.scores.attention) == {"encoder"}
    assert "next_token" in set(scan.scores.pattern)


@pytest.mark.parametrize(
    ("attention", "ids", "message"),
    [
        (np.zeros((1, 1, 2, 3, 3), int), [[1, 2, 3]], "floating-point"),
        (np.zeros((1, 2, 2, 3, 3)), [[1, 2, 3]], r"shape \(2, 2, 3, 3\); with 1 sequences of up to 3 queries"),
        (np.zeros((1, 1, 2, 2, 2)), [[1, 2, 3]], r"it has to be \[1, head, 3, 3\]"),
        (np.zeros((1, 1, 2, 3, 3)), [[]], "Sequence 0 is empty"),
        ({"sideways": np.zeros((1, 1, 2, 3, 3))}, [[1, 2, 3]], "not 'sideways'"),
        ({"cross": np.zeros((1, 1, 2, 3, 3))}, [[1, 2, 3]], "needs `source_ids`"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, attention, ids, message):
    with pytest.raises(HeadatlasError, match=message):
        headatlas.score_attention(attention, ids, db=tmp_path / "a.db")


def test_rows_that_are_no_attention_are_refused(tmp_path):
    with pytest.raises(AttentionError, match="rows that are not attention"):
        headatlas.score_attention(np.full((1, 1, 1, 2, 2), 0.9), [[1, 2]], db=tmp_path / "a.db")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"words", "neither a .npz nor a .safetensors"),
        ("a.npz", b"words", "cannot be read|damaged"),
        ("a.safetensors", b"words", "cannot be read|damaged"),
        ("absent.npz", None, "There is no file"),
    ],
)
def test_files_of_another_kind(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = CliRunner().invoke(main, ["score", str(path), "--db", str(tmp_path / "a.db")])
    assert done.exit_code == 1
    assert any(part in done.output for part in message.split("|"))
    assert "Traceback" not in done.output


@pytest.mark.slow
def test_the_example_of_the_documentation_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parent.parent / "docs" / "recorded.md").read_text("utf8")
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], {})
    assert "current_token" in capsys.readouterr().out
    with headatlas.open("recorded.db") as catalog:
        rows = catalog.rows("select score from head_scores where pattern = 'current_token' and head = 0")
    assert [row[0] for row in rows] == [1.0]
