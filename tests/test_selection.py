"""The probes of selecting, binding and abstract copies: links found again from the text alone, no short cuts."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pytest
import torch
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from headatlas import probes
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES
from headatlas.probes.bindings import PERSONS, THINGS
from headatlas.probes.contradicted_facts import KINDS as FACTS
from headatlas.probes.filtered_lists import CLASSES as LISTED
from headatlas.probes.injected_instructions import INJECTED, INSTRUCTIONS, SENTENCES
from headatlas.probes.known_phrases import AGAIN, FILLERS, OPENINGS, PHRASES
from headatlas.probes.multiple_choice import CLASSES as KINDS
from headatlas.probes.several_documents import BUILDINGS
from headatlas.probes.wrapped_lines import WIDTHS
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.scores import summarise
from headatlas.scoring.tally import Tally
from headatlas.scoring.targets import targets_of
from tests import tiny_models
from tests.test_algorithm import LONG, Read, assert_no_offset_finds_most, byte_level, links_of, made, wrong

TEXTS = (
    "multiple_choice", "word_triplets", "several_documents", "bindings", "filtered_lists", "wrapped_lines",
    "known_phrases", "contradicted_facts", "injected_instructions",
)  # fmt: skip
NAMES = [pattern.name for pattern in PATTERNS if pattern.probe in TEXTS]

PATTERNS_OF = {name: [pattern for pattern in PATTERNS if pattern.probe == name] for name in TEXTS}
# The pattern that looks at what a probe's metric asks for.
METRICS = {
    "multiple_choice": "right_option_letter", "word_triplets": "item_of_rule", "bindings": "bound_answer",
    "contradicted_facts": "answer_from_context",
}  # fmt: skip


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """A byte-level vocabulary in which most words of the probes are one token, as in a large model's."""
    letters = PreTrainedTokenizerFast(tokenizer_object=byte_level([], 300), bos_token="<s>")
    rough = Vocabulary(letters, len(letters))
    corpus = ["".join(sequence.texts) for name in TEXTS for sequence in made(name, rough, 10_000)]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level(corpus, 2000), bos_token="<s>")
    return Vocabulary(tokenizer, len(tokenizer))


@pytest.mark.parametrize("name", TEXTS)
def test_probe_is_small_and_has_one_example(vocabulary, name):
    sequences = made(name, vocabulary)
    assert sum(map(len, sequences)) <= 1000
    assert max(map(len, sequences)) <= 256
    assert [sequence.example for sequence in sequences].count(True) == 1
    assert sequences[0].example
    assert PATTERNS_OF[name], "it is some pattern's"


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_probe_follows_the_seed(vocabulary, name):
    assert made(name, vocabulary) == made(name, vocabulary)
    assert made(name, vocabulary) != made(name, vocabulary, seed=1)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", NAMES)
def test_no_fixed_offset_does_well_nor_the_first_position(vocabulary, name, seed):
    assert_no_offset_finds_most(name, vocabulary, seed)
    for tokens in made(PATTERNS[name].probe, vocabulary, seed=seed):
        assert all(0 not in keys for keys in links_of(name, tokens).values())


@pytest.mark.parametrize("kind", ["gpt2", "bert"])
@pytest.mark.parametrize("name", TEXTS)
def test_probe_fits_a_small_model(tiny, kind, name):
    text = probes.make(PROBES[name], Vocabulary(AutoTokenizer.from_pretrained(tiny(kind)), 360), tiny_models.CONTEXT, 0)
    if name == "wrapped_lines" and kind == "bert":
        assert "keeps no line breaks" in text.note
        return
    assert text.sequences, text.note
    for pattern in PATTERNS_OF[name]:
        for causal in (True, False):
            assert targets_of(pattern, TokenBatch(text.sequences, causal)).any(), pattern.name


@pytest.mark.parametrize("name", TEXTS)
def test_text_needs_a_tokenizer_and_room(vocabulary, name):
    assert "no tokenizer" in probes.make(PROBES[name], Vocabulary(None, 500), LONG, 0).note
    assert "too short" in probes.make(PROBES[name], vocabulary, 4, 0).note


