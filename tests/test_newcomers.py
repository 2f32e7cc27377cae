"""Every pattern of ours in plain sentences: each has some, they are short, and a plug-in's goes without."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from headatlas.atlas.site import build
from headatlas.cli.main import main
from headatlas.patterns import PATTERNS, pattern
from headatlas.patterns.definition import Pattern
from headatlas.patterns.for_newcomers import introduction, introductions
from tests.fake_database import make

LONGEST = 75
_OURS = [definition for definition in PATTERNS if PATTERNS.plugin_of(definition.name) is None]


def said_by(*arguments: object) -> str:
    done = CliRunner().invoke(main, [*map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_each_pattern_has_an_introduction_and_each_introduction_a_pattern():
    assert set(introductions()) == {definition.name for definition in _OURS}


@pytest.mark.parametrize("name", introductions())
def test_introductions_are_a_few_sentences_with_an_example(name):
    text = introduction(name)
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)
    assert 2 <= len(sentences) <= 4
    assert len(text.split()) <= LONGEST
    assert re.search(r'"[^"]+"', text), "a small example in quotation marks"
    assert text.endswith(".")
    assert text.count('"') % 2 == 0
    for jargon in ("query", "queries", "softmax", "residual", "logit", "embedding", "position 0"):
        assert jargon not in text.lower()


@pytest.mark.parametrize("definition", _OURS, ids=lambda definition: definition.name)
def test_introductions_say_more_than_the_definition(definition: Pattern):
    assert definition.summary.rstrip(".") not in introduction(definition.name)
    assert sum(introduction(definition.name) == text for text in introductions().values()) == 1


@pytest.mark.slow
def test_pages_of_patterns_begin_with_it_and_a_plugins_page_with_its_definition(tmp_path):
    database = make(tmp_path / "heads.db")
    db = Database(database)
    db["patterns"].update(2, {"name": "waving", "summary": "Attends to waves."})  # type: ignore[union-attr]
    db.close()
    site = build(database, tmp_path / "site").parent
    pages = {name: (site / f"patterns/{name}.html").read_text() for name in ("induction", "waving")}
    leads = {name: re.search(r'<p class="?lead"?>(.*?)(?=<p|</div>)', page, re.S)[1] for name, page in pages.items()}
    plain = " ".join(re.sub("&#34;|&quot;", '"', leads["induction"]).replace("</p>", "").split())
    assert plain == introduction("induction")
    assert "glossary.html#attention-head" in pages["induction"]
    assert leads["waving"].replace("</p>", "").strip() == "Attends to waves."
    shown = pages["induction"].split('id="definition"')[-1].split("id=definition")[-1]
    assert "Made up" in shown.split("</section>")[0], "the definition's own sentence stands in its section"


@pytest.mark.slow
def test_the_terminal_says_it_too(tmp_path):
    """A pattern needs no database, and a scan of the same name comes first."""
    missing = tmp_path / "missing.db"
    for words in (("info", "Longer-prefix induction", "--db", missing), ("patterns", "longer_prefix_induction")):
        lines = said_by(*words).split("\n\n")
        assert lines[0] == "longer_prefix_induction"
        assert " ".join(lines[1].split()) == introduction("longer_prefix_induction")
    [row] = json.loads(said_by("info", "induction", "--json", "--db", missing))
    assert (row["name"], row["introduction"]) == ("induction", introduction("induction"))
    assert not missing.exists()
    named = make(tmp_path / "named.db", models=("induction",))
    assert "12 heads" in said_by("info", "induction", "--db", named)
    done = CliRunner().invoke(main, ["info", "nobody", "--db", str(named)])
    assert done.exit_code != 0
    assert "There is no model" in done.stderr


def test_a_plugins_pattern_goes_without():
    @pattern("waving", family="content", probe="natural_text", version=1, source="none")
    def waving(seq):
        """Attends to waves."""

    try:
        assert introduction("waving") == ""
        assert said_by("patterns", "waving").startswith("waving\n\nAttends to waves.")
    finally:
        PATTERNS.remove("waving")
