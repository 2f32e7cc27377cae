"""How long the commands take as whole processes: `python benchmarks/times.py` prints the table of benchmarks/README.md.

Each command is run once to warm the disk's cache and then several times; the median is given with the range.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HEADATLAS = [sys.executable, "-m", "headatlas"]
# As in a command's process.
LOAD = """
from headatlas.cli.leaving import left_at_once
with left_at_once():
    from headatlas.models.load import load_model
    load_model("smollm2-135m").bridge
"""


def timed(command: list[str], runs: int, before: Callable[[], None] = lambda: None, **environment: str) -> list[float]:
    """Seconds of each run, after one that is not counted."""
    seconds = []
    for _ in range(runs + 1):
        before()
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
        seconds.append(time.perf_counter() - started)
    return seconds[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of the quick commands; scans are run twice")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        db, site, cache = Path(folder, "heads.db"), Path(folder, "site"), Path(folder, "cache")

        def forget(path: Path) -> Callable[[], None]:
            return lambda: shutil.rmtree(path, ignore_errors=True)

        subprocess.run([*HEADATLAS, "scan", "smollm2-135m", "--db", db, "--quiet"], check=True)
        scan = [*HEADATLAS, "scan", "smollm2-135m", "--db", str(db), "--force", "--quiet"]
        atlas = [*HEADATLAS, "atlas", "--db", str(db), "--out", str(site), "--quiet"]
        load = [sys.executable, "-c", LOAD]
        rows = {
            "scan smollm2-135m, model cached": timed(scan, 2),
            "atlas, written anew": timed(atlas, runs, forget(site)),
            "atlas, nothing changed": timed(atlas, runs),
            "headatlas --help": timed([*HEADATLAS, "--help"], runs),
            "headatlas heads": timed([*HEADATLAS, "heads", "--db", str(db)], runs),
            "headatlas patterns": timed([*HEADATLAS, "patterns"], runs),
            "load the .gguf, first time": timed(load, 3, forget(cache), HEADATLAS_CACHE=str(cache)),
            "load the .gguf, from the cache": timed(load, runs, HEADATLAS_CACHE=str(cache)),
        }
    print("| whole process | median | range | runs |\n| --- | ---: | ---: | ---: |")
    for name, seconds in rows.items():
        spread = f"{min(seconds):.2f}-{max(seconds):.2f} s"
        print(f"| {name} | {statistics.median(seconds):.2f} s | {spread} | {len(seconds)} |")


if __name__ == "__main__":
    main()
