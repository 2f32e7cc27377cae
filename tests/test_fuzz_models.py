"""Hostile folders and files of models that once ended in a traceback, an endless wait or gigabytes: a sentence each."""

from __future__ import annotations

import json
import os
import shutil
import struct
import zipfile

import pytest
import torch
from safetensors.numpy import load_file, save_file

from headatlas.errors import ModelError
from headatlas.models.finding import find
from headatlas.models.load import load_model
from tests import warm
from tests.tiny_models import gguf_file


@pytest.fixture
def model(tiny, tmp_path):
    """A model's folder to spoil."""
    return shutil.copytree(tiny("llama"), tmp_path / "model")


def changed(folder, name, **settings):
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))
    return folder


def test_a_context_that_no_database_can_hold(model):
    with pytest.raises(ModelError, match="`max_position_embeddings` is 9,223,372,036,854,775,808, and no model reads"):
        load_model(changed(model, "config.json", max_position_embeddings=2**63))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (dict.fromkeys(map(str, range(20_000)), 1), "it has 20,0.. settings"),
        ({"rope_scaling": dict.fromkeys(map(str, range(20_000)), 1)}, "`rope_scaling` has 20,000 settings"),
        ({"num_local_experts": 10**6}, "`num_local_experts` is 1,000,000; from 0 to 10,000 are read"),
        ({"n_routed_experts": 10**6}, "`n_routed_experts` is 1,000,000"),
    ],
    ids=["settings", "inner", "experts", "routed"],
)
def test_configurations_that_take_minutes(model, settings, said):
    with pytest.raises(ModelError, match=f"cannot be meant: {said}"):
        find(str(changed(model, "config.json", **settings)), None, False)


def test_a_model_larger_than_its_files(model):
    """No size alone is too large, and what the files lack would be made up."""
    changed(model, "config.json", num_hidden_layers=8, hidden_size=2048, intermediate_size=2**14)
    with pytest.raises(ModelError, match=r"calls for 808,388,608 weights, and the files hold 0\.2 MB"):
        load_model(model)


def test_a_header_of_more_tensors_than_a_model_has(model):
    with (model / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", 2**25))
        file.truncate(2**26)
    with pytest.raises(ModelError, match=r"model\.safetensors has a header of 34 MB; at most 17 MB are read"):
        find(str(model), None, False)


@pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors.index.json"])
def test_json_that_takes_gigabytes(model, name):
    (model / name).write_bytes(b"[" + b"[]," * 5_000_000 + b"1]")
    with pytest.raises(ModelError, match=f"{name} has more than 5,000,000 values"):
        find(str(model), None, False)
    with (model / name).open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ModelError, match=f"{name} has 1,099,512 MB; at most 134 MB are read"):
        find(str(model), None, False)


def test_a_gguf_file_with_more_values_than_a_vocabulary_has(tmp_path):
    content = gguf_file(tmp_path / "a.gguf").read_bytes()
    version, n_tensors, n_keys = struct.unpack_from("<IQQ", content, 4)
    n_values = 3_000_001
    key = struct.pack("<Q1sIIQ", 1, b"x", 9, 0, n_values) + bytes(n_values)
    header = b"GGUF" + struct.pack("<IQQ", version, n_tensors, n_keys + 1)
    (tmp_path / "b.gguf").write_bytes(header + key + content[24:])
    with pytest.raises(ModelError, match="its arrays have more than 3,000,000 values"):
        load_model(tmp_path / "b.gguf")


PREPEND = {"type": "Prepend", "prepend": "a" * 10_000}
REPLACE = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 10_000}
LETTER = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
MARK = {"SpecialToken": {"id": "<s>", "type_id": 0}}
TEXT = {"Sequence": {"id": "A", "type_id": 0}}
MARKS = {"<s>": {"id": "<s>", "ids": [0] * 5, "tokens": ["<s>"] * 5}}
AROUND = {"type": "TemplateProcessing", "single": [MARK] * 300 + [TEXT], "pair": [TEXT], "special_tokens": MARKS}


@pytest.mark.parametrize(
    ("part", "steps", "said"),
    [
        ("normalizer", PREPEND, "its `normalizer` can make a text 40,004 times as long"),
        ("normalizer", {"type": "Sequence", "normalizers": [{"type": "ByteLevel"}] * 12}, "can make a text 67,108,864"),
        ("pre_tokenizer", {"type": "Sequence", "pretokenizers": [LETTER] * 12}, "can make a text 16,777,216"),
        ("post_processor", AROUND, "its `post_processor` can make a text 1,501 times as long"),
        ("decoder", REPLACE, "its `decoder` can make a text 10,000 times as long"),
        ("normalizer", REPLACE | {"pattern": {"Regex": ""}}, "it replaces the empty text"),
    ],
    ids=["prepend", "bytes", "bytes again", "template", "decoder", "nothing"],
)
def test_tokenizers_that_write_a_text_many_times(model, part, steps, said):
    with pytest.raises(ModelError, match=said):
        load_model(changed(model, "tokenizer.json", **{part: steps}))


