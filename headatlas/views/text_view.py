"""A user's own text through a model: every head's attention on it, as a page, a picture, or blocks in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headatlas.atlas.draw.wording import two_digits, words
from headatlas.errors import HeadatlasError, ModelError, OutputError
from headatlas.heads import head_name
from headatlas.settings import LoadOptions
from headatlas.views.attention_maps import HeadMap, LayerAttention
from headatlas.views.heatmap_page import view_page
from headatlas.views.png import heatmap_png
from headatlas.views.single_page import framed, write_page
from headatlas.views.svg import heatmap_svg
from headatlas.views.terminal import blocks

if TYPE_CHECKING:
    from rich.text import Text

    from headatlas.models.load import AnyModel, Model
    from headatlas.store.job import Progress

# Of more, a PNG would have over 300 million pixels.
MAX_PNG_TOKENS = 3000


@dataclass(frozen=True)
class View:
    """A model's attention on a text; shows itself in a notebook, with no network.

    `layer` and `head` narrow it to one layer or one head; `layers` then hold nothing else. `labels` are what a scan of
    the model calls its heads, with strengths, by their names.
    """

    model: str
    text: str
    tokens: tuple[str, ...]
    layers: Sequence[LayerAttention]
    layer: int | None = None
    head: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        n_heads = sum(len(layer.weights) for layer in self.layers)
        return f"View({self.model!r}, {len(self.tokens)} tokens, {n_heads} heads)"

    @property
    def chosen(self) -> HeadMap:
        """The head asked for, or the average over the heads of the layer, or of the whole model."""
        if self.layer is not None and self.head is not None:
            (layer,) = self.layers
            return HeadMap(layer.names[0], layer.weights[0], layer.causal)
        maps = np.concatenate([layer.weights for layer in self.layers])
        mean: np.ndarray = maps.mean(axis=0, dtype=np.float64)
        where = f"of {self.layers[0].name}" if self.layer is not None else f"in {len(self.layers)} layers"
        causal = all(layer.causal for layer in self.layers)
        return HeadMap(f"average of {len(maps)} heads {where}", mean.round().astype(np.uint8), causal)

    def html(self) -> str:
        """One self-contained page."""
        is_head = self.layer is not None and self.head is not None
        return view_page(self.model, self.tokens, self.chosen, [] if is_head else self.layers, self.labels)

    def svg(self) -> str:
        """The chosen map with its tokens and scale, as SVG."""
        shown = self.chosen
        title = f"{self.model}, {shown.title}"
        return heatmap_svg(shown.weights, self.tokens, self.tokens, title, causal=shown.causal)

    def png(self) -> bytes:
        """The same figure as a PNG.

        Raises:
            OutputError: no font that is installed has the letters of a token, or the map is too large.
        """
        shown = self.chosen
        if len(self.tokens) > MAX_PNG_TOKENS:
            raise OutputError(
                f"A PNG of {len(self.tokens):,} tokens would be too large ({MAX_PNG_TOKENS:,} at most). Write SVG "
                "instead (--svg), or a page (--out)."
            )
        title = f"{self.model}, {shown.title}"
        return heatmap_png(shown.weights, self.tokens, self.tokens, title, causal=shown.causal)

    def blocks(self, width: int = 80) -> Text:
        """The chosen map as coloured numbers for a terminal of `width` columns."""
        shown = self.chosen
        return blocks(shown.weights, self.tokens, f"{self.model}, {shown.title}", shown.causal, width)

    def save(self, path: str | Path) -> Path:
        """Writes the page, or the figure where the name ends in .svg or .png.

        Raises:
            OutputError: it cannot be written there, or not in the format that the name ends in.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in ("", ".html", ".htm", ".svg", ".png"):
            raise OutputError(f"{path.name} cannot be made: a view is written as .html, .svg or .png.")
        if suffix == ".png":
            return write_page(path, self.png())
        return write_page(path, (self.svg() if suffix == ".svg" else self.html()).encode("utf-8"))

    def _repr_html_(self) -> str:
        return framed(self.html())


