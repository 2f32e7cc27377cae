"""No command line that reads a database ends in a traceback: made-up ones, with right, wrong and odd values."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from headatlas.cli.main import main
from tests import fake_database
from tests.fuzzing import examples

READING = (
    "heads", "kinds", "models", "patterns", "probes", "query", "search", "similar", "compare", "training", "verify",
    "info",
)  # fmt: skip
NAMES = ("base", "tuned", "nobody", "induction", "previous token", "attention sink", "natural_text", "L0H1", "L99H9",
         "x9", "best-heads", "pattern-heads", "select 1", "select * from", "delete from scans", "minimum=0.1",
         "pattern=x", "minimum=nan", "")  # fmt: skip
NUMBERS = ("0", "1", "-1", "2", "0.5", "nan", "inf", "-inf", "1e400", "99999999999999999999", "many")
VALUES = st.one_of(st.sampled_from(NAMES), st.sampled_from(NUMBERS), st.text(max_size=8))
# What writes files, and what reads all probes with the demonstration model, is tested elsewhere.
LEFT_OUT = {"html", "imitated"}


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    return fake_database.make(tmp_path_factory.mktemp("generated") / "heads.db", models=("base", "tuned"))


@st.composite
def command_lines(draw):
    name = draw(st.sampled_from(READING))
    command = main.commands[name]
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    options = [
        parameter
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.name not in {"db", *LEFT_OUT}
    ]
    words = [name]
    for option in draw(st.lists(st.sampled_from(options), max_size=4)):
        words.append(draw(st.sampled_from(option.opts)))
        if not option.is_flag:
            choices = option.type.choices if isinstance(option.type, click.Choice) else ()
            words.append(draw(st.one_of(VALUES, st.sampled_from(choices)) if choices else VALUES))
    least = sum(argument.required for argument in arguments)
    return [*words, "--", *draw(st.lists(VALUES, min_size=least, max_size=len(arguments) + 1))]


@pytest.mark.slow
@examples(300)
@given(words=command_lines(), columns=st.integers(0, 120))
def test_no_command_line_ends_in_a_traceback(db, words, columns):
    name, *rest = words
    named = [] if name in ("patterns", "probes") else ["--db", str(db)]
    done = CliRunner().invoke(main, [name, *named, *rest], env={"COLUMNS": str(columns)})
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
    assert done.exit_code in (0, 1, 2)
    if done.exit_code:
        assert done.stderr.strip(), "a failure says something"
    elif "--json" in rest and not {"--csv", "--markdown", "--latex", "--sql"} & set(rest):
        json.loads(done.stdout)
