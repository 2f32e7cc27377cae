"""Whether a model's folder can be opened: its files are files, and what its configuration claims can be made.

It is asked before transformers opens anything: a pipe by the name of a file would be waited for, and a model of a
thousand million layers be built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headatlas.errors import HeadatlasError, ModelError, brief
from headatlas.files.given import MOST_VALUES, count_values, parsed_json, read_text, regular, shown
from headatlas.models.pickle_check import check_pickled
from headatlas.models.size_check import PACKED, SPARE

# More layers than any model has.
MOST_LAYERS = 1000
# Labels of a classifier; ImageNet's largest set has 21,843.
_MOST_LABELS = 100_000
# Bytes of a config.json, entries in it, and how deeply they are nested; settings in an object, which has tens of them.
_MOST_CONFIG, _MOST_ENTRIES, _DEEPEST, _MOST_SETTINGS = 2**24, 1_000_000, 32, 10_000
_LABELS = ("id2label", "label2id")
_WEIGHTS = (".safetensors", ".bin")
# Where special tokens are listed, and how many there may be: the largest tokenizers have some thousand.
_OF_TOKENIZERS = ("tokenizer_config.json", "special_tokens_map.json")
_SPECIAL, _MOST_SPECIAL = ("additional_special_tokens", "extra_special_tokens"), 10_000
# Files that reading a model or its tokenizer may open.
_OPENED = re.compile(r".+\.(json|safetensors|bin|pt|pth|model|txt|jinja|tiktoken|py)")
# Weights that are read by PyTorch.
_PICKLED = re.compile(r"(pytorch|adapter)_model.*\.bin")
_EXPERTS, _MOST_EXPERTS = re.compile(r"(.*_)?(n|num)_(.*_)?experts"), 10_000
_LAYERS = re.compile(r"(n|num)_.*(layer|block)s?|.*_layers|depth")
# Sizes of a weight matrix whose other size is the width of the model, and names of that width.
_SIZES = re.compile(r"vocab_size|n_inner|d_ff|(intermediate|type_vocab)_size|n_positions")
_WIDTHS = ("hidden_size", "n_embd", "d_model")
_HEADS, _OF_HEADS = re.compile(r"(n|num)_(.*_)?heads?"), re.compile(r"(.*_)?head_dim|d_head|d_kv")
_MOST_NUMBERS = re.compile("|".join((_SIZES.pattern, *_WIDTHS, _HEADS.pattern, _OF_HEADS.pattern)))
_MOST = 2**27
# Bytes of a file of weights that its tensors have to fill, and of its header, in which a tensor takes a hundred.
_LARGE, _MOST_HEADER = 2**31, 2**24
# Bytes of a file of JSON; the largest, a tokenizer of 262,144 tokens, has 33 million.
_MOST_JSON = 2**27


def check_folder(folder: Path) -> None:
    """Looks at what is in a folder, and at its config.json.

    Raises:
        ModelError: a file is a pipe, a device, a folder or a link to nothing, or config.json claims what cannot be.
    """
    advice = "Give a folder that `save_pretrained` wrote."
    try:
        for path in sorted(folder.iterdir()):
            if _OPENED.fullmatch(path.name):
                n_bytes = regular(path, advice, ModelError)
                if path.suffix == ".safetensors":
                    _check_weights(path, n_bytes)
                if path.suffix == ".json":
                    _check_json(path, n_bytes)
                if path.name in _OF_TOKENIZERS:
                    _check_special(path)
                if path.name.endswith(".index.json"):
                    _check_index(path, advice)
                if _PICKLED.fullmatch(path.name):
                    check_pickled(path)
        text = read_text(folder / "config.json", _MOST_CONFIG)
        config = parsed_json(text.removeprefix("\ufeff"), f"The config.json in {shown(folder)}", advice)
    except OSError as error:
        raise ModelError(f"The folder {shown(folder)} cannot be read: {error.strerror}.") from error
    except HeadatlasError as error:
        raise ModelError(str(error)) from error
    if not isinstance(config, dict):
        raise ModelError(f"The config.json in {shown(folder)} is no object with settings. {advice}")
    entries = [("", config), *_entries(config, folder)]
    numbers = [(name, value) for name, value in entries if _is_number(value)]
    width = max((value for name, value in numbers if name in _WIDTHS), default=1)
    n_heads = max((value for name, value in numbers if _HEADS.fullmatch(name)), default=1)
    n_bytes = weights_in(folder)
    for name, value in entries:
        reason = _impossible(name, value)
        beside = width if _SIZES.fullmatch(name) else width * n_heads if _OF_HEADS.fullmatch(name) else 0
        if not reason and beside and _is_number(value) and value * beside > SPARE + PACKED * n_bytes:
            reason = f"`{name}` is {value:,}, and the weights have {n_bytes / 1e6:,.1f} MB"
        if reason:
            raise ModelError(f"The config.json in {shown(folder)} cannot be meant: {reason}. {advice}")


def weights_in(folder: Path) -> int:
    """How many bytes the files of weights in a folder have."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.suffix in _WEIGHTS)


