"""What heads copy while a model writes: on a built model whose heads are known, and against writing token by token."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.evidence import generation
from headatlas.evidence.generation import SLACK, Haystack, _written, copied, haystacks, rows
from headatlas.evidence.needles import DEPTHS, FILLERS, NEEDLES, parts
from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.run import gather
from headatlas.evidence.types import COPIED
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from tests.planted_model import HEADS, INDUCTION, planted

# The last token stood before the needle, 7 8 9, and what followed it is due.
FOLLOWED = Haystack((5, 6, 7, 8, 9, 10, 11, 12, 6), range(2, 5))
# Here it stood before something else, so that the model writes that.
ELSEWHERE = Haystack((5, 6, 7, 8, 9, 10, 11, 12, 11), range(2, 5))


@pytest.mark.slow
def test_the_built_induction_head_copies_and_no_other():
    model = load_model(planted())
    seen = copied(model, {0: HEADS, 1: HEADS}, [FOLLOWED, ELSEWHERE])
    shares = seen["copied"].reshape(2, 2, HEADS)
    assert shares[0][INDUCTION] == 1
    assert shares[0].sum() == 1, "no other head copies a token of it"
    assert seen["said"].tolist() == [1, 0]
    assert not shares[1].any(), "what the model does not write is not copied"
    assert seen["length"].tolist() == [3, 3]
    made = list(rows(seen, list(range(8)), seed=0))
    assert [row.value for row in made] == [0, 0, 0, 0, 1, 0, 0, 0], "the mean over the text whose answer is said"
    assert {(row.kind, row.probe, row.n_targets, row.n_sequences, row.intact) for row in made} == {
        (COPIED, None, 3, 1, 0.5)
    }


def slowly(model, layers, text):
    """Greedy decoding, one token a pass, with every head's most-attended position."""
    ids = list(text.ids)
    for _ in range(len(text.needle) + SLACK):
        attended = {}

        def keep(x, hook, attended=attended):
            attended[int(hook.name.split(".")[1])] = x[0, :, -1]

        hooks = [(f"blocks.{layer}.attn.hook_pattern", keep) for layer in layers]
        with torch.inference_mode():
            logits = model.bridge.run_with_hooks(torch.tensor([ids]), fwd_hooks=hooks)
        token = int(logits[0, -1].argmax())
        yield token, [int(row.argmax()) for layer in layers for row in attended[layer]]
        ids.append(token)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["llama", pytest.param("gpt2", marks=pytest.mark.slow)])
def test_several_tokens_a_pass_are_what_the_model_writes_one_by_one(tiny, kind):
    model = load_model(tiny(kind))
    generator = np.random.default_rng(1)
    names = [f"blocks.{layer}.attn.hook_pattern" for layer in range(2)]
    for number in range(3):
        ids = tuple(generator.integers(10, 300, 30).tolist())
        text = Haystack(ids, range(5, 12))
        # Half of what the model writes, so that some of it holds and some does not.
        if number:
            ahead = [token for token, _ in slowly(model, range(2), text)][: 3 * number]
            ids = (*ids[:5], *ahead, *ids[5 + len(ahead) :])
            text = Haystack(ids, range(5, 12))
        fast = [(token, attended.tolist()) for token, attended in _written(model, names, text)]
        assert fast == list(slowly(model, range(2), text))


def test_texts_hold_their_answers(tiny):
    model = load_model(tiny("gpt2"))
    vocabulary = Vocabulary(model.tokenizer, model.info.d_vocab)
    made = haystacks(vocabulary, 4096)
    assert len(made) == len(NEEDLES) * len(DEPTHS)
    for text, (needle, depth) in zip(made, [(n, d) for n in NEEDLES for d in DEPTHS], strict=True):
        assert "".join(vocabulary.text(token) for token in text.answer) == f" {needle.answer}"
        whole = "".join(parts(needle, depth))
        assert whole.count(needle.answer) == 1
        assert whole.endswith(needle.beginning)
        assert all(filler in whole for filler in FILLERS)
    assert haystacks(vocabulary, 50) == []
    with pytest.raises(NotAvailable, match="no tokenizer"):
        haystacks(Vocabulary(None, 10), 4096)


@pytest.mark.slow
def test_the_score_is_stored_and_stands_where_it_is_not_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(generation, "haystacks", lambda vocabulary, longest: [FOLLOWED, ELSEWHERE])
    db, bridge, asked = tmp_path / "heads.db", planted(), {"name": "planted", "probe_names": ["repeated_random_tokens"]}
    scan_model(bridge, db=db, name="planted", settings=ScanSettings(("repeated_random_tokens",)))
    gather(bridge, db=db, **asked)
    with pytest.raises(HeadatlasError, match="other settings"):
        gather(bridge, db=db, generate=True, **asked)
    gather(bridge, db=db, generate=True, force=True, **asked)
    with headatlas.open(db) as catalog:
        frame = catalog.evidence("planted")
    scores = frame[frame["kind"] == COPIED].set_index(["layer", "head"])["value"]
    assert len(scores) == 8
    assert scores[INDUCTION] == scores.sum() == 1
    assert not gather(bridge, db=db, **asked).ran
    assert not gather(bridge, db=db, generate=True, **asked).ran


def test_the_commands_offer_it():
    for command in ("scan", "evidence"):
        assert "--generate" in CliRunner().invoke(main, [command, "--help"]).stdout
