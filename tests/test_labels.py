"""Labels on heads whose truth is known: mixtures by hand, heads composed for planting, a model built from weights."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import headatlas
from benchmarks.lost_and_won import reason
from benchmarks.planted import built
from benchmarks.planted.composed import Planted, plant_weak
from benchmarks.planted.measure import Setting, measure, target_patterns
from benchmarks.planted.settings import byte_level
from headatlas.cli.main import main
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.labels.calibration import FEATURES, Calibration, calibration
from headatlas.labels.confidence import LIKELY, elsewhere, features, passes_criteria, steady
from headatlas.labels.label import label
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.thresholds import MAX_CONFIDENCE
from headatlas.labels.unmixing import NO_GAIN, identical_patterns, unions, unmix
from headatlas.patterns.words import is_punctuation

# What perfect heads score: columns previous, noun (which often is the previous token), far.
NAMES = ("previous", "noun", "far")
OVERLAPS = np.array([[1.0, 0.5, 0.0], [0.6, 1.0, 0.1], [0.0, 0.1, 1.0]])
CHANCE = np.array([0.05, 0.04, 0.04])


def scores_of(
    strengths: np.ndarray, *, overlaps: np.ndarray = OVERLAPS, names: tuple[str, ...] = NAMES, chance=CHANCE, **changed
):
    """Scores off the sink of heads that mix the patterns' perfect heads, and look at nothing of interest otherwise."""
    n_heads, n = strengths.shape
    score = strengths @ overlaps.T
    values = dict(
        patterns=names, on_first=np.zeros(n, dtype=bool), score=score, ci_low=score - 0.02, half_a=score + 0.01,
        half_b=score - 0.01, mass=np.full((n_heads, n), 0.9), awake=np.ones((n_heads, n)),
        control=np.zeros((n_heads, n)), contrast_low=np.full((n_heads, n), np.nan), chance=chance,
        n_queries=np.full(n, 500.0), n_sequences=np.full(n, 50.0), overlaps=overlaps,
    )  # fmt: skip
    return ProbeScores(**{**values, **changed})


def test_mixtures_are_taken_apart():
    strengths = np.array([[0.8, 0, 0], [0, 0.5, 0], [0.4, 0.3, 0.2], [0, 0, 0]])
    unmixed = unmix(scores_of(strengths))
    np.testing.assert_allclose(unmixed.strength, strengths, atol=0.05)
    # A pure previous-token head scores .48 on nouns; all of it is explained, and by the right pattern.
    assert unmixed.explained[0, 1] == pytest.approx(0.48, abs=0.02)
    assert unmixed.explained_by[0][1] == "previous"
    assert unmixed.explained_by[1][0] == "noun"


def test_a_pattern_is_needed_where_nothing_else_would_explain_the_scores_as_well():
    follows = np.array([[0.8, 0, 0], [0.3, 0, 0], [0, 0, 0.3], [0, 0, 0.05]])
    needed = unmix(scores_of(follows)).needed
    assert needed[0, 0] > needed[1, 0] > 0, "the stronger, the more"
    assert needed[2, 2] > 1, "nothing else scores on far keys"
    assert needed[3, 2] == NO_GAIN, "too weak to ask"
    # As much on the token before, but half of what that looks at as a noun: by a rule that is neither pattern.
    rule = scores_of(follows[:1])
    rule.score[0] = [0.8, 0.1, 0.4]
    assert unmix(rule).needed[0, 0] < needed[0, 0] - 1


@pytest.mark.filterwarnings("error")
def test_nothing_is_known_of_a_head_that_spends_nothing_off_the_sink():
    follows = np.array([[0.8, 0, 0], [0.8, 0, 0]])
    scores = scores_of(follows)
    scores.mass[1] = 0
    scores.score[1] = [np.inf, np.nan, np.inf]  # what rounding leaves of it, over nothing
    unmixed = unmix(scores)
    np.testing.assert_array_equal(unmixed.strength[0], unmix(scores_of(follows)).strength[0])
    assert not unmixed.strength[1].any()
    assert (unmixed.needed[1] == NO_GAIN).all()


