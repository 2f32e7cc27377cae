"""How tests draw what they make up: the same examples in each run of the suite, new ones under `make fuzz`.

A fault that has long been there would otherwise turn red whichever run happens to draw it. `make fuzz` sets
`HEADATLAS_FUZZ_EXAMPLES`, how many examples each of its tests draws, and keeps those that fail in `.hypothesis`.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

N_EXAMPLES = os.environ.get("HEADATLAS_FUZZ_EXAMPLES")


def install() -> None:
    """Makes these the settings of every test that draws; commands take longer than hypothesis expects of a test."""
    settings.register_profile(
        "headatlas", deadline=None, derandomize=N_EXAMPLES is None, suppress_health_check=list(HealthCheck)
    )
    settings.load_profile("headatlas")


def examples(usual: int) -> settings:
    """Settings of a test that tries `usual` examples in the suite, and as many as one likes under `make fuzz`."""
    return settings(max_examples=int(N_EXAMPLES or usual))
