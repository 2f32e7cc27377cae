"""How numbers and names are written on pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float


def score(value: float | None, decimals: int = 3) -> str:
    """Three decimals below 10, one above; a dash for nothing."""
    if value is None:
        return "–"
    text = f"{value:.{decimals}f}" if abs(value) < 10 else f"{value:.1f}"
    return text[1:] if text.startswith("-0") and not float(text) else text  # no "-0.000"


def two_digits(value: float | None) -> str:
    """A value in the room of a mosaic's cell: .37, 1, 4.2, 13."""
    if value is None:
        return "–"
    if abs(value) >= 9.95:
        return f"{value:.0f}"
    if abs(value) > 1:
        return f"{value:.1f}"
    text = f"{value:.2f}"
    return {"1.00": "1", "-0.00": ".00"}.get(text, text.replace("0.", "."))


def count(value: float | None) -> str:
    """Thousands apart: 1,234."""
    return "–" if value is None else f"{value:,}"


def tiny(value: float | None) -> str:
    """A difference: 1.2e-07."""
    return "–" if value is None else "0" if value == 0 else f"{value:.1e}"


def thousandths(value: float | None) -> int | None:
    """A number as it is printed, times 1000: with three decimals below 10, with one above."""
    return None if value is None else round(1000 * round(value, 3 if abs(value) < 10 else 1))


def all_thousandths(values: Float[np.ndarray, " value"]) -> list[int | None]:
    """`thousandths` of each value, None for NaN."""
    times = values * 1000
    whole = np.rint(np.nan_to_num(times))
    # Halves are rounded as decimals are, and large numbers to one decimal: number by number.
    plain = (np.abs(values) < 9) & (np.abs(np.abs(times - whole) - 0.5) > 1e-6)
    return [
        int(rounded) if is_plain else None if value != value else thousandths(value)
        for value, rounded, is_plain in zip(values.tolist(), whole.tolist(), plain.tolist(), strict=True)
    ]


def exact(share: float, decimals: int) -> int:
    """A share in ten thousandths, which printed with so many decimals gives the digits of the share itself.

    It is off by one where rounding twice would give others.
    """
    whole, step = round(10_000 * share), 10 ** (4 - decimals)
    # Half of the last decimal that is printed: the share itself lies on one side of it.
    return whole + (1 if share > whole / 10_000 else -1) if whole % step == step // 2 else whole


def words(name: str) -> str:
    """A name in words: previous_token is "previous token"."""
    return name.replace("_", " ")


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts names as people count: "step2" before "step10", and letters of any case together."""
    parts = re.split(r"([0-9]+)", name)
    numbered = [(0, int(part), "") if number % 2 else (1, 0, part.lower()) for number, part in enumerate(parts)]
    return [*numbered, (-1, 0, name)]


def article(noun: str) -> str:
    """ "an induction", "a previous token"."""
    return f"{'an' if noun[:1].lower() in tuple('aeiou') else 'a'} {noun}"


def decapitalized(sentence: str) -> str:
    """A sentence that goes on another: its first letter small."""
    return sentence[:1].lower() + sentence[1:]


def plural(number: int, singular: str, plural_form: str = "") -> str:
    """`plural(2, "head")` is "2 heads"."""
    return f"{number:,} {singular if number == 1 else plural_form or singular + 's'}"
