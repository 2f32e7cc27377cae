"""The sentences whose relations are known: that the roles are right, and that no fixed offset passes for a head."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from headatlas import probes
from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES
from headatlas.probes.grammar import texts
from headatlas.scoring.targets import targets_of
from tests import tiny_models

SEEDS = range(6)
LONG = 1024
SYNTAX = [pattern.name for pattern in PATTERNS if pattern.family == "syntax"]
LOOKING_BACK = [name for name in SYNTAX if not PATTERNS[name].bidirectional]

# What the tests know of English by themselves.
GENDERS = {
    "f": "Anna Mary Emma Alice Sarah Julia woman girl queen princess she her",
    "m": "Peter John David Robert Daniel Martin man boy king prince he him his",
    "p": "they them their women men",
    "n": "it",
}
GENDER = {word: gender for gender, words in GENDERS.items() for word in words.split()}
EITHER = set("farmer teacher doctor driver guard student writer lawyer nurse officer".split())
IRREGULAR_PAST = set(
    "bought sold hid drew chose met gave showed sent brought slept sang sat found lost stole broke caught built heard "
    "taught lent stood spoke".split()
)
NUMBERLESS = set("did had will can must may could would should".split())


def gender(word: str) -> str:
    """The pronouns that can stand for a noun: f, m, p, n, or fm for either."""
    word = word if word in GENDER else word.lower()
    if word in GENDER:
        return GENDER[word]
    if word in EITHER:
        return "fm"
    return "p" if word.endswith("s") else "n"


def verb_number(word: str) -> str:
    """'one' or 'many' for a finite verb that shows its subject's number, otherwise nothing."""
    word = word.lower()
    if word in {"is", "was", "has", "does"}:
        return "one"
    if word in {"are", "were", "have", "do"}:
        return "many"
    if word in NUMBERLESS | IRREGULAR_PAST or word.endswith("ed"):
        return ""
    return "one" if word.endswith("s") else "many"


class Parsed:
    """A text's roles as words and where these begin."""

    def __init__(self, marked: AnnotatedText) -> None:
        self.text = marked.text
        self.spans = marked.spans
        self.groups = {group for spans in marked.spans.values() for _, group in spans}

    def starts(self, role: str, group: int | None = None) -> list[int]:
        return [start for (start, _), number in self.spans.get(role, []) if group in (None, number)]

    def words(self, role: str, group: int) -> list[str]:
        return [self.text[slice(*span)] for span, number in self.spans.get(role, []) if number == group]

    def pairs(self, first: str, second: str) -> set[tuple[str, str]]:
        return {(a, b) for group in self.groups for a in self.words(first, group) for b in self.words(second, group)}

    def word_before(self, position: int) -> str:
        return (self.text[:position].split() or [""])[-1]


@pytest.fixture(scope="module")
def parsed() -> list[Parsed]:
    return [Parsed(marked) for seed in SEEDS for marked in texts(np.random.default_rng(seed))]


