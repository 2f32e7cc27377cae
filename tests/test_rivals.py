"""Simple rules beside the patterns: what they look at, which patterns they could pass for; contrasts of patterns."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from headatlas import probes
from headatlas.errors import HeadatlasError
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.patterns import PATTERNS, RIVALS, words
from headatlas.patterns.definition import Pattern
from headatlas.probes import PROBES, ProbeText
from headatlas.scoring.imitation import imitations
from headatlas.scoring.targets import contrast_of, targets_of
from tests.helpers import sequence
from tests.test_algorithm import byte_level

READ = (
    "ambiguous_repeats", "few_shot_labels", "grammar_sentences", "indirect_object", "needle_in_filler",
    "ordinal_sequences", "structured_text", "word_variants", "multiple_choice",
    "word_triplets", "several_documents", "bindings", "filtered_lists", "wrapped_lines",
    "known_phrases", "contradicted_facts", "injected_instructions",
)  # fmt: skip
RELATIONAL = [pattern for pattern in PATTERNS if pattern.probe in READ and pattern.kind == "target"]
# Those of one text: on others there is no text to lay the wrong ones on.
CONTRASTED = [
    pattern
    for pattern in PATTERNS
    if pattern.contrast and "cross" not in pattern.attention and PROBES[pattern.probe].medium == "text"
]


@pytest.fixture(scope="module")
def texts() -> dict[str, ProbeText]:
    """The probes whose patterns are relations, in a vocabulary with most of their words."""
    letters = PreTrainedTokenizerFast(tokenizer_object=byte_level([], 300), bos_token="<s>")
    rough = Vocabulary(letters, len(letters))
    sequences = [made for name in READ for made in probes.make(PROBES[name], rough, 10_000, 0).sequences]
    corpus = ["".join(made.texts) for made in sequences]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level(corpus, 4000), bos_token="<s>")
    vocabulary = Vocabulary(tokenizer, len(tokenizer))
    return {name: probes.make(PROBES[name], vocabulary, 2048, 0) for name in READ}


def test_rivals_are_nobodys_pattern():
    assert set(RIVALS.names()) >= {"latest_capital", "latest_mark", "clause_start", "same_last_letter"}
    assert not set(RIVALS.names()) & set(PATTERNS.names())
    assert {pattern.kind for pattern in RIVALS} == {"rival"}
    assert "rival" not in {pattern.kind for pattern in PATTERNS}
    assert all(pattern.version >= 1 and pattern.summary.endswith(".") and not pattern.probe for pattern in RIVALS)


@pytest.mark.parametrize("name", RIVALS.names())
def test_worked_example(name):
    example = re.match(r"(.+): query (\d+).* looks? at key (\d+)", RIVALS[name].example)
    assert example, f"{name} has no worked example"
    targets = targets_of(RIVALS[name], TokenBatch([sequence(example[1])]))
    assert targets[0, int(example[2])].nonzero().flatten().tolist() == [int(example[3])]


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("name", [name for name in RIVALS.names() if name != "sentence_starts"])
def test_at_most_one_key_before_the_query(name, causal):
    said = ["S* A b , the Cat ( c ) 12 of , a dog . A b she had ⏎ A b x", "S* x", "S* ( ( , , Aa ⏎ aA 1 1 S*"]
    batch = TokenBatch([sequence(text) for text in said], causal=causal)
    targets = targets_of(RIVALS[name], batch)
    assert targets.any()
    assert targets.sum(-1).max() == 1
    assert not targets.triu().any()
    assert not targets[batch.special].any(), "special tokens look at nothing"
    assert not targets.transpose(1, 2)[batch.special].any(), "nor are they looked at"
    alone = targets_of(RIVALS[name], TokenBatch([sequence(said[0])], causal=causal))
    assert torch.equal(targets[0], alone[0])


def test_starts_of_all_sentences():
    batch = TokenBatch([sequence("S* A b . C d ! ? E ⏎ f g")])
    keys = targets_of(RIVALS["sentence_starts"], batch)[0]
    assert keys[11].nonzero().flatten().tolist() == [4, 8, 10]
    assert keys[10].nonzero().flatten().tolist() == [4, 8], "not of itself"


def test_classes_of_tokens():
    batch = TokenBatch([sequence("the Boat , a Tom 12 , sea = 7 of Rome land ⏎ .")])
    keys = targets_of(RIVALS["latest_of_class"], batch)[0].long()
    latest = {int(q): int(row.argmax()) for q, row in enumerate(keys) if row.any()}
    assert latest == {3: 0, 4: 1, 6: 2, 9: 5, 10: 3, 11: 4, 12: 7, 14: 6}


def test_marks_that_open():
    assert all(words.is_opening_mark(text, "said") for text in ("(", " [", "“", " «", ' "', '("'))
    assert all(words.is_opening_mark('"', before) for before in ("", "(", " ", ":\n"))
    assert not any(words.is_opening_mark(text, "said") for text in (")", '"', '."', "'", ",", "”", "a", "", "'s"))


def test_clauses_and_content_words():
    assert all(words.ends_clause(text) for text in (",", " ;", ":", " –", ".", "?", "\n", '."'))
    assert not any(words.ends_clause(text) for text in ("a", "(", "'", "", "12"))
    assert all(words.is_content_word(text) for text in (" boat", "Rome", "é"))
    assert not any(words.is_content_word(text) for text in (" the", "12", ",", "", "x1"))


def rule(name: str, targets) -> Pattern:
    return replace(RIVALS["latest_mark"], name=name, targets=targets)


def test_imitation_is_what_a_perfect_follower_would_get():
    """By hand: three queries, of which the rules find one, two, a part of each, and none."""
    said = sequence("S* a[element0] x b[element1] x a[element0] y b[element1]")
    text = ProbeText(PROBES["ordinal_sequences"], (said, sequence("S* a[element0] b[element1] x y")), "")
    rules = [
        rule("back_one", lambda seq: seq.at_offset(1)),
        rule("back_two", lambda seq: seq.at_offset(2)),
        rule("both", lambda seq: seq.within(2)),
        rule("nothing", lambda seq: seq.at_offset(100)),
    ]
    # predecessor_in_order: 3 looks at 1 and 7 at 5 in the first text, 2 at 1 in the second.
    shares = dict(imitations([text], [PATTERNS["predecessor_in_order"]], rules)["predecessor_in_order"])
    assert shares == pytest.approx({"back_one": 1 / 3, "back_two": 2 / 3, "both": 3 / 9, "nothing": 0.0})
    ranked = [name for name, _ in imitations([text], [PATTERNS["predecessor_in_order"]], rules)["predecessor_in_order"]]
    assert ranked[0] == "back_two"
    assert ranked[-1] == "nothing"


def test_imitation_says_nothing_where_nothing_is_asked_for():
    text = ProbeText(PROBES["ordinal_sequences"], (sequence("S* a b c"),), "")
    patterns = [PATTERNS["successor"], PATTERNS["retrieval"], PATTERNS["entropy"], PATTERNS["class_token"]]
    assert imitations([text], patterns, list(RIVALS)) == {}


@pytest.mark.slow
def test_a_pattern_is_no_rule_beside_itself(texts):
    shares = imitations(texts.values(), [PATTERNS["induction_any"]], [PATTERNS["induction"], PATTERNS["induction_any"]])
    [(name, share)] = shares["induction_any"]
    assert name == "induction"
    assert share == pytest.approx(1), "what follows the latest copy follows one of the copies"
    turned = dict(imitations(texts.values(), [PATTERNS["longer_prefix_induction"]], [PATTERNS["induction_any"]])[
        "longer_prefix_induction"
    ])  # fmt: skip
    assert 0.15 < turned["induction_any"] < 0.35, "one of three to five copies is the right one"


@pytest.mark.slow
def test_no_simple_rule_passes_for_a_relation(texts):
    """Not by more than about half of the queries. A copy of a random token has its letters, of course."""
    patterns = [pattern for pattern in RELATIONAL if pattern.name != "duplicate_token_any"]
    shares = imitations(texts.values(), patterns, list(RIVALS))
    assert set(shares) == {pattern.name for pattern in patterns}
    largest = {name: ranked[0] for name, ranked in shares.items()}
    assert {name: best for name, best in largest.items() if best[1] > 0.55} == {}


@pytest.mark.slow
def test_nor_does_the_latest_word_in_ed_or_ing(texts):
    def looks_like_a_verb(text: str) -> bool:
        return len(text.strip()) >= 5 and text.strip().endswith(("ed", "ing"))

    def latest(seq):
        pairs = seq.where_text(looks_like_a_verb)[:, None] & seq.allowed.tril(-1)
        return seq.at(seq.latest(pairs))

    verbs = imitations(texts.values(), [PATTERNS["verb_of_object"]], [rule("latest_ed_or_ing", latest)])
    assert verbs["verb_of_object"][0][1] < 0.4


def test_the_wrong_ones_by_hand():
    batch = TokenBatch([sequence("S* ([opening0] a [[opening1] b ][closing1] c )[closing0] ([opening2] d )[closing2]")])
    wrong = contrast_of(PATTERNS["matching_bracket"], batch)[0]
    keys = {q: row.nonzero().flatten().tolist() for q, row in enumerate(wrong) if row.any()}
    assert keys == {5: [1], 7: [3], 10: [1, 3]}
    both_ways = TokenBatch(batch.sequences, causal=False)
    assert contrast_of(PATTERNS["matching_bracket"], both_ways)[0, 5].nonzero().flatten().tolist() == [1, 8]


def test_pieces_of_the_querys_own_word_are_not_wrong():
    said = sequence("S* 1[marker_before0] 0[marker_before0] . x ·1[marker0] 1[marker0] . y 3[marker_like0] ·1[marker1]")
    batch = TokenBatch([replace(said, roles={**said.roles, "marker:last": {6: 0}})])
    wrong = contrast_of(PATTERNS["list_marker"], batch)[0]
    assert not wrong[6].any(), "neither the marker before nor the first digit of its own"


def test_contrast_is_asked_for_where_there_is_none():
    batch = TokenBatch([sequence("S* a b")])
    with pytest.raises(HeadatlasError, match=r"Pattern 'induction' \(.*content\.py.*\) has no contrast\."):
        contrast_of(PATTERNS["induction"], batch)
    with pytest.raises(HeadatlasError, match=r"Pattern 'induction' .* must return a boolean tensor"):
        contrast_of(replace(PATTERNS["induction"], contrast=lambda seq: seq.tokens), batch)


def test_patterns_of_the_right_one_among_several_have_a_contrast():
    wanted = """name_mover subject_inhibition name_induction duplicate_name retrieval label_matching shot_labels
        matching_bracket matching_quote successor predecessor_in_order json_key_of_value header_of_cell table_column
        list_marker verb_of_object object_of_verb subject_of_verb verb_of_subject antecedent_of_pronoun same_indentation
        fuzzy_duplicate fuzzy_induction longer_prefix_induction"""
    assert set(wanted.split()) <= {pattern.name for pattern in CONTRASTED}


@pytest.mark.slow
@pytest.mark.parametrize("pattern", CONTRASTED, ids=lambda pattern: pattern.name)
def test_contrast_lies_beside_the_targets(texts, pattern):
    for causal in {not pattern.bidirectional, False}:
        batch = TokenBatch(texts[pattern.probe].sequences, causal=causal)
        targets, wrong = targets_of(pattern, batch), contrast_of(pattern, batch)
        assert not (targets & wrong).any()
        assert not (wrong & ~batch.allowed).any()
        # Of the same queries, or of others the same keys.
        elsewhere = wrong & ~targets.any(-1)[:, :, None]
        assert not (elsewhere.any(1) & ~targets.any(1)).any()
        assert not wrong.diagonal(0, 1, 2).any()
        share = (wrong.any(-1).sum() / targets.any(-1).sum()).item()
        assert share > 0.5, f"{pattern.name} has wrong ones on {share:.2f} of its queries"


@pytest.mark.parametrize("pattern", CONTRASTED, ids=lambda pattern: pattern.name)
def test_without_roles_nothing_is_wrong(pattern):
    batch = TokenBatch([sequence("S* the cat , the dog ; a cat . the end")])
    assert not contrast_of(pattern, batch).any()


@pytest.mark.slow
def test_latest_of_right_and_wrong_names_is_the_right_one_about_half_of_the_time(texts):
    """Or less often: where there is a choice, the nearest is no rule."""
    shares = {}
    for name in ("name_mover", "subject_inhibition", "duplicate_name", "name_induction", "retrieval", "label_matching",
                 "predecessor_in_order", "fuzzy_duplicate", "fuzzy_induction", "antecedent_of_pronoun"):  # fmt: skip
        pattern = PATTERNS[name]
        batch = TokenBatch(texts[pattern.probe].sequences)
        targets = targets_of(pattern, batch)
        latest = batch.latest(targets | contrast_of(pattern, batch))
        right = targets.gather(-1, latest.clamp(min=0)[..., None])[..., 0]
        shares[name] = (right.sum() / targets.any(-1).sum()).item()
    assert {name: round(share, 2) for name, share in shares.items() if share > 0.55 or math.isnan(share)} == {}
