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

import headatlas
from headatlas import probes
from headatlas.attention import hooks
from headatlas.attention.certificate import certify
from headatlas.attention.modules import AttentionModule, find_modules
from headatlas.attention.row_check import RowCheck, check_rows
from headatlas.errors import AttentionError, HeadatlasError, ModelError
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model, load_model
from headatlas.probes import PROBES
from headatlas.scanning.scanner import scan_model
from headatlas.views.scan_result import Scan
from tests import slow, warm
from tests.helpers import dump, sequence

# No sink-free form: the sink is what they measure.
NO_SINK_FREE = {"first_token", "sink_mass"}
# Where it does not matter which probes are run.
SOME_PROBES = ["repeated_random_tokens", "needle_in_filler"]
SLOW_TO_COMPARE = [pytest.param(kind, marks=pytest.mark.slow) for kind in ("gpt2", "neox")]


def hugging_face_attention(model: Model, sequences) -> list[np.ndarray]:
    """[layer * head, query, key] of each sequence by itself, from a plain Hugging Face model."""
    found = []
    with torch.no_grad():
        for one in sequences:
            layers = model.hf_model(torch.tensor([one.ids]), output_attentions=True).attentions
            found.append(torch.cat([layer[0] for layer in layers]).float().numpy())
    return found


def stored(db: Path, probe: str) -> dict[str, dict[str, np.ndarray]]:
    with headatlas.open(db) as catalog:
        rows = catalog.rows(
            "select * from head_scores where probe = ? order by pattern, attention, layer, head", [probe]
        )
    found: dict[str, dict[str, list]] = {}
    for row in rows:
        one = found.setdefault(row["pattern"], {"score": [], "score_nosink": [], "chance": [], "n": []})
        for key in ("score", "score_nosink", "chance"):
            one[key].append(np.nan if row[key] is None else row[key])
        one["n"].append(row["n_queries"])
    return {name: {key: np.array(values) for key, values in one.items()} for name, one in found.items()}


def assert_agree(found, expected) -> None:
    # Patterns that read roles, or that other tests check, may be measured too.
    assert set(expected) <= set(found)
    for name, one in expected.items():
        np.testing.assert_array_equal(found[name]["n"], one["n"], err_msg=name)
        # Shares to 1e-5; distances, which go up to hundreds of tokens, to single precision.
        close = {"atol": 1e-5, "rtol": 3e-6 if name == "mean_distance" else 0, "err_msg": name}
        np.testing.assert_allclose(found[name]["score"], one["score"], **close)
        if name in slow.TARGETS:
            np.testing.assert_allclose(found[name]["chance"], np.broadcast_to(one["chance"], one["n"].shape), atol=1e-9)
        if name not in NO_SINK_FREE:
            # A query whose sink mass is 0.99 to within rounding may be counted on one side only.
            np.testing.assert_allclose(found[name]["score_nosink"], one["score_nosink"], **close)


@pytest.mark.parametrize("kind", [*SLOW_TO_COMPARE, "llama", "bert"])
@pytest.mark.parametrize("probe", ["repeated_random_tokens", pytest.param("natural_text", marks=pytest.mark.slow)])
def test_scores_equal_an_independent_computation(tiny, tmp_path, kind, probe, monkeypatch):
    # Few, unequal sequences: the loops are slow, and padding has to matter.
    one = PROBES[probe]
    few = replace(one, generate=lambda context: iter(list(one.generate(context))[:40:5]))
    monkeypatch.setitem(PROBES._items, probe, few)
    db = tmp_path / "heads.db"
    scan_model(str(tiny(kind)), db=db, name=kind, probe_names=[probe])
    model = load_model(tiny(kind))
    text = probes.make(few, Vocabulary(model.tokenizer, model.info.d_vocab), model.info.context_length, 0)
    lengths = {len(s) for s in text.sequences}
    assert len(text.sequences) == 8
    assert kind == "bert" or probe == "natural_text" or len(lengths) > 1
    expected = slow.scores(text.sequences, hugging_face_attention(model, text.sequences), causal=kind != "bert")
    assert_agree(stored(db, probe), expected)


