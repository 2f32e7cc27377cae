"""SQL of users: what it may do, what is refused, what is stopped; and the named queries."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.catalog import named_queries, user_sql
from headatlas.cli.main import main
from headatlas.errors import DatabaseError, UnknownNameError
from tests import fake_database


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = fake_database.make(tmp_path_factory.mktemp("query") / "heads.db", models=("one/model", "two"))
    connection = sqlite3.connect(path)
    # Something for every query to find: a score that its halves do not share, one hidden by the sink, a second label,
    # attention far back.
    connection.execute("update scores set half_b = half_a - 0.5, score_nosink = 0.9, score = 0.1 where head_id = 2")
    connection.execute(
        "insert into labels(head_id, label, rank, confidence) select head_id, 'comma', 3, 0.9 from labels limit 1"
    )
    connection.execute(
        "insert into distances select 1, max(id), 0, ? from probes where name = 'natural_text'",
        [json.dumps([0.0] * 40 + [0.5])],
    )
    connection.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return path


def invoke(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "120"})


HOSTILE = [
    "delete from scans",
    "update scores set score = 1",
    "insert into labels select 1, 'x', 1, 1 returning *",
    "replace into scans(model) values ('x')",
    "drop table scores",
    "drop view head_scores",
    "create table x(y)",
    "create temp table x(y)",
    "create view x as select 1",
    "create trigger x after insert on scans begin select 1; end",
    "alter table scans rename to gone",
    "attach database '{tmp}/other.db' as other",
    "attach database ':memory:' as other",
    "detach database main",
    "pragma journal_mode = delete",
    "pragma writable_schema = 1",
    "pragma query_only = 0",
    "select * from pragma_table_info('scans')",
    "vacuum",
    "vacuum into '{tmp}/other.db'",
    "reindex",
    "analyze",
    "begin immediate",
    "savepoint x",
    "commit",
    "with x as (select 1) delete from scans",
    "explain delete from scans",
    "select load_extension('x')",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_sql_is_refused_and_harms_nothing(db, tmp_path, sql):
    before = db.read_bytes()
    with pytest.raises(DatabaseError, match="only reads"):
        user_sql.run(db, sql.format(tmp=tmp_path))
    assert db.read_bytes() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("separator", [";", ";\n", "; -- "])
def test_second_statement_is_refused(db, separator):
    with headatlas.open(db) as catalog, pytest.raises(DatabaseError, match=r"one statement|only reads"):
        catalog.query(f"select 1{separator}\ndelete from scans")


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    [
        "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t",
        "select count(*) from scores a, scores b, scores c, scores d, scores e",
        "with recursive t(n) as (select 1 union all select n + 1 from t) select * from t",
        "select * from scores a, scores b, scores c order by a.score * b.score * c.score, random()",
    ],
)
def test_endless_sql_is_stopped(db, sql):
    started = time.monotonic()
    with pytest.raises(DatabaseError, match=r"longer than 0\.3 seconds and was stopped"):
        user_sql.run(db, sql, seconds=0.3)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("sql", ["select zeroblob(1000000000)", "select hex(randomblob(100000000))"])
def test_huge_values_are_refused(db, sql):
    with pytest.raises(DatabaseError, match="too big"):
        user_sql.run(db, sql)


def test_what_may_be_asked(db):
    assert user_sql.run(db, "select :a + 1 as b", {"a": 2}) == user_sql.Answer(["b"], [(3,)])
    assert user_sql.run(db, "select value from json_each('[4, 5]')").rows == [(4,), (5,)]
    assert user_sql.run(db, "with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) "
                           "select group_concat(n) from t").rows == [("1,2,3,4,5",)]  # fmt: skip
    cut = user_sql.run(db, "select * from head_scores", limit=7)
    assert cut.cut
    assert len(cut.rows) == 7
    assert not user_sql.run(db, "select 1", limit=1).cut


def test_wrong_sql_is_explained(db):
    for sql, message in (
        ("selec 1", 'near "selec"'),
        ("select absent from head_scores", "no such column: absent"),
        ("select * from head_scores where model = :who", "a parameter without a value"),
    ):
        with headatlas.open(db) as catalog, pytest.raises(DatabaseError, match=message):
            catalog.query(sql)


def test_row_limit_leaves_a_note(db):
    result = invoke("query", "select * from head_scores", "--db", db, "--limit", 3, "--csv")
    assert len(result.stdout.splitlines()) == 4
    assert result.stderr == "Only the first 3 rows; --limit 0 gives all.\n"
    everything = invoke("query", "select * from head_scores", "--db", db, "--limit", 0, "--csv")
    assert everything.stderr == ""
    assert len(everything.stdout.splitlines()) > 100


# The made-up scan has none of the evidence, sinks or second probe that these ask for.
NOT_MADE_UP = {"word-heads", "copy-suppression", "function-vectors", "far-attention", "text-and-random"}


@pytest.mark.parametrize("name", sorted(set(named_queries.QUERIES) - NOT_MADE_UP))
def test_named_queries_answer(db, name):
    query = named_queries.find(name)
    with headatlas.open(db) as catalog:
        if name == "labels-in-doubt":  # in the made-up scan nobody is in doubt
            assert catalog.query(name, {"confidence": 0, "percentile": 101})[1]
            return
        lowest = {
            parameter: 0.001 for parameter, value in query.parameters.items() if not isinstance(value, str)
        }  # the made-up scores are low
        columns, rows = catalog.query(name, lowest)
    assert rows
    assert len(columns) == len(set(columns)), "Datasette and JSON need distinct names"


@pytest.mark.slow
def test_queries_about_what_weights_say(tmp_path):
    path = fake_database.make(tmp_path / "heads.db", models=("base",))
    values = {"ov_relation_capital": (0.3, 0.2), "ov_successor": (0.1, 0.5), "ov_copying_after_mlp": (0.9, 0.9),
              "qk_predicted_token": (0.9, 0.9), "ov_own_token_lowered": (0.85, 0.5)}  # fmt: skip
    with sqlite3.connect(path) as connection:
        heads = [row[0] for row in connection.execute("select id from heads where layer = 0 and head < 2 order by id")]
        for number, (kind, of_heads) in enumerate(values.items(), 100):
            connection.execute(
                "insert into evidence_kinds (id, name, version, basis) values (?, ?, 1, 'weights')", [number, kind]
            )
            for head, value in zip(heads, of_heads, strict=True):
                connection.execute(
                    "insert into evidence (head_id, kind_id, value) values (?, ?, ?)", [head, number, value]
                )
    with headatlas.open(path) as catalog:
        words = [(row["head"], row["kind"]) for row in catalog.rows(named_queries.find("word-heads").sql, [0.25])]
        suppression = catalog.rows(named_queries.find("copy-suppression").sql, [0.8])
    assert words == [(1, "ov_successor"), (0, "ov_relation_capital")]
    assert [(row["layer"], row["head"], row["seeks"], row["lowers"]) for row in suppression] == [(0, 0, 0.9, 0.85)]


@pytest.mark.slow
def test_labels_in_doubt_are_those_whose_head_is_not_missed(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", evidence=False)
    with headatlas.open(db) as catalog, pytest.raises(DatabaseError, match="cannot be answered: no evidence"):
        catalog.query("labels-in-doubt")
    connection = sqlite3.connect(db)
    with connection:
        kind = connection.execute("insert into evidence_kinds (name, version) values ('ablation_loss', 1)").lastrowid
        # Labels are on head 0 of each layer; the interval of layer 0 alone reaches zero. On text it does everywhere.
        connection.execute(
            """insert into evidence (head_id, kind_id, probe_id, value, ci_low, ci_high, percentile)
               select heads.id, ?, probes.id, 0.1 * layer, 0.1 * layer * (probes.name <> 'natural_text') - 0.05,
               0.1 * layer + 0.05, 90.0 from heads, probes""",
            [kind],
        )
    connection.close()
    rows = json.loads(invoke("query", "labels-in-doubt", "--db", db, "--json", "--set", "confidence=0.7").stdout)
    assert [(row["layer"], row["head"], row["label"]) for row in rows] == [(0, 0, "induction")]


def test_answers_are_right(db):
    with headatlas.open(db) as catalog:
        scores = catalog.scores()
        rows = catalog.query("induction-heads", {"minimum": 0.2})[1]
        sinks = catalog.query("sinks-by-layer", {"minimum": 0.3})
    own = scores[(scores.pattern == "induction") & (scores.probe == "repeated_random_tokens")]
    assert {row[:4] for row in rows} == set(
        own[own.score >= 0.2][["model", "attention", "layer", "head"]].itertuples(index=False, name=None)
    )
    first = scores[(scores.pattern == "first_token") & (scores.probe == "natural_text")]
    expected = first[first.score > 0.3].groupby(["model", "attention", "layer"]).size().to_dict()
    assert {row[:3]: row[3] for row in sinks[1] if row[3]} == expected


def test_parameters(db):
    low = json.loads(invoke("query", "pattern-heads", "--db", db, "--json", "--set", "pattern=induction",
                            "--set", "minimum=0").stdout)  # fmt: skip
    assert len(low) == 24
    assert "minimum=0.4" in invoke("query", "--list", "--db", db).stdout
    assert "is a number, not 'much'" in invoke("query", "pattern-heads", "--db", db, "--set", "minimum=much").stderr
    assert (
        "no parameter 'minimun'. Did you mean"
        in invoke("query", "pattern-heads", "--db", db, "--set", "minimun=1").stderr
    )
    assert "should be NAME=VALUE" in invoke("query", "pattern-heads", "--db", db, "--set", "minimum").stderr


@pytest.mark.slow
def test_heads_of_a_far_lag(tmp_path):
    path = fake_database.make(tmp_path / "heads.db")
    near, far, ahead = ([0.0] * 64 for _ in range(3))
    near[3], near[9], far[5], far[40], ahead[41] = 0.9, 0.05, 0.7, 0.3, 0.6
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from distances")
        for head, probe, first, attention in (
            (1, "natural_text", 0, near), (2, "natural_text", 0, far), (2, "repeated_random_tokens", 0, near),
            (3, "natural_text", -20, ahead),
        ):  # fmt: skip
            connection.execute(
                "insert into distances select ?, max(id), ?, ? from probes where name = ?",
                [head, first, json.dumps(attention), probe],
            )
    rows = json.loads(invoke("query", "slash-heads", "--db", path, "--json").stdout)
    assert [(row["head"], row["lag"], row["score"]) for row in rows] == [(2, 21, 0.6), (1, 40, 0.3)]
    assert [row["on_random_tokens"] for row in rows] == [None, 0.0]
    nearer = json.loads(invoke("query", "slash-heads", "--set", "from_lag=1", "--db", path, "--json").stdout)
    assert [(row["head"], row["lag"]) for row in nearer] == [(0, 3), (1, 5), (2, 21)]


@pytest.mark.slow
def test_far_attention_and_agreement_of_text_and_random_tokens(tmp_path):
    path = fake_database.make(tmp_path / "heads.db")
    near, far, both = ([0.0] * 64 for _ in range(3))
    near[1], far[40], both[1], both[40] = 0.8, 0.8, 0.4, 0.4
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from distances")
        connection.execute("delete from sinks")
        for head, on_text, on_random in ((1, near, near), (2, far, near), (3, both, near), (4, [None, 0.8], None)):
            for probe, attention in (("natural_text", on_text), ("repeated_random_tokens", on_random)):
                if attention is not None:
                    values = [head, probe, json.dumps(attention)]
                    connection.execute(
                        "insert into distances select ?1, max(id), 0, ?3 from probes where name = ?2", values
                    )
                    connection.execute(
                        "insert into sinks select ?1, max(id), 0.2, 0 from probes where name = ?2", values[:2]
                    )
    rows = json.loads(invoke("query", "far-attention", "--db", path, "--json").stdout)
    heads = [(row["layer"], row["head"], pytest.approx(row["far"])) for row in rows]
    assert [far for *_, far in heads] == [0.8, 0.4, 0, 0]
    assert rows[0]["on_first"] == 0.2
    alike = json.loads(invoke("query", "text-and-random", "--db", path, "--json").stdout)
    assert [row["agreement"] for row in alike] == [1, 0.5, 0]
    assert [(row["layer"], row["head"]) for row in (alike[1], alike[2])] == [head[:2] for head in (heads[1], heads[0])]


@pytest.mark.slow
def test_list_and_names(db, tmp_path):
    listed = json.loads(invoke("query", "--list", "--db", db, "--json").stdout)
    assert {query["name"] for query in listed} == set(named_queries.QUERIES)
    assert not [query for query in listed if query["unavailable"]]
    bare = fake_database.make(tmp_path / "bare.db", labels=False)
    lacking = json.loads(invoke("query", "--list", "--db", bare, "--json").stdout)
    assert next(query for query in lacking if query["name"] == "several-labels")["unavailable"].startswith("no labels")
    with pytest.raises(UnknownNameError, match="Did you mean 'induction-heads'"), headatlas.open(db) as catalog:
        catalog.query("induction-head")
    assert "join heads" in invoke("query", "induction-heads", "--sql", "--db", db).stdout
    assert "--list shows the names" in invoke("query", "--db", db).stderr
