"""Tables in a terminal: nothing runs past its edge, no number or name is broken, what is left out is said."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from headatlas.cli.main import main
from headatlas.cli.terminal_table import NO_BREAK, table_lines, wrap
from tests import fake_database

WORDS = st.text("abcdefgh_0123456789.-", min_size=1, max_size=14)
CELLS = st.one_of(
    WORDS, st.lists(WORDS, min_size=1, max_size=6).map(" ".join), st.floats(-1, 1), st.integers(), st.none()
)


@st.composite
def tables(draw):
    columns = draw(st.lists(WORDS, min_size=1, max_size=9, unique=True))
    rows = draw(st.lists(st.tuples(*[CELLS] * len(columns)), min_size=1, max_size=5))
    return columns, rows, draw(st.integers(40, 120)), draw(st.lists(st.sampled_from(columns), unique=True))


@pytest.mark.slow
@given(tables())
def test_nothing_is_broken_nor_runs_past_the_edge(table):
    columns, rows, width, drop = table
    printed = table_lines(columns, rows, width, drop)
    assert all(cell_len(line) <= width for line in (*printed.head, *printed.body))
    assert set(printed.left_out) <= set(drop)
    words = {word for line in (*printed.head, *printed.body) for word in line.split()}
    for number, column in enumerate(columns):
        if column in printed.left_out:
            continue
        for row in rows:
            if isinstance(row[number], str):
                assert set(row[number].split()) <= words


@pytest.mark.slow
@given(st.text(max_size=60), st.integers(1, 30))
def test_folding_keeps_every_letter(text, width):
    folded = wrap(text, width)
    assert re.sub(r"\s", "", "".join(folded)) == re.sub(r"\s", "", text)


def test_the_least_important_columns_go_first():
    columns, row = ["name", "score", "extra", "more"], ["a" * 20, 0.5, "b" * 20, "c" * 20]
    assert table_lines(columns, [row], 80, ["more", "extra"]).left_out == []
    assert table_lines(columns, [row], 60, ["more", "extra"]).left_out == ["more"]
    assert table_lines(columns, [row], 30, ["more", "extra"]).left_out == ["more", "extra"]


def test_rows_become_cards_where_nothing_can_be_left_out():
    printed = table_lines(["name", "score", "why"], [["a" * 20, 0.5, None], ["b" * 20, 0.25, "c" * 20]], 40)
    assert printed.head == []
    assert printed.body == [
        "name   " + "a" * 20, "score  0.500", "", "name   " + "b" * 20, "score  0.250", "why    " + "c" * 20,
    ]  # fmt: skip


def test_texts_fold_between_words_and_numbers_stand_on_the_right():
    printed = table_lines(["head", "why", "score"], [["L0H1", "one two three four five six seven", 12.5]], 35)
    assert [*printed.head, *printed.body] == [
        "head  why                     score",
        "─" * 35,
        "L0H1  one two three four     12.500",
        "      five six seven",
    ]


def test_an_interval_is_one_word():
    assert wrap(f"+0.1{NO_BREAK}to{NO_BREAK}+0.2 and more", 12) == ["+0.1 to +0.2", "and more"]


def test_a_token_cannot_command_the_terminal():
    printed = table_lines(["token"], [["\x1b[2J"]], 80)
    assert printed.body[-1] == r"\x1b[2J"


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "heads.db"
    return fake_database.make(path, models=("somebody/a-model-of-1b-parameters", "gpt2"), layers=12, heads=12)


@pytest.mark.parametrize("columns", [60, 80, 100])
@pytest.mark.parametrize(
    "arguments",
    [
        "heads", "heads gpt2 --label induction", "models", "patterns", "probes", "query --list", "query best-heads",
        "query sinks-by-layer", "query certificates", "search head", "similar gpt2 L0H0", "verify gpt2",
        "compare somebody/a-model-of-1b-parameters gpt2", "compare somebody/a-model-of-1b-parameters gpt2 --by-kind",
        "query|select * from head_scores limit 3",
    ],
)  # fmt: skip
def test_listings_fit(db, arguments, columns):
    words = arguments.split("|") if "|" in arguments else arguments.split()
    needs_db = () if words[0] in ("patterns", "probes") else ("--db", str(db))
    done = CliRunner().invoke(main, [*words, *needs_db], env={"COLUMNS": str(columns)})
    assert done.exit_code == 0, done.stderr
    assert done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= columns
    for interval in re.findall(r"\S*\d\.\d{3}-\S*", done.stdout):
        assert re.fullmatch(r"\d\.\d{3}-\d\.\d{3}", interval)


def test_the_listing_says_which_columns_it_leaves_out(db):
    done = CliRunner().invoke(main, ["heads", "--db", str(db)], env={"COLUMNS": "80"})
    assert "Left out to fit 80 columns: chance" in done.stderr
    assert "chance" not in done.stdout
    assert "a-model-of-1b-parameters" in done.stdout


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
@pytest.mark.parametrize("words", [("patterns", "induction"), ("probes", "natural_text")])
def test_definitions_fold_as_wide_as_the_terminal_and_no_wider_than_prose_is_read(words, columns):
    lines = CliRunner().invoke(main, words, env={"COLUMNS": str(columns)}).output.splitlines()
    assert min(columns, 78) - 15 < max(map(cell_len, lines)) <= min(columns, 78)
