"""Tiny vision-language models of each family that is scanned with pictures, with their processors, saved as folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import transformers
from transformers import PreTrainedTokenizerFast

from tests.tiny_models import _byte_level, _save

SIZES = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4)
TEXT = dict(**SIZES, num_key_value_heads=2, max_position_embeddings=256, head_dim=8)
VISION = dict(**SIZES, image_size=48, patch_size=8)  # 6 by 6 patches
MROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]}


def tokenizer_with(*special: str) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer with some more special tokens."""
    tokenizer = _byte_level(["<s>", "</s>", *special], bos="<s>", adds_bos=True)
    tokenizer.add_special_tokens({"pad_token": "</s>", "eos_token": "</s>"})
    return tokenizer


def llava_folder(path: Path) -> Path:
    """A LLaVA: CLIP's patches in the place of `<image>`, a causal Llama."""
    tokenizer = tokenizer_with("<image>")
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(**VISION),
        text_config=transformers.LlamaConfig(**TEXT, vocab_size=len(tokenizer)),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), vision_feature_layer=-2,
    )  # fmt: skip
    images = transformers.CLIPImageProcessorPil(size={"shortest_edge": 48}, crop_size={"height": 48, "width": 48})
    processor = transformers.LlavaProcessor(
        images, tokenizer, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1
    )
    return saved(transformers.LlavaForConditionalGeneration, config, processor, path)


def paligemma_folder(path: Path) -> Path:
    """A PaliGemma: SigLIP's patches before the text; a prompt's tokens see each other both ways."""
    tokenizer = tokenizer_with("<image>")
    images = transformers.SiglipImageProcessorPil(size={"height": 48, "width": 48})
    images.image_seq_length = 36
    processor = transformers.PaliGemmaProcessor(images, tokenizer)  # which adds a thousand tokens of places
    config = transformers.PaliGemmaConfig(
        vision_config=transformers.SiglipVisionConfig(**VISION),
        text_config=transformers.GemmaConfig(**TEXT, vocab_size=len(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), projection_dim=32, hidden_size=32,
    )  # fmt: skip
    return saved(transformers.PaliGemmaForConditionalGeneration, config, processor, path)


def gemma3_folder(path: Path) -> Path:
    """A Gemma 3: 3 by 3 pooled patches; a picture's tokens see each other both ways."""
    tokenizer = tokenizer_with("<image_soft_token>", "<start_of_image>", "<end_of_image>")
    tokens = {"image_token": "<image_soft_token>", "boi_token": "<start_of_image>", "eoi_token": "<end_of_image>"}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer.backend_tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>",
        extra_special_tokens=tokens,
    )  # fmt: skip
    images = transformers.Gemma3ImageProcessorPil(size={"height": 48, "width": 48})
    config = transformers.Gemma3Config(
        vision_config=transformers.SiglipVisionConfig(**VISION),
        text_config=transformers.Gemma3TextConfig(
            **TEXT, vocab_size=len(tokenizer), sliding_window=64, layer_types=["sliding_attention", "full_attention"]
        ),
        mm_tokens_per_image=9,
        image_token_index=tokenizer.convert_tokens_to_ids("<image_soft_token>"),
        boi_token_index=tokenizer.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=tokenizer.convert_tokens_to_ids("<end_of_image>"),
    )
    processor = transformers.Gemma3Processor(images, tokenizer, image_seq_length=9)
    return saved(transformers.Gemma3ForConditionalGeneration, config, processor, path)


def _qwen(prefix: str) -> Callable[[Path], Path]:
    def folder(path: Path) -> Path:
        tokenizer = tokenizer_with("<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>")
        images = transformers.Qwen2VLImageProcessorPil(
            patch_size=8, merge_size=2, min_pixels=64, max_pixels=10**6, temporal_patch_size=2
        )
        token = tokenizer.convert_tokens_to_ids
        sizes = dict(depth=2, num_heads=4, patch_size=8, spatial_merge_size=2, temporal_patch_size=2)
        if prefix == "Qwen2VL":
            vision = dict(**sizes, embed_dim=32, hidden_size=32, mlp_ratio=2)
        elif prefix == "Qwen3VL":
            vision = dict(
                **sizes, hidden_size=32, out_hidden_size=32, intermediate_size=64, deepstack_visual_indexes=[0],
                num_position_embeddings=64,
            )  # fmt: skip
        else:
            vision = dict(
                **sizes, hidden_size=32, out_hidden_size=32, intermediate_size=64, fullatt_block_indexes=[1],
                window_size=64,
            )  # fmt: skip
        of_text = {name: value for name, value in TEXT.items() if name != "head_dim" or prefix == "Qwen3VL"}
        config = getattr(transformers, f"{prefix}Config")(
            vision_config=vision,
            text_config=dict(**of_text, vocab_size=len(tokenizer), rope_parameters=MROPE),
            image_token_id=token("<|image_pad|>"), video_token_id=token("<|video_pad|>"),
            vision_start_token_id=token("<|vision_start|>"), vision_end_token_id=token("<|vision_end|>"),
        )  # fmt: skip
        # The processor itself cannot be made without torchvision: it reads videos too.
        _save(getattr(transformers, f"{prefix}ForConditionalGeneration"), config, tokenizer, path)
        images.save_pretrained(path)
        return path

    return folder


