"""Tasks of one's own: on heads that were built, against plain hooks, and what is said of files that are none."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from math import comb
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

import headatlas
from headatlas.atlas.site import build
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.evidence.removing.passes import PromptBatch, z_hook
from headatlas.evidence.removing.screen_passes import ScreenPasses
from headatlas.evidence.run import gather
from headatlas.evidence.tasks import run as task_run
from headatlas.evidence.tasks.given import given_task
from headatlas.evidence.tasks.lines import TaskLine, read, task_of
from headatlas.evidence.tasks.passes import TaskPasses, TaskSettings
from headatlas.evidence.tasks.prompts import DoesNotFit, task_prompt, task_prompts
from headatlas.evidence.tasks.replacement import outputs
from headatlas.evidence.tasks.result import label_shares
from headatlas.evidence.tasks.shipped import TASKS
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.probes.metrics import LEAD
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.views.task_page import task_page
from tests.helpers import drawn_layer
from tests.planted_model import HEADS, INDUCTION, PREVIOUS_TOKEN, VOCABULARY, planted


def built():
    """The model built by hand, with a tokenizer whose words are w0, w1, ..."""
    bridge = planted()
    tokenizer = Tokenizer(models.WordLevel({f"w{number}": number for number in range(VOCABULARY)}, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    bridge.tokenizer = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="w0")
    return bridge


def repeats(n: int = 12, corrupted: bool = False) -> list[dict[str, object]]:
    """Different words, then one of them again: what came after it the first time is due."""
    random = np.random.default_rng(3)
    lines = []
    for _ in range(n):
        words = [f"w{number}" for number in random.permutation(VOCABULARY)[:8]]
        again = int(random.integers(1, 6))
        line = {
            "prompt": " ".join([*words, words[again]]), "answer": f" {words[again + 1]}",
            "wrong": [f" {word}" for word in words if word not in (words[again], words[again + 1])],
        }  # fmt: skip
        if corrupted:
            line["corrupted"] = " ".join(
                [*(f"w{number}" for number in random.permutation(VOCABULARY)[:8]), words[again]]
            )
        lines.append(line)
    return lines


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("planted-task") / "heads.db"
    scan_model(built(), db=path, name="built", settings=ScanSettings(("repeated_random_tokens",)))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("corrupted", [False, True])
def test_a_circuit_built_by_hand_comes_first(db, corrupted):
    name = f"repeats-{corrupted}"
    result = headatlas.task(repeats(corrupted=corrupted), built(), task_name=name, db=db, name="built")
    assert result.scanned
    assert result.accuracy == 1
    first = {(head.layer, head.head) for head in result.ranked[:2]}
    assert first == {INDUCTION, PREVIOUS_TOKEN} == {(head.layer, head.head) for head in result.important}
    for head in result.ranked[2:]:
        assert abs(head.effect.value) < 0.05 * result.intact.value, head
    by_place = {(head.layer, head.head): head for head in result.heads}
    # Only the induction head says the answer itself; the other is missed as much, as its work goes through it.
    assert by_place[INDUCTION].direct.value == pytest.approx(result.intact.value, rel=0.05)
    assert by_place[PREVIOUS_TOKEN].direct.value == pytest.approx(0, abs=1e-4)
    assert by_place[PREVIOUS_TOKEN].effect.value > 10
    # Attention is saturated: a gradient does not see through it, and the page says how far estimates can be believed.
    assert by_place[INDUCTION].attribution.value == pytest.approx(by_place[INDUCTION].effect.value, rel=0.2)
    assert result.labels["self", *INDUCTION][0] == "induction"
    kind = "resampling_logit_difference" if corrupted else "ablation_logit_difference"
    with headatlas.open(db) as catalog:
        rows = catalog.rows("select * from head_evidence where probe = ? and kind = ?", [name, kind])
    assert len(rows) == 2 * HEADS
    for row in rows:
        assert row["value"] == pytest.approx(by_place[row["layer"], row["head"]].effect.value)
        assert row["ci_low"] <= row["value"] <= row["ci_high"]


@pytest.fixture(scope="module")
def tiny_task(tiny):
    model = load_model(tiny("llama"))
    vocabulary = Vocabulary(model.tokenizer, model.info.d_vocab)
    lines = [
        TaskLine("The ferry leaves at", " nine", (" the", " a"), "The baker waves at"),
        TaskLine("The cat stayed", " outside", (" nine",), "The cat waves "[:-1]),
        TaskLine("One, two, three, four", ".", (",",), "One, two, two, two"),
    ]
    fitting = []
    for line in lines:
        try:
            fitting.append(task_prompt(line, vocabulary, 128))
        except DoesNotFit:
            fitting.append(task_prompt(TaskLine(line.prompt, line.answer, line.wrong, line.prompt), vocabulary, 128))
    return model, fitting


@pytest.mark.slow
def test_estimates_are_derivatives_and_effects_those_of_plain_hooks(tiny_task):
    model, prompts = tiny_task
    batch = PromptBatch([prompt.prompt for prompt in prompts])
    other = torch.Generator().manual_seed(0)
    run = ScreenPasses(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    own = outputs(run, batch)
    replaced = {layer: z + 0.3 * torch.randn(z.shape, generator=other) for layer, z in own.items()}
    first = run.first_order(batch, clean, replaced, LEAD)
    estimates = np.concatenate([first.effects[layer] for layer in (0, 1)], 1)
    small = 1e-2
    for layer in (0, 1):
        nudged = own[layer] + small * (replaced[layer] - own[layer])
        back = own[layer] - small * (replaced[layer] - own[layer])
        effects = []
        for changed in (nudged, back):
            logits = dict(run.ablated(batch, clean, layer, changed))
            effects.append(np.stack([_lead(logits[head], batch) for head in range(4)], 1))
        slope = -(effects[0] - effects[1]) / (2 * small)
        np.testing.assert_allclose(estimates[:, 4 * layer : 4 * layer + 4], slope, atol=3e-3)
        assert np.abs(slope).max() > 0.01

        def put(z, hook, layer=layer):
            z = z.clone()
            z.view(*z.shape[:2], 4, -1)[:, :, 2] = replaced[layer][2]
            return z

        with torch.inference_mode(), model.bridge.hooks(fwd_hooks=[(z_hook(layer), put)]):
            plain = model.bridge(batch.tokens, return_type="logits")[batch.rows, batch.queries]
        logits = dict(run.ablated(batch, clean, layer, replaced[layer], [2]))
        torch.testing.assert_close(logits[2], plain, atol=1e-4, rtol=1e-4)


def _lead(logits: torch.Tensor, batch: PromptBatch) -> np.ndarray:
    return np.array([
        float(row[target.right] - row[list(target.wrong)].mean())
        for row, target in zip(logits.double(), batch.targets, strict=True)
    ])  # fmt: skip


@pytest.mark.slow
def test_which_heads_are_taken_out(tiny_task):
    model, prompts = tiny_task
    arrays = {}
    passes = TaskPasses(model, {0: 4, 1: 4}, prompts, TaskSettings(top=2), arrays.__getitem__)
    for part in passes.parts():
        arrays[part.key] = part.compute()
    measured = ~np.isnan(passes.effects()[0, :, 0])
    assert (int(measured.sum()), int(passes.drawn().sum())) == (6, 4)
    largest = set(np.argsort(-np.abs(passes.estimates().sum(0)))[:2].tolist())
    assert largest == set(np.flatnonzero(measured & ~passes.drawn()).tolist())


@pytest.mark.slow
def test_a_task_that_was_cut_off_goes_on(db, monkeypatch):
    lines = repeats(6)
    whole = headatlas.task(lines, built(), task_name="whole", db=db, name="built")
    calls = []
    effects = task_run.TaskPasses._exact

    def cut(self, number, layer):
        calls.append(layer)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return effects(self, number, layer)

    monkeypatch.setattr(task_run.TaskPasses, "_exact", cut)
    with pytest.raises(KeyboardInterrupt):
        headatlas.task(lines, built(), task_name="cut", db=db, name="built")
    with headatlas.open(db) as catalog:
        assert not catalog.rows("select 1 from head_evidence where probe = 'cut'")
        kept = {row["part"] for row in catalog.rows("select part from task_parts")}
    assert {"clean/0", "attribution/0", "chosen", "exact/0/L0"} == kept
    again = headatlas.task(lines, built(), task_name="cut", db=db, name="built")
    assert calls == [0, 1, 1], "what was done is not done again"
    assert again.frame().drop(columns="task").equals(whole.frame().drop(columns="task"))
    assert set(again.seconds) == {"clean", "attribution", "chosen", "exact"}, "those of both runs"
    assert min(again.seconds[part] for part in ("clean", "attribution", "exact")) > 0
    with headatlas.open(db) as catalog:
        assert not catalog.rows("select part from task_parts")


@pytest.mark.slow
def test_a_result_is_read_again_and_outlives_new_evidence(db, monkeypatch):
    lines = repeats(5)
    first = headatlas.task(lines, built(), task_name="again", db=db, name="built")
    gather(built(), db=db, name="built", probe_names=["repeated_random_tokens"], force=True)
    with monkeypatch.context() as patched:
        patched.setattr(task_run, "load_model", None)  # the model is not needed
        second = headatlas.task(lines, built(), task_name="again", db=db, name="built")
    assert second.frame().equals(first.frame())
    with headatlas.open(db) as catalog:
        rows = catalog.rows("select distinct probe from head_evidence where probe is not null")
    assert {"again", "repeated_random_tokens"} <= {row["probe"] for row in rows}
    changed = headatlas.task(lines[:4], built(), task_name="again", db=db, name="built")
    assert changed.n_prompts == 4


@pytest.mark.slow
def test_the_command_says_whether_it_measured(db, tmp_path, monkeypatch):
    file = tmp_path / "told.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in repeats(4)))
    # The model is held in Python, so that it cannot be had by its name.
    monkeypatch.setattr(task_run, "resolved", lambda model, name, load, db: (built(), model, load))
    command = ["task", str(file), "--model", "built", "--db", str(db), "--limit", "1"]
    first = CliRunner().invoke(main, command)
    assert first.exit_code == 0, first.output
    assert "Measured in " in first.stderr
    again = CliRunner().invoke(main, command)
    assert f"From {db}, where it was kept; --force measures it again." in again.stderr
    assert "Measured in" not in again.stderr
    assert again.stdout == first.stdout


@pytest.mark.slow
def test_a_task_is_not_called_as_a_probe_is(db):
    with pytest.raises(
        HeadatlasError, match="A probe is called 'natural_text', so a task cannot be. Give another name"
    ):
        headatlas.task(repeats(2), built(), task_name="natural_text", db=db, name="built")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no lines. Each line of a task is an object such as"),
        ('{"prompt": "a", "answer": " b"}\n\n{"prompt": ', "line 3 is not JSON"),
        ("[1]", "line 1 is no object"),
        ('{"prompt": "a", "answers": " b"}', "line 1 has a field 'answers', which no task has. Did you mean 'answer'?"),
        ('{"prompt": "a"}', "line 1 has no text as its `answer`"),
        ('{"prompt": "a", "answer": " b", "wrong": [1]}', "`wrong` is to be a list of texts"),
        ('{"prompt": "a", "answer": " b", "wrong": [" b"]}', "names its answer ' b' among the wrong ones"),
        (
            '{"prompt": "a", "answer": " b"}\n\n{"prompt": "a", "answer": " b", "wrong": " c"}',
            "line 3 has wrong answers and line 1 has none",
        ),
    ],
)
def test_files_that_are_no_tasks(tmp_path, text, message):
    (tmp_path / "mine.jsonl").write_text(text)
    done = CliRunner().invoke(main, ["task", str(tmp_path / "mine.jsonl"), "--model", "nobody"])
    assert done.exit_code == 1
    assert message in done.output
    assert done.output.count("\n") == 1


def test_names_and_paths():
    assert given_task("ioi", seed=1).name == "ioi"
    assert given_task("ioi", "other").name == "other"
    with pytest.raises(HeadatlasError, match="There is no task 'agrement'. Did you mean 'agreement'?"):
        given_task("agrement")
    with pytest.raises(HeadatlasError, match=r"There is no file mine.jsonl"):
        given_task("mine.jsonl")


def test_answers_are_scored_where_they_part(tiny):
    tokenizer = load_model(tiny("llama")).tokenizer
    vocabulary = Vocabulary(tokenizer, len(tokenizer))
    text_of = vocabulary.text
    prompt = task_prompt(TaskLine("The year", " 1758", (" 1712", " 1731")), vocabulary, 128)
    (target,) = prompt.prompt.targets
    shared = "".join(text_of(token) for token in prompt.prompt.sequence.ids[len(vocabulary.before) :])
    assert shared == "The year 17"
    assert target.query == len(prompt.prompt.sequence) - 1
    assert (text_of(target.right), [text_of(token) for token in target.wrong]) == ("5", ["1", "3"])
    assert (prompt.n_shared > 0, prompt.n_unscored) == (True, 1)
    # Without wrong answers all tokens of the answer are due, one after the other.
    loss = task_prompt(TaskLine("The ferry", " leaves at nine"), vocabulary, 128).prompt
    assert "".join(text_of(target.right) for target in loss.targets) == " leaves at nine"
    assert [target.query for target in loss.targets][-1] == len(loss.sequence) - 1
    for target, before in zip(loss.targets[1:], loss.targets, strict=False):
        assert loss.sequence.ids[target.query] == before.right


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (TaskLine("The cat", " stayed", (" stayed outside",)), "the same as far as the shorter one goes"),
        (TaskLine("The cat ", "stayed"), "makes one token with the end of its prompt"),
        (TaskLine("The cat " * 60, " stayed"), "tokens, and the model reads at most 128. Shorten it."),
        (TaskLine("The cat", " stayed", (" is",), "The old cat again"), "and the corrupted prompt"),
    ],
)
def test_lines_that_do_not_fit(tiny, line, message):
    model = load_model(tiny("llama"))
    fine = TaskLine("The cat", " is", (" at",) if line.wrong else (), "The cat" if line.corrupted else None)
    task = task_of("x", [fine, line], "mine")
    with pytest.raises(HeadatlasError, match=f"mine, line 2: .*{message}"):
        task_prompts(task, Vocabulary(model.tokenizer, model.info.d_vocab), 128)


@pytest.mark.slow
def test_shipped_tasks_ask_what_they_say():
    for line in TASKS["greater-than"].made(0).lines:
        (start,) = map(int, re.findall(r"\d{4}", line.prompt))
        right, *wrong = (int(answer) for answer in (line.answer, *line.wrong))
        assert all(year // 10 < start // 10 < right // 10 for year in wrong)
        assert {year // 100 for year in (start, right, *wrong)} == {start // 100}
        assert re.findall(r"\d{4}", line.corrupted) == [f"{start // 100}01"]
    for line in TASKS["ioi"].made(0).lines:
        words = re.findall(r"\w+", line.prompt)
        (giver,) = line.wrong
        assert (words.count(line.answer.strip()), words.count(giver.strip())) == (1, 2)
        assert not {line.answer.strip(), giver.strip()} & set(re.findall(r"\w+", line.corrupted))
    for line in TASKS["agreement"].made(0).lines:
        plural = line.answer in (" are", " were", " have", " do")
        changed = [
            pair for pair in zip(line.prompt.split(), line.corrupted.split(), strict=True) if len(set(pair)) == 2
        ]
        assert [(own.endswith("s"), other.endswith("s")) for own, other in changed] == [(plural, not plural)]
        assert line.prompt.endswith("s") != plural, "the nearest noun has the other number"
    for task in TASKS.values():
        assert task.made(0).lines == task.made(0).lines != task.made(1).lines
        assert len(set(task.made(0).lines)) > 300


def test_labels_among_important_heads():
    heads = [("self", 0, number) for number in range(10)]
    labels = {head: ("a", "b") if number < 3 else ("b",) for number, head in enumerate(heads)}
    shares = label_shares(heads[:4], heads, labels)
    assert [(share.label, share.n_important, share.n_heads) for share in shares] == [("a", 3, 3), ("b", 4, 10)]
    assert shares[0].p == pytest.approx(comb(7, 1) / comb(10, 4))
    assert shares[0].q == pytest.approx(2 * shares[0].p)
    assert (shares[0].expected, shares[1].p) == (pytest.approx(1.2), 1)
    assert label_shares([], heads, labels) == []


@pytest.mark.slow
def test_the_command(tiny, tmp_path):
    folder = str(tiny("gpt2"))
    file = tmp_path / "verbs.jsonl"
    lines = [
        {"prompt": "The <ferry> at nine", "answer": " leaves", "wrong": [" stays"]},
        {"prompt": "Why does the cat", "answer": " wave", "wrong": [" close"]},
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    page = tmp_path / "verbs.html"
    base = ["task", str(file), "--model", folder, "--db", str(tmp_path / "none.db")]
    done = CliRunner().invoke(main, [*base, "--json", "--html", str(page)])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [row["rank"] for row in rows] == list(range(1, 9))
    assert all(abs(a["effect"]) >= abs(b["effect"]) for a, b in pairwise(rows))
    assert "has no scan in" in done.stderr
    assert re.search(r"Measured in [\d.]+ s: [\d.]+ s with all heads, .* s to take out 8 heads\.", done.stderr)
    assert not (tmp_path / "none.db").exists()
    text = page.read_text("utf8")
    assert text.count('class="effect"') == 8
    assert "&lt;ferry&gt;" in text
    assert "<ferry>" not in text
    table = CliRunner().invoke(main, [*base, "--limit", "2", "--quiet"])
    assert table.output.startswith("head ")
    assert "8 of 8 heads were taken out" in " ".join(table.output.split())
    refused = CliRunner().invoke(
        main, ["task", str(file), "--model", str(tiny("bert")), "--db", str(tmp_path / "no.db")]
    )
    assert refused.exit_code == 1
    assert "predicts no next token of a text, so it cannot be given a task. Tasks are for decoders." in refused.output
    listed = CliRunner().invoke(main, ["task", "--csv"])
    assert [line.split(",")[0] for line in listed.stdout.splitlines()] == ["task", "ioi", "greater-than", "agreement"]
    own = CliRunner().invoke(main, ["task", "ioi", "--lines"])
    (tmp_path / "ioi.jsonl").write_text(own.stdout)
    assert read(tmp_path / "ioi.jsonl").lines == TASKS["ioi"].made(0).lines[:48]


@pytest.mark.slow
def test_the_page_of_a_result(db):
    result = headatlas.task(repeats(6), built(), task_name="a & b", db=db, name="built")
    page = task_page(result).decode()
    assert "a &amp; b: heads of built" in page
    assert page.count("<rect") == 2 * HEADS
    assert ">nan" not in page
    assert 'aria-labelledby="labels"' in page


@pytest.mark.slow
def test_the_site_shows_what_heads_do_on_a_task(db, tmp_path):
    headatlas.task(repeats(5), built(), task_name="again", db=db, name="built")
    gather(built(), db=db, name="built", probe_names=["repeated_random_tokens"])
    build(db, tmp_path / "site")
    page = (tmp_path / "site" / "built" / "heads" / "L1H0.html").read_text("utf8")
    assert "again" in page
    lines = drawn_layer(tmp_path / "site" / "built", "L1")["tables"]["evidence"]["lines"]
    assert "Lead of the right answer, estimated" in [line[1] for line in lines]
