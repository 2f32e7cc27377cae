"""Labels, kinds and the map of a stored scan, made from what the database holds: no model, no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from headatlas.errors import DatabaseError
from headatlas.files.given import exists
from headatlas.heads import HEADVIS, RECORDED
from headatlas.labels import clusters
from headatlas.labels.budget import budgets
from headatlas.labels.confidence import labels_version
from headatlas.labels.label import Label, label
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.unmixing import Unmixed, identical_patterns, unmix
from headatlas.patterns.lookup import is_compared
from headatlas.probes import PROBES
from headatlas.scanning.describing import sentences_of
from headatlas.scanning.label_inputs import by_window, lacks_scores, n_tokens, own_probes, sink_shares
from headatlas.scanning.stored_scores import numbers_of, places_of, scores_by_probe
from headatlas.scoring.tally import N_DISTANCES
from headatlas.store.limits import MAX_LIST
from headatlas.store.scans import Store

# Columns of a listing of `Labelled`.
LABELLED_COLUMNS = ("model", "heads", "labelled", "labels", "unnamed kinds")


@dataclass(frozen=True)
class Labelled:
    """What was done to one model: heads in all, heads with a label, labels given, kinds found without a name."""

    model: str
    n_heads: int
    n_labelled: int
    n_labels: int
    n_unnamed: int


def relabel(store: Store, model: str) -> Labelled:
    """Makes the labels, kinds and map of a finished scan again, and stores them in the place of the old.

    Raises:
        DatabaseError: there is no such scan, or it is older than labels are.
    """
    scan = store.finished(model)
    if scan is None:
        raise DatabaseError(f"{store.path} has no finished scan of '{model}'. `headatlas models` lists them.")
    return label_scan(store, scan["id"])


def relabel_all(db: str | Path, models: Sequence[str] = (), *, everything: bool = False) -> list[Labelled]:
    """The same for the named models of a database, or all; up-to-date ones are left alone unless `everything`.

    Raises:
        DatabaseError: there is no database, no such scan, or it is older than labels are.
    """
    if not exists(db):
        raise DatabaseError(f"There is no database {db}. Make one with `headatlas scan MODEL --db {db}`.")
    done = []
    with Store(db) as store:
        names = models or [row["model"] for row in store.db.query("select model from scans where status = 'done'")]
        for name in names:
            row = store.finished(name)
            if row is not None and not models and (row["source"] == HEADVIS or lacks_scores(store, row["id"])):
                continue  # there is nothing to make labels from, and nobody asked for it
            if row is None or everything or row["calibration"] != labels_version():
                done.append(relabel(store, name))
    return done


def label_scan(store: Store, scan: int) -> Labelled:
    """The same for a scan by its number, finished or about to be."""
    row = store.first_row("select * from scans where id = ?", [scan])
    assert row is not None
    if row["source"] == HEADVIS:
        raise DatabaseError(
            f"'{row['model']}' cannot be labelled: HeadVis' metrics have no chance, interval or controls to judge them "
            "by. Scan the model itself under another name: `headatlas scan MODEL --as NAME`."
        )
    if store.first_row("select 1 from overlaps where scan_id = ? and off_sink is not null", [scan]) is None:
        raise DatabaseError(
            f"The scan of '{row['model']}' says nothing of attention off the sink, and labels lack their ground: it "
            "was made before headatlas looked off the sink, or no pattern for this kind of attention has a query in "
            f"its texts. Scan it again with `headatlas scan {row['model']} --force`, or on longer texts."
        )
    if lacks_scores(store, scan):
        raise DatabaseError(
            f"The scan of '{row['model']}' was imported from a folder that has scores of patterns on their own probes "
            "alone; labels need those on every probe, and stay as they are. Scan it again under another name: "
            "`headatlas scan MODEL --as NAME`."
        )
    own_probe = own_probes(store, scan, recorded=row["source"] == RECORDED)
    kinds = _values(store, "select distinct attention from heads where scan_id = ? order by 1", scan)
    labels: list[Label] = []
    clusterings: list[tuple[list[int], clusters.Clustering]] = []
    warnings: dict[str, str] = {}  # by pattern
    parts: dict[tuple[int, str], dict[str, float]] = {}
    for kind in kinds:
        heads = _values(
            store, "select id from heads where scan_id = ? and attention = ? order by layer, head", scan, kind
        )
        index_of = {head: index for index, head in enumerate(heads)}
        given: list[Label] = []
        # Only said where there is more than one kind of attention.
        where = f" in {kind} attention" if len(kinds) > 1 else ""
        for window, own in by_window(store, scan, kind).items():
            by_probe = scores_by_probe(store, scan, kind, own, window)
            warnings |= _identical_patterns(by_probe, own_probe, where)
            unmixed = {probe: unmix(scores) for probe, scores in by_probe.items()}
            claims = label(by_probe, own_probe, unmixed=unmixed)
            given += [replace(claim, head=index_of[own[claim.head]]) for claim in claims]
            parts |= _budgets(store, scan, own, by_probe, unmixed, frozenset(own_probe))
        clusterings.append((heads, _clustering(store, heads, given, row["seed"] or 0, where)))
        labels += [replace(claim, head=heads[claim.head]) for claim in given]
    with store.transaction():
        for _, warning in sorted(warnings.items()):
            store.warn(scan, warning)
        store.write_labels(scan, labels_version(), labels)
        store.write_budgets(scan, parts)
        store.write_sentences(scan, sentences_of(store, scan, labels))
        store.write_kinds(scan, clusterings)
    return Labelled(
        row["model"],
        n_heads=sum(len(heads) for heads, _ in clusterings),
        n_labelled=len({claim.head for claim in labels}),
        n_labels=len(labels),
        n_unnamed=sum(cluster.label is None for _, clustering in clusterings for cluster in clustering.clusters),
    )


def _budgets(
    store: Store,
    scan: int,
    heads: list[int],
    by_probe: Mapping[str, ProbeScores],
    unmixed: Mapping[str, Unmixed],
    named: frozenset[str],
) -> dict[tuple[int, str], dict[str, float]]:
    """Budgets of some heads, by the head's number in the database and the probe."""
    sinks, tokens = sink_shares(store, scan), n_tokens(store, scan)
    parts: dict[tuple[int, str], dict[str, float]] = {}
    for probe, scores in by_probe.items():
        shares = {index: sinks[head][probe] for index, head in enumerate(heads) if probe in sinks[head]}
        own = budgets(scores, unmixed[probe], shares, tokens[probe], named)
        parts |= {(heads[index], probe): divided for index, divided in own.items()}
    return parts


