"""Heads of vision-language models taken out on pictures within text, against the plain model with hooks of its own."""

from __future__ import annotations

import json
import re
from unittest.mock import patch

import numpy as np
import pytest
import torch
import transformers

import headatlas
from headatlas.errors import ModelError
from headatlas.evidence.removing.metrics import metric_of, prompts
from headatlas.evidence.removing.passes import PromptBatch
from headatlas.evidence.removing.removals import Removals
from headatlas.evidence.run import gather
from headatlas.models.load import load_model
from headatlas.probes import PROBES
from headatlas.probes.scenes import COLOURS
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import texts_for
from tests import tiny_models, tiny_vlms

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("words_for_numbers")]


@pytest.fixture(autouse=True, scope="module")
def few_scenes():
    with patch("headatlas.probes.captions.N_SCENES", 4):
        yield


@pytest.fixture(scope="module")
def gathered(folder, tmp_path_factory):
    """A database with the scan of a family's model on captions and its evidence on every prompt, made once."""
    made = {}

    def of(family):
        if family not in made:
            made[family] = tmp_path_factory.mktemp(family) / "heads.db"
            headatlas.scan(str(folder(family)), db=made[family], name=family, probes=["captions"])
            gather(str(folder(family)), db=made[family], name=family, probe_names=["captions"])
        return made[family]

    return of


def prompts_of(folder, probe):
    (text,) = texts_for(load_model(str(folder)), ScanSettings(probes=(probe,)))
    metric = metric_of(PROBES[probe])
    return prompts(text.sequences, metric, n_tokens=metric.n_tokens, longest=40)


class Plain:
    """The plain model on each prompt by itself, with the outputs of its language model's heads seen or replaced."""

    def __init__(self, family, folder):
        model_class = getattr(transformers, json.loads((folder / "config.json").read_text())["architectures"][0])
        self.model = model_class.from_pretrained(folder, attn_implementation="eager").eval()
        self.projections = [
            module
            for name, module in self.model.named_modules()
            if name.endswith("o_proj") and not re.search("vision|connector", name)
        ]
        self.d_head = self.projections[0].in_features // 4

    def losses(self, prompt, hook=None, layer=0):
        """The loss at each target."""
        handle = self.projections[layer].register_forward_pre_hook(hook or (lambda _, args: None))
        given = {name: torch.from_numpy(np.asarray(value)) for name, value in prompt.sequence.given.items()}
        ids = torch.tensor([prompt.sequence.ids])
        with torch.no_grad():
            logits = self.model(input_ids=ids, attention_mask=torch.ones_like(ids), **given).logits[0].float()
        handle.remove()
        return [
            float(torch.nn.functional.cross_entropy(logits[target.query], torch.tensor(target.right)))
            for target in prompt.targets
        ]

    def rise(self, some, layer, head):
        """What the loss rises by with a head's output replaced by its mean over all tokens of all prompts."""
        seen = []
        before = [
            loss for prompt in some for loss in self.losses(prompt, lambda _, args: seen.append(args[0][0]), layer)
        ]
        mean = torch.cat(seen).mean(0)
        part = slice(head * self.d_head, (head + 1) * self.d_head)

        def replace(_, args):
            changed = args[0].clone()
            changed[..., part] = mean[part]
            return (changed,)

        after = [loss for prompt in some for loss in self.losses(prompt, replace, layer)]
        return np.mean(after) - np.mean(before)


@pytest.mark.parametrize("family", tiny_vlms.FOLDERS)
def test_what_a_head_does_with_a_picture_is_what_it_does_in_the_plain_model(family, folder, gathered):
    some = prompts_of(folder(family), "captions")
    assert len(some) >= 8
    plain = Plain(family, folder(family))
    with headatlas.open(gathered(family)) as catalog:
        rows = catalog.rows(
            """select layer, head, value from evidence join heads on heads.id = head_id
               join evidence_kinds on evidence_kinds.id = kind_id join probes on probes.id = probe_id
               where evidence_kinds.name = 'ablation_loss' and probes.name = 'captions' and n_sequences = ?""",
            [len(some)],
        )
    assert rows
    for layer, head, value in rows[:3]:
        assert value == pytest.approx(plain.rise(some, layer, head), abs=1e-5)
        assert abs(value) > 1e-4


