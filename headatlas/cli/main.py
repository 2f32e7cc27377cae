"""The command line: parse, call, print."""

from __future__ import annotations

import sys

# Loading the commands takes a quarter of a second, in which nothing has begun that could be lost.
try:
    import shlex
    from collections.abc import Iterator
    from contextlib import contextmanager
    from datetime import UTC, datetime
    from pathlib import Path
    from typing import Any

    import click

    from headatlas.cli import catalog, compare, edges, groups, info, keep, listings, pages, scan, share
    from headatlas.cli.bench import bench
    from headatlas.cli.failing_models import explains_models
    from headatlas.cli.leaving import leave_stopped, left_at_once
    from headatlas.cli.model_names import takes_paths
    from headatlas.cli.options import DATABASE
    from headatlas.cli.path import path
    from headatlas.cli.streams import written_or_said
    from headatlas.cli.sweep import sweep
    from headatlas.cli.task import task
    from headatlas.cli.terminal_text import echo, spelled_out
    from headatlas.cli.wrong_values import explains_databases
    from headatlas.errors import HeadatlasError, one_line
    from headatlas.files.given import shown
    from headatlas.settings import __version__
except KeyboardInterrupt:
    from headatlas.cli.leaving import leave_stopped

    leave_stopped()

# Commands that keep their work as it is done.
GO_ON = ("scan", "evidence", "task", "sweep")
# Of a sentence about an error; the longest lists of what there is have half as many.
MOST_LETTERS = 4000
# Where the words of the command are kept, and when it began.
_GIVEN = "headatlas.given"
_STARTED = "headatlas.started"


# The commands in the order in which the help lists them.
SECTIONS = {
    "Measure": ("scan", "evidence", "task", "path", "sweep", "score", "label", "bench"),
    "Look": ("info", "heads", "kinds", "groups", "edges", "view", "atlas", "similar", "compare", "training", "verify"),
    "Ask": ("search", "query", "models", "patterns", "probes"),
    "Keep and share": ("export", "import", "publish", "merge", "rename", "rm", "cache", "serve"),
}


class _Group(click.Group):
    """Turns our errors and Ctrl-C into one sentence and an exit code; its help has the commands in sections."""

    def main(self, *args: Any, **options: Any) -> Any:
        """The command line, whatever standard output is."""
        with left_at_once(), written_or_said():
            return super().main(*args, **options)

    def _main_shell_completion(self, *args: Any, **options: Any) -> None:
        """Offers nothing where a shell asks in a way that no shell of ours does: an error would stand in the prompt."""
        try:
            super()._main_shell_completion(*args, **options)
        except (Exception, KeyboardInterrupt):
            sys.exit(1)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with its whole first line, folded rather than cut."""
        listed = {name for names in SECTIONS.values() for name in names}
        others = tuple(name for name in self.list_commands(ctx) if name not in listed)
        for section, names in {**SECTIONS, "Other": others}.items():
            commands = [(name, self.commands[name]) for name in names if name in self.commands]
            rows = [(name, command.get_short_help_str(limit=1000)) for name, command in commands if not command.hidden]
            if rows:
                with formatter.section(section):
                    formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keeps the words of the command, for who is to type them again.

        Raises:
            click.UsageError: a word holds a NUL; a shell cannot pass it on, but Python can.
        """
        ctx.meta[_GIVEN] = list(args)
        ctx.meta[_STARTED] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if any("\0" in word for word in args):
            raise click.UsageError(r"A word of the command holds a NUL (\0), which no name, path or text has.", ctx)
        with _spelled_out():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _spelled_out():
            return self._invoke(ctx)

    def _invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HeadatlasError as error:
            raise click.ClickException(str(error)) from error
        except UnicodeEncodeError as error:
            if not any("\ud800" <= letter <= "\udfff" for word in ctx.meta[_GIVEN] for letter in word):
                raise
            # How Python hands over bytes that are no text; as a file's name they would do.
            raise click.ClickException("A word of the command holds bytes that are no text in UTF-8.") from error
        except OSError as error:
            if error.filename is None:
                raise
            # A path that was given, and that its file system refuses in some way nobody thought of.
            reason = error.strerror or one_line(error)
            raise click.ClickException(f"{shown(error.filename)} cannot be used: {reason}.") from error
        except KeyboardInterrupt:
            echo("\nStopped." + _how_to_go_on(ctx), err=True)
            leave_stopped()


@contextmanager
def _spelled_out() -> Iterator[None]:
    """Inside, an error's sentence is made one that a terminal only shows, whatever name it repeats."""
    try:
        yield
    except click.ClickException as error:
        error.message = _shortened(spelled_out(error.message))  # type: ignore[misc]  # final for those who read it
        raise


def _shortened(sentence: str) -> str:
    """A sentence that repeats a word of a hundred thousand letters, without most of them."""
    return sentence if len(sentence) <= MOST_LETTERS else f"{sentence[: MOST_LETTERS - 500]} ... {sentence[-500:]}"


def _how_to_go_on(ctx: click.Context) -> str:
    """What becomes of the work of a command that was interrupted; empty where there is nothing to keep."""
    if ctx.invoked_subcommand not in GO_ON:
        return ""
    from headatlas.store.kept import has_work  # takes sqlite3, which help and completion do without

    again = shlex.join(["headatlas", *ctx.meta[_GIVEN]])
    if DATABASE in ctx.meta and not has_work(Path(ctx.meta[DATABASE]), since=ctx.meta[_STARTED]):
        return f" Nothing was stored yet; the same command starts anew:\n{again}"
    where = " where the model has been scanned" if ctx.invoked_subcommand == "task" else ""
    return f" What was done is kept{where}; the same command goes on from there:\n{again}"


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="headatlas")
def main() -> None:
    """Which known patterns do a transformer's attention heads follow?

    \b
    headatlas scan smollm2-135m
    headatlas heads smollm2-135m --pattern induction --limit 5
    headatlas atlas
    """


for _command in (*scan.COMMANDS, task, path, sweep, bench, pages.view):
    main.add_command(explains_databases(explains_models(_command)))
_OF_SCANS = (info, groups, edges, listings, catalog, compare, share, keep)
for _command in (pages.atlas, *(command for module in _OF_SCANS for command in module.COMMANDS)):
    main.add_command(explains_databases(takes_paths(_command)))
