"""Products of linear layers, by the faster of two libraries that torch has.

torch multiplies matrices of 32-bit numbers by MKL, which uses half of what AMD's processors from Zen 5 on do at a time.
There oneDNN, which torch has for other work, takes half as long. The two add the same terms in another order: what a
model computes differs by rounding.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

# AMD's number of the Zen 5 family; those before it do 256 bits at a time, which MKL makes full use of.
_ZEN_5 = 26
# Multiplications of a product; smaller ones take longer by way of oneDNN.
_LEAST = 4_000_000


@cache
def is_onednn_faster() -> bool:
    """Whether products of 32-bit numbers are made by oneDNN on this processor."""
    return (
        torch.backends.mkldnn.is_available()
        and torch.backends.cpu.get_cpu_capability() == "AVX512"
        and amd_family(_described()) >= _ZEN_5
        and is_known()
    )


def is_known() -> bool:
    """Whether this version of torch has oneDNN's products under the name and with the arguments that are used here."""
    x, weight, bias = torch.arange(6.0).view(2, 3), torch.arange(12.0).view(4, 3), torch.arange(4.0)
    try:
        with torch.no_grad():
            return torch.equal(_by_onednn(x, weight, bias), nn.functional.linear(x, weight, bias))
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):
        return False


def linear(
    x: Float[Tensor, "*rows d_in"], weight: Float[Tensor, "d_out d_in"], bias: Float[Tensor, " d_out"] | None = None
) -> Float[Tensor, "*rows d_out"]:
    """`torch.nn.functional.linear`, by oneDNN where that is faster and no gradient is asked for."""
    fits = x.dtype == weight.dtype == torch.float32 and x.is_cpu and x.is_contiguous()
    is_asked_for_gradients = torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad)
    if fits and not is_asked_for_gradients and is_onednn_faster() and x.numel() * len(weight) >= _LEAST:
        return _by_onednn(x, weight, bias)
    return nn.functional.linear(x, weight, bias)


def _by_onednn(
    x: Float[Tensor, "*rows d_in"], weight: Float[Tensor, "d_out d_in"], bias: Float[Tensor, " d_out"] | None
) -> Float[Tensor, "*rows d_out"]:
    made: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return made


def fast_layers(modules: Iterable[nn.Module]) -> list[nn.Module]:
    """The linear layers within `modules`, where oneDNN is faster; none where it is not."""
    parts = [part for module in modules for part in module.modules()] if is_onednn_faster() else []
    return [part for part in parts if type(part) in (nn.Linear, Conv1D) and is_plain_or_fast(part)]


@contextmanager
def in_fast_products(layers: Sequence[nn.Module]) -> Iterator[None]:
    """Inside, linear layers, as `fast_layers` gives them, use `linear`; those that others have changed do not."""
    changed = [part for part in layers if "forward" not in part.__dict__]
    for part in changed:
        # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
        part.__dict__["forward"] = partial(_of_conv if isinstance(part, Conv1D) else _of_linear, part)
    try:
        yield
    finally:
        for part in changed:
            part.__dict__.pop("forward", None)


def is_plain_or_fast(part: nn.Module) -> bool:
    """Whether a module's forward is that of its class, or one of `in_fast_products`."""
    own = part.__dict__.get("forward")
    return own is None or (isinstance(own, partial) and own.func in (_of_linear, _of_conv))


def _of_linear(part: nn.Module, x: Float[Tensor, "*rows d_in"]) -> Float[Tensor, "*rows d_out"]:
    assert isinstance(part, nn.Linear)
    return linear(x, part.weight, part.bias)


def _of_conv(part: nn.Module, x: Float[Tensor, "*rows d_in"]) -> Float[Tensor, "*rows d_out"]:
    assert isinstance(part, Conv1D)
    return linear(x, part.weight.t(), part.bias)


def _described() -> str:
    """What the system says of the processor."""
    described = platform.processor()
    with suppress(OSError):
        described += Path("/proc/cpuinfo").read_text("utf-8", errors="replace")[:4096]
    return described


def amd_family(described: str) -> int:
    """The number of an AMD processor's family, as Linux or Windows describes it; 0 of all others."""
    family = re.search(r"family\s*:?\s*(\d+)", described, re.IGNORECASE)
    return int(family[1]) if family and "AuthenticAMD" in described else 0
