"""Writes headatlas/atlas/ideal.json: what a perfect head of each pattern looks at on the worked example.

`python docs/ideal.py` after a definition changed; a test compares the file with the definitions. The site reads the
file, so that building it needs no torch.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from headatlas.inputs.pair_batch import PairBatch  # noqa: E402
from headatlas.patterns import PATTERNS  # noqa: E402
from headatlas.scoring.targets import targets_of  # noqa: E402
from tests.helpers import batch_of  # noqa: E402

FILE = ROOT / "headatlas" / "atlas" / "ideal.json"


def ideals() -> str:
    """The file's text."""
    found = {}
    for one in PATTERNS:
        words = re.match(r"(.+): query (\d+)", one.example)
        if one.targets is None or words is None:
            continue
        batch = batch_of(one, [words[1]], causal=not one.bidirectional)
        pairs = isinstance(batch, PairBatch)
        causal = not pairs and batch.causal
        [rows] = [side.texts for side in batch.sequences]
        [columns] = [side.texts for side in batch.keys.sequences] if pairs else [rows]
        targets = targets_of(one, batch)[0]
        found[one.name] = {
            "version": one.version,
            "example": one.example,
            "tokens": list(rows),
            **({"keys": list(columns)} if pairs else {}),
            "query": int(words[2]),
            "causal": causal,
            "targets": {
                str(query): row.nonzero().flatten().tolist() for query, row in enumerate(targets) if bool(row.any())
            },
        }
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in found.items()) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(ideals(), encoding="utf-8")
