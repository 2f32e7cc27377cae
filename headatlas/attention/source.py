"""Where attention comes from, as the scanner sees it: a model's hooks, or arrays recorded elsewhere."""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import torch

from headatlas.attention import blockwise
from headatlas.attention.block_comparison import difference, find_spent
from headatlas.attention.certificate import Certificate, choose_sequences, n_tokens, tolerance
from headatlas.attention.certify import certify
from headatlas.attention.hooks import model_input, real_positions, run
from headatlas.attention.lanes import Lanes
from headatlas.attention.module_outputs import PREFIX, find_module_outputs, run_module_outputs
from headatlas.attention.modules import AttentionModule, find_modules
from headatlas.attention.outputs import HeadOutputs, NoOutputs, find_outputs, on_copy
from headatlas.attention.pieces import MOST_POSITIONS
from headatlas.attention.receiver import AttentionReceiver
from headatlas.attention.reference import Reference, reference_attention
from headatlas.attention.spent import SpentState
from headatlas.attention.windows import claimed_windows
from headatlas.errors import AttentionError, HeadatlasError, ModelError, one_line
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.info import ModelInfo
from headatlas.models.load import Model
from headatlas.models.memory import keep_freed, out_of_memory, sparing
from headatlas.models.threads import ThreadShare
from headatlas.probes import ProbeText

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

# Bytes of one layer's attention on one text, which a pass without blocks holds a few times over.
MOST_WHOLE = 2**30

log = logging.getLogger("headatlas")


@runtime_checkable
class AttentionSource(Protocol):
    """What gives the scanner attention, pass by pass."""

    @property
    def device(self) -> str:
        """Where the attention tensors are."""
        ...

    def certify(self, text: ProbeText) -> Certificate:
        """Which modules there are, and whether their rows are attention, on a few sequences of a probe."""
        ...

    def run(self, inputs: Inputs, modules: Sequence[AttentionModule], receiver: AttentionReceiver) -> None:
        """Hands over the attention of every module for one batch of sequences."""
        ...


