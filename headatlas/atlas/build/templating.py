"""Jinja2, strict: an undefined name is an error, everything is escaped."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup, escape

from headatlas.atlas.context.template import Template
from headatlas.atlas.draw.glyphs import visible
from headatlas.atlas.draw.wording import article, count, decapitalized, plural, score, tiny, words


def templates_folder() -> Traversable:
    """Templates, style sheet and scripts: inside the installed package, or at the top of a checkout."""
    packaged = resources.files("headatlas") / "_templates"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[3] / "templates"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates with their filters."""
    folder = templates_folder()

    def load(name: str) -> str:
        try:
            return (folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise TemplateNotFound(name) from None

    made = Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": False}
    made.filters |= {"score": score, "count": count, "tiny": tiny, "visible": visible, "words": words, "plural": plural}
    made.filters |= {"article": article, "decapitalized": decapitalized, "coded": coded}
    return made


def coded(text: str) -> Markup:
    """A text of a docstring, with what stands between `backquotes` as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def render(page: Template) -> bytes:
    """The page's HTML."""
    values = {field.name: getattr(page, field.name) for field in fields(page)}
    return environment().get_template(page.template).render(values).encode("utf-8")
