"""The probes for copies, orders, names, needles and labels: links found again from the text alone, no short cuts."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from headatlas import probes
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES, indirect_object
from headatlas.probes.ordinal_sequences import CLASSES
from headatlas.scoring.targets import contrast_of, targets_of
from tests import tiny_models

TEXTS = ("ordinal_sequences", "indirect_object", "needle_in_filler", "few_shot_labels", "word_variants")
ALL = (*TEXTS, "ambiguous_repeats")
NAMES = [pattern.name for pattern in PATTERNS if "algorithm.py:" in pattern.defined_in]
LONG = 2048


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """A byte-level vocabulary in which most words of the probes are one token, as in a large model's."""
    letters = PreTrainedTokenizerFast(tokenizer_object=byte_level([], 300), bos_token="<s>")
    rough = Vocabulary(letters, len(letters))
    corpus = [
        "".join(sequence.texts) for name in TEXTS for sequence in probes.make(PROBES[name], rough, 10_000, 0).sequences
    ]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level(corpus, 2000), bos_token="<s>")
    return Vocabulary(tokenizer, len(tokenizer))


def byte_level(corpus: list[str], size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<s>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def made(name: str, vocabulary: Vocabulary, limit: int = LONG, seed: int = 0) -> tuple[TokenSequence, ...]:
    return probes.make(PROBES[name], vocabulary, limit, seed).sequences


def links_of(name: str, sequence: TokenSequence) -> dict[int, set[int]]:
    """Target keys of each query that has some."""
    targets = targets_of(PATTERNS[name], TokenBatch([sequence]))[0]
    return {int(q): set(targets[q].nonzero().flatten().tolist()) for q in targets.any(-1).nonzero().flatten()}


def wrong(name: str, sequence: TokenSequence) -> dict[int, set[int]]:
    """Keys of the contrast of each query that has some."""
    others = contrast_of(PATTERNS[name], TokenBatch([sequence]))[0]
    return {int(q): set(others[q].nonzero().flatten().tolist()) for q in others.any(-1).nonzero().flatten()}


def assert_no_offset_finds_most(name: str, vocabulary: Vocabulary, seed: int) -> None:
    """A pattern has queries enough, and no distance leads from more than half of them to a target."""
    offsets: Counter[int] = Counter()
    queries = 0
    for sequence in made(PATTERNS[name].probe, vocabulary, seed=seed):
        links = links_of(name, sequence)
        queries += len(links)
        offsets.update(query - key for query, keys in links.items() for key in keys)
    assert queries >= 20
    assert offsets.most_common(1)[0][1] <= queries / 2


class Read:
    """A sequence's text, and which tokens stand for which of its characters."""

    def __init__(self, sequence: TokenSequence) -> None:
        self.text = "".join(sequence.texts)
        ends = [sum(map(len, sequence.texts[: i + 1])) for i in range(len(sequence))]
        self.token_of = [next(i for i, end in enumerate(ends) if end > position) for position in range(len(self.text))]

    def tokens(self, match: re.Match[str], group: int | str = 0) -> list[int]:
        """Tokens of what a group of a match found."""
        return sorted(
            {self.token_of[position] for position in range(*match.span(group)) if not self.text[position].isspace()}
        )

    def last(self, match: re.Match[str], group: int | str = 0) -> int:
        return self.tokens(match, group)[-1]


@pytest.mark.parametrize("name", ALL)
def test_probe_is_of_moderate_size_and_has_one_example(vocabulary, name):
    sequences = made(name, vocabulary)
    assert sum(map(len, sequences)) <= 2000
    assert [sequence.example for sequence in sequences].count(True) == 1
    assert sequences[0].example
    assert len(sequences[0]) <= 50


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_probe_is_deterministic_for_a_seed(vocabulary, name):
    assert made(name, vocabulary) == made(name, vocabulary)
    assert made(name, vocabulary) != made(name, vocabulary, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_no_fixed_offset_does_well(vocabulary, name, seed):
    assert_no_offset_finds_most(name, vocabulary, seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_target_is_the_first_position(vocabulary, name):
    for sequence in made(PATTERNS[name].probe, vocabulary):
        assert all(0 not in keys for keys in links_of(name, sequence).values())


def test_induction_fails_where_tokens_are_ambiguous(vocabulary):
    for sequence in made("ambiguous_repeats", vocabulary):
        links, single = links_of("longer_prefix_induction", sequence), links_of("induction", sequence)
        assert links
        assert all(not keys & single[query] for query, keys in links.items())


def test_longer_prefix(vocabulary):
    for sequence in made("ambiguous_repeats", vocabulary):
        expected = {}
        for q in range(len(sequence)):
            pairs = [k for k in range(2, q) if sequence.ids[k - 1 : k + 1] == sequence.ids[q - 1 : q + 1]]
            copies = [k for k in range(1, q) if sequence.ids[k] == sequence.ids[q]]
            if pairs and copies[-1] != pairs[-1]:
                expected[q] = {pairs[-1] + 1}
        assert links_of("longer_prefix_induction", sequence) == expected


@pytest.mark.slow
def test_preceding_copy(vocabulary):
    for sequence in made("repeated_random_tokens", vocabulary):
        expected = {}
        for q in range(len(sequence)):
            copies = [k for k in range(q) if sequence.ids[k] == sequence.ids[q] and not sequence.special[k]]
            if copies and copies[-1] >= 1 and not sequence.special[copies[-1] - 1]:
                expected[q] = {copies[-1] - 1}
        assert links_of("preceding_copy", sequence) == expected


@pytest.mark.slow
def test_orders(vocabulary):
    names = {word: (number, rank) for number, words in enumerate(CLASSES) for rank, word in enumerate(words)}
    pattern = re.compile(r"(?<![\w])(" + "|".join(sorted(names, key=len, reverse=True)) + r")(?!\w)")
    for sequence in made("ordinal_sequences", vocabulary):
        read = Read(sequence)
        said = [(names[match[0]], read.tokens(match)) for match in pattern.finditer(read.text)]
        after, before = {}, {}
        for index, ((number, rank), tokens) in enumerate(said):
            later = [other for what, other in said[:index] if what == (number, rank + 1)]
            earlier = [other for what, other in said[:index] if what == (number, rank - 1)]
            if later:
                after[tokens[-1]] = {token for other in later for token in other}
            if earlier:
                before[tokens[-1]] = {earlier[-1][-1]}
        assert after
        assert links_of("successor", sequence) == after
        assert links_of("predecessor_in_order", sequence) == before


@pytest.mark.slow
def test_indirect_objects(vocabulary):
    orders: Counter[int] = Counter()
    latest: Counter[str] = Counter()
    for sequence in made("indirect_object", vocabulary):
        read = Read(sequence)
        names = re.search(r"([A-Z]\w+) and ([A-Z]\w+)", read.text)
        verbs = r"\b(gave|handed|passed|lent|sold|threw|read|promised|carried|offered|brought|left) (?!\w+\.)"
        verb = re.search(verbs, read.text)
        # The giver is the last of the two before the verb, an aside between commas left out.
        aside = re.search(r", (just as|as|like) [A-Z]\w+( wished| said)?, ", read.text)
        shunned = range(aside.start(), aside.end()) if aside else range(0)
        named = [name for name in re.finditer(f"{names[1]}|{names[2]}", read.text) if name.start() not in shunned]
        again = [name for name in named if names.end() < name.start() < verb.start()][-1]
        subject, other = (1, 2) if again[0] == names[1] else (2, 1)
        orders[subject] += 1
        assert len(re.findall(rf"\b{names[other]}\b", read.text)) in (1, 2)
        assert len(re.findall(rf"\b{names[subject]}\b", read.text)) == 2
        assert len({names[1][0], names[2][0]}) == 1 or len({names[1][-1].lower(), names[2][-1].lower()}) == 1
        query, end = read.last(again), len(sequence) - 1
        first = set(read.tokens(names, subject))
        others = {token for name in re.finditer(rf"\b{names[other]}\b", read.text) for token in read.tokens(name)}
        assert sequence.texts[end].strip() == "to"
        assert links_of("duplicate_name", sequence) == {query: first}
        assert links_of("name_induction", sequence) == {query: {max(first) + 1}}
        assert links_of("subject_inhibition", sequence) == {end: set(read.tokens(again))}
        assert links_of("name_mover", sequence) == {end: others}
        third = re.finditer(rf"\b(?!(?:{names[1]}|{names[2]})\b)(?:{'|'.join(indirect_object.NAMES)})\b", read.text)
        bystander = {token for name in third for token in read.tokens(name)}
        assert wrong("name_mover", sequence) == {end: first | set(read.tokens(again)) | bystander}
        latest["giver" if re.findall(r"[A-Z]\w+", read.text)[-1] == names[subject] else "somebody else"] += 1
    assert orders[1] == orders[2]
    assert latest["giver"] < latest["somebody else"]


@pytest.mark.slow
def test_needles(vocabulary):
    n_needles, n_asked = set(), set()
    for sequence in made("needle_in_filler", vocabulary):
        read = Read(sequence)
        expected, others = {}, {}
        # A statement is the first sentence that begins so; what repeats it is a question.
        statements: dict[str, set[int]] = {}
        said: dict[str, set[int]] = {}
        kinds = set()
        for match in re.finditer(r"(The [a-z ]+ of the [a-z ]+ is)(?: (\w+))?", read.text):
            if match[1] not in statements:
                statements[match[1]] = said[match[1]] = set(read.tokens(match, 2))
                kinds.add(match[2].isdigit())
                continue
            query = read.last(match, 1)
            expected[query] = statements[match[1]]
            others[query] = set().union(*said.values()) - expected[query]
            if match[2]:
                said[match[1]] = said[match[1]] | set(read.tokens(match, 2))
        assert len(kinds) == 1, "all answers are of one kind"
        n_needles.add(len(statements))
        n_asked.add(len(expected))
        assert links_of("retrieval", sequence) == expected
        assert wrong("retrieval", sequence) == others
    assert n_needles == {2, 3, 4}
    assert n_asked == {1, 2, 3}


@pytest.mark.slow
def test_labels(vocabulary):
    meant: dict[str, str] = {}
    shots = []
    n_left_open = n_named = 0
    for sequence in made("few_shot_labels", vocabulary):
        read = Read(sequence)
        preamble = re.match(r"(?:Choose|Labels:|Is it) .+[.?]?\n", read.text)
        start = preamble.end() if preamble else 0
        example = r"(?:; | / )?(?:Text: |Input: )?(.+?)(?:\nLabel:| Output:| \| Type:| ->)( \? not \w+| \w+)?"
        lines = list(re.compile(example).finditer(read.text, start))
        assert lines[-1][2] is None
        assert len({line[1] for line in lines}) == len(lines), "no text comes twice"
        given = [line for line in lines[:-1] if not line[2].startswith(" ?")]
        n_left_open += len(lines) - 1 - len(given)
        n_named += preamble is not None
        meant |= {line[1]: line[2].strip() for line in given}
        shots.append((sequence, read, lines, start))
    assert n_left_open >= 10
    assert n_named >= 10
    for sequence, read, lines, start in shots:
        labels = {line[2].strip() for line in lines[:-1] if not line[2].startswith(" ?")}
        same, every, like = {}, {}, {}
        seen: list[tuple[str, set[int]]] = []
        named = [word for word in re.finditer(r"\w+", read.text[:start]) if word[0] in labels]
        elsewhere = {token for word in named for token in read.tokens(word)}
        for line in lines:
            due = read.token_of[(line.start(2) if line[2] else line.end()) - 1]
            if line[2] and line[2].startswith(" ?"):
                word = re.compile(r"\w+").search(read.text, line.end() - len(line[2].split()[-1]))
                elsewhere |= set(read.tokens(word))
                continue
            word = meant.get(line[1], "")
            if word and any(label == word for label, _ in seen):
                same[due] = set().union(*(tokens for label, tokens in seen if label == word))
            if seen:
                every[due] = set().union(*(tokens for _, tokens in seen))
                like[due] = set(elsewhere)
            if line[2]:
                seen.append((word, set(read.tokens(line, 2))))
        assert links_of("shot_labels", sequence) == every
        assert wrong("shot_labels", sequence) == {query: keys for query, keys in like.items() if keys}
        links = links_of("label_matching", sequence)
        assert {query: keys for query, keys in links.items() if query in same} == same
        assert len(links) - len(same) <= (lines[-1][1] not in meant)


@pytest.mark.slow
def test_word_variants(vocabulary):
    for sequence in made("word_variants", vocabulary):
        read = Read(sequence)
        words = list(re.finditer(r"\w+", read.text))
        mentions = [word for word in words if set(read.tokens(word)) <= sequence.roles["variant"].keys()]
        induced, copied = {}, {}
        for number, word in enumerate(mentions):
            query = read.last(word)
            earlier = [other for other in mentions[:number] if other[0].lower() == word[0].lower()]
            if earlier and sequence.ids[query] not in sequence.ids[:query]:
                copied[query] = {read.last(other) for other in earlier}
                induced[query] = {key + 1 for key in copied[query]}
        assert copied, "a text without links is left out"
        # Words that begin or end alike stand among them, and are not taken for them.
        decoys = [word for word in words if set(read.tokens(word)) <= sequence.roles["alike"].keys()]
        assert decoys
        for decoy in decoys:
            similar = [word for word in mentions if {word[0][0].lower(), word[0][-1].lower()} & set(decoy[0].lower())]
            assert similar
        others = wrong("fuzzy_duplicate", sequence)
        for query, keys in copied.items():
            before = {read.last(word) for word in (*mentions, *decoys) if read.last(word) < query}
            assert others.get(query, set()) == before - keys
        assert links_of("fuzzy_duplicate", sequence) == copied
        assert links_of("fuzzy_induction", sequence) == induced
        assert not links_of("induction", sequence).keys() & induced.keys()
        # Every word that comes more than once in some spelling is marked.
        folded = Counter(word[0].lower() for word in words)
        assert all(folded[word[0].lower()] == 1 for word in decoys)
        assert {word[0].lower() for word in mentions} <= {word for word, n in folded.items() if n > 1}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gpt2", "bert"])
@pytest.mark.parametrize("name", ALL)
def test_probe_fits_a_small_model(tiny, kind, name):
    vocabulary = Vocabulary(AutoTokenizer.from_pretrained(tiny(kind)), 360)
    text = probes.make(PROBES[name], vocabulary, tiny_models.CONTEXT, 0)
    if name == "word_variants" and kind == "bert":
        assert "alike" in text.note, "this tokenizer drops capitals"
        return
    assert text.sequences
    assert max(map(len, text.sequences)) <= tiny_models.CONTEXT
    assert "longer than 128 tokens" in text.note or name in ("ambiguous_repeats", "indirect_object")
    for pattern in PATTERNS:
        if pattern.name in NAMES and pattern.probe == name:
            for causal in (True, False):
                assert targets_of(pattern, TokenBatch(text.sequences, causal)).any(), pattern.name


@pytest.mark.parametrize("name", TEXTS)
def test_text_needs_a_tokenizer_and_room(vocabulary, name):
    assert "no tokenizer" in probes.make(PROBES[name], Vocabulary(None, 500), LONG, 0).note
    assert "too short" in probes.make(PROBES[name], vocabulary, 4, 0).note


def test_random_triples_need_no_tokenizer_but_room():
    assert len(made("ambiguous_repeats", Vocabulary(None, 500), 64)) > 10
    assert "too few" in probes.make(PROBES["ambiguous_repeats"], Vocabulary(None, 500), 20, 0).note
