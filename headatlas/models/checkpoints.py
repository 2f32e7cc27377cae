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

_NAME = re.compile(r"(?P<run>.+)@step(?P<step>\d+)")


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
    wanted = [one.strip() for one in asked.split(",") if one.strip()]
    if not wanted:
        raise ModelError("No checkpoint is named. Give steps (0,512,1000), revisions or folders, with commas between.")
    found: Sequence[tuple[int, str, str | None]]
    if model is None:
        found, run = _of_folders([Path(one).expanduser() for one in wanted])
    elif Path(model).expanduser().is_dir():
        found, run = _chosen(Path(model).expanduser(), wanted), _folder_name(Path(model).expanduser())
    else:
        found, run = [(_step(one), model, f"step{one}" if one.isdecimal() else one) for one in wanted], model
    run = name or run
    if not run:
        raise ModelError("The checkpoints lie in different folders, so the run has no name. Give one with --as NAME.")
    made = sorted(Checkpoint(step, place, revision, scan_name(run, step)) for step, place, revision in found)
    for one, other in pairwise(made):
        if one.step == other.step:
            places = " and ".join(each.revision or each.model for each in (one, other))
            raise ModelError(f"Two checkpoints are of step {one.step}: {places}. Leave one of them out.")
    return made


def scan_name(run: str, step: int) -> str:
    """`scan_name("pythia-70m", 512)` is "pythia-70m@step512"."""
    return f"{run}@step{step}"


def run_and_step(name: str) -> tuple[str, int] | None:
    """`run_and_step("pythia-70m@step512")` is ("pythia-70m", 512); None for a scan that is no checkpoint's."""
    found = _NAME.fullmatch(name)
    return (found["run"], int(found["step"])) if found else None


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
    return int(numbers[-1]) if numbers else None


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
    found: list[tuple[int, str, None]] = []
    for one in sorted(folder.iterdir()):
        if not (one / "config.json").is_file():
            continue
        step = _step_or_none(one.name)
        if step is None:
            log.warning("%s is left out: its name tells no step.", one)
        else:
            found.append((step, str(one), None))
    if not found:
        raise ModelError(
            f"The folder {folder} holds no checkpoints. They are subfolders that `save_pretrained` wrote, "
            "with the step in their names: step-0, step-100."
        )
    return found


def _chosen(folder: Path, wanted: Sequence[str]) -> list[tuple[int, str, None]]:
    """Those of the wanted steps.

    Raises:
        ModelError: one of them is not there.
    """
    found = _inside(folder)
    if list(wanted) == ["all"]:
        return found
    steps = [_step(one) for one in wanted]
    missing = [step for step in steps if step not in {one[0] for one in found}]
    if missing:
        known = sorted(one[0] for one in found)
        shown = ", ".join(map(str, known[:12])) + (", ..." if len(known) > 12 else "")
        raise ModelError(f"The folder {folder} has no checkpoint of step {missing[0]}. It has {shown}.")
    return [one for one in found if one[0] in steps]


def _folder_name(folder: Path) -> str:
    return folder.resolve().name
