"""Relations, successors, copy suppression and spectra by the weights: heads that were built, and plain slow loops."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

import headatlas
from headatlas.catalog import named_queries
from headatlas.evidence.load import evidence_of
from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.run import gather
from headatlas.evidence.types import SUCCESSOR, TYPES, relation_type, suppressed_type
from headatlas.evidence.weight_parts import N_PAIRS, OF_HEADS, WeightParts
from headatlas.evidence.weights.model_weights import LayerWeights
from headatlas.evidence.weights.norms import HeadNorm, NoNorm, Norm
from headatlas.evidence.weights.relations import Group, pair_scores, questions, single_token
from headatlas.evidence.weights.spectrum import LONGEST, spectrum
from headatlas.evidence.weights.suppression import own_token_lowered, predicted_token_sought
from headatlas.evidence.word_pairs import ORDERS, RELATIONS
from headatlas.evidence.words.weight_words import given_words
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model

V = 12
NONE = NoNorm(torch.ones(V), False, torch.zeros(V))
PAIRS = [(0, 4), (1, 5), (2, 6), (3, 7)]
GROUP = Group.of(PAIRS, [8])


def layer_of(values, written, norm=NONE, number=0, queries=None, keys=None) -> LayerWeights:
    """A layer of these matrices [head, d_model, d_head] and [head, d_head, d_model], with no norms behind it."""
    n_heads, _, d_head = values.shape
    plain = HeadNorm(torch.ones(n_heads, d_head), divides=False)
    nothing = torch.zeros_like(values)
    return LayerWeights(
        number, nothing if queries is None else queries, nothing if keys is None else keys, values, written, norm,
        NoNorm(torch.ones(values.shape[1]), False, torch.zeros(values.shape[1])), None, plain, plain,
        torch.ones(n_heads), None,
    )  # fmt: skip


def maps(*of_heads: dict[int, dict[int, float]]) -> torch.Tensor:
    """[head, V, V]: what each head adds to each token's logit for the token it attends to; all tokens are one-hot."""
    added = torch.zeros(len(of_heads), V, V)
    for head, given in enumerate(of_heads):
        for source, raised in given.items():
            for token, logit in raised.items():
                added[head, source, token] = logit
    return added


def scores_of(layer: LayerWeights, groups=(GROUP,), lowered: bool = False) -> list[float]:
    read = torch.eye(V)
    scores = pair_scores([layer], {"asked": groups}, lambda t, _: read[t], torch.eye(V), NONE, lowered=lowered)
    return scores["asked"].tolist()


def test_built_heads_give_what_they_were_built_to_give():
    relation = {source: {target: 1.0} for source, target in PAIRS}
    half = dict(list(relation.items())[:2])
    layer = layer_of(
        maps(
            relation,
            {token: {token: 1.0} for token in range(V)},  # copies
            {source: {4: 1.0} for source in range(4)},  # always the same target
            {},
            half,
            {source: {target: 1.0, source: 2.0} for source, target in PAIRS},  # copies more than it gives
            {source: {target: 1.0, 8: 1.0} for source, target in PAIRS},  # another rises as much
            {source: {PAIRS[(source + 1) % 4][1]: 1.0} for source in range(4)},  # the others' targets
            {source: {target: -1.0} for source, target in PAIRS},
        ),
        torch.eye(V).repeat(9, 1, 1),
    )
    # Random pairs hit once in four where a target rises most, whichever it is.
    assert scores_of(layer) == pytest.approx([0.75, 0, 0, 0, 0.375, 0, 0, -0.25, 0])
    # The last lowers them; where all others are raised alike, none falls most.
    assert scores_of(layer, lowered=True) == pytest.approx([0, 0, 0, 0, 0, 0, 0, 0, 0.75])


def test_a_head_may_give_one_relation_and_take_back_another():
    other = Group.of([(0, 9), (1, 10), (2, 11), (3, 8)])
    given = {source: {target: 1.0} for source, target in PAIRS}
    for source, target in zip(other.sources.tolist(), other.targets.tolist(), strict=True):
        given[source][target] = -2.0
    layer = layer_of(maps(given, {token: {token: -1.0} for token in range(V)}), torch.eye(V).repeat(2, 1, 1))
    assert scores_of(layer) == pytest.approx([0.75, 0])
    assert scores_of(layer, [other]) == pytest.approx([0, 0])
    assert scores_of(layer, lowered=True) == pytest.approx([0, 0]), "a head against what it looks at takes back no more"
    assert scores_of(layer, [other], lowered=True) == pytest.approx([0.75, 0])


