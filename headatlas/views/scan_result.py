"""What `headatlas.scan` returns: the stored scan of one model, as frames and notebook views."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headatlas.catalog.catalog import Catalog
from headatlas.errors import UnknownNameError
from headatlas.heads import head_name
from headatlas.views.attention_maps import Example

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class HeadResult:
    """Scores, labels and examples of one head; shows itself in a notebook."""

    model: str
    name: str
    scores: pandas.DataFrame
    labels: pandas.DataFrame
    examples: tuple[Example, ...]

    def _repr_html_(self) -> str:
        from headatlas.views.heatmap_page import head_result_page
        from headatlas.views.text_view import framed

        return framed(head_result_page(self))


class Scan:
    """A finished scan in a database."""

    def __init__(self, path: str | Path, model: str) -> None:
        self.path = Path(path)
        self.model = model

    def __repr__(self) -> str:
        return f"Scan({self.model!r} in {str(self.path)!r})"

    @property
    def scores(self) -> pandas.DataFrame:
        """All scores, with the columns of the view `head_scores`."""
        with Catalog(self.path) as catalog:
            return catalog.scores(self.model)

    @property
    def labels(self) -> pandas.DataFrame:
        """All labels, with the columns of the view `head_labels`."""
        with Catalog(self.path) as catalog:
            return catalog.labels(self.model)

    @property
    def evidence(self) -> pandas.DataFrame:
        """All evidence, with the columns of the view `head_evidence`; empty until it is gathered."""
        with Catalog(self.path) as catalog:
            return catalog.evidence(self.model)

    def head(self, layer: int, head: int, attention: str = "self") -> HeadResult:
        """Scores, labels and examples of one head.

        Raises:
            UnknownNameError: the scan has no such head.
        """
        import numpy as np

        name = head_name(attention, layer, head)
        with Catalog(self.path) as catalog:
            rows = catalog.rows(
                """select heads.id from heads join scans on scans.id = scan_id
                   where status = 'done' and model = ? and attention = ? and layer = ? and head = ?""",
                [self.model, attention, layer, head],
            )
            if not rows:
                heads = catalog.rows(
                    """select attention, layer, head from heads join scans on scans.id = scan_id
                       where status = 'done' and model = ?""",
                    [self.model],
                )
                raise UnknownNameError("head", name, [head_name(*row) for row in heads])
            pictures = catalog.rows(
                """select probes.name as probe, tokens, key_tokens, weights from heatmaps
                   join examples on examples.id = example_id join probes on probes.id = probe_id
                   where head_id = ? order by example_id""",
                [rows[0]["id"]],
            )
            mine = {"attention": attention, "layer": layer, "head": head}
            scores, labels = catalog.scores(self.model), catalog.labels(self.model)
        examples = []
        for row in pictures:
            tokens = tuple(json.loads(row["tokens"]))
            source = tuple(json.loads(row["key_tokens"] or "[]"))
            queries = source if source and attention == "encoder" else tokens
            keys = source if source and attention == "cross" else queries
            weights = np.frombuffer(zlib.decompress(row["weights"]), np.uint8).reshape(len(queries), len(keys))
            examples.append(Example(row["probe"], queries, weights, keys))
        return HeadResult(self.model, name, _only(scores, mine), _only(labels, mine), tuple(examples))


def _only(frame: pandas.DataFrame, values: dict[str, object]) -> pandas.DataFrame:
    for column, value in values.items():
        frame = frame[frame[column] == value]
    return frame.reset_index(drop=True)
