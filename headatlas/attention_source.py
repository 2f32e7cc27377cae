"""Where attention comes from, as the scanner sees it: a model's hooks, or arrays recorded elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from headatlas import certificate as certificates
from headatlas.attention import AttentionModule, OnAttention, find_modules, run
from headatlas.certificate import Certificate
from headatlas.inputs import Inputs
from headatlas.models import Model
from headatlas.probes import ProbeText


class AttentionSource(Protocol):
    """What gives the scanner attention, pass by pass."""

    @property
    def device(self) -> str:
        """Where the attention tensors are."""
        ...

    def certify(self, text: ProbeText) -> Certificate:
        """Which modules there are, and whether their rows are attention, on a few sequences of a probe."""
        ...

    def run(
        self,
        inputs: Inputs,
        modules: Sequence[AttentionModule],
        on_attention: OnAttention,
        on_values: OnAttention | None = None,
    ) -> None:
        """Hands over the attention of every module, [batch, head, query, key], for one batch of sequences."""
        ...


class HookedModel:
    """A model's attention, through TransformerLens' hooks."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def device(self) -> str:
        """Where the model's inputs go."""
        return self.model.info.device

    def certify(self, text: ProbeText) -> Certificate:
        """Compares the hooks' attention with Hugging Face's own; see `certificate.certify`."""
        sequences = certificates.choose_sequences(text.sequences)
        plain = self.model.hf_model
        # Before the first use of `bridge`, which replaces the plain model's modules.
        reference = (
            "not compared: the model was given as a bridge, and its plain form is gone"
            if plain is None
            else certificates.reference_attention(plain, sequences, self.model.kinds, self.device)
        )
        bridge = self.model.bridge
        return certificates.certify(
            bridge, find_modules(bridge), sequences, reference, probe=text.probe.name, device=self.device
        )

    def run(
        self,
        inputs: Inputs,
        modules: Sequence[AttentionModule],
        on_attention: OnAttention,
        on_values: OnAttention | None = None,
    ) -> None:
        """One forward pass; see `attention.run`."""
        run(
            self.model.bridge, inputs, modules, on_attention,
            device=self.device, masked=not all(inputs.causal.values()), on_values=on_values,
        )  # fmt: skip
