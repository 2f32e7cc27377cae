"""What a scan costs beside a plain forward pass and the usual ways: `python -m benchmarks.scan` prints tables.

All in one process and in alternation, medians of several rounds, on natural text cut to one length:

(a) a plain Hugging Face forward pass with logits (sdpa attention),
(b) a scan's pass with every pattern, from token ids to the chunk's tallies,
(c) TransformerLens' `run_with_cache` of all patterns, and one score a pattern from them in a loop,
(d) TransformerLens' `detect_head` for its three names, on one of the texts, times the number of texts,
(e) a plain eager pass with the attention of all layers, and of it what HeadVis on Neuronpedia keeps: six metrics a
    head, and eight keys a query (`benchmarks/headvis.py`, written by us).

Memory is the most that the process held beyond what it held before the pass, sampled every 2 ms, in one more round in
which memory that had been given back is returned to the system before each pass. With --busy other processes are at
work meanwhile, and (b) uses the threads that a scan would by then. With --growth also how (b) grows with the number of
patterns and of texts; with --long, one text longer than the model's context through its first layers.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformer_lens.head_detector import HEAD_NAMES, detect_head

from benchmarks import headvis
from headatlas import probes
from headatlas.attention.modules import AttentionModule, find_modules
from headatlas.attention.source import HookedModel
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model, load_model
from headatlas.models.threads import ThreadShare
from headatlas.patterns.lookup import scored_patterns
from headatlas.patterns.rows import Rows, RowSums
from headatlas.probes import PROBES
from headatlas.scanning.chunk_receiver import ChunkReceiver
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import BATCH_TOKENS, Chunk
from headatlas.scoring.row_sums import row_sums
from headatlas.scoring.targets import targets_of
from headatlas.settings import LoadOptions

MODEL = "smollm2-135m"
LENGTHS = (64, 256, 1024, 2048)


class Ways:
    """The five ways, on the same tokens."""

    def __init__(self, length: int, plain: Any, model: Model, n_texts: int | None = None) -> None:
        self.plain, self.model = plain, model
        self.vocabulary = Vocabulary(model.tokenizer, model.info.d_vocab)
        self.sequences = _texts(self.vocabulary, length, n_texts or max(1, BATCH_TOKENS // length))
        self.chunk = Chunk(probes.ProbeText(PROBES["natural_text"], tuple(self.sequences), ""),
                           tuple(range(len(self.sequences))))  # fmt: skip
        self.patterns = [pattern for pattern in scored_patterns() if "self" in pattern.attention]
        self.modules = find_modules(model.bridge, "self")
        n_heads = model.info.n_heads
        self.spans = {module: slice(i * n_heads, (i + 1) * n_heads) for i, module in enumerate(self.modules)}
        self.source = HookedModel(model)
        self.tokens = torch.tensor([sequence.ids for sequence in self.sequences], device=model.info.device)

    def plain_pass(self) -> None:
        """(a)"""
        with torch.inference_mode():
            self.plain(self.tokens, use_cache=False)

    def scan(self) -> None:
        """(b)"""
        reducer = ChunkReducer(
            self.chunk, {"self": self.patterns}, {"self": len(self.modules) * self.model.info.n_heads},
            causal={"self": True}, seed=0, device=self.model.info.device, wants_outputs=True,
        )  # fmt: skip
        self.source.run(reducer.inputs, self.modules, ChunkReceiver(reducer, self.spans))
        assert reducer.tallies

    def scan_beside_others(self) -> float:
        """(b) with as many threads as an earlier chunk found free, in seconds."""
        with ThreadShare() as share:
            share(self.scan)
            started = time.perf_counter()
            self.scan()
            return time.perf_counter() - started

    def cached(self) -> None:
        """(c)"""
        batch = Inputs(self.sequences, {"self": True}).batch("self")
        with torch.inference_mode():
            _, cache = self.model.bridge.run_with_cache(
                self.tokens, names_filter=lambda name: name.endswith("hook_pattern"), return_type=None
            )
            n_keys = batch.n_allowed[:, None].float()
            places = torch.arange(batch.shape[1], dtype=torch.float32)
            distance = (places[:, None] - places).abs_()
            sums: dict[AttentionModule, RowSums] = {}
            for pattern in self.patterns:
                targets = None if pattern.targets is None else targets_of(pattern, batch)[:, None]
                for module in self.modules:
                    attention = cache[module.hook].float()
                    if targets is not None:
                        (attention * targets).sum((-2, -1))
                    else:
                        if module not in sums:  # once for all statistics
                            excluding_sink = attention[..., 1:].sum(-1)
                            sums[module] = row_sums(attention, excluding_sink, n_keys, n_keys - 1, distance)
                        if not pattern.of_outputs:
                            pattern.statistic(Rows(sums[module], n_keys, places)).sum(-1)

    def detectors(self) -> float:
        """(d), in seconds."""
        text = self.vocabulary.tokenizer.decode(self.sequences[0].ids)
        started = time.perf_counter()
        for name in HEAD_NAMES:
            detect_head(self.model.bridge, text, name)
        return (time.perf_counter() - started) * len(self.sequences)

    def headvis(self) -> None:
        """(e)"""
        config = self.plain.config
        before, config._attn_implementation = config._attn_implementation, "eager"
        try:
            with torch.inference_mode():
                given = self.plain(self.tokens, use_cache=False, output_attentions=True)
                headvis.run(given.attentions, self.tokens)
        finally:
            config._attn_implementation = before


def _texts(vocabulary: Vocabulary, length: int, n: int) -> list[TokenSequence]:
    made = probes.make(PROBES["natural_text"], vocabulary, 2048, 0)
    pairs = [pair for sequence in made.sequences for pair in zip(sequence.ids, sequence.texts, strict=True)]
    pairs *= -(-n * length // len(pairs))
    cut = [pairs[i * length : (i + 1) * length] for i in range(n)]
    return [TokenSequence(tuple(i for i, _ in text), tuple(t for _, t in text), (False,) * length) for text in cut]


class Watch:
    """The megabytes of memory that the process holds at most while it is open, beyond those held before."""

    def __enter__(self) -> Watch:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        self._before = self.most = _held()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.002):
            self.most = max(self.most, _held())

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        self.most -= self._before


def _held() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@contextmanager
def busy(n: int) -> Iterator[None]:
    """Inside, so many other processes keep a core busy each."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for process in others:
            process.kill()
            process.wait()


