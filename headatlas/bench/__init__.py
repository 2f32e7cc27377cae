"""Heads whose truth is known, through scoring and labelling: what docs/bench.md promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headatlas.bench.heads import BenchHead, BenchText, head

if TYPE_CHECKING:
    from headatlas.bench.judge import run

__all__ = ["BenchHead", "BenchText", "head", "run"]


def __getattr__(name: str) -> Any:
    if name == "run":  # with torch, which declaring a head does without
        from headatlas.bench.judge import run

        return run
    raise AttributeError(f"module 'headatlas.bench' has no attribute '{name}'")
