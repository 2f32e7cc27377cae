"""The documentation is true: its commands run, its generated parts are fresh, its plug-ins work as written."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from headatlas.cli.main import main
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES
from headatlas.scanning.imitated import simple_rules
from tests import warm
from tests.docs_blocks import SHELL, blocks, commands
from tests.test_docs_blocks import reason_not_run

ROOT = Path(__file__).parent.parent


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pattern_definitions_are_fresh():
    written = (ROOT / "docs" / "patterns.md").read_text()
    assert written.startswith(generator().definitions()), "run `make docs`"


def test_every_pattern_stands_in_the_tables():
    for name in ("patterns.md", "smollm2.md"):
        text = (ROOT / "docs" / name).read_text()
        table = text.split("## Heads built by hand")[1].split("\n## ")[0] if name == "patterns.md" else text
        for pattern in PATTERNS:
            if name == "smollm2.md" or pattern.kind == "target":
                row = re.search(rf"(\| {pattern.name} \||\*\*{pattern.name}\*\*)", table)
                assert row, f"{name} lacks {pattern.name}"


def test_the_rules_that_imitate_patterns_are_printed():
    text = (ROOT / "docs" / "patterns.md").read_text().split("## Imitated by simple rules")[1]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")][2:]
    rules = {rule.name for rule in simple_rules()}
    of_text = [pattern for pattern in PATTERNS if PROBES[pattern.probe].medium == "text"]
    assert {row[0] for row in rows} >= {pattern.name for pattern in of_text if pattern.contrast}
    assert {rule for row in rows for rule in row[1::2]} <= rules
    assert all(1 >= float(row[2]) >= float(row[4]) >= float(row[6]) for row in rows)


def test_types_of_evidence_are_fresh():
    module = generator()
    page = (ROOT / "docs" / "evidence.md").read_text()
    assert module.replaced(page, "types", module.types_of_evidence()) == page, "run `make docs`"


def test_what_is_generated_in_the_readme_is_run_by_the_test_of_its_blocks():
    """Which compares what the page shows with what the commands print."""
    module = generator()
    generated = [module.command_of(block[1]) for block in module.BLOCK.finditer((ROOT / "README.md").read_text())]
    assert len(generated) == 6
    shown = [
        command.text for block in blocks(Path("README.md")) if block.language in SHELL for command in commands(block)
    ]
    assert set(generated) <= {text for text in shown if not reason_not_run("README.md", text)}


def test_every_command_stands_in_the_readme_or_help():
    text = (ROOT / "README.md").read_text()
    for name in main.commands:
        assert f"headatlas {name}" in text or f"`{name}`" in text, f"README says nothing of {name}"


PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    ROOT / "benchmarks" / "README.md",
    ROOT / "catalog" / "README.md",
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_the_documentation_names_exist(page):
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        if not link.startswith("http"):
            assert (page.parent / link).exists(), link
    # Paths in a checkout, as `headatlas/catalog/user_sql.py` or `templates/`.
    for path in re.findall(r"`((?:benchmarks|docs|examples|headatlas|templates|tests)/[\w./-]*)", text):
        assert (ROOT / path).exists(), path


def python_blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


EXTENDING = python_blocks("docs/extending.md")
[README_PATTERN] = [block for block in python_blocks("README.md") if "@pattern(" in block]


@pytest.mark.slow
@pytest.mark.parametrize("block", [*EXTENDING, README_PATTERN], ids=lambda block: re.search(r"def (\w+)", block)[1])
def test_examples_of_extending_run_as_printed(tmp_path, block):
    (tmp_path / "block.py").write_text(block)
    done = subprocess.run([sys.executable, "block.py"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def plugin(tmp_path) -> dict[str, str]:
    """A package of somebody else's with the pattern of the README and everything of docs/extending.md."""
    (tmp_path / "my_heads.py").write_text("\n\n".join([README_PATTERN, *EXTENDING]))
    info = tmp_path / "my_heads-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-heads\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[headatlas.patterns]\nmine = my_heads\n[headatlas.probes]\nmine = my_heads\n"
    )
    return os.environ | {
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "HEADATLAS_DB": str(tmp_path / "heads.db"),
        "COLUMNS": "200",
    }


@pytest.mark.slow
def test_plugin_appears_everywhere_without_an_edit(plugin, tiny, tmp_path):
    def run(*arguments: object) -> str:
        done = warm.run(*arguments, env=plugin, cwd=tmp_path, anew=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "Attends to every second token back." in run("patterns", "every_other_token")
    assert "greetings" in run("probes")
    run("scan", tiny("gpt2"), "--as", "tiny", "--probe", "greetings")
    rows = json.loads(run("heads", "tiny", "--pattern", "every_other_token", "--probe", "greetings", "--json"))
    assert len(rows) == 8
    assert all(row["n_sequences"] == 2 for row in rows)
    for pattern in ("greeted_name", "sharpness"):
        rows = json.loads(run("heads", "tiny", "--pattern", pattern, "--probe", "greetings", "--json"))
        assert len(rows) == 8
        assert all(0 < row["score"] <= 1 for row in rows)
    page = Path(run("atlas", "--quiet").strip())
    assert "every other token" in (page.parent / "methods.html").read_text()
