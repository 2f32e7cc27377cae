"""Small things several tests share."""

from __future__ import annotations

import codecs
import json
import re
import sqlite3
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headatlas.attention.modules import AttentionModule
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import examples
from headatlas.patterns.definition import Pattern

# Code for a process that scans: to look for all patterns is most of the time of it, and changes nothing in how it ends.
FEW_PATTERNS = """
from headatlas.patterns import PATTERNS, RIVALS
for patterns in (PATTERNS, RIVALS):
    for name in patterns.names():
        if name not in ("previous_token", "induction", "duplicate_token", "entropy", "mean_distance", "sink_mass"):
            patterns.remove(name)
"""


def sequence(text: str, special: int = 0) -> TokenSequence:
    """Tokens written as in a worked example (see `headatlas.patterns.examples`); the first `special` are special."""
    tokens = examples.tokens(text)
    return replace(tokens, special=(*[True] * special, *tokens.special[special:]))


def batch_of(pattern: Pattern, texts: list[str], causal: bool = True) -> TokenBatch | PairBatch:
    """Texts as the batch that a pattern's kind of attention gets; for a cross pattern a pair of each with itself."""
    if "cross" in pattern.attention and pattern.kind == "target":
        return PairBatch([sequence(text if " → " in text else f"{text} → S* {text}") for text in texts])
    if "vision" in pattern.attention and pattern.kind == "target":
        return TokenBatch([sequence(text) for text in texts], causal=False)
    return TokenBatch([sequence(text) for text in texts], causal=causal)


def random_attention(rng: np.random.Generator, lengths: list[int], heads: int, causal: bool = True) -> list[np.ndarray]:
    """Peaked random attention, float32 [head, query, key] for each sequence."""
    attention = []
    for n in lengths:
        logits = rng.normal(0, 3, (heads, n, n))
        if causal:
            logits = np.where(np.tril(np.ones((n, n), bool)), logits, -np.inf)
        weights = np.exp(logits - logits.max(-1, keepdims=True))
        attention.append((weights / weights.sum(-1, keepdims=True)).astype(np.float32))
    return attention


def padded(attentions: list[np.ndarray], size: int) -> torch.Tensor:
    """[batch, head, query, key]; padded queries look at the first key, as real ones do."""
    batch = torch.zeros(len(attentions), attentions[0].shape[0], size, size)
    for row, attention in enumerate(attentions):
        n = attention.shape[-1]
        batch[row, :, :n, :n] = torch.from_numpy(attention)
        batch[row, :, n:, 0] = 1
    return batch


def uniform(batch: TokenBatch | PairBatch) -> torch.Tensor:
    """Attention that is the same for every key a query may see, for one head."""
    allowed = batch.allowed.float()
    return (allowed / allowed.sum(-1, keepdim=True).clamp(min=1))[:, None]


def dump(db: Path) -> dict[str, list]:
    """Everything a reader sees: scores, labels, certificates, heatmaps."""
    connection = sqlite3.connect(db)
    queries = {
        "head_scores": "select * from head_scores order by 1, 2, 3, 4, 5, 6",
        "head_labels": "select * from head_labels order by 1, 2, 3, 4, 7",
        "scores": "select half_a, half_b, n_sunk from scores order by head_id, pattern_id, probe_id",
        "certificates": "select passed, max_difference, row_sum_min from certificates",
        "heatmaps": "select weights from heatmaps join heads on heads.id = head_id "
        "join examples on examples.id = example_id order by sequence, token_ids, layer, head",
    }
    rows = {name: connection.execute(sql).fetchall() for name, sql in queries.items()}
    connection.close()
    return rows


class Kept:
    """An attention receiver that keeps everything, whole."""

    wants_values = wants_outputs = False

    def __init__(self) -> None:
        self.attention: dict[AttentionModule, torch.Tensor] = {}

    def receive(self, module: AttentionModule, attention: torch.Tensor) -> None:
        self.attention[module] = attention

    def receive_outputs(self, module: AttentionModule, norms: torch.Tensor) -> None:
        """Not asked for."""


def letters_read(letters: str) -> bytes:
    """What `headatlas.atlas.make.packing` spells in letters of sixteen bits."""
    codes, read = map(ord, letters[1:]), bytearray()
    for code in codes:
        read += (next(codes) ^ 0x8000 if code == 0xE000 else code).to_bytes(2, "little")
    return bytes(read[: len(read) - int(letters[0])])


