"""What a value of each column may be: the rules for whatever comes from elsewhere, a catalogue folder or a database.

A column that is not listed has the rule of its type. Checked are whole columns at a time, by pydantic; what is checked
is never changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, TypeAdapter, ValidationError

from headatlas.errors import HeadatlasError
from headatlas.heads import ATTENTION_KINDS
from headatlas.store.limits import MAX_HEADS, MAX_HEADS_A_LAYER, MAX_JSON, MAX_LAYERS, MAX_LIST, MAX_NAME, MAX_TEXT

MAX_TOKENS = 200_000
# Above what any number of ours is, and small enough that sums and squares stay finite.
MAX_NUMBER = 1e12
MAX_DEPTH = 32
MAX_BLOB = 64_000_000


@dataclass(frozen=True)
class Rule:
    """The pydantic type of a value and, in words, what is allowed; `needed`: null is not.

    `most_bytes` is what can be asked of a blob before it is read.
    """

    type: Any
    words: str
    needed: bool = False
    most_bytes: int | None = None

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """What checks a list of values; made once."""
        return _adapter(self)


@cache
def _adapter(rule: Rule) -> TypeAdapter[Any]:
    return TypeAdapter(list[rule.type if rule.needed else rule.type | None])  # type: ignore[misc, arg-type]


def text(most: int = MAX_TEXT, *, least: int = 0, needed: bool = False) -> Rule:
    """Text in Unicode, without NUL and halves of surrogate pairs."""
    kind = Annotated[str, StringConstraints(min_length=least, max_length=most, pattern=r"^[^\x00]*$")]
    return Rule(kind, f"text of {least or 'at most'}{' to' if least else ''} {most:,} characters without NUL", needed)


def whole(low: int = -(2**63), high: int = 2**63 - 1, *, needed: bool = False) -> Rule:
    """A whole number; the widest range is SQLite's."""
    return Rule(Annotated[int, Field(ge=low, le=high)], f"a whole number from {low:,} to {high:,}", needed)


def number(low: float = -MAX_NUMBER, high: float = MAX_NUMBER, *, needed: bool = False) -> Rule:
    """A finite number."""
    kind = Annotated[float, Field(ge=low, le=high, allow_inf_nan=False)]
    return Rule(kind, f"a finite number from {low:g} to {high:g}", needed)


def choice(*values: str, needed: bool = True) -> Rule:
    """One of some words."""
    return Rule(Literal[values], "one of " + ", ".join(values), needed)


def json_of(shape: Any, words: str, *, needed: bool = False, most: int = MAX_JSON, halves: bool = False) -> Rule:
    """Text that is JSON of a shape, a pydantic type; `halves`: it may spell halves of surrogate pairs."""
    adapter = TypeAdapter(shape)

    def check(value: str) -> str:
        try:
            content = json.loads(value)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        _check_depth(content)
        if not halves and "\\ud" in value.lower():
            json.dumps(content, ensure_ascii=False).encode()
        adapter.validate_python(content, strict=True)
        return value

    kind = Annotated[str, StringConstraints(max_length=most), AfterValidator(check)]
    return Rule(kind, f"JSON: {words}", needed)


def _check_depth(content: Any) -> None:
    level = [content]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, list | dict)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise ValueError("nested too deeply")


_BLOB = Rule(
    Annotated[bytes, Field(max_length=MAX_BLOB)],
    f"at most {MAX_BLOB // 1_000_000} MB of bytes",
    most_bytes=MAX_BLOB,
)
_NEEDED_BLOB = replace(_BLOB, needed=True)
_SHARE = number(-0.01, 1.01)  # rounded, summed in float32
_SCORE_SHARE = number(-0.01, 1.01, needed=True)
_COUNT = whole(0, 2**53)
_NAME = text(MAX_NAME, least=1, needed=True)
_SHOWN = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
_SCAN_NAME = Rule(
    Annotated[str, StringConstraints(max_length=MAX_NAME, pattern=_SHOWN)],
    f"text of 1 to {MAX_NAME:,} characters, not all blank, none of them a line break or another sign of control",
    True,
)
_KIND = choice(*ATTENTION_KINDS)
_LAYER = whole(0, MAX_LAYERS - 1, needed=True)
_FLAG = whole(0, 1)
# Of texts of one's own it is a number made from them.
_VERSION = whole(0, 2**53, needed=True)
_FINITE = number(needed=True)


def _list_of(kind: Any) -> Any:
    return Annotated[list[kind], Field(max_length=MAX_TOKENS)]


def _texts(needed: bool = False) -> Rule:
    # Of bytes that are no text a tokenizer makes halves of surrogate pairs; JSON spells them, and pages name them.
    return json_of(_list_of(Annotated[Any, AfterValidator(_is_text)]), "a list of texts", needed=needed, halves=True)


def _is_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value


