"""Places that are no files, databases that a refusal must not touch, and lists too long to mean: a sentence each."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
import zipfile
from contextlib import closing

import numpy as np
import pytest
from click.testing import CliRunner

from headatlas.atlas import site
from headatlas.attention import array_files, recorded_files
from headatlas.cli import failing_models
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, OutputError
from headatlas.evidence.tasks import lines
from headatlas.files.whole import put_in_place
from headatlas.scanning import sweep
from headatlas.store import readonly, writable
from headatlas.views.single_page import check_place, write_page
from tests import fake_database
from tests.test_fuzz_inputs import rows

TASK_LINE = {"prompt": "The keys", "answer": " are", "wrong": [" is"]}


@pytest.fixture
def db(tmp_path):
    """A database as a site's downloads have them: one file, without a write-ahead log beside it."""
    path = fake_database.make(tmp_path / "heads.db", models=("tiny", "other"), layers=1, heads=2, tokens=("a", "b"))
    with sqlite3.connect(path) as connection:
        connection.execute("pragma journal_mode = delete")
    return path


@pytest.mark.parametrize(
    ("make", "what"),
    [(os.mkfifo, "a pipe"), (lambda path: path.symlink_to("/dev/full"), "a device"), (os.mkdir, "a folder")],
    ids=["pipe", "device", "folder"],
)
def test_a_page_takes_the_place_of_files_alone(tmp_path, db, make, what):
    make(tmp_path / "page.html")
    for write in (check_place, lambda path: write_page(path, b"page")):
        with pytest.raises(OutputError, match=f"it is {what}, not a file. Give another file"):
            write(tmp_path / "page.html")
    words = ["compare", "tiny", "other", "--db", str(db), "--html", str(tmp_path / "page.html")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert f"it is {what}" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [["task", "{task}", "--model", "none", "--html"], ["view", "none", "a", "--out"]])
def test_a_place_is_looked_at_before_a_model_is(tmp_path, words):
    (tmp_path / "task.jsonl").write_text(json.dumps(TASK_LINE))
    os.mkfifo(tmp_path / "page.html")
    words = [word.format(task=tmp_path / "task.jsonl") for word in (*words, str(tmp_path / "page.html"))]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "it is a pipe, not a file" in done.stderr
    nowhere = [*words[:-1], str(tmp_path / "no" / "x")]
    assert "cannot be written: No such file" in CliRunner().invoke(main, nowhere).stderr


@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
@pytest.mark.parametrize("words", [["models", "--db"], ["label", "--db"], ["import", "{catalog}", "--db"]])
def test_a_pipe_beside_a_database(db, tmp_path, end, words):
    if words[0] == "import":
        db.unlink()
    os.mkfifo(f"{db}{end}")
    done = CliRunner().invoke(main, [*(word.format(catalog=tmp_path) for word in words), str(db)])
    assert done.exit_code == 1
    assert f"heads.db{end} is a pipe, not a file" in done.stderr or words[0] == "import"


