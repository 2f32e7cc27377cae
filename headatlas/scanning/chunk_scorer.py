"""The scores of one chunk of work, from any source of attention; nothing here knows of a database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from headatlas.attention.modules import AttentionModule
from headatlas.attention.source import AttentionSource
from headatlas.inputs.sequence import is_of_places
from headatlas.models.memory import not_enough_memory, out_of_memory, release
from headatlas.patterns.definition import Pattern
from headatlas.probes import PROBES, Probe, ProbeText
from headatlas.scanning.chunk_receiver import ChunkReceiver
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import Chunk
from headatlas.scoring.tally import Tally
from headatlas.store.scans import Head, Heatmap

log = logging.getLogger("headatlas")


CAPTIONS = "captions"  # the medium of texts that hold pictures


SCENES = "scenes"  # that of pictures which are drawn from a prompt


def _is_read_on(pattern: Pattern, medium: str) -> bool:
    """Whether a probe of a medium has anything to say of a pattern.

    What goes from words to pictures is read where there are both, and so is a statistic of what is drawn.
    """
    own = PROBES.get(pattern.probe)
    if own is None or own.medium == medium:
        return True
    return own.medium != CAPTIONS and not (own.medium == SCENES and pattern.statistic is not None)


@dataclass
class Group:
    """The heads of one kind of attention that see equally far on a text: `window` is None where all is seen."""

    kind: str
    window: int | None
    heads: list[Head] = field(default_factory=list)
    modules: dict[AttentionModule, slice] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The kind of attention and, where it slides, the window."""
        return self.kind if self.window is None else f"{self.kind}-{self.window}"


class Layout:
    """What of a model is scored: its modules, heads and patterns, by kind of attention.

    `layers` are the rows of the table of that name, which a certificate makes. `wants_outputs` says whether what heads
    give is measured; where it cannot be had of every layer, the statistics of it are left out.
    """

    def __init__(self, layers: Sequence[Mapping[str, Any]], patterns: Sequence[Pattern]) -> None:
        self.modules: list[AttentionModule] = []
        # By kind of attention, each of which has patterns of its own.
        self.heads: dict[str, list[Head]] = {}
        self.causal: dict[str, bool] = {}
        self.windows: dict[AttentionModule, int | None] = {}
        for row in layers:
            if not row["scored"]:
                continue
            module = AttentionModule(row["attention"], row["layer"], row["hook"])
            heads = self.heads.setdefault(module.attention, [])
            heads += [(module.attention, module.layer, head) for head in range(row["n_heads"])]
            self.modules.append(module)
            self.windows[module] = row.get("window")
            self.causal[module.attention] = self.causal.get(module.attention, True) and bool(row["causal"])
        self.wants_outputs = all(row["outputs"] for row in layers if row["scored"])
        self._patterns = [pattern for pattern in patterns if self.wants_outputs or not pattern.of_outputs]

    def kinds_on(self, probe: Probe) -> list[str]:
        """The kinds of attention that read a probe.

        Of a model with two towers these are those of one of them; cross-attention to a picture reads no mere text.
        """
        if {"self", "cross"} <= self.heads.keys() and probe.medium != CAPTIONS:
            return [kind for kind in self.heads if kind != "cross"]
        if probe.medium == SCENES or "vision" not in self.heads:
            return list(self.heads)
        return [kind for kind in self.heads if (kind == "vision") == (probe.medium in ("images", "sounds"))]

    def modules_on(self, probe: Probe) -> list[AttentionModule]:
        """The modules that read a probe."""
        kinds = self.kinds_on(probe)
        return [module for module in self.modules if module.attention in kinds]

    def groups_on(self, text: ProbeText) -> list[Group]:
        """The heads that read a probe, by kind of attention and, where a text is longer than that, by window."""
        longest = max(map(len, text.sequences), default=0)
        heads_of: dict[AttentionModule, list[Head]] = {module: [] for module in self.modules_on(text.probe)}
        for module in heads_of:
            heads_of[module] = [head for head in self.heads[module.attention] if head[1] == module.layer]
        groups: dict[tuple[str, int | None], Group] = {}
        for module, heads in heads_of.items():
            window = self.windows[module]
            if window is not None and window >= longest - 1:
                window = None
            group = groups.setdefault((module.attention, window), Group(module.attention, window))
            group.modules[module] = slice(len(group.heads), len(group.heads) + len(heads))
            group.heads += heads
        return list(groups.values())

    def patterns_on(self, text: ProbeText) -> dict[str, list[Pattern]]:
        """The patterns that are scored on a probe, by kind of attention."""
        # What an image or a sound has is places, not words.
        kinds = self.kinds_on(text.probe)
        of_places = {kind: any(is_of_places(sequence, kind) for sequence in text.sequences) for kind in kinds}
        fitting = [pattern for pattern in self._patterns if _is_read_on(pattern, text.probe.medium)]
        return {
            kind: [
                pattern
                for pattern in fitting
                if kind in pattern.attention
                and (pattern.family.of_places if of_places[kind] else not pattern.of_sounds)
            ]
            for kind in kinds
        }

    def leave_out(self, names: Collection[str]) -> None:
        """Scores the patterns of these names on no kind of attention."""
        self._patterns = [pattern for pattern in self._patterns if pattern.name not in names]


