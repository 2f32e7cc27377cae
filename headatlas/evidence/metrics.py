"""Which predictions a probe tests: prompts with targets, and the numbers read off the logits there.

| probe | scored | wrong answers |
| --- | --- | --- |
| repeated_random_tokens, ambiguous_repeats | tokens of the second copy that the first one tells | |
| indirect_object | the other name, at the end | the giver's name |
| ordinal_sequences | an element that follows its predecessor | the other elements of the text |
| needle_in_filler | the answer to each question, all its tokens | |
| few_shot_labels | the label where it is due, once its class was seen | the other labels of the text |
| any other | every token of the text | |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.inputs.sequence import TokenSequence, first_tokens
from headatlas.inputs.token_batch import TokenBatch
from headatlas.probes.ordinal_sequences import CLASS


@dataclass(frozen=True)
class Target:
    """At position `query` the token `right` is due next, rather than one of `wrong` (none: any other)."""

    query: int
    right: int
    wrong: tuple[int, ...] = ()


@dataclass(frozen=True)
class Prompt:
    """A sequence to run and the predictions that are scored in it; it ends at the last of them."""

    sequence: TokenSequence
    targets: tuple[Target, ...]

    def __len__(self) -> int:
        return len(self.sequence)


@dataclass(frozen=True)
class Metric:
    """How a probe is scored: its targets, and the kinds of evidence its ablations give, the one that counts first.

    `direct` says whether direct logit attribution is meaningful there. `whole` prompts are never cut.
    """

    targets: Callable[[TokenSequence], Prompt | None]
    kinds: tuple[str, ...]
    direct: bool = True
    whole: bool = True


def prompts(
    sequences: Iterable[TokenSequence], metric: Metric, *, n_tokens: int, longest: int, fewest: int = 4
) -> list[Prompt]:
    """Prompts of at most `n_tokens` tokens together (but at least `fewest` prompts), the shortest first.

    Texts that are scored throughout are cut to `longest` tokens, so that there are enough of them.
    """
    made = []
    for sequence in sequences:
        prompt = metric.targets(sequence if metric.whole else first_tokens(sequence, longest))
        if prompt is not None and prompt.targets:
            made.append(_ended(prompt))
    chosen: list[Prompt] = []
    used = 0
    for prompt in sorted(made, key=len):
        if len(chosen) >= fewest and used + len(prompt) > n_tokens:
            break
        chosen.append(prompt)
        used += len(prompt)
    return chosen


def readings(
    logits: Float[Tensor, "target vocabulary"], targets: Sequence[Target], kinds: Sequence[str]
) -> Float[Tensor, "target kind"]:
    """How badly the model does at each target, one column a kind: what ablation adds to it is the effect.

    Loss in nats; minus the logit difference between the right token and the mean of the wrong ones; 1 for a wrong
    answer, which is one that is not the likeliest of the right and wrong tokens (of all, where none are named).
    """
    rows = torch.arange(len(targets), device=logits.device)
    logits = logits.float()
    right = logits[rows, torch.tensor([one.right for one in targets], device=logits.device)]
    columns = []
    most = max(len(one.wrong) for one in targets)
    wrong = logits.new_zeros(0)
    if most:
        # Padded with the first wrong token: its mean weights are 0 there, and the maximum does not change.
        index = torch.tensor([[*one.wrong, *[one.wrong[0]] * (most - len(one.wrong))] for one in targets])
        weights = torch.tensor([[1 / len(one.wrong)] * len(one.wrong) + [0.0] * (most - len(one.wrong))
                                for one in targets])  # fmt: skip
        wrong = logits.gather(1, index.to(logits.device))
    for kind in kinds:
        if kind == "ablation_loss":
            columns.append(logits.logsumexp(-1) - right)
        elif kind == "ablation_logit_difference":
            columns.append((wrong * weights.to(logits.device)).sum(-1) - right)
        elif kind == "ablation_accuracy":
            columns.append((right < (wrong.amax(-1) if most else logits.amax(-1))).float())
        else:
            raise ValueError(f"{kind} is not read off logits")
    return torch.stack(columns, -1)


def _second_copy(sequence: TokenSequence) -> Prompt:
    """Tokens that stand where their nearest earlier copy stood: right after a copy of the token before."""
    before = TokenBatch([sequence]).previous_occurrence[0].tolist()
    places = [t for t in range(2, len(before)) if before[t] > 0 and before[t - 1] == before[t] - 1 >= 0]
    return Prompt(sequence, tuple(Target(place - 1, sequence.ids[place]) for place in places))


def _ambiguous(sequence: TokenSequence) -> Prompt:
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


def _other_name(sequence: TokenSequence) -> Prompt | None:
    """The indirect object at the prompt's end, rather than the giver."""
    places = [_first(sequence, role) for role in ("io:first", "subject_again:first", "end:last")]
    if any(place is None for place in places):
        return None
    io, subject, end = (place for place in places if place is not None)
    right, wrong = sequence.ids[io], sequence.ids[subject]
    return Prompt(sequence, (Target(end, right, (wrong,)),)) if right != wrong else None