def test_a_tokenizer_whose_library_panics_is_left_out(model, logged):
    """What is raised there is no Exception."""
    changed(model, "tokenizer.json", normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"})
    assert load_model(model).tokenizer is None
    assert "could not be read, so it is left out: PanicError" in logged()


def test_no_stack_of_a_library_buries_the_sentence(model):
    changed(model, "tokenizer.json", pre_tokenizer={"type": "FixedLength", "length": 0})
    done = warm.run("view", model, "Some words.", env=os.environ | {"RUST_BACKTRACE": "1"}, timeout=120)
    assert done.returncode == 1
    assert "The model's tokenizer fails on a text (PanicError" in " ".join(done.stderr.split())
    assert "panicked" in done.stderr
    assert "stack backtrace" not in done.stderr


def test_weights_in_parts_are_read_as_before(model):
    weights = load_file(model / "model.safetensors")
    names = sorted(weights)
    (model / "model.safetensors").unlink()
    places = {}
    for number, part in enumerate((names[:5], names[5:]), 1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: weights[name] for name in part}, model / file, {"format": "pt"})
        places |= dict.fromkeys(part, file)
    (model / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))
    assert load_model(model).info.n_layers == 2


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/dev/zero", "names /dev/zero, which is not in its folder"),
        ("../model.safetensors", r"names \.\./model\.safetensors, which is not in its folder"),
        ("pipe", "pipe is a pipe, not a file"),
        ("\ud800", r"\\ud800 cannot be read"),
        ("a\0b", "cannot be read: embedded null byte"),
        (5, "has no `weight_map` from the names of weights to those of files"),
    ],
    ids=["device", "above", "pipe", "half", "nul", "number"],
)
def test_weights_that_are_to_be_read_from_elsewhere(model, place, said):
    (model / "model.safetensors").rename(model / "model-00001-of-00001.safetensors")
    os.mkfifo(model / "pipe")
    (model / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": {"a": place}}))
    with pytest.raises(ModelError, match=said):
        find(str(model), None, False)


def test_weights_of_a_format_that_was_not_fetched(model):
    """Of a model with weights in two formats many fetch one."""
    places = {"weight_map": {"a": "pytorch_model-00001-of-00002.bin"}}
    (model / "pytorch_model.bin.index.json").write_text(json.dumps(places))
    assert load_model(model).info.n_layers == 2


@pytest.fixture
def pickled(model):
    """The same model's weights as `torch.save` writes them."""
    weights = {name: torch.from_numpy(array) for name, array in load_file(model / "model.safetensors").items()}
    (model / "model.safetensors").unlink()
    torch.save(weights, model / "pytorch_model.bin")
    return model / "pytorch_model.bin"


def written_again(file, method=zipfile.ZIP_STORED, objects=None):
    """An archive of the same entries; `objects` in the place of what describes its tensors."""
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, objects if objects and name.endswith(".pkl") else content)


def test_weights_that_pytorch_saved(pickled):
    assert load_model(pickled.parent).info.n_layers == 2
    torch.save(torch.load(pickled), pickled, _use_new_zipfile_serialization=False)
    pickled.write_bytes(pickled.read_bytes() + bytes(2**22))
    assert load_model(pickled.parent).info.n_layers == 2


LISTS = b"\x80\x02" + b"]" * 2**23


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: written_again(file, zipfile.ZIP_DEFLATED), "it is packed"),
        (lambda file: written_again(file, objects=LISTS), "what describes its tensors has 8 MB"),
        (lambda file: file.write_bytes(LISTS), "it does not begin with at most 4 MB of objects"),
        (lambda file: file.write_bytes(file.read_bytes()[:5000]), "it is damaged"),
    ],
    ids=["packed", "lists", "lists as before 1.6", "cut off"],
)
def test_weights_that_pytorch_did_not_save(pickled, spoil, said):
    """PyTorch unpacks what is packed, and makes every object that is asked for."""
    spoil(pickled)
    with pytest.raises(ModelError, match=f"is no file that `torch.save` writes: {said}"):
        find(str(pickled.parent), None, False)


def test_special_tokens_without_number(model):
    """Each is compared with all others."""
    tokens = [f"<{number}>" for number in range(20_000)]
    with pytest.raises(ModelError, match="`additional_special_tokens` has 20,000 tokens; at most 10,000 are read"):
        load_model(changed(model, "tokenizer_config.json", additional_special_tokens=tokens))