def test_what_is_taken_off_is_the_mean_over_all_ways_to_pair_the_same_words():
    generator = torch.Generator().manual_seed(3)
    layer = layer_of(torch.randn(5, V, 3, generator=generator), torch.randn(5, 3, V, generator=generator))
    many_to_one = Group.of([(0, 4), (1, 4), (2, 5), (3, 6)])
    for group in (GROUP, many_to_one):
        dealt = []
        for order in permutations(range(4)):
            shuffled = Group(group.sources, group.targets[list(order)], group.words)
            dealt.append(scores_of(layer, [shuffled]))
        assert np.mean(dealt, 0) == pytest.approx(np.zeros(5), abs=1e-6), "random pairs score 0 on average"


def test_scores_are_those_of_a_slow_loop_with_norms_and_several_groups():
    generator = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=generator)  # noqa: E731
    norm, final = Norm(draw(V).abs() + 0.5, True, draw(V)), Norm(draw(V).abs() + 0.5, False, draw(V))
    early, later, unembedding = draw(30, V), draw(30, V), draw(V, 30)
    layers = [layer_of(draw(3, V, 4), draw(3, 4, V), norm, number) for number in (0, 1)]
    groups = [Group.of([(0, 10), (1, 11), (2, 12), (3, 13)]), Group.of([(4, 14), (5, 14), (6, 15)], [20, 21])]

    def read(tokens, number):
        return (early if number == 0 else later)[tokens]

    scores = pair_scores(layers, {"a": groups}, read, unembedding, final)["a"].tolist()
    slow = []
    for layer in layers:
        for head in range(3):
            above = 0.0
            for group in groups:
                targets = group.targets.tolist()
                for source, target in zip(group.sources.tolist(), targets, strict=True):
                    x = (early if layer.layer == 0 else later)[source]
                    x = x - x.mean()
                    x = x / x.pow(2).mean().sqrt() * norm.gain
                    logits = (x @ layer.w_v[head] @ layer.w_o[head] * final.gain) @ unembedding
                    top = max(group.words.tolist(), key=lambda word, logits=logits: logits[word].item())
                    above += (top == target) - targets.count(top) / len(targets)
            slow.append(above / 7)
    assert scores == pytest.approx(slow, abs=1e-6)
    assert max(map(abs, slow)) > 0.05


def test_suppressors_and_copiers():
    tokens = torch.arange(2, 10)
    rows = {token: {token: -1.0} for token in range(V)}
    same_for_all = {token: {other: float(other) for other in range(V)} for token in range(V)}
    eye = torch.eye(V)
    layer = layer_of(
        maps(rows, {token: {token: 1.0} for token in range(V)}, {}, same_for_all),
        eye.repeat(4, 1, 1),
        queries=torch.stack([eye, -eye, torch.zeros(V, V), eye.roll(1, 1)]),
        keys=eye.repeat(4, 1, 1),
    )
    given = ([layer], tokens, eye[tokens], eye, NONE)
    assert own_token_lowered(*given).tolist() == pytest.approx([1, 0, 0.5, 0.5])
    # The last looks for the token after the predicted one: of seven others that is preferred to it, and six tie.
    assert predicted_token_sought(*given).tolist() == pytest.approx([1, 0, 0.5, (7 * 3 / 7 + 0.5) / 8])


def test_suppression_is_that_of_a_slow_loop():
    generator = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.randn(*shape, generator=generator)  # noqa: E731
    norm, final = Norm(draw(V).abs() + 0.5, False, draw(V)), Norm(draw(V).abs() + 0.5, True, draw(V))
    layer = layer_of(draw(2, V, 4), draw(2, 4, V), norm, queries=draw(2, V, 4), keys=draw(2, V, 4))
    tokens, embedding, unembedding = torch.tensor([3, 7, 20, 11]), draw(4, V), draw(V, 30)

    def normed(x):
        return x / x.pow(2).mean().sqrt() * norm.gain

    lowered, sought = np.zeros(2), np.zeros(2)
    for head in range(2):
        for i, own in enumerate(tokens):
            added = normed(embedding[i]) @ layer.w_v[head] @ layer.w_o[head]
            logits = ((added - added.mean()) * final.gain) @ unembedding
            predicted = final.gain * unembedding[:, own]
            # What is taken off before the gain is taken off the direction after it.
            predicted = predicted - predicted.mean()
            query = normed(predicted) @ layer.w_q[head]
            keys = [normed(x) @ layer.w_k[head] for x in embedding]
            for j, other in enumerate(tokens):
                if i != j:
                    lowered[head] += float(logits[own] < logits[other]) / 12
                    sought[head] += float(query @ keys[i] > query @ keys[j]) / 12
    given = ([layer], tokens, embedding, unembedding, final)
    assert own_token_lowered(*given).tolist() == pytest.approx(lowered.tolist())
    assert predicted_token_sought(*given).tolist() == pytest.approx(sought.tolist())


