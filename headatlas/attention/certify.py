"""Certifies attention before anything is scored: are its rows attention, and are they Hugging Face's own?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.attention.certificate import CAUSAL, Certificate, LayerReport, n_tokens, tolerance
from headatlas.attention.modules import AttentionModule, OnAttention
from headatlas.attention.reference import Reference, largest_difference, layers_of
from headatlas.attention.row_check import RowCheck, check_rows, sum_tolerance
from headatlas.attention.windows import window_of
from headatlas.errors import AttentionError
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence


@runtime_checkable
class Pass(Protocol):
    """One forward pass that hands over each module's attention: `hooks.run` of a bridge, or another source's."""

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
    windows: Sequence[int | None] = (),
) -> Certificate:
    """Runs the sequences as a scan would, in one padded batch, and compares every layer.

    `windows` are those that a model's settings claim, by layer (see `claimed_windows`).

    Raises:
        AttentionError: no hook fires, or a layer's rows are not attention.
    """
    kinds = dict.fromkeys(module.attention for module in modules)
    longest = Inputs([max(sequences, key=n_tokens)], dict.fromkeys(kinds, False))
    silent = silent_modules(run, longest, modules)
    heard = [module for module in modules if module not in silent]
    if not heard:
        raise AttentionError("No attention hook of this model fires, so there is nothing to score.")
    seen = _reach(run, longest, heard)
    causal = {module: _is_causal(module, check) for module, check in seen.items()}
    causal_kinds = {kind: all(causal[module] for module in heard if module.attention == kind) for kind in kinds}
    measured = _Measured(Inputs(sequences, causal_kinds), heard, reference)
    run(measured.inputs, heard, measured.look, masked=not all(causal.values()))
    differences = measured.differences
    allowed = max(tolerance(dtype) for dtype in measured.dtypes)
    largest = max(differences.values()) if differences else None
    return Certificate(
        passed=None if largest is None else largest <= allowed,
        compared_with=measured.incomparable or _compared(modules, differences),
        probe=probe,
        n_sequences=len(sequences),
        n_tokens=sum(map(n_tokens, sequences)),
        max_difference=largest,
        tolerance=allowed,
        layers=tuple(
            LayerReport(
                module=_as_measured(module, causal_kinds),
                n_heads=measured.n_heads.get(module, 0),
                causal=causal.get(module, False),
                scored=module in measured.n_heads,
                max_difference=differences.get(module),
                rows=measured.checks.get(module, RowCheck(0, 0)),
                window=_window(
                    module, windows, seen.get(module), len(longest.sequences[0]), causal=causal.get(module, False)
                ),
            )
            for module in modules
        ),
        warnings=(*_of_silence(modules, silent), *_of_difference(differences, allowed), *measured.of_low_sums()),
    )


def silent_modules(run: Pass, inputs: Inputs, modules: Sequence[AttentionModule]) -> set[AttentionModule]:
    """Modules whose attention a pass does not give."""
    fired: set[AttentionModule] = set()
    with suppress(AttentionError):
        run(inputs, modules, lambda module, _: fired.add(module), masked=False)
    return set(modules) - fired


def _reach(run: Pass, inputs: Inputs, modules: Sequence[AttentionModule]) -> dict[AttentionModule, RowCheck]:
    """How far each module looks, ahead and in all.

    It is measured on an unpadded sequence, since it decides whether padding has to be masked.
    """
    checks = {module: RowCheck() for module in modules}

    def check(module: AttentionModule, attention: Float[Tensor, "*shape"]) -> None:
        check_rows(module, attention, inputs.batch(module.attention), checks[module], diagonal=True)

    run(inputs, modules, check, masked=False)
    return checks


def _is_causal(module: AttentionModule, check: RowCheck) -> bool:
    return module.attention not in ("cross", "vision") and check.above_diagonal <= CAUSAL


def _window(
    module: AttentionModule, windows: Sequence[int | None], check: RowCheck | None, n_tokens: int, *, causal: bool
) -> int | None:
    """A layer's window, of a single stack that reads text."""
    if check is None or module.attention not in ("self", "encoder") or module.layer >= len(windows):
        return None
    return window_of(windows[module.layer], check.farthest, n_tokens, causal=causal)


class _Measured:
    """What a padded batch's attention is found to be, module by module, when `look` gets it.

    `incomparable` says why nothing can be compared, where that is so.
    """

    def __init__(self, inputs: Inputs, modules: Sequence[AttentionModule], reference: Reference | str) -> None:
        self.inputs = inputs
        self.checks = {module: RowCheck() for module in modules}
        self.n_heads: dict[AttentionModule, int] = {}
        self.dtypes: set[torch.dtype] = set()
        self.differences: dict[AttentionModule, float] = {}
        self._reference = reference
        self._layers, self.incomparable = layers_of(modules, reference)

    def look(self, module: AttentionModule, attention: Float[Tensor, "*shape"]) -> None:
        """Checks the rows of a module and compares them."""
        batch = self.inputs.batch(module.attention)
        check_rows(module, attention, batch, self.checks[module], diagonal=True)
        self.n_heads[module] = attention.shape[1]
        self.dtypes.add(attention.dtype)
        if module in self._layers and isinstance(self._reference, list):
            layer = self._layers[module]
            expected = [kinds[module.attention][layer] for kinds in self._reference]
            shapes = [batch.shape_of(row) for row in range(len(expected))]
            difference = largest_difference(attention.float().cpu(), expected, shapes)
            if difference is not None:
                self.differences[module] = difference

    def of_low_sums(self) -> list[str]:
        """A warning of rows that sum to less than 1."""
        slack = max(map(sum_tolerance, self.dtypes))
        low = {module.name: check.row_sum_min for module, check in self.checks.items() if check.row_sum_min < 1 - slack}
        if not low:
            return []
        return [
            f"Rows of {', '.join(low)} sum to as little as {min(low.values()):.2f}: the model has a learned sink, or "
            "keys that are no tokens here, and the missing share is counted as sink mass."
        ]


def _of_silence(modules: Sequence[AttentionModule], silent: set[AttentionModule]) -> list[str]:
    """A warning of hooks that do not fire."""
    if not silent:
        return []
    names = ", ".join(module.name for module in modules if module in silent)
    return [f"The attention hook of {names} does not fire; its heads are not scored."]


def _of_difference(differences: Mapping[AttentionModule, float], allowed: float) -> list[str]:
    """A warning of hooks that give something else than Hugging Face."""
    largest = max(differences.values(), default=0.0)
    if largest <= allowed:
        return []
    layers = ", ".join(module.name for module, difference in differences.items() if difference > allowed)
    return [
        f"The hooks' attention differs from Hugging Face's own by up to {largest:.2g} in {layers}: "
        "the scores of these heads describe something else than what the model computes."
    ]


def _compared(modules: Sequence[AttentionModule], differences: Mapping[AttentionModule, float]) -> str:
    """What was compared: everything, or all but the layers whose attention Hugging Face gives in another form."""
    missing = [module.name for module in modules if module not in differences]
    if not differences:
        return "not compared: Hugging Face gives its attention in another form"
    return "Hugging Face's eager attention" + (f"; not compared: {', '.join(missing)}" if missing else "")


def _as_measured(module: AttentionModule, causal: Mapping[str, bool]) -> AttentionModule:
    """A single stack that looks ahead is an encoder, whatever its configuration says."""
    return replace(module, attention="encoder") if module.attention == "self" and not causal["self"] else module
