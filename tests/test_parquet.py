"""Parquet: every view with its columns and values; and heads as the hooks of TransformerLens."""

from __future__ import annotations

import json
import sqlite3
import sys

import pyarrow.parquet
import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.share import parquet
from tests import fake_database

pyarrow_parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    path = fake_database.make(folder / "a.db", models=("m", "n"), attention=("self", "encoder", "cross"))
    with sqlite3.connect(path) as connection:
        hooks = {"self": "blocks", "encoder": "encoder_blocks", "cross": "decoder_blocks"}
        for attention, blocks in hooks.items():
            module = "cross_attn" if attention == "cross" else "attn"
            connection.execute(
                f"update layers set hook = '{blocks}.' || layer || '.{module}.hook_pattern' where attention = ?",
                [attention],
            )
        connection.execute(
            "insert into labels(head_id, label, confidence, rank) select id, 'my_label', 0.5, 1 from heads "
            "where layer = 1 and head in (3, 1)"
        )
        connection.execute("update layers set hook = 'model.layers.0.self_attn' where scan_id = 2")
    return path


def invoke(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "160"})


@pytest.mark.slow
def test_views_have_their_columns_and_values(db, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_ROWS", 100)  # several row groups
    done = invoke("export", "--parquet", tmp_path, "--db", db)
    assert done.exit_code == 0, done.stderr
    files = [line.rpartition("/")[2] for line in done.stdout.split()]
    assert {"head_scores.parquet", "head_labels.parquet", "head_evidence.parquet"} <= set(files)
    with headatlas.open(db) as catalog:
        for file in files:
            table = pyarrow_parquet.read_table(tmp_path / file)
            expected = catalog.query(f"select * from {file.removesuffix('.parquet')}")
            assert table.column_names == list(expected.columns)
            rows = [tuple(row.values()) for row in table.to_pylist()]
            assert sorted(rows, key=repr) == sorted(map(tuple, expected.rows), key=repr)
    assert json.loads(table.schema.metadata[b"models"]) == ["m", "n"]


def test_one_model_alone_and_files_of_an_earlier_export(db, tmp_path):
    ours = pyarrow.schema([], {"models": "[]", "description": ""})
    pyarrow.parquet.write_table(ours.empty_table(), tmp_path / "head_budget.parquet")
    assert invoke("export", "n", "--parquet", tmp_path, "--db", db).exit_code == 0
    assert set(pyarrow_parquet.read_table(tmp_path / "head_scores.parquet")["model"].to_pylist()) == {"n"}
    assert not (tmp_path / "head_budget.parquet").exists()
    assert "no model 'o'" in invoke("export", "o", "--parquet", tmp_path, "--db", db).stderr


def test_without_pyarrow_there_is_a_sentence(db, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    done = invoke("export", "--parquet", tmp_path, "--db", db)
    assert done.exit_code == 1
    assert done.stderr == "Error: Parquet files need pyarrow: pip install 'headatlas[parquet]'.\n"


def test_hooks_of_every_kind_of_attention(db):
    with headatlas.open(db) as catalog:
        heads = catalog.labels("m").query("label == 'my_label'")
        assert heads.hooks() == {
            "blocks.1.attn.hook_z": [1, 3],
            "encoder_blocks.1.attn.hook_z": [1, 3],
            "decoder_blocks.1.cross_attn.hook_z": [1, 3],
        }
        strong = catalog.heads("m", pattern="induction", head="L2H1")
        assert strong.hooks("hook_pattern") == {"blocks.2.attn.hook_pattern": [1]}
        with pytest.raises(HeadatlasError, match="several models: m, n"):
            catalog.heads(pattern="induction").hooks()
        with pytest.raises(HeadatlasError, match="was not read through a hook of TransformerLens"):
            catalog.heads("n", pattern="induction").hooks()
