"""A name, a folder, a .gguf file or a bridge that is held -> a model ready to be scanned, and what is known of it."""

from __future__ import annotations

import copy
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest.mock import patch

from headatlas.errors import ModelError, one_line
from headatlas.inputs.patch_grid import PatchGrid, patch_grid_of
from headatlas.models import devices
from headatlas.models.adapters import more_adapters
from headatlas.models.finding import find, find_local, location_of
from headatlas.models.hearing import Listen
from headatlas.models.info import ModelInfo, info_of, parameters_digest
from headatlas.models.patching import quiet, uncollected
from headatlas.models.picture_texts import captions_of
from headatlas.models.sharing import HeldModel, eager_copy, held_name, is_hf_model
from headatlas.models.source import Source
from headatlas.settings import LoadOptions

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    # What a model may be given as.
    AnyModel: TypeAlias = str | Path | TransformerBridge | PreTrainedModel | HeldModel

log = logging.getLogger("headatlas")

_DTYPES = ("float32", "bfloat16", "float16")


class Model:
    """A loaded model.

    `hf_model` is the plain Hugging Face model (eager attention, eval mode) until `bridge` is first asked
    for: wrapping replaces its modules, so running it by itself is no longer meaningful and it becomes None.
    `kinds` are the kinds of attention it has, before it is known whether a single stack is causal;
    `decoder_start` is what an encoder-decoder's target begins with; `patch_grid` says what a model of
    images or sounds is to be given, and into which tokens it cuts it. A dual encoder has `towers`: one that
    reads text, and one that reads images. `captions` says what pictures a model is to be given within its text.
    """

    def __init__(
        self,
        info: ModelInfo,
        tokenizer: PreTrainedTokenizerBase | None,
        hf_model: PreTrainedModel | None = None,
        bridge: TransformerBridge | None = None,
        reader: Callable[[], PreTrainedModel] | None = None,
        captions: PatchGrid | None = None,
        listen: Listen | None = None,
    ) -> None:
        self._reader = reader
        self.captions = captions
        self.info = info
        self.tokenizer = tokenizer
        self.hf_model = hf_model
        self._bridge = bridge
        plain = hf_model if hf_model is not None else getattr(bridge, "original_model", None)
        self.towers = self._towers(plain) if is_dual_encoder(plain) else None
        crossed = ("cross",) if captions is not None and captions.crossed else ()
        self.kinds: tuple[str, ...] = (
            _kinds(plain) + crossed if self.towers is None else sum((tower.kinds for tower in self.towers), ())
        )
        self.decoder_start = _decoder_start(plain) if "decoder" in self.kinds else ()
        self.patch_grid: PatchGrid | None = (
            patch_grid_of(plain, listen) if self.towers is None else self.towers[1].patch_grid
        )

    def _towers(self, plain: PreTrainedModel) -> tuple[Model, Model]:
        """The two halves of a dual encoder, each of which is run by itself."""
        text, vision = plain.text_model, plain.vision_model
        infos = [replace(self.info, architecture=type(tower).__name__) for tower in (text, vision)]
        return Model(infos[0], self.tokenizer, text), Model(infos[1], None, vision)

    def plain_again(self) -> PreTrainedModel:
        """The plain model, read once more if it was wrapped meanwhile; the bridge is let go.

        Raises:
            ModelError: the model was given as a bridge.
        """
        if self.hf_model is None:
            if self._reader is None:
                raise ModelError("A model that was given as a bridge has no plain form to read attention from.")
            self._bridge = None
            self.hf_model = self._reader()
        return self.hf_model

    def on(self, bridge: TransformerBridge) -> Model:
        """The same model in a copy of its bridge."""
        other = copy.copy(self)
        other._bridge = bridge
        return other

    @property
    def media(self) -> tuple[str, ...]:
        """What it reads: text, pairs of texts, images."""
        if self.towers is not None:
            return self.towers[0].media + self.towers[1].media
        if self.patch_grid is not None:  # of speech too, where sounds and words come together
            return (self.patch_grid.medium,)
        if self.captions is not None:
            return ("text", self.captions.medium)
        return ("text", "pairs") if self.decoder_start else ("text",)

    @property
    def bridge(self) -> TransformerBridge:
        """The model in TransformerLens' hooks.

        Raises:
            ModelError: TransformerLens cannot wrap it, or needs a package that is not installed.
        """
        if self._bridge is None:
            assert self.hf_model is not None
            self._bridge = _wrap(self.hf_model, self.tokenizer, self.info)
            self.hf_model = None
        return self._bridge


