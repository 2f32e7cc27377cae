"""Attention as coloured blocks in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.style import Style
from rich.text import Text

from headatlas.atlas.draw import colours
from headatlas.atlas.draw.glyphs import short


def blocks(weights: np.ndarray, tokens: Sequence[str], title: str, causal: bool) -> Text:
    """A map for a terminal, two columns a weight: coloured, and with its hundredths where a console has no colour."""
    text = Text(f"{title}; row: the token that looks\n", no_wrap=True)
    names = [short(token, 12) for token in tokens]
    for query, row in enumerate(weights):
        text.append(f"{names[query]:>12} ")
        for key, weight in enumerate(row):
            if causal and key > query:
                text.append("  ")
                continue
            red, green, blue = (int(value) for value in colours.RAMP[weight])
            light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 128
            shown = f"{min(round(100 * int(weight) / 255), 99):02d}"
            text.append(shown, Style(bgcolor=f"rgb({red},{green},{blue})", color="black" if light else "white"))
        text.append("\n")
    text.append("columns: " + " ".join(f"{position} {name}" for position, name in enumerate(names)) + "\n")
    return text
