"""Every architecture that TransformerLens registers, scanned: what works, what does not and why.

    python benchmarks/architectures/sweep.py             # all, into docs/architectures.md
    python benchmarks/architectures/sweep.py ViTModel    # some, printed
    python benchmarks/architectures/sweep.py --table     # the table once more from the results that were kept

Each architecture is a tiny random model, saved, loaded and scanned as a user would, in a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
RESULTS = HERE / "results.json"
LIMIT = 240  # seconds an architecture may take
CLOSE = 1e-5  # largest difference from Hugging Face's own attention
SEQUENCES = 6


def examine(architecture: str) -> dict[str, Any]:
    """Makes, saves, loads and scans one architecture; runs in a process of its own."""
    import tiny

    import headatlas
    from headatlas.errors import HeadatlasError
    from headatlas.patching import quiet
    from headatlas.probes import PROBES

    for name in ("repeated_random_tokens", "pictures", "sounds"):
        if name in PROBES.names():
            one = PROBES[name]
            few = replace(one, generate=lambda context, one=one: list(one.generate(context))[:SEQUENCES])
            PROBES._items[name] = few
    found: dict[str, Any] = {"architecture": architecture}
    with tempfile.TemporaryDirectory() as folder, quiet():
        try:
            model = tiny.tiny_model(architecture)
        except tiny.NoClass:
            return {**found, "status": "no class"}
        model.save_pretrained(Path(folder) / "model")
        db = Path(folder) / "heads.db"
        try:
            scan = headatlas.scan(str(Path(folder) / "model"), db=db, name=architecture)
        except HeadatlasError as error:
            return {**found, "status": "refused", "reason": str(error)}
        scores = scan.scores
        with headatlas.open(db) as catalog:
            layers = [dict(row) for row in catalog.rows("select * from layers")]
            (certificate,) = catalog.rows("select * from certificates")
            warnings = [row[0] for row in catalog.rows("select warning from warnings")]
    valid = scores.dropna(subset=["score"])
    shares = valid[~valid.pattern.isin(["mean_distance"])]
    return {
        **found,
        "status": "scanned",
        "kinds": {kind: len(group.layer.unique()) for kind, group in scores.groupby("attention", sort=False)},
        "scored": sum(layer["scored"] for layer in layers),
        "modules": len(layers),
        "tapped": layers[0]["hook"].startswith("module:"),
        "difference": certificate["max_difference"],
        "compared_with": certificate["compared_with"],
        "row_sums": [certificate["row_sum_min"], certificate["row_sum_max"]],
        "n_scores": len(valid),
        "in_range": bool((shares.score.between(-1e-3, 1 + 1e-3)).all()),
        "warnings": warnings,
    }


def run_one(name: str) -> dict[str, Any]:
    """Examines an architecture in a process of its own, which may crash or hang.

    The process is forked from this one, which has imported what all need: that is most of the time otherwise.
    """
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    process = fork.Process(target=_report, args=(name, there))
    process.start()
    there.close()
    result = {"architecture": name, "status": "failed", "reason": f"took over {LIMIT} s"}
    if here.poll(LIMIT):
        try:
            result = here.recv()
        except EOFError:
            process.join()
            result["reason"] = f"the process ended with exit code {process.exitcode}"
    process.kill()
    process.join()
    return result


def _report(name: str, there: Connection) -> None:
    try:
        there.send(examine(name))
    except Exception as error:  # whatever goes wrong is a result
        reason = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
        there.send({"architecture": name, "status": "failed", "reason": reason})


def keep(result: dict[str, Any]) -> None:
    """Adds a result to those kept, and says it."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[result["architecture"]] = result
    RESULTS.write_text(json.dumps(dict(sorted(results.items())), indent=1) + "\n")
    sys.stderr.write(f"{result['architecture']}: {short(result)}\n")
    sys.stderr.flush()


def short(result: dict[str, Any]) -> str:
    """One line on a result."""
    if result["status"] != "scanned":
        return f"{result['status']} {result.get('reason', '')[:200]}"
    parts = [str(result["kinds"]), f"difference {result['difference']}", "modules" if result["tapped"] else "hooks"]
    return ", ".join([*parts, *(warning[:150] for warning in result["warnings"])])


def main() -> None:
    """Runs, keeps and prints."""
    arguments = sys.argv[1:]
    import tiny
    import torch
    import transformer_lens  # noqa: F401 - for the processes forked from this one

    import headatlas.scanner  # noqa: F401

    torch.set_num_threads(1)  # threads do not survive a fork
    for name in arguments or tiny.architectures():
        keep(run_one(name))


if __name__ == "__main__":
    main()
