"""Files, headers and words that nobody meant: each is read, or refused with a sentence of ours, and nothing else."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from headatlas.attention import converters, recorded, recorded_files
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.evidence.tasks import lines as task_lines
from headatlas.models.folder_check import check_folder
from headatlas.models.gguf_header import check_header
from headatlas.probes.own_text import text_probe
from headatlas.views import surprise
from tests.fuzzing import examples
from tests.tiny_models import gguf_file

SETTINGS = examples(24)

NUMBERS = st.one_of(
    st.integers(-3, 9), st.sampled_from([-(10**20), -1, 2**31, 2**62, 10**20, 10**400]), st.floats(), st.booleans()
)
WORDS = st.one_of(st.text(max_size=4), st.sampled_from(["\ud800", "\0", "the", "a" * 20_000, "\u2028", "\x1b[31m"]))
JSON = st.recursive(
    st.none() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
DTYPES = st.sampled_from("<f2 <f4 >f4 >f8 g <c8 <i1 <i8 <u8 ? <M8[s] <m8[s] <U3 S3 V4".split())


def read_or_said(read, *arguments):
    """What is read; None where it is refused. Any other error is the test's failure."""
    try:
        return read(*arguments)
    except HeadatlasError as error:
        text = str(error)
        assert text.strip()
        assert len(text) < 2000
        text.encode()
        return None


def rows(n: int, n_heads: int = 1, n_layers: int = 1, n_batch: int = 1) -> np.ndarray:
    """Uniform causal attention [layer, batch, head, query, key]."""
    weights = np.tril(np.ones((n, n), np.float32))
    weights /= weights.sum(-1, keepdims=True)
    return np.broadcast_to(weights, (n_layers, n_batch, n_heads, n, n)).copy()


@st.composite
def arrays(draw, n_axes: int) -> np.ndarray:
    """Zeros or ones of some shape and kind of number; most have the right number of axes."""
    n_axes = draw(st.sampled_from([n_axes, n_axes, n_axes, 0, 1, 3, 6]))
    shape = draw(st.lists(st.sampled_from([1, 1, 2, 3, 0]), min_size=n_axes, max_size=n_axes))
    fill = np.zeros if draw(st.booleans()) else np.ones
    dtype = np.dtype(draw(DTYPES))
    return fill(shape, "i8").astype(dtype) if dtype.kind != "V" else np.zeros(shape, dtype)


NAMES = {
    "attention": 5, "attention.0": 4, "attention.1": 4, "encoder": 5, "cross": 5, "token_ids": 2, "source_ids": 2,
    "special": 2, "tokens": 2, "source_tokens": 2, "else": 1,
}  # fmt: skip


@pytest.mark.slow
@SETTINGS
@given(st.data())
def test_arrays_of_any_shape_and_kind(tmp_path, data):
    n = data.draw(st.integers(1, 3))
    parts = {"attention": rows(n), "token_ids": np.arange(n)[None]}
    for name in data.draw(st.lists(st.sampled_from(sorted(NAMES)), max_size=3, unique=True)):
        parts[name] = data.draw(arrays(NAMES[name]))
    np.savez(tmp_path / "a.npz", **parts)
    source = read_or_said(recorded_files.read, tmp_path / "a.npz")
    if source is not None:
        assert source.sequences
        assert all(layer.dtype in (np.float16, np.float32, np.float64) for layer in source.layers["self"])
        assert all(layer.dtype.isnative for layers in source.layers.values() for layer in layers)


@pytest.mark.slow
@SETTINGS
@given(st.lists(JSON, max_size=3), st.lists(JSON, max_size=3), st.lists(JSON, max_size=3))
def test_values_given_in_python(ids, texts, marks):
    read_or_said(lambda: recorded.RecordedAttention(rows(2), ids, tokens=texts, special=marks))
    read_or_said(lambda: recorded.RecordedAttention(rows(2), [[1, 2]], tokens=texts, special=marks))


@pytest.fixture(scope="module")
def good_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    parts = {"attention": rows(3), "token_ids": np.arange(3)[None], "tokens": np.array([["a", "b", "c"]])}
    np.savez(folder / "a.npz", **parts)
    np.savez_compressed(folder / "b.npz", **parts)
    save_file({"attention": rows(3), "token_ids": np.arange(3)[None]}, folder / "a.safetensors", {"tokens": '[["a"]]'})
    gguf_file(folder / "a.gguf")
    return folder


