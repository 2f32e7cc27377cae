"""What a catalogue answers with: rows and frames that show themselves in a notebook. Imported when it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import pandas

from headatlas.errors import HeadatlasError


class HeadFrame(pandas.DataFrame):  # type: ignore[misc]
    """A frame with a row for each score of a head; what is done with it gives such frames again."""

    @property
    def _constructor(self) -> type[HeadFrame]:
        return HeadFrame

    def pairs(self) -> list[tuple[int, int]]:
        """(layer, head) of each head, once, in the order of the rows: what hooks and ablations ask for.

        Raises:
            HeadatlasError: the heads are of several models, or of several kinds of attention.
        """
        for column in ("model", "attention"):
            names = list(dict.fromkeys(self[column])) if column in self else []
            if len(names) > 1:
                narrower = "catalog.heads(MODEL, ...)" if column == "model" else 'frame[frame["attention"] == ...]'
                raise HeadatlasError(
                    f"These heads are of several {'models' if column == 'model' else 'kinds of attention'}: "
                    f"{', '.join(map(str, names[:4]))}. Narrow them with {narrower}."
                )
        heads = zip(self["layer"], self["head"], strict=True)
        return list(dict.fromkeys((int(layer), int(head)) for layer, head in heads))


def frame(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> pandas.DataFrame:
    """Rows as a frame."""
    return pandas.DataFrame([tuple(row) for row in rows], columns=list(columns))


def head_frame(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> HeadFrame:
    """Rows of heads as a frame that has `pairs`."""
    return HeadFrame([tuple(row) for row in rows], columns=list(columns))


def titled(title: str, table: pandas.DataFrame, most: int = 50) -> str:
    """A table under a title, for a notebook."""
    return f"<p><b>{escape(title)}</b></p>{table.to_html(index=False, max_rows=most, border=0, na_rep='')}"
