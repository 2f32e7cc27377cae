"""A scan of a name that is there already, of weights that have changed since."""

from __future__ import annotations

import shutil

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file

import headatlas
from headatlas.cli.main import main
from headatlas.models.load import load_model, weights_digest

PROBE = ("needle_in_filler",)
SENTENCE = (
    "{db} holds a scan of 'ft' already. The weights changed since; --force replaces the scan, --as NAME keeps both."
)


@pytest.fixture
def folder(tiny, tmp_path):
    return shutil.copytree(tiny("gpt2"), tmp_path / "ft")


def save_again(folder) -> None:
    """What further training does to a folder."""
    file = folder / "model.safetensors"
    weights = load_file(file)
    weights["transformer.h.0.attn.c_attn.weight"] += 0.5
    save_file(weights, file, metadata={"format": "pt"})


@pytest.mark.slow
def test_a_folder_that_was_saved_again(folder, tmp_path):
    def scan(*options: str):
        command = ["scan", str(folder), "--as", "ft", "--db", str(db), "--probe", *PROBE, *options]
        return CliRunner().invoke(main, command)

    db = tmp_path / "heads.db"
    assert scan().exit_code == 0
    assert "nothing to do" in scan().stderr
    with headatlas.open(db) as catalog:
        before = catalog.scores("ft")
    save_again(folder)
    refused = scan()
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1] == f"Error: {SENTENCE.format(db=db)}"
    with pytest.raises(headatlas.WeightsChangedError) as error:
        headatlas.scan(folder, db=db, name="ft", probe_names=PROBE)
    assert str(error.value) == SENTENCE.format(db=db)
    assert scan("--force").exit_code == 0
    with headatlas.open(db) as catalog:
        assert not catalog.scores("ft").equals(before)
    assert "nothing to do" in scan().stderr
    shutil.rmtree(folder)  # nothing to compare with
    assert "nothing to do" in scan().stderr


@pytest.mark.slow
def test_a_bridge_that_was_changed_in_place(folder, tmp_path):
    db = tmp_path / "heads.db"
    bridge = load_model(str(folder)).bridge
    first = weights_digest(bridge)
    headatlas.scan(bridge, db=db, name="ft", probe_names=PROBE)
    headatlas.scan(bridge, db=db, name="ft", probe_names=PROBE)
    assert weights_digest(bridge) == first, "scanning changes nothing"
    with torch.no_grad():
        next(iter(bridge.parameters()))[0, 0] += 1e-3
    with pytest.raises(headatlas.WeightsChangedError, match="The weights changed since; --force"):
        headatlas.scan(bridge, db=db, name="ft", probe_names=PROBE)
    headatlas.scan(bridge, db=db, name="ft", probe_names=PROBE, force=True)
    headatlas.scan(bridge, db=db, name="ft", probe_names=PROBE)


def test_every_number_format_has_a_digest():
    module = torch.nn.ParameterDict(
        {
            "rounded": torch.nn.Parameter(torch.ones(3, dtype=torch.bfloat16)),
            "single": torch.nn.Parameter(torch.tensor(2.0)),
            "strided": torch.nn.Parameter(torch.arange(6.0).view(2, 3).T),
        }
    )
    before = weights_digest(module)
    assert weights_digest(module) == before
    with torch.no_grad():
        module["strided"][2, 1] += 1
    assert weights_digest(module) != before
