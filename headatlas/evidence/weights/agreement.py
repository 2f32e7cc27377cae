"""Whether what weights say is what a model computes, up to what it is multiplied by."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.weights.norms import HeadNorm, same

# Largest difference, as a share of the largest number, between what weights say and what the model has.
TOLERANCE = 0.01
# Factors nearer to 1 (or to what is usual) than this are that.
EXACT = 1e-3
# What norms of queries and keys may be (see `HeadNorm`): divides, centred, whole.
KINDS = ((False, False, False), *((True, centred, whole) for whole in (False, True) for centred in (False, True)))


def close(ours: Tensor, real: Tensor, tolerance: float = TOLERANCE) -> bool:
    """Whether both are of one shape and the same numbers, up to a share of the largest."""
    return ours.shape == real.shape and same(ours, real, tolerance)


def rises(ours: Float[Tensor, "row n"], real: Float[Tensor, "row n"], tolerance: float = TOLERANCE) -> bool:
    """Whether in each row what the model has rises with what the weights say, ties aside.

    So it does when the model multiplies by something positive, adds the same to all of a row, or caps softly.
    """
    if ours.shape != real.shape:
        return False
    ordered = real.gather(1, ours.argsort(dim=1, stable=True))
    falls = (ordered.cummax(1).values - ordered).amax(1)
    return bool((falls <= tolerance * (ordered.amax(1) - ordered.amin(1))).all())


def factor(ours: Tensor, real: Tensor, tolerance: float = TOLERANCE) -> float:
    """What the weights' numbers, of any shape, are multiplied by in the model, 1 where it is nearly that.

    Raises:
        NotAvailable: that is not all that happens to them.
    """
    by = float((ours * real).sum() / ours.pow(2).sum())
    if not by > 0 or not close(by * ours, real, tolerance):
        raise NotAvailable("its logits are not the normed residual stream, unembedded and multiplied")
    return 1.0 if abs(by - 1) < EXACT else by


def multiplier(
    own: Float[Tensor, "token d_model"], entering: Float[Tensor, "token d_model"], tolerance: float = TOLERANCE
) -> float:
    """What embeddings are multiplied by before the first block; what all tokens get alike, as of a position, aside.

    Raises:
        NotAvailable: something else happens to them.
    """
    if own.shape != entering.shape:
        raise NotAvailable("its embedding is not as wide as its residual stream")
    return factor(own - own.mean(0), entering - entering.mean(0), tolerance)


def in_one_direction(
    ours: Float[Tensor, "token head d_head"], real: Float[Tensor, "token head d_head"], tolerance: float = TOLERANCE
) -> bool:
    """Whether each head gives each token's value times something positive: 1, or less where part of it looks away."""
    if ours.shape != real.shape:
        return False
    by = ((ours * real).sum(-1, keepdim=True) / ours.pow(2).sum(-1, keepdim=True)).nan_to_num()
    return bool((by[ours.abs().amax(-1) > 0] > 0).all()) and close(by * ours, real, tolerance)


def head_norm(
    plain: Float[Tensor, "token head d_head"], real: Float[Tensor, "token wide"] | None, exact: float = EXACT
) -> HeadNorm | NotAvailable | None:
    """The norm that turns plain queries or keys into the model's; None where the model's are not to be seen."""
    if real is None or real.shape[1] != plain[0].numel():
        return None
    real = real.reshape(plain.shape)
    ones = torch.ones(plain.shape[1:])
    for divides, centred, whole in KINDS:
        unit = HeadNorm(ones, centred, whole, divides)(plain)
        gain = ((real * unit).sum(0) / unit.pow(2).sum(0)).nan_to_num(1.0)
        if not divides and same(gain, ones, exact):
            gain = ones
        norm = HeadNorm(gain, centred, whole, divides)
        if same(norm(plain), real, exact):
            return norm
    return NotAvailable("queries and keys are not what weights and a norm make of what is read")


def scores(
    q: Float[Tensor, "token head d_head"],
    k: Float[Tensor, "token kv_head d_head"],
    query_norm: HeadNorm | NotAvailable | None,
    key_norm: HeadNorm | NotAvailable | None,
    real: Float[Tensor, "token head"] | None,
    layer: int,
    tolerance: float = TOLERANCE,
) -> tuple[HeadNorm | NotAvailable, HeadNorm | NotAvailable, Float[Tensor, " head"] | NotAvailable]:
    """The norms of queries and keys, and what their products are multiplied by, as far as the model's scores agree.

    `real` are the scores of each token with itself, which no rotation changes. Norms that are None are taken for none,
    if the scores say so; where the scores cannot be seen (None, or the same everywhere, as behind the softmax),
    products are taken to be multiplied by 1 / sqrt(d_head).
    """
    if isinstance(query_norm, NotAvailable) or isinstance(key_norm, NotAvailable):
        reason = NotAvailable(f"queries and keys are not what weights and a norm make of what is read in L{layer}")
        return reason, reason, reason
    usual = q.shape[-1] ** -0.5
    seen = query_norm is not None and key_norm is not None
    query_norm = query_norm or HeadNorm(torch.ones(q.shape[1:]), divides=False)
    key_norm = key_norm or HeadNorm(torch.ones(k.shape[1:]), divides=False)
    keys = key_norm(k).repeat_interleave(q.shape[1] // k.shape[1], 1)
    ours = (query_norm(q) * keys).sum(-1)
    ours = ours - ours.mean(0)
    works = ours.abs().amax(0) > 0  # a head whose weights are zero scores the same everywhere
    if real is None or (works.any() and not (real - real.mean(0)).abs().max() > 0):
        reason = NotAvailable(f"neither its scores nor its queries and keys can be seen in L{layer}")
        return (query_norm, key_norm, torch.full((q.shape[1],), usual)) if seen else (reason, reason, reason)
    centred = real - real.mean(0)
    by = torch.where(works, (ours * centred).sum(0) / ours.pow(2).sum(0), usual)
    by = torch.where((by / usual - 1).abs() < EXACT, usual, by)
    if bool((by > 0).all()) and close(by * ours, centred, tolerance):
        return query_norm, key_norm, by
    if rises(ours.T[works], real.T[works], tolerance):
        return query_norm, key_norm, NotAvailable(f"a soft cap stands between products and scores in L{layer}")
    reason = NotAvailable(f"its scores are not queries times keys in L{layer}")
    return reason, reason, reason
