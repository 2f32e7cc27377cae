"""What a head's output weights make of a word: its capital, its opposite, its successor in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.evidence.types import SUCCESSOR, relation_type
from headatlas.evidence.weights.copying import final_directions
from headatlas.evidence.weights.model_weights import LayerWeights
from headatlas.evidence.weights.norms import Norm
from headatlas.evidence.word_pairs import ORDERS, RELATIONS
from headatlas.inputs.vocabulary import Vocabulary

# A relation of which a vocabulary has fewer pairs is left out, and an order of which it has fewer neighbours.
MIN_PAIRS, MIN_NEIGHBOURS = 10, 5

# Tokens as a layer reads them: token ids, and the layer's number.
Reader = Callable[[Int[Tensor, " token"], int], Float[Tensor, "token d_model"]]


@dataclass(frozen=True)
class Group:
    """Pairs of tokens, and all tokens that compete to be raised most."""

    sources: Int[Tensor, " pair"]
    targets: Int[Tensor, " pair"]
    words: Int[Tensor, " word"]

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]], others: Sequence[int] = ()) -> Group:
        """All tokens of the pairs, and some others, compete."""
        tokens = sorted({token for pair in pairs for token in pair} | set(others))
        sources, targets = torch.tensor(pairs).T.contiguous()
        return cls(sources, targets, torch.tensor(tokens))


def questions(vocabulary: Vocabulary) -> tuple[dict[str, list[Group]], list[str]]:
    """Groups of pairs by type of evidence, of what a vocabulary has as single tokens; and what it has too little of.

    Raises:
        ValueError: there is no tokenizer.
    """
    asked: dict[str, list[Group]] = {}
    short = []
    for relation in RELATIONS:
        pairs = [
            (single_token(vocabulary, source), single_token(vocabulary, target)) for source, target in relation.pairs
        ]
        known = [(source, target) for source, target in pairs if source is not None and target is not None]
        known = [pair for pair in dict.fromkeys(known) if pair[0] != pair[1]]
        if len(known) >= MIN_PAIRS:
            asked[relation_type(relation.name)] = [Group.of(known)]
        else:
            short.append(relation.name.replace("_", " "))
    orders = []
    for order in ORDERS:
        tokens = [single_token(vocabulary, word) for word in order]
        neighbours = [
            (token, following)
            for token, following in pairwise(tokens)
            if token is not None and following is not None and token != following
        ]
        if len(neighbours) >= MIN_NEIGHBOURS:
            orders.append(Group.of(neighbours, [token for token in tokens if token is not None]))
    if orders:
        asked[SUCCESSOR] = orders
    else:
        short.append("successors")
    return asked, short


def single_token(vocabulary: Vocabulary, word: str) -> int | None:
    """The token that is a word behind a space, or else the word as it stands; None where it takes several."""
    for text in (f" {word}", word):
        ids = vocabulary.encode(text)
        # A vocabulary without the word may have one token for all it does not know.
        if len(ids) == 1 and vocabulary.text(ids[0]).strip().lower() == word.lower():
            return int(ids[0])
    return None


def pair_scores(
    layers: Sequence[LayerWeights],
    asked: Mapping[str, Sequence[Group]],
    read: Reader,
    unembedding: Float[Tensor, "d_model vocabulary"],
    final: Norm,
    *,
    lowered: bool = False,
) -> dict[str, Float[Tensor, " head"]]:
    """For each question the share of pairs whose target a head raises most, less that of random pairs; layer by layer.

    A head attends to the source alone; of all words of the question's group, the source's own and all targets among
    them, its logit for the target is to rise most. Random pairs: the same sources with the targets dealt out anew, on
    average over all ways to do so. The number lies from about 0, chance, to nearly 1. A head that copies has the
    source's own logit rise most, and a head that always raises the same word gets no more than chance; where several
    words rise most, none does. With `lowered` it is the target whose logit is to fall most. After Elhelo and Geva 2024,
    arXiv:2412.11965, who take the top ten of the vocabulary, and Gould et al. 2023, arXiv:2312.09230, who take the
    class of ordinals.

    `read` gives tokens as a layer's norm gets them. Nothing larger than heads x pairs x words is made.
    """
    towards = final_directions(unembedding, final)
    if lowered:
        towards = -towards
    scores: dict[str, list[Tensor]] = {name: [] for name in asked}
    for layer in layers:
        for name, groups in asked.items():
            n_pairs = sum(len(group.sources) for group in groups)
            above = torch.zeros(len(layer.w_o))
            for group in groups:
                above += _above_random(layer, group, read(group.sources, layer.layer), towards)
            scores[name].append(above / n_pairs)
    return {name: torch.cat(of_layers) for name, of_layers in scores.items()}


def _above_random(
    layer: LayerWeights,
    group: Group,
    read: Float[Tensor, "pair d_model"],
    towards: Float[Tensor, "d_model vocabulary"],
) -> Float[Tensor, " head"]:
    """Pairs whose target rises most, less as many as random pairs would have on average."""
    values = layer.norm(read) @ layer.values  # [head, pair, d_head]
    logits = values @ (layer.written @ towards[:, group.words])
    highest = logits.amax(-1, keepdim=True)
    rises_most = logits == highest
    alone = rises_most.sum(-1) == 1
    hit = alone & (group.words[rises_most.int().argmax(-1)] == group.targets)
    frequency = (group.words[:, None] == group.targets).float().mean(1)
    by_chance = frequency[rises_most.int().argmax(-1)] * alone
    return hit.sum(-1) - by_chance.sum(-1)
