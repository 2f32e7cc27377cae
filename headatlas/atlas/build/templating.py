"""Jinja2, strict: an undefined name is an error, everything is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup, escape

from headatlas.atlas.context.heatmaps import WildPiece
from headatlas.atlas.context.template import Template
from headatlas.atlas.draw import colours
from headatlas.atlas.draw.glyphs import spelled, visible
from headatlas.atlas.draw.wording import article, count, decapitalized, plural, score, tiny, words


def templates_folder() -> Traversable:
    """Templates, style sheet and scripts: inside the installed package, or at the top of a checkout."""
    packaged = resources.files("headatlas") / "_templates"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[3] / "templates"


def style_sheet() -> str:
    """The site's style sheet: the generated colours, and all else."""
    return colours.stylesheet() + (templates_folder() / "style.css").read_text(encoding="utf-8")


@lru_cache(maxsize=2)
def environment(*, of_site: bool = False) -> Environment:
    """The templates with their filters; those of a site's pages are `shortened`."""
    folder = templates_folder()

    def load(name: str) -> str:
        try:
            template = (folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise TemplateNotFound(name) from None
        return shortened(template) if of_site else template

    made = Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": False}
    made.filters |= {"score": score, "count": count, "tiny": tiny, "visible": visible, "words": words, "plural": plural}
    made.filters |= {"article": article, "decapitalized": decapitalized, "coded": coded, "cited": cited}
    made.filters |= {"shaded": shaded}
    return made


def _finalized(value: Any) -> Any:
    """What is put into a page: texts from elsewhere spelled, whatever is made by us as it is."""
    return spelled(value) if type(value) is str else value


# HTML closes these by itself, or opens them: https://html.spec.whatwg.org/multipage/syntax.html#optional-tags
_CLOSED_ANYWAY = re.compile(
    r"</(?:(?:td|th|tr|thead|tbody)>\s*|(?:li|dt|dd|option|optgroup)>)|</?(?:head|body)>\n|</html>\n"
)
# What begins or ends a block begins a line anyway.
_BEFORE_BLOCK = re.compile(
    r"\n(?=</?(?:article|dd|details|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|li|link|main|meta|nav|ol|p|pre"
    r"|script|section|summary|table|tbody|td|th|thead|tr|title|ul)\b)"
)
_TAG = re.compile(r"<[a-z](?:[^<>{}]|\{\{.*?\}\}|\{%.*?%\})*>", re.DOTALL)
_FILLED_IN = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
_WORD_IN_QUOTES = re.compile(r'(?<=\s)([a-z-]+)="([\w-]+)"(?=[\s>])')


def shortened(template: str) -> str:
    """A template without what HTML does not ask for: tags that it knows of, lines, quotation marks around a word.

    That is a tenth of a page, and costs nothing when pages are made.
    """

    def unquoted(tag: re.Match[str]) -> str:
        parts = _FILLED_IN.split(tag[0])
        return "".join(part if at % 2 else _WORD_IN_QUOTES.sub(r"\1=\2", part) for at, part in enumerate(parts))

    return _TAG.sub(unquoted, _BEFORE_BLOCK.sub("", _CLOSED_ANYWAY.sub("", template)))


_ADDRESS = re.compile(
    r"arXiv:(?P<paper>\d{4}\.\d{4,5}(?:v\d+)?)|doi:(?P<doi>10\.\d{4,9}/[^\s,;)]*[^\s,;).])"
    r"|(?:https://)?(?P<web>(?:[a-z0-9-]+\.)+[a-z]{2,6}/[^\s,;)]*[^\s,;).])"
)


def cited(text: str) -> Markup:
    """A source with its addresses as links: arXiv:2209.11895, doi:10.1000/x, transformer-circuits.pub/2021."""
    text, parts, end = spelled(text), [], 0
    for match in _ADDRESS.finditer(text):
        paper, doi, web = match["paper"], match["doi"], match["web"]
        href = f"https://arxiv.org/abs/{paper}" if paper else f"https://doi.org/{doi}" if doi else f"https://{web}"
        parts += [escape(text[end : match.start()]), Markup('<a href="{}">{}</a>').format(href, match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def coded(text: str) -> Markup:
    """A text of a docstring, with what stands between `backquotes` as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(spelled(text)))))


def shaded(pieces: Sequence[WildPiece]) -> Markup:
    """Running text with what is looked at marked, and the token that looks in bold.

    A head's page has two hundred pieces: in a template they took a tenth of the time that its site takes.
    """
    text = []
    for piece in pieces:
        shown = html.escape(piece.text, quote=False)
        if piece.query:
            shown = f"<b class={piece.step}>{shown}</b>" if piece.step else f"<b>{shown}</b>"
        elif piece.step:
            shown = f"<mark class={piece.step}>{shown}</mark>"
        text.append(shown)
    return Markup("".join(text))


def render(page: Template) -> bytes:
    """The page's HTML."""
    values = {field.name: getattr(page, field.name) for field in fields(page)}
    return environment(of_site=page.of_site).get_template(page.template).render(values).encode("utf-8")
