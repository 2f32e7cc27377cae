"""Pages of one file that need no site around them: their frame, and the page of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from headatlas.atlas import colours
from headatlas.atlas.templating import environment, templates_folder
from headatlas.errors import OutputError

if TYPE_CHECKING:
    from headatlas.compare import Comparison

_MOST_CHANGES = 200


def compare_page(comparison: Comparison) -> bytes:
    """A comparison as one HTML file."""
    if comparison.same_shape:
        sentence = (
            f"{comparison.second} against {comparison.first}, head by head ({comparison.shapes[0]}): "
            f"{len(comparison.real):,} of {len(comparison.changes):,} scores really changed"
        )
        if comparison.has_labels:
            sentence += f", {len(comparison.changed_labels):,} labels came or went beyond their interval"
    else:
        sentence = (
            f"{comparison.first} has {comparison.shapes[0]}, {comparison.second} {comparison.shapes[1]}: "
            "compared by kind and by nearest head"
        )
    return render_alone(
        "comparison.html",
        title=f"{comparison.first} and {comparison.second}",
        description=sentence + ".",
        comparison=comparison,
        changes=comparison.real[:_MOST_CHANGES],
        matches=[] if comparison.same_shape else comparison.matches,
    )


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