def word_folder(path):
    """A GPT-2 whose tokens are whole words, among them those of some relations; all others are one unknown token."""
    capitals, digits = RELATIONS[0].pairs[:15], RELATIONS[-1].pairs
    words = ["<unk>", "<s>", *dict.fromkeys(word for pair in (*capitals, *digits) for word in pair), *ORDERS[0], "the"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=len(words), n_positions=64, n_embd=16, n_layer=2, n_head=2)
    GPT2LMHeadModel(config).save_pretrained(path)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>").save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return load_model(str(word_folder(tmp_path_factory.mktemp("words") / "model")))


def test_words_count_where_they_are_single_tokens(words):
    vocabulary = Vocabulary(words.tokenizer, words.info.d_vocab)
    assert single_token(vocabulary, "Paris") is not None
    assert single_token(vocabulary, "Tokyo-on-sea") is None
    assert single_token(vocabulary, "banana") is None, "the unknown token is no word"
    asked, short = questions(vocabulary)
    assert {name: sum(len(group.sources) for group in groups) for name, groups in asked.items()} == {
        relation_type("capital"): 15, relation_type("digit"): 19, SUCCESSOR: 6 + 8 + 8 + 8,
    }  # fmt: skip
    assert short[:2] == ["language", "opposite"]
    (capital,) = asked[relation_type("capital")]
    assert vocabulary.text(int(capital.targets[0])).strip() == "Paris"
    assert len(capital.words) == 30


@pytest.mark.slow
def test_parts_of_a_model_of_words(words):
    """Every part gives its types for every head; relations say on how many pairs they rest."""
    parts = WeightParts(words, {0: 2, 1: 2}, Vocabulary(words.tokenizer, words.info.d_vocab), 0)
    arrays = {part.key: part.compute() for part in parts.parts() if part.key in OF_HEADS}
    relations = arrays["relations"]
    assert int(relations[f"{N_PAIRS}{relation_type('capital')}"]) == 15
    assert str(relations["left_out"]).startswith("too few of its words are single tokens: language, opposite, plural")
    for of_part in arrays.values():
        assert {len(values) for name, values in of_part.items() if name in TYPES} == {4}
    assert "its positions are not rotary" in str(arrays["spectrum"]["left_out"])


@pytest.mark.slow
def test_relations_are_stored_with_the_number_of_their_pairs(tmp_path):
    folder, db = str(word_folder(tmp_path / "model")), tmp_path / "heads.db"
    scan_model(folder, db=db, name="words", settings=ScanSettings(("repeated_random_tokens",)))
    gather(folder, db=db, name="words", probe_names=["repeated_random_tokens"])
    with headatlas.open(db) as catalog:
        rows = catalog.rows(
            """select kinds.name, probe_id, n_targets, percentile, value from evidence
               join evidence_kinds as kinds on kinds.id = kind_id where basis = 'weights'"""
        )
        known = evidence_of(catalog, "words")
        listed = catalog.evidence("words")
        of_words = catalog.rows(named_queries.find("word-heads").sql, {"minimum": -1})
        both = catalog.rows(named_queries.find("copy-suppression").sql, {"minimum": 0})
    capital = [row for row in rows if row["name"] == relation_type("capital")]
    assert [(row["probe_id"], row["n_targets"]) for row in capital] == [(None, 15)] * 4
    assert Counter(row["kind"] for row in of_words) == {
        relation_type("capital"): 4, relation_type("digit"): 4, SUCCESSOR: 4,
        suppressed_type("capital"): 4, suppressed_type("digit"): 4,
    }  # fmt: skip
    assert [row["value"] for row in of_words] == sorted((row["value"] for row in of_words), reverse=True)
    for column, kind in (("seeks", "qk_predicted_token"), ("lowers", "ov_own_token_lowered")):
        assert sorted(row[column] for row in both) == sorted(row["value"] for row in rows if row["name"] == kind)
    listed = listed[listed["kind"] == relation_type("capital")]
    assert listed["value"].tolist() == [row["value"] for row in capital]
    assert {row["n_targets"] for row in rows if row["name"] == "qk_predicted_token"} == {None}
    assert any(note.startswith("relations: left out, too few of its words are single tokens") for note in known.notes)


