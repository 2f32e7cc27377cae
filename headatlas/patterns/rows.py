"""Rows of attention as row statistics see them: sums over their keys, with and without the first position."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


class RowSums(NamedTuple):
    """Sums over keys that statistics are made of; all but `on_first` and `below_uniform` leave out the first position.

    `below_uniform` and `below_uniform_excluding_sink` are sums of A or of its mean, whichever is less: over all keys,
    and over those without the first.
    """

    on_first: Float[Tensor, "batch head query"]
    excluding_sink: Float[Tensor, "batch head query"]
    entropy: Float[Tensor, "batch head query"]
    distance: Float[Tensor, "batch head query"]
    largest: Float[Tensor, "batch head query"]
    below_uniform: Float[Tensor, "batch head query"]
    below_uniform_excluding_sink: Float[Tensor, "batch head query"]


class Rows:
    """What a row statistic gets: rows as they are. All is [batch, head, query], `n_keys` [batch, 1, query].

    `to_first` is each query's distance from the first position, in tokens. `attention` [batch, head, query, key] is
    there only for statistics that are registered to need it, and so are the norms of the heads' outputs; these do not
    get `mean_on_keys`.
    """

    def __init__(
        self,
        sums: RowSums,
        n_keys: Float[Tensor, "batch 1 query"],
        to_first: Float[Tensor, " query"],
        attention: Float[Tensor, "batch head query key"] | None = None,
        output_norms: Float[Tensor, "batch head query"] | None = None,
        mean_on_keys: Float[Tensor, "batch head key"] | None = None,
        on_picture_sinks: Float[Tensor, "batch head"] | None = None,
        binding: Float[Tensor, "batch head"] | None = None,
        sentence_kurtosis: Float[Tensor, "batch head"] | None = None,
    ) -> None:
        self.sums = sums
        self._sentence_kurtosis = sentence_kurtosis
        self._binding = binding
        self._on_picture_sinks = on_picture_sinks
        self._mean_on_keys = mean_on_keys
        self.n_keys = n_keys
        self.to_first = to_first
        self.attention = attention
        self._output_norms = output_norms

    @property
    def has_outputs(self) -> bool:
        """Whether the norms of the heads' outputs are known."""
        return self._output_norms is not None

    @property
    def output_norms(self) -> Float[Tensor, "batch head query"]:
        """The norm of what each head adds to the residual stream; the heads are all of one layer."""
        assert self._output_norms is not None, "only statistics that are registered with of_outputs get them"
        return self._output_norms

    @property
    def mean_on_keys(self) -> Float[Tensor, "batch head key"]:
        """The mean row of each sequence: what each key gets, the first position too, over all queries but padding."""
        assert self._mean_on_keys is not None, "only statistics that are made once a layer get it"
        return self._mean_on_keys

    @property
    def on_picture_sinks(self) -> Float[Tensor, "batch head 1"]:
        """What the words of each text leave on patches of its picture on which the layer rests; 0 without a picture."""
        known = self._on_picture_sinks
        return self.on_first.new_zeros(*self.on_first.shape[:2], 1) if known is None else known[..., None]

    @property
    def binding(self) -> Float[Tensor, "batch head 1"]:
        """How much the maps of a prompt's adjectives are those of their own nouns; not a number of other inputs."""
        known = self._binding
        return (
            self.on_first.new_full((*self.on_first.shape[:2], 1), float("nan")) if known is None else known[..., None]
        )

    @property
    def sentence_kurtosis(self) -> Float[Tensor, "batch head 1"]:
        """The kurtosis of what each text's sentences get from later ones; 1 of texts with too few sentences."""
        known = self._sentence_kurtosis
        return self.on_first.new_ones(*self.on_first.shape[:2], 1) if known is None else known[..., None]

    @property
    def on_first(self) -> Float[Tensor, "batch head query"]:
        """Attention to the first position."""
        return self.sums.on_first

    @property
    def excluding_sink(self) -> Float[Tensor, "batch head query"]:
        """Attention to all other positions."""
        return self.sums.excluding_sink

    # Plug-ins may know it by this name.
    besides_first = excluding_sink

    def entropy(self) -> Float[Tensor, "batch head query"]:
        """Sum of -A log A, in nats."""
        return self.sums.entropy - self.on_first.xlogy(self.on_first)

    def mean_distance(self) -> Float[Tensor, "batch head query"]:
        """Sum of A |q - k|, in tokens."""
        return self.sums.distance + self.on_first * self.to_first

    def largest(self) -> Float[Tensor, "batch head query"]:
        """The largest A."""
        return self.sums.largest.maximum(self.on_first)

    def below_uniform(self) -> Float[Tensor, "batch head query"]:
        """Sum of A or of uniform attention, whichever is less."""
        return self.sums.below_uniform


class SinkFreeRows(Rows):
    """The same rows with the first position taken out and the others scaled to sum to 1.

    `share_of_rest` is what each row is multiplied by for that.
    """

    def __init__(
        self,
        rows: Rows,
        n_keys: Float[Tensor, "batch 1 query"],
        share_of_rest: Float[Tensor, "batch head query"],
    ) -> None:
        attention = rows.attention
        if attention is not None:
            attention = attention * share_of_rest[..., None]
            attention[..., 0] = 0
        super().__init__(rows.sums, n_keys, rows.to_first, attention)
        self.share_of_rest = share_of_rest

    def entropy(self) -> Float[Tensor, "batch head query"]:
        """Sum of -A log A, in nats."""
        log = self.share_of_rest.clamp(min=1e-30).log()
        return self.share_of_rest * (self.sums.entropy - log * self.sums.excluding_sink)

    def mean_distance(self) -> Float[Tensor, "batch head query"]:
        """Sum of A |q - k|, in tokens."""
        return self.share_of_rest * self.sums.distance

    def largest(self) -> Float[Tensor, "batch head query"]:
        """The largest A."""
        return self.share_of_rest * self.sums.largest

    def below_uniform(self) -> Float[Tensor, "batch head query"]:
        """Sum of A or of uniform attention, whichever is less."""
        return self.share_of_rest * self.sums.below_uniform_excluding_sink
