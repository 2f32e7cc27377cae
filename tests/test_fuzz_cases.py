"""Hostile files and words that once ended in a traceback, an endless wait or gigabytes: a sentence each."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import struct
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file, save_file
from tokenizers import Regex, pre_tokenizers

from headatlas.attention import certificate, recorded_files
from headatlas.attention.modules import find_modules
from headatlas.attention.source import MOST_WHOLE, HookedModel
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, ModelError
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.finding import find
from headatlas.models.load import load_model
from headatlas.probes import own_text
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from tests import fake_database
from tests.test_fuzz_inputs import rows
from tests.tiny_models import gguf_file


@pytest.fixture
def model(tiny, tmp_path):
    """A model's folder to spoil."""
    return shutil.copytree(tiny("gpt2"), tmp_path / "model")


def configured(folder, **settings):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | settings))
    return str(folder)


@pytest.mark.parametrize("dtype", ["<f2", ">f4", ">f8", "g"])
def test_recorded_numbers_of_any_width_score_alike(tmp_path, dtype):
    np.savez(tmp_path / "a.npz", attention=rows(3).astype(dtype), token_ids=np.arange(3)[None])
    (layer,) = recorded_files.read(tmp_path / "a.npz").layers["self"]
    np.testing.assert_allclose(layer, rows(3)[0], atol=1e-3)


def test_an_array_that_nobody_asked_for_is_not_read(tmp_path):
    """What is in it is no array at all."""
    np.savez(tmp_path / "a.npz", attention=rows(3), token_ids=np.arange(3)[None])
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as file:
        file.writestr("activations.npy", b"no array")
    assert len(recorded_files.read(tmp_path / "a.npz").sequences) == 1


