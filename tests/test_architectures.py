"""Architectures of all sorts: a sample of the sweep, what it says of all of them, and where hooks are done without."""

from __future__ import annotations

import socket
import subprocess
from dataclasses import replace

import pytest
import torch
from transformers import CTRLConfig, CTRLLMHeadModel, PreTrainedModel

import headatlas
from benchmarks.architectures import page, sweep
from benchmarks.architectures.tiny import architectures, tiny_model
from headatlas.attention.module_outputs import ModuleOutput, find_module_outputs, run_module_outputs
from headatlas.attention.source import HookedModel
from headatlas.errors import ModelError
from headatlas.inputs.forward_batch import Inputs
from headatlas.models.load import load_model
from headatlas.models.patching import quiet
from headatlas.probes import PROBES
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.settings import LoadOptions
from tests import tiny_models
from tests.helpers import sequence

# One of each sort; `python -m benchmarks.architectures.sweep` runs all.
SAMPLE = {
    "MixtralForCausalLM": {"self": 2},  # mixture of experts
    "GptOssForCausalLM": {"self": 2},  # learned sinks
    "JambaForCausalLM": {"self": 1},  # hybrid
    "NemotronHForCausalLM": {"self": 1},  # attention without a hook
    "HrmTextForCausalLM": {"self": 8},  # modules used several times
    "BertForMaskedLM": {"encoder": 2},
    "T5ForConditionalGeneration": {"encoder": 2, "decoder": 2, "cross": 2},
    "T5Gemma2ForConditionalGeneration": {"encoder": 2, "decoder": 2, "cross": 2},  # merged attention
    "SwitchTransformersForConditionalGeneration": {"encoder": 2, "decoder": 2, "cross": 2},  # hooks that are wrong
    "LEDForConditionalGeneration": {"encoder": 2, "decoder": 2, "cross": 2},  # hooks that are silent
    "LlavaForConditionalGeneration": {"self": 2},
    "ViTModel": {"vision": 2},
    "ASTForAudioClassification": {"vision": 2},
    "Wav2Vec2Model": {"encoder": 2},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_of_the_sweep(name):
    result = sweep.examine(name)
    assert page.verdict(result)[0] == page.WORKS, page.verdict(result)
    assert result["kinds"] == SAMPLE[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MambaForCausalLM", "RwkvForCausalLM"])
def test_without_attention_there_is_nothing_to_scan(name):
    result = sweep.examine(name)
    assert "nothing to scan" in result["reason"]
    assert page.verdict(result)[0] == page.NONE


def test_every_registered_architecture_has_a_result_and_nearly_all_work():
    kept = sweep.kept()
    assert set(kept["results"]) == set(architectures()), "run `make architectures`"
    by_verdict = page.lists(kept)
    n_working, n_all = page.share(by_verdict)
    assert n_working / n_all >= 0.95
    assert all(note for verdict in (page.IN_PART, page.DOES_NOT, page.NONE) for _, note in by_verdict[verdict])
    assert all(note for result, note in by_verdict[page.WORKS] if result["tapped"]), "say what upstream could change"


def test_the_page_is_fresh():
    assert page.PAGE.read_text("utf8") == page.text(sweep.kept()), "run `make architectures`"


def test_the_table_of_the_readme_is_put_between_its_marks():
    table = page.readme_table(sweep.kept())
    before = f"# Title\n\n{page.START}\nold\n{page.END}\n\nrest\n"
    after = page.with_table(before, table)
    assert after.startswith("# Title\n\n" + page.START)
    assert after.endswith(page.END + "\n\nrest\n")
    assert "old" not in after
    assert page.with_table(after, table) == after
    assert page.with_table("no marks", table) == "no marks"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, page.WORKS),
        ({"difference": 2e-5}, page.IN_PART),
        ({"difference": None}, page.IN_PART),
        ({"kinds": {"self": 1}}, page.IN_PART),
        ({"silent": 1}, page.IN_PART),
        ({"in_range": False}, page.IN_PART),
        ({"status": "refused", "reason": "it does not run"}, page.DOES_NOT),
        ({"status": "no class"}, page.NO_CLASS),
    ],
)
def test_what_counts_as_working(change, verdict):
    result = {
        "architecture": "MadeUpForCausalLM", "status": "scanned", "silent": 0, "expected": {"self": 2},
        "kinds": {"self": 2}, "difference": 1e-7, "in_range": True, "tapped": False, "row_sums": [1.0, 1.0],
        "compared_with": "Hugging Face's eager attention", "inside": [], "warnings": [],
    }  # fmt: skip
    assert page.verdict(result | change)[0] == verdict


