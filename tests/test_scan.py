"""The scanner against Hugging Face's own attention and plain loops, interrupted and resumed."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import headatlas
from headatlas import probes
from headatlas.attention import hooks
from headatlas.attention.certify import certify
from headatlas.attention.modules import AttentionModule, find_modules
from headatlas.attention.row_check import RowCheck, check_rows
from headatlas.cli.main import main
from headatlas.errors import AttentionError, HeadatlasError, ModelError
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.probes import PROBES, probes_of_set, set_of
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.settings import PROBE_SETS, LoadOptions
from tests import slow, warm
from tests.helpers import FEW_PATTERNS, dump, sequence

# No sink-free form: the sink is what they measure.
NO_SINK_FREE = {"first_token", "sink_mass"}
# Where it does not matter which probes are run, but that there are several: two of the few short texts.
SOME_PROBES = ("few_shot_labels", "needle_in_filler")
SLOW_TO_COMPARE = [pytest.param(architecture, marks=pytest.mark.slow) for architecture in ("gpt2", "neox", "bert")]


def hugging_face_attention(model: Model, sequences) -> list[np.ndarray]:
    """[layer * head, query, key] of each sequence by itself, from Hugging Face's model, which nothing has wrapped."""
    model = model.hf_model
    attention = []
    with torch.no_grad():
        for sequence in sequences:
            layers = model(torch.tensor([sequence.ids]), output_attentions=True).attentions
            attention.append(torch.cat([layer[0] for layer in layers]).float().numpy())
    return attention


def stored(db: Path, probe: str) -> dict[str, dict[str, np.ndarray]]:
    with headatlas.open(db) as catalog:
        rows = catalog.rows(
            "select * from head_scores where probe = ? order by pattern, attention, layer, head", [probe]
        )
    scores: dict[str, dict[str, list]] = {}
    for row in rows:
        pattern = scores.setdefault(row["pattern"], {"score": [], "score_nosink": [], "chance": [], "n": []})
        for key in ("score", "score_nosink", "chance"):
            pattern[key].append(np.nan if row[key] is None else row[key])
        pattern["n"].append(row["n_queries"])
    return {name: {key: np.array(values) for key, values in pattern.items()} for name, pattern in scores.items()}


def assert_agree(scores, expected) -> None:
    # Patterns that read roles, or that other tests check, may be measured too.
    assert set(expected) <= set(scores)
    for name, correct in expected.items():
        np.testing.assert_array_equal(scores[name]["n"], correct["n"], err_msg=name)
        # Shares to 1e-5; distances, which go up to hundreds of tokens, to single precision.
        close = {"atol": 1e-5, "rtol": 3e-6 if name == "mean_distance" else 0, "err_msg": name}
        np.testing.assert_allclose(scores[name]["score"], correct["score"], **close)
        if name in slow.TARGETS:
            np.testing.assert_allclose(
                scores[name]["chance"], np.broadcast_to(correct["chance"], correct["n"].shape), atol=1e-9
            )
        if name not in NO_SINK_FREE:
            # A query whose sink mass is 0.99 to within rounding may be counted on one side only.
            np.testing.assert_allclose(scores[name]["score_nosink"], correct["score_nosink"], **close)


@pytest.mark.parametrize("kind", [*SLOW_TO_COMPARE, "llama"])
@pytest.mark.parametrize("probe", ["repeated_random_tokens", pytest.param("natural_text", marks=pytest.mark.slow)])
def test_scores_equal_an_independent_computation(tiny, tmp_path, kind, probe, monkeypatch):
    # Few, unequal sequences: the loops are slow, and padding has to matter.
    known = PROBES[probe]
    few = replace(known, generate=lambda context: iter(list(known.generate(context))[:40:10]))
    monkeypatch.setitem(PROBES._items, probe, few)
    db = tmp_path / "heads.db"
    scan_model(str(tiny(kind)), db=db, name=kind, settings=ScanSettings(probes=(probe,)))
    model = load_model(tiny(kind))
    text = probes.make(few, Vocabulary(model.tokenizer, model.info.d_vocab), model.info.context_length, 0)
    lengths = {len(s) for s in text.sequences}
    assert len(text.sequences) == 4
    assert kind == "bert" or probe == "natural_text" or len(lengths) > 1
    expected = slow.scores(text.sequences, hugging_face_attention(model, text.sequences), causal=kind != "bert")
    assert_agree(stored(db, probe), expected)