def of_several_databases(db, named) -> bytes:
    """The journal of a change to several databases at once, as SQLite writes it; `named` tells which they were."""
    magic = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
    content = db.read_bytes()
    size = int.from_bytes(content[16:18], "big")
    name = os.fsencode(named)
    beginning = (magic + struct.pack(">5I", 0, 0, len(content) // size, 512, size)).ljust(512, b"\0")
    page = struct.pack(">I", 2**30 // size + 1)
    return beginning + page + name + struct.pack(">2I", len(name), sum(name)) + magic


@pytest.mark.parametrize("words", [["models", "--db"], ["label", "--db"], ["import", "{catalog}", "--db"]])
def test_a_journal_that_has_another_file_deleted(db, tmp_path, words):
    assert CliRunner().invoke(main, ["export", "--db", str(db), "--out", str(tmp_path / "catalog")]).exit_code == 0
    (tmp_path / "notes").write_text("mine")
    (tmp_path / "heads.db-journal").write_bytes(of_several_databases(db, tmp_path / "notes"))
    before = db.read_bytes()
    done = CliRunner().invoke(main, [*(word.format(catalog=tmp_path / "catalog") for word in words), str(db)])
    assert done.exit_code == 1
    assert (
        "names a file that would be deleted. It would be read with the database heads.db; move it away" in done.stderr
    )
    assert (tmp_path / "notes").read_text() == "mine"
    assert db.read_bytes() == before


@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
@pytest.mark.parametrize("content", ["mine", None])
def test_a_link_beside_a_database(db, tmp_path, end, content):
    """What it leads to would be written into, or made."""
    if content is not None:
        (tmp_path / "notes").write_text(content)
    (tmp_path / f"heads.db{end}").symlink_to(tmp_path / "notes")
    for command in ("models", "label"):
        done = CliRunner().invoke(main, [command, "--db", str(db)])
        assert done.exit_code == 1
        assert f"heads.db{end} is a link" in done.stderr
    assert (tmp_path / "notes").exists() is (content is not None)
    assert content is None or (tmp_path / "notes").read_text() == content


def test_a_site_of_more_scans_than_sites_have(db, tmp_path, monkeypatch):
    monkeypatch.setattr(site, "MOST_SCANS", 1)
    done = CliRunner().invoke(main, ["atlas", "--db", str(db), "--out", str(tmp_path / "site")])
    assert done.exit_code == 1
    assert "holds 2 scans; a site has at most 1. Name those to be shown" in done.stderr
    assert not (tmp_path / "site").exists()


def test_what_stands_in_the_place_of_a_draft_is_not_written_into(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "page.html.part").symlink_to(tmp_path / "mine")
    with put_in_place(tmp_path / "page.html") as part:
        part.write_text("page")
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "page.html").read_text() == "page"


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_database_that_is_merged_into_itself_stays_as_it_is(db, tmp_path, link):
    before = db.read_bytes()
    link(db, tmp_path / "link.db")
    done = CliRunner().invoke(main, ["merge", str(tmp_path / "link.db"), str(db)])
    assert done.exit_code == 0
    assert "is the database that is copied into" in done.stderr
    assert db.read_bytes() == before


def test_what_is_refused_leaves_a_database_byte_for_byte(db, tmp_path):
    other = fake_database.make(tmp_path / "other.db", models=("tiny",), layers=1, heads=2, tokens=("a", "b"))
    with sqlite3.connect(other) as connection:
        connection.execute("update scans set finished = 'later'")
    np.savez(tmp_path / "a.npz", attention=rows(3), token_ids=np.arange(3)[None])
    before = db.read_bytes()
    for words, said in (
        (["score", str(tmp_path / "a.npz"), "--as", "tiny", "--db", str(db)], "made with other settings"),
        (["merge", str(db), str(other)], "1 left out: tiny"),
        (["rename", "tiny", "two\nlines", "--db", str(db)], "none of them a line break"),
        (["rename", "tiny", "other", "--db", str(db)], "already holds a scan of 'other'"),
    ):
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 1
        assert said in done.stderr
        assert db.read_bytes() == before, words


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["1>&-", "0<&- 1>&- 2>&-"])
def test_closed_streams(db, closed):
    """What is opened next must not have the number of standard output."""
    command = f"{sys.executable} -m headatlas heads tiny --json --db {db} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_tasks_too_long_to_measure(tmp_path, monkeypatch):
    (tmp_path / "task.jsonl").write_text(json.dumps(TASK_LINE | {"wrong": [f" x{i}" for i in range(1001)]}))
    with pytest.raises(HeadatlasError, match=r"line 1 has 1,001 wrong answers; at most 1,000 are read"):
        lines.read(tmp_path / "task.jsonl")
    monkeypatch.setattr(lines, "MOST_LINES", 2)
    (tmp_path / "task.jsonl").write_text("\n".join([json.dumps(TASK_LINE)] * 3))
    with pytest.raises(HeadatlasError, match="holds 3 lines, and a task has at most 2"):
        lines.read(tmp_path / "task.jsonl")


def test_a_list_of_too_many_models(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "MOST_MODELS", 2)
    (tmp_path / "list").write_text("a\nb\nc\n")
    with pytest.raises(HeadatlasError, match="names 3 models; at most 2 are read"):
        sweep.read_list(tmp_path / "list")


def configured(folder, **settings):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | settings))


@pytest.mark.slow
def test_a_model_that_fails_while_it_runs(tiny, tmp_path):
    folder = shutil.copytree(tiny("gpt2"), tmp_path / "model")
    configured(folder, n_head=-1)
    done = CliRunner().invoke(main, ["view", str(folder), "hello there", "--terminal", "--db", str(tmp_path / "x.db")])
    assert done.exit_code == 1
    assert done.stderr.endswith("weights: take the files that it was trained with.\n")
    assert "Error: The model fails while it runs (RuntimeError" in done.stderr