def byte_level(corpus: list[str]) -> Vocabulary:
    """A vocabulary in which the words of the corpus are one token each, as common words are in a large model's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        corpus, trainers.BpeTrainer(vocab_size=3000, initial_alphabet=alphabet, show_progress=False)
    )
    return Vocabulary(PreTrainedTokenizerFast(tokenizer_object=tokenizer), 3000)


@pytest.fixture(scope="module")
def vocabulary(parsed) -> Vocabulary:
    return byte_level([text.text for text in parsed])


def made(vocabulary: Vocabulary, seed: int = 0, limit: int = LONG) -> tuple[TokenSequence, ...]:
    return probes.make(PROBES["grammar_sentences"], vocabulary, limit, seed).sequences


HAND_PARSED = [
    (
        "The still wounded village school girls did not very often catch Alice. Before this summer concert, she sent "
        "some kings the family doctors' no longer small and strange bag.",
        {
            ("det", "noun"): {("The", "girls"), ("this", "concert"), ("some", "kings"), ("the", "doctors")},
            ("adj", "noun"): {("wounded", "girls"), ("small", "bag"), ("strange", "bag")},
            ("possessor", "noun"): {("doctors", "bag")},
            ("subject", "verb"): {("girls", "catch"), ("she", "sent")},
            ("verb", "object"): {("catch", "Alice"), ("sent", "bag")},
            ("aux", "verb"): {("did", "catch")},
            ("prep", "prep_object"): {("Before", "concert")},
            ("antecedent", "pronoun"): {("Alice", "she")},
        },
    ),
    (
        "Had kings near David drawn the cheap farm houses? When the princess very politely helped those art history "
        "students, she had drawn your wedding picture.",
        {
            ("det", "noun"): {("the", "houses"), ("the", "princess"), ("those", "students")},
            ("adj", "noun"): {("cheap", "houses")},
            ("possessor", "noun"): {("your", "picture")},
            ("subject", "verb"): {("kings", "drawn"), ("princess", "helped"), ("she", "drawn")},
            ("verb", "object"): {("drawn", "houses"), ("helped", "students"), ("drawn", "picture")},
            ("aux", "verb"): {("Had", "drawn"), ("had", "drawn")},
            ("prep", "prep_object"): {("near", "David")},
            ("antecedent", "pronoun"): {("princess", "she")},
        },
    ),
    (
        "This princess outside the museum did not very often, we hear, teach the art history teachers. She sold "
        "some queens who had quietly worked girls' kitchen chair.",
        {
            ("det", "noun"): {("This", "princess"), ("the", "museum"), ("the", "teachers"), ("some", "queens")},
            ("possessor", "noun"): {("girls", "chair")},
            ("subject", "verb"): {("princess", "teach"), ("She", "sold")},
            ("verb", "object"): {("teach", "teachers"), ("sold", "chair")},
            ("aux", "verb"): {("did", "teach"), ("had", "worked")},
            ("prep", "prep_object"): {("outside", "museum")},
            ("antecedent", "pronoun"): {("princess", "She")},
        },
    ),
    (
        "Outside our beautiful mountain farm houses, this still shining history book that some princesses had quietly "
        "and carefully drawn was dirty. Not so clever and wounded school girls' faded and strange bridge that a no "
        "longer smiling and shivering singing teacher built is rather dirty.",
        {
            ("det", "noun"): {("this", "book"), ("some", "princesses"), ("a", "teacher")},
            ("adj", "noun"): {
                ("beautiful", "houses"), ("shining", "book"), ("clever", "girls"), ("wounded", "girls"),
                ("faded", "bridge"), ("strange", "bridge"), ("smiling", "teacher"), ("shivering", "teacher"),
            },
            ("possessor", "noun"): {("our", "houses"), ("girls", "bridge")},
            ("subject", "verb"): {("book", "was"), ("princesses", "drawn"), ("bridge", "is"), ("teacher", "built")},
            ("aux", "verb"): {("had", "drawn")},
            ("prep", "prep_object"): {("Outside", "houses")},
        },
    ),
    (
        "Outside the new police boat, the hotel guard near this already faded and no longer cheap window showed the "
        "already limping and proud crime writer a strange summer holiday picture. A hospital doctor caught the "
        "teachers because they were sad.",
        {
            ("det", "noun"): {
                ("the", "boat"), ("the", "guard"), ("this", "window"), ("the", "writer"), ("a", "picture"),
                ("A", "doctor"), ("the", "teachers"),
            },
            ("adj", "noun"): {
                ("new", "boat"), ("faded", "window"), ("cheap", "window"), ("limping", "writer"), ("proud", "writer"),
                ("strange", "picture"),
            },
            ("subject", "verb"): {("guard", "showed"), ("doctor", "caught"), ("they", "were")},
            ("verb", "object"): {("showed", "picture"), ("caught", "teachers")},
            ("prep", "prep_object"): {("Outside", "boat"), ("near", "window")},
            ("antecedent", "pronoun"): {("teachers", "they")},
        },
    ),
]  # fmt: skip
RELATIONS = sorted({relation for _, relations in HAND_PARSED for relation in relations})


@pytest.mark.parametrize(("text", "relations"), HAND_PARSED)
def test_roles_are_those_of_a_hand_parse(parsed, text, relations):
    pairs = next(each for each in parsed if each.text == text).pairs
    assert {relation: pairs(*relation) for relation in RELATIONS if pairs(*relation)} == relations


def test_what_stands_before_a_noun_belongs_to_it(parsed):
    for text in parsed:
        for group in text.groups:
            openings = text.starts("det", group) + text.starts("possessor", group)
            before = openings + text.starts("adj", group)
            if before:
                (noun,) = text.starts("noun", group)
                assert max(before) < noun, text.text
                assert len(openings) <= 1, text.text
                assert "." not in text.text[min(before) : noun], text.text


def test_article_sounds_right(parsed):
    for text in parsed:
        for article, word in re.findall(r"\b(an?) (\w+)", text.text, re.IGNORECASE):
            assert (article.lower() == "an") == (word[0] in "aeiou"), text.text


def test_a_verb_has_one_subject_which_agrees_with_it(parsed):
    seen = Counter()
    for text in parsed:
        for group in text.groups:
            verbs = text.words("verb", group)
            subjects = text.words("subject", group)
            assert len(verbs) <= 1
            assert len(subjects) <= len(verbs), text.text
            if not verbs:
                continue
            (finite,) = text.words("aux", group) or verbs
            if subjects:
                many = gender(subjects[0]) == "p"
            else:
                start = min(text.starts("aux", group) + text.starts("verb", group))
                assert re.search(r" who( \w+)*$", text.text[:start].rstrip()), text.text
                noun = max(other for other in text.starts("noun") if other < text.text[:start].rindex(" who"))
                many = gender(re.match(r"\w+", text.text[noun:])[0]) == "p"
            assert verb_number(finite) in ("", "many" if many else "one"), (finite, text.text)
            seen[verb_number(finite)] += 1
    assert min(seen["one"], seen["many"]) > 80


def test_other_nouns_stand_between_subject_and_verb(parsed):
    """Some of them in the other number, so that agreement alone, or the nearest noun alone, does not find it."""
    pairs, attracted, misleading = 0, 0, 0
    for text in parsed:
        for (start, end), group in text.spans["subject"]:
            (verb,) = text.starts("verb", group)
            if "?" in text.text[start:verb]:
                continue
            pairs += 1
            between = [text.text[slice(*span)] for span, _ in text.spans.get("noun", []) if end < span[0] < verb]
            attracted += bool(between)
            misleading += any((gender(word) == "p") != (gender(text.text[start:end]) == "p") for word in between)
    assert attracted / pairs > 0.25
    assert misleading / pairs > 0.12


def test_an_object_follows_its_verb_and_its_preposition(parsed):
    receivers = 0
    for text in parsed:
        for (begins, _), group in text.spans.get("object", []):
            (verb,) = text.starts("verb", group)
            assert verb < begins, text.text
            others = [other for other in text.starts("object") if verb < other < begins]
            assert not others, text.text
            receivers += any(verb < noun < begins for noun in text.starts("noun"))
        for (begins, _), group in text.spans.get("prep_object", []):
            (prep,) = text.starts("prep", group)
            assert prep < begins
            assert not [other for other in text.starts("prep") if prep < other < begins], text.text
    assert receivers > 50


def test_verbs_and_what_looks_like_them(parsed):
    """Half of the verbs of objects have neither ending, and words that have one stand between verb and object."""
    plain = between = total = 0
    for text in parsed:
        alike = [span for span, _ in text.spans.get("verb_like", [])]
        assert all(re.search(r"(ed|ing)$", text.text[slice(*span)]) for span in alike)
        names = {text.text[slice(*span)] for span, _ in text.spans.get("name", [])}
        assert names == set(re.findall(r"\w+", text.text)) & {word for word in GENDER if word.istitle()}
        for (start, _), group in text.spans.get("object", []):
            (verb,) = text.starts("verb", group)
            total += 1
            plain += not re.search(r"(ed|ing)$", text.words("verb", group)[0])
            between += any(verb < other < start for other in (*(span[0] for span in alike), *text.starts("verb")))
    assert plain / total > 0.45
    assert between / total > 0.3


def test_only_the_antecedent_agrees_with_the_pronoun(parsed):
    seen = Counter()
    for text in parsed:
        for (begins, end), group in text.spans.get("pronoun", []):
            (antecedent,) = text.words("antecedent", group)
            (start,) = text.starts("antecedent", group)
            assert start < begins
            wanted = gender(text.text[begins:end])
            assert gender(antecedent) == wanted, text.text
            nouns = {text.text[slice(*span)] for span, _ in text.spans.get("noun", []) if span[0] < begins}
            names = set(re.findall(r"\w+", text.text[:begins])) & set(" ".join(GENDERS.values()).split())
            agreeing = {word for word in nouns | names if set(gender(word)) & set(wanted)}
            assert agreeing == {antecedent}, text.text
            seen[wanted] += 1
    assert min(seen[kind] for kind in "fmpn") >= 30


def test_group_numbers_join_one_relation_only(parsed):
    """What shares a number stands in one sentence, a pronoun and its antecedent aside."""
    for text in parsed:
        for group in text.groups:
            spans = [span for role in text.spans for span, number in text.spans[role] if number == group]
            if not text.words("pronoun", group):
                within = text.text[min(start for start, _ in spans) : max(end for _, end in spans)]
                assert not re.search(r"[.?]", within), within


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", SYNTAX)
def test_no_fixed_offset_finds_it(vocabulary, name, seed):
    pattern = PATTERNS[name]
    batch = TokenBatch(made(vocabulary, seed), causal=not pattern.bidirectional)
    targets = targets_of(pattern, batch)
    n = int(targets.any(-1).sum())
    assert n >= 25
    _, queries, keys = targets.nonzero(as_tuple=True)
    assert max(Counter((queries - keys).tolist()).values()) / n <= 0.45


@pytest.mark.slow
@pytest.mark.parametrize("name", SYNTAX)
def test_targets_lie_on_the_side_the_pattern_says(vocabulary, name):
    pattern = PATTERNS[name]
    ahead = torch.ones(LONG, LONG, dtype=torch.bool).triu(1)
    batch = TokenBatch(made(vocabulary), causal=False)
    size = batch.tokens.shape[1]
    targets = targets_of(pattern, batch)
    assert not (targets & (ahead if not pattern.bidirectional else ~ahead)[:size, :size]).any()


@pytest.mark.slow
def test_a_head_of_one_relation_does_not_pass_for_another(vocabulary):
    """Of the queries that two patterns share, few have the same target."""
    batch = TokenBatch(made(vocabulary))
    targets = {name: targets_of(PATTERNS[name], batch) for name in LOOKING_BACK}
    for name, keys in targets.items():
        for other, other_keys in targets.items():
            if name != other:
                assert (keys & other_keys).any(-1).sum() <= 0.05 * keys.any(-1).sum(), (name, other)


@pytest.mark.slow
def test_size(vocabulary):
    for seed in range(4):
        sequences = made(vocabulary, seed)
        assert len(sequences) == 64
        assert 1200 < sum(map(len, sequences)) < 2000
        (example,) = (sequence for sequence in sequences if sequence.example)
        assert len(example) <= 25
        assert {"det", "adj", "aux", "subject", "object", "prep", "pronoun"} <= example.roles.keys()


@pytest.mark.slow
def test_a_seed_gives_the_same_sentences(vocabulary):
    assert made(vocabulary, 3) == made(vocabulary, 3)
    first, second = ({sequence.ids for sequence in made(vocabulary, seed)} for seed in (3, 4))
    assert not first >= second


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gpt2", "llama", "bert"])
def test_roles_are_on_all_pieces_of_a_word(tiny, kind):
    tokenizer = AutoTokenizer.from_pretrained(tiny(kind))
    vocabulary = Vocabulary(tokenizer, len(tokenizer))
    text = probes.make(PROBES["grammar_sentences"], vocabulary, LONG, 0)
    written = texts(np.random.default_rng([0, *b"grammar_sentences"]))
    assert len(text.sequences) == len(written)
    assert not text.note
    several = 0
    for sequence, marked in zip(text.sequences, written, strict=True):
        parsed = Parsed(marked)
        for role in parsed.spans:
            for group in {number for _, number in parsed.spans[role]}:
                pieces = sorted(position for position, number in sequence.roles[role].items() if number == group)
                joined = "".join(sequence.texts[position].removeprefix("##").strip() for position in pieces)
                wanted = "".join(parsed.words(role, group))
                assert "[UNK]" in joined or joined == (wanted.lower() if kind == "bert" else wanted)
                assert sequence.roles[f"{role}:last"][pieces[-1]] == group
                assert not any(sequence.special[position] for position in pieces)
                several += len(pieces) > 1
    assert several > 100


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gpt2", "bert"])
def test_texts_fit_into_the_context(tiny, kind):
    tokenizer = AutoTokenizer.from_pretrained(tiny(kind))
    vocabulary = Vocabulary(tokenizer, len(tokenizer))
    text = probes.make(PROBES["grammar_sentences"], vocabulary, tiny_models.CONTEXT, 0)
    assert max(map(len, text.sequences)) <= tiny_models.CONTEXT
    assert sum(sequence.example for sequence in text.sequences) == 1
    assert text.note == f"{64 - len(text.sequences)} of 64 texts left out: longer than the context"
    for name in LOOKING_BACK:
        assert targets_of(PATTERNS[name], TokenBatch(text.sequences)).any(), name


def test_without_a_tokenizer_or_with_a_short_context_there_are_none(vocabulary):
    none = probes.make(PROBES["grammar_sentences"], Vocabulary(None, 100), LONG, 0)
    assert not none.sequences
    assert "need a tokenizer" in none.note
    short = probes.make(PROBES["grammar_sentences"], vocabulary, 8, 0)
    assert not short.sequences
    assert "fit into a context of 8 tokens" in short.note