@pytest.mark.slow
def test_certificate_is_stored(tiny, tmp_path):
    scan_model(str(tiny("llama")), db=tmp_path / "heads.db", name="tiny", settings=ScanSettings(SOME_PROBES))
    with headatlas.open(tmp_path / "heads.db") as catalog:
        (row,) = catalog.rows("select * from certificates")
        layers = catalog.rows("select * from layers")
        versions = json.loads(catalog.scan("tiny")["versions"])
    assert row["passed"] == 1
    assert row["max_difference"] < 1e-5
    assert row["above_diagonal"] == 0
    assert row["row_sum_min"] == pytest.approx(1, abs=1e-5)
    assert [(layer["causal"], layer["scored"], layer["n_heads"]) for layer in layers] == [(1, 1, 4)] * 2
    assert {"torch", "transformers", "transformer-lens", "python"} <= set(versions)


def hooks_of(bridge):
    return partial(hooks.run, bridge, device="cpu")


@pytest.mark.slow
def test_certificate_notices_wrong_attention(tiny):
    model = load_model(tiny("gpt2"))
    sequences = [sequence("a b c d e f"), sequence("b c")]
    modules_of = find_modules
    shape = (4, 6, 6), (4, 2, 2)
    wrong = [{"self": [torch.full(size, 0.5) for _ in range(2)]} for size in shape]
    certificate = certify(hooks_of(model.bridge), modules_of(model.bridge), sequences, wrong, probe="test")
    assert certificate.passed is False
    assert "differs from Hugging Face's own by up to" in certificate.warnings[0]
    assert "L0, L1" in certificate.warnings[0]


@pytest.mark.slow
def test_silent_hook_is_left_out_with_a_warning(tiny):
    model = load_model(tiny("gpt2"))
    modules = find_modules(model.bridge)
    ghost = AttentionModule("self", 7, "blocks.1.attn.qkv.hook_out")
    certificate = certify(hooks_of(model.bridge), [*modules, ghost], [sequence("a b c")], "not compared", probe="t")
    assert certificate.modules == modules
    assert certificate.warnings == ("The attention hook of L7 does not fire; its heads are not scored.",)
    with pytest.raises(AttentionError, match="The attention hook of L7 did not fire"):
        hooks.run(
            model.bridge,
            Inputs([sequence("a b")], {"self": True}),
            [ghost],
            lambda module, rows: None,
            device="cpu",
            masked=False,
        )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 0], [-0.5, 1.5]], r"L3 .* smallest weight -0.5"),
        ([[1, 0], [0.9, 0.9]], r"sums from 1 to 1.8"),
        ([[1, 0], [float("nan"), 1]], "not attention"),
    ],
)
def test_rows_that_are_not_attention_are_an_error(rows, message):
    module = AttentionModule("self", 3, "blocks.3.attn.hook_pattern")
    batch = TokenBatch([sequence("a b")])
    with pytest.raises(AttentionError, match=message):
        check_rows(module, torch.tensor([[rows]], dtype=torch.float32), batch, RowCheck())


def test_learned_sink_is_no_error():
    module = AttentionModule("self", 3, "blocks.3.attn.hook_pattern")
    check = RowCheck()
    check_rows(module, torch.full((1, 1, 2, 2), 0.3), TokenBatch([sequence("a b")]), check)
    assert check.row_sum_min == pytest.approx(0.6)


@pytest.mark.slow
def test_the_pass_ends_in_the_last_hook(tiny):
    model = load_model(tiny("gpt2"))
    reached = []
    model.bridge.blocks[1].mlp.register_forward_hook(lambda *_: reached.append("mlp"))
    batch = TokenBatch([sequence("a b c")])
    inputs = Inputs(batch.sequences, {"self": True})
    hooks.run(model.bridge, inputs, find_modules(model.bridge), lambda *_: None, device="cpu", masked=False)
    assert not reached
    # and the hooks are gone again
    model.bridge(batch.tokens, return_type="logits")
    assert reached


