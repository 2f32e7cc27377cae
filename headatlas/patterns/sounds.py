"""Statistics of encoders of sound: how global, vertical and diagonal heads are, as Yang et al. 2020 measure it.

With T frames and a head's attention A [query, key] on one sound, their three numbers are means over sounds of

    globalness   G = 1/T sum over q of H(A[q])
    verticality  V = -H(1/T sum over q of A[q])
    diagonality  D = -1/T^2 sum over q and k of |q - k| A[q, k]

with H the entropy in nats. V and D are never positive; they are kept here with their ends at 0 and 1, as 1 + V / log T
and 1 + D, which ranks heads on sounds of one length alike. Padding behind a sound is no query; T is the number of keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import statistic

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from headatlas.patterns.rows import Rows

_YANG = "Yang et al. 2020, arXiv:2006.03265"


@statistic(
    "globalness", version=1, source=_YANG, probe="sounds", unit="nats", attention=("encoder",), of_sounds=True,
    formula="mean over q of -sum over k of A[q, k] log A[q, k]", scale="log",
)  # fmt: skip
def globalness(rows: Rows) -> Float[Tensor, "batch head query"]:
    """How evenly frames look at the whole sound: the entropy of their rows, log T when they look everywhere."""
    return rows.entropy()


@statistic(
    "verticality", version=1, source=_YANG, probe="sounds", unit="share of the largest possible", sink_free=False,
    attention=("encoder",), of_sounds=True,
    formula="1 + sum over k of p[k] log p[k] / log T, p the mean row of a sound with T frames",
)  # fmt: skip
def verticality(rows: Rows) -> Float[Tensor, "batch head query"]:
    """Whether all frames look at the same few: 1 when all look at a single one, 0 when all get the same in all."""
    mean = rows.mean_on_keys
    concentration = mean.xlogy(mean).sum(-1, keepdim=True)  # the same for all queries of a sound
    return (1 + concentration / rows.n_keys.log()).expand_as(rows.on_first)


@statistic(
    "diagonality", version=1, source=_YANG, probe="sounds", unit="share of the largest possible",
    attention=("encoder",), of_sounds=True, formula="1 - mean over q of sum over k of A[q, k] |q - k| / T",
)  # fmt: skip
def diagonality(rows: Rows) -> Float[Tensor, "batch head query"]:
    """How near frames look: 1 when each looks at itself alone, less the further away it looks."""
    return 1 - rows.mean_distance() / rows.n_keys
