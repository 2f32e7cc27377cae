"""The correctness certificate: hooked attention against Hugging Face's own, before anything is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.attention.hooks import plain_input
from headatlas.attention.modules import AttentionModule, OnAttention
from headatlas.attention.row_check import RowCheck, check_rows, sum_tolerance
from headatlas.errors import AttentionError
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence

if TYPE_CHECKING:
    from transformers import PreTrainedModel

N_SEQUENCES = 4
# Mass on later positions up to which a module counts as causal.
CAUSAL = 1e-6

# [sequence][kind of attention][layer]; None for a layer that has no attention
Reference = list[dict[str, list[Float[Tensor, "head query key"] | None]]]
# Names under which Hugging Face returns attention.
_RETURNED = {"encoder": "encoder_attentions", "decoder": "decoder_attentions", "cross": "cross_attentions"}


@dataclass(frozen=True)
class LayerReport:
    """One module: heads, causality, and how far its hook was from Hugging Face's attention."""

    module: AttentionModule
    n_heads: int
    causal: bool
    scored: bool
    max_difference: float | None
    rows: RowCheck


@dataclass(frozen=True)
class Certificate:
    """What was compared and what came out. `passed` is None when there was nothing to compare with."""

    passed: bool | None
    compared_with: str
    probe: str
    n_sequences: int
    n_tokens: int
    max_difference: float | None
    tolerance: float
    layers: tuple[LayerReport, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def modules(self) -> list[AttentionModule]:
        """The modules whose heads can be scored."""
        return [layer.module for layer in self.layers if layer.scored]


def choose_sequences(sequences: Sequence[TokenSequence]) -> list[TokenSequence]:
    """A few sequences of different lengths, so that padding is checked too."""
    by_length = sorted(sequences, key=_size)
    step = max(1, len(by_length) // N_SEQUENCES)
    return by_length[::step][:N_SEQUENCES]


def reference_attention(
    model: PreTrainedModel, sequences: Sequence[TokenSequence], kinds: Sequence[str], device: torch.device | str
) -> Reference | str:
    """Hugging Face's eager attention on each sequence by itself, without padding, before the model is wrapped.

    Returns a sentence that says why when the model does not give it.
    """
    reference: Reference = []
    try:
        with torch.inference_mode():
            for sequence in sequences:
                given = plain_input(model, Inputs([sequence], dict.fromkeys(kinds, False)), device=device, masked=False)
                output = model(**given, output_attentions=True)
                found = {
                    kind: getattr(output, _RETURNED[kind] if len(kinds) > 1 else "attentions", None) or ()
                    for kind in kinds
                }
                if not any(layer is not None for layers in found.values() for layer in layers):
                    return f"not compared: {type(model).__name__} returned no attention of its own"
                reference.append(
                    {
                        kind: [None if layer is None else layer[0].float().cpu() for layer in layers]
                        for kind, layers in found.items()
                    }
                )
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return f"not compared: {type(model).__name__} did not return its attention ({reason})"
    return reference


def _places(
    modules: Sequence[AttentionModule], reference: Reference | str
) -> tuple[dict[AttentionModule, int], str | None]:
    """Where each module's attention stands in Hugging Face's lists; a sentence where the two do not correspond."""
    places: dict[AttentionModule, int] = {}
    if isinstance(reference, str):
        return places, reference
    for kind in dict.fromkeys(module.attention for module in modules):
        own = [module for module in modules if module.attention == kind]
        given = reference[0][kind]
        by_layer = {module: module.layer for module in own}
        in_order = dict(zip(own, [i for i, layer in enumerate(given) if layer is not None], strict=False))
        if all(place < len(given) and given[place] is not None for place in by_layer.values()):
            places |= by_layer
        elif len(in_order) == len(own) == sum(layer is not None for layer in given):
            places |= in_order
        else:
            return {}, f"not compared: Hugging Face gives {len(given)} layers of attention, the hooks {len(own)}"
    return places, None


class Pass(Protocol):
    """One forward pass that hands over each module's attention: `attention.run` of a bridge, or another source's."""

    def __call__(
        self, inputs: Inputs, modules: Sequence[AttentionModule], on_attention: OnAttention, *, masked: bool
    ) -> None:
        """Hands over [batch, head, query, key] for every module."""
        ...


def certify(
    run: Pass,
    modules: Sequence[AttentionModule],
    sequences: Sequence[TokenSequence],
    reference: Reference | str,
    *,
    probe: str,
) -> Certificate:
    """Runs the sequences as a scan would, in one padded batch, and compares every layer.

    Raises:
        AttentionError: no hook fires, or a layer's rows are not attention.
    """
    warnings: list[str] = []
    kinds = dict.fromkeys(module.attention for module in modules)
    alone = Inputs([max(sequences, key=_size)], dict.fromkeys(kinds, False))
    silent = silent_modules(run, alone, modules)
    heard = [module for module in modules if module not in silent]
    if not heard:
        raise AttentionError("No attention hook of this model fires, so there is nothing to score.")
    if silent:
        names = ", ".join(module.name for module in modules if module in silent)
        warnings.append(f"The attention hook of {names} does not fire; its heads are not scored.")

    # Causality is measured on an unpadded sequence: it decides whether padding has to be masked.
    unpadded = {module: RowCheck() for module in heard}
    run(
        alone, heard,
        lambda module, attention: check_rows(
            module, attention, alone.batch(module.attention), unpadded[module], diagonal=True
        ),
        masked=False,
    )  # fmt: skip
    causal = {
        module: module.attention not in ("cross", "vision") and unpadded[module].above_diagonal <= CAUSAL
        for module in heard
    }
    causal_kinds = {kind: all(causal[one] for one in heard if one.attention == kind) for kind in kinds}
    masked = not all(causal.values())

    inputs = Inputs(sequences, causal_kinds)
    checks = {module: RowCheck() for module in heard}
    heads: dict[AttentionModule, int] = {}
    dtypes: set[torch.dtype] = set()
    differences: dict[AttentionModule, float] = {}
    places, incomparable = _places(modules, reference)

    def look(module: AttentionModule, attention: Tensor) -> None:
        check_rows(module, attention, inputs.batch(module.attention), checks[module], diagonal=True)
        heads[module] = attention.shape[1]
        dtypes.add(attention.dtype)
        if module in places and isinstance(reference, list):
            batch = inputs.batch(module.attention)
            expected = [one[module.attention][places[module]] for one in reference]
            difference = _difference(attention.float().cpu(), expected, list(map(batch.shape_of, range(len(expected)))))
            if difference is not None:
                differences[module] = difference

    run(inputs, heard, look, masked=masked)

    allowed = max(tolerance(dtype) for dtype in dtypes)
    worst = max(differences.values()) if differences else None
    passed = None if worst is None else worst <= allowed
    if passed is False:
        layers = ", ".join(module.name for module, difference in differences.items() if difference > allowed)
        warnings.append(
            f"The hooks' attention differs from Hugging Face's own by up to {worst:.2g} in {layers}: "
            "the scores of these heads describe something else than what the model computes."
        )
    faint = [m for m in heard if checks[m].row_sum_min < 1 - max(map(sum_tolerance, dtypes))]
    if faint:
        low = min(checks[module].row_sum_min for module in faint)
        warnings.append(
            f"Rows of {', '.join(module.name for module in faint)} sum to as little as {low:.2f}: the model has a "
            "learned sink, or keys that are no tokens here, and the missing share is counted as sink mass."
        )
    return Certificate(
        passed=passed,
        compared_with=incomparable or _compared(modules, differences),
        probe=probe,
        n_sequences=len(sequences),
        n_tokens=sum(map(_size, sequences)),
        max_difference=worst,
        tolerance=allowed,
        layers=tuple(
            LayerReport(
                module=_as_measured(module, causal_kinds),
                n_heads=heads.get(module, 0),
                causal=causal.get(module, False),
                scored=module in heads,
                max_difference=differences.get(module),
                rows=checks.get(module, RowCheck(0, 0)),
            )
            for module in modules
        ),
        warnings=tuple(warnings),
    )


def silent_modules(run: Pass, inputs: Inputs, modules: Sequence[AttentionModule]) -> set[AttentionModule]:
    """Modules whose attention a pass does not give."""
    fired: set[AttentionModule] = set()
    with suppress(AttentionError):
        run(inputs, modules, lambda module, _: fired.add(module), masked=False)
    return set(modules) - fired


def _compared(modules: Sequence[AttentionModule], differences: Mapping[AttentionModule, float]) -> str:
    """What was compared: everything, or all but the layers whose attention Hugging Face gives in another form."""
    missing = [module.name for module in modules if module not in differences]
    if not differences:
        return "not compared: Hugging Face gives its attention in another form"
    return "Hugging Face's eager attention" + (f"; not compared: {', '.join(missing)}" if missing else "")


def _as_measured(module: AttentionModule, causal: Mapping[str, bool]) -> AttentionModule:
    """A single stack that looks ahead is an encoder, whatever its configuration says."""
    return replace(module, attention="encoder") if module.attention == "self" and not causal["self"] else module


def _size(sequence: TokenSequence) -> int:
    """Tokens of a sequence, its source with it."""
    return len(sequence) + len(sequence.source or ())


def _difference(
    padded: Float[Tensor, "batch head query key"],
    alone: Sequence[Float[Tensor, "head query key"] | None],
    shapes: Sequence[tuple[int, int]],
) -> float | None:
    """Largest difference between the real part of a padded batch and its sequences run by themselves.

    None where Hugging Face gives something that is not laid out as queries by keys (local attention as a band).
    Keys behind the tokens (compressed stretches of text) are left out.
    """
    worst = 0.0
    for one, expected, (queries, keys) in zip(padded, alone, shapes, strict=True):
        if expected is None or expected.ndim != 3 or expected.shape[1] != queries or expected.shape[2] < keys:
            return None
        if one.shape[0] != expected.shape[0]:
            return float("inf")
        worst = max(worst, float((one[:, :queries, :keys] - expected[..., :keys]).abs().max()))
    return worst


def tolerance(dtype: torch.dtype) -> float:
    """How far apart two ways of computing the same attention may be."""
    return {torch.float32: 1e-4, torch.float64: 1e-6, torch.float16: 0.01}.get(dtype, 0.05)
