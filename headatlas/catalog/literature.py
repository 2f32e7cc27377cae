"""What papers say of single heads: `catalog/literature.csv`, found under every name a model goes by.

Columns of the file: `model`; `head` (L5H1; E7H9 in an encoder; L5H4-7 for heads 4 to 7, of which the source says
something together, as of those that share keys and values); `role`, as the source calls it; `pattern`, the
headatlas pattern that a head of this role follows (several, apart by spaces, where any of them would do; empty for
none); `measure` and `value`, what the source gives as a number ("attention" is on the scale of our scores);
`setting`, how it was measured; `source`; `basis`: "paper" (read there, or in its code), "data" (from its published
data), "third party" (read elsewhere). `model_names.csv` beside it has the other names of models.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from headatlas.errors import HeadatlasError
from headatlas.files.given import read_text
from headatlas.heads import head_name, parse_head
from headatlas.patterns import PATTERNS

COLUMNS = ("model", "head", "role", "pattern", "measure", "value", "setting", "source", "basis")
FILE, NAMES_FILE = "literature.csv", "model_names.csv"
# A published number of this kind is on the scale of our scores.
ATTENTION = "attention"
# What a head is called from which a model of speech takes the times of words; a pattern has it among its synonyms.
ALIGNMENT = "alignment_head"
# Rows of a list, each of which may be of a source of its own.
MOST_FINDINGS = 10_000
# Papers count the heads of a model with one kind of attention alike, whether it looks ahead or not.
_ONLY_KIND = {"self", "encoder"}


@dataclass(frozen=True)
class Finding:
    """What a source says of one head, or of several that stand side by side, `head` to `last`, together."""

    model: str
    attention: str
    layer: int
    head: int
    role: str
    patterns: tuple[str, ...]
    measure: str
    value: float | None
    setting: str
    source: str
    basis: str
    last: int | None = None

    @property
    def n_heads(self) -> int:
        """How many heads it is about."""
        return 1 if self.last is None else self.last - self.head + 1

    @property
    def name(self) -> str:
        """L5H1, or L5H4-7."""
        return head_name(self.attention, self.layer, self.head) + ("" if self.last is None else f"-{self.last}")

    @property
    def short(self) -> str:
        """`induction 0.93 (Wang et al. 2022)`."""
        value = "" if self.value is None else f" {self.value:.2f}"
        return f"{self.role}{value} ({self.source.split(',')[0]})"

    def is_of(self, attention: str, layer: int, head: int) -> bool:
        """Whether it is about this head of its model, alone or with others."""
        same_kind = attention == self.attention or {attention, self.attention} <= _ONLY_KIND
        return same_kind and layer == self.layer and self.head <= head < self.head + self.n_heads


@dataclass(frozen=True)
class Literature:
    """Findings by model, and the names that models go by."""

    findings: Mapping[str, tuple[Finding, ...]]
    names: Mapping[str, str]

    def of(self, names: Iterable[str]) -> tuple[Finding, ...]:
        """What is known of a model that goes by any of these names."""
        for name in names:
            for form in (_plain(name), _plain(name.rsplit("/", 1)[-1])):
                model = self.names.get(form, form)
                if model in self.findings:
                    return self.findings[model]
        return ()

    def models(self) -> list[str]:
        """Models that something is known of, as their sources call them."""
        return sorted(findings[0].model for findings in self.findings.values())


def names_of(scan: Mapping[str, Any] | Any) -> list[str]:
    """Names under which a scan's model may be known: the scan's, without its checkpoint, and what was scanned."""
    names = [scan["model"], scan["model"].split("@")[0]]
    try:
        words = shlex.split(scan["command"] or "")
    except ValueError:
        words = []
    if "scan" in words and words.index("scan") + 1 < len(words):
        names.append(words[words.index("scan") + 1])
    return names


def own_claims(scan: Mapping[str, Any] | Any) -> tuple[Finding, ...]:
    """What a scan's model says of its heads itself: those from which a model of speech takes the times of words."""
    named = scan["alignment_heads"] if "alignment_heads" in scan.keys() else None  # noqa: SIM118 - a row of sqlite3
    patterns = tuple(pattern.name for pattern in PATTERNS if ALIGNMENT in pattern.synonyms)
    return tuple(
        Finding(
            scan["model"], "cross", layer, head, ALIGNMENT.replace("_", " "), patterns, "", None,
            "heads from which the times of words are made", "the model's generation settings, alignment_heads", "data",
        )
        for layer, head in json.loads(named or "[]")
    )  # fmt: skip


