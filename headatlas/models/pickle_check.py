"""Whether a file is what `torch.save` writes: PyTorch unpacks it, and makes the objects in it, without any bounds."""

from __future__ import annotations

import io
import pickletools
import zipfile
from pathlib import Path

from headatlas.errors import ModelError
from headatlas.files.given import shown

# Bytes of the objects that say what tensors there are, of which each takes some hundred.
MOST_OBJECTS = 2**22
# The pickles that a file of PyTorch before version 1.6 begins with, the numbers behind them.
_PICKLES = 5
_ZIP = b"PK\x03\x04"


def check_pickled(path: Path) -> None:
    """Looks at the form of a file of weights that `torch.load` will read.

    Raises:
        ModelError: it is packed, or holds more objects than tensors take.
    """
    with path.open("rb") as file:
        begin = file.read(MOST_OBJECTS)
        is_longer = bool(file.read(1))
    reason = _of_archive(path) if begin.startswith(_ZIP) else _of_pickles(begin) if is_longer else ""
    if reason:
        raise ModelError(f"{shown(path)} is no file that `torch.save` writes: {reason}. Fetch it again.")


def _of_archive(path: Path) -> str:
    """What is wrong with a file of today's format; empty where nothing is."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return "it is damaged"
    most = path.stat().st_size
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or sum(e.file_size for e in entries) > most:
        return "it is packed"
    n_bytes = max((entry.file_size for entry in entries if entry.filename.endswith(".pkl")), default=0)
    return "" if n_bytes <= MOST_OBJECTS else f"what describes its tensors has {n_bytes / 1e6:,.0f} MB"


def _of_pickles(begin: bytes) -> str:
    """The same for a file of the format before, by how it begins."""
    pickles = io.BytesIO(begin)
    try:
        for _ in range(_PICKLES):
            for _ in pickletools.genops(pickles):
                pass
    except Exception:  # whatever bytes that are no pickle are taken for
        return f"it does not begin with at most {MOST_OBJECTS / 1e6:,.0f} MB of objects"
    return ""
