"""Text on its way to a terminal, which obeys some characters: those are spelled, whoever wrote them.

A catalogue or a model from elsewhere may carry an escape sequence in a name, and a name may be typed by a script.
Commands print through `echo`; nothing else of the command line writes to a terminal.
"""

from __future__ import annotations

import re

import click

# Control characters but for line feed and tab, ends of lines that are none, what turns the direction of writing
# round for the rest of a line, and halves of surrogate pairs, which no encoding has.
_OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def spelled_out(text: str) -> str:
    r"""A text as a terminal can have it: `spelled_out("\x1b[2J")` is the seven characters `\x1b[2J`."""
    return _OBEYED.sub(lambda match: repr(match[0])[1:-1], text)


def spelled_in_json(text: str) -> str:
    """JSON whose texts have none of those characters as they are; it says the same."""
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def echo(text: object, *, err: bool = False, bold: bool = False) -> None:
    """Prints a line, or several, spelled out; bold where the terminal knows what that is."""
    line = spelled_out(str(text))
    click.echo(click.style(line, bold=True) if bold else line, err=err)
