"""The probe of structured text: every link found again by parsing the text, and no offset that would do instead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from headatlas import probes
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.targets import contrast_of, targets_of
from tests import tiny_models

STRUCTURE = [pattern for pattern in PATTERNS if pattern.family == "structure" and pattern.probe == "structured_text"]
NAMES = [pattern.name for pattern in STRUCTURE]
PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "‘": "’", "«": "»", '"': '"', "'": "'"}
Links = set[tuple[int, int]]
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """A byte-level vocabulary in which most words of the probe are one token, as in a large model's."""
    letters = _byte_level([], 300)
    corpus = [read.text for read in reads(letters)]
    return _byte_level(corpus, 1500)


def _byte_level(corpus: list[str], size: int) -> Vocabulary:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<s>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>")
    return Vocabulary(fast, len(fast))


def made(vocabulary: Vocabulary, limit: int = 2048, seed: int = 0) -> probes.ProbeText:
    return probes.make(PROBES["structured_text"], vocabulary, limit, seed)


class Read:
    """A sequence's text, read back from its ids, and which tokens stand for which of its characters."""

    def __init__(self, sequence: TokenSequence, vocabulary: Vocabulary) -> None:
        tokenizer = vocabulary.tokenizer
        self.sequence = sequence
        ids = [i for i, special in zip(sequence.ids, sequence.special, strict=True) if not special]
        self.text = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
        again = tokenizer(self.text, add_special_tokens=False, return_offsets_mapping=True)
        assert again.input_ids == ids
        self.spans, self.shift = again.offset_mapping, len(vocabulary.before)

    def tokens(self, start: int, end: int) -> list[int]:
        """Tokens with some of these characters, spaces aside."""
        positions = {position for position in range(start, end) if not self.text[position].isspace()}
        return [i + self.shift for i, span in enumerate(self.spans) if positions & set(range(*span))]

    def links(self, query: tuple[int, int], key: tuple[int, int]) -> Links:
        """From the last token of one stretch of the text to all tokens of another."""
        return {(self.tokens(*query)[-1], k) for k in self.tokens(*key)}

    def lines(self) -> list[tuple[int, str]]:
        """Where each line begins, and what it says."""
        return [(line.start(), line[0]) for line in re.finditer(r"[^\n]+", self.text)]

    def has_role(self, role: str) -> bool:
        return role in self.sequence.roles

    def targets(self, name: str) -> Links:
        targets = targets_of(PATTERNS[name], TokenBatch([self.sequence]))[0]
        return {(q, k) for q, k in targets.nonzero().tolist()}


def reads(vocabulary: Vocabulary, seed: int = 0, limit: int = 2048) -> list[Read]:
    return [Read(sequence, vocabulary) for sequence in made(vocabulary, limit, seed).sequences]


def matching(read: Read, marks: str) -> Links:
    """Pairs of marks, by a stack; an apostrophe within a word is none."""
    stack: list[tuple[str, int]] = []
    links: Links = set()
    for position, letter in enumerate(read.text):
        if re.match(r"\w['’]\w", read.text[max(position - 1, 0) :]):
            continue
        if stack and letter in marks and letter == PAIRS[stack[-1][0]]:
            links |= read.links((position, position + 1), (stack[-1][1], stack[-1][1] + 1))
            stack.pop()
        elif letter in marks:
            assert letter in PAIRS, f"{letter} closes nothing in {read.text}"
            stack.append((letter, position))
    assert not stack
    return links


def matching_bracket(read: Read) -> Links:
    return matching(read, "()[]{}") if read.has_role("opening") else set()


def matching_quote(read: Read) -> Links:
    return matching(read, "\"'“”‘’«»") if read.has_role("opening_quote") else set()


def same_indentation(read: Read) -> Links:
    if not read.has_role("indented"):
        return set()
    links: Links = set()
    last: dict[int, tuple[int, int]] = {}
    for number, (start, line) in enumerate(read.lines()):
        depth = len(line) - len(line.lstrip())
        begins = start + depth
        if depth in last and last[depth][0] != number - 1:
            links.add((read.tokens(begins, begins + 1)[0], read.tokens(last[depth][1], last[depth][1] + 1)[0]))
        last[depth] = number, begins
    return links


