"""The page of a run over its training, as one file."""

from __future__ import annotations

from headatlas.atlas.build.templating import render
from headatlas.atlas.draw.wording import words
from headatlas.atlas.make import curves
from headatlas.catalog.training import Training
from headatlas.views.contexts import TrainingPage
from headatlas.views.single_page import inline_style


def training_page(training: Training) -> bytes:
    """A run over training as one HTML file."""
    return render(
        TrainingPage(
            title=f"{training.run}: {words(training.pattern)} over training",
            description=curves.description(training),
            style=inline_style(),
            **curves.curves(training),
        )
    )