qwen2_vl_folder, qwen2_5_vl_folder, qwen3_vl_folder = map(_qwen, ("Qwen2VL", "Qwen2_5_VL", "Qwen3VL"))


def idefics3_folder(path: Path) -> Path:
    """An Idefics 3: 3 by 3 shuffled patches, a causal Llama."""
    tokenizer = tokenizer_with("<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>")
    images = transformers.Idefics3ImageProcessorPil(
        size={"longest_edge": 48}, max_image_size={"longest_edge": 48}, do_image_splitting=True
    )
    processor = transformers.Idefics3Processor(images, tokenizer, image_seq_len=9)
    config = transformers.Idefics3Config(
        vision_config=VISION, text_config=transformers.LlamaConfig(**TEXT, vocab_size=len(tokenizer), pad_token_id=1),
        scale_factor=2, image_token_id=tokenizer.convert_tokens_to_ids("<image>"), pad_token_id=1,
    )  # fmt: skip
    return saved(transformers.Idefics3ForConditionalGeneration, config, processor, path)


def llava_next_folder(path: Path) -> Path:
    """A LLaVA-NeXT: the whole picture in 6 by 6 patches, and a closer view of it, with a token at each row's end."""
    tokenizer = tokenizer_with("<image>")
    pinpoints = [[48, 96], [96, 48], [96, 96]]
    config = transformers.LlavaNextConfig(
        vision_config=transformers.CLIPVisionConfig(**VISION),
        text_config=transformers.LlamaConfig(**TEXT, vocab_size=len(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), image_grid_pinpoints=pinpoints,
    )  # fmt: skip
    images = transformers.LlavaNextImageProcessorPil(
        size={"shortest_edge": 48}, crop_size={"height": 48, "width": 48}, image_grid_pinpoints=pinpoints
    )
    processor = transformers.LlavaNextProcessor(
        images, tokenizer, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1
    )
    return saved(transformers.LlavaNextForConditionalGeneration, config, processor, path)


def llava_onevision_folder(path: Path) -> Path:
    """A LLaVA-OneVision: as LLaVA-NeXT, with SigLIP's patches and a Qwen2; its processor reads videos too."""
    tokenizer = tokenizer_with("<image>", "<video>")
    pinpoints = [[48, 48], [48, 96], [96, 48], [96, 96]]
    token = tokenizer.convert_tokens_to_ids
    of_text = {name: value for name, value in TEXT.items() if name != "head_dim"}
    config = transformers.LlavaOnevisionConfig(
        vision_config=transformers.SiglipVisionConfig(**VISION),
        text_config=transformers.Qwen2Config(**of_text, vocab_size=len(tokenizer)),
        image_token_id=token("<image>"), video_token_id=token("<video>"), image_grid_pinpoints=pinpoints,
        vision_feature_select_strategy="full", vision_feature_layer=-1,
    )  # fmt: skip
    images = transformers.LlavaOnevisionImageProcessorPil(
        size={"height": 48, "width": 48}, image_grid_pinpoints=pinpoints
    )
    _save(transformers.LlavaOnevisionForConditionalGeneration, config, tokenizer, path)
    return with_settings(images, path, num_image_tokens=36, vision_feature_select_strategy="full")


def smolvlm_folder(path: Path) -> Path:
    """A SmolVLM: as Idefics 3; its processor reads videos too."""
    tokenizer = tokenizer_with("<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>")
    images = transformers.SmolVLMImageProcessorPil(
        size={"longest_edge": 48}, max_image_size={"longest_edge": 48}, do_image_splitting=True
    )
    config = transformers.SmolVLMConfig(
        vision_config=VISION, text_config=transformers.LlamaConfig(**TEXT, vocab_size=len(tokenizer), pad_token_id=1),
        scale_factor=2, image_token_id=tokenizer.convert_tokens_to_ids("<image>"), pad_token_id=1,
    )  # fmt: skip
    _save(transformers.SmolVLMForConditionalGeneration, config, tokenizer, path)
    return with_settings(images, path, image_seq_len=9)


def with_settings(images: Any, path: Path, **settings: Any) -> Path:
    """A folder with the parts of a processor that cannot be made without torchvision, since it reads videos too."""
    images.save_pretrained(path)
    (path / "processor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return path


def idefics2_folder(path: Path) -> Path:
    """An Idefics 2: 9 latents of a resampler, a causal Mistral."""
    tokenizer = tokenizer_with("<fake_token_around_image>", "<image>", "<end_of_utterance>")
    images = transformers.Idefics2ImageProcessorPil(
        size={"shortest_edge": 48, "longest_edge": 96}, do_image_splitting=True
    )
    processor = transformers.Idefics2Processor(images, tokenizer, image_seq_len=9)
    config = transformers.Idefics2Config(
        vision_config=VISION,
        perceiver_config=dict(
            hidden_size=32, resampler_n_latents=9, resampler_depth=1, resampler_n_heads=4, resampler_head_dim=8,
            num_key_value_heads=2,
        ),
        text_config=transformers.MistralConfig(**TEXT, vocab_size=len(tokenizer), pad_token_id=1),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    return saved(transformers.Idefics2ForConditionalGeneration, config, processor, path)


def idefics_folder(path: Path) -> Path:
    """An Idefics 1: gated cross-attention to CLIP's patches before every other layer of a causal Llama."""
    tokenizer = tokenizer_with("<fake_token_around_image>", "<image>", "<end_of_utterance>")
    images = transformers.IdeficsImageProcessorPil(image_size=48)
    processor = transformers.IdeficsProcessor(images, tokenizer)
    config = transformers.IdeficsConfig(
        **SIZES, vocab_size=len(tokenizer), cross_layer_interval=1, alpha_initializer="ones", pad_token_id=1,
        vision_config=dict(embed_dim=32, **{name: size for name, size in VISION.items() if name != "hidden_size"}),
        max_position_embeddings=256,
    )  # fmt: skip
    return saved(transformers.IdeficsForVisionText2Text, config, processor, path)


def mllama_folder(path: Path) -> Path:
    """An Mllama (Llama 3.2 Vision): a layer of cross-attention to a picture's tiles after one of self-attention."""
    tokenizer = tokenizer_with("<|image|>", "<|python_tag|>")
    images = transformers.MllamaImageProcessorPil(size={"height": 48, "width": 48}, max_image_tiles=4)
    processor = transformers.MllamaProcessor(images, tokenizer)
    of_text = {name: value for name, value in TEXT.items() if name != "head_dim"}
    config = transformers.MllamaConfig(
        vision_config=dict(
            hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_global_layers=1, attention_heads=4,
            image_size=48, patch_size=8, vision_output_dim=64, intermediate_layers_indices=[0],
        ),
        text_config=dict(
            **of_text, vocab_size=len(tokenizer), cross_attention_layers=[1], pad_token_id=1, bos_token_id=0,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        ),
        image_token_index=tokenizer.convert_tokens_to_ids("<|image|>"),
    )  # fmt: skip
    return saved(transformers.MllamaForConditionalGeneration, config, processor, path)


def saved(model_class: Any, config: Any, processor: Any, path: Path) -> Path:
    """The folder of a model with random weights and its processor."""
    _save(model_class, config, processor.tokenizer, path)
    processor.save_pretrained(path)
    return path


FOLDERS: dict[str, Callable[[Path], Path]] = {
    "llava": llava_folder,
    "llava_next": llava_next_folder,
    "llava_onevision": llava_onevision_folder,
    "paligemma": paligemma_folder,
    "gemma3": gemma3_folder,
    "qwen2_vl": qwen2_vl_folder,
    "qwen2_5_vl": qwen2_5_vl_folder,
    "qwen3_vl": qwen3_vl_folder,
    "idefics2": idefics2_folder,
    "idefics3": idefics3_folder,
    "smolvlm": smolvlm_folder,
}
# Those whose text looks at the picture by cross-attention.
CROSSED: dict[str, Callable[[Path], Path]] = {"idefics": idefics_folder, "mllama": mllama_folder}