def _values(store: Store, sql: str, *values: Any) -> list[Any]:
    """The first column of a query."""
    return [row[0] for row in store.db.execute(sql, values).fetchall()]


def _identical_patterns(
    by_probe: Mapping[str, ProbeScores], own_probe: Mapping[str, str], where: str
) -> dict[str, str]:
    """Warnings about patterns that have the same targets as an earlier one on their own probe, by pattern."""
    return {
        name: f"On this model's texts {name} has the same targets as {earlier}{where}; {earlier} labels both."
        for probe, scores in by_probe.items()
        for name, earlier in identical_patterns(scores).items()
        if own_probe.get(name) == probe
    }


def _clustering(store: Store, heads: list[int], labels: Sequence[Label], seed: int, where: str) -> clusters.Clustering:
    """Clusters of heads of one kind of attention, which `where` adds to their names."""
    primary = {claim.head: claim.label for claim in labels if claim.rank == 1}
    clustering = clusters.cluster(_profiles(store, heads), primary, seed)
    if not where:
        return clustering
    renamed = tuple(replace(cluster, name=cluster.name + where) for cluster in clustering.clusters)
    return replace(clustering, clusters=renamed)


def _profiles(store: Store, heads: list[int]) -> clusters.Profiles:
    index_of = {head: index for index, head in enumerate(heads)}
    columns: dict[tuple[str, str], np.ndarray] = {}
    every = numbers_of(store, "scores", heads, ("pattern_id", "probe_id", "score"))
    every = every[~np.isnan(every[:, 3])]
    places = places_of(heads, every[:, 0])
    patterns, probes_by_id = (
        dict(store.db.execute(f"select id, name from {table}").fetchall()) for table in ("patterns", "probes")
    )
    pairs, pair_of = np.unique(every[:, 1:3].astype(int), axis=0, return_inverse=True)
    order = np.argsort(pair_of.ravel(), kind="stable")
    ends_of = np.cumsum(np.bincount(pair_of.ravel(), minlength=len(pairs)))
    named = [
        ((patterns[pattern], probes_by_id[probe]), number) for number, (pattern, probe) in enumerate(pairs.tolist())
    ]
    for name, number in sorted(named):
        if is_compared(name[0]):
            own = order[ends_of[number - 1] if number else 0 : ends_of[number]]
            columns.setdefault(name, np.full(len(heads), np.nan))[places[own]] = every[own, 3]
    ends = (min(heads), max(heads))
    distances = [
        row
        for row in store.db.query(
            f"select head_id, name, first, substr(attention, 1, {MAX_LIST + 1}) as attention "
            "from distances join probes on probes.id = probe_id where head_id between ? and ? order by name",
            ends,
        )
        if row["head_id"] in index_of
    ]
    measured = list(dict.fromkeys(row["name"] for row in distances))
    # Clusters and the map see attention by distance on some probes, or on all where a scan has none of these.
    probes = sorted(probe.name for probe in PROBES if probe.by_distance and probe.name in measured) or measured
    by_distance = np.zeros((len(heads), len(probes), 2 * N_DISTANCES - 1))
    for row in distances:
        if row["name"] in probes:
            values = json.loads(row["attention"])
            start = row["first"] + N_DISTANCES - 1
            profile = by_distance[index_of[row["head_id"]], probes.index(row["name"])]
            profile[start : start + len(values)] = values
    # None where no pattern that heads are compared by has a query in the texts.
    values = np.empty((len(heads), len(columns)))
    for number, column in enumerate(columns.values()):
        values[:, number] = clusters.as_share(column)
    return clusters.Profiles(
        values,
        tuple(columns),
        by_distance.reshape(len(heads), -1),
    )
