"""What pages of one file, which need no site around them, have in common: their style, writing them, showing them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from markupsafe import Markup

from headatlas.atlas.build.templating import style_sheet
from headatlas.errors import OutputError
from headatlas.files.given import shown
from headatlas.files.whole import place_of, write_whole

# Height of the frame in a notebook, in CSS pixels.
FRAME_HEIGHT = 760
# How pages and pictures begin: HTML and SVG, and PNG.
_PAGES = (b"<", b"\x89PNG")


def inline_style() -> Markup:
    """The site's style sheet, to stand inside a page."""
    # It is ours and holds quotes and angle brackets on purpose.
    return Markup(style_sheet())


def check_place(path: Path) -> None:
    """Asks before the work whether a page can be written there after it.

    Raises:
        OutputError: there is something else than a file, a file that is no page, or no folder for it.
    """
    with _sentences(path):
        target = place_of(path)
        target.parent.stat()
        _check_replaced(target)


def write_page(path: Path, content: bytes) -> Path:
    """Writes a page, whole or not at all.

    Raises:
        OutputError: it cannot be written there.
    """
    with _sentences(path):
        _check_replaced(place_of(path))
        write_whole(path, content)
    return path


def _check_replaced(target: Path) -> None:
    """Raises OutputError where there is a file that no command of ours writes a page into: it would be lost."""
    if not target.is_file():
        return
    with target.open("rb") as file:
        begins = file.read(100)
    if begins and not begins.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_PAGES):
        raise OutputError(f"{shown(target)} is there already, and is no page: it would be lost. Give another file.")


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{shown(path)} cannot be written: {error.strerror}. Give another file.") from error


def framed(page: str) -> str:
    """A page as a frame in a notebook, apart from the notebook's own styles."""
    return (
        f'<iframe srcdoc="{escape(page)}" title="headatlas" sandbox="allow-scripts allow-downloads" '
        f'style="width: 100%; height: {FRAME_HEIGHT}px; border: 0"></iframe>'
    )
