"""Ablations against plain hooks, weights against brute force, and a run that is cut off, repeated, refused."""

from __future__ import annotations

import json
import signal
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import headatlas
from headatlas import probes
from headatlas.errors import HeadatlasError
from headatlas.evidence import attribution
from headatlas.evidence.probe_passes import split
from headatlas.evidence.removing import ablation, passes, removals
from headatlas.evidence.removing.hook_points import HookPoints
from headatlas.evidence.removing.metrics import (
    default_probes,
    metric_of,
    per_sequence,
    prompts,
    readings,
    readings_in_pieces,
)
from headatlas.evidence.removing.passes import PromptBatch, z_hook
from headatlas.evidence.removing.removals import Removals
from headatlas.evidence.run import gather
from headatlas.evidence.types import RELATIONS, relation_type, suppressed_type
from headatlas.evidence.weights import composition, copying, model_weights, norms
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model, load_model
from headatlas.probes import PROBES, natural_probes
from headatlas.probes.metrics import ACCURACY, LEAD, LOSS, Metric, Prompt, Target
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.views import scan_result
from tests import warm
from tests.helpers import sequence

ARCHITECTURES = ["gpt2", "llama", "neox"]
OTHER_PROBES = [pytest.param(name, marks=pytest.mark.slow) for name in ("natural_text", "needle_in_filler")]
# Probes with answers of their own.
# Those of text; answers about pictures are read back in tests/test_evidence_pictures.py.
WITH_ANSWERS = [probe.name for probe in PROBES if probe.metric and not probe.natural and probe.medium == "text"]
# Those whose words are several tokens in a tiny vocabulary.
OF_WHOLE_WORDS = ("indirect_object", "few_shot_labels")


def made_prompts(model: Model, probe: str, n_tokens: int = 200) -> list[Prompt]:
    vocabulary = Vocabulary(model.tokenizer, model.info.d_vocab)
    text = probes.make(PROBES[probe], vocabulary, model.info.context, 0)
    return prompts(text.sequences, metric_of(PROBES[probe]), n_tokens=n_tokens, longest=40)


def plain_effects(bridge, batch: PromptBatch, layer: int, head: int, mean: torch.Tensor, types) -> np.ndarray:
    """[prompt, kind], one head at a time through a hook, from the first layer, with all logits, prompt by prompt."""

    def replace(z, hook):
        z = z.clone()
        z[:, :, head] = mean
        return z

    effects = []
    for prompt in batch.prompts:
        tokens = torch.tensor([prompt.sequence.ids])
        queries = [target.query for target in prompt.targets]
        with torch.inference_mode():
            before = readings(bridge(tokens, return_type="logits")[0, queries], prompt.targets, types)
            logits = bridge.run_with_hooks(tokens, return_type="logits", fwd_hooks=[(z_hook(layer), replace)])
        effects.append((readings(logits[0, queries], prompt.targets, types) - before).sum(0).numpy())
    return np.array(effects)


def mean_outputs(bridge, batch: PromptBatch, layer: int) -> torch.Tensor:
    """Mean of hook_z over every position of every prompt, each run by itself."""
    outputs = []
    for prompt in batch.prompts:
        with torch.inference_mode():
            bridge.run_with_hooks(
                torch.tensor([prompt.sequence.ids]), fwd_hooks=[(z_hook(layer), lambda z, hook: outputs.append(z[0]))]
            )
    return torch.cat(outputs).mean(0)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("probe", ["repeated_random_tokens", *OTHER_PROBES])
