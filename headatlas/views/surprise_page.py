"""The page of surprise, token by token: one file that stands for itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

from headatlas.atlas.build.templating import render
from headatlas.atlas.draw.glyphs import visible
from headatlas.views.contexts import SurprisePage, Token
from headatlas.views.surprise import LogprobSequence, drops

# Bits from which on a token is drawn darkest.
DARKEST = 16


def surprise_page(name: str, sequences: Sequence[LogprobSequence]) -> bytes:
    """The surprise in some sequences as one HTML file; `name` says what they are."""
    known = [bits for sequence in sequences for bits in sequence.bits if not math.isnan(bits)]
    return render(
        SurprisePage(
            name=name,
            n_tokens=sum(len(sequence.tokens) for sequence in sequences),
            mean=sum(known) / len(known) if known else None,
            drops=drops(sequences),
            sequences=[
                [_token(sequence, position) for position in range(len(sequence.tokens))] for sequence in sequences
            ],
            darkest=DARKEST,
        )
    )


def _token(sequence: LogprobSequence, position: int) -> Token:
    bits, source = sequence.bits[position], sequence.copied[position]
    surprise = "not known" if math.isnan(bits) else f"{bits:.1f} bits"
    if source >= 0:
        surprise += f"; repeats place {source}"
        if not math.isnan(sequence.bits[source]):
            surprise += f", where it was {sequence.bits[source]:.1f} bits"
    return Token(
        text=visible(sequence.tokens[position]),
        step="none" if math.isnan(bits) else f"s{min(8, round(8 * bits / DARKEST))}",
        repeated=source >= 0,
        title=surprise,
    )
