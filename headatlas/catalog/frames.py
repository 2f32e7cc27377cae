"""What a catalogue answers with: rows and frames that show themselves in a notebook. Imported when it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import pandas

from headatlas.errors import HeadatlasError
from headatlas.heads import ATTENTION_KINDS, layer_name

# Where a frame keeps the names of hooks, by model, kind of attention and layer.
_HOOKS = "headatlas hooks"
_PATTERN = "hook_pattern"


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

    def hooks(self, hook: str = "hook_z") -> dict[str, list[int]]:
        """The heads by the TransformerLens hook where they are found: `{"blocks.5.attn.hook_z": [1, 4]}`.

        Axis 2 of `hook_z` [batch, position, head, d_head] is the head; of `hook_pattern` and `hook_attn_scores`
        [batch, head, query, key] it is axis 1. Where keys and values are shared by groups of heads, `hook_k` and
        `hook_v` have fewer: they are not for these numbers. Layers are in order, and heads within one.

        Raises:
            HeadatlasError: the heads are of several models, or were not read through such a hook.
        """
        names = list(dict.fromkeys(self["model"])) if "model" in self else []
        if len(names) > 1:
            raise HeadatlasError(
                f"These heads are of several models: {', '.join(map(str, names[:4]))}. Narrow them with "
                "catalog.heads(MODEL, ...)."
            )
        by_layer: dict[tuple[str, int], set[int]] = {}
        for attention, layer, head in zip(self["attention"], self["layer"], self["head"], strict=True):
            by_layer.setdefault((attention, int(layer)), set()).add(int(head))
        known = self.attrs.get(_HOOKS, {})
        kinds = list(ATTENTION_KINDS)
        result = {}
        for attention, layer in sorted(by_layer, key=lambda key: (kinds.index(key[0]), key[1])):
            module, _, read = known.get(f"{names[0]} {attention} {layer}", "").rpartition(".")
            if read != _PATTERN:
                raise HeadatlasError(
                    f"{layer_name(attention, layer)} of {names[0]} was not read through a hook of TransformerLens, so "
                    "its heads have no hook's name. `.pairs()` gives them as (layer, head)."
                )
            result[f"{module}.{hook}"] = sorted(by_layer[attention, layer])
        return result


def frame(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> pandas.DataFrame:
    """Rows as a frame."""
    return pandas.DataFrame([tuple(row) for row in rows], columns=list(columns))


def head_frame(rows: Iterable[Sequence[Any]], columns: Sequence[str], hooks: Iterable[Sequence[Any]] = ()) -> HeadFrame:
    """Rows of heads as a frame that has `pairs` and `hooks`; `hooks` are model, attention, layer, hook of layers."""
    made = HeadFrame([tuple(row) for row in rows], columns=list(columns))
    made.attrs[_HOOKS] = {f"{model} {attention} {layer}": hook or "" for model, attention, layer, hook in hooks}
    return made


def titled(title: str, table: pandas.DataFrame, most: int = 50) -> str:
    """A table under a title, for a notebook."""
    return f"<p><b>{escape(title)}</b></p>{table.to_html(index=False, max_rows=most, border=0, na_rep='')}"