def test_irregular_attention_counts_against_a_window_and_not_against_one_distance():
    scores = scores_of(
        np.array([[0.3, 0.0], [0.0, 0.3]]), overlaps=np.eye(2), names=("fixed_offset_5", "local_window"),
        chance=np.full(2, 0.02),
    )  # fmt: skip
    scores.control[:] = 0.7 * scores.score  # all or nothing on each query: 0.3 * (1 - 0.3) over 0.3
    unmixed = unmix(scores)
    seen = dict(zip(FEATURES, features(scores, unmixed, elsewhere({"probe": scores})["probe"]).T, strict=True))
    score = scores.score
    np.testing.assert_allclose(seen["above_control"].diagonal(), [score[0, 0], 0.3 * score[1, 1]])
    np.testing.assert_allclose(seen["control_ratio"].diagonal(), [0, 0.7])
    np.testing.assert_allclose(seen["elsewhere"].diagonal(), [1, 0.3])
    scores.control[:] = scores.score
    np.testing.assert_array_equal(passes_criteria(scores, unmixed).diagonal(), [True, False])


@pytest.mark.parametrize("unlike", [False, True])
def test_weak_planted_heads_are_as_weak_as_a_label_may_claim(unlike):
    rng = np.random.default_rng(0)
    heads = plant_weak(rng, ["a", "b"], {"a": ["b"]}, 30, unlike=unlike)
    names, shares = [], []
    for head in heads:
        if head.strengths:
            name, *rest = head.strengths.values()
            used = name + sum(rest)
            assert used <= 1
            names.append(next(iter(head.strengths)))
            shares.append(name / (used + (1 - used) * (1 - head.sink)))
    assert names.count("a") == names.count("b") == 30
    assert any(len(head.strengths) == 2 for head in heads)
    assert min(shares) >= 0.25
    assert max(shares) <= 0.4
    assert np.ptp(shares) > 0.1


def test_a_union_is_needed_though_its_parts_could_stand_for_it():
    overlaps = np.eye(4)
    overlaps[3] = 1
    overlaps[:3, 3] = 1 / 3
    window = np.array([[0, 0, 0, 0.9]])
    names = ("current", "previous", "before", "window")
    assert unmix(scores_of(window, overlaps=overlaps, names=names, chance=np.full(4, 0.01))).needed[0, 3] > 1


def test_why_a_head_lacks_a_label():
    strengths = np.array([[0.8, 0, 0], [0.8, 0, 0], [0, 0, 0.2], [0.8, 0, 0]])
    control, contrast = np.zeros((4, 3)), np.full((4, 3), np.nan)
    contrast[0, 0], control[1, 0] = -0.1, 0.79
    scores = scores_of(strengths, control=control, contrast_low=contrast)
    unmixed = unmix(scores)
    reasons = [reason(scores, unmixed, head, name) for head, name in enumerate(("previous", "previous", "far"))]
    assert reasons == ["contrast", "control", "strength"]
    assert reason(scores, unmixed, 3, "noun") == "rival", "it stands on the token before, which is often the noun's"
    assert reason(scores, unmixed, 3, "previous") == "confidence", "all conditions hold"


def test_a_union_is_preferred_to_its_parts():
    # "window" is a third each of three others: 0.9 of it must not come out as three heads in one.
    overlaps = np.eye(4)
    overlaps[3] = 1
    overlaps[:3, 3] = 1 / 3
    names = ("current", "previous", "before", "window")
    heads = np.array([[0, 0, 0, 0.9], [0, 0.9, 0, 0]])
    unmixed = unmix(scores_of(heads, overlaps=overlaps, names=names, chance=np.full(4, 0.01)))
    np.testing.assert_allclose(unmixed.strength, heads, atol=0.03)


def test_habits_of_places_are_parts_of_looking_nearby_though_it_does_not_count_the_first_queries():
    # A head whose attention goes to the current token, the one before and three back, to none of them much, is local.
    names = ("current_token", "previous_token", "fixed_offset_3", "nearby_tokens")
    overlaps = np.eye(4)
    overlaps[3] = 1
    overlaps[:3, 3] = 1 / 9
    n_queries = np.array([500.0, 490.0, 470.0, 410.0])
    scores = scores_of(
        np.array([[0.2, 0.2, 0.2, 0.1], [0, 0.8, 0, 0]]), overlaps=overlaps, names=names, n_queries=n_queries,
        chance=np.array([0.02, 0.02, 0.02, 0.2]),
    )  # fmt: skip
    assert unions(scores) == {3: [0, 1, 2]}
    strength = unmix(scores).strength
    np.testing.assert_allclose(strength[:, 3], [0.7, 0], atol=0.06)
    assert strength[1, 1] == pytest.approx(0.8, abs=0.05), "who follows a part for its own sake keeps the part's name"


