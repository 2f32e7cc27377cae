"""Every number and sentence of 20 heads' pages, in HTML and in what scripts draw, is that of the database."""

from __future__ import annotations

import json
import random
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headatlas.atlas.draw.wording import score, thousandths, two_digits, words
from headatlas.atlas.site import build
from headatlas.labels.budget import OTHER_SINKS, SINK, UNEXPLAINED
from tests.helpers import drawn_layer, maps_read

pytestmark = pytest.mark.slow

MODEL = "smollm2-135m"
ALL_HEADS = [f"L{layer}H{head}" for layer in range(30) for head in range(9)]
HEADS = random.Random(25).sample(ALL_HEADS, 20)
_OF_LABELS = """select labels.*, ci_low, ci_high, half_a, half_b, off_sink.chance, contrast from labels
    left join probes on probes.name = labels.probe
    left join patterns on patterns.name = labels.label
    left join off_sink on (off_sink.head_id, off_sink.probe_id, off_sink.pattern_id)
        = (labels.head_id, probes.id, patterns.id)
    where labels.head_id = ? order by rank, label"""


@pytest.fixture(scope="module")
def db(demonstration, tmp_path_factory) -> Iterator[sqlite3.Connection]:
    """The scan of the catalogue; `site` is a table of the connection's own, with the folder of the pages."""
    site = build(demonstration, tmp_path_factory.mktemp("drawn") / "atlas").parent
    with closing(sqlite3.connect(demonstration)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("create temp table site as select ? as folder", [str(site / MODEL)])
        yield connection


@pytest.fixture(scope="module")
def site(db) -> Path:
    return Path(db.execute("select folder from site").fetchone()[0])


@pytest.fixture(scope="module")
def tables(site) -> dict[str, dict[str, Any]]:
    """What scripts draw of each layer of the heads, by its name."""
    layers = {name.split("H")[0] for name in HEADS}
    return {layer: drawn_layer(site, layer)["tables"] for layer in layers}


def number_of(db: sqlite3.Connection, name: str) -> int:
    layer, head = map(int, name[1:].split("H"))
    return int(db.execute("select id from heads where layer = ? and head = ?", [layer, head]).fetchone()[0])


def text_of(site: Path, name: str) -> str:
    """What the page of a head says, tags as one blank."""
    page = (site / "heads" / f"{name}.html").read_text("utf-8")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("name", HEADS)
def test_sentence_labels_and_reasons(db, site, tables, name):
    head, text = number_of(db, name), text_of(site, name)
    (sentence,) = db.execute("select sentence from sentences where head_id = ?", [head]).fetchone()
    assert " ".join(sentence.split()) in text
    rows = db.execute(_OF_LABELS, [head]).fetchall()
    drawn = tables[name.split("H")[0]]["why"][name]
    assert [reason[0] for reason in drawn] == [row["label"] for row in rows]
    assert bool(rows) != ("Unclassified" in text)
    for row, reason in zip(rows, drawn, strict=True):
        confidence = f"{min(row['confidence'], 0.99):.2f}".removeprefix("0")
        _, _, _, shown, numbers, explained_by, strength, basis, probe, _ = reason
        assert (shown, explained_by, probe) == (confidence, row["explained_by"] or "", row["probe"])
        assert strength == thousandths(row["strength"])
        columns = ("score", "ci_low", "ci_high", "half_a", "half_b", "chance", "control", "contrast", "explained")
        if row["ci_low"] is not None:  # else all but the explained are those of the score
            assert numbers == [thousandths(row[column]) for column in columns]
        awake = f"when awake ({row['awake']:.0%} of queries)" if row["basis"] == "awake" else row["basis"]
        assert basis == awake
        # The same without a script.
        said = f"{words(row['label'])}: score {score(numbers[0] / 1000)}"
        assert said in text
        ending = f"strength {score(row['strength'])}, confidence {confidence}; holds {basis}; on {words(probe)}"
        assert ending in text
        assert f"strength {two_digits(row['strength'])}, confidence {confidence}" in (
            (site / "heads" / f"{name}.html").read_text("utf-8")
        )


@pytest.mark.parametrize("name", HEADS)
def test_scores(db, site, tables, name):
    rows = db.execute(
        """select patterns.name, patterns.kind, patterns.probe as own, probes.name as probe, scores.* from scores
           join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
           where head_id = ? and patterns.kind <> 'rival'""",
        [number_of(db, name)],
    ).fetchall()
    of_layer = tables[name.split("H")[0]]
    # On the pattern's own probe; on another where the model was not scored there.
    shown_on = {pattern[0]: pattern[4] for pattern in of_layer["patterns"]}
    assert {row["name"] for row in rows} == shown_on.keys()
    assert all(shown_on[row["name"]] == row["own"] for row in rows if row["own"] == row["probe"])
    rows = [row for row in rows if row["probe"] == shown_on[row["name"]]]
    drawn = of_layer["scores"][name]
    assert len(rows) == len(drawn["pattern"]) > 70
    names = [pattern[0] for pattern in of_layer["patterns"]]
    columns = {"score": "score", "low": "ci_low", "high": "ci_high", "free": "score_nosink", "chance": "chance",
               "null": "null_score", "q": "q_value", "rival_score": "rival_score"}  # fmt: skip
    for row in rows:
        at = drawn["pattern"].index(names.index(row["name"]))
        assert {column: drawn[column][at] for column in columns} == {
            column: thousandths(row[stored]) for column, stored in columns.items()
        }
        assert (drawn["rival"][at], drawn["queries"][at]) == (row["rival"], row["n_queries"])
        (above,) = db.execute(
            "select count(*) from scores where (pattern_id, probe_id) = (?, ?) and score > ?",
            [row["pattern_id"], row["probe_id"], row["score"]],
        ).fetchone()
        assert drawn["rank"][at] == (None if row["score"] is None else above + 1)
    # In the page the ten that lie furthest above chance.
    above_chance = [row for row in rows if row["kind"] == "target" and row["score"] is not None]
    above_chance.sort(key=lambda row: (-(row["score"] - (row["chance"] or 0)), row["name"]))
    text = text_of(site, name)
    table = text[text.index("Pattern Score 95% interval Chance Probe") :]
    for row in above_chance[:10]:
        interval = "–" if row["ci_low"] is None else f"{score(row['ci_low'])}–{score(row['ci_high'])}"
        said = f"{words(row['name'])} {score(row['score'])} {interval} {score(row['chance'])} {words(row['probe'])}"
        assert said in table


@pytest.mark.parametrize("name", HEADS)
def test_budgets(db, site, tables, name):
    stored: dict[str, dict[str, float]] = {}
    for probe, part, share in db.execute(
        "select probes.name, part, share from budgets join probes on probes.id = probe_id where head_id = ?",
        [number_of(db, name)],
    ):
        stored.setdefault(probe, {})[part] = share
    of_layer = tables[name.split("H")[0]]["budgets"]
    drawn = {
        of_layer["probes"][probe][0]: {
            of_layer["parts"][part][0]: share / 10_000 for part, share in zip(rest[::2], rest[1::2], strict=True)
        }
        for probe, *rest in of_layer["heads"][name]
    }
    assert drawn.keys() == stored.keys()
    for probe, shares in stored.items():
        assert drawn[probe] == pytest.approx(shares, abs=2e-4)
    said = ", ".join(
        f"{words(part)} {score(share, 2)}"
        for part, share in sorted(
            stored["natural_text"].items(),
            key=lambda item: ({SINK: 0, OTHER_SINKS: 1, UNEXPLAINED: 3}.get(item[0], 2), -item[1]),
        )
    )
    assert f"Of its attention on natural text: {said}" in text_of(site, name)


@pytest.mark.parametrize("name", HEADS)
def test_evidence_and_edges(db, site, tables, name):
    head, text = number_of(db, name), text_of(site, name)
    rows = db.execute(
        """select kinds.name as type, probes.name as probe, basis, evidence.* from evidence
           join evidence_kinds as kinds on kinds.id = kind_id left join probes on probes.id = probe_id
           where head_id = ?""",
        [head],
    ).fetchall()
    of_layer = tables[name.split("H")[0]]["evidence"]
    drawn, lines = of_layer["heads"][name], of_layer["lines"]
    assert len(rows) == len(drawn["line"]) > 20
    position = {(lines[number][2], lines[number][4]): at for at, number in enumerate(drawn["line"])}
    for row in rows:
        at = position[row["type"], row["probe"] or ""]
        assert {column: drawn[column][at] for column in ("value", "low", "high", "intact")} == {
            "value": thousandths(row["value"]), "low": thousandths(row["ci_low"]),
            "high": thousandths(row["ci_high"]), "intact": thousandths(row["intact"]),
        }  # fmt: skip
        assert drawn["estimated"][at] == (row["exact"] == 0)
        if row["ci_low"] is not None and row["basis"] == lines[0][0]:  # in the page too
            value = f"{words(row['probe'])} {score(row['value'])} {score(row['ci_low'])} to {score(row['ci_high'])}"
            assert value in text
    said = re.findall(
        r"Without (\w+)(?: \([^)]*\))? ?, its ([\w ]+) score is (-?[\d.]+) in place of (-?[\d.]+)\.", text
    )
    edges = {
        (earlier, words(label), f"{value + change:.2f}", f"{value:.2f}")
        for earlier, label, value, change in db.execute(
            "select 'L' || layer || 'H' || head, label, score, change from edges join heads on heads.id = earlier_id"
            " where head_id = ?",
            [head],
        )
    }
    assert len(said) == min(len(edges), 4)
    assert set(said) <= edges


@pytest.mark.parametrize("name", HEADS)
def test_maps_and_what_is_said_of_them(db, site, name):
    rows = db.execute(
        """select tokens, weights, probes.name as probe from heatmaps join examples on examples.id = example_id
           join probes on probes.id = probe_id where head_id = ? order by probes.id, sequence""",
        [number_of(db, name)],
    ).fetchall()
    layer = drawn_layer(site, name.split("H")[0])
    numbers, packed = layer["numbers"][name], layer["maps"][name][1]
    assert len(numbers) == len(rows) > 15
    sizes = [len(json.loads(row["tokens"])) for row in rows]
    maps = [np.frombuffer(zlib.decompress(row["weights"]), dtype=np.uint8).reshape(n, n) for row, n in
            zip(rows, sizes, strict=True)]  # fmt: skip
    for weights, read in zip(maps, maps_read(packed, [(n, n) for n in sizes], causal=True), strict=True):
        np.testing.assert_array_equal(read[np.tri(len(read), dtype=bool)], weights[np.tri(len(read), dtype=bool)])
    # Said of a query in natural text: what its row leaves off the first position, or less where there are more sinks.
    page = (site / "heads" / f"{name}.html").read_text("utf-8")
    lines = re.findall(r'<li><a href="#natural_text-(\d+)&amp;row=(\d+)">([\d.]+)</a>', page)
    natural = [weights for row, weights in zip(rows, maps, strict=True) if row["probe"] == "natural_text"]
    for sequence, row, awake in lines:
        weights = natural[int(sequence)][int(row)]
        rounded = 0.5 * int(row) / 255  # the map's weights are 255ths, what the scan said is not
        assert float(awake) <= weights[1:].sum() / 255 + rounded + 0.005