def of_scan(scan: Mapping[str, Any] | Any) -> tuple[Finding, ...]:
    """What the list that comes with headatlas knows of a scan's model."""
    return literature().of(names_of(scan))


@cache
def literature() -> Literature:
    """The list that comes with headatlas."""
    folder = _folder()
    return parse(_text(folder / FILE), _text(folder / NAMES_FILE), FILE)


def read(path: Path) -> Literature:
    """A list of one's own in the same form; other names of models are those that headatlas knows.

    Raises:
        HeadatlasError: it cannot be read, lacks a column, or has a row that cannot be understood.
    """
    text = read_text(path, advice="A list of literature is a CSV file.")
    return parse(text, _text(_folder() / NAMES_FILE), str(path))


def parse(text: str, names: str, where: str) -> Literature:
    """The list from its text.

    Raises:
        HeadatlasError: a column is missing, or a row cannot be understood.
    """
    # A cell that a row is too short for is empty.
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    findings: dict[str, list[Finding]] = {}
    also = {_plain(row["also"]): _plain(row["model"]) for row in csv.DictReader(io.StringIO(names, newline=""))}
    try:
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise HeadatlasError(f"{where} lacks the column {missing[0]}. It needs {', '.join(COLUMNS)}.")
        for number, row in enumerate(reader):
            if number == MOST_FINDINGS:
                raise HeadatlasError(f"{where} has more than {MOST_FINDINGS:,} rows. Give those of the model at hand.")
            finding = _finding(row, f"{where}, line {reader.line_num}")
            model = _plain(finding.model)
            findings.setdefault(also.get(model, model), []).append(finding)
    except csv.Error as error:
        raise HeadatlasError(f"{where}, line {reader.line_num + 1} cannot be read: {error}.") from error
    return Literature({model: tuple(of_model) for model, of_model in findings.items()}, also)


def _finding(row: Mapping[str, str], where: str) -> Finding:
    """What a row says.

    Raises:
        HeadatlasError: it names no head, or its value is no number.
    """
    try:
        attention, layer, head, last = _heads(row["head"])
        value = float(row["value"]) if row["value"] else None
    except (HeadatlasError, ValueError) as error:
        raise HeadatlasError(f"{where}: {error}") from error
    if value is not None and not math.isfinite(value):
        raise HeadatlasError(f"{where}: the value is {row['value']}. Allowed is a finite number, or nothing.")
    return Finding(
        row["model"], attention, layer, head, row["role"], tuple(row["pattern"].split()), row["measure"], value,
        row["setting"], row["source"], row["basis"], last,
    )  # fmt: skip


def about(findings: Sequence[Finding], attention: str, layer: int, head: int) -> list[Finding]:
    """Those about one head."""
    return [finding for finding in findings if finding.is_of(attention, layer, head)]


def _heads(text: str) -> tuple[str, int, int, int | None]:
    """Of "L5H4-7" the kind of attention, the layer, the first head and the last; the last is None for a single one.

    Raises:
        HeadatlasError: it names no heads.
    """
    name, dash, last = text.strip().partition("-")
    attention, layer, head = parse_head(name)
    if not dash:
        return attention, layer, head, None
    if not last.isdecimal() or int(last) <= head:
        raise HeadatlasError(f"'{text}' names no heads. Write L5H1 for one head, L5H4-7 for heads 4 to 7 of a layer.")
    return attention, layer, head, int(last)


def _plain(name: str) -> str:
    """A name without what people write in different ways: "GPT-2 small" is "gpt2small"."""
    return re.sub(r"[^a-z0-9./]+", "", name.lower())


def _folder() -> Traversable:
    """Inside the installed package, or the catalogue at the top of a checkout."""
    packaged = resources.files("headatlas") / "_literature"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "catalog"


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")
