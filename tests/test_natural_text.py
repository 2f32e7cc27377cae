"""The probe of natural text: the passages themselves, and what a seed draws from them."""

from __future__ import annotations

import sqlite3
import tomllib
from collections import Counter
from contextlib import closing
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from transformers import AutoTokenizer

import headatlas
from headatlas import probes
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models import finding
from headatlas.probes import PROBES, natural_text
from headatlas.probes.natural_text import KINDS, LONGEST, Passage, draw, passages
from headatlas.scanning.options import ScanSettings
from headatlas.settings import LoadOptions

FOLDER = Path(natural_text.__file__).parent / "passages"
ALL = passages()
EXAMPLES = ["cold-lamp", "total-price"]
SEEDS = range(8)
# What the 56 passages of the first version of the probe had together.
FEWEST_TOKENS = 12_337


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """SmolLM2's tokenizer, read from the packaged file without the weights."""
    file = Path(finding.find(finding.DEMO, None, False).location)
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name, local_files_only=True)
    return Vocabulary(tokenizer, len(tokenizer))


def drawn(seed: int) -> list[Passage]:
    return draw(ALL, np.random.default_rng([seed, *b"natural_text"]))


def names(some: list[Passage]) -> list[str]:
    return [passage.name for passage in some]


def test_many_passages_of_many_kinds_and_languages():
    assert len(ALL) >= 136
    assert len({passage.name for passage in ALL}) == len({passage.text for passage in ALL}) == len(ALL)
    assert all(passage.text.strip() and passage.text == passage.text.rstrip("\n") for passage in ALL)
    languages = {passage.language for passage in ALL}
    assert {"de", "fr", "pl", "ru", "uk", "el", "tr", "ar", "he", "hi", "zh", "ja", "ko", "vi", "sw", "la"} <= languages
    assert {"python", "typescript", "c++", "rust", "go", "haskell", "sql", "latex", "yaml", "csv"} <= languages


def test_every_file_is_a_kind_that_is_read():
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(KINDS)
    assert len(set(KINDS)) == len(KINDS)
    in_files = Counter(
        {file.stem: len(tomllib.loads(file.read_text("utf-8"))["passage"]) for file in FOLDER.glob("*.toml")}
    )
    assert Counter(passage.kind for passage in ALL) == in_files
    assert min(in_files.values()) >= 4, "with fewer, two seeds often read the same"


def test_no_long_stretch_stands_in_two_passages():
    """Nine words in a row: texts that repeat one another would make heads look alike that copy them."""
    seen: dict[tuple[str, ...], str] = {}
    for passage in ALL:
        words = passage.text.split()
        for some in zip(*(words[i:] for i in range(9)), strict=False):
            if sum(len(word) > 2 for word in some) >= 6:
                assert seen.setdefault(some, passage.name) == passage.name, some


@pytest.mark.slow
def test_long_enough_for_the_tokens_that_are_read(vocabulary):
    lengths = {passage.name: len(vocabulary.encode(passage.text)) for passage in ALL if not passage.example}
    assert sum(n >= LONGEST for n in lengths.values()) >= 0.75 * len(lengths)
    assert min(lengths.values()) > LONGEST / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_draws_of_every_kind_as_much_as_its_share(seed):
    some = drawn(seed)
    assert len(set(names(some))) == len(some) == 60
    assert names(some)[:2] == EXAMPLES == names([passage for passage in some if passage.example])
    whole, part = (Counter(passage.kind for passage in of if not passage.example) for of in (ALL, some))
    assert set(part) == set(KINDS)
    assert all(abs(part[kind] - whole[kind] / 3) < 0.5 for kind in KINDS)
    # The kinds take turns.
    assert [passage.kind for passage in some[2 : 2 + len(KINDS)]] == list(KINDS)


def test_seeds_share_a_part_of_their_passages():
    drawings = [set(names(drawn(seed))) for seed in SEEDS]
    for first, second in combinations(drawings, 2):
        assert len(first & second) <= 0.6 * len(first)
    assert len(set.union(*drawings)) > 0.9 * len(ALL), "whatever was written is read by some seed"
    assert names(drawn(3)) == names(drawn(3))


