"""In which data file the scores of a pattern lie, and the numbers of a type of evidence.

Where a model has few heads, several of them share a file: `scores-0#induction` is what `data/scores-0.js` has under
that name. Pages have these addresses, and load what they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from headatlas.atlas.data.atlas import Atlas, file_names
from headatlas.atlas.data.model_data import ModelData
from headatlas.atlas.make import evidence

HEADS_A_FILE = 8192  # about as many numbers a probe in a file, so that none is large


def score_files(atlas: Atlas, model: ModelData) -> dict[str, str]:
    """The address of each pattern's scores, in the order of the patterns."""
    readable = [pattern.name for pattern in model.patterns if model.probes_of(pattern)]
    return _addresses("scores", [(name, atlas.pattern_files[name]) for name in readable], len(model.heads))


def evidence_files(model: ModelData) -> dict[str, str]:
    """The address of the numbers of each type of evidence that the model has."""
    titles = evidence.titles(model)
    named = file_names(titles)
    return _addresses("evidence", [(type_, named[type_]) for type_ in titles], len(model.heads))


def _addresses(what: str, named: Sequence[tuple[str, str]], n_heads: int) -> dict[str, str]:
    a_file = max(HEADS_A_FILE // max(n_heads, 1), 1)
    return {key: f"{what}-{at // a_file}#{name}" for at, (key, name) in enumerate(named)}
