"""Pages of one file that need no site around them: their frame, and the page of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from headatlas.atlas.build.templating import environment, templates_folder
from headatlas.atlas.draw import colours
from headatlas.errors import OutputError

if TYPE_CHECKING:
    pass


def write_page(path: Path, content: bytes) -> Path:
    """Writes a page.

    Raises:
        OutputError: it cannot be written there.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}. Give another file.") from error
    return path


def render_alone(template: str, **values: Any) -> bytes:
    """A template that extends single_page.html, with the style sheet in it."""
    # The style sheet is ours and holds quotes and angle brackets on purpose.
    style = Markup(colours.stylesheet() + (templates_folder() / "style.css").read_text(encoding="utf-8"))
    return environment().get_template(template).render(style=style, **values).encode("utf-8")