def test_words_are_scored_where_they_come_next(folder):
    """The right colour first, of a text that the picture is drawn by; written words, and none that are seen ahead."""
    some = prompts_of(folder("llava"), "captions")
    tokenizer = load_model(str(folder("llava"))).tokenizer
    for prompt in some:
        (target,) = prompt.targets
        assert target.query == len(prompt) - 1
        of_first = {tokenizer(colour, add_special_tokens=False).input_ids[0]: rgb for colour, rgb in COLOURS.items()}
        assert {target.right, *target.wrong} == set(of_first)
        assert len(target.wrong) == 3
        (asked,) = prompt.sequence.roles["asked"].values()
        named = [p for p, thing in prompt.sequence.roles["shape"].items() if thing == asked]
        row, column = divmod(named[len(named) // 2] - min(prompt.sequence.roles["picture"]), 6)
        height, width, _ = prompt.sequence.image.shape
        rows = prompt.sequence.image[row * height // 6 : (row + 1) * height // 6]
        block = rows[:, column * width // 6 : (column + 1) * width // 6]
        assert (block == of_first[target.right]).all(-1).mean() > 0.5
    for prompt in prompts_of(folder("llava"), "written_words"):
        written = prompt.sequence.roles["written"]
        assert [target.query + 1 for target in prompt.targets] == sorted(written)
        assert all(target.right == prompt.sequence.ids[target.query + 1] for target in prompt.targets)
        assert "".join(prompt.sequence.texts[position] for position in sorted(written)).isupper()
    assert not prompts_of(folder("paligemma"), "written_words"), "whose texts see themselves both ways"


def test_what_stands_behind_a_block_is_added_once(folder):
    """As some models add features of a picture to what an early block gives: a pass that starts later has them once."""
    loaded = load_model(str(folder("llava")))
    batch = PromptBatch(prompts_of(folder("llava"), "captions")[:3])
    passes = Removals(loaded.bridge, [0, 1], [4, 4], "cpu")
    added = torch.linspace(-1, 1, 32)
    handle = loaded.bridge.blocks[0].register_forward_hook(
        lambda _, args, out: (out[0] + added, *out[1:]) if isinstance(out, tuple) else out + added
    )
    clean = passes.clean(batch)
    kept = []
    passes.logits(batch, [("blocks.1.attn.hook_z", lambda z, hook: kept.append(z.clone()))])
    again = passes.logits_from(batch, clean, 1, [("blocks.1.attn.hook_z", lambda z, hook: kept.append(z.clone()))])
    handle.remove()
    assert torch.allclose(again, clean.logits, atol=1e-5)
    assert torch.allclose(*kept, atol=1e-5)
    assert not torch.allclose(passes.clean(batch).logits, clean.logits, atol=1e-3)


def test_a_scan_that_read_pictures_has_its_heads_tested_on_them(folder, tmp_path):
    """Where no probe is named; and where pictures are not among the probes, a note says so."""
    db, llava = tmp_path / "heads.db", str(folder("llava"))
    headatlas.scan(llava, db=db, name="llava", probes=["captions"])
    gather(llava, db=db, name="llava", probe_names=["repeated_random_tokens"])
    with headatlas.open(db) as catalog:
        ((notes,),) = catalog.rows("select notes from evidence_runs where status = 'done'")
    assert "heads were taken out on text alone: what they do with pictures was not tested" in notes
    gather(llava, db=db, name="llava", force=True)
    with headatlas.open(db) as catalog:
        rows = catalog.rows(
            "select distinct probe from head_evidence where kind = 'ablation_loss' and probe is not null"
        )
        ((notes,),) = catalog.rows("select notes from evidence_runs where status = 'done'")
    assert {"captions", "written_words", "natural_text"} <= {row[0] for row in rows}
    assert "pictures was not tested" not in notes


def test_a_model_of_text_is_not_tested_on_pictures(tmp_path):
    folder = str(tiny_models.gpt2_folder(tmp_path / "model"))
    db = tmp_path / "heads.db"
    headatlas.scan(folder, db=db, name="gpt2", probes=["repeated_random_tokens"])
    with pytest.raises(ModelError, match="'gpt2' reads no pictures within text here, .* not taken out on captions"):
        gather(folder, db=db, name="gpt2", probe_names=["captions"])
