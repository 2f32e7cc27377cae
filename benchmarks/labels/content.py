"""Heads that look at what tokens are, in no way that has a name: they follow no pattern.

Every token has a random vector of its own, and a head a random matrix: the logit of a key is the product of the
query's vector, the matrix and the key's vector. With that go a weak preference for near keys and, in some heads, for
the first position. Low temperatures make such heads look at one key a query, which is always the same for the
same words.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from benchmarks.labels.composing import NEARBY, softmax
from benchmarks.labels.hashing import uniform
from benchmarks.labels.keys import distances
from headatlas.bench.heads import Attention, BenchText, HeadFunction, Split, head

WIDTH = 16
TEMPERATURES = (0.25, 0.5, 1.0, 2.0)
REACHES = (float("inf"), 80.0, 25.0)  # tokens over which the preference for near keys falls by a factor of e
SHORT_REACH = 25.0  # with such a preference it is no mistake to say that a head looks nearby
SINK_LOGITS = (0.0, 4.0)
SPLITS: tuple[Split, Split] = ("fit", "judge")


def bilinear(number: int, temperature: float, reach: float, sink: float, split: Split) -> HeadFunction:
    """The head of one random matrix and one set of token vectors, both seeded by `number`."""
    matrix = np.random.default_rng([number, 1]).standard_normal((WIDTH, WIDTH)) / WIDTH

    also = {NEARBY} if reach <= SHORT_REACH else set()

    @head({}, also=also, kind="content", split=split, name=f"content{number}/temperature-{temperature:g}")
    def look(text: BenchText) -> Attention:
        vectors = (uniform(text.ids, number, WIDTH) - 0.5) * 12**0.5  # of mean 0 and standard deviation 1
        logits = vectors @ matrix @ vectors.T / temperature - np.abs(distances(len(text))) / reach
        logits[:, 0] += sink
        return softmax(logits, text)

    return look


HEADS = [
    bilinear(number, temperature, reach, sink, split)
    for number, (split, temperature, reach, sink) in enumerate(product(SPLITS, TEMPERATURES, REACHES, SINK_LOGITS))
]