def view(
    model: AnyModel,
    text: str,
    load: LoadOptions = LoadOptions(),
    *,
    layer: int | None = None,
    head: int | None = None,
    progress: Progress | None = None,
    db: str | Path | None = None,
) -> View:
    """Runs a model on a text and keeps every head's attention, in steps of 1/255.

    A name may be that of a scan in `db`; the model is then loaded from where the scan had it.

    `layer` and `head` narrow what is computed and kept. `progress` is called with the work done and the work in all.

    Raises:
        HeadatlasError: the text is empty or longer than the model's context, or `head` is given without `layer`.
        ModelError: the model cannot be loaded, has no tokenizer, or does not read one text (encoder-decoders, vision).
        UnknownNameError: it has no such layer or head.
        AttentionError: its hooks give something that is not attention.
    """
    if head is not None and layer is None:
        raise HeadatlasError("--head needs --layer: heads are counted within their layer.")
    if not text.strip():
        raise HeadatlasError("There is no text to look at. Give some words.")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise HeadatlasError("The text holds bytes that are no text in UTF-8. Give some words.")
    # With torch, which takes seconds.
    from headatlas.inputs.vocabulary import Vocabulary
    from headatlas.models.finding import location_of
    from headatlas.models.load import load_model
    from headatlas.store.locations import stored_model
    from headatlas.views.text_attention import text_attention

    name = None
    if isinstance(model, str | Path) and db is not None and location_of(str(model)) is None:
        stored = stored_model(db, str(model))
        if stored is not None:
            model, name = stored.to_load(), stored.model
            load = replace(load, revision=load.revision or stored.revision)
    loaded = load_model(model, load, name_as=name)
    _check_reads_text(loaded)
    vocabulary = Vocabulary(loaded.tokenizer, loaded.info.d_vocab)
    context = loaded.info.context_length
    if context is not None and vocabulary.exceeds(text, context):
        raise HeadatlasError(f"The text has more tokens than {loaded.info.name} reads: {context} at most.")
    sequence = vocabulary.sequence(vocabulary.encode(text), before=vocabulary.before, after=vocabulary.after)
    if not sequence.ids:
        raise HeadatlasError("The text has no token that this model's tokenizer knows. Give another text.")
    if context is not None and len(sequence) > context:
        raise HeadatlasError(f"The text has {len(sequence)} tokens; {loaded.info.name} reads {context} at most.")
    layers = text_attention(loaded, sequence, layer, head, progress)
    return View(loaded.info.name, text, sequence.texts, layers, layer, head, stored_labels(db, loaded.info.name))


def _check_reads_text(loaded: Model) -> None:
    """Raises ModelError for a model that reads anything but one text, or has no tokenizer to read it with."""
    if loaded.towers is not None:
        raise ModelError(
            f"'{loaded.info.name}' has one tower for texts and one for images, which `view` cannot read apart. Scan it "
            "instead: its pages show every head of both on the probes."
        )
    if loaded.patch_grid is not None:
        raise ModelError(
            f"'{loaded.info.name}' reads {loaded.patch_grid.medium}, not text. Scan it instead: its pages "
            "show every head on the probes."
        )
    if "decoder" in loaded.kinds:
        raise ModelError(
            f"'{loaded.info.name}' is an encoder-decoder: it needs a source and a target text, and `view` reads one "
            "text. Scan it instead: its pages show the encoder, the decoder and the cross-attention."
        )
    if loaded.tokenizer is None:
        raise ModelError(
            f"'{loaded.info.name}' has no tokenizer that can be read, so it cannot read a text. Put the files of the "
            "one that it was trained with into its folder, as tokenizer.json."
        )


def stored_labels(db: str | Path | None, model: str) -> dict[str, str]:
    """What a finished scan of this name calls heads, by name: "induction .90, first token .71"; nothing without one."""
    from headatlas.catalog.reader import Reader

    if db is None or not Path(db).is_file():
        return {}
    called: dict[str, list[str]] = {}
    try:
        with Reader(Path(db)) as reader:
            rows = reader.rows(
                """select attention, layer, head, label, strength from labels join heads on heads.id = head_id
                   join scans on scans.id = scan_id where model = ? and status = 'done' order by rank, label""",
                [model],
            )
    except HeadatlasError:  # the maps need no database
        return {}
    for row in rows:
        strength = "" if row["strength"] is None else f" {two_digits(row['strength'])}"
        name = head_name(row["attention"], row["layer"], row["head"])
        called.setdefault(name, []).append(f"{words(row['label'])}{strength}")
    return {name: ", ".join(labels) for name, labels in called.items()}
