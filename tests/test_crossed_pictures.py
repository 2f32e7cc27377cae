"""Models whose text looks at a picture by cross-attention, Idefics 1 and Mllama: through the real loading code."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers

import headatlas
from headatlas.atlas.site import build
from headatlas.attention.module_outputs import ModuleOutput
from headatlas.attention.towers import source_of
from headatlas.errors import ModelError
from headatlas.evidence.run import gather
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.pair_batch import PairBatch
from headatlas.models.load import load_model
from headatlas.patterns import PATTERNS
from headatlas.probes.scenes import COLOURS
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import certified, texts_for
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.targets import contrast_of, targets_of
from tests import tiny_vlms
from tests.helpers import Kept

pytestmark = pytest.mark.slow

SETTINGS = ScanSettings(probes=("captions", "written_words", "repeated_random_tokens"))
OF_PROBES = ("captions", "written_words")
CROSSED = [pattern for pattern in PATTERNS if pattern.probe in OF_PROBES and pattern.attention == ("cross",)]


@pytest.fixture(scope="module", params=tiny_vlms.CROSSED)
def loaded(request, tmp_path_factory):
    folder = tiny_vlms.CROSSED[request.param](tmp_path_factory.mktemp(request.param) / "model")
    return load_model(str(folder)), folder


@pytest.fixture(scope="module")
def texts(loaded):
    return texts_for(loaded[0], SETTINGS)


def test_attention_is_what_the_weights_make(loaded, texts):
    """In a padded batch against queries, keys and a softmax of our own, and of what sees the picture alone."""
    model, folder = loaded
    source = source_of(model)
    certificate = certified(source, texts)
    assert certificate.passed
    assert certificate.max_difference < 1e-5
    assert {module.attention for module in certificate.modules} == {"self", "cross"}
    by_length = sorted(texts[0].sequences, key=len)
    some = [by_length[0], by_length[-1]]
    assert len(some[0]) < len(some[1])
    kept = Kept()
    source.run(Inputs(some, {"self": True, "cross": False}), certificate.modules, kept)
    plain = getattr(transformers, model.info.architecture).from_pretrained(folder, attn_implementation="eager").eval()
    for row, sequence in enumerate(some):
        own = of_weights(plain, sequence)
        n, n_keys = len(sequence), len(sequence.source)
        crossed = [module for module in kept.attention if module.attention == "cross"]
        assert sorted(own) == sorted(path_of(module) for module in crossed)
        for module, attention in kept.attention.items():
            ours = attention[row, :, :n]
            if module.attention == "self":
                assert (ours.triu(1) == 0).all()
                assert (ours.sum(-1) - 1).abs().max() < 1e-5
                continue
            assert ours.shape[-1] == n_keys == 37
            seeing = ours[:, sequence.source_from :]
            assert (seeing.sum(-1) - 1).abs().max() < 1e-5
            expected = own[path_of(module)][:, sequence.source_from :]
            assert (seeing - expected[..., :n_keys]).abs().max() < 1e-5
            assert expected[..., n_keys:].abs().sum() == 0, "tiles that are not there"


def path_of(module):
    return ModuleOutput.of(module.hook).path


def of_weights(model, sequence):
    """Cross-attention [head, query, key] by the path of its module, from what goes into its projections."""
    given = {name: torch.from_numpy(np.asarray(value)) for name, value in sequence.given.items()}
    read, weights = {}, {}

    def look(path):
        def hook(module, args, options):
            inner = options.get("hidden_states", args[0] if args else None)
            keys = options.get("key_value_states", options.get("cross_attention_states"))
            read[path] = (module, inner, keys, options["attention_mask"])

        return hook

    for path, module in model.named_modules():
        if path.endswith(".cross_attn"):
            module.register_forward_pre_hook(look(path), with_kwargs=True)
    ids = torch.tensor([sequence.ids])
    with torch.no_grad():
        model(input_ids=ids, attention_mask=torch.ones_like(ids), **given)
        for path, (module, inner, states, mask) in read.items():
            d_head = module.head_dim
            q, k = (
                project(side).view(-1, project.out_features // d_head, d_head).transpose(0, 1)
                for project, side in ((module.q_proj, inner), (module.k_proj, states))
            )
            if hasattr(module, "q_norm"):
                q, k = module.q_norm(q), module.k_norm(k)
            k = k.repeat_interleave(len(q) // len(k), 0)
            weights[path] = (q @ k.transpose(1, 2) / d_head**0.5 + mask[0]).softmax(-1)
    return weights


def test_patches_are_where_their_colours_are_and_words_say_so(texts):
    captions = texts[0].sequences[::3]
    assert any(sequence.source.roles["shape"] for sequence in captions)
    for sequence in captions:
        source = sequence.source
        assert source.texts[:2] == ("[CLS]", "r1c1")
        assert source.special == (True,) + (False,) * 36
        assert not {"picture", "shape"} & sequence.roles.keys()
        for patch, thing in source.roles["shape"].items():
            row, column = divmod(patch - 1, 6)
            cell = sequence.image[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
            named = [position for position, own in sequence.roles["adjective"].items() if own == thing]
            colour = "".join(sequence.texts[position] for position in sorted(named)).strip()
            assert (cell == COLOURS[colour]).all(-1).mean() > 0.5


def test_words_before_the_picture_are_no_queries(texts):
    sequence = texts[0].sequences[0]
    assert sequence.source_from > 0
    batch = PairBatch([sequence])
    assert not batch.real[0, : sequence.source_from].any()
    assert batch.real[0, sequence.source_from :].all()
    assert batch.n_allowed[0].tolist() == [0] * sequence.source_from + [37] * (len(sequence) - sequence.source_from)


@pytest.mark.parametrize("pattern", CROSSED, ids=lambda pattern: pattern.name)
def test_contrast_lies_beside_the_targets(texts, pattern):
    (own,) = (text for text in texts if text.probe.name == pattern.probe)
    batch = PairBatch(own.sequences)
    right = targets_of(pattern, batch)
    assert right.any()
    assert not (right & ~batch.allowed).any()
    if pattern.contrast is not None:
        wrong = contrast_of(pattern, batch)
        assert not (right & wrong).any()
        assert not (wrong & ~batch.allowed).any()
        assert not (wrong.any(-1) & ~right.any(-1)).any()
        assert wrong.any(-1).sum() / right.any(-1).sum() > 0.5


@pytest.mark.parametrize(("looks", "score"), [(targets_of, 1), (contrast_of, 0)], ids=["right", "wrong"])
def test_a_noun_that_looks_at_its_thing_scores_and_at_the_other_thing_does_not(texts, looks, score):
    """Rows of our own, which lie on the class token from all other words."""
    batch = PairBatch(texts[0].sequences)
    pattern = PATTERNS["word_to_patches"]
    looked = looks(pattern, batch)
    counts = looked.sum(-1, keepdim=True)
    rows = torch.where(counts > 0, looked / counts.clamp(min=1), torch.eye(37)[0])
    sums = RowReducer(batch, [pattern])(rows[:, None].float()).scores.sum()
    assert sums.item() == pytest.approx(score * int(targets_of(pattern, batch).any(-1).sum()), rel=1e-5)


def test_scan_and_pages(loaded, tmp_path):
    """Text is read without the picture's layers, captions with them; a head's page tints the picture for each word."""
    _, folder = loaded
    scan = headatlas.scan(str(folder), db=tmp_path / "heads.db", name="crossed", probes=list(SETTINGS.probes))
    of = {key: set(rows.pattern) for key, rows in scan.scores.groupby(["attention", "probe"])}
    assert ("cross", "repeated_random_tokens") not in of
    assert "induction" in of["self", "repeated_random_tokens"]
    assert of["cross", "captions"] >= {pattern.name for pattern in CROSSED if pattern.probe == "captions"}
    assert of["cross", "written_words"] >= {"coming_word_to_patches"}
    assert not {"named_patches", "picture_tokens"} & (of["self", "captions"] | of["cross", "captions"])
    head = scan.scores.query("attention == 'cross'").iloc[0]
    build(scan.path, tmp_path / "site")
    page = (tmp_path / "site" / "crossed" / "heads" / f"X{head.layer}H0.html").read_text("utf8")
    assert page.count("class=overlays") == 4
    assert "and 37 of the picture" in page
    assert page[page.index("class=overlays") :].count('alt="The image, tinted where') > 10
    with pytest.raises(ModelError, match="looks at pictures by cross-attention, and heads are not removed from such"):
        gather(str(folder), db=scan.path, name="crossed", probe_names=["repeated_random_tokens"])
    own = (tmp_path / "site" / "crossed" / "heads" / "L0H0.html").read_text("utf8")
    assert "class=overlays" not in own
