"""Heads over training: the scans of a run's checkpoints, one curve a head. Never imports torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import NormalDist

from headatlas.catalog.reader import Reader
from headatlas.errors import HeadatlasError, UnknownNameError
from headatlas.heads import OfHead, layer_name
from headatlas.models.checkpoints import run_and_step, scan_name
from headatlas.patterns import PATTERNS
from headatlas.patterns.lookup import most_prominent

# The probability with which luck alone may put one of a run's heads above chance.
LUCK = 0.05
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Point:
    """A head's score at a step, with its 95% interval; None where the scan had nothing to score or has no such head."""

    step: int
    score: float | None
    low: float | None
    high: float | None
    chance: float | None

    @property
    def excess(self) -> float | None:
        """How many standard errors, which the interval tells, the score is above chance; None where it has none."""
        if self.score is None or self.chance is None or self.low is None or self.high is None:
            return None
        error = (self.high - self.low) / (2 * _NORMAL.inv_cdf(0.975))
        above = self.score - self.chance
        return above / error if error else inf * above if above else 0.0


@dataclass(frozen=True)
class HeadCurve(OfHead):
    """One head's score at every step of the run, lowest step first."""

    attention: str
    layer: int
    head: int
    points: tuple[Point, ...]

    @property
    def layer_name(self) -> str:
        """L5."""
        return layer_name(self.attention, self.layer)

    @property
    def known(self) -> list[tuple[int, float]]:
        """Steps that have a score, with it."""
        return [(point.step, point.score) for point in self.points if point.score is not None]

    @property
    def highest(self) -> tuple[int, float] | None:
        """The first step with the highest score, and that score."""
        return max(self.known, key=lambda known: (known[1], -known[0]), default=None)

    @property
    def half_way(self) -> int | None:
        """The first step from which on the score stays above the middle between its lowest and its highest.

        None where it ends below the middle: what rose has gone again. Scores .1, .1, .8, .9 at the steps
        0, 100, 200, 300 give 200.
        """
        scores = [score for _, score in self.known]
        if not scores or max(scores) == min(scores):
            return None
        middle = (max(scores) + min(scores)) / 2
        first_above = None
        for step, score in reversed(self.known):
            if score < middle:
                break
            first_above = step
        return first_above


@dataclass(frozen=True)
class Training:
    """A run over training, in one pattern on one probe. `labelled` counts the heads that carry its label by step."""

    run: str
    pattern: str
    family: str
    kind: str
    summary: str
    unit: str
    probe: str
    steps: tuple[int, ...]
    curves: tuple[HeadCurve, ...]
    labelled: Mapping[int, int]
    notes: tuple[str, ...]


def runs(reader: Reader) -> dict[str, list[int]]:
    """The runs in a database and their steps, in numeric order."""
    by_run: dict[str, list[int]] = {}
    for row in reader.scans():
        checkpoint = run_and_step(row["model"])
        if checkpoint is not None:
            run, step = checkpoint
            by_run.setdefault(run, []).append(step)
    return {run: sorted(steps) for run, steps in sorted(by_run.items())}


def training(reader: Reader, run: str, *, pattern: str | None = None, probe: str | None = None) -> Training:
    """Curves of all heads of a run, in the most prominent pattern unless another is named.

    Without `probe`, on the one the pattern was made for, or on the only one there is.

    Raises:
        UnknownNameError: no such run, or nothing scored for such a pattern or probe.
        HeadatlasError: the checkpoints were scored with different versions of the pattern or the probe.
    """
    known = runs(reader)
    if run not in known:
        raise UnknownNameError("training run", run, known, "Scan its checkpoints with `headatlas scan --checkpoints`.")
    pattern = reader.known_name("pattern", pattern) if pattern else most_prominent(PATTERNS.names()) or ""
    steps = known[run]
    names = {scan_name(run, step): step for step in steps}
    scans = ", ".join(str(reader.scan(name)["id"]) for name in names)
    measured = reader.rows(
        f"""select distinct patterns.id as pattern_id, probes.id as probe_id, probes.name as scored_on, patterns.*
            from heads join scores on scores.head_id = heads.id
            join patterns on patterns.id = scores.pattern_id join probes on probes.id = scores.probe_id
            where heads.scan_id in ({scans}) and patterns.name = ? order by patterns.version""",
        [pattern],
    )
    if not measured:
        rows = reader.rows("select distinct name from patterns where kind <> 'rival'")
        others = {row["name"] for row in rows} - {pattern}
        raise UnknownNameError("pattern", pattern, others, f"The checkpoints of {run} have no scores of it.")
    newest = measured[-1]
    probe = _probe(run, pattern, probe, newest["probe"], sorted({row["scored_on"] for row in measured}))
    if sum(row["scored_on"] == probe for row in measured) > 1:
        raise HeadatlasError(
            f"The checkpoints of {run} were scored with different versions of {pattern} or {probe}, which cannot be "
            "compared. Scan them again with --force."
        )
    curves = _curves(reader, names, steps, pattern, probe)
    return Training(
        run=run, pattern=pattern, family=newest["family"], kind=newest["kind"], summary=newest["summary"],
        unit=newest["unit"],
        probe=probe, steps=tuple(steps), curves=curves, labelled=_labelled(reader, names, pattern),
        notes=(*_notes(reader, scans), *_noise(curves, pattern)),
    )  # fmt: skip


