"""The output folder: never someone else's files, and no more writing than there is change."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from headatlas.errors import OutputError

MARKER = ".headatlas-site"
_NOTE = "# A site made by `headatlas atlas`. It replaces the files below and leaves all others alone."


class SiteFolder:
    """Writes a site's files; those that did not change are left untouched, those that are gone are removed.

    The marker file lists what we wrote, so that nothing else is ever removed.

    Raises:
        OutputError: the folder holds something that is not a site of ours (unless `force`), or cannot be written.
    """

    def __init__(self, out: Path, force: bool = False) -> None:
        self.out = out
        self._old: set[str] = set()
        self._new: set[str] = set()
        with self._clear_errors():
            if out.exists() and not out.is_dir():
                raise OutputError(f"{out} is a file, not a folder. Give another place with --out.")
            marker = out / MARKER
            if marker.is_file():
                self._old = set(_listed(marker))
            elif out.is_dir() and any(out.iterdir()) and not force:
                raise OutputError(
                    f"{out} holds files that are not a site made by headatlas. "
                    "Give another folder with --out, or write into this one with --force."
                )
            out.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: bytes) -> Path:
        """Writes one file, if its bytes are not there already."""
        if not self._new:
            # From here on the folder is ours, also when the run is cut off.
            with self._clear_errors():
                self._mark(self._old)
        self._new.add(name)
        path = self.out / name
        with self._clear_errors():
            if not _holds(path, content):
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, content)
        return path

    def finish(self) -> None:
        """Removes what an earlier site had and this one has not."""
        with self._clear_errors():
            for name in sorted(self._old - self._new):
                path = self.out / name
                path.unlink(missing_ok=True)
                for folder in PurePosixPath(name).parents:
                    with contextlib.suppress(OSError):  # not empty: someone else's file, or one of this site
                        if folder.name:
                            (self.out / folder).rmdir()
            self._mark(self._new)

    def _mark(self, names: Iterable[str]) -> None:
        content = "\n".join([_NOTE, *sorted(names)]).encode() + b"\n"
        if not _holds(self.out / MARKER, content):
            _replace(self.out / MARKER, content)

    @contextlib.contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(
                f"The site cannot be written to {self.out}: {reason}. Give another folder with --out."
            ) from error


def _listed(marker: Path) -> Iterator[str]:
    for line in marker.read_text(encoding="utf-8", errors="replace").splitlines():
        name = PurePosixPath(line)
        # A marker someone edited must not make us remove files elsewhere.
        if line and not line.startswith("#") and not name.is_absolute() and ".." not in name.parts:
            yield line


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _replace(path: Path, content: bytes) -> None:
    # Never a half-written page, whatever interrupts us.
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
