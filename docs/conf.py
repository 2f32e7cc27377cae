"""How Sphinx makes the documentation site: `make docs-site`.

The sources are the Markdown files of the whole checkout, readable where they lie: README.md is the first page,
and a link from one file to another works on a forge as it does here. Only docs/commands.md and docs/python.md are made
for the site, from the command line's help and from docstrings. Nothing here loads torch or asks the network.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

import headatlas

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "headatlas"
author = "the headatlas authors"
copyright = f"2026 {author}"
version = release = headatlas.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
root_doc = "README"
include_patterns = [
    "*.md",
    "docs/*.md",
    "benchmarks/README.md",
    "benchmarks/history.md",
    "benchmarks/labels/README.md",
    "catalog/README.md",
    "catalog/*/README.md",
]
# Folders that are not even looked into; what they hold can be linked to all the same.
exclude_patterns = [".*", "atlas", "build", "dist", "examples", "headatlas", "templates", "tests"]

html_theme = "furo"
html_title = f"headatlas {release}"
html_copy_source = html_show_sourcelink = False

smartquotes = False  # options begin with two hyphens, not with a dash
highlight_language = "none"
myst_heading_anchors = 4
default_role = "code"  # docstrings are Markdown: single backticks are code
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False

# The pages beside the first, by title; a page that stands in none of them is a warning, which fails.
CONTENTS = {
    "Guide": [
        "install",
        "texts",
        "atlas",
        "catalogue",
        "pictures",
        "sounds",
        "training",
        "ci",
        "scale",
        "recorded",
        "tasks",
        "extending",
        "bench",
        "security",
        "troubleshooting",
    ],
    "Reference": ["commands", "python", "patterns"],
    "Method": [
        "method",
        "labels",
        "evidence",
        "architectures",
        "smollm2",
        "/benchmarks/README",
        "/benchmarks/history",
        "/benchmarks/labels/README",
    ],
    "Catalogue": ["/catalog/README"],
    "Project": ["house", "/CONTRIBUTING", "/SECURITY", "/CHANGELOG"],
}


def add_contents(_app: Sphinx, page: str, source: list[str]) -> None:
    """Hangs the contents onto pages that say nothing of them where they are read without the site."""
    if page == root_doc:
        for title, pages in CONTENTS.items():
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n"
            source[0] += "\n".join(name if name.startswith("/") else f"/docs/{name}" for name in pages) + "\n```\n"
    if page == "catalog/README":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n*/README\n```\n"


def fences_as_blocks(_app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Docstrings fence their code as Markdown does; autodoc reads reStructuredText."""
    inside = False
    for number, line in enumerate(lines):
        fence = re.fullmatch(r"(\s*)```(\w*)", line)
        if fence:
            inside = not inside
            lines[number] = f"{fence[1]}.. code-block:: {fence[2] or 'none'}\n" if inside else ""
        elif inside:
            lines[number] = f"   {line}"
    lines[:] = [part for line in lines for part in line.split("\n")]


def help_as_text(_app: Sphinx, _context: Any, lines: list[str]) -> None:
    """A command's help: `MODEL@step512` is no address; the examples at its end become a block to copy."""
    text = "\n".join(line if line.startswith("| ") else line.replace("@", r"\@") for line in lines)
    lines[:] = re.sub(r"(?:^\| .*\n?)+", _example, text, flags=re.MULTILINE).split("\n")


def _example(lines: re.Match[str]) -> str:
    commands = "".join(f"   {line.removeprefix('| ')}\n" for line in lines[0].splitlines())
    return f".. code-block:: sh\n\n{commands}\n"


def options_as_sentences(_app: Sphinx, _context: Any, lines: list[str]) -> None:
    """What may be given and the default, in the option's own paragraph instead of tables below it."""
    text = "\n".join(lines)
    text = re.sub(r"^( +):default: ``'?(.*?)'?``$", r"\1Default: ``\2``.", text, flags=re.MULTILINE)
    text = re.sub(r"^( +):options: (.*)$", r"\1One of \2.", text, flags=re.MULTILINE)
    text = re.sub(r"\.\n\n( +)(?=Default: |One of )", r".\n\1", text)
    lines[:] = text.split("\n")


def no_arguments(_app: Sphinx, _context: Any, lines: list[str]) -> None:
    """The usage says which arguments there are, the text what they are."""
    lines.clear()


def dashes(_app: Sphinx, page: nodes.document) -> None:
    """Sphinx writes the dash after an error's name as two hyphens."""
    for text in list(page.findall(nodes.Text)):
        if text == " -- ":
            text.parent.replace(text, nodes.Text(" – "))


def copy_first_page(app: Sphinx, error: Exception | None) -> None:
    """The first page also under the name that servers and people look for."""
    if error is None:
        shutil.copyfile(Path(app.outdir) / f"{root_doc}.html", Path(app.outdir) / "index.html")


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("source-read", add_contents)
    app.connect("autodoc-process-docstring", fences_as_blocks, priority=400)  # before napoleon
    app.connect("sphinx-click-process-description", help_as_text)
    app.connect("sphinx-click-process-options", options_as_sentences)
    app.connect("sphinx-click-process-arguments", no_arguments)
    app.connect("doctree-read", dashes)
    app.connect("build-finished", copy_first_page)