def _probe(run: str, pattern: str, asked: str | None, own: str | None, ran: Sequence[str]) -> str:
    wanted = asked or own
    if wanted in ran:
        return str(wanted)
    if asked is None and len(ran) == 1:  # scans on one text have nothing else to read
        return ran[0]
    raise UnknownNameError(
        "scored probe", str(wanted), ran, f"{run} has no scores of {pattern} on it; choose with --probe."
    )


def _curves(
    reader: Reader, names: Mapping[str, int], steps: Sequence[int], pattern: str, probe: str
) -> tuple[HeadCurve, ...]:
    marks = ", ".join("?" * len(names))
    points: dict[tuple[str, int, int], dict[int, Point]] = {}
    for row in reader.rows(
        f"""select * from head_scores where pattern = ? and probe = ? and model in ({marks})
            order by attention, layer, head""",
        [pattern, probe, *names],
    ):
        step = names[row["model"]]
        point = Point(step, row["score"], row["ci_low"], row["ci_high"], row["chance"])
        points.setdefault((row["attention"], row["layer"], row["head"]), {})[step] = point
    return tuple(
        HeadCurve(*head, tuple(by_step.get(step) or Point(step, None, None, None, None) for step in steps))
        for head, by_step in points.items()
    )


def _labelled(reader: Reader, names: Mapping[str, int], pattern: str) -> dict[int, int]:
    """Heads with the label, by step; steps without labels are left out."""
    marks = ", ".join("?" * len(names))
    counted = {
        row["model"]: int(row["n"])
        for row in reader.rows(
            f"select model, count(*) as n from head_labels where label = ? and model in ({marks}) group by model",
            [pattern, *names],
        )
    }
    made = reader.rows(f"select model from scans where calibration is not null and model in ({marks})", [*names])
    return {names[row["model"]]: counted.get(row["model"], 0) for row in made}


def _noise(curves: Sequence[HeadCurve], pattern: str) -> tuple[str, ...]:
    """A word where the run ends with no head above chance: the highest of many scores is high by luck alone.

    A score is above chance where that would be so for one of as many heads, with a probability under `LUCK`; its
    standard error is read off its 95% interval.
    """
    ends = [(excess, curve) for curve in curves if (excess := curve.points[-1].excess) is not None]
    if not ends or max(excess for excess, _ in ends) > _NORMAL.inv_cdf(1 - LUCK / len(ends)):
        return ()
    highest = max((curve for _, curve in ends), key=lambda curve: curve.points[-1].score or 0.0)
    last = highest.points[-1]
    return (
        f"At the last step no head is above chance in {pattern}: the highest, {highest.name}, has {last.score:.3f} "
        f"where chance is {last.chance:.3f}, and one of {len(ends)} heads has as much by luck.",
    )


def _notes(reader: Reader, scans: str) -> tuple[str, ...]:
    notes = []
    for column, word in (("seed", "seed"), ("dtype", "number format"), ("n_heads", "number of heads a layer"),
                         ("n_layers", "number of layers")):  # fmt: skip
        values = [row[0] for row in reader.rows(f"select distinct {column} from scans where id in ({scans})")]
        if len(values) > 1:
            notes.append(f"The {word} differs between checkpoints: {', '.join(map(str, sorted(values)))}.")
    return tuple(notes)
