"""Where a model is read from, and reading it, its tokenizer and its processor from there."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from headatlas.errors import ModelError, one_line, panics_as_errors
from headatlas.models import gguf
from headatlas.models.devices import Placement
from headatlas.models.folder_check import weights_in
from headatlas.models.hearing import Listen, listening
from headatlas.models.size_check import built_empty, check_size
from headatlas.models.tokenizer_check import check_growth

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


# A folder of a training run also holds its optimizer (.pt), which is no part of the model.
WEIGHTS = ("*.safetensors", "*.bin")
_PROCESSORS = ("processor", "preprocessor")
_TOKENIZERS = ("*token*", "vocab.*", "*.model", "*.tiktoken")


@dataclass(frozen=True)
class Source:
    """Where a model is read from: a .gguf file, or a folder or an id for `from_pretrained`."""

    kind: str
    location: str
    digest: str | None = None
    revision: str | None = None
    local: bool = True
    trust_remote_code: bool = False
    notes: list[str] = field(default_factory=list)

    def read(self, dtype: torch.dtype, placement: Placement) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
        """The model and its tokenizer, None where it has none that can be read.

        Raises:
            ModelError: the files are damaged, incomplete or of something else.
        """
        if self.kind == "gguf":
            return self._read_gguf(dtype, placement)
        return self._read_pretrained(self.location, dtype, placement)

    def read_without_weights(self) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
        """The same without the weights, which are neither read nor fetched: parameters have shapes alone.

        Of a .gguf file that has not been converted yet there is no such form: it is read as a whole, and kept.

        Raises:
            ModelError: as of `read`.
        """
        import torch

        if self.kind != "gguf":
            return self._build_empty(self.location)
        assert self.digest is not None
        folder = gguf.cached_folder(self.digest)
        return self.read(torch.float32, Placement("cpu")) if folder is None else self._build_empty(str(folder))

    def listening(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None) -> Listen | None:
        """What makes of a waveform what a model of speech reads; None for other models.

        Raises:
            ModelError: its feature extractor cannot be read, or does not fit it.
        """
        return listening(model, tokenizer, self.location, self._options)

    def _build_empty(self, location: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
        from transformers import AutoConfig

        options = self._options
        try:
            config = AutoConfig.from_pretrained(location, **options)
            config.architectures = _wrapped_form(config)
            model_class = _model_class(config)
            model = built_empty(model_class, config, self.trust_remote_code)
        except Exception as error:  # as in `_read_pretrained`
            raise self._as_model_error(error) from error
        return model, self._read_tokenizer(location, options)

    @property
    def _options(self) -> dict[str, Any]:
        """What every `from_pretrained` is given."""
        return {
            "revision": self.revision,
            "local_files_only": self.local,
            "trust_remote_code": self.trust_remote_code,
        }

    def _read_gguf(
        self, dtype: torch.dtype, placement: Placement
    ) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
        assert self.digest is not None
        before = gguf.kept_now(self.digest)
        folder = gguf.cached_folder(self.digest)
        if folder is not None:
            try:
                model, tokenizer = self._read_pretrained(str(folder), dtype, placement)
            except ModelError:
                tokenizer = None
            if tokenizer is not None:
                return model, tokenizer
            self.notes.clear()  # the kept conversion is damaged; it is made again
        model, tokenizer, missing = gguf.convert(Path(self.location))
        _check_complete(self.location, model, missing)
        unkept = gguf.keep(model, tokenizer, self.digest, replaces=before)
        if unkept:
            self.notes.append(unkept)
        folder = gguf.cached_folder(self.digest)
        if placement.device_map is not None and folder is not None:  # only a saved model can be read onto devices
            return self._read_pretrained(str(folder), dtype, placement)
        for parameter in model.parameters():  # not `model.to(dtype)`: that would round the rotary frequencies too
            parameter.data = parameter.data.to(dtype)
        return model, tokenizer

    def _read_pretrained(
        self, location: str, dtype: torch.dtype, placement: Placement
    ) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
        from transformers import AutoConfig

        options = self._options
        try:
            config = AutoConfig.from_pretrained(location, **options)
            config.architectures = _wrapped_form(config)
            model_class = _model_class(config)
            if self.kind == "folder":
                check_size(model_class, config, weights_in(Path(location)), location, self.trust_remote_code)
            model, report = model_class.from_pretrained(
                location,
                config=config,
                attn_implementation="eager",
                dtype=dtype,
                output_loading_info=True,
                **placement.options,
                **options,
            )
        except ModelError:
            raise
        except Exception as error:  # transformers raises nearly anything for a damaged or foreign folder
            raise self._as_model_error(error) from error
        _check_complete(self.location, model, report["missing_keys"])
        return model, self._read_tokenizer(location, options)

    def _read_tokenizer(self, location: str, options: dict[str, Any]) -> PreTrainedTokenizerBase | None:
        from transformers import AutoTokenizer

        folder = Path(location)
        if folder.is_dir() and not any(file for shape in _TOKENIZERS for file in folder.glob(shape)):
            return None
        try:
            with panics_as_errors():
                tokenizer = AutoTokenizer.from_pretrained(location, **options)
        except Exception as error:  # the tokenizers library raises bare exceptions
            reason = one_line(error, named=True)
            self.notes.append(f"The tokenizer of '{self.location}' could not be read, so it is left out: {reason}")
            return None
        check_growth(tokenizer)
        return tokenizer

    def read_processor(self, model_class: str) -> Any:
        """What turns texts and pictures into a model's input, as its folder has it.

        Processors of a class that reads videos too cannot be had without torchvision, which pictures do not need: there
        it is put together of its other parts.

        Raises:
            ModelError: there is none.
            Exception: whatever transformers raises for a damaged one.
        """
        import transformers
        from transformers.processing_utils import ProcessorMixin

        folder = Path(self.location)
        if folder.is_dir() and not any((folder / f"{file}_config.json").is_file() for file in _PROCESSORS):
            raise ModelError(f"there is no {' and no '.join(f'{file}_config.json' for file in _PROCESSORS)}.")

        options = self._options
        if importlib.util.find_spec("torchvision") is not None or not _reads_videos(model_class):
            return transformers.AutoProcessor.from_pretrained(self.location, **options)
        images = transformers.AutoImageProcessor.from_pretrained(self.location, **options)
        tokenizer = transformers.AutoTokenizer.from_pretrained(self.location, **options)
        processor_class = _processor_class(model_class)
        saved, _ = processor_class.get_processor_dict(self.location, **options)
        known = inspect.signature(processor_class.__init__).parameters
        settings = {name: value for name, value in saved.items() if name in known and not isinstance(value, dict)}
        settings["video_processor"] = None
        template = saved.get("chat_template") or tokenizer.chat_template
        with patch.object(ProcessorMixin, "check_argument_for_proper_class", lambda *_: None):
            return processor_class(images, tokenizer, **settings | {"chat_template": template})

    def _as_model_error(self, error: Exception) -> ModelError:
        """One or two sentences for whatever transformers raised."""
        text = str(error)
        if "trust_remote_code" in text:
            return ModelError(
                f"'{self.location}' comes with its own code. "
                "Read that code, and if you trust it use --trust-remote-code."
            )
        if "gated repo" in text:
            return gated(self.location)
        if "model type" in text and "does not recognize" in text:
            return ModelError(
                f"'{self.location}' is of an architecture that the installed transformers does not know; upgrade it."
            )
        if "ignore_mismatched_sizes" in text:
            return ModelError(
                f"The weights in '{self.location}' do not have the shapes that its config.json calls for. "
                "Take both from the same place."
            )
        if self.kind == "hub" and self.local and isinstance(error, OSError):
            return ModelError(
                f"Only a part of '{self.location}' was fetched before, and the model hub cannot be reached. "
                "Check the network, or give a local folder or .gguf file."
            )
        return ModelError(
            f"The model in '{self.location}' could not be read: {one_line(error, named=True).rstrip('.')}. One of its "
            "files may be damaged, or not fit the others: fetch them again."
        )


def _processor_class(model_class: str) -> Any:
    """The class of processors of a class of models, which has its name; None where there is none."""
    import transformers

    return getattr(transformers, f"{model_class.removesuffix('ForConditionalGeneration')}Processor", None)


def _reads_videos(model_class: str) -> bool:
    processor_class = _processor_class(model_class)
    return processor_class is not None and "video_processor" in inspect.signature(processor_class.__init__).parameters


def _check_complete(location: str, model: PreTrainedModel, missing: Iterable[str]) -> None:
    """Raises ModelError when weights below the output layer were not in the file: transformers made them up."""
    prefix = model.base_model_prefix
    parameters = {name for name, _ in model.named_parameters()}
    absent = sorted(parameters.intersection(missing))
    if hasattr(model, prefix):
        absent = [name for name in absent if name.startswith(f"{prefix}.")]
    if absent:
        raise ModelError(
            f"The weights in '{location}' are incomplete: {len(absent)} that its config.json calls for are not there, "
            f"{absent[0]} among them. Fetch or save the model again."
        )


def gated(name: str) -> ModelError:
    """What is said of a model whose terms have to be accepted first."""
    return ModelError(f"'{name}' is gated: accept its terms on the hub and log in with `hf auth login`.")


def _model_class(config: Any) -> Any:
    """The auto class that TransformerLens uses for an architecture; the class itself where it knows none."""
    import transformers
    from transformer_lens.factories.architecture_adapter_factory import SUPPORTED_ARCHITECTURES
    from transformer_lens.model_bridge.sources.transformers.helpers import get_hf_model_class_for_architecture
    from transformers import AutoModelForCausalLM

    architectures = config.architectures or []
    if architectures and architectures[0] not in SUPPORTED_ARCHITECTURES:
        own = getattr(transformers, architectures[0], None)
        if own is not None:
            return own
    return get_hf_model_class_for_architecture(architectures[0]) if architectures else AutoModelForCausalLM


def _wrapped_form(config: Any) -> list[str] | None:
    """The architecture that TransformerLens wraps, where a configuration names one of its relatives.

    A BertModel is a BertForMaskedLM without its output layer, which attention does not need. Masked language models
    are preferred, since an encoder wrapped as a decoder would be taken for one.
    """
    import transformers
    from transformer_lens.factories.architecture_adapter_factory import SUPPORTED_ARCHITECTURES

    named = config.architectures or []
    if not named or named[0] in SUPPORTED_ARCHITECTURES:
        return list(named) or None
    relatives = [
        name
        for name in SUPPORTED_ARCHITECTURES
        if getattr(getattr(transformers, name, None), "config_class", None) is type(config)
    ]
    relatives.sort(key=lambda name: (not name.endswith("ForMaskedLM"), not name.endswith("ForConditionalGeneration")))
    return [relatives[0]] if relatives else list(named)
