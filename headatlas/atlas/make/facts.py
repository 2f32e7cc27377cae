"""What every page about a model or a layer says of it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from headatlas.atlas.context.models import ModelFacts
from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.heads import ATTENTION_KINDS


def facts(model: ModelData) -> ModelFacts:
    """What every page about a model says of it."""
    certificate = model.certificate
    passed = certificate["passed"] if certificate else None
    return ModelFacts(
        name=model.name,
        slug=model.slug,
        architecture=model.scan["architecture"] or "unknown architecture",
        n_layers=len(model.layers),
        n_heads=len(model.heads),
        n_parameters=model.scan["n_parameters"],
        scanned=(model.scan["finished"] or "")[:10],
        verdict="not compared" if passed is None else "passed" if passed else "failed",
        n_warnings=len(model.warnings),
    )


def head_words(head: Head) -> str:
    """'Layer 5, head 1'."""
    return f"{ATTENTION_KINDS[head.attention].layer} {head.layer}, head {head.head}"


def drawn_head(models: Sequence[ModelData]) -> tuple[str, str]:
    """A head that is drawn once for a site, as folder of its model and name; both empty where there are no heads.

    A script draws another each time; without one the link leads here. The same models give the same head.
    """
    heads = [(model.slug, head.name) for model in models for head in model.heads]
    return heads[zlib.crc32(repr([model.name for model in models]).encode()) % len(heads)] if heads else ("", "")
