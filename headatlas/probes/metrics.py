"""How well a model does on a probe: which predictions are scored there, and what is read off the logits.

A probe says so itself, with `@probe(..., metric=Metric(...))`; `evidence` scores them with and without each head. A
probe that says nothing is scored on all its tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from headatlas.errors import HeadatlasError
from headatlas.inputs.sequence import TokenSequence

# Names of the types of evidence that removing a head gives: what the loss rises by, what the right token's lead over
# the wrong ones falls by, what the share of right answers falls by.
LOSS, LEAD, ACCURACY = "ablation_loss", "ablation_logit_difference", "ablation_accuracy"
ABLATIONS = (LOSS, LEAD, ACCURACY)


@dataclass(frozen=True)
class Target:
    """At position `query` the token `right` is due next, rather than one of `wrong` (none: any other)."""

    query: int
    right: int
    wrong: tuple[int, ...] = ()


@dataclass(frozen=True)
class Prompt:
    """A sequence to run and the predictions that are scored in it."""

    sequence: TokenSequence
    targets: tuple[Target, ...]

    def __len__(self) -> int:
        return len(self.sequence)


@dataclass(frozen=True)
class Metric:
    """How a probe is scored.

    Attributes:
        targets: the predictions that a sequence of the probe tests; None for a sequence without any.
        types: the types of evidence (of `ABLATIONS`) that removing a head gives, the one that counts first.
        measure: what the first of them changes, in words: "loss on repeats". Made of the probe's name where empty.
        n_tokens: tokens of the probe that are run; every head costs about half a pass over them.
        order: where the probe stands among those on which evidence is gathered by default; None for only on demand.
        direct: whether direct logit attribution means anything here.
        cut: sequences may be cut, so that there are enough of them, as where every token is scored.

    Raises:
        HeadatlasError: there is no such type of evidence.
    """

    targets: Callable[[TokenSequence], Prompt | None]
    types: tuple[str, ...]
    measure: str = ""
    n_tokens: int = 160
    order: int | None = 100
    direct: bool = True
    cut: bool = False

    def __post_init__(self) -> None:
        unknown = [name for name in self.types if name not in ABLATIONS]
        if unknown or not self.types:
            shown = f"no '{unknown[0]}'" if unknown else "none"
            raise HeadatlasError(f"A probe's metric has {shown} among its types. Choose of: {', '.join(ABLATIONS)}.")


def every_token(sequence: TokenSequence) -> Prompt:
    """Every token but the first and those that the tokenizer added, whatever else could stand there."""
    positions = [position for position in range(1, len(sequence)) if not sequence.special[position]]
    return Prompt(sequence, tuple(Target(position - 1, sequence.ids[position]) for position in positions))


# Of probes that say nothing of their own.
EVERY_TOKEN = Metric(every_token, (LOSS,), order=None, direct=False, cut=True)


def first_position(sequence: TokenSequence, role: str) -> int | None:
    """Where the first token with a role stands; None where none has it."""
    return min(sequence.roles.get(role, {}), default=None)


def right_among(due: str, right: str, wrong: str = "") -> Callable[[TokenSequence], Prompt | None]:
    """The first token of the right one, rather than of the others that stand before, wherever it is due.

    Args:
        due: the role of what it is due after, with the number of the right one.
        right: the role of all among which it is, with a number each.
        wrong: the role of others that are never right, where there are any.
    """

    def targets(sequence: TokenSequence) -> Prompt | None:
        among = [(sequence.ids[p], p, group) for p, group in sequence.roles.get(f"{right}:first", {}).items()]
        among += [(sequence.ids[p], p, -1) for p in sequence.roles.get(f"{wrong}:first", {})]
        told = []
        for query, number in sorted(sequence.roles.get(f"{due}:last", {}).items()):
            own = {token for token, position, group in among if group == number and position < query}
            others = {token for token, position, group in among if group != number and position < query} - own
            if len(own) == 1 and others:
                told.append(Target(query, min(own), tuple(sorted(others))))
        return Prompt(sequence, tuple(told)) if told else None

    return targets


def extended(sequence: TokenSequence, ids: tuple[int, ...]) -> TokenSequence:
    """A sequence with more tokens behind it, of which nothing but the ids is known."""
    return replace(
        sequence,
        ids=(*sequence.ids, *ids),
        texts=(*sequence.texts, *("" for _ in ids)),
        special=(*sequence.special, *(False for _ in ids)),
    )
