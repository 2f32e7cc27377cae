"""Folders of diffusers' pipelines, which draw pictures from prompts: a denoiser, text encoders, a scheduler."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.errors import ModelError, one_line
from headatlas.files.given import exists, expanded, regular
from headatlas.models import devices, gguf
from headatlas.models.finding import PIPELINE, location_of
from headatlas.models.info import ModelInfo
from headatlas.models.load import name_of
from headatlas.models.patching import quiet
from headatlas.settings import LoadOptions

if TYPE_CHECKING:
    from torch import nn

log = logging.getLogger("headatlas")

INSTALL = "pip install 'headatlas[images]'"


@dataclass
class Pipeline:
    """A loaded pipeline of diffusers: `pipe` as diffusers made it, and its UNet or transformer, the `denoiser`."""

    info: ModelInfo
    pipe: Any
    denoiser: nn.Module


def is_pipeline(model: object) -> bool:
    """Whether a model is the name of a folder that holds a pipeline of diffusers."""
    return isinstance(model, str | Path) and exists(index := expanded(model) / PIPELINE) and index.is_file()


def pipeline_digest(folder: str | Path) -> str:
    """SHA-256 over the names and contents of a pipeline's configurations and weights, its tokenizers aside."""
    root = Path(folder).expanduser()
    total = hashlib.sha256()
    for file in _files(root):
        if not file.parent.name.startswith("tokenizer"):
            total.update(f"{file.relative_to(root).as_posix()} {gguf.digest_of(file)}\n".encode())
    return total.hexdigest()


def _files(root: Path) -> list[Path]:
    """The files of a pipeline that are read.

    Raises:
        ModelError: one of them is a pipe, a device or a folder.
    """
    files = sorted({file for shape in ("*.json", "*.safetensors", "*.bin") for file in root.rglob(shape)})
    for file in files:
        regular(file, "Give a folder that `save_pretrained` of a pipeline wrote.", ModelError)
    return files


def load_pipeline(folder: str | Path, options: LoadOptions = LoadOptions(), *, name_as: str | None = None) -> Pipeline:
    """Loads a folder that `save_pretrained` of a pipeline wrote.

    Raises:
        ModelError: diffusers is not installed, the folder is damaged, or the pipeline draws with neither a UNet nor a
            transformer.
    """
    diffusers = _diffusers(folder)
    import torch

    placement = devices.choose(options.device, options.device_map, options.n_devices)
    dtype = "float32" if options.dtype == "auto" else options.dtype
    root = Path(folder).expanduser()
    _files(root)
    try:
        index = json.loads((root / PIPELINE).read_text(encoding="utf-8"))
        # What a pipeline was saved without, diffusers wants to be told again.
        without = {part: None for part, classes in index.items() if classes == [None, None]}
        with quiet():
            pipe = diffusers.DiffusionPipeline.from_pretrained(
                str(root), local_files_only=True, torch_dtype=getattr(torch, dtype), **without
            )
            pipe.set_progress_bar_config(disable=True)
    except Exception as error:  # diffusers raises nearly anything for a damaged or foreign folder
        raise ModelError(f"The pipeline in '{folder}' could not be read: {one_line(error, named=True)}") from error
    denoiser = getattr(pipe, "unet", None) or getattr(pipe, "transformer", None)
    if denoiser is None or getattr(pipe, "tokenizer", None) is None:
        raise ModelError(
            f"'{folder}' ({type(pipe).__name__}) has no UNet or transformer that reads a prompt, so there is no "
            "attention between words and places to scan."
        )
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            placement.put(part).eval().requires_grad_(False)
    return Pipeline(_info(pipe, denoiser, folder, name_as, dtype), pipe, denoiser)


def _diffusers(folder: str | Path) -> Any:
    try:
        import diffusers
    except ImportError as error:
        raise ModelError(
            f"'{folder}' is a pipeline of diffusers, which is not installed. Install it with `{INSTALL}`."
        ) from error
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    return diffusers


def _info(pipe: Any, denoiser: Any, folder: str | Path, name: str | None, dtype: str) -> ModelInfo:
    attention = [module for module in denoiser.modules() if hasattr(module, "to_q") and hasattr(module, "heads")]
    return ModelInfo(
        name=name or name_of(folder),
        architecture=type(pipe).__name__,
        source="folder",
        revision=None,
        digest=pipeline_digest(folder),
        n_layers=len(attention),
        n_heads=max((int(module.heads) for module in attention), default=0),
        d_model=max((int(module.to_q.in_features) for module in attention), default=0),
        d_vocab=len(pipe.tokenizer),
        context_length=None,
        n_parameters=sum(parameter.numel() for parameter in denoiser.parameters()),
        dtype=dtype,
        device=str(next(denoiser.parameters()).device),
        tokenizer=type(pipe.tokenizer).__name__,
        location=location_of(str(folder)),
    )
