"""Vision patterns: from a patch of an image to other patches, by where they lie; special tokens come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch

_RAGHU = "Raghu et al. 2021, arXiv:2108.08810"
_DOSOVITSKIY = "Dosovitskiy et al. 2020, arXiv:2010.11929"
_CORDONNIER = "Cordonnier et al. 2019, arXiv:1911.03584"


@pattern(
    "class_token", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",),
    source=_DOSOVITSKIY, formula="mean over patches q of sum over special tokens k of A[q, k]",
)  # fmt: skip
def class_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from patches to the class token and other tokens that are no patch: the sink of vision models.

    S* a b / c d: query 2 (b) looks at key 0 (S).
    """
    return seq.special[:, None, :] & seq.ordinary[:, :, None]


@pattern(
    "self_patch", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",),
    source=_RAGHU, rivals=("neighbouring_patch", "same_row", "same_column"), formula="mean over patches q of A[q, q]",
)  # fmt: skip
def self_patch(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a patch to itself.

    S* a b / c d: query 2 (b) looks at key 2 (b).
    """
    return seq.at_offset(0) & seq.ordinary[:, :, None]


@pattern(
    "neighbouring_patch", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",),
    source=_CORDONNIER, rivals=("self_patch", "same_row", "same_column"),
    formula="mean over patches q of sum over the up to eight patches k around q of A[q, k]",
)  # fmt: skip
def neighbouring_patch(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a patch to the patches around it, corners included: what a convolution would do.

    S* a b c / d e f: query 1 (a) looks at keys 2, 4, 5.
    """
    down, across = seq.patch_steps
    return (down.abs() <= 1) & (across.abs() <= 1) & ((down != 0) | (across != 0)) & seq.both_patches


def _register_direction(name: str, words: str, step: tuple[int, int], query: int, key: int) -> None:
    def direction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
        down, across = seq.patch_steps
        return (down == step[0]) & (across == step[1]) & seq.both_patches

    direction.__doc__ = f"""Attends from a patch to the one {words}.

    S* a b c / d e f / g h i: query {query} looks at key {key}.
    """
    pattern(
        name, family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",), source=_CORDONNIER,
        rivals=("neighbouring_patch", "self_patch", "same_row" if step[0] == 0 else "same_column"),
        formula=f"mean over patches q of A[q, patch {words}]",
    )(direction)  # fmt: skip


_register_direction("patch_above", "above it", (-1, 0), 5, 2)
_register_direction("patch_below", "below it", (1, 0), 5, 8)
_register_direction("patch_left", "to its left", (0, -1), 5, 4)
_register_direction("patch_right", "to its right", (0, 1), 5, 6)


@pattern(
    "same_row", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",),
    source=_CORDONNIER, rivals=("neighbouring_patch", "patch_left", "patch_right"),
    formula="mean over patches q of sum over other patches k of q's row of A[q, k]",
)  # fmt: skip
def same_row(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a patch to the other patches of its row.

    S* a b c / d e f: query 5 (e) looks at keys 4, 6.
    """
    down, across = seq.patch_steps
    return (down == 0) & (across != 0) & seq.both_patches


@pattern(
    "same_column", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",),
    source=_CORDONNIER, rivals=("neighbouring_patch", "patch_above", "patch_below"),
    formula="mean over patches q of sum over other patches k of q's column of A[q, k]",
)  # fmt: skip
def same_column(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a patch to the other patches of its column.

    S* a b c / d e f: query 2 (b) looks at key 5 (e).
    """
    down, across = seq.patch_steps
    return (down != 0) & (across == 0) & seq.both_patches


@pattern(
    "same_shape", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",),
    source="Caron et al. 2021, arXiv:2104.14294 (attention that segments)",
    rivals=("self_patch", "neighbouring_patch", "class_token"),
    formula="mean over patches q within a shape of sum over the shape's other patches k of A[q, k]",
)  # fmt: skip
def same_shape(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a patch that lies in a drawn shape to the other patches of the same shape.

    S* a[shape0] b[shape0] / c d[shape0]: query 2 (b) looks at keys 1, 4.
    """
    return seq.link("shape", "shape")
