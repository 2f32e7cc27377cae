"""What a 70B model and 1,000 models would need: `python -m benchmarks.scale DATABASE` prints docs/scale.md's table.

Measured figures are read from a database with one finished scan; the rest are named options and are assumptions.
"""

from __future__ import annotations

import argparse
import sqlite3
from pathlib import Path


def measured(path: Path) -> dict[str, float]:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    scan = dict(db.execute("select * from scans where status = 'done' order by id limit 1").fetchone())
    figures = {key: scan[key] for key in ("n_parameters", "seconds", "n_layers", "n_heads")}
    own = [scan["id"]]
    figures["n_tokens"], figures["n_sequences"] = db.execute(
        "select sum(n_tokens), sum(n_sequences) from scan_probes where scan_id = ?", own
    ).fetchone()
    figures["heads"] = db.execute("select count(*) from heads where scan_id = ?", own).fetchone()[0]
    figures["heatmap_bytes"] = db.execute(
        "select sum(length(weights)) from heatmaps where head_id in (select id from heads where scan_id = ?)", own
    ).fetchone()[0]
    # Pages in use: what was deleted is not the scan's.
    pages, free, size = (
        db.execute(f"pragma {pragma}").fetchone()[0] for pragma in ("page_count", "freelist_count", "page_size")
    )
    figures["bytes"] = (pages - free) * size
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--parameters", type=float, default=70e9)
    parser.add_argument("--layers", type=int, default=80)
    parser.add_argument("--heads", type=int, default=64, help="in a layer")
    parser.add_argument("--width", type=int, default=8192)
    parser.add_argument("--peak", type=float, default=989e12, help="FLOP/s of a GPU, as its maker states")
    parser.add_argument("--share", type=float, default=0.4, help="of the peak that is reached")
    parser.add_argument("--models", type=int, default=1000)
    given = parser.parse_args()
    here = measured(given.database)
    tokens, heads = here["n_tokens"], given.layers * given.heads
    mean = tokens / here["n_sequences"]
    weights = given.parameters * 2
    flops = 2 * given.parameters * tokens
    # q k and weights v: two products of 2 x width for each pair of tokens; every pair, although half are masked.
    attention = 4 * given.width * given.layers * tokens * mean
    a_head = here["bytes"] / here["heads"]
    rows = [
        ("tokens of all probes", f"{tokens:,}", "measured"),
        (f"scan of {here['n_parameters'] / 1e6:.0f}M parameters", f"{here['seconds']:.0f} s", "measured, CPU, float32"),
        ("its heatmaps", f"{here['heatmap_bytes'] / 1e6:.2f} MB", "measured"),
        ("database, a head", f"{a_head / 1e3:.0f} kB", "measured"),
        (f"weights of {given.parameters / 1e9:.0f}B", f"{weights / 1e9:.0f} GB", "parameters x 2, bfloat16"),
        ("FLOP of its passes", f"{flops:.2g}", "2 x parameters x tokens"),
        ("FLOP of its attention", f"{attention:.2g}", "4 x width x layers x tokens x mean length"),
        (
            "GPU seconds of these", f"{(flops + attention) / (given.peak * given.share):.0f} s",
            f"assumed: {given.share:.0%} of {given.peak / 1e12:.0f} TFLOP/s",
        ),
        (f"database, {heads:,} heads", f"{a_head * heads / 1e6:.0f} MB", "a head x heads"),
        (
            f"{given.models:,} models like the measured one, one machine",
            f"{here['seconds'] * given.models / 3600:.0f} h", "seconds x models",
        ),
        ("their database", f"{here['bytes'] * given.models / 1e9:.0f} GB", "bytes x models"),
    ]  # fmt: skip
    print("| what | figure | from |\n| --- | ---: | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
