"""The commands as a user types them: what they print, and what they say when something is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from headatlas.cli.main import main
from tests import fake_database, warm

HEADATLAS = [sys.executable, "-m", "headatlas"]
SLOW = pytest.mark.slow


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "heads.db"
    fake_database.make(path)
    return path


def run(*arguments: object, started: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command: in this process unless it scans, in one with all imports if it does, or as a shell would start it."""
    variables = os.environ | {"COLUMNS": "80"} | environment
    if not started and arguments[0] == "scan":
        return warm.run(*arguments, env=variables)
    if not started:
        words = list(map(str, arguments))
        done = CliRunner().invoke(main, words, env=variables, catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)
    return subprocess.run(
        [*HEADATLAS, *map(str, arguments)], capture_output=True, text=True, timeout=120, env=variables
    )


def said(result: subprocess.CompletedProcess[str]) -> str:
    """The error of a failed command: one or two sentences, no traceback."""
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    errors = [line for line in result.stderr.splitlines() if not line.startswith("Loading ")]
    assert len(errors) == 1, errors
    return errors[0]


@pytest.fixture(scope="module")
def model(db) -> str:
    return json.loads(run("models", "--db", db, "--json").stdout)[0]["model"]


@pytest.mark.slow
def test_heads_in_three_forms(db, model):
    table = run("heads", model, "--db", db, "--pattern", "induction", "--limit", 3)
    assert table.returncode == 0, table.stderr
    assert "95% interval" in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= 80
    rows = json.loads(run("heads", model, "--db", db, "--pattern", "induction", "--limit", 3, "--json").stdout)
    assert len(rows) == 3
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    text = run("heads", model, "--db", db, "--pattern", "induction", "--limit", 3, "--csv").stdout
    again = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["score"]) for row in again] == [row["score"] for row in rows]
    assert rows[0].keys() == again[0].keys()


@pytest.mark.slow
def test_heads_filters(db, model):
    def heads(*options):
        return json.loads(run("heads", model, "--db", db, "--limit", "0", "--json", *options).stdout)

    everything = heads()
    assert {row["pattern"] for row in heads("--pattern", "induction")} == {"induction"}
    assert all(row["layer"] == 1 for row in heads("--layer", "1"))
    assert 0 < len(heads("--min", "0.5")) < len(everything)
    assert all(row["score"] >= 0.5 for row in heads("--min", "0.5"))
    assert [row["layer"] for row in heads("--sort", "layer")] == sorted(row["layer"] for row in everything)


def test_query_and_listings(db):
    rows = json.loads(run("query", "select count(*) as n from head_scores", "--db", db, "--json").stdout)
    assert rows[0]["n"] > 0
    assert "induction" in run("patterns").stdout
    assert "arXiv:2209.11895" in run("patterns", "induction").stdout
    assert "natural_text" in run("probes").stdout
    assert json.loads(run("patterns", "induction", "--json").stdout)[0]["version"] >= 1


@pytest.mark.parametrize("command", sorted(main.commands))
def test_help_ends_in_an_example(command):
    shown = CliRunner().invoke(main, [command, "--help"])
    assert shown.exit_code == 0
    assert f"headatlas {command}" in shown.output


@pytest.mark.slow
def test_no_colour_in_a_pipe(db):
    shown = run("heads", "--db", db, started=True)
    assert shown.returncode == 0, shown.stderr
    assert "L0H0" in shown.stdout
    assert "\x1b" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["heads", "--db", "{db}", "--pattern", "inducton"], "no pattern 'inducton'. Did you mean 'induction'?"),
        (["heads", "nobody", "--db", "{db}"], "There is no model 'nobody'."),
        (["heads", "--db", "missing.db"], "There is no database missing.db"),
        (["query", "delete from scans", "--db", "{db}"], "only reads"),
        (["query", "selec 1", "--db", "{db}"], "The query failed: near \"selec\""),
        (["patterns", "previous_tokn"], "Did you mean 'previous_token'?"),
        (["score", "{tmp}/notes.gguf", "--db", "{tmp}/new.db"], "notes.gguf"),
        (["import", "{tmp}", "--db", "{tmp}/new.db"], "holds no exported scan"),
        (["atlas", "nobody", "--db", "{db}", "--out", "{tmp}/site"], "There is no model 'nobody'."),
        pytest.param(["scan", "./nowhere", "--db", "{tmp}/new.db"], "There is no file or folder ./nowhere", marks=SLOW),
        pytest.param(["scan", "{tmp}", "--db", "{tmp}/new.db"], "holds no model", marks=SLOW),
        pytest.param(["scan", "{tmp}/notes.gguf", "--db", "{tmp}/new.db"], "is not a GGUF file", marks=SLOW),
        pytest.param(["scan", "smollm2-135m", "--db", "{tmp}/notes.gguf"], "is not a SQLite database", marks=SLOW),
    ],
)  # fmt: skip
def test_errors_are_sentences(db, tmp_path, arguments, message):
    (tmp_path / "notes.gguf").write_text("notes " * 1000)
    filled = [argument.format(db=db, tmp=tmp_path) for argument in arguments]
    assert message in said(run(*filled))
    assert not (tmp_path / "new.db").exists()


