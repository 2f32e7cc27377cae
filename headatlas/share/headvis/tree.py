"""The files of a HeadVis tree, read one at a time: their layout is known, their content is not trusted.

    <model>/headvis/<dataset>/config.json, scatter_data.json, heads/L{layer}H{head}.json

Front end and pipeline: HeadVis, Anthropic 2026, transformer-circuits.pub/2026/headvis; Neuronpedia's pipeline writes
the same. What a file lacks, or has in another form, is remarked on and left out.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headatlas.errors import HeadatlasError, one_line
from headatlas.files.given import exists, read_values
from headatlas.store.limits import MAX_HEADS_A_LAYER, MAX_LAYERS
from headatlas.store.rules import MAX_NUMBER

if TYPE_CHECKING:
    from jaxtyping import Float, Int

CONFIG, SCATTER, HEADS = "config.json", "scatter_data.json", "heads"
FOLDER = "headvis"
# Larger files are not read: those of the published pipeline have about 1 MB a head.
MAX_BYTES = 64_000_000
# A sequence of more tokens than this is left out: its map would not fit into memory as one.
MAX_TOKENS = 8192
# Weights are given to four decimals: a row of many of them may exceed 1 by rounding.
_MAX_ROW = 1.01
# Numbers of layers, of heads and of sequences that a database may have.
_MOST_HEADS, _MOST_SEQUENCES = min(MAX_LAYERS, MAX_HEADS_A_LAYER), 10**9


@dataclass(frozen=True)
class HeadText:
    """A text with the largest weights of one head on it; entry i: `queries[i]` gives `keys[i]` `weights[i]`."""

    number: int
    interval: int
    tokens: tuple[str, ...]
    queries: Int[np.ndarray, " entry"]
    keys: Int[np.ndarray, " entry"]
    weights: Float[np.ndarray, " entry"]
    max_activation: float


@dataclass
class Remarks:
    """What was left out of a tree, and how often: the first place stands for all of a kind."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, where: str) -> None:
        """One more of a kind, such as "head file not there"."""
        self.counts[what] += 1
        self.first.setdefault(what, where)

    def sentences(self) -> list[str]:
        """A sentence for each kind."""
        return [
            f"{what[0].upper()}{what[1:]}: {self.first[what]}" + (f" and {n - 1} more." if n > 1 else ".")
            for what, n in self.counts.items()
        ]


def trees(path: Path) -> list[Path]:
    """The trees in a folder: itself, those of a model, or those of many models; empty where there is none."""
    if not exists(path):
        return []
    if is_tree(path):
        return [path]
    return sorted(
        file.parent for pattern in (f"*/{CONFIG}", f"{FOLDER}/*/{CONFIG}", f"*/{FOLDER}/*/{CONFIG}")
        for file in path.glob(pattern) if is_tree(file.parent)
    )  # fmt: skip


def is_tree(path: Path) -> bool:
    """Whether a folder has the files by which a tree is known."""
    return exists(path / CONFIG) and (path / CONFIG).is_file() and (path / SCATTER).is_file()