@pytest.mark.slow
@pytest.mark.parametrize("name", METRICS)
def test_what_is_due_is_right_and_not_wrong(vocabulary, name):
    """The metric's right token is one that the pattern of the probe looks at, the wrong ones are of its contrast."""
    metric = PROBES[name].metric
    prompts = [metric.targets(tokens) for tokens in made(name, vocabulary)]
    told = [(prompt, target) for prompt in prompts if prompt for target in prompt.targets]
    assert len(told) >= 12
    for prompt, target in told:
        ids = prompt.sequence.ids
        pattern = METRICS[name]
        keys, others = links_of(pattern, prompt.sequence)[target.query], wrong(pattern, prompt.sequence)[target.query]
        assert target.right in {ids[key] for key in keys}
        assert {ids[key] for key in others} & set(target.wrong)
        assert set(target.wrong) <= set(ids[: target.query])
        assert target.right not in target.wrong


def answered(tokens: TokenSequence, read: Read, name: str, expected: dict[int, set[int]]) -> None:
    assert expected
    assert links_of(name, tokens) == expected, read.text


def test_options(vocabulary):
    places: Counter[str] = Counter()
    for tokens in made("multiple_choice", vocabulary):
        read = Read(tokens)
        content: dict[int, set[int]] = {}
        letters: dict[int, set[int]] = {}
        every: set[int] = set()
        questions = r"Which (is|says) (.+?)\?(.+?)(?:Answer: \(|It is \(|Reply \[|So <)([A-D]?)"
        for question in re.finditer(questions, read.text, re.S):
            asked = KINDS.get(question[2], [question[2]])
            options = list(re.compile(r"([A-D])[\])>] (.+?)([;,\n])").finditer(read.text, *question.span(3)))
            assert [option[1] for option in options] == list("ABCD"[: len(options)])
            [right] = [option for option in options if option[2].split()[-1] in asked]
            assert question[4] in ("", right[1])
            places[right[1]] += 1
            query = read.token_of[question.start(4) - 1]
            letters[query] = set(read.tokens(right, 1))
            content[query] = set(read.tokens(right, 2)) | {read.token_of[right.start(3)]}
            every |= {token for option in options for token in read.tokens(option, 2)}
        answered(tokens, read, "right_option_letter", letters)
        answered(tokens, read, "right_option", content)
        for query, keys in wrong("right_option", tokens).items():
            assert {key for key in every if key < query} - content[query] <= keys
    assert len(places) >= 3


@pytest.mark.slow
def test_triplets(vocabulary):
    nearer = 0
    for tokens in made("word_triplets", vocabulary):
        read = Read(tokens)
        item = r"((?:[a-z]+ ){0,3}[a-z]+)"
        mark = r"(,| -| \^| >|:)"
        triplets = list(
            re.compile(rf"(?:[A-Z][a-z ]+= )?{item}{mark} {item}{mark}(?: {item}(?:\n|;|\.| \|))? ?").finditer(
                read.text
            )
        )
        assert "".join(triplet[0] for triplet in triplets) == read.text
        given, unfinished = triplets[:-1], triplets[-1]
        assert unfinished[5] is None
        [number] = {1 if triplet[1] == triplet[5] else 3 for triplet in given}
        assert all(triplet[5] == triplet[number] for triplet in given)
        nearer += number == 3
        ends = [read.token_of[triplet.end(4) - 1] for triplet in triplets]
        earlier = {
            end: {token for triplet in given[:index] for token in read.tokens(triplet, 5)}
            for index, end in enumerate(ends)
            if index
        }
        answered(tokens, read, "symbolic_induction", earlier)
        repeated = {end: set(read.tokens(triplet, number)) for end, triplet in zip(ends, triplets, strict=True)}
        del repeated[ends[0]]
        answered(tokens, read, "item_of_rule", repeated)
        others = {end: set(read.tokens(triplet, 4 - number)) for end, triplet in zip(ends, triplets, strict=True)}
        assert wrong("item_of_rule", tokens) == {end: others[end] for end in ends[1:]}
    assert nearer == 7, "of sixteen texts"