class HookedModel:
    """A model's attention, through TransformerLens' hooks or, where these fail, Hugging Face's own modules."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._blocks_agree: bool | None = None
        self._outputs: dict[str, HeadOutputs] | None = None
        self._spent: frozenset[SpentState] | None = None
        keep_freed()

    @property
    def device(self) -> str:
        """Where the model's inputs go."""
        return self.model.info.device

    def certify(self, text: ProbeText) -> Certificate:
        """Compares the hooks' attention with Hugging Face's own; see `certify.certify`.

        Where hooks are missing, silent or wrong, or TransformerLens cannot wrap the model, all of its attention is
        read from the modules of the plain model instead, if they return it.

        Raises:
            ModelError, AttentionError: attention can be read neither way.
        """
        sequences = choose_sequences(text.sequences)
        plain, device, kinds = self.model.hf_model, self.device, self.model.kinds
        reference: Reference | str
        outputs: list[AttentionModule] = []
        held = self.model.bridge.original_model if plain is None else plain
        windows = claimed_windows(getattr(held, "config", None))
        if plain is None:
            reference = "not compared: the model was given as a bridge, and its plain form is gone"
        else:
            # Before the first use of `bridge`, which replaces the plain model's modules.
            reference = reference_attention(plain, sequences, kinds, device)
            outputs = find_module_outputs(plain, Inputs(sequences[-1:], dict.fromkeys(kinds, False)))
        failure: HeadatlasError
        try:
            bridge = self.model.bridge
            hooked = certify(
                partial(run, bridge, device=device),
                find_modules(bridge, kinds[0]),
                sequences,
                reference,
                probe=text.probe.name,
                windows=windows,
            )
            if hooked.passed is not False and len(hooked.modules) >= len(outputs):
                return self._with_outputs(hooked, sequences)
            failure = AttentionError(hooked.warnings[0] if hooked.warnings else "Some layers have no hook.")
        except HeadatlasError as error:
            hooked, failure = None, error
        except Exception as error:  # adapters fail in ways of their own
            if out_of_memory(error):
                raise
            reason = f"TransformerLens wraps {self.model.info.architecture}, but the wrapped model does not run"
            hooked, failure = None, ModelError(f"{reason}: {one_line(error, named=True)}")
        if not outputs:
            if hooked is not None:
                return self._with_outputs(hooked, sequences)
            raise type(failure)(f"{str(failure).rstrip('.')}. Its own modules give no attention either.")
        plain_run = partial(run_module_outputs, self.model.plain_again())
        certificate = certify(plain_run, outputs, sequences, reference, probe=text.probe.name, windows=windows)
        note = f"Attention was read from Hugging Face's own modules, not TransformerLens' hooks. {failure}"
        silent = _not_loud("only TransformerLens' hooks tell heads apart in what they give")
        return replace(certificate, warnings=(note, *certificate.warnings, silent))

    def _with_outputs(self, certificate: Certificate, sequences: Sequence[TokenSequence]) -> Certificate:
        """The certificate with what is found out of the heads' outputs, or a warning that says why nothing is."""
        try:
            self._find_outputs(certificate.modules, sequences)
        except NoOutputs as reason:
            return replace(certificate, warnings=(*certificate.warnings, _not_loud(str(reason))))
        layers = tuple(replace(layer, outputs=layer.scored) for layer in certificate.layers)
        return replace(certificate, layers=layers)

    def _find_outputs(
        self, modules: Sequence[AttentionModule], sequences: Sequence[TokenSequence]
    ) -> dict[str, HeadOutputs]:
        """What reads the norms of heads' outputs, by the hook of their module; found once.

        Raises:
            NoOutputs: they cannot be read.
        """
        if self._outputs is None:
            kinds = dict.fromkeys((module.attention for module in modules), False)
            longest = Inputs([max(choose_sequences(sequences), key=n_tokens)], kinds)
            first, options = model_input(longest, device=self.device, masked=False)
            bridge = self.model.bridge
            self._outputs = find_outputs(bridge, modules, lambda: bridge(first, return_type=None, **options))
        return self._outputs

    def run(self, inputs: Inputs, modules: Sequence[AttentionModule], receiver: AttentionReceiver) -> None:
        """One forward pass; see `blockwise.run`, `hooks.run` and `module_outputs.run_module_outputs`.

        Raises:
            ModelError: value vectors are asked for where there are no hooks.
        """
        masked = not all(inputs.causal.values())
        if modules[0].hook.startswith(PREFIX):
            if receiver.wants_values:
                raise ModelError("This model's values cannot be read; scan it without --value-weighted.")
            _check_whole(inputs, modules, self.model.info)
            run_module_outputs(self.model.plain_again(), inputs, modules, receiver.receive, masked=masked)
            return
        outputs = self._find_outputs(modules, inputs.sequences) if receiver.wants_outputs else None
        if self._in_blocks(modules, inputs):
            is_long = max(map(n_tokens, inputs.sequences)) > MOST_POSITIONS
            spent = self._find_spent(modules, inputs) if is_long else frozenset()
            with sparing() if is_long else nullcontext():
                blockwise.run(
                    self.model.bridge, inputs, modules, receiver, device=self.device, masked=masked, outputs=outputs,
                    spent=spent,
                )  # fmt: skip
        else:
            _check_whole(inputs, modules, self.model.info)
            run(
                self.model.bridge, inputs, modules, receiver.receive, device=self.device, masked=masked,
                on_values=receiver.receive_values if receiver.wants_values else None,
                outputs=outputs, on_outputs=receiver.receive_outputs,
            )  # fmt: skip

    def lanes(
        self, passes: Sequence[Inputs], modules: Sequence[AttentionModule], share: ThreadShare, *, wants_outputs: bool
    ) -> Lanes | None:
        """Copies of the model for passes that run side by side; None where one pass is run after the other.

        Those are passes over anything but plain texts, and over texts so long that one pass alone has to spare memory.
        What is found out on the first texts that are run is found out here, on those of the first pass.
        """
        short = all(
            real_positions(inputs) is not None
            and not any(sequence.given for sequence in inputs.sequences)
            and max(map(n_tokens, inputs.sequences)) <= MOST_POSITIONS
            for inputs in passes
        )
        if not passes or not short or modules[0].hook.startswith(PREFIX):
            return None
        try:
            self._in_blocks(modules, passes[0])
            if wants_outputs:
                self._find_outputs(modules, passes[0].sequences)
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            return None
        z = modules[0].hook.removesuffix("hook_pattern") + "hook_z"
        return Lanes(self.model.bridge, self.device, z, share)

    def on(self, bridge: TransformerBridge) -> HookedModel:
        """The same attention of a copy of the model."""
        other = copy.copy(self)
        other.model = self.model.on(bridge)
        if self._outputs is not None:
            modules = find_modules(bridge, self.model.kinds[0])
            other._outputs = on_copy(self._outputs, bridge, modules)
        return other

    @property
    def _tolerance(self) -> float:
        return tolerance(getattr(torch, self.model.info.dtype))

    def _find_spent(self, modules: Sequence[AttentionModule], inputs: Inputs) -> frozenset[SpentState]:
        """What is given up in passes over long texts; found out on the first that come."""
        if self._spent is None:
            few = Inputs(choose_sequences(inputs.sequences)[:2], inputs.causal)
            self._spent = find_spent(self.model.bridge, few, modules, device=self.device, tolerance=self._tolerance)
        return self._spent

    def _in_blocks(self, modules: Sequence[AttentionModule], inputs: Inputs) -> bool:
        """Whether attention computed in blocks is what the hooks give; measured on the first texts that are run."""
        if any(sequence.given for sequence in inputs.sequences):
            return False  # the encoder of images within would be computed so too
        if self._blocks_agree is None:
            few = Inputs(choose_sequences(inputs.sequences)[:2], inputs.causal)
            apart = difference(self.model.bridge, few, modules, device=self.device)
            self._blocks_agree = apart is not None and apart <= self._tolerance
            log.debug("Attention in blocks differs from the hooks' by %s.", apart)
        return self._blocks_agree


def _check_whole(inputs: Inputs, modules: Sequence[AttentionModule], info: ModelInfo) -> None:
    """Raises ModelError where a layer's attention, whole where it does not come in blocks, would take gigabytes."""
    _, n_queries, n_keys = max(
        (inputs.batch(kind).shape for kind in {module.attention for module in modules}), key=math.prod
    )
    n_bytes = 4 * info.n_heads * n_queries * n_keys
    if n_bytes > MOST_WHOLE:
        window = math.isqrt(MOST_WHOLE // (4 * info.n_heads))
        raise ModelError(
            f"A layer's attention on {n_queries:,} tokens takes {n_bytes / 1e9:.1f} GB, and of {info.architecture} it "
            f"cannot be computed in blocks. Give texts of at most {window:,} tokens (--window {window})."
        )


def _not_loud(reason: str) -> str:
    return f"How loud heads are was not measured: {reason}."
