"""Dual encoders: a tower that reads text and one that reads images, each run by itself, in one scan."""

from __future__ import annotations

from collections.abc import Sequence

from headatlas.attention.certificate import Certificate
from headatlas.attention.modules import AttentionModule
from headatlas.attention.receiver import AttentionReceiver
from headatlas.attention.source import AttentionSource, HookedModel
from headatlas.inputs.forward_batch import Inputs
from headatlas.models.load import Model
from headatlas.probes import ProbeText


def source_of(model: Model) -> AttentionSource:
    """Where a loaded model's attention comes from."""
    return HookedModel(model) if model.towers is None else DualEncoder(*model.towers)


class DualEncoder:
    """The attention of two towers: an `AttentionSource` whose passes are over texts or over images, never over both."""

    def __init__(self, text: Model, vision: Model) -> None:
        self._text, self._vision = HookedModel(text), HookedModel(vision)

    @property
    def device(self) -> str:
        """Where both towers' inputs go."""
        return self._text.device

    def certify(self, text: ProbeText) -> Certificate:
        """The certificate of the tower that reads a probe.

        Raises:
            ModelError, AttentionError: its attention cannot be read.
        """
        tower = self._text if text.sequences[0].signal is None else self._vision
        return tower.certify(text)

    def run(self, inputs: Inputs, modules: Sequence[AttentionModule], receiver: AttentionReceiver) -> None:
        """One pass of the tower that the modules belong to.

        Raises:
            ModelError: value vectors are asked for.
        """
        tower = self._vision if modules[0].attention == "vision" else self._text
        tower.run(inputs, modules, receiver)
