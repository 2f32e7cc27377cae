"""The scripts of each kind of page, joined into one file: a page that is opened loads two files, not ten."""

from __future__ import annotations

from headatlas.atlas.build.templating import templates_folder
from headatlas.atlas.draw import colours

_MAPS = ("common", "weights", "tokens", "arcs", "picture", "heatmap", "maps")
BUNDLES: dict[str, tuple[str, ...]] = {
    "front": (*_MAPS, "search"),
    "reader": (*_MAPS, "examples"),
    "model": ("common", "picture", "mosaic", "dots"),
    "explorer": ("common", "explorer"),
    "pair": ("common", "pair"),
    "view": (*_MAPS, "examples", "view"),
}
"""Name of the file in assets/ -> the scripts in templates/ that it consists of."""


def bundle(name: str) -> str:
    """The text of one of `BUNDLES`, the colours first."""
    folder = templates_folder()
    return "\n".join([colours.script(), *((folder / f"{one}.js").read_text(encoding="utf-8") for one in BUNDLES[name])])
