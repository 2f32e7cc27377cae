"""Prompts with the predictions that are scored on a probe, and the numbers read off the logits there.

Which predictions those are, each probe says itself: see `headatlas.probes.metrics`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.errors import HeadatlasError
from headatlas.inputs.sequence import TokenSequence, first_tokens
from headatlas.models.products import linear
from headatlas.probes import PROBES, Probe
from headatlas.probes.metrics import ACCURACY, EVERY_TOKEN, LEAD, LOSS, Metric, Prompt, Target

# Tokens of the vocabulary whose exponentials are summed in one go: in float32 longer sums lose digits, and pieces of
# this size stay in a processor's cache.
TOKENS_AT_ONCE = 1024


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
    logits = logits.float()
    named = _Named.of(targets, logits.device)
    return _columns(
        types,
        named,
        logits.gather(1, named.tokens),
        sums=lambda: [piece.logsumexp(-1) for piece in logits.split(TOKENS_AT_ONCE, 1)],
        likeliest=lambda: logits.amax(-1),
    )


def readings_in_pieces(
    x: Float[Tensor, "target d_model"],
    weight: Float[Tensor, "vocabulary d_model"],
    bias: Float[Tensor, " vocabulary"] | None,
    targets: Sequence[Target],
    types: Sequence[str],
) -> Float[Tensor, "target type"]:
    """The `readings` of the logits x W^T + b, which are never all there: a piece of the vocabulary after the other.

    Each piece stays in a processor's cache from the product to the sum of its exponentials. The same to rounding.
    """
    named = _Named.of(targets, x.device)
    own = x.new_zeros(named.tokens.shape)
    sums, most = [], []
    for start in range(0, len(weight), TOKENS_AT_ONCE):
        stop = start + TOKENS_AT_ONCE
        logits = linear(x, weight[start:stop], None if bias is None else bias[start:stop]).float()
        in_piece = named.tokens - start  # where in this piece a token stands, if it does
        is_here = (in_piece >= 0) & (in_piece < logits.shape[1])
        if is_here.any():
            own = torch.where(is_here, logits.gather(1, in_piece.clamp(0, logits.shape[1] - 1)), own)
        most.append(logits.amax(-1))
        if LOSS in types:
            # As logsumexp, in place.
            sums.append(logits.sub_(most[-1][:, None]).exp_().sum(-1).log_().add_(most[-1]))
    return _columns(types, named, own, lambda: sums, lambda: torch.stack(most).amax(0))


@dataclass(frozen=True)
class _Named:
    """The tokens that targets name: first the right one, then the wrong ones, with their weights in the mean.

    Where targets name fewer wrong ones than others do, their first stands again, with a weight of zero: neither the
    mean nor the maximum changes.
    """

    tokens: Int[Tensor, "target right_and_wrong"]
    weights: Float[Tensor, "target wrong"]

    @classmethod
    def of(cls, targets: Sequence[Target], device: torch.device) -> Self:
        most = max(len(target.wrong) for target in targets)
        tokens, weights = [], []
        for target in targets:
            some = target.wrong
            more = most - len(some) if some else 0
            tokens.append([target.right, *some, *[some[0] if some else 0] * more])
            weights.append([1 / len(some)] * len(some) + [0.0] * more if some else [])
        return cls(torch.tensor(tokens, device=device), torch.tensor(weights, device=device))


def _columns(
    types: Sequence[str],
    named: _Named,
    own: Float[Tensor, "target right_and_wrong"],
    sums: Callable[[], list[Float[Tensor, " target"]]],
    likeliest: Callable[[], Float[Tensor, " target"]],
) -> Float[Tensor, "target type"]:
    """One column a type, from the logits of the named tokens, and those of all: log-sums of pieces, the largest."""
    right, wrong = own[:, 0], own[:, 1:]
    columns = []
    for name in types:
        if name == LOSS:
            columns.append(torch.stack(sums()).logsumexp(0) - right)
        elif name == LEAD:
            columns.append((wrong * named.weights).sum(-1) - right)
        elif name == ACCURACY:
            columns.append((right < (wrong.amax(-1) if wrong.shape[1] else likeliest())).float())
        else:
            raise ValueError(f"{name} is not read off logits")
    return torch.stack(columns, -1)


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
