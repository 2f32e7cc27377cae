"""What pages draw of a layer: maps, scores and budgets in its data file are the database's."""

from __future__ import annotations

import math
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headatlas.atlas.build.folder import MARKER
from headatlas.atlas.data.load import load_model
from headatlas.atlas.draw.wording import exact, thousandths
from headatlas.atlas.make import packing
from headatlas.atlas.make.map_bytes import packed_maps
from headatlas.atlas.site import build
from headatlas.catalog.reader import Reader
from tests.fake_database import ODD_TOKENS, make
from tests.helpers import drawn_layer, letters_read, maps_read, table_read


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    path = make(tmp_path_factory.mktemp("layer") / "a.db", attention=("self", "encoder"), examples=2, layers=2)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("delete from heatmaps where head_id = 2 and example_id = 1")  # a map that was not kept
        db.execute("update scores set score = null where head_id = 3 and pattern_id = 5")
    return path


@pytest.fixture(scope="module")
def site(database) -> Path:
    return build(database, database.parent / "atlas").parent / "tiny-model"


def unpacked(packed: str) -> bytes:
    return zlib.decompress(letters_read(packed))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "layer"), [("self", "L1"), ("self", "L0"), ("encoder", "E1")])
def test_maps_are_those_that_were_kept(database, site, kind, layer):
    size = len(ODD_TOKENS)
    seen = np.tril(np.ones((size, size), dtype=bool)) if kind == "self" else np.ones((size, size), dtype=bool)
    stored: dict[int, dict[int, np.ndarray]] = {}
    with closing(sqlite3.connect(database)) as db:
        for head, example, weights in db.execute(
            "select head, example_id, weights from heatmaps join heads on heads.id = head_id"
            " where attention = ? and layer = ? order by example_id",
            [kind, int(layer[1:])],
        ):
            values = np.frombuffer(zlib.decompress(weights), dtype=np.uint8).reshape(size, size)
            stored.setdefault(head, {})[example - 1] = values
    file = drawn_layer(site, layer)
    maps = file["maps"]
    assert set(maps) == {f"{layer}H{head}" for head in stored}
    for head, of_head in stored.items():
        _, packed = maps[f"{layer}H{head}"]
        assert file["numbers"][f"{layer}H{head}"] == list(of_head)
        written = maps_read(packed, [(size, size)] * len(of_head), causal=kind == "self")
        for values, read in zip(of_head.values(), written, strict=True):
            np.testing.assert_array_equal(read[seen], values[seen])
            assert (read[~seen] == -1).all()


def test_tables_have_every_score_of_the_database(database, site):
    tables = drawn_layer(site, "L0")["tables"]
    with closing(sqlite3.connect(database)) as db:
        rows = db.execute(
            "select head, patterns.name, score, score_nosink, chance, ci_low, ci_high, null_score, q_value, rival,"
            " rival_score, n_queries from scores join heads on heads.id = head_id join patterns on"
            " patterns.id = pattern_id join probes on probes.id = probe_id and probes.name = patterns.probe"
            " where attention = 'self' and layer = 0"
        ).fetchall()
    assert len(rows) == 4 * len(tables["patterns"])
    names = [name for name, *_ in tables["patterns"]]
    for head, name, *values, rival, rival_score, n_queries in rows:
        kept = tables["scores"][f"L0H{head}"]
        at = kept["pattern"].index(names.index(name))
        shown = [kept[column][at] for column in ("score", "free", "chance", "low", "high", "null", "q", "rival_score")]
        for number, value in zip(shown, [*values, rival_score], strict=True):
            assert number is None if value is None else printed(number / 1000) == printed(value)
        assert (kept["rival"][at], kept["queries"][at]) == (rival, n_queries)
    unranked = tables["scores"]["L0H2"]
    assert unranked["rank"][unranked["pattern"].index(names.index("induction"))] is None


