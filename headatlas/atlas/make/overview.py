"""The pages about a whole model: its own page, the explorer, and how its scan was made."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from headatlas.atlas.context.definitions import PatternChoice
from headatlas.atlas.context.labels import UnnamedKind
from headatlas.atlas.context.models import ExplorerRow, Fact
from headatlas.atlas.context.pages import AboutPage, ExplorerPage, ModelPage
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import ModelData, Pattern
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import plural, score, words
from headatlas.atlas.make import bars, charts, effects, evidence, labels, mosaics
from headatlas.atlas.make.circuits import has_edges
from headatlas.atlas.make.circuits_page import strongest_kinds
from headatlas.atlas.make.facts import drawn_head, facts
from headatlas.atlas.make.number_files import evidence_files, score_files
from headatlas.atlas.make.pictures import pictures_of
from headatlas.atlas.make.small_maps import small_map
from headatlas.patterns.lookup import comes_last, prominence_of
from headatlas.settings import __version__

# Columns of the table of heads as it comes, where no pattern of the scan is a prominent one.
MAX_COLUMNS = 6
# Heads in the table as it comes; the script leafs through all, from data that it has anyway, as many a page.
MAX_ROWS = 100


def model_page(atlas: Atlas, model: ModelData) -> ModelPage:
    """The page of one model."""
    readable = _readable(model)
    legend = labels.label_keys(model)
    numbers = labels.label_numbers(model)
    chosen = None if legend else _first_choice(readable)
    probe = model.probes_of(chosen)[0] if chosen else ""
    counts = labels.counts(atlas, model)
    if chosen:
        top = model.largest(chosen, probe)
        shown = mosaics.by_score(model, chosen.family, model.scores[chosen.name, probe], top)
    else:
        shown = mosaics.by_label(model, legend)
    return ModelPage(
        title=model.name,
        description=f"{plural(len(model.heads), 'attention head')} of {model.name}, "
        f"scored for {plural(len(model.patterns), 'pattern')}.",
        root="../",
        trail=[],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        run=atlas.runs.get(model.name, ""),
        drawn=drawn_head([model])[1],
        mosaics=shown,
        lettered=all(mosaic.columns <= mosaics.MAX_LETTERED for mosaic in shown),
        choices=[PatternChoice(name=pattern.name, family=pattern.family) for pattern in readable],
        causes=list(evidence.titles(model).items()),
        probes=model.probes,
        hue=family_class(chosen.family) if chosen else "",
        chosen=chosen.name if chosen else "",
        chosen_probe=probe,
        legend=legend,
        thumbnails=[mosaics.thumbnail(atlas, model, pattern, 130) for pattern in readable],
        tops=[bars.top_heads(atlas, model, pattern) for pattern in readable],
        counts=counts,
        stacks=charts.layer_stacks(model),
        pictures=bool(pictures_of(model)),
        circuits=has_edges(model),
        edges=strongest_kinds(model),
        stack_width=max([len(layer.heads) for layer in model.layers], default=1) or 1,
        n_unclassified=labels.n_unclassified(model, counts),
        n_resting=labels.n_resting(counts),
        labelled=labels.is_labelled(model),
        dots=charts.dot_groups(model, numbers),
        unnamed=_unnamed_kinds(model),
        small_maps=[
            (layer.name, len(layer.heads), first)
            for layer in model.layers
            if layer.heads and (first := small_map(model, layer.heads[0])) is not None
        ],
        depths=charts.depth_charts(atlas, model),
        warnings=model.warnings,
        data={
            "chosen": chosen.name if chosen else "",
            "labels": [
                {
                    "text": key.text,
                    "code": key.code,
                    "hue": key.hue,
                    "summary": key.summary,
                    "rests": comes_last(key.text.replace(" ", "_")),
                }
                for key in legend
            ],
            "files": score_files(atlas, model),
            "evidence": evidence_files(model),
            "dots": {
                head.name: " ".join(charts.dot(model, head)) for head in model.heads if head.id in model.positions
            },
        },
    )


def explorer_page(atlas: Atlas, model: ModelData) -> ExplorerPage:
    """Every head in a table; the script adds columns, filters and sorting."""
    readable = _readable(model)
    known = {pattern.name: pattern for pattern in readable}
    columns = [name for name in known if prominence_of(name)] or list(known)[:MAX_COLUMNS]
    beside, measures = effects.columns([model]), effects.measures(model)
    rows = []
    for head in model.heads[:MAX_ROWS]:
        best = bars.highlights(model, head)[:1]
        values = []
        for name in columns:
            value = model.scores[name, model.probes_of(known[name])[0]].get(head.id)
            values.append(score(value.score if value else None))
        rows.append(
            ExplorerRow(
                name=head.name,
                layer=head.layer,
                chips=labels.chips(atlas, model, head),
                strongest=words(best[0][0].name) if best else "–",
                values=[*values, *effects.shown(model, head, beside)],
            )
        )
    return ExplorerPage(
        title=f"Heads of {model.name}",
        description=f"All {plural(len(model.heads), 'head')} of {model.name} in a table to sort, filter and download.",
        root="../",
        trail=[(model.name, "index.html")],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        columns=columns,
        effects=beside,
        measures=measures,
        rows=rows,
        choices=[PatternChoice(name=pattern.name, family=pattern.family) for pattern in readable],
        labels=sorted({label.name for given in model.labels.values() for label in given}),
        probes=[probe.name for probe in model.probes],
        data={
            "columns": [*columns, *(column.id for column in beside)],
            "files": score_files(atlas, model),
            "measures": {
                measure.id: {"file": measure.file, "probe": measure.probe, "title": measure.title, "unit": measure.unit}
                for measure in measures
            },
        },
    )


def about_page(atlas: Atlas, model: ModelData, described: Mapping[str, str]) -> AboutPage:
    """How a scan was made, and what the certificate says of it."""
    scan = model.scan
    return AboutPage(
        title=f"About the scan of {model.name}",
        description=f"How {model.name} was scanned: certificate, warnings, probes, versions, and every setting.",
        root="../",
        trail=[(model.name, "index.html")],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        certificate=dict(model.certificate) if model.certificate else None,
        warnings=model.warnings,
        layers=model.layers,
        probes=[(probe, atlas.probe_files[probe.name]) for probe in model.probes],
        provenance=[
            Fact(name=name, value=_shown(scan[name]), description=described.get(name, ""))
            for name in scan.keys()  # noqa: SIM118 - a Row iterates over values
            if name != "versions"
        ],
        citation=citation(model),
        downloads=[f"{model.slug}.zip", f"{model.slug}.db"] if atlas.downloads else [],
        versions=sorted((str(name), str(value)) for name, value in _versions(scan).items()),
    )


def citation(model: ModelData) -> str:
    """A BibTeX entry for what a scan says of a model: who, with which version, of which weights, when."""
    scan, name = model.scan, _for_tex(model.name)
    version = _versions(scan).get("headatlas", __version__)
    day = (scan["finished"] or "")[:10]
    note = [f"{len(model.heads)} heads, {len(model.patterns)} patterns", f"headatlas {_for_tex(str(version))}"]
    note += [f"scanned {day}"] if day else []
    note += [f"weights {str(scan['digest'])[:16]}"] if scan["digest"] else []
    fields = {
        "author": "{The headatlas authors}",
        "title": f"Attention heads of {{{name}}}",
        "year": day[:4],
        "note": ", ".join(note),
    }
    lines = [f"  {field} = {{{value}}}," for field, value in fields.items() if value]
    return "\n".join([f"@misc{{headatlas-{model.slug},", *lines, "}"])


def _for_tex(text: str) -> str:
    """A name with the characters that TeX reads as its own escaped: `gpt\\_2`."""
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(letter, f"\\{letter}" if letter in "#$%&_{}" else letter) for letter in text)


def _unnamed_kinds(model: ModelData) -> list[UnnamedKind]:
    """Groups of heads that no label covers, the largest first."""
    heads = {head.id: head for head in model.heads}
    unnamed = [
        UnnamedKind(
            name=kind.name,
            n_heads=len(kind.heads),
            typical=[(heads[head].name, small_map(model, heads[head])) for head in kind.heads[: labels.MAX_NAMED]],
            marks=list(kind.marks),
        )
        for kind in model.grouped
        if kind.label is None
    ]
    return sorted(unnamed, key=lambda kind: -kind.n_heads)


def _readable(model: ModelData) -> list[Pattern]:
    return [pattern for pattern in model.patterns if model.probes_of(pattern)]


def _first_choice(patterns: Sequence[Pattern]) -> Pattern | None:
    targets = [pattern for pattern in patterns if pattern.is_target] or list(patterns)
    return max(targets, key=lambda pattern: prominence_of(pattern.name), default=None)


def _versions(scan: sqlite3.Row) -> dict[str, Any]:
    versions = json.loads(scan["versions"] or "{}")
    return versions if isinstance(versions, dict) else {"versions": versions}


def _shown(value: object) -> str:
    if value is None or value == "":
        return "–"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)
