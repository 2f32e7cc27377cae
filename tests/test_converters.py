"""Attention of other frameworks: every converter gives what the model's own eager attention is."""

from __future__ import annotations

import base64
import gzip
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from transformers import AutoModelForCausalLM, AutoTokenizer

import headatlas
from headatlas.attention import converters
from headatlas.attention.recorded_files import read
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError

LAYERS, HEADS = 3, 2


def rows(n: int, seed: int = 0) -> np.ndarray:
    """Causal attention of a made-up model, [layer, head, query, key]."""
    weights = np.tril(np.random.default_rng(seed).random((LAYERS, HEADS, n, n)) + 0.1)
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def model(tiny):
    return AutoModelForCausalLM.from_pretrained(tiny("llama"), attn_implementation="eager").eval()


def generated(model, prompts, **options):
    with torch.inference_mode():
        return model.generate(
            prompts, max_new_tokens=5, min_new_tokens=5, do_sample=False, output_attentions=True,
            return_dict_in_generate=True, pad_token_id=0, **options,
        )  # fmt: skip


@pytest.mark.slow
def test_generation_is_what_one_pass_gives(model):
    output = generated(model, torch.tensor([[5, 9, 5, 2], [7, 7, 3, 4]]))
    recording = converters.from_generation(output)
    assert recording.token_ids == output.sequences[:, :-1].tolist()
    with torch.inference_mode():
        expected = model(torch.tensor(recording.token_ids), output_attentions=True).attentions
    for layer, own in zip(recording.layers["self"], expected, strict=True):
        np.testing.assert_allclose(layer, own.numpy(), atol=1e-5)


@pytest.mark.slow
def test_left_padding_is_taken_out(model):
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])
    output = generated(model, torch.tensor([[0, 0, 5, 9, 5], [7, 7, 3, 4, 6]]), attention_mask=mask)
    recording = converters.from_generation(output, attention_mask=mask)
    assert [len(ids) for ids in recording.token_ids] == [7, 9]
    for row, ids in enumerate(recording.token_ids):
        with torch.inference_mode():
            expected = model(torch.tensor([ids]), output_attentions=True).attentions
        for layer, own in zip(recording.layers["self"], expected, strict=True):
            np.testing.assert_allclose(layer[row, :, : len(ids), : len(ids)], own[0].numpy(), atol=1e-5)


def test_generation_that_ended_early_and_without_attention():
    layers = tuple(torch.from_numpy(rows(6)[:, None])[number] for number in range(LAYERS))
    steps = (tuple(layer[:, :, :4, :4] for layer in layers), tuple(layer[:, :, 4:5, :5] for layer in layers),
             tuple(layer[:, :, 5:6, :6] for layer in layers))  # fmt: skip
    output = SimpleNamespace(sequences=torch.tensor([[5, 9, 2, 4, 2, 0, 0]]), attentions=steps)
    assert converters.from_generation(output).token_ids == [[5, 9, 2, 4, 2, 0]]
    assert converters.from_generation(output, eos_token_id=2).token_ids == [[5, 9, 2, 4, 2]]
    assert converters.from_generation(output, pad_token_id=0).token_ids == [[5, 9, 2, 4, 2]]
    np.testing.assert_allclose(np.stack(converters.from_generation(output).layers["self"])[:, 0], rows(6))
    with pytest.raises(HeadatlasError, match="attn_implementation='eager'"):
        converters.from_generation(SimpleNamespace(sequences=output.sequences, attentions=((None,),)))
    with pytest.raises(HeadatlasError, match="beams cannot be read"):
        converters.from_generation(SimpleNamespace(sequences=torch.zeros(2, 7), attentions=steps))


@pytest.mark.slow
def test_activation_cache_of_transformer_lens(tiny, model):
    from headatlas.models.load import load_model

    loaded = load_model(tiny("llama"))
    ids = torch.tensor([[5, 9, 5, 2], [7, 7, 3, 4]])
    with torch.inference_mode():
        _, cache = loaded.bridge.run_with_cache(ids)
        expected = model(ids, output_attentions=True).attentions
    recording = converters.recognised(cache, ids)
    for layer, own in zip(recording.layers["self"], expected, strict=True):
        np.testing.assert_allclose(layer, own.numpy(), atol=1e-5)


def test_what_nnsight_saves(tiny, model, tmp_path):
    nnsight = pytest.importorskip("nnsight")
    ids = [[5, 9, 5, 2, 7, 9]]
    traced = nnsight.LanguageModel(model, tokenizer=AutoTokenizer.from_pretrained(tiny("llama")))
    with traced.trace(torch.tensor(ids)):
        saved = nnsight.save([layer.self_attn.output[1] for layer in traced.model.layers])
    with torch.inference_mode():
        own = list(model(torch.tensor(ids), output_attentions=True).attentions)
    scans = [
        headatlas.score_attention(attention, ids, db=tmp_path / "a.db", name=name)
        for name, attention in (("saved", saved), ("own", own))
    ]
    assert scans[0].scores.drop(columns="model").equals(scans[1].scores.drop(columns="model"))


def test_caches_by_name():
    cache = {f"blocks.{layer}.attn.hook_pattern": torch.from_numpy(rows(3)[layer]) for layer in (2, 0)}
    recording = converters.recognised(cache | {"hook_embed": None}, [[4, 5, 6]])
    assert recording.numbers == {"self": [0, 2]}
    np.testing.assert_array_equal(recording.layers["self"][1], rows(3)[2][None])
    with pytest.raises(HeadatlasError, match="give token_ids"):
        converters.recognised(cache)
    with pytest.raises(HeadatlasError, match="of an encoder-decoder"):
        converters.recognised({"decoder_blocks.0.cross_attn.hook_pattern": rows(3)[0]}, [[1, 2, 3]])


