"""The static site: what is in the pages, where their links lead, what the builder does to a folder."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import weakref
import zlib
from collections import Counter
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from jinja2 import meta
from PIL import Image
from sqlite_utils import Database

from docs.ideal import FILE, ideals
from headatlas.atlas import site as builder
from headatlas.atlas import site_files
from headatlas.atlas.build.folder import MARKER
from headatlas.atlas.build.templating import cited, coded, environment, render
from headatlas.atlas.context import (
    charts,
    circuits,
    definitions,
    depth,
    evidence,
    guide,
    heatmaps,
    labels,
    literature,
    models,
    mosaics,
    pages,
    scores,
)
from headatlas.atlas.data.atlas import Atlas, file_names, unique_slugs
from headatlas.atlas.data.model_data import Example, Head, Layer, ModelData, Pattern
from headatlas.atlas.draw import colours, images
from headatlas.atlas.draw.glyphs import short, visible
from headatlas.atlas.draw.running_text import first_words, running_text
from headatlas.atlas.draw.wording import score, two_digits
from headatlas.atlas.make import awake, overview
from headatlas.atlas.make.definitions import ideal
from headatlas.atlas.make.labels import codes, reading_order
from headatlas.atlas.make.maps import LayerMaps, token_data
from headatlas.atlas.make.wild import from_maps
from headatlas.atlas.site import build
from headatlas.errors import DatabaseError, HeadatlasError, OutputError, UnknownNameError
from headatlas.patterns import PATTERNS as DEFINED
from headatlas.patterns.vocabulary import published_names
from headatlas.views import contexts
from tests.fake_database import ODD_TOKENS, PATTERNS, make
from tests.helpers import data_of, heads_of, numbers_of

PAGES = (
    pages.IndexPage, pages.ModelPage, pages.HeadPage, pages.LayerPage, pages.PatternPage, pages.ProbePage,
    pages.ExplorerPage, pages.PairPage, pages.AboutPage, pages.MethodsPage,
    pages.GlossaryPage, pages.ScatterPage, pages.CircuitsPage, pages.HeadsPage,
    depth.DepthFigure,
    contexts.HeatmapPage, contexts.ComparePage, contexts.TrainingPage, contexts.SurprisePage,
)  # fmt: skip
CONTEXTS = (
    charts, circuits, definitions, depth, evidence, guide, heatmaps, labels, literature, models, mosaics, pages,
    scores, contexts,
)  # fmt: skip
PARTS = ("components.html", "choices.html", "definition.html")


_ROW = ("td", "th")
# What a start tag closes that has no end tag of its own, and what an end tag of something else may close.
_CLOSES = {
    "li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "option": ("option",), "optgroup": ("option", "optgroup"),
    "td": _ROW, "th": _ROW, "tr": (*_ROW, "tr"), "tbody": (*_ROW, "tr", "thead", "tbody"),
}  # fmt: skip
_CLOSED_ANYWAY = {*_CLOSES, "thead"}


class Reader(HTMLParser):
    """Collects what the tests ask about a page."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.inline: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.headings: list[int] = []
        self.text: dict[str, list[str]] = {}
        self.scripts: list[str] = []
        self._stack: list[str] = []
        self.metas: dict[str, str] = {}
        self._void = {"meta", "link", "img", "br", "input", "col"}
        self.feed(path.read_text(encoding="utf-8"))
        assert self._stack in ([], ["html"]), f"{path}: not closed: {self._stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags["svg title" if tag == "title" and "svg" in self._stack else tag] += 1
        if values.get("id"):
            self.ids.append(str(values["id"]))
        self.links += [str(values[name]) for name in ("href", "src") if values.get(name)]
        self.inline += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag == "meta":
            self.metas[str(values.get("name") or values.get("property"))] = str(values.get("content"))
        if tag == "img":
            self.images.append(values)
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        while self._stack and self._stack[-1] in _CLOSES.get(tag, ()):
            self._stack.pop()
        if tag not in self._void:
            self._stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._stack.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack[-1] != tag and self._stack[-1] in _CLOSED_ANYWAY:
            self._stack.pop()
        assert self._stack, f"</{tag}> closes nothing"
        assert self._stack[-1] == tag, f"</{tag}> closes <{self._stack[-1]}>"
        self._stack.pop()

    def handle_data(self, data: str) -> None:
        if self._stack:
            # What ends without a tag has the line's end in it.
            said = data.rstrip("\n") if self._stack[-1] in _CLOSED_ANYWAY else data
            self.text.setdefault(self._stack[-1], []).append(said)
            if self._stack[-1] == "script":
                self.scripts.append(data)


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("db") / "a.db", models=("tiny/model", "Tiny model", "other"), unscored=(1,))


@pytest.fixture(scope="module")
def site(database, tmp_path_factory) -> Path:
    return build(database, tmp_path_factory.mktemp("site") / "atlas").parent