@pytest.mark.slow
def test_scan_of_a_bridge_without_tokenizer(tmp_path):
    from transformer_lens.config import TransformerBridgeConfig
    from transformer_lens.model_bridge import TransformerBridge

    config = TransformerBridgeConfig(
        d_model=32, d_head=8, n_layers=2, n_heads=4, n_ctx=64, d_vocab=100, act_fn="relu", d_mlp=32,
    )  # fmt: skip
    bridge = TransformerBridge.boot_native(config)
    scan = headatlas.scan(bridge, db=tmp_path / "heads.db", name="native")
    assert len(scan.scores[["layer", "head"]].drop_duplicates()) == 8
    assert set(scan.scores["probe"]) == {"repeated_random_tokens", "ambiguous_repeats"}
    with headatlas.open(tmp_path / "heads.db") as catalog:
        notes = [row["note"] for row in catalog.rows("select note from scan_probes where n_sequences = 0")]
        (certificate,) = catalog.rows("select * from certificates")
    assert len(notes) == sum(probe.medium == "text" for probe in PROBES) - 2
    assert all("tokenizer" in note for note in notes), notes
    assert certificate["passed"] is None
    assert "given as a bridge" in certificate["compared_with"]


@pytest.mark.slow
def test_python_results(tiny, tmp_path):
    scan = headatlas.scan(str(tiny("gpt2")), db=tmp_path / "heads.db", name="tiny", probe_names=SOME_PROBES)
    assert list(scan.scores.columns[:6]) == ["model", "attention", "layer", "head", "pattern", "probe"]
    assert list(scan.labels.columns) == [
        "model",
        "attention",
        "layer",
        "head",
        "label",
        "confidence",
        "rank",
        "basis",
        "awake",
    ]
    head = scan.head(1, 2)
    assert head.name == "L1H2"
    assert (head.scores["layer"] == 1).all()
    for example in head.examples:
        sums = example.weights.astype(int).sum(1) / 255
        np.testing.assert_allclose(sums, 1, atol=0.1)
    assert "data:image/webp;base64," in head._repr_html_()
    with pytest.raises(HeadatlasError, match="There is no head 'L9H9'"):
        scan.head(9, 9)


@pytest.mark.slow
def test_scanning_again_does_nothing_and_force_replaces(tiny, tmp_path):
    db = tmp_path / "heads.db"
    scan = partial(scan_model, str(tiny("gpt2")), db=db, name="tiny")
    settings, another_seed = ScanSettings(SOME_PROBES), ScanSettings(SOME_PROBES, seed=5)
    assert scan(settings=settings).ran
    before = dump(db)
    assert not scan(settings=settings).ran
    with pytest.raises(HeadatlasError, match="with other settings.*--force"):
        scan(settings=another_seed)
    assert dump(db) == before
    assert scan(settings=another_seed, force=True).ran
    changed = dump(db)
    assert changed["head_scores"] != before["head_scores"]
    assert len(changed["head_scores"]) == len(before["head_scores"])
    assert scan(settings=settings, force=True).ran
    assert dump(db)["head_scores"] == before["head_scores"], "the same seed gives the same numbers"


@pytest.mark.slow
def test_the_device_is_no_part_of_the_plan(tiny, tmp_path):
    folder, db = str(tiny("gpt2")), tmp_path / "heads.db"
    settings = ScanSettings(probes=("needle_in_filler",))
    assert scan_model(folder, db=db, name="tiny", settings=settings, load=LoadOptions(device="auto")).ran
    assert not scan_model(folder, db=db, name="tiny", settings=settings, load=LoadOptions(device="cpu")).ran
    for decides in (LoadOptions(dtype="bfloat16"), LoadOptions(revision="main")):
        with pytest.raises(HeadatlasError, match="with other settings"):
            scan_model(folder, db=db, name="tiny", settings=settings, load=decides)


