"""Pictures within text: vision-language models made on the spot, through the real loading code and their processors."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers

import headatlas
from headatlas.atlas.data.model_data import Example
from headatlas.atlas.make.overlays import overlays
from headatlas.atlas.site import build
from headatlas.attention.towers import source_of
from headatlas.bench.heads import declaration_of, head
from headatlas.bench.source import BenchSource
from headatlas.errors import ModelError
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence, shuffled
from headatlas.inputs.token_batch import TokenBatch
from headatlas.models.load import load_model
from headatlas.models.picture_tokens import in_two_views
from headatlas.patterns import PATTERNS
from headatlas.patterns.lookup import scored_patterns
from headatlas.probes import PROBES
from headatlas.probes.captions import N_SCENES
from headatlas.probes.scenes import COLOURS
from headatlas.probes.written_words import HEIGHT, INK, LETTERS, MIDDLES, WIDTH
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import certified, run_scan, texts_for
from headatlas.scanning.stored_scan import StoredScan
from headatlas.scoring.distances import Distances
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.targets import contrast_of, find_targets, targets_of
from headatlas.store.job import Plan
from headatlas.store.scans import Store
from tests import tiny_models, tiny_vlms
from tests.browsing import check_fits_and_is_accessible, open_page
from tests.helpers import Kept

CAPTIONS = ScanSettings(probes=("captions",))
TWO_WAY = {"paligemma", "gemma3"}
# While working two families are enough: one whose pictures come in one piece, and one that cuts them into many.
FAMILIES = [
    pytest.param(family, marks=[] if family in ("llava", "qwen3_vl") else pytest.mark.slow)
    for family in tiny_vlms.FOLDERS
]
OF_CAPTIONS = {
    pattern.name for pattern in PATTERNS if PROBES[pattern.probe].medium == "captions" and "self" in pattern.attention
}


pytestmark = pytest.mark.usefixtures("words_for_numbers")


@pytest.fixture(scope="module")
def texts(folder):
    """The probes of pictures within text, as a model's processor cuts them."""
    return texts_for(load_model(str(folder("llava"))), ScanSettings(probes=("captions", "written_words")))


@pytest.fixture(scope="module")
def text(texts):
    return texts[0]


@pytest.fixture(scope="module")
def written(texts):
    return texts[1]


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_attention_is_the_models_own(family, folder):
    """In a padded batch against `output_attentions` of the plain model on each text by itself."""
    loaded = load_model(str(folder(family)))
    texts = texts_for(loaded, CAPTIONS)
    source = source_of(loaded)
    certificate = certified(source, texts)
    assert certificate.passed
    assert certificate.max_difference < 1e-5
    modules = certificate.modules
    assert [module.name for module in modules] == ["L0", "L1"], "the language model's, and causal but for the picture"
    by_length = sorted(texts[0].sequences, key=len)
    some = [by_length[0], by_length[-1]]
    assert len(some[0]) < len(some[1])
    kept = Kept()
    source.run(Inputs(some, {"self": True}), modules, kept)
    model_class = getattr(transformers, loaded.info.architecture)
    model = model_class.from_pretrained(folder(family), attn_implementation="eager").eval()
    for row, sequence in enumerate(some):
        given = {name: torch.from_numpy(np.asarray(value)) for name, value in sequence.given.items()}
        ids = torch.tensor([sequence.ids])
        with torch.no_grad():
            own = model(input_ids=ids, attention_mask=torch.ones_like(ids), output_attentions=True, **given).attentions
        n = len(sequence)
        allowed = TokenBatch([sequence]).allowed[0]
        assert bool(allowed.triu(1).any()) == (family in TWO_WAY)
        for module, attention in kept.attention.items():
            ours = attention[row, :, :n]
            assert (ours[..., :n] - own[module.layer][0]).abs().max() < 1e-5
            assert (ours[..., n:] == 0).all(), "padding gets nothing"
            assert torch.allclose(ours.sum(-1), torch.ones(n), atol=1e-5)
            assert (ours[..., :n][:, ~allowed] == 0).all()
            ahead = ours[..., :n].triu(1)[:, allowed].sum()
            assert (ahead > 0.1) == (family in TWO_WAY)


