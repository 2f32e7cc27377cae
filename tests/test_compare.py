"""Comparing scans, finding similar heads, searching: against databases whose truth is known."""

from __future__ import annotations

import csv
import inspect
import io
import json
import sqlite3

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import headatlas
from headatlas.catalog.catalog import Catalog
from headatlas.catalog.compare import compare
from headatlas.catalog.score_changes import MIN_DIFFERENCE, difference_interval
from headatlas.catalog.search import search
from headatlas.catalog.similar import similar
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, UnknownNameError
from headatlas.heads import head_name, parse_head
from headatlas.store import profiles
from tests import fake_database

INDUCTION = "(select id from patterns where name = 'induction')"
REPEATED = "(select id from probes where name = 'repeated_random_tokens')"


def invoke(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "160"})


def change(db, *statements):
    """Runs SQL and drops the stored profiles, which it may have made wrong."""
    connection = sqlite3.connect(db)
    for sql in (*statements, "delete from profiles"):
        connection.execute(sql)
    connection.commit()
    connection.close()


@pytest.fixture
def twins(tmp_path):
    """Two scans with equal scores, each with one label on the first head of a layer: base and tuned."""
    db = fake_database.make(tmp_path / "heads.db", models=("base", "tuned"))
    columns = [row[1] for row in sqlite3.connect(db).execute("pragma table_info(scores)")][3:]
    assign = ", ".join(f"{column} = base.{column}" for column in columns)
    change(
        db,
        "delete from labels where label <> 'induction'",
        f"""update scores set {assign} from scores as base
            where scores.head_id > 12 and base.head_id = scores.head_id - 12
            and base.pattern_id = scores.pattern_id and base.probe_id = scores.probe_id""",
    )
    return db


@pytest.mark.slow
def test_equal_scans_have_no_real_change(twins):
    with headatlas.open(twins) as catalog:
        comparison = compare(catalog, "base", "tuned")
    assert comparison.same_shape
    assert comparison.has_labels
    assert len(comparison.changes) == 12 * 8
    assert comparison.real == []
    assert comparison.labels == []
    assert invoke("compare", "base", "tuned", "--db", twins, "--exit-code").exit_code == 0


@pytest.mark.slow
def test_lost_label_with_a_lost_score_fails_the_check(twins):
    change(
        twins,
        f"update scores set score = 0.9, ci_low = 0.88, ci_high = 0.92 where head_id = 1 and pattern_id = {INDUCTION}",
        f"update scores set score = 0.1, ci_low = 0.08, ci_high = 0.12 where head_id = 13 and pattern_id = {INDUCTION}",
        "delete from labels where head_id = 13",
    )
    with headatlas.open(twins) as catalog:
        comparison = compare(catalog, "base", "tuned")
    (label,) = comparison.labels
    assert (label.name, label.label, label.first, label.second) == ("L0H0", "induction", 0.77, None)
    assert (label.first_strength, label.second_strength) == (0.7, None)
    assert label.beyond_interval
    assert comparison.changes[0] is label.change
    assert comparison.changes[0].difference == pytest.approx(-0.8)
    result = invoke("compare", "base", "tuned", "--db", twins, "--exit-code")
    assert result.exit_code == 1
    assert "1 label changed, 1 beyond its interval" in result.stdout
    assert invoke("compare", "base", "tuned", "--db", twins).exit_code == 0


@pytest.mark.slow
def test_lost_label_within_the_interval_passes_the_check(twins):
    change(
        twins,
        f"update scores set score = 0.41, ci_low = 0.3, ci_high = 0.5 where head_id = 1 and pattern_id = {INDUCTION}",
        f"update scores set score = 0.39, ci_low = 0.3, ci_high = 0.5 where head_id = 13 and pattern_id = {INDUCTION}",
        "delete from labels where head_id = 13",
    )
    with headatlas.open(twins) as catalog:
        comparison = compare(catalog, "base", "tuned")
    assert [label.beyond_interval for label in comparison.labels] == [False]
    assert invoke("compare", "base", "tuned", "--db", twins, "--exit-code").exit_code == 0


@pytest.mark.slow
def test_label_without_a_pattern_counts_as_changed(twins):
    change(twins, "insert into labels(head_id, label, confidence, rank) values (14, 'a kind of its own', 0.9, 1)")
    with headatlas.open(twins) as catalog:
        (label,) = compare(catalog, "base", "tuned").labels
    assert (label.second, label.change, label.beyond_interval) == (0.9, None, True)


