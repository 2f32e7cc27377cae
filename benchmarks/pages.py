"""What a site costs and how soon its pages answer: `python benchmarks/pages.py DATABASE`.

Builds the site of the database anew, and again, each time in a process of its own, whose processor time and memory
count; opens pages from the disk in headless Chromium and takes the times from the browser's own performance entries.
Does the same with a made-up model of 5,120 heads (`benchmarks/enlarge.py`) and, with `--many 37`, with so many made-up
models of 1,024 heads, which takes gigabytes of disk. Prints tables for docs/scale.md: what sites cost, where their
bytes go, and when their pages answer.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path, PurePosixPath

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.enlarge import enlarge
from benchmarks.screenshots import FLAGS
from headatlas.catalog.catalog import Catalog

REPEATS = 5
# When the page is parsed, its deferred scripts have run, and what they mark as ready is there: the first map is drawn
# and answers, the mosaic has its colours, the table its rows.
INTERACTIVE = """async (mark) => {
  if (mark) await new Promise((done) => {
    const look = () => document.querySelector(mark) ? done() : requestAnimationFrame(look);
    look();
  });
  const ready = performance.now();
  const [entry] = performance.getEntriesByType("navigation");
  return mark ? ready : entry.domContentLoadedEventEnd;
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


_SECTION = re.compile(r'<section[^>]* aria-labelledby="?(?P<title>[\w-]*).*?</section>', re.DOTALL)

# In a process of its own: seconds of processor time, those of its own processes too, seconds by the clock, and
# megabytes at most, of itself or of one of its processes.
WRITE = """
import resource, sys, time
from pathlib import Path
from headatlas.atlas.site import build
started = time.perf_counter()
build(Path(sys.argv[1]), Path(sys.argv[2]))
elapsed = time.perf_counter() - started
use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(sum(of.ru_utime + of.ru_stime for of in use), elapsed, max(of.ru_maxrss for of in use) / 1e3)
"""


def written(database: Path, site: Path) -> tuple[float, float, float]:
    """What writing a site takes: seconds of processor time, seconds by the clock, and megabytes of memory."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(database), str(site)], check=True, capture_output=True, text=True
    )
    seconds, elapsed, megabytes = map(float, done.stdout.split())
    return seconds, elapsed, megabytes


def costs(what: str, database: Path, site: Path) -> None:
    """Writes a site, writes it again, and prints a row of the table."""
    with Catalog(database) as catalog:
        n_heads = catalog.rows("select count(*) from heads")[0][0]
    seconds, elapsed, megabytes = written(database, site)
    again, _, _ = written(database, site)
    files = [path for path in site.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(
        f"| {what} | {n_heads:,} | {seconds:.1f} s | {elapsed:.1f} s | {again:.1f} s | {megabytes:.0f} MB "
        f"| {size / 1e6:.0f} MB | {size / n_heads / 1e3:.1f} kB | {len(files) / n_heads:.2f} |",
        flush=True,
    )


def parts(what: str, site: Path) -> None:
    """Prints where the bytes of a site go: what belongs to no model, kinds of files, the sections of heads' pages."""
    heads = list(site.glob("*/heads/*.html"))
    models = {path.parent.parent for path in heads}
    print(f"\n| {what}: part | files | size | a head | files a head |\n| --- | ---: | ---: | ---: | ---: |")
    files = [path for path in site.rglob("*") if path.is_file()]
    of_models = [path for path in files if models & {*path.parents}]
    for part, some in (
        ("of the site: patterns, probes, scripts, style, guides", sorted({*files} - {*of_models})),
        ("of the models: pages of heads", heads),
        ("of the models: all else", sorted({*of_models} - {*heads})),
    ):
        size = sum(path.stat().st_size for path in some)
        print(
            f"| {part} | {len(some):,} | {size / 1e6:.2f} MB | {size / len(heads):,.0f} B "
            f"| {len(some) / len(heads):.2f} |"
        )
    sizes, numbers = Counter[str](), Counter[str]()
    for path in site.rglob("*"):
        if path.is_file():
            kind = _kind(path.relative_to(site))
            sizes[kind] += path.stat().st_size
            numbers[kind] += 1
    print(f"\n| {what}: files | number | size | a head |\n| --- | ---: | ---: | ---: |")
    for kind, size in sizes.most_common(14):
        print(f"| {kind} | {numbers[kind]:,} | {size / 1e6:.2f} MB | {size / len(heads):,.0f} B |")
    sections = Counter[str]()
    for path in heads:
        page = path.read_text("utf-8")
        rest = len(page.encode())
        for section in _SECTION.finditer(page):
            size = len(section[0].encode())
            sections[section["title"]] += size
            rest -= size
        sections["the rest: head, sentence, labels, budget, foot"] += rest
    print(f"\n| {what}: section of a head's page | a head |\n| --- | ---: |")
    for title, size in sections.most_common():
        print(f"| {title} | {size / len(heads):,.0f} B |", flush=True)


def _kind(path: PurePosixPath | Path) -> str:
    """`MODEL/heads/`, `MODEL/data/layer-*`, `patterns/`, or a file's own name."""
    *folders, name = path.parts
    if folders[:1] in (["patterns"], ["probes"], ["assets"]):
        return f"{folders[0]}/"
    under = "/".join(["MODEL", *folders[1:]]) if folders else ""
    if len(folders) > 1:
        return f"{under}/{name.split('-')[0]}-*" if "-" in name and folders[1] == "data" else f"{under}/"
    return f"{under}/{name}".lstrip("/")


def opened(browser: Browser, page: Path, mark: str) -> tuple[list[float], list[float]]:
    """Milliseconds until a page answers, and until it has drawn something, each time in a fresh context."""
    ready, paint = [], []
    for _ in range(REPEATS):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        tab = context.new_page()
        tab.goto(page.as_uri())
        ready.append(tab.evaluate(INTERACTIVE, mark))
        tab.wait_for_timeout(50)
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


def line(what: str, values: list[float], unit: str) -> str:
    """A row of the table."""
    digits = 0 if unit == "ms" else 1
    spread = f"{min(values):.{digits}f}-{max(values):.{digits}f} {unit}" if len(values) > 1 else ""
    return f"| {what} | {statistics.median(values):.{digits}f} {unit} | {spread} | {len(values)} |"


def answers(browser: Browser, site: Path, what: str) -> None:
    """Opens a head's page, the model's, the explorer and the front page, and prints when each answers."""
    model = next(iter(sorted(site.glob("*/explorer.html")))).parent
    heads = sorted((model / "heads").iterdir())
    pages = {
        "head page": (heads[len(heads) // 2], ".map-set[data-ready]"),
        "model page": (model / "index.html", "[data-shown]"),
        "explorer": (model / "explorer.html", ".explorer[data-ready]"),
        "front page": (site / "index.html", ""),
    }
    for name, (page, mark) in pages.items():
        ready, paint = opened(browser, page, mark)
        print(line(f"{what}: {name} interactive", ready, "ms"))
        print(line(f"{what}: {name}, first paint", paint, "ms"))
    print(
        line(f"{what}: model page, another pattern", chosen(browser, model / "index.html", "entropy"), "ms"), flush=True
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("database", type=Path)
    parser.add_argument("--model", default="smollm2-135m", help="the scan whose heads made-up models repeat")
    parser.add_argument("--heads", type=int, default=5120, help="of the made-up model")
    parser.add_argument("--many", type=int, default=0, help="made-up models of 1,024 heads")
    given = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        databases = {"as scanned": given.database, "one large model": folder / "large.db"}
        enlarge(given.database, folder / "large.db", model=given.model, heads=given.heads)
        if given.many:
            databases[f"{given.many} models"] = folder / "many.db"
            enlarge(given.database, folder / "many.db", model=given.model, heads=1024, models=given.many)
        print("| site | heads | written | by the clock | unchanged | memory | size | a head | files a head |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for what, database in databases.items():
            costs(what, database, folder / what)
        for what in databases:
            parts(what, folder / what)
        print("\n| what | median | range | runs |\n| --- | ---: | ---: | ---: |")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for what in databases:
            answers(browser, folder / what, what)
        browser.close()


if __name__ == "__main__":
    main()