def test_cached_batched_ablation_equals_plain_hooks(tiny, architecture, probe, monkeypatch):
    model = load_model(tiny(architecture))
    batch = PromptBatch(made_prompts(model, probe))
    assert len({len(prompt) for prompt in batch.prompts}) > 1 or probe == "natural_text", "padding has to matter"
    # Few heads at a time: several passes a layer, the last of them not full.
    monkeypatch.setattr(removals, "PASS_TOKENS", 3 * batch.tokens.numel())
    run = Removals(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    types = (LOSS,)
    for layer in (0, 1):
        mean = ablation.means([clean], [batch], layer)
        torch.testing.assert_close(mean, mean_outputs(model.bridge, batch, layer), atol=1e-5, rtol=0)
        effects = ablation.layer_effects(run, batch, clean, layer, mean, types)
        for head in range(4):
            expected = plain_effects(model.bridge, batch, layer, head, mean[head], types)
            np.testing.assert_allclose(effects[:, head], expected, atol=1e-4)
            assert np.abs(expected).max() > 1e-3, "removing a head has to change something"


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_where_wrong_tokens_are_named_only_their_logits_are_computed(tiny, architecture, monkeypatch):
    model = load_model(tiny(architecture))
    made = [
        replace(prompt, targets=tuple(replace(target, wrong=(7 + row, 60, 9)) for target in prompt.targets))
        for row, prompt in enumerate(made_prompts(model, "repeated_random_tokens"))
    ]
    batch = PromptBatch(made)
    run = Removals(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    mean = ablation.means([clean], [batch], 1)
    widths, of_all = [], []
    whole = run._run

    def seen(batch, copies, hooks, wanted=None, types=()):
        given = whole(batch, copies, hooks, wanted, types)
        if not types:
            widths.append(given.shape[1])
        return given

    def in_pieces(x, weight, *rest):
        of_all.append(len(weight))
        return readings_in_pieces(x, weight, *rest)

    monkeypatch.setattr(run, "_run", seen)
    monkeypatch.setattr(passes, "readings_in_pieces", in_pieces)
    types = (LEAD, ACCURACY)
    effects = ablation.layer_effects(run, batch, clean, 1, mean, types)
    assert set(widths) == {len({token for target in batch.targets for token in (target.right, *target.wrong)})}
    for head in range(4):
        expected = plain_effects(model.bridge, batch, 1, head, mean[head], types)
        np.testing.assert_allclose(effects[:, head], expected, atol=1e-4)
        assert np.abs(expected[:, 0]).max() > 1e-3
    widths.clear()
    assert not of_all
    with_loss = ablation.layer_effects(run, batch, clean, 1, mean, (LEAD, LOSS))
    assert set(of_all) == {model.info.d_vocab}, "a loss is over all tokens"
    assert not widths
    np.testing.assert_allclose(with_loss[:, :, 0], effects[:, :, 0], atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_feed_forward_layers_run_where_something_is_read(tiny, architecture):
    model = load_model(tiny(architecture))
    batch = PromptBatch(made_prompts(model, "repeated_random_tokens"))
    run = Removals(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    mean = ablation.means([clean], [batch], 0)
    rows: list[tuple[int, int]] = []
    handles = [
        model.bridge.blocks[layer].mlp.original_component.register_forward_pre_hook(
            lambda _, args, layer=layer: rows.append((layer, args[0].shape[:-1].numel()))
        )
        for layer in (0, 1)
    ]
    effects = ablation.layer_effects(run, batch, clean, 0, mean, (LOSS,), [1, 2])
    scored = len(set(zip(batch.rows.tolist(), batch.queries.tolist(), strict=True)))
    assert scored < int(batch.real.sum()) < batch.tokens.numel()
    assert rows == [(0, 2 * int(batch.real.sum())), (1, 2 * scored)]
    for handle in handles:
        handle.remove()
    for head in (1, 2):
        expected = plain_effects(model.bridge, batch, 0, head, mean[head], (LOSS,))
        np.testing.assert_allclose(effects[:, head], expected, atol=1e-4)


@pytest.mark.slow
def test_a_layer_that_sees_other_positions_runs_on_all_of_them(tiny):
    model = load_model(tiny("llama"))
    batch = PromptBatch(made_prompts(model, "repeated_random_tokens"))
    mlp = model.bridge.blocks[0].mlp.original_component
    own = type(mlp).forward

    class Shifted(type(mlp)):
        def forward(self, x):
            return own(self, x + x.roll(1, dims=1))

    mlp.__class__ = Shifted
    run = Removals(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    assert list(run.feed_forward.layers) == [1]
    mean = ablation.means([clean], [batch], 0)
    effects = ablation.layer_effects(run, batch, clean, 0, mean, (LOSS,), [1])
    # Whole batches: here padding changes what the layer gives.
    with torch.inference_mode():
        hook = (z_hook(0), lambda z, hook: torch.where(torch.arange(z.shape[2])[:, None] == 1, mean, z))
        logits = [
            model.bridge.run_with_hooks(batch.tokens, return_type="logits", fwd_hooks=hooks) for hooks in ([], [hook])
        ]
    before, after = (readings(each[batch.rows, batch.queries], batch.targets, (LOSS,)) for each in logits)
    np.testing.assert_allclose(np.nansum(effects), float((after - before).sum()), atol=1e-3)


@pytest.mark.slow
def test_few_logits_at_a_time_change_no_effect(tiny, monkeypatch):
    model = load_model(tiny("llama"))
    batch = PromptBatch(made_prompts(model, "repeated_random_tokens"))
    run = Removals(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    mean = ablation.means([clean], [batch], 0)
    together = ablation.layer_effects(run, batch, clean, 0, mean, (LOSS,))
    sizes_of_passes = []
    whole = run._run

    def counted(batch, copies, *rest, **named):
        sizes_of_passes.append(copies)
        return whole(batch, copies, *rest, **named)

    monkeypatch.setattr(run, "_run", counted)
    monkeypatch.setattr(removals, "PASS_LOGITS", 2 * clean.logits.numel())
    ablation.layer_effects(run, batch, clean, 0, mean, (LOSS,))
    assert sizes_of_passes == [4], "where no logits are kept, their number bounds nothing"
    monkeypatch.setattr(run, "_as_unembedded", False)
    np.testing.assert_allclose(ablation.layer_effects(run, batch, clean, 0, mean, (LOSS,)), together, atol=1e-5)
    assert sizes_of_passes == [4, 2, 2]


@pytest.mark.slow
def test_ranks_among_all_tokens_are_counted_in_pieces(tiny, monkeypatch):
    model = load_model(tiny("llama"))
    own = model_weights.ModelWeights(model.bridge, {0: 4, 1: 4}, "cpu")
    tokens = np.arange(5, 300, 9)
    read = own.after_mlp(torch.as_tensor(tokens))
    monkeypatch.setattr(copying, "VOCABULARY_AT_ONCE", 37)
    top, bottom = copying.top_tokens(own.layers, tokens, read, own.unembedding, own.final)
    ranks = []
    for layer in own.layers:
        logits = layer.norm(read) @ layer.values @ layer.written @ copying.final_directions(own.unembedding, own.final)
        ranks.append(logits.argsort(-1).argsort(-1)[:, range(len(tokens)), tokens])
    ranks = torch.cat(ranks).numpy()
    np.testing.assert_allclose(top, (ranks >= model.info.d_vocab - 5).mean(1), atol=1e-6)
    np.testing.assert_allclose(bottom, (ranks < 5).mean(1), atol=1e-6)
    assert 0 < np.mean(top + bottom) < 1


def test_eigenvalues_are_taken_over_a_part_of_a_large_vocabulary():
    assert copying.token_sample(1000).tolist() == list(range(1000))
    some = copying.token_sample(262_144)
    assert (len(some), int(some[0]), int(some[-1])) == (copying.MOST_TOKENS, 0, 262_143)
    assert set(some.diff().tolist()) <= {3, 4, 5}


@pytest.mark.slow
def test_passes_leave_the_model_as_it_was(tiny):
    model = load_model(tiny("llama"))
    batch = PromptBatch(made_prompts(model, "natural_text"))
    before = model.bridge(batch.tokens, return_type="logits")
    run = Removals(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    for _ in run.ablated(batch, clean, 1, ablation.means([clean], [batch], 1)):
        break  # not even run to its end
    assert torch.equal(model.bridge(batch.tokens, return_type="logits"), before)
    torch.testing.assert_close(clean.logits, before[batch.rows, batch.queries])


@pytest.mark.slow
def test_hooks_are_looked_up_once_and_taken_away_again(tiny):
    bridge = load_model(tiny("llama")).bridge
    points, name, seen = HookPoints(bridge), z_hook(1), []
    tokens = torch.tensor([[3, 4, 5]])

    def outer(z, hook):
        seen.append("outer")

    def inner(z, hook):
        seen.append("inner")
        return torch.zeros_like(z)

    assert name in points
    assert "blocks.9.attn.hook_z" not in points
    with bridge.hooks(fwd_hooks=[(name, outer)]):
        with points.hooked([(name, inner)]):
            without = bridge(tokens, return_type="logits")
        with pytest.raises(KeyError), points.hooked([(name, inner), ("hook_nothing", inner)]):
            pass
        after = bridge(tokens, return_type="logits")
    assert seen == ["outer", "inner", "outer"], "what others have put in place stays"
    assert not bridge.hook_dict[name].fwd_hooks
    assert torch.equal(without, bridge.run_with_hooks(tokens, return_type="logits", fwd_hooks=[(name, inner)]))
    assert not torch.equal(without, after)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_direct_effects_add_up_to_the_logits(tiny, architecture):
    """Heads, feed-forward layers and embedding together give the whole difference of logits (no biases here)."""
    model = load_model(tiny(architecture))
    batch = PromptBatch(made_prompts(model, "repeated_random_tokens"))
    clean = Removals(model.bridge, [0, 1], [4, 4], "cpu").clean(batch)
    own = model_weights.ModelWeights(model.bridge, {0: 4, 1: 4}, "cpu")
    layers, unembedding, final = own.layers, own.unembedding, own.final
    heads = attribution.direct_logits(
        batch, clean, layers, unembedding, final,
        output_biases=own.output_biases,
        unembedding_bias=own.unembedding_bias,
    ).sum(1)  # fmt: skip
    leaving = clean.leaving[batch.rows, batch.queries]
    rest = clean.entering[0][batch.rows, batch.queries] + sum(clean.mlp.values())
    towards = torch.stack([unembedding[:, target.right] for target in batch.targets]) - unembedding.mean(1)
    direct = (final.direction(rest) / final.scale(leaving) * towards).sum(-1)
    logits = clean.logits
    whole = torch.stack([row[target.right] - row.mean() for row, target in zip(logits, batch.targets, strict=True)])
    expected = [
        float((a - b).sum()) for a, b in zip(whole.split(sizes(batch)), direct.split(sizes(batch)), strict=True)
    ]
    np.testing.assert_allclose(heads, expected, atol=1e-3)


def sizes(batch: PromptBatch) -> list[int]:
    return [len(prompt.targets) for prompt in batch.prompts]


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_copying_scores_equal_the_whole_matrix(tiny, architecture):
    model = load_model(tiny(architecture))
    own = model_weights.ModelWeights(model.bridge, {0: 4, 1: 4}, "cpu")
    layers, embedding, unembedding, final = own.layers, own.embedding, own.unembedding, own.final
    scores = copying.copying_scores(layers, embedding, unembedding, final)
    group = 2 if architecture == "llama" else 1
    for layer in (0, 1):
        for head in range(4):
            read = layers[layer].norm(embedding)
            ov = layers[layer].w_v[head // group] @ layers[layer].w_o[head]
            values = torch.linalg.eigvals(read @ ov @ copying.final_directions(unembedding, final))
            expected = float(values.real.sum() / values.abs().sum())
            assert scores[4 * layer + head] == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("architecture", [pytest.param("gpt2", marks=pytest.mark.slow), "llama"])
def test_composition_equals_the_whole_matrices(tiny, architecture):
    model = load_model(tiny(architecture))
    layers = model_weights.ModelWeights(model.bridge, {0: 4, 1: 4}, "cpu").layers
    links = list(composition.links(map(composition.Reduced, layers)))
    assert len(links) == 4 * 3 * 4
    size = torch.linalg.matrix_norm
    mean_off = torch.eye(32) - 1 / 32 if architecture == "gpt2" else torch.eye(32)
    group = 2 if architecture == "llama" else 1
    for link in links:
        a, b = layers[0], layers[1]
        early, late = link.earlier[1], link.later[1]
        ov = mean_off @ torch.diag(a.norm.gain) @ a.w_v[early // group] @ a.w_o[early]
        fold = mean_off @ torch.diag(b.norm.gain)
        qk = fold @ b.w_q[late] @ b.w_k[late // group].T @ fold.T
        later_ov = fold @ b.w_v[late // group] @ b.w_o[late]
        read = {"query": qk, "key": qk.T, "value": later_ov}[link.reads]
        expected = size(ov @ read) / size(ov) / size(read) - 32**-0.5
        assert link.value == pytest.approx(float(expected), abs=1e-5)


def test_norms_are_found_whatever_they_are(tiny):
    torch.manual_seed(0)
    layer_norm = torch.nn.LayerNorm(16)
    layer_norm.weight.data, layer_norm.bias.data = torch.randn(16), torch.randn(16)
    norm = norms.find_norm(layer_norm, 16)
    x = torch.randn(5, 16)
    torch.testing.assert_close(norm(x) + norm.bias, layer_norm(x).detach(), atol=1e-3, rtol=1e-3)
    assert norms.find_norm(torch.nn.Identity(), 16)(x) is not None
    torch.testing.assert_close(norms.find_norm(None, 16)(x), x)
    with pytest.raises(passes.NotAvailable, match="norms are of a kind"):
        norms.find_norm(torch.nn.Softmax(-1), 16)


@pytest.mark.parametrize(
    "probe", [pytest.param(name, marks=[pytest.mark.slow] * (name in OF_WHOLE_WORDS)) for name in WITH_ANSWERS]
)
def test_targets_are_what_the_text_says(tiny, probe):
    """Read back as words: the right token is the one that belongs there."""
    model = load_model("smollm2-135m") if probe in OF_WHOLE_WORDS else load_model(tiny("gpt2"))
    made = made_prompts(model, probe)
    assert made
    text_of = Vocabulary(model.tokenizer, model.info.d_vocab).text
    for prompt in made:
        ids = prompt.sequence.ids
        assert prompt.targets[-1].query == len(ids) - 1, "nothing after the last prediction"
        for target in prompt.targets:
            assert target.right not in target.wrong
            before = [text_of(i).strip() for i in ids[: target.query + 1]]
            right = text_of(target.right).strip()
            if probe != "ordinal_sequences":  # a successor need not have been said before
                assert right in before
            if probe == "indirect_object":
                assert before.count(right) in (1, 2)
                assert before.count(text_of(target.wrong[0]).strip()) == 2
            if probe == "few_shot_labels":
                assert all(text_of(i).strip() in before for i in target.wrong)


def test_readings():
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.6, 0.3]]))
    targets = [Target(0, 0, (1, 2)), Target(0, 2, (0,))]
    values = readings(logits, targets, ["ablation_loss", "ablation_logit_difference", "ablation_accuracy"])
    expected = [[np.log(2), -np.log(2), 0], [-np.log(0.3), -np.log(3), 0]]
    np.testing.assert_allclose(values, expected, atol=1e-6)
    anything = readings(logits, [Target(0, 0), Target(0, 2)], ["ablation_accuracy"])
    assert anything[:, 0].tolist() == [0, 1]
    given = [Prompt(sequence("a b"), tuple(targets[:1])), Prompt(sequence("a c"), tuple(targets[1:]))]
    parts = list(per_sequence(values, given))
    assert torch.equal(torch.stack(parts), values)


@pytest.mark.parametrize("n_tokens", [40, 2048, 2500])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("wrong", [(), (1, 39, 20, 7)])
def test_readings_in_pieces_are_those_of_all_logits(n_tokens, biased, wrong):
    random = torch.Generator().manual_seed(0)
    x, weight = torch.randn(24, 16, generator=random), torch.randn(n_tokens, 16, generator=random)
    bias = torch.randn(n_tokens, generator=random) if biased else None
    logits = torch.nn.functional.linear(x, weight, bias)
    targets = [
        Target(0, int(right), tuple(other for other in wrong[: 2 + row % 3] if other != right))
        for row, right in enumerate(logits.argmax(-1).tolist()[:12] + [0, n_tokens - 1] * 6)
    ]
    types = (LOSS, LEAD, ACCURACY) if wrong else (LOSS, ACCURACY)
    expected = readings(logits, targets, types)
    assert len(set(expected[:, -1].tolist())) == 2, "some answers are right and some are not"
    torch.testing.assert_close(readings_in_pieces(x, weight, bias, targets, types), expected, atol=1e-5, rtol=0)
    accuracy = readings_in_pieces(x, weight, bias, targets, (ACCURACY,))
    assert torch.equal(accuracy, expected[:, -1:])


def test_probes_say_themselves_how_they_are_scored():
    """The order is that of the plans in databases that hold evidence: another one would have it gathered again."""
    assert [probe.name for probe in default_probes()] == [
        "repeated_random_tokens", "natural_text", "indirect_object", "ordinal_sequences", "needle_in_filler",
        "few_shot_labels",
    ]  # fmt: skip
    assert [metric_of(probe).n_tokens for probe in default_probes()] == [320, 320, 240, 160, 160, 160]
    assert natural_probes() == ["natural_text"]
    assert metric_of(PROBES["grammar_sentences"]).types == (LOSS,)


def test_a_metric_that_makes_no_sense_is_refused():
    with pytest.raises(HeadatlasError, match=r"has no 'perplexity' among its types. Choose of: ablation_loss"):
        Metric(lambda sequence: None, ("perplexity",))
    sequence = TokenSequence((1, 2, 3), ("a", "b", "c"), (False,) * 3)
    no_wrong = Metric(lambda sequence: Prompt(sequence, (Target(1, 2),)), (LEAD,))
    some_wrong = Metric(lambda sequence: Prompt(sequence, (Target(0, 1, (2,)), Target(1, 2))), (LOSS,))
    for metric in (no_wrong, some_wrong):
        with pytest.raises(HeadatlasError, match="Name some for every target"):
            prompts([sequence], metric, n_tokens=100, longest=40)


# The run as a whole.


@pytest.fixture(scope="module")
def scanned(tiny, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("scanned") / "heads.db"
    scan_model(
        str(tiny("llama")), db=path, name="tiny", settings=ScanSettings(("repeated_random_tokens", "natural_text"))
    )
    return path


def copy_of(scanned: Path, tmp_path: Path) -> Path:
    with sqlite3.connect(scanned) as source, sqlite3.connect(tmp_path / "copy.db") as target:
        source.backup(target)
    return tmp_path / "copy.db"


def dump(db: Path) -> list:
    with headatlas.open(db) as catalog:
        rows = [tuple(row) for row in catalog.rows("select * from head_evidence order by 2, 3, 4, 5, 6")]
        return rows + [tuple(row) for row in catalog.rows("select * from head_compositions order by 2, 3, 4, 5, 9")]


@pytest.mark.slow
def test_everything_is_gathered_and_described(scanned, tiny, tmp_path):
    db = copy_of(scanned, tmp_path)
    assert gather(str(tiny("llama")), db=db, name="tiny").ran
    with headatlas.open(db) as catalog:
        frame = catalog.evidence("tiny")
        (run,) = catalog.rows("select * from evidence_runs")
        assert not catalog.rows("select * from evidence_parts"), "parts are let go"
        described = catalog.rows("select * from evidence_kinds where description <> '' and unit <> '' and source <> ''")
    assert run["status"] == "done"
    (note,) = json.loads(run["notes"])
    assert note.startswith("relations: left out, too few of its words are single tokens: capital, ")
    assert set(frame["kind"]) == {row["name"] for row in described} - {
        of_words(relation.name) for relation in RELATIONS for of_words in (relation_type, suppressed_type)
    }
    # Of heads alone that were taken out on all prompts, and on those prompts alone that did not choose them.
    held_out, frame = frame[frame["kind"] == "held_out_effect"], frame[frame["kind"] != "held_out_effect"]
    assert 0 < held_out.groupby("probe").size().max() < 8
    counts = frame.groupby(["kind", frame["probe"].fillna("")]).size()
    assert (counts == 8).all()
    effects = frame[frame["kind"] == "ablation_loss"]
    assert (effects["ci_low"] <= effects["value"] + 1e-9).all()
    assert (effects["ci_high"] >= effects["value"] - 1e-9).all()
    for _, rows in effects.groupby("probe"):
        assert rows.sort_values("value")["percentile"].tolist() == pytest.approx(np.linspace(0, 100, 8))
    assert list(scan_result.Scan(db, "tiny").evidence.columns) == list(frame.columns)


@pytest.mark.slow
def test_gathering_again_does_nothing_and_force_replaces(scanned, tiny, tmp_path):
    db = copy_of(scanned, tmp_path)
    options = {"db": db, "name": "tiny"}
    folder = str(tiny("llama"))
    gather(folder, probe_names=["natural_text"], **options)
    before = dump(db)
    assert not gather(folder, probe_names=["natural_text"], **options).ran
    with pytest.raises(HeadatlasError, match="made with other settings.*--force"):
        gather(folder, **options)
    assert dump(db) == before

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gather(folder, force=True, progress=stop, **options)
    assert dump(db) == before, "an unfinished run changes nothing"
    assert gather(folder, force=True, **options).resumed
    assert len(dump(db)) > len(before)
    assert gather(folder, probe_names=["natural_text"], force=True, **options).ran
    assert dump(db) == before, "the same settings give the same numbers"


@pytest.mark.slow
def test_a_new_scan_lets_go_of_the_evidence(scanned, tiny, tmp_path):
    db = copy_of(scanned, tmp_path)
    gather(str(tiny("llama")), db=db, name="tiny", probe_names=["natural_text"])
    scan_model(str(tiny("llama")), db=db, name="tiny", settings=ScanSettings(("natural_text",)), force=True)
    with sqlite3.connect(db) as connection:
        for table in ("evidence", "compositions", "evidence_runs", "evidence_parts"):
            assert connection.execute(f"select count(*) from {table}").fetchone() == (0,), table


GATHER = """
import sys
from headatlas.evidence.run import gather
from headatlas.evidence.types import RELATIONS, relation_type, suppressed_type
gather(sys.argv[1], db=sys.argv[2], name="tiny", progress=lambda done, total: print(done, flush=True))
"""


@pytest.mark.slow
def test_killed_run_goes_on_and_ends_with_the_same_numbers(scanned, tiny, tmp_path):
    folder = str(tiny("llama"))
    (tmp_path / "whole").mkdir()
    whole, cut = copy_of(scanned, tmp_path / "whole"), copy_of(scanned, tmp_path)
    gather(folder, db=whole, name="tiny")
    for kill_after in (1, 7):
        process = warm.Process(folder, cut, code=GATHER)
        for _ in range(kill_after + 1):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        process.stdout.close()
        with sqlite3.connect(cut) as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
            assert connection.execute("select count(*) from head_evidence").fetchone() == (0,)
    process = warm.Process(folder, cut, code=GATHER)
    first = int(process.stdout.readline())
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert first > 0, "what was done before is not done again"
    assert dump(cut) == dump(whole)


def test_parts_of_the_prompts():
    assert split(3) == ([0, 1, 2], [])
    assert split(9) == ([0, 3, 6], [1, 2, 4, 5, 7, 8])
    for n in range(1, 40):
        first, rest = split(n)
        assert sorted(first + rest) == list(range(n))
        assert len(first) >= min(n, 3)


@pytest.mark.slow
def test_heads_that_may_matter_are_removed_on_all_prompts(scanned, tiny, tmp_path):
    """The eighth with the largest first effects, and heads with a label that is tested on the probe."""
    db = copy_of(scanned, tmp_path)
    options = {"db": db, "name": "tiny", "probe_names": ["repeated_random_tokens"]}
    gather(str(tiny("llama")), **options)
    before = measured(db)
    most = max(n for _, n in before.values())
    first, rest = split(most)
    assert rest
    assert {n for _, n in before.values()} == {len(first), most}
    went_on = {head for head, (_, n) in before.items() if n == most}
    assert len(went_on) == 1, "an eighth of eight heads"
    quiet = next(head for head in before if head not in went_on)
    with sqlite3.connect(db) as connection:
        connection.execute("delete from labels")
        connection.execute(
            """insert into labels (head_id, label, confidence, rank)
               select id, 'induction', 0.9, 1 from heads where layer = ? and head = ?""",
            quiet,
        )
    gather(str(tiny("llama")), force=True, **options)
    after = measured(db)
    assert after[quiet][1] == most
    assert {head: values for head, values in after.items() if head != quiet} == {
        head: values for head, values in before.items() if head != quiet
    }
    # And what is stored is what plain hooks give, on the prompts that were used.
    model = load_model(str(tiny("llama")))
    made = made_prompts(model, "repeated_random_tokens", n_tokens=PROBES["repeated_random_tokens"].metric.n_tokens)
    whole = PromptBatch(made)
    for (layer, head), (value, n) in after.items():
        some = PromptBatch(made if n == most else [made[number] for number in first])
        mean = mean_outputs(model.bridge, whole, layer)[head]
        effects = plain_effects(model.bridge, some, layer, head, mean, ("ablation_loss",))
        assert value == pytest.approx(effects.sum() / sum(sizes(some)), abs=1e-4)


def measured(db: Path) -> dict[tuple[int, int], tuple[float, int]]:
    """Effect on the loss on repeats and number of sequences, by layer and head."""
    with headatlas.open(db) as catalog:
        rows = catalog.rows(
            """select layer, head, value, n_sequences from evidence join heads on heads.id = head_id
               join evidence_kinds on evidence_kinds.id = kind_id where name = 'ablation_loss'"""
        )
    return {(row["layer"], row["head"]): (row["value"], row["n_sequences"]) for row in rows}


@pytest.mark.slow
def test_refusals(scanned, tiny, tmp_path):
    db = copy_of(scanned, tmp_path)
    with pytest.raises(HeadatlasError, match="holds no finished scan of 'nobody'.*--evidence"):
        gather(str(tiny("llama")), db=db, name="nobody")
    with pytest.raises(HeadatlasError, match="are not those of the scan 'tiny'"):
        gather(str(tiny("gpt2")), db=db, name="tiny")
    with pytest.raises(HeadatlasError, match="no probe 'natural'. Did you mean 'natural_text'"):
        gather(str(tiny("llama")), db=db, name="tiny", probe_names=["natural"])


@pytest.mark.slow
class TestDemonstrationModel:
    """Four heads of SmolLM2, drawn at random in an early and a late layer, through plain hooks."""

    def test_cached_batched_ablation_equals_plain_hooks(self):
        model = load_model("smollm2-135m")
        batch = PromptBatch(made_prompts(model, "repeated_random_tokens", n_tokens=48)[:2])
        run = Removals(model.bridge, list(range(30)), [9] * 30, "cpu")
        clean = run.clean(batch)
        random = np.random.default_rng(0)
        types = (LOSS,)
        for layer in (int(random.integers(first, first + 10)) for first in (0, 20)):
            mean = ablation.means([clean], [batch], layer)
            effects = ablation.layer_effects(run, batch, clean, layer, mean, types)
            for head in map(int, random.choice(9, 2, replace=False)):
                expected = plain_effects(model.bridge, batch, layer, head, mean[head], types)
                per_token = np.array(sizes(batch))[:, None]
                np.testing.assert_allclose(effects[:, head] / per_token, expected / per_token, atol=1e-4)