def measure(
    ways: Ways, names: str, rounds: int, rounds_of_c: int | None = None, *, n_busy: int = 0
) -> tuple[dict[str, float], dict[str, float]]:
    """Median seconds and megabytes of each way, the latter from a round that is not timed."""
    runs: dict[str, Callable[[], float | None]] = {
        "a": ways.plain_pass, "b": ways.scan, "c": ways.cached, "d": ways.detectors, "e": ways.headvis
    }  # fmt: skip
    timed = runs | ({"b": ways.scan_beside_others} if n_busy else {})
    seconds: dict[str, list[float]] = defaultdict(list)
    megabytes = {}
    for name in names:
        if name != "c":
            runs[name]()  # the first one also reads the weights, which were only mapped
        with Watch() as watch:
            runs[name]()
        megabytes[name] = watch.most
    for number in range(rounds):
        for name in names:
            if name == "c" and rounds_of_c is not None and number >= rounds_of_c:
                continue
            with busy(n_busy):
                started = time.perf_counter()
                said = timed[name]()
                seconds[name].append(time.perf_counter() - started if said is None else said)
    return {name: statistics.median(times) for name, times in seconds.items()}, megabytes


def compared(
    lengths: Sequence[int], names: str, rounds: int, rounds_of_c: int | None, n_busy: int, plain: Any, model: Model
) -> list[dict[str, float]]:
    """Prints a line a length as soon as it is measured; gives the ratios."""
    print("| texts x tokens | (a) s | (b) s | tokens/s of (b) | b/a | c/b | d/b | e/b | MB of (a) | (b) | (c) | (e) |")
    print(f"| --- |{' ---: |' * 11}", flush=True)
    ratios = []
    for length in lengths:
        ways = Ways(length, plain, model)
        seconds, megabytes = measure(ways, names, rounds, rounds_of_c, n_busy=n_busy)
        a, b = seconds["a"], seconds["b"]
        ratios.append({"length": length, **{name: times / a for name, times in seconds.items()}})
        others = [f"{seconds[way] / b:.1f}" if way in seconds else "" for way in "cde"]
        memory = [f"{megabytes[way]:,.0f}" if way in megabytes else "" for way in "abce"]
        cells = [f"{len(ways.sequences)} x {length}", f"{a:.2f}", f"{b:.2f}", f"{ways.tokens.numel() / b:,.0f}",
                 f"{b / a:.2f}", *others, *memory]  # fmt: skip
        print(f"| {' | '.join(cells)} |", flush=True)
    return ratios


