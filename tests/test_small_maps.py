"""Small pictures of maps: what a map becomes in a few pixels, and where its layer's picture has it."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from PIL import Image
from sqlite_utils import Database

from headatlas.atlas.draw.colours import RAMP
from headatlas.atlas.make.small_maps import SIDE, shrunk
from tests.browsing import open_page
from tests.fake_database import ODD_TOKENS


def test_a_long_map_keeps_its_largest_weights_and_loses_the_sink():
    size = 10 * SIDE
    weights = np.zeros((size, size), dtype=np.uint8)
    weights[:, 0] = 155
    weights[np.arange(1, size), np.arange(size - 1)] += 100  # the token before
    small = shrunk(weights)
    assert (np.diag(small) == 255).all(), "rows add up to what they did"
    assert small[5, 0] == 0
    assert not np.triu(small, 1).any()


def test_a_short_map_is_enlarged_and_a_row_of_sink_is_blank():
    weights = np.array([[255, 0], [55, 200]], dtype=np.uint8)
    small = shrunk(weights)
    assert (small[SIDE // 2 :, SIDE // 2 :] == 255).all()
    assert not small[: SIDE // 2].any()


def test_other_sinks_of_the_layer_are_left_out_too():
    weights = np.zeros((SIDE, SIDE), dtype=np.uint8)
    weights[3:, 3], weights[3:, 2] = 200, 55
    small = shrunk(weights, (3,))
    assert not small[:, 3].any()
    assert (small[3:, 2] == 255).all()


@pytest.mark.slow
def test_lists_show_each_heads_part_of_its_layers_picture(page, small_site, small_database):
    rows = Database(small_database).query(
        """select weights from heatmaps join heads on heads.id = head_id join examples on examples.id = example_id
           join probes on probes.id = probe_id join scans on scans.id = heads.scan_id
           where model = 'tiny/model' and layer = 1 and name = 'natural_text' and sequence = 0 order by head"""
    )
    size = len(ODD_TOKENS)
    maps = [np.frombuffer(zlib.decompress(row["weights"]), dtype=np.uint8).reshape((size, size)) for row in rows]
    # The layers are few and small, and share a picture.
    drawn = np.asarray(Image.open(small_site / "tiny-model/maps/0.webp").convert("RGB"))
    assert (
        drawn[SIDE : 2 * SIDE, : SIDE * len(maps)]
        == RAMP[np.concatenate([shrunk(weights) for weights in maps], axis=1)]
    ).all()
    open_page(page, small_site, "tiny-model/layers/L1.html")
    parts = page.locator(".label-list .small-map").evaluate_all("all => all.map(one => one.getAttribute('viewBox'))")
    assert parts == [f"{SIDE * head} {SIDE} {SIDE} {SIDE}" for head in range(4)]
    open_page(page, small_site, "tiny-model/index.html")
    # The most typical heads of an unnamed kind: a picture and a link each.
    typical = page.locator(".unnamed").first.locator(".typical li")
    for head, part in typical.evaluate_all(
        "all => all.map(one => [one.textContent.trim(), one.querySelector('.small-map').getAttribute('viewBox')])"
    ):
        layer, number = map(int, head[1:].split("H"))
        assert part == f"{SIDE * number} {SIDE * layer} {SIDE} {SIDE}"
    assert typical.count() == 4
    page.click("summary:has-text('Every map, small')")
    box = page.locator("[data-layer=L1]").bounding_box()
    page.mouse.click(box["x"] + 2.5 * box["width"] / 4, box["y"] + 9)
    page.wait_for_url("**/tiny-model/heads/L1H2.html")