def test_a_kind_with_one_passage_is_drawn():
    only = Passage("lonely", "verse", "en", "No rhyme for orange.")
    assert draw([only], np.random.default_rng(0)) == [only]
    assert draw([replace(only, example=True)], np.random.default_rng(0)) == [replace(only, example=True)]


@pytest.mark.slow
def test_sequences_of_the_probe(vocabulary):
    first, again, other = (probes.make(PROBES["natural_text"], vocabulary, 8192, seed) for seed in (0, 0, 1))
    assert first == again
    assert first.note == other.note == ""
    assert [sequence.example for sequence in first.sequences] == [True, True] + [False] * 58
    assert first.sequences[:2] == other.sequences[:2]
    ids, other_ids = ({sequence.ids for sequence in text.sequences} for text in (first, other))
    assert len(ids & other_ids) <= 0.6 * 60
    for text in (first, other):
        assert max(map(len, text.sequences)) == LONGEST
        assert sum(map(len, text.sequences)) >= FEWEST_TOKENS
    # The sequences are the passages that the seed draws, from their first word on.
    for sequence, passage in zip(first.sequences, drawn(0), strict=True):
        read = vocabulary.tokenizer.decode(sequence.ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        assert passage.text.startswith(read.rstrip("�"))


@pytest.mark.slow
def test_short_context_cuts_and_says_so(vocabulary):
    text = probes.make(PROBES["natural_text"], vocabulary, 32, 0)
    assert max(map(len, text.sequences)) == 32
    assert text.note == "passages cut to 32 tokens to fit the model"
    assert "too short for a sentence" in probes.make(PROBES["natural_text"], vocabulary, 4, 0).note


def test_as_many_passages_as_are_wanted():
    """A longer reading adds to a shorter one; what the probe draws by itself has nothing to do with it."""

    def wanted(number: int, seed: int = 0) -> list[str]:
        return names(draw(ALL, np.random.default_rng([seed, *b"natural_text"]), number))

    whole = wanted(len(ALL))
    assert sorted(whole) == sorted(names(ALL)), "each once"
    assert whole[:2] == EXAMPLES
    for number in (2, 7, 60, 100):
        assert wanted(number) == whole[:number]
    assert wanted(10_000) == whole
    assert wanted(100, seed=1) != whole[:100]
    of = {passage.name: passage.kind for passage in ALL}
    assert [of[name] for name in whole[2 : 2 + len(KINDS)]] == list(KINDS)


@pytest.mark.slow
def test_a_scan_draws_as_many_passages_as_are_asked_for(tiny, tmp_path):
    db = tmp_path / "heads.db"

    def scan(**options):
        return headatlas.scan(
            str(tiny("llama")), db=db, name="tiny", probes=["natural_text"], progress=False, **options
        )

    def rows(sql: str) -> list[tuple]:
        with closing(sqlite3.connect(db)) as connection:
            return connection.execute(sql).fetchall()

    scan(passages=3)
    assert rows("select n_sequences, note from scan_probes") == [
        (3, "3 of 160 passages drawn, since 3 were asked for; passages cut to 127 tokens to fit the model")
    ]
    with pytest.raises(HeadatlasError, match="with other settings"):
        scan(passages=4)
    before = rows("select finished from scans")
    scan(passages=3)
    assert rows("select finished from scans") == before, "it is there already"


def test_how_many_passages_is_a_part_of_the_plan():
    plans = {ScanSettings(passages=number).plan(LoadOptions()).digest for number in (None, 2, 60, 61)}
    assert len(plans) == 4
    with pytest.raises(HeadatlasError, match="1 passages are too few"):
        ScanSettings(passages=1).plan(LoadOptions())
    with pytest.raises(HeadatlasError, match="none is chosen"):
        ScanSettings(probes=("repeated_random_tokens",), passages=9).plan(LoadOptions())


def test_too_few_passages_are_refused_before_a_model_is_loaded(tmp_path):
    done = CliRunner().invoke(main, ["scan", "nobody", "--passages", "1", "--db", str(tmp_path / "heads.db")])
    assert done.exit_code == 2
    assert "1 is less than 2." in done.stderr