def growth(rounds: int, plain: Any, model: Model) -> None:
    """Prints how (b) grows with the number of patterns, and with that of texts."""
    ways = Ways(256, plain, model)
    every = ways.patterns
    print("\n| patterns | (b) / (a) at 8 x 256 |\n| ---: | ---: |")
    for n in (1, len(every) // 4, len(every) // 2, len(every)):
        # Evenly from the whole list, which stands in families.
        ways.patterns = [every[i * len(every) // n] for i in range(n)]
        seconds, _ = measure(ways, "ab", rounds)
        print(f"| {n} | {seconds['b'] / seconds['a']:.3f} |", flush=True)
    print("\n| texts of 256 tokens | (b) s | s a text |\n| ---: | ---: | ---: |")
    for n in (2, 4, 8, 16):
        seconds, _ = measure(Ways(256, plain, model, n), "b", rounds)
        print(f"| {n} | {seconds['b']:.2f} | {seconds['b'] / n:.3f} |", flush=True)


def long(lengths: Sequence[int], n_layers: int, dtype: str) -> None:
    """Prints what one long text takes in the model's first layers, whose context is made as long."""
    whole = load_model(MODEL, LoadOptions(dtype=dtype))
    cut = whole.hf_model
    assert cut is not None
    cut.model.layers = cut.model.layers[:n_layers]
    cut.config.num_hidden_layers, cut.config.max_position_embeddings = n_layers, max(lengths)
    with tempfile.TemporaryDirectory() as folder:
        cut.save_pretrained(folder)
        whole.tokenizer.save_pretrained(folder)
        load = LoadOptions(dtype=dtype)
        plain, model = load_model(folder, load).hf_model, load_model(folder, load)
    assert plain is not None
    plain.config._attn_implementation = "sdpa"
    print(f"\n| one text of so many tokens, {n_layers} layers | (a) s | (b) s | MB of (a) | (b) |")
    print("| --- | ---: | ---: | ---: | ---: |", flush=True)
    Ways(64, plain, model).scan()
    for parameter in (*plain.parameters(), *model.bridge.parameters()):
        parameter.sum()  # what is read of the model's file counts as the model, not as a text's
    for length in lengths:
        ways = Ways(length, plain, model)
        seconds, megabytes = {}, {}
        for name, run in (("b", ways.scan), ("a", ways.plain_pass)):
            with Watch() as watch:
                started = time.perf_counter()
                run()
                seconds[name] = time.perf_counter() - started
            megabytes[name] = watch.most
        cells = [f"{length:,}", *(f"{seconds[way]:.1f}" for way in "ab"), *(f"{megabytes[way]:,.0f}" for way in "ab")]
        print(f"| {' | '.join(cells)} |", flush=True)


def draw(ratios: list[dict[str, float]], file: Path) -> None:
    """The times by length, in plain passes."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "headatlas", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    labels = {"a": "plain pass with logits", "b": "headatlas, every pattern", "c": "run_with_cache and a loop",
              "d": "detect_head, three patterns", "e": "six metrics of HeadVis"}  # fmt: skip
    for (name, label), marker in zip(labels.items(), "so^vD", strict=True):
        points = [(row["length"], row[name]) for row in ratios if name in row]
        if points:
            axes.plot(*zip(*points, strict=True), marker=marker, label=label)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks([row["length"] for row in ratios], [f"{row['length']:.0f}" for row in ratios])
    axes.set_xlabel("tokens in a text")
    axes.set_ylabel("time, in plain passes")
    axes.legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="*", default=LENGTHS)
    parser.add_argument("--ways", default="abcd", help="letters of the ways to run; a and b always are")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rounds-of-c", type=int, help="fewer of (c), which takes minutes on long texts")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--busy", type=int, default=0, help="other processes that keep a core busy each, meanwhile")
    parser.add_argument("--growth", action="store_true", help="also by numbers of patterns and texts")
    parser.add_argument("--long", type=int, nargs="*", default=(), help="lengths of one text through the first layers")
    parser.add_argument("--layers", type=int, default=2, help="so many of them")
    parser.add_argument("--plot", type=Path, help="an .svg file for the times by length")
    given = parser.parse_args()
    plain = load_model(MODEL, LoadOptions(dtype=given.dtype)).hf_model
    assert plain is not None
    plain.config._attn_implementation = "sdpa"
    model = load_model(MODEL, LoadOptions(dtype=given.dtype))
    names = "".join(sorted({"a", "b", *given.ways}))
    ratios = []
    if given.lengths:
        ratios = compared(given.lengths, names, given.rounds, given.rounds_of_c, given.busy, plain, model)
    if given.growth:
        growth(given.rounds, plain, model)
    if given.long:
        long(given.long, given.layers, given.dtype)
    if given.plot:
        draw(ratios, given.plot)


if __name__ == "__main__":
    main()
