"""One meaning of MODEL: paths of one folder, and names of scans."""

from __future__ import annotations

import shutil
import sqlite3

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import ModelError
from headatlas.models.load import name_of
from headatlas.store.locations import StoredModel, stored_model

PROBE = "repeated_random_tokens"


def run(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory):
    """A folder with the model ft and, in heads.db, its scan."""
    folder = tmp_path_factory.mktemp("here")
    shutil.copytree(tiny("gpt2"), folder / "ft")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = run("scan", "./ft", "--db", "heads.db", "--probe", PROBE)
        assert done.exit_code == 0, done.output
    return folder


@pytest.mark.slow
def test_one_folder_is_one_model(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for path in ("./ft", "ft", "ft/", folder / "ft", f"../{folder.name}/ft"):
        done = run("scan", path, "--db", "heads.db", "--probe", PROBE)
        assert "ft is already in heads.db; nothing to do" in done.output
        done = run("heads", path, "--db", "heads.db", "--limit", 1, "--csv")
        assert "\nft,self," in done.output, (path, done.output)
    monkeypatch.chdir(folder / "ft")
    assert "nothing to do" in run("scan", ".", "--db", "../heads.db", "--probe", PROBE).output
    with headatlas.open("../heads.db") as catalog:
        (row,) = catalog.scans()
    assert (row["model"], row["location"]) == ("ft", str(folder / "ft"))


def test_what_models_are_called(tiny, tmp_path, monkeypatch):
    folder = tmp_path
    shutil.copytree(tiny("gpt2"), folder / "ft")
    monkeypatch.chdir(folder)
    assert [name_of(path) for path in ("./ft", "ft/", "./nowhere")] == ["ft", "ft", "./nowhere"]
    for name in ("gpt2", "EleutherAI/pythia-70m", "smollm2-135m", str(folder / "ft")):
        assert name_of(name) == name


@pytest.mark.slow
def test_view_and_evidence_take_a_stored_name(folder, tmp_path):
    db = tmp_path / "heads.db"
    shutil.copy(folder / "heads.db", db)
    with sqlite3.connect(db) as connection:
        connection.execute("update scans set model = 'mine'")
    connection.close()
    done = run("view", "mine", "She said (no).", "--db", db, "--layer", 0, "--head", 0, "--terminal")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("mine, L0H0")
    assert headatlas.view("mine", "She said (no).", db=db, progress=False).model == "mine"
    done = run("evidence", "mine", "--db", db, "--probe", PROBE)
    assert done.exit_code == 0, done.output
    assert "mine: evidence gathered" in done.output
    assert "already in" in run("evidence", folder / "ft", "--db", db, "--probe", PROBE).output, "the only scan of it"


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (StoredModel("a", "bridge", None, None), "was held in Python, .* Give the model itself, with --as a."),
        (StoredModel("a", "recorded", None, None), "was recorded elsewhere"),
        (StoredModel("a", "folder", "/no/such/folder", None), "was in /no/such/folder, where there is nothing now"),
    ],
)
def test_models_that_cannot_be_loaded_by_name(stored, message):
    with pytest.raises(ModelError, match=message):
        stored.to_load()


def test_models_of_the_hub_are_loaded_as_they_were():
    assert StoredModel("a", "hub", "someone/something", "0123").to_load() == "someone/something"
    assert StoredModel("of-an-older-file", "folder", None, None).to_load() == "of-an-older-file"


@pytest.mark.slow
def test_exported_scans_do_not_say_where_the_model_was(folder, tmp_path):
    assert run("export", "ft", "--db", folder / "heads.db", "--out", tmp_path / "out").exit_code == 0
    text = (next((tmp_path / "out").rglob("scan.json"))).read_text()
    assert str(folder) not in text.replace(str(folder / "heads.db"), "")
    assert run("import", tmp_path / "out", "--db", tmp_path / "new.db").exit_code == 0
    assert stored_model(tmp_path / "new.db", "ft") == StoredModel("ft", "folder", None, None)


def test_a_database_that_cannot_be_read_is_left_to_others(tmp_path):
    (tmp_path / "a.db").write_text("no database")
    assert stored_model(tmp_path / "a.db", "ft") is None
    assert stored_model(tmp_path / "nowhere.db", "ft") is None
