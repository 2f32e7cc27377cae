"""What the search of every page knows: models with their shapes, never one entry a head.

37 models of 1,000 heads have 37 entries. A head that is asked for by its numbers is checked against the shape of its
model; heads that are asked for by what they do are the few that carry a label most strongly.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, Label, ModelData
from headatlas.atlas.draw.wording import words
from headatlas.atlas.make.glossary import terms
from headatlas.patterns import PATTERNS
from headatlas.patterns.vocabulary import SAME, names_for, published_names

STRONGEST = 3  # heads of a label that are named, in each model


def site_names(atlas: Atlas) -> dict[str, Any]:
    """Models, patterns and probes, each with the address of its page from the site's root, for the script."""
    numbers = {name: number for number, name in enumerate(atlas.newest)}
    return {
        "models": [
            {
                "name": model.name,
                "slug": model.slug,
                "layers": [[layer.name, len(layer.heads)] for layer in model.layers],
                "strongest": _strongest(model, numbers),
            }
            for model in atlas.models
        ],
        "entries": [
            *(_pattern(name, pattern.summary, atlas.pattern_files[name]) for name, pattern in atlas.newest.items()),
            *(_probe(name, probe.summary, atlas.probe_files[name]) for name, probe in atlas.newest_probes.items()),
            *_published(atlas),
            *(["term", term.name, f"glossary.html#{term.anchor}", term.text, term.also] for term in terms()),
            *_pages(atlas),
        ],
    }


def _pattern(name: str, summary: str, file: str) -> list[str]:
    return ["pattern", words(name), f"patterns/{file}.html", summary, also_called(name)]


def _probe(name: str, summary: str, file: str) -> list[str]:
    return ["probe", words(name), f"probes/{file}.html", summary, ""]


def _published(atlas: Atlas) -> list[list[str]]:
    """Names of the literature under which no pattern is found, the same name once."""
    own = {words(name) for name in atlas.newest} | set(PATTERNS.synonyms())
    entries: dict[str, list[str]] = {}
    for name in published_names():
        if name.fit == SAME and any(pattern in atlas.newest for pattern in name.patterns):
            continue
        here = [words(pattern) for pattern in name.patterns if pattern in atlas.newest] + list(name.evidence)
        said = f"{name.by}; here {', '.join(here)}" if here else f"{name.by}; not measured here"
        plain = words(name.spellings[0])
        if plain not in own:
            also = ", ".join(words(spelling) for spelling in name.spellings[1:])
            entries.setdefault(plain, ["name", f"{plain} head", "glossary.html#names", said, also])
    return list(entries.values())


def also_called(name: str) -> str:
    """What else heads of a pattern are called: "prefix matching, strict induction"."""
    definition = PATTERNS.get(name)
    known = definition.synonyms if definition is not None else ()
    published = [spelling for other in names_for(name) if other.fit == SAME for spelling in other.spellings]
    return words(", ".join(other for other in dict.fromkeys((*known, *published)) if other != name))


def strongest_heads(model: ModelData) -> dict[str, list[tuple[Head, Label]]]:
    """Heads that carry each label, the strongest first; a head whose strength is not known comes last."""
    carriers: dict[str, list[tuple[Head, Label]]] = defaultdict(list)
    for head in model.heads:
        for label in model.labels.get(head.id, []):
            carriers[label.name].append((head, label))
    for members in carriers.values():
        members.sort(key=lambda pair: (-(pair[1].strength or 0.0), pair[0].position))
    return dict(carriers)


def _strongest(model: ModelData, numbers: dict[str, int]) -> list[list[Any]]:
    """For each label the position of its pattern among the entries, then head after head with its strength."""
    return [
        [
            numbers[name],
            *(
                part
                for head, label in members[:STRONGEST]
                for part in (head.name, None if label.strength is None else round(label.strength, 2))
            ),
        ]
        for name, members in strongest_heads(model).items()
        if name in numbers
    ]


def _pages(atlas: Atlas) -> list[list[str]]:
    pages = [
        ["page", "methods", "methods.html", "How every number is made, and what each verdict says.",
         "method, score, chance, interval, evidence, ablation, calibration"],
        ["page", "all models", "index.html#models", "Every model of this atlas.", "front page, start, home"],
    ]  # fmt: skip
    pages.append(["page", "two heads side by side", "heads.html", "Any two heads on one text.", "compare heads"])
    if atlas.comparable:
        pages.append(["page", "compare two models", "compare.html", "Labels, patterns and heads side by side.", ""])
    return pages
