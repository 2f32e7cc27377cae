"""A command that a value in a database ends says which value: the one boundary where that is found out."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import Any

import click

from headatlas.errors import HeadatlasError, WrongValueError

# Arguments and options that name databases.
_DATABASES = ("db", "databases", "into")


def explains_databases(command: click.Command) -> click.Command:
    """The command, which in the place of a traceback says what is wrong with a database that it was given.

    Only what no one expected is looked into; where all values are as they should be, the error is ours, and stays.
    """
    callback = command.callback
    if callback is None or not {parameter.name for parameter in command.params}.intersection(_DATABASES):
        return command

    @wraps(callback)
    def wrapped(**arguments: Any) -> Any:
        given = [arguments[name] for name in _DATABASES if arguments.get(name) is not None]
        try:
            return callback(**arguments)
        except Exception as error:
            if not _may_be_of_a_value(error):
                raise
            from headatlas.share.diagnosis import refusal  # takes pydantic, which reading commands do without

            for value in given:
                for path in value if isinstance(value, tuple) else (value,):
                    refused = refusal(Path(path), error)
                    if refused is not None:
                        raise refused from error
            raise

    command.callback = wrapped
    return command


def _may_be_of_a_value(error: Exception) -> bool:
    if isinstance(error, HeadatlasError):
        return isinstance(error, WrongValueError)
    if isinstance(error, OSError):
        return error.errno is None  # Pillow's, of bytes that are no picture; others are of files
    return not isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort)
