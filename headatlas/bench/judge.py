"""Sends heads whose truth is known through scoring and labelling, exactly as a scan does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from headatlas.bench.heads import BenchHead, declaration_of, heads_of
from headatlas.bench.report import GivenLabel, JudgedHead, Summary, summarise
from headatlas.bench.source import BENCH, BenchSource
from headatlas.bench.usual import usual_labels
from headatlas.errors import HeadatlasError
from headatlas.models.load import load_model
from headatlas.patterns.lookup import scored_patterns
from headatlas.scanning.options import ScanSettings, digest_of
from headatlas.scanning.scanner import run_scan, texts_for
from headatlas.scanning.stored_scan import StoredScan
from headatlas.store.job import Plan, Progress
from headatlas.store.scans import Store

Heads = str | Path | Sequence[Callable[..., Any] | BenchHead]


@dataclass(frozen=True)
class BenchResult:
    """What the heads were called, and how often that was right.

    `heads` stand in the order in which the file names them. `db` holds them as a scan of the name "bench", where one
    was asked for.
    """

    heads: tuple[JudgedHead, ...]
    summary: Summary
    db: Path | None

    def to_json(self) -> dict[str, Any]:
        """As docs/bench.md describes it: what programs may rely on."""
        return {
            "heads": [
                {
                    "name": head.name,
                    "truth": dict(head.truth),
                    "labels": [asdict(label) for label in head.labels],
                }
                for head in self.heads
            ],
            "summary": asdict(self.summary),
        }


def run(
    heads: Heads,
    *,
    model: str = "smollm2-135m",
    db: str | Path | None = None,
    name: str = BENCH,
    seed: int = 0,
    probe_set: str | None = None,
    progress: Progress | None = None,
) -> BenchResult:
    """Scores and labels heads on the probes as a model's tokenizer cuts them.

    `heads` is the path of a file of functions marked with `@headatlas.bench.heads`, or the functions. Without
    `db` nothing is kept; with it the heads are a scan called `name` that one can browse, in the place of an earlier
    one. `seed` is that of the probes, of the bootstrap and of what the heads draw; `probe_set` the set of probes that
    they are scored on, the standard one where None.

    Raises:
        HeadatlasError: the file declares no heads, or what a head returned is not attention.
        ModelError: the model, of which the tokenizer is needed, cannot be loaded.
    """
    chosen = heads_of(heads) if isinstance(heads, str | Path) else [declaration_of(head) for head in heads]
    if not chosen:
        raise HeadatlasError("There are no heads to judge. Give functions marked with @head(truth=...).")
    loaded = load_model(model)
    settings = ScanSettings(seed=seed, probe_set=probe_set)
    texts = texts_for(loaded, settings)
    source = BenchSource(chosen, texts, loaded.info, seed)
    del loaded
    patterns = scored_patterns()
    deciding = {"seed": seed, "digest": source.info.digest} | ({"full": True} if settings.full else {})
    plan = Plan(digest_of(patterns, [text.probe for text in texts], **deciding))
    info = replace(source.info, name=name)
    with ExitStack() as stack:
        path = Path(db) if db is not None else _temporary(stack)
        with Store(path) as store:
            scan = StoredScan(store, info, texts, patterns, plan=plan, seed=seed, command="headatlas.bench.run(...)")
            run_scan(scan, source, value_weighted=False, progress=progress)
            labels, usual = _labels(store, name), usual_labels(store, name)
    judged = tuple(
        JudgedHead(
            head.name, head.kind, head.rule, head.truth, tuple(labels.get(source.position(number), ())), head.also
        )
        for number, head in enumerate(chosen)
    )
    otherwise = {
        way: [replace(head, labels=named.get(source.position(i), ())) for i, head in enumerate(judged)]
        for way, named in usual.items()
    }
    return BenchResult(judged, summarise(judged, otherwise), None if db is None else path)


def _temporary(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory())) / "bench.db"


def _labels(store: Store, name: str) -> dict[tuple[int, int], list[GivenLabel]]:
    """Labels by layer and head, the primary one first."""
    labels: dict[tuple[int, int], list[GivenLabel]] = {}
    for row in store.db.query(
        """select layer, head, label, confidence, rank, basis, awake, labels.score, control
           from labels join heads on heads.id = head_id
           join scans on scans.id = scan_id where status = 'done' and model = ? order by layer, head, rank""",
        [name],
    ):
        position = row.pop("layer"), row.pop("head")
        labels.setdefault(position, []).append(GivenLabel(**row))
    return labels
