"""What comes of the parts of a probe's run: rows of evidence, what it cost, groups of heads and edges between them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy import stats

from headatlas.evidence.probe_run import OnProbe
from headatlas.evidence.removing import ablation, edges, screen
from headatlas.evidence.store import Cost, Row
from headatlas.evidence.types import HELD_OUT
from headatlas.heads import head_name
from headatlas.scoring.scores import bootstrap_interval


class ProbeRows:
    """Reads what the parts of `run` have stored; all of them must be there."""

    def __init__(self, run: OnProbe) -> None:
        self.run = run

    def rows(self, heads: Sequence[int], probe: int, seed: int) -> Iterator[Row]:
        """A row for each head and type of evidence, from the stored parts.

        `heads` and `probe` are numbers in the database.
        """
        run = self.run
        clean = run.stored(f"{run.probe.name}/clean")
        counts = np.concatenate([ablation.counts(batch) for batch in run.batches])
        by_type: dict[str, Float64[np.ndarray, "prompt head"]] = {}
        sums = run.sums()
        if sums is not None and "readings" in clean:
            by_type = {type_: sums[:, :, column] for column, type_ in enumerate(run.metric.types)}
            yield from self._held_out(heads, probe, seed, sums[:, :, 0], counts)
        if "direct" in clean:
            by_type["direct_logit"] = clean["direct"]
        for type_, effects in by_type.items():
            measured = ~np.isnan(effects)
            n_targets = (measured * counts[:, None]).sum(0)
            values = np.where(n_targets > 0, np.nansum(effects, 0), np.nan) / np.maximum(n_targets, 1)
            estimates = self._estimates(type_, n_targets == 0)
            # Where heads have no value at all, nobody knows how many of them have a smaller one.
            known = np.where(np.isnan(values), estimates, values)
            ranks = np.full(len(known), np.nan) if np.isnan(known).any() else percentiles(known)
            for head in np.flatnonzero(~np.isnan(estimates)).tolist():
                yield Row(
                    heads[head], type_, probe, estimates[head], percentile=ranks[head],
                    n_targets=int(counts[: run.n_first].sum()), n_sequences=run.n_first, exact=False,
                )  # fmt: skip
            # Heads of the second stage have all prompts, the others those of the screening.
            for used in np.unique(measured[:, n_targets > 0], axis=1).T:
                indices = np.flatnonzero((measured == used[:, None]).all(0))
                low, high = bootstrap_interval(effects[np.ix_(used, indices)][:, :, None], counts[used, None], seed)
                intact = None
                if type_ in run.metric.types:
                    readings = clean["readings"][used, run.metric.types.index(type_)]
                    intact = _intact(type_, readings.sum() / counts[used].sum())
                for row, head in enumerate(indices.tolist()):
                    yield Row(
                        heads[head], type_, probe, values[head], low[row, 0], high[row, 0], ranks[head], intact,
                        int(counts[used].sum()), int(used.sum()),
                    )  # fmt: skip

    def _held_out(
        self, heads: Sequence[int], probe: int, seed: int, effects: Float64[np.ndarray, "prompt head"],
        counts: Int64[np.ndarray, " prompt"],
    ) -> Iterator[Row]:  # fmt: skip
        """The first measure's effects on the prompts of the second stage alone, which did not choose the heads."""
        run = self.run
        rest, counted = effects[run.n_first :], counts[run.n_first :]
        indices = np.flatnonzero(~np.isnan(rest).any(0)) if len(rest) else np.array([], dtype=int)
        if not len(indices):
            return
        low, high = bootstrap_interval(rest[:, indices, None], counted[:, None], seed)
        for row, head in enumerate(indices.tolist()):
            value = rest[:, head].sum() / counted.sum()
            yield Row(
                heads[head], HELD_OUT, probe, value, low[row, 0], high[row, 0],
                n_targets=int(counted.sum()), n_sequences=len(rest),
            )  # fmt: skip

    def cost(self, probe: int, seconds: float) -> Cost:
        """What was done here and how far the screen can be trusted; `probe` is a number in the database."""
        run = self.run
        sums = run.sums()
        if sums is None:
            return Cost(probe, seconds)
        first = sums[: run.n_first, :, 0].sum(0)
        n_exact = int((~np.isnan(first)).sum())
        chosen = run.chosen()
        if chosen is None:
            return Cost(probe, seconds, len(first), n_exact)
        trust = screen.trust(chosen["estimates"].sum(0), first, chosen["chosen"], chosen["drawn"])
        return Cost(probe, seconds, len(first), n_exact, trust.n_random, trust.correlation, trust.recall)

    def group_rows(self, probe: int) -> Iterator[dict[str, Any]]:
        """Rows of `label_groups` but for their run; `probe` is a number in the database."""
        run = self.run
        part = run.stored(f"{run.probe.name}/groups") if any(len(heads) > 1 for heads in run.together.values()) else {}
        for group in json.loads(str(part["groups"])) if "groups" in part else ():
            controls = group["controls"]
            smallest = [head_name("self", *head) for head in group["smallest"]]
            yield {
                "kind": run.metric.types[0],
                "probe_id": probe,
                "label": group["label"],
                "n_heads": len(group["heads"]),
                "effect": group["effect"],
                "control": float(np.mean(controls)) if controls else None,
                "control_low": min(controls, default=None),
                "control_high": max(controls, default=None),
                "n_control": group["n_control"],
                "n_draws": len(controls),
                "single_sum": group["single_sum"],
                "n_smallest": len(smallest) or None,
                "smallest": " ".join(smallest) or None,
                "n_targets": len(run.batches[0].targets),
                "n_sequences": run.n_first,
            }

    def edge_rows(self, ids: Mapping[tuple[int, int], int], probe: int) -> Iterator[dict[str, Any]]:
        """Rows of `edges`; `ids` are the heads' numbers in the database, `probe` the probe's."""
        run = self.run
        for layer in run.layers:
            part = run.stored(f"{run.probe.name}/L{layer}")
            if "watched" not in part:
                continue
            removed = np.flatnonzero(~np.isnan(part["sums"][0, :, 0]))
            for head, changes in zip(removed.tolist(), part["watched"], strict=True):
                for number in np.flatnonzero(np.abs(np.nan_to_num(changes)) >= edges.MIN_CHANGE).tolist():
                    label, later, of_layer = run.watch.heads[number]
                    yield {
                        "head_id": ids[later, of_layer],
                        "earlier_id": ids[layer, head],
                        "label": label,
                        "probe_id": probe,
                        "score": float(run.watched_before[0, number]),
                        "change": float(changes[number]),
                    }

    def _estimates(self, type_: str, wanted: Bool[np.ndarray, " head"]) -> Float64[np.ndarray, " head"]:
        """Estimated effects per target of the heads that are wanted; not a number for others, and in other readings."""
        run = self.run
        chosen = run.chosen() if wanted.any() and type_ == run.metric.types[0] else None
        if chosen is None:
            return np.full(len(wanted), np.nan)
        return np.where(wanted, chosen["estimates"].sum(0) / ablation.counts(run.batches[0]).sum(), np.nan)


def percentiles(values: Float64[np.ndarray, " head"]) -> Float64[np.ndarray, " head"]:
    """Share of the other heads with a smaller value, in percent; ties count half, heads without a value not at all."""
    measured = ~np.isnan(values)
    ranks = np.full(len(values), np.nan)
    n = int(measured.sum())
    if n > 1:
        ranks[measured] = 100 * (stats.rankdata(values[measured]) - 1) / (n - 1)
    return ranks


def _intact(type_: str, reading: float) -> float:
    """The undisturbed model's own value, from how badly it does: its loss, its lead in logits, its accuracy."""
    return {"ablation_logit_difference": -reading, "ablation_accuracy": 1 - reading}.get(type_, reading)
