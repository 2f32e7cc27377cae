"""What a whole scan costs with the newest kinds of heads, and without: `python -m benchmarks.kinds` prints a table.

Whole processes, one after the other, each on one thread, in seconds of processor time, which other work on the machine
changes less than the clock's:

before      the probes and patterns there were before these kinds,
patterns    the same probes, scored for every pattern,
all         every probe of the standard set and every pattern, as `headatlas scan` does,
quick       the quick set.

With --layers 3 of the model's first three layers alone, which takes a minute; what is done once a text, whatever the
number of layers, then weighs more.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

MODEL = "smollm2-135m"
# Probes that came with the kinds of 2024 to 2026; the patterns that are tested there came with them.
NEW_PROBES = (
    "bindings", "contradicted_facts", "filtered_lists", "injected_instructions", "known_phrases", "multiple_choice",
    "several_documents", "word_triplets", "wrapped_lines",
)  # fmt: skip
# Rules that are no kind of heads, and explain scores; these came with them, too.
NEW_RIVALS = ("above_in_column", "after_pronoun", "latest_short_word", "longest_unsaid", "sentence_starts")


def without_new_patterns() -> None:
    """Forgets the patterns that came with the new probes, in this process."""
    from headatlas.patterns import PATTERNS, RIVALS

    for name in [pattern.name for pattern in PATTERNS if pattern.probe in NEW_PROBES]:
        PATTERNS.remove(name)
    for name in set(NEW_RIVALS) & set(RIVALS.names()):
        RIVALS.remove(name)


def old_probes() -> list[str]:
    """Options of `scan` that name the probes of the standard set but for the new ones."""
    from headatlas.probes import PROBES

    names = [probe.name for probe in PROBES if "standard" in probe.sets and probe.name not in NEW_PROBES]
    return [word for name in names for word in ("--probe", name)]


WAYS: dict[str, tuple[Callable[[], None], Callable[[], list[str]]]] = {
    "before": (without_new_patterns, old_probes),
    "patterns": (lambda: None, old_probes),
    "all": (lambda: None, list),
    "quick": (lambda: None, lambda: ["--set", "quick"]),
}


def scan(way: str, model: str, db: str) -> None:
    """Scans in this process, with as much as a way has."""
    from headatlas.cli.main import main

    change, options = WAYS[way]
    change()
    main(["scan", model, "--db", db, "--as", way, "--quiet", *options()])


def cut(model: str, n_layers: int, folder: Path) -> str:
    """A folder with the model's first layers."""
    from headatlas.models.load import load_model

    loaded = load_model(model)
    first = loaded.hf_model
    assert first is not None
    assert loaded.tokenizer is not None
    first.model.layers = first.model.layers[:n_layers]
    first.config.num_hidden_layers = n_layers
    first.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
    return str(folder)


def measure(way: str, model: str, folder: str) -> float:
    """Seconds of processor time of a scan in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "benchmarks.kinds", "--way", way, "--model", model, "--db", str(Path(folder, way))],
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--layers", type=int, help="the model's first so many alone")
    parser.add_argument("--runs", type=int, default=1, help="of each way, in alternation; the least is printed")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--db", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        scan(given.way, given.model, given.db)
        return
    seconds: dict[str, list[float]] = {way: [] for way in given.ways}
    print("| scan | processor time | to the first |\n| --- | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        model = cut(given.model, given.layers, Path(folder, "model")) if given.layers else given.model
        for number in range(given.runs):
            for way in given.ways:
                own = Path(folder, f"{way} {number}")
                own.mkdir()
                seconds[way].append(measure(way, model, str(own)))
    first = min(seconds[given.ways[0]])
    for way, times in seconds.items():
        print(f"| {way} | {min(times):.1f} s | {min(times) / first:.3f} |", flush=True)


if __name__ == "__main__":
    main()
