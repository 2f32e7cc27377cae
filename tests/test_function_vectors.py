"""What heads carry from examples to an answer: on a built model whose heads are known, and against patching by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from headatlas.evidence import function_vectors
from headatlas.evidence.function_vectors import N_EXAMPLES, ShownTask, effects, rows, shown_tasks
from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.types import FUNCTION
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.probes.metrics import Prompt, Target
from tests.planted_model import COPIER, HEADS, INDUCTION, SUPPRESSOR, planted


def prompt(*ids: int, answer: int) -> Prompt:
    texts = tuple(map(str, ids))
    return Prompt(TokenSequence(ids, texts, (False,) * len(ids)), (Target(len(ids) - 1, answer),))


# 9 follows 9, so that the induction head writes it, the suppressor writes against it, and it is half of what there is
# to copy; where it is to be told, it is no token of the text, and the text repeats nothing.
NINE = ShownTask(
    "nine",
    (prompt(5, 9, 9, answer=9), prompt(8, 9, 9, answer=9)),
    (prompt(5, 6, 7, answer=9), prompt(10, 11, 12, 13, answer=9), prompt(30, 31, answer=9)),
)


@pytest.fixture(scope="module")
def built():
    return load_model(planted())


@pytest.mark.slow
def test_signs_of_built_heads(built):
    arrays = effects(built, {0: HEADS, 1: HEADS}, [NINE])
    assert arrays["done"].tolist() == [1]
    values = arrays["measured"].mean(0).reshape(2, HEADS)
    assert values[INDUCTION] > 0.9, "its mean output says nothing but the answer"
    assert values[INDUCTION] == values.max()
    assert values[SUPPRESSOR] == values.min() < 0
    assert values[COPIER] > 0
    assert np.allclose(values[[0, 1, 1], [3, 2, 3]], 0), "idle heads"
    made = list(rows(arrays, list(range(2 * HEADS)), seed=0))
    assert [row.value for row in made] == pytest.approx(values.ravel().tolist())
    assert {(row.kind, row.intact, row.n_sequences, row.exact) for row in made} == {(FUNCTION, 1, 3, True)}
    assert all(row.ci_low <= row.value <= row.ci_high for row in made)


def patched(model, task, layer, head):
    """The same for one head, prompt by prompt, with hooks of its own."""
    name, outputs = f"blocks.{layer}.attn.hook_z", []

    def by_head(z):
        return z.view(*z.shape[:2], HEADS, -1)

    def keep(z, hook):
        outputs.append(by_head(z)[0, -1, head].clone())

    def put(z, hook):
        by_head(z)[0, -1, head] = torch.stack(outputs).mean(0)
        return z

    def run(prompt, *hooks):
        with torch.inference_mode():
            logits = model.bridge.run_with_hooks(torch.tensor([prompt.sequence.ids]), fwd_hooks=list(hooks))
        return logits[0, -1].softmax(-1)[prompt.targets[0].right].item()

    for prompt in task.right:
        run(prompt, (name, keep))
    return [run(prompt, (name, put)) - run(prompt) for prompt in task.shuffled]


@pytest.mark.parametrize("kind", ["planted", pytest.param("llama", marks=pytest.mark.slow)])
def test_effects_equal_patching_by_hand(kind, built, tiny, monkeypatch):
    monkeypatch.setattr(function_vectors, "DONE", 0)
    model = built if kind == "planted" else load_model(tiny("llama"))
    arrays = effects(model, {0: HEADS, 1: HEADS}, [NINE, NINE])
    by_hand = np.array([patched(model, NINE, layer, head) for layer in range(2) for head in range(HEADS)])
    np.testing.assert_allclose(arrays["measured"], np.tile(by_hand.T, (2, 1)), atol=1e-6)
    if kind == "llama":  # changes are small there, and a gradient sees all of them
        estimated, measured = (arrays[name].mean(0) for name in ("estimated", "measured"))
        assert stats.spearmanr(estimated, measured).statistic > 0.9


def test_of_many_heads_the_largest_are_measured(built, monkeypatch):
    monkeypatch.setattr(function_vectors, "MIN_HEADS", 2)
    monkeypatch.setattr(function_vectors, "MEASURED_FRACTION", 1 / 4)
    arrays = effects(built, {0: HEADS, 1: HEADS}, [NINE])
    exact = ~np.isnan(arrays["measured"]).any(0)
    assert exact.sum() == 2
    made = list(rows(arrays, list(range(2 * HEADS)), seed=0))
    assert [row.exact for row in made] == exact.tolist()
    assert [np.isnan(row.ci_low) for row in made] == (~exact).tolist()
    assert [row.value for row in made if not row.exact] == pytest.approx(arrays["estimated"].mean(0)[~exact].tolist())
    assert effects(built, {0: HEADS, 1: HEADS}, [NINE], screened=False)["measured"].shape == (3, 8)


def test_a_task_that_the_model_does_not_do_is_left_out(built):
    undone = ShownTask("undone", (prompt(5, 6, 7, answer=30),), NINE.shuffled)
    arrays = effects(built, {0: HEADS, 1: HEADS}, [undone])
    assert arrays["measured"].shape == (0, 8)
    both = effects(built, {0: HEADS, 1: HEADS}, [undone, NINE])
    assert both["done"].tolist() == [0, 1]
    assert len(both["measured"]) == 3
    assert next(rows(both, list(range(8)), seed=0)).intact == 1
    assert list(rows({}, [], seed=0)) == []


class Words(Vocabulary):
    """Every word is a token, and every mark."""

    def __init__(self):
        super().__init__(None, 0)
        self.tokenizer, self.words = True, {}

    def encode(self, text, limit=None):
        return [
            self.words.setdefault(word, len(self.words)) for word in text.replace(":", " :").replace("\n", " |").split()
        ]

    def text(self, token):
        return list(self.words)[token]


def test_shuffled_examples_have_others_answers():
    tasks = shown_tasks(Words(), 100, seed=1)
    assert {task.name for task in tasks} == {"capital", "opposite", "plural", "past_tense", "comparative"}
    for task in tasks:
        (relation,) = [other for other in function_vectors.RELATIONS if other.name == task.name]
        for own, is_right in ((task.right, True), (task.shuffled, False)):
            for prompt in own:
                *lines, last = " ".join(prompt.sequence.texts).split(" | ")
                examples = [tuple(line.split(" : ")) for line in lines]
                assert len(set(examples)) == N_EXAMPLES
                assert [example in relation.pairs for example in examples] == [is_right] * N_EXAMPLES
                answer = prompt.targets[0].right
                assert answer not in prompt.sequence.ids[:-2] or task.name == "opposite"
                assert last.endswith(" :")
                assert len({target for _, target in examples}) == N_EXAMPLES
    assert shown_tasks(Words(), 20, seed=1) == []
    with pytest.raises(NotAvailable, match="no tokenizer"):
        shown_tasks(Vocabulary(None, 10), 100, seed=1)
