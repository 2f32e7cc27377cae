"""Converted .gguf files, kept in the user's cache folder: the second load reads safetensors instead.

Each file's conversion lives under its SHA-256 digest. It is written beside that folder and renamed into it, by one
process at a time, so that a conversion that is cut off, or two at once, leave nothing half done.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import platformdirs

from headatlas.errors import ModelError, OutputError, one_line, panics_as_errors
from headatlas.models.cache_lock import locked
from headatlas.models.gguf_header import check_header
from headatlas.models.size_check import check_size

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_COMPLETE = "headatlas-complete"
_DRAFT = ".draft-"
# Names of folders of conversions: digests, and drafts.
_OWN = re.compile(rf"[0-9a-f]{{64}}|{re.escape(_DRAFT)}.+")
_DRAFT_LIFE = 24 * 3600  # seconds after which no conversion can still be at work
# Bytes of a file whose header is looked at before its digest is made, which would take minutes for nothing.
LARGE = 2**31
# A folder's number on the disk, and when that was given.
Identity = tuple[int, int]
_STRING, _ARRAY = 8, 9  # as GGUF numbers the types of values


def cache_root() -> Path:
    """`$HEADATLAS_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("HEADATLAS_CACHE") or platformdirs.user_cache_dir("headatlas"))


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path) -> None:
    """Raises ModelError unless the file begins as a .gguf file does."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(f"{path} cannot be opened: {error.strerror}.") from error
    if magic != b"GGUF":
        raise ModelError(f"{path} is called .gguf but is not a GGUF file. Give the path of a model.")


def cached_folder(digest: str) -> Path | None:
    """Where the conversion of a file is kept, if it is there and whole."""
    folder = cache_root() / "gguf" / digest
    try:
        listed = (folder / _COMPLETE).read_text().splitlines()
        sizes = dict(line.rsplit(" ", 1) for line in listed)
        whole = all((folder / name).stat().st_size == int(size) for name, size in sizes.items())
    except (OSError, ValueError):
        return None
    return folder if whole and sizes else None


@dataclass(frozen=True)
class Cached:
    """A folder of the cache: what it holds, its size, and the day since which it does."""

    content: str
    n_bytes: int
    since: str
    folder: Path


def cached() -> list[Cached]:
    """The conversions in the cache, and what was left of those that were cut off; the largest first."""
    entries = []
    for folder in _own_folders():
        with suppress(OSError):  # another process has just deleted it
            since = datetime.fromtimestamp(folder.stat().st_mtime, UTC).date().isoformat()
            entries.append(Cached(_content(folder), _bytes_in(folder), since, folder))
    return sorted(entries, key=lambda entry: -entry.n_bytes)


def clear_cache() -> int:
    """Deletes all conversions; returns how many bytes they took.

    Raises:
        OutputError: they cannot be deleted.
    """
    before = _bytes_in(cache_root())
    try:
        for folder in _own_folders():
            with suppress(FileNotFoundError):  # another process has just deleted it
                shutil.rmtree(folder)
    except OSError as error:
        raise OutputError(f"{cache_root()} cannot be emptied: {error.strerror}.") from error
    with suppress(OSError):  # not there, or somebody else's files are in it
        (cache_root() / "gguf").rmdir()
    return before - _bytes_in(cache_root())


def _own_folders() -> list[Path]:
    """The folders of conversions, whole or not: the cache may be a folder with other things in it."""
    inside = (cache_root() / "gguf").glob("*")
    return [path for path in inside if _OWN.fullmatch(path.name) and path.is_dir() and not path.is_symlink()]


def _content(folder: Path) -> str:
    """What a conversion is of, as its configuration says."""
    if folder.name.startswith(_DRAFT):
        return "unfinished conversion"
    try:
        config = json.loads((folder / "config.json").read_bytes())
        return f"{config['architectures'][0]} from a .gguf file"
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return "a .gguf file, converted"


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def convert(path: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, set[str]]:
    """Reads a .gguf file with transformers; float32 weights, without traces of the quantised file.

    The last part names the weights that the file does not have, which transformers made up.

    Raises:
        ModelError: the file is damaged, or of an architecture that transformers cannot read.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    check_header(path)
    try:
        with panics_as_errors(), _parsed_once():
            options: dict[str, Any] = {"gguf_file": path.name, "local_files_only": True}
            of_file = AutoConfig.from_pretrained(path.parent, **options)
            check_size(AutoModelForCausalLM, of_file, path.stat().st_size, str(path))
            tokenizer = AutoTokenizer.from_pretrained(path.parent, **options)
            model, report = AutoModelForCausalLM.from_pretrained(
                path.parent, attn_implementation="eager", dtype=torch.float32, output_loading_info=True, **options
            )
    except ModelError:
        raise
    except Exception as error:  # a damaged file trips the parsers in any way, struct.error included
        reason = one_line(error).rstrip(".")
        if "not supported" in reason:
            raise ModelError(f"transformers cannot read {path}: {reason}. Use the original weights.") from error
        raise ModelError(
            f"{path} could not be read as a model: {reason}. It may be cut off or damaged; "
            "fetch it again, or use the original weights."
        ) from error
    # With these, saving is refused: they say that the weights are quantised, which they no longer are.
    for name in ("hf_quantizer", "is_quantized"):
        if hasattr(model, name):
            delattr(model, name)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return model, tokenizer, set(report["missing_keys"])


def kept_now(digest: str) -> Identity | None:
    """What tells the conversion of a file that is kept now, whole or damaged, from one that takes its place."""
    return _identity(cache_root() / "gguf" / digest)


def keep(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, digest: str, replaces: Identity | None = None
) -> str | None:
    """Writes a conversion into the cache; returns why it could not, which makes the next load slower and no more.

    `replaces` is what was kept when it was found that the file has to be converted (see `kept_now`). What another
    process has kept meanwhile stays.
    """
    kept = cache_root() / "gguf" / digest

    def another_was_quicker() -> bool:  # and it may be read by now
        return _identity(kept) != replaces and cached_folder(digest) is not None

    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(kept.parent)
        if another_was_quicker():
            return None
        with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=kept.parent, ignore_cleanup_errors=True) as folder:
            draft = Path(folder) / "new"
            model.save_pretrained(draft)
            tokenizer.save_pretrained(draft)
            files = sorted(file for file in draft.iterdir() if file.is_file())
            (draft / _COMPLETE).write_text("".join(f"{file.name} {file.stat().st_size}\n" for file in files))
            # Between the two renames there is none: of two processes there each would find its place taken.
            with locked(cache_root() / "gguf.lock"):
                if another_was_quicker():
                    return None
                with suppress(FileNotFoundError):
                    kept.rename(Path(folder) / "old")  # damaged
                draft.rename(kept)
    except Exception as error:  # a full disk is an error of safetensors' own, not an OSError
        if cached_folder(digest) is None:
            return f"The converted model could not be kept in {kept.parent}, so it is converted each time: {error}"
    return None


def _identity(folder: Path) -> Identity | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_ino, status.st_ctime_ns


def _remove_leftovers(folder: Path) -> None:
    """Removes what conversions that were killed have left: each is as large as its model."""
    for draft in folder.glob(f"{_DRAFT}*"):
        with suppress(OSError):
            if draft.stat().st_mtime < time.time() - _DRAFT_LIFE:
                shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _parsed_once() -> Iterator[None]:
    """Lets transformers parse a GGUF file once instead of three times, and without its progress bar.

    Reading configuration, tokenizer and weights each opens the file anew and parses the whole vocabulary, and
    the name map is rebuilt for every submodule: together two thirds of the time of a load.
    """
    import gguf
    from gguf import gguf_reader
    from transformers import modeling_gguf_pytorch_utils as reading

    @functools.cache
    def parsed(path: str) -> dict[str, Any]:
        return load(path)

    def load_once(path: str, return_tensors: bool = False, **options: Any) -> dict[str, Any]:
        if return_tensors:
            return load(path, return_tensors=True, **options)
        return {
            part: copy.deepcopy(values)
            if part == "config"
            else {key: copy.copy(value) for key, value in values.items()}
            for part, values in parsed(path).items()
        }

    # Strings, of which a vocabulary has a hundred thousand, without the general case's detours.
    def value(parts: Any, types: Any) -> Any:
        return parts.tobytes().decode() if types in ([_STRING], [_ARRAY, _STRING]) else any_value(parts, types)

    def parts_at(reader: Any, offset: int, kind: int) -> Any:
        if kind != _STRING or reader.byte_order == "S":  # swapped bytes
            return any_parts(reader, offset, kind)
        end = offset + 8 + int.from_bytes(reader.data[offset : offset + 8].tobytes(), sys.byteorder)
        return end - offset, [reader.data[offset : offset + 8], reader.data[offset + 8 : end]], [1], [kind]

    load, any_value = reading.load_gguf_checkpoint, reading._gguf_parse_value
    any_parts = gguf.GGUFReader._get_field_parts
    replacements = (
        patch.object(gguf.GGUFReader, "_get_field_parts", parts_at),
        patch.object(gguf, "GGUFReader", functools.cache(gguf.GGUFReader)),
        patch.object(gguf, "get_tensor_name_map", functools.cache(gguf.get_tensor_name_map)),
        patch.object(reading, "load_gguf_checkpoint", load_once),
        patch.object(reading, "_gguf_parse_value", value),
        patch.object(reading, "tqdm", lambda items, **_: items),
        # A plain view of the mapped file: slicing numpy's memmap class costs ten times as much.
        patch.object(gguf_reader, "np", _PlainMaps()),
    )
    with ExitStack() as stack:
        for replacement in replacements:
            stack.enter_context(replacement)
        yield


class _PlainMaps:
    """numpy, but memory maps come as plain arrays."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def memmap(*args: Any, **options: Any) -> np.ndarray:
        return np.memmap(*args, **options).view(np.ndarray)
