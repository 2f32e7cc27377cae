"""Fixtures for tests in a browser: headless Chromium, a page that must ask for nothing, a small site."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, started once a worker."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if path is None:
        pytest.fail("No Chromium found. `make test` installs one; or `apt-get install chromium`, or set CHROMIUM.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """A page that must ask for nothing outside its folder and report no error."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    requests: list[str] = []
    problems: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    opened = context.new_page()
    opened.on(
        "console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None
    )
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert problems == []


@pytest.fixture(scope="session")
def small_database(once) -> Path:
    """Two made-up models of twelve heads."""
    from tests.fake_database import make

    return once("small/a.db", lambda path: make(path, models=("other", "tiny/model"), examples=2))


@pytest.fixture(scope="session")
def small_site(once, small_database) -> Path:
    """Their site. A blank and a hash in the path: nothing may depend on where the folder stands."""
    from headatlas.atlas.site import build

    return once("small/my atlas #1", lambda path: build(small_database, path))


def open_page(page: Page, site: Path, name: str) -> None:
    """Opens a page of a site, and waits for the first of its maps, if it has one."""
    path, mark, state = name.partition("#")
    page.goto("about:blank")  # an address that differs after the # alone is not loaded again
    page.goto((site / path).as_uri() + mark + state)
    if page.locator(".map-set").count():
        page.locator(".map-set >> visible=true").first.scroll_into_view_if_needed()
        page.wait_for_selector(".map-set[data-ready] >> visible=true")