@pytest.fixture(scope="module")
def read(site) -> dict[str, Reader]:
    return {path.relative_to(site).as_posix(): Reader(path) for path in sorted(site.rglob("*.html"))}


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_every_page_is_there(read):
    folders = [name.split("/")[0] for name in read if name.endswith("/index.html")]
    assert {name for name in read if name.startswith("patterns/")} == {
        f"patterns/{slug}.html" for slug in file_names([pattern[0] for pattern in PATTERNS]).values()
    }
    assert {name for name in read if name.startswith("probes/")} == {
        "probes/natural_text.html", "probes/repeated_random_tokens.html"
    }  # fmt: skip
    assert folders == ["other", "tiny-model", "tiny-model-2"]
    for folder in folders:
        assert f"{folder}/heads/L2H3.html" in read
        assert f"{folder}/heads/L1H0.html" not in read, "heads of a layer that was not scored have no page"
        assert f"{folder}/layers/L1.html" in read
        assert {f"{folder}/explorer.html", f"{folder}/about.html"} <= set(read)
    assert {"index.html", "methods.html", "compare.html"} <= set(read)


# What pages name as where something comes from; everything else is in the site.
SOURCES = {
    "arxiv.org", "doi.org", "transformer-circuits.pub",
    *(urlsplit(published.address).netloc for published in published_names()),
}  # fmt: skip


@pytest.mark.slow
def test_every_link_leads_to_a_file(site, read):
    for name, page in read.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme == "data" or parts.netloc in SOURCES:
                continue
            assert (parts.scheme, parts.netloc, link[0] == "/") == ("", "", False), f"{name}: {link}"
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            assert target.resolve().is_file(), f"{name}: {link}"
            if parts.fragment and "=" not in parts.fragment:
                linked = read[target.resolve().relative_to(site.resolve()).as_posix()]
                assert parts.fragment in linked.ids, f"{name}: {link}"


def test_every_head_can_be_reached_from_the_front_page(read):
    seen, todo = set(), ["index.html"]
    while todo:
        name = todo.pop()
        if name in seen or name not in read:
            continue
        seen.add(name)
        for link in read[name].links:
            path = urlsplit(link).path
            if path and not link.startswith("data:"):
                parts = [*name.split("/")[:-1]]
                for step in path.split("/"):
                    parts = parts[:-1] if step == ".." else [*parts, step]
                todo.append("/".join(parts))
    assert seen == set(read)


def test_ids_are_unique_and_headings_in_order(read):
    for name, page in read.items():
        assert [id_ for id_, times in Counter(page.ids).items() if times > 1] == [], name
        assert (page.headings[0], page.headings.count(1)) == (1, 1), name
        for before, after in zip(page.headings[:-1], page.headings[1:], strict=True):
            assert after <= before + 1, f"{name}: a heading {after} follows a heading {before}"
        assert (page.tags["main"], page.tags["title"]) == (1, 1), name


def test_pages_hold_no_inline_handlers_or_styles_and_every_picture_says_what_it_shows(read):
    for name, page in read.items():
        assert page.inline == [], name
        assert page.tags["style"] == 0, name
        assert all(image.get("alt") and image.get("width") for image in page.images), name


def test_odd_tokens_are_shown_and_harm_nothing(site, read):
    page = read["other/heads/L0H0.html"]
    script = (site / "other/data/tokens-self.js").read_bytes()
    assert script.isascii()
    shown = data_of(site, "other/data/tokens-self.js")[0]["tokens"]
    assert shown == [visible(token) for token in ODD_TOKENS]
    assert "<script>alert(1)</script>" in shown
    lines = page.text["pre"][0].split("\n")
    assert len(lines) == len(ODD_TOKENS)
    assert lines[:4] == ["<s>", "<script>ale…", '·"quoted"', "⏎"]
    # Scripts are ours or data, and a warning with mark-up in it stays text.
    assert page.scripts == []
    assert all(link.startswith(("../../assets/", "../data/")) for link in page.links if link.endswith(".js"))
    assert "A made-up <warning> & more." in read["other/about.html"].text["li"]
    assert [visible(token) for token in ODD_TOKENS] == read["probes/natural_text.html"].text["bdi"][: len(ODD_TOKENS)]


def test_head_page_shows_scores_with_interval_and_chance_without_scripts(database, read):
    row = Database(database).query(
        """select scores.* from scores join heads on heads.id = head_id join patterns on patterns.id = pattern_id
           join probes on probes.id = probe_id join scans on scans.id = scan_id
           where model = 'other' and layer = 0 and head = 2 and patterns.name = 'induction'
           and probes.name = 'repeated_random_tokens'"""
    )
    score = next(iter(row))
    page = read["other/heads/L0H2.html"]
    cells = page.text["td"]
    assert f"{score['ci_low']:.3f}–{score['ci_high']:.3f}" in cells
    assert "0.050" in cells
    assert f"{score['score']:.3f}" in cells
    assert "induction" in page.text["a"], "the label"


def test_chips_show_strength_and_say_confidence_where_one_points(site):
    page = (site / "other/heads/L0H0.html").read_text("utf8")
    assert re.search(
        r'<li class="chip f-\S+" title="strength \.70, confidence \.77"><a [^>]+>induction</a>\s+<b>\.70</b>', page
    )
    assert heads_of(site, "other/data/heads.js")["labels"][0] == [["induction", 0.7, 0.77], ["punctuation", 0.7, 0.57]]
    mosaic = (site / "other/index.html").read_text("utf8")
    assert 'aria-label="L0H0, induction .70"' in mosaic


