"""`headatlas info`: what a scan found in 25 lines; the help; what the shell completes."""

from __future__ import annotations

import json
import shlex
import sqlite3
from contextlib import closing

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from headatlas.cli.main import SECTIONS, main
from tests import fake_database


@pytest.fixture
def db(tmp_path):
    return fake_database.make(tmp_path / "heads.db", models=("some model", "tuned"))


def invoke(*arguments, columns=80):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": str(columns)})


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 80, 100])
def test_what_a_scan_found_in_25_lines(db, columns):
    lines = invoke("info", "some model", "--db", db, columns=columns).stdout.splitlines()
    assert len(lines) <= 25
    assert max(map(len, [line for line in lines if "headatlas" not in line and "stored in" not in line])) <= columns
    text = "\n".join(lines)
    assert lines[0] == "some model"
    assert "3 layers, 12 heads, 123.5M" in text
    assert "passed: within 1.2e-07 of Hugging Face eager attention" in " ".join(text.split())
    assert "9 of 12 heads carry none." in text
    [induction] = [line.split() for line in lines if line.startswith("induction")]
    assert induction[1] == "3"
    assert float(induction[3]) == 0.77
    assert "2 scans; this one holds" in " ".join(text.split())


@pytest.mark.slow
def test_what_is_one_is_said_as_one(db):
    """And attention that is the very same is not "within 0.0e+00" of what it was compared with."""
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("update certificates set max_difference = 0")
        connection.execute("update scan_probes set n_sequences = 0 where probe_id <> (select min(id) from probes)")
    text = " ".join(invoke("info", "some model", "--db", db).stdout.split())
    assert ": 1 probe (the quick set), " in text, "what the other was left out of is the set"
    assert "certificate passed: no difference from Hugging Face" in text


@pytest.mark.slow
def test_the_next_commands_run(db):
    lines = invoke("info", "some model", "--db", db).stdout.splitlines()
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("headatlas ")]
    assert [command[0] for command in commands] == ["heads", "atlas"], "evidence is there"
    listed = invoke(*commands[0])
    assert listed.exit_code == 0
    assert "L1H0" in listed.stdout


@pytest.mark.slow
def test_a_scan_without_labels_names_its_best_heads(db):
    connection = sqlite3.connect(db)
    with connection:
        connection.execute("delete from labels")
    connection.close()
    best = json.loads(invoke("heads", "tuned", "--db", db, "--json").stdout)[0]
    lines = invoke("info", "tuned", "--db", db).stdout.splitlines()
    [first] = [line.split() for line in lines if line.startswith(f"L{best['layer']}H{best['head']} ")][:1]
    assert first[1:] == [best["pattern"], f"{best['score']:.3f}"]


@pytest.mark.slow
def test_info_for_programs(db):
    said = json.loads(invoke("info", "some model", "--db", db, "--json").stdout)
    assert (said["model"], said["n_heads"], said["n_unlabelled"]) == ("some model", 12, 9)
    assert {label["label"]: label["n_heads"] for label in said["labels"]} == {"induction": 3, "punctuation": 3}
    assert said["certificate"]["passed"] == 1
    assert said["database_bytes"] >= db.stat().st_size > said["scan_bytes"] > 10_000
    assert "There is no model" in invoke("info", "nobody", "--db", db).stderr


def test_the_help_has_every_command_once_with_its_whole_first_line():
    shown = CliRunner().invoke(main, ["--help"], env={"COLUMNS": "80"}).output
    assert shown.count("...") == 1, "that of the usage"
    words = " ".join(shown.split())
    for name, command in main.commands.items():
        first = (command.help or "").strip().splitlines()[0]
        assert f"{name} {' '.join(first.split())}" in words
    assert all(f"\n{section}:\n" in shown for section in SECTIONS)
    listed = [name for names in SECTIONS.values() for name in names]
    assert len(listed) == len(set(listed))


def completed(*words):
    """What the shell offers after some words, the last of which is being typed."""
    shell = ShellComplete(main, {}, "headatlas", "_HEADATLAS_COMPLETE")
    return [item.value for item in shell.get_completions(list(map(str, words[:-1])), words[-1])]


@pytest.mark.slow
def test_the_shell_knows_models_patterns_and_labels(db, monkeypatch):
    monkeypatch.setenv("HEADATLAS_DB", str(db))
    assert completed("heads", "") == ["some model", "tuned"]
    assert completed("compare", "tuned", "s") == ["some model"]
    assert completed("info", "t") == ["tuned"]
    assert completed("heads", "--label", "i") == ["induction"]
    assert "previous_token" in completed("heads", "--pattern", "prev")
    assert completed("patterns", "longer") == ["longer_prefix_induction"]
    assert "natural_text" in completed("probes", "nat")
    assert "induction-heads" in completed("query", "ind")
    assert completed("heads", "--sort", "sc") == ["score", "score_nosink"]
    assert "merge" in completed("mer")
    monkeypatch.setenv("HEADATLAS_DB", str(db.with_name("missing.db")))
    assert completed("heads", "") == []


@pytest.mark.slow
def test_the_shell_reads_the_database_that_is_named(db, tmp_path):
    other = fake_database.make(tmp_path / "other.db", models=("elsewhere",))
    assert completed("heads", "--db", other, "") == ["elsewhere"]


def test_every_model_and_pattern_is_completed():
    """An argument called MODEL, and an option for patterns or labels, is never left to the shell."""
    for name, command in main.commands.items():
        if name in ("scan", "view", "evidence", "bench", "sweep"):  # of the hub, or of the disk
            continue
        for parameter in command.params:
            if parameter.name in ("model", "models", "among", "pattern", "patterns", "label", "labels", "probe"):
                assert parameter._custom_shell_complete is not None, f"{name} {parameter.name}"
                assert isinstance(parameter, click.Parameter)


@pytest.mark.slow
def test_on_what_labels_rest(db):
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("update labels set basis = 'awake', awake = 0.125, score = 0.625 where label = 'induction'")
    asked = ("heads", "some model", "--label", "induction", "--db", db)
    table = invoke(*asked, columns=120).stdout.splitlines()
    assert table[0].split()[-4:] == ["label's", "score", "basis", "awake"]
    assert all(line.split()[-3:] == ["0.625", "awake", "0.125"] for line in table[2:5])
    rows = json.loads(invoke(*asked, "--json").stdout)
    assert {(row["basis"], row["awake"], row["label_score"]) for row in rows} == {("awake", 0.125, 0.625)}
    assert [*rows[0]][-3:] == ["basis", "awake", "label_score"], "new columns come last"
    said = json.loads(invoke("info", "some model", "--json", "--db", db).stdout)
    of = {label["label"]: (label["basis"], label["awake"], label["label_score"]) for label in said["labels"]}
    assert of == {"induction": ("awake", 0.125, 0.625), "punctuation": (None, None, None)}
