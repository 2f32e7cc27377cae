"""The output folder: never someone else's files, and no more writing than there is change."""

from __future__ import annotations

import contextlib
import copy
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from headatlas.errors import OutputError
from headatlas.files.whole import put_in_place

MARKER = ".headatlas-site"
_FROM = "# made from "
_NOTE = "# A site made by `headatlas atlas`. It replaces the files below and leaves all others alone."


@dataclass(frozen=True)
class Made:
    """A file that is there: digests of its content, and of what it was made from (empty when that was not kept)."""

    content: str
    key: str


class SiteFolder:
    """Writes a site's files; those that did not change are left untouched, those that are gone are removed.

    The marker file lists what we wrote, so that nothing else is ever removed, with digests of each file's content
    and of what it was made from, so that nothing is made twice.

    Raises:
        OutputError: the folder holds something that is not a site of ours (unless `force`), or cannot be written.
    """

    def __init__(self, out: Path, force: bool = False) -> None:
        self.out = out
        self._old: dict[str, Made] = {}
        self._source = ""
        self._new: dict[str, Made] = {}
        self._is_part = False
        with self._clear_errors():
            if out.exists() and not out.is_dir():
                raise OutputError(f"{out} is a file, not a folder. Give another place with --out.")
            marker = out / MARKER
            if marker.is_file():
                self._old = dict(_listed(marker))
                self._source = _source_of(marker)
            elif out.is_dir() and any(out.iterdir()) and not force:
                raise OutputError(
                    f"{out} holds files that are not a site made by headatlas. "
                    "Give another folder with --out, or write into this one with --force."
                )
            out.mkdir(parents=True, exist_ok=True)

    def is_made_from(self, source: str) -> bool:
        """Whether a whole site of this source is there, and nobody changed it since; see `finish`."""
        return (
            self._source == source
            and bool(self._old)
            and all(_digest_of(self.out / name) == file.content for name, file in self._old.items())
        )

    def write(self, name: str, make: Callable[[], bytes], key: str | None = None) -> Path:
        """Writes one file, if its bytes are not there already.

        `key` is a digest of everything the file is made from: where the file on the disk was made from the same and
        nobody changed it since, it is not made again.
        """
        if not self._new and not self._is_part:
            # From here on the folder is ours, also when the run is cut off.
            with self._clear_errors():
                self._mark(self._old)
        path = self.out / name
        old = self._old.get(name)
        if key is not None and old is not None and old.key == key and _digest_of(path) == old.content:
            self._new[name] = old
            return path
        content = make()
        self._new[name] = Made(_digest(content), key or "")
        with self._clear_errors():
            if not _holds(path, content):
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, content)
        return path

    def part(self) -> SiteFolder:
        """The same folder, for some of its files that another process writes; see `join`."""
        part = copy.copy(self)
        part._new, part._is_part = {}, True
        return part

    @property
    def made(self) -> Mapping[str, Made]:
        """The files that were written, or were there already."""
        return self._new

    def join(self, made: Mapping[str, Made]) -> None:
        """Takes what was written in a `part` as written."""
        self._new |= made

    def finish(self, source: str = "") -> None:
        """Removes what an earlier site had and this one has not.

        `source` is a digest of everything that the site as a whole was made from, for `is_made_from`.
        """
        with self._clear_errors():
            for name in sorted(self._old.keys() - self._new.keys()):
                path = self.out / name
                path.unlink(missing_ok=True)
                for folder in PurePosixPath(name).parents:
                    with contextlib.suppress(OSError):  # not empty: someone else's file, or one of this site
                        if folder.name:
                            (self.out / folder).rmdir()
            self._mark(self._new, source)

    def _mark(self, made: Mapping[str, Made], source: str = "") -> None:
        lines = ["\t".join([name, file.content, file.key]).rstrip("\t") for name, file in sorted(made.items())]
        said = [_FROM + source] if source else []  # not while a site is being written
        content = "\n".join([_NOTE, *said, *lines]).encode() + b"\n"
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


def _source_of(marker: Path) -> str:
    lines = marker.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.removeprefix(_FROM) for line in lines if line.startswith(_FROM)), "")


def _listed(marker: Path) -> Iterator[tuple[str, Made]]:
    for line in marker.read_text(encoding="utf-8", errors="replace").splitlines():
        path, content, key, *_ = [*line.split("\t"), "", ""]
        name = PurePosixPath(path)
        # A marker someone edited must not make us remove files elsewhere.
        if path and not path.startswith("#") and not name.is_absolute() and ".." not in name.parts:
            yield path, Made(content, key)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def _digest_of(path: Path) -> str | None:
    try:
        return _digest(path.read_bytes()) if path.is_file() else None  # a pipe would be waited for
    except OSError:
        return None


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _replace(path: Path, content: bytes) -> None:
    with put_in_place(path) as part:  # never a half-written page, whatever interrupts us
        part.write_bytes(content)
