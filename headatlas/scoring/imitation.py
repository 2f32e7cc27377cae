"""Which simple rule would imitate which pattern: computed from the texts a model reads, without a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from headatlas.inputs.pair_batch import Batch, PairBatch
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns.definition import Pattern
from headatlas.probes import ProbeText
from headatlas.scoring.overlaps import overlaps
from headatlas.scoring.targets import find_targets

BATCH = 16  # sequences whose targets are made together


def imitations(
    texts: Iterable[ProbeText], patterns: Iterable[Pattern], rules: Sequence[Pattern]
) -> dict[str, list[tuple[str, float]]]:
    """How much of each pattern a head would get that follows a rule perfectly and knows nothing of the pattern.

    Each pattern is looked at on its own probe. The share of a rule is the mean, over the queries that have targets of
    the pattern, of the part of the rule's keys that are such targets; a query without a key of the rule counts as 0.

    Returns:
        For each pattern that has queries in `texts` the rules that apply to its kinds of attention, with their
        shares, the largest first.
    """
    sequences = {text.probe.name: text.sequences for text in texts}
    shares: dict[str, list[tuple[str, float]]] = {}
    for pattern in patterns:
        own = [rule for rule in rules if rule.name != pattern.name and set(rule.attention) & set(pattern.attention)]
        if pattern.targets is None or not own:
            continue
        n_queries, sums = 0, [0.0] * len(own)
        for batch in _batches(pattern, sequences.get(pattern.probe, ())):
            targets = [find_targets(definition, batch) for definition in (pattern, *own)]
            n_queries += int((targets[0].counts > 0).sum())
            sums = [total + float(new) for total, new in zip(sums, overlaps(targets)[0, 1:-1], strict=True)]
        if n_queries:
            ranked = sorted(zip((rule.name for rule in own), sums, strict=True), key=lambda pair: -pair[1])
            shares[pattern.name] = [(name, total / n_queries) for name, total in ranked]
    return shares


def _batches(pattern: Pattern, sequences: Sequence[TokenSequence]) -> Iterator[Batch]:
    """The sequences as a model reads them that could follow the pattern: causally, unless its targets lie ahead."""
    for start in range(0, len(sequences), BATCH):
        some = sequences[start : start + BATCH]
        if "cross" in pattern.attention:
            yield PairBatch(some)
        else:
            yield TokenBatch(some, causal=not pattern.bidirectional and "vision" not in pattern.attention)
