"""What pages of one file, which need no site around them, have in common: their style, writing them, showing them."""

from __future__ import annotations

from html import escape
from pathlib import Path

from markupsafe import Markup

from headatlas.atlas.build.templating import templates_folder
from headatlas.atlas.draw import colours
from headatlas.errors import OutputError
from headatlas.files.whole import write_whole

# Height of the frame in a notebook, in CSS pixels.
FRAME_HEIGHT = 760


def inline_style() -> Markup:
    """The site's style sheet, to stand inside a page."""
    # It is ours and holds quotes and angle brackets on purpose.
    return Markup(colours.stylesheet() + (templates_folder() / "style.css").read_text(encoding="utf-8"))


def write_page(path: Path, content: bytes) -> Path:
    """Writes a page, whole or not at all.

    Raises:
        OutputError: it cannot be written there.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}. Give another file.") from error
    return path


def framed(page: str) -> str:
    """A page as a frame in a notebook, apart from the notebook's own styles."""
    return (
        f'<iframe srcdoc="{escape(page)}" title="headatlas" sandbox="allow-scripts allow-downloads" '
        f'style="width: 100%; height: {FRAME_HEIGHT}px; border: 0"></iframe>'
    )
