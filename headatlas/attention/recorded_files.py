"""Files of attention that was recorded elsewhere: .npz, .safetensors, and what converters read of JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from headatlas.attention import array_files, converters
from headatlas.attention.array_files import StoredArray
from headatlas.attention.recorded import RecordedAttention, of_recording
from headatlas.attention.recorded_layers import StoredLayers, check_n_layers
from headatlas.attention.recorded_tokens import check_number
from headatlas.errors import HeadatlasError
from headatlas.files.given import parsed_json, regular, shown
from headatlas.heads import ATTENTION_KINDS

_FORM = (
    "It has to hold `attention` [layer, batch, head, query, key] (or `encoder`, `decoder` and `cross`) and "
    "`token_ids` [batch, position], with -1 where a sequence has ended."
)
# Places in `token_ids` and what stands beside them; most of them may be behind the ends of sequences.
_MOST_PLACES = 50_000_000
# What a file's arrays beside the attention are made of.
_PARTS = {
    name: made_of
    for names, made_of in (
        (("token_ids", "source_ids"), (array_files.INTEGER, array_files.FLOAT)),
        (("special",), (array_files.BOOLEAN, array_files.INTEGER)),
        (("tokens", "source_tokens"), (array_files.TEXT, array_files.INTEGER)),
    )
    for name in names
}
_TEXTS = ("tokens", "source_tokens")


def read(path: str | Path) -> RecordedAttention:
    """Recorded attention from a .npz or .safetensors file.

    Arrays are named as the arguments of `RecordedAttention`: `attention` (or `encoder`, `decoder`, `cross`) and
    `token_ids`, and where there are any `special`, `source_ids`, `tokens`, `source_tokens`. Layers with different
    numbers of heads are arrays of their own: `attention.0`, `attention.1`. A .safetensors file has its texts as JSON
    in its metadata. A .json or .jsonl file is of one of the forms of `headatlas.attention.converters.read_json`.

    Headers are read and checked before arrays are, and no array of another name is read.

    Raises:
        HeadatlasError: the file is not there, is of another kind, or lacks an array.
    """
    path = Path(path)
    regular(path, _FORM)
    if path.suffix in (".json", ".jsonl"):
        return of_recording(converters.read_json(path), name=shown(path.stem))
    with array_files.open_arrays(path, _is_wanted, _FORM) as file:
        if {"attention", "self"} <= {name.partition(".")[0] for name in file.wanted}:
            raise HeadatlasError(f"{shown(path)} holds `attention` and `self`, which are names of the same. Write one.")
        attention = {
            "self" if name == "attention" else name: layers
            for name in ("attention", *ATTENTION_KINDS)
            if (layers := _layers_named(name, file.wanted)) is not None
        }
        if not attention or "token_ids" not in file.wanted:
            holds = ", ".join(sorted(file.names)[:12])[:200] or "nothing"
            raise HeadatlasError(f"{shown(path)} holds {holds}. {_FORM}")
        for name, made_of in _PARTS.items():
            if name in file.wanted:
                _check_part(file.wanted[name], made_of)
        options = {name: file.wanted[name].read() for name in _PARTS if name in file.wanted}
        options |= {
            name: parsed_json(file.texts[name], f"`{name}` in {path.name}") for name in _TEXTS if name in file.texts
        }
        return RecordedAttention(attention, options.pop("token_ids"), name=shown(path.stem), **options)


def _is_wanted(name: str) -> bool:
    return (
        name in _PARTS or re.fullmatch(rf"({'|'.join(('attention', *ATTENTION_KINDS))})(\.[0-9]+)?", name) is not None
    )


def _check_part(array: StoredArray, made_of: Sequence[str]) -> None:
    """Raises HeadatlasError for tokens of another shape, or made of something else."""
    if array.holds not in made_of or len(array.shape) != 2:
        raise HeadatlasError(
            f"`{array.name}` holds {array.holds} of shape {list(array.shape)}; it has to hold {' or '.join(made_of)}, "
            "[sequence, position]."
        )
    if 0 in array.shape:
        raise HeadatlasError(f"`{array.name}` has shape {list(array.shape)}: there are no tokens in it.")
    check_number(array.shape[0])
    if array.shape[0] * array.shape[1] > _MOST_PLACES:
        raise HeadatlasError(
            f"`{array.name}` has shape {list(array.shape)}: at most {_MOST_PLACES:,} places are read, tokens and what "
            "fills up short sequences. Write fewer sequences into a file."
        )


def _layers_named(name: str, arrays: Mapping[str, StoredArray]) -> StoredLayers | None:
    """The layers of a kind of attention in a file, in one array or in one each."""
    own = [array for array in arrays.values() if array.name == name or array.name.startswith(f"{name}.")]
    for array in own:
        n_axes = 5 if array.name == name else 4
        if array.holds != array_files.FLOAT or len(array.shape) != n_axes:
            axes = "[layer, batch, head, query, key]" if n_axes == 5 else "[batch, head, query, key]"
            raise HeadatlasError(
                f"`{array.name}` holds {array.holds} of shape {list(array.shape)}; attention has to be floating-point "
                f"numbers {axes}."
            )
    if name in arrays:
        check_n_layers(name, arrays[name].shape[0])
        return StoredLayers([arrays[name].shape[1:]] * arrays[name].shape[0], [arrays[name]])
    if not own:
        return None
    check_n_layers(name, len(own))
    # Zeros before a number do not count: int() refuses thousands of digits.
    own.sort(key=lambda array: (len(number := array.name.split(".")[1].lstrip("0")), number))
    return StoredLayers([array.shape for array in own], own)
