"""What batched ablation from the cached residual stream costs and whether it is right, against one full pass a head.

`python -m benchmarks.evidence DATABASE` after `headatlas evidence smollm2-135m --db DATABASE`: four of thirty layers,
the ways in alternation, in seconds of processor time (which other work on the machine changes less than the clock's).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headatlas import probes
from headatlas.catalog.catalog import Catalog
from headatlas.evidence.probe_passes import split
from headatlas.evidence.removing import ablation
from headatlas.evidence.removing.metrics import default_probes, metric_of, prompts, readings
from headatlas.evidence.removing.passes import PromptBatch, z_hook
from headatlas.evidence.removing.removals import Removals
from headatlas.evidence.text_run import LONGEST
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.probes import PROBES

MODEL = "smollm2-135m"
# Evenly spread, with the mean of all layers: what a layer costs falls linearly with its number.
LAYERS = (5, 14, 15, 24)
N_LAYERS, N_HEADS = 30, 9
N_CHECKED = 20


def main() -> None:
    """Prints a table of times, one line a probe, and the largest difference over random heads."""
    model = load_model(MODEL)
    vocabulary = Vocabulary(model.tokenizer, model.info.d_vocab)
    print("| probe | prompts | tokens | one full pass a head | cached, batched, all prompts | as it is done | share |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    sums = np.zeros(3)
    for probe in default_probes():
        metric = metric_of(probe)
        made = probes.make(probe, vocabulary, model.info.context, 0)
        chosen = prompts(made.sequences, metric, n_tokens=metric.n_tokens, longest=LONGEST)
        whole = PromptBatch(chosen)
        parts = [PromptBatch([chosen[index] for index in some]) for some in split(len(chosen))]
        times = _times(model.bridge, whole, parts, metric.types, _went_on(Path(sys.argv[1]), probe.name))
        sums += times
        tokens = sum(map(len, chosen))
        print(f"| {probe.name} | {len(chosen)} | {tokens} | {_cells(times)} |", flush=True)
    print(f"| all | | | {_cells(sums)} |")
    print(f"\nLargest difference in loss over {N_CHECKED} random heads: {_difference(model.bridge, vocabulary):.1e}")


def _cells(times: np.ndarray) -> str:
    plain, cached, done = times
    return f"{plain:.0f} s | {cached:.0f} s | {done:.0f} s | {done / plain:.2f}"


def _times(
    bridge: Any, whole: PromptBatch, parts: list[PromptBatch], kinds: tuple[str, ...], went_on: dict[int, list[int]]
) -> np.ndarray:
    """Seconds for all heads: one full pass a head; cached and batched on all prompts; and with a third first."""
    layers = list(range(N_LAYERS))
    passes = [Removals(bridge, layers, [N_HEADS] * N_LAYERS, "cpu") for _ in range(3)]
    batches = [whole, *parts]
    cleans = [each.clean(batch) for each, batch in zip(passes, batches, strict=True)]
    seconds = np.zeros(3)
    for layer in LAYERS:
        means = ablation.means(cleans[:1], batches[:1], layer)

        def effects(number: int, heads: list[int] | None = None, layer: int = layer, means: Any = means) -> None:
            ablation.layer_effects(passes[number], batches[number], cleans[number], layer, means, kinds, heads)

        seconds[0] += N_HEADS * _seconds(lambda layer=layer, means=means: _plain(bridge, whole, layer, means[0], kinds))
        seconds[1] += _seconds(lambda effects=effects: effects(0))
        seconds[2] += _seconds(lambda effects=effects: effects(1))
        seconds[2] += _seconds(lambda effects=effects, layer=layer: effects(2, went_on.get(layer, [])))
        seconds[0] += N_HEADS * _seconds(lambda layer=layer, means=means: _plain(bridge, whole, layer, means[1], kinds))
    return seconds * (N_LAYERS / len(LAYERS)) / np.array([2, 1, 1])


def _plain(bridge: Any, batch: PromptBatch, layer: int, mean: torch.Tensor, kinds: tuple[str, ...]) -> torch.Tensor:
    """The first head replaced by a mean, through a hook, from the first layer, with all logits."""

    def replace(z: torch.Tensor, hook: Any) -> torch.Tensor:
        z = z.clone()
        z[:, :, 0] = mean
        return z

    with torch.inference_mode():
        logits = bridge.run_with_hooks(batch.tokens, return_type="logits", fwd_hooks=[(z_hook(layer), replace)])
    return readings(logits[batch.rows, batch.queries], batch.targets, kinds)


def _seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def _went_on(db: Path, probe: str) -> dict[int, list[int]]:
    """Heads that were removed on all prompts of a probe, by layer."""
    with Catalog(db) as catalog:
        rows = catalog.rows(
            """select layer, head, n_sequences from evidence join heads on heads.id = head_id
               join probes on probes.id = probe_id join evidence_kinds on evidence_kinds.id = kind_id
               join scans on scans.id = scan_id
               where model = ? and probes.name = ? and evidence_kinds.name = ?""",
            [MODEL, probe, metric_of(PROBES[probe]).types[0]],
        )
    most = max(row["n_sequences"] for row in rows)
    heads: dict[int, list[int]] = {}
    for row in rows:
        if row["n_sequences"] == most:
            heads.setdefault(row["layer"], []).append(row["head"])
    return heads


def _difference(bridge: Any, vocabulary: Vocabulary) -> float:
    """Cached and batched against plain, prompt by prompt without padding, in nats per scored token."""
    made = probes.make(PROBES["repeated_random_tokens"], vocabulary, 512, 0)
    chosen = prompts(made.sequences, metric_of("repeated_random_tokens"), n_tokens=160, longest=LONGEST)
    batch = PromptBatch(chosen)
    passes = Removals(bridge, range(N_LAYERS), [N_HEADS] * N_LAYERS, "cpu")
    clean = passes.clean(batch)
    counts = ablation.counts(batch)
    worst = 0.0
    for number in np.random.default_rng(0).choice(N_LAYERS * N_HEADS, N_CHECKED, replace=False).tolist():
        layer, head = divmod(number, N_HEADS)
        means = ablation.means([clean], [batch], layer)
        effects = ablation.layer_effects(passes, batch, clean, layer, means, ("ablation_loss",), [head])[:, head, 0]
        for index, prompt in enumerate(chosen):
            alone = PromptBatch([prompt])

            def replace(z: torch.Tensor, hook: Any, head: int = head, means: torch.Tensor = means) -> torch.Tensor:
                z = z.clone()
                z[:, :, head] = means[head]
                return z

            with torch.inference_mode():
                before = bridge(alone.tokens, return_type="logits")
                after = bridge.run_with_hooks(alone.tokens, return_type="logits", fwd_hooks=[(z_hook(layer), replace)])
            rise = [
                readings(x[alone.rows, alone.queries], alone.targets, ("ablation_loss",)).sum() for x in (before, after)
            ]
            worst = max(worst, abs(effects[index] - float(rise[1] - rise[0])) / counts[index])
    return worst


if __name__ == "__main__":
    main()
