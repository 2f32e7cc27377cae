"""Names as people write them: other spellings, the literature's words, and suggestions that are the only advice."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import UnknownNameError, nearest, spelled, suggestion
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES
from tests import fake_database


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    return fake_database.make(tmp_path_factory.mktemp("names") / "heads.db", models=("base", "tuned"))


def invoke(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "100"})


@pytest.mark.parametrize("written", ["previous_token", "previous token", "Previous-Token", " previous_token "])
def test_other_spellings_are_accepted(db, written):
    assert PATTERNS[written] is PATTERNS["previous_token"]
    assert invoke("patterns", written).stdout.startswith("previous_token\n")
    rows = json.loads(invoke("heads", "--pattern", written, "--db", db, "--json").stdout)
    assert {row["pattern"] for row in rows} == {"previous_token"}
    asked = ("query", "pattern-heads", "--set", f"pattern={written}", "--set", "minimum=0", "--db", db, "--json")
    assert len(json.loads(invoke(*asked).stdout)) == 24
    named = invoke("compare", "base", "tuned", "--pattern", written, "--db", db, "--json")
    assert {row["pattern"] for row in json.loads(named.stdout)["changes"]} == {"previous_token"}


def test_labels_and_probes_too(db):
    labelled = json.loads(invoke("heads", "--label", "Induction", "--db", db, "--json").stdout)
    assert {row["label"] for row in labelled} == {"induction"}
    assert PROBES["natural text"].name == "natural_text"
    read = json.loads(invoke("heads", "--probe", "Natural text", "--db", db, "--json").stdout)
    assert {row["probe"] for row in read} == {"natural_text"}


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("induction head", "induction"),
        ("Induction heads", "induction"),
        ("prefix matching", "induction"),
        ("attention_sink", "first_token"),
        ("attention sink", "first_token"),
        ("BOS", "first_token"),
        ("previous token head", "previous_token"),
        ("duplicate-token head", "duplicate_token"),
        ("inducton", "induction"),
    ],
)
def test_the_suggestion_is_the_only_advice(db, written, ours):
    sentence = f"Error: There is no pattern '{written}'. Did you mean '{ours}'?\n"
    assert invoke("patterns", written).stderr == sentence
    assert invoke("heads", "--pattern", written, "--db", db).stderr == sentence
    label = invoke("heads", "--label", written, "--db", db).stderr
    assert label == sentence.replace("pattern", "label")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("heads bsae", "There is no model 'bsae'. Did you mean 'base'?"),
        ("heads zzzz", "There is no model 'zzzz'. Available: base, tuned. Scan it with `headatlas scan zzzz`."),
        ("query induction-head", "There is no query 'induction-head'. Did you mean 'induction-heads'?"),
        ("query pattern-heads --set minimun=1", "There is no parameter 'minimun'. Did you mean 'minimum'?"),
    ],
)
def test_a_hint_only_where_nothing_is_near(db, arguments, sentence):
    assert invoke(*arguments.split(), "--db", db).stderr == f"Error: {sentence}\n"


@pytest.mark.parametrize(
    ("written", "ours"),
    [("attention sink", "first_token"), ("induction head", "induction"), ("prefix matching", "induction"),
     ("duplicate token heads", "duplicate_token")],
)  # fmt: skip
def test_search_knows_the_words_of_the_literature(db, written, ours):
    best = json.loads(invoke("search", written, "--db", db, "--json").stdout)[0]
    assert (best["kind"], best["name"]) == ("pattern", ours)


def test_synonyms_are_names_of_nothing_else():
    synonyms = PATTERNS.synonyms()
    names = set(PATTERNS.names())
    assert len(synonyms) > 30
    assert not set(synonyms) & names
    assert set(synonyms.values()) <= names
    assert all(spelled(synonym) == synonym for synonym in synonyms)
    given = [spelled(synonym) for definition in PATTERNS for synonym in definition.synonyms]
    assert len(given) == len(set(given)), "a synonym stands for one pattern"


def test_nearest():
    assert nearest("sink heads", ["first_token", "comma"], {"sink": "first_token"}) == "first_token"
    assert nearest("sink", ["comma"], {"sink": "first_token"}) is None, "not in this database"
    assert nearest("come", ["comma"]) == "comma"


def test_python_says_the_same(db):
    with headatlas.open(db) as catalog:
        assert len(catalog.heads("base", pattern="previous token")) == 12
        with pytest.raises(UnknownNameError, match="Did you mean 'first_token'"):
            catalog.heads("base", pattern="attention sink")


def test_a_long_list_of_names_says_how_many_are_left_out():
    names = [f"name{n:02}" for n in range(15)]
    assert suggestion("zzzz", names) == f" Available: {', '.join(names[:12])} and 3 more."
    assert suggestion("zzzz", names[:12]) == f" Available: {', '.join(names[:12])}."
