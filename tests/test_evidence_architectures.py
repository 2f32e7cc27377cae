"""Evidence from weights and direct attribution where norms, multipliers and caps stand in unusual places.

Expected numbers come from the modules of transformers alone: their embedding, their blocks, their norms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from benchmarks.architectures import tiny
from headatlas.evidence import attribution
from headatlas.evidence.paths.patching import Edge
from headatlas.evidence.removing import ablation, passes
from headatlas.evidence.removing.metrics import readings_in_pieces
from headatlas.evidence.removing.passes import NotAvailable, PromptBatch
from headatlas.evidence.removing.removals import Removals
from headatlas.evidence.weights import composition, copying, preferences
from headatlas.evidence.weights.model_weights import ModelWeights
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.load import Model, load_model
from headatlas.models.patching import quiet
from headatlas.probes.metrics import LOSS, Prompt, Target
from tests.test_evidence import plain_effects

LAYERS, HEADS, D_HEAD = tiny.LAYERS, tiny.HEADS, tiny.HEAD
GRANITE = {
    "embedding_multiplier": 12.0,
    "residual_multiplier": 0.22,
    "attention_multiplier": 0.05,
    "logits_scaling": 8.0,
}
ALL = torch.arange(tiny.WORDS)
# Name: class, changes of its configuration.
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "gemma": ("GemmaForCausalLM", {}),
    "gemma2": ("Gemma2ForCausalLM", {"final_logit_softcapping": None}),
    "gemma3": ("Gemma3ForCausalLM", {}),
    "olmo2": ("Olmo2ForCausalLM", {}),
    "granite": ("GraniteForCausalLM", GRANITE),
    "cohere": ("CohereForCausalLM", {"use_qk_norm": True}),
    "neox": ("GPTNeoXForCausalLM", {}),
}


@dataclass
class Plain:
    """A model of transformers, its parts by what they do; `adds_one`: its gains are 1 + what is stored."""

    hf: PreTrainedModel
    adds_one: bool

    @property
    def is_neox(self) -> bool:
        return hasattr(self.hf, "gpt_neox")

    @property
    def layers(self) -> nn.ModuleList:
        return self.hf.gpt_neox.layers if self.is_neox else self.hf.model.layers

    @property
    def final(self) -> nn.Module:
        return self.hf.gpt_neox.final_layer_norm if self.is_neox else self.hf.model.norm

    @property
    def unembedding(self) -> Tensor:
        return self.hf.get_output_embeddings().weight.T

    def attention(self, layer: int) -> nn.Module:
        return self.layers[layer].attention if self.is_neox else self.layers[layer].self_attn

    def read(self, layer: int, x: Tensor) -> Tensor:
        """What the attention reads of the residual stream x."""
        return getattr(self.layers[layer], "input_layernorm", nn.Identity())(x)

    def projection(self, layer: int, name: str) -> Tensor:
        """Weights of queries, keys or values ("q", "k", "v"), shared ones repeated: [head, d_model, d_head]."""
        attention = self.attention(layer)
        if self.is_neox:
            w = attention.query_key_value.weight.view(HEADS, 3, D_HEAD, -1)[:, "qkv".index(name)]
        else:
            w = getattr(attention, f"{name}_proj").weight
            w = w.view(-1, D_HEAD, w.shape[1])
            w = w.repeat_interleave(HEADS // len(w), 0)
        return w.mT

    def normed(self, layer: int, name: str, x: Tensor) -> Tensor:
        """Queries or keys [token, head, d_head] behind the model's own norm of them, where it has one."""
        norm = getattr(self.attention(layer), f"{name}_norm", None)
        if norm is None:
            return x
        if norm.weight.numel() == D_HEAD:
            return norm(x)
        n = norm.weight.numel() // D_HEAD
        own = x[:, :: HEADS // n]  # as many as the norm has gains for
        own = norm(own.flatten(1)).view(own.shape) if norm.weight.ndim == 1 else norm(own)
        return own.repeat_interleave(HEADS // n, 1)

    def folded(self, layer: int, name: str) -> Tensor:
        """Query or key weights with the gain of their norm, and its centring, in them."""
        w = self.projection(layer, name)
        norm = getattr(self.attention(layer), f"{name}_norm", None)
        if norm is None:
            return w
        gain = self.gain(norm)
        if norm.weight.ndim == 2:  # Cohere's are layer norms, a gain for each head
            return (w - w.mean(-1, keepdim=True)) * gain[:, None]
        return w * (gain if len(gain) == D_HEAD else gain.view(HEADS, 1, D_HEAD))

    def output(self, layer: int) -> Tensor:
        """[head, d_head, d_model]"""
        attention = self.attention(layer)
        return (attention.dense if self.is_neox else attention.o_proj).weight.T.reshape(HEADS, D_HEAD, -1)

    def gain(self, norm: nn.Module) -> Tensor:
        return 1 + norm.weight if self.adds_one else norm.weight

    def behind(self, layer: int) -> nn.Module | None:
        """The norm behind the attention."""
        has_one = hasattr(self.layers[layer], "post_feedforward_layernorm")
        return self.layers[layer].post_attention_layernorm if has_one else None

    def written(self, layer: int) -> Tensor:
        """Output weights as they reach the residual stream, less what a norm divides by."""
        norm = self.behind(layer)
        scale = getattr(self.layers[layer], "residual_multiplier", 1.0)
        return self.output(layer) * scale * (1 if norm is None else self.gain(norm))

    def to_logits(self, x: Tensor) -> Tensor:
        """Directions in the residual stream as logits: final gain, unembedding, multiplier; not divided by a size."""
        centred = isinstance(self.final, nn.LayerNorm) or "Cohere" in type(self.final).__name__
        x = (x - x.mean(-1, keepdim=True) if centred else x) * self.gain(self.final)
        config = self.hf.config
        return x @ self.unembedding * getattr(config, "logit_scale", 1) / getattr(config, "logits_scaling", 1)

    @cached_property
    def embedded(self) -> Tensor:
        """Every token as it enters the first block."""
        return self._first_block(zero_attention=False)[0]

    @cached_property
    def after_mlp(self) -> Tensor:
        """Every token as it leaves the first block when its attention gives nothing."""
        return self._first_block(zero_attention=True)[1]

    def _first_block(self, zero_attention: bool) -> tuple[Tensor, Tensor]:
        seen: list[Tensor] = []

        def keep(_: Any, args: Any, kwargs: Any, out: Any) -> None:
            seen.extend([args[0] if args else kwargs["hidden_states"], out[0] if isinstance(out, tuple) else out])

        def nothing(_: Any, args: Any, out: Any) -> Any:
            return (torch.zeros_like(out[0]), *out[1:]) if zero_attention else None

        tokens = torch.arange(self.hf.config.vocab_size)[:, None]
        with hooked(self.layers[0], keep, with_kwargs=True), hooked(self.attention(0), nothing):
            self.hf(tokens, use_cache=False)
        return seen[0][:, 0], seen[1][:, 0]


@contextmanager
def hooked(module: nn.Module, hook: Callable[..., Any], **options: Any) -> Iterator[None]:
    handle = module.register_forward_hook(hook, **options)
    try:
        yield
    finally:
        handle.remove()


def drawn(name: str, **changes: Any) -> PreTrainedModel:
    """A tiny model whose weights and gains are far from those that change nothing."""
    kind, own = MODELS[name]
    config = tiny.tiny_config(kind)
    for key, value in {**own, **changes}.items():
        setattr(config, key, value)
    config._attn_implementation = "eager"
    torch.manual_seed(0)
    hf = tiny.model_class(kind)(config).eval()
    with torch.no_grad():
        for path, weight in hf.named_parameters():
            if weight.ndim >= 2 and "norm" not in path:
                weight.normal_(0, 0.3)
            elif "norm" in path and path.endswith("weight"):
                weight.normal_(0.3, 1)
    return hf


@pytest.fixture(scope="module", params=list(MODELS))
def pair(request, tmp_path_factory) -> tuple[Plain, Model]:
    """The model as transformers has it, and as it is loaded for evidence."""
    folder = tmp_path_factory.mktemp(request.param)
    with quiet():
        hf = drawn(request.param)
        hf.save_pretrained(folder)
    return Plain(hf.requires_grad_(False), request.param.startswith("gemma")), load_model(folder)


def weights_of(model: Model) -> ModelWeights:
    return ModelWeights(model.bridge, dict.fromkeys(range(LAYERS), HEADS), "cpu")


@pytest.mark.slow
def test_copying(pair):
    plain, model = pair
    own = weights_of(model)
    for embedding, tokens in ((own.embedding, plain.embedded), (own.after_mlp(ALL), plain.after_mlp)):
        scores = copying.copying_scores(own.layers, embedding, own.unembedding, own.final)
        expected = []
        for layer in range(LAYERS):
            ov = plain.projection(layer, "v") @ plain.written(layer)
            values = torch.linalg.eigvals(plain.to_logits(plain.read(layer, tokens) @ ov))
            expected += (values.real.sum(-1) / values.abs().sum(-1)).tolist()
        np.testing.assert_allclose(scores, expected, atol=2e-3)
        assert np.ptp(expected) > 0.3, "a score that is the same for all heads would say nothing"


@pytest.mark.slow
def test_top_tokens(pair):
    plain, model = pair
    own = weights_of(model)
    top, bottom = copying.top_tokens(own.layers, np.arange(50), own.after_mlp(ALL[:50]), own.unembedding, own.final)
    ranks = []
    for layer in range(LAYERS):
        ov = plain.projection(layer, "v") @ plain.written(layer)
        logits = plain.to_logits(plain.read(layer, plain.after_mlp[:50]) @ ov)
        ranks.append((logits.argsort(-1).argsort(-1)[:, range(50), range(50)]).numpy())
    ranks = np.concatenate(ranks)
    np.testing.assert_allclose(top, (ranks >= tiny.WORDS - 5).mean(1), atol=1e-6)
    np.testing.assert_allclose(bottom, (ranks < 5).mean(1), atol=1e-6)


def test_composition(pair):
    plain, model = pair
    links = list(composition.links(map(composition.Reduced, weights_of(model).layers)))
    assert len(links) == 3 * HEADS * HEADS
    d_model = tiny.WIDTH
    size = torch.linalg.matrix_norm

    def read(layer: int) -> Tensor:
        """The linear part of what the attention reads of each direction of the residual stream."""
        norm = getattr(plain.layers[layer], "input_layernorm", None)
        if norm is None:
            return torch.eye(d_model)
        is_centred = isinstance(norm, nn.LayerNorm) or "Cohere" in type(norm).__name__
        return (torch.eye(d_model) - is_centred / d_model) @ torch.diag(plain.gain(norm))

    early = read(0) @ plain.projection(0, "v") @ plain.written(0)
    qk = read(1) @ plain.folded(1, "q") @ plain.folded(1, "k").mT @ read(1).T
    later = read(1) @ plain.projection(1, "v") @ plain.written(1)
    for link in links:
        a, b = early[link.earlier[1]], link.later[1]
        reader = {"query": qk[b], "key": qk[b].T, "value": later[b]}[link.reads]
        expected = float(size(a @ reader) / size(a) / size(reader)) - d_model**-0.5
        assert link.value == pytest.approx(expected, abs=1e-5)


def test_keys_that_tokens_prefer(pair):
    plain, model = pair
    tokens = np.arange(3, 67)
    own = weights_of(model)
    scores = preferences.preferences(model, own.layers, own.after_mlp(ALL[tokens]), tokens)
    expected = []
    for layer in range(LAYERS):
        x = plain.read(layer, plain.after_mlp[tokens])
        q, k = (
            plain.normed(layer, name, torch.einsum("td,hde->the", x, plain.projection(layer, name))) for name in "qk"
        )
        pairs = torch.einsum("the,she->hts", q, k)
        beaten = pairs < pairs.diagonal(dim1=1, dim2=2)[..., None]
        expected += (beaten.sum((1, 2)) / (64 * 63)).tolist()
    np.testing.assert_allclose(scores["qk_same_token"], expected, atol=1e-3)


def test_distances_that_positions_prefer(pair):
    """The mean query against the mean key of one pass, turned by the model's own tables and times its own factor."""
    plain, model = pair
    if plain.is_neox:
        pytest.skip("its turned queries pass no hook: the note says so")
    tokens = np.arange(3, 67)
    own = weights_of(model)
    scores = preferences.preferences(model, own.layers, own.after_mlp(ALL[tokens]), tokens)
    for layer in range(LAYERS):
        seen: dict[str, Any] = {}
        attention = plain.attention(layer)

        def keep(_: Any, args: Any, kwargs: Any, out: Any, seen: dict[str, Any] = seen) -> None:
            seen["x"] = (args[0] if args else kwargs["hidden_states"])[0]
            seen["tables"] = kwargs["position_embeddings"]

        with hooked(attention, keep, with_kwargs=True):
            plain.hf(torch.tensor(tokens)[None], use_cache=False)
        q, k = (
            plain.normed(layer, name, torch.einsum("td,hde->the", seen["x"], plain.projection(layer, name))).mean(0)
            for name in "qk"
        )
        turn = __import__(type(attention).__module__, fromlist=["apply_rotary_pos_emb"]).apply_rotary_pos_emb
        everywhere = (1, HEADS, len(tokens), D_HEAD)
        turned_q, turned_k = turn(
            q[None, :, None].expand(everywhere), k[None, :, None].expand(everywhere), *seen["tables"]
        )
        last = preferences.N_DISTANCES - 1
        products = torch.einsum("he,hte->ht", turned_q[0, :, last], turned_k[0, :, : last + 1]).flip(1)
        share, distance = (products * attention.scaling).softmax(-1).max(1)
        heads = slice(layer * HEADS, (layer + 1) * HEADS)
        np.testing.assert_allclose(scores["qk_position"][heads], share, atol=2e-4)
        assert scores["qk_distance"][heads].tolist() == distance.tolist()


def prompts_of() -> PromptBatch:
    rng = np.random.default_rng(0)
    made = []
    for n in (9, 12):
        ids = tuple(rng.integers(3, tiny.WORDS, n).tolist())
        sequence = TokenSequence(ids, tuple(map(str, ids)), (False,) * n)
        made.append(Prompt(sequence, tuple(Target(query, (query * 7) % 100 + 3) for query in (4, n - 1))))
    return PromptBatch(made)


def direct(model: Model, batch: PromptBatch) -> np.ndarray:
    own = weights_of(model)
    clean = Removals(model.bridge, list(range(LAYERS)), [HEADS] * LAYERS, "cpu").clean(batch)
    return attribution.direct_logits(
        batch, clean, own.layers, own.unembedding, own.final, output_biases=own.output_biases,
        unembedding_bias=own.unembedding_bias, logit_scale=own.logit_scale,
    )  # fmt: skip


def parts_of(plain: Plain, prompt: Prompt) -> dict[Any, Tensor]:
    """What enters the final norm ("x"), what each attention gives (0, 1) and what its output weights read (z0, z1)."""
    kept: dict[Any, Tensor] = {}
    with ExitStack() as stack:
        stack.enter_context(hooked(plain.final, lambda _, args, out: kept.update(x=args[0][0])))
        for layer in range(LAYERS):
            attention = plain.attention(layer)
            output = attention.dense if plain.is_neox else attention.o_proj
            stack.enter_context(hooked(attention, lambda _, args, out, layer=layer: kept.update({layer: out[0][0]})))
            stack.enter_context(
                hooked(output, lambda _, args, out, layer=layer: kept.update({f"z{layer}": args[0][0]}))
            )
        plain.hf(torch.tensor([prompt.sequence.ids]), use_cache=False)
    return kept


@pytest.mark.slow
def test_direct_attribution(pair):
    """Each head's part of what its block adds, as the model's own modules make it, over the final norm's divisor."""
    plain, model = pair
    batch = prompts_of()
    effects = direct(model, batch)
    for row, prompt in enumerate(batch.prompts):
        kept = parts_of(plain, prompt)
        centred = isinstance(plain.final, nn.LayerNorm) or "Cohere" in type(plain.final).__name__
        x = kept["x"] - kept["x"].mean(-1, keepdim=True) if centred else kept["x"]
        for layer in range(LAYERS):
            z = kept[f"z{layer}"].view(len(prompt), HEADS, D_HEAD)
            shares = torch.einsum("the,hed->thd", z, plain.written(layer))
            norm = plain.behind(layer)
            if norm is not None:
                shares = shares / kept[layer].pow(2).mean(-1).sqrt()[:, None, None]
                torch.testing.assert_close(shares.sum(1), norm(kept[layer]), atol=2e-3, rtol=1e-3)
            logits = plain.to_logits(shares / x.pow(2).mean(-1).sqrt()[:, None, None])
            expected = sum(
                logits[target.query, :, target.right] - logits[target.query].mean(-1) for target in prompt.targets
            )
            np.testing.assert_allclose(effects[row, layer * HEADS : (layer + 1) * HEADS], expected, atol=2e-3)


@pytest.mark.slow
def test_a_path_goes_through_the_norms_of_the_model(pair):
    """What L1H1 gives once L0H2's output is replaced, put into the next block by hand through the model's own norms."""
    plain, model = pair
    batch = prompts_of()
    edge = Edge(Removals(model.bridge, range(LAYERS), [HEADS] * LAYERS, "cpu"), batch, (0, 2), (1, 1))
    mean = ablation.means([edge.clean], [batch], 0)
    before, routes = edge.routes(mean, [LOSS])
    seen: list[Tensor] = []

    def keep(z: Tensor, hook: Any) -> None:
        seen.append(z.reshape(*z.shape[:2], HEADS, D_HEAD).clone())

    names = ("blocks.0.attn.hook_z", "blocks.1.attn.hook_z")
    with torch.inference_mode(), model.bridge.hooks(fwd_hooks=[(names[0], keep)]):
        model.bridge(batch.tokens, return_type="logits")
    z, replaced = seen[0], seen[0].clone()
    replaced[:, :, 2] = mean[2]
    behind = plain.behind(0) or nn.Identity()
    given, changed = (behind(torch.einsum("bphd,hdm->bpm", x, plain.output(0))) for x in (z, replaced))
    change = (changed - given) * getattr(plain.layers[0], "residual_multiplier", 1.0)
    with (
        torch.inference_mode(),
        model.bridge.hooks(fwd_hooks=[("blocks.1.hook_in", lambda x, hook: x + change), (names[1], keep)]),
    ):
        model.bridge(batch.tokens, return_type="logits")
    ours = edge._changed_inputs(mean)["z"]
    real = batch.real
    torch.testing.assert_close(ours[real], seen[1][:, :, 1][real], atol=1e-4, rtol=1e-3)
    assert float((ours - before.output)[real].abs().max()) > 1e-3
    assert all(np.isfinite(route.effects).all() for route in routes.values())


def loaded(folder, name: str, **changes: Any) -> Model:
    with quiet():
        drawn(name, **changes).save_pretrained(folder)
    return load_model(folder)


@pytest.mark.slow
def test_a_soft_cap_changes_no_order_and_is_left_out_where_sizes_count(tmp_path):
    model = loaded(tmp_path, "gemma2", final_logit_softcapping=1.0, attn_logit_softcapping=0.5)
    own = weights_of(model)
    assert len(copying.copying_scores(own.layers, own.embedding, own.unembedding, own.final)) == LAYERS * HEADS
    with pytest.raises(NotAvailable, match="unembedded and multiplied"):
        direct(model, prompts_of())
    scores = preferences.preferences(model, own.layers, own.after_mlp(ALL[3:67]), np.arange(3, 67))
    assert "qk_same_token" in scores
    assert "a soft cap stands between products and scores" in str(scores["left_out"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "changes", "as_unembedded"),
    [
        ("neox", {}, True),
        ("gemma2", {}, True),
        ("gemma2", {"final_logit_softcapping": 1.0}, False),
        ("granite", {}, False),
    ],
)
def test_losses_are_read_in_pieces_where_logits_are_what_the_unembedding_gives(
    tmp_path, name, changes, as_unembedded, monkeypatch
):
    """A cap on the logits, or a factor, is not passed by."""
    model, batch, used = loaded(tmp_path, name, **changes), prompts_of(), []

    def in_pieces(*given: Any) -> Tensor:
        used.append(1)
        return readings_in_pieces(*given)

    monkeypatch.setattr(passes, "readings_in_pieces", in_pieces)
    run = Removals(model.bridge, list(range(LAYERS)), [HEADS] * LAYERS, "cpu")
    clean = run.clean(batch)
    means = {0: ablation.means([clean], [batch], 0)}
    effects = ablation.layer_effects(run, batch, clean, 0, means[0], (LOSS,))
    assert bool(used) == as_unembedded
    expected = np.concatenate([
        plain_effects(model.bridge, batch, 0, head, means[0][head], (LOSS,)) for head in range(HEADS)
    ], 1)  # fmt: skip
    np.testing.assert_allclose(effects[:, :, 0], expected, atol=1e-4)
    assert np.abs(expected).max() > 1e-3
    several = list(run.without(batch, clean, means, [[(0, 1)], [(0, 2)]], (LOSS,)))
    rises = [float((each - ablation.before(batch, clean, (LOSS,))).sum()) for each in several]
    np.testing.assert_allclose(rises, expected.sum(0)[1:3], atol=1e-4)


class Squared(nn.Module):
    """Something that no norm and no multiplier is."""

    def forward(self, x: Tensor) -> Tensor:
        return x.abs() * x


@pytest.mark.slow
@pytest.mark.parametrize(
    ("put", "reason", "parts"),
    [
        ("ln1_post", "do not reach the residual stream through one norm at most in L1", ("written",)),
        ("o", "are not what the output weights read in L1", ("written",)),
        ("v", "is not what the value weights read in L1", ("values",)),
        ("q", "are not what weights and a norm make of what is read in L1", ("queries", "keys")),
    ],
)
def test_what_the_weights_do_not_say_is_left_out(tmp_path, put, reason, parts):
    """Each part of a block changed behind the weights' back is seen, and the other quantities stay."""
    model = loaded(tmp_path, "gemma3")
    block = model.bridge.blocks[1]
    owner = block if put == "ln1_post" else block.attn
    bent = Squared()
    inner = getattr(owner, put).original_component
    inner.register_forward_hook(lambda _, args, out: bent(out))
    layer = weights_of(model).layers[1]
    for part in ("written", "values", "queries", "keys"):
        if part in parts:
            with pytest.raises(NotAvailable, match=reason):
                getattr(layer, part)
        else:
            assert len(getattr(layer, part)) == HEADS


@pytest.mark.slow
def test_where_a_block_reads_something_else_there_is_no_evidence_from_weights(tmp_path):
    model = loaded(tmp_path, "gemma3")
    model.bridge.blocks[1].ln1.original_component.register_forward_hook(lambda _, args, out: out.abs() * out)
    with pytest.raises(NotAvailable, match="L1 does not read the residual stream through one norm"):
        assert weights_of(model).layers


@pytest.mark.slow
def test_an_unembedding_that_is_bent_is_left_out(tmp_path):
    model = loaded(tmp_path, "gemma3")
    model.bridge.unembed.original_component.register_forward_hook(lambda _, args, out: out.abs())
    with pytest.raises(NotAvailable, match="logits do not follow from the normed residual stream"):
        assert weights_of(model).unembedding is None
