"""What models that write down speech are given: Whisper's spectrograms, and the marks that its decoder begins with."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32

from headatlas.errors import ModelError, one_line
from headatlas.inputs.patch_grid import SAMPLING_RATE

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

log = logging.getLogger("headatlas")

Listen = Callable[[Float[np.ndarray, " sample"]], Float32[np.ndarray, "band frame"]]

# Where `save_pretrained` writes what a feature extractor is to do; a processor has it among its own settings.
_SETTINGS = ("preprocessor_config.json", "processor_config.json")


def is_whisper(model: PreTrainedModel) -> bool:
    """Whether it is a Whisper with encoder and decoder, in whatever class."""
    return getattr(model.config, "model_type", "") == "whisper" and bool(model.config.is_encoder_decoder)


def check_hearing(model: PreTrainedModel, name: str) -> None:
    """Raises ModelError for a model that writes down speech in another way than Whisper, or has half a Whisper."""
    config = model.config.get_text_config()
    is_whole = any(part.endswith(".encoder_attn") for part, _ in model.named_modules())
    if getattr(model.config, "model_type", "") == "whisper" and not is_whole:
        raise ModelError(f"'{name}' is the encoder or the decoder of a Whisper alone; scan the whole model.")
    reads_sounds = getattr(model, "main_input_name", "") in ("input_features", "input_values")
    if config.is_encoder_decoder and reads_sounds and not is_whisper(model):
        raise ModelError(
            f"'{name}' ({model.config.architectures[0]}) writes down speech: its encoder reads sounds, its decoder "
            "words. Of such models only Whisper can be scanned."
        )


def alignment_heads(model: PreTrainedModel) -> str | None:
    """The heads of cross-attention from which a Whisper takes the times of words, as JSON: a list of [layer, head].

    None where its generation settings name none. What is no such list is named in a warning, and left out.
    """
    named = getattr(getattr(model, "generation_config", None), "alignment_heads", None) if is_whisper(model) else None
    if named is None:
        return None
    pairs = [list(pair) for pair in named] if isinstance(named, list | tuple) and all(map(_is_pair, named)) else None
    if pairs is None:
        log.warning("The generation settings' alignment_heads are no list of [layer, head], and are left out.")
    return json.dumps(pairs) if pairs else None


def _is_pair(value: Any) -> bool:
    is_list = isinstance(value, list | tuple) and len(value) == 2
    return is_list and all(type(number) is int and number >= 0 for number in value)


def listening(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None, location: str, options: dict[str, Any]
) -> Listen | None:
    """What makes of a waveform, at 16 kHz, what a Whisper reads; None for any other model.

    The feature extractor is that of the model's folder, or, where there is none, the one that all Whispers have. The
    tokenizer of a model of many languages is told that the speech is English and to be written down as it is.

    Raises:
        ModelError: the feature extractor does not fit the model.
    """
    if not is_whisper(model):
        return None
    from transformers import WhisperFeatureExtractor

    multilingual = getattr(model.generation_config, "is_multilingual", False)
    if multilingual and tokenizer is not None and hasattr(tokenizer, "set_prefix_tokens"):
        tokenizer.set_prefix_tokens(language="english", task="transcribe")
    n_bands, n_columns = int(model.config.num_mel_bins), 2 * int(model.config.max_source_positions)
    extractor = WhisperFeatureExtractor(feature_size=n_bands)
    extractor.nb_max_frames, extractor.n_samples = n_columns, n_columns * extractor.hop_length
    folder = Path(location)
    if not folder.is_dir() or any((folder / name).is_file() for name in _SETTINGS):
        try:
            extractor = WhisperFeatureExtractor.from_pretrained(location, **options)
        except Exception as error:  # as for models and tokenizers
            if folder.is_dir():
                raise ModelError(f"The feature extractor in '{location}' cannot be read: {one_line(error)}.") from error
    if (extractor.feature_size, extractor.nb_max_frames) != (n_bands, n_columns):
        raise ModelError(
            f"The feature extractor of '{location}' gives spectrograms of {extractor.feature_size} bands and "
            f"{extractor.nb_max_frames:,} columns, and the model reads {n_bands} and {n_columns:,}. Save the one that "
            "it was trained with into its folder."
        )

    def listen(samples: Float[np.ndarray, " sample"]) -> Float32[np.ndarray, "band frame"]:
        return extractor(samples, sampling_rate=SAMPLING_RATE, return_tensors="np").input_features[0]

    return listen
