"""Tiny randomly initialised models of every architecture that TransformerLens registers, from Hugging Face configs."""

from __future__ import annotations

import re
from typing import Any

import torch
import transformers
from transformers import PretrainedConfig, PreTrainedModel

# Sizes by the many names that configurations have for them. Lists are cut or repeated to the number of layers.
LAYERS, HEADS, KEY_VALUE_HEADS, HEAD, WIDTH, INNER, WORDS, CONTEXT = 2, 4, 2, 8, 32, 64, 150, 256
SIZES: dict[str, Any] = {
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "embed_dim", "word_embed_proj_dim", "dim"), WIDTH),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers",
                     "num_decoder_layers"), LAYERS),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads",
                     "decoder_attention_heads"), HEADS),
    **dict.fromkeys(("num_key_value_heads", "num_kv_heads"), KEY_VALUE_HEADS),
    **dict.fromkeys(("intermediate_size", "ffn_dim", "d_ff", "n_inner", "encoder_ffn_dim", "decoder_ffn_dim",
                     "ffn_hidden_size", "moe_intermediate_size", "shared_expert_intermediate_size", "mlp_hidden_size",
                     "expert_ffn_hidden_size", "intermediate_size_mlp", "attention_hidden_size",
                     "moe_shared_expert_intermediate_size", "shared_intermediate_size"), INNER),
    **dict.fromkeys(("vocab_size", "vocab_size_per_layer_input"), WORDS),
    **dict.fromkeys(("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length",
                     "max_encoder_position_embeddings", "max_decoder_position_embeddings", "context_length",
                     "max_source_positions", "max_sequence_length"), CONTEXT),
    **dict.fromkeys(("head_dim", "d_kv", "kv_channels", "attention_head_dim", "global_head_dim"), HEAD),
    **dict.fromkeys(("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"), 4),
    **dict.fromkeys(("num_experts_per_tok", "moe_k", "moe_topk", "num_selected_experts"), 2),
    "rotary_dim": HEAD, "q_lora_rank": 16, "kv_lora_rank": 16, "qk_nope_head_dim": HEAD, "qk_rope_head_dim": HEAD,
    "v_head_dim": HEAD, "n_group": 1, "topk_group": 1, "n_shared_experts": 1, "first_k_dense_replace": 1,
    "hidden_size_per_layer_input": 8, "lm_head_dim": WIDTH, "image_size": 32, "patch_size": 8, "num_channels": 3,
    "mamba_d_state": 8, "state_size": 8, "mamba_expand": 2, "expand": 2, "sliding_window": 24,
    "sliding_window_size": 24, "attention_window_size": 24, "local_attention": 24,
}  # fmt: skip


class NoClass(Exception):
    """The installed transformers has no model of this name."""


def architectures() -> list[str]:
    """Every name that the installed TransformerLens registers."""
    from transformer_lens.factories import architecture_adapter_factory

    return sorted(architecture_adapter_factory.SUPPORTED_ARCHITECTURES)


def model_class(architecture: str) -> type[PreTrainedModel]:
    """The class of an architecture.

    Raises:
        NoClass: transformers has none.
    """
    class_ = getattr(transformers, architecture, None)
    if class_ is None or getattr(class_, "config_class", None) is None:
        raise NoClass(architecture)
    return class_


def tiny_config(architecture: str) -> PretrainedConfig:
    """The class's own configuration with everything small."""
    kind = model_class(architecture).config_class
    config = kind()
    shrink(config)
    for path, value in EXTRA.get(architecture, {}).items():
        owner: Any = config
        *parents, name = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        setattr(owner, name, value)
    config.architectures = [architecture]
    return config


def shrink(config: PretrainedConfig) -> None:
    """Makes a configuration and those inside it small."""
    if hasattr(config, "allow_global_per_layer_attribute_access"):
        config.allow_global_per_layer_attribute_access = True
    before = config.to_dict()
    names = {*before, *getattr(type(config), "attribute_map", {})}
    layers_before = next(
        (before[n] for n in ("num_hidden_layers", "n_layer", "num_layers") if isinstance(before.get(n), int)), 0
    )
    kv, heads = before.get("num_key_value_heads"), before.get("num_attention_heads")
    for name in names:
        value = before.get(name, getattr(config, name, None))
        if isinstance(getattr(config, name, None), PretrainedConfig):
            shrink(getattr(config, name))
            continue
        if name in ("num_key_value_heads", "num_kv_heads") and (kv is None or kv == heads):
            set_size(config, name, HEADS if kv is not None else None)
        elif name in SIZES and isinstance(value, int) and not isinstance(value, bool):
            set_size(config, name, SIZES[name])
        elif isinstance(value, list | tuple) and layers_before and len(value) == layers_before:
            set_size(config, name, shortened(list(value)))
    if before.get("per_layer_config"):  # as Gemma 4 has it: what differs in its few layers of global attention
        config.per_layer_config = {LAYERS - 1: {}}
    for name, value in list(vars(config).items()):
        if not name.endswith(("_token_id", "_token_index")):
            continue
        if isinstance(value, int) and value >= WORDS:
            # what stands for an image or a sound must be no word of a probe's
            setattr(config, name, 2 if name in ("pad_token_id", "bos_token_id", "eos_token_id") else WORDS - 1)
        elif isinstance(value, list):
            setattr(config, name, [min(token, 2) for token in value])


