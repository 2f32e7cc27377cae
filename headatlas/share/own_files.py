"""Which files of an exported folder are headatlas' own: no others are ever replaced or removed.

The manifest names every file that was written, with a digest of its content: a file that was edited since is not ours
any longer. While a folder is being written it names what is there, what is to come and the name of the draft, so that
an export that was cut off is taken up by the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path, PurePath

from headatlas.errors import OutputError
from headatlas.files.whole import is_part, part_name, write_whole

MANIFEST = ".headatlas-export"
_NOTE = "# Files written by `headatlas export`, which replaces these alone, as long as nobody has changed them."
# In place of a digest: whatever it holds.
_ANY = "-"

# Digests that a file of this name may have.
Written = Mapping[str, Collection[str]]


def write_folder(folder: Path, files: Mapping[str, bytes], *, known: Collection[str]) -> None:
    """Writes files in the place of those that an earlier export wrote there.

    Args:
        folder: where; made when it is not there.
        files: contents by name.
        known: names that a folder without a manifest, of an earlier version, may hold as its own.

    Raises:
        OutputError: a file of one of these names is somebody else's, or was changed since; nothing is written then.
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _read(folder, known)
    others = [name for name in files if not _is_own(folder, name, before, files[name])]
    if others:
        raise OutputError(
            f"{folder / others[0]} was not written by `headatlas export`, or was changed since. "
            "Move it away, or give another place with --out."
        )
    draft = part_name()
    new = {name: {_digest(content)} for name, content in files.items()}
    both = {name: {*before.get(name, ()), *new.get(name, ())} for name in {*before, *new}}
    _write(folder, {**both, draft: {_ANY}})
    for name, content in files.items():
        write_whole(folder / name, content, draft)
    for name in sorted(before.keys() - files.keys()):
        if _is_own(folder, name, before):
            (folder / name).unlink(missing_ok=True)
    _write(folder, new)


def _is_own(folder: Path, name: str, written: Written, content: bytes | None = None) -> bool:
    """Whether a file is not there, is one of those that were written, or holds what is to be written anyway."""
    path = folder / name
    if path.is_symlink():  # what it leads to is somewhere else
        return False
    if not path.exists():
        return True
    if not path.is_file():
        return False
    digests = written.get(name, ())
    if _ANY in digests:
        return True
    there = path.read_bytes()
    return there == content or _digest(there) in digests


def _read(folder: Path, known: Collection[str]) -> Written:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return {name: {_ANY} for name in known if (folder / name).is_file()}
    written: dict[str, set[str]] = {}
    for line in manifest.read_text("utf-8", errors="replace").splitlines():
        name, _, digest = line.rpartition("\t")
        # A manifest that someone edited must not make us remove files elsewhere, or whatever they hold.
        if PurePath(name).name == name and (digest != _ANY or is_part(name)):
            written.setdefault(name, set()).add(digest)
    return written


def _write(folder: Path, written: Written) -> None:
    lines = [f"{name}\t{digest}" for name in sorted(written) for digest in sorted(written[name])]
    write_whole(folder / MANIFEST, "".join(f"{line}\n" for line in (_NOTE, *lines)).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]
