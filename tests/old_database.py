"""A database as the first version of the schema made it, in plain SQL: no code of ours can change what it was."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

SCHEMA = """
CREATE TABLE "_sqlite_migrations" (
    "id" INTEGER PRIMARY KEY, "migration_set" TEXT, "name" TEXT, "applied_at" TEXT
);
CREATE TABLE "scans" (
    "id" INTEGER PRIMARY KEY, "model" TEXT NOT NULL, "status" TEXT NOT NULL, "plan" TEXT NOT NULL,
    "architecture" TEXT, "source" TEXT, "revision" TEXT, "digest" TEXT, "n_layers" INTEGER, "n_heads" INTEGER,
    "d_model" INTEGER, "d_vocab" INTEGER, "context_length" INTEGER, "n_parameters" INTEGER, "tokenizer" TEXT,
    "dtype" TEXT, "device" TEXT, "seed" INTEGER, "command" TEXT, "versions" TEXT, "started" TEXT, "finished" TEXT,
    "seconds" REAL, "n_chunks" INTEGER
);
CREATE TABLE "warnings" (
    "scan_id" INTEGER REFERENCES "scans"("id"), "warning" TEXT, PRIMARY KEY ("scan_id", "warning")
);
CREATE TABLE "layers" (
    "scan_id" INTEGER REFERENCES "scans"("id"), "attention" TEXT, "layer" INTEGER, "hook" TEXT, "n_heads" INTEGER,
    "causal" INTEGER, "scored" INTEGER, "max_difference" REAL, "row_sum_min" REAL, "row_sum_max" REAL,
    "above_diagonal" REAL, PRIMARY KEY ("scan_id", "attention", "layer")
);
CREATE TABLE "certificates" (
    "scan_id" INTEGER PRIMARY KEY REFERENCES "scans"("id"), "passed" INTEGER, "compared_with" TEXT, "probe" TEXT,
    "n_sequences" INTEGER, "n_tokens" INTEGER, "max_difference" REAL, "tolerance" REAL, "row_sum_min" REAL,
    "row_sum_max" REAL, "above_diagonal" REAL
);
CREATE TABLE "patterns" (
    "id" INTEGER PRIMARY KEY, "name" TEXT NOT NULL, "version" INTEGER NOT NULL, "kind" TEXT, "family" TEXT,
    "probe" TEXT, "summary" TEXT, "description" TEXT, "example" TEXT, "formula" TEXT, "unit" TEXT, "source" TEXT,
    "rivals" TEXT
);
CREATE TABLE "probes" (
    "id" INTEGER PRIMARY KEY, "name" TEXT NOT NULL, "version" INTEGER NOT NULL, "summary" TEXT, "description" TEXT
);
CREATE TABLE "scan_probes" (
    "scan_id" INTEGER REFERENCES "scans"("id"), "probe_id" INTEGER REFERENCES "probes"("id"), "n_sequences" INTEGER,
    "n_tokens" INTEGER, "note" TEXT, PRIMARY KEY ("scan_id", "probe_id")
);
CREATE TABLE "heads" (
    "id" INTEGER PRIMARY KEY, "scan_id" INTEGER NOT NULL REFERENCES "scans"("id"), "attention" TEXT NOT NULL,
    "layer" INTEGER NOT NULL, "head" INTEGER NOT NULL
);
CREATE TABLE "scores" (
    "head_id" INTEGER REFERENCES "heads"("id"), "pattern_id" INTEGER REFERENCES "patterns"("id"),
    "probe_id" INTEGER REFERENCES "probes"("id"), "score" REAL, "score_nosink" REAL, "chance" REAL, "ci_low" REAL,
    "ci_high" REAL, "half_a" REAL, "half_b" REAL, "null_score" REAL, "value_weighted" REAL, "p_value" REAL,
    "q_value" REAL, "rival" TEXT, "rival_score" REAL, "best_offset" INTEGER, "offset_score" REAL,
    "n_queries" INTEGER, "n_sequences" INTEGER, "n_sunk" INTEGER, PRIMARY KEY ("head_id", "pattern_id", "probe_id")
);
CREATE TABLE "examples" (
    "id" INTEGER PRIMARY KEY, "scan_id" INTEGER REFERENCES "scans"("id"),
    "probe_id" INTEGER REFERENCES "probes"("id"), "sequence" INTEGER, "token_ids" TEXT, "tokens" TEXT,
    "special" TEXT
);
CREATE TABLE "heatmaps" (
    "example_id" INTEGER REFERENCES "examples"("id"), "head_id" INTEGER REFERENCES "heads"("id"), "weights" BLOB,
    PRIMARY KEY ("example_id", "head_id")
);
CREATE TABLE "labels" (
    "head_id" INTEGER REFERENCES "heads"("id"), "label" TEXT, "confidence" REAL, "rank" INTEGER,
    PRIMARY KEY ("head_id", "label")
);
CREATE TABLE "chunks" (
    "scan_id" INTEGER REFERENCES "scans"("id"), "chunk" INTEGER, "seconds" REAL, "data" BLOB,
    PRIMARY KEY ("scan_id", "chunk")
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name" ON "_sqlite_migrations" ("migration_set", "name");
CREATE UNIQUE INDEX "idx_patterns_name_version" ON "patterns" ("name", "version");
CREATE UNIQUE INDEX "idx_probes_name_version" ON "probes" ("name", "version");
CREATE UNIQUE INDEX "idx_heads_scan_id_attention_layer_head" ON "heads" ("scan_id", "attention", "layer", "head");
CREATE UNIQUE INDEX "idx_examples_scan_id_probe_id_sequence" ON "examples" ("scan_id", "probe_id", "sequence");
CREATE INDEX "idx_heatmaps_head_id" ON "heatmaps" ("head_id");
CREATE INDEX "idx_scores_pattern_id_probe_id_score" ON "scores" ("pattern_id", "probe_id", "score");
CREATE UNIQUE INDEX one_done_scan_per_model on scans(model) where status = 'done';
CREATE VIEW "head_scores" AS
        select scans.model, heads.attention, heads.layer, heads.head, patterns.name as pattern, probes.name as probe,
               scores.score, scores.score_nosink, scores.chance, scores.ci_low, scores.ci_high,
               scores.n_queries, scores.n_sequences
        from scores
        join heads on heads.id = scores.head_id
        join scans on scans.id = heads.scan_id
        join patterns on patterns.id = scores.pattern_id
        join probes on probes.id = scores.probe_id
        where scans.status = 'done';
CREATE VIEW "head_labels" AS
        select scans.model, heads.attention, heads.layer, heads.head, labels.label, labels.confidence, labels.rank
        from labels
        join heads on heads.id = labels.head_id
        join scans on scans.id = heads.scan_id
        where scans.status = 'done';
CREATE TABLE "descriptions" (
    "table_name" TEXT, "column_name" TEXT, "description" TEXT, PRIMARY KEY ("table_name", "column_name")
);
"""

CONTENT = """
insert into _sqlite_migrations(migration_set, name, applied_at) values ('headatlas', 'first_tables', '2025-01-01');
insert into descriptions values ('scans', '', 'A description of that time.');
insert into patterns(id, name, version, kind, probe) values
    (1, 'previous_token', 1, 'target', 'natural_text'), (2, 'entropy', 1, 'statistic', 'natural_text');
insert into probes(id, name, version) values (1, 'natural_text', 1);
insert into scans(id, model, status, plan, seconds) values
    (1, 'first', 'done', 'a', 2), (2, 'second', 'done', 'b', 2), (3, 'unfinished', 'running', 'c', 1);
insert into heads(id, scan_id, attention, layer, head) values
    (1, 1, 'self', 0, 0), (2, 1, 'self', 0, 1), (3, 2, 'self', 0, 0), (4, 2, 'self', 0, 1);
insert into scores(head_id, pattern_id, probe_id, score, score_nosink, chance, n_queries) values
    (1, 1, 1, 0.5, 0.625, 0.25, 9), (2, 1, 1, 0.75, null, 0.25, 9), (3, 1, 1, 0.125, 0.25, 0.25, 9),
    (4, 1, 1, 1, 1, 0.25, 9), (1, 2, 1, 0.5, 0.5, null, 9), (2, 2, 1, 0.25, 0.5, null, 9),
    (3, 2, 1, 0.5, 0.5, null, 9), (4, 2, 1, 0.75, 0.5, null, 9);
"""

# For each finished scan, which has the heads `2 * scan - 1` and `2 * scan`.
OF_A_SCAN = """
insert into warnings values (:scan, 'Something to know.');
insert into layers(scan_id, attention, layer, n_heads, causal, scored) values (:scan, 'self', 0, 2, 1, 1);
insert into certificates(scan_id, passed) values (:scan, 1);
insert into scan_probes(scan_id, probe_id, n_sequences, n_tokens) values (:scan, 1, 4, 12);
insert into examples(id, scan_id, probe_id, sequence, token_ids, tokens, special)
    values (:scan, :scan, 1, 0, '[1, 2]', '["a", "b"]', '[0, 0]');
insert into heatmaps values (:scan, 2 * :scan, :weights);
insert into labels values (2 * :scan, 'previous_token', 0.9, 1);
"""


def make(path: Path) -> Path:
    """Writes it, with two finished scans and one that was cut off after its first chunk."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma synchronous = off")  # every statement is committed by itself
        connection.executescript(SCHEMA + CONTENT)
        weights = zlib.compress(bytes([255, 0, 128, 127]))
        for scan in (1, 2):
            for statement in OF_A_SCAN.split(";")[:-1]:
                connection.execute(statement, {"scan": scan, "weights": weights})
        connection.execute("insert into chunks values (3, 0, 1.0, ?)", [b"sums"])
    return path
