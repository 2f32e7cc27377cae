"""Texts, datasets, tasks and names given to commands that once took minutes or gigabytes, or ended in a traceback."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from headatlas.bench.heads import heads_of
from headatlas.catalog import literature
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.evidence.tasks import lines
from headatlas.evidence.tasks.lines import TaskLine
from headatlas.evidence.tasks.prompts import DoesNotFit, task_prompt
from headatlas.files import given, passages
from headatlas.files.given import read_text
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.probes import own_text
from headatlas.probes.own_text import dataset_probe
from headatlas.views import surprise
from tests import fake_database


def by_letter(text, limit=None):
    return list(map(ord, text))


def marked(text, limit=None):
    """As a tokenizer that puts a mark before each text, and in the place of spaces."""
    return list(map(ord, f"_{text}".replace(" ", "_")))


@pytest.mark.parametrize(
    ("text", "encode"), [("a" * 3000, by_letter), ("the ferry leaves " * 199, marked), ("中" * 3000, by_letter)]
)
def test_texts_without_spaces_or_of_tokenizers_with_marks_are_cut(monkeypatch, text, encode):
    """A part at a time is encoded: a tokenizer takes 200 bytes for each token."""
    monkeypatch.setattr(own_text, "_PIECE", 300)
    assert max(map(len, own_text._pieces(text, encode))) <= 600
    assert [token for window in own_text._windows([text], encode, 50) for token in window] == encode(text)


def test_a_text_that_no_cut_leaves_as_it_is_has_bounded_parts(monkeypatch):
    monkeypatch.setattr(own_text, "_PIECE", 300)
    parts = list(own_text._pieces("a b\n" * 1000, lambda text, _: [len(text)]))
    assert "".join(parts) == "a b\n" * 1000
    assert max(map(len, parts)) <= own_text._MOST_TOGETHER


def test_a_file_that_says_it_is_empty_is_not_waited_for():
    """The kernel's messages end when the machine does."""
    if not Path("/proc/kmsg").exists():
        pytest.skip("no such file here")
    assert read_text(Path("/proc/kmsg")) == ""


@pytest.mark.parametrize(
    ("limit", "said"),
    [("MOST_MEMORY", "of memory"), ("MOST_SECONDS", "seconds of a processor"), ("MOST_WAIT", "seconds")],
)
def test_datasets_that_take_too_much_are_broken_off(tmp_path, monkeypatch, limit, said):
    (tmp_path / "a.jsonl").write_text('{"text": "a b"}')
    monkeypatch.setattr(passages, limit, -1)
    with pytest.raises(HeadatlasError, match=f"To read the first rows of the dataset .* takes more than .*{said}"):
        dataset_probe(str(tmp_path / "a.jsonl"))


@pytest.mark.slow
def test_datasets_of_odd_columns(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"k" * 100_000: 1} | dict.fromkeys(map(str, range(30)), 1)))
    with pytest.raises(HeadatlasError, match=r"has no column 'text'\. Its columns are: k.* and 11 more") as error:
        dataset_probe(str(tmp_path / "a.jsonl"))
    assert len(str(error.value)) < 1000


def test_a_dataset_whose_reader_ends_is_a_sentence(monkeypatch):
    monkeypatch.setattr(passages, "_PROGRAM", "import os; os.abort()")
    with pytest.raises(HeadatlasError, match="the library that reads it broke off"):
        dataset_probe("any")


def test_an_empty_name_is_no_dataset():
    with pytest.raises(HeadatlasError, match="An empty name is no dataset"):
        dataset_probe("")


def test_texts_that_are_too_long_by_their_first_letters_are_not_encoded(tiny):
    vocabulary = Vocabulary(load_model(tiny("gpt2")).tokenizer, 360)
    encode, lengths = vocabulary.encode, []
    vocabulary.encode = lambda text, limit=None: lengths.append(len(text)) or encode(text, limit)
    assert not vocabulary.exceeds("The ferry leaves at nine. " * 5, 128)
    long = "The ferry leaves at nine. " * 10_000
    for line in (TaskLine(long, "a"), TaskLine("a", long), TaskLine("a", " b", (long,)), TaskLine("a", "b", (), long)):
        with pytest.raises(DoesNotFit, match="has more tokens than the model reads, 128 at most"):
            task_prompt(line, vocabulary, 128)
    assert max(lengths) <= 32 * 128
    done = CliRunner().invoke(main, ["view", str(tiny("gpt2")), "-", "--terminal"], input=long)
    assert "The text has more tokens than" in done.stderr


