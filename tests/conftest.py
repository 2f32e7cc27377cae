"""Fixtures: tiny models made once a run, and a cache folder of the tests' own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import type_checks

os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"

type_checks.install()


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory) -> Path:
    """Conversions are kept away from the user's own; workers share them."""
    folder = tmp_path_factory.getbasetemp()
    root = (folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder) / "cache"
    os.environ["HEADATLAS_CACHE"] = str(root)
    return root


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Makes, once each, the folder of a tiny model: tiny("llama")."""
    from tests import tiny_models

    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = getattr(tiny_models, f"{kind}_folder")(tmp_path_factory.mktemp("tiny") / kind)
        return made[kind]

    return make
