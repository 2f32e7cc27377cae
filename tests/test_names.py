"""Names as people write them: other spellings, the literature's words, and suggestions that are the only advice."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import UnknownNameError, nearest, spelled, suggestion
from headatlas.evidence.types import TYPES, WRITING_TYPES
from headatlas.patterns import PATTERNS
from headatlas.patterns.vocabulary import names_for, published_names
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


def test_published_names_stand_beside_ours():
    names = published_names()
    lists = Counter(name.list for name in names)
    assert lists["Kowalczyk 2025"] == 52, "all canonical names of the convention"
    assert lists["Zheng et al. 2024"] > 70
    assert len({(name.list, name.name) for name in names}) == len(names)
    ours = set(PATTERNS.names())
    for name in names:
        assert set(name.patterns) <= ours, name
        assert set(name.evidence) <= {*TYPES, *WRITING_TYPES}, name
        assert name.fit in (("same", "near") if name.patterns or name.evidence else ("",)), name
        assert name.address.startswith("https://")
        assert name.source.startswith(("arXiv:", "github.com/")) or "." in name.source, name
    assert [name.name for name in names_for("induction")][:2] == ["(M) Induction Head", "Induction Head"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("refusal head", "It is a name in the literature (Kowalczyk 2025, Safety). Nothing here measures it; "
                         "`headatlas patterns --published` lists what does."),
        ("Topic-Relevance Head", "Nearest here: query_focused_retrieval."),
        ("anti-copy heads", "As evidence: "),
        ("(M) Induction Head", "Nearest here: induction."),
        ("shift head", "Nearest here: previous_token."),
    ],
)  # fmt: skip
def test_a_published_name_that_is_no_name_here_says_what_it_is(db, asked, said):
    for error in (invoke("patterns", asked), invoke("heads", "--pattern", asked, "--db", db)):
        assert (error.exit_code, error.stdout) == (1, "")
        assert error.stderr.startswith(f"Error: There is no pattern '{asked}'. It is a name in the literature (")
        assert said in error.stderr


def test_published_names_that_mean_the_same_are_suggested(db):
    for asked, ours in (("rare words head", "rare_token"), ("Subword Merging Head", "word_continuation")):
        assert invoke("patterns", asked).stderr == f"Error: There is no pattern '{asked}'. Did you mean '{ours}'?\n"


def test_the_card_and_the_list_of_published_names(db):
    card = " ".join(invoke("patterns", "name_mover").stdout.split())
    assert "same as (L) Name-Mover Head (Kowalczyk 2025, Knowledge Retrieval); Name Mover Head" in card
    assert "near Backup Name Mover Head (Zheng et al. 2024)" in card
    rows = json.loads(invoke("patterns", "--published", "--json").stdout)
    refusal = next(row for row in rows if row["name"] == "(F) Refusal Head")
    assert (refusal["pattern"], refusal["fit"], refusal["also"].split("; ")[0]) == ("", "", "refusal head")
    assert "(F) Refusal Head" in invoke("patterns", "--published").stdout
    assert invoke("patterns", "induction", "--published").exit_code == 2
    for asked in ("refusal head", "rejection head"):
        hits = json.loads(invoke("search", asked, "--db", db, "--json").stdout)
        assert (hits[0]["kind"], hits[0]["name"]) == ("name", "(F) Refusal Head")


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
