"""`./ft`, `ft` and the full path are one model: commands that read take any of them for the name of its scan."""

from __future__ import annotations

from functools import wraps
from typing import Any

import click

# Arguments and options that name scans.
_NAMES = ("model", "models", "first", "second", "among", "run")


def takes_paths(command: click.Command) -> click.Command:
    """The command, with paths of scanned models in place of their scans' names understood."""
    names = {parameter.name for parameter in command.params}
    callback = command.callback
    if "db" not in names or callback is None:
        return command

    @wraps(callback)
    def wrapped(**arguments: Any) -> Any:
        for name in names.intersection(_NAMES):
            arguments[name] = _named(arguments["db"], arguments[name])
        return callback(**arguments)

    command.callback = wrapped
    return command


def _named(db: str, given: Any) -> Any:
    """The name of the scan that a path means; whatever is no path, or no scanned model's, stays as it is."""
    if isinstance(given, tuple):
        return tuple(_named(db, name) for name in given)
    from headatlas.models.finding import location_of

    if not isinstance(given, str) or location_of(given) is None:
        return given
    from headatlas.store.locations import stored_model

    stored = stored_model(db, given)
    return given if stored is None else stored.model
