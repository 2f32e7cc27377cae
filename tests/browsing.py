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
VIEWPORT = {"width": 1440, "height": 900}
COMPLAINTS = ("error", "warning")
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


class _Watched:
    """A page, and what it has asked for and complained of since the lists were last cleared."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(viewport=VIEWPORT)
        self.context.set_default_timeout(10_000)
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.context.new_page()
        self.page.on("console", lambda said: self.problems.append(said.text) if said.type in COMPLAINTS else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def reset(self) -> None:
        """As new: nothing open, nothing remembered, the pointer in its corner."""
        if self.page.url.startswith("file:"):
            self.page.evaluate("localStorage.clear()")
        self.page.goto("about:blank")
        if self.page.viewport_size != VIEWPORT:
            self.page.set_viewport_size(VIEWPORT)
        self.page.emulate_media(media="null", color_scheme="light")
        self.page.mouse.move(0, 0)


@pytest.fixture(scope="session")
def _watched(browser) -> Iterator[list[_Watched]]:
    pages: list[_Watched] = []
    yield pages
    for watched in pages:
        watched.context.close()


@pytest.fixture
def page(browser, _watched) -> Iterator[Page]:
    """A page that must ask for nothing outside its folder and report no error.

    It is the same for all tests, since a new one takes as long as what most of them do; after a complaint the next test
    gets another. What cannot be taken back, as a script that runs before a page's own, takes a context of its own.
    """
    watched = _watched.pop() if _watched else _Watched(browser)
    yield watched.page
    watched.reset()
    requests, watched.requests[:] = [*watched.requests], []
    problems, watched.problems[:] = [*watched.problems], []
    assert [url for url in requests if not url.startswith(("file:", "data:", "about:"))] == []
    assert problems == []
    _watched.append(watched)


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


def check_fits_and_is_accessible(page: Page) -> None:
    """Nothing of an open page lies beside the window, and axe finds nothing wrong with it."""
    from axe_playwright_python.sync_playwright import Axe

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    options = {"resultTypes": ["violations"], "preload": False}
    broken = Axe().run(page, options=options).response["violations"]
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in broken] == []


def open_page(page: Page, site: Path, name: str) -> None:
    """Opens a page of a site, and waits for the first of its maps, or for those of two heads, if it has them."""
    path, mark, state = name.partition("#")
    page.goto("about:blank")  # an address that differs after the # alone is not loaded again
    page.goto((site / path).as_uri() + mark + state)
    if page.locator(".map-set").count():
        page.locator(".map-set >> visible=true").first.scroll_into_view_if_needed()
        page.wait_for_selector(".map-set[data-ready] >> visible=true")
    if page.locator("div#heads").count():  # two heads side by side, whose maps a script makes, later
        page.wait_for_selector("div#heads[data-ready]")
