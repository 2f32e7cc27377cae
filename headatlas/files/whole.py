"""A file is written whole or not at all: whatever interrupts, what was there before is still there."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headatlas.files.given import sort_of


def part_name() -> str:
    """A name for a file that is being written, which nothing else in a folder has; short, whatever the file's own."""
    return f".headatlas-{secrets.token_hex(8)}.part"


def is_part(name: str) -> bool:
    """Whether `part_name` gave a file its name."""
    return re.fullmatch(r"\.headatlas-[0-9a-f]{16}\.part", name) is not None


@contextmanager
def put_in_place(path: Path) -> Iterator[Path]:
    """A name beside a file's own, to be written under; afterwards what has it takes the file's place.

    Whatever is raised inside, nothing is left behind; what a kill leaves, the next writing replaces.
    """
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)  # a pipe or a link of this name would be written into
    try:
        yield part
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def place_of(path: Path) -> Path:
    """Where a file is to be written that is named so: the end of a link.

    Raises:
        OSError: there is something that no file can take the place of, as a pipe, which might wait for ever.
    """
    try:
        path = path.resolve() if path.is_symlink() else path
    except RuntimeError as error:  # before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from error
    if path.exists() and not path.is_file() and not _is_nowhere(path):
        raise OSError(errno.EINVAL, f"it is {sort_of(path.stat().st_mode)}, not a file", str(path))
    return path


def _is_nowhere(path: Path) -> bool:
    """Whether it is /dev/null, which takes anything at once."""
    return path.exists() and path.samefile(os.devnull)


def write_whole(path: Path, content: bytes, part: str | None = None) -> None:
    """Writes a file beside its place, under the name `part`, and then puts it there.

    A link stays one, and what it leads to is replaced; what is written to /dev/null is gone.

    Raises:
        OSError: it cannot be written, or there is a folder, a pipe or a device; nothing is left behind.
    """
    path = place_of(path)
    if _is_nowhere(path):
        return
    draft = path.with_name(part or part_name())
    try:
        with draft.open("xb") as file:
            file.write(content)
        if path.exists():
            draft.chmod(path.stat().st_mode)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
