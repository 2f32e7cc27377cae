"""In how many directions a head's queries and keys lie on text, and in which rotary frequencies their norms are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.types import FAST, SLOW
from headatlas.evidence.weights.model_weights import LayerWeights, known
from headatlas.evidence.weights.preferences import rotation

if TYPE_CHECKING:
    from headatlas.inputs.sequence import TokenSequence
    from headatlas.models.load import Model

# Tokens of text whose queries and keys are taken, of each sequence and in all.
LONGEST, N_TOKENS = 256, 1024


class _Sums:
    """Of one layer, summed over text: second moments of queries and keys, and their norms in each rotary pair."""

    def __init__(self, layer: LayerWeights) -> None:
        self.layer = layer
        self.kept: dict[str, Tensor] = {}
        self.moments: dict[str, Tensor] = {}
        self.norms: dict[str, Tensor] = {}
        self.steps: Tensor | None = None
        self.not_rotary: NotAvailable | None = None

    def keep(self, name: str) -> Callable[..., None]:  # under the name asked for: a hook may have several
        def hook(x: Tensor, hook: Any) -> None:
            self.kept[name] = x[0].float().cpu()

        return hook

    def add(self, counted: Bool[Tensor, " token"]) -> None:
        """Adds what one pass kept of the counted tokens, and lets go of it."""
        try:
            q, k = (self._by_head(self.kept[name]) for name in ("hook_q", "hook_k"))
        except KeyError as error:
            raise NotAvailable(f"its hook {error} does not fire") from error
        # As positions turn them: with the norm that stands before that, where there is one.
        q, k = known(self.layer.query_norm)(q), known(self.layer.key_norm)(k)
        for name, x in (("q", q[counted]), ("k", k[counted])):
            moment = torch.einsum("the,thf->hef", x, x)
            self.moments[name] = self.moments.get(name, 0) + moment
        turned = self.kept.get("hook_rot_k")
        if turned is not None and self.not_rotary is None:
            try:
                pairs, self.steps = rotation(k, self._by_head(turned))
            except NotAvailable as reason:
                self.not_rotary = reason
            else:
                for name, x in (("q", q), ("k", k)):
                    self.norms[name] = self.norms.get(name, 0) + pairs(x[counted]).abs().sum(0)
        self.kept.clear()

    def ranks(self, name: str) -> Float[Tensor, " head"]:
        """Participation ratio of the eigenvalues of the second moments."""
        values = torch.linalg.eigvalsh(self.moments[name].double()).clamp(min=0)
        squares = values.pow(2).sum(-1)
        ranks = torch.where(squares > 0, values.sum(-1).pow(2) / squares, 0)
        return ranks if name == "q" else ranks.repeat_interleave(len(self.layer.w_o) // len(ranks), 0)

    def bands(self) -> tuple[Float[Tensor, " head"], Float[Tensor, " head"]]:
        """Shares of the norms, queries times keys, in fast and in slow pairs.

        Raises:
            NotAvailable: the layer's positions are not rotary in a form known here.
        """
        if self.not_rotary is not None or self.steps is None:
            raise self.not_rotary or NotAvailable("its positions are not rotary")
        keys = self.norms["k"]
        size = self.norms["q"] * keys.repeat_interleave(len(self.layer.w_o) // len(keys), 0)
        period = 2 * math.pi / self.steps.abs().clamp(min=1e-12)
        whole = size.sum(-1).clamp(min=1e-12)
        return size[:, period <= FAST].sum(-1) / whole, size[:, period > SLOW].sum(-1) / whole

    def _by_head(self, x: Tensor) -> Float[Tensor, "token head d_head"]:
        d_head = self.layer.w_q.shape[-1]
        return x.reshape(len(x), -1, d_head) if x.ndim == 2 else x


def spectrum(model: Model, layers: Sequence[LayerWeights], texts: Sequence[TokenSequence]) -> dict[str, np.ndarray]:
    """`q_effective_rank` and `k_effective_rank` for every head, `rope_fast` and `rope_slow` where positions are rotary.

    Each is an array [head], layer by layer. One pass a text; of each layer only sums are kept. The first position,
    where heads rest, and special tokens do not count.

    Raises:
        NotAvailable: there is no text, or queries and keys pass no hook.
    """
    bridge, sums = model.bridge, [_Sums(layer) for layer in layers]
    if not texts:
        raise NotAvailable("there is no text to read")
    hooks = []
    for own in sums:
        for name in ("hook_q", "hook_k", "hook_rot_k"):
            hook = f"blocks.{own.layer.layer}.attn.{name}"
            if hook in bridge.hook_dict:
                hooks.append((hook, own.keep(name)))
    n_read = 0
    for text in texts:
        longest = min(LONGEST, model.info.context)
        ids = torch.tensor(text.ids[:longest], device=model.info.device)[None]
        counted = ~torch.tensor(text.special[:longest], dtype=torch.bool)
        counted[0] = False
        with torch.inference_mode():
            bridge.run_with_hooks(ids, fwd_hooks=hooks)
        for own in sums:
            own.add(counted)
        n_read += ids.shape[1]
        if n_read >= N_TOKENS:
            break
    arrays = {f"{name}_effective_rank": _joined([own.ranks(name) for own in sums]) for name in ("q", "k")}
    try:
        bands = [own.bands() for own in sums]
    except NotAvailable as reason:
        return {**arrays, "left_out": np.array(f"rotary frequencies only: {reason}")}
    return {
        **arrays,
        "rope_fast": _joined([fast for fast, _ in bands]),
        "rope_slow": _joined([slow for _, slow in bands]),
    }


def _joined(of_layers: Sequence[Tensor]) -> np.ndarray:
    return torch.cat(list(of_layers)).double().numpy()
