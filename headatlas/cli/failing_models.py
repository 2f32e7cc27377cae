"""A command that a model's own code ends says so: of files that do not fit together anything may be raised."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import wraps
from types import TracebackType
from typing import Any

import click

from headatlas.errors import HeadatlasError, ModelError, one_line, panics_as_errors

# Whose code a model's is; transformers keeps under the last name what came with the model.
_OF_MODELS = {"transformers", "transformer_lens", "transformers_modules"}


def explains_models(command: click.Command) -> click.Command:
    """The command, which in the place of a traceback out of the model's code says that the model fails.

    What is raised by our own code, called by the model or not, stays what it is.
    """
    callback = command.callback
    assert callback is not None

    @wraps(callback)
    def wrapped(**arguments: Any) -> Any:
        os.environ["RUST_BACKTRACE"] = "0"  # screens of a library's own calls would bury the sentence
        try:
            with panics_as_errors():
                return callback(**arguments)
        except (HeadatlasError, OSError, click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if not _is_of_model(error.__traceback__):
                raise
            raise ModelError(_sentence(error)) from error

    command.callback = wrapped
    return command


def _sentence(error: Exception) -> str:
    from headatlas.models.memory import out_of_memory  # takes torch, which a model that fails has loaded

    if out_of_memory(error):
        return "Memory ran out while the model ran. Give shorter texts, or use a machine with more memory."
    return (
        f"The model fails while it runs ({one_line(error, named=True).rstrip('.')}). Its configuration may not fit its "
        "weights: take the files that it was trained with."
    )


def _is_of_model(traceback: TracebackType | None) -> bool:
    """Whether a model's code was called, and none of ours by it."""
    called = False
    for package in _packages(traceback):
        called = package in _OF_MODELS or (called and package != "headatlas")
    return called


def _packages(traceback: TracebackType | None) -> Iterator[str]:
    """The packages of the frames that an error went through, the outermost first."""
    while traceback is not None:
        yield str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        traceback = traceback.tb_next