def test_our_own_code_is_not_taken_for_a_models():
    def raised_by(*names: str) -> Exception:
        """An error that went through functions of these packages, the outermost first."""
        functions: list = [None]
        for name in reversed(names):
            scope = {"__name__": f"{name}.module", "inner": functions[-1]}
            exec("def outer():\n    if inner is None:\n        raise ValueError('ours')\n    inner()", scope)
            functions.append(scope["outer"])
        with pytest.raises(ValueError, match="ours") as caught:
            functions[-1]()
        return caught.value

    def is_of_model(*names: str) -> bool:
        return failing_models._is_of_model(raised_by(*names).__traceback__)

    assert is_of_model("headatlas", "transformer_lens", "torch")
    assert is_of_model("headatlas", "torch", "transformers")
    assert not is_of_model("headatlas", "transformers", "torch", "headatlas")
    assert not is_of_model("headatlas", "transformers", "headatlas", "torch")
    assert not is_of_model("headatlas", "torch")


@pytest.mark.slow
def test_a_text_of_which_a_tokenizer_leaves_nothing(tiny, tmp_path):
    folder = shutil.copytree(tiny("gpt2"), tmp_path / "model")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["normalizer"] = {"type": "Replace", "pattern": {"Regex": ".*"}, "content": ""}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    done = CliRunner().invoke(main, ["view", str(folder), "hello there", "--terminal", "--db", str(tmp_path / "x.db")])
    assert done.exit_code == 1
    assert "The text has no token" in done.stderr


def test_recorded_attention_that_unpacks_to_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "_MOST_UNPACKED", 1000)
    np.savez_compressed(tmp_path / "a.npz", attention=np.zeros((1, 1, 1, 300, 300)), token_ids=np.arange(300)[None])
    with pytest.raises(HeadatlasError, match=r"unpacks from 0.0 MB to 1\."):
        recorded_files.read(tmp_path / "a.npz")


def test_recorded_attention_of_many_layers_that_are_next_to_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "_MOST_UNPACKED", 1_000_000)
    layers = {f"attention.{number}": np.zeros((1, 1, 300, 300)) for number in range(2)}
    np.savez_compressed(tmp_path / "a.npz", **layers, token_ids=np.arange(300)[None])
    with pytest.raises(HeadatlasError, match=r"unpacks from 0.0 MB to 1\."):
        recorded_files.read(tmp_path / "a.npz")


def test_recorded_attention_that_claims_to_be_packed_into_much(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "_MOST_UNPACKED", 1000)
    np.savez_compressed(tmp_path / "a.npz", attention=np.zeros((1, 1, 1, 300, 300)), token_ids=np.arange(300)[None])
    content = bytearray((tmp_path / "a.npz").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.npz") as file:
        at = file.start_dir  # where the list of members begins; a member's packed size is its 20th byte
    content[at + 20 : at + 24] = struct.pack("<I", 2**31)
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(HeadatlasError, match=r"unpacks from 0.0 MB to 1\."):
        recorded_files.read(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["token_ids", "special"])
def test_recorded_tokens_that_fill_the_memory(tmp_path, monkeypatch, name):
    monkeypatch.setattr(recorded_files, "_MOST_PLACES", 100)
    arrays = {"attention": rows(3), "token_ids": np.arange(3)[None]} | {name: np.zeros((1, 101), int)}
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(HeadatlasError, match=r"has shape \[1, 101\]: at most 100 places are read"):
        recorded_files.read(tmp_path / "a.npz")


@pytest.mark.parametrize("content", ["[" * 100_000, "[]"])
def test_a_kept_conversion_that_cannot_be_read_is_listed(tmp_path, monkeypatch, content):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path))
    kept = tmp_path / "gguf" / ("a" * 64)
    kept.mkdir(parents=True)
    (kept / "config.json").write_text(content)
    done = CliRunner().invoke(main, ["cache"])
    assert done.exit_code == 0
    assert "a .gguf file, converted" in done.stdout