@pytest.mark.slow
@pytest.mark.parametrize("family", [family for family in FAMILIES if family.values != ("idefics2",)])
def test_tokens_of_things_are_where_their_colours_are(family, folder):
    sequences = texts_for(load_model(str(folder(family))), CAPTIONS)[0].sequences
    assert len(sequences) == 3 * N_SCENES
    assert [sequence.example for sequence in sequences] == [True] * 3 + [False] * (len(sequences) - 3)
    assert any(sequence.roles["shape"] for sequence in sequences)
    for caption, question in pairs(sequences):
        assert np.array_equal(caption.image, question.image)
        for sequence in (caption, question):
            rows, columns = sequence.grid
            picture = sorted(sequence.roles["picture"])
            assert picture == list(range(picture[0], picture[-1] + 1))
            whole = picture[: rows * columns]
            assert [sequence.texts[whole[0]], sequence.texts[whole[-1]]] == ["r1c1", f"r{rows}c{columns}"]
            assert len({sequence.ids[position] for position in picture}) == 1
            assert (len(picture) > len(whole)) == (family in ("llava_next", "llava_onevision"))
        words = {role: {number: said(caption, role, number) for number in (0, 1)} for role in ("noun", "adjective")}
        height, width, _ = caption.image.shape
        for position, thing in caption.roles["shape"].items():
            row, column = map(int, re.fullmatch(r"(?:\[close )?r(\d+)c(\d+)\]?", caption.texts[position]).groups())
            down, across = height // rows, width // columns
            cell = caption.image[(row - 1) * down : row * down, (column - 1) * across : column * across]
            colour = COLOURS[words["adjective"][thing]]
            assert (cell == colour).all(-1).mean() > 0.5
        ((last, asked),) = question.roles["asked"].items()
        assert last == len(question) - 1
        assert said(question, "noun", asked) == words["noun"][asked]
        assert "asked" not in caption.roles


@pytest.mark.slow
def test_a_closer_view_and_the_whole_lie_alike(folder):
    """Of LLaVA-NeXT: things are marked in both, and ends of rows are no part of the picture."""
    sequence = texts_for(load_model(str(folder("llava_next"))), CAPTIONS)[0].sequences[0]
    things = {sequence.texts[position]: thing for position, thing in sequence.roles["shape"].items()}
    whole = {name: thing for name, thing in things.items() if not name.startswith("[")}
    assert {name.removeprefix("[close ").removesuffix("]"): thing for name, thing in things.items()} == whole
    ends = [position for position, text in enumerate(sequence.texts) if text == "[row end]"]
    assert sorted(sequence.roles["placeless"]) == ends
    assert len(ends) == 6
    batch = TokenBatch([sequence])
    assert not targets_of(PATTERNS["picture_ground"], batch)[0, :, ends].any()
    assert targets_of(PATTERNS["picture_tokens"], batch)[0, -1, ends].all()


@pytest.mark.slow
def test_latents_lie_nowhere(folder):
    """Of Idefics 2: words may look at the picture, and nothing is said of its regions."""
    sequence = texts_for(load_model(str(folder("idefics2"))), CAPTIONS)[0].sequences[0]
    assert sequence.grid is None
    batch = TokenBatch([sequence])
    assert targets_of(PATTERNS["picture_tokens"], batch).sum(-1).max() == 9
    for name in ("picture_ground", "named_patches", "described_patches", "same_thing", "named_localisation"):
        assert not targets_of(PATTERNS[name], batch).any()


@pytest.mark.parametrize(("n_tokens", "n_whole"), [(36 + 42, 36), (576 + 600, 576), (36 + 156, 36)])
def test_tokens_of_two_views(n_tokens, n_whole):
    tokens = in_two_views(n_tokens, n_whole)
    side = round((n_tokens - n_whole) ** 0.5 - 0.4)
    assert len(tokens.names) == len(tokens.cells) == n_tokens
    assert tokens.names.count("[row end]") == tokens.cells.count(None) == side
    assert len({*tokens.names}) == n_tokens - side + 1
    owner = np.full((48, 48), -1)
    owner[:24, 24:] = 3
    owned = tokens.owners(owner)
    assert set(owned.values()) == {3}
    assert len([number for number in owned if number < n_whole]) == n_whole / 4
    assert len([number for number in owned if number >= n_whole]) == side**2 / 4


