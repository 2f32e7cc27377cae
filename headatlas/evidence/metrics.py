"""Prompts with the predictions that are scored on a probe, and the numbers read off the logits there.

Which predictions those are, each probe says itself: see `headatlas.probes.metrics`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from headatlas.errors import HeadatlasError
from headatlas.inputs.sequence import TokenSequence, first_tokens
from headatlas.probes import PROBES, Probe
from headatlas.probes.metrics import ACCURACY, EVERY_TOKEN, LEAD, LOSS, Metric, Prompt, Target

# Targets whose losses are taken in one go.
LOSSES_AT_ONCE = 32


def metric_of(probe: Probe) -> Metric:
    """The probe's own metric, or the loss on all its tokens."""
    return probe.metric or EVERY_TOKEN


def default_probes(media: Container[str] = ("text",)) -> list[Probe]:
    """Probes on which evidence is gathered where none are named: those with answers of their own, and text."""
    ordered = [
        (probe.metric.order, probe)
        for probe in PROBES
        if probe.medium in media and probe.metric and probe.metric.order is not None
    ]
    return [probe for _, probe in sorted(ordered, key=lambda pair: pair[0])]


def prompts(
    sequences: Iterable[TokenSequence], metric: Metric, *, n_tokens: int, longest: int, fewest: int = 4
) -> list[Prompt]:
    """Prompts of at most `n_tokens` tokens together (but at least `fewest` prompts), the shortest first.

    Where a metric allows it, sequences are cut to `longest` tokens, so that there are enough of them.

    Raises:
        HeadatlasError: wrong tokens are named for some targets only, or for none where the lead over them is measured.
    """
    made = []
    for sequence in sequences:
        prompt = metric.targets(first_tokens(sequence, longest) if metric.cut else sequence)
        if prompt is not None and prompt.targets:
            made.append(_ended(prompt))
    chosen: list[Prompt] = []
    used = 0
    for prompt in sorted(made, key=len):
        if len(chosen) >= fewest and used + len(prompt) > n_tokens:
            break
        chosen.append(prompt)
        used += len(prompt)
    with_wrong = {bool(target.wrong) for prompt in chosen for target in prompt.targets}
    if len(with_wrong) > 1 or (LEAD in metric.types and False in with_wrong):
        raise HeadatlasError(
            "A probe's metric names wrong tokens for some of its targets, or measures the lead over wrong tokens and "
            "names none. Name some for every target."
        )
    return chosen


def readings(
    logits: Float[Tensor, "target vocabulary"], targets: Sequence[Target], types: Sequence[str]
) -> Float[Tensor, "target type"]:
    """How badly the model does at each target, one column a type: what ablation adds to it is the effect.

    Loss in nats; minus the logit difference between the right token and the mean of the wrong ones; 1 for a wrong
    answer, which is one that is not the likeliest of the right and wrong tokens (of all, where none are named).
    """
    rows = torch.arange(len(targets), device=logits.device)
    logits = logits.float()
    right = logits[rows, torch.tensor([target.right for target in targets], device=logits.device)]
    columns = []
    most = max(len(target.wrong) for target in targets)
    wrong = logits.new_zeros(0)
    if most:
        # Padded with the first wrong token: its mean weights are 0 there, and the maximum does not change.
        wrong_tokens = [target.wrong for target in targets]
        index = torch.tensor([[*some, *[some[0]] * (most - len(some))] for some in wrong_tokens])
        weights = torch.tensor([[1 / len(some)] * len(some) + [0.0] * (most - len(some)) for some in wrong_tokens])
        wrong = logits.gather(1, index.to(logits.device))
    for name in types:
        if name == LOSS:
            columns.append(_losses(logits, targets))
        elif name == LEAD:
            columns.append((wrong * weights.to(logits.device)).sum(-1) - right)
        elif name == ACCURACY:
            columns.append((right < (wrong.amax(-1) if most else logits.amax(-1))).float())
        else:
            raise ValueError(f"{name} is not read off logits")
    return torch.stack(columns, -1)


def _losses(logits: Float[Tensor, "target vocabulary"], targets: Sequence[Target]) -> Float[Tensor, " target"]:
    """In pieces that stay in a processor's cache: in half the time of all logits at once."""
    right = torch.tensor([target.right for target in targets], device=logits.device)
    pieces = zip(logits.split(LOSSES_AT_ONCE), right.split(LOSSES_AT_ONCE), strict=True)
    return torch.cat([nn.functional.cross_entropy(*piece, reduction="none") for piece in pieces])


def reads_all(targets: Sequence[Target], types: Sequence[str]) -> bool:
    """Whether the readings need the logits of the whole vocabulary: for a loss, and where no wrong tokens are named."""
    return LOSS in types or not all(target.wrong for target in targets)


def among_wanted(targets: Sequence[Target]) -> tuple[Int[Tensor, " wanted"], list[Target]]:
    """The tokens that targets name, right and wrong, and the targets with each token's place among them."""
    tokens = sorted({token for target in targets for token in (target.right, *target.wrong)})
    index_of = {token: number for number, token in enumerate(tokens)}
    return torch.tensor(tokens), [
        replace(target, right=index_of[target.right], wrong=tuple(index_of[token] for token in target.wrong))
        for target in targets
    ]


def _ended(prompt: Prompt) -> Prompt:
    """Nothing after the last target, since later tokens change nothing before them; a picture's text stays whole."""
    if prompt.sequence.given:
        return prompt
    end = 1 + max(target.query for target in prompt.targets)
    return replace(prompt, sequence=first_tokens(prompt.sequence, end))


def per_sequence(values: Float[Tensor, "target type"], prompts: Sequence[Prompt]) -> Iterator[Float[Tensor, " type"]]:
    """Sums over each prompt's targets, which stand one prompt after the other."""
    for part in values.split([len(prompt.targets) for prompt in prompts]):
        yield part.sum(0)
