"""The page of a task: which heads of a model it rests on, in one file, without scripts."""

from __future__ import annotations

from collections.abc import Mapping

from headatlas.atlas.build.templating import render
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import plural, words
from headatlas.evidence.tasks.result import TaskHead, TaskResult, sentences
from headatlas.patterns import PATTERNS
from headatlas.probes.metrics import LEAD
from headatlas.views.contexts import TaskCell, TaskPage, TaskRow
from headatlas.views.single_page import inline_style

# Share of a bar's width that the largest effect takes.
_ROOM = 0.96


def task_page(result: TaskResult) -> bytes:
    """A task as one HTML file."""
    layers = sorted({head.layer for head in result.heads})
    taken = [head for head in result.ranked if head.effect is not None]
    across = _scale(taken)
    lead = result.measure == LEAD
    description = f"{plural(result.n_prompts, 'prompt')}, {plural(len(result.heads), 'head')} of {result.model}."
    return render(
        TaskPage(
            title=f"{words(result.task)}: heads of {result.model}",
            description=f"{result.summary} {description}" if result.summary else description,
            style=inline_style(),
            result=result,
            sentences=list(sentences(result)),
            unit="logits" if lead else "nats a token",
            measure="the answer's lead over the wrong ones" if lead else "the loss on the answer",
            rows=[_row(head, result, across) for head in taken],
            zero=f"M{across['zero']:.1f} 0v12",
            cells=[_cell(head, layers.index(head.layer), _largest(result)) for head in result.heads],
            layers=layers,
            size=(1 + max(head.head for head in result.heads), len(layers)),
        )
    )


def _scale(heads: list[TaskHead]) -> Mapping[str, float]:
    """Where zero lies, and how many units a unit of effect takes, so that all bars, intervals and marks fit."""
    ends = [0.0]
    for head in heads:
        for value in (head.effect, head.attribution):
            if value is not None:
                ends += [value.value, *(end for end in (value.low, value.high) if end is not None)]
    least, most = min(ends), max(ends)
    per_unit = _ROOM * TaskRow.WIDTH / ((most - least) or 1.0)
    return {"per_unit": per_unit, "zero": (1 - _ROOM) / 2 * TaskRow.WIDTH - least * per_unit}


def _row(head: TaskHead, result: TaskResult, across: Mapping[str, float]) -> TaskRow:
    def at(value: float) -> float:
        return across["zero"] + value * across["per_unit"]

    assert head.effect is not None
    effect, labels = head.effect, result.labels.get(head.key, ())
    interval = ""
    if effect.low is not None and effect.high is not None:
        interval = f"M{at(effect.low):.1f} 6H{at(effect.high):.1f}"
    pattern = PATTERNS.get(labels[0]) if labels else None
    return TaskRow(
        head=head,
        labels=[words(label) for label in labels],
        hue=family_class(pattern.family.value if pattern is not None else "other"),
        bar=f"M{at(0):.1f} 6H{at(effect.value):.1f}",
        interval=interval,
        estimate=f"M{at(head.attribution.value):.1f} 1v10",
        said=f"{head.name}: effect {effect.value:.2f}, estimated {head.attribution.value:.2f}",
    )


def _largest(result: TaskResult) -> float:
    """The largest effect or estimate of any head, which is drawn in full colour."""
    return max((abs(head.best.value) for head in result.heads), default=0.0) or 1.0


def _cell(head: TaskHead, row: int, largest: float) -> TaskCell:
    value = head.best.value
    how = "measured" if head.effect is not None else "estimated"
    return TaskCell(
        x=head.head,
        y=row,
        tone="helps" if value >= 0 else "hinders",
        strength=f"{(abs(value) / largest) ** 0.5:.2f}",
        taken=head.effect is not None,
        title=f"{head.name}: {value:.3f} ({how})",
    )