def json_key_of_value(read: Read) -> Links:
    if not read.has_role("key"):
        return set()
    links: Links = set()
    keys = set()
    for key in re.finditer(r'"(\w+)": ', read.text):
        value, ends = json.JSONDecoder().raw_decode(read.text, key.end())
        ends -= len(read.text[:ends]) - len(read.text[:ends].rstrip('"]')) if not isinstance(value, dict) else 0
        links |= read.links((ends - 1, ends), key.span(1))
        assert key[1] not in keys
        keys.add(key[1])
    assert all(f'"{key}"' in read.text for key in json.loads(read.text))
    return links


Item = tuple[tuple[int, int] | None, list[tuple[int, int]]]


def _neighbours(read: Read) -> list[tuple[Item, Item]]:
    """Items one after the other at the same level: spans of the marker (if any) and of the words of each."""
    lines = read.lines()[1:] if read.has_role("item_word") else []
    marked = [re.match(r" *(?:([-*•])|(\w+)[.)])\s", line) for _, line in lines]
    latest: dict[int, Item] = {}
    neighbours = []
    for (start, line), marker in zip(lines, marked, strict=True):
        if any(marked) and not marker:
            continue  # a note
        span = marker and marker.span(marker.lastindex or 0)
        words = [(start + word.start(), start + word.end()) for word in re.finditer(r"\S+", line)]
        item = (span and (start + span[0], start + span[1]), words[1:] if marker else words)
        depth = len(line) - len(line.lstrip())
        latest = {level: other for level, other in latest.items() if level <= depth}
        if depth in latest:
            neighbours.append((latest[depth], item))
        latest[depth] = item
    return neighbours


def list_marker(read: Read) -> Links:
    links: Links = set()
    for (before, _), (marker, _) in _neighbours(read):
        if before and marker:
            links |= read.links(marker, before)
    if read.has_role("marker") and not read.has_role("item_word"):  # all on one line
        for before, marker in pairwise(re.finditer(r"(?:: |, )(\w+)[.)] ", read.text)):
            links |= read.links(marker.span(1), before.span(1))
    return links


def same_position_in_previous_item(read: Read) -> Links:
    links: Links = set()
    for (_, before), (_, now) in _neighbours(read):
        for other, word in zip(before, now, strict=False):
            links |= read.links(word, other)
    return links


def _rows(read: Read) -> list[list[tuple[int, int]]]:
    """Spans of the cells of each row, the header first."""
    if not read.has_role("header"):
        return []
    return [
        [(start + cell.start(), start + cell.end()) for cell in re.finditer(r"[^|,\s]([^|,]*[^|,\s])?", line)]
        for start, line in read.lines()
        if "---" not in line
    ]


def table_column(read: Read) -> Links:
    rows = _rows(read)
    links: Links = set()
    for above, row in pairwise(rows[1:]):
        for other, cell in zip(above, row, strict=True):
            links |= read.links(cell, other)
    return links


def header_of_cell(read: Read) -> Links:
    links: Links = set()
    for row in _rows(read)[2:]:
        for header, cell in zip(_rows(read)[0], row, strict=True):
            links |= read.links(cell, header)
    return links


PARSERS: dict[str, Callable[[Read], Links]] = {
    parser.__name__: parser
    for parser in (
        matching_bracket, matching_quote, same_indentation, json_key_of_value, list_marker,
        same_position_in_previous_item, table_column, header_of_cell,
    )
}  # fmt: skip


