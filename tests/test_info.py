"""`headatlas info`: what a scan found in 25 lines, and what a head does; the help; what the shell completes."""

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


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_a_head_in_short(db, columns):
    lines = invoke("info", "some model", "L1H0", "--db", db, columns=columns).stdout.splitlines()
    assert lines[0] == "some model L1H0"
    assert max(len(line) for line in lines if not line.startswith("headatlas ")) <= columns
    for line in lines:
        if line.startswith("headatlas "):
            assert invoke(*shlex.split(line)[1:]).exit_code == 0, "what is offered next runs"


def test_a_head_for_programs_is_what_the_views_have(db):
    with closing(sqlite3.connect(db)) as connection:
        where = "where model = 'some model' and attention = 'self' and layer = ? and head = ?"
        heads = connection.execute("select layer, head from heads where scan_id = 1").fetchall()
        labelled = 0
        for layer, head in heads:
            said = json.loads(invoke("info", "some model", f"L{layer}H{head}", "--db", db, "--json").stdout)
            labels = connection.execute(
                f"select label, confidence from head_labels {where} order by rank", (layer, head)
            )
            assert [(label["label"], label["confidence"]) for label in said["labels"]] == labels.fetchall()
            budget = connection.execute(f"select probe, part, share from head_budget {where}", (layer, head)).fetchall()
            assert sorted(
                (probe, *part) for probe, parts in said["budget"].items() for part in parts.items()
            ) == sorted(budget)
            labelled += bool(said["labels"])
            if said["labels"]:
                assert said["causes"], "every label has its verdict"
                assert {label["verdict"] for label in said["labels"]} - {None}
    assert labelled >= 3


def test_what_wakes_a_head_and_whom_it_needs(db):
    """Without parts of what was said, and without edges that take next to nothing."""
    with closing(sqlite3.connect(db)) as connection, connection:
        first, later = (
            connection.execute("select id from heads where scan_id = 1 and layer = ? and head = 1", [layer]).fetchone()[
                0
            ]
            for layer in (0, 2)
        )
        (probe,) = connection.execute("select id from probes where name = 'natural_text'").fetchone()
        connection.execute("delete from awakenings")
        for name, lift in (("role:answer", 4.0), ("role:answer:first", 4.0), ("line breaks", 2.5)):
            connection.execute(
                "insert into awakenings values (?, ?, ?, ?, 2, 5, 0.001, 40)", [later, probe, name, lift]
            )
        for label, score, change in (("induction", 0.8, -0.5), ("previous_token", 0.8, -0.001)):
            connection.execute(
                "insert into edges values (?, ?, ?, ?, ?, ?)", [later, first, label, probe, score, change]
            )
    text = " ".join(invoke("info", "some model", "L2H1", "--db", db, columns=200).stdout.split())
    assert 'wakes on "answer" of natural text (4.0 times its average) line breaks (2.5 times its average), in' in text
    assert "needs without L0H1 its induction score is 0.30 in place of 0.80" in text
    assert "previous token score" not in text
    text = " ".join(invoke("info", "some model", "L0H1", "--db", db, columns=200).stdout.split())
    assert "needed by L2H1, whose induction score is 0.30 without it in place of 0.80" in text


@pytest.mark.parametrize(
    ("head", "says"), [("L9H0", "layers 0-2, heads 0-3"), ("X0H1", "There is no head 'X0H1'"), ("6", "Write L5H1")]
)
def test_a_head_that_is_none_is_refused(db, head, says):
    done = invoke("info", "some model", head, "--db", db)
    assert done.exit_code == 1
    assert says in done.stderr


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