def _is_mark(value: list[Any]) -> list[Any]:
    """Pattern, probe and two numbers, in a list as JSON has them."""
    names, numbers = value[:2], value[2:]
    if len(value) != 4 or not all(isinstance(name, str) for name in names):
        raise ValueError("no mark")
    if not all(type(number) in (int, float) and abs(number) <= MAX_NUMBER for number in numbers):
        raise ValueError("no number")
    return value


def _is_column(value: list[Any]) -> list[Any]:
    """Pattern and probe with their versions, as `headatlas.store.profiles` has them."""
    if [type(part) for part in value] != [str, int, str, int]:
        raise ValueError("no column")
    return value


_IDS = json_of(_list_of(int), "a list of whole numbers")
_MARKS = json_of(_list_of(Annotated[int, Field(ge=0, le=1)]), "a list of 0 and 1")
_NUMBERS = json_of(
    _list_of(Annotated[float, Field(ge=-MAX_NUMBER, le=MAX_NUMBER, allow_inf_nan=False)] | None), "a list of numbers",
    needed=True, most=MAX_LIST,
)  # fmt: skip
_POSITIONS = json_of(
    Annotated[list[Annotated[int, Field(ge=0, le=MAX_TOKENS)]], Field(max_length=8)], "a list of 8 positions at most",
    needed=True,
)  # fmt: skip
_WEIGHTS = json_of(
    Annotated[list[Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]], Field(max_length=8)],
    "a list of 8 weights at most", needed=True,
)  # fmt: skip
_COLUMNS = json_of(
    _list_of(Annotated[list[Any], AfterValidator(_is_column)]), "a list of [pattern, version, probe, version]",
    needed=True,
)  # fmt: skip
_OBJECT = json_of(dict[str, JsonValue], "an object")
_MARK = Annotated[list[Any], AfterValidator(_is_mark)]

_BY_TYPE = {"INTEGER": whole(), "FLOAT": number(), "REAL": number(), "BLOB": _BLOB}
_TEXT = text()

