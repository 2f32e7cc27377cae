"""Rules of the family "copy": near an earlier copy of the current token, but neither on it nor right beside it.

What differs from a pattern in ordinary text only is not here: on random tokens that come twice, the latest and the
first copy are the same, and so are the copy of the token before and the token before the copy.
"""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, among, moved
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import previous_copy
from headatlas.bench.heads import BenchText


def _copies(text: BenchText) -> Numbers:
    return previous_copy(text.ids, text.special)


def _of_token_before(keys: Numbers, by: int) -> Numbers:
    """For each query the key that the token so far before it has."""
    return np.concatenate([np.full(min(by, len(keys)), -1), keys[: max(len(keys) - by, 0)]])


@rule("copy", kin="copy_and_back", seldom=True)
def copy_of_two_before(text: BenchText) -> Numbers:
    """Attends to the latest earlier copy of the token two before."""
    return _of_token_before(_copies(text), 2)


@rule("copy", kin="copy_and_back", seldom=True)
def two_before_copy(text: BenchText) -> Numbers:
    """Attends to the token two before the latest copy of the current one."""
    return among(moved(_copies(text), -2), ~text.special)


@rule("copy", kin="copy_and_back", seldom=True)
def before_copy_of_previous(text: BenchText) -> Numbers:
    """Attends to the token before the latest copy of the previous token."""
    return among(moved(_of_token_before(_copies(text), 1), -1), ~text.special)


@rule("copy", kin="copy_and_back", seldom=True)
def three_before_copy(text: BenchText) -> Numbers:
    """Attends to the token three before the latest copy of the current one."""
    return among(moved(_copies(text), -3), ~text.special)


@rule("copy", kin="copy_and_on", seldom=True)
def two_after_copy(text: BenchText) -> Numbers:
    """Attends to the token two after the latest copy of the current one."""
    return moved(_copies(text), 2)


@rule("copy", kin="copy_and_on", seldom=True)
def three_after_copy(text: BenchText) -> Numbers:
    """Attends to the token three after the latest copy of the current one."""
    return moved(_copies(text), 3)


@rule(
    "copy", kin="copy_and_on", within="frequent_token", also=("duplicate_token_any",), coverage=0.4, seldom=True
)  # fmt: skip
def second_latest_copy(text: BenchText) -> Numbers:
    """Attends to the copy before the latest copy of the current token."""
    copies = _copies(text)
    return np.where(copies >= 0, copies[copies], -1)


@rule("copy", kin="copy_and_on", seldom=True)
def midway_to_copy(text: BenchText) -> Numbers:
    """Attends to halfway between the current token and its latest copy, from five tokens apart on."""
    copies, positions = _copies(text), np.arange(len(text))
    return np.where((copies >= 0) & (positions - copies >= 5), (copies + positions) // 2, -1)