def set_size(config: PretrainedConfig, name: str, value: Any) -> None:
    """Sets a value where the configuration lets itself be changed."""
    try:
        setattr(config, name, value)
    except (AttributeError, ValueError, NotImplementedError):
        return


def shortened(values: list[Any]) -> list[Any]:
    """A list of a kind for each layer, for `LAYERS` layers that show every kind there is, if they can."""
    kinds = list(dict.fromkeys(map(str, values)))
    first = [next(value for value in values if str(value) == kind) for kind in kinds]
    return (first + values)[:LAYERS] if len(first) >= 1 else values[:LAYERS]


def tiny_model(architecture: str) -> PreTrainedModel:
    """A model with random weights whose attention is not uniform."""
    torch.manual_seed(0)
    config = tiny_config(architecture)
    config._attn_implementation = "eager"
    model = model_class(architecture)(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            # At the usual small initialisation every head is nearly uniform; these look somewhere.
            if weights.ndim >= 2 and re.search(r"attn|attention|query|key|qkv|q_proj|k_proj", name, re.I):
                weights.mul_(min(20.0, 0.3 / max(float(weights.std()), 1e-6)))
    return model.eval()


MROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, HEAD // 2 - 2]}

# What single architectures need beyond the sizes above, by path within the configuration.
EXTRA: dict[str, dict[str, Any]] = {
    "ASTForAudioClassification": {"max_length": 64, "num_mel_bins": 32},
    "Emu3ForConditionalGeneration": {"vocabulary_map": {"<|extra_200|>": 140, "<image>": 149}},
    "BambaForCausalLM": {"mamba_n_heads": 4, "mamba_d_head": 16, "attn_layer_indices": [1]},
    "DeepseekV2ForCausalLM": {"num_experts_per_tok": 2, "mlp_layer_types": None},
    "Glm4vForConditionalGeneration": {"text_config.rope_parameters": MROPE},
    "GraniteMoeHybridForCausalLM": {
        "layer_types": ["linear_attention", "full_attention"],
        "mamba_n_heads": 8,
        "mamba_d_head": 8,
    },
    "HrmTextForCausalLM": {"num_layers_per_stack": 1, "num_hidden_layers": 8},
    "HunYuanDenseV1ForCausalLM": {"head_dim": HEAD},
    "JambaForCausalLM": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "Lfm2MoeForCausalLM": {"layer_types": ["conv", "full_attention"], "num_dense_layers": 1},
    "LEDForConditionalGeneration": {"attention_window": [16, 16]},
    "Mamba2ForCausalLM": {"num_heads": 8, "head_dim": 8, "n_groups": 1},
    "NemotronForCausalLM": {"num_key_value_heads": KEY_VALUE_HEADS},
    "NemotronHForCausalLM": {"mamba_num_heads": 8, "mamba_head_dim": 8, "n_groups": 1, "chunk_size": 32},
    "Qwen2_5_VLForConditionalGeneration": {"text_config.rope_parameters": MROPE},
    "RecurrentGemmaForCausalLM": {"block_types": ["recurrent", "attention"], "head_dim": HEAD},
    "T5GemmaForConditionalGeneration": {"decoder.cross_attention_hidden_size": WIDTH},
    "Zamba2ForCausalLM": {
        "layers_block_type": ["linear_attention", "hybrid"],
        "hybrid_layer_ids": [1],
        "mamba_headdim": 8,
        "attention_hidden_size": 2 * WIDTH,
        "attention_head_dim": 2 * HEAD,
        "kv_channels": HEAD,
        "num_key_value_heads": HEADS,
        "num_query_groups": HEADS,
        "chunk_size": 64,
    },
}
