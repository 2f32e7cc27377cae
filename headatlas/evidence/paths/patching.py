"""Path patching: what of a head's effect goes through one later head's queries, keys or values.

An edge from head A to head B is the path from A's output along the residual stream to what B reads, with nothing in
between (Wang et al. 2022, arXiv:2211.00593; Goldowsky-Dill et al. 2023, arXiv:2304.05969): A's output is replaced,
every other head and feed-forward layer up to B gives what it gave before, and B alone reads the changed stream, for its
queries, keys or values. What B then gives is put in its place, and everything behind B is computed anew. Norms are the
model's own, since the model runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor

from headatlas.attention.outputs import by_head
from headatlas.evidence.paths.result import ALL, READS, TOTAL
from headatlas.evidence.removing.ablation import layer_effects
from headatlas.evidence.removing.passes import Clean, NotAvailable, PromptBatch, z_hook
from headatlas.evidence.removing.removals import Removals
from headatlas.evidence.weights import wiring

# How far B's output may be from what its queries, keys and values give, as a share of the largest number.
_TOLERANCE = 1e-3

Hooks = list[tuple[str, Callable[..., Any]]]


@dataclass(frozen=True)
class Seen:
    """What head B attends to and gives: its pattern and its output at every position."""

    pattern: Float[Tensor, "batch query key"]
    output: Float[Tensor, "batch position d_head"]


@dataclass(frozen=True)
class Route:
    """What one route does: B's pattern without it, and what readings rise by, summed over each prompt's targets."""

    pattern: Float[Tensor, "batch query key"]
    effects: Float64[np.ndarray, "prompt type"]


class _Enough(Exception):
    """The rest of a pass is not needed."""


class Edge:
    """The edge from head A to head B, each (layer, head), over one batch of prompts.

    Raises:
        NotAvailable: blocks between them do not add their parts' outputs to the residual stream as they are, or have
            no hooks for what B reads.
    """

    def __init__(self, passes: Removals, batch: PromptBatch, a: tuple[int, int], b: tuple[int, int]) -> None:
        self.passes, self.batch, self.a, self.b = passes, batch, a, b
        wanted = [f"blocks.{b[0]}.attn.hook_{letter}" for letter in READS] + [self._pattern]
        missing = [name for name in wanted if name not in passes.bridge.hook_dict]
        if missing:
            raise NotAvailable(f"it has no hook {missing[0]}")
        self.ends = self._ends()
        self.clean: Clean = passes.clean(batch)
        self.given = self._given()

    def routes(
        self, replaced: Float[Tensor, "head *position d_head"], types: Sequence[str]
    ) -> tuple[Seen, dict[str, Route]]:
        """What B does undisturbed, and each of `ROUTES`.

        `replaced` is what the outputs of the heads of A's layer are replaced by: a vector a head, or one at each
        position.
        """
        inputs = self._changed_inputs(replaced)
        undisturbed = self._seen(self.b[0], [])
        routes = {}
        for route in (*READS, ALL):
            letters = tuple(READS) if route == ALL else (route,)
            seen = self._seen(self.b[0], [(self._reads(letter), _put(inputs[letter])) for letter in letters])
            if route == ALL and not _close(seen.output, inputs["z"]):
                raise NotAvailable("what its heads give does not follow from hook_q, hook_k and hook_v")
            routes[route] = Route(seen.pattern, self._effects(seen.output, types))
        layer, head = self.a
        without = self._seen(layer, [(z_hook(layer), self._replacing(replaced))])
        effects = layer_effects(self.passes, self.batch, self.clean, layer, replaced, types, [head])[:, head]
        routes[TOTAL] = Route(without.pattern, effects)
        return undisturbed, routes

    @property
    def _pattern(self) -> str:
        return f"blocks.{self.b[0]}.attn.hook_pattern"

    def _reads(self, letter: str) -> str:
        return f"blocks.{self.b[0]}.attn.hook_{letter}"

    def _ends(self) -> list[str]:
        """Hooks of everything that gives to the stream between A and B, A's own layer's attention left out."""
        between = list(range(self.a[0], self.b[0]))
        without_heads = [layer for layer in between if layer not in self.passes.layers]
        if without_heads:
            raise NotAvailable(f"layer {without_heads[0]}, which stands between, has no heads and cannot be held")
        paths = wiring.find_paths(self.passes.bridge, between, self.passes.device)
        names = []
        for layer in between:
            path = paths[layer]
            for part in (path.attention, path.mlp):
                if isinstance(part, NotAvailable):
                    raise part
            mlp_end = dict([wiring.ENDS, wiring.INNER_ENDS])[path.attention_end]
            names += [f"blocks.{layer}.{path.attention_end}"] if layer > self.a[0] else []
            names += [f"blocks.{layer}.{mlp_end}"] if path.mlp is not None else []
        return names

    def _given(self) -> dict[str, Tensor]:
        """What passes those hooks in an undisturbed pass."""
        kept: dict[str, Tensor] = {}
        self.passes.logits(self.batch, [(name, _keep(kept, name)) for name in self.ends])
        return kept

    def _changed_inputs(self, replaced: Tensor) -> dict[str, Tensor]:
        """B's layer's queries, keys and values once A's output is replaced and nothing else has changed, and B's z."""
        layer = self.a[0]
        kept: dict[str, Tensor] = {}
        hooks: Hooks = [(z_hook(layer), self._replacing(replaced))]
        hooks += [(name, _put(value)) for name, value in self.given.items()]
        hooks += [(self._reads(letter), _keep(kept, letter)) for letter in READS]
        kept["z"] = self._seen(layer, hooks).output
        return kept

    def _replacing(self, replaced: Tensor) -> Callable[..., Tensor]:
        """A hook that puts A's replacement in the place of its output."""
        layer, head = self.a

        def hook(z: Tensor, hook: Any) -> Tensor:
            shape = z.shape
            z = by_head(z, self.passes.layers[layer]).clone()
            z[:, :, head] = replaced[head].to(z)
            return z.reshape(shape)

        return hook

    def _seen(self, start: int, hooks: Hooks) -> Seen:
        """B's pattern and output in a pass that starts at a layer, with hooks in place."""
        layer, head = self.b
        kept: dict[str, Tensor] = {}

        def end(z: Tensor, hook: Any) -> None:
            kept["z"] = by_head(z, self.passes.layers[layer])[:, :, head].clone()
            raise _Enough

        last: Hooks = [(self._pattern, _keep(kept, "pattern")), (z_hook(layer), end)]
        try:
            self.passes.logits_from(self.batch, self.clean, start, [*hooks, *last])
        except _Enough:
            return Seen(kept["pattern"][:, head].float(), kept["z"])
        raise NotAvailable("its heads' outputs pass no hook")

    def _effects(self, output: Float[Tensor, "batch position d_head"], types: Sequence[str]) -> np.ndarray:
        """What each reading rises by with this output of B in the place of its own."""
        layer, head = self.b
        own = torch.zeros(self.passes.layers[layer], *output.shape, dtype=output.dtype, device=output.device)
        own[head] = output
        return layer_effects(self.passes, self.batch, self.clean, layer, own, types, [head])[:, head]


