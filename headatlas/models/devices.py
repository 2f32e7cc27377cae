"""Where a model's weights go: one device, or several by a device map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headatlas.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Placement:
    """One device, or where there is a `device_map` what Hugging Face's Accelerate makes of it.

    `max_memory` is in bytes by number of GPU.
    """

    device: str
    device_map: str | None = None
    max_memory: dict[Any, Any] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `from_pretrained`."""
        if self.device_map is None:
            return {}
        return {"device_map": self.device_map} | ({"max_memory": self.max_memory} if self.max_memory else {})

    def put(self, model: PreTrainedModel) -> PreTrainedModel:
        """The model where it belongs; one that is spread over devices, or quantised to 4 bits, is there already."""
        if self.device_map is not None or getattr(model, "is_quantized", False):
            return model
        return model.to(self.device)  # type: ignore[arg-type, unused-ignore]


def choose(device: str = "auto", device_map: str | None = None, n_devices: int | None = None) -> Placement:
    """The placement asked for; `device` "auto" takes a GPU where there is one.

    Raises:
        ModelError: the devices are not there, or two ways are asked for at once.
    """
    if device_map is None and (n_devices is None or n_devices == 1):
        return Placement(choose_device(device))
    if device != "auto":
        raise ModelError("Use --device for one device, or --device-map or --n-devices for several, not both.")
    if device_map is not None and n_devices is not None:
        raise ModelError("Use just one of --device-map and --n-devices.")
    if device_map is not None:
        return Placement(choose_device("auto"), device_map)
    from transformer_lens.utilities.multi_gpu import resolve_device_map

    try:
        spread, memory = resolve_device_map(n_devices, None, None)
    except ValueError as error:
        raise ModelError(f"The model cannot be spread over {n_devices} devices: {error}") from error
    return Placement(choose_device("auto"), spread, memory)


def choose_device(asked: str) -> str:
    """The device for `auto`, or the one asked for.

    Raises:
        ModelError: it is not there.
    """
    import torch

    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if available[device])
    kind = asked.partition(":")[0]
    if not available.get(kind, False):
        raise ModelError(f"This machine has no device '{asked}' that torch can use. Use --device cpu, or auto.")
    n = torch.cuda.device_count() if kind == "cuda" else 1
    if asked not in (kind, *(f"{kind}:{number}" for number in range(n))):
        there = f"its {n} GPUs are cuda:0 to cuda:{n - 1}" if kind == "cuda" else f"use --device {kind}, or auto"
        raise ModelError(f"This machine has no device '{asked}': {there}.")
    return asked
