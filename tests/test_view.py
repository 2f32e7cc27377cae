"""A user's own text through a model: the page, the picture, the blocks, and what a notebook shows."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from rich.cells import cell_len
from rich.console import Console

import headatlas
from headatlas.atlas.draw.colours import RAMP
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, OutputError, UnknownNameError
from headatlas.scoring import blocks as scoring_blocks
from headatlas.views.png import SCALE
from headatlas.views.scan_result import Scan
from headatlas.views.svg import grid_of, heatmap_svg
from headatlas.views.terminal import blocks
from headatlas.views.text_view import view as view_text
from tests.fake_database import ODD_TOKENS, make

TEXT = "The red fox met a red fox"


@pytest.fixture(scope="module")
def view(tiny_llama):
    return headatlas.view(tiny_llama, TEXT)


@pytest.fixture(scope="module")
def tiny_llama(tmp_path_factory):
    from tests.tiny_models import llama_folder

    return llama_folder(tmp_path_factory.mktemp("tiny") / "llama")


@pytest.mark.slow
def test_the_weights_are_the_models_own(view, tiny_llama):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(tiny_llama, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(tiny_llama)
    with torch.inference_mode():
        wanted = model(**tokenizer(TEXT, return_tensors="pt"), output_attentions=True).attentions
    assert len(view.layers) == len(wanted)
    for layer, attention in zip(view.layers, wanted, strict=True):
        assert layer.causal
        assert np.abs(layer.weights / 255 - attention[0].numpy()).max() <= 0.5 / 255 + 1e-4


@pytest.mark.slow
def test_calling_twice_works_and_narrows(view, tiny_llama):
    # The function must not be hidden by a module of its name.
    again = headatlas.view(tiny_llama, TEXT, layer=1, head=0)
    assert np.array_equal(again.chosen.weights, view.layers[1].weights[0])
    assert again.chosen.title == "L1H0"
    layer = headatlas.view(tiny_llama, TEXT, layer=1)
    mean = view.layers[1].weights.mean(axis=0)
    assert np.abs(layer.chosen.weights - mean).max() <= 0.5
    assert "of L1" in layer.chosen.title


LONG = "She said (no, not today) and closed the door because the river rose again. " * 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gpt2", "llama", "bert"])
def test_blocks_of_a_longer_text_are_the_models_own(tiny, kind, monkeypatch):
    """Longer than the tokens that are looked at first, in several blocks of queries, of one head alone."""
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

    monkeypatch.setitem(scoring_blocks.WEIGHTS_PER_BLOCK, "cpu", 5000)
    monkeypatch.setattr("headatlas.views.text_attention.N_FIRST", 20)
    auto = AutoModelForMaskedLM if kind == "bert" else AutoModelForCausalLM
    model = auto.from_pretrained(tiny(kind), attn_implementation="eager").eval()
    tokens = AutoTokenizer.from_pretrained(tiny(kind))(LONG, return_tensors="pt").input_ids
    with torch.inference_mode():
        wanted = model(tokens, output_attentions=True).attentions
    steps = []
    shown = view_text(tiny(kind), LONG, layer=1, head=2, progress=lambda *step: steps.append(step))
    assert len(shown.tokens) == tokens.shape[1] > 40
    (layer,) = shown.layers
    assert (layer.weights.shape[0], layer.heads) == (1, (2,))
    assert layer.causal == (kind != "bert")
    assert np.abs(layer.weights[0] / 255 - wanted[1][0, 2].numpy()).max() <= 0.5 / 255 + 1e-4
    assert len(steps) > (1 if kind == "bert" else 4)  # BERT is read from its hooks, a layer at a time
    assert steps[-1] == (2 * len(shown.tokens), 2 * len(shown.tokens))


@pytest.mark.slow
def test_the_pass_ends_in_the_layer_asked_for(tiny):
    steps = []
    view_text(tiny("llama"), TEXT, layer=0, progress=lambda *step: steps.append(step))
    assert steps[-1][0] == steps[-1][1] == len(headatlas.view(tiny("llama"), TEXT, layer=0).tokens)


def test_the_page_is_whole(view):
    page = view.html()
    n_heads = sum(len(layer.weights) for layer in view.layers)
    assert page.count("<img") == 1 + n_heads + len(view.layers)
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page), "nothing is fetched"
    assert "https:" not in page
    data = json.loads(re.search(r'id="token-data">(.*?)</script>', page)[1])
    assert len(data[0]["tokens"]) == len(view.tokens)


def test_a_notebook_shows_a_frame(view):
    shown = view._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert html.unescape(re.search(r'srcdoc="(.*?)" title', shown, re.DOTALL)[1]) == view.html()


@pytest.mark.slow
def test_a_head_of_a_scan_shows_itself(tmp_path):
    database = make(tmp_path / "a.db")
    head = Scan(database, "tiny/model").head(0, 0)
    page = html.unescape(re.search(r'srcdoc="(.*?)" title', head._repr_html_(), re.DOTALL)[1])
    assert "induction 0.77 · punctuation 0.57" in page
    assert page.count('class="example"') == 2
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" not in page.split("<pre")[0]
    data = re.search(r'id="token-data">(.*?)</script>', page)[1]
    assert "<" not in data
    assert len(json.loads(data)[0]["tokens"]) == len(ODD_TOKENS)


def test_svg_has_tokens_cells_and_scale(view):
    tree = ElementTree.fromstring(headatlas_svg := view.svg())
    space = "{http://www.w3.org/2000/svg}"
    n = len(view.tokens)
    assert len(list(tree.iter(f"{space}rect"))) == 1 + n * (n + 1) // 2 + 64
    texts = [element.text for element in tree.iter(f"{space}text")]
    assert {"0", "0.5", "1"} <= set(texts)
    assert len(texts) == 1 + 2 * n + 5
    assert "href" not in headatlas_svg


def test_svg_of_two_texts_and_of_a_long_one():
    weights = np.zeros((2, 3), dtype=np.uint8)
    odd = heatmap_svg(weights, ["<b>", "&"], ["x", "\x00", "\ud83d"], "a < b", causal=False)
    texts = [element.text for element in ElementTree.fromstring(odd).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:6] == ["a < b", "<b>", "&", "x", "␀", "‹U+D83D›"]
    long = heatmap_svg(np.zeros((300, 300), np.uint8), ["a"] * 300, ["a"] * 300, "long", causal=True)
    assert long.count("<rect") == 65
    assert "data:image/webp" in long


def lines_of(*arguments, **options) -> list[str]:
    plain = io.StringIO()
    Console(file=plain, color_system=None, width=200).print(blocks(*arguments, **options), end="")
    return [line.rstrip() for line in plain.getvalue().splitlines()]


def test_a_terminal_has_heads_and_numbers_apart():
    weights = np.array([[255, 0], [128, 127]], dtype=np.uint8)
    assert lines_of(weights, ["a", " tokens"], "title", causal=True) == [
        "title",
        "Row: the token that looks; column: the token looked at; numbers: hundredths of the row's attention.",
        "",
        "                    0   1",
        "                  a   to…",
        "  0 a             100",
        "  1 ·tokens        50  50",
    ]
    full = lines_of(weights, ["a", "b"], "title", causal=False)
    assert full[5] == "  0 a             100   0"


def test_keys_that_do_not_fit_come_in_several_tables():
    weights = np.full((10, 10), 100, dtype=np.uint8)
    lines = lines_of(weights, ["日本"] * 10, "title", causal=True, width=17 + 4 * 4)
    assert all(cell_len(line) <= 33 for line in lines[2:])
    heads = [line.split() for line in lines if line.startswith(" " * 17) and line.split()[0].isdigit()]
    assert heads == [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9"]]
    rows = [line for line in lines if "日" in line and not line.startswith(" " * 17)]
    assert len(rows) == 10 + 6 + 2, "queries that cannot look at a table's keys are not in it"


def test_blocks_have_colours():
    weights = np.array([[255, 0], [128, 127]], dtype=np.uint8)
    coloured = io.StringIO()
    console = Console(file=coloured, color_system="truecolor", force_terminal=True, width=200)
    console.print(blocks(weights, ["a", "b"], "title", causal=True), end="")
    assert "\x1b[30;48;2;244;241;233m" not in coloured.getvalue(), "later tokens are left empty"
    assert "48;2;18;11;34m" in coloured.getvalue()


@pytest.mark.slow
def test_png_shows_the_weights(view):
    image = Image.open(io.BytesIO(view.png()))
    assert image.format == "PNG"
    grid = grid_of(view.tokens, view.tokens)
    for query, row in enumerate(view.chosen.weights):
        for key, weight in enumerate(row):
            x, y = (start + (position + 0.5) * grid.cell for start, position in ((grid.left, key), (grid.top, query)))
            expected = (255, 255, 255) if key > query else tuple(RAMP[weight].tolist())
            assert image.getpixel((round(x * SCALE), round(y * SCALE))) == expected
    margin = np.asarray(image.crop((0, round(grid.top * SCALE), round(grid.left * SCALE), image.height)))
    assert (margin < 100).any(), "tokens stand beside it"


def test_letters_that_no_font_has(view, monkeypatch):
    monkeypatch.setattr("headatlas.views.png._FONTS", ())
    odd = replace(view, tokens=("日", *view.tokens[1:]))
    with pytest.raises(OutputError, match=r"No font .* has the letter '日' .* Write SVG instead \(--svg\)"):
        odd.png()
    with pytest.raises(OutputError, match="A PNG of 3,001 tokens would be too large"):
        replace(view, tokens=("a",) * 3001).png()


@pytest.mark.slow
def test_the_suffix_decides_and_other_suffixes_are_refused(view, tmp_path):
    starts = {"a.svg": b"<svg", "a.png": b"\x89PNG", "a.html": b"<!doctype", "a": b"<!doctype"}
    for name, start in starts.items():
        assert view.save(tmp_path / name).read_bytes().startswith(start)
    with pytest.raises(OutputError, match=r"a.pdf cannot be made: a view is written as .html, .svg or .png"):
        view.save(tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.slow
def test_the_mosaic_has_column_heads(view, tiny_llama):
    page = view.html()
    heads = re.search(r"<thead>(.*?)</thead>", page)[1]
    assert re.findall(r"<th[^>]*>(.*?)</th>", heads) == ["layer", "0", "1", "2", "3", "mean"]
    assert "<thead>" not in headatlas.view(tiny_llama, TEXT, layer=0, head=0).html()
    few = replace(view.layers[0], weights=view.layers[0].weights[:2], heads=(0, 1))
    ragged = replace(view, layers=[few, view.layers[1]]).html()
    first = re.search(r"<tr><th scope=\"row\">L0</th>(.*?)</tr>", ragged, re.DOTALL)[1]
    assert re.findall(r"<td>(?:</td>|<a href=\"#([^\"]*)\")", first) == ["L0H0", "L0H1", "", "", "L0-mean"]


@pytest.mark.slow
def test_the_command(tiny_llama, tmp_path):
    runner = CliRunner()
    with runner.isolated_filesystem(tmp_path):
        done = runner.invoke(main, ["view", str(tiny_llama), "-"], input=TEXT)
        assert done.exit_code == 0, done.output
        assert Path(done.output.strip()).read_text().startswith("<!doctype html>")
        done = runner.invoke(main, ["view", str(tiny_llama), TEXT, "--head", "L0H1", "--svg", "a.svg"])
        assert Path(done.output.strip()).read_text().startswith("<svg")
        assert not Path("a.html").exists()
        done = runner.invoke(main, ["view", str(tiny_llama), TEXT, "--png", "a.b", "--svg", "c", "--out", "d.html"])
        names = [Path(line).name for line in done.output.splitlines()]
        assert names == ["c.svg", "a.b.png", "d.html"]
        done = runner.invoke(main, ["view", str(tiny_llama), TEXT, "--svg", "x.png"])
        assert (done.exit_code, "--svg writes SVG, and x.png would be something else" in done.stderr) == (2, True)
        assert not Path("x.svg").exists()
        done = runner.invoke(main, ["view", str(tiny_llama), TEXT, "--layer", "0", "--terminal"])
        assert "Row: the token that looks" in done.output
        assert "\x1b" not in done.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "options", "kind", "message"),
    [
        ("  ", {}, HeadatlasError, "There is no text to look at"),
        (TEXT, {"head": 1}, HeadatlasError, "--head needs --layer"),
        (TEXT, {"layer": 7}, UnknownNameError, r"There is no layer '7'. The layers are 0-1\.$"),
        (TEXT, {"layer": -1}, UnknownNameError, "There is no layer '-1'"),
        (TEXT, {"layer": 0, "head": 99}, UnknownNameError, r"There is no head 'L0H99'. The heads of L0 are 0-3\.$"),
        (TEXT, {"layer": 0, "head": -1}, UnknownNameError, "The heads of L0 are 0-3"),
        ("word " * 5000, {}, HeadatlasError, "more tokens than .* reads: 128 at most"),
    ],
)
def test_what_cannot_be_shown(tiny_llama, text, options, kind, message):
    with pytest.raises(kind, match=message):
        headatlas.view(tiny_llama, text, **options)


@pytest.mark.slow
def test_maps_that_are_too_many_say_so(tiny_llama, monkeypatch):
    monkeypatch.setattr("headatlas.views.text_attention.MOST_BYTES", 1000)
    with pytest.raises(HeadatlasError, match="8 heads on .* Choose a layer or a head with --layer and --head"):
        headatlas.view(tiny_llama, TEXT)
    with pytest.raises(HeadatlasError, match="4 heads on .* Choose a head with"):
        headatlas.view(tiny_llama, TEXT, layer=0)
    assert headatlas.view(tiny_llama, TEXT, layer=0, head=0).layers


def test_a_place_that_cannot_be_written(view, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        view.save(tmp_path / "nowhere" / "a.html")


@pytest.mark.slow
@pytest.mark.parametrize("opened", [True, False])
def test_a_view_and_an_atlas_can_be_opened(tiny_llama, tmp_path, monkeypatch, opened):
    asked = []
    monkeypatch.setattr("webbrowser.open", lambda url: asked.append(url) or opened)
    runner = CliRunner()
    with runner.isolated_filesystem(tmp_path) as folder:
        done = runner.invoke(main, ["view", str(tiny_llama), TEXT, "--layer", "0", "--open"])
        assert done.exit_code == 0, done.output
        make(Path("a.db"))
        done = runner.invoke(main, ["atlas", "--db", "a.db", "--open"])
        assert done.exit_code == 0, done.output
        assert ("There is no browser" in done.stderr) != opened
        assert asked == [Path(folder, *name).resolve().as_uri() for name in (["view.html"], ["atlas", "index.html"])]