def test_every_pattern_of_the_family_has_a_parser():
    assert set(PARSERS) == set(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_links_are_what_a_parser_finds(vocabulary, name, seed):
    links = 0
    for read in reads(vocabulary, seed):
        expected = PARSERS[name](read)
        assert read.targets(name) == expected, read.text
        links += len(expected)
    assert links >= 20


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_links_are_right_where_words_and_marks_are_several_tokens(tmp_path, name):
    tiny_models.llama_folder(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    read_back = reads(Vocabulary(tokenizer, len(tokenizer)))
    assert all(read.targets(name) == PARSERS[name](read) for read in read_back)
    assert any(read.targets(name) for read in read_back)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_fixed_offset_finds_at_most_half(vocabulary, seed):
    reducer = RowReducer(TokenBatch(made(vocabulary, seed=seed).sequences), STRUCTURE)
    hits = reducer.counts.offset_hits.sum(0).amax(-1) / reducer.counts.n_queries.sum(0)
    assert {name: round(share, 2) for name, share in zip(NAMES, hits.tolist(), strict=True) if share > 0.5} == {}
    assert reducer.counts.n_queries.sum(0).min() >= 20


@pytest.mark.slow
@pytest.mark.parametrize("rival", ["previous_token", "first_token", "duplicate_token"])
def test_simple_rivals_fail(vocabulary, rival):
    """What is rivalled by copies (bullets, straight quotes) has enough queries without."""
    batch = TokenBatch(made(vocabulary).sequences)
    simple = targets_of(PATTERNS[rival], batch)
    for pattern in STRUCTURE:
        targets = targets_of(pattern, batch)
        assert (targets & simple).any(-1).sum() <= 0.5 * targets.any(-1).sum(), pattern.name


@pytest.mark.slow
def test_brackets_never_touch(vocabulary):
    for read in reads(vocabulary):
        if read.has_role("opening"):
            assert not re.search(r"[()\[\]{}]{2}", read.text), read.text


@pytest.mark.slow
def test_nearest_opening_bracket_is_not_always_right(vocabulary):
    nearest = total = 0
    for read in reads(vocabulary):
        openings = set(read.sequence.roles.get("opening", {}))
        for query, key in read.targets("matching_bracket"):
            total += 1
            nearest += key == max(opening for opening in openings if opening < query)
    assert nearest <= 0.55 * total


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_where_the_nearest_of_a_kind_is_not_the_right_one(vocabulary, seed):
    """Keys and markers mostly are the nearest of their kind; all else is at most about half of the time."""
    batch = TokenBatch(made(vocabulary, seed=seed).sequences)
    for pattern in STRUCTURE:
        targets, others = targets_of(pattern, batch), contrast_of(pattern, batch)
        queries = targets.any(-1)
        nearest = batch.latest(targets | others)
        right = targets.gather(-1, nearest.clamp(min=0)[..., None])[..., 0] & queries
        limit = {"json_key_of_value": 0.9, "list_marker": 0.7}.get(pattern.name, 0.55)
        assert right.sum() <= limit * queries.sum(), pattern.name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["json_key_of_value", "list_marker", "table_column", "header_of_cell"])
def test_there_are_many_queries(vocabulary, name, seed):
    batch = TokenBatch(made(vocabulary, seed=seed).sequences)
    assert targets_of(PATTERNS[name], batch).any(-1).sum() >= 100


@pytest.mark.slow
def test_the_line_above_rarely_has_the_marker_before(vocabulary):
    right = total = 0
    for read in reads(vocabulary):
        starts = [read.tokens(start, start + len(line))[0] for start, line in read.lines()]
        for query, key in read.targets("list_marker"):
            total += 1
            right += query in starts[1:] and key == starts[starts.index(query) - 1]
    assert right <= 0.35 * total


def test_size_and_example(vocabulary):
    sequences = made(vocabulary).sequences
    assert len(sequences) == 47
    assert sum(map(len, sequences)) <= 3300
    assert [sequence.example for sequence in sequences] == [True] + [False] * 46
    assert len(sequences[0]) <= 40


@pytest.mark.slow
def test_a_seed_gives_the_same_text_again(vocabulary):
    assert made(vocabulary, seed=3) == made(vocabulary, seed=3)
    assert made(vocabulary, seed=3).sequences != made(vocabulary, seed=4).sequences


@pytest.mark.slow
def test_all_tokenizers_read_the_same_texts(vocabulary):
    assert [read.text for read in reads(vocabulary)] == [read.text for read in reads(_byte_level([], 300))]


def test_small_context_drops_what_does_not_fit(tmp_path):
    tiny_models.gpt2_folder(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    text = made(Vocabulary(tokenizer, len(tokenizer)), tiny_models.CONTEXT)
    assert max(map(len, text.sequences)) <= tiny_models.CONTEXT
    assert text.note == f"{47 - len(text.sequences)} of 47 texts left out: longer than {tiny_models.CONTEXT} tokens"
    batch = TokenBatch(text.sequences)
    assert all(targets_of(pattern, batch).any() for pattern in STRUCTURE)


@pytest.mark.slow
def test_without_line_breaks_only_what_needs_none(tmp_path):
    tiny_models.bert_folder(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    text = made(Vocabulary(tokenizer, len(tokenizer)), tiny_models.CONTEXT)
    assert "no line breaks" in text.note
    batch = TokenBatch(text.sequences, causal=False)
    assert {pattern.name for pattern in STRUCTURE if not targets_of(pattern, batch).any()} == {"same_indentation"}


def test_does_not_fit(vocabulary):
    assert "no tokenizer" in made(Vocabulary(None, 100)).note
    short = made(vocabulary, limit=8)
    assert not short.sequences
    assert "too short" in short.note
