"""The scripts of the site, one bundle a page: a page that is opened loads two files, not ten.

`make scripts` bundles the modules of templates/js into templates/bundles, since a page that is opened from a disk may
not load modules. The bundles are kept with the sources: who writes a site needs no JavaScript tools.
"""

from __future__ import annotations

from headatlas.atlas.build.templating import templates_folder
from headatlas.atlas.draw import colours

BUNDLES = (
    "front", "reader", "model", "explorer", "compare", "heads", "pictures", "scatter", "circuits", "search", "view",
)  # fmt: skip
"""Names of the files in templates/bundles, and in a site's assets/."""


def bundle(name: str) -> str:
    """The text of one of `BUNDLES`, the colours first; search, scatter and circuits paint no maps."""
    text = (templates_folder() / "bundles" / f"{name}.js").read_text(encoding="utf-8")
    return text if name in ("search", "scatter", "circuits") else colours.script() + text
