"""What `headatlas.scan` returns: the stored scan of one model, as frames and notebook views."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headatlas.atlas.draw.images import unpack
from headatlas.catalog.catalog import Catalog
from headatlas.heads import Head
from headatlas.views.attention_maps import Example
from headatlas.views.heatmap_page import head_page
from headatlas.views.single_page import framed

if TYPE_CHECKING:
    import pandas

    from headatlas.catalog.frames import HeadFrame


@dataclass(frozen=True)
class HeadResult:
    """One head: what it does in a sentence, its scores, labels and examples; shows itself in a notebook."""

    model: str
    name: str
    sentence: str
    scores: pandas.DataFrame
    labels: pandas.DataFrame
    examples: tuple[Example, ...]

    def __repr__(self) -> str:
        names = ", ".join(f"{row.label} {row.confidence:.2f}" for row in self.labels.itertuples()) or "no label"
        return f"HeadResult({self.model!r}, {self.name}: {names})"

    def _repr_html_(self) -> str:
        above_chance = self.scores.dropna(subset=["score", "chance"])
        scores = above_chance[["pattern", "probe", "score", "chance"]].itertuples(index=False, name=None)
        labels = self.labels[["label", "confidence"]].itertuples(index=False, name=None)
        return framed(head_page(self.model, self.name, self.examples, list(labels), list(scores), self.sentence))


class Scan:
    """A finished scan in a database."""

    def __init__(self, path: str | Path, model: str) -> None:
        self.path = Path(path)
        self.model = model

    def __repr__(self) -> str:
        return f"Scan({self.model!r} in {str(self.path)!r})"

    def _repr_html_(self) -> str:
        """Kinds of heads, and how many of each, most first."""
        from headatlas.catalog.frames import titled

        labels = self.labels
        counts = labels[labels["rank"] == 1].groupby("label").size().sort_values(ascending=False)
        return titled(f"{self.model}: heads by label", counts.rename("heads").reset_index())

    @property
    def scores(self) -> HeadFrame:
        """All scores, with the columns of the view `head_scores`."""
        with Catalog(self.path) as catalog:
            return catalog.scores(self.model)

    @property
    def labels(self) -> HeadFrame:
        """All labels, with the columns of the view `head_labels`."""
        with Catalog(self.path) as catalog:
            return catalog.labels(self.model)

    @property
    def evidence(self) -> HeadFrame:
        """All evidence, with the columns of the view `head_evidence`; empty until it is gathered."""
        with Catalog(self.path) as catalog:
            return catalog.evidence(self.model)

    def head(self, layer: int, head: int, attention: str = "self") -> HeadResult:
        """What one head does, with its scores, labels and examples.

        Raises:
            UnknownNameError: the scan has no such head.
        """
        with Catalog(self.path) as catalog:
            number = catalog.head_id(self.model, attention, layer, head)
            rows = catalog.rows(
                """select probes.name as probe, tokens, key_tokens, weights from heatmaps
                   join examples on examples.id = example_id join probes on probes.id = probe_id
                   where head_id = ? order by example_id""",
                [number],
            )
            said = catalog.rows("select sentence from sentences where head_id = ?", [number])
            scores, labels = catalog.scores(self.model), catalog.labels(self.model)
        wanted = Head(attention, layer, head)
        return HeadResult(
            self.model,
            str(wanted),
            said[0]["sentence"] if said else "",
            _only(scores, wanted),
            _only(labels, wanted),
            tuple(_example(row, attention) for row in rows),
        )


def _example(row: sqlite3.Row, attention: str) -> Example:
    tokens = tuple(json.loads(row["tokens"]))
    source = tuple(json.loads(row["key_tokens"] or "[]"))  # what the encoder of an encoder-decoder read
    queries = source if source and attention == "encoder" else tokens
    keys = source if source and attention == "cross" else queries
    return Example(row["probe"], queries, unpack(row["weights"], (len(queries), len(keys))), keys)


def _only(frame: pandas.DataFrame, head: Head) -> pandas.DataFrame:
    """Rows of one head."""
    is_head = (frame["attention"] == head.attention) & (frame["layer"] == head.layer) & (frame["head"] == head.head)
    return frame[is_head].reset_index(drop=True)
