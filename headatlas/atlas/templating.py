"""Jinja2, strict: an undefined name is an error, everything is escaped."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateNotFound

from headatlas.atlas.glyphs import visible
from headatlas.atlas.pages import Page


def templates_folder() -> Traversable:
    """Templates, style sheet and scripts: inside the installed package, or at the top of a checkout."""
    packaged = resources.files("headatlas") / "_templates"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[2] / "templates"


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
    return made


def render(page: Page) -> bytes:
    """The page's HTML."""
    values = {field.name: getattr(page, field.name) for field in fields(page)}
    return environment().get_template(page.template).render(values).encode("utf-8")


def score(value: float | None, decimals: int = 3) -> str:
    """Three decimals below 10, one above; a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:.{decimals}f}" if abs(value) < 10 else f"{value:.1f}"


def two_digits(value: float | None) -> str:
    """A value in the room of a mosaic's cell: .37, 1, 4.2, 13."""
    if value is None:
        return "–"
    if abs(value) >= 9.95:
        return f"{value:.0f}"
    if abs(value) > 1:
        return f"{value:.1f}"
    text = f"{value:.2f}"
    return "1" if text == "1.00" else text.replace("0.", ".")


def count(value: float | None) -> str:
    """Thousands apart: 1,234."""
    return "–" if value is None else f"{value:,}"


def tiny(value: float | None) -> str:
    """A difference: 1.2e-07."""
    return "–" if value is None else "0" if value == 0 else f"{value:.1e}"


def words(name: str) -> str:
    """A name in words: previous_token is "previous token"."""
    return name.replace("_", " ")


def plural(number: int, one: str, many: str = "") -> str:
    """`plural(2, "head")` is "2 heads"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