def test_no_tokenizer_no_words(words):
    parts = WeightParts(words, {0: 2, 1: 2}, Vocabulary(None, words.info.d_vocab), 0)
    (relations,) = [part for part in parts.parts() if part.key == "relations"]
    with pytest.raises(NotAvailable, match="no tokenizer"):
        relations.compute()


@pytest.mark.slow
def test_spectra_are_those_of_what_hooks_see(tiny):
    model = load_model(tiny("llama"))
    parts = WeightParts(model, {0: 4, 1: 4}, Vocabulary(model.tokenizer, model.info.d_vocab), 0)
    layers, texts = parts.weights.layers, parts._texts[:3]
    measured = spectrum(model, layers, texts)
    d_head = layers[0].w_q.shape[-1]
    seen = {name: [[], []] for name in ("q", "k")}
    for text in texts:
        for name, of_layers in seen.items():
            for layer in range(2):
                kept = []
                hooks = [(f"blocks.{layer}.attn.hook_{name}", lambda x, hook, kept=kept: kept.append(x[0]))]
                with torch.inference_mode():
                    ids = torch.tensor(text.ids[: min(LONGEST, model.info.context)])[None]
                    model.bridge.run_with_hooks(ids, fwd_hooks=hooks)
                x = kept[0].reshape(ids.shape[1], -1, d_head)
                counts = [i for i in range(1, ids.shape[1]) if not text.special[i]]
                of_layers[layer].append(x[counts].double())
    # Tiny Llamas turn entry i with entry i + half by 10000^(-i / half) a token.
    half = d_head // 2
    period = np.array([2 * np.pi * 10000 ** (i / half) for i in range(half)])
    for layer in range(2):
        q, k = (torch.cat(seen[name][layer]).numpy() for name in ("q", "k"))
        k = k.repeat(2, axis=1)
        for head in range(4):
            for name, x in (("q", q), ("k", k)):
                share = np.linalg.svd(x[:, head], compute_uv=False) ** 2
                rank = share.sum() ** 2 / (share**2).sum()
                assert measured[f"{name}_effective_rank"][4 * layer + head] == pytest.approx(rank, rel=1e-4)
            norms = [np.hypot(x[:, head, :half], x[:, head, half:]).mean(0) for x in (q, k)]
            together = norms[0] * norms[1]
            fast, slow = together[period <= 32].sum(), together[period > 2048].sum()
            assert measured["rope_fast"][4 * layer + head] == pytest.approx(fast / together.sum(), rel=1e-3)
            assert measured["rope_slow"][4 * layer + head] == pytest.approx(slow / together.sum(), rel=1e-3)
    assert 1 <= measured["q_effective_rank"].min() < measured["q_effective_rank"].max() <= d_head


def test_nothing_to_read_is_a_word_not_an_error(words):
    with pytest.raises(NotAvailable, match="no text"):
        spectrum(SimpleNamespace(bridge=None, info=None), [], [])


def test_sentences():
    assert given_words({relation_type("capital"): 0.2, SUCCESSOR: 0.1}) == []
    assert given_words({relation_type("capital"): 0.31, relation_type("language"): 0.52}) == [
        "Its output weights give a country's language (52%) and a country's capital (31%): the share of words, less "
        "that of random pairs."
    ]
    assert given_words({relation_type("capital"): 0.1, suppressed_type("opposite"): 0.4}) == [
        "Its output weights write against a word's opposite (40%): the share of words, less that of random pairs."
    ]
    assert given_words({"qk_predicted_token": 0.87, "ov_own_token_lowered": 0.96}) == [
        "By its weights it looks for the token that is about to be predicted and writes against it (0.87 and 0.96, by "
        "chance 0.50): copy suppression."
    ]
    assert given_words({"qk_predicted_token": 0.7, "ov_own_token_lowered": 0.96}) == []
