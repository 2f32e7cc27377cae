"""What is left of a layer's attention: a few sums for each head, sequence and pattern."""

from __future__ import annotations

from dataclasses import dataclass, fields

from jaxtyping import Float, Shaped
from torch import Tensor
from torch.utils._pytree import tree_leaves

from headatlas.scoring.line_finder import FoundLines


@dataclass(frozen=True)
class LayerSums:
    """Sums over the counted queries of each sequence, for some heads of one kind of attention.

    `scores`; `sink_free` scores and `n_sink_free`, the number of queries counted in them; `null`, the scores against
    the targets of shuffled tokens; `value_weighted` scores, None where the norms of the value vectors were not given.
    The others are what a `Tally` calls by these names; `control`, `rows_off`, `other_sinks`, `distance` and
    `far` are summed over sequences. `lines` are queries to be read, None where the batch is no running text.
    """

    scores: Float[Tensor, "batch head pattern"]
    sink_free: Float[Tensor, "batch head pattern"]
    n_sink_free: Float[Tensor, "batch head pattern"]
    null: Float[Tensor, "batch head pattern"]
    value_weighted: Float[Tensor, "batch head pattern"] | None
    off_sink: Float[Tensor, "batch head pattern"]
    off_mass: Float[Tensor, "batch head pattern"]
    awake: Float[Tensor, "batch head pattern"]
    contrast: Float[Tensor, "batch head pattern"]
    waking: Float[Tensor, "batch head class"]
    control: Float[Tensor, "head pattern"]
    rows_off: Float[Tensor, " head"]
    other_sinks: Float[Tensor, " head"]
    distance: Float[Tensor, "head distance"]
    far: Float[Tensor, "head far_lag"]
    lines: FoundLines | None = None

    def tensors(self) -> list[Shaped[Tensor, "*_"]]:
        """All of them, those of the lines included."""
        parts = [getattr(self, part.name) for part in fields(self)]
        return [leaf for leaf in tree_leaves(parts) if isinstance(leaf, Tensor)]
