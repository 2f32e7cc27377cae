"""Where attention comes from, as the scanner sees it: a model's hooks, or arrays recorded elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import torch

from headatlas.attention import blockwise
from headatlas.attention import certificate as certificates
from headatlas.attention.certificate import Certificate
from headatlas.attention.hooks import run
from headatlas.attention.module_outputs import PREFIX, find_taps, run_tapped
from headatlas.attention.modules import AttentionModule, find_modules
from headatlas.attention.receiver import Taker
from headatlas.errors import AttentionError, HeadatlasError, ModelError
from headatlas.inputs.forward_batch import Inputs
from headatlas.models.load import Model
from headatlas.models.memory import keep_freed, out_of_memory
from headatlas.models.source import short
from headatlas.probes import ProbeText

log = logging.getLogger("headatlas")


class AttentionSource(Protocol):
    """What gives the scanner attention, pass by pass."""

    @property
    def device(self) -> str:
        """Where the attention tensors are."""
        ...

    def certify(self, text: ProbeText) -> Certificate:
        """Which modules there are, and whether their rows are attention, on a few sequences of a probe."""
        ...

    def run(self, inputs: Inputs, modules: Sequence[AttentionModule], taker: Taker) -> None:
        """Hands over the attention of every module for one batch of sequences."""
        ...


class HookedModel:
    """A model's attention, through TransformerLens' hooks or, where these fail, Hugging Face's own modules."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._blocks_agree: bool | None = None
        keep_freed()

    @property
    def device(self) -> str:
        """Where the model's inputs go."""
        return self.model.info.device

    def certify(self, text: ProbeText) -> Certificate:
        """Compares the hooks' attention with Hugging Face's own; see `certificate.certify`.

        Where hooks are missing, silent or wrong, or TransformerLens cannot wrap the model, all of its attention is
        read from the modules of the plain model instead, if they return it.

        Raises:
            ModelError, AttentionError: attention cannot be had either way.
        """
        sequences = certificates.choose_sequences(text.sequences)
        plain, device, kinds = self.model.hf_model, self.device, self.model.kinds
        reference: certificates.Reference | str
        taps: list[AttentionModule] = []
        if plain is None:
            reference = "not compared: the model was given as a bridge, and its plain form is gone"
        else:
            # Before the first use of `bridge`, which replaces the plain model's modules.
            reference = certificates.reference_attention(plain, sequences, kinds, device)
            taps = find_taps(plain, Inputs(sequences[-1:], dict.fromkeys(kinds, False)))
        failure: HeadatlasError
        try:
            bridge = self.model.bridge
            hooked = certificates.certify(
                partial(run, bridge, device=device),
                find_modules(bridge, kinds[0]),
                sequences,
                reference,
                probe=text.probe.name,
            )
            if hooked.passed is not False and len(hooked.modules) >= len(taps):
                return hooked
            failure = AttentionError(hooked.warnings[0] if hooked.warnings else "Some layers have no hook.")
        except HeadatlasError as error:
            hooked, failure = None, error
        except Exception as error:  # adapters stumble over whatever they did not expect
            if out_of_memory(error):
                raise
            reason = f"TransformerLens wraps {self.model.info.architecture}, but the wrapped model does not run"
            hooked, failure = None, ModelError(f"{reason}: {short(error)}")
        if not taps:
            if hooked is not None:
                return hooked
            raise failure
        tapped = certificates.certify(
            partial(run_tapped, self.model.plain_again()), taps, sequences, reference, probe=text.probe.name
        )
        note = f"Attention was read from Hugging Face's own modules, not TransformerLens' hooks. {failure}"
        return replace(tapped, warnings=(note, *tapped.warnings))

    def run(self, inputs: Inputs, modules: Sequence[AttentionModule], taker: Taker) -> None:
        """One forward pass; see `blockwise.run`, `attention.run` and `taps.run_tapped`.

        Raises:
            ModelError: value vectors are asked for where there are no hooks.
        """
        masked = not all(inputs.causal.values())
        if modules[0].hook.startswith(PREFIX):
            if taker.wants_values:
                raise ModelError("This model's values cannot be read; scan it without --value-weighted.")
            run_tapped(self.model.plain_again(), inputs, modules, taker.take, masked=masked)
        elif self._in_blocks(modules, inputs):
            blockwise.run(self.model.bridge, inputs, modules, taker, device=self.device, masked=masked)
        else:
            run(
                self.model.bridge, inputs, modules, taker.take, device=self.device, masked=masked,
                on_values=taker.take_values if taker.wants_values else None,
            )  # fmt: skip

    def _in_blocks(self, modules: Sequence[AttentionModule], inputs: Inputs) -> bool:
        """Whether attention computed in blocks is what the hooks give; found out on the first texts that are run."""
        if self._blocks_agree is None:
            few = Inputs(certificates.choose_sequences(inputs.sequences)[:2], inputs.causal)
            difference = blockwise.difference(self.model.bridge, few, modules, device=self.device)
            tolerance = certificates.tolerance(getattr(torch, self.model.info.dtype))
            self._blocks_agree = difference is not None and difference <= tolerance
            log.debug("Attention in blocks differs from the hooks' by %s.", difference)
        return self._blocks_agree