def test_the_front_page_says_how_many_heads_have_a_name(read):
    said = [text.split(".")[0] for text in read["index.html"].text["p"] if "unclassified" in text]
    assert said == ["2 of 8 heads named, 0 only rest, 6 unclassified"] * 3


def test_only_patterns_that_are_labels_have_columns_of_labels(read):
    assert "Confidence" in read["patterns/induction.html"].text["th"]
    assert "Confidence" not in read["patterns/entropy.html"].text["th"]


def test_a_real_head_stands_beside_the_perfect_one(site, read):
    """One that carries the label, with its part of the layer's picture."""
    page = (site / "patterns/induction.html").read_text()
    plate = page[page.index("<h2 id=real>") : page.index("<h2 id=models>")]
    model, head = re.search(r'<a href="\.\./([^/]+)/heads/([^.]+)\.html"', plate).groups()
    table = page[page.index("<h2 id=heads>") :]
    row = table[table.index(f"../{model}/heads/{head}.html") :].split("<tr>")[0]
    assert re.search(r"<td class=n>\.\d\d", row), "with a confidence: it carries the label"
    assert re.search(r"maps/\d+\.webp", plate)
    assert f"Map of {head} on “" in plate


def test_about_page_shows_certificate_provenance_and_warnings(read):
    page = read["other/about.html"]
    values = page.text["dd"] + page.text["span"]
    assert "1.2e-07" in values
    assert "headatlas scan other" in values
    assert "MadeUpForCausalLM" in values
    assert "Digest of everything that decides the numbers; a scan is resumed only when it is the same." in values
    assert "not scored" in read["other/index.html"].text["td"]


def test_a_scan_can_be_cited(read):
    entry = "".join(read["tiny-model-2/about.html"].text["pre"])
    assert entry == (
        "@misc{headatlas-tiny-model-2,\n  author = {{The headatlas authors}},\n"
        "  title = {Attention heads of {tiny/model}},\n  year = {2026},\n"
        "  note = {8 heads, 8 patterns, headatlas 0.1, scanned 2026-01-02, weights 0000000000000000},\n}"
    )
    assert "about.html#cite" in read["tiny-model-2/index.html"].links


def test_names_do_not_break_a_citation():
    assert overview._for_tex(r"a_b & 100% {c}\d") == r"a\_b \& 100\% \{c\}\textbackslash{}d"


def test_data_files_hold_every_score(database, site):
    def stored(value):
        return None if value is None else round(1000 * value)

    wanted = {
        (row["pattern"], row["probe"]): (stored(row["score"]), stored(row["score_nosink"]))
        for row in Database(database).query(
            "select * from head_scores where model = 'other' and layer = 2 and head = 1"
        )
    }
    files = json.loads(re.search(r'id="?mosaic-data"?>(.*?)</script>', (site / "other/index.html").read_text())[1])[
        "files"
    ]
    heads = heads_of(site, "other/data/heads.js")
    position = heads["heads"].index("L2H1")
    written = {}
    assert set(files) == set(heads["patterns"]) == {pattern[0] for pattern in PATTERNS}
    for name, address in files.items():
        file, _, key = address.partition("#")
        data = numbers_of(site, f"other/data/{file}.js#{key}")
        assert data["name"] == name
        written |= {
            (name, probe): (scores["score"][position], scores["sinkfree"][position])
            for probe, scores in data["probes"].items()
        }
        own = heads["patterns"][name]
        assert own["score"] == data["probes"][own["probe"]]["score"]
    assert written == wanted


@pytest.mark.slow
def test_pages_have_previews_where_the_address_is_known(database, site, read, tmp_path):
    for name, page in read.items():
        assert len(page.metas["description"]) > 30, name
        assert not [meta for meta in page.metas if meta.startswith("og:")], "nothing to show where nobody can link to"
    assert not list(site.rglob("previews"))
    build(database, tmp_path, url="https://example.org/heads")
    pages = list(tmp_path.rglob("*.html"))
    for path in pages:
        metas = Reader(path).metas
        assert metas["og:title"]
        assert metas["og:url"] == f"https://example.org/heads/{path.relative_to(tmp_path)}"
        picture = tmp_path / metas["og:image"].removeprefix("https://example.org/heads/")
        assert Image.open(picture).size == (1200, 630), path
    build(database, tmp_path)
    assert not list(tmp_path.rglob("previews")), "an address that is not given any more is not kept"


@pytest.mark.parametrize(
    "url", ["example.org", "file:///atlas/", "https://", "https://example.org/?page=1", "http://[", "https://a b/"]
)
def test_what_is_no_address_of_a_site_is_refused(database, tmp_path, url):
    with pytest.raises(HeadatlasError, match="is not the address of a site"):
        build(database, tmp_path / "site", url=url)
    assert not (tmp_path / "site").exists()


def test_code_is_set_as_code(site):
    """What docstrings have between backquotes is no text with backquotes on a page."""
    n_codes = 0
    for path in site.rglob("*.html"):
        page = re.sub(r"<script.*?</script>", "", path.read_text(), flags=re.DOTALL)
        shown, n = re.subn(r"<code.*?</code>", "", page, flags=re.DOTALL)
        n_codes += n
        assert not re.findall(r"`[a-zA-Z_][^`<]*`", shown), path
    assert n_codes > 5
    assert coded("<b> `a < b` and `c`") == "&lt;b&gt; <code>a &lt; b</code> and <code>c</code>"