def load_model(name: AnyModel, options: LoadOptions = LoadOptions(), *, name_as: str | None = None) -> Model:
    """Loads a model: a Hugging Face id, a folder, a .gguf file, "smollm2-135m", or one that is loaded already.

    `name_as` is what the model is called from then on. A model that is held stays where and as it is, whatever the
    options say; of a Hugging Face model a copy that shares its memory is wrapped. What is no
    failure but worth knowing (a tokenizer that cannot be read, a cache that cannot be written) is logged as a warning
    of the logger "headatlas".

    Raises:
        ModelError: it is not there, cannot be read, or the device is not there.
    """
    if isinstance(name, HeldModel) or is_hf_model(name):
        return _held_plain(name if isinstance(name, HeldModel) else HeldModel(name), name_as)
    if not isinstance(name, str | Path):
        return _held(name, name_as)
    placement = devices.choose(options.device, options.device_map, options.n_devices)
    dtype = "float32" if options.dtype == "auto" else options.dtype
    if dtype not in _DTYPES:
        raise ModelError(f"There is no dtype '{dtype}' to load a model in. Use one of {', '.join(_DTYPES)}.")
    with quiet(), uncollected():
        import torch

        source = find(str(name), options.revision, options.trust_remote_code)

        def read() -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
            model, tokenizer = source.read(getattr(torch, dtype), placement)
            model = placement.put(model).eval().requires_grad_(False)
            if not model.config.architectures:
                model.config.architectures = [type(model).__name__]
            return model, tokenizer

        hf_model, tokenizer = read()
    for note in source.notes:
        log.warning(note)
    info = info_of(hf_model, tokenizer, name_as or name_of(name), dtype, source)
    info = replace(info, location=location_of(str(name)) or str(name))
    return Model(
        info,
        tokenizer,
        hf_model,
        reader=lambda: read()[0],
        captions=captions_of(hf_model, source),
        listen=source.listening(hf_model, tokenizer),
    )


def load_unweighted(name: str | Path) -> Model:
    """A model without its weights, for what needs its configuration and its tokenizer alone: the texts it would read.

    Its parameters have shapes and no numbers (the device is "meta"), so that nothing can be run with it; of a .gguf
    file that has not been converted yet all is read. Warnings are logged as by `load_model`.

    Raises:
        ModelError: it is not there, or cannot be read.
    """
    with quiet(), uncollected():
        source = find(str(name), None, False)
        hf_model, tokenizer = source.read_without_weights()
        if not hf_model.config.architectures:
            hf_model.config.architectures = [type(hf_model).__name__]
    for note in source.notes:
        log.warning(note)
    info = info_of(hf_model, tokenizer, name_of(name), "float32", source)
    return Model(info, tokenizer, hf_model, listen=source.listening(hf_model, tokenizer))


def name_of(model: AnyModel) -> str:
    """What a model is called unless it is given another name."""
    if isinstance(model, str | Path):
        # "./ft" and "ft/" are "ft"; what is no file here keeps its spelling.
        name = str(model)
        return os.path.normpath(name) if location_of(name) not in (None, name) else name
    if isinstance(model, HeldModel) or is_hf_model(model):
        return held_name(model.model if isinstance(model, HeldModel) else model)
    return str(getattr(getattr(model, "cfg", None), "model_name", None) or "bridge")


def weights_digest(model: AnyModel) -> str | None:
    """The `digest` that `load_model` would give, without loading; None where the weights are not at hand (the hub)."""
    if not isinstance(model, str | Path):
        return parameters_digest(model.model if isinstance(model, HeldModel) else model)
    try:
        source = find_local(str(model))
    except ModelError:
        return None
    return None if source is None else source.digest


def _wrap(hf_model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None, info: ModelInfo) -> TransformerBridge:
    with quiet(), uncollected(), _nothing_fetched(), more_adapters():
        import torch
        from transformer_lens.model_bridge import TransformerBridge

        # Weights spread over devices stay where they are.
        device = None if getattr(hf_model, "hf_device_map", None) else info.device
        try:
            bridge = TransformerBridge.boot_transformers(
                info.name, hf_model=hf_model, tokenizer=tokenizer, device=device, dtype=getattr(torch, info.dtype)
            )
        except Exception as error:  # adapters raise whatever they stumble over
            if "supported architecture" in str(error):
                raise ModelError(f"TransformerLens has no {info.architecture}, so it has no hooks there.") from error
            raise ModelError(
                f"TransformerLens cannot wrap {info.architecture}: {one_line(error, named=True)}"
            ) from error
        # Wrapping makes parameters of its own where it takes a joint QKV matrix apart.
        return bridge.eval().requires_grad_(False)