def test_patterns_that_are_the_same_on_a_text_share_the_earlier_label():
    overlaps = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    first = np.array([True, True, False])
    names = ("first_token", "special_token", "far")
    scores = scores_of(np.array([[0.8, 0, 0]]), overlaps=overlaps, names=names, on_first=first)
    assert identical_patterns(scores) == {"special_token": "first_token"}
    (only,) = label({"p": scores}, dict.fromkeys(scores.patterns, "p"))
    assert (only.label, only.basis) == ("first_token", "always")
    assert only.strength == pytest.approx(0.8 * 0.9, abs=0.05)


@pytest.mark.slow
def test_no_label_without_interval_halves_and_more_than_others_and_habits_explain():
    clear = scores_of(np.array([[0.8, 0, 0]]))
    assert passes_criteria(clear, unmix(clear)).tolist() == [[True, False, False]]
    for change in (
        {"ci_low": np.full((1, 3), 0.01)},
        {"half_b": np.full((1, 3), 0.03)},
        {"ci_low": np.full((1, 3), np.nan)},
        {"control": np.full((1, 3), 0.79)},  # its distances and favourite keys would score as much
        {"contrast_low": np.full((1, 3), -0.01)},  # wrong keys are looked at as much as right ones
        {"mass": np.full((1, 3), 0.004)},  # it hardly does anything but rest
    ):
        less = scores_of(np.array([[0.8, 0, 0]]), **change)
        assert not passes_criteria(less, unmix(less)).any()
        assert label({"p": less}, dict.fromkeys(NAMES, "p")) == []


def test_what_a_head_does_elsewhere_is_the_mean_over_other_probes_with_queries_enough():
    def probe(score: list[float], control: list[float], n_queries: float) -> ProbeScores:
        heads = np.array(score)[:, None]
        return scores_of(
            heads, overlaps=np.eye(1), names=("far",), chance=CHANCE[:1], score=heads,
            control=np.array(control)[:, None], n_queries=np.array([n_queries], float),
        )  # fmt: skip

    nan = float("nan")
    by_probe = {
        "own": probe([0.8, 0.8, 0.8], [0.4, 0.2, 0.0], 500),
        "text": probe([0.5, nan, 0.4], [0.1, nan, 0.4], 200),
        "list": probe([0.5, nan, 0.2], [0.3, nan, 0.0], 200),
        "rare": probe([0.9, 0.9, 0.9], [0.9, 0.9, 0.9], 20),
    }
    other = elsewhere(by_probe)
    # Means of 0.8 and 0.4, of nothing that is known (its own share stands for it), of 0 and 1.
    np.testing.assert_allclose(other["own"][:, 0], [0.6, 0.75, 0.5])
    # Of the probes beside a rare one all three count, and it counts for none of them.
    np.testing.assert_allclose(other["rare"][:, 0], [(0.5 + 0.8 + 0.4) / 3, 0.75, (1 + 0 + 1) / 3])
    alone = elsewhere({"own": by_probe["own"], "rare": by_probe["rare"]})
    np.testing.assert_allclose(alone["own"][:, 0], [0.5, 0.75, 1.0])


def test_what_is_explained_by_a_rival_gets_no_name_and_the_rival_is_none():
    overlaps = np.array([[1.0, 0.9], [0.9, 1.0]])
    scores = scores_of(np.array([[0.0, 0.9]]), overlaps=overlaps, names=("name_mover", "latest"), chance=CHANCE[:2])
    assert unmix(scores).explained_by[0][0] == "latest"
    assert label({"p": scores}, {"name_mover": "p"}) == []


def test_labels_are_ranked_and_read_on_the_own_probe():
    scores = scores_of(np.array([[0.4, 0, 0.5], [0, 0, 0.9]]))
    given = label({"p": scores, "other": scores}, {"previous": "p", "noun": "p", "far": "other"})
    assert [(row.head, row.label, row.rank) for row in given] == [(0, "far", 1), (0, "previous", 2), (1, "far", 1)]
    assert [row.probe for row in given] == ["other", "p", "other"]
    assert given[0].strength == pytest.approx(0.5 * 0.9, abs=0.02)


