"""Families of patterns: their names, the order in which they are listed, and their colours."""

from __future__ import annotations

from enum import StrEnum


class Control(StrEnum):
    """What a score has to exceed.

    Of a head's habits none, its distances, or these and the keys that it likes; or, where the pattern is itself a habit
    of looking nearby, what such a habit does not explain.
    """

    NONE = "none"
    DISTANCE = "distance"
    POPULARITY = "popularity"
    IRREGULAR = "irregular"


class Family(StrEnum):
    """A family of patterns, which is the same as its name: `Family.CONTENT == "content"`.

    Families are listed in the order of their definition. `hue`, in degrees, and `chroma` are those of the family's
    colour in OKLCH; `of_places` says that its patterns go by where keys are, so that they hold for images and sounds,
    which have no words. `control` follows: what a place says is a distance, and a class of tokens is popular keys.
    """

    hue: float
    chroma: float
    of_places: bool

    POSITIONAL = "positional", 255, 0.17, True
    CONTENT = "content", 42, 0.19
    TOKEN_CLASS = "token class", 150, 0.16
    STRUCTURE = "structure", 300, 0.19
    SYNTAX = "syntax", 355, 0.19
    ALGORITHM = "algorithm", 85, 0.13
    ALIGNMENT = "alignment", 180, 0.12
    LAYOUT = "layout", 115, 0.14, True
    OTHER = "other", 200, 0.11
    STATISTIC = "statistic", 265, 0.03, True

    def __new__(cls, name: str, hue: float = 0, chroma: float = 0, of_places: bool = False) -> Family:
        """A member from its row above; `Family("content")`, with the name alone, is the member of that name."""
        family = str.__new__(cls, name)
        family._value_ = name
        family.hue, family.chroma, family.of_places = hue, chroma, of_places
        return family

    @classmethod
    def _missing_(cls, value: object) -> Family | None:
        # The site's colours and the patterns once spelled this family differently; databases may hold either.
        return cls.ALGORITHM if value == "algorithmic" else None

    @classmethod
    def of(cls, name: str) -> Family:
        """The family of this name; `OTHER` for a name that is no family's, as a database from elsewhere may hold."""
        try:
            return cls(name)
        except ValueError:
            return cls.OTHER

    @property
    def control(self) -> Control:
        """What a score of the family's patterns has to exceed."""
        if self.of_places:
            return Control.NONE
        return Control.DISTANCE if self is Family.TOKEN_CLASS else Control.POPULARITY

    @property
    def rank(self) -> int:
        """Where the family stands in listings, from 0."""
        return list(Family).index(self)