# Nothing listens there: what a machine without network looks like, at once.
WITHOUT_NETWORK = """
import huggingface_hub.constants
huggingface_hub.constants.ENDPOINT = "http://127.0.0.1:9"
from headatlas.cli.main import main
main()
"""


@pytest.mark.slow
def test_unknown_model_without_network(tmp_path):
    result = warm.run("scan", "gpt2-of-nobody", "--db", tmp_path / "heads.db", code=WITHOUT_NETWORK)
    assert "'gpt2-of-nobody' is no file or folder here, and the model hub cannot be reached." in said(result)


@pytest.mark.slow
def test_foreign_folder_is_not_overwritten(db, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "--force" in said(run("atlas", "--db", db, "--out", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    forced = run("atlas", "--db", db, "--out", tmp_path, "--force")
    assert forced.returncode == 0
    assert Path(forced.stdout.strip()).is_file()
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.slow
def test_scan_says_little_in_a_pipe_and_nothing_when_quiet(tiny, tmp_path):
    scan = ("scan", tiny("gpt2"), "--as", "tiny", "--db", tmp_path / "heads.db", "--probe", "needle_in_filler")
    first = run(*scan, started=True)
    assert first.returncode == 0, first.stderr
    assert first.stdout == ""
    assert "tiny: 8 heads scored" in first.stderr.splitlines()[1]
    assert first.stderr.count("\ncertificate  passed") == 1
    assert len(first.stderr.splitlines()) <= 2 + 1 + 25
    again = run(*scan)
    assert "already in" in again.stderr
    quiet = run(*scan, "--force", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.slow
def test_ctrl_c_says_how_to_go_on(tiny, tmp_path):
    process = warm.Process("scan", tiny("llama"), "--as", "tiny", "--db", tmp_path / "heads.db")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None and not chunks(tmp_path / "heads.db"):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("the scan was done before it could be stopped")
    assert process.returncode == 130
    assert "the same command goes on from there" in errors
    assert "Traceback" not in errors


def test_ctrl_c_before_the_first_line_of_the_command_line_is_no_traceback():
    """Python looks for the module of the commands, and is interrupted meanwhile."""
    program = """
import runpy, sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "headatlas.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
runpy.run_module("headatlas", run_name="__main__", alter_sys=True)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_within_a_program_given_as_text_ends_with_its_exit_code(tmp_path):
    """As where a library makes a class: Python would have the signal end the process."""
    (tmp_path / "program.py").write_text("""
import headatlas.cli.main as cli
cli.main.commands["patterns"].callback = lambda **_: exec("raise KeyboardInterrupt")
cli.main(["patterns"])
""")
    done = subprocess.run([sys.executable, "-m", "program"], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nStopped.\n")


def chunks(db: Path) -> int:
    import sqlite3

    try:
        connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
        return connection.execute("select count(*) from chunks").fetchone()[0]
    except sqlite3.Error:
        return 0


# Commands and what each may not import, in an order in which what one has imported is allowed to those after it.
READING = """
import sys
from headatlas.cli.main import main
for *arguments, refused in eval(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit as end:
        assert not end.code, arguments
    heavy = set(refused) & set(sys.modules)
    assert not heavy, (arguments, heavy)
"""


@pytest.mark.slow
def test_reading_imports_no_torch(db, tmp_path):
    heavy = ("torch", "transformers", "sqlite_utils", "sklearn", "pandas")
    commands = [
        ("--help", (*heavy, "numpy")), ("heads", "--db", str(db), heavy), ("models", "--db", str(db), heavy),
        ("query", "select 1", "--db", str(db), heavy), ("patterns", heavy), ("probes", heavy),
        # Distances of heads are scikit-learn's, which imports pandas.
        ("atlas", "--db", str(db), "--out", str(tmp_path / "site"), heavy[:3]),
        ("similar", "tiny/model", "L0H0", "--db", str(db), heavy[:3]),
    ]  # fmt: skip
    done = subprocess.run([sys.executable, "-c", READING, repr(commands)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
