"""Evidence about models that draw pictures: what each head does to the things of drawn scenes, and to the ground."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from jaxtyping import Float64

from headatlas import probes
from headatlas.attention.diffusion import DrawingModel
from headatlas.errors import HeadatlasError
from headatlas.evidence.probe_rows import percentiles
from headatlas.evidence.removing.drawn_removals import WithoutHead, path_of
from headatlas.evidence.store import Arrays, Cost, EvidenceStore, Row
from headatlas.evidence.types import DRAWN_TYPES, GROUND_LOSS, REGION_CHANGE, REGION_LOSS
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.threads import ThreadShare
from headatlas.probes import PROBES, Probe
from headatlas.scoring.resampling import draws_of
from headatlas.store.job import Part, Progress

# What is kept of a picture: sums over the places inside things and beside them.
_INSIDE, _BESIDE = 0, 1
METHOD_VERSION = 1


def probes_with_regions() -> list[Probe]:
    """Probes that say where in a picture each thing is to be."""
    return [probe for probe in PROBES if probe.regions]


def settings(chosen: Sequence[Probe]) -> dict[str, object]:
    """What decides the numbers, the seed aside."""
    return {
        "drawn": METHOD_VERSION,
        "kinds": [(type_.name, type_.version) for type_ in DRAWN_TYPES.values()],
        "probes": [(probe.name, probe.version) for probe in chosen],
    }


class DrawnRun:
    """One run about a model that draws: the heads of each module are taken out, one at a time, on drawn scenes.

    A head of joint attention is one head, whatever kinds its attention is scored as: each gets the same rows.
    """

    def __init__(
        self, kept: EvidenceStore, number: int, source: DrawingModel, chosen: Sequence[Probe], seed: int
    ) -> None:
        self.kept = kept
        self.number = number
        self.source = source
        self.chosen = chosen
        self.seed = seed
        self.layers = [row for row in kept.store.layers(kept.scan) if row["scored"]]
        self.n_heads = {path_of(row["hook"]): int(row["n_heads"]) for row in self.layers}
        self._prepared: set[str] = set()

    def gather(self, progress: Progress | None) -> None:
        """Computes what is missing, then writes the summary of everything.

        Raises:
            DatabaseError: another process has begun another run in its place.
        """
        jobs = self.kept.jobs
        with ThreadShare() as share:
            parts = [
                Part(_key(probe, path), n_heads, partial(share, partial(self._effects, probe, path)))
                for probe in self.chosen
                for path, n_heads in self.n_heads.items()
            ]
            jobs.compute(self.number, parts, partial(self.kept.write_part, self.number), progress)
        if not jobs.is_running(self.number):  # another process has finished it
            return
        costs = [self._cost(probe) for probe in self.chosen]
        rows = [row for probe in self.chosen for row in self._rows(probe)]
        self.kept.finish(self.number, rows, (), costs, (), (), [], len(parts), types=DRAWN_TYPES)

    @cached_property
    def _pictures(self) -> dict[str, WithoutHead]:
        """By probe, the model on the probe's pictures."""
        prompt = self.source.denoiser.prompt.parts[0].vocabulary
        grid = self.source.patch_grid
        n_places = grid.grid[0] * grid.grid[1]
        made = {
            probe.name: probes.make(probe, prompt, n_places, self.seed, self.source.media, grid)
            for probe in self.chosen
        }
        for name, text in made.items():
            if not text.sequences:
                raise HeadatlasError(f"No head can be taken out on {name}: {text.reason}.")
        return {name: WithoutHead(self.source, text.sequences) for name, text in made.items()}

    def _effects(self, probe: Probe, path: str) -> Arrays:
        pictures = self._pictures[probe.name]
        if probe.name not in self._prepared:
            pictures.prepare(self.n_heads)
            self._prepared.add(probe.name)
        return effects_of(pictures, path, self.n_heads[path])

    def _rows(self, probe: Probe) -> Iterator[Row]:
        """Rows of all heads; percentiles are among heads of all kinds."""
        scenes = np.array([sequence.drawing.seed for sequence in self._sequences(probe) if sequence.drawing])
        heads, values = [], []
        by_path = {path: self.kept.part(self.number, _key(probe, path)) for path in self.n_heads}
        numbers = {
            (row["attention"], row["layer"], row["head"]): row["id"]
            for row in self.kept.store.db.query("select * from heads where scan_id = ?", [self.kept.scan])
        }
        for layer in self.layers:
            of_layer = summary(by_path[path_of(layer["hook"])], scenes, self.seed)
            for head in range(layer["n_heads"]):
                heads.append(numbers[layer["attention"], layer["layer"], head])
                values.append({type_: {name: of[head] for name, of in of_type.items()}
                               for type_, of_type in of_layer.items()})  # fmt: skip
        probe_id = self.kept.probe_id(probe)
        for type_ in DRAWN_TYPES:
            ranks = percentiles(np.array([of_head[type_]["value"] for of_head in values]))
            for head, of_head, rank in zip(heads, values, ranks, strict=True):
                if not np.isnan(of_head[type_]["value"]):
                    yield Row(
                        head, type_, probe_id, **of_head[type_], percentile=rank, n_sequences=len(scenes)
                    )  # fmt: skip

    def _sequences(self, probe: Probe) -> list[TokenSequence]:
        return [sequence for batch in self._pictures[probe.name].batches for sequence in batch]

    def _cost(self, probe: Probe) -> Cost:
        seconds = self.kept.seconds(self.number, [_key(probe, path) for path in self.n_heads])
        n_heads = sum(self.n_heads.values())
        return Cost(self.kept.probe_id(probe), seconds, n_heads, n_heads)


