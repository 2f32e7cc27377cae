"""Writes headatlas/atlas/ideal.json: what a perfect head of each pattern looks at on the worked example.

`python docs/ideal.py` after a definition changed; a test compares the file with the definitions. The site reads the
file, so that building it needs no torch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS, examples
from headatlas.patterns.definition import Pattern
from headatlas.scoring.targets import targets_of

FILE = Path(__file__).parent.parent / "headatlas" / "atlas" / "ideal.json"


def ideals() -> str:
    """The file's text: a line for each pattern that has targets and a worked example."""
    lines = []
    for pattern in PATTERNS:
        example = examples.parse(pattern.example)
        if pattern.targets is not None and example is not None:
            lines.append(f"{json.dumps(pattern.name)}: {json.dumps(_ideal(pattern, example))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _ideal(pattern: Pattern, example: examples.Example) -> dict[str, Any]:
    """The tokens of a pattern's example (and those looked at, of a pair), and the target keys of each query."""
    tokens = example.sequence
    causal = tokens.source is None and tokens.grid is None and not pattern.bidirectional
    batch = PairBatch([tokens]) if tokens.source is not None else TokenBatch([tokens], causal=causal)
    targets = targets_of(pattern, batch)[0]
    return {
        "version": pattern.version,
        "example": pattern.example,
        "tokens": list(tokens.texts),
        **({"keys": list(tokens.source.texts)} if tokens.source is not None else {}),
        "query": example.query,
        "causal": causal,
        "targets": {str(query): keys.nonzero().flatten().tolist() for query, keys in enumerate(targets) if keys.any()},
    }


if __name__ == "__main__":
    FILE.write_text(ideals(), encoding="utf-8")