@pytest.mark.slow
def test_scan_with_nothing_to_label_is_not_one_without_labels(twins):
    change(twins, "delete from labels where head_id > 12", "update scans set calibration = '1'")
    with headatlas.open(twins) as catalog:
        comparison = compare(catalog, "base", "tuned")
    assert comparison.has_labels
    assert len(comparison.labels) == 3
    change(twins, "update scans set calibration = '2' where id = 2")
    assert "different calibrations" in invoke("compare", "base", "tuned", "--db", twins).stderr


@pytest.fixture
def lost(twins):
    """The tuned model has lost two induction heads, and its first one a little of its punctuation."""
    change(
        twins,
        f"update scores set score = 0.9, ci_low = 0.88, ci_high = 0.92 where head_id in (1, 5) and "
        f"pattern_id = {INDUCTION}",
        f"update scores set score = 0.1, ci_low = 0.08, ci_high = 0.12 where head_id in (13, 17) and "
        f"pattern_id = {INDUCTION}",
        "delete from labels where head_id in (13, 17)",
        "insert into labels(head_id, label, confidence, rank) values (14, 'punctuation', 0.6, 1)",
    )
    return twins


@pytest.mark.slow
def test_exit_codes_are_those_of_diff(lost):
    def code(*options, names=("base", "tuned")):
        return invoke("compare", *names, "--db", lost, "--exit-code", *options).exit_code

    assert code() == 1
    assert code("--max-changed", 2) == 0
    assert code("--max-changed", 1) == 1
    assert code("--label", "punctuation") == 0, "within its interval"
    assert code("--label", "punctuation", "--label", "induction") == 1
    assert code(names=("base", "tunde")) == code("--label", "inducton") == code("--limit", "-1") == 2
    assert code("--html", lost.parent / "nowhere" / "page.html") == 2
    change(lost, "delete from labels where head_id > 12")
    assert code() == 2, "scans without labels cannot be told to be the same"
    assert invoke("compare", "base", "tunde", "--db", lost).exit_code == 1
    assert "give it too" in invoke("compare", "base", "tuned", "--db", lost, "--max-changed", 1).stderr


@pytest.mark.slow
def test_json_holds_the_labels_that_decide(lost):
    said = json.loads(invoke("compare", "base", "tuned", "--db", lost, "--json").stdout)
    assert (said["first"], said["second"], said["shapes_agree"], said["labels_compared"]) == (
        "base",
        "tuned",
        True,
        True,
    )
    deciding = [(label["layer"], label["head"], label["label"]) for label in said["labels"] if label["decides"]]
    assert sorted(deciding) == [(0, 0, "induction"), (1, 0, "induction")]
    [other] = [label for label in said["labels"] if not label["decides"]]
    assert (other["label"], other["first"], other["second"]) == ("punctuation", None, 0.6)
    assert said["labels"][0]["difference"] == pytest.approx(-0.8)
    by_kind = json.loads(invoke("compare", "base", "tuned", "--db", lost, "--json", "--by-kind").stdout)
    assert {kind["kind"]: (kind["first"], kind["second"]) for kind in by_kind["kinds"]}["induction"] == (3, 1)
    assert len(by_kind["nearest"]) == 12


@pytest.mark.slow
def test_some_labels_and_patterns_alone(lost):
    said = json.loads(
        invoke(
            "compare", "base", "tuned", "--db", lost, "--json", "--label", "induction", "--pattern", "induction"
        ).stdout
    )
    assert {label["label"] for label in said["labels"]} == {"induction"}
    assert {row["pattern"] for row in said["changes"]} == {"induction"}
    assert len(said["changes"]) == 12
    wrong = invoke("compare", "base", "tuned", "--db", lost, "--pattern", "inducton")
    assert wrong.stderr == "Error: There is no pattern 'inducton'. Did you mean 'induction'?\n"


def test_tiny_change_is_not_real(twins):
    change(twins, f"update scores set score = score + {MIN_DIFFERENCE / 3}, ci_low = score, ci_high = score "
                  "where head_id = 13")  # fmt: skip
    with headatlas.open(twins) as catalog:
        assert compare(catalog, "base", "tuned").real == []


