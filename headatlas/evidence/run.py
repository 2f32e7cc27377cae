"""Gathers the evidence about a scan's heads, part by part, and stores it; goes on where it was cut off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.attention.diffusion import DrawingModel
from headatlas.errors import HeadatlasError, ModelError
from headatlas.evidence import drawn, pair_run
from headatlas.evidence.probe_passes import SCREENING_FRACTION, SCREENING_MINIMUM
from headatlas.evidence.probe_run import SECOND_STAGE_FRACTION
from headatlas.evidence.removing import screen
from headatlas.evidence.removing.metrics import default_probes, metric_of
from headatlas.evidence.store import EvidenceStore, check_weights
from headatlas.evidence.text_run import LONGEST, TextRun
from headatlas.evidence.types import COPIED, TYPES, WRITING_TYPES
from headatlas.files.given import exists
from headatlas.models.finding import location_of
from headatlas.models.load import Model, load_model, name_of
from headatlas.models.pipelines import is_pipeline, load_pipeline
from headatlas.probes import PROBES, Probe
from headatlas.scanning.chunk_scorer import CAPTIONS
from headatlas.settings import LoadOptions
from headatlas.store.job import Outcome, Plan, Progress
from headatlas.store.locations import stored_model
from headatlas.store.scans import Store

if TYPE_CHECKING:
    from headatlas.models.load import AnyModel

# Goes up when the same probes and kinds would give other numbers than before.
METHOD_VERSION = 3
SCREEN_VERSION = 4
# Screens that chose other heads, as plans had them: what was measured then is as right as before, and stands.
OLDER_SCREENS: tuple[list[float], ...] = ([3, 65, 1 / 8, 1 / 8, 1 / 10, 1 / 2, 2, 4],)

# Among the settings that are stored with evidence: a digest of the labels that it was gathered for.
LABELS = "labels"


def gather(
    model: AnyModel,
    *,
    db: str | Path,
    name: str | None = None,
    probe_names: Sequence[str] = (),
    load: LoadOptions = LoadOptions(),
    force: bool = False,
    exact: bool = False,
    generate: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Adds evidence to the finished scan of a model: from its weights, and from ablations on `probe_names`.

    The model is the one that was scanned (the digest of its weights is compared) and runs in float32 on one device.
    Heads that a screen lets go are not removed, and what they do is estimated; with `exact` every head is removed.
    With `generate` a decoder of text also writes, what its heads copy meanwhile is counted, and what they carry from
    examples of a task to its answer is measured.
    Evidence that is there is left alone unless `force` is given, and replaced only when the new one is complete; the
    outcome says if labels have changed since, which decide what heads are removed in any case, together and as readers.
    `progress` is called with work done and work in all. `probe_names` default to `default_probes()`, with those of
    pictures within text where the scan read them; of an encoder-decoder to the probes of pairs of texts.

    Raises:
        HeadatlasError: there is no such scan, it is of other weights, or its evidence was made with other settings.
    """
    if isinstance(model, str | Path):
        model, name, load = resolved(str(model), name, load, db)
    name = name or name_of(model)
    if not exists(db):
        raise HeadatlasError(f"There is no database {db}. Make one with `headatlas scan {name} --evidence --db {db}`.")
    with Store(db) as store:
        scan = store.finished(name)
        if scan is None:
            raise HeadatlasError(
                f"{store.path} holds no finished scan of '{name}' to add evidence to. "
                "Run `headatlas scan` first, or `headatlas scan --evidence` for both."
            )
        asked = _asked(store, scan, probe_names, is_pipeline(model), exact=exact, generate=generate)
        kept = EvidenceStore(store, scan["id"])
        finished = kept.jobs.done(scan["id"])
        if finished is not None and not force:
            return _left_alone(name, finished, kept, asked)
        with store.open_to_others():
            loaded = _loaded(model, name, load, asked)
        _check_has_causes(loaded, name, asked)
        check_weights(model, loaded.info, scan, store)
        plan, stored = _plan(asked.settings), asked.settings
        if not asked.draws:
            # No part of the plan: new labels make no number wrong, and what the old ones decided stands until --force.
            stored = stored | {LABELS: kept.labels_digest(asked.names)}
        number, resumed = kept.jobs.take_up(scan["id"], plan, lambda: kept.begin(plan, stored, asked.probes))
        _run(kept, number, loaded, asked, int(scan["seed"])).gather(progress)
    return Outcome(name, ran=True, resumed=resumed)