@pytest.mark.slow
@SETTINGS
@given(st.sampled_from(["a.npz", "b.npz", "a.safetensors", "a.gguf"]), st.data())
def test_damaged_bytes(good_files, tmp_path, name, data):
    content = bytearray((good_files / name).read_bytes())
    # What decides about a file stands at its beginning or, of a .zip, at its end.
    near = st.integers(0, min(len(content), 3000) - 1)
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(near | near.map(lambda at: len(content) - 1 - at))
        width = data.draw(st.sampled_from([1, 4, 8]))
        value = data.draw(st.sampled_from([0, 1, 2**31, 2**63, 2 ** (8 * width) - 1]) | st.integers(0, 255))
        content[position : position + width] = (value % 2 ** (8 * width)).to_bytes(width, "little")
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    path = tmp_path / name
    path.write_bytes(content)
    read_or_said(check_header if name.endswith("gguf") else recorded_files.read, path)


@pytest.mark.slow
@SETTINGS
@given(st.fixed_dictionaries({}, optional={
    "attention": JSON | st.just(rows(2)[:, 0].tolist()), "token_ids": JSON | st.just([1, 2]), "tokens": JSON,
    "logprobs": JSON | st.just([None, -1.5]), "prompt": JSON | st.just("a"), "answer": JSON | st.just("b"),
    "wrong": JSON, "attn_capture_data": JSON | st.lists(st.fixed_dictionaries({"shape": JSON, "layer_idx": JSON,
    "data": JSON}), max_size=2), "sequences": JSON,
}), st.sampled_from([".json", ".jsonl"]))  # fmt: skip
def test_json_of_any_kind(tmp_path, row, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text(json.dumps(row))
    for read in (recorded_files.read, converters.holds_attention, task_lines.read):
        read_or_said(read, path)
    sequences = read_or_said(surprise.read, path)
    for drop in surprise.drops(sequences or []):
        assert math.isfinite(drop.first)
        assert math.isfinite(drop.repeated)


@SETTINGS
@given(
    st.binary(max_size=40) | st.text(alphabet='[]{}",:0123456789eE-+.Infinityatruelsn\\u ', max_size=40).map(str.encode)
)
def test_text_that_may_be_no_json(tmp_path, content):
    for name, readers in {
        "a.jsonl": (recorded_files.read, surprise.read, task_lines.read),
        "a.json": (recorded_files.read, surprise.read),
        "a.txt": (text_probe,),
    }.items():
        (tmp_path / name).write_bytes(content)
        for read in readers:
            read_or_said(read, tmp_path / name)


@pytest.mark.parametrize("depth", [1000, 100_000])
def test_json_nested_deeply(tmp_path, depth):
    for name, before in {
        "a.jsonl": "",
        "b.jsonl": '{"token_ids": [1], "attention": ',
        "c.json": '{"tokens": ["a"], "logprobs": ',
    }.items():
        (tmp_path / name).write_text(before + "[" * depth + "]" * depth + "}" * bool(before))
        for read in (recorded_files.read, surprise.read, task_lines.read):
            with pytest.raises(HeadatlasError):
                read(tmp_path / name)


CONFIG_NAMES = st.sampled_from(
    ["n_layer", "num_hidden_layers", "vocab_size", "n_embd", "id2label", "num_labels", "text_config", "x"]
)


@pytest.mark.slow
@SETTINGS
@given(st.dictionaries(CONFIG_NAMES, JSON, max_size=4) | JSON)
def test_configurations(tmp_path, config):
    (tmp_path / "config.json").write_text(json.dumps(config))
    read_or_said(check_folder, tmp_path)


OPTIONS = ["--layer", "--head", "--limit", "--seed", "--window", "--n-devices", "--top", "--min", "--text", "--probe"]


@settings(SETTINGS, max_examples=SETTINGS.max_examples // 3 + 1)  # a command takes longer than a file
@given(
    st.sampled_from(["view", "scan", "score", "heads", "task", "sweep", "evidence", "label"]),
    st.lists(
        st.tuples(
            st.sampled_from(OPTIONS), st.one_of(NUMBERS.map(str), st.sampled_from(["", "nan", "/dev/zero", "."]))
        ),
        max_size=3,
    ),
    st.lists(st.sampled_from(["./no-such-model", "", "/dev/zero", "\udcff", ".", "-"]), max_size=2),
)
def test_command_lines(tmp_path, command, options, words):
    # Nothing of that name is there, so that none of these can do any work.
    arguments = [command, *words, *(word for pair in options for word in pair)]
    arguments += ["--db", str(tmp_path / "none.db")] if command != "sweep" else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.chdir(tmp_path)
        done = CliRunner().invoke(main, arguments)
    assert done.exit_code in (0, 1, 2), done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
