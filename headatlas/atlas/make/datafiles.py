"""Scores as small scripts that pages load when they need them: a file opened from a disk may load scripts, not data.

`data/tokens-KIND.js` has the tokens of the sequences whose heatmaps are kept, `data/layers-NUMBER.js` maps
and tables of a layer or of some that have few heads, `data/heads.js` a model's heads, their
labels with strength and confidence, and every pattern's score on its own probe, `data/scores-NUMBER.js` some patterns'
scores on every probe, `data/evidence-NUMBER.js` some types of evidence on every probe (see `number_files`),
`data/circuits.js` the edges between heads that are drawn, `data/picture-NUMBER.js` a picture with where each word of
its sentence is looked at.
`assets/names.js` is the site's own. What is long is packed (`packing.table`), and `templates/js/files.js` says what
comes out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import ModelData, Pattern
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.make import bars, circuits, circuits_page, evidence, packing, pictures
from headatlas.atlas.make.maps import sequence_data
from headatlas.atlas.make.names import site_names
from headatlas.atlas.make.number_files import evidence_files, score_files
from headatlas.catalog.reader import Reader
from headatlas.evidence.types import DRAWN_TYPES, TYPES, WRITING_TYPES
from headatlas.evidence.words.effect_words import Line


def data_files(atlas: Atlas, model: ModelData) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name inside the model's folder, and what makes the content, of each file."""
    readable = [pattern for pattern in model.patterns if model.probes_of(pattern)]
    for kind in model.kinds:
        yield f"data/tokens-{kind}.js", partial(_tokens_script, atlas, model, kind)
    yield "data/heads.js", lambda: packing.script(_packed(f"{model.slug} heads", _heads(model, readable)))
    if circuits.has_edges(model):
        edges = partial(circuits_page.circuits_data, model)
        yield "data/circuits.js", lambda: packing.script(_packed(f"{model.slug} circuits", _Table(edges(), [])))
    titles = evidence.titles(model)
    of_types = {name: partial(_evidence, model, name, title) for name, title in titles.items()}
    of_patterns = {pattern.name: partial(_pattern, model, pattern) for pattern in readable}
    for addresses, make in ((evidence_files(model), of_types), (score_files(atlas, model), of_patterns)):
        files: dict[str, dict[str, Callable[[], _Table]]] = {}
        for name, address in addresses.items():
            files.setdefault(address.split("#")[0], {})[address] = make[name]
        for file, content in files.items():
            yield f"data/{file}.js", partial(_numbers_script, model, content)


def names_file(atlas: Atlas) -> bytes:
    """`assets/names.js`: what the search of every page knows."""
    return packing.script(_packed("names", _Table(site_names(atlas), [])))


class _Table(NamedTuple):
    """What `packing.table` packs: facts, and numbers of all heads in thousandths."""

    facts: dict[str, Any]
    columns: list[np.ndarray]


def _numbers_script(model: ModelData, made: Mapping[str, Callable[[], _Table]]) -> bytes:
    """What lies at some addresses of one file."""
    return packing.script("".join(_packed(f"{model.slug} {address}", make()) for address, make in made.items()))


def _evidence(model: ModelData, type_: str, title: str) -> _Table:
    """One type of evidence, as `_pattern` has scores, none of them sink-free."""
    by_probe = evidence.values(model, type_)
    known = next(iter(next(iter(by_probe.values())).values()))
    spread = {probe: _spread(model, of_heads) for probe, of_heads in by_probe.items()}
    facts = {
        "name": type_,
        "title": title,
        "hue": family_class("content"),
        "against": family_class("positional"),
        "summary": described.description if (described := (TYPES | WRITING_TYPES | DRAWN_TYPES).get(type_)) else "",
        "unit": known.unit,
        "probes": {probe: facts for probe, (facts, _) in spread.items()},
    }
    return _Table(facts, [_thousandths(values) for _, values in spread.values()])


def _spread(model: ModelData, of_heads: Mapping[int, Line]) -> tuple[dict[str, Any], np.ndarray]:
    """One type of evidence on one probe, and its values; beyond `fit` lie the largest twentieth."""
    # A square without a colour rather than an estimate that looks like a measurement.
    measured = {head: line.value for head, line in of_heads.items() if line.exact}
    sizes = sorted(map(abs, measured.values())) or [0.0]
    facts = {
        "chance": None,
        "top": sizes[-1] or 1.0,
        "fit": sizes[round(0.95 * (len(sizes) - 1))] or sizes[-1] or 1.0,
    }
    return facts, np.array([measured.get(head.id, np.nan) for head in model.heads], dtype=float)


def picture_file(reader: Reader, model: ModelData, picture: pictures.Picture, file: str) -> bytes:
    """The content of `data/picture-NUMBER.js`."""
    return _script(f"{model.slug} {file}", pictures.picture_data(reader, model, picture))


def _tokens_script(atlas: Atlas, model: ModelData, kind: str) -> bytes:
    return _script("tokens", sequence_data(model, kind, atlas.probe_files))


def _heads(model: ModelData, patterns: Sequence[Pattern]) -> _Table:
    """Heads of a model with their labels; the columns are patterns' scores, each on the probe it is to be read on."""
    own = [(pattern, model.probes_of(pattern)[0]) for pattern in patterns]
    facts = {
        "model": model.name,
        "heads": [head.name for head in model.heads],
        "layers": [
            [layer.name, len(layer.heads), layer.attention, model.group_of[layer.name]] for layer in model.layers
        ],
        "labels": [
            [
                [label.name, _hundredths(label.strength), _hundredths(label.confidence)]
                for label in model.labels.get(head.id, [])
            ]
            for head in model.heads
        ],
        "patterns": {
            pattern.name: {
                "hue": family_class(pattern.family),
                "probe": probe,
                "unit": pattern.unit,
                "chance": bars.common_chance(model, pattern.name, probe),
            }
            for pattern, probe in own
        },
    }
    return _Table(facts, [_thousandths(model.scores[pattern.name, probe].score) for pattern, probe in own])


def _pattern(model: ModelData, pattern: Pattern) -> _Table:
    """A pattern's scores; the columns are, for each probe, the scores and what the sink-free ones are above them."""
    probes, columns = {}, []
    for probe in model.probes_of(pattern):
        scores = model.scores[pattern.name, probe]
        of_all, sink_free = _thousandths(scores.score), _thousandths(scores.sink_free)
        columns += [of_all, sink_free - np.nan_to_num(of_all)]
        probes[probe] = {
            "chance": bars.common_chance(model, pattern.name, probe),
            "top": model.largest(pattern, probe),
        }
    facts = {
        "name": pattern.name,
        "hue": family_class(pattern.family),
        "summary": pattern.summary,
        "unit": pattern.unit,
        "probes": probes,
    }
    return _Table(facts, columns)


def _hundredths(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _thousandths(values: np.ndarray) -> np.ndarray:
    """In thousandths, NaN where there is none; whole numbers are small and exact in every browser."""
    return np.rint(1000 * values)


def _packed(key: str, made: _Table) -> str:
    return _assigned(key, f'"{packing.table(*made)}"')


def _script(key: str, value: Any) -> bytes:
    return _assigned(key, json.dumps(value, ensure_ascii=True, separators=(",", ":"))).encode("ascii")


def _assigned(key: str, value: str) -> str:
    # Before or after the scripts that read it.
    return f"((window.headatlas??={{}}).data??={{}})[{json.dumps(key)}]={value};\n"
