"""What is said of a label, given what was measured: every verdict, by example."""

from __future__ import annotations

import pytest

from headatlas.evidence.words.effect_words import Line, head_in_words
from headatlas.evidence.words.verdicts import besides, describe

REPEATS, TEXT, NAMES = "repeated_random_tokens", "natural_text", "indirect_object"


def loss(value, low, high, percentile, probe=REPEATS):
    rank = percentile if value >= 0 else 100 - percentile
    return Line("ablation_loss", probe, "causes", "nats", value, low, high, percentile, 3.0, rank)


def weights(name, value, rank=None):
    rank = (90.0 if value > 0 else 10.0) if rank is None else rank
    return Line(name, None, "weights", "share", value, None, None, rank, None, rank)


NOTHING = loss(0.0, -0.002, 0.0014, 50.0, TEXT)
LARGE = loss(0.42, 0.3, 0.5, 99.6)
SMALL = loss(0.01, 0.005, 0.02, 60.0)
LEAD = Line("ablation_logit_difference", NAMES, "causes", "logits", 1.5, 1.0, 2.0, 98.0, 4.0, 98.0)


@pytest.mark.parametrize(
    ("label", "confidence", "probe", "lines", "verdict", "agrees", "sentence"),
    [
        ("induction", 0.99, REPEATS, [LARGE], "mechanism", True,
         "Looks like an induction head; removing it raises loss on repeats by 0.42 (more than 99% of heads)."),
        ("induction", 0.62, REPEATS, [LARGE], "mechanism", True,
         "Perhaps an induction head (0.62); removing it raises loss on repeats by 0.42 (more than 99% of heads)."),
        ("induction", 0.99, REPEATS, [SMALL, LEAD], "little effect", None,
         "Looks like an induction head; removing it raises loss on repeats by 0.01 (more than 60% of heads): little, "
         "beside other heads."),
        ("induction", 0.99, REPEATS, [loss(0.01, -0.03, 0.12, 75.0), LEAD], "picture only", False,
         "Looks like an induction head, but removing it does not measurably change loss on repeats (95% interval "
         "-0.03 to 0.12): a picture, not shown to be a mechanism."),
        ("induction", 0.99, REPEATS, [loss(-0.2, -0.3, -0.1, 1.0)], "works against it", False,
         "Looks like an induction head, but removing it lowers loss on repeats by 0.20 (more than 99% of heads): it "
         "works against what it looks at."),
        ("name_mover", 0.99, NAMES, [LEAD], "mechanism", True,
         "Looks like a name-mover head; removing it lowers the lead of the right name by 1.50 logits (more than 98% "
         "of heads)."),
        # On text an effect does not tell which pattern it comes from.
        ("previous_token", 0.99, TEXT, [loss(0.03, 0.02, 0.04, 95.0, TEXT)], "matters", None,
         "Looks like a previous-token head; removing it raises loss on text by 0.03 (more than 95% of heads), whatever "
         "it is needed for there."),
        ("previous_token", 0.99, TEXT, [NOTHING, LARGE], "matters", None,
         "Looks like a previous-token head; removing it raises loss on repeats by 0.42 (more than 99% of heads), "
         "though it does not measurably change loss on text (95% interval -0.0020 to 0.0014)."),
        ("previous_token", 0.99, TEXT, [loss(0.018, 0.01, 0.03, 81.0, TEXT), LARGE], "matters", None,
         "Looks like a previous-token head; removing it raises loss on repeats by 0.42 (more than 99% of heads), and "
         "it raises loss on text by 0.018 (more than 81% of heads)."),
        ("nearby_tokens", 0.99, TEXT, [loss(-0.07, -0.1, -0.05, 1.0, TEXT)], "works against it", False,
         "Looks like a nearby-tokens head, but removing it lowers loss on text by 0.07 (more than 99% of heads): the "
         "model does better without it."),
        ("nearby_tokens", 0.99, TEXT, [NOTHING, loss(-0.2, -0.3, -0.1, 1.0)], "picture only", False,
         "Looks like a nearby-tokens head, but removing it does not measurably change loss on text (95% interval "
         "-0.0020 to 0.0014): a picture, not shown to be a mechanism."),
        # Nothing is scored on the pattern's own probe: the nearest, and then text.
        ("longer_prefix_induction", 0.99, "ambiguous_repeats", [NOTHING, LARGE], "mechanism", True,
         "Looks like a longer-prefix-induction head; removing it raises loss on repeats by 0.42 (more than 99% of "
         "heads)."),
        ("fuzzy_induction", 0.99, "word_variants", [NOTHING, SMALL], "picture only", False,
         "Looks like a fuzzy-induction head, but removing it does not measurably change loss on text (95% interval "
         "-0.0020 to 0.0014): a picture, not shown to be a mechanism."),
        ("first_token", 0.99, TEXT, [NOTHING, SMALL], "at rest", True,
         "Looks like a first-token head; removing it changes nothing much that was measured, as of a head at rest."),
        ("first_token", 0.99, TEXT, [NOTHING, LARGE], "unseen", False,
         "Looks like a first-token head, but removing it raises loss on repeats by 0.42 (more than 99% of heads): it "
         "does more than rest."),
        ("first_token", 0.99, TEXT, [NOTHING, loss(-0.2, -0.3, -0.1, 1.0)], "unseen", False,
         "Looks like a first-token head, but removing it lowers loss on repeats by 0.20 (more than 99% of heads): it "
         "does more than rest."),
        (None, None, None, [NOTHING, SMALL], "at rest", True,
         "Carries no label, and removing it changes nothing much that was measured."),
        (None, None, None, [NOTHING, LARGE], "unseen", False,
         "Carries no label, yet removing it raises loss on repeats by 0.42 (more than 99% of heads): the pictures miss "
         "what it does."),
        (None, None, None, [weights("ov_copying", 0.9)], "not tested", None,
         "Carries no label; what it causes was not measured."),
        ("induction", 0.99, REPEATS, [weights("ov_copying", 0.9)], "not tested", None,
         "Looks like an induction head; what it causes was not measured."),
    ],
)  # fmt: skip
def test_every_verdict(label, confidence, probe, lines, verdict, agrees, sentence):
    said = describe(label, confidence, probe, lines)
    assert (said.label, said.verdict, said.agrees, said.sentence) == (label, verdict, agrees, sentence)


