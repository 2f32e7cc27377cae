"""What every template receives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Template:
    """What a template receives: its fields are the template's variables."""

    template: ClassVar[str]
    of_site: ClassVar[bool] = False
    """Whether it is a page among thousands, whose HTML is written as short as the language allows."""