def _successors(sequence: TokenSequence) -> Prompt:
    """Elements whose predecessor is the element before them, rather than another element of their class."""
    places = sequence.roles.get("element:first", {})
    targets = []
    before = None
    for place in sorted(places):
        element = places[place]
        if before is not None and element == before + 1 and place > 0:
            same_class = {sequence.ids[p] for p, e in places.items() if e // CLASS == element // CLASS}
            wrong = same_class - {sequence.ids[place]}
            if wrong:
                targets.append(Target(place - 1, sequence.ids[place], tuple(sorted(wrong))))
        before = element
    return Prompt(sequence, tuple(targets))


def _answers(sequence: TokenSequence) -> Prompt | None:
    """Every token of the answers; the last one, which the text leaves open, is written behind it."""
    due = sequence.roles.get("answer_due:last", {})
    said = sequence.roles.get("answer", {})
    if not due:
        return None
    targets: list[Target] = []
    for place in sorted(due):
        told = [p for p in sorted(said) if said[p] == due[place]]
        # From the statement's last word, as in the question, to the answer's end: what follows the question too.
        start = next((p for p in range(told[0] - 1, -1, -1) if sequence.ids[p] == sequence.ids[place]), None)
        if start is None or start < told[0] - 2:
            continue
        answer = sequence.ids[start + 1 : told[-1] + 1]
        if place == len(sequence) - 1:
            sequence = _extended(sequence, answer)
        if sequence.ids[place + 1 : place + 1 + len(answer)] != answer:
            continue
        skipped = told[0] - start - 1  # a space that every number begins with says nothing
        targets += [Target(place + step, answer[step]) for step in range(skipped, len(answer))]
    return Prompt(sequence, tuple(targets))


def _labels(sequence: TokenSequence) -> Prompt:
    """The label where one is due and its class was seen, rather than the other labels of the text."""
    firsts = sequence.roles.get("label:first", {})
    due = sequence.roles.get("label_due:last", {})
    first_tokens = {group: sequence.ids[place] for place, group in firsts.items()}
    targets = []
    for place in sorted(due):
        seen = {group for p, group in firsts.items() if p < place}
        right = first_tokens.get(due[place])
        wrong = {first_tokens[group] for group in seen - {due[place]}} - {right}
        if right is not None and due[place] in seen and wrong:
            targets.append(Target(place, right, tuple(sorted(wrong))))
    return Prompt(sequence, tuple(targets))


def _every_token(sequence: TokenSequence) -> Prompt:
    places = [p for p in range(1, len(sequence)) if not sequence.special[p]]
    return Prompt(sequence, tuple(Target(p - 1, sequence.ids[p]) for p in places))


LOSS, LEAD, RIGHT = "ablation_loss", "ablation_logit_difference", "ablation_accuracy"
TEXT = Metric(_every_token, (LOSS,), direct=False, whole=False)
METRICS: Mapping[str, Metric] = {
    "repeated_random_tokens": Metric(_second_copy, (LOSS, RIGHT)),
    "ambiguous_repeats": Metric(_ambiguous, (LOSS, LEAD)),
    "indirect_object": Metric(_other_name, (LEAD, LOSS)),
    "ordinal_sequences": Metric(_successors, (LEAD, RIGHT)),
    "needle_in_filler": Metric(_answers, (LOSS, RIGHT)),
    "few_shot_labels": Metric(_labels, (LEAD, RIGHT)),
}


def metric_of(probe: str) -> Metric:
    """The probe's own metric, or the loss on all its tokens."""
    return METRICS.get(probe, TEXT)


def _first(sequence: TokenSequence, role: str) -> int | None:
    return min(sequence.roles.get(role, {}), default=None)


def _ended(prompt: Prompt) -> Prompt:
    """Nothing after the last target, since later tokens change nothing before them."""
    return replace(prompt, sequence=first_tokens(prompt.sequence, 1 + max(one.query for one in prompt.targets)))


def _extended(sequence: TokenSequence, ids: tuple[int, ...]) -> TokenSequence:
    return replace(
        sequence,
        ids=(*sequence.ids, *ids),
        texts=(*sequence.texts, *("" for _ in ids)),
        special=(*sequence.special, *(False for _ in ids)),
    )


def per_sequence(values: Float[Tensor, "target kind"], prompts: Sequence[Prompt]) -> Iterator[Float[Tensor, " kind"]]:
    """Sums over each prompt's targets, which stand one prompt after the other."""
    for part in values.split([len(one.targets) for one in prompts]):
        yield part.sum(0)