@pytest.fixture(scope="module")
def scan(tiny, tmp_path_factory) -> Scan:
    """All probes on a tiny model."""
    return headatlas.scan(str(tiny("llama")), db=tmp_path_factory.mktemp("scan") / "heads.db", name="tiny")


@pytest.mark.slow
def test_certificate_is_stored(scan):
    with headatlas.open(scan.path) as catalog:
        (row,) = catalog.rows("select * from certificates")
        layers = catalog.rows("select * from layers")
        versions = json.loads(catalog.scan("tiny")["versions"])
    assert row["passed"] == 1
    assert row["max_difference"] < 1e-5
    assert row["above_diagonal"] == 0
    assert row["row_sum_min"] == pytest.approx(1, abs=1e-5)
    assert [(one["causal"], one["scored"], one["n_heads"]) for one in layers] == [(1, 1, 4)] * 2
    assert {"torch", "transformers", "transformer-lens", "python"} <= set(versions)


def hooks_of(bridge):
    return partial(hooks.run, bridge, device="cpu")


def test_certificate_notices_wrong_attention(tiny):
    model = load_model(tiny("gpt2"))
    sequences = [sequence("a b c d e f"), sequence("b c")]
    modules_of = find_modules
    shape = (4, 6, 6), (4, 2, 2)
    wrong = [{"self": [torch.full(one, 0.5) for _ in range(2)]} for one in shape]
    found = certify(hooks_of(model.bridge), modules_of(model.bridge), sequences, wrong, probe="test")
    assert found.passed is False
    assert "differs from Hugging Face's own by up to" in found.warnings[0]
    assert "L0, L1" in found.warnings[0]


def test_silent_hook_is_left_out_with_a_warning(tiny):
    model = load_model(tiny("gpt2"))
    modules = find_modules(model.bridge)
    ghost = AttentionModule("self", 7, "blocks.1.attn.qkv.hook_out")
    found = certify(hooks_of(model.bridge), [*modules, ghost], [sequence("a b c")], "not compared", probe="t")
    assert found.modules == modules
    assert found.warnings == ("The attention hook of L7 does not fire; its heads are not scored.",)
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
    assert len(notes) == 8
    assert all("tokenizer" in note for note in notes), notes
    assert certificate["passed"] is None
    assert "given as a bridge" in certificate["compared_with"]


@pytest.mark.slow
def test_python_results(scan):
    assert list(scan.scores.columns[:6]) == ["model", "attention", "layer", "head", "pattern", "probe"]
    assert list(scan.labels.columns) == ["model", "attention", "layer", "head", "label", "confidence", "rank"]
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
    scan = partial(scan_model, str(tiny("gpt2")), db=db, name="tiny", probe_names=SOME_PROBES)
    assert scan().ran
    before = dump(db)
    assert not scan().ran
    with pytest.raises(HeadatlasError, match="with other settings.*--force"):
        scan(seed=5)
    assert dump(db) == before
    assert scan(seed=5, force=True).ran
    changed = dump(db)
    assert changed["head_scores"] != before["head_scores"]
    assert len(changed["head_scores"]) == len(before["head_scores"])
    assert scan(force=True).ran
    assert dump(db)["head_scores"] == before["head_scores"], "the same seed gives the same numbers"


def test_no_probe_fits(tmp_path, tiny):
    with pytest.raises(HeadatlasError, match="There is no probe 'natural'. Did you mean 'natural_text'"):
        scan_model(str(tiny("gpt2")), db=tmp_path / "heads.db", probe_names=["natural"])
    short = load_model(tiny("gpt2"))
    short.hf_model.config.n_positions = 4
    assert not probes.make(PROBES["repeated_random_tokens"], Vocabulary(None, 100), 4, 0).sequences
    bridge = short.bridge
    bridge.cfg.n_ctx = 4
    with pytest.raises(ModelError, match="No probe fits this model: left out"):
        scan_model(bridge, db=tmp_path / "heads.db", name="short")


