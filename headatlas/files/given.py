"""Files that somebody gives: whether they are files, how large, and whether text, is asked before they are read.

A folder, a pipe or a device by the name of a file would be read for ever, or not at all.
"""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import Any

from headatlas.errors import HeadatlasError, one_line

# Bytes of a text that is read into memory as a whole.
MOST_TEXT = 2**25
# Bytes of recorded numbers written as JSON, which take several times as much when they are read.
MOST_JSON = 2**29

# Values in JSON that belongs to a scan; ours has some ten thousand.
MOST_VALUES = 5_000_000


def regular(path: Path, advice: str = "", error: type[HeadatlasError] = HeadatlasError) -> int:
    """The size in bytes of a file that is there, and is one; `advice` ends the sentence where it is not.

    Raises:
        HeadatlasError: there is none, or it is a folder, a pipe or a device; of the class `error`.
    """
    advice = f" {advice}" if advice else ""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise error(f"There is no file {shown(path)}.{advice}") from None
    except (OSError, ValueError) as reason:  # a loop of links, a name of 300 bytes; a NUL in the name
        raise error(f"{shown(path)} cannot be read: {_reason(reason)}.{advice}") from reason
    if not stat.S_ISREG(status.st_mode):
        raise error(f"{shown(path)} is {sort_of(status.st_mode)}, not a file.{advice}")
    return status.st_size


def exists(path: str | Path) -> bool:
    """Whether something is there; nothing is by a name that no file can have, as one of 300 bytes or with a NUL."""
    try:
        Path(path).stat()
    except (OSError, ValueError):
        return False
    return True


def is_link(path: str | Path) -> bool:
    """Whether it is a link, wherever that leads; nothing is one by a name that no file can have."""
    try:
        return Path(path).is_symlink()
    except (OSError, ValueError):
        return False


def expanded(name: str | Path) -> Path:
    """The path that a name is, as it stands where it begins with the home folder of somebody unknown."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def shown(path: str | Path) -> str:
    """A path as it can be printed and stored: bytes of its name that are no text in UTF-8 stand as \\xff."""
    try:
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a name out of JSON, which may hold what no file's name does
        return os.fspath(path).encode("utf-8", "backslashreplace").decode()


def read_text(path: Path, most: int = MOST_TEXT, advice: str = "") -> str:
    """A file's text in UTF-8, without the mark that some editors put before it; `advice` ends the sentence where it is
    none.

    Raises:
        HeadatlasError: it is no file, of more than `most` bytes, cannot be read, or is not UTF-8.
    """
    size = regular(path, advice)
    advice = f" {advice}" if advice else ""
    if size > most:
        raise HeadatlasError(f"{shown(path)} has {size / 1e6:,.0f} MB; at most {most / 1e6:,.0f} MB are read.{advice}")
    if size == 0:  # as of what a kernel makes up (/proc/kmsg), which would be waited for
        return ""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HeadatlasError(f"{shown(path)} cannot be read as UTF-8 text: {error.reason}.{advice}") from error
    except OSError as error:
        raise HeadatlasError(f"{shown(path)} cannot be read: {_reason(error)}.{advice}") from error


def parsed_json(text: str, where: str, advice: str = "", most_values: float = math.inf) -> Any:
    """What a text says as JSON; `where` begins the sentence where it is none.

    Raises:
        HeadatlasError: it is no JSON, is nested too deeply, holds a number of thousands of digits, or more values than
            it may.
    """
    _check_values(text, where, advice, most_values)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise HeadatlasError(f"{where} is nested too deeply to be read.{f' {advice}' if advice else ''}") from error
    except ValueError as error:
        advice = f" {advice}" if advice else ""
        raise HeadatlasError(f"{where} is not JSON: {one_line(error).rstrip('.')}.{advice}") from error


def _check_values(text: str, where: str, advice: str, most: float) -> None:
    """Raises HeadatlasError where JSON has more values than it may."""
    if count_values(text) > most:
        raise HeadatlasError(f"{where} holds more than {most:,} values.{f' {advice}' if advice else ''}")


def count_values(content: str | bytes) -> int:
    """How many values JSON has, or a few more: what stands inside its texts counts too.

    Empty lists take thirty times as much memory as they have letters.
    """
    if isinstance(content, str):
        return sum(map(content.count, ",[{"))
    return sum(map(content.count, (b",", b"[", b"{")))


def read_values(content: bytes) -> Any:
    """What bytes say as JSON; lists of lists take twenty times as much memory as they have bytes.

    Raises:
        ValueError, RecursionError: it is none, has more than `MOST_VALUES` values, or is nested too deeply.
    """
    if count_values(content) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES:,} values")
    return json.loads(content)


def read_json_rows(path: Path, most: int = MOST_JSON, advice: str = "", most_values: float = math.inf) -> Any:
    """What a .json file says, or a list of what the lines of a .jsonl file say; empty lines are passed over.

    Raises:
        HeadatlasError: as of `read_text` and `parsed_json`.
    """
    text = read_text(path, most, advice)
    if path.suffix != ".jsonl":
        return parsed_json(text, shown(path), advice, most_values)
    # Not `splitlines`, which also ends lines at characters that JSON allows inside a text.
    _check_values(text, shown(path), advice, most_values)
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return [parsed_json(line, f"{shown(path)}, line {number}", advice) for number, line in lines]


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or one_line(error)


def sort_of(mode: int) -> str:
    """What there is in the place of a file, in words."""
    for is_sort, words in ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket")):
        if is_sort(mode):
            return words
    return "a device"
