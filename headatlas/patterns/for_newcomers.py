"""Every pattern of ours in a few plain sentences, for people who have never heard of attention heads.

The folder `newcomers` holds them, one TOML file a subject, `name = "sentences"`. They are no part of a definition:
what a score is, the function and its docstring say alone, and a plug-in's pattern goes without.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


def introduction(name: str) -> str:
    """What heads of a pattern do, in two to four plain sentences with an example; empty where nobody has written any.

    `introduction("previous_token")` begins "At every word, this head looks at the word just before it".
    """
    return introductions().get(name, "")


@cache
def introductions() -> Mapping[str, str]:
    """The sentences by the name of the pattern, each as one line."""
    folder = sorted(files("headatlas.patterns").joinpath("newcomers").iterdir(), key=lambda file: file.name)
    texts = [tomllib.loads(file.read_text("utf-8")) for file in folder if file.name.endswith(".toml")]
    return MappingProxyType({name: " ".join(text.split()) for file in texts for name, text in file.items()})
