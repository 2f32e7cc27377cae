"""What a model's weights say of its heads, part by part: each an array a type of evidence, in the order of heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas import probes
from headatlas.evidence.probe_run import EvidencePart
from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.store import Arrays
from headatlas.evidence.types import relation_type, suppressed_type
from headatlas.evidence.weights import composition, copying, preferences, relations, spectrum, suppression
from headatlas.evidence.weights.model_weights import ModelWeights
from headatlas.evidence.word_pairs import RELATIONS
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.info import DEFAULT_CONTEXT
from headatlas.models.load import Model
from headatlas.probes import PROBES, natural_probes
from headatlas.store.job import Part

# Parts that give a number for every head, and what stands before a type's name with how many pairs it rests on.
OF_HEADS = ("copying", "top_tokens", "preferences", "suppression", "relations", "spectrum")
N_PAIRS = "n_pairs:"


class WeightParts:
    """The parts of one model, whose `layers` have so many heads each."""

    def __init__(self, model: Model, layers: Mapping[int, int], vocabulary: Vocabulary, seed: int) -> None:
        self.model = model
        self.layers = layers
        self.vocabulary = vocabulary
        self.seed = seed

    @cached_property
    def weights(self) -> ModelWeights:
        """The model's weights by head."""
        return ModelWeights(self.model.bridge, self.layers, self.model.info.device)

    def parts(self) -> Iterator[EvidencePart]:
        """All of them, with about how much work each is."""
        size = self.model.info.d_vocab
        yield Part("copying", size // 8, self._copying)
        yield Part("top_tokens", size // 4, self._top_tokens)
        yield Part("composition", size // 8, self._composition)
        yield Part("preferences", size // 32, self._preferences)
        yield Part("suppression", size // 64, self._suppression)
        yield Part("relations", size // 32, self._relations)
        yield Part("spectrum", size // 8, self._spectrum)

    def _copying(self) -> Arrays:
        own = self.weights
        tokens = copying.token_sample(len(own.embedding))
        towards = own.unembedding[:, tokens]
        arrays = {"ov_copying": copying.copying_scores(own.layers, own.embedding[tokens], towards, own.final)}
        try:
            scores = copying.copying_scores(own.layers, own.after_mlp(tokens), towards, own.final)
        except NotAvailable as reason:
            return {**arrays, "left_out": np.array(f"after the first feed-forward layer only: {reason}")}
        return {**arrays, "ov_copying_after_mlp": scores}

    def _top_tokens(self) -> Arrays:
        own = self.weights
        tokens = self._real_tokens()
        read = own.after_mlp(torch.as_tensor(tokens))
        top, bottom = copying.top_tokens(own.layers, tokens, read, own.unembedding, own.final)
        return {"ov_top_tokens": top, "ov_bottom_tokens": bottom}

    def _composition(self) -> Arrays:
        reasons: list[NotAvailable] = []

        def reduced() -> Iterator[composition.Reduced]:
            for layer in self.weights.layers:
                made = composition.Reduced(layer)
                reasons.extend([made.left_out] if made.left_out else [])
                yield made

        links = list(composition.links(reduced()))
        rows = [(*link.later, *link.earlier, composition.READERS.index(link.reads), link.rank) for link in links]
        values = np.array([link.value for link in links])
        arrays = {"places": np.array(rows, dtype=np.int64).reshape(-1, 6), "values": values}
        if reasons:
            arrays["left_out"] = np.array(f"queries and keys only: {reasons[0]}")
        return arrays

    def _preferences(self) -> Arrays:
        tokens = self._real_tokens()
        read = self.weights.after_mlp(torch.as_tensor(tokens))
        return preferences.preferences(self.model, self.weights.layers, read, tokens)

    def _suppression(self) -> Arrays:
        own = self.weights
        tokens = torch.as_tensor(self._real_tokens())
        given = (own.layers, tokens, own.after_mlp(tokens), own.unembedding, own.final)
        return {
            "ov_own_token_lowered": suppression.own_token_lowered(*given).double().numpy(),
            "qk_predicted_token": suppression.predicted_token_sought(*given).double().numpy(),
        }

    def _relations(self) -> Arrays:
        if self.vocabulary.tokenizer is None:
            raise NotAvailable("there is no tokenizer whose words could be asked about")
        own = self.weights
        asked, short = relations.questions(self.vocabulary)
        if not asked:
            raise NotAvailable("too few of the words that could be asked about are single tokens")
        sources = torch.cat([group.sources for groups in asked.values() for group in groups]).unique()
        embedded, later = own.embedding[sources], own.after_mlp(sources)

        def read(tokens: Int[Tensor, " token"], layer: int) -> Float[Tensor, "token d_model"]:
            return (embedded if layer == 0 else later)[torch.searchsorted(sources, tokens)]

        scores = relations.pair_scores(own.layers, asked, read, own.unembedding, own.final)
        of_relations = {
            suppressed_type(relation.name): asked[relation_type(relation.name)]
            for relation in RELATIONS
            if relation_type(relation.name) in asked
        }
        scores |= relations.pair_scores(own.layers, of_relations, read, own.unembedding, own.final, lowered=True)
        asked |= of_relations
        arrays: Arrays = {name: values.double().numpy() for name, values in scores.items()}
        arrays |= {f"{N_PAIRS}{name}": np.array(sum(len(g.sources) for g in groups)) for name, groups in asked.items()}
        if short:
            arrays["left_out"] = np.array(f"too few of its words are single tokens: {', '.join(short)}")
        return arrays

    def _spectrum(self) -> Arrays:
        return spectrum.spectrum(self.model, self.weights.layers, self._texts)

    @cached_property
    def _texts(self) -> tuple[TokenSequence, ...]:
        """Natural texts, as many as there are."""
        made = probes.make(PROBES[natural_probes()[0]], self.vocabulary, DEFAULT_CONTEXT, self.seed)
        return tuple(made.sequences)

    def _real_tokens(self) -> np.ndarray:
        """Different tokens of the natural texts, or any ordinary ones where there is no text; in a drawn order."""
        seen = {
            token
            for sequence in self._texts
            for token, special in zip(sequence.ids, sequence.special, strict=True)
            if not special
        }
        ids = np.array(sorted(seen)) if seen else self.vocabulary.ordinary_ids
        return np.random.default_rng(self.seed).permutation(ids)[: copying.N_TOKENS]
