"""Whether a model is as large as its files can make it: it is built without weights, which takes no memory."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from headatlas.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# Weights that a model may have beyond those in its files: some are shared, or stored in a few bits each.
SPARE, PACKED = 2**26, 8


def built_empty(model_class: Any, config: Any, trust_remote_code: bool = False) -> PreTrainedModel:
    """A model whose parameters have shapes and no numbers.

    Raises:
        Exception: whatever its class raises for a configuration that it cannot be made of.
    """
    import torch

    with torch.device("meta"):
        if hasattr(model_class, "from_config"):
            return model_class.from_config(config, trust_remote_code=trust_remote_code)
        return model_class(config)


def check_size(model_class: Any, config: Any, n_bytes: int, location: str, trust_remote_code: bool = False) -> None:
    """Counts the weights that a configuration calls for: those that no file has would be made up.

    Raises:
        ModelError: they are more than files of weights of `n_bytes` bytes can hold.
    """
    try:
        model = built_empty(model_class, copy.deepcopy(config), trust_remote_code)
    except Exception:  # what is wrong with it is said when it is read
        return
    n_weights = sum(parameter.numel() for parameter in model.parameters())
    if n_weights > SPARE + PACKED * n_bytes:
        raise ModelError(
            f"The configuration in '{location}' cannot be meant: it calls for {n_weights:,} weights, and the files "
            f"hold {n_bytes / 1e6:,.1f} MB. Take both from the same place."
        )
