"""The static site: pages of HTML with their pictures inside, made from a database. Never imports torch."""

from headatlas.atlas.site import build

__all__ = ["build"]
