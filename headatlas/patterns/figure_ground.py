"""Vision patterns of what a picture shows: drawn shapes are its figure, all other patches the ground.

Special tokens come first: the class token, then registers where a model has any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch

_DINO = "Caron et al. 2021, arXiv:2104.14294 (attention of the class token segments)"
_REGISTERS = "Darcet et al. 2023, arXiv:2309.16588 (registers)"


def _figure(seq: TokenBatch) -> Bool[Tensor, "batch position"]:
    return seq.role("shape") >= 0


def _ground(seq: TokenBatch) -> Bool[Tensor, "batch position"]:
    """Patches that are of no shape, of pictures that show any."""
    figure = _figure(seq)
    return seq.both_patches.diagonal(0, 1, 2) & ~figure & figure.any(-1, keepdim=True)


@pattern(
    "register_tokens", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",), resting=True,
    source=_REGISTERS, rivals=("class_token",), synonyms=("registers",),
    formula="mean over patches q of sum over special tokens k behind the first of A[q, k]",
)  # fmt: skip
def register_tokens(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from patches to registers: to tokens that are no patch, the class token aside.

    S* R* a b / c d: query 2 (a) looks at key 1 (R).
    """
    return (seq.special & (seq.positions >= 1))[:, None, :] & seq.ordinary[:, :, None]


@pattern(
    "class_to_figure", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",), source=_DINO,
    rivals=("class_to_ground",), synonyms=("foreground", "objectness"),
    formula="mean over class tokens q of sum over the patches k of shapes of A[q, k]",
)  # fmt: skip
def class_to_figure(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the class token to the patches where a shape is drawn: the figure.

    S* a b[shape0] / c d[shape0]: query 0 (S) looks at keys 2, 4.
    """
    return (seq.special & (seq.positions == 0))[:, :, None] & _figure(seq)[:, None, :]


@pattern(
    "class_to_ground", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",), source=_DINO,
    rivals=("class_to_figure",), synonyms=("background",),
    formula="mean over class tokens q of sum over the patches k of no shape of A[q, k]",
)  # fmt: skip
def class_to_ground(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the class token to the patches where no shape is drawn: the ground.

    S* a b[shape0] / c d[shape0]: query 0 (S) looks at keys 1, 3.
    """
    return (seq.special & (seq.positions == 0))[:, :, None] & _ground(seq)[:, None, :]


@pattern(
    "ground_to_figure", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",), source=_DINO,
    rivals=("same_ground", "neighbouring_patch"),
    formula="mean over patches q of no shape of sum over the patches k of shapes of A[q, k]",
)  # fmt: skip
def ground_to_figure(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from patches of the ground to patches where a shape is drawn.

    S* a b[shape0] / c d[shape0]: query 1 (a) looks at keys 2, 4.
    """
    return _ground(seq)[:, :, None] & _figure(seq)[:, None, :]


@pattern(
    "same_ground", family=Family.LAYOUT, probe="pictures", version=1, attention=("vision",), source=_DINO,
    rivals=("ground_to_figure", "self_patch", "neighbouring_patch"),
    formula="mean over patches q of no shape of sum over the other patches k of no shape of A[q, k]",
)  # fmt: skip
def same_ground(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a patch of the ground to the other patches of the ground.

    S* a b[shape0] / c d: query 1 (a) looks at keys 3, 4.
    """
    ground = _ground(seq)
    return ground[:, :, None] & ground[:, None, :] & (seq.positions[:, None] != seq.positions)
