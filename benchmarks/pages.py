"""How large a site is and how soon its pages answer: `python benchmarks/pages.py DATABASE`.

Builds the site of the database anew, again, and again after one head's label changed; opens a head's and the model's
page from the disk in headless Chromium and takes the times from the browser's own performance entries; does the same
with a made-up model of 64 layers by 64 heads. Prints a table for benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.screenshots import FLAGS
from headatlas.atlas.site import build
from headatlas.catalog.catalog import Catalog
from tests.fake_database import make

REPEATS = 7
# When the page is parsed and its deferred scripts have run, and (where there are maps) the first is drawn and answers.
INTERACTIVE = """async (maps) => {
  if (maps) await new Promise((done) => {
    const look = () => document.querySelector(".map-set[data-ready]") ? done() : requestAnimationFrame(look);
    look();
  });
  const ready = performance.now();
  const [entry] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return {ready: maps ? ready : entry.domContentLoadedEventEnd, paint: paint ? paint.startTime : 0};
}"""
# From choosing another pattern to the mosaic in its colours, drawn.
CHOOSE = """async (pattern) => {
  const select = document.querySelector("select[name=pattern]");
  const start = performance.now();
  select.value = pattern;
  select.dispatchEvent(new Event("change", {bubbles: true}));
  await new Promise((done) => {
    const look = () => document.querySelector(`[data-shown="${pattern}"]`) ? done() : requestAnimationFrame(look);
    look();
  });
  document.body.offsetHeight;
  return performance.now() - start;
}"""


def timed(work: Callable[[], object]) -> float:
    """Seconds that something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def size_of(site: Path) -> float:
    """Megabytes."""
    return sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 1e6


def opened(browser: Browser, page: Path, maps: bool) -> tuple[list[float], list[float]]:
    """Milliseconds until a page answers, and until it has drawn something, each time in a fresh context."""
    ready, paint = [], []
    for _ in range(REPEATS):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        tab = context.new_page()
        tab.goto(page.as_uri())
        found = tab.evaluate(INTERACTIVE, maps)
        tab.wait_for_timeout(50)
        ready.append(found["ready"])
        paint.append(tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"))
        context.close()
    return ready, paint


def chosen(browser: Browser, page: Path, pattern: str) -> list[float]:
    """Milliseconds from choosing a pattern on a model's page to its mosaic."""
    times = []
    for _ in range(REPEATS):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        tab = context.new_page()
        tab.goto(page.as_uri())
        times.append(tab.evaluate(CHOOSE, pattern))
        context.close()
    return times


def line(what: str, values: list[float], unit: str, goal: str = "") -> str:
    """A row of the table."""
    digits = 0 if unit == "ms" else 1
    spread = f"{min(values):.{digits}f}-{max(values):.{digits}f} {unit}" if len(values) > 1 else ""
    return f"| {what} | {statistics.median(values):.{digits}f} {unit} | {spread} | {len(values)} | {goal} |"


def grown(folder: Path) -> list[float]:
    """Seconds to write three made-up models of 256 heads, and then a fourth beside them."""
    database = make(folder / "four.db", models=("a", "b", "c", "d"), layers=16, heads=16)
    site = folder / "four"
    return [
        timed(lambda: build(database, site, models=("a", "b", "c"))),
        timed(lambda: build(database, site)),
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("database", type=Path)
    database = parser.parse_args().database
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    print("| what | median | range | runs | goal |\n| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        site = Path(folder) / "site"
        print(line("site written anew", [timed(lambda: build(database, site))], "s", "30 s"))
        print(line("the same, nothing changed", [timed(lambda: build(database, site)) for _ in range(3)], "s"))
        with Catalog(database) as catalog:
            n_heads = catalog.rows("select count(*) from heads")[0][0]
        print(line(f"size of the site, {n_heads} heads", [size_of(site)], "MB", "25 MB"))
        model = next(site.glob("*/explorer.html")).parent
        head = sorted((model / "heads").iterdir())[n_heads // 2]
        ready, paint = opened(browser, head, True)
        print(line("head page interactive, from the disk", ready, "ms", "300 ms"))
        print(line("head page, first paint", paint, "ms"))
        ready, paint = opened(browser, model / "index.html", False)
        print(line("model page interactive, from the disk", ready, "ms", "700 ms"))
        print(line("model page, first paint", paint, "ms"))
        print(line("model page, coloured by another pattern", chosen(browser, model / "index.html", "entropy"), "ms"))
        three, fourth = grown(Path(folder))
        print(line("three made-up models of 256 heads, written anew", [three], "s"))
        print(line("written again with a fourth model", [fourth], "s"))

        large = make(Path(folder) / "large.db", layers=64, heads=64, tokens=[f" t{i}" for i in range(24)])
        page = Path(folder) / "large"
        print(line("made-up model of 4,096 heads: site written anew", [timed(lambda: build(large, page))], "s"))
        ready, paint = opened(browser, page / "tiny-model" / "index.html", False)
        print(line("its model page interactive", ready, "ms", "1,000 ms"))
        print(line("its model page, first paint", paint, "ms"))
        print(
            line(
                "its model page, another pattern",
                chosen(browser, page / "tiny-model" / "index.html", "entropy"),
                "ms",
                "1,000 ms",
            )
        )
        browser.close()


if __name__ == "__main__":
    main()