def test_a_second_label_says_where_a_head_rests():
    said = describe("first_token", 0.99, TEXT, [NOTHING, LARGE], primary=False)
    assert (said.verdict, said.agrees) == ("at rest", None)
    assert said.sentence == "Looks like a first-token head too: that says where it rests, not what it does."


def test_what_else_is_said_of_a_head():
    direct = Line("direct_logit", REPEATS, "causes", "logits", 2.0, 1.0, 3.0, 97.0, None, 97.0)
    lines = [LARGE, NOTHING, direct, weights("ov_copying", 0.9), weights("ov_copying_after_mlp", 0.56)]
    verdicts = [describe("induction", 0.99, REPEATS, lines), describe("fuzzy_induction", 0.99, "word_variants", lines)]
    assert besides(verdicts, lines, {"previous_token": ["L1H2", "L0H0"], "duplicate_token": ["L0H3"]}) == [
        "Straight to the logits it adds 2.00 to the right token on repeated random tokens (more than 97% of heads).",
        "Its output weights copy what it attends to (copying score 0.90 and 0.56).",
        "Its keys read the output of the previous-token heads L1H2 and L0H0.",
        "Its keys read the output of the duplicate-token head L0H3.",
    ]
    for scores, words in (((-0.9, -0.4), "suppress what it attends to"), ((0.6, -0.3), "do not clearly copy")):
        lines = [LARGE, weights("ov_copying", scores[0]), weights("ov_copying_after_mlp", scores[1])]
        (said,) = besides([describe("induction", 0.99, REPEATS, lines)], lines)
        assert said == f"Its output weights {words} (copying score {scores[0]:.2f} and {scores[1]:.2f})."
    # Where most heads copy more, that this one does is no news.
    lines = [LARGE, weights("ov_copying", 0.9), weights("ov_copying_after_mlp", 0.3, 47.0)]
    (said,) = besides([describe("induction", 0.99, REPEATS, lines)], lines)
    assert said == (
        "Its output weights copy what it attends to no more than those of most heads do (copying score 0.90 and 0.30)."
    )
    # The largest effect is told where no label's sentence has told it.
    lines = [loss(0.01, -0.03, 0.12, 75.0), LEAD]
    (said,) = besides([describe("induction", 0.99, REPEATS, lines)], lines)
    assert said == "Removing it lowers the lead of the right name by 1.50 logits (more than 98% of heads)."


