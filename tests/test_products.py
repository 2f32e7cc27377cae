"""Linear layers by oneDNN give what torch's own products give, and are torch's own again afterwards."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
from transformers.pytorch_utils import Conv1D

from headatlas.attention.source import HookedModel
from headatlas.models import products
from headatlas.models.load import load_model
from headatlas.models.products import amd_family, fast_layers, in_fast_products, is_plain_or_fast, linear
from tests.test_blockwise import tally, text_of

needs_onednn = pytest.mark.skipif(not products.is_known(), reason="torch was built without oneDNN's products")


@pytest.fixture
def fast():
    """As on a processor for which oneDNN is the faster one, whatever the size of the product."""
    with patch.object(products, "is_onednn_faster", lambda: True), patch.object(products, "_LEAST", 0):
        yield


def drawn(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=dtype)


@needs_onednn
@pytest.mark.parametrize("shape", [(300, 96), (3, 50, 96), (96,), (1, 96)])
@pytest.mark.parametrize("is_turned", [False, True], ids=["linear", "Conv1D"])
@pytest.mark.parametrize("has_bias", [False, True])
def test_products_are_those_of_numbers_of_64_bits(fast, shape, is_turned, has_bias):
    x, weight = drawn(*shape), drawn(96, 160).t() if is_turned else drawn(160, 96)
    bias = drawn(160) if has_bias else None
    with torch.inference_mode(), patch.object(nn.functional, "linear", side_effect=AssertionError):
        made = linear(x, weight, bias)
    exact = nn.functional.linear(x.double(), weight.double(), None if bias is None else bias.double())
    assert made.shape == exact.shape
    assert made.is_contiguous()
    torch.testing.assert_close(made.double(), exact, rtol=0, atol=3e-5)  # of sums of 96 products of about 1


@pytest.mark.parametrize(
    "why", ["a gradient", "numbers of 16 bits", "rows that lie apart", "little work", "MKL is faster"]
)
def test_products_are_torchs_own_otherwise(fast, why, monkeypatch):
    dtype = torch.bfloat16 if why == "numbers of 16 bits" else torch.float32
    x, weight = drawn(40, 96, dtype=dtype), drawn(160, 96, dtype=dtype)
    if why == "rows that lie apart":
        x = drawn(40, 192)[:, ::2]
    if why == "little work":
        monkeypatch.setattr(products, "_LEAST", 40 * 96 * 160 + 1)
    if why == "MKL is faster":
        monkeypatch.setattr(products, "is_onednn_faster", lambda: False)
    weight.requires_grad_(why == "a gradient")
    with torch.set_grad_enabled(why == "a gradient"):
        made = linear(x, weight)
        assert torch.equal(made, nn.functional.linear(x, weight))
    if why == "a gradient":
        made.sum().backward()
        torch.testing.assert_close(weight.grad, x.sum(0).expand(160, -1))


@pytest.mark.parametrize("error", [AttributeError, TypeError, RuntimeError])
def test_a_version_of_torch_that_has_other_products_is_not_asked_for_these(error):
    with patch.object(products, "_by_onednn", side_effect=error("other arguments")):
        assert not products.is_known()
    with patch.object(products, "_by_onednn", return_value=torch.zeros(2, 4)):
        assert not products.is_known()


@needs_onednn
@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (lambda: LlamaForCausalLM(LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                                              num_attention_heads=4, num_key_value_heads=2)), nn.Linear),
        (lambda: GPT2LMHeadModel(GPT2Config(vocab_size=50, n_embd=32, n_layer=2, n_head=4)), Conv1D),
    ],
    ids=["llama", "gpt2"],
)  # fmt: skip
def test_a_model_gives_the_same_and_is_as_it_was_afterwards(fast, model, kind):
    torch.manual_seed(0)
    model = model().eval()
    tokens = torch.arange(40)[None] % 50
    layers = fast_layers([model])
    assert sum(type(layer) is kind for layer in layers) >= 8
    with torch.inference_mode():
        plain = model(tokens).logits
        with in_fast_products(layers), patch.object(products, "linear", side_effect=linear) as used:
            made = model(tokens).logits
        assert used.call_count == len(layers)
        torch.testing.assert_close(made, plain, rtol=0, atol=1e-5)
        assert torch.equal(model(tokens).logits, plain)
    assert not any("forward" in layer.__dict__ for layer in layers)


def test_a_layer_that_others_have_changed_is_left_to_them(fast):
    changed, plain = nn.Linear(8, 8), nn.Linear(8, 8)
    changed.forward = lambda x: 7 * x
    layers = fast_layers([nn.ModuleList([changed, plain])])
    assert layers == [plain]
    plain.forward = changed.forward
    with in_fast_products(layers):
        assert not is_plain_or_fast(plain)
    assert plain.forward(1) == 7


@needs_onednn
@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_scores_are_the_same_and_every_layer_is_asked(tiny, fast, name):
    source = HookedModel(load_model(tiny(name)))
    sequences = [text_of(60, 0), text_of(40, 1)]
    with patch.object(products, "is_onednn_faster", lambda: False):
        plain = tally(source, sequences, "self")
    with patch.object(products, "linear", side_effect=linear) as used:
        made = tally(source, sequences, "self")
    # Queries, keys and values, the heads' outputs and feed-forward parts of all blocks but the last.
    assert used.call_count >= 4 * (source.model.info.n_layers - 1)
    for part in ("scores", "off_sink", "off_mass", "distance"):
        np.testing.assert_allclose(getattr(made, part), getattr(plain, part), rtol=1e-5, atol=1e-5)
    assert not any("forward" in part.__dict__ for part in source.model.bridge.original_model.modules())


@pytest.mark.parametrize(
    ("described", "family"),
    [
        ("processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 26\nmodel\t\t: 2\n", 26),
        ("AMD64 Family 25 Model 97 Stepping 2, AuthenticAMD", 25),
        ("processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 207\n", 0),
        ("arm", 0),
        ("", 0),
    ],
)
def test_the_family_of_a_processor(described, family):
    assert amd_family(described) == family
