"""Tables for papers: Markdown and LaTeX of every listing, and kinds of heads beside models."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3

import pytest
from click.testing import CliRunner

from headatlas.cli.main import main
from tests import fake_database


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = fake_database.make(tmp_path_factory.mktemp("papers") / "heads.db", models=("base", "my_model"))
    connection = sqlite3.connect(path)
    with connection:  # one punctuation head less in the first model
        connection.execute("delete from labels where label = 'punctuation' and head_id = 1")
    connection.close()
    return path


def printed(*arguments, db=None):
    words = [*map(str, arguments), *(("--db", str(db)) if db else ())]
    done = CliRunner().invoke(main, words, env={"COLUMNS": "60"})
    assert done.exit_code == 0, done.stderr
    return done.stdout


LISTINGS = [
    ("heads", "base"), ("heads", "--label", "induction"), ("models",), ("query", "--list"), ("query", "best-heads"),
    ("query", "select * from head_scores"), ("search", "head"), ("similar", "base", "L0H0"), ("kinds",),
    ("kinds", "--wide"), ("patterns",), ("probes",),
]  # fmt: skip


@pytest.mark.parametrize("listing", LISTINGS, ids=" ".join)
def test_every_listing_as_markdown_and_latex(db, listing):
    source = None if listing[0] in ("patterns", "probes") else db
    markdown = printed(*listing, "--markdown", db=source).splitlines()
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in markdown]
    assert len({len(row) for row in cells}) == 1, "a row each, whatever the cells hold"
    assert re.fullmatch(r"\|(:?-+:?\|)+", markdown[1])
    latex = printed(*listing, "--latex", db=source)
    assert [latex.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    body = [line for line in latex.splitlines() if line.endswith(r"\\")]
    assert len(body) == len(markdown) - 1
    assert {len(re.findall(r"(?<!\\)&", line)) for line in body} == {len(cells[0]) - 1}
    assert not re.search(r"(?<!\\)[_%#]", latex)


def test_tables_for_papers_have_all_rows(db):
    assert len(printed("heads", "base", "--markdown", db=db).splitlines()) == 12 * 6 + 2
    assert len(printed("heads", "base", "--markdown", "--limit", 3, db=db).splitlines()) == 3 + 2


def test_numbers_stand_on_the_right(db):
    assert printed("kinds", "--wide", "--latex", db=db).startswith("\\begin{tabular}{lrr}\n")
    assert "\nlabel & base & my\\_model \\\\\n" in printed("kinds", "--wide", "--latex", db=db)


def test_comparisons_keep_their_captions(db):
    markdown = printed("compare", "base", "my_model", "--markdown", db=db)
    assert "1 label changed" in markdown
    latex = printed("compare", "base", "my_model", "--latex", db=db)
    assert "% 1 label changed" in latex
    assert latex.count(r"\toprule") == 2


def test_kinds_beside_models(db):
    wide = json.loads(printed("kinds", "--wide", "--json", db=db))
    assert wide == [
        {"label": "induction", "base": 3, "my_model": 3}, {"label": "punctuation", "base": 2, "my_model": 3}
    ]  # fmt: skip
    table = printed("kinds", "--wide", db=db).splitlines()
    assert table[-2].split() == ["no", "label", "9", "9"]
    assert table[-1].split() == ["all", "heads", "12", "12"]
    long = list(csv.DictReader(io.StringIO(printed("kinds", "my_model", "--csv", db=db))))
    assert [(row["label"], row["heads"], row["share"]) for row in long] == [
        ("induction", "3", "0.25"), ("punctuation", "3", "0.25")
    ]  # fmt: skip
    assert {float(row["depth"]) for row in long} == {0.5}
    sure = json.loads(printed("kinds", "--min", "0.7", "--json", db=db))
    assert {row["label"] for row in sure} == {"induction"}


@pytest.mark.slow
def test_kinds_of_nothing(tmp_path):
    bare = fake_database.make(tmp_path / "bare.db", labels=False)
    done = CliRunner().invoke(main, ["kinds", "--db", str(bare)])
    assert (done.stdout, done.stderr) == ("", "No head carries such a label.\n")
    assert "There is no model" in CliRunner().invoke(main, ["kinds", "nobody", "--db", str(bare)]).stderr