@dataclass(frozen=True)
class _Asked:
    """What evidence is asked for.

    `draws`: the model draws pictures; `of_pairs`: it is an encoder-decoder; `named`: the probes were named by the user;
    `settings` decide the numbers, and evidence of a plan in `standing` need not be gathered again.
    """

    draws: bool
    of_pairs: bool
    exact: bool
    generate: bool
    named: bool
    probes: list[Probe]
    settings: dict[str, object]
    standing: frozenset[str]

    @property
    def names(self) -> list[str]:
        """Names of the probes."""
        return [probe.name for probe in self.probes]

    @property
    def within_text(self) -> list[str]:
        """Names of the probes whose pictures stand within text."""
        return [probe.name for probe in self.probes if probe.medium == CAPTIONS]


def _asked(
    store: Store, scan: Mapping[str, Any], probe_names: Sequence[str], draws: bool, *, exact: bool, generate: bool
) -> _Asked:
    """What is asked for about a scan, from what the scan read.

    Raises:
        UnknownNameError: there is no such probe.
        HeadatlasError: it is asked for what such a model does not do.
    """
    # Of an encoder-decoder the loss of the target is scored, where texts have one.
    of_pairs = any(row["attention"] == "decoder" for row in store.layers(scan["id"])) and not draws
    if generate and (draws or of_pairs):
        raise HeadatlasError("Only decoders of text write here; leave out --generate for this model.")
    reads_pictures = any(
        (probe := PROBES.get(read)) is not None and probe.medium == CAPTIONS for read in store.probes(scan["id"])
    )
    probes = _chosen(probe_names, draws, of_pairs, ("text", CAPTIONS) if reads_pictures else ("text",))
    whole = drawn.settings(probes) if draws else _settings(probes)
    whole["seed"] = scan["seed"]
    settings, standing = _with_options(whole, screened=not exact and not draws, generate=generate)
    return _Asked(draws, of_pairs, exact, generate, bool(probe_names), probes, settings, standing)


def _with_options(
    whole: dict[str, object], *, screened: bool, generate: bool
) -> tuple[dict[str, object], frozenset[str]]:
    """Settings with those of the screen and of writing, and the plans whose evidence is as good; `whole` has neither.

    Where every head is removed the plan is that of versions which did nothing else: their evidence stands.
    """
    settings, older = dict(whole), []
    if screened:
        settings["screen"] = [
            SCREEN_VERSION, screen.MIN_HEADS, screen.FIRST_ORDER_FRACTION, screen.CARRIED_FRACTION,
            screen.RANDOM_FRACTION, screen.MOVING_FRACTION, screen.CARRIED_BLOCKS, screen.CARRIED_BLOCKS_EARLY,
        ]  # fmt: skip
        older = [settings | {"screen": made} for made in OLDER_SCREENS]
    writing: dict[str, object] = {"writing": [(type_.name, type_.version) for type_ in WRITING_TYPES.values()]}
    # Of versions that counted copies alone.
    copying: dict[str, object] = {"writing": WRITING_TYPES[COPIED].version}
    if generate:
        settings |= writing
    # What is measured need not be estimated, and what was seen while the model wrote may stand besides.
    besides: tuple[dict[str, object], ...] = (writing,) if generate else ({}, writing, copying)
    return settings, frozenset(_plan(made | more).digest for made in (settings, whole, *older) for more in besides)


def _left_alone(name: str, finished: Mapping[str, Any], kept: EvidenceStore, asked: _Asked) -> Outcome:
    """The outcome where evidence is there; says if labels have changed since.

    Raises:
        HeadatlasError: it was made with other settings.
    """
    if finished["plan"] not in asked.standing:
        raise HeadatlasError(
            f"{kept.store.path} holds evidence about '{name}' made with other settings or another version. "
            "Use --force to gather it again."
        )
    before = json.loads(finished["settings"] or "{}").get(LABELS)
    relabelled = before not in (None, kept.labels_digest(asked.names))
    return Outcome(name, ran=False, resumed=False, relabelled=relabelled)


