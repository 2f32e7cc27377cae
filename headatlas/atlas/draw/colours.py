"""The site's colours: one sequential scale for attention, one hue for each family of patterns.

All are mixed in OKLab, where equal distances look equally different. Python is the only source: the style
sheet and the scripts get them through two small generated files.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

from headatlas.patterns.families import Family

# Light paper through ochre, red and violet to ink; lightness falls all the way, so the scale also reads in
# grey and with any colour blindness.
_ANCHORS = ("#f4f1e9", "#f3d08f", "#ea8f55", "#c54a62", "#7b2f7c", "#371f5e", "#120b22")

# The same for dark pages, where a weight of 0 is dark and 1 is light.
_DARK_ANCHORS = ("#212429", "#3d2c72", "#85367f", "#cb4a5e", "#f0924f", "#f8d487", "#fffbee")

# Lightness of a family's full colour, of its name as text, for light and dark pages: numbers printed on the
# full colour and names printed on the page keep a contrast of 4.5.
_LIGHT = {"family": 0.66, "family-ink": 0.46}
_DARK = {"family": 0.53, "family-ink": 0.80}
_PICTURE = 0.60  # in pictures that stand on both kinds of page

_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_oklab(rgb: np.ndarray) -> np.ndarray:
    """sRGB [..., 3], from 0 to 1, to OKLab [..., 3]."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _LMS.T) @ _LAB.T)


def from_oklab(lab: np.ndarray) -> np.ndarray:
    """OKLab [..., 3] to sRGB [..., 3]; values outside 0 to 1 are colours that screens do not have."""
    linear = (lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T
    bent = 1.055 * np.abs(linear) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, bent)


def _parse(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _bytes(rgb: np.ndarray) -> np.ndarray:
    return np.round(np.clip(rgb, 0, 1) * 255).astype(np.uint8)


def _ramp(colours: tuple[str, ...]) -> np.ndarray:
    anchors = to_oklab(np.array([_parse(colour) for colour in colours]))
    fine = np.concatenate(
        [np.linspace(start, end, 256, endpoint=False) for start, end in pairwise(anchors)] + [anchors[-1:]]
    )
    # Equal steps along the curve, so that equal differences of weight look equally large.
    along = np.concatenate([[0.0], np.linalg.norm(np.diff(fine, axis=0), axis=1).cumsum()])
    wanted = np.linspace(0, along[-1], 256)
    return _bytes(from_oklab(np.stack([np.interp(wanted, along, fine[:, axis]) for axis in range(3)], axis=1)))


RAMP: np.ndarray = _ramp(_ANCHORS)
"""Colour of each 8-bit weight, [256, 3] bytes, all different: pixels can be read back as weights."""
DARK_RAMP: np.ndarray = _ramp(_DARK_ANCHORS)
"""The same for dark pages. Pictures are stored in `RAMP`; a script repaints them."""


@cache
def family_class(family: str) -> str:
    """CSS class of a family: "token class" is f-token-class, an unknown family f-other."""
    return "f-" + Family.of(family).replace(" ", "-")


def family_rank(family: str) -> tuple[int, str]:
    """Where a family stands in listings."""
    return Family.of(family).rank, family


@cache
def family_colour(family: str, lightness: float = _PICTURE) -> tuple[int, int, int]:
    """sRGB bytes of a family's hue, as saturated as its chroma and the screen allow."""
    known = Family.of(family)
    chroma, angle = known.chroma, np.deg2rad(known.hue)
    while True:
        rgb = from_oklab(np.array([lightness, chroma * np.cos(angle), chroma * np.sin(angle)]))
        if chroma <= 0 or ((rgb >= 0).all() and (rgb <= 1).all()):
            red, green, blue = (int(value) for value in _bytes(rgb))
            return red, green, blue
        chroma -= 0.005


def stylesheet() -> str:
    """The generated style sheet: family hues, the attention scale, steps of value and sizes of cells.

    A script that draws for paper puts the class "paper" on the root for as long as it reads colours off the page.
    """
    lines = [f":root{{--ramp:{_gradient(RAMP)};--dark-ramp:{_gradient(DARK_RAMP)}}}", *_family_rules(_LIGHT)]
    lines += [
        "@media screen and (prefers-color-scheme:dark){",
        *_family_rules(_DARK, ":where(:root:not(.paper)) "),
        "}",
    ]
    lines += [f".v{step}{{--v:{step}%}}" for step in range(101)]
    lines += [f".cell-{size}{{--cell:{size}px}}" for size in range(1, 33)]
    lines += [f".step-{step}{{--step:{step}}}" for step in (1, 5, 10, 20, 50, 100, 1000)]
    lines += [f".tall-{times}{{--tall:{times}}}" for times in range(2, 15)]
    return "\n".join(lines) + "\n"


def script() -> str:
    """The generated script: the attention scales as hexadecimal digits, six for each weight."""
    light, dark = ("".join(_hex(colour)[1:] for colour in ramp) for ramp in (RAMP, DARK_RAMP))
    return (
        f'"use strict";\nwindow.headatlas = {{ light: "{light}", dark: "{dark}", '
        "data: window.headatlas?.data ?? {} };\n"
    )


def _gradient(ramp: np.ndarray) -> str:
    return f"linear-gradient(to right,{','.join(_hex(ramp[i]) for i in range(0, 256, 15))})"


def _hex(colour: np.ndarray | tuple[int, int, int]) -> str:
    return "#" + "".join(f"{int(value):02x}" for value in colour)


def _family_rules(lightness: dict[str, float], where: str = "") -> list[str]:
    rules = []
    for family in Family:
        colours = ";".join(f"--{name}:{_hex(family_colour(family, value))}" for name, value in lightness.items())
        rules.append(f"{where}.{family_class(family)}{{{colours}}}")
    return rules