@pytest.mark.slow
def test_noise_of_the_size_of_the_interval_is_rarely_real(tmp_path):
    """Two scans of one truth, each score with an honest interval: false discoveries stay rare."""
    rng = np.random.default_rng(0)
    db = fake_database.make(tmp_path / "heads.db", models=("a", "b"), layers=12, heads=10)
    connection = sqlite3.connect(db)
    rows = connection.execute("select rowid from scores").fetchall()
    noisy = 0.5 + 0.02 * rng.standard_normal(len(rows))
    connection.executemany(
        "update scores set score = ?, ci_low = ? - 0.0392, ci_high = ? + 0.0392 where rowid = ?",
        [(value, value, value, row) for value, (row,) in zip(noisy.tolist(), rows, strict=True)],
    )
    connection.commit()
    with headatlas.open(db) as catalog:
        comparison = compare(catalog, "a", "b")
    assert len(comparison.changes) == 12 * 10 * 8
    assert len(comparison.real) <= 2


@pytest.mark.slow
@given(
    st.tuples(*[st.floats(0, 1)] * 3).map(sorted),
    st.tuples(*[st.floats(0, 1)] * 3).map(sorted),
)
def test_interval_of_a_difference(first, second):
    a, b = (first[1], first[0], first[2]), (second[1], second[0], second[2])
    low, high = difference_interval(a, b)
    assert low <= b[0] - a[0] + 1e-12
    assert high >= b[0] - a[0] - 1e-12
    # No wider than adding the halves, no narrower than the larger of them.
    assert low >= b[1] - a[2] - 1e-12
    assert high <= b[2] - a[1] + 1e-12
    mirrored = difference_interval(b, a)
    assert mirrored == (pytest.approx(-high), pytest.approx(-low))


def test_interval_by_hand():
    # Standard errors of 0.1/1.96 each: the half-width of the difference is 0.1 times the root of 2.
    assert difference_interval((0.5, 0.4, 0.6), (0.8, 0.7, 0.9)) == (
        pytest.approx(0.3 - 0.1 * 2**0.5), pytest.approx(0.3 + 0.1 * 2**0.5)
    )  # fmt: skip


@pytest.mark.slow
def test_other_shape_is_compared_by_kind_and_nearest_head(tmp_path, twins):
    # The tuned model loses its last layer; each head that is left is nearest to itself.
    change(
        twins,
        *(f"delete from {table} where head_id in (select id from heads where scan_id = 2 and layer = 2)"
          for table in ("labels", "scores", "heatmaps", "head_map")),
        "delete from heads where scan_id = 2 and layer = 2",
    )  # fmt: skip
    with headatlas.open(twins) as catalog:
        comparison = compare(catalog, "base", "tuned")
        matches = {match.name: match for match in comparison.matches}
    assert not comparison.same_shape
    assert comparison.n_heads == (12, 8)
    assert [(kind.kind, kind.first, kind.second) for kind in comparison.kinds] == [("induction", 3, 2)]
    assert (comparison.kinds[0].first_depth, comparison.kinds[0].second_depth) == (0.5, 0.5)
    for name in ("L0H0", "L0H3", "L1H2"):
        assert matches[name].neighbour.name == name
        assert matches[name].neighbour.distance == 0
        assert matches[name].mutual
    refused = invoke("compare", "base", "tuned", "--db", twins, "--exit-code")
    assert "needs two scans of the same shape" in refused.stderr
    rows = list(csv.DictReader(io.StringIO(invoke("compare", "base", "tuned", "--db", twins, "--csv",
                                                  "--limit", 0).stdout)))  # fmt: skip
    assert len(rows) == 12
    page = tmp_path / "page.html"
    assert invoke("compare", "base", "tuned", "--db", twins, "--html", page).exit_code == 0
    assert "Nearest heads" in page.read_text()