def _check_json(path: Path, n_bytes: int) -> None:
    """Raises ModelError for a file of JSON that takes gigabytes when it is read."""
    if n_bytes > _MOST_JSON:
        raise ModelError(f"{shown(path)} has {n_bytes / 1e6:,.0f} MB; at most {_MOST_JSON / 1e6:,.0f} MB are read.")
    if n_bytes > MOST_VALUES and count_values(path.read_bytes()) > MOST_VALUES:
        raise ModelError(f"{shown(path)} has more than {MOST_VALUES:,} values, which no model's has. Fetch it again.")


def _check_special(path: Path) -> None:
    """Raises ModelError for more special tokens than are added within seconds; each is compared with all others."""
    try:
        settings = json.loads(path.read_bytes())
    except (ValueError, RecursionError):  # the tokenizer is left out then, which is said
        return
    for name in _SPECIAL if isinstance(settings, dict) else ():
        tokens = settings.get(name)
        if isinstance(tokens, list | dict) and len(tokens) > _MOST_SPECIAL:
            raise ModelError(
                f"{shown(path)} cannot be meant: `{name}` has {len(tokens):,} tokens; at most {_MOST_SPECIAL:,} are "
                "read."
            )


def _check_index(path: Path, advice: str) -> None:
    """Raises ModelError where a list of the files that hold a model's weights names something that is no file there."""
    index = parsed_json(read_text(path, _MOST_JSON), shown(path), advice)
    places = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(places, dict) or not all(isinstance(name, str) for name in places.values()):
        raise ModelError(f"{shown(path)} has no `weight_map` from the names of weights to those of files. {advice}")
    for name in sorted(set(places.values())):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ModelError(f"{shown(path)} names {shown(brief(name))}, which is not in its folder. {advice}")
        place = path.parent / name
        if _is_missing(place):  # of weights in several formats those that are read may be all that was fetched
            continue
        regular(place, advice, ModelError)
        if place.suffix == ".bin" and not _PICKLED.fullmatch(name):
            check_pickled(place)


def _is_missing(path: Path) -> bool:
    """Whether a file could be there and is not."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _check_weights(path: Path, n_bytes: int) -> None:
    """Raises ModelError for a file of weights with more tensors than a model has, or one of more than 2 GB that they
    do not fill: its digest takes hours to make.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if _MOST_HEADER < length < n_bytes:
            raise ModelError(
                f"{shown(path)} has a header of {length / 1e6:,.0f} MB; at most {_MOST_HEADER / 1e6:,.0f} MB are read."
            )
        if n_bytes <= _LARGE:
            return
        header = file.read(length) if length <= _MOST_HEADER else b""
    try:
        tensors = json.loads(header)
        end = max(tensor["data_offsets"][1] for name, tensor in tensors.items() if name != "__metadata__")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        end = 0
    if not isinstance(end, int) or end + length + 8 != n_bytes:
        raise ModelError(f"{shown(path)} has {n_bytes:,} bytes, which its tensors do not fill. Fetch it again.")


def _entries(config: dict[str, Any], folder: Path) -> Iterator[tuple[str, Any]]:
    """Every name with its value, of objects within objects too.

    Raises:
        ModelError: there are too many, or they are nested too deeply.
    """
    waiting: list[tuple[str, Any, int]] = [(name, value, 1) for name, value in config.items()]
    n_seen = 0
    while waiting:
        name, value, depth = waiting.pop()
        yield name, value
        children = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
        n_seen += 1 + len(children)
        if n_seen > _MOST_ENTRIES or depth > _DEEPEST:
            what = "is nested too deeply" if depth > _DEEPEST else f"has more than {_MOST_ENTRIES:,} entries"
            raise ModelError(f"The config.json in {shown(folder)} {what}.")
        if isinstance(value, dict):
            waiting += [(str(key), inner, depth + 1) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(name, inner, depth + 1) for inner in value if isinstance(inner, dict | list)]


def _impossible(name: str, value: Any) -> str:
    """Why a setting cannot be meant; empty where it can."""
    is_number = _is_number(value)
    if name in _LABELS and hasattr(value, "__len__") and len(value) > _MOST_LABELS:
        return f"`{name}` has {len(value):,} labels, and at most {_MOST_LABELS:,} are read"
    if name == "num_labels" and is_number and value > _MOST_LABELS:
        return f"`{name}` is {value:,}, and at most {_MOST_LABELS:,} are read"
    if isinstance(value, dict) and name not in _LABELS and len(value) > _MOST_SETTINGS:
        where = f"`{brief(name)}`" if name else "it"
        return f"{where} has {len(value):,} settings, and at most {_MOST_SETTINGS:,} are read"
    if _LAYERS.fullmatch(name) and is_number and not 0 <= value <= MOST_LAYERS:
        return f"`{name}` is {value:,}; from 0 to {MOST_LAYERS:,} are read"
    if _EXPERTS.fullmatch(name) and is_number and not 0 <= value <= _MOST_EXPERTS:
        return f"`{name}` is {value:,}; from 0 to {_MOST_EXPERTS:,} are read"
    if _MOST_NUMBERS.fullmatch(name) and is_number and not -1 <= value <= _MOST:
        return f"`{name}` is {value:,}, and no model is of that size"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