def test_sources_lead_to_what_they_name():
    link = '<a href="https://arxiv.org/abs/2209.11895">arXiv:2209.11895</a>'
    assert cited("Olsson & others 2022, arXiv:2209.11895 (copies)") == f"Olsson &amp; others 2022, {link} (copies)"
    assert cited("transformer-circuits.pub/2021/framework; and/or") == (
        '<a href="https://transformer-circuits.pub/2021/framework">transformer-circuits.pub/2021/framework</a>; and/or'
    )
    assert cited("doi:10.1000/xyz.") == '<a href="https://doi.org/10.1000/xyz">doi:10.1000/xyz</a>.'
    assert cited("no standard reference <b>") == "no standard reference &lt;b&gt;"


def test_methods_page_defines_every_pattern(read):
    page = read["methods.html"]
    assert {f"pattern-{pattern[0]}" for pattern in PATTERNS} <= set(page.ids)
    assert {"probe-natural_text", "probe-repeated_random_tokens"} <= set(page.ids)
    shown = read["patterns/induction.html"].text["span"]
    assert "A B C A: query 3 (the second A) looks at key 1 (B)." in shown


@pytest.mark.parametrize("page", PAGES)
def test_page_classes_and_templates_agree(page):
    made = environment()
    source, variables, todo = made.loader, set(), [page.template]
    while todo:
        tree = made.parse(source.get_source(made, todo.pop())[0])
        variables |= meta.find_undeclared_variables(tree)
        todo += [name for name in meta.find_referenced_templates(tree) if name not in PARTS]
    described = get_type_hints(page, include_extras=True)
    del described["template"], described["of_site"]
    shared = {name for part in PARTS for name in vars(made.get_template(part).module)}
    assert variables - set(made.globals) - shared == set(described)


@pytest.mark.parametrize("module", CONTEXTS, ids=lambda module: module.__name__)
def test_every_field_of_a_page_is_described(module):
    own = [kind for kind in vars(module).values() if getattr(kind, "__module__", "") == module.__name__]
    described = [kind for kind in own if hasattr(kind, "__dataclass_fields__")]
    assert described
    for kind in described:
        hints = get_type_hints(kind, include_extras=True)
        for field in [field.name for field in fields(kind)]:
            assert get_origin(hints[field]) is Annotated, (kind, field)
            assert get_args(hints[field])[1].endswith("."), (kind, field)


@pytest.mark.slow
def test_the_same_database_gives_the_same_bytes(database, site, tmp_path):
    again = build(database, tmp_path / "elsewhere").parent
    assert digests(again) == digests(site)


