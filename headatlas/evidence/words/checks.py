"""What "mechanism" asks for besides a missed head: other prompts, the sign of the direct effect, a control. No torch.

A head that is missed may be missed by chance on the prompts that it was chosen on, may itself say the opposite of the
answer, or may be of a layer where any head is missed as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from headatlas.evidence.types import GROUND_LOSS, HELD_OUT

# What is looked at, in words.
OTHER_PROMPTS, DIRECT, CONTROL = "other prompts", "direct effect", "other heads of the layer"
GROUND = "beside the things"


class Measured(Protocol):
    """A row of evidence."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def probe(self) -> str | None: ...  # noqa: D102
    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def low(self) -> float | None: ...  # noqa: D102
    @property
    def high(self) -> float | None: ...  # noqa: D102


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what, whether it holds (None: it tells nothing, or was not measured), and why."""

    name: str
    holds: bool | None
    sentence: str


def checks(effect: Measured, lines: Sequence[Measured], others: Sequence[float]) -> tuple[Check, ...]:
    """What speaks for and against an effect that is clear and large.

    Args:
        effect: of taking the head out.
        lines: all evidence about the head.
        others: the same effect of the other heads of its layer that do not carry the label.
    """
    there = {line.type: line for line in lines if line.probe == effect.probe}
    if GROUND_LOSS in there:
        return (_ground(effect, there[GROUND_LOSS]), _control(effect, others))
    return (
        _other_prompts(there.get(HELD_OUT)),
        _direct(there.get("direct_logit")),
        _control(effect, others),
    )


def _other_prompts(line: Measured | None) -> Check:
    if line is None or line.low is None:
        return Check(OTHER_PROMPTS, None, "Not measured: the effect on prompts that the head was not chosen on.")
    if line.low > 0:
        return Check(OTHER_PROMPTS, True, f"On prompts that it was not chosen on it is {line.value:.2g}, clear too.")
    return Check(
        OTHER_PROMPTS, False, f"on prompts that it was not chosen on the effect, {line.value:.2g}, is not clear"
    )


def _direct(line: Measured | None) -> Check:
    if line is None or line.low is None or line.high is None:
        return Check(DIRECT, None, "Not measured: what it adds straight to the right token's logit.")
    if line.high < 0:
        return Check(DIRECT, False, f"straight to the logits it takes {-line.value:.2g} from the right token")
    if line.low > 0:
        return Check(DIRECT, True, f"Straight to the logits it adds {line.value:.2g} to the right token.")
    return Check(DIRECT, None, "Straight to the logits it adds nothing clear: it works through later layers.")


def _ground(effect: Measured, ground: Measured) -> Check:
    """Of pictures: whether the things need the head more than what is drawn around them."""
    if effect.low is not None and effect.low > ground.value:
        return Check(GROUND, True, f"Beside the things the loss changes by {ground.value:.2g}.")
    return Check(GROUND, False, f"beside the things the loss changes by {ground.value:.2g}, no clear difference")


def _control(effect: Measured, others: Sequence[float]) -> Check:
    """Against the mean of the other heads of the layer: one head drawn at random from it, on average."""
    if not others:
        return Check(CONTROL, None, "Not measured: no other head of its layer is without the label and was taken out.")
    mean = sum(others) / len(others)
    if effect.low is not None and effect.low > mean:
        return Check(CONTROL, True, f"Another head of its layer is missed by {mean:.2g} on average.")
    return Check(CONTROL, False, f"another head of its layer is missed by {mean:.2g} on average, within its interval")