def vllm_response(n: int, layers=(0, 2), seed: int = 0, **fields) -> dict:
    """A response in the form that the pull request documents."""
    return {
        "choices": [{"index": 0, "token_ids": list(range(n - 2, n + 1))}],
        "prompt_token_ids": list(range(n - 2)),
        "attn_capture_data": [
            {
                "layer_idx": layer,
                "data": base64.b64encode(
                    gzip.compress(np.moveaxis(rows(n, seed)[layer], 0, 1).astype(np.float16).tobytes())
                ).decode(),
                "shape": [n, HEADS, n],
                "token_meta": {"prompt_len": n - 2, "total_len": n, "vision_ranges": [], "lang_ranges": []},
            }
            for layer in layers
        ],
    } | fields  # fmt: skip


def test_vllm_responses_keep_the_numbers_of_layers():
    recording = converters.recognised([vllm_response(5), vllm_response(4, seed=1)])
    assert recording.numbers == {"self": [0, 2]}
    assert recording.token_ids == [[0, 1, 2, 3, 4], [0, 1, 2, 3]]
    layer = recording.layers["self"][1]
    np.testing.assert_allclose(layer[0], rows(5)[2], atol=1e-3)
    np.testing.assert_allclose(layer[1, :, :4, :4], rows(4, seed=1)[2], atol=1e-3)
    assert not layer[1, :, 4:].any()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"attn_capture_data": []}, "holds no attention"),
        ({"attn_capture_data": [{"layer_idx": 0, "shape": [5, 2, 5], "data": "AAAA"}]}, "is damaged"),
        ({"attn_capture_data": [{"layer_idx": 0, "shape": [10**6, 2, 10**6], "data": ""}]}, "is damaged"),
        ({"attn_capture_data": [{"layer_idx": 0, "data": ""}]}, "KeyError"),
        ({"choices": []}, "return_token_ids"),
        ({"prompt_token_ids": []}, "ids of 3"),
    ],
)
def test_vllm_responses_that_lack_something(fields, said):
    with pytest.raises(HeadatlasError, match=said):
        converters.recognised(vllm_response(5, **fields))


def test_llama_cpp_rows_by_pairs():
    n, context = 4, 9
    pairs = [(2, 1), (0, 0), (2, 0), (0, 1)]
    full = np.full((n, len(pairs), context), np.nan, np.float32)  # behind the entries that count there is anything
    for position, (layer, head) in enumerate(pairs):
        for token in range(n):
            full[token, position, : token + 1] = rows(n)[layer, head, token, : token + 1]
    recording = converters.from_llama_cpp([full], pairs, [[1, 2, 3, 4]])
    assert recording.numbers == {"self": [0, 2]}
    np.testing.assert_array_equal(np.stack(recording.layers["self"])[:, 0], rows(n)[[0, 2]])
    with pytest.raises(HeadatlasError, match="Of layer 2 heads are missing"):
        converters.from_llama_cpp([full[:, :1]], pairs[:1], [[1, 2, 3, 4]])
    with pytest.raises(HeadatlasError, match="rows have shape"):
        converters.from_llama_cpp([full], pairs, [[1, 2, 3]])


@pytest.mark.slow
def test_json_lines_and_the_command(tmp_path):
    path = tmp_path / "lines.jsonl"
    lines = [
        {"token_ids": list(range(n)), "tokens": [f" t{i}" for i in range(n)], "attention": rows(n, seed=n).tolist()}
        for n in (6, 4)
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    recorded = read(path)
    assert [sequence.texts[0] for sequence in recorded.sequences] == [" t0", " t0"]
    np.testing.assert_allclose(recorded.layers["self"][1][1, :, :4, :4], rows(4, seed=4)[1], atol=1e-6)
    responses = tmp_path / "responses.jsonl"
    responses.write_text("".join(f"{json.dumps(vllm_response(n, seed=n))}\n" for n in (6, 7)))
    for file in (path, responses):
        done = CliRunner().invoke(main, ["score", str(file), "--db", str(tmp_path / "a.db")])
        assert done.exit_code == 0, done.stderr
    with headatlas.open(tmp_path / "a.db") as catalog:
        assert sorted(set(catalog.scores("responses").layer)) == [0, 2]
    path.write_text(json.dumps({"token_ids": [1, 2], "attention": [[[[1, 0]]]]}))
    with pytest.raises(HeadatlasError, match="is not of its 2 tokens"):
        read(path)


@pytest.mark.slow
def test_python_objects_are_scored_as_arrays_are(tmp_path):
    class Saved:  # what nnsight's `.save()` gave before it became the tensor itself
        def __init__(self, value):
            self.value = value

    ids = [[5, 9, 5, 9, 5, 2]]
    arrays = [torch.from_numpy(layer[None]) for layer in rows(6)]
    plain = headatlas.score_attention(arrays, ids, db=tmp_path / "a.db", name="plain").scores.drop(columns="model")
    saved = headatlas.score_attention([Saved(layer) for layer in arrays], ids, db=tmp_path / "a.db", name="saved")
    cache = {f"blocks.{number}.attn.hook_pattern": layer for number, layer in enumerate(arrays)}
    cached = headatlas.score_attention(cache, ids, db=tmp_path / "a.db", name="cached")
    for scan in (saved, cached):
        assert scan.scores.drop(columns="model").equals(plain)
    with pytest.raises(HeadatlasError, match="give token_ids"):
        headatlas.score_attention(arrays, db=tmp_path / "a.db")
