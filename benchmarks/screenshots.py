"""Pictures of a built site: `python benchmarks/screenshots.py SITE docs/images`.

Takes the front, a model and a head page in headless Chromium, wide, and the head page on a telephone, for the
documentation; with `--every` each kind of page, whole, wide and narrow, light and dark, to be looked at. The model
is the first on the front page, the head the first in the page's table of top heads for induction, or the first of
any pattern.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE, NARROW = 1440, 390
KINDS = (
    "index", "model", "head", "head-text", "head-arcs", "layer", "pattern", "probe", "explorer", "scatter", "circuits",
    "heads", "compare", "methods", "glossary", "about",
)  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """One picture."""

    name: str
    kind: str
    width: int = WIDE
    scheme: Literal["light", "dark"] = "light"
    full: bool = False


SHOTS = (
    Shot("index", "index"),
    Shot("model", "model"),
    Shot("head", "head"),
    Shot("head-phone", "head", width=NARROW),
)


def every_page() -> Iterator[Shot]:
    """Each kind of page, wide and narrow, light and dark, whole: to be looked at."""
    for kind in KINDS:
        for width in (WIDE, NARROW):
            for scheme in ("light", "dark"):
                yield Shot(f"{kind}-{width}-{scheme}", kind, width, scheme, full=True)


def addresses(browser: Browser, site: Path) -> dict[str, str]:
    """Kind of page -> its address."""
    page = browser.new_page()
    address_of = {name: (site / f"{name}.html").as_uri() for name in ("index", "methods", "glossary", "compare")}
    page.goto(address_of["index"])
    address_of["model"] = page.locator(".models h3 a").first.evaluate("link => link.href")
    address_of["probe"] = page.locator(".probe-list a").first.evaluate("link => link.href")
    page.goto(address_of["model"])
    top = page.locator("tr:has(#top-induction)")
    top = top if top.count() else page.locator(".tops-of-all tbody tr").first
    address_of["head"] = top.locator("td a").first.evaluate("link => link.href")
    address_of["pattern"] = top.locator("th a").evaluate("link => link.href")
    for name in ("explorer", "scatter", "circuits", "about"):
        address_of[name] = address_of["model"].replace("index.html", f"{name}.html")
    page.goto(address_of["head"])
    address_of["heads"] = page.locator("a[href*='heads.html#a=']").first.evaluate("link => link.href")
    address_of["layer"] = page.locator("header nav a[href^='../layers/']").evaluate("link => link.href")
    start = page.locator(".examples a[aria-current]")
    anchor = start.evaluate("link => link.hash") if start.count() else "#example-1"
    for view in ("text", "arcs"):
        address_of[f"head-{view}"] = f"{address_of['head']}{anchor}&view={view}&row=12"
    page.close()
    return address_of


def settle(page: Page, kind: str) -> None:
    """Waits until the page has drawn itself; on a head's page shows the crosshair and the readout."""
    if kind.startswith(("head", "layer")):
        page.wait_for_selector(".example:not([hidden]) .map-set[data-ready]")
    if kind in ("head", "layer"):
        page.locator(".example:not([hidden]) canvas").first.focus()  # shows the last row's largest weight
    if kind == "explorer":
        page.wait_for_selector(".explorer[data-ready]")
    if kind == "compare":
        page.wait_for_selector("#compare[data-ready]")
    if kind == "heads":
        page.wait_for_selector("#heads[data-ready]")


def take(site: Path, out: Path, shots: Sequence[Shot], chromium: str) -> None:
    """Writes the pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        address_of = addresses(browser, site.resolve())
        for shot in shots:
            if not Path(url2pathname(urlsplit(address_of[shot.kind]).path)).exists():
                continue  # of one model nothing is compared, and circuits are drawn from evidence
            page = browser.new_page(viewport={"width": shot.width, "height": 900}, color_scheme=shot.scheme)
            page.goto(address_of[shot.kind])
            settle(page, shot.kind)
            if shot.full:  # what one has not scrolled to is not laid out
                page.add_style_tag(content="* { content-visibility: visible !important }")
            page.screenshot(path=out / f"{shot.name}.png", full_page=shot.full)
            page.close()
        browser.close()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("site", type=Path, help="folder of a built site")
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument(
        "--every", action="store_true", help="every kind of page, whole, wide and narrow, light and dark"
    )
    options = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.stderr.write("No Chromium found. Install one (`apt-get install chromium`) or set CHROMIUM to its path.\n")
        return 1
    take(options.site, options.out, list(every_page()) if options.every else SHOTS, chromium)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
