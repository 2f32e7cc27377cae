"""A Hugging Face model that somebody holds: copied before it is wrapped, so that theirs stays as it is."""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True, repr=False)
class HeldModel:
    """A model with the tokenizer that belongs to it; without one, only probes of random tokens can be read."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase | None = None


def is_hf_model(model: Any) -> bool:
    """Whether this is a model of transformers; who has none has not imported it."""
    modeling = sys.modules.get("transformers.modeling_utils")
    # A bridge passes on whatever attribute its model has: only its type tells.
    return modeling is not None and isinstance(model, modeling.PreTrainedModel)


def held_name(model: Any) -> str:
    """What it was loaded from, or the name of its class."""
    return str(getattr(model.config, "_name_or_path", "") or type(model).__name__)


def eager_copy(model: PreTrainedModel) -> PreTrainedModel:
    """The same model with modules and a configuration of its own, eager attention, in eval mode.

    Its parameters share their memory with those of the original, whose attention, mode and gradients stay as they are.
    """
    import torch

    # What is in the memo is not copied but taken.
    memo: dict[int, Any] = {
        id(parameter): torch.nn.Parameter(parameter.detach(), requires_grad=False) for parameter in model.parameters()
    }
    memo |= {id(buffer): buffer for buffer in model.buffers()}
    own = copy.deepcopy(model, memo)
    own.set_attn_implementation("eager")
    return own.eval()
