"""Norms as evidence reads them: what is fixed in them, apart from the division by a size that text decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from headatlas.evidence.removing.passes import NotAvailable

# Vectors by which a norm is found out, and by how much each is larger than the one before: what divides by a vector's
# size gives the same for all of them, what multiplies does not.
N_TRIED = 4
STEP = 2.0
# Large, so that a norm's epsilon is nothing beside them.
SIZE = 100.0


@dataclass(frozen=True)
class Norm:
    """A norm apart from its division by the vector's size: gain, bias, and whether the mean is taken off first."""

    gain: Float[Tensor, " d_model"]
    centred: bool
    bias: Float[Tensor, " d_model"]

    def direction(self, x: Float[Tensor, "*some d_model"]) -> Float[Tensor, "*some d_model"]:
        """x as the norm hands it on, up to the size it divides by and the bias it adds."""
        return (x - x.mean(-1, keepdim=True) if self.centred else x) * self.gain

    def scale(self, x: Float[Tensor, "*some d_model"]) -> Float[Tensor, "*some 1"]:
        """What the norm divides x by, its epsilon aside."""
        if self.centred:
            x = x - x.mean(-1, keepdim=True)
        return x.pow(2).mean(-1, keepdim=True).sqrt()

    def __call__(self, x: Float[Tensor, "*some d_model"]) -> Float[Tensor, "*some d_model"]:
        """The normed x without the bias; nothing where x is zero."""
        return self.direction(x) / self.scale(x).clamp(min=1e-8)


@dataclass(frozen=True)
class NoNorm(Norm):
    """Where nothing is divided by; the gain is a multiplier, 1 where there is none."""

    def scale(self, x: Float[Tensor, "*some d_model"]) -> Float[Tensor, "*some 1"]:
        """1."""
        return torch.ones_like(x[..., :1])


@dataclass(frozen=True)
class HeadNorm:
    """A norm of queries or keys: of each head's by itself, or (`whole`) of all heads' side by side.

    `divides` is False where there is none.
    """

    gain: Float[Tensor, "head d_head"]
    centred: bool = False
    whole: bool = False
    divides: bool = True

    def direction(self, x: Float[Tensor, "*some head d_head"]) -> Float[Tensor, "*some head d_head"]:
        """x as the norm hands it on, up to the size it divides by."""
        return (x - self._mean(x) if self.centred else x) * self.gain

    def __call__(self, x: Float[Tensor, "*some head d_head"]) -> Float[Tensor, "*some head d_head"]:
        """The normed x, without any bias."""
        if not self.divides:
            return self.direction(x)
        centred = x - self._mean(x) if self.centred else x
        return self.direction(x) / self._mean(centred.pow(2)).sqrt().clamp(min=1e-8)

    def fold(self, w: Float[Tensor, "head d_model d_head"]) -> Float[Tensor, "head d_model d_head"]:
        """Query or key weights with the gain (and the centring) in them."""
        return self.direction(w.movedim(1, 0)).movedim(0, 1)

    def _mean(self, x: Tensor) -> Tensor:
        return x.mean((-2, -1) if self.whole else -1, keepdim=True)


def find_norm(module: Any, d_model: int) -> Norm:
    """A norm's gain and type, found by trying it out: modules name and store theirs in many ways.

    Raises:
        NotAvailable: it is no layer norm, root-mean-square norm or identity.
    """
    # Behind the hooks, where the bridge has one: a component may pass its input through unchanged itself.
    inner = getattr(module, "original_component", None)
    inner = module if inner is None else inner
    if module is None or isinstance(inner, nn.Identity):
        return NoNorm(torch.ones(d_model), False, torch.zeros(d_model))
    parameter = next(inner.parameters(), None)
    like = {} if parameter is None else {"device": parameter.device, "dtype": parameter.dtype}
    x = tried(N_TRIED, d_model).to(**like)
    with torch.inference_mode():
        there, back = inner(x).float().cpu(), inner(-x).float().cpu()
    try:
        return norm_between(x.float().cpu(), there, back, tolerance_of(x.dtype))
    except NotAvailable:
        raise NotAvailable("its norms are of a kind that is not known here") from None


def tried(n: int, d_model: int) -> Float[Tensor, "n d_model"]:
    """Random vectors by which a norm is found out, each larger than the one before."""
    x = torch.randn(n, d_model, generator=torch.Generator().manual_seed(0))
    return SIZE * x * STEP ** torch.arange(n)[:, None]


def tolerance_of(dtype: torch.dtype) -> float:
    """How far numbers computed in a dtype may be apart where they should be the same."""
    return 1e-3 if dtype in (torch.float32, torch.float64) else 0.05


def norm_between(
    x: Float[Tensor, "n d_model"], there: Float[Tensor, "n d_model"], back: Float[Tensor, "n d_model"], tolerance: float
) -> Norm:
    """What turns vectors as `tried` makes them into `there`, and minus them into `back`.

    Raises:
        NotAvailable: no multiplier, layer norm or root-mean-square norm does, or it lets nothing through.
    """
    odd, bias = (there - back) / 2, ((there + back) / 2).mean(0)
    ones = torch.ones(x.shape[-1])
    for kind, centred in ((NoNorm, False), (Norm, True), (Norm, False)):
        plain = kind(ones, centred, bias)(x)
        gain = ((odd * plain).sum(0) / plain.pow(2).sum(0)).nan_to_num()
        if kind is NoNorm and same(gain, ones, tolerance):
            gain = ones
        norm = kind(gain, centred, bias)
        fits = zip(norm(x), odd, strict=True)
        if gain.abs().max() > 0 and all(same(ours, real, tolerance) for ours, real in fits):
            return norm
    raise NotAvailable("no norm and no multiplier")


def same(actual: Tensor, expected: Tensor, tolerance: float) -> bool:
    """Whether numbers of any one shape differ by at most this share of the largest that is expected."""
    size = max(float(expected.abs().max()), 1e-12)
    return bool(float((actual - expected).abs().max()) <= tolerance * size)
