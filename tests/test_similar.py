"""Similar heads: the measure by its definition, an exact search, and pages that list what the command lists."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import headatlas
from headatlas.atlas.data.load import load_model
from headatlas.atlas.data.neighbours import Neighbours, nearest_heads
from headatlas.atlas.draw.wording import score
from headatlas.atlas.site import build
from headatlas.catalog import head_distances
from headatlas.catalog.head_distances import Points, distances, find_nearest, nearest, points, roughly, to_candidates
from headatlas.catalog.head_table import head_table, read_scan
from headatlas.catalog.reader import Reader
from headatlas.catalog.similar import similar
from headatlas.heads import head_name
from headatlas.store import profiles
from tests import fake_database

MODELS = ("base", "other", "third")


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """Three scans whose heads look over distances of their own; some heads and patterns have nothing to compare."""
    path = fake_database.make(tmp_path_factory.mktemp("similar") / "heads.db", models=MODELS)
    rng = np.random.default_rng(1)
    connection = sqlite3.connect(path)
    with connection:
        for head in range(1, 37):
            for probe, width in ((1, 6), (2, 9)):
                if head % 5 != probe:
                    attention = rng.dirichlet(np.full(width + head % 2, 0.4)).round(4).tolist()
                    connection.execute(
                        "insert into distances values (?, ?, 0, ?)", [head, probe, json.dumps(attention)]
                    )
        connection.execute("delete from scores where head_id % 7 = 1 and pattern_id < 3")
        connection.execute("delete from profiles")
    connection.close()
    return path


class SimilarTable(HTMLParser):
    """Rows of the table of similar heads on a head's page: name, model ("" for the page's own), difference."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = self._chips = False
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        classes = str(dict(attrs).get("class") or "").split()
        self._inside = self._inside or (tag == "table" and "similar" in classes)
        self._chips = self._chips or tag == "ul"
        if self._inside and tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "table"
        self._chips = self._chips and tag != "ul"

    def handle_data(self, data):
        if self._inside and not self._chips and data.strip():
            self.rows[-1].append(data.strip())


@pytest.mark.slow
def test_pages_list_what_the_command_lists(db, tmp_path):
    site = build(db, tmp_path / "site").parent
    n_pages = 0
    with headatlas.open(db) as catalog:
        for page in sorted(site.glob("*/heads/*.html")):
            model, name = page.parent.parent.name, page.stem
            ranked = [
                (row.model, head_name(row.attention, row.layer, row.head), row.distance)
                for row in catalog.similar(model, name, limit=1000).itertuples()
            ]
            own = [head for head in ranked if head[0] == model][:5]
            others = [head for head in ranked if head[0] != model][:3]
            wanted = [
                [name, *([of] if of != model else []), score(distance)]
                for of, name, distance in sorted(own + others, key=ranked.index)
            ]
            assert SimilarTable(page).rows[1:] == wanted, (model, name)
            n_pages += 1
    assert n_pages == 36


@pytest.mark.slow
def test_a_head_that_somebody_took_out_is_missing_everywhere(db, tmp_path):
    """Not the last of its layer: the places of the others stay, in the database and in pictures."""
    fewer = tmp_path / "fewer.db"
    shutil.copy(db, fewer)
    with closing(sqlite3.connect(fewer)) as connection, connection:
        connection.execute("pragma foreign_keys = on")
        [(gone,)] = connection.execute("select min(id) from heads where layer = 1 and head = 1")
        of_head = "select model from heads join scans on scan_id = scans.id where heads.id = ?"
        [(model,)] = connection.execute(of_head, [gone])
        for (scan,) in connection.execute("select id from scans").fetchall():
            profiles.write(connection, scan)
        connection.execute("delete from heads where id = ?", [gone])
    with headatlas.open(fewer) as catalog:
        named = [(row.model, row.layer, row.head) for row in catalog.similar(model, "L0H0", limit=1000).itertuples()]
    assert named
    assert (model, 1, 1) not in named
    assert (model, 1, 2) in named
    pages = {page.stem for page in build(fewer, tmp_path / "site").parent.glob(f"{model}/heads/*.html")}
    assert "L1H1" not in pages
    assert "L1H2" in pages


