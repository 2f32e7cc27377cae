"""Tiny models of several architectures, made on the spot with real tokenizers and saved as folders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    CLIPConfig,
    CLIPModel,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipModel,
)

CORPUS = [
    "The ferry leaves at nine, and the baker waves from the quay.",
    "She said: (no, not today!) and closed the door; the cat stayed outside.",
    "def total(prices): return sum(prices)",
    "One, two, three, four. Why? Because the river rose again; it always does.",
] * 4
LAYERS, HEADS, WIDTH, CONTEXT = 2, 4, 32, 128


def gpt2_folder(path: Path, context: int = CONTEXT) -> Path:
    """A GPT-2: learned positions, BOS named but not added by the tokenizer."""
    tokenizer = _byte_level(["<|endoftext|>"], bos="<|endoftext|>")
    config = GPT2Config(
        vocab_size=len(tokenizer), n_positions=context, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    return _save(GPT2LMHeadModel, config, tokenizer, path)


def short_gpt2_folder(path: Path) -> Path:
    """The same for half as many tokens, of which all probes are scanned in a third of the time."""
    return gpt2_folder(path, CONTEXT // 2)


def shortest_gpt2_folder(path: Path) -> Path:
    """The same for a quarter of them, which few of the probes fit."""
    return gpt2_folder(path, CONTEXT // 4)


def llama_folder(path: Path) -> Path:
    """A Llama: rotary positions, two key-value heads for four queries, a tokenizer that adds BOS."""
    tokenizer = _byte_level(["<s>", "</s>"], bos="<s>", adds_bos=True)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=2, max_position_embeddings=CONTEXT,
        bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    return _save(LlamaForCausalLM, config, tokenizer, path)


def gemma3_folder(path: Path) -> Path:
    """A Gemma 3 whose first layer sees eight tokens."""
    tokenizer = _byte_level(["<s>", "</s>"], bos="<s>", adds_bos=True)
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=2, head_dim=8, max_position_embeddings=CONTEXT,
        sliding_window=8, layer_types=["sliding_attention", "full_attention"], bos_token_id=0, eos_token_id=1,
        pad_token_id=1,
    )  # fmt: skip
    return _save(Gemma3ForCausalLM, config, tokenizer, path)


def modernbert_folder(path: Path) -> Path:
    """A ModernBERT whose second layer sees eight tokens either way."""
    tokenizer = _word_piece()
    config = ModernBertConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, max_position_embeddings=CONTEXT, local_attention=16, global_attn_every_n_layers=2,
        pad_token_id=0, bos_token_id=0, eos_token_id=1, cls_token_id=0, sep_token_id=1,
    )  # fmt: skip
    return _save(ModernBertForMaskedLM, config, tokenizer, path)


def neox_folder(path: Path) -> Path:
    """A GPT-NeoX, as in Pythia: partial rotary positions."""
    tokenizer = _byte_level(["<|endoftext|>"], bos="<|endoftext|>")
    config = GPTNeoXConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, max_position_embeddings=CONTEXT, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    return _save(GPTNeoXForCausalLM, config, tokenizer, path)


def bert_folder(path: Path) -> Path:
    """A BERT: bidirectional, [CLS] and [SEP] around each text."""
    tokenizer = _word_piece()
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, max_position_embeddings=CONTEXT, pad_token_id=0,
    )  # fmt: skip
    return _save(BertForMaskedLM, config, tokenizer, path)


def clip_folder(path: Path) -> Path:
    """A CLIP: a causal tower of texts, and one of images with a class token."""
    return _dual_encoder(CLIPConfig, CLIPModel, path)


def siglip_folder(path: Path) -> Path:
    """A SigLIP: neither tower is causal, and images have no class token."""
    return _dual_encoder(SiglipConfig, SiglipModel, path)


def _dual_encoder(config_class: Any, model_class: type[PreTrainedModel], path: Path) -> Path:
    tokenizer = _byte_level(["<s>", "</s>"], bos="<s>", adds_bos=True)
    sizes = dict(hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=LAYERS, num_attention_heads=HEADS)
    of_text = dict(vocab_size=len(tokenizer), max_position_embeddings=CONTEXT, pad_token_id=1)
    config = config_class(
        text_config={**sizes, **of_text, "bos_token_id": 0, "eos_token_id": 1},
        vision_config={**sizes, "image_size": 48, "patch_size": 8},
    )
    return _save(model_class, config, tokenizer, path)


def gguf_file(path: Path, claimed_layers: int = LAYERS, context: int = CONTEXT) -> Path:
    """A tiny Llama as a .gguf file with float32 weights and a byte-level tokenizer."""
    import gguf

    tokenizer = _byte_level(["<s>", "</s>"], bos="<s>")
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    merges = [" ".join(pair) for pair in _merges(tokenizer)]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(claimed_layers)
    writer.add_feed_forward_length(64)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([token for token, _ in vocabulary])
    writer.add_token_types([3 if index < 2 else 1 for index in range(len(vocabulary))])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    torch.manual_seed(0)
    head = WIDTH // HEADS
    shapes: dict[str, tuple[int, ...]] = {"token_embd": (len(vocabulary), WIDTH), "output_norm": (WIDTH,)}
    for layer in range(LAYERS):
        shapes |= {
            f"blk.{layer}.{name}": shape
            for name, shape in {
                "attn_q": (WIDTH, WIDTH), "attn_k": (2 * head, WIDTH), "attn_v": (2 * head, WIDTH),
                "attn_output": (WIDTH, WIDTH), "attn_norm": (WIDTH,), "ffn_norm": (WIDTH,),
                "ffn_gate": (64, WIDTH), "ffn_up": (64, WIDTH), "ffn_down": (WIDTH, 64),
            }.items()
        }  # fmt: skip
    for name, shape in shapes.items():
        weights = torch.ones(shape) if len(shape) == 1 else torch.randn(shape) * 0.3
        writer.add_tensor(f"{name}.weight", weights.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _save(kind: type[PreTrainedModel], config: Any, tokenizer: PreTrainedTokenizerFast, path: Path) -> Path:
    torch.manual_seed(0)
    model = kind(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            # At the usual small initialisation every head is nearly uniform; these look somewhere.
            if weights.ndim == 2 and any(part in name for part in ("attn", "attention", "query", "key", "value")):
                weights.mul_(20)
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def _byte_level(special: list[str], bos: str, adds_bos: bool = False) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=360,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    if adds_bos:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, tokenizer.token_to_id(bos))]
        )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=bos, eos_token=special[-1])


def _merges(tokenizer: PreTrainedTokenizerFast) -> list[list[str]]:
    return _merges_of(tokenizer.backend_tokenizer)


def _merges_of(tokenizer: Tokenizer) -> list[list[str]]:
    import json

    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [pair.split(" ") if isinstance(pair, str) else pair for pair in merges]


def _word_piece() -> PreTrainedTokenizerFast:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    # Trained WordPiece vocabularies come out in another order each time.
    words = sorted({word for text in CORPUS for word in re.findall(r"\w+|[^\w\s]", text.lower())})
    letters = sorted({letter for word in words for letter in word})
    starts = sorted({word[:n] for word in words for n in range(2, len(word) + 1)})
    inner = {f"##{letter}" for letter in letters}
    ends = sorted(inner | {f"##{word[n:]}" for word in words for n in range(1, len(word))})
    pieces = [*special, *letters, *starts, *ends]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]",
    )  # fmt: skip


def whisper_folder(path: Path) -> Path:
    """A Whisper that hears four seconds: its feature extractor, and a tokenizer that puts its marks before a text."""
    from transformers import (
        GenerationConfig,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperTokenizer,
    )

    marks = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|notimestamps|>"]
    trained = _byte_level(marks, bos=marks[0]).backend_tokenizer
    tokenizer = WhisperTokenizer(
        vocab=trained.get_vocab(with_added_tokens=False), merges=[tuple(pair) for pair in _merges_of(trained)],
        unk_token=marks[0], bos_token=marks[0], eos_token=marks[0],
    )  # fmt: skip
    tokenizer.add_special_tokens({"additional_special_tokens": marks[1:]})
    config = WhisperConfig(
        vocab_size=len(tokenizer), num_mel_bins=20, encoder_layers=LAYERS, encoder_attention_heads=HEADS,
        decoder_layers=LAYERS, decoder_attention_heads=HEADS, d_model=WIDTH, encoder_ffn_dim=64, decoder_ffn_dim=64,
        max_source_positions=200, max_target_positions=CONTEXT, pad_token_id=0, bos_token_id=0, eos_token_id=0,
        decoder_start_token_id=tokenizer.convert_tokens_to_ids(marks[1]), begin_suppress_tokens=None,
    )  # fmt: skip
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "q_proj.weight" in name or "k_proj.weight" in name:
                weights.mul_(40)
    model.generation_config = GenerationConfig(
        decoder_start_token_id=config.decoder_start_token_id, is_multilingual=True, alignment_heads=[[1, 0], [1, 2]]
    )
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    WhisperFeatureExtractor(feature_size=20, chunk_length=4).save_pretrained(path)
    return path
