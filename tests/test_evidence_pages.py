"""The section 'Evidence' of head pages."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from headatlas.atlas.site import build
from tests import fake_database
from tests.helpers import drawn_layer


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(scope="module")
def site(folder) -> Path:
    database = fake_database.make(folder / "heads.db", attention=("self", "cross"))
    return build(database, folder / "atlas").parent / "tiny-model" / "heads"


def section(page: Path) -> str:
    match = re.search(r"<section class=evidence.*?</section>", page.read_text("utf8"), re.DOTALL)
    return match[0] if match else ""


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.slow
def test_labels_stand_beside_what_breaks_without_the_head(site):
    missed, other = text(section(site / "L1H0.html")), text(section(site / "L2H0.html"))
    mechanism = (
        r"mechanism (Looks like|Perhaps) an induction head( \(0\.\d\d\))?; removing it raises loss on repeats by 0\.42"
    )
    assert re.search(rf"{mechanism} \(more than any other head\)\.", missed)
    assert re.search(
        r"picture only \S+( like)? an induction head.*?, but removing it does not measurably change", other
    )
    assert "Carries no label, and removing it changes nothing much" in text(section(site / "L2H1.html"))


def test_where_picture_and_cause_disagree_the_page_says_so(site):
    said = "Picture and cause disagree"
    assert said in section(site / "L2H0.html")
    assert said not in section(site / "L2H1.html")


def numbers(page: Path) -> dict[str, dict[str, Any]]:
    """What the script draws of a head's evidence, by type."""
    tables = drawn_layer(page.parents[1], page.stem.split("H")[0])["tables"]
    of_head, lines = tables["evidence"]["heads"][page.stem], tables["evidence"]["lines"]
    return {
        lines[number][2]: dict(zip(("from", "title", "type", "unit", "probe", "band"), lines[number], strict=True))
        | {column: of_head[column][i] for column in of_head}
        for i, number in enumerate(of_head["line"])
    }


def test_numbers_with_interval_percentile_and_the_models_own(site):
    drawn = numbers(site / "L1H0.html")
    assert list(drawn) == ["ablation_loss", "ov_copying"], "causes, then weights"
    causes, weights = drawn.values()
    assert (causes["title"], causes["unit"]) == ("Loss it saves", "nats per scored token")
    assert (causes["probe"], causes["rank"]) == ("repeated_random_tokens", "100%")
    assert [causes[column] for column in ("value", "low", "high", "intact")] == [420, 300, 500, 3000]
    assert (weights["title"], weights["unit"]) == ("Copying, by eigenvalues", "share, -1 to 1")
    assert (weights["probe"], weights["low"], weights["high"], weights["intact"]) == ("", None, None, None)
    assert -1000 <= weights["value"] <= 1000
    assert re.fullmatch(r"\d+%", weights["rank"])
    said = text(section(site / "L1H0.html"))
    assert "repeated random tokens 0.420 0.300 to 0.500 100% 3.000" in said, "without a script too"
    assert "A script draws the other scores, budgets, distances, tokens and what its weights say" in text(
        (site / "L1H0.html").read_text("utf-8")
    )


@pytest.mark.slow
def test_a_rank_is_the_same_in_sentence_and_table(folder, site):
    """An effect that lowers the loss more than all others: by its value it would be the last."""
    database = fake_database.make(folder / "signed.db", layers=2)
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("update evidence set value = -0.9, ci_low = -1, ci_high = -0.8 where kind_id = 2 and head_id = 3")
    page = build(database, folder / "signed").parent / "tiny-model" / "heads" / "L0H2.html"
    assert "lowers loss on repeats by 0.90 (more than any other head)" in text(section(page))
    loss = numbers(page)["ablation_loss"]
    assert [loss[column] for column in ("value", "low", "high", "rank")] == [-900, -1000, -800, "100%"]


