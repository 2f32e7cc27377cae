"""Random tokens that come again after two different ones: only the pair tells what follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.probes import DoesNotFit, ProbeContext, probe
from headatlas.probes.metrics import LEAD, LOSS, Metric, Prompt, Target

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_SEQUENCES = 24
PIVOTS = (2, 4)  # tokens with several continuations in one sequence
CONTEXTS = 3  # continuations of a pivot, at most
LONGEST_GAP = 2  # other tokens before a triple
LONGEST_PIVOT = 2 * CONTEXTS * (3 + LONGEST_GAP)  # tokens that one pivot takes at most
DISTINCT_PER_PIVOT = 1 + 2 * CONTEXTS + 2 * CONTEXTS * LONGEST_GAP


def _continuations(sequence: TokenSequence) -> Prompt:
    """Tokens after a pair that occurred before, rather than what followed the latest copy of the pair's last token."""
    ids = sequence.ids
    targets = []
    for q in range(1, len(ids) - 1):
        if sequence.special[q] or sequence.special[q - 1] or sequence.special[q + 1]:
            continue
        pairs = [t for t in range(1, q) if ids[t] == ids[q] and ids[t - 1] == ids[q - 1]]
        latest = next((t for t in range(q - 1, 0, -1) if ids[t] == ids[q]), None)
        if pairs and latest is not None and ids[pairs[-1] + 1] == ids[q + 1] != ids[latest + 1]:
            targets.append(Target(q, ids[q + 1], (ids[latest + 1],)))
    return Prompt(sequence, tuple(targets))


METRIC = Metric(_continuations, (LOSS, LEAD), measure="loss on ambiguous repeats", order=None)


@probe("ambiguous_repeats", version=2, metric=METRIC, nearest="repeated_random_tokens")
def ambiguous_repeats(context: ProbeContext) -> Iterator[TokenSequence]:
    """Random tokens in triples A x B, C x D and mostly E x F, then the same triples again.

    At the second A x, the last x stood after another token and was followed by another one: a head that continues the
    latest copy of x goes wrong, one that looks at what followed all copies finds B among others, one that matches two
    tokens finds B alone. Two to four tokens x in a sequence are interleaved, with up to two unrelated tokens before
    each triple, so that distances vary. A sequence begins with the special tokens that the model's tokenizer puts
    first, or with its BOS token if it names one. The first is kept as an example.
    """
    vocabulary = context.vocabulary
    ids = vocabulary.ordinary_ids
    room = context.max_length - len(vocabulary.bos) - len(vocabulary.after)
    most = min(PIVOTS[1], room // LONGEST_PIVOT, len(ids) // DISTINCT_PER_PIVOT)
    if most < 1:
        raise DoesNotFit(
            f"left out: {len(ids)} ordinary tokens and a context of {context.max_length} are too few for triples"
        )
    if most < PIVOTS[1]:
        context.note(f"at most {most} ambiguous tokens in a sequence, to fit the model")
    for index in range(N_SEQUENCES):
        n_pivots = 1 if index == 0 else int(context.random.integers(min(PIVOTS[0], most), most + 1))
        drawn = context.random.choice(ids, size=n_pivots * DISTINCT_PER_PIVOT, replace=False).tolist()
        tokens = _interleaved(context.random, drawn, n_pivots)
        yield vocabulary.sequence(tokens, before=vocabulary.bos, after=vocabulary.after, example=index == 0)


def _interleaved(random: np.random.Generator, drawn: list[int], n_pivots: int) -> list[int]:
    """The triples of all pivots: each pivot's own twice in the same order, A x B, C x D, (E x F,) A x B, ..."""
    fresh = iter(drawn)
    triples: list[list[list[int]]] = []
    for _ in range(n_pivots):
        pivot, n_contexts = next(fresh), CONTEXTS - int(random.random() < 0.3)
        own = [[next(fresh), pivot, next(fresh)] for _ in range(n_contexts)]
        triples.append(own + own)
    tokens = []
    for number in random.permutation([i for i, own in enumerate(triples) for _ in own]).tolist():
        tokens += [next(fresh) for _ in range(int(random.integers(0, LONGEST_GAP + 1)))]
        tokens += triples[number].pop(0)
    return tokens
