"""What SECURITY.md promises of models and files that others made: none of their code runs."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from headatlas.attention.recorded_files import read
from headatlas.errors import HeadatlasError, ModelError
from headatlas.models.load import load_model


class Trap:
    """Whoever unpickles it makes the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_the_trap_works(tmp_path):
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("zipped", [False, True], ids=["old format", "new format"])
def test_pickled_weights_run_nothing(tiny, tmp_path, zipped):
    folder = tmp_path / "model"
    shutil.copytree(tiny("llama"), folder)
    (folder / "model.safetensors").unlink()
    content = pickle.dumps({"model.norm.weight": Trap(tmp_path / "sprung")}, protocol=2)
    if zipped:
        with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as file:
            file.writestr("archive/data.pkl", content)
            file.writestr("archive/version", "3\n")
    else:
        (folder / "pytorch_model.bin").write_bytes(content)
    with pytest.raises(ModelError, match="could not be read"):
        load_model(folder)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("model_type", ["own", "llama"], ids=["unknown type", "known type"])
def test_code_beside_a_model_is_not_run(tiny, tmp_path, model_type):
    folder = tmp_path / "model"
    shutil.copytree(tiny("llama"), folder)
    config = json.loads((folder / "config.json").read_text())
    classes = {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}
    (folder / "config.json").write_text(json.dumps(config | {"model_type": model_type, "auto_map": classes}))
    (folder / "own.py").write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'sprung')!r}).touch()\n")
    if model_type == "own":
        with pytest.raises(ModelError, match="comes with its own code"):
            load_model(folder)
    else:  # transformers' own class of that type is taken
        assert load_model(folder).hf_model is not None
    assert not (tmp_path / "sprung").exists()


def test_objects_in_recorded_attention_are_refused(tmp_path):
    traps = np.array([Trap(tmp_path / "sprung")], dtype=object)
    np.savez(tmp_path / "attention.npz", attention=traps, token_ids=traps)
    with pytest.raises(HeadatlasError, match="cannot be read"):
        read(tmp_path / "attention.npz")
    assert not (tmp_path / "sprung").exists()