def test_recorded_attention_of_more_layers_than_models_have(tmp_path):
    attention = np.broadcast_to(rows(3)[0], (1001, 1, 1, 3, 3))
    np.savez(tmp_path / "a.npz", attention=attention, token_ids=np.arange(3)[None])
    with pytest.raises(HeadatlasError, match="has 1,001 layers; from 1 to 1,000 are read"):
        recorded_files.read(tmp_path / "a.npz")
    layers = {f"attention.{number}": rows(3)[0] for number in range(1001)}
    np.savez(tmp_path / "a.npz", token_ids=np.arange(3)[None], **layers)
    with pytest.raises(HeadatlasError, match="has 1,001 layers; from 1 to 1,000 are read"):
        recorded_files.read(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "words",
    [["models"], ["rename", "tiny", "new"], ["rm", "tiny", "--yes"], ["merge", "{db}", "{other}"]],
    ids=" ".join,
)
def test_a_database_that_another_program_keeps_locked(db, tmp_path, monkeypatch, words):
    for module, patience in ((readonly, "PATIENCE"), (writable, "SHORT_PATIENCE")):
        assert getattr(module, patience) < 10
        monkeypatch.setattr(module, patience, 0.1)
    other = fake_database.make(tmp_path / "other.db", models=("third",), layers=1, heads=1, tokens=("a", "b"))
    named = [word.format(db=db, other=other) for word in words]
    with closing(sqlite3.connect(db)) as holder:
        holder.execute("begin exclusive")
        done = CliRunner().invoke(main, named if words[0] == "merge" else [*named, "--db", str(db)])
    assert done.exit_code == 1
    assert "database is locked. Another program is writing to it; run the same command again" in done.stderr


def test_a_cache_folder_that_holds_other_things_keeps_them(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path))
    for name in ("a" * 64, "mine"):
        (tmp_path / "gguf" / name).mkdir(parents=True)
        (tmp_path / "gguf" / name / "model.gguf").write_bytes(b"weights")
    assert CliRunner().invoke(main, ["cache", "--clear"]).stderr == f"7 bytes deleted from {tmp_path}.\n"
    assert [path.name for path in (tmp_path / "gguf").iterdir()] == ["mine"]


@pytest.mark.parametrize("content", [b"notes", b"", None])
def test_a_parquet_file_of_somebody_else_is_kept(tmp_path, db, content):
    (tmp_path / "out").mkdir()
    mine = tmp_path / "out" / "head_evidence.parquet"
    mine.mkdir() if content is None else mine.write_bytes(content)
    words = ["export", "--db", str(db), "--parquet", str(tmp_path / "out")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "is there already, and was not written by `headatlas export`" in done.stderr
    assert list((tmp_path / "out").iterdir()) == [mine]
    assert content is None or mine.read_bytes() == content
    mine.rmdir() if content is None else mine.unlink()
    assert [CliRunner().invoke(main, words).exit_code for _ in range(2)] == [0, 0]


def test_a_pipe_in_the_place_of_a_page_of_a_site(tmp_path, db):
    words = ["atlas", "--db", str(db), "--out", str(tmp_path / "site"), "--quiet"]
    assert CliRunner().invoke(main, words).exit_code == 0
    page = tmp_path / "site" / "index.html"
    page.unlink()
    os.mkfifo(page)
    assert CliRunner().invoke(main, words).exit_code == 0
    assert page.is_file()


def test_a_file_whose_first_change_fails_is_left_as_it_was(db):
    """Also in how SQLite keeps its journal, which is changed where others are to go on reading."""

    def refused():
        with writable.WritableDatabase(db) as database, database.transaction():
            database.db.execute("delete from labels")
            raise HeadatlasError("refused")

    before = db.read_bytes()
    with pytest.raises(HeadatlasError, match="refused"):
        refused()
    assert db.read_bytes() == before
    with writable.WritableDatabase(db) as database:
        for _ in range(2):
            with database.transaction():
                database.db.execute("delete from labels")
            assert database.db.journal_mode == "wal"


def test_what_is_stored_waits_for_who_is_reading(db):
    """Reading ends while the first thing is being stored, which another way of keeping the journal had to wait for."""
    with closing(sqlite3.connect(db, check_same_thread=False)) as reader:
        rows = reader.execute("select id from heads")
        rows.fetchone()
        threading.Timer(1.0, rows.close).start()
        with writable.WritableDatabase(db, patience=20.0) as database:
            for _ in range(2):
                with database.transaction():
                    database.db.execute("delete from labels")
        assert reader.execute("select count(*) from labels").fetchone() == (0,)