@pytest.mark.slow
def test_what_transformer_lens_does_not_wrap_is_read_plain(tmp_path):
    config = CTRLConfig(vocab_size=120, n_positions=64, n_embd=32, dff=32, n_layer=2, n_head=4)
    CTRLLMHeadModel(config).save_pretrained(tmp_path / "model")
    scan = headatlas.scan(str(tmp_path / "model"), db=tmp_path / "heads.db", probe_names=["repeated_random_tokens"])
    assert len(scan.scores.groupby(["layer", "head"])) == 8
    with headatlas.open(scan.path) as catalog:
        ((warning,),) = catalog.rows("select warning from warnings where warning like 'Attention was read%'")
    assert "TransformerLens has no CTRLLMHeadModel" in warning


def test_taps_have_names():
    for output in (ModuleOutput("layers.0.attn", 1, 0), ModuleOutput("encoder.block.3", 0, 7)):
        assert ModuleOutput.of(output.hook) == output
    assert ModuleOutput("layers.0.attn", 1, 2).hook == "module:layers.0.attn#1@2"


def pairs_of(*lengths: tuple[int, int]) -> list:
    """Sources and targets of some lengths, of tokens that every tiny model has."""
    words = [f"w{i}" for i in range(60)]
    made = []
    for read, said in lengths:
        source, target = sequence(" ".join(words[:read])), sequence(" ".join(words[:said]))
        made.append(replace(target, source=source))
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "values", "mixed"),
    [
        # Module whose output are the values, and module whose input is the attended mixture of them.
        ("LEDForConditionalGeneration", "{}.value", "{}.output"),
        ("LongT5ForConditionalGeneration", "{}.v", "{}.o"),
    ],
)
def test_local_attention_is_laid_out_so_that_it_mixes_the_values(name, values, mixed):
    """Weights times values have to be what the module goes on with: an index that is off by one would not do it."""
    with quiet():
        model = tiny_model(name)
    inputs = Inputs(pairs_of((37, 9)), dict.fromkeys(("encoder", "decoder", "cross"), False))
    modules = [module for module in find_module_outputs(model, inputs) if module.attention == "encoder"]
    assert len(modules) == 2
    seen: dict[str, torch.Tensor] = {}
    weights: dict[str, torch.Tensor] = {}
    for module in modules:
        path = ModuleOutput.of(module.hook).path
        output = mixed.format(path.rpartition(".")[0] if name.startswith("LED") else path)
        model.get_submodule(values.format(path)).register_forward_hook(
            lambda _, given, out, path=path: seen.__setitem__(f"{path} values", out)
        )
        model.get_submodule(output).register_forward_pre_hook(
            lambda _, given, path=path: seen.__setitem__(f"{path} mixed", given[0])
        )
    run_module_outputs(
        model, inputs, modules, lambda module, attention: weights.__setitem__(module.hook, attention), masked=True
    )
    for module in modules[:1]:  # the pass ends within the last
        path = ModuleOutput.of(module.hook).path
        attention = weights[module.hook]
        n_heads, n_tokens = attention.shape[1:3]
        assert n_tokens == 37
        torch.testing.assert_close(attention.sum(-1), torch.ones(1, n_heads, n_tokens))
        value = seen[f"{path} values"]
        value = value.transpose(0, 1) if name.startswith("LED") else value  # [position, batch, ...] there
        value = value[:, :n_tokens].unflatten(-1, (n_heads, -1))
        expected = torch.einsum("bhqk,bkhd->bqhd", attention, value).flatten(2)
        torch.testing.assert_close(seen[f"{path} mixed"][:, :n_tokens], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_a_module_that_is_used_again_is_a_layer_each_time():
    with quiet():
        model = tiny_model("HrmTextForCausalLM")
    inputs = Inputs([sequence("a b c d e f g")], {"self": True})
    modules = find_module_outputs(model, inputs)
    maps: list[torch.Tensor] = []
    run_module_outputs(model, inputs, modules, lambda _, attention: maps.append(attention), masked=False)
    with torch.inference_mode():
        own = model(input_ids=torch.tensor([inputs.sequences[0].ids]), output_attentions=True).attentions
    assert [module.layer for module in modules] == list(range(8))
    assert len({ModuleOutput.of(module.hook).path for module in modules}) == 2
    for attention, other in zip(maps, own, strict=True):
        torch.testing.assert_close(attention, other)


@pytest.mark.slow
def test_a_wrapped_model_that_does_not_run_is_read_plain_or_refused(tiny, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise KeyError("rotary_emb")

    monkeypatch.setattr("headatlas.attention.source.run", broken)
    db = tmp_path / "heads.db"
    scan = headatlas.scan(str(tiny("llama")), db=db, name="tiny", probe_names=["repeated_random_tokens"])
    with headatlas.open(db) as catalog:
        ((warning,),) = catalog.rows("select warning from warnings where warning like 'Attention was read%'")
        hooks = [row[0] for row in catalog.rows("select hook from layers")]
    assert "the wrapped model does not run: KeyError: 'rotary_emb'" in warning
    assert hooks == ["module:model.layers.0.self_attn#1", "module:model.layers.1.self_attn#1"]
    assert len(scan.scores)
    monkeypatch.setattr("headatlas.attention.source.find_module_outputs", lambda *_: [])
    with pytest.raises(ModelError, match="the wrapped model does not run"):
        HookedModel(load_model(tiny("llama"))).certify(_text(tiny))


def _text(tiny):
    from headatlas import probes
    from headatlas.inputs.vocabulary import Vocabulary

    model = load_model(tiny("llama"))
    return probes.make(PROBES["repeated_random_tokens"], Vocabulary(model.tokenizer, model.info.d_vocab), 128, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["LlamaForCausalLM", "ViTModel", "Qwen2_5_VLForConditionalGeneration"])
def test_nothing_is_installed_and_the_network_is_left_alone(name, tmp_path, monkeypatch):
    """The second would make TransformerLens fetch a processor, the third would have it call pip for torchvision."""
    folder = tmp_path / "model"
    with quiet():
        tiny_model(name).save_pretrained(folder)
    tried: list[str] = []

    def note(what):
        def refuse(*arguments, **_):
            tried.append(f"{what} {arguments}")
            raise OSError("not in this test")

        return refuse

    for function in ("run", "check_call", "call", "check_output", "Popen"):
        monkeypatch.setattr(subprocess, function, note("subprocess"))
    monkeypatch.setattr(socket, "getaddrinfo", note("network"))
    monkeypatch.setattr(socket.socket, "connect", note("network"))
    probe = next(PROBES[name] for name in (["pictures"] if "ViT" in name else ["repeated_random_tokens"]))
    few = replace(probe, generate=lambda context: list(probe.generate(context))[:4])
    monkeypatch.setitem(PROBES._items, probe.name, few)
    settings = ScanSettings(probes=(probe.name,))
    outcome = scan_model(folder, db=tmp_path / "heads.db", settings=settings, load=LoadOptions(device="cpu"))
    assert outcome.ran
    assert not tried


@pytest.mark.slow
def test_a_device_map_reaches_the_loader_and_changes_no_score(tiny, tmp_path, monkeypatch):
    """On one device there is nothing to spread; what is asked of Hugging Face's loader is seen all the same."""
    given: list[object] = []
    loader = PreTrainedModel.from_pretrained.__func__

    def spy(cls, *arguments, **options):
        given.append(options.get("device_map"))
        return loader(cls, *arguments, **options)

    monkeypatch.setattr(PreTrainedModel, "from_pretrained", classmethod(spy))
    folder, probe = str(tiny("llama")), ["few_shot_labels"]
    plain = headatlas.scan(folder, db=tmp_path / "one.db", name="m", probe_names=probe)
    other = headatlas.scan(folder, db=tmp_path / "other.db", name="m", probe_names=probe, device_map="auto")
    assert given == [None, "auto"]
    assert plain.scores.equals(other.scores)


@pytest.mark.slow
def test_a_device_map_reaches_a_gguf_model(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    for _ in range(2):  # converted, then from the cache
        model = load_model(path, LoadOptions(device_map="auto"))
        assert model.hf_model.device.type == model.info.device.split(":")[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": "cpu", "device_map": "auto"}, "not both"),
        ({"device_map": "auto", "n_devices": 2}, "just one of --device-map and --n-devices"),
        ({"n_devices": 64}, "cannot be spread over 64 devices"),
    ],
)
def test_devices_that_cannot_be(tiny, options, message):
    with pytest.raises(ModelError, match=message):
        load_model(tiny("llama"), LoadOptions(**options))


def test_a_quantised_model_stays_where_its_loader_put_it():
    from headatlas.models.devices import Placement

    class Quantised:
        is_quantized = True

        def to(self, device):
            raise ValueError("`.to` is not supported for 4-bit models")

    model = Quantised()
    assert Placement("cuda").put(model) is model


@pytest.fixture(scope="module")
def full_precision(tiny, tmp_path_factory):
    """Scores of a tiny model in float32."""
    db, probe = tmp_path_factory.mktemp("full") / "full.db", ["repeated_random_tokens"]
    return headatlas.scan(str(tiny("llama")), db=db, name="m", probe_names=probe, device="cpu").scores


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_sums_in_float32(full_precision, tiny, tmp_path, dtype):
    folder, probe, full = str(tiny("llama")), ["repeated_random_tokens"], full_precision
    half = headatlas.scan(
        folder, db=tmp_path / "half.db", name="m", probe_names=probe, device="cpu", dtype=dtype
    ).scores
    shares = full.pattern != "mean_distance"
    # Summed in 8 bits of mantissa, thousands of queries would stop adding up long before the end.
    assert (full.score - half.score)[shares].abs().max() < 0.03
    assert (full.n_queries == half.n_queries).all()