def table_read(packed: str) -> tuple[Any, list[list[int | None]]]:
    """Facts and columns that `headatlas.atlas.make.packing.table` has packed."""
    content = zlib.decompress(letters_read(packed))
    start = 4 + int.from_bytes(content[:4], "little")
    facts, rows, width = json.loads(content[4:start])
    n = rows * width
    planes = [content[at : at + n] for at in range(start, len(content), n)] if n else []
    naturals = [int.from_bytes(places, "little") for places in zip(*planes, strict=True)]
    whole = [None if natural == 0 else natural // 2 if natural % 2 else -natural // 2 for natural in naturals]
    return facts, [whole[at : at + rows] for at in range(0, n, rows)] if n else [[] for _ in range(width)]


def data_of(site: Path, name: str) -> Any:
    """What a data file of the site holds; `FILE#NAME`: what it holds under that name."""
    file, _, wanted = name.partition("#")
    line = re.compile(r"\(\(window\.headatlas\?\?={}\)\.data\?\?={}\)\[(\".*?\")\]=(.*);", re.DOTALL)
    content = (site / file).read_bytes()
    text = content.decode("utf-16" if content.startswith(codecs.BOM_UTF16_LE) else "utf-8")
    matches = [line.fullmatch(each) for each in text.removesuffix("\n").split("\n")]
    assert all(matches), name
    # Signs below the blank stand for themselves.
    (data,) = [
        json.loads(match[2], strict=False)
        for match in matches
        if match and json.loads(match[1]).endswith(f"#{wanted}" if wanted else "")
    ]
    return data


def numbers_of(site: Path, name: str) -> dict[str, Any]:
    """Scores or evidence that a data file of the site has under a name, by probe, as its pages have them."""
    facts, columns = table_read(data_of(site, name))
    each = 1 if "against" in facts else 2
    for at, measured in enumerate(facts["probes"].values()):
        score, *above = columns[each * at : each * (at + 1)]
        measured["score"] = score
        measured["sinkfree"] = (
            [None if value is None else value + (own or 0) for own, value in zip(score, *above, strict=True)]
            if above
            else []
        )
    return facts


def heads_of(site: Path, name: str) -> dict[str, Any]:
    """What a model's `data/heads.js` has, as its pages have it."""
    facts, columns = table_read(data_of(site, name))
    for pattern, scores in zip(facts["patterns"].values(), columns, strict=True):
        pattern["score"] = scores
    return facts


def drawn_layer(site: Path, name: str) -> dict[str, Any]:
    """What the data files of a model's folder have of a layer: maps, `numbers`, which are the sequences by head, and
    `tables`, of all layers in the file, as its pages have them.
    """
    for file in sorted((site / "data").glob("layers-*.js")):
        match = re.fullmatch(r'.*\["layers"\]=(.*);\n', file.read_bytes().decode("utf-16"), re.DOTALL)
        assert match
        # Signs below the blank stand for themselves.
        group: dict[str, Any] = json.loads(match[1], strict=False)
        layer: dict[str, Any] | None = group["layers"].get(name)
        if layer is not None:
            numbers = {head: layer["kept"][at] for head, (at, _) in layer["maps"].items()}
            tables = json.loads(zlib.decompress(letters_read(group["tables"])))
            return layer | {"numbers": numbers, "tables": tables | {"scores": _scores(group["scores"])}}
    raise AssertionError(f"no file has {name}")


def _scores(packed: str) -> dict[str, dict[str, list[Any]]]:
    """By head the columns of its table of scores, a place for each pattern of which it has a row."""
    (names, heads, rivals), columns = table_read(packed)
    of_heads: dict[str, dict[str, list[Any]]] = {}
    for number, head in enumerate(heads):
        of_head = {name: column[number :: len(heads)] for name, column in zip(names, columns, strict=True)}
        rows = [at for at, queries in enumerate(of_head["queries"]) if queries is not None]
        of_heads[head] = {name: [column[at] for at in rows] for name, column in of_head.items()} | {"pattern": rows}
        of_heads[head]["rival"] = [None if at is None else rivals[at] for at in of_heads[head]["rival"]]
    return of_heads


def maps_read(packed: str, sizes: list[tuple[int, int]], *, causal: bool) -> list[np.ndarray]:
    """What `headatlas.atlas.make.map_bytes` has packed, weight by weight, as its description says; -1: not seen."""
    content = zlib.decompress(letters_read(packed))
    firsts = sum(n_queries for n_queries, _ in sizes)
    first, small, large = iter(content[:firsts]), iter(content[firsts:]), iter(reversed(content))
    maps, n_read = [], firsts
    for n_queries, n_keys in sizes:
        weights = np.full((n_queries, n_keys), -1)
        for query in range(n_queries):
            n_seen = min(query + 1, n_keys) if causal else n_keys
            for key in range(1, n_seen):
                beside = [(query - 1, key), (query - 1, key - 1), (query, key - 1)]
                is_large = any(row >= 0 and column > 0 and weights[row, column] >= 4 for row, column in beside)
                weights[query, key] = next(large if is_large else small)
            weights[query, 0] = (next(first) + 255 - weights[query, 1:n_seen].sum()) % 256
            n_read += n_seen - 1
        maps.append(weights)
    assert n_read == len(content)
    return maps
