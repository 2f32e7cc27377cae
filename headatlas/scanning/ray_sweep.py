"""A sweep on Ray: workers hold the models and compute chunks, this process alone writes into the database."""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from headatlas.attention.certificate import Certificate
from headatlas.errors import DatabaseError, HeadatlasError
from headatlas.models.load import weights_digest
from headatlas.patterns.lookup import scored_patterns
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.ray_worker import Answer, Computed, Prepared, Worker
from headatlas.scanning.stored_scan import StoredScan, is_finished
from headatlas.scanning.sweep import Listed, Result, SweepProgress, sentence
from headatlas.scoring.tally import unpack_tallies
from headatlas.settings import LoadOptions
from headatlas.store.scans import Store

# How often the same piece of work may cost a worker its life.
ATTEMPTS = 3
# Seconds after which the driver looks up from waiting, so that Ctrl-C is heard.
PATIENCE = 0.5


@dataclass
class _Model:
    """A model at work: what of it is still to be given out, and what is with workers."""

    listed: Listed
    scan: StoredScan | None = None
    left: deque[int] = field(default_factory=deque)
    layers: Any = None
    started: float = field(default_factory=time.perf_counter)
    n_at_work: int = 0
    lost: dict[str, int] = field(default_factory=dict)


class _Slot:
    """Room for a worker; another one is started where it is lost."""

    def __init__(self, settings: ScanSettings, load: LoadOptions, **resources: float) -> None:
        self._make = partial(ray.remote(**resources)(Worker).remote, settings, load)
        self.holds: Listed | None = None
        self.worker = self._make()

    def renew(self) -> None:
        """Starts another worker."""
        ray.kill(self.worker)  # it may be out of reach and alive
        self.worker = self._make()
        self.holds = None


class RaySweep:
    """Gives work to whatever worker is free: models not begun yet first, then chunks, of the model it holds if it can.

    One thread, one connection to the database.
    """

    def __init__(
        self, models: Sequence[Listed], store: Store, settings: ScanSettings, load: LoadOptions, n_workers: int, *,
        n_cpus: int = 1, n_gpus: int = 0, force: bool = False, command: str = "",
        progress: SweepProgress | None = None,
    ) -> None:  # fmt: skip
        self.slots = [_Slot(settings, load, num_cpus=n_cpus, num_gpus=n_gpus) for _ in range(n_workers)]
        self._idle = deque(self.slots)
        self._waiting = deque(models)
        self._models: list[_Model] = []
        # By the reference of the answer: who works on what.
        self._at_work: dict[Any, tuple[_Slot, _Model, str, int]] = {}
        self._store, self._force, self._command = store, force, command
        self._seed, self._plan = settings.seed, settings.plan(load)
        self._probes = {probe.name: probe for probe in settings.chosen}
        self._progress = progress or (lambda name, done, total: None)

    def run(self) -> Iterator[Result]:
        """Yields what became of each model, as they end.

        Raises:
            DatabaseError: nothing can be written any longer.
        """
        while True:
            yield from self._give_out()
            if not self._at_work:
                return
            for done in ray.wait(list(self._at_work), num_returns=1, timeout=PATIENCE)[0]:
                result = self._take_back(done)
                if result is not None:
                    yield result

    def _give_out(self) -> Iterator[Result]:
        """Work for every idle worker, while there is some."""
        while self._waiting and self._idle:
            listed = self._waiting.popleft()
            try:
                digest = partial(weights_digest, listed.model)
                if is_finished(self._store, listed.name, self._plan, self._force, digest):
                    yield Result(listed.name)
                    continue
            except DatabaseError:
                raise
            except HeadatlasError as error:
                yield Result(listed.name, failure=str(error))
                continue
            model = _Model(listed)
            self._models.append(model)
            self._ask(self._idle.popleft(), model, "prepare")
        for slot in list(self._idle):
            with_work = [model for model in self._models if model.left]
            if not with_work:
                return
            model = max(with_work, key=lambda model: (model.listed == slot.holds, len(model.left)))
            self._idle.remove(slot)
            self._ask(slot, model, "score", model.left.popleft())

    def _ask(self, slot: _Slot, model: _Model, what: str, number: int = -1) -> None:
        details = (model.layers, number) if what == "score" else ()
        slot.holds = model.listed
        model.n_at_work += 1
        self._at_work[getattr(slot.worker, what).remote(model.listed, *details)] = slot, model, what, number

    def _take_back(self, done: Any) -> Result | None:
        """Stores what a worker made, or gives it to another where the worker was lost; a result if that was all."""
        slot, model, what, number = self._at_work.pop(done)
        model.n_at_work -= 1
        self._idle.append(slot)
        try:
            answer = ray.get(done)
        except RayTaskError as error:
            answer = Answer(failure=sentence(error.cause or error))
        except RayError:
            slot.renew()
            if model not in self._models:  # it has failed meanwhile
                return None
            piece = f"{what} {number}"
            model.lost[piece] = model.lost.get(piece, 0) + 1
            if model.lost[piece] == ATTEMPTS:
                return self._fail(model, _lost())
            if what == "score":
                model.left.appendleft(number)
            else:
                self._idle.remove(slot)
                self._ask(slot, model, what)
            return None
        if model not in self._models:
            return None
        if answer.failure is not None:
            return self._fail(model, answer.failure)
        try:
            store = {"prepare": self._prepared, "certify": self._certified, "score": self._scored}[what]
            return store(slot, model, number, answer)
        except DatabaseError:
            raise
        except Exception as error:
            return self._fail(model, sentence(error))

    def _prepared(self, slot: _Slot, model: _Model, number: int, answer: Answer) -> Result | None:
        prepared: Prepared = answer.value
        texts = [
            replace(text, probe=self._probes[name]) for text, name in zip(prepared.texts, prepared.probes, strict=True)
        ]
        model.scan = StoredScan(
            self._store,
            prepared.info,
            texts,
            scored_patterns(),
            plan=self._plan,
            seed=self._seed,
            command=self._command,
        )
        if not model.scan.layers:
            self._idle.remove(slot)
            self._ask(slot, model, "certify")
            return None
        return self._open(model)

    def _certified(self, slot: _Slot, model: _Model, number: int, answer: Answer) -> Result | None:
        assert model.scan is not None
        certificate: Certificate = answer.value
        model.scan.write_certificate(certificate, answer.seconds)
        return self._open(model)

    def _open(self, model: _Model) -> Result | None:
        """The chunks of a model with a certificate can be given out."""
        assert model.scan is not None
        _ = model.scan.layout  # patterns that fail are noted before anything is scored
        model.layers = ray.put(model.scan.layers)
        model.left = deque(model.scan.missing)
        return self._went_on(model)

    def _scored(self, slot: _Slot, model: _Model, number: int, answer: Answer) -> Result | None:
        assert model.scan is not None
        computed: Computed = answer.value
        model.scan.write_chunk(number, unpack_tallies(computed.tallies), computed.heatmaps, answer.seconds)
        return self._went_on(model)

    def _went_on(self, model: _Model) -> Result | None:
        assert model.scan is not None
        self._progress(model.listed.name, model.scan.tokens_done(), model.scan.n_tokens)
        if model.left or model.n_at_work:
            return None
        model.scan.finish()
        self._models.remove(model)
        return Result(model.listed.name, ran=True, seconds=time.perf_counter() - model.started)

    def _fail(self, model: _Model, failure: str) -> Result:
        self._models.remove(model)
        return Result(model.listed.name, seconds=time.perf_counter() - model.started, failure=failure)