SCAN = """
import sys
from dataclasses import replace
from itertools import islice
import headatlas.scoring.chunks
from headatlas.probes import PROBES
from headatlas.scanning.scanner import scan_model
headatlas.scoring.chunks.BATCH_TOKENS = 300  # many small chunks
for name in ("repeated_random_tokens", "grammar_sentences"):
    generate = PROBES[name].generate
    PROBES._items[name] = replace(PROBES[name], generate=lambda context, all=generate: islice(all(context), 24))
scan_model(sys.argv[1], db=sys.argv[2], name="tiny", probe_names=["repeated_random_tokens", "grammar_sentences"],
           progress=lambda done, total: print(done, flush=True))
"""


@pytest.mark.slow
def test_two_processes_at_work_on_one_scan(tiny, tmp_path):
    folder, alone, shared = str(tiny("llama")), tmp_path / "alone.db", tmp_path / "shared.db"

    def start(db: Path) -> warm.Process:
        return warm.Process(folder, db, code=SCAN)

    first = start(shared)
    first.stdout.readline()  # it has begun
    others = [start(shared), start(alone)]
    for one in (first, *others):
        one.communicate(240)
        assert one.returncode == 0
    assert dump(shared) == dump(alone)


@pytest.mark.slow
def test_two_models_into_one_file_at_once(tiny, tmp_path):
    """Both begin on a file that is not there yet."""
    together, apart = tmp_path / "together.db", tmp_path / "apart.db"

    def start(kind: str, db: Path) -> warm.Process:
        code = SCAN.replace('"tiny"', repr(kind))
        assert code != SCAN
        return warm.Process(tiny(kind), db, code=code)

    def end(process: warm.Process) -> None:
        _, errors = process.communicate(240)
        assert process.returncode == 0, errors

    for process in [start(kind, together) for kind in ("llama", "gpt2")]:
        end(process)
    for kind in ("llama", "gpt2"):
        end(start(kind, apart))
    found, expected = dump(together), dump(apart)
    assert len(found["head_scores"]) > 1000
    assert found["head_scores"] == expected["head_scores"]


def test_interrupted_scan_leaves_the_old_one_in_place(tiny, tmp_path):
    db = tmp_path / "heads.db"
    scan = partial(scan_model, str(tiny("gpt2")), db=db, name="tiny", probe_names=SOME_PROBES)
    scan()
    before = dump(db)

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(seed=7, force=True, progress=stop)
    after = dump(db)
    assert after["head_scores"] == before["head_scores"]
    assert scan(seed=7, force=True).resumed


@pytest.mark.slow
class TestDemonstrationModel:
    """SmolLM2-135M itself: what the whole project is for."""

    @pytest.fixture(scope="class")
    def db(self, tmp_path_factory) -> Path:
        path = tmp_path_factory.mktemp("demo") / "heads.db"
        grammar = PROBES["grammar_sentences"]
        few = replace(grammar, generate=lambda context: islice(grammar.generate(context), 24))
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(PROBES._items, "grammar_sentences", few)
            scan_model("smollm2-135m", db=path, probe_names=["repeated_random_tokens", "grammar_sentences"])
        return path

    def test_known_heads(self, db):
        with headatlas.open(db) as catalog:
            best = catalog.head_rows("smollm2-135m", pattern="induction", limit=2)
            counts = catalog.rows("select pattern, count(distinct layer * 100 + head) from head_scores group by 1")
            (certificate,) = catalog.rows("select passed, max_difference from certificates")
        assert [(row["layer"], row["head"]) for row in best] == [(18, 6), (17, 3)]
        assert best[0]["score"] == pytest.approx(0.9, abs=0.03)
        assert {row[1] for row in counts} == {270}
        assert certificate["passed"] == 1

    def test_scores_equal_an_independent_computation(self, tmp_path, monkeypatch):
        one = PROBES["natural_text"]
        few = replace(one, generate=lambda context: iter(sorted(one.generate(context), key=len)[:4]))
        monkeypatch.setitem(PROBES._items, "natural_text", few)
        scan_model("smollm2-135m", db=tmp_path / "heads.db", probe_names=["natural_text"])
        model = load_model("smollm2-135m")
        text = probes.make(few, Vocabulary(model.tokenizer, model.info.d_vocab), 8192, 0)
        assert len({len(one) for one in text.sequences}) > 2, "padding has to matter"
        expected = slow.scores(text.sequences, hugging_face_attention(model, text.sequences))
        assert_agree(stored(tmp_path / "heads.db", "natural_text"), expected)