@pytest.mark.slow
def test_pages_of_the_catalogue_list_what_the_command_lists(catalogue):
    with Reader(catalogue) as reader:
        models = [load_model(reader, scan, scan["model"]) for scan in reader.scans()]
        models.sort(key=lambda model: model.name)
        neighbours = Neighbours(nearest_heads(reader, [model.name for model in models]), models)
        # Of a training run's steps, which are alike, a few.
        steps = [model for model in models if "-step" in model.name]
        for model in [model for model in models if model not in steps] + steps[::6]:
            for head in model.heads[:: -(-len(model.heads) // 3)]:
                ranked = [
                    (near.model, near.name, near.distance)
                    for near in similar(reader, model.name, head.attention, head.layer, head.head, limit=1000)
                ]
                listed = [(other.name, near.name, distance) for other, near, distance in neighbours.of(model, head)]
                assert listed == sorted(listed, key=ranked.index)
                own = [near for near in ranked if near[0] == model.name]
                assert [near for near in listed if near[0] == model.name] == own[:5]
                assert [near for near in listed if near[0] != model.name] == [
                    near for near in ranked if near[0] != model.name
                ][:3]


def by_definition(first: Points, second: Points, i: int, j: int, widths: list[int]) -> float:
    """The distance of two heads, number by number."""
    squares = [(a - b) ** 2 for a, b in zip(first.scores[i], second.scores[j], strict=True) if not np.isnan(a + b)]
    if len(squares) < max(1, 0.5 * np.isfinite(first.scores[i]).sum()):
        return np.inf
    ends = np.cumsum(widths)
    for probe, (start, end) in enumerate(zip(ends - widths, ends, strict=True)):
        if first.probes[i, probe] and second.probes[j, probe]:
            roots = zip(first.roots[i, start:end], second.roots[j, start:end], strict=True)
            squares.append(sum((a - b) ** 2 for a, b in roots) / 2)  # the square of a Hellinger distance
    return (sum(squares) / len(squares)) ** 0.5


def made_up(rng: np.random.Generator, n_heads: int, widths: list[int]) -> Points:
    scores = rng.normal(size=(n_heads, 7))
    scores[rng.random(scores.shape) < 0.3] = np.nan
    probes = rng.random((n_heads, len(widths))) < 0.7
    roots = [np.sqrt(rng.dirichlet(np.ones(width), n_heads)) for width in widths]
    whole = np.hstack([root * probes[:, [i]] for i, root in enumerate(roots)])
    return Points(scores, whole.astype(np.float32), probes, np.cumsum([0, *widths[:-1]]))


def test_distances_are_those_of_the_definition():
    rng = np.random.default_rng(0)
    widths = [4, 9]
    first, second = made_up(rng, 12, widths), made_up(rng, 8, widths)
    first.scores[3], second.scores[5] = np.nan, np.nan
    wanted = [[by_definition(first, second, i, j, widths) for j in range(8)] for i in range(12)]
    assert np.isinf(wanted).any()
    np.testing.assert_allclose(distances(first, second), wanted, atol=1e-6)


def of_all(heads: Points) -> np.ndarray:
    """All distances; infinite from a head to itself."""
    whole = distances(heads, heads)
    np.fill_diagonal(whole, np.inf)
    return whole


@pytest.mark.parametrize("many", [0, 64], ids=["together", "one by one"])
def test_candidates_are_as_far_as_in_the_whole_matrix(monkeypatch, many):
    monkeypatch.setattr(head_distances, "MANY", many)
    monkeypatch.setattr(head_distances, "_OTHERS", 5)
    heads = made_up(np.random.default_rng(0), 10, [5, 3])
    candidates = [np.array([1, 7, 2]), np.array([], dtype=int), np.arange(10)]
    whole = distances(heads, heads)
    away = to_candidates(heads, slice(4, 7), candidates)
    for row, some, of_head in zip(range(4, 7), candidates, away, strict=True):
        np.testing.assert_array_equal(of_head, whole[row, some])


def test_rough_squares_are_off_by_no_more_than_they_say(monkeypatch):
    monkeypatch.setattr(head_distances, "_ROWS", 3)
    heads = made_up(np.random.default_rng(0), 40, [5, 90])
    heads.scores[7] = np.nan
    whole, parts = of_all(heads), list(roughly(heads))
    assert [rows.stop for rows, _, _ in parts] == [*range(3, 40, 3), 40]
    squares = np.vstack([part for _, part, _ in parts])
    np.testing.assert_array_equal(np.isfinite(squares), np.isfinite(whole))
    known = np.isfinite(whole)
    slack = max(slack for _, _, slack in parts)
    assert abs(squares[known] - whole[known] ** 2).max() < slack < 1e-2


def test_the_nearest_of_each_head_are_those_of_the_whole_matrix(db):
    with Reader(db) as reader:
        near = nearest_heads(reader, MODELS)
        table = head_table([read_scan(reader, model) for model in MODELS])
        whole = of_all(points(reader, table, range(len(table))))
    rows = np.arange(len(table))
    for row in rows:
        own = table.model_of == table.model_of[row]
        wanted = [*nearest(whole[row], rows[own], 5), *nearest(whole[row], rows[~own], 3)]
        wanted.sort(key=lambda other: (whole[row, other], other))
        listed = [(int(head), away) for head, away in zip(near.ids[row], near.distances[row], strict=True) if head >= 0]
        assert listed == [(int(table.ids[other]), whole[row, other]) for other in wanted]


@pytest.mark.slow
def test_the_search_is_exact_and_reads_few_heads(db, monkeypatch):
    monkeypatch.setattr(head_distances, "_BATCH", 3)
    n_read = []
    with Reader(db) as reader:
        table = head_table([read_scan(reader, model) for model in MODELS])
        every = np.arange(len(table))
        whole = of_all(points(reader, table, range(len(table))))
        read = head_distances.points
        monkeypatch.setattr(head_distances, "points", lambda *given: n_read.append(len(given[2])) or read(*given))
        for row in every:
            neighbours = find_nearest(reader, table, int(row), every, 4)
            assert neighbours == [(int(other), whole[row, other]) for other in nearest(whole[row], every, 4)]
    assert sum(n_read) < 0.8 * len(every) ** 2


def test_equally_near_heads_are_in_the_order_of_the_table():
    away = np.array([0.5, 0.25, 0.5, np.inf, 0.25, 0.5])
    assert nearest(away, np.array([5, 4, 3, 2, 1, 0]), 4).tolist() == [1, 4, 0, 2]
    assert nearest(away, np.array([3]), 4).tolist() == []
