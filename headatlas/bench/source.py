"""Heads of a bench as a source of attention, so that a scan scores them as it scores a model's."""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from headatlas.attention.certificate import Certificate, choose_sequences
from headatlas.attention.certify import certify
from headatlas.attention.modules import AttentionModule, OnAttention
from headatlas.attention.receiver import AttentionReceiver
from headatlas.bench.heads import BenchHead, BenchText, check_attention
from headatlas.errors import HeadatlasError, one_line
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.info import ModelInfo
from headatlas.models.memory import out_of_memory
from headatlas.probes import ProbeText

# Heads that stand together as a layer, which is what is held at a time.
HEADS_A_LAYER = 12
BENCH = "bench"


class BenchSource:
    """Attention that functions compute from the tokens of each sequence.

    The heads stand in layers of `HEADS_A_LAYER`, in their order; `position` says where each one is. `info` describes
    them as a scan describes a model, on the texts of the model whose tokenizer cuts the probes.
    """

    device = "cpu"

    def __init__(self, heads: Sequence[BenchHead], texts: Sequence[ProbeText], model: ModelInfo, seed: int) -> None:
        self.heads = tuple(heads)
        self.seed = seed
        self._probe_of = {
            id(sequence): (text.probe.name, number) for text in texts for number, sequence in enumerate(text.sequences)
        }
        layers = -(-len(self.heads) // HEADS_A_LAYER)
        self.info = replace(
            model, architecture="heads of a bench", source=BENCH, revision=None, digest=_digest(self.heads),
            n_layers=layers, n_heads=min(HEADS_A_LAYER, len(self.heads)), n_parameters=0, device="cpu",
            dtype="float32",
        )  # fmt: skip

    @staticmethod
    def position(number: int) -> tuple[int, int]:
        """Layer and head under which the head of this number is stored."""
        return divmod(number, HEADS_A_LAYER)

    def certify(self, text: ProbeText) -> Certificate:
        """Checks that rows are attention; there is nothing to compare them with."""
        modules = [AttentionModule("self", layer, f"{BENCH}.{layer}") for layer in range(self.info.n_layers)]
        reason = "not compared: the heads are functions"
        sequences = choose_sequences(text.sequences)
        return certify(self._pass, modules, sequences, reason, probe=text.probe.name)

    def run(self, inputs: Inputs, modules: Sequence[AttentionModule], receiver: AttentionReceiver) -> None:
        """Hands over the heads' attention on some sequences, layer by layer.

        Raises:
            HeadatlasError: what a head returned is not attention.
        """
        self._pass(inputs, modules, receiver.receive, masked=False)

    def _pass(
        self, inputs: Inputs, modules: Sequence[AttentionModule], on_attention: OnAttention, *, masked: bool
    ) -> None:
        for module in modules:
            heads = self.heads[module.layer * HEADS_A_LAYER : (module.layer + 1) * HEADS_A_LAYER]
            n_tokens = inputs.batch(module.attention).shape[1]
            attention = torch.zeros(len(inputs.sequences), len(heads), n_tokens, n_tokens)
            for row, sequence in enumerate(inputs.sequences):
                for column, head in enumerate(heads):
                    weights = torch.from_numpy(self._attention(head, sequence))
                    attention[row, column, : len(sequence), : len(sequence)] = weights
            on_attention(module, attention)

    def _attention(self, head: BenchHead, sequence: TokenSequence) -> np.ndarray:
        probe, number = self._probe_of[id(sequence)]
        text = BenchText(
            ids=np.array(sequence.ids),
            texts=sequence.texts,
            special=np.array(sequence.special, dtype=bool),
            probe=probe,
            causal=True,
            rng=np.random.default_rng([self.seed, number, *probe.encode(), *head.name.encode()]),
            roles=sequence.roles,
        )
        return check_attention(called(head, text), text, head.name).astype(np.float32)


def called(head: BenchHead, text: BenchText) -> object:
    """What a head's function returns.

    Raises:
        HeadatlasError: it fails; says in which line.
    """
    try:
        return head.function(text)
    except (HeadatlasError, KeyboardInterrupt):
        raise
    except BaseException as error:  # whatever somebody else's function does
        last = traceback.extract_tb(error.__traceback__)[-1]
        reason = one_line(error, named=True).rstrip(".")
        if out_of_memory(error):  # fewer texts at a time would not help: it is given one
            reason = f"it asks for more memory than there is, on a text of {len(text)} tokens"
        raise HeadatlasError(
            f"Head '{head.name}' on probe '{text.probe}' fails: {reason} ({last.filename}, line {last.lineno})."
        ) from error


def _digest(heads: Sequence[BenchHead]) -> str:
    """Of the heads' names and truths: the functions themselves may be closures, which have no text."""
    parts = [(head.name, dict(head.truth), head.kind, head.rule) for head in heads]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
