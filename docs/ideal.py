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

from headatlas.patterns import PATTERNS  # noqa: E402
from headatlas.rows import targets_of  # noqa: E402
from headatlas.tokens import TokenBatch  # noqa: E402
from tests.helpers import sequence  # noqa: E402

FILE = ROOT / "headatlas" / "atlas" / "ideal.json"


def ideals() -> str:
    """The file's text."""
    found = {}
    for one in PATTERNS:
        words = re.match(r"(.+): query (\d+)", one.example)
        if one.targets is None or words is None:
            continue
        causal = not one.bidirectional
        text = sequence(words[1])
        targets = targets_of(one, TokenBatch([text], causal=causal))[0]
        found[one.name] = {
            "version": one.version,
            "example": one.example,
            "tokens": list(text.texts),
            "query": int(words[2]),
            "causal": causal,
            "targets": {
                str(query): row.nonzero().flatten().tolist() for query, row in enumerate(targets) if bool(row.any())
            },
        }
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in found.items()) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(ideals(), encoding="utf-8")
