"""Standard output that is full, or of an encoding that lacks what is printed: a sentence or an escape, no traceback."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from headatlas.cli import output
from headatlas.cli.main import main
from headatlas.cli.terminal_text import spelled_in_json, spelled_out
from headatlas.errors import HeadatlasError
from tests import fake_database

HEADATLAS = [sys.executable, "-m", "headatlas"]
FULL = Path("/dev/full")
# Clears the screen, in the seven-bit and the eight-bit form, and turns the direction of writing round.
OBEYED = "\x1b[2J\x9b2J\u202e"


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["patterns"], ["patterns", "--json"]])
def test_a_full_output_is_said(words):
    with FULL.open("w") as full:
        done = subprocess.run([*HEADATLAS, *words], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "Error: Standard output cannot be written: No space left on device.\n"


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_where_standard_error_is_full_too_nobody_is_told():
    code = "import os, headatlas.cli.main as m\ntry: m.main(['patterns'])\nexcept OSError: os._exit(7)"
    with FULL.open("w") as full:
        assert subprocess.run([sys.executable, "-c", code], stdout=full, stderr=full).returncode == 1


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_an_encoding_lacks_is_escaped(encoding):
    def run(*words: str, encoding: str = encoding) -> str:
        variables = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
        done = subprocess.run([*HEADATLAS, *words], capture_output=True, env=variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode(encoding)

    whole = run("patterns", "--json", encoding="utf-8")
    assert any(ord(letter) > 255 for letter in whole), "something that the encoding lacks"
    assert json.loads(run("patterns", "--json")) == json.loads(whole)
    if encoding != "ascii":  # which click takes for UTF-8 that was set up wrongly
        assert "-----" in run("probes")


def test_what_a_terminal_would_obey_is_spelled():
    assert spelled_out(f"a{OBEYED}é\n\tb") == "a\\x1b[2J\\x9b2J\\u202eé\n\tb"
    assert spelled_out("\ud800") == "\\ud800"
    text = json.dumps([OBEYED, "\ud800"], ensure_ascii=False)
    assert not set(spelled_in_json(text)) & set(OBEYED + "\ud800") - set("[2J")
    assert json.loads(spelled_in_json(text)) == [OBEYED, "\ud800"]


@pytest.fixture(scope="module")
def hostile_names(tmp_path_factory):
    """A database of a model, and its architecture, whose names are escape sequences."""
    path = fake_database.make(tmp_path_factory.mktemp("names") / "heads.db", models=(f"{OBEYED}x",))
    with sqlite3.connect(path) as connection:
        connection.execute("update scans set architecture = ?", [OBEYED])
        connection.execute("insert into warnings select id, ? from scans", [OBEYED])
    return path


@pytest.mark.parametrize(
    "words",
    [["models"], ["models", "--json"], ["models", "--markdown"], ["models", "--latex"], ["info", f"{OBEYED}x"],
     ["heads"], ["kinds", "--wide"], ["heads", f"{OBEYED}y"], ["query", f"select 1 as '{OBEYED}'"], [f"{OBEYED}"],
     ["rm", f"{OBEYED}x"], ["heads", "--layer", OBEYED], ["groups", f"{OBEYED}x"]],
)  # fmt: skip
def test_names_do_not_reach_the_terminal_as_they_are(hostile_names, words):
    done = CliRunner().invoke(main, [*words, *([] if len(words[0]) > 6 else ["--db", str(hostile_names)])], input="n\n")
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert not set(done.output) & set(OBEYED) - set("[2J")
    assert "x1b[2J" in done.output or "u001b[2J" in done.output


def test_csv_has_names_as_they_are_for_programs(hostile_names):
    assert OBEYED in CliRunner().invoke(main, ["models", "--csv", "--db", str(hostile_names)]).stdout


def test_a_nul_among_the_words_of_a_command():
    done = CliRunner().invoke(main, ["heads", "a\0b"])
    assert done.exit_code == 2
    assert "Error: A word of the command holds a NUL" in done.stderr


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_tables_for_a_page_are_of_a_page(monkeypatch, capsys, form):
    monkeypatch.setattr(output, "MAX_PAGE_ROWS", 2)
    output.write(("a",), [(1,), (2,)], form)
    assert "2" in capsys.readouterr().out
    with pytest.raises(HeadatlasError, match=r"3 rows are more than the 2 that .* take --csv"):
        output.write(("a",), [(1,), (2,), (3,)], form)


def test_nobody_can_be_asked_where_standard_input_is_closed(hostile_names, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemExit):
        main(["rm", f"{OBEYED}x", "--db", str(hostile_names)])
    assert "Standard input is closed, so that nobody can be asked. --yes deletes" in capsys.readouterr().err


@pytest.mark.slow
def test_a_process_of_ours_ends_without_looking_for_garbage():
    class_of_garbage = "class Cycle:\n def __init__(self): self.me = self\n def __del__(self): print('looked for')\n"
    held = "kept = Cycle()\n"
    command = "import headatlas.cli.main as m\nm.main(['--version'])"

    def said(code: str) -> str:
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "looked for" in said(class_of_garbage + held)
    assert "looked for" not in said(class_of_garbage + held + command)