RULES: Mapping[str, Mapping[str, Rule]] = {
    "scans": {
        "model": _SCAN_NAME, "status": choice("done", "running"), "plan": text(MAX_NAME, needed=True),
        "n_layers": whole(0, MAX_LAYERS), "n_heads": whole(0, MAX_HEADS_A_LAYER), "d_model": _COUNT, "d_vocab": _COUNT,
        "context_length": _COUNT, "n_parameters": _COUNT, "n_chunks": _COUNT, "seconds": number(0),
        "versions": json_of(dict[str, str | None], "an object of texts"),
        "started": text(100), "finished": text(100),
        **dict.fromkeys(("architecture", "source", "revision", "digest", "tokenizer", "dtype", "device", "calibration"),
                        text(MAX_NAME)),
    },
    "heads": {"attention": _KIND, "layer": _LAYER, "head": whole(0, MAX_HEADS_A_LAYER - 1, needed=True)},
    "warnings": {"warning": text(needed=True)},
    "layers": {
        "attention": _KIND, "layer": _LAYER, "n_heads": whole(0, MAX_HEADS_A_LAYER, needed=True), "causal": _FLAG,
        "scored": whole(0, 1, needed=True), "outputs": _FLAG, "hook": text(MAX_NAME),
        "window": _COUNT,
    },
    "certificates": {"passed": _FLAG, "n_sequences": _COUNT, "n_tokens": _COUNT},
    "patterns": {
        "name": text(200, least=1, needed=True), "version": _VERSION,
        "kind": choice("target", "statistic", "rival"), "family": text(200), "probe": text(200),
        "rivals": json_of(_list_of(str), "a list of names"),
    },
    "probes": {"name": text(200, least=1, needed=True), "version": _VERSION},
    "evidence_kinds": {
        "name": text(200, least=1, needed=True), "version": _VERSION,
        "basis": choice("weights", "causes", "writing"), "unit": text(MAX_NAME),
    },
    "scan_probes": {"n_sequences": _COUNT, "n_tokens": _COUNT},
    "scores": {
        "chance": _SHARE, "p_value": _SHARE, "q_value": _SHARE, "rival": text(200), "n_queries": _COUNT,
        "n_sequences": _COUNT, "n_sunk": _COUNT, "best_offset": whole(-10**9, 10**9),
    },
    "off_sink": {"awake": _SHARE, "n_queries": _COUNT},
    "examples": {
        "sequence": whole(0, 10**9, needed=True), "tokens": _texts(needed=True), "token_ids": _IDS, "special": _MARKS,
        "key_tokens": _texts(), "key_token_ids": _IDS, "key_special": _MARKS,
        "grid_rows": whole(1, 10_000), "grid_columns": whole(1, 10_000),
    },
    "heatmaps": {"weights": _NEEDED_BLOB},
    "labels": {
        "label": text(200, least=1, needed=True), "confidence": number(0, 1, needed=True),
        "rank": whole(1, 10**6, needed=True), "basis": choice("always", "awake", needed=False),
        "explained_by": text(200), "awake": _SHARE, "probe": text(200),
    },
    "overlaps": {
        "attention": choice(*ATTENTION_KINDS, needed=False), "score": _SCORE_SHARE, "off_sink": _SHARE,
        "window": _COUNT,
    },
    "distances": {"first": whole(-MAX_TOKENS, MAX_TOKENS, needed=True), "attention": _NUMBERS},
    "far_lags": {"lag": whole(1, MAX_TOKENS, needed=True), "score": _SHARE, "n_queries": _COUNT},
    "head_lines": {
        "band": whole(0, 4, needed=True), "rank": whole(1, 10, needed=True), "sequence": whole(0, 10**9, needed=True),
        "query": whole(0, MAX_TOKENS, needed=True), "off_sink": _SCORE_SHARE, "keys": _POSITIONS, "weights": _WEIGHTS,
    },
    "line_texts": {
        "attention": _KIND, "sequence": whole(0, 10**9, needed=True), "tokens": _texts(needed=True),
    },
    "kinds": {
        "name": text(200, least=1, needed=True), "label": text(200), "n_heads": _COUNT, "share": _SHARE,
        "marks": json_of(_list_of(_MARK), "a list of [pattern, probe, number, number]"),
    },
    "head_map": {"typicality": _SHARE, "x": _SCORE_SHARE, "y": _SCORE_SHARE},
    "evidence_runs": {
        "status": choice("done", "running"), "plan": text(MAX_NAME, needed=True), "settings": _OBJECT,
        "notes": json_of(_list_of(str), "a list of sentences"), "seconds": number(0),
    },
    "evidence": {
        "value": _FINITE, "percentile": number(-0.01, 100.01), "n_targets": _COUNT, "n_sequences": _COUNT,
        "exact": _FLAG,
    },
    "evidence_costs": {"seconds": number(0, needed=True)},
    "compositions": {
        "kind": choice("query", "key", "value"), "value": _FINITE, "rank": whole(1, 10**6, needed=True),
    },
    "edges": {"label": text(200, least=1, needed=True), "score": _FINITE, "change": _FINITE},
    "paths": {
        "route": choice("q", "k", "v", "all", "total"), "kind": text(200, least=1, needed=True), "effect": _FINITE,
        "n_prompts": whole(0, 2**53, needed=True), "resampled": _FLAG,
    },
    "label_groups": {"label": text(200, least=1, needed=True), "effect": _FINITE, "n_heads": _COUNT},
    "budgets": {"part": text(200, least=1, needed=True), "share": _SCORE_SHARE},
    "awakenings": {"class": text(200, least=1, needed=True), "q_value": _SHARE, "n_queries": _COUNT},
    "sinks": {"first": _SHARE, "others": _SHARE},
    "sentences": {"sentence": text(needed=True)},
    "profiles": {"columns": _COLUMNS, "n_heads": whole(0, MAX_HEADS, needed=True), "data": _NEEDED_BLOB},
    "chunks": {"data": Rule(bytes, "bytes")}, "evidence_parts": {"data": Rule(bytes, "bytes")},
    "task_parts": {"data": Rule(bytes, "bytes")},
    "task_runs": {"status": choice("done", "running"), "settings": _OBJECT, "result": _OBJECT},
}  # fmt: skip


def rule_of(table: str, column: str, kind: str, *, needed: bool = False) -> Rule:
    """The rule of a column that is declared with a type; `needed` where it may not be null, whatever else is said."""
    rule = RULES.get(table, {}).get(column) or _BY_TYPE.get(kind, _TEXT)
    return replace(rule, needed=True) if needed else rule


def check_column(rule: Rule, values: Sequence[Any], at: Callable[[int], str]) -> None:
    """Checks values by a rule; `at` says where the value of a number, counted from 0, stands.

    Raises:
        HeadatlasError: a value that is not allowed; says where, and what is.
    """
    try:
        rule.adapter.validate_python(values, strict=True)
    except ValidationError as error:
        position = int(error.errors(include_url=False, include_context=False)[0]["loc"][0])
        raise HeadatlasError(refusal(at(position), values[position], rule.words)) from error


def refusal(where: str, value: Any, words: str) -> str:
    """The sentence about a value that is not allowed."""
    return f"{where}: {shown(value)} is not allowed. Allowed is {words}."


def shown(value: Any) -> str:
    """A value as it can be printed, on one line of at most 60 characters."""
    if value is None:
        return "nothing"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return "a very large number"
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    whole_text = repr(value[:80]) if isinstance(value, str | bytes) else repr(value)
    return whole_text if len(whole_text) <= 60 else whole_text[:57] + "..."
