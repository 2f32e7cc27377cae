"""What evidence costs with a vocabulary of 260,000 beside one of 26,000: the parts that read or write the vocabulary.

`python -m benchmarks.evidence_vocabulary`: a Llama with random weights of three layers, eight heads each and 256
dimensions, on one core, in seconds of processor time; a process for each size, for its peak of memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from headatlas.evidence.removing import ablation
from headatlas.evidence.removing.passes import PromptBatch
from headatlas.evidence.removing.removals import Removals
from headatlas.evidence.weights import copying
from headatlas.evidence.weights.model_weights import ModelWeights
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.load import load_model
from headatlas.models.patching import quiet
from headatlas.probes.metrics import ACCURACY, LEAD, LOSS, Prompt, Target

SIZES = (26_000, 260_000)
LAYERS, HEADS, WIDTH = 3, 8, 256
PARTS = ("reading", "first feed-forward layer", "copying", "top tokens", "ablation: lead, accuracy", "ablation: loss")


def main() -> None:
    """Prints a table, one line a vocabulary."""
    print(f"| vocabulary | {' | '.join(PARTS)} | all | most memory |")
    print(f"| ---: {'| ---: ' * (len(PARTS) + 2)}|")
    for size in SIZES:
        subprocess.run([sys.executable, "-m", __spec__.name, str(size)], check=True)


def measure(size: int) -> None:
    """Prints the line of one vocabulary."""
    torch.set_num_threads(1)
    config = LlamaConfig(
        vocab_size=size, hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=2, max_position_embeddings=512,
    )  # fmt: skip
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder, quiet():
        LlamaForCausalLM(config).save_pretrained(folder)
        bridge = load_model(folder).bridge
    own = ModelWeights(bridge, dict.fromkeys(range(LAYERS), HEADS), "cpu")
    seconds = []

    def timed(compute: Callable[[], Any]) -> Any:
        start = time.process_time()
        made = compute()
        seconds.append(time.process_time() - start)
        return made

    timed(lambda: (own.layers, own.embedding, own.unembedding))
    some = copying.token_sample(size)
    read = timed(lambda: own.after_mlp(some))
    towards = own.unembedding[:, some]
    timed(lambda: [copying.copying_scores(own.layers, x, towards, own.final) for x in (own.embedding[some], read)])
    ids = np.arange(copying.N_TOKENS) * 20 + 10
    few = own.after_mlp(torch.as_tensor(ids))
    timed(lambda: copying.top_tokens(own.layers, ids, few, own.unembedding, own.final))
    for types, wrong in (((LEAD, ACCURACY), (7, 8, 9)), ((LOSS,), ())):
        batch = _prompts(wrong)
        passes = Removals(bridge, list(range(LAYERS)), [HEADS] * LAYERS, "cpu")
        clean = passes.clean(batch)
        timed(lambda run=(passes, batch, clean, types): _ablate(*run))
    shown = " | ".join(f"{value:.1f} s" for value in (*seconds, sum(seconds)))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"| {size:,} | {shown} | {most:.1f} GB |", flush=True)


def _ablate(passes: Removals, batch: PromptBatch, clean: Any, types: Sequence[str]) -> None:
    for layer in range(LAYERS):
        ablation.layer_effects(passes, batch, clean, layer, ablation.means([clean], [batch], layer), types)


def _prompts(wrong: tuple[int, ...]) -> PromptBatch:
    """Four prompts of 40 tokens, five predictions scored in each."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(4):
        ids = tuple(rng.integers(3, 1000, 40).tolist())
        sequence = TokenSequence(ids, tuple(map(str, ids)), (False,) * len(ids))
        made.append(Prompt(sequence, tuple(Target(query, 5, wrong) for query in range(5, 40, 7))))
    return PromptBatch(made)


if __name__ == "__main__":
    measure(int(sys.argv[1])) if len(sys.argv) > 1 else main()
