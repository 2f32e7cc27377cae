"""The full set of probes: the same probes as the standard one, those of few texts drawn more than once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from transformers import AutoTokenizer

from headatlas import probes
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models import finding
from headatlas.probes import DRAWN_IN_FULL, PROBES, DoesNotFit, Probe, ProbeContext, ProbeText, probe
from headatlas.scanning.options import ScanSettings
from headatlas.settings import LoadOptions

DRAWN_MORE = [known.name for known in PROBES if known.draws_in_full > 1]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """SmolLM2's tokenizer, read from the packaged file without the weights."""
    file = Path(finding.find(finding.DEMO, None, False).location)
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name, local_files_only=True)
    return Vocabulary(tokenizer, len(tokenizer))


def made(vocabulary: Vocabulary, known: Probe, *, full: bool, seed: int = 0, passages: int | None = None) -> ProbeText:
    return probes.make(known, vocabulary, 1024, seed, passages=passages, full=full)


@pytest.mark.parametrize("name", DRAWN_MORE)
def test_more_texts_come_after_those_of_the_standard_set(vocabulary, name):
    few, many = (made(vocabulary, PROBES[name], full=full) for full in (False, True))
    n, n_draws = len(few.sequences), PROBES[name].draws_in_full
    assert many.sequences[:n] == few.sequences
    assert not any(sequence.example for sequence in many.sequences[n:])
    assert len({sequence.ids for sequence in many.sequences[n:]} - {sequence.ids for sequence in few.sequences}) == (
        len(many.sequences) - n
    ), "no text comes twice"
    assert many.note == "; ".join(filter(None, (few.note, f"{DRAWN_IN_FULL} {n_draws} times")))
    roles = {role for sequence in few.sequences for role in sequence.roles}
    assert {role for sequence in many.sequences[n:] for role in sequence.roles} >= roles
    # Texts that no seed changes are not read again: ten sentences of word variants, passages that were drawn before.
    assert (0.55 if name in ("word_variants", "natural_text") else 0.9) * n_draws * n < len(many.sequences)
    assert many == made(vocabulary, PROBES[name], full=True)
    assert many.sequences[n:] != made(vocabulary, PROBES[name], full=True, seed=1).sequences[n:]


def test_what_is_drawn_once(vocabulary):
    for name in ("repeated_random_tokens", "ordinal_sequences"):
        assert made(vocabulary, PROBES[name], full=True) == made(vocabulary, PROBES[name], full=False)
    wanted = made(vocabulary, PROBES["natural_text"], full=True, passages=5)
    assert wanted == made(vocabulary, PROBES["natural_text"], full=False, passages=5), "as many as are asked for"


def test_texts_that_do_not_fit(vocabulary):
    short = probes.make(PROBES["bindings"], vocabulary, 8, 0, full=True)
    assert short == probes.make(PROBES["bindings"], vocabulary, 8, 0)
    assert not short.sequences


def test_a_further_draw_that_does_not_fit_takes_nothing_away(vocabulary):
    draws = iter([None, DoesNotFit("left out: too few fit"), None])

    def sometimes(context: ProbeContext) -> Iterator[TokenSequence]:
        reason = next(draws)
        if reason is not None:
            raise reason
        yield context.vocabulary.sequence(context.random.integers(99, 999, 4).tolist(), before=(), after=())

    kept = made(vocabulary, Probe("sometimes", 1, "", "here", sometimes, draws_in_full=3), full=True)
    assert len(kept.sequences) == 2
    assert kept.note == f"{DRAWN_IN_FULL} 3 times"


def test_the_full_set_is_a_part_of_the_plan():
    plans = [ScanSettings(probe_set=name).plan(LoadOptions()).digest for name in (None, "standard", "full")]
    assert plans[0] == plans[1] != plans[2]
    named = [ScanSettings(("bindings",), probe_set=name) for name in (None, "full")]
    assert named[1].full
    assert not named[0].full


def test_there_is_at_least_one_draw():
    with pytest.raises(HeadatlasError, match=r"probe 'never' \(.*\) has draws_in_full=0. It is 1 or more."):
        probe("never", version=1, draws_in_full=0)(lambda context: iter(()))
    assert PROBES.get("never") is None


@pytest.mark.slow
def test_a_scan_of_the_full_set(tiny, tmp_path):
    db = ("--db", str(tmp_path / "heads.db"), "--as", "tiny")
    command = ["scan", str(tiny("short_gpt2")), *db, "--quiet", "--set"]
    assert CliRunner().invoke(main, [*command, "full"]).exit_code == 0
    said = " ".join(CliRunner().invoke(main, ["info", "tiny", *db[:2]]).stdout.split())
    assert "(the full set)," in said
    assert "with other settings" in CliRunner().invoke(main, [*command, "standard"]).stderr
    assert CliRunner().invoke(main, [*command, "full"]).exit_code == 0, "that scan is there"