def test_methods_explain_every_kind_of_evidence_and_every_verdict(site):
    page = (site.parents[1] / "methods.html").read_text("utf8")
    explained = dict(re.findall(r'<dt><span class="verdict \w+">([^<]+)</span>\s*<dd>(.+?)\s*</div>', page, re.DOTALL))
    assert set(explained) == {
        "mechanism", "not confirmed", "matters", "little effect", "picture only", "works against it", "at rest",
        "unseen", "not tested",
    }  # fmt: skip
    tones = {word: tone for tone, word in re.findall(r'<span class="verdict (\w+)">([^<]+)</span>', page)}
    for of_head in site.glob("L*.html"):
        for tone, word in re.findall(r'<span class="verdict (\w+)">([^<]+)</span>', section(of_head)):
            assert tone in (tones[word], "open"), "coloured as on heads' pages"
    terms = {"ablation", "direct-logit", "copying", "preference", "composition", "more-than", "verdict", "null", "q"}
    assert terms <= set(re.findall(r'<dt id="?([\w-]+)"?', page))
    assert "further from 0 than 0.25" in text(page)


def test_strips_stay_on_their_scale(site):
    for page in site.glob("L*.html"):
        strips = [f"{line['band']} {line['strip']}" for line in numbers(page).values() if line["band"]]
        assert all(len(strip.split()) == 4 for strip in strips)
        places = re.findall(r"-?[\d.]+", " ".join(strips).replace(" - ", " "))
        assert places
        assert all(0 <= float(number) <= 100 for number in places)


def test_composition_leads_to_the_earlier_heads(site):
    assert "Reads from" not in section(site / "L0H2.html")
    html = section(site / "L1H3.html")
    assert html.count('<a href="L0H0.html">L0H0</a> (induction)') == 3
    assert (site / "L0H0.html").exists()
    assert "Its keys read L0H0" in text(html)


def test_what_a_head_reads_from_and_what_reads_it_is_said_in_sentences(site):
    earlier, later = (section(site / f"{name}.html") for name in ("L0H0", "L1H0"))
    called = "(induction)"
    assert f"Without L0H0 {called}, its induction score is 0.30 in place of 0.80." in text(later)
    assert f"Without it, L1H0 {called} has a score for induction of 0.30 in place of 0.80." in text(earlier)
    through = "Straight through its keys go 0.700 nats per scored token of what taking L0H0"
    assert through in text(later)
    assert f"0.700 nats per scored token go straight through the keys of L1H0 {called}." in text(earlier)
    assert "It is read by the keys of L1H0" in text(earlier)
    assert "Is read by" not in section(site / "L2H3.html")
    for html in (earlier, later):
        assert re.search(r'<a href="\.\./circuits\.html#head=L\dH0">Its edges, drawn</a>', html)


def test_what_was_left_out_is_said_and_escaped(site):
    assert "Not measured here: a &lt;made-up&gt; probe: left out, it is made up." in section(site / "L1H0.html")


@pytest.mark.slow
def test_no_section_without_evidence(site, folder):
    assert section(site / "X1H0.html") == ""
    database = fake_database.make(folder / "none.db", evidence=False)
    build(database, folder / "none")
    assert section(folder / "none" / "tiny-model" / "heads" / "L1H0.html") == ""


def test_pages_of_probes_name_the_heads_that_are_missed(site, folder):
    page = (site.parents[1] / "probes" / "repeated_random_tokens.html").read_text("utf8")
    table = page[page.index("id=missed") : page.index("id=top>")]
    with closing(sqlite3.connect(folder / "heads.db")) as connection:
        missed = connection.execute(
            "select layer, head, value from head_evidence where kind = 'ablation_loss' and attention = 'self'"
            " and probe = 'repeated_random_tokens' and ci_low > 0 order by value desc limit 8"
        ).fetchall()
    assert missed, "some heads are missed on it"
    expected = [(f"L{layer}H{head}", f"{value:.3f}") for layer, head, value in missed]
    assert re.findall(r">(L\d+H\d+)</a>.*?<td class=n>([\d.]+)", table, re.DOTALL) == expected
    assert "Without the head, loss on repeats rises by" in text(table)
