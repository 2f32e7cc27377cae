"""The sentence about each head of a stored scan, from its labels, what wakes it and the examples that are kept."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from headatlas.labels.label import AWAKE, Label
from headatlas.labels.sentences import HeadFacts, Name, Waking, head_sentence
from headatlas.patterns import PATTERNS
from headatlas.patterns.lookup import comes_last
from headatlas.probes import PROBES
from headatlas.scanning.label_inputs import examples_of, picture_sinks, sink_shares
from headatlas.scoring.sink_rule import sinks_of
from headatlas.store.blobs import inflate
from headatlas.store.scans import Store

# Tokens that take less of a head's attention than this, in its examples, are not named.
MIN_TOKEN_SHARE = 0.03
N_TOKENS = 3
# The tokens that a head looks at and from, and its distance, where it has a name that says so.
_Described = tuple[list[str], list[str], float | None]
_NOTHING: _Described = ([], [], None)


def sentences_of(store: Store, scan: int, labels: Iterable[Label]) -> dict[int, str]:
    """A sentence for every head of a scan, by its number in the database."""
    given: dict[int, list[Label]] = defaultdict(list)
    for claim in sorted(labels, key=lambda claim: claim.rank):
        given[claim.head].append(claim)
    sinks = sink_shares(store, scan)
    in_pictures = picture_sinks(store, scan)
    wakes = _wakings(store, scan)
    natural = {probe.name for probe in PROBES if probe.natural}
    sentences = {}
    for heads in _layers(store, scan):
        rests = any(others >= MIN_TOKEN_SHARE for head in heads for _, others in sinks[head].values())
        ignored = _sinks(store, heads) if rests else {}
        for head in heads:
            shares = [own for probe, own in sinks[head].items() if probe in natural] or [*sinks[head].values()]
            first, others = np.mean(shares, axis=0) if shares else (0.0, 0.0)
            names = [_name(claim) for claim in given[head] if not comes_last(claim.label)]
            looked_at, looking, distance = _NOTHING if names else _most(examples_of(store, head), ignored)
            facts = HeadFacts(
                sink=float(first),
                other_sinks=float(others),
                names=names,
                wakes=wakes[head],
                looked_at=looked_at,
                looking=looking,
                distance=distance,
                picture_sinks=in_pictures.get(head, 0.0),
            )
            sentences[head] = head_sentence(facts)
    return sentences


def _name(claim: Label) -> Name:
    pattern = PATTERNS.get(claim.label)
    # What a head is for is not said before a cause is measured, only what it looks at.
    called = (pattern.seen_as if pattern is not None else "") or claim.label
    words = "" if pattern is None else pattern.where
    return Name(called, words, claim.awake if claim.basis == AWAKE else None)


def _wakings(store: Store, scan: int) -> dict[int, list[Waking]]:
    """What wakes each head, most first."""
    wakes: dict[int, list[Waking]] = defaultdict(list)
    for row in store.db.query(
        """select head_id, class, probes.name as probe, lift from awakenings join heads on heads.id = head_id
           join probes on probes.id = probe_id where scan_id = ? order by head_id, lift desc""",
        [scan],
    ):
        wakes[row["head_id"]].append(Waking(row["class"], row["probe"], row["lift"]))
    return wakes


def _layers(store: Store, scan: int) -> list[list[int]]:
    """The heads of each layer of a scan."""
    layers: dict[tuple[str, int], list[int]] = defaultdict(list)
    for head, attention, layer in store.db.execute(
        "select id, attention, layer from heads where scan_id = ? order by id", [scan]
    ).fetchall():
        layers[attention, layer].append(head)
    return [*layers.values()]


def _sinks(store: Store, heads: Sequence[int]) -> dict[int, list[int]]:
    """The positions of each example, by its place among them, on which a layer's heads rest besides the first."""
    sums: dict[int, np.ndarray] = {}
    for head in heads:
        for number, (tokens, _, compressed) in enumerate(examples_of(store, head)):
            sums[number] = sums.get(number, 0) + _weights(tokens, compressed) / len(heads)
    return {number: sinks_of(mean).tolist() for number, mean in sums.items()}


def _weights(tokens: Sequence[str], compressed: bytes) -> np.ndarray:
    """The attention of an example as it is stored, [query, key]."""
    packed = inflate(compressed, len(tokens) ** 2, "A stored heatmap")
    return np.frombuffer(packed, np.uint8).reshape(len(tokens), len(tokens)) / 255.0


def _most(
    examples: Sequence[tuple[list[str], list[int], bytes]], ignored: Mapping[int, Sequence[int]] = MappingProxyType({})
) -> _Described:
    """The tokens that take most of a head's attention in its examples, those that give most, its typical distance.

    The first position, the tokens that the tokenizer adds, and the `ignored` positions of each example are left out.
    """
    at: Counter[str] = Counter()
    by: Counter[str] = Counter()
    distances: list[np.ndarray] = []
    weights_of: list[np.ndarray] = []
    for number, (tokens, special, compressed) in enumerate(examples):
        weights = _weights(tokens, compressed)
        weights[:, [0, *ignored.get(number, ())]] = 0
        ordinary = ~np.array(special, dtype=bool)
        weights = weights * ordinary * ordinary[:, None]
        for text, taken, spent in zip(tokens, weights.sum(0), weights.sum(1), strict=True):
            at[text.strip() or text] += taken
            by[text.strip() or text] += spent
        query, key = np.nonzero(weights)
        distances.append(np.abs(query - key))
        weights_of.append(weights[query, key])
    total = sum(at.values())
    if total <= 0:
        return [], [], None
    every, weight = np.concatenate(distances), np.concatenate(weights_of)
    order = np.argsort(every, kind="stable")
    median = every[order][np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)]
    return _names(at, total), _names(by, total), float(median)


def _names(counts: Counter[str], total: float) -> list[str]:
    named = [text for text, count in counts.most_common(N_TOKENS) if count >= MIN_TOKEN_SHARE * total]
    return [json.dumps(text, ensure_ascii=False)[1:-1] for text in named]