def test_a_loop_of_links_is_no_program(tmp_path):
    (tmp_path / "a.py").symlink_to(tmp_path / "a.py")
    with pytest.raises(HeadatlasError, match="Too many levels of symbolic links"):
        heads_of(tmp_path / "a.py")


@pytest.mark.parametrize("option", ["--svg", "--png"])
def test_a_folder_is_no_picture(option):
    done = CliRunner().invoke(main, ["view", "any", "a b", option, "."])
    assert done.exit_code == 2
    assert "writes a file, and . is a folder" in done.stderr


@pytest.mark.parametrize("name", [os.fsdecode(b"\xff"), "~nobody"])
def test_names_that_only_a_file_system_takes(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    db = fake_database.make(tmp_path / "x.db", models=("a",), layers=1, heads=1, tokens=("a", "b"))
    done = CliRunner().invoke(main, ["merge", f"{name}.db", str(db)])
    assert done.exit_code == 0, done.output
    with sqlite3.connect(f"{name}.db") as connection:
        assert connection.execute("select count(*) from scans").fetchone() == (1,)
    for _ in range(2):
        done = CliRunner().invoke(main, ["export", "--db", f"{name}.db", "--parquet", name])
        assert done.exit_code == 0, done.output
    assert (tmp_path / name / "head_scores.parquet").is_file()


def test_too_many_lines_of_a_task_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MOST_LINES", 2)
    (tmp_path / "t.jsonl").write_text("no JSON\n" * 3)
    with pytest.raises(HeadatlasError, match="holds 3 lines, and a task has at most 2"):
        lines.read(tmp_path / "t.jsonl")


@pytest.mark.parametrize(
    ("name", "read"), [("a.json", surprise.read), ("a.jsonl", surprise.read), ("a.jsonl", lines.read)]
)
def test_json_of_millions_of_nothings_is_not_read(tmp_path, name, read):
    """An empty list takes 60 bytes, and three as it is written."""
    (tmp_path / name).write_text("[" + "[]," * given.MOST_VALUES + "1]")
    with pytest.raises(HeadatlasError, match="holds more than 5,000,000 values"):
        read(tmp_path / name)


def test_log_probabilities_of_many_sequences(tmp_path, monkeypatch):
    sequence = {"tokens": ["a", "b", "a", "b", "c"], "logprobs": [-1, -2, -1, -0.5, None]}
    sequences = [sequence | {"logprobs": [-1, -2, -1, -number / 100, None]} for number in range(50)]
    (tmp_path / "a.json").write_text(json.dumps({"sequences": sequences}))
    together = surprise.drops(surprise.read(tmp_path / "a.json"))
    monkeypatch.setattr(surprise, "_DRAWN", 120)
    assert surprise.drops(surprise.read(tmp_path / "a.json")) == together
    monkeypatch.setattr(surprise, "MOST_SEQUENCES", 49)
    with pytest.raises(HeadatlasError, match="holds 50 sequences; at most 49 are read"):
        surprise.read(tmp_path / "a.json")


def test_a_list_of_literature_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(literature, "MOST_FINDINGS", 1)
    row = "\na,L0H0,induction,induction,attention,0.5,x,me,paper"
    (tmp_path / "a.csv").write_text(",".join(literature.COLUMNS) + row)
    assert literature.read(tmp_path / "a.csv").findings
    (tmp_path / "a.csv").write_text(",".join(literature.COLUMNS) + row * 2)
    with pytest.raises(HeadatlasError, match="has more than 1 rows"):
        literature.read(tmp_path / "a.csv")
