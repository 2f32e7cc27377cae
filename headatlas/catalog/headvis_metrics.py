"""The six metrics of HeadVis, as patterns of a scan that was read from its files.

HeadVis (Anthropic 2026, transformer-circuits.pub/2026/headvis) measures them on natural text, the first position
included: they have no chance, no interval and no control. They keep their names, so that nobody takes them for ours,
and belong to a probe of their own, `PROBE`. Whatever else such files list is called `headvis_NAME`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Float

PROBE = "headvis_text"
PROBE_VERSION = METRIC_VERSION = 1
PREFIX = "headvis_"
SOURCE = "HeadVis, Anthropic 2026, transformer-circuits.pub/2026/headvis"

_DATASET = "dataset "
# Texts there have at most this many tokens, which bounds entropies and distances.
_LONGEST = 512
# Tokens of distance that count as 1 when heads are compared, as for our own mean distance.
_MAX_DISTANCE = 256.0


@dataclass(frozen=True)
class Metric:
    """A metric of HeadVis: `ours` is the pattern of ours that is the same number on natural text, where there is one.

    `scale` says how it is made comparable with shares of attention: as it is ("share"), as a share of the largest
    possible ("entropy"), by its logarithm ("distance"), or by that of its root ("variance").
    """

    summary: str
    formula: str
    unit: str
    scale: str = "share"
    ours: str | None = None


METRICS = {
    "self_attention_score": Metric(
        "Mean attention of tokens on themselves.", "mean A[q, q]", "share of attention", ours="current_token"
    ),
    "prev_token_score": Metric(
        "Mean attention on the token before.", "mean A[q, q-1]", "share of attention", ours="previous_token"
    ),
    "pattern_entropy": Metric(
        "Mean Shannon entropy of a row.", "mean over q of -sum A[q, k] ln A[q, k]", "nats", "entropy"
    ),
    "qk_distance": Metric(
        "Mean distance between query and key, weighted by attention.", "mean over q of sum A[q, k] |q - k|", "tokens",
        "distance", ours="mean_distance",
    ),
    "qk_distance_variance": Metric(
        "Variance of the distance between query and key, weighted by attention.", "variance of |q - k| under A",
        "tokens squared", "variance",
    ),
    "induction_score": Metric(
        "Attention on the tokens after all earlier copies of the current one.",
        "mean over q with a copy of sum A[q, c+1], c < q copies of q; weights below 0.01 count as 0",
        "share of attention",
    ),
}  # fmt: skip


def pattern_name(metric: str) -> str:
    """What a metric is called here: the six keep their names, others are `headvis_NAME`."""
    return metric if metric in METRICS else PREFIX + metric


def metric_name(pattern: str) -> str:
    """What a pattern of such a scan is called there."""
    return pattern.removeprefix(PREFIX)


def pattern_row(metric: str, description: str) -> dict[str, Any]:
    """The row of `patterns` for a metric; `description` is what its files say of it."""
    known = METRICS.get(metric)
    summary = known.summary if known else description.split("\n")[0] or f"'{metric}', as HeadVis' files have it."
    return {
        "name": pattern_name(metric),
        "version": METRIC_VERSION,
        "kind": "statistic",
        "family": Family.STATISTIC.value,
        "probe": PROBE,
        "summary": summary,
        "description": f"{summary}\n\nMeasured by HeadVis on texts of its own, the first position included; no chance "
        "is known of it." + (f"\n\n{description}" if description and description != summary else ""),
        "example": "",
        "formula": known.formula if known else "",
        "unit": known.unit if known else "",
        "source": SOURCE,
        "rivals": "[]",
    }  # fmt: skip


def probe_row() -> dict[str, Any]:
    """The row of `probes` for the texts on which HeadVis measures."""
    summary = "Natural text on which HeadVis measured these heads."
    return {
        "name": PROBE,
        "version": PROBE_VERSION,
        "summary": summary,
        "description": f"{summary}\n\nWhich data set it was stands beside the scan. Models were measured on different "
        "ones, and their heads are compared all the same.",
    }


def note_of(dataset: str) -> str:
    """What stands beside a scan's probe: `dataset openwebtext`."""
    return _DATASET + dataset


def dataset_of(note: str) -> str:
    """The data set that `note_of` says."""
    return note.removeprefix(_DATASET)


def scaled(name: str, values: Float[np.ndarray, " head"]) -> Float[np.ndarray, " head"] | None:
    """Values of one of the six made comparable, 0 to about 1; None where `name` is none of them."""
    known = METRICS.get(name)
    if known is None:
        return None
    sizes = np.maximum(values, 0).astype(float)
    if known.scale == "share":
        return sizes
    if known.scale == "entropy":
        entropies: np.ndarray = sizes / np.log(_LONGEST)
        return entropies
    if known.scale == "variance":
        sizes = np.sqrt(sizes)
    logs: np.ndarray = np.log1p(sizes) / np.log1p(_MAX_DISTANCE)
    return logs