def printed(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


@given(st.binary(max_size=300))
def test_bytes_in_a_script_are_read_as_they_were_written(content):
    letters = packing.spelled(content)
    assert not set('\n\r"\\') & set(letters)
    assert letters.encode("utf-16-le").decode("utf-16-le") == letters, "no letter is half of another"
    assert letters_read(letters) == content


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=3),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_maps_of_any_weights_are_read_as_they_were_written(sizes, causal, seed):
    """Also those that are no attention, whose rows add up to anything."""
    rng = np.random.default_rng(seed)
    maps = [rng.choice([0, 1, 3, 4, 5, 100, 255], size).astype(np.uint8) for size in sizes]
    read = maps_read(packed_maps(maps, causal), sizes, causal=causal)
    for weights, again in zip(maps, read, strict=True):
        np.testing.assert_array_equal(np.where(again < 0, weights, again), weights)
        assert (again >= 0).sum() == (np.tri(*weights.shape).sum() if causal else weights.size)


@given(
    st.integers(0, 4).flatmap(
        lambda rows: st.lists(
            st.lists(st.none() | st.integers(-(2**40), 2**40) | st.integers(-3, 3), min_size=rows, max_size=rows)
        )
    )
)
def test_tables_in_a_script_are_read_as_they_were_written(columns):
    numbers = [np.array([np.nan if value is None else value for value in column], dtype=float) for column in columns]
    facts, read = table_read(packing.table({"of": "“heads”"}, numbers))
    assert facts == {"of": "“heads”"}
    assert read == columns


@given(st.floats(-300, 300))
def test_a_number_in_thousandths_is_printed_as_it_would_be(value):
    stored = thousandths(value)
    assert stored is not None
    # As JavaScript's toFixed: away from zero where the decimal is exactly halfway, which it never is here.
    digits = 3 if abs(stored / 1000) < 10 else 1
    assert math.isclose(float(f"{stored / 1000:.{digits}f}"), float(printed(value)), abs_tol=1e-9)


@given(st.floats(0, 1))
def test_a_share_in_ten_thousandths_is_printed_as_it_would_be(share):
    stored = exact(share, 2)
    assert stored % 100 != 50, "halfway, where languages round differently"
    assert abs(stored - 10_000 * share) <= 1.5
    if round(1e6 * share) % 10_000 != 5000:  # the share itself is not halfway
        assert f"{stored / 10_000:.2f}" == f"{share:.2f}"


def test_scores_may_lie_among_those_of_another_scan(tmp_path):
    first = build(make(tmp_path / "a.db", models=("one", "two")), tmp_path / "first").parent
    with closing(sqlite3.connect(tmp_path / "a.db")) as db, db:
        rows = db.execute("select * from scores order by pattern_id, probe_id desc, head_id % 5, head_id").fetchall()
        db.execute("delete from scores")
        db.executemany(f"insert into scores values ({', '.join('?' * len(rows[0]))})", rows)
        heads = [row[0] for row in rows]
        assert heads != sorted(heads)
    second = build(tmp_path / "a.db", tmp_path / "second").parent
    for file in first.rglob("*.*"):
        if file.is_file() and file.name != MARKER:
            assert file.read_bytes() == (second / file.relative_to(first)).read_bytes(), file


def test_a_label_may_rest_on_another_probe(tmp_path):
    """Of a pattern on a probe that is not its own all is read where a label rests on it, and little elsewhere."""
    with closing(sqlite3.connect(make(tmp_path / "a.db"))) as db, db:
        head, label, pattern, probe = db.execute(
            "select scores.head_id, label, pattern_id, probe_id from labels join patterns on patterns.name = label"
            " join scores on scores.pattern_id = patterns.id and scores.head_id = labels.head_id"
            " join probes on probes.id = probe_id where probes.name <> patterns.probe limit 1"
        ).fetchone()
        name = db.execute("select name from probes where id = ?", [probe]).fetchone()[0]
        db.execute("update labels set probe = ? where head_id = ? and label = ?", [name, head, label])
        db.execute("delete from off_sink where head_id = ?", [head])  # so that the label rests on the score
        low, high = db.execute(
            "select ci_low, ci_high from scores where head_id = ? and pattern_id = ? and probe_id = ?",
            [head, pattern, probe],
        ).fetchone()
    with Reader(tmp_path / "a.db") as reader:
        model = load_model(reader, reader.scan("tiny/model"), "tiny")
        known = model.scores[label, name][head]
    assert (known.low, known.high) == (low, high)
    brief = [scores for scores in model.scores.values() if not len(scores.n_queries)]
    assert brief
    with pytest.raises(IndexError):
        brief[0].number("ci_low")
