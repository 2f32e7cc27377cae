"""What Python users meet: arguments named as on the command line, frames, reprs, progress, models they hold."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from html import escape, unescape
from pathlib import Path
from types import SimpleNamespace

import pandas
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

import headatlas
from headatlas.errors import HeadatlasError, ModelError, UnknownNameError
from headatlas.models.load import load_model
from headatlas.probes.own_text import texts_probe
from headatlas.views.progress import progress_of
from tests.fake_database import make

PROBE = "repeated_random_tokens"
TEXTS = ["The ferry leaves at nine, and the baker waves.", "Why? Because the river rose again; it always does."]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    with headatlas.open(make(tmp_path_factory.mktemp("made") / "heads.db")) as catalog:
        yield catalog


@pytest.fixture(scope="module")
def held(tiny):
    """A model of transformers as somebody has it: sdpa attention, in training, with gradients."""
    model = AutoModelForCausalLM.from_pretrained(tiny("gpt2"), attn_implementation="sdpa").train()
    return model, AutoTokenizer.from_pretrained(tiny("gpt2"))


@pytest.mark.slow
def test_a_held_model_and_texts(held, tiny, tmp_path):
    model, tokenizer = held
    tokens = tokenizer(TEXTS[0], return_tensors="pt").input_ids
    with torch.inference_mode():
        before = model.eval()(tokens).logits
    model.train()
    steps = []
    options = {"db": tmp_path / "a.db", "texts": TEXTS, "probes": [PROBE]}
    scan = headatlas.scan(model, tokenizer, name="held", progress=lambda *step: steps.append(step), **options)
    assert set(scan.scores["probe"]) == {"texts", PROBE}
    assert steps[-1][0] == steps[-1][1] > 0
    # The same numbers as from the folder, and the model as it was.
    named = headatlas.scan(str(tiny("gpt2")), name="folder", progress=False, **options)
    pandas.testing.assert_frame_equal(scan.scores.drop(columns="model"), named.scores.drop(columns="model"))
    assert model.training
    assert model.config._attn_implementation == "sdpa"
    assert all(parameter.requires_grad for parameter in model.parameters())
    with torch.inference_mode():
        torch.testing.assert_close(model.eval()(tokens).logits, before, atol=0, rtol=0)
    with headatlas.open(tmp_path / "a.db") as catalog:
        assert catalog.scan("held")["source"] == "object"
        assert all(row["max_difference"] < 1e-4 for row in catalog.rows("select * from certificates"))
    with torch.no_grad():
        model.transformer.h[0].attn.c_attn.weight[0, 0] += 1
    with pytest.raises(headatlas.WeightsChangedError):
        headatlas.scan(model, tokenizer, name="held", **options)


def test_a_held_model_shares_its_memory(held):
    model, tokenizer = held
    loaded = load_model(headatlas.models.sharing.HeldModel(model, tokenizer))
    own, copied = (dict(module.named_parameters()) for module in (model, loaded.hf_model))
    assert own.keys() == copied.keys()
    assert all(own[name].data_ptr() == copied[name].data_ptr() for name in own)


@pytest.mark.slow
def test_a_view_of_a_held_model(tiny):
    model = AutoModelForMaskedLM.from_pretrained(tiny("bert"))
    tokenizer = AutoTokenizer.from_pretrained(tiny("bert"))
    shown = headatlas.view(model, TEXTS[0], tokenizer=tokenizer, progress=False)
    named = headatlas.view(tiny("bert"), TEXTS[0], progress=False)
    assert all((a.weights == b.weights).all() for a, b in zip(shown.layers, named.layers, strict=True))
    assert repr(shown) == f"View({str(tiny('bert'))!r}, {len(shown.tokens)} tokens, 8 heads)"
    with pytest.raises(ModelError, match="has no tokenizer"):
        headatlas.view(model, TEXTS[0], progress=False)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"model": 3}, ModelError, "A int is not a model headatlas knows"),
        ({"model": "gpt2", "tokenizer": object()}, ModelError, "`tokenizer` is for a model of transformers"),
        ({"model": "gpt2", "texts": ["  ", ""]}, HeadatlasError, "There is nothing in the texts"),
        ({"model": "gpt2", "texts": [Path("nowhere.txt")]}, HeadatlasError, "There is no text file nowhere.txt"),
        ({"model": "gpt2", "window": 5}, HeadatlasError, "`window` is for your own text"),
        ({"model": "gpt2", "window": 1, "texts": TEXTS}, HeadatlasError, "window=1 is too few"),
        ({"model": "gpt2", "probes": ["natural_txt"]}, UnknownNameError, "Did you mean 'natural_text'"),
    ],
)
def test_what_a_scan_refuses(tmp_path, arguments, error, message):
    with pytest.raises(error, match=message):
        headatlas.scan(**arguments, db=tmp_path / "a.db")


def test_texts_are_strings_or_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("essay.txt").write_text("One, two, three.")
    names = [probe.name for probe in texts_probe([*TEXTS, Path("essay.txt")])]
    assert names == ["texts", "text:essay.txt"]
    assert texts_probe(TEXTS[0])[0].version == texts_probe([TEXTS[0]])[0].version
    assert texts_probe(TEXTS)[0].version != texts_probe(TEXTS[:1])[0].version, "other texts are another probe"
    with pytest.raises(HeadatlasError, match=r"Give Path\('essay.txt'\) to read it"):
        texts_probe(["essay.txt"])


def test_a_catalogue_shows_itself(catalog):
    assert repr(catalog) == f"Catalog('{catalog.path}', {len(catalog.models())} models)"
    shown = catalog._repr_html_()
    assert all(row["model"] in shown for row in catalog.models())
    assert "<script" not in shown


def test_listings_are_lists_and_frames(catalog):
    models = catalog.models()
    assert models[0]["model"] == models.frame()["model"][0]
    assert list(models.frame().columns) == models.columns
    assert repr(models).startswith(f"{len(models)} rows of model, architecture")
    assert len(catalog.scans().frame()) == len(catalog.scans()) > 0
    columns, rows = result = catalog.query("select model, layer, head from head_scores limit 3")
    assert columns == ["model", "layer", "head"]
    assert len(rows) == 3
    assert list(result.frame().itertuples(index=False, name=None)) == rows
    assert "<table" in result._repr_html_()
    assert repr(result) == "3 rows of model, layer, head; .frame() makes a table of them"


def test_heads_as_pairs_for_hooks(catalog):
    model = catalog.models()[0]["model"]
    heads = catalog.heads(model, label="induction")
    pairs = heads.pairs()
    assert len(pairs) == len(set(pairs)) > 0
    assert pairs == list(dict.fromkeys(zip(heads["layer"].tolist(), heads["head"].tolist(), strict=True)))
    assert json.dumps(pairs), "plain integers"
    assert heads[heads["confidence"] > 2].pairs() == []
    assert heads.sort_values("layer").head(1).pairs() == [min(pairs, key=lambda pair: pair[0])]
    both = pandas.concat([heads, heads.assign(model="other")])
    with pytest.raises(HeadatlasError, match=r"of several models: .*, other. Narrow them with catalog.heads\(MODEL"):
        both.pairs()
    with pytest.raises(HeadatlasError, match="of several kinds of attention: self, cross"):
        pandas.concat([heads, heads.assign(attention="cross")]).pairs()


def test_definitions_search_and_verify(catalog):
    assert {"induction", "previous_token"} <= set(catalog.patterns()["name"])
    assert list(catalog.patterns().columns)[:4] == ["name", "version", "kind", "family"]
    assert PROBE in set(catalog.probes()["name"])
    hits = catalog.search("induction", kind="pattern")
    assert list(hits.columns) == ["kind", "name", "passage"]
    assert hits["name"][0] == "induction"
    with pytest.raises(UnknownNameError, match="There is no kind 'patern'. Did you mean 'pattern'"):
        catalog.search("induction", kind="patern")
    with pytest.raises(HeadatlasError, match="The literature says nothing of"):
        catalog.verify(catalog.models()[0]["model"])


def test_progress(capsys, monkeypatch):
    def work(wanted):
        with progress_of("counting", wanted) as progress:
            for done in range(3):
                if progress is not None:
                    progress(done, 2)
        return capsys.readouterr().err

    assert work(False) == work(None) == "", "nobody looks at a pipe"
    assert "counting: 100%" in work(True)
    steps = []
    assert work(lambda *step: steps.append(step)) == ""
    assert steps == [(0, 2), (1, 2), (2, 2)]
    shell = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert "counting" in work(None), "a notebook shows a bar by itself"


def test_results_have_short_reprs(catalog, tmp_path):
    scan = headatlas.Scan(catalog.path, catalog.models()[0]["model"])
    head = scan.head(0, 0)
    assert repr(head).startswith(f"HeadResult({scan.model!r}, L0H0: ")
    assert len(repr(head)) < 200
    assert head.sentence == "", "a scan of before sentences"
    assert "heads by label" in scan._repr_html_()


def test_a_head_says_what_it_does(tmp_path):
    path = make(tmp_path / "heads.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "insert into sentences select id, 'Looks at <b> marks.' from heads where layer = 1 and head = 2"
        )
    head = headatlas.Scan(path, "tiny/model").head(1, 2)
    assert head.sentence == "Looks at <b> marks."
    assert escape(head.sentence) in unescape(head._repr_html_()), "the page lies in a frame, escaped once more"
