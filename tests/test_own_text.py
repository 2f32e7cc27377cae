"""Scans on a user's own text: a file, a local dataset, and what is said of unusable ones."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.patterns import PATTERNS
from headatlas.probes import make
from headatlas.probes.own_text import WINDOW, dataset_probe, text_probe
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model

TEXT = "The ferry leaves at nine, and the baker waves. The ferry is late; the baker goes home. " * 40


@pytest.fixture
def essay(tmp_path):
    path = tmp_path / "essay.txt"
    path.write_text(TEXT)
    return path


@pytest.mark.slow
def test_text_file_is_scanned_with_all_patterns_that_need_no_roles(tiny, tmp_path, essay):
    db = tmp_path / "heads.db"

    def scan() -> bool:
        settings = ScanSettings(own_text=(text_probe(essay),))
        return scan_model(str(tiny("llama")), db=db, name="tiny", settings=settings).ran

    assert scan()
    with headatlas.open(db) as catalog:
        scores = catalog.scores("tiny")
        listed = catalog.head_rows("tiny", pattern="previous_token")
    assert set(scores["probe"]) == {"text:essay.txt"}
    assert {"previous_token", "induction", "punctuation", "entropy"} <= set(scores["pattern"])
    assert len(listed) == 8, "the only probe of the scan is the one that is read"
    assert not scan()
    essay.write_text(TEXT + "And more.")
    with pytest.raises(HeadatlasError, match="with other settings"):
        scan()


def test_long_text_is_cut_into_sequences_that_fit_and_nothing_is_lost(tiny, essay):
    from headatlas.models.load import load_model

    vocabulary = Vocabulary(load_model(tiny("llama")).tokenizer, 360)
    whole = vocabulary.encode(TEXT)
    text = make(text_probe(essay), vocabulary, 128, 0)
    assert len(whole) > WINDOW
    assert max(map(len, text.sequences)) == 128
    ids = [
        i
        for sequence in text.sequences
        for i, special in zip(sequence.ids, sequence.special, strict=True)
        if not special
    ]
    assert ids == whole


@pytest.mark.slow
def test_longer_windows(tiny, tmp_path, essay):
    """One sequence longer than those whose attention is kept: scored, listed and shown all the same."""
    db, folder = str(tmp_path / "heads.db"), tmp_path / "long"
    shutil.copytree(tiny("llama"), folder)  # whose rotary positions go on for ever
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 512}))
    arguments = ["scan", str(folder), "--as", "tiny", "--db", db, "--text", str(essay), "--window", "480"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    with headatlas.open(db) as catalog:
        (row,) = catalog.rows("select n_sequences, n_tokens from scan_probes")
        assert row["n_tokens"] / row["n_sequences"] > WINDOW
        assert not catalog.rows("select * from examples")
        assert len(catalog.head_rows("tiny", pattern="induction")) == 8
    done = CliRunner().invoke(main, ["atlas", "--db", db, "--out", str(tmp_path / "site")])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(main, ["scan", str(folder), "--db", db, "--window", "480"])
    assert done.exit_code == 2
    assert "give --text or --dataset too" in done.output


@pytest.mark.slow
def test_local_dataset_is_streamed(tiny, tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    rows = [{"text": f"Number {i}: the ferry, the baker.", "title": f"t{i}"} for i in range(100)]
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    probe = dataset_probe(str(folder))
    assert probe.name == "dataset:corpus"
    scan_model(str(tiny("gpt2")), db=tmp_path / "heads.db", name="tiny", settings=ScanSettings(own_text=(probe,)))
    with headatlas.open(tmp_path / "heads.db") as catalog:
        (row,) = catalog.rows("select n_sequences from scan_probes")
    assert row["n_sequences"] == 64
    assert dataset_probe(str(folder), "title").version != probe.version
    with pytest.raises(HeadatlasError, match="has no column 'body'. Its columns are: text, title"):
        dataset_probe(str(folder), "body")


@pytest.mark.slow
def test_a_dataset_may_be_a_file_or_this_very_folder(tmp_path, monkeypatch):
    """The same passages, from wherever they come, are the same numbers."""
    texts = [f"Number {i}: the ferry, the baker." for i in range(3)]
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in texts))
    (tmp_path / "rows.csv").write_text("\n".join(["text", *(f'"{text}"' for text in texts)]))
    (tmp_path / "lines.txt").write_text("\n".join(texts))
    folder = tmp_path / "corpus"
    folder.mkdir()
    shutil.copy(tmp_path / "rows.jsonl", folder)
    monkeypatch.chdir(folder)
    probes = [dataset_probe(str(tmp_path / name)) for name in ("rows.jsonl", "rows.csv", "lines.txt")]
    probes.append(dataset_probe("."))
    assert [probe.name for probe in probes] == [
        f"dataset:{n}" for n in ("rows.jsonl", "rows.csv", "lines.txt", "corpus")
    ]
    assert len({probe.version for probe in probes}) == 1
    with pytest.raises(HeadatlasError, match="'rows.jsonl' has no column 'body'. Its columns are: text"):
        dataset_probe("rows.jsonl", "body")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b" \n ", "is empty"), (b"\xff\xfe\x00\xd8", "cannot be read as UTF-8 text")],
)
def test_unusable_text(tmp_path, content, message):
    path = tmp_path / "essay.txt"
    path.write_bytes(content)
    with pytest.raises(HeadatlasError, match=message):
        text_probe(path)


@pytest.mark.slow
def test_a_text_of_a_single_token(tiny, tmp_path):
    """It has no attention to speak of."""
    (tmp_path / "one.txt").write_text("a")
    sentence = r"No probe fits this model: text:one.txt has fewer than two tokens, so that none can look at another\.$"
    settings = ScanSettings(own_text=(text_probe(tmp_path / "one.txt"),))
    with pytest.raises(HeadatlasError, match=sentence):
        scan_model(str(tiny("gpt2")), db=tmp_path / "heads.db", settings=settings)


def test_missing_text_and_dataset(tmp_path):
    with pytest.raises(HeadatlasError, match="There is no text file"):
        text_probe(tmp_path / "nothing.txt")
    with pytest.raises(HeadatlasError, match="could not be read"):
        dataset_probe(str(tmp_path / "nothing"))


@pytest.mark.slow
def test_value_weighted_scores(tiny, tmp_path, essay):
    db = tmp_path / "heads.db"
    scan_model(
        str(tiny("llama")),
        db=db,
        name="tiny",
        settings=ScanSettings(own_text=(text_probe(essay),), value_weighted=True),
    )
    with headatlas.open(db) as catalog:
        rows = catalog.rows(
            "select score, value_weighted from scores join patterns on patterns.id = pattern_id where name = ?",
            [PATTERNS["previous_token"].name],
        )
    assert len(rows) == 8
    assert all(0 < row["value_weighted"] < 1 for row in rows)
    assert any(abs(row["value_weighted"] - row["score"]) > 1e-3 for row in rows)
