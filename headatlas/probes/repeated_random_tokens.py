"""Random tokens twice over: what an induction head continues and a fixed offset cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.probes import DoesNotFit, ProbeContext, probe
from headatlas.probes.metrics import ACCURACY, LOSS, Metric, Prompt, Target

if TYPE_CHECKING:
    from headatlas.inputs.sequence import TokenSequence

N_SEQUENCES = 64
PERIODS = (16, 64)
LEAD = 16  # up to this many tokens before the first copy
SHORTEST = 4
EXAMPLE_PERIODS = (10, 14)


def _second_copy(sequence: TokenSequence) -> Prompt:
    """Tokens that stand where their nearest earlier copy stood: right after a copy of the token before."""
    latest: dict[int, int] = {}
    previous = []  # position of the nearest earlier copy of each token, -1 for none
    for position, (token, special) in enumerate(zip(sequence.ids, sequence.special, strict=True)):
        previous.append(-1 if special else latest.get(token, -1))
        if not special:
            latest[token] = position
    told = [t for t in range(2, len(previous)) if previous[t] > 0 and previous[t - 1] == previous[t] - 1 >= 0]
    return Prompt(sequence, tuple(Target(t - 1, sequence.ids[t]) for t in told))


METRIC = Metric(_second_copy, (LOSS, ACCURACY), measure="loss on repeats", n_tokens=320, order=1)


@probe("repeated_random_tokens", version=1, metric=METRIC, by_distance=True, smallest_set="quick")
def repeated_random_tokens(context: ProbeContext) -> Iterator[TokenSequence]:
    """Distinct random tokens, then the same tokens once more, in the same order.

    The period differs from sequence to sequence (16 to 64 tokens) and up to 16 other random tokens stand
    before the first copy, so that a head that looks back by a fixed offset or at a fixed position does not
    pass for one that finds the earlier copy. Within a copy no token occurs twice. A sequence begins with
    the special tokens that the model's tokenizer puts first, or with its BOS token if it names one. After
    Olsson et al. 2022, arXiv:2209.11895; the two shortest sequences are kept as examples.
    """
    vocabulary = context.vocabulary
    ids = vocabulary.ordinary_ids
    room = context.max_length - len(vocabulary.bos) - len(vocabulary.after)
    longest = min(PERIODS[1], len(ids) // 2, room // 2)
    if longest < SHORTEST:
        raise DoesNotFit(
            f"left out: {len(ids)} ordinary tokens and a context of {context.max_length} are too few to repeat"
        )
    if longest < PERIODS[1]:
        context.note(f"periods cut to {longest} tokens to fit the model")
    shortest = min(PERIODS[0], max(SHORTEST, longest // 4))
    for index in range(N_SEQUENCES):
        example = index < len(EXAMPLE_PERIODS)
        if example:
            period, lead = min(EXAMPLE_PERIODS[index], longest), 2 * index
        else:
            period = int(context.random.integers(shortest, longest + 1))
            lead = int(context.random.integers(0, LEAD + 1))
        lead = min(lead, room - 2 * period, len(ids) - period)
        drawn = context.random.choice(ids, size=lead + period, replace=False).tolist()
        yield vocabulary.sequence(drawn + drawn[lead:], before=vocabulary.bos, after=vocabulary.after, example=example)