def test_sets_of_probes():
    names = {name: [probe.name for probe in ScanSettings(probe_set=name).chosen] for name in PROBE_SETS}
    assert set(names["quick"]) < set(names["standard"]) <= set(names["full"]) == set(PROBES.names())
    assert {probe.medium for probe in probes_of_set("quick")} == {probe.medium for probe in PROBES}
    assert ScanSettings().plan(LoadOptions()) == ScanSettings(probe_set="standard").plan(LoadOptions())
    assert ScanSettings().plan(LoadOptions()) != ScanSettings(probe_set="quick").plan(LoadOptions())
    beside = ScanSettings(("word_variants", "natural_text"), probe_set="quick")
    assert [probe.name for probe in beside.chosen] == [*names["quick"], "word_variants"]
    assert [probe.name for probe in ScanSettings(("word_variants",)).chosen] == ["word_variants"]
    sets = [set_of(dict.fromkeys(names[name], "")) for name in ("quick", "standard")]
    assert sets == ["quick", "standard"]
    assert set_of({"pictures": ""}) == "quick", "all that there is for images"
    assert set_of({"natural_text": ""}) == set_of({"natural_text": "", "my essay": ""}) == set_of({}) == ""
    with pytest.raises(HeadatlasError, match="There is no set of probes 'quik'. Did you mean 'quick'"):
        _ = ScanSettings(probe_set="quik").chosen


@pytest.mark.slow
def test_the_quick_set_of_a_small_model(tiny, tmp_path):
    command = ("scan", str(tiny("gpt2")), "--as", "tiny", "--db", str(tmp_path / "heads.db"), "--set", "quick")
    done = CliRunner().invoke(main, [*command, "--quiet"])
    assert done.exit_code == 0, done.stderr
    said = CliRunner().invoke(main, ["info", "tiny", "--db", str(tmp_path / "heads.db")])
    assert ": 2 probes (the quick set)," in " ".join(said.stdout.split())
    again = CliRunner().invoke(main, [*command[:-1], "standard", "--quiet"])
    assert "with other settings" in again.stderr
    assert "'--set'" in CliRunner().invoke(main, [*command[:-1], "all"]).stderr


@pytest.mark.slow
def test_no_probe_fits(tmp_path, tiny):
    with pytest.raises(HeadatlasError, match="There is no probe 'natural'. Did you mean 'natural_text'"):
        scan_model(str(tiny("gpt2")), db=tmp_path / "heads.db", settings=ScanSettings(probes=("natural",)))
    short = load_model(tiny("gpt2"))
    short.hf_model.config.n_positions = 4
    assert not probes.make(PROBES["repeated_random_tokens"], Vocabulary(None, 100), 4, 0).sequences
    bridge = short.bridge
    bridge.cfg.n_ctx = 4
    with pytest.raises(
        ModelError, match="No probe fits this model: 359 .*; a context of 4 tokens is too short for a sentence;"
    ):
        scan_model(bridge, db=tmp_path / "heads.db", name="short")


SCAN = f"""{FEW_PATTERNS}
import sys
import headatlas
import headatlas.scoring.chunks
headatlas.scoring.chunks.BATCH_TOKENS = 130  # a chunk for each of eleven texts
headatlas.scan(sys.argv[1], db=sys.argv[2], name=sys.argv[3], probe_names=["multiple_choice"],
               progress=lambda done, total: print(done, total, flush=True))
"""


@pytest.mark.slow
def test_two_processes_at_work_on_one_scan(tiny, tmp_path):
    folder, alone, shared = tiny("llama"), tmp_path / "alone.db", tmp_path / "shared.db"
    first = warm.Process(folder, shared, "tiny", code=SCAN)
    first.stdout.readline()  # it has begun
    others = [warm.Process(folder, db, "tiny", code=SCAN) for db in (shared, alone)]
    said = [process.communicate(240) for process in (first, *others)]
    assert [process.returncode for process in (first, *others)] == [0, 0, 0], said
    assert len(said[-1][0].splitlines()) >= 10, "in so many parts"
    assert dump(shared) == dump(alone)