def test_names_of_heads():
    assert head_in_words("induction") == "an induction head"
    assert head_in_words("subject_of_verb") == "a subject-of-verb head"


def test_what_this_installation_does_not_have_is_told_without_its_facts():
    """Labels and probes of a plug-in that is not here, in a database from elsewhere."""
    elsewhere = loss(0.42, 0.3, 0.5, 99.6, probe="somebody_elses")
    said = describe("a_plugin_s", 0.99, "somebody_elses", [elsewhere])
    assert (said.verdict, said.agrees) == ("mechanism", True)
    assert said.sentence == (
        "Looks like an a-plugin-s head; removing it raises loss on somebody elses by 0.42 (more than 99% of heads)."
    )
    # It says nothing of copying, and no effect elsewhere is named, as nobody knows what counts first there.
    assert besides([describe("a_plugin_s", 0.99, REPEATS, [elsewhere])], [elsewhere, weights("ov_copying", 0.9)]) == []


def held_out(value, low, high):
    return Line("held_out_effect", REPEATS, "causes", "nats", value, low, high, None, None)


def direct(value, low, high):
    return Line("direct_logit", REPEATS, "causes", "logits", value, low, high, 50.0, None, 50.0)


@pytest.mark.parametrize(
    ("more", "others", "holds", "reason"),
    [
        ([], [], [None, None, None], ""),
        ([held_out(0.4, 0.2, 0.5), direct(0.3, 0.2, 0.4)], [0.1, 0.2], [True, True, True], ""),
        ([held_out(0.4, 0.2, 0.5), direct(0.0, -0.1, 0.1)], [0.1], [True, None, True], ""),
        ([held_out(0.1, -0.2, 0.5)], [0.1], [False, None, True],
         "on prompts that it was not chosen on the effect, 0.1, is not clear"),
        ([direct(-0.3, -0.4, -0.2)], [0.1], [None, False, True],
         "straight to the logits it takes 0.3 from the right token"),
        ([held_out(0.4, 0.2, 0.5)], [0.2, 0.6], [True, None, False],
         "another head of its layer is missed by 0.4 on average, within its interval"),
        # On another probe it says nothing of this one.
        ([Line("held_out_effect", TEXT, "causes", "nats", -1, -2, 0, None, None)], [], [None, None, None], ""),
    ],
)  # fmt: skip
def test_a_mechanism_has_to_stand_more_than_a_missed_head(more, others, holds, reason):
    said = describe("induction", 0.99, REPEATS, [LARGE, *more], others=lambda line, label: others)
    assert [check.holds for check in said.checks] == holds
    assert (said.verdict, said.agrees) == (("not confirmed", None) if reason else ("mechanism", True))
    assert said.sentence.endswith(f"(more than 99% of heads){f', but {reason}' if reason else ''}.")
    for check in said.checks:
        assert check.holds is not None or "Not measured" in check.sentence or "nothing clear" in check.sentence
