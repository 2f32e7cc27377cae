"""The page of surprise, token by token: one file that stands for itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from headatlas.atlas.build.templating import environment
from headatlas.atlas.draw.glyphs import visible
from headatlas.views.surprise import Drop, Said, drops

# Bits from which on a token is drawn darkest.
DARKEST = 16


@dataclass(frozen=True, kw_only=True)
class Token:
    """One token of a sequence."""

    text: Annotated[str, "What it says, every character visible."]
    step: Annotated[str, "CSS class of its surprise: s0 to s8, or none where it is not known."]
    repeated: Annotated[bool, "True where an induction head could have known it."]
    title: Annotated[str, "Its surprise in words."]


def page(name: str, sequences: Sequence[Said]) -> str:
    """The page as HTML."""
    found: list[Drop] = drops(sequences)
    known = [bits for one in sequences for bits in one.bits if not math.isnan(bits)]
    return environment().get_template("surprise.html").render(
        name=name,
        n_tokens=sum(len(one.tokens) for one in sequences),
        mean=sum(known) / len(known) if known else None,
        drops=found,
        sequences=[[_token(one, place) for place in range(len(one.tokens))] for one in sequences],
        darkest=DARKEST,
    )  # fmt: skip


def _token(one: Said, place: int) -> Token:
    bits, source = one.bits[place], one.copied[place]
    surprise = "not known" if math.isnan(bits) else f"{bits:.1f} bits"
    if source >= 0:
        surprise += f"; repeats place {source}"
        if not math.isnan(one.bits[source]):
            surprise += f", where it was {one.bits[source]:.1f} bits"
    return Token(
        text=visible(one.tokens[place]),
        step="none" if math.isnan(bits) else f"s{min(8, round(8 * bits / DARKEST))}",
        repeated=source >= 0,
        title=surprise,
    )
