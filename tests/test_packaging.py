"""The wheel, in an environment that has what it declares and nothing of ours: no checkout, no development tools."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from email import message_from_bytes
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from headatlas.atlas.build.scripts import BUNDLES

ROOT = Path(__file__).parent.parent
ONLY_FOR_DEVELOPMENT = ("pytest", "hypothesis", "playwright", "ruff", "mypy", "hatchling", "sphinx")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    (file,) = out.glob("headatlas-*.whl")
    return file


def needed(names: list[str], collected: dict[str, Distribution] | None = None) -> dict[str, Distribution]:
    """The installed distributions that some requirements lead to."""
    collected = {} if collected is None else collected
    for line in names:
        requirement = Requirement(line)
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if not wanted or name in collected:
            continue
        try:
            collected[name] = distribution(requirement.name)
        except PackageNotFoundError:
            continue  # needed on other systems only
        needed(collected[name].requires or [], collected)
    return collected


@pytest.fixture(scope="module")
def environment(tmp_path_factory, wheel) -> Path:
    """A new environment with the wheel and, linked instead of downloaded again, what the wheel requires."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    ours = Path(sysconfig.get_path("purelib"))
    with zipfile.ZipFile(wheel) as file:
        (name,) = (name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        requirements = message_from_bytes(file.read(name)).get_all("Requires-Dist")
    for package in needed(requirements).values():
        for top in {Path(str(file)).parts[0] for file in package.files or []} - {"..", "__pycache__"}:
            if (ours / top).exists() and not (site / top).exists():
                (site / top).symlink_to(ours / top)
    # By the pip at hand, which the new environment need not have.
    install = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install"]
    install += ["--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(list(map(str, install)), check=True, capture_output=True, env=without_this_checkout())
    return folder


def without_this_checkout() -> dict[str, str]:
    """The environment without the path by which tests find what they test: here it is what is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.mark.slow
def test_wheel_holds_modules_templates_and_texts(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for file in (ROOT / "headatlas").rglob("*.py"):
        assert str(file.relative_to(ROOT)) in names
    shipped = {name.removeprefix("headatlas/_templates/") for name in names if name.startswith("headatlas/_templates/")}
    files = (file.relative_to(ROOT / "templates") for file in (ROOT / "templates").rglob("*") if file.is_file())
    assert shipped == {file.as_posix() for file in files if file.parts[0] != "js"}, "bundles, not their modules"
    assert {f"bundles/{name}.js" for name in BUNDLES} <= shipped
    for file in (ROOT / "headatlas/probes/passages").glob("*.toml"):
        assert f"headatlas/probes/passages/{file.name}" in names
    assert "headatlas/py.typed" in names, "without it type checkers look away"
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "docs"))]


@pytest.mark.slow
def test_wheel_says_who_made_it_and_under_which_licence(wheel):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    inside = f"headatlas-{project['version']}.dist-info"
    with zipfile.ZipFile(wheel) as file:
        metadata = file.read(f"{inside}/METADATA").decode()
        licence = file.read(f"{inside}/licenses/LICENSE").decode()
    assert licence == (ROOT / "LICENSE").read_text()
    assert "Apache License\n                           Version 2.0" in licence
    for line in ("License-Expression: Apache-2.0", "License-File: LICENSE", "Author: The headatlas authors"):
        assert f"\n{line}\n" in metadata


def test_citation_is_of_this_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "CITATION.cff").read_text().splitlines()
    assert f"version: {project['version']}" in lines
    assert f"license: {project['license']}" in lines


@pytest.mark.slow
def test_installed_wheel_scans_and_writes_a_site(environment, tiny, tmp_path):
    model = tiny("llama")
    variables = without_this_checkout()

    def run(*arguments: object) -> str:
        done = subprocess.run(
            [str(environment / "bin" / "headatlas"), *map(str, arguments)],
            cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    script = f"import importlib.util as u; print([n for n in {ONLY_FOR_DEVELOPMENT} if u.find_spec(n)])"
    python = [str(environment / "bin" / "python"), "-c", script]
    assert subprocess.run(python, cwd=tmp_path, env=variables, capture_output=True, text=True).stdout.strip() == "[]"

    run("scan", model, "--as", "tiny", "--probe", "repeated_random_tokens")
    page = Path(run("atlas").strip())
    assert page == tmp_path / "atlas" / "index.html"
    assert "tiny" in page.read_text()
    assert "induction" in run("heads", "tiny", "--pattern", "induction")