@pytest.mark.slow
def test_files_that_did_not_change_are_left_untouched(database, tmp_path):
    out = tmp_path / "atlas"
    build(database, out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    (out / "index.html").write_text("changed by hand")
    (out / "other" / "heads" / "L0H0.html").write_text("changed by hand")
    build(database, out)
    after = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    after.pop(out / MARKER)  # which says of what the whole site was made, once it is whole
    assert {path.name for path in after if after[path] != before.get(path)} == {"index.html", "L0H0.html"}
    assert "attention heads" in (out / "index.html").read_text()


@pytest.mark.slow
def test_a_site_of_the_same_file_is_not_made_again(database, tmp_path, monkeypatch):
    copy = tmp_path / "copy.db"
    copy.write_bytes(database.read_bytes())
    build(copy, tmp_path / "atlas", models=["other"])
    read: list[str] = []
    load = builder.load_model
    monkeypatch.setattr(builder, "load_model", lambda *scan: read.append(scan[2]) or load(*scan))
    build(copy, tmp_path / "atlas", models=["other"])
    assert read == []
    with Database(copy).conn as db:  # what SQLite has written beside the file counts
        db.execute("update scans set command = 'another' where model = 'other'")
    build(copy, tmp_path / "atlas", models=["other"])
    assert read == ["other"]
    assert "another" in (tmp_path / "atlas" / "other" / "about.html").read_text()
    read.clear()
    build(copy, tmp_path / "atlas")
    assert len(set(read)) == 3, "other models are another site"


@pytest.mark.slow
def test_only_one_model_is_held_at_a_time(tmp_path, monkeypatch):
    database = make(tmp_path / "heads.db", models=("a", "b", "c"), layers=2, heads=2)
    load, alive, at_once = builder.load_model, [], []

    def counted(*scan):
        model = load(*scan)
        alive.append(weakref.ref(model))
        at_once.append(sum(reference() is not None for reference in alive))
        return model

    monkeypatch.setattr(builder, "load_model", counted)
    build(database, tmp_path / "atlas")
    assert len(at_once) > 3, "read for its outline, and for its pages"
    assert max(at_once) == 1


@pytest.mark.slow
def test_only_what_changed_is_made_again(database, tmp_path, monkeypatch):
    copy = tmp_path / "copy.db"
    copy.write_bytes(database.read_bytes())
    out = tmp_path / "atlas"
    build(copy, out)
    made: list[str] = []
    render = site_files.render
    monkeypatch.setattr(site_files, "render", lambda page: made.append(page.title) or render(page))
    db = Database(copy)
    with db.conn:
        db.execute(
            """update labels set confidence = 0.5 where label = 'induction' and head_id =
               (select heads.id from heads join scans on scans.id = scan_id where model = 'other' limit 1)"""
        )
    build(copy, out)
    heads = {title for title in made if re.match(r"L\dH\d", title)}
    assert {title for title in heads if title.endswith("other")} >= {"L0H0 · other", "L2H3 · other"}
    unchanged = {f"L{layer}H{head} · Tiny model" for layer in (0, 2) for head in range(4)} - heads
    assert unchanged, "heads of another model are made again only where they are like the one that changed"
    fresh = build(copy, tmp_path / "fresh").parent
    assert digests(fresh) == digests(out)


@pytest.mark.slow
def test_stale_pages_are_removed_and_other_files_kept(database, tmp_path):
    out = tmp_path / "atlas"
    build(database, out)
    (out / "tiny-model" / "notes.txt").write_text("mine")
    build(database, out, models=["other"])
    assert not (out / "tiny-model-2").exists()
    assert [path.name for path in (out / "tiny-model").rglob("*")] == ["notes.txt"]
    assert (out / "other" / "heads" / "L0H0.html").is_file()


@pytest.mark.slow
def test_an_edited_marker_removes_nothing_elsewhere(database, tmp_path):
    out, treasure = tmp_path / "atlas", tmp_path / "treasure.txt"
    treasure.write_text("mine")
    build(database, out)
    with (out / MARKER).open("a") as marker:
        marker.write(f"../treasure.txt\n{treasure}\n")
    build(database, out)
    assert treasure.read_text() == "mine"


@pytest.mark.slow
def test_a_folder_with_other_files_is_refused_unless_forced(database, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(OutputError, match=r"holds files that are not a site made by headatlas.*--force"):
        build(database, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    build(database, tmp_path, force=True)
    assert (tmp_path / "thesis.tex").read_text() == "mine"
    build(database, tmp_path)


def test_a_place_that_cannot_be_written_is_named(database, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        build(database, tmp_path / "file")
    with pytest.raises(OutputError, match=r"cannot be written to .*file/inside: Not a directory"):
        build(database, tmp_path / "file" / "inside")


@pytest.mark.slow
def test_models_that_are_not_there_and_databases_without_scans(database, tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'tiny/model'"):
        build(database, tmp_path / "out", models=["tiny/mode"])
    empty = make(tmp_path / "empty.db", status="running")
    with pytest.raises(HeadatlasError, match="holds no finished scan. Scan a model first"):
        build(empty, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_progress_counts_pages(database, tmp_path):
    calls: list[tuple[int, int]] = []
    build(database, tmp_path / "out", models=["other"], progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (len(calls), len(calls))
    pages = list((tmp_path / "out").rglob("*.html"))
    assert len(calls) == len(pages)
    # It has one model, which is not offered to be compared with itself.
    assert [
        page.name for page in pages if "compare.html" in page.name or "compare.html" in page.read_text("utf8")
    ] == []


def atlas_of(database: Path, monkeypatch, out: Path) -> tuple[Atlas, ModelData]:
    """What pages are made of, without the pages: the atlas, and its first model whole."""
    seen: list[tuple[Atlas, ModelData]] = []

    def files(_, atlas, model, *others):
        seen.append((atlas, model))
        return iter(())

    monkeypatch.setattr(site_files, "of_model", files)
    for others in ("assets", "of_patterns_and_models"):
        monkeypatch.setattr(site_files, others, lambda *_: iter(()))
    build(database, out)
    return seen[0]


@pytest.mark.slow
def test_checkpoints_stand_in_the_order_of_their_steps(tmp_path, monkeypatch):
    names = ["run/step10", "run/step2", "run/step100", "Run/final", "run"]
    atlas, _ = atlas_of(make(tmp_path / "a.db", models=names, layers=1, heads=1), monkeypatch, tmp_path / "out")
    assert [model.name for model in atlas.models] == ["run", "Run/final", "run/step2", "run/step10", "run/step100"]


@pytest.mark.slow
@pytest.mark.parametrize(("heads", "lettered"), [(20, True), (21, False)])
def test_captions_speak_of_letters_only_where_they_are_drawn(tmp_path, monkeypatch, heads, lettered):
    atlas, model = atlas_of(make(tmp_path / "a.db", layers=1, heads=heads), monkeypatch, tmp_path / "out")
    page = render(overview.model_page(atlas, model)).decode()
    assert ("letters: the label" in page, 'class="mosaic  wide"' in page) == (lettered, not lettered)


@pytest.mark.slow
def test_kinds_of_attention_get_mosaics_of_their_own(tmp_path):
    database = make(tmp_path / "a.db", attention=("encoder", "decoder", "cross"), layers=2, heads=2)
    page = Reader(build(database, tmp_path / "out").parent / "tiny-model" / "index.html")
    titles = [text for text in page.text["h3"] if "attention" in text]
    assert titles == ["Encoder self-attention", "Decoder self-attention", "Cross-attention"]
    assert page.tags["table"] >= 3
    assert (tmp_path / "out" / "tiny-model" / "heads" / "X1H1.html").is_file()


@pytest.mark.slow
def test_a_scan_without_heatmaps_labels_or_certificate(tmp_path):
    database = make(tmp_path / "a.db", labels=False)
    db = Database(database)
    with db.conn:
        for table in ("heatmaps", "examples", "certificates", "warnings"):
            db.execute(f"delete from {table}")
    out = build(database, tmp_path / "out").parent
    assert "kept no heatmaps" in (out / "tiny-model" / "heads" / "L0H0.html").read_text()
    assert "no certificate" in (out / "tiny-model" / "about.html").read_text()


@pytest.mark.slow
def test_long_sequences_are_pictures_not_elements(tmp_path):
    database = make(tmp_path / "a.db", tokens=[f" t{i}" for i in range(400)], layers=1, heads=2)
    page = tmp_path / "out" / "tiny-model" / "heads" / "L0H0.html"
    build(database, tmp_path / "out")
    read = Reader(page)
    assert sum(read.tags.values()) < 700, "as many as for a short one"
    assert read.text["pre"][0].split("\n")[:2] == ["0", "20"], "axes count positions"


@pytest.mark.slow
def test_a_damaged_heatmap_is_an_error(tmp_path):
    database = make(tmp_path / "a.db", layers=1, heads=1)
    db = Database(database)
    with db.conn:
        db.execute("update heatmaps set weights = ?", [zlib.compress(b"abc")])
    with pytest.raises(DatabaseError, match="heatmap is not of 400 bytes"):
        build(database, tmp_path / "out")


def test_slugs():
    assert unique_slugs(["HuggingFaceTB/SmolLM2-135M", "a b", "a/b", "A-B", "assets", "../x", "日本"]) == {
        "../x": "x", "A-B": "a-b", "HuggingFaceTB/SmolLM2-135M": "huggingfacetb-smollm2-135m", "a b": "a-b-2",
        "a/b": "a-b-3", "assets": "assets-2", "日本": "model",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        (" the", "·the"), ("\n\n", "⏎⏎"), ("\t", "⇥"), ("\r", "␍"), ("", "‹empty›"), ("·", "‹U+00B7›"),
        ("\u202eabc", "‹U+202E›abc"), ("\ud83d", "‹U+D83D›"), ("\u00a0", "‹U+00A0›"), ("\x7f", "␡"),
        ("\u0308", "\u25cc\u0308"), ("👩\u200d🚀", "👩\u200d🚀"), ("\u200d", "‹U+200D›"), ("<b>", "<b>"),
    ],
)  # fmt: skip
def test_tokens_are_visible(token, shown):
    assert visible(token) == shown


def test_long_tokens_are_cut_by_width():
    assert short("abcdefghijklmnop") == "abcdefghijk…"
    assert short("中文中文中文中文") == "中文中文中…"
    assert short("abc") == "abc"


@pytest.mark.parametrize("ramp", [colours.RAMP, colours.DARK_RAMP])
def test_the_attention_scale_is_injective_and_uniform(ramp):
    assert len(np.unique(ramp, axis=0)) == 256
    lab = colours.to_oklab(ramp / 255)
    lightness = lab[:, 0]
    coarse = np.linalg.norm(np.diff(lab[::15], axis=0), axis=1)
    assert coarse.max() / coarse.min() < 1.25, "equal differences of weight look equally large"
    assert (np.diff(lightness[::5]) * np.sign(lightness[-1] - lightness[0]) > 0).all(), "readable in grey"


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("n_values", [3, 256])
def test_weights_can_be_read_back_from_a_picture(causal, n_values):
    rng = np.random.default_rng(0)
    weights = rng.choice(np.arange(256)[:: 256 // n_values], size=(60, 60)).astype(np.uint8)
    uri = images.heatmap(weights, causal)
    image = Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/webp;base64,")))).convert("RGBA")
    pixels = np.asarray(image)
    weight_of = {tuple(colour): weight for weight, colour in enumerate(colours.RAMP.tolist())}
    for query in range(60):
        for key in range(60):
            if causal and key > query:
                assert pixels[query, key, 3] == 0
            else:
                assert pixels[query, key, 3] == 255
                assert weight_of[tuple(pixels[query, key, :3].tolist())] == weights[query, key]


def test_labels_have_codes():
    names = ["previous_token", "first_token", "induction", "indirect", "fixed_offset_2", "fixed_offset_3", "ft"]
    code_of = codes(names)
    assert len(set(code_of.values())) == len(names)
    assert (code_of["previous_token"], code_of["induction"]) == ("pt", "in")


def test_the_mean_of_a_layer_is_the_mean_of_its_heads():
    first, second = np.full((2, 2), 10, dtype=np.uint8), np.full((2, 2), 21, dtype=np.uint8)
    assert images.mean_map([first, second]).tolist() == [[16, 16], [16, 16]]


@pytest.mark.parametrize(
    ("tokens", "special", "text", "name"),
    [
        (("When", " O", "del", "ia"), (), "When Odelia", "When Odelia"),
        (("[CLS]", "def", "(", "x"), (True, False, False, False), "[CLS] def ( x", "def ( x"),
        (("[CLS]", "ode", "##lia", ",", "a"), (True, False, False, False, False), "[CLS] odelia , a", "odelia , a"),
        ((" a", "\n", " b", "·", "\x00"), (), " a⏎ b‹U+00B7›␀", "a b‹U+00B7›␀"),
        (("one", " two", " three", " four", " five", " six", " seven"), (), None, "one two three four five…"),
        ((" " + "x" * 40,), (), None, "x" * 25 + "…"),
        (("<s>",), (True,), "<s>", ""),
    ],
)
def test_sequences_are_named_by_their_first_words(tokens, special, text, name):
    if text is not None:
        assert "".join(running_text(tokens)) == text
    assert first_words(tokens, special) == name


def test_a_budget_is_read_from_the_sink_to_what_is_unexplained():
    parts = [("a_pattern", 0.1), ("b_pattern", 0.2), ("other sinks", 0.1), ("sink", 0.5), ("unexplained", 0.3)]
    ordered = [name for name, _ in sorted(parts, key=reading_order)]
    assert ordered == ["sink", "other sinks", "b_pattern", "a_pattern", "unexplained"]


def test_natural_text_comes_first(site):
    page = (site / "other/heads/L0H1.html").read_text("utf8")
    assert re.findall(r'<figure class=example id="([^"]+)"', page) == ["natural_text-0"], "a script draws the others"
    sequences = data_of(site, "other/data/tokens-self.js")
    assert {sequence["probe"]: sequence["rank"] for sequence in sequences} == {
        "natural text": 1,
        "repeated random tokens": 2,
    }


def test_maps_of_two_texts_have_tokens_of_their_own():
    weights = np.arange(6, dtype=np.uint8).reshape(2, 3)
    head = Head(0, 0, "cross", 0, 0)
    layer = Layer("cross", 0, "", 1, False, True, None, None, None, None, (head,))
    example = Example(1, "natural_text", 0, ("a", "b"), (False, False), ("x", "y", "z"))
    model = type("Model", (), {"examples": [example]})()
    (section,) = LayerMaps(model, layer, {(1, 0): weights}, {"natural_text": "natural-text"}).of_head(head)
    assert (section.maps.rows, section.maps.columns) == (2, 3)
    assert (section.maps.row_axis, section.maps.column_axis) == ("a ▸ b\nb", "x\ny\nz")
    assert token_data(model, "cross") == [{"tokens": ["a ▸ b", "b"], "columns": ["x", "y", "z"], "text": ["a", "b"]}]
    assert token_data(model, "encoder") == [{"tokens": ["x", "y", "z"]}]


def sequence(n_tokens: int, special: tuple[int, ...] = ()) -> Example:
    tokens = tuple("abcdefghijklmnopqrstuvwxyz"[i] for i in range(n_tokens))
    return Example(1, "natural_text", 0, tokens, tuple(i in special for i in range(n_tokens)))


def test_where_the_heads_of_a_layer_rest_is_found_among_their_maps():
    heads = tuple(Head(number, number, "self", 0, number) for number in (1, 2))
    layer = Layer("self", 0, "", 2, True, True, None, None, None, None, heads)
    weights = np.tril(np.full((40, 40), 255 // 40, dtype=np.uint8))
    weights[:, 0] = 100
    on_fifth = weights.copy()
    on_fifth[5:, 5] = 100  # of one head of two: a fifth of all attention
    model = type("Model", (), {"examples": [replace(sequence(20), tokens=("a",) * 40, special=(False,) * 40)]})()
    maps = LayerMaps(model, layer, {(1, 1): on_fifth, (1, 2): weights}, {"natural_text": "natural-text"})
    ((example, _),) = maps.kept(heads[1])
    assert np.flatnonzero(awake.resting_keys(example, "self")).tolist() == [0, 5]


def test_tokens_are_those_looked_at_besides_where_heads_rest():
    # Every query leaves half of its attention on the first position, a quarter on the last token, which is special.
    weights = np.zeros((12, 12), dtype=np.uint8)
    weights[:, 0], weights[:, 11], weights[:, 3], weights[:6, 4] = 120, 60, 40, 40
    shown, n_tokens = awake.tokens_most_attended([(sequence(12, (11,)), weights)], "encoder", causal=False)
    assert [(share.token, round(share.share, 6), share.width) for share in shown] == [
        ("d", round(480 / 720, 6), "100"),
        ("e", round(240 / 720, 6), "50"),
    ]
    assert n_tokens == 12


def test_a_token_that_few_queries_may_look_at_is_not_among_the_tokens():
    weights = np.zeros((20, 20), dtype=np.uint8)
    weights[1:12, 0], weights[12:, 12], weights[13:, 13] = 255, 120, 120
    shown, _ = awake.tokens_most_attended([(sequence(20), weights)], "self", causal=True)
    assert [share.token for share in shown] == ["m"]  # eight queries; the next token, looked at as much, has seven


def test_the_first_tokens_are_not_favourites_for_having_few_beside_them():
    weights = np.zeros((12, 12), dtype=np.uint8)
    for query in range(1, 12):
        weights[query, 1 : query + 1] = 240 // query  # evenly off the first position
    shown, _ = awake.tokens_most_attended([(sequence(12), weights)], "self", causal=True)
    assert all(share.share - share.even < 0.01 for share in shown)


def test_distances_are_shares_of_what_does_not_rest():
    weights = np.zeros((12, 12), dtype=np.uint8)
    weights[:, 0] = 200
    weights[np.arange(2, 12), np.arange(1, 11)] = 30  # one back
    weights[np.arange(3, 12), np.arange(1, 10)] = 10  # two back
    curve = awake.distances([(sequence(12), weights)], "self")["natural_text"]
    assert curve.first == 0
    # The third query has a key one back that counts, and none two back.
    assert np.allclose(curve.attention, [0, 300 / 390, 90 / 360, 0], atol=1e-6)
    assert awake.distances([(sequence(12), weights * 0)], "self") == {}


def test_text_from_the_wild_is_where_a_head_is_most_awake():
    weights = np.zeros((20, 20), dtype=np.uint8)
    weights[:, 0] = 255
    weights[15, 0], weights[15, 2], weights[15, 15] = 55, 150, 50
    weights[14, 0], weights[14, 3] = 60, 195  # next to a token that is shown already
    weights[6, 0], weights[6, 6] = 205, 50
    (text,) = from_maps([(sequence(20), weights)], "self", {1: "example-1"})
    most, typical = text.most, text.typical
    assert [(round(line.awake, 2), line.href) for line in most] == [
        (0.78, "example-1&row=15"),
        (0.2, "example-1&row=6"),
    ]
    assert [(piece.text, piece.step, piece.query) for piece in most[0].pieces] == [
        ("… b ", "", False), ("c", "v59", False), (" d … l m n o ", "", False), ("p", "v20", True),
        (" q r …", "", False),
    ]  # fmt: skip
    assert [line.awake for line in typical] == [0.0, 0.0, 0.0]


def test_there_is_no_text_from_the_wild_where_there_is_no_natural_text():
    texts = [(replace(sequence(20), probe="repeated_random_tokens"), np.eye(20, dtype=np.uint8) * 255)]
    assert from_maps(texts, "self", {1: "example-1"}) == []
    assert from_maps([(sequence(20), np.eye(20, dtype=np.uint8) * 255)], "cross", {1: "example-1"}) == []


def test_attention_ahead_has_distances_below_zero():
    weights = np.zeros((12, 12), dtype=np.uint8)
    weights[np.arange(11), np.arange(1, 12)] = 255
    curve = awake.distances([(sequence(12), weights)], "encoder")["natural_text"]
    assert curve.attention[-1 - curve.first] == 1.0
    assert sum(curve.attention) == 1.0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, ".00"),
        (0.374, ".37"),
        (0.999, "1"),
        (1.0, "1"),
        (4.25, "4.2"),
        (114.6, "115"),
        (-0.5, "-.50"),
        (-0.004, ".00"),
    ],
)
def test_numbers_in_cells(value, text):
    assert two_digits(value) == text


def defined(example: str, name: str = "mine", version: int = 1) -> Pattern:
    return Pattern(1, name, version, "target", "content", "natural_text", "", "", example, "", "", "", ())


def test_worked_examples_are_drawn():
    drawing = ideal(defined("A , B C .: query 3 (C) looks at key 1 (the comma)."))
    assert drawing is not None
    assert (drawing.rows, drawing.columns) == ([*"A,BC."], [*"A,BC."])
    assert ([target[:2] for target in drawing.targets], drawing.query) == ([(3, 1)], 3)
    cross = ideal(defined("chat[source_word0] S* → S* cat[target_word0]: query 1 (cat) looks at key 0 (chat)."))
    assert cross is not None
    assert (cross.rows, cross.columns, cross.query, cross.causal) == (["S", "cat"], ["chat", "S"], 1, False)
    assert [target[:2] for target in cross.targets] == [(1, 0)]
    patches = ideal(defined("S* a b / c d: query 2 (b) looks at keys 1 (a, at 3) and 4."))
    assert patches is not None
    assert (patches.rows, [target[:2] for target in patches.targets]) == ([*"Sabcd"], [(2, 1), (2, 4)])
    assert ideal(defined("no example")) is None
    assert ideal(defined("A B: query 5 looks at key 0.")) is None


@pytest.mark.parametrize(
    "pattern", [pattern for pattern in DEFINED if pattern.kind == "target"], ids=lambda pattern: pattern.name
)
def test_every_pattern_has_its_ideal_map(pattern):
    known = json.loads(FILE.read_text())
    assert pattern.name in known, "run `python docs/ideal.py`"
    drawing = ideal(defined(pattern.example, pattern.name, pattern.version))
    assert drawing is not None
    assert drawing.query in [row for row, _, _ in drawing.targets]


@pytest.mark.slow
def test_ideal_maps_of_our_patterns_follow_their_definitions():
    assert FILE.read_text() == ideals(), "run `python docs/ideal.py`"
    known = json.loads(FILE.read_text())["previous_token"]
    drawing = ideal(defined(known["example"], "previous_token", known["version"]))
    assert drawing is not None
    pairs = [target[:2] for target in drawing.targets]
    assert pairs == [(row, row - 1) for row in range(1, len(drawing.rows))], "all rows"


@pytest.mark.parametrize(
    ("value", "printed"),
    [(-0.0004, "0.000"), (-0.0, "0.000"), (-0.0006, "-0.001"), (0.25, "0.250"), (-12.34, "-12.3"), (None, "–")],
)
def test_a_score_that_is_nothing_has_no_sign(value, printed):
    assert score(value) == printed
