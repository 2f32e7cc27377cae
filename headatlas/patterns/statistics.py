"""Row statistics: a number of each row of attention rather than a set of target keys.

A query that may attend to a single key says nothing and is not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import statistic
from headatlas.patterns.definition import TEXT

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from headatlas.patterns.rows import Rows

_CLARK = "Clark et al. 2019, arXiv:1906.04341"
_VIG = "Vig & Belinkov 2019, arXiv:1906.04284"
_ANCHORS = "Bogdan et al. 2025, arXiv:2506.19143"
_DORMANT = "Sandoval-Segura et al. 2025, arXiv:2504.03889"
_GU = "Gu et al. 2024, arXiv:2410.10781"


@statistic(
    "entropy", version=1, source=_CLARK, unit="fraction of the largest possible entropy",
    formula="mean over q of -sum over k of A[q, k] log A[q, k] / log(number of keys)",
    prominence=1,
    synonyms=("attention_entropy",),
)  # fmt: skip
def entropy(rows: Rows) -> Float[Tensor, "batch head query"]:
    """How evenly the attention is spread: 0 when all is on one key, 1 when uniform."""
    return rows.entropy() / rows.n_keys.log()


@statistic(
    "mean_distance", version=1, source=_VIG, unit="tokens", attention=TEXT,
    formula="mean over q of sum over k of A[q, k] |q - k|",
    scale="log", prominence=1,
    synonyms=("attention_distance",),
)  # fmt: skip
def mean_distance(rows: Rows) -> Float[Tensor, "batch head query"]:
    """How far away the head looks on average, in tokens."""
    return rows.mean_distance()


@statistic(
    "largest_weight", version=1, source=_CLARK, unit="share of attention",
    formula="mean over q of the largest A[q, k]",
)  # fmt: skip
def largest_weight(rows: Rows) -> Float[Tensor, "batch head query"]:
    """The weight of the key that gets most."""
    return rows.largest()


@statistic(
    "uniformity", version=1, source=_CLARK, unit="overlap with uniform attention",
    formula="mean over q of 1 - 1/2 sum over k of |A[q, k] - 1 / number of keys|",
)  # fmt: skip
def uniformity(rows: Rows) -> Float[Tensor, "batch head query"]:
    """How much of the attention is where uniform attention would put it: 1 when uniform, near 0 when on one key."""
    return rows.below_uniform()


@statistic(
    "sink_mass", version=1, source=_GU, unit="share of attention", sink_free=False,
    formula="mean over q of A[q, 0] + (1 - sum over k of A[q, k])",
    on_sink=True,
)  # fmt: skip
def sink_mass(rows: Rows) -> Float[Tensor, "batch head query"]:
    """Attention that goes to the first position or, in models with a learned sink, nowhere."""
    return 1 - rows.excluding_sink


@statistic(
    "loudness", version=1, source=_DORMANT, unit="times the mean of the layer's heads",
    formula="mean over q of |z[q] W_O| / mean over the layer's heads of |z[q] W_O|, z = A V",
    of_outputs=True, scale="log",
    synonyms=("output_norm", "head_output_norm", "dormant", "silent_head"),
)  # fmt: skip
def loudness(rows: Rows) -> Float[Tensor, "batch head query"]:
    """How much the head adds to the residual stream, beside the other heads of its layer: 1 is as much as they.

    A head may look at the first token alone and still add something, or look about and add nothing: near 0 it is
    silent, whatever it looks at.
    """
    norms = rows.output_norms
    return norms / norms.mean(1, keepdim=True).clamp(min=1e-30)


@statistic(
    "sentence_kurtosis", version=1, source=_ANCHORS, unit="kurtosis, 3 of a normal distribution", attention=TEXT,
    formula="mean over texts of mean over s of (v[s] - m)^4 / (mean over s of (v[s] - m)^2)^2, m the mean of v, "
    "v[s] = mean over t >= s + 4 of mean over q in sentence t and k in sentence s of A[q, k]",
    of_sentences=True, scale="log",
    synonyms=("receiver_head", "thought_anchors", "vertical_attention"),
)  # fmt: skip
def sentence_kurtosis(rows: Rows) -> Float[Tensor, "batch head query"]:
    """Whether few of a text's sentences get the attention of those far behind them: high where one or two stand out.

    A receiver head narrows its attention to such sentences. A line counts as a sentence, sinks are left out,
    and only texts in which 8 sentences have one that comes 4 later are counted. It can be at most about the
    number of such sentences, so that heads are set beside each other on the same texts.
    """
    return rows.sentence_kurtosis.expand_as(rows.on_first)
