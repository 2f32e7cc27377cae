"""Standard output that is full, or of an encoding that lacks what is printed: a sentence or an escape, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEADATLAS = [sys.executable, "-m", "headatlas"]
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["patterns"], ["patterns", "--json"]])
def test_a_full_output_is_said(words):
    with FULL.open("w") as full:
        done = subprocess.run([*HEADATLAS, *words], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "Error: Standard output cannot be written: No space left on device.\n"


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_where_standard_error_is_full_too_nobody_is_told():
    code = "import os, headatlas.cli.main as m\ntry: m.main(['patterns'])\nexcept OSError: os._exit(7)"
    with FULL.open("w") as full:
        assert subprocess.run([sys.executable, "-c", code], stdout=full, stderr=full).returncode == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_an_encoding_lacks_is_escaped(encoding):
    def run(*words: str, encoding: str = encoding) -> str:
        variables = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
        done = subprocess.run([*HEADATLAS, *words], capture_output=True, env=variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode(encoding)

    whole = run("patterns", "--json", encoding="utf-8")
    assert any(ord(letter) > 255 for letter in whole), "something that the encoding lacks"
    assert json.loads(run("patterns", "--json")) == json.loads(whole)
    if encoding != "ascii":  # which click takes for UTF-8 that was set up wrongly
        assert "-----" in run("probes")