def effects_of(pictures: WithoutHead, path: str, n_heads: int) -> Arrays:
    """Sums over places, of the model as it is and without each head of a module whose means are prepared.

    `intact` [picture, part] and `without` [head, picture, part] of squared errors, `change` [head, picture, part] of
    squared changes, `n_places` [picture, part]; the parts are inside things and beside them.
    """
    by_batch: list[dict[str, np.ndarray]] = []
    for batch in pictures.batches:
        inside = np.array([_inside(sequence) for sequence in batch])
        errors, predicted = pictures.errors(batch)
        without, change = [], []
        for head in range(n_heads):
            its_errors, its_prediction = pictures.errors(batch, path, head)
            without.append(_parts(its_errors.cpu().numpy(), inside))
            moved = pictures.at_places((its_prediction - predicted).square())
            change.append(_parts(moved.cpu().numpy(), inside))
        by_batch.append({
            "intact": _parts(errors.cpu().numpy(), inside)[None], "without": np.stack(without),
            "change": np.stack(change), "n_places": _parts(np.ones(inside.shape), inside)[None],
        })  # fmt: skip
    sums = {name: np.concatenate([part[name] for part in by_batch], 1) for name in by_batch[0]}
    return sums | {"intact": sums["intact"][0], "n_places": sums["n_places"][0]}


def _key(probe: Probe, path: str) -> str:
    return f"{probe.name}/{path}"


def _inside(sequence: TokenSequence) -> list[bool]:
    things = sequence.roles["shape"]
    return [position in things for position in range(len(sequence))]


def _parts(values: np.ndarray, inside: np.ndarray) -> Float64[np.ndarray, "picture part"]:
    """Sums over the places inside things and beside them; both [picture, place]."""
    values = values.astype(np.float64)
    return np.stack([(values * inside).sum(1), (values * ~inside).sum(1)], -1)


def summary(
    sums: Mapping[str, np.ndarray], scenes: np.ndarray, seed: int
) -> dict[str, dict[str, Float64[np.ndarray, " head"]]]:
    """Values and intervals of each type of evidence, an entry a head.

    Intervals are 95% bootstraps over scenes, each of which is drawn with all its amounts of noise.

    Args:
        sums: what `effects_of` gives, for the heads of several modules.
        scenes: the scene of each picture, [picture].
        seed: of the bootstrap.
    """
    of_scene = scenes[None] == np.unique(scenes)[:, None]

    def over(values: np.ndarray) -> np.ndarray:
        return of_scene.astype(np.float64) @ values

    made: dict[str, dict[str, Any]] = {}
    for type_, part in ((REGION_LOSS, _INSIDE), (GROUND_LOSS, _BESIDE)):
        rise, intact = over((sums["without"] - sums["intact"])[..., part].T), over(sums["intact"][:, part])
        made[type_] = _share(rise, np.broadcast_to(intact[:, None], rise.shape), seed)
        made[type_]["intact"] = np.full(rise.shape[1], intact.sum() / sums["n_places"][:, part].sum())
    change = np.stack([over(sums["change"][..., part].T) for part in (_INSIDE, _BESIDE)])
    made[REGION_CHANGE] = _share(change[_INSIDE], change.sum(0), seed)
    return made


def _share(
    part: Float64[np.ndarray, "scene head"], total: Float64[np.ndarray, "scene head"], seed: int
) -> dict[str, Any]:
    """A ratio of sums with its interval; not a number where there is nothing to divide by."""
    draws = draws_of(len(total), seed)
    with np.errstate(invalid="ignore"):
        resampled = (draws @ part) / (draws @ total)
        value = part.sum(0) / total.sum(0)
    low, high = np.quantile(resampled, (0.025, 0.975), axis=0)
    return {"value": value, "ci_low": low, "ci_high": high}