def test_shapes_are_refused_before_numbers_are_read(tmp_path):
    """The header alone is right: whoever reads the numbers finds none."""
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        for name, shape, n_bytes in (("token_ids", (1, 3), 24), ("attention", (1, 2, 1, 3, 3), 10**6)):
            with file.open(f"{name}.npy", "w") as stream:
                header = {"descr": "<i8" if name == "token_ids" else "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(stream, header)
                stream.write(bytes(n_bytes))
    with pytest.raises(HeadatlasError, match=r"has shape \(2, 1, 3, 3\); with 1 sequences"):
        recorded_files.read(tmp_path / "a.npz")


@pytest.mark.parametrize("header", ["{'descr': open('x')}", "[1]", "(" * 4000 + ")" * 4000, "{" + " " * 20_000 + "}"])
def test_headers_of_arrays_that_are_none(tmp_path, header):
    np.savez(tmp_path / "a.npz", token_ids=np.arange(3)[None])
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as file:
        file.writestr("attention.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
    with pytest.raises(
        HeadatlasError, match="the header of `attention` is damaged, or too long to be meant. It has to"
    ):
        recorded_files.read(tmp_path / "a.npz")


@pytest.mark.parametrize("kind", ["cross", "vision"])
def test_texts_in_which_few_patterns_or_none_have_a_query(tmp_path, kind):
    ids = np.arange(3)[None]
    np.savez(tmp_path / "a.npz", **{kind: rows(3)}, token_ids=ids, **({"source_ids": ids} if kind == "cross" else {}))
    done = CliRunner().invoke(main, ["score", str(tmp_path / "a.npz"), "--db", str(tmp_path / "x.db")])
    assert done.exit_code == (kind == "vision"), done.output
    assert ("no pattern for this kind of attention has a query in its texts" in done.stderr) == (kind == "vision")


def test_attention_by_two_names(tmp_path):
    np.savez(tmp_path / "a.npz", attention=rows(3), **{"self.0": rows(3)[0]}, token_ids=np.arange(3)[None])
    with pytest.raises(HeadatlasError, match="`attention` and `self`, which are names of the same"):
        recorded_files.read(tmp_path / "a.npz")


@pytest.mark.slow
@pytest.mark.parametrize("lengths", [[600], [600, 3], [520, 600]])
def test_sequences_longer_than_those_of_a_certificate(tmp_path, lengths):
    """Recorded attention cannot be cut as texts are that a model is to read."""
    n = max(lengths)
    token_ids = np.full((len(lengths), n), -1)
    for row, length in zip(token_ids, lengths, strict=True):
        row[:length] = np.arange(length) % 50
    np.savez(tmp_path / "a.npz", attention=rows(n, n_batch=len(lengths)), token_ids=token_ids)
    done = CliRunner().invoke(main, ["score", str(tmp_path / "a.npz"), "--db", str(tmp_path / "x.db")])
    assert done.exit_code == 0, done.output
    with sqlite3.connect(tmp_path / "x.db") as connection:
        ((score, n_queries),) = connection.execute(
            "select score, n_queries from head_scores where pattern = 'first_token'"
        ).fetchall()
        ((n_sequences, n_tokens),) = connection.execute("select n_sequences, n_tokens from certificates").fetchall()
    assert n_queries == sum(lengths) - len(lengths)
    expected = sum(1 / (query + 1) for length in lengths for query in range(1, length)) / n_queries
    assert score == pytest.approx(expected, rel=0.01)
    assert (n_sequences, n_tokens) == {1: (1, 600), 2: (1, min(lengths))}[len(lengths)]


def test_sequences_of_one_token(tmp_path):
    np.savez(tmp_path / "a.npz", attention=rows(1, n_batch=2), token_ids=np.zeros((2, 1), int))
    done = CliRunner().invoke(main, ["score", str(tmp_path / "a.npz"), "--db", str(tmp_path / "x.db")])
    assert done.exit_code == 1
    assert "Every sequence has one token" in done.stderr
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize("n_rows", [2**28, 1])
def test_empty_sequences(tmp_path, n_rows):
    np.savez(tmp_path / "a.npz", attention=rows(3), token_ids=np.zeros((n_rows, 0), np.int64))
    with pytest.raises(HeadatlasError, match="there are no tokens in it"):
        recorded_files.read(tmp_path / "a.npz")


def test_a_layer_of_an_absurd_number_is_in_its_order(tmp_path):
    layers = {f"attention.{number}": rows(3, n_heads)[0] for number, n_heads in (("9" * 5000, 2), ("10", 1))}
    np.savez(tmp_path / "a.npz", token_ids=np.arange(3)[None], **layers)
    assert [layer.shape[1] for layer in recorded_files.read(tmp_path / "a.npz").layers["self"]] == [1, 2]


@pytest.mark.parametrize(
    "settings",
    [{"n_layer": 10**9}, {"n_layer": 10**5}, {"num_labels": 10**6}, {"vocab_size": 10**8}, {"n_positions": 10**9},
     pytest.param({"id2label": dict.fromkeys(range(200_000), "a")}, marks=pytest.mark.slow), {"n_embd": 10**9},
     {"head_dim": 10**7}],
    ids=lambda settings: next(iter(settings)),
)  # fmt: skip
def test_configurations_that_cannot_be_meant(model, settings):
    with pytest.raises(ModelError, match=r"config\.json .* cannot be meant: `"):
        find(configured(model, **settings), None, False)


@pytest.mark.parametrize("settings", [{"architectures": 5}, {"n_layer": "4"}, {"n_head": 0}], ids=str)
def test_configurations_that_transformers_refuses(model, settings):
    with pytest.raises(
        ModelError, match=r"could not be read: .*[a-z0-9')]\. One of its files may be damaged, or not fit"
    ):
        load_model(configured(model, **settings))


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("sort", ["a pipe", "a device", "a folder"])
def test_files_of_a_model_that_are_no_files(model, file, sort):
    (model / file).unlink()
    make = {"a pipe": os.mkfifo, "a device": lambda path: path.symlink_to("/dev/zero"), "a folder": os.mkdir}[sort]
    make(model / file)
    with pytest.raises(ModelError, match=f"{file} is {sort}, not a file|there is no config"):
        find(str(model), None, False)


@pytest.mark.parametrize("n_blocks", [0, 2**31])
def test_gguf_files_that_claim_what_they_do_not_hold(tmp_path, n_blocks):
    with pytest.raises(ModelError, match=f"claims {n_blocks:,} layers"):
        load_model(gguf_file(tmp_path / "a.gguf", claimed_layers=n_blocks))
    content = bytearray((tmp_path / "a.gguf").read_bytes())
    at = content.index(b"tokenizer.ggml.tokens") + len(b"tokenizer.ggml.tokens") + 8
    struct.pack_into("<Q", content, at, 2**40)
    (tmp_path / "b.gguf").write_bytes(content)
    with pytest.raises(ModelError, match="claims an array of 1,099,511,627,776 values"):
        load_model(tmp_path / "b.gguf")


def test_weights_that_are_mostly_nothing(model, tmp_path):
    """Their digests would take hours: a hole in a file costs no place on the disk."""
    weights, packed = model / "model.safetensors", gguf_file(tmp_path / "a.gguf")
    for path in (weights, packed):
        find(str(model if path == weights else path), None, False)
        with path.open("r+b") as file:
            file.truncate(2**42)
    with pytest.raises(ModelError, match="4,398,046,511,104 bytes, which its tensors do not fill"):
        find(str(model), None, False)
    with pytest.raises(ModelError, match="4,398,046,511,104 bytes, of which its header and tensors fill"):
        find(str(packed), None, False)


def test_a_token_beyond_the_vocabulary(tiny):
    model = load_model(tiny("llama"))
    vocabulary = Vocabulary(model.tokenizer, 5)
    with pytest.raises(ModelError, match="the model's vocabulary ends at 4"):
        vocabulary.sequence([1, 200], before=(), after=())


@pytest.mark.slow
def test_a_pattern_that_tries_too_many_ways(tiny):
    tokenizer = load_model(tiny("gpt2")).tokenizer
    split = pre_tokenizers.Split(Regex("(((a+)+)+)+b"), "isolated")
    tokenizer.backend_tokenizer.pre_tokenizer = split
    vocabulary = Vocabulary(tokenizer, 360)
    with pytest.raises(ModelError, match="The model's tokenizer fails on a text"):
        vocabulary.encode("a" * 40)


def test_a_tokenizer_that_writes_letters_many_times(tiny, tmp_path):
    folder = shutil.copytree(tiny("gpt2"), tmp_path / "model")
    settings = json.loads((folder / "tokenizer.json").read_text())
    tenfold = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 10}
    for n_steps in (2, 8):
        settings["normalizer"] = {"type": "Sequence", "normalizers": [tenfold] * n_steps}
        (folder / "tokenizer.json").write_text(json.dumps(settings))
        if n_steps == 2:
            assert len(load_model(folder).tokenizer("a")["input_ids"]) > 1
    with pytest.raises(ModelError, match="can make a text 400,000,000 times as long"):
        load_model(folder)


def test_the_optimizer_of_a_training_run_is_not_read(model):
    digest = find(str(model), None, False).digest
    with (model / "optimizer.pt").open("wb") as file:
        file.truncate(2**40)
    assert find(str(model), None, False).digest == digest


@pytest.mark.slow
def test_a_model_whose_attention_is_no_number_leaves_nothing(model, tmp_path):
    weights = load_file(model / "model.safetensors")
    save_file({name: np.full_like(own, np.nan) for name, own in weights.items()}, model / "model.safetensors",
              {"format": "pt"})  # fmt: skip
    db = tmp_path / "heads.db"
    with pytest.raises(HeadatlasError, match="NaN|nan|finite"):
        scan_model(str(model), db=db, settings=ScanSettings(("repeated_random_tokens",)))
    assert not db.exists()


def test_a_name_that_no_scan_can_have_is_refused_before_anything_is_done(tmp_path):
    db = tmp_path / "heads.db"
    done = CliRunner().invoke(main, ["scan", "no-such-model", "--as", "x" * 2000, "--db", str(db)])
    assert done.exit_code == 1
    assert "A scan cannot be named" in done.stderr
    assert not db.exists()


@pytest.mark.slow
def test_a_command_whose_words_are_no_text_is_stored_spelled(tmp_path, monkeypatch):
    file, db = tmp_path / os.fsdecode(b"\xff.npz"), tmp_path / "heads.db"
    np.savez(tmp_path / "a.npz", attention=rows(3), token_ids=np.arange(3)[None])
    (tmp_path / "a.npz").rename(file)
    words = ["score", str(file), "--db", str(db)]
    monkeypatch.setattr("sys.argv", ["headatlas", *words])
    assert CliRunner().invoke(main, words).exit_code == 0
    with sqlite3.connect(db) as connection:
        assert "\\xff.npz" in connection.execute("select command from scans").fetchone()[0]


@pytest.mark.parametrize("name", ["gpt2", "llama", "bert"])
@pytest.mark.parametrize(
    "text",
    ["The ferry leaves at nine.\n\n  And the baker waves:\n(no, not today!)\n", "The ferry  leaves at nine,   no. "],
    ids=["with line ends", "without"],
)
def test_long_texts_have_the_same_tokens_in_parts(tiny, monkeypatch, name, text):
    text *= 30 * 60 // len(text)
    encode = Vocabulary(load_model(tiny(name)).tokenizer, 360).encode
    monkeypatch.setattr(own_text, "_PIECE", 300)
    assert len(list(own_text._pieces(text, encode))) > 3
    windows = list(own_text._windows([text], encode, 50))
    assert [token for window in windows for token in window] == encode(text)
    assert {len(window) for window in windows[:-1]} == {50}


def test_sequences_of_a_certificate_are_short():
    long = TokenSequence(tuple(range(9000)), tuple(map(str, range(9000))), (False,) * 9000)
    assert [len(sequence) for sequence in certificate.choose_sequences([long] * 3)] == [certificate.MOST_TOKENS] * 3


@pytest.mark.slow
def test_attention_that_comes_whole_is_bounded(tiny):
    """A model whose attention does not come in blocks says so before it takes gigabytes."""
    source = HookedModel(load_model(tiny("gpt2")))
    source._blocks_agree = False
    n = int((MOST_WHOLE / 16) ** 0.5) + 1
    sequence = TokenSequence((5,) * n, ("a",) * n, (False,) * n)
    modules = find_modules(source.model.bridge, "self")
    receiver = type("Receiver", (), {"wants_outputs": False, "wants_values": False})()
    with pytest.raises(ModelError, match=r"cannot be computed in blocks.*--window 8192"):
        source.run(Inputs([sequence], {"self": True}), modules, receiver)


@pytest.mark.parametrize(
    ("content", "said"), [(b"caf\xe9", "no text in UTF-8"), (b"a" * 5_000_000, "more than 4 MB"), (b"", "no text")]
)
def test_standard_input_that_is_no_text(tmp_path, content, said):
    done = CliRunner().invoke(main, ["view", str(tmp_path), "-"], input=content)
    assert done.exit_code == 1
    assert said in done.output


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "device"])
def test_texts_without_an_end(tmp_path, make):
    make(tmp_path / "text")
    with pytest.raises(HeadatlasError, match="not a file. Write the text into a file"):
        own_text.text_probe(tmp_path / "text")


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "device"])
@pytest.mark.parametrize(
    "command", ["sweep {} --db {db}", "verify tiny --literature {} --db {db}", "scan {pipeline} --db {db}"]
)
def test_lists_and_pipelines_without_an_end(tmp_path, make, command):
    make(tmp_path / "list")
    (tmp_path / "pipeline" / "unet").mkdir(parents=True)
    (tmp_path / "pipeline" / "model_index.json").write_text("{}")
    make(tmp_path / "pipeline" / "unet" / "config.json")
    db = fake_database.make(tmp_path / "x.db", models=("tiny",), layers=1, heads=1, tokens=("a", "b"))
    words = command.format(tmp_path / "list", db=db, pipeline=tmp_path / "pipeline").split()
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert ", not a file. Give" in done.stderr or ", not a file. A list of literature is a CSV file." in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("option", [(), ("--headvis",)])
def test_a_pipe_where_something_is_exported_to(tmp_path, option):
    db = fake_database.make(tmp_path / "x.db", models=("tiny",), layers=1, heads=1, tokens=("a", "b"))
    out = tmp_path / "out"
    words = ["export", "--db", str(db), *(option or ("--out",)), str(out)]
    assert CliRunner().invoke(main, words).exit_code == 0
    (written,) = out.rglob("config.json" if option else "scan.json")
    written.unlink()
    os.mkfifo(written)
    assert CliRunner().invoke(main, words).exit_code in (0, 1)


def test_a_text_whose_name_is_no_text(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.txt")
    path.write_text("a b")
    assert own_text.text_probe(path).name == "text:\\xff.txt"
