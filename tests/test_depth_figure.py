"""Kinds of heads against relative depth, over models of any number of layers."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import numpy as np
import pytest

from headatlas.atlas.make.depth import by_depth
from headatlas.atlas.site import build
from tests.fake_database import make


@pytest.mark.parametrize(
    ("values", "bins", "wanted"),
    [
        ([0, 1], 4, [0, 0, 1, 1]),
        ([0, 0.5, 1], 2, [1 / 6, 5 / 6]),
        ([0, 1, 2, 3], 2, [0.5, 2.5]),
        ([np.nan, 1], 4, [np.nan, np.nan, 1, 1]),
        ([0, np.nan, 1], 2, [0, 1]),
    ],
)
def test_layers_are_averaged_over_parts_of_the_depth(values, bins, wanted):
    np.testing.assert_allclose(by_depth(np.array(values, dtype=float), bins), wanted, atol=1e-12)


def test_the_average_over_the_whole_depth_is_that_of_the_layers():
    values = np.random.default_rng(0).random(7)
    assert by_depth(values, 10).mean() == pytest.approx(values.mean())


@pytest.mark.slow
def test_the_figure_its_table_and_its_csv_say_the_same(tmp_path):
    """Of made-up models the first head of four in each layer has both labels: a quarter at every depth."""
    front = build(make(tmp_path / "a.db", models=("one", "two"), unscored=(1,)), tmp_path / "site")
    rows = list(csv.DictReader(io.StringIO((front.parent / "figures/kinds-by-depth.csv").read_text())))
    assert {(row["label"], row["model"]) for row in rows} == {
        (label, model) for label in ("induction", "punctuation") for model in ("one", "two")
    }
    known = [row for row in rows if row["share"]]
    assert {row["share"] for row in known} == {"0.25"}
    # A layer that was not scored, the middle one of three, says nothing: the tenths that it fills are empty.
    assert {row["depth_from"] for row in rows if not row["share"]} == {"0.4", "0.5"}
    text = front.read_text()
    assert text.count("<td class=n>25.0") == 2 * 8
    assert "@misc{headatlas-kinds-by-depth," in text
    drawing = ElementTree.parse(front.parent / "figures/kinds-by-depth.svg").getroot()
    assert len(drawing.findall(".//{*}g")) == 2
    assert len(drawing.findall(".//{*}path[@class='mean']")) == 2


@pytest.mark.slow
def test_without_labels_there_is_no_figure(tmp_path):
    front = build(make(tmp_path / "a.db", labels=False), tmp_path / "site")
    assert not (front.parent / "figures").exists()
    assert "kinds-by-depth" not in front.read_text()