class Tree:
    """One model on one data set, as HeadVis keeps it; what is left out stands in `remarks`.

    Raises:
        HeadatlasError: `config.json` or `scatter_data.json` cannot be read, or names no head.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remarks = Remarks()
        self._digest = hashlib.sha256()
        config = self._load(CONFIG)
        if not isinstance(config, dict):
            raise HeadatlasError(f"{folder / CONFIG} holds no object; a HeadVis tree has one there.")
        self.config: dict[str, Any] = config
        self.pipeline: Mapping[str, Any] = self._object("pipeline_config")
        rows = self._load(SCATTER)
        if not isinstance(rows, list):
            raise HeadatlasError(f"{folder / SCATTER} holds no list of heads; a HeadVis tree has one there.")
        self.heads, self.values = self._heads(rows)
        if not self.heads:
            raise HeadatlasError(f"{folder} names no head, neither in {CONFIG} nor in {SCATTER}.")

    @property
    def digest(self) -> str:
        """SHA-256 of all files that were read so far."""
        return self._digest.hexdigest()

    @property
    def model(self) -> str:
        """The model's name: `model_name`, else `np_model_id`, else that of the folder."""
        named = (self.text(name) for name in ("model_name", "np_model_id"))
        inside = self.folder.parent.parent if self.folder.parent.name == FOLDER else self.folder
        return next((name for name in named if name), inside.resolve().name or "headvis")

    @property
    def dataset(self) -> str:
        """The data set's name."""
        return self.text("dataset_name") or self.folder.resolve().name

    def text(self, name: str) -> str:
        """A text in `config.json` on one line; empty where there is none."""
        value = self.config.get(name)
        return name_of(value) if isinstance(value, str) else ""

    def number(self, *names: str) -> int | None:
        """A whole number in `config.json` or its `pipeline_config`, under the first name that has one."""
        for name in names:
            for where in (self.config, self.pipeline):
                value = where.get(name)
                if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
                    return value
        return None

    def descriptions(self) -> dict[str, str]:
        """What the tree says of its metrics, every metric that has a value or is listed, by name."""
        said = self._object("metric_descriptions")
        listed = self.config.get("metrics")
        names = [name_of(name) for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
        known = dict.fromkeys([*names, *(name for values in self.values.values() for name in values)])
        return {name: clean(text)[:2000] if isinstance(text := said.get(name), str) else "" for name in known}

    def sequences(self, head: tuple[int, int]) -> Iterator[HeadText]:
        """The sequences of a head; those that are damaged are left out, with a remark."""
        name = f"{HEADS}/L{head[0]}H{head[1]}.json"
        if not (self.folder / name).is_file():
            self.remarks.add("heads without a file of their own have no examples", name)
            return
        try:
            content = self._load(name)
        except HeadatlasError as error:
            self.remarks.add("head files that cannot be read", str(error).rstrip("."))
            return
        listed = content.get("sequences") if isinstance(content, dict) else None
        if not isinstance(listed, list):
            self.remarks.add("head files without sequences", name)
            return
        for position, row in enumerate(listed):
            try:
                yield _sequence(row, position)
            except (TypeError, ValueError, KeyError, OverflowError, AttributeError) as error:
                self.remarks.add("sequences left out", f"{name}, number {position} ({one_line(error)})")

    def _load(self, name: str) -> Any:
        path = self.folder / name
        try:
            if path.stat().st_size > MAX_BYTES:
                raise HeadatlasError(f"{path} has more than {MAX_BYTES // 1_000_000} MB and is not read.")
            content = path.read_bytes()
            self._digest.update(name.encode() + hashlib.sha256(content).digest())
            return read_values(content)
        except OSError as error:
            raise HeadatlasError(f"{path} cannot be read: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise HeadatlasError(f"{path} is damaged, or no JSON: {one_line(error)}.") from error

    def _object(self, name: str) -> Mapping[str, Any]:
        value = self.config.get(name)
        if isinstance(value, dict):
            return value
        self.remarks.add(f"fields missing in {CONFIG}", name)
        return {}

    def _heads(self, rows: Sequence[Any]) -> tuple[list[tuple[int, int]], dict[tuple[int, int], dict[str, float]]]:
        """The heads in order, and their metrics."""
        heads: set[tuple[int, int]] = set()
        listed = self.config.get("heads")
        for pair in listed if isinstance(listed, list) else []:
            if isinstance(pair, list) and len(pair) == 2 and _is_count(pair[0]) and _is_count(pair[1]):
                heads.add((pair[0], pair[1]))
            else:
                self.remarks.add(f"entries of `heads` in {CONFIG} that are no head", one_line(ValueError(repr(pair))))
        values: dict[tuple[int, int], dict[str, float]] = {}
        for position, row in enumerate(rows):
            if not isinstance(row, dict) or not (_is_count(row.get("layer")) and _is_count(row.get("head"))):
                self.remarks.add(f"rows of {SCATTER} that name no head", f"number {position}")
                continue
            metrics = values.setdefault((row["layer"], row["head"]), {})
            for name, value in row.items():
                if name not in ("layer", "head") and value is not None:
                    if _is_number(value):
                        metrics[name_of(name)] = float(value)
                    else:
                        self.remarks.add(f"values in {SCATTER} that are no numbers", f"{name_of(name)}, row {position}")
        return sorted(heads | values.keys()), values


def clean(text: str) -> str:
    """Text that a database can hold: without halves of surrogate pairs and without NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def name_of(text: str) -> str:
    """A name that fits on a line: what cannot be printed is left out, and what is beyond 100 characters."""
    return "".join(letter for letter in " ".join(clean(text).split()) if letter.isprintable())[:100]


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_HEADS


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER


def _sequence(row: Any, position: int) -> HeadText:
    """One sequence of a head's file.

    Raises:
        ValueError, TypeError, KeyError, OverflowError, AttributeError: what is wrong with it.
    """
    tokens = row["tokens"]
    if not isinstance(tokens, list) or not tokens or not all(isinstance(token, str) for token in tokens):
        raise ValueError("`tokens` is no list of texts")
    n = len(tokens)
    if n > MAX_TOKENS:
        raise ValueError(f"{n} tokens, more than {MAX_TOKENS}")
    if row.get("seq_len", n) != n:
        raise ValueError(f"`seq_len` is not the number of tokens, {n}")
    indices, weights = np.asarray(row["attention_indices"]), np.asarray(row["attention_values"], dtype=float)
    if indices.shape != weights.shape or indices.ndim != 1:
        raise ValueError("`attention_indices` and `attention_values` differ in length")
    if len(indices) and (indices.dtype.kind not in "iu" or indices.min() < 0 or indices.max() >= n * n):
        raise ValueError("`attention_indices` lie outside the sequence")
    queries, keys = np.divmod(indices.astype(np.int64), n)
    sums = np.zeros(n)
    np.add.at(sums, queries, weights)
    if not ((weights >= 0) & (weights <= 1)).all() or sums.max() > _MAX_ROW or len(np.unique(indices)) < len(indices):
        raise ValueError("`attention_values` are no attention")
    peak, interval, number = row.get("max_activation"), row.get("interval"), row.get("sequence_id")
    return HeadText(
        number=number if isinstance(number, int) and 0 <= number < _MOST_SEQUENCES else position,
        interval=interval if isinstance(interval, int) else 0,
        tokens=tuple(clean(token) for token in tokens),
        queries=queries,
        keys=keys,
        weights=weights,
        max_activation=float(peak) if _is_number(peak) else float(weights.max(initial=0)),
    )
