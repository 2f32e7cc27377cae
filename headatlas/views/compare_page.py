"""The page of a comparison, in one file."""

from __future__ import annotations

from headatlas.atlas.build.templating import render
from headatlas.catalog.compare import Comparison
from headatlas.views.contexts import ComparePage
from headatlas.views.single_page import inline_style

_MAX_CHANGES = 200


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
    return render(
        ComparePage(
            title=f"{comparison.first} and {comparison.second}",
            description=sentence + ".",
            style=inline_style(),
            comparison=comparison,
            changes=comparison.listed[:_MAX_CHANGES],
            matches=[] if comparison.same_shape else comparison.matches,
        )
    )
