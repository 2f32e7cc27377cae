"""What the server of commands imports before it is asked for any: nearly all that a scan of a tiny model takes."""

from __future__ import annotations

import gc

# As in tests/conftest.py: imports make many objects and next to no garbage.
gc.disable()

import headatlas.cli.main  # noqa: E402
import headatlas.scanning.scanner  # noqa: E402, F401
import tests.tiny_models  # noqa: E402
import tests.warm  # noqa: E402, F401
from headatlas.store.writable import empty_database  # noqa: E402

empty_database()

gc.freeze()
gc.enable()
