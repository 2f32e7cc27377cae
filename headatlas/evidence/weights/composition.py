"""Which earlier heads a head is built on: how much of its query, key and value weights reads what they write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.weights.model_weights import LayerWeights
from headatlas.models.products import linear

# What of a later head reads an earlier one.
READERS = ("query", "key", "value")
# Earlier heads kept for each head and reader.
TOP_K = 10


@dataclass(frozen=True)
class Link:
    """A later head's query, key or value (`reads`) reads an earlier one's output; heads as (layer, head).

    `rank` is 1 for the strongest.
    """

    later: tuple[int, int]
    earlier: tuple[int, int]
    reads: str
    value: float
    rank: int


@dataclass(frozen=True)
class Reader:
    """What a layer's heads read, shared[group] own[head]: products with what is shared are made once a group.

    `own` is None where every head is a group of its own, with everything in `shared`. `size` is the matrices' norm.
    """

    shared: Float[Tensor, "group d_model d_head"]
    own: Float[Tensor, "head d_head d_head"] | None
    size: Float[Tensor, " head"]

    @classmethod
    def of(
        cls, w: Float[Tensor, "head d_model d_head"], own: Float[Tensor, "head d_head d_head"], n_groups: int
    ) -> Reader:
        """Of heads whose W is the same within each group, one after the other."""
        whole = w @ own
        size = whole.flatten(1).norm(dim=1)
        return cls(whole, None, size) if n_groups == len(w) else cls(w[:: len(w) // n_groups], own, size)

    def norms(self, written: Float[Tensor, "earlier d_head d_model"]) -> Float[Tensor, "later earlier"]:
        """|W R| of every W that is written and every R that a head reads."""
        n_earlier, d_head, d_model = written.shape
        # One product for all pairs: [earlier x d_head, d_model] by [d_model, group x d_head].
        product = linear(written.reshape(-1, d_model), self.shared.mT.reshape(-1, d_model))
        by_group = product.view(n_earlier * d_head, len(self.shared), -1).movedim(1, 0)
        if self.own is not None:
            own = self.own.view(len(self.shared), -1, *self.own.shape[1:])
            by_group = by_group @ own.movedim(1, 2).flatten(2)
        blocks = by_group.reshape(len(self.shared), n_earlier, d_head, -1, self.shared.shape[-1])
        return blocks.pow(2).sum((2, 4)).sqrt().mT.reshape(-1, n_earlier)


class Reduced:
    """A layer's matrices as far as compositions depend on them: through R of QR factors, sizes stay d_head.

    For every W of that height |written W| = |OV W|, and |W reads[...]| = |W QK|, |W QK^T| and |W OV|, where
    QK = W_Q W_K^T and OV = W_V W_O with the gains of the layer's norms folded in (Frobenius norms).

    Raises:
        NotAvailable: what the layer writes, or the values, are not what the weights say. Where that holds for queries
            and keys alone, only "value" is there and `left_out` says why.
    """

    left_out: NotAvailable | None = None

    def __init__(self, layer: LayerWeights) -> None:
        self.layer = layer.layer
        self.n_heads = len(layer.w_o)
        gain = layer.norm.gain[:, None]

        def read(w: Float[Tensor, "head d_model d_head"]) -> Float[Tensor, "head d_model d_head"]:
            w = gain * w
            return w - w.mean(1, keepdim=True) if layer.norm.centred else w

        w_v = read(layer.values)
        self.written: Float[Tensor, "head d_head d_model"] = _upper(w_v) @ layer.written
        self.reads: dict[str, Reader] = {}
        n_groups = len(layer.w_k)
        try:
            w_q, w_k = read(layer.queries), read(layer.keys)
            self.reads["query"] = Reader.of(w_q, _upper(w_k).mT, self.n_heads)
            self.reads["key"] = Reader.of(w_k, _upper(w_q).mT, n_groups)
        except NotAvailable as reason:
            self.left_out = reason
        self.reads["value"] = Reader.of(w_v, _upper(layer.written.mT).mT, n_groups)


def composition_scores(
    written: Float[Tensor, "earlier d_head d_model"], later: Reduced
) -> dict[str, Float[Tensor, "later earlier"]]:
    """Q-, K- and V-composition of every head of a layer with every earlier head, of which `written` is given.

    |OV QK|, |OV QK^T| and |OV OV| over the product of the two matrices' norms, less 1/sqrt(d_model), which is the
    root mean square for a random matrix in place of either. A head that reads exactly what another writes, n
    directions alike, gives 1/sqrt(n) - 1/sqrt(d_model). 0 where a head writes or reads nothing. Rotary positions are
    left aside. After Elhage et al. 2021, A Mathematical Framework for Transformer Circuits.
    """
    scores = {}
    size_written = written.flatten(1).norm(dim=1)
    for name, reader in later.reads.items():
        share = reader.norms(written) / (reader.size[:, None] * size_written)
        scores[name] = torch.where(share.isfinite(), share - written.shape[-1] ** -0.5, 0)
    return scores


def links(layers: Iterable[Reduced]) -> Iterator[Link]:
    """The strongest earlier heads for the query, the key and the value of every head that has any before it."""
    written: list[Tensor] = []
    names: list[tuple[int, int]] = []
    for later in layers:
        scores = composition_scores(torch.cat(written), later) if written else {}
        for reads, values in scores.items():
            ordered, order = values.sort(dim=1, descending=True, stable=True)
            for head in range(later.n_heads):
                for rank in range(min(TOP_K, len(names))):
                    value, earlier = float(ordered[head, rank]), names[int(order[head, rank])]
                    yield Link((later.layer, head), earlier, reads, value, rank + 1)
        written.append(later.written)
        names += [(later.layer, head) for head in range(later.n_heads)]


def _upper(w: Float[Tensor, "head long short"]) -> Float[Tensor, "head short short"]:
    """R of the QR factors: |w X| = |R X| for every X."""
    return torch.linalg.qr(w, mode="r").R
