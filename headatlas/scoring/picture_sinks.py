"""Patches on which a layer's heads rest whatever the word: attention of the words of a text on sinks in its picture.

The rule is that of other sinks (`sink_rule`), among words alone: a patch is a sink of a layer where words spend at
least a tenth of their attention on it beyond what even attention would, on the mean over the layer's heads. That this
does not hang on which word looks is asked of words by turns: it has to hold of each of four groups of them, the first
word, the fifth, the ninth and so on being one of the groups.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch, PairBatch
from headatlas.inputs.sequence import PICTURE
from headatlas.scoring.sink_rule import SINK_SHARE

# Words are dealt out to so many groups, each of which has to have so many.
N_GROUPS, MIN_WORDS = 4, 2


class PictureSinks:
    """Finds sinks among a picture's patches; made once a batch, used for all layers. True where there is a picture."""

    def __init__(self, batch: Batch, device: torch.device) -> None:
        patches, words = patches_and_words(batch)
        self._any = bool(patches.any())
        number = words.cumsum(-1) - 1
        groups = torch.stack([words & (number % N_GROUPS == group) for group in range(N_GROUPS)], 1).float()
        self._groups = groups.to(device)
        self._n_words = self._groups.sum(-1)
        even = (groups / batch.n_allowed.clamp(min=1)[:, None]).sum(-1)
        self._even = even.to(device)
        self._patches = patches[:, None].to(device)

    def __bool__(self) -> bool:
        """Whether any text of the batch has a picture."""
        return self._any

    def on_keys(
        self, attention: Float[Tensor, "some head some_query some_key"], block: Block
    ) -> Float[Tensor, "some head group some_key"]:
        """Attention of a block on each key, summed over the words of each group."""
        return self._groups[block.rows, None, :, block.queries] @ attention

    def __call__(self, on_keys: Float[Tensor, "batch head group key"]) -> Float[Tensor, "batch head"]:
        """The share of attention that the words of each text leave on sinks in its picture.

        Args:
            on_keys: attention of all heads of a layer on each key, summed over the words of each group.
        """
        n_words = self._n_words[..., None]
        beyond = (on_keys.mean(1) - self._even[..., None]) / n_words.clamp(min=1)
        sinks = ((beyond >= SINK_SHARE) & (n_words >= MIN_WORDS)).all(1) & self._patches[:, 0]
        on_sinks = (on_keys * sinks[:, None, None]).sum((2, 3))
        return on_sinks / self._n_words.sum(1, keepdim=True).clamp(min=1)


def patches_and_words(batch: Batch) -> tuple[Bool[Tensor, "batch key"], Bool[Tensor, "batch query"]]:
    """The tokens of pictures among the keys, and among the queries the words that see all of them."""
    keys = batch.keys if isinstance(batch, PairBatch) else batch
    patches = keys.role(PICTURE) >= 0
    if isinstance(batch, PairBatch):
        return patches, batch.queries.ordinary & batch.real & patches.any(-1, keepdim=True)
    behind = patches.flip(-1).cumsum(-1).flip(-1) == 0  # no token of the picture comes any more
    return patches, batch.ordinary & behind & patches.any(-1, keepdim=True)