@pytest.mark.parametrize("n_tokens", [0, 36, 36 + 43, 36 + 36])
def test_other_numbers_are_no_two_views(n_tokens):
    with pytest.raises(ModelError, match=f"the picture has {n_tokens} tokens"):
        in_two_views(n_tokens, 36)


def pairs(sequences):
    """Each scene's sentence with each of its two questions."""
    for first in range(0, len(sequences), 3):
        for question in sequences[first + 1 : first + 3]:
            yield sequences[first], question


@pytest.mark.slow
def test_both_things_of_each_scene_are_asked_for(text):
    """By turns the one first and the other: every other question, as halves of a probe are cut, is about either."""
    asked = [number for sequence in text.sequences for number in sequence.roles.get("asked", {}).values()]
    assert asked == [0, 1, 1, 0] * (N_SCENES // 2)
    for caption, question in pairs(text.sequences):
        ((_, number),) = question.roles["asked"].items()
        assert said(question, "noun", number) == said(caption, "noun", number)


def said(sequence, role, number):
    groups = sequence.roles[role]
    return "".join(sequence.texts[position] for position in sorted(groups) if groups[position] == number).strip()


def test_words_can_be_read_off_their_picture(written):
    """Letter by letter from the pixels in the middles of cells, and each word's patches are those of its line."""
    letters = {rows: letter for letter, rows in LETTERS.items()}
    assert len(letters) == len(LETTERS)
    for sequence in written.sequences:
        rows, columns = sequence.grid
        size = len(sequence.image)
        first = min(sequence.roles["picture"])
        for number, middle in enumerate(MIDDLES):
            word = said(sequence, "written", number)
            across = ((np.arange(6 * len(word)) + 0.5) / (6 * len(word)) * WIDTH + (1 - WIDTH) / 2) * size
            down = ((np.arange(7) + 0.5) / 7 * HEIGHT + middle - HEIGHT / 2) * size
            ink = (sequence.image[np.ix_(down.astype(int), across.astype(int))] == INK).all(-1)
            cells = ink.reshape(7, -1, 6)[:, :, :5] @ (16, 8, 4, 2, 1)
            assert "".join(letters[tuple(column)] for column in cells.T.tolist()) == word
            places = [position - first for position, own in sequence.roles["shape"].items() if own == number]
            assert {position // columns * 2 // rows for position in places} == {number}, "the upper or the lower half"
    assert len({next(iter(sequence.roles["written"].values())) for sequence in written.sequences}) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("family", "picture"), [("llava", "<image>"), ("qwen2_vl", "<|image_pad|>")])
def test_a_chat_template_stands_around_picture_and_text(family, picture, folder, tmp_path):
    """As the folder has it, whichever way the processor is read; the answer is due at the template's end."""
    template = (
        "{% for message in messages %}User: {% for part in message['content'] %}{% if part['type'] == 'image' %}"
        + picture
        + " {% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endfor %}"
        "{% if add_generation_prompt %} Assistant>{% endif %}"
    )
    model = shutil.copytree(folder(family), tmp_path / "model")
    (model / "chat_template.jinja").write_text(template)
    (made,) = texts_for(load_model(str(model)), CAPTIONS)
    for caption, question in pairs(made.sequences):
        for sequence in (caption, question):
            first, last = min(sequence.roles["picture"]), max(sequence.roles["picture"])
            before, behind = "".join(sequence.texts[:first]), "".join(sequence.texts[last + 1 :])
            assert before.endswith("User: ")
            assert behind.endswith(" Assistant>")
        ((due, asked),) = question.roles["asked"].items()
        assert (due, question.texts[due]) == (len(question) - 1, ">")
        assert said(question, "noun", asked) == said(caption, "noun", asked)
        assert {said(caption, "noun", number) for number in (0, 1)} < {"circle", "square", "triangle"}


@pytest.mark.slow
def test_a_chat_template_that_begins_with_bos_gets_no_second(folder, tmp_path):
    model = shutil.copytree(folder("llava"), tmp_path / "model")
    template = (
        "<s>{% for message in messages %}{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>"
    )
    template += "{% else %} {{ part['text'] }}{% endif %}{% endfor %}{% endfor %}"
    (model / "chat_template.jinja").write_text(template)
    for made in (str(folder("llava")), str(model)):
        (text,) = texts_for(load_model(made), CAPTIONS)
        assert {sequence.texts.count("<s>") for sequence in text.sequences} == {1}
        assert {sequence.texts.index("<s>") for sequence in text.sequences} == {0}


@pytest.mark.slow
@pytest.mark.parametrize("family", ["qwen2_vl", "qwen2_5_vl"])
def test_merged_patches_are_in_the_order_of_places(family, folder):
    """Four patches make a token: their pixels are those of the token's own place."""
    sequence = texts_for(load_model(str(folder(family))), CAPTIONS)[0].sequences[0]
    rows, columns = sequence.grid
    given = sequence.given["pixel_values"].reshape(rows * columns, 4, 3, -1).mean((1, 3))
    cells = sequence.image.reshape(rows, 16, columns, 16, 3).mean((1, 3)).reshape(rows * columns, 3)
    for colour in range(3):
        assert np.corrcoef(given[:, colour], cells[:, colour])[0, 1] > 0.999


@pytest.fixture(scope="module")
def scan(folder, tmp_path_factory):
    db = tmp_path_factory.mktemp("captions") / "heads.db"
    return headatlas.scan(str(folder("llava")), db=db, name="llava", probes=["captions", "repeated_random_tokens"])


@pytest.mark.slow
def test_words_and_pictures_are_scored_apart(scan):
    of = {probe: set(rows.pattern) for probe, rows in scan.scores.groupby("probe")}
    assert of["captions"] >= {name for name in OF_CAPTIONS if PATTERNS[name].probe == "captions"}
    assert not of["captions"] & {pattern.name for pattern in PATTERNS if pattern.probe == "written_words"}
    assert not of["repeated_random_tokens"] & OF_CAPTIONS
    assert {"previous_token", "entropy", "loudness"} <= of["captions"]
    assert {"induction", "previous_token"} <= of["repeated_random_tokens"]
    assert not {"duplicate_token", "punctuation", "same_row"} & of["captions"], "a picture's tokens are no words"
    assert set(scan.scores.attention) == {"self"}
    area = scan.scores.query("pattern == 'named_localisation'").chance
    assert area.between(0.04, 0.12).all()
    with headatlas.open(scan.path) as catalog:
        ((probe, passed),) = catalog.rows("select probe, passed from certificates")
    assert (probe, passed) == ("captions", 1)


@pytest.fixture(scope="module")
def site(scan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "site"
    build(scan.path, folder)
    return folder


@pytest.mark.slow
def test_pages_show_each_word_on_the_picture(site):
    page = (site / "llava" / "heads" / "L0H0.html").read_text("utf8")
    assert page.count("class=overlays") == 3
    assert "Question: what colour" in page
    drawn = page[page.index("class=overlays") :]
    assert drawn.count('alt="The image, tinted where') > 10


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_word_leads_to_the_patches_it_looks_at(page, site, text, width, scheme):
    """In the map of a text with its picture, and by one picture for each word."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    open_page(page, site, "llava/heads/L0H0.html")
    page.wait_for_selector(".map-set[data-ready] canvas.pixels")
    canvas = page.locator("canvas.pixels >> visible=true").first
    box, n = canvas.bounding_box(), len(text.sequences[0])
    patch = min(text.sequences[0].roles["picture"]) + 7  # the second of the second row
    canvas.hover(position={"x": (patch + 0.5) * box["width"] / n, "y": (n - 0.5) * box["height"] / n})
    said = page.locator(".map-set >> visible=true").first.locator(".readout").first.text_content()
    assert "r2c2" in said
    assert page.locator(".overlays img >> visible=true").count() > 5
    check_fits_and_is_accessible(page)


@pytest.mark.slow
def test_text_alone_is_asked_nothing_about_pictures(tmp_path):
    loaded = load_model(str(tiny_models.gpt2_folder(tmp_path / "model")))
    assert loaded.media == ("text",)
    texts = texts_for(loaded, ScanSettings())
    assert "captions" not in {text.probe.name for text in texts}
    with pytest.raises(ModelError, match="this probe is for a model that reads pictures within text"):
        texts_for(loaded, CAPTIONS)


@pytest.mark.slow
def test_without_a_processor_the_language_model_is_scanned_on_text(folder, tmp_path, logged):
    model = transformers.LlavaForConditionalGeneration.from_pretrained(folder("llava"))
    model.save_pretrained(tmp_path / "model")
    assert load_model(str(tmp_path / "model")).media == ("text",)
    assert re.search(r"The processor of '.*' could not be used, so that the model is scanned on text", logged())


def test_a_processor_that_does_not_fit_is_not_used(folder, tmp_path, logged):
    model = shutil.copytree(folder("llava"), tmp_path / "model")
    settings = json.loads((model / "processor_config.json").read_text())
    (model / "processor_config.json").write_text(json.dumps(settings | {"num_additional_image_tokens": 2}))
    assert load_model(str(model)).media == ("text",)
    assert "the picture has 37 tokens, which are not one each for the cells of a grid" in logged()


@pytest.mark.slow
def test_a_family_that_is_not_known_is_said_so(folder, tmp_path, logged):
    config = transformers.VipLlavaConfig(
        vision_config=transformers.CLIPVisionConfig(**tiny_vlms.VISION),
        text_config=transformers.LlamaConfig(**tiny_vlms.TEXT, vocab_size=400), image_token_index=399,
        vision_feature_layers=[-1, -2],
    )  # fmt: skip
    transformers.VipLlavaForConditionalGeneration(config).save_pretrained(tmp_path / "model")
    assert load_model(str(tmp_path / "model")).media == ("text",)
    assert "VipLlavaForConditionalGeneration) reads pictures too, which it is not given" in logged()


def within(texts, *, start=1):
    """A sequence of two by two patches behind `start` words, then the words of `texts` with their roles."""
    n = start + 4 + len(texts)
    words = [word.partition("/")[0] for word in texts]
    roles: dict[str, dict[int, int]] = {
        "picture": dict.fromkeys(range(start, start + 4), 0), "shape": {start: 0, start + 3: 1}
    }  # fmt: skip
    for position, word in enumerate(texts, start=start + 4):
        if role := word.partition("/")[2]:
            roles.setdefault(role[:-1], {})[position] = int(role[-1])
    return TokenSequence(
        tuple(range(n)), ("S",) * start + ("r1c1", "r1c2", "r2c1", "r2c2", *words),
        (True,) * start + (False,) * (n - start), roles, grid=(2, 2),
    )  # fmt: skip


def test_localisation_is_the_share_of_the_picture_that_lies_on_the_thing():
    """Whatever a word gives the picture in all; words that name nothing do not count."""
    sequence = within(["red", "circle/noun0", "by", "square/noun1"])
    attention = torch.zeros(1, 1, 9, 9)
    attention[..., range(9), 0] = 1
    attention[0, 0, 6] = torch.tensor([0.2, 0.3, 0.1, 0, 0, 0.4, 0, 0, 0])
    attention[0, 0, 8] = torch.tensor([0.8, 0.05, 0, 0.05, 0.1, 0, 0, 0, 0])
    reducer = RowReducer(TokenBatch([sequence]), [PATTERNS["named_localisation"]])
    assert reducer.counts.n_queries.item() == 1
    assert reducer.counts.chance.item() == pytest.approx(0.25)
    assert reducer(attention).scores.item() == pytest.approx((0.3 + 0.1) / (0.4 + 0.2))
    assert reducer.counts.n_targets.sum() == 0, "it is no label"


def test_the_wrong_patches_are_those_of_the_other_thing():
    sequence = within(["red/adjective0", "circle/noun0", "square/noun1", "?/asked1"])
    for name, query, right, wrong in (
        ("described_patches", 5, 1, 4), ("named_patches", 6, 1, 4), ("named_patches", 7, 4, 1),
        ("asked_patches", 8, 4, 1),
    ):  # fmt: skip
        batch = TokenBatch([sequence])
        assert targets_of(PATTERNS[name], batch)[0, query].nonzero().flatten().tolist() == [right]
        assert contrast_of(PATTERNS[name], batch)[0, query].nonzero().flatten().tolist() == [wrong]
        alone = replace(sequence, roles=sequence.roles | {"shape": {1: 0}})
        if name == "named_patches" and query == 6:
            assert not contrast_of(PATTERNS[name], TokenBatch([alone]))[0, 6].any()


@pytest.mark.parametrize(
    "pattern", [pattern for pattern in PATTERNS if pattern.name in OF_CAPTIONS and pattern.contrast]
)
def test_contrast_lies_beside_the_targets(texts, pattern):
    """On the probes themselves: never the same patches, nothing without right ones, and something in most cases."""
    (own,) = (made for made in texts if made.probe.name == pattern.probe)
    for batch in (TokenBatch(own.sequences), TokenBatch(own.sequences, causal=False)):
        right, wrong = targets_of(pattern, batch), contrast_of(pattern, batch)
        assert not (right & wrong).any()
        assert not (wrong & ~batch.allowed).any()
        assert not (wrong.any(-1) & ~right.any(-1)).any()
        assert (wrong.any(-1).sum() / right.any(-1).sum()) > 0.5


def test_shuffling_keeps_patches_in_the_picture():
    sequence = within(["red/adjective0", "circle/noun0", "on", "a", "blue/adjective1", "square/noun1"])
    moved = shuffled(sequence, np.random.default_rng(0))
    assert moved.roles["picture"] == sequence.roles["picture"]
    assert set(moved.roles["shape"]) < set(sequence.roles["picture"])
    assert moved.texts != sequence.texts
    assert sorted(moved.texts[1:5]) == sorted(sequence.texts[1:5])


@pytest.mark.slow
def test_some_tokens_may_see_each_other_both_ways():
    """Against pairs counted one by one, in a padded batch of two texts, one of which is causal throughout."""
    sequences = [replace(within(["a", "circle/noun0"]), two_way=(1, 5)), within(["a", "b", "square/noun1"])]
    batch = TokenBatch(sequences)
    expected = torch.zeros(2, 8, 8, dtype=torch.bool)
    for row, sequence in enumerate(sequences):
        for query in range(len(sequence)):
            for key in range(len(sequence)):
                both = row == 0 and 1 <= query < 5 and 1 <= key < 5
                expected[row, query, key] = key <= query or both
    assert torch.equal(batch.allowed, expected)
    assert torch.equal(batch.n_allowed, expected.sum(-1))
    assert not batch.causal
    assert TokenBatch(sequences[1:]).causal
    distances = Distances(batch, torch.device("cpu")).counts
    apart = [query - key for _, query, key in expected.nonzero().tolist()]
    middle = len(distances) // 2
    assert {d: int(distances[middle + d]) for d in range(-7, 8)} == {d: apart.count(d) for d in range(-7, 8)}
    for name in ("first_token", "current_token", "previous_token", "nearby_tokens", "same_thing", "picture_tokens"):
        dense = targets_of(PATTERNS[name], batch)
        assert not (dense & ~expected).any()
        uniform = expected / expected.sum(-1, keepdim=True).clamp(min=1)
        reducer = RowReducer(batch, [PATTERNS[name]])
        assert torch.equal(find_targets(PATTERNS[name], batch).counts, dense.sum(-1))
        ours = reducer(uniform[:, None].float()).scores[:, 0, 0]
        assert torch.allclose(ours, (uniform * dense).sum((1, 2)).float(), atol=1e-6)


def looking(name, function):
    """A head of the bench that looks where `function` says from the queries that it gives, else at the first token."""

    def attention(text):
        rows = np.zeros((len(text), len(text)))
        rows[:, 0] = 1
        for query, keys in function(text):
            rows[query] = 0
            rows[query, list(keys)] = 1 / len(keys)
        return rows

    attention.__name__ = name
    return declaration_of(head(truth={})(attention))


def things(text, role, other=False, back=0):
    """From the tokens of a role, or so many before them, the patches of their things, or of the other ones."""
    words, shapes = np.append(text.role(role)[back:], [-1] * back), text.role("shape")
    for query in np.flatnonzero(words >= 0):
        wanted = (shapes >= 0) & ((shapes != words[query]) if other else (shapes == words[query]))
        if wanted.any():
            yield query, np.flatnonzero(wanted)


def everything(text):
    picture = text.role("picture") >= 0
    for query in np.flatnonzero(~picture & ~text.special):
        if query > np.flatnonzero(picture)[-1]:
            yield query, np.flatnonzero(picture)


@pytest.mark.slow
def test_planted_heads_get_their_names(texts, folder, tmp_path):
    """Attention as arrays: what looks at the right thing, at the wrong one, at all of the picture, at things alike."""
    text = texts[0]
    planted = {
        "names": lambda text: things(text, "noun"),
        "misnames": lambda text: things(text, "noun", other=True),
        "answers": lambda text: things(text, "asked"),
        "prefers": lambda text: (
            (query, np.flatnonzero(text.role("shape") == 0)) for query in np.flatnonzero(text.role("asked") >= 0)
        ),
        "reads": lambda text: things(text, "written:first", back=1),
        "misreads": lambda text: things(text, "written:first", back=1, other=True),
        "says": lambda text: things(text, "written"),
        "looks": everything,
        "rests": lambda text: (),
        "groups": lambda text: (
            (query, keys[keys < query]) for query, keys in things(text, "shape") if (keys < query).any()
        ),
    }
    heads = [looking(name, function) for name, function in planted.items()]
    loaded = load_model(str(folder("llava")))
    source = BenchSource(heads, texts, loaded.info, 0)
    with Store(tmp_path / "heads.db") as store:
        plan = Plan("planted")
        scan = StoredScan(store, source.info, texts, scored_patterns(), plan=plan, seed=0, command="")
        run_scan(scan, source, value_weighted=False, progress=None)
    with headatlas.open(tmp_path / "heads.db") as catalog:
        labels = catalog.rows("select head, label from head_labels")
        scores = {
            (row["head"], row["pattern"]): row["score"]
            for row in catalog.rows("select head, pattern, score from head_scores where probe = 'captions'")
        }
    of = {name: {row["label"] for row in labels if row["head"] == number} for number, name in enumerate(planted)}
    assert "named_patches" in of["names"]
    assert "asked_patches" in of["answers"]
    assert "coming_written_patches" in of["reads"]
    assert "written_patches" in of["says"]
    assert "picture_tokens" in of["looks"]
    assert "same_thing" in of["groups"]
    others = of["misnames"] | of["prefers"] | of["looks"] | of["rests"] | of["groups"]
    assert not others & {"named_patches", "asked_patches"}
    assert "coming_written_patches" not in of["misreads"] | of["looks"] | of["says"]
    assert not of["rests"] & OF_CAPTIONS
    assert scores[0, "named_localisation"] == pytest.approx(1)
    assert scores[1, "named_localisation"] == pytest.approx(0)
    area = np.mean([len(sequence.roles["shape"]) for sequence in text.sequences]) / 2 / 36
    assert scores[7, "named_localisation"] == pytest.approx(area, abs=0.02)


def test_overlays_are_of_the_words_behind_the_picture(text):
    sequence = text.sequences[1]
    example = Example(1, "captions", 1, sequence.texts, sequence.special, image=png(sequence.image), grid=sequence.grid)
    weights = np.zeros((len(sequence),) * 2, np.uint8)
    first = min(sequence.roles["picture"])
    weights[-1, first + 7] = 255  # the last token looks at r2c2 alone
    drawn = overlays(example, weights, "L0H0")
    question = "Question what colour is the " + said(sequence, "noun", 0) + " Answer"
    assert drawn[-1].title == ":: up to 1.00"
    assert [overlay.title.partition(": ")[0] for overlay in drawn[:-1]] == question.split()
    assert example.read_by("self")
    assert not replace(example, tokens=sequence.texts[first : first + 36], special=(False,) * 36).read_by("self")


def png(image):
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