def test_documents(vocabulary):
    named = re.compile("|".join(BUILDINGS))
    for tokens in made("several_documents", vocabulary):
        read = Read(tokens)
        _, *documents, questions = re.finditer(r"[^\n]+", read.text)
        about = {re.search(rf"(?<!from the )\b({named.pattern})\b", document[0])[1]: document for document in documents}
        assert len(about) == len(documents)
        expected = {}
        n_named = []
        for question in re.compile(r"[^?.]+[?.]").finditer(read.text, questions.start()):
            building = named.search(question[0])[0]
            n_named.append(len(re.findall(rf"\b{building}\b", read.text[: questions.start()])))
            answer = set(read.tokens(about[building]))
            expected |= dict.fromkeys(read.tokens(question), answer)
        assert n_named == ([1] if tokens.example else [2, 2]), "in its own document and in another"
        answered(tokens, read, "query_focused_retrieval", expected)


@pytest.mark.slow
def test_bindings(vocabulary):
    person, thing = (f"(?:{'|'.join(words)})" for words in (PERSONS, THINGS))
    owner, owned = f"(?P<P>{person})", f"(?P<T>{thing})"
    statements = (
        rf"{owner} carries the {owned}\.", rf"The {owned} belongs to {owner}\.",
        rf"{owner}, who never liked the {thing}, bought the {owned}\.",
        rf"The {owned}, unlike the {thing}, was given to {owner}\.", rf"{owner} found the {owned} beside {person}\.",
        rf"It was {owner}, not {person}, who took the {owned}\.",
    )  # fmt: skip
    before = "(?:Of these,|So|Now|Whoever needs the|The owner of the|For the)"
    asked = re.compile(rf"{before} (?P<who>\w+)(?P<due>(?: \w+)+?)(?: (?P<said>{person}|{thing})\.|$)")
    for tokens in made("bindings", vocabulary):
        read = Read(tokens)
        stated = [statement for pattern in statements for statement in re.finditer(pattern, read.text)]
        assert len(stated) == 3
        named, due = {}, {}
        for question in asked.finditer(read.text, max(statement.end() for statement in stated)):
            [(statement, key)] = [(each, key) for each in stated for key in "PT" if each[key] == question["who"]]
            other = "T" if key == "P" else "P"
            assert question["said"] in (None, statement[other])
            named[read.last(question, "who")] = due[read.last(question, "due")] = set(read.tokens(statement, other))
        assert len(named) == 2
        answered(tokens, read, "bound_partner", named)
        answered(tokens, read, "bound_answer", due)
        assert all(wrong("bound_answer", tokens)[query] for query in due)


@pytest.mark.slow
def test_lists(vocabulary):
    class_of = {word: name for name, words in LISTED.items() for word in words}
    n_items = set()
    for tokens in made("filtered_lists", vocabulary):
        read = Read(tokens)
        questions = list(re.finditer(rf"({'|'.join(LISTED)})(\?| is| here:|:)(?: [a-z ]+\.|$)", read.text))
        start = re.search(r"\.|\n [A-Z]", read.text).start()
        items = list(re.compile(r"[a-z]+").finditer(read.text, read.text.index(":"), start))
        n_items.add(len(items))
        classes = Counter(class_of[item[0]] for item in items)
        assert len(classes) == 3
        expected = {
            read.last(question, 2): {t for item in items if class_of[item[0]] == question[1] for t in read.tokens(item)}
            for question in questions
        }
        answered(tokens, read, "filtered_items", expected)
        assert all(wrong("filtered_items", tokens)[query] for query in expected)
    assert n_items >= {4, 5, 6}


