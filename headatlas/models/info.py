"""What is known of a loaded model, and stored with its scan."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headatlas.errors import ModelError, brief
from headatlas.models.hearing import alignment_heads, check_hearing

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from headatlas.models.source import Source

# Models without a stated context length are taken to hold this many tokens.
DEFAULT_CONTEXT = 512
# The longest that are stated have ten million; models without positions may say what fits into 32 bits.
MOST_CONTEXT = 2**32


@dataclass(frozen=True)
class ModelInfo:
    """What is stored of a model with its scan.

    `source` is hub, folder, gguf, bridge or object (a model of transformers). `revision` is the commit on the hub.
    `digest` is the SHA-256 of a .gguf file, of the names and contents of a folder's configuration and weights, or of a
    held model's parameters. `context_length` is in tokens. `location` is what to load it from again: a full path or a
    name; None where it was held. `alignment_heads` are those of cross-attention that the generation settings of a model
    of speech name, as JSON.
    """

    name: str
    architecture: str
    source: str
    revision: str | None
    digest: str | None
    n_layers: int
    n_heads: int
    d_model: int
    d_vocab: int
    context_length: int | None
    n_parameters: int
    dtype: str
    device: str
    tokenizer: str | None
    location: str | None = None
    alignment_heads: str | None = None

    @property
    def context(self) -> int:
        """Tokens that the model may be given at once, whether it says so or not."""
        return self.context_length or DEFAULT_CONTEXT


def info_of(
    hf_model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None, name: str, dtype: str, source: Source
) -> ModelInfo:
    """What a plain model says of itself.

    Raises:
        ModelError: it reads nothing that headatlas has, or states a context that no model has.
    """
    config = hf_model.config.get_text_config()
    reads_signals = getattr(hf_model, "main_input_name", "") in ("pixel_values", "input_values")
    if not hasattr(config, "vocab_size") and not reads_signals:
        raise ModelError(f"'{name}' ({hf_model.config.architectures[0]}) reads neither tokens nor images nor sounds.")
    check_hearing(hf_model, name)
    return ModelInfo(
        name=name,
        architecture=hf_model.config.architectures[0],
        source=source.kind,
        revision=source.revision,
        digest=source.digest,
        n_layers=_count(config, "num_hidden_layers"),
        n_heads=_count(config, "num_attention_heads"),
        d_model=_count(config, "hidden_size"),
        d_vocab=0 if reads_signals else int(config.vocab_size),
        context_length=_context_length(config),
        n_parameters=sum(parameter.numel() for parameter in hf_model.parameters()),
        dtype=dtype,
        device=str(hf_model.device),
        tokenizer=type(tokenizer).__name__ if tokenizer is not None else None,
        alignment_heads=alignment_heads(hf_model),
    )


def parameters_digest(module: nn.Module) -> str:
    """SHA-256 over names, shapes, number formats and contents of a module's parameters; about a second a gigabyte."""
    import torch

    total = hashlib.sha256()
    for name, parameter in module.named_parameters():
        total.update(f"{name} {tuple(parameter.shape)} {parameter.dtype}\n".encode())
        total.update(parameter.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()


def _context_length(config: Any) -> int | None:
    for name in (
        "max_position_embeddings",
        "n_positions",
        "n_ctx",
        "max_seq_len",
        "seq_length",
        "max_target_positions",
    ):
        value = getattr(config, name, None)
        if isinstance(value, int) and value > MOST_CONTEXT:
            raise ModelError(
                f"The model's configuration cannot be meant: `{name}` is {brief(f'{value:,}')}, and no model reads so "
                "many tokens at once. Take the config.json that it was trained with."
            )
        if isinstance(value, int) and value > 0:
            return value
    return None


def _count(config: Any, name: str) -> int:
    """A number of the configuration; the largest where it differs between layers."""
    value = getattr(config, name, None) or 0
    return max(value) if isinstance(value, list | tuple) else int(value)