def _loaded(model: AnyModel, name: str, load: LoadOptions, asked: _Asked) -> Model | DrawingModel:
    # On one device: what a block gives is held and put into later blocks.
    load = replace(load, dtype="float32", device_map=None, n_devices=None)
    if asked.draws:
        return DrawingModel(load_pipeline(model, load, name_as=name))  # type: ignore[arg-type]
    return load_model(model, load, name_as=name)


def _check_has_causes(loaded: Model | DrawingModel, name: str, asked: _Asked) -> None:
    """Heads can be removed from such a model, and it reads what the probes have.

    Raises:
        ModelError: they cannot, or it does not.
    """
    model = loaded if isinstance(loaded, Model) else None
    if model is not None and "speech" in model.media:
        raise ModelError(
            f"'{name}' writes down speech, and heads are not removed from such models: its attention is scored and "
            "labelled, and there is no evidence of causes."
        )
    if model is not None and model.captions is not None and model.captions.crossed:
        raise ModelError(
            f"'{name}' looks at pictures by cross-attention, and heads are not removed from such models: its "
            "attention is scored and labelled, and there is no evidence of causes."
        )
    if asked.within_text and (model is None or model.captions is None):
        probes = ", ".join(asked.within_text)
        raise ModelError(
            f"'{name}' reads no pictures within text here, so that heads are not taken out on {probes}. "
            "Name probes of text (--probe), or give the folder that has the model's processor."
        )


def _run(
    kept: EvidenceStore, number: int, loaded: Model | DrawingModel, asked: _Asked, seed: int
) -> TextRun | drawn.DrawnRun | pair_run.PairRun:
    """What gathers the evidence that a model of this kind can have."""
    if isinstance(loaded, DrawingModel):
        return drawn.DrawnRun(kept, number, loaded, asked.probes, seed)
    if asked.of_pairs and loaded.decoder_start:
        return pair_run.PairRun(kept, number, loaded, asked.probes, seed, named=asked.named)
    run = TextRun(kept, number, loaded, asked.probes, seed, screened=not asked.exact, generate=asked.generate)
    if loaded.captions is not None and not asked.within_text:
        run.notes.append("heads were taken out on text alone: what they do with pictures was not tested")
    return run


def _chosen(names: Sequence[str], draws: bool, of_pairs: bool, media: Sequence[str]) -> list[Probe]:
    """The probes of these names, or those on which evidence is gathered where none are named: those of some media.

    Raises:
        UnknownNameError: there is no such probe.
        HeadatlasError: it says nothing of regions, and the model draws pictures.
    """
    chosen = [PROBES[name] for name in names]
    if not draws:
        return chosen or (pair_run.pair_probes() if of_pairs else default_probes(media))
    regions = drawn.probes_with_regions()
    if unfit := [probe.name for probe in chosen if not probe.regions]:
        raise HeadatlasError(
            f"Heads of a model that draws pictures are not taken out on {', '.join(unfit)}, but on "
            f"{', '.join(probe.name for probe in regions)}, where it is known where each thing is to be."
        )
    return chosen or regions


def _settings(chosen: Sequence[Probe]) -> dict[str, object]:
    """What decides the numbers, the seed and the screen aside."""
    return {
        "method": METHOD_VERSION,
        "kinds": [(type_.name, type_.version) for type_ in TYPES.values()],
        "probes": [(probe.name, probe.version, metric_of(probe).n_tokens) for probe in chosen],
        "longest": LONGEST,
        "first": [SCREENING_FRACTION, SCREENING_MINIMUM, SECOND_STAGE_FRACTION],
    }


def _plan(settings: Mapping[str, object]) -> Plan:
    return Plan(hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest())


def resolved(model: str, name: str | None, load: LoadOptions, db: str | Path) -> tuple[str, str | None, LoadOptions]:
    """What to load for a model or a stored scan, the name of the scan, and how to load it.

    Raises:
        ModelError: the model of a stored scan is not where it was.
    """
    stored = stored_model(db, model) if name in (None, model) else None
    if stored is None:
        return model, name, load
    if location_of(model) is not None:
        return model, stored.model, load
    return stored.to_load(), stored.model, replace(load, revision=load.revision or stored.revision)