def test_lines(vocabulary):
    spans = set()
    for tokens, width in zip(made("wrapped_lines", vocabulary), WIDTHS, strict=True):
        read = Read(tokens)
        links, others = links_of("line_boundary", tokens), wrong("line_boundary", tokens)
        breaks = [read.token_of[match.start()] for match in re.finditer("\n", read.text)]
        lines = list(re.finditer(r"[^\n]+", read.text))
        assert max(len(line[0]) for line in lines) <= width
        n_full = 0
        assert not others.keys() & links.keys()
        for number, (line, following) in enumerate(pairwise(lines)):
            word = re.compile(r"\w+(?=[.,]?$)").search(line[0])
            query = read.token_of[line.start() + word.end() - 1]
            full = len(line[0]) + 1 + len(following[0].split()[0]) > width
            assert full or line[0].endswith("."), "else the next word would stand in the line"
            if number and full and not line[0].endswith("."):
                n_full += 1
                assert links[query] == {breaks[number - 1]}
                spans.add(query - breaks[number - 1])
                # Tokens of the first half of the line are to look there less.
                early = range(breaks[number - 1] + 1, breaks[number - 1] + (query - breaks[number - 1]) // 2 + 1)
                assert {token: others[token] for token in early} == {token: {breaks[number - 1]} for token in early}
            elif not full:
                assert query not in links
        assert len(links) - n_full <= 2, "a paragraph may end with a line that happens to be full"
    assert len(spans) >= 6


def test_a_head_that_looks_at_the_latest_line_break_from_anywhere_is_no_boundary_head(vocabulary):
    sequences = made("wrapped_lines", vocabulary)
    batch, pattern = TokenBatch(sequences), PATTERNS["line_boundary"]
    attention = torch.zeros(len(sequences), 3, *batch.shape[1:])
    for row, tokens in enumerate(sequences):
        breaks, ends = sorted(tokens.roles["line_break"]), tokens.roles["line_end:last"]
        for query in range(batch.shape[1]):
            latest = max((position for position in breaks if position < query), default=0)
            attention[row, 0, query, latest] = 1
            attention[row, 1, query, latest if query in ends else 0] = 1
            attention[row, 2, query, latest] += 1 if query in ends else 0.25
            attention[row, 2, query, 0] += 0 if query in ends else 0.75
    reducer = RowReducer(batch, [pattern])
    tally = Tally.empty(3, 1)
    tally.add_counts(reducer.counts, range(len(sequences)))
    tally.add_layer(reducer(attention), slice(0, 3), range(len(sequences)))
    scores = summarise(tally, seed=0).off_sink
    assert scores.score[:, 0] == pytest.approx(1)
    assert scores.contrast[:, 0] == pytest.approx([1, 0, 0.25])
    from_anywhere, boundary, mostly = scores.contrast_low[:, 0]
    assert from_anywhere <= 0, "no label"
    assert boundary == pytest.approx(1)
    assert mostly > 0.5


def test_line_breaks_are_due_after_full_lines(vocabulary):
    prompts = [PROBES["wrapped_lines"].metric.targets(tokens) for tokens in made("wrapped_lines", vocabulary)]
    told = [(prompt.sequence, target) for prompt in prompts if prompt for target in prompt.targets]
    assert len(told) >= 30
    assert all(sequence.texts[target.query + 1] == "\n" for sequence, target in told)
    assert {target.right for sequence, target in told} == {told[0][1].right}


@pytest.mark.slow
def test_phrases(vocabulary):
    words = [word for phrase in PHRASES for word in phrase.split() if word != "of"]
    assert len(set(words)) == len(words)
    assert not set(words) & set(FILLERS)
    n_due = known_last = 0
    for tokens in made("known_phrases", vocabulary):
        read = Read(tokens)
        opening = re.match(rf"(?:{'|'.join(OPENINGS)})", read.text).end()
        again = re.search("|".join(map(re.escape, AGAIN)), read.text)
        # Phrases and the words before them, each time.
        single = rf"(?:{'|'.join(FILLERS)})\b"
        led = re.compile(rf"(?P<lead>{single}(?: {single})?)(?P<phrase>(?: (?!{single})[a-z]+)+)?")
        first = list(led.finditer(read.text, opening, again.start()))
        second = list(led.finditer(read.text, again.end()))
        known, every = {}, {}
        for lead in second:
            stood = {other["phrase"].strip(): other for other in first if other["lead"] == lead["lead"]}
            [phrase] = [phrase for phrase in stood if phrase in PHRASES]
            [chance] = [other for other in stood if other not in PHRASES]
            assert len(phrase.split()) == len(chance.split())
            assert lead["phrase"] is None or lead["phrase"].strip() == phrase
            query, end = read.last(lead, "lead"), read.last(stood[phrase], "phrase")
            known[query], other_end = {end}, read.last(stood[chance], "phrase")
            every[query] = {end, other_end}
            assert wrong("concept_induction", tokens)[query] == {other_end}
            assert read.tokens(stood[phrase], "phrase")[0] in wrong("phrase_end_induction", tokens)[query]
            known_last += end > other_end
        assert [lead["phrase"] is None for lead in second] == [False] * (len(second) - 1) + [True]
        answered(tokens, read, "concept_induction", known)
        answered(tokens, read, "phrase_end_induction", every)
        n_due += len(known)
    assert n_due == 34
    assert 11 <= known_last <= 23, "either phrase may be the later one"


@pytest.mark.slow
def test_contradicted_facts(vocabulary):
    true = {of: what for facts, _, _ in FACTS for of, what in facts}
    assert len({*true, *true.values()}) == 2 * len(true), "no answer is what another is asked of"
    named, answers = (f"(?:{'|'.join(words)})" for words in (true, true.values()))
    questions = [question for _, _, worded in FACTS for question in worded]
    nearer = 0
    for tokens in made("contradicted_facts", vocabulary):
        read = Read(tokens)
        end = read.text.index(".") + 1
        told = {}
        for part in re.finditer(r"[^;.]+", read.text[:end]):
            of, what = (re.compile(rf"\b{words}\b").findall(part[0]) for words in (named, answers))
            assert len(of) == len(what) == 1
            told[of[0]] = (what[0], re.compile(rf"\b{what[0]}\b").search(read.text, part.start()))
        assert set(told) == {of for of in true if true[of] in {what for what, _ in told.values()}}
        context, memory = {}, {}
        for template in questions:
            asked = re.escape(template).replace(r"\{s\}", f"(?P<of>{named})")
            for question in re.compile(asked + rf"(?: (?P<said>{answers})\.|$)").finditer(read.text, end):
                what, said = told[question["of"]]
                assert question["said"] in (None, what)
                assert what != true[question["of"]], "the text contradicts what is known"
                [known] = [other for what, other in told.values() if what == true[question["of"]]]
                due = question.start("said") - 1 if question["said"] else question.end()
                query = read.token_of[due - 1]
                context[query], memory[query] = set(read.tokens(said)), set(read.tokens(known))
                nearer += said.start() > known.start()
        assert len(context) == 2
        answered(tokens, read, "answer_from_context", context)
        answered(tokens, read, "answer_from_memory", memory)
        for query, keys in memory.items():
            assert keys <= wrong("answer_from_context", tokens)[query]
            assert context[query] <= wrong("answer_from_memory", tokens)[query]
    assert 8 <= nearer <= 18, "of 26"


@pytest.mark.slow
def test_instructions(vocabulary):
    wordings, sentences, leads = ("|".join(map(re.escape, texts)) for texts in (INSTRUCTIONS, SENTENCES, INJECTED))
    asked, injected = rf"(?P<I>{wordings})", rf"(?:{leads})(?P<X>{wordings})"
    ways = (
        rf'User: {asked} "{{T}}"', rf'User: "{{T}}" {asked} Thank you.', rf"System: {asked}\nUser: {{T}}",
        rf"Input: {{T}}\nTask: {asked}", rf"Human: {asked} Text: {{T}}", rf"Human: Text: {{T}} Task: {asked}",
    )  # fmt: skip
    data = (rf"{injected} (?:{sentences})", rf"(?:{sentences}) {injected}")
    forms = [re.compile(way.replace("{T}", text)) for way in ways for text in data]
    latest: Counter[str] = Counter()
    for tokens in made("injected_instructions", vocabulary):
        read = Read(tokens)
        right, wrongly = {}, {}
        for turn in re.finditer(r"(?s)(.+?)\n(?:Assistant|Output|AI)(:)(?: [A-Z][a-z ]+\.\n)?", read.text):
            [fit] = [match for form in forms if (match := form.fullmatch(read.text, *turn.span(1)))]
            query = read.last(turn, 2)
            right[query], wrongly[query] = set(read.tokens(fit, "I")), set(read.tokens(fit, "X"))
            latest["injected" if fit.start("X") > fit.start("I") else "asked"] += 1
        answered(tokens, read, "chat_instruction", right)
        answered(tokens, read, "injected_instruction", wrongly)
        for query, keys in wrongly.items():
            assert keys <= wrong("chat_instruction", tokens)[query]
            assert right[query] <= wrong("injected_instruction", tokens)[query]
    assert min(latest.values()) >= 8, "of 21: neither is always the nearer one"
