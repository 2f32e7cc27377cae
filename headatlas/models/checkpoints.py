"""Which checkpoints of a training run are meant: folders, or revisions on the hub, in the order of their steps."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from headatlas.errors import ModelError

log = logging.getLogger("headatlas")

# Of a step: more than any training has, and less than a database can hold.
_MOST_DIGITS = 18
_NAME = re.compile(r"(?P<run>.+)@step(?P<step>\d{1,18})")


@dataclass(frozen=True, order=True)
class Checkpoint:
    """A model as it was after `step` steps: what `headatlas.models.load.load_model` takes, and the name of its scan."""

    step: int
    model: str
    revision: str | None
    name: str


def checkpoints(model: str | None, asked: str, name: str | None = None) -> list[Checkpoint]:
    """The checkpoints that a user means, lowest step first, each named RUN@step512.

    Where `model` is a name on the hub, `asked` holds steps ("0,512": the revisions step0 and step512, as Pythia has
    them) or revisions that end in a step ("checkpoint-400"). Where it is a folder, steps or "all" choose among its
    subfolders. Without `model`, `asked` is such a folder, or several folders of one checkpoint each. `name` is the
    run's; otherwise it is `model`, or the folder that the checkpoints lie in.

    Raises:
        ModelError: a folder is not there or holds no checkpoint, a name tells no step, or two tell the same.
    """
    wanted = [name.strip() for name in asked.split(",") if name.strip()]
    if not wanted:
        raise ModelError("No checkpoint is named. Give steps (0,512,1000), revisions or folders, with commas between.")
    named: Sequence[tuple[int, str, str | None]]
    if model is None:
        named, run = _of_folders([Path(folder).expanduser() for folder in wanted])
    elif Path(model).expanduser().is_dir():
        named, run = _chosen(Path(model).expanduser(), wanted), _folder_name(Path(model).expanduser())
    else:
        named = [
            (_step(revision), model, f"step{revision}" if revision.isdecimal() else revision) for revision in wanted
        ]
        run = model
    run = name or run
    if not run:
        raise ModelError("The checkpoints lie in different folders, so the run has no name. Give one with --as NAME.")
    run_checkpoints = sorted(
        Checkpoint(step, folder, revision, scan_name(run, step)) for step, folder, revision in named
    )
    for first, second in pairwise(run_checkpoints):
        if first.step == second.step:
            both = " and ".join(checkpoint.revision or checkpoint.model for checkpoint in (first, second))
            raise ModelError(f"Two checkpoints are of step {first.step}: {both}. Leave one of them out.")
    return run_checkpoints


def scan_name(run: str, step: int) -> str:
    """`scan_name("pythia-70m", 512)` is "pythia-70m@step512"."""
    return f"{run}@step{step}"


def run_and_step(name: str) -> tuple[str, int] | None:
    """`run_and_step("pythia-70m@step512")` is ("pythia-70m", 512); None for a scan that is no checkpoint's."""
    match = _NAME.fullmatch(name)
    return (match["run"], int(match["step"])) if match else None


def _step(name: str) -> int:
    """The last number in a name: 500 of "checkpoint-500".

    Raises:
        ModelError: there is none.
    """
    step = _step_or_none(name)
    if step is None:
        raise ModelError(f"'{name}' tells no step: a checkpoint's name ends in one, as step-100 or checkpoint-500 do.")
    return step


def _step_or_none(name: str) -> int | None:
    numbers = re.findall(r"\d+", name)
    return int(numbers[-1]) if numbers and len(numbers[-1]) <= _MOST_DIGITS else None


def _of_folders(folders: Sequence[Path]) -> tuple[list[tuple[int, str, None]], str]:
    """Each a checkpoint; or a single one that holds them all."""
    for folder in folders:
        if not folder.is_dir():
            hint = " Steps need a MODEL that they are steps of." if str(folder).isdecimal() else ""
            raise ModelError(f"There is no folder {folder} with a checkpoint.{hint}")
    if len(folders) == 1 and not (folders[0] / "config.json").is_file():
        return _inside(folders[0]), _folder_name(folders[0])
    for folder in folders:
        if not (folder / "config.json").is_file():
            raise ModelError(
                f"The folder {folder} is no checkpoint: it has no config.json, which `save_pretrained` wrote."
            )
    parents = {_folder_name(folder.resolve().parent) for folder in folders}
    return [(_step(folder.resolve().name), str(folder), None) for folder in folders], (
        parents.pop() if len(parents) == 1 else ""
    )


def _inside(folder: Path) -> list[tuple[int, str, None]]:
    """All checkpoints in a folder; a model whose name tells no step (a "best" beside them) is left out with a warning.

    Raises:
        ModelError: there is none.
    """
    inside: list[tuple[int, str, None]] = []
    for path in sorted(folder.iterdir()):
        if not (path / "config.json").is_file():
            continue
        step = _step_or_none(path.name)
        if step is None:
            log.warning("%s is left out: its name tells no step.", path)
        else:
            inside.append((step, str(path), None))
    if not inside:
        raise ModelError(
            f"The folder {folder} holds no checkpoints. They are subfolders that `save_pretrained` wrote, "
            "with the step in their names: step-0, step-100."
        )
    return inside


def _chosen(folder: Path, wanted: Sequence[str]) -> list[tuple[int, str, None]]:
    """Those of the wanted steps.

    Raises:
        ModelError: one of them is not there.
    """
    inside = _inside(folder)
    if list(wanted) == ["all"]:
        return inside
    steps = [_step(name) for name in wanted]
    known = sorted(step for step, _, _ in inside)
    missing = [step for step in steps if step not in known]
    if missing:
        shown = ", ".join(map(str, known[:12])) + (", ..." if len(known) > 12 else "")
        raise ModelError(f"The folder {folder} has no checkpoint of step {missing[0]}. It has {shown}.")
    return [checkpoint for checkpoint in inside if checkpoint[0] in steps]


def _folder_name(folder: Path) -> str:
    return folder.resolve().name
