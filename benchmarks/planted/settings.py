"""Where planted heads live: tokenizers made on the spot, lengths, layouts; other ones for fitting and for judging."""

from __future__ import annotations

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from benchmarks.planted.measure import Setting
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.probes import natural_text


def for_fitting() -> list[Setting]:
    """The demonstration model's tokenizer; bytes with BOS; word pieces in an encoder."""
    return [
        Setting("SmolLM2's tokenizer", _demo(), 1024, True),
        Setting("bytes with BOS", _vocabulary(byte_level(2000, around=("<s>", ""))), 256, True),
        Setting("word pieces, bidirectional", _vocabulary(_word_pieces(3000)), 512, False),
    ]


def for_judging() -> list[Setting]:
    """None of these is used for fitting, and neither is the way in which their heads are drawn."""
    return [
        Setting("SmolLM2's tokenizer, short", _demo(), 160, True),
        Setting("unigrams with BOS and EOS", _vocabulary(_unigrams(2500)), 400, True),
        Setting("bytes, bidirectional", _vocabulary(byte_level(4000, around=("<s>", "</s>"))), 256, False),
    ]


def _demo() -> Vocabulary:
    from headatlas.models.load import load_model

    loaded = load_model("smollm2-135m")
    return Vocabulary(loaded.tokenizer, loaded.info.d_vocab)


def _vocabulary(tokenizer: PreTrainedTokenizerFast) -> Vocabulary:
    return Vocabulary(tokenizer, len(tokenizer))


def _corpus() -> list[str]:
    return [passage.text for passage in natural_text.passages()]


def byte_level(size: int, around: tuple[str, str]) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer trained on the passages; `around` are put around a text, empty for none."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    return _wrapped(tokenizer, " ".join(filter(None, (around[0], "$A", around[1]))), ("<s>", "</s>"))


def _word_pieces(size: int) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=["[UNK]", "[CLS]", "[SEP]"], show_progress=False
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    return _wrapped(tokenizer, "[CLS] $A [SEP]", ("[CLS]", "[SEP]"), unk_token="[UNK]")


def _unigrams(size: int) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=["<s>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    return _wrapped(tokenizer, "<s> $A </s>", ("<s>", "</s>"), unk_token="<unk>")


def _wrapped(tokenizer: Tokenizer, around: str, ends: tuple[str, str], **options: str) -> PreTrainedTokenizerFast:
    tokenizer.post_processor = processors.TemplateProcessing(
        single=around, special_tokens=[(end, tokenizer.token_to_id(end)) for end in ends]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=ends[0], eos_token=ends[1], cls_token=ends[0], sep_token=ends[1],
        **options,
    )  # fmt: skip