def test_of_two_labels_about_as_strong_the_order_of_the_patterns_decides():
    names, own = ("fuzzy_induction", "induction", "far"), {"fuzzy_induction": "p", "induction": "p"}
    firsts = [
        label({"p": scores_of(np.array([[fuzzy, plain, 0]]), names=names)}, own)[0].label
        for fuzzy, plain in ((0.45, 0.40), (0.40, 0.45), (0.9, 0.35))
    ]
    assert firsts == ["induction", "induction", "fuzzy_induction"]


def test_where_the_own_probe_was_not_run_another_one_is_read_and_said():
    scores = scores_of(np.array([[0.9, 0, 0]]))
    more = scores_of(np.array([[0.9, 0, 0]]), n_queries=np.full(3, 800.0))
    (only,) = label({"short": scores, "long": more}, dict.fromkeys(NAMES, "not run"))
    assert (only.label, only.probe) == ("previous", "long")


def test_a_claim_holds_always_or_of_what_a_head_does_awake():
    often = scores_of(np.array([[0.9, 0, 0]]))
    seldom = scores_of(np.array([[0.9, 0, 0]]), mass=np.full((1, 3), 0.1), awake=np.full((1, 3), 0.12))
    (always,), (awake,) = (label({"p": scores}, dict.fromkeys(NAMES, "p")) for scores in (often, seldom))
    assert always.basis == "always"
    assert (awake.basis, awake.awake) == ("awake", pytest.approx(0.12))
    assert awake.strength == pytest.approx(0.9, abs=0.03)
    hardly = scores_of(np.array([[0.9, 0, 0]]), mass=np.full((1, 3), 0.006), awake=np.full((1, 3), 0.01))
    (awake,) = label({"p": hardly}, dict.fromkeys(NAMES, "p"))
    assert (awake.label, awake.basis) == ("previous", "awake")


def test_resting_comes_last_whatever_else_there_is():
    first = np.array([True, False, False])
    names = ("first_token", "noun", "far")
    overlaps = np.eye(3)
    scores = scores_of(np.array([[0.95, 0.4, 0], [0.9, 0, 0]]), overlaps=overlaps, names=names, on_first=first)
    given = label({"p": scores}, dict.fromkeys(names, "p"))
    assert [(row.head, row.label) for row in given] == [(0, "noun"), (0, "first_token"), (1, "first_token")]


def test_confidence_grows_with_what_speaks_for_a_label_and_is_never_certain():
    model = calibration()
    rising = np.linspace(0, 1, 60)
    values = np.zeros((60, len(FEATURES)))
    for column, direction in enumerate(FEATURES.values()):
        values[:, column] = {1: rising, -1: 0.3 * (1 - rising), 0: 0.2}[direction]
    sure = model.confidence(values)
    assert (np.diff(sure) >= 0).all()
    assert sure[0] < 0.05
    assert 0.9 < sure[-1] <= MAX_CONFIDENCE


# One tree with one threshold: 0.27 or less off the strength, and more.
STEP = Calibration("1", 0.0, [[[list(FEATURES).index("strength"), 0.27, 1, 2], [-3.0], [3.0]]])


def sure_of(strength: float, width: float, model: Calibration = STEP) -> float:
    """How sure a claim of that strength is whose interval reaches so far down."""
    unmixed_scores = scores_of(np.array([[0.0, 0.0, strength]]), ci_low=np.array([[0.0, 0.0, strength - width]]))
    mixed = unmix(unmixed_scores)
    values = features(unmixed_scores, mixed, elsewhere({"p": unmixed_scores})["p"])[:, 2]
    values[:, list(FEATURES).index("strength")] = strength  # unmixing takes a little off
    [sure] = steady(model, values)
    return float(sure)


def test_a_head_near_a_threshold_does_not_jump_over_it():
    low, high = STEP.confidence(np.array([[0.2] * len(FEATURES), [0.3] * len(FEATURES)])).tolist()
    below, above = sure_of(0.26, 0.06), sure_of(0.28, 0.06)
    assert low < below < 0.5 < above < high
    assert above - below < (high - low) / 2
    # What the interval knows exactly is as sure as the trees say.
    assert (sure_of(0.26, 0.0), sure_of(0.28, 0.0)) == (pytest.approx(low), pytest.approx(high))
    rising = [sure_of(strength, 0.06) for strength in np.linspace(0.1, 0.5, 40)]
    assert (np.diff(rising) >= -1e-12).all()


