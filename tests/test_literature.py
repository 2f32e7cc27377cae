"""What papers say of heads: the list itself, models' names, listings, pages, and agreement with a scan."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.catalog import literature
from headatlas.catalog.verify import verify
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.patterns import PATTERNS
from tests import fake_database

HEADER = ",".join(literature.COLUMNS)
INDUCTION = "(select id from patterns where name = 'induction')"
REPEATED = "(select id from probes where name = 'repeated_random_tokens')"


def invoke(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "160"})


@pytest.fixture(scope="module")
def scores():
    """Scores of induction that go up by 0.05 from head to head: L2H3 has the highest, 0.60."""
    return {number: 0.05 * number for number in range(1, 13)}


@pytest.fixture
def db(tmp_path, scores):
    path = fake_database.make(tmp_path / "heads.db", models=("made-up",))
    with sqlite3.connect(path) as connection:
        for head, score in scores.items():
            connection.execute(
                f"update scores set score = ?, ci_low = ?, ci_high = ?, chance = 0.08 where head_id = ? "
                f"and pattern_id = {INDUCTION} and probe_id = {REPEATED}",
                [score, score - 0.02, score + 0.02, head],
            )
    return path


def written(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def test_the_list_is_sound():
    known = literature.literature()
    assert len(known.findings) > 40
    names = {pattern.name for pattern in PATTERNS if pattern.kind == "target"}
    for findings in known.findings.values():
        for finding in findings:
            assert set(finding.patterns) <= names, finding
            assert finding.role
            assert finding.source
            assert finding.setting
            assert finding.basis in ("paper", "data", "third party")
            assert (finding.value is None) == (finding.measure == "")
            assert finding.measure != "attention" or 0 <= finding.value <= 1
    # The IOI circuit of GPT-2 small, by heart.
    movers = {finding.name for finding in known.of(["gpt2"]) if finding.role == "name mover" and not finding.measure}
    assert movers == {"L9H9", "L10H0", "L9H6"}
    everything = [finding for findings in known.findings.values() for finding in findings]
    assert len(everything) == len(set(everything))


@pytest.mark.parametrize(
    "name", ["gpt2", "GPT-2", "gpt2-small", "GPT-2 small", "openai-community/gpt2", "someone/gpt2", "./models/gpt2"]
)
def test_every_name_of_a_model(name):
    assert literature.literature().of([name])[0].model == "gpt2"


def test_names_that_are_not_known():
    for name in ("gpt", "gpt2-tiny", "", "/", "bert"):
        assert literature.literature().of([name]) == ()


def test_name_of_a_scan_stored_as_another():
    scan = {"model": "mine", "command": "headatlas scan EleutherAI/pythia-70m --as mine"}
    assert literature.of_scan(scan)[0].model == "pythia-70m"
    assert literature.of_scan({"model": "pythia-70m@512", "command": None})[0].model == "pythia-70m"
    assert literature.of_scan({"model": "mine", "command": "headatlas 'scan"}) == ()


def test_encoder_heads_are_found_whatever_the_attention_is_called():
    (finding,) = literature.about(literature.literature().of(["bert-base-uncased"]), "encoder", 7, 9)
    assert (finding.role, finding.value) == ("direct object (dobj)", 0.868)
    assert literature.about(literature.literature().of(["bert-base-uncased"]), "self", 7, 9) == [finding]
    assert literature.about(literature.literature().of(["bert-base-uncased"]), "cross", 7, 9) == []


@pytest.mark.slow
def test_agreement_of_a_made_up_model(db, tmp_path, scores):
    # Of four heads three are our best three and one is fourth; the values rise with ours but for the last two.
    file = written(
        tmp_path / "list.csv",
        "made-up,L2H3,induction,induction,logit effect,4.0,,Nobody 2026,paper",
        "Made Up,L2H2,induction,induction,logit effect,3.0,,Nobody 2026,paper",
        "made-up,L2H1,induction,induction,logit effect,1.0,,Nobody 2026,paper",
        "made-up,L1H0,induction,induction,logit effect,2.0,,Nobody 2026,paper",
        "made-up,L1H0,dreamer,,,,,Nobody 2026,paper",
        "other,L9H9,induction,induction,attention,0.9,,Nobody 2026,paper",
    )
    with headatlas.open(db) as catalog:
        outcome = verify(catalog, "made-up", literature.read(file))
        frame = catalog.verify("made-up", literature=file)
    assert frame.pairs() == [(checked.finding.layer, checked.finding.head) for checked in outcome.checked]
    (agreement,) = outcome.agreements
    assert (agreement.n_heads, agreement.overlap, agreement.n_values) == (4, 3, 4)
    assert agreement.by_chance == pytest.approx(4 * 4 / 12)
    # Ranks 4, 3, 1, 2 against ours 4, 3, 2, 1: 1 - 6 * 2 / (4 * 15).
    assert agreement.correlation == pytest.approx(0.8)
    assert [(check.finding.name, check.rank, check.score) for check in outcome.checked] == [
        ("L2H3", 1, pytest.approx(0.6)), ("L2H2", 2, pytest.approx(0.55)), ("L2H1", 3, pytest.approx(0.5)),
        ("L1H0", 8, pytest.approx(0.25)),
    ]  # fmt: skip
    assert [finding.role for finding in outcome.unmeasured] == ["dreamer"]
    # Its score is well above chance, but seven of twelve heads have more.
    assert [(check.finding.name, check.contradiction) for check in outcome.contradictions] == [
        ("L1H0", "half of the model's heads follow the pattern more")
    ]
    shown = " ".join(invoke("verify", "made-up", "--db", db, "--literature", file).stdout.split())
    assert "3 of 4" in shown
    assert "0.800" in shown
    assert "1 of 4 findings contradict" in shown
    assert "No pattern of ours stands for: dreamer" in shown
    rows = json.loads(invoke("verify", "made-up", "--db", db, "--literature", file, "--json").stdout)
    assert tuple(rows[0][column] for column in ("layer", "head", "published", "rank")) == (2, 3, 4.0, 1)


def test_contradictions_of_a_made_up_model(db, tmp_path):
    file = written(
        tmp_path / "list.csv",
        "made-up,L0H0,induction,induction,attention,0.9,,A 2026,paper",  # 0.05, below chance
        "made-up,L2H3,induction,induction,attention,0.95,,A 2026,paper",  # 0.60
        "made-up,L2H2,induction,induction,attention,0.60,,A 2026,paper",  # 0.55
    )
    with headatlas.open(db) as catalog:
        outcome = verify(catalog, "made-up", literature.read(file))
    assert {check.finding.name: check.contradiction for check in outcome.contradictions} == {
        "L0H0": "we measure no more than chance; published 0.90, measured 0.05",
        "L2H3": "published 0.95, measured 0.60",
    }
    assert outcome.agreements[0].correlation is None, "three values are too few"


@pytest.mark.slow
def test_of_several_patterns_the_one_that_is_followed(db, tmp_path):
    with sqlite3.connect(db) as connection:
        connection.execute("update scores set score = 0.001 where pattern_id = (select id from patterns "
                           "where name = 'duplicate_token')")  # fmt: skip
    file = written(tmp_path / "list.csv", "made-up,L2H3,x,duplicate_token induction,,,,A,paper")
    with headatlas.open(db) as catalog:
        assert verify(catalog, "made-up", literature.read(file)).agreements[0].pattern == "induction"


@pytest.mark.slow
def test_lists_that_do_not_fit(db, tmp_path):
    for rows, message in (
        (["made-up,L9H9,induction,induction,,,,Nobody 2026,paper"], "speaks of L9H9 of made-up, which the scan"),
        (["made-up,nine,induction,induction,,,,Nobody 2026,paper"], "line 2: 'nine' is not a head"),
        (["made-up,L0H0,induction,induction,x,much,,Nobody 2026,paper"], "line 2: could not convert"),
        (
            ["other,L0H0,induction,induction,,,,Nobody 2026,paper"],
            "says nothing of 'made-up'. It knows 1 models",
        ),
    ):
        shown = invoke("verify", "made-up", "--db", db, "--literature", written(tmp_path / "list.csv", *rows))
        assert shown.exit_code == 1
        assert message in shown.stderr
    (tmp_path / "list.csv").write_text("model,head\n")
    with pytest.raises(HeadatlasError, match="lacks the column role"):
        literature.read(tmp_path / "list.csv")
    with pytest.raises(HeadatlasError, match="There is no file"):
        literature.read(tmp_path / "absent.csv")
    assert "says nothing of 'made-up'" in invoke("verify", "made-up", "--db", db).stderr


@pytest.fixture(scope="module")
def gpt(tmp_path_factory):
    """A database in which a model has the name and the first layers of GPT-2 small."""
    return fake_database.make(
        tmp_path_factory.mktemp("gpt") / "heads.db", models=("openai-community/gpt2",), layers=6, heads=12
    )


@pytest.mark.slow
def test_listings_show_the_literature(gpt, db):
    listed = invoke("heads", "--db", gpt, "--pattern", "previous_token", "--limit", 0, "--json")
    rows = {(row["layer"], row["head"]): row["literature"] for row in json.loads(listed.stdout)}
    assert rows[2, 2] == "previous token (Wang et al. 2022)"
    assert rows[4, 11] == "previous token 0.94 (third-party replications of IOI)"
    assert rows[0, 2] is None
    assert "literature" in invoke("heads", "--db", gpt, "--layer", 4, "--limit", 0).stdout
    assert "literature" not in invoke("heads", "--db", db).stdout, "no column of nothing"
    assert json.loads(invoke("heads", "--db", db, "--limit", 1, "--json").stdout)[0]["literature"] is None


def test_search_finds_the_literature(gpt):
    hits = json.loads(invoke("search", "duplicate", "--db", gpt, "--kind", "literature", "--json").stdout)
    assert {row["name"] for row in hits} == {f"openai-community/gpt2 {head}" for head in ("L0H1", "L0H10", "L3H0")}


@pytest.mark.slow
def test_head_pages_show_the_literature(gpt, tmp_path):
    done = invoke("atlas", "--db", gpt, "--out", tmp_path / "site")
    assert done.exit_code == 0, done.stderr
    heads = tmp_path / "site" / "openai-community-gpt2" / "heads"
    page = (heads / "L4H11.html").read_text()
    section = page[page.index("In the literature") :]
    assert 'Wang et al. 2022, <a href="https://arxiv.org/abs/2211.00593">arXiv:2211.00593</a>' in section
    assert "0.940" in section
    with headatlas.open(gpt) as catalog:
        rows = catalog.head_rows("openai-community/gpt2", pattern="previous_token", layer=4)
    ours = next(row["score"] for row in rows if row["head"] == 11)
    assert f">{ours:.3f}<" in section
    assert len(re.findall("<tr>", section[: section.index("</table>")])) == 1 + 2
    assert "In the literature" not in (heads / "L0H2.html").read_text()


def add_function_vectors(db: Path, values: dict[int, float]) -> None:
    """Evidence of function vectors: the value, plus and minus 0.1, of heads by their number."""
    with sqlite3.connect(db) as connection:
        (number,) = connection.execute("select max(id) + 1 from evidence_kinds").fetchone()
        connection.execute("insert into evidence_kinds (id, name, version) values (?, 'function_vector', 1)", [number])
        connection.executemany(
            "insert into evidence (head_id, kind_id, value, ci_low, ci_high, exact) values (?, ?, ?, ?, ?, 1)",
            [(head, number, value, value - 0.1, value + 0.1) for head, value in values.items()],
        )


VECTORS = tuple(
    f"made-up,{head},function vector,,indirect effect,{value},tasks,Nobody 2026,paper"
    for head, value in (("L2H3", 0.3), ("L2H2", 0.2), ("L0H1", 0.1), ("L0H0", -0.2))
)


@pytest.mark.slow
def test_function_vectors_are_compared_with_evidence(db, tmp_path):
    # Of twelve heads L2H3, L2H2 and L2H1 have most; L0H1's interval holds zero, L0H0's lies below it.
    add_function_vectors(db, {number: 0.05 * number - 0.2 for number in range(1, 13)})
    file = written(tmp_path / "list.csv", *VECTORS)
    with headatlas.open(db) as catalog:
        outcome = verify(catalog, "made-up", literature.read(file))
    (agreement,) = outcome.agreements
    # The head of a value below zero is not looked for among the highest, but its value counts.
    assert (agreement.pattern, agreement.n_heads, agreement.overlap) == ("function_vector", 3, 2)
    assert (agreement.n_values, agreement.correlation) == (4, pytest.approx(1))
    assert {check.finding.name: check.contradiction for check in outcome.checked} == {
        "L2H3": "", "L2H2": "", "L0H1": "we measure no effect above zero", "L0H0": "",
    }  # fmt: skip
    assert not outcome.unmeasured


@pytest.mark.slow
def test_function_vectors_that_a_scan_has_not_measured(db, tmp_path):
    shown = invoke("verify", "made-up", "--db", db, "--literature", written(tmp_path / "list.csv", *VECTORS))
    assert shown.exit_code == 0
    said = " ".join(shown.stdout.split())
    assert "Not in this scan: function vector; `headatlas evidence made-up --generate` measures it." in said
    assert "No pattern of ours" not in said


def gate(heads: str, value: float, model: str = "made-up") -> str:
    return f"{model},{heads},retrieval (DuoAttention),,learned gate,{value},long texts,Nobody 2026,data"


@pytest.mark.slow
def test_gates_of_heads_that_share_keys(db, tmp_path):
    # Each head looks at the first position with 0.1 and 0.05, ..., 0.6 farther back than the recent tokens.
    with sqlite3.connect(db) as connection:
        for head in range(1, 13):
            near = json.dumps([(0.9 - 0.05 * head) / 16] * 16 + [0.01] * 40)
            connection.execute("insert or replace into distances values (?, 2, 0, ?)", [head, near])
            connection.execute("insert or replace into sinks values (?, 2, 0.1, 0)", [head])
    rows = [gate("L2H2-3", 1.0), gate("L2H0-1", 0.9), gate("L0H0-1", 0.8), gate("L1H0-1", 0.2)]
    with headatlas.open(db) as catalog:
        outcome = verify(catalog, "made-up", literature.read(written(tmp_path / "list.csv", *rows)))
        frame = catalog.verify("made-up", literature=tmp_path / "list.csv")
    (agreement,) = outcome.agreements
    assert (agreement.pattern, agreement.n_heads, agreement.overlap) == ("far attention", 3, 2)
    assert agreement.by_chance == pytest.approx(3 * 3 / 6)
    # Ranks of the values 4, 3, 2, 1 against ours 4, 3, 1, 2.
    assert agreement.correlation == pytest.approx(0.8)
    assert [(check.finding.name, check.rank, check.n_heads, check.score) for check in outcome.checked] == [
        ("L2H2-3", 1, 6, pytest.approx(0.6)), ("L2H0-1", 2, 6, pytest.approx(0.5)),
        ("L0H0-1", 6, 6, pytest.approx(0.1)), ("L1H0-1", 4, 6, pytest.approx(0.3)),
    ]  # fmt: skip
    assert [check.finding.name for check in outcome.contradictions] == ["L0H0-1"]
    assert [tuple(row) for row in frame[["layer", "head"]].to_numpy()] == [(2, 2), (2, 0), (0, 0), (1, 0)]
    shown = invoke("verify", "made-up", "--db", db, "--literature", tmp_path / "list.csv")
    assert "L0H0-1" in shown.stdout
    (finding,) = literature.about(literature.read(tmp_path / "list.csv").of(["made-up"]), "self", 2, 3)
    assert (finding.name, finding.value) == ("L2H2-3", 1.0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([gate("L0H0-1", 1.0), gate("L0H2", 1.0)], "speaks of L0H2 beside sets of 2 heads"),
        ([gate("L0H1-2", 1.0)], "speaks of L0H1-2 beside sets of 2 heads"),
        ([gate("L0H2-4", 1.0)], "speaks of L0H2-4 of made-up, which the scan"),
        ([gate("L0H2-2", 1.0)], "line 2: 'L0H2-2' names no heads. Write L5H1 for one head, L5H4-7"),
        ([gate("L0H2-x", 1.0)], "line 2: 'L0H2-x' names no heads"),
    ],
)
def test_sets_of_heads_that_do_not_fit(db, tmp_path, rows, message):
    with sqlite3.connect(db) as connection:
        connection.executemany(
            "insert or replace into distances values (?, 2, 0, '[0.5]')", [[n] for n in range(1, 13)]
        )
        connection.executemany("insert or replace into sinks values (?, 2, 0.1, 0)", [[n] for n in range(1, 13)])
    shown = invoke("verify", "made-up", "--db", db, "--literature", written(tmp_path / "list.csv", *rows))
    assert shown.exit_code == 1
    assert message in " ".join(shown.stderr.split())