@pytest.mark.slow
def test_scans_without_labels_are_counted_by_score(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", models=("a", "b"), labels=False)
    with headatlas.open(db) as catalog:
        comparison = compare(catalog, "a", "b")
        scores = catalog.scores("a")
    own = scores[(scores.pattern == "induction") & (scores.probe == "repeated_random_tokens")]
    followers = int((own[["score", "score_nosink"]].max(axis=1) >= 0.4).sum())
    assert {kind.kind: kind.first for kind in comparison.kinds}.get("induction", 0) == followers
    assert "heads count as of a kind from a score of 0.4" in comparison.notes[0]
    assert "--exit-code needs labels in both scans" in invoke("compare", "a", "b", "--db", db, "--exit-code").stderr


def test_comparison_page(twins, tmp_path):
    change(twins, f"update scores set score = 0.999, ci_low = 0.99, ci_high = 1 where head_id = 13 and "
                  f"pattern_id = {INDUCTION}")  # fmt: skip
    page = tmp_path / "changes.html"
    done = invoke("compare", "base", "tuned", "--db", twins, "--html", page, "--json")
    rows = json.loads(done.stdout)["changes"]
    assert [(row["layer"], row["head"], row["pattern"]) for row in rows if row["real"]] == [(0, 0, "induction")]
    text = page.read_text()
    assert "0.999" in text
    assert text.count("<table") == text.count('<table class="data"') == 2
    assert ".data th, .data td {" in text
    assert "<link" not in text, "a page of its own needs no other file"
    missing = invoke("compare", "base", "tuned", "--db", twins, "--html", tmp_path / "no" / "page.html")
    assert "cannot be written" in missing.stderr


def test_comparison_errors(twins):
    for arguments, message in (
        (("base", "base"), "these are one"),
        (("base", "tunde"), "There is no model 'tunde'. Did you mean 'tuned'?"),
    ):
        with headatlas.open(twins) as catalog, pytest.raises(HeadatlasError, match=message):
            compare(catalog, *arguments)


def test_profile_in_the_file_is_that_of_the_scores(twins):
    connection = sqlite3.connect(twins)
    made = profiles.make(connection, 1)
    profiles.write(connection, 1)
    assert connection.execute("select count(*) from profiles").fetchone()[0] == 1
    read = profiles.read(connection, 1)
    assert read.columns == made.columns
    for name in ("heads", "score", "sink_free", "chance"):
        np.testing.assert_array_equal(getattr(read, name), getattr(made, name))
    assert {column.probe for column in made.columns if column.pattern == "induction"} == {"repeated_random_tokens"}


def test_a_twin_is_the_nearest_head(twins):
    with headatlas.open(twins) as catalog:
        nearest = similar(catalog, "base", "self", 1, 2, limit=3)
        alone = similar(catalog, "base", "self", 1, 2, among="base", limit=100)
    assert (nearest[0].model, nearest[0].name, nearest[0].distance) == ("tuned", "L1H2", 0)
    assert nearest[0].differs == ()
    assert [near.distance for near in nearest] == sorted(near.distance for near in nearest)
    assert len(alone) == 11, "not the head itself"


def test_why_two_heads_are_alike(twins):
    # On all patterns equal but for one that they share and one that only the first follows.
    change(
        twins,
        "update scores set score = 0.01, score_nosink = 0.01, chance = 0 where head_id in (1, 2)",
        f"update scores set score = 0.89 where head_id = 1 and pattern_id = {INDUCTION}",
        f"update scores set score = 0.91 where head_id = 2 and pattern_id = {INDUCTION}",
        "update scores set score = 0.4 where head_id = 2 and pattern_id = "
        "(select id from patterns where name = 'first_token')",
    )
    with headatlas.open(twins) as catalog:
        near = next(near for near in similar(catalog, "base", "self", 0, 0, limit=30) if near.name == "L0H1")
    assert near.explanation == "same: induction 0.89/0.91; differs: first_token 0.01/0.40"
    # One column differs by 0.02 and one by 0.39, of 8.
    assert near.distance == pytest.approx(((0.02**2 + 0.39**2) / 8) ** 0.5, rel=1e-3)


def test_attention_by_distance_counts_where_it_is_known(twins):
    with headatlas.open(twins) as catalog:
        before = similar(catalog, "base", "self", 0, 0, among="tuned", limit=1)[0]
    change(
        twins,
        "insert into distances values (1, 1, 0, '[1.0, 0.0]'), (13, 1, 0, '[0.0, 1.0]'), (14, 1, 0, '[1, 0]')",
    )
    with headatlas.open(twins) as catalog:
        after = {near.name: near.distance for near in similar(catalog, "base", "self", 0, 0, among="tuned", limit=99)}
    assert before.distance == 0
    # Opposite distributions are at Hellinger distance 1, which counts as one of nine columns.
    assert after["L0H0"] == pytest.approx((1 / 9) ** 0.5)


@pytest.mark.slow
def test_similar_command(twins):
    rows = json.loads(invoke("similar", "base", "L0H1", "--db", twins, "--json").stdout)
    assert (rows[0]["model"], rows[0]["head"], rows[0]["distance"]) == ("tuned", "L0H1", 0)
    assert "is not a head. Write L5H1" in invoke("similar", "base", "five", "--db", twins).stderr
    with headatlas.open(twins) as catalog, pytest.raises(UnknownNameError, match="There is no head 'L0H9'"):
        similar(catalog, "base", "self", 0, 9)


@pytest.mark.slow
@given(st.sampled_from(["self", "encoder", "decoder", "cross", "vision"]), st.integers(0, 200), st.integers(0, 200))
def test_head_names_are_read_back(attention, layer, head):
    assert parse_head(head_name(attention, layer, head)) == (attention, layer, head)


def test_papers_way_of_writing_heads():
    assert parse_head("9.6") == ("self", 9, 6)
    assert parse_head("l9h6") == ("self", 9, 6)


@pytest.mark.parametrize("name", [f"L{10**20}H0", f"L0H{10**20}", f"L{'9' * 5000}H0", "L-1H0", "L1.5H0"])
def test_numbers_that_no_head_has(name):
    with pytest.raises(HeadatlasError, match=r"is not a head\. Write L5H1") as error:
        parse_head(name)
    assert len(str(error.value)) < 200


@pytest.mark.slow
def test_search_finds_words_in_any_form(twins):
    with headatlas.open(twins) as catalog:
        best = search(catalog, "duplicate tokens")[0]
        assert (best.kind, best.name) == ("pattern", "duplicate_token")
        assert {hit.kind for hit in search(catalog, "made up", kind="probe")} == {"probe"}
        assert any(hit.kind == "column" and hit.name == "scores.q_value" for hit in search(catalog, "Benjamini"))
        assert any(hit.kind == "text" for hit in search(catalog, "very long token"))
        for text in ("", '"', "NOT AND OR", 'a" OR "b', "induction*", "name:x", "(", "-", "·"):
            search(catalog, text)
    hits = json.loads(invoke("search", "looks at key", "--db", twins, "--json", "--kind", "pattern").stdout)
    assert hits
    assert "[key]" in hits[0]["passage"] or "[looks]" in hits[0]["passage"]
    assert "'patern' is not one of 'pattern'" in invoke("search", "x", "--kind", "patern", "--db", twins).stderr
    nothing = invoke("search", "zyzzyva", "--db", twins)
    assert "Nothing has all of these words" in nothing.stderr


def test_frames_of_heads_take_what_rows_of_heads_take():
    frame, rows = (inspect.signature(method) for method in (Catalog.heads, Catalog.head_rows))
    assert frame.parameters == rows.parameters


@pytest.mark.slow
def test_frames(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", models=("base", "tuned"))
    with headatlas.open(db) as catalog:
        heads = catalog.heads("base", pattern="induction", limit=3)
        near = catalog.similar("base", "L0H0", limit=4)
        changes = catalog.compare("base", "tuned")
        labelled = catalog.heads(label="induction")
    assert list(heads.score) == sorted(heads.score, reverse=True)
    assert len(heads) == 3
    assert list(labelled.columns[-5:]) == ["label", "confidence", "basis", "awake", "label_score"]
    assert list(near.distance) == sorted(near.distance)
    assert len(near) == 4
    assert ((changes.second - changes.first - changes.difference).abs() < 1e-12).all()
    assert changes.real.dtype == bool
    assert {"L0H0", "L1H0", "L2H0"} == {
        f"L{row.layer}H{row.head}" for row in labelled.itertuples() if row.model == "base"
    }


def test_patterns_that_one_scan_lacks_are_counted_where_they_are_many():
    from types import SimpleNamespace

    from headatlas.catalog.compare import _notes

    def measured(n: int) -> SimpleNamespace:
        columns = tuple(profiles.Column(f"pattern_{i}", 1, "natural_text", 1) for i in range(n))
        return SimpleNamespace(profile=SimpleNamespace(columns=columns))

    same = dict.fromkeys(("calibration", "dtype", "seed", "tokenizer"))
    sentence = "Left out, since only one scan has them in this version and on this probe: pattern_2, "
    assert _notes("a", "b", (same, same), (measured(2), measured(8))) == [
        sentence + "pattern_3, pattern_4, pattern_5, pattern_6, pattern_7."
    ]
    assert _notes("a", "b", (same, same), (measured(2), measured(10))) == [
        sentence + "pattern_3, pattern_4, pattern_5, pattern_6, pattern_7 and 2 more."
    ]
