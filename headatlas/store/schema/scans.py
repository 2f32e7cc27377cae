"""Tables of scans, and the two views of their scores and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headatlas.store.schema.base import DESCRIPTIONS, HEAD, PROBE, SCAN, Key, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database


DESCRIPTIONS |= {
    "scans": {
        "": "One run of a model over the probes, with everything needed to repeat it.",
        "id": "Number of the scan.",
        "model": "Name of the model as given to `scan`, or with --as.",
        "status": "'running' until the last chunk is written, then 'done'; only finished scans appear in the views.",
        "plan": "Digest of everything that decides the numbers; a scan is resumed only when it is the same.",
        "architecture": "Class of the Hugging Face model.",
        "source": "Where the weights came from: hub, folder, gguf, bridge or object (in Python), recorded, or headvis.",
        "revision": "Revision on the hub, where there is one.",
        "digest": "SHA-256 of the weight files, where they are local, or else of the parameters.",
        "n_layers": "Number of layers.",
        "n_heads": "Attention heads in a layer.",
        "d_model": "Width of the residual stream.",
        "d_vocab": "Size of the vocabulary.",
        "context_length": "Longest sequence the model takes, in tokens.",
        "n_parameters": "Number of parameters.",
        "tokenizer": "Class of the tokenizer; empty when the model has none.",
        "dtype": "Number format the model ran in; scores are summed in float32 and float64 whatever it is.",
        "device": "Device the model ran on.",
        "seed": "Seed of the probes and of the bootstrap.",
        "command": "The command line or Python call.",
        "versions": "JSON object: package name to version.",
        "started": "When the scan began (UTC, ISO 8601).",
        "finished": "When it ended (UTC, ISO 8601).",
        "seconds": "Seconds spent computing, interruptions not counted.",
        "n_chunks": "Number of chunks of work the scan consists of.",
        "calibration": "Version of the calibration the labels were made with; null until there are labels.",
    },
    "warnings": {
        "": "What a reader of a scan's numbers should know.",
        "scan_id": "The scan.",
        "warning": "One sentence.",
    },
    "layers": {
        "": "Every attention module of a scan and what the correctness certificate found there.",
        "scan_id": "The scan.",
        "attention": "self, encoder, decoder, cross or vision.",
        "layer": "Layer, counted from 0.",
        "hook": "Name of the TransformerLens hook the attention was read from.",
        "n_heads": "Heads in this module.",
        "causal": "1 when no head puts mass on later positions, measured on the certificate's sequences.",
        "scored": "1 when the layer's heads were scored; 0 when its hook gave no attention (see warnings).",
        "max_difference": "Largest difference from Hugging Face's own eager attention; null when not compared.",
        "row_sum_min": "Smallest sum of a row of attention.",
        "row_sum_max": "Largest sum of a row of attention.",
        "above_diagonal": "Largest attention mass a query puts on later positions.",
    },
    "certificates": {
        "": "The correctness certificate of a scan: hooked attention against Hugging Face's own.",
        "scan_id": "The scan.",
        "passed": "1 when compared and within tolerance, 0 when compared and not, null when not compared.",
        "compared_with": "What the hooks' attention was compared with, or why it was not.",
        "probe": "Probe whose first sequences were used.",
        "n_sequences": "Sequences compared.",
        "n_tokens": "Tokens compared.",
        "max_difference": "Largest difference over all layers, heads, queries and keys.",
        "tolerance": "Largest difference allowed.",
        "row_sum_min": "Smallest sum of a row.",
        "row_sum_max": "Largest sum of a row.",
        "above_diagonal": "Largest mass on later positions in any layer taken as causal.",
    },
    "patterns": {
        "": "Definitions of patterns and row statistics, one row a version.",
        "id": "Number of the pattern's version.",
        "name": "Name.",
        "version": "Goes up when a change breaks comparison with earlier scores.",
        "kind": "'target' (share of attention on target keys) or 'statistic' (a number of the row).",
        "family": "positional, content, token class, ...",
        "probe": "Probe on which the pattern is meant to be read.",
        "summary": "First line of the definition.",
        "description": "The definition.",
        "example": "Worked example.",
        "formula": "What is averaged, as a formula.",
        "unit": "Unit of the score.",
        "source": "Paper the definition comes from.",
        "rivals": "JSON list: patterns that could explain the same score.",
    },
    "probes": {
        "": "Input texts, one row a version.",
        "id": "Number of the probe's version.",
        "name": "Name.",
        "version": "Goes up when a change breaks comparison with earlier scores.",
        "summary": "First line of the description.",
        "description": "What the sequences are and why.",
    },
    "scan_probes": {
        "": "Which probes a scan ran, and how they fitted the model.",
        "scan_id": "The scan.",
        "probe_id": "The probe.",
        "n_sequences": "Sequences run; 0 when the probe was left out.",
        "n_tokens": "Tokens run.",
        "note": "What was cut or why the probe was left out; empty when it ran as it is.",
    },
    "heads": {
        "": "Attention heads.",
        "id": "Number of the head.",
        "scan_id": "The scan it was seen in.",
        "attention": "self, encoder, decoder, cross or vision.",
        "layer": "Layer, counted from 0.",
        "head": "Head within the layer, counted from 0.",
    },
    "scores": {
        "": "How far each head follows each pattern on each probe.",
        "head_id": "The head.",
        "pattern_id": "The pattern.",
        "probe_id": "The probe it was measured on.",
        "score": "Mean over counted queries of the attention on target keys; for a statistic its mean.",
        "score_nosink": "The same with the first position taken out and rows renormalised; null where nothing is left.",
        "chance": "What uniform attention would score; null for a statistic.",
        "ci_low": "Lower end of the 95% bootstrap interval over sequences.",
        "ci_high": "Upper end of the 95% bootstrap interval over sequences.",
        "half_a": "Score on every other sequence that is counted, from the first.",
        "half_b": "Score on the others.",
        "null_score": "The same attention against the targets of shuffled tokens; null where order alone decides them.",
        "value_weighted": "Score of attention weighted by the value vectors' norms; null unless the scan asked for it.",
        "p_value": "One-sided p-value of the sequences' scores against chance (t-test); null for a statistic.",
        "q_value": "p_value corrected over all heads of the model (Benjamini-Hochberg).",
        "rival": "The pattern that could explain this score and that the head follows most; null where there is none.",
        "rival_score": "The rival's score on the same probe.",
        "best_offset": "The fixed offset that would score best on this pattern's queries, in tokens back.",
        "offset_score": "What a head that always looks that far back would score.",
        "n_queries": "Queries counted.",
        "n_sequences": "Sequences with at least one counted query.",
        "n_sunk": "Queries left out of score_nosink because over 0.99 of their attention is on the sink.",
    },
    "examples": {
        "": "Sequences whose attention is kept as heatmaps.",
        "id": "Number of the example.",
        "scan_id": "The scan.",
        "probe_id": "The probe it comes from.",
        "sequence": "Position of the sequence in the probe.",
        "token_ids": "JSON list of token ids; of an encoder-decoder those that the decoder reads.",
        "tokens": "JSON list of what each token says; of a vision model the names of its patches.",
        "special": "JSON list of 0 and 1: tokens the tokenizer adds.",
        "key_token_ids": "JSON list of the ids that the encoder of an encoder-decoder reads; else null.",
        "key_tokens": "JSON list of what they say: cross-attention's keys, the encoder's queries and keys; else null.",
        "key_special": "JSON list of 0 and 1 for them; else null.",
        "image": "The image that a vision model saw (PNG); else null.",
        "grid_rows": "Rows of patches in the image; else null.",
        "grid_columns": "Columns of patches in the image; else null.",
    },
    "heatmaps": {
        "": "Attention of one head on one example.",
        "example_id": "The example.",
        "head_id": "The head.",
        "weights": "zlib-compressed bytes, one per weight, row-major [query, key]; 255 is 1.",
    },
    "labels": {
        "": "What a head is called, with calibrated confidence.",
        "head_id": "The head.",
        "label": "Name of the kind of head.",
        "confidence": "Calibrated probability that the label is right.",
        "rank": "1 for the primary label.",
        "strength": "Share of the head's attention that only this label explains, from all its scores together.",
        "explained": "What the head's other strengths, its sink and chance would score on this pattern anyway.",
        "explained_by": "The other pattern, or sink or chance, that explains the most of the score.",
    },
    "overlaps": {
        "": "What a head that follows one pattern perfectly would score on another: how scores explain each other.",
        "scan_id": "The scan, since it depends on the text and on how the tokenizer cuts it.",
        "probe_id": "The probe.",
        "attention": "The kind of attention, which decides what may be looked at.",
        "pattern_id": "The pattern that is scored.",
        "other_id": "The pattern that the imagined head follows; null for a head that rests on the first position.",
        "score": "The score it would get.",
    },
    "distances": {
        "": "Mean attention by distance between query and key.",
        "head_id": "The head.",
        "probe_id": "The probe.",
        "first": "Distance of the first entry of `attention`: 0, or negative where heads look ahead.",
        "attention": "JSON list: mean attention on the key that many tokens back, over the queries that have one.",
    },
    "kinds": {
        "": "Heads of a scan grouped by their whole profile, without looking at labels.",
        "id": "Number of the kind.",
        "scan_id": "The scan.",
        "name": "The label most of its heads carry, or 'unnamed kind 1', ... where they carry none.",
        "n_heads": "Heads in it.",
        "label": "The commonest label of its heads; null where most heads have none.",
        "share": "Share of its heads that carry that label.",
        "marks": "JSON list of what sets it apart: pattern, probe, its mean score, the mean of all heads.",
    },
    "head_map": {
        "": "Where each head lies on the two-dimensional map of a scan's profiles, and its kind.",
        "head_id": "The head.",
        "kind_id": "Its kind; null for a head that is like no group.",
        "typicality": "How near the middle of its kind the head lies: 1 is the most typical.",
        "x": "Horizontal place, 0 to 1; only nearness means something.",
        "y": "Vertical place, 0 to 1.",
    },
    "chunks": {
        "": "Work done of unfinished scans; emptied when a scan is finished.",
        "scan_id": "The scan.",
        "chunk": "Number of the chunk.",
        "seconds": "Seconds it took.",
        "data": "Sums and counts of the chunk (npz).",
    },
    "descriptions": {
        "": "This table: what every table and column means.",
        "table_name": "Table or view.",
        "column_name": "Column; empty for the table itself.",
        "description": "What it means.",
    },
    "head_scores": {"": "Every score of every finished scan; a promised view."},
    "head_labels": {"": "Every label of every finished scan; a promised view."},
}

VIEWS = {
    "head_scores": """
        select scans.model, heads.attention, heads.layer, heads.head, patterns.name as pattern, probes.name as probe,
               scores.score, scores.score_nosink, scores.chance, scores.ci_low, scores.ci_high,
               scores.n_queries, scores.n_sequences
        from scores
        join heads on heads.id = scores.head_id
        join scans on scans.id = heads.scan_id
        join patterns on patterns.id = scores.pattern_id
        join probes on probes.id = scores.probe_id
        where scans.status = 'done'
    """,
    "head_labels": """
        select scans.model, heads.attention, heads.layer, heads.head, labels.label, labels.confidence, labels.rank
        from labels
        join heads on heads.id = labels.head_id
        join scans on scans.id = heads.scan_id
        where scans.status = 'done'
    """,
}


@migrations()
def first_tables(db: Database) -> None:
    """Everything a scan writes."""
    # One row each: columns with their types, primary key, foreign keys, columns that may not be null.
    tables: list[tuple[str, dict[str, Any], Any, list[Key], set[str]]] = [
        (
            "scans",
            dict(id=int, model=str, status=str, plan=str, architecture=str, source=str, revision=str, digest=str)
            | dict(n_layers=int, n_heads=int, d_model=int, d_vocab=int, context_length=int, n_parameters=int)
            | dict(tokenizer=str, dtype=str, device=str, seed=int, command=str, versions=str)
            | dict(started=str, finished=str, seconds=float, n_chunks=int),
            "id",
            [],
            {"model", "status", "plan"},
        ),
        ("warnings", dict(scan_id=int, warning=str), ("scan_id", "warning"), [SCAN], set()),
        (
            "layers",
            dict(scan_id=int, attention=str, layer=int, hook=str, n_heads=int, causal=int, scored=int)
            | dict(max_difference=float, row_sum_min=float, row_sum_max=float, above_diagonal=float),
            ("scan_id", "attention", "layer"),
            [SCAN],
            set(),
        ),
        (
            "certificates",
            dict(scan_id=int, passed=int, compared_with=str, probe=str, n_sequences=int, n_tokens=int)
            | dict(max_difference=float, tolerance=float, row_sum_min=float, row_sum_max=float, above_diagonal=float),
            "scan_id",
            [SCAN],
            set(),
        ),
        (
            "patterns",
            dict(id=int, name=str, version=int, kind=str, family=str, probe=str, summary=str, description=str)
            | dict(example=str, formula=str, unit=str, source=str, rivals=str),
            "id",
            [],
            {"name", "version"},
        ),
        ("probes", dict(id=int, name=str, version=int, summary=str, description=str), "id", [], {"name", "version"}),
        (
            "scan_probes",
            dict(scan_id=int, probe_id=int, n_sequences=int, n_tokens=int, note=str),
            ("scan_id", "probe_id"),
            [SCAN, PROBE],
            set(),
        ),
        (
            "heads",
            dict(id=int, scan_id=int, attention=str, layer=int, head=int),
            "id",
            [SCAN],
            {"scan_id", "attention", "layer", "head"},
        ),
        (
            "scores",
            dict(head_id=int, pattern_id=int, probe_id=int, score=float, score_nosink=float, chance=float)
            | dict(ci_low=float, ci_high=float, half_a=float, half_b=float, null_score=float, value_weighted=float)
            | dict(p_value=float, q_value=float, rival=str, rival_score=float, best_offset=int, offset_score=float)
            | dict(n_queries=int, n_sequences=int, n_sunk=int),
            ("head_id", "pattern_id", "probe_id"),
            [HEAD, ("pattern_id", "patterns", "id"), PROBE],
            set(),
        ),
        (
            "examples",
            dict(id=int, scan_id=int, probe_id=int, sequence=int, token_ids=str, tokens=str, special=str),
            "id",
            [SCAN, PROBE],
            set(),
        ),
        (
            "heatmaps",
            dict(example_id=int, head_id=int, weights=bytes),
            ("example_id", "head_id"),
            [("example_id", "examples", "id"), HEAD],
            set(),
        ),
        (
            "labels",
            dict(head_id=int, label=str, confidence=float, rank=int),
            ("head_id", "label"),
            [HEAD],
            set(),
        ),
        ("chunks", dict(scan_id=int, chunk=int, seconds=float, data=bytes), ("scan_id", "chunk"), [SCAN], set()),
    ]
    for name, columns, pk, keys, not_null in tables:
        table_of(db, name).create(columns, pk=pk, foreign_keys=foreign_keys(name, keys), not_null=not_null)
    table_of(db, "patterns").create_index(["name", "version"], unique=True)
    table_of(db, "probes").create_index(["name", "version"], unique=True)
    table_of(db, "heads").create_index(["scan_id", "attention", "layer", "head"], unique=True)
    table_of(db, "examples").create_index(["scan_id", "probe_id", "sequence"], unique=True)
    table_of(db, "heatmaps").create_index(["head_id"])
    table_of(db, "scores").create_index(["pattern_id", "probe_id", "score"])
    # A finished scan is what a model's name means: two of one name cannot both be.
    db.execute("create unique index one_done_scan_per_model on scans(model) where status = 'done'")
    for name, sql in VIEWS.items():
        db.create_view(name, sql)


@migrations()
def labels_and_profiles(db: Database) -> None:
    """What labels rest on, and the view of heads that uses no labels."""
    table_of(db, "scans").add_column("calibration", str)
    for column, type_ in (("strength", float), ("explained", float), ("explained_by", str)):
        table_of(db, "labels").add_column(column, type_)
    pattern = ("pattern_id", "patterns", "id")
    table_of(db, "overlaps").create(
        dict(scan_id=int, probe_id=int, pattern_id=int, other_id=int, score=float),
        foreign_keys=foreign_keys("overlaps", [SCAN, PROBE, pattern, ("other_id", "patterns", "id")]),
        not_null={"scan_id", "probe_id", "pattern_id", "score"},
    )
    table_of(db, "overlaps").create_index(["scan_id", "probe_id", "pattern_id"])
    table_of(db, "distances").create(
        dict(head_id=int, probe_id=int, first=int, attention=str),
        pk=("head_id", "probe_id"),
        foreign_keys=foreign_keys("distances", [HEAD, PROBE]),
    )
    table_of(db, "kinds").create(
        dict(id=int, scan_id=int, name=str, n_heads=int, label=str, share=float, marks=str),
        pk="id",
        foreign_keys=foreign_keys("kinds", [SCAN]),
    )
    table_of(db, "kinds").create_index(["scan_id"])
    table_of(db, "head_map").create(
        dict(head_id=int, kind_id=int, typicality=float, x=float, y=float),
        pk="head_id",
        foreign_keys=foreign_keys("head_map", [HEAD, ("kind_id", "kinds", "id")]),
    )


@migrations()
def key_tokens(db: Database) -> None:
    """What the encoder of an encoder-decoder reads, and the images of vision models."""
    columns = dict(key_token_ids=str, key_tokens=str, key_special=str, image=bytes, grid_rows=int, grid_columns=int)
    for name, kind in columns.items():
        table_of(db, "examples").add_column(name, kind)
    table_of(db, "overlaps").add_column("attention", str)
    # Until now a scan's overlaps were those of one kind of attention.
    db.execute("update overlaps set attention = (select min(attention) from heads where scan_id = overlaps.scan_id)")
