"""How many of the largest effects the screen of evidence finds: `python -m benchmarks.evidence_screen DATABASE`.

The database holds a scan of SmolLM2-135M with labels. On the first third of each probe's prompts every head is removed
in fact, and a line says how many of the tenth with the largest effects are among the quarter that comes first to first
order, among those that the screen chooses, and among these and the heads with a label that is tested there. With
--exact FILE.npz what was measured is kept there and taken from there.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from scipy.stats import spearmanr

from headatlas import probes
from headatlas.evidence.probe_passes import split
from headatlas.evidence.probe_run import OnProbe
from headatlas.evidence.removing import ablation, screen
from headatlas.evidence.removing.metrics import default_probes, metric_of, prompts
from headatlas.evidence.removing.passes import PromptBatch
from headatlas.evidence.removing.screen_passes import ScreenPasses
from headatlas.evidence.store import Arrays, EvidenceStore
from headatlas.evidence.text_run import LONGEST
from headatlas.evidence.weight_parts import WeightParts
from headatlas.heads import head_name
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model, load_model
from headatlas.probes import PROBES, Probe
from headatlas.settings import LoadOptions
from headatlas.store.scans import Store

MODEL = "smollm2-135m"
SEED = 0


class Compared:
    """The screen of one probe beside the removal of every head."""

    def __init__(self, model: Model, probe: Probe, expected: Collection[tuple[int, int]]) -> None:
        self.model, self.probe, self.expected = model, probe, expected
        self.vocabulary = Vocabulary(model.tokenizer, model.info.d_vocab)
        self.metric = metric_of(probe)
        made = probes.make(probe, self.vocabulary, model.info.context, SEED)
        self.prompts = prompts(made.sequences, self.metric, n_tokens=self.metric.n_tokens, longest=LONGEST)
        self.layers = dict.fromkeys(range(model.info.n_layers), model.info.n_heads)
        self.weights = WeightParts(model, self.layers, self.vocabulary, SEED).weights
        self.heads = [(layer, head) for layer, n_heads in self.layers.items() for head in range(n_heads)]

    def _parts(self, wanted: str, expected: Collection[tuple[int, int]], screened: int | None) -> dict[str, Arrays]:
        """What the first parts give, up to those whose names begin so."""
        done: dict[str, Arrays] = {}
        run = OnProbe(self.model, self.layers, self.weights, self.probe, self.metric, self.prompts, expected,
                      done.__getitem__, screened)  # fmt: skip
        begun = False
        for part in run.parts():
            name = part.key.removeprefix(f"{self.probe.name}/")
            if name.startswith(wanted):
                begun, done[part.key] = True, part.compute()
            elif begun:
                break
        return done

    def exact(self) -> Float64[np.ndarray, " head"]:
        """The effect of removing each head."""
        parts = self._parts("L", (), None)
        return np.concatenate([part["sums"][:, :, 0].sum(0) for part in parts.values()])

    def screen(self, expected: Collection[tuple[int, int]]) -> Arrays:
        """What the screen says."""
        (part,) = self._parts("screen", expected, SEED).values()
        return part

    def first_order(self) -> Float64[np.ndarray, " head"]:
        """Effects to first order."""
        batches = [PromptBatch([self.prompts[i] for i in some]) for some in split(len(self.prompts)) if some]
        layers, heads = list(self.layers), list(self.layers.values())
        passes = [ScreenPasses(self.model.bridge, layers, heads, self.model.info.device) for _ in batches]
        cleans = [each.clean(batch) for each, batch in zip(passes, batches, strict=True)]
        means = {layer: ablation.means(cleans, batches, layer) for layer in layers}
        first = passes[0].first_order(batches[0], cleans[0], means, self.metric.types[0])
        return np.concatenate([first.effects[layer].sum(0) for layer in layers])

    def row(self, exact: Float64[np.ndarray, " head"]) -> str:
        """A line of the table."""
        n_heads = len(exact)
        n_top = round(screen.TOP_FRACTION * n_heads)
        n_first = round((screen.FIRST_ORDER_FRACTION + screen.CARRIED_FRACTION) * n_heads)
        n_targets = sum(len(self.prompts[i].targets) for i in split(len(self.prompts))[0])
        first, alone, labelled = self.first_order(), self.screen(()), self.screen(self.expected)
        top = _largest(exact, n_top)
        chosen, drawn = labelled["chosen"], labelled["drawn"]
        missed = [f"{head_name('self', *self.heads[number])} ({exact[number] / n_targets:.3f})"
                  for number in np.flatnonzero(top & ~chosen)]  # fmt: skip
        of_all = spearmanr(np.abs(first), np.abs(exact)).statistic
        of_drawn = spearmanr(np.abs(labelled["estimates"].sum(0)[drawn]), np.abs(exact[drawn])).statistic
        cells = [
            self.probe.name,
            (top & _largest(first, n_first)).sum(),
            (top & alone["chosen"]).sum(),
            (top & chosen).sum(),
            chosen.sum(),
            ", ".join(missed) or "none",
            f"{of_all:.2f}",
            f"{of_drawn:.2f}",
        ]
        return f"| {' | '.join(map(str, cells))} |"


def _largest(effects: Float64[np.ndarray, " head"], n: int) -> np.ndarray:
    largest = np.zeros(len(effects), dtype=bool)
    largest[np.argsort(-np.abs(effects), kind="stable")[:n]] = True
    return largest


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("db", type=Path)
    parser.add_argument("--probe", action="append", choices=PROBES.names(), help="the default ones where none is named")
    parser.add_argument("--exact", type=Path)
    given = parser.parse_args()
    kept = dict(np.load(given.exact)) if given.exact and given.exact.exists() else {}
    model = load_model(MODEL, LoadOptions(dtype="float32"))
    chosen = [PROBES[name] for name in given.probe or ()] or default_probes()
    print("| probe | first order | screen | with labels | of heads | missed (effect) | correlation, all | drawn |")
    print("| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |", flush=True)
    with Store(given.db) as store:
        scan = store.finished(MODEL)
        assert scan is not None
        evidence = EvidenceStore(store, scan["id"])
        for probe in chosen:
            names = [other.name for other in default_probes() if other.name != probe.name] + [probe.name]
            compared = Compared(model, probe, evidence.tested_on(probe.name, names))
            if probe.name not in kept:
                kept[probe.name] = compared.exact()
                if given.exact:
                    np.savez(given.exact, **kept)
            print(compared.row(kept[probe.name]), flush=True)


if __name__ == "__main__":
    main()
