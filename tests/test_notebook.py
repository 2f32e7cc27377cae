"""examples/first_scan.ipynb in a kernel of Jupyter: what a notebook shows, not only that it runs."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "examples" / "first_scan.ipynb"


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> list[list[nbformat.NotebookNode]]:
    """The outputs of each cell of code."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "examples").mkdir()
    (folder / "catalog").symlink_to(ROOT / "catalog")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HF_HUB_OFFLINE": "1"}
    client = NotebookClient(
        notebook, timeout=300, startup_timeout=300, resources={"metadata": {"path": str(folder / "examples")}}
    )
    # Sockets that are files: a free port may be somebody else's by the time the kernel listens to it.
    with tempfile.TemporaryDirectory() as sockets:  # whose path is short, as that of a socket must be
        kernel = client.create_kernel_manager()
        kernel.transport, kernel.ip = "ipc", f"{sockets}/kernel"
        client.execute(env=environment)
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def outputs(shown: list[list[nbformat.NotebookNode]], start: str) -> list[nbformat.NotebookNode]:
    """What the cell that begins like this gave."""
    cells = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    (number,) = (number for number, cell in enumerate(cells) if cell.source.startswith(start))
    return shown[number]


def value(shown: list[list[nbformat.NotebookNode]], start: str, form: str = "text/plain") -> str:
    (result,) = (output for output in outputs(shown, start) if output.output_type == "execute_result")
    return result.data[form]


@pytest.mark.slow
def test_a_scan_shows_how_far_it_is_and_then_itself(shown):
    written = "".join(str(output.get("text", output.get("data", ""))) for output in outputs(shown, "import headatlas"))
    assert "scanning: 100%" in written
    assert value(shown, "import headatlas") == "Scan('tiny' in 'first_scan.db')"
    assert "tiny: heads by label" in value(shown, "import headatlas", "text/html")


@pytest.mark.slow
def test_heads_and_texts_show_their_attention(shown):
    for start in ("scan.head(1, 0)", "headatlas.view("):
        page = value(shown, start, "text/html")
        assert page.startswith("<iframe")
        assert "https://" not in page, "a page of a notebook needs no network"


@pytest.mark.slow
def test_what_is_asked_of_the_catalogue(shown):
    assert "smollm2-135m: imported" in outputs(shown, "!headatlas import")[0].text
    models = value(shown, "catalog.models().frame()")
    assert "tiny" in models
    assert "smollm2-135m" in models
    assert "<table" in value(shown, "catalog = ", "text/html")
    pairs = value(shown, "induction.pairs()")
    assert "(18, 6)" in pairs
    assert pairs.count("(") == 5
    assert value(shown, "catalog.query(").splitlines()[0].split() == ["layer", "sink"]


def test_the_notebook_is_kept_without_outputs():
    """They would be another run's, and large."""
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
