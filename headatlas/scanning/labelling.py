"""Labels, kinds and the map of a stored scan, made from what the database holds: no model, no torch."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from headatlas.errors import DatabaseError
from headatlas.heads import RECORDED
from headatlas.labels import clusters
from headatlas.labels.calibration import calibration
from headatlas.labels.label import Label, label
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.unmixing import identical_patterns
from headatlas.probes import PROBES
from headatlas.scoring.tally import N_DISTANCES
from headatlas.store.scans import Store

# Columns of a listing of `Labelled`.
LISTED = ("model", "heads", "labelled", "labels", "unnamed kinds")
_COLUMNS = ("score", "ci_low", "half_a", "half_b", "null_score")


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
    if not Path(db).exists():
        raise DatabaseError(f"There is no database {db}. Make one with `headatlas scan MODEL --db {db}`.")
    done = []
    with Store(db) as store:
        names = models or [row["model"] for row in store.db.query("select model from scans where status = 'done'")]
        for name in names:
            row = store.finished(name)
            if row is None or everything or row["calibration"] != calibration().version:
                done.append(relabel(store, name))
    return done


def label_scan(store: Store, scan: int) -> Labelled:
    """The same for a scan by its number, finished or about to be."""
    row = store.one("select * from scans where id = ?", [scan])
    assert row is not None
    if store.one("select 1 from overlaps where scan_id = ?", [scan]) is None:
        raise DatabaseError(
            f"The scan of '{row['model']}' was made before headatlas gave labels and lacks what they rest on. "
            f"Scan it again with `headatlas scan {row['model']} --force`."
        )
    found: list[Label] = []
    heads = [one["id"] for one in store.db.query("select id from heads where scan_id = ? order by id", [scan])]
    attention = [
        one["attention"]
        for one in store.db.query("select distinct attention from heads where scan_id = ? order by 1", [scan])
    ]
    own_probe = {
        one["name"]: one["probe"]
        for one in store.db.query(
            "select name, probe from patterns where id in (select distinct pattern_id from overlaps where scan_id = ?)",
            [scan],
        )
    }
    if row["source"] == RECORDED:
        # There is no other text, and what a pattern's own probe would rule out is taken off by unmixing the scores.
        own_probe = dict.fromkeys(own_probe, RECORDED)
    identical: dict[str, tuple[str, str]] = {}  # with where: only said where there is more than one kind of attention
    clusterings: dict[str, tuple[list[int], clusters.Clustering]] = {}
    for kind in attention:
        ids = [
            one["id"]
            for one in store.db.query(
                "select id from heads where scan_id = ? and attention = ? order by layer, head", [scan, kind]
            )
        ]
        by_probe = _by_probe(store, scan, kind, ids)
        where = f" in {kind} attention" if len(attention) > 1 else ""
        identical |= {
            name: (earlier, where)
            for probe, scores in by_probe.items()
            for name, earlier in identical_patterns(scores).items()
            if own_probe[name] == probe
        }
        given = label(by_probe, own_probe)
        primary = {one.head: one.label for one in given if one.rank == 1}
        clustering = clusters.cluster(_profiles(store, ids), primary, row["seed"] or 0)
        if where:
            renamed = tuple(replace(one, name=one.name + where) for one in clustering.clusters)
            clustering = replace(clustering, clusters=renamed)
        clusterings[kind] = ids, clustering
        found += [Label(ids[one.head], *_rest(one)) for one in given]
    with store.transaction():
        for name, (earlier, where) in sorted(identical.items()):
            same = f"{name} has the same targets as {earlier}{where}; {earlier} labels both."
            store.warn(scan, f"On this model's texts {same}")
        store.write_labels(scan, calibration().version, found)
        store.write_kinds(scan, clusterings.values())
    return Labelled(
        row["model"],
        n_heads=len(heads),
        n_labelled=len({one.head for one in found}),
        n_labels=len(found),
        n_unnamed=sum(one.label is None for _, clustering in clusterings.values() for one in clustering.clusters),
    )


def _rest(one: Label) -> tuple[str, float, int, float, float, str]:
    return one.label, one.confidence, one.rank, one.strength, one.explained, one.explained_by


def _by_probe(store: Store, scan: int, kind: str, heads: list[int]) -> dict[str, ProbeScores]:
    """Scores of some heads (of one kind of attention) on each probe, as labels need them."""
    place = {head: row for row, head in enumerate(heads)}
    rows: dict[str, dict[int, list[dict[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for one in store.db.query(
        f"""select head_id, pattern_id, patterns.name as pattern, probes.name as probe, chance, n_queries, n_sequences,
                   {", ".join(f"scores.{name}" for name in _COLUMNS)}
            from scores join heads on heads.id = head_id
            join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
            where heads.scan_id = ? and patterns.kind = 'target'""",
        [scan],
    ):
        if one["head_id"] in place:
            rows[one["probe"]][one["pattern_id"]].append(one)
    overlaps = _overlaps(store, scan, kind)
    found: dict[str, ProbeScores] = {}
    for probe, of_patterns in rows.items():
        ids = sorted(of_patterns)
        arrays = {name: np.full((len(heads), len(ids)), np.nan) for name in _COLUMNS}
        for column, pattern in enumerate(ids):
            for one in of_patterns[pattern]:
                for name in _COLUMNS:
                    if one[name] is not None:
                        arrays[name][place[int(one["head_id"])], column] = one[name]
        firsts = [of_patterns[pattern][0] for pattern in ids]
        known = overlaps.get(probe, {})
        found[probe] = ProbeScores(
            patterns=tuple(str(one["pattern"]) for one in firsts),
            score=arrays["score"],
            ci_low=arrays["ci_low"],
            half_a=arrays["half_a"],
            half_b=arrays["half_b"],
            null=arrays["null_score"],
            chance=np.array([one["chance"] for one in firsts], dtype=float),
            n_queries=np.array([one["n_queries"] for one in firsts], dtype=float),
            n_sequences=np.array([one["n_sequences"] for one in firsts], dtype=float),
            overlaps=np.array([[known.get((row, other), 0.0) for other in (*ids, None)] for row in ids]),
        )
    return found


def _overlaps(store: Store, scan: int, kind: str) -> Mapping[str, Mapping[tuple[int, int | None], float]]:
    found: dict[str, dict[tuple[int, int | None], float]] = defaultdict(dict)
    for one in store.db.query(
        """select name, pattern_id, other_id, score from overlaps join probes on probes.id = probe_id
           where scan_id = ? and attention = ?""",
        [scan, kind],
    ):
        found[one["name"]][one["pattern_id"], one["other_id"]] = one["score"]
    return found


def _profiles(store: Store, heads: list[int]) -> clusters.Profiles:
    place = {head: row for row, head in enumerate(heads)}
    columns: dict[tuple[str, str], np.ndarray] = {}
    ends = (min(heads), max(heads))
    for one in store.db.query(
        """select head_id, patterns.name as pattern, probes.name as probe, score from scores
           join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
           where head_id between ? and ? order by patterns.name, probes.name""",
        ends,
    ):
        if one["head_id"] in place and one["score"] is not None:
            column = columns.setdefault((one["pattern"], one["probe"]), np.full(len(heads), np.nan))
            column[place[one["head_id"]]] = one["score"]
    distances = [
        one
        for one in store.db.query(
            "select head_id, name, first, attention from distances join probes on probes.id = probe_id "
            "where head_id between ? and ? order by name",
            ends,
        )
        if one["head_id"] in place
    ]
    there = list(dict.fromkeys(one["name"] for one in distances))
    # Clusters and the map see attention by distance on some probes, or on all where a scan has none of these.
    probes = sorted(probe.name for probe in PROBES if probe.by_distance and probe.name in there) or there
    by_distance = np.zeros((len(heads), len(probes), 2 * N_DISTANCES - 1))
    for one in distances:
        if one["name"] in probes:
            values = json.loads(one["attention"])
            start = one["first"] + N_DISTANCES - 1
            row = by_distance[place[one["head_id"]], probes.index(one["name"])]
            row[start : start + len(values)] = values
    return clusters.Profiles(
        np.stack([clusters.as_share(column) for column in columns.values()], 1),
        tuple(columns),
        by_distance.reshape(len(heads), -1),
    )