@pytest.mark.slow
def test_two_models_into_one_file_at_once(tiny, tmp_path):
    """Both begin on a file that is not there yet."""
    together, apart = tmp_path / "together.db", tmp_path / "apart.db"

    def start(architecture: str, db: Path) -> warm.Process:
        return warm.Process(tiny(architecture), db, architecture, code=SCAN)

    both = [start(architecture, together) for architecture in ("llama", "gpt2")]
    said = [process.communicate(240) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert [start(architecture, apart).wait(240) for architecture in ("llama", "gpt2")] == [0, 0]
    shared_file, expected = dump(together), dump(apart)
    assert len(shared_file["head_scores"]) == 2 * 8 * 6, "heads of two models, and patterns"
    assert shared_file["head_scores"] == expected["head_scores"]


@pytest.mark.slow
def test_interrupted_scan_leaves_the_old_one_in_place(tiny, tmp_path):
    db = tmp_path / "heads.db"
    scan = partial(scan_model, str(tiny("gpt2")), db=db, name="tiny")
    scan(settings=ScanSettings(SOME_PROBES))
    before = dump(db)

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(settings=ScanSettings(SOME_PROBES, seed=7), force=True, progress=stop)
    after = dump(db)
    assert after["head_scores"] == before["head_scores"]
    outcome = scan(settings=ScanSettings(SOME_PROBES, seed=7), force=True)
    assert outcome.resumed


def first_of(probe, n_sequences, context):
    """The first sequences of a probe."""
    return islice(probe.generate(context), n_sequences)


@pytest.mark.slow
class TestDemonstrationModel:
    """SmolLM2-135M itself: what the whole project is for."""

    @pytest.fixture(scope="class")
    def db(self, tmp_path_factory) -> Path:
        path = tmp_path_factory.mktemp("demo") / "heads.db"
        names = {"repeated_random_tokens": 8, "grammar_sentences": 4}
        with pytest.MonkeyPatch.context() as patch:
            for name, n_sequences in names.items():
                known = PROBES[name]
                patch.setitem(PROBES._items, name, replace(known, generate=partial(first_of, known, n_sequences)))
            scan_model("smollm2-135m", db=path, settings=ScanSettings(tuple(names)))
        return path

    def test_known_heads(self, db):
        with headatlas.open(db) as catalog:
            best = catalog.head_rows("smollm2-135m", pattern="induction", limit=2)
            counts = catalog.rows("select pattern, count(distinct layer * 100 + head) from head_scores group by 1")
            (certificate,) = catalog.rows("select passed, max_difference from certificates")
        # The second place is shared to the third digit.
        assert [(row["layer"], row["head"]) for row in best] in ([(18, 6), (17, 3)], [(18, 6), (17, 4)])
        assert best[0]["score"] == pytest.approx(0.9, abs=0.03)
        assert {row[1] for row in counts} == {270}
        assert certificate["passed"] == 1

    def test_scores_equal_an_independent_computation(self, tmp_path, monkeypatch):
        known = PROBES["natural_text"]
        few = replace(known, generate=lambda context: iter(sorted(known.generate(context), key=len)[:3:2]))
        monkeypatch.setitem(PROBES._items, "natural_text", few)
        scan_model("smollm2-135m", db=tmp_path / "heads.db", settings=ScanSettings(probes=("natural_text",)))
        model = load_model("smollm2-135m")
        text = probes.make(few, Vocabulary(model.tokenizer, model.info.d_vocab), 8192, 0)
        assert len({len(sequence) for sequence in text.sequences}) > 1, "padding has to matter"
        # Of all layers, and of each place in a layer: there are nine.
        chosen = [attention[::10] for attention in hugging_face_attention(model, text.sequences)]
        scores = stored(tmp_path / "heads.db", "natural_text").items()
        scores = {name: {key: values[::10] for key, values in own.items()} for name, own in scores}
        assert_agree(scores, slow.scores(text.sequences, chosen))