def test_scores_that_a_head_may_have_as_well_have_the_features_they_would_have():
    scores = scores_of(np.array([[0.5, 0.1, 0.3]]), control=np.array([[0.1, 0.2, 0.05]]))
    mixed, other = unmix(scores), elsewhere({"p": scores})["p"]
    seen = []

    class Watching(Calibration):
        def confidence(self, values):
            seen.extend(values)
            return np.zeros(values.shape[:-1])

    steady(Watching("1", 0.0, []), features(scores, mixed, other)[0])
    assert len(seen) == len(LIKELY)
    for likely, values in zip(LIKELY, seen, strict=True):
        by = likely * 0.02 / 1.96
        moved = replace(scores, score=scores.score + by, ci_low=scores.ci_low + by)
        wanted = features(moved, replace(mixed, strength=mixed.strength + by), other)[0]
        np.testing.assert_allclose(values, wanted, atol=1e-9)


def test_calibration_file_is_plain_and_complete():
    model = Calibration("1", 0.5, [[[0, 0.25, 1, 2], [-1.0], [2.0]], [[0.5]]])
    again = Calibration.from_json(model.to_json())
    assert again == model
    values = np.zeros((2, len(FEATURES)))
    values[1, 0] = 0.3
    np.testing.assert_allclose(again.confidence(values), 1 / (1 + np.exp([0.0, -3.0])))
    with pytest.raises(KeyError):
        Calibration.from_json(json.dumps({"version": "1", "features": ["strength"], "bias": 0.5, "trees": []}))


def walked(model: Calibration, values: np.ndarray) -> float:
    """The confidence of one case, its trees walked from their roots."""
    logit = model.bias
    for tree in model.trees:
        node = tree[0]
        while len(node) > 1:
            feature, threshold, left, right = node
            node = tree[int(left if values[int(feature)] <= threshold else right)]
        logit += node[0]
    return float(np.clip(1 / (1 + np.exp(-logit)), 0, MAX_CONFIDENCE))


def test_confidence_is_what_walking_the_trees_gives():
    model, rng = calibration(), np.random.default_rng(0)
    thresholds = [node[1] for tree in model.trees for node in tree if len(node) > 1]
    values = rng.uniform(-0.2, 1.2, (300, len(FEATURES)))  # more than go through the trees together
    values = np.where(rng.random(values.shape) < 0.3, rng.choice(thresholds, values.shape), values)
    np.testing.assert_array_equal(model.confidence(values), [walked(model, case) for case in values])


def test_trees_may_have_eight_leaves():
    split = list(range(0, 18, 2))
    deep = [node for at in split[:-1] for node in ([0, at / 16, at + 1, at + 2], [float(at)])] + [[99.0]]
    with pytest.raises(ValueError, match="more than eight leaves"):
        Calibration("1", 0.0, [deep]).confidence(np.zeros((1, len(FEATURES))))
    whole = Calibration("1", 0.0, [[*deep[:14], [99.0]]])
    values = np.linspace(-0.1, 1.1, 40)[:, None] + np.zeros(len(FEATURES))
    np.testing.assert_array_equal(whole.confidence(values), [walked(whole, case) for case in values])


@pytest.fixture(scope="module")
def setting() -> Setting:
    tokenizer = byte_level(800, around=("<s>", ""))
    return Setting("test", Vocabulary(tokenizer, len(tokenizer)), 128, True)


