"""A row of evidence about a head, and an effect in words. No torch."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from headatlas.evidence.types import REGION_LOSS
from headatlas.probes import PROBES, natural_probes
from headatlas.probes.metrics import ABLATIONS, ACCURACY, LEAD, LOSS, Metric

# What taking a head out changes, the measures by which labels are judged.
EFFECTS = (*ABLATIONS, REGION_LOSS)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of evidence about one head; `probe` is None, and there is no interval, for evidence from the weights.

    `percentile` goes by the value. `rank` is the one that people are shown: of effects it goes by size, whatever the
    sign, of weights by value. What is not `exact` is an estimate to first order, without an interval.
    """

    type: str
    probe: str | None
    basis: str
    unit: str
    value: float
    low: float | None
    high: float | None
    percentile: float | None
    intact: float | None
    rank: float | None = None
    exact: bool = True


def tested_on(probe: str | None, probes: Collection[str | None]) -> str | None:
    """Of the probes on which heads were removed, the one that tests a pattern whose own probe is `probe`.

    That is the probe itself, else the nearest to it, else natural text.
    """
    own = PROBES.get(probe)
    candidates = (probe, own.nearest if own is not None else None, *natural_probes())
    return next((name for name in candidates if name and name in probes), None)


def effect_on(probe: str | None, lines: Sequence[Line]) -> Line | None:
    """The ablation that tests a pattern of this probe, in the measure that counts first there."""
    ablations = [line for line in lines if line.type in EFFECTS]
    tested = tested_on(probe, {line.probe for line in ablations})
    there = [line for line in ablations if line.probe == tested]
    return next((line for line in there if counts_first(line)), there[0] if there else None)


def effect_in_words(line: Line) -> str:
    """ "removing it raises loss on repeats by 0.42 (more than 99% of heads)"."""
    what = measure(line)
    if not line.exact:
        unit = " logits" if line.type == LEAD else ""
        size = number_in_words(abs(line.value))
        return f"removing it is estimated to change {what} by about {size}{unit}, which was not measured"
    # A lead or an accuracy falls when the model gets worse, a loss rises.
    worse, better = ("raises", "lowers") if line.type in (LOSS, REGION_LOSS) else ("lowers", "raises")
    if not is_clear(line):
        where = f" (95% interval {interval_in_words(line.low, line.high)})" if line.low is not None else ""
        return f"removing it does not measurably change {what}{where}"
    verb = worse if line.value > 0 else better
    unit = " logits" if line.type == LEAD else ""
    return f"removing it {verb} {what} by {number_in_words(abs(line.value))}{unit} ({rank_in_words(line)})"


def measure(line: Line) -> str:
    """What an ablation changes, in words."""
    metric = _metric(line)
    if metric is not None and metric.measure and counts_first(line):
        return metric.measure
    if line.type == REGION_LOSS:
        return "the loss inside the things that are drawn"
    names = {LOSS: "loss", LEAD: "the right token's lead", ACCURACY: "accuracy"}
    return f"{names.get(line.type, line.type.replace('_', ' '))} on {(line.probe or '').replace('_', ' ')}"


def _metric(line: Line) -> Metric | None:
    probe = PROBES.get(line.probe)
    return None if probe is None else probe.metric


def counts_first(line: Line) -> bool:
    """Whether it is what counts first on a probe that has a measure of its own."""
    metric = _metric(line)
    return line.type == REGION_LOSS or (metric is not None and metric.types[0] == line.type)


def head_in_words(pattern: str) -> str:
    """ "an induction head", "a previous-token head"."""
    words = hyphened(pattern)
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words} head"


def hyphened(pattern: str) -> str:
    """A pattern's name as it stands before "head"."""
    return pattern.replace("_", "-")


def is_clear(line: Line) -> bool:
    """Whether the interval leaves zero out."""
    return line.low is not None and line.high is not None and (line.low > 0 or line.high < 0)


def rank_of(line: Line) -> float:
    """Percent of the other heads with a smaller effect; 50 where not known."""
    return 50.0 if line.rank is None else line.rank


def rank_in_words(line: Line) -> str:
    """ "more than 98% of heads"."""
    rank = rank_of(line)
    return "more than any other head" if rank >= 100 else f"more than {shown_rank(rank)} of heads"


def shown_rank(rank: float) -> str:
    """A rank in percent, rounded down, so that "more than" holds: "98%"."""
    return f"{int(rank)}%"


def number_in_words(value: float) -> str:
    """Two decimals, or two digits of what is small."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def interval_in_words(low: float, high: float | None) -> str:
    """Two significant digits of the end that is further from zero."""
    ends = (low, low if high is None else high)
    decimals = max(0, 1 - math.floor(math.log10(max(map(abs, ends)) or 1)))
    return " to ".join(f"{round(end, decimals) + 0.0:.{decimals}f}" for end in ends)
