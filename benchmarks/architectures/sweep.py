"""Every architecture that TransformerLens registers, scanned: what works, what does not and why.

    python -m benchmarks.architectures.sweep             # all, into results.json and docs/architectures.md
    python -m benchmarks.architectures.sweep ViTModel    # some, into the same results
    python -m benchmarks.architectures.sweep --table     # the page once more from the results that were kept

Each architecture is a tiny random model, saved, loaded and scanned as a user would, in a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.architectures import page, tiny

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from transformers import PreTrainedModel

RESULTS = Path(__file__).with_name("results.json")
LIMIT = 240  # seconds an architecture may take
SEQUENCES = 6
PROBES_RUN = ("repeated_random_tokens", "pictures", "sounds")


def examine(architecture: str) -> dict[str, Any]:
    """Makes, saves, loads and scans one architecture; runs in a process of its own."""
    import headatlas
    from headatlas.errors import HeadatlasError
    from headatlas.models.patching import quiet
    from headatlas.probes import PROBES

    few = {
        name: replace(PROBES[name], generate=lambda context, name=name, all_=PROBES[name].generate: list(
            all_(context))[:SEQUENCES]) for name in PROBES_RUN
    }  # fmt: skip
    result: dict[str, Any] = {"architecture": architecture}
    with tempfile.TemporaryDirectory() as folder, quiet(), patch.object(PROBES, "_items", PROBES._items | few):
        try:
            model = tiny.tiny_model(architecture)
        except tiny.NoClass:
            return {**result, "status": "no class"}
        except ImportError as error:
            return {**result, "status": "refused", "reason": str(error).strip().splitlines()[0]}
        result |= {"inside": sorted(inside(model)), "expected": expected(model)}
        model.save_pretrained(Path(folder) / "model")
        db = Path(folder) / "heads.db"
        try:
            scan = headatlas.scan(str(Path(folder) / "model"), db=db, name=architecture)
        except HeadatlasError as error:
            return {**result, "status": "refused", "reason": str(error)}
        scores = scan.scores
        with headatlas.open(db) as catalog:
            layers = [dict(row) for row in catalog.rows("select * from layers")]
            (certificate,) = catalog.rows("select * from certificates")
            warnings = [row[0] for row in catalog.rows("select warning from warnings")]
    valid = scores.dropna(subset=["score"])
    shares = valid[~valid.pattern.isin(["mean_distance", "loudness", "verticality", "diagonality", "globalness"])]
    return {
        **result,
        "status": "scanned",
        "kinds": {kind: len(group.layer.unique()) for kind, group in scores.groupby("attention", sort=False)},
        "layers_of_the_model": model.config.get_text_config().num_hidden_layers,
        "silent": sum(not layer["scored"] for layer in layers),
        "tapped": layers[0]["hook"].startswith("module:"),
        "difference": certificate["max_difference"],
        "compared_with": certificate["compared_with"],
        "row_sums": [certificate["row_sum_min"], certificate["row_sum_max"]],
        "n_scores": len(valid),
        "in_range": bool((shares.score.between(-1e-3, 1 + 1e-3)).all()),
        # Of targets that look alike on random tokens nothing is to be said here.
        "warnings": [warning for warning in warnings if "has the same targets as" not in warning],
    }


def expected(model: PreTrainedModel) -> dict[str, int]:
    """Layers of attention by kind that Hugging Face's own pass returns; empty where it returns none."""
    import torch

    if model.main_input_name in ("pixel_values", "input_values"):
        return {}  # its inputs are the scan's business
    ids = torch.arange(3, 23)[None]
    pair = {"decoder_input_ids": ids[:, :12]} if getattr(model.config, "is_encoder_decoder", False) else {}
    try:
        with torch.no_grad():
            output = model(input_ids=ids, output_attentions=True, **pair)
    except Exception:  # whatever a class of random sizes does not like
        return {}
    names = {"cross": "cross_attentions", "decoder": "decoder_attentions", "encoder": "encoder_attentions"}
    if not pair:
        names = {"self": "attentions"}
    n_layers: dict[str, int] = {}
    for kind, name in names.items():
        layers = [layer for layer in getattr(output, name, None) or () if layer is not None]
        if layers:
            square = layers[0].shape[-1] == layers[0].shape[-2]
            ahead = kind == "self" and square and float(layers[0].triu(1).max()) > 1e-6
            n_layers["encoder" if ahead else kind] = len(layers)
    return n_layers


def inside(model: PreTrainedModel) -> set[str]:
    """Encoders of other media within a model of text: those of images, of sounds."""
    configs = [name for name, value in vars(model.config).items() if hasattr(value, "to_dict")]
    return {medium for medium in ("vision", "audio") if f"{medium}_config" in configs}


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


def kept() -> dict[str, Any]:
    """The results that were kept: versions, and one entry an architecture."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {"versions": {}, "results": {}}


def keep(result: dict[str, Any]) -> None:
    """Adds a result to those kept, and says it."""
    whole = kept()
    whole["versions"] = {name: version(name) for name in ("transformer-lens", "transformers", "torch")}
    whole["results"][result["architecture"]] = result
    whole["results"] = dict(sorted(whole["results"].items()))
    RESULTS.write_text(json.dumps(whole, indent=1) + "\n")
    sys.stderr.write(f"{result['architecture']}: {short(result)}\n")
    sys.stderr.flush()


def short(result: dict[str, Any]) -> str:
    """One line on a result."""
    if result["status"] != "scanned":
        return f"{result['status']} {result.get('reason', '')[:200]}"
    parts = [str(result["kinds"]), f"difference {result['difference']}", "modules" if result["tapped"] else "hooks"]
    return ", ".join([*parts, *(warning[:150] for warning in result["warnings"])])


def prepare() -> None:
    """Imports what all processes need, before they are forked."""
    import torch
    import transformer_lens  # noqa: F401

    import headatlas.scanning.scanner  # noqa: F401

    torch.set_num_threads(1)  # threads do not survive a fork


def main() -> None:
    """Runs, keeps and prints."""
    names = [name for name in sys.argv[1:] if name != "--table"]
    if "--table" not in sys.argv:
        prepare()
        for name in names or tiny.architectures():
            keep(run_one(name))
    page.write(kept())


if __name__ == "__main__":
    main()