class Scorer:
    """Scores chunks on a source of attention; `is_given_up` says when nobody waits for them any longer."""

    def __init__(
        self,
        source: AttentionSource,
        layout: Layout,
        *,
        seed: int,
        value_weighted: bool,
        is_given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        self.source = source
        self.is_given_up = is_given_up
        self.layout = layout
        self.seed = seed
        self.value_weighted = value_weighted

    def on(self, source: AttentionSource, is_given_up: Callable[[], bool]) -> Scorer:
        """The same on another source."""
        return Scorer(source, self.layout, seed=self.seed, value_weighted=self.value_weighted, is_given_up=is_given_up)

    def score_chunk(self, chunk: Chunk) -> tuple[dict[str, Tally], list[Heatmap]]:
        """A chunk's sums and heatmaps; where memory runs out, of one half of it after the other.

        Raises:
            ModelError: there is not enough memory for a single sequence.
        """
        try:
            return self._score_batch(chunk)
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
        # Only here, outside the handler, nothing holds the tensors of the failed pass any longer.
        release()
        n = len(chunk.indices)
        if n == 1:
            raise not_enough_memory(
                f"run the model on one sequence of {chunk.n_tokens} tokens (probe {chunk.text.probe.name})"
            )
        log.warning("Memory ran out on %d sequences together; they are run as two halves.", n)
        tallies, heatmaps = self.score_chunk(replace(chunk, indices=chunk.indices[: n // 2]))
        others, more = self.score_chunk(replace(chunk, indices=chunk.indices[n // 2 :]))
        for kind, tally in others.items():
            tallies[kind].add(tally)
        return tallies, heatmaps + more

    def _score_batch(self, chunk: Chunk) -> tuple[dict[str, Tally], list[Heatmap]]:
        patterns, groups = self.layout.patterns_on(chunk.text), self.layout.groups_on(chunk.text)
        reducer = ChunkReducer(
            chunk,
            {group.name: patterns[group.kind] for group in groups},
            {group.name: len(group.heads) for group in groups},
            causal={kind: self.layout.causal[kind] for kind in patterns},
            seed=self.seed,
            device=self.source.device,
            wants_outputs=self.layout.wants_outputs,
            windows={group.name: (group.kind, group.window) for group in groups if group.window is not None},
        )
        receiver = ChunkReceiver(
            reducer,
            {module: span for group in groups for module, span in group.modules.items()},
            wants_values=self.value_weighted,
            kinds={module: group.name for group in groups for module in group.modules},
            is_given_up=self.is_given_up,
        )
        self.source.run(reducer.inputs, self.layout.modules_on(chunk.text.probe), receiver)
        heatmaps = [
            Heatmap(chunk.text.probe.name, chunk.indices[row], (module.attention, module.layer, head), weights)
            for module, row, heatmap in receiver.heatmaps()
            for head, weights in enumerate(heatmap)
        ]
        return reducer.tallies, heatmaps
