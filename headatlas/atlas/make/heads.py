"""The pages of a head and of a layer."""

from __future__ import annotations

from functools import partial

from headatlas.atlas.context.heatmaps import ExampleSection
from headatlas.atlas.context.labels import Chip
from headatlas.atlas.context.models import SimilarHead
from headatlas.atlas.context.pages import HeadPage, LayerPage
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, Layer, ModelData, Pattern
from headatlas.atlas.data.neighbours import Neighbours
from headatlas.atlas.data.scores import Score
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import plural, score, words
from headatlas.atlas.make import bars, effects, evidence, labels
from headatlas.atlas.make.facts import facts, head_words
from headatlas.atlas.make.literature import published
from headatlas.atlas.make.maps import LayerMaps
from headatlas.atlas.make.pictures import pictures_of
from headatlas.atlas.make.small_maps import small_map
from headatlas.atlas.make.wild import wild_texts
from headatlas.heads import ATTENTION_KINDS


def head_page(
    atlas: Atlas, model: ModelData, layer: Layer, head: Head, maps: LayerMaps, neighbours: Neighbours
) -> HeadPage:
    """The page of one head."""
    heads = model.heads
    best, examples = bars.highlights(model, head), maps.of_head(head)
    named = labels.chips(atlas, model, head)
    called = ", ".join(f"{chip.text} {chip.value}".rstrip() for chip in named[:3]) or "no label"
    return HeadPage(
        title=f"{head.name} · {model.name}",
        description=f"What {head.name} of {model.name} looks at ({called}): scores for "
        f"{plural(len(model.patterns), 'attention pattern')}, and heatmaps.",
        root="../../",
        trail=[(model.name, "../index.html"), (head.layer_name, f"../layers/{head.layer_name}.html")],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        name=head.name,
        words=head_words(head),
        layer=head.layer_name,
        layer_file=model.group_of[head.layer_name],
        previous=heads[head.position - 1].name if head.position else "",
        next=heads[head.position + 1].name if head.position + 1 < len(heads) else "",
        claims=named,
        labelled=labels.is_labelled(model),
        reasons=labels.reasons(atlas, model, head),
        sentence=model.sentences.get(head.id, ""),
        budget=next(iter(maps.once("budgets", head, partial(labels.budgets, atlas, model, head))), None),
        evidence=evidence.section(model, head),
        highlights=[
            Chip(
                text=words(pattern.name),
                value=score(best_score.score, 2),
                hue=family_class(pattern.family),
                file=atlas.pattern_files[pattern.name],
            )
            for pattern, best_score in best
        ],
        wild=wild_texts(maps, head),
        examples=examples,
        pictures=layer.attention == "cross" and bool(pictures_of(model)),
        clearest=clearest(best, examples),
        similar=_similar(model, head, neighbours),
        strongest=bars.strongest(atlas, model, head),
        n_scores=len([pattern for pattern in model.patterns if model.probes_of(pattern)]),
        published=published(model, head),
        n_heads=len(heads),
        causal=layer.causal,
        kind=layer.attention,
    )


def layer_page(atlas: Atlas, model: ModelData, layer: Layer, maps: LayerMaps) -> LayerPage:
    """The page of one layer."""
    names = [other.name for other in model.layers]
    position = names.index(layer.name)
    columns = effects.columns([model])
    return LayerPage(
        title=f"{layer.name} · {model.name}",
        description=f"All {plural(len(layer.heads), 'head')} of {ATTENTION_KINDS[layer.attention].layer.lower()} "
        f"{layer.layer} of {model.name} side by side.",
        root="../../",
        trail=[(model.name, "../index.html")],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        layer=layer,
        layer_file=model.group_of[layer.name],
        words=f"{ATTENTION_KINDS[layer.attention].layer} {layer.layer}",
        previous=names[position - 1] if position else "",
        next=names[position + 1] if position + 1 < len(names) else "",
        labels=[
            (head.name, labels.chips(atlas, model, head), effects.shown(model, head, columns), small_map(model, head))
            for head in layer.heads
        ],
        effects=columns,
        examples=maps.of_layer(),
        kind=layer.attention,
    )


def clearest(best: list[tuple[Pattern, Score]], examples: list[ExampleSection]) -> str:
    """Anchor of the sequence on which a head shows itself best; empty where none stands out."""
    return next((example.anchor for example in examples if best and example.probe == best[0][0].probe), "")


def _similar(model: ModelData, head: Head, neighbours: Neighbours) -> list[SimilarHead]:
    return [
        SimilarHead(
            model=other.name,
            name=near.name,
            href=f"{near.name}.html" if other.slug == model.slug else f"../../{other.slug}/heads/{near.name}.html",
            difference=distance,
        )
        for other, near, distance in neighbours.of(model, head)
    ]
