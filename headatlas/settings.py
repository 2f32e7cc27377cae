"""What holds for the whole program: its version, where the database is, and how a model is loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> str:
    """The version, when it is asked for: looking through installed packages takes as long as all else here together."""
    if name != "__version__":
        raise AttributeError(f"module 'headatlas.settings' has no attribute '{name}'")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("headatlas")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


# Sets of probes, each of which has those of the ones before it.
PROBE_SETS = ("quick", "standard", "full")
# What a scan reads where nothing is chosen.
DEFAULT_SET = "standard"


def default_database() -> str:
    """`$HEADATLAS_DB`, or headatlas.db in the current folder."""
    return os.environ.get("HEADATLAS_DB") or "headatlas.db"


@dataclass(frozen=True)
class LoadOptions:
    """Which weights of a model are loaded, in which number format, and where to.

    Args:
        device: "auto" (a GPU where there is one), "cpu", "cuda", "cuda:1", "mps".
        device_map: spreads the weights over devices: "auto", "balanced" or "sequential"; instead of `device`.
        n_devices: spreads the weights evenly over this many GPUs; instead of `device` and `device_map`.
        dtype: "float32" (also by "auto"), "bfloat16" or "float16".
        revision: branch, tag or commit on the hub.
        trust_remote_code: whether code that comes with the model may run.
    """

    device: str = "auto"
    device_map: str | None = None
    n_devices: int | None = None
    dtype: str = "float32"
    revision: str | None = None
    trust_remote_code: bool = False