def sweep_on_ray(
    models: Sequence[Listed], where: str, *, db: str | Path, settings: ScanSettings = ScanSettings(),
    load: LoadOptions = LoadOptions(), workers: int | None = None, force: bool = False, command: str = "",
    progress: SweepProgress | None = None,
) -> Iterator[Result]:  # fmt: skip
    """Scans models on Ray; `where` is the address of a cluster, or "auto": one that runs here, else this machine.

    There is a worker for each GPU, else for each core, unless `workers` says how many.

    Raises:
        HeadatlasError: there is no such cluster.
        DatabaseError: nothing can be written any longer.
    """
    # A worker may stand in another folder.
    models = [
        replace(listed, model=str(Path(listed.model).resolve())) if Path(listed.model).exists() else listed
        for listed in models
    ]
    with Store(db) as store, _cluster(where) as own:
        store.settle()  # results come for as long as models are scanned
        total = ray.cluster_resources()
        n_gpus = int(total.get("GPU", 0)) if load.device in ("auto", "cuda") else 0
        n_cpus = int(total.get("CPU", 1))
        n_workers = workers or max(1, n_gpus or n_cpus)
        # Of this machine, whose cores are known to be in one place, all are used.
        share = max(1, n_cpus // n_workers) if own else 1
        yield from RaySweep(
            models, store, settings, load, n_workers, n_cpus=share, n_gpus=1 if n_gpus else 0, force=force,
            command=command, progress=progress,
        ).run()  # fmt: skip


@contextmanager
def _cluster(where: str) -> Iterator[bool]:
    """A connection to Ray, left as it was found; whether the cluster was started for this sweep."""
    if ray.is_initialized():
        yield False
        return
    # Nothing of Ray's own on the terminal, and nothing sent to its makers.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    own = False
    if where != "auto" and not _answers(where):  # Ray itself would wait for minutes, deaf to Ctrl-C
        raise HeadatlasError(
            f"There is no Ray cluster at '{where}'. Give an address such as 10.0.0.1:6379, or --ray auto."
        )
    try:
        ray.init(address=where, **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        if where != "auto":
            raise HeadatlasError(f"What answers at '{where}' is no Ray cluster of this version of Ray.") from error
        ray.init(address="local", include_dashboard=False, **quiet)
        own = True
    try:
        yield own
    finally:
        ray.shutdown()


def _answers(address: str) -> bool:
    """Whether something listens at HOST:PORT, with ray:// before it or not."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return False
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
    except (OSError, OverflowError):
        return False
    return True


def _lost() -> str:
    return f"Its worker was lost {ATTEMPTS} times, perhaps for want of memory; the same command goes on from here."