def scores(
    pattern: Float[Tensor, "batch query key"], targets: Bool[Tensor, "batch query key"]
) -> Float64[np.ndarray, " prompt"]:
    """Attention on a pattern's keys, summed over the queries that have any."""
    return (pattern.cpu() * targets).sum((1, 2)).double().numpy()


def drawn_elsewhere(
    real: Bool[Tensor, "batch position"], seed: int
) -> tuple[Int[Tensor, "batch position"], Int[Tensor, "batch position"]]:
    """For each position of each prompt a position of another prompt, drawn at random: its row, and where it stands.

    Raises:
        NotAvailable: there is no other prompt.
    """
    if len(real) < 2:
        raise NotAvailable("outputs cannot be taken from another prompt where there is one alone")
    random = np.random.default_rng(seed)
    lengths = real.sum(1).numpy()
    rows = (np.arange(len(real))[:, None] + random.integers(1, len(real), real.shape)) % len(real)
    return torch.as_tensor(rows), torch.as_tensor(random.integers(0, lengths[rows]))


def _keep(kept: dict[str, Tensor], name: str) -> Callable[..., None]:
    def hook(value: Tensor, hook: Any) -> None:
        kept[name] = value.clone()

    return hook


def _put(value: Tensor) -> Callable[..., Tensor]:
    return lambda passing, hook: value.to(passing)


def _close(ours: Tensor, real: Tensor) -> bool:
    return bool((ours - real).abs().amax() <= _TOLERANCE * real.abs().amax().clamp(min=1e-6))


def by_route(
    routes: Mapping[str, Route], targets: Bool[Tensor, "batch query key"] | None, before: Seen
) -> dict[str, Float64[np.ndarray, " prompt"]]:
    """What B's score on a pattern falls by on each route, summed over each prompt's counted queries."""
    if targets is None:
        return {}
    own = scores(before.pattern, targets)
    return {name: own - scores(route.pattern, targets) for name, route in routes.items()}