def _held_plain(held: HeldModel, name: str | None) -> Model:
    """A Hugging Face model that the caller made."""
    hf_model = eager_copy(held.model)
    if not hf_model.config.architectures:
        hf_model.config.architectures = [type(hf_model).__name__]
    source = Source("object", held_name(held.model), digest=parameters_digest(held.model))
    dtype = str(hf_model.dtype).removeprefix("torch.")
    info = info_of(hf_model, held.tokenizer, name or held_name(held.model), dtype, source)
    listen = source.listening(hf_model, held.tokenizer)
    return Model(info, held.tokenizer, hf_model, reader=lambda: eager_copy(held.model), listen=listen)


def _held(bridge: TransformerBridge, name: str | None) -> Model:
    """A bridge that the caller made."""
    cfg = getattr(bridge, "cfg", None)
    if cfg is None or not hasattr(bridge, "hook_dict"):
        raise ModelError(
            f"A {type(bridge).__name__} is not a model headatlas knows. Give a name, a path, a TransformerBridge, or a "
            "model of transformers with its tokenizer."
        )
    bridge.eval()
    parameters = list(bridge.parameters())
    tokenizer = getattr(bridge, "tokenizer", None)
    info = ModelInfo(
        name=name or name_of(bridge),
        architecture=str(getattr(cfg, "architecture", None) or type(bridge).__name__),
        source="bridge",
        revision=None,
        digest=parameters_digest(bridge),
        n_layers=int(cfg.n_layers),
        n_heads=int(cfg.n_heads),
        d_model=int(cfg.d_model),
        d_vocab=int(cfg.d_vocab),
        context_length=int(cfg.n_ctx) if getattr(cfg, "n_ctx", None) else None,
        n_parameters=sum(parameter.numel() for parameter in parameters),
        dtype=str(parameters[0].dtype).removeprefix("torch."),
        device=str(parameters[0].device),
        tokenizer=type(tokenizer).__name__ if tokenizer is not None else None,
    )
    return Model(info, tokenizer, bridge=bridge)


def is_dual_encoder(model: Any) -> bool:
    """Whether it is an encoder of texts beside one of images, as CLIP is (Radford et al. 2021, arXiv:2103.00020)."""
    return hasattr(model, "get_text_features") and all(
        hasattr(getattr(model, name, None), "main_input_name") for name in ("text_model", "vision_model")
    )


def _kinds(model: Any) -> tuple[str, ...]:
    config = getattr(model, "config", None)
    name = getattr(model, "main_input_name", "")
    if name in ("pixel_values", "input_values"):  # a spectrogram is an image; what reads a waveform reads in order
        return ("vision",) if name == "pixel_values" or hasattr(config, "num_mel_bins") else ("encoder",)
    return ("encoder", "decoder", "cross") if getattr(config, "is_encoder_decoder", False) else ("self",)


def _decoder_start(model: Any) -> tuple[int, ...]:
    """Where it is not said, the first that is: BOS, padding (as in T5), or token 0."""
    text = model.config.get_text_config(decoder=True)
    settings = (model.config, getattr(model, "generation_config", None), text)
    for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"):
        for config in settings:
            value = getattr(config, name, None)
            if isinstance(value, int):
                return (value,)
    return (0,)


@contextmanager
def _nothing_fetched() -> Iterator[None]:
    """Keeps TransformerLens, while it wraps, from asking the hub, calling pip and changing the tokenizer.

    It would look for a tokenizer for 46 s where there is none, give one that does not add BOS another that
    does, name special tokens that the model never saw, and install torchvision for an image processor.
    """
    from transformer_lens.model_bridge.sources import _bridge_builder
    from transformer_lens.model_bridge.sources.transformers import helpers, source

    def as_it_is(tokenizer: Any, cfg: Any) -> Any:
        cfg.tokenizer_prepends_bos, cfg.tokenizer_appends_eos = _bridge_builder.detect_tokenizer_bos_eos(tokenizer)
        return tokenizer

    with (
        patch.object(source, "configure_tokenizer", as_it_is),
        patch.object(source, "skip_tokenizer_for_modality", lambda cfg: True),
        patch.object(source, "load_modality_processor", lambda *_: None),
        patch.object(helpers, "_ensure_torchvision", lambda: False),
    ):
        yield