@pytest.mark.slow
def test_composed_heads_get_their_labels_and_no_others(setting):
    def head(**strengths: float) -> Planted:
        return Planted(strengths, sink=0.6, uniform=0.2, steadiness=10.0, noise="smooth", sharpness=1.0)

    heads = [
        head(induction=0.6), head(determiner_of_noun=0.7), head(previous_token=0.9), head(retrieval=0.5),
        head(successor=0.5, previous_token=0.4), head(local_window=0.9), head(),
    ]  # fmt: skip
    patterns = target_patterns()
    measured = measure(setting, heads, patterns, seed=3)
    given = label(measured.scores, {pattern.name: pattern.probe for pattern in patterns})
    # Where they rest is not asked, nor whether they look nearby: what they do besides fades with distance.
    labels = [
        {row.label for row in given if row.head == number} - {"first_token", "nearby_tokens"}
        for number in range(len(heads))
    ]
    assert labels == [set(planted.strengths) for planted in heads]
    # What was planted is what is measured.
    column = [pattern.name for pattern in patterns].index("induction")
    assert measured.truth[0, column] == pytest.approx(0.6 / 0.76, abs=0.05), "off the sink"
    strength = next(row.strength for row in given if row.label == "induction")
    assert strength == pytest.approx(0.6, abs=0.05), "of all attention"


@pytest.fixture(scope="module")
def hand_built(tmp_path_factory):
    """A model whose every head is known, through the whole scan."""
    tokenizer = byte_level(400, around=("<s>", ""))
    vocabulary = Vocabulary(tokenizer, len(tokenizer))
    marks = np.array(
        [
            number not in vocabulary.special_ids and is_punctuation(vocabulary.text(number))
            for number in range(len(tokenizer))
        ]
    )
    bridge, truth = built.build(tokenizer, marks, n_context=96)
    path = tmp_path_factory.mktemp("built") / "heads.db"
    probes = ["natural_text", "repeated_random_tokens"]
    return path, headatlas.scan(bridge, db=path, name="built", probe_names=probes), truth


@pytest.mark.slow
def test_a_model_built_from_weights_is_labelled_as_built(hand_built):
    _, scan, truth = hand_built
    primary = scan.labels[scan.labels["rank"] == 1]
    assert {(row.layer, row.head): row.label for row in primary.itertuples()} == truth
    # Beside what they look for, the searching heads rest on the first token, as they were built to.
    assert set(scan.labels[scan.labels["rank"] > 1]["label"]) <= {"first_token"}
    assert (primary["confidence"] > 0.9).all()


@pytest.mark.slow
def test_labels_again_from_the_database_alone(hand_built, monkeypatch):
    path, scan, _ = hand_built
    before = scan.labels
    with sqlite3.connect(path) as db:
        map_before = db.execute("select * from head_map").fetchall()
        db.execute("delete from labels")
        db.execute("update scans set calibration = 'older'")
    result = CliRunner().invoke(main, ["label", "--db", str(path), "--csv"])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1].startswith("built,12,")
    assert scan.labels.equals(before)
    with sqlite3.connect(path) as db:
        assert db.execute("select * from head_map").fetchall() == map_before
    again = CliRunner().invoke(main, ["label", "--db", str(path)])
    assert "up to date" in again.stderr


@pytest.mark.slow
def test_heads_by_label(hand_built):
    path, _, _ = hand_built
    result = CliRunner().invoke(main, ["heads", "built", "--label", "induction", "--db", str(path), "--json"])
    (row,) = json.loads(result.stdout)
    assert (row["layer"], row["head"], row["pattern"], row["label"]) == (1, 0, "induction", "induction")
    assert row["confidence"] > 0.9
    table = CliRunner().invoke(main, ["heads", "built", "--label", "induction", "--db", str(path)], terminal_width=80)
    assert "confidence" in table.stdout
    nobody = CliRunner().invoke(main, ["heads", "--label", "comma", "--db", str(path), "--csv"])
    assert (nobody.exit_code, len(nobody.stdout.splitlines())) == (0, 1)
    unknown = CliRunner().invoke(main, ["heads", "--label", "inducton", "--db", str(path)])
    assert unknown.exit_code == 1
    assert "induction" in unknown.output


@pytest.mark.slow
def test_label_says_what_is_wrong(tmp_path, hand_built):
    path, _, _ = hand_built
    for arguments, words in (
        (["label", "--db", str(tmp_path / "none.db")], "There is no database"),
        (["label", "nobody", "--db", str(path)], "no finished scan of 'nobody'"),
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 1
        assert words in result.output
    old = tmp_path / "old.db"
    old.write_bytes(path.read_bytes())
    with sqlite3.connect(old) as db:
        db.execute("delete from overlaps")
    result = CliRunner().invoke(main, ["label", "--recompute", "--db", str(old)])
    assert result.exit_code == 1
    assert "--force" in result.output
