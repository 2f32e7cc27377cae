"""What a head looks like and what its evidence says, in a sentence. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from headatlas.evidence.words.checks import Check, checks
from headatlas.evidence.words.effect_words import (
    EFFECTS,
    Line,
    counts_first,
    effect_in_words,
    effect_on,
    head_in_words,
    hyphened,
    is_clear,
    number_in_words,
    rank_in_words,
    rank_of,
)
from headatlas.evidence.words.weight_words import given_words, listed
from headatlas.labels.thresholds import HIGH_CONFIDENCE
from headatlas.patterns import PATTERNS
from headatlas.probes import natural_probes

# An effect at least as large as that of this share of the heads, in percent, is called large.
LARGE = 90.0
# The same where all probes are searched for the largest effect, which chance alone makes larger.
NOTABLE = 95.0
# Copying scores further from 0 than this are named, if they also lie further out than those of this share of the
# heads, in percent: where most heads of a model copy, that a head does says nothing of it.
COPIES = 0.25
COPIES_MORE = 50.0
# Direct effects, in logits, smaller than this are called next to nothing.
SMALL = 0.05
# Verdicts on a label: what picture and cause say of each other.
MECHANISM, UNCONFIRMED, MATTERS, WEAK, PICTURE, AGAINST, QUIET, UNSEEN, UNTESTED = (
    "mechanism", "not confirmed", "matters", "little effect", "picture only", "works against it", "at rest", "unseen",
    "not tested",
)  # fmt: skip
# What each says, for those who read one.
MEANINGS = {
    MECHANISM: "the model gets clearly worse without the head on the texts that the pattern is read on, and more so "
    f"than without {LARGE:.0f}% of the heads: what the map shows is used",
    UNCONFIRMED: "the same, but something speaks against it: the effect is not clear on prompts that the head was not "
    "chosen on, or it takes from the right token straight at the logits, or another head of its layer, on average, is "
    "missed as much. Of a mechanism none of the three is so, as far as each was measured",
    MATTERS: "as a mechanism, but on natural text, where nothing tells that it is this pattern that is missed; or text "
    "does not feel the removal, and another probe does",
    WEAK: "the model gets clearly worse, but no more than without many another head",
    PICTURE: "the interval of the effect holds zero: the map looks like the pattern, and nothing shows that the model "
    "uses it, which does not show that it does not",
    AGAINST: "the model gets clearly better without the head",
    QUIET: "a head that rests, or one without a label, and it is not missed: nothing is expected of it",
    UNSEEN: "a head that is said to rest, or one without a label, and yet its removal changes more than that of "
    f"{NOTABLE:.0f}% of the heads on some probe: it does what no pattern shows",
    UNTESTED: "the head was not removed, or nothing was scored where its pattern would be felt",
}


@dataclass(frozen=True)
class Verdict:
    """What cause says of one label (None: of a head without any).

    `sentence` is for people, `verdict` for badges and programs; `agrees` is False where picture and cause disagree,
    None where the cause does not tell; `probe` is where the label was tested, None where it was not. `checks` are what
    else was looked at before it was called a mechanism.
    """

    label: str | None
    verdict: str
    agrees: bool | None
    sentence: str
    probe: str | None
    checks: tuple[Check, ...] = ()


def describe(
    label: str | None,
    confidence: float | None,
    probe: str | None,
    lines: Sequence[Line],
    *,
    primary: bool = True,
    others: Callable[[Line, str], Sequence[float]] = lambda line, label: (),
) -> Verdict:
    """The verdict on one label of a head.

    Args:
        label: the label, None for a head that carries none.
        confidence: of the label; None where it is not known.
        probe: the probe the pattern is meant for; see `tested_on` for where nothing is scored on that probe.
        lines: all evidence about the head.
        primary: whether it is the head's first label.
        others: gives the same effect of the other heads of the layer that do not carry a label.
    """
    if label is None:
        return _without_label(lines)
    looks = _looks(label, confidence)
    line = effect_on(probe, lines)
    if line is None:
        return Verdict(label, UNTESTED, None, f"{looks}; what it causes was not measured.", None)
    if is_resting(label):
        return _at_rest(label, looks, line, _largest(lines), primary)
    if not line.exact:  # labelled since, so that nobody knew that it should be measured
        return Verdict(label, UNTESTED, None, f"{looks}; {effect_in_words(line)}.", None)
    return _at_work(label, looks, line, lines, others(line, label))


def is_resting(label: str) -> bool:
    """Whether a head with this label rests, so that nothing is expected to change without it."""
    pattern = PATTERNS.get(label)
    return pattern is not None and pattern.resting


def _at_rest(label: str, looks: str, line: Line, largest: Line | None, primary: bool) -> Verdict:
    """The verdict on a label that says that a head rests; `line` is its effect on the label's probe."""
    if not primary:
        return Verdict(label, QUIET, None, f"{looks} too: that says where it rests, not what it does.", line.probe)
    if largest is not None:
        text = f"{looks}, but {effect_in_words(largest)}: it does more than rest."
        return Verdict(label, UNSEEN, False, text, largest.probe)
    if not line.exact:
        text = f"{looks}; removing it changes nothing much, as of a head at rest: so it is estimated, not measured."
        return Verdict(label, QUIET, None, text, line.probe)
    text = f"{looks}; removing it changes nothing much that was measured, as of a head at rest."
    return Verdict(label, QUIET, True, text, line.probe)


def _at_work(label: str, looks: str, line: Line, lines: Sequence[Line], others: Sequence[float]) -> Verdict:
    """The verdict on any other label; `others` are effects of other heads of the layer."""
    largest = _largest(lines)
    does = effect_in_words(line)
    unspecific = line.probe in natural_probes()  # there, no effect tells which of the head's patterns it comes from
    if is_clear(line) and line.value > 0 and rank_of(line) >= LARGE:
        if not unspecific:
            return _checked(label, f"{looks}; {does}", line.probe, checks(line, lines, others))
        return Verdict(label, MATTERS, None, f"{looks}; {does}, whatever it is needed for there.", line.probe)
    if unspecific and largest is not None and largest is not line and largest.value > 0:
        link = "and" if is_clear(line) and line.value > 0 else "though"
        text = f"{looks}; {effect_in_words(largest)}, {link} {does.replace('removing it ', 'it ')}."
        return Verdict(label, MATTERS, None, text, line.probe)
    if not is_clear(line):
        text = f"{looks}, but {does}: a picture, not shown to be a mechanism."
        return Verdict(label, PICTURE, False, text, line.probe)
    if line.value < 0:
        better = "the model does better without it" if unspecific else "it works against what it looks at"
        return Verdict(label, AGAINST, False, f"{looks}, but {does}: {better}.", line.probe)
    return Verdict(label, WEAK, None, f"{looks}; {does}: little, beside other heads.", line.probe)


def _checked(label: str, missed: str, probe: str | None, looked_at: tuple[Check, ...]) -> Verdict:
    """Mechanism where nothing that was measured speaks against it."""
    against = [check.sentence for check in looked_at if check.holds is False]
    if against:
        return Verdict(label, UNCONFIRMED, None, f"{missed}, but {', and '.join(against)}.", probe, looked_at)
    return Verdict(label, MECHANISM, True, f"{missed}.", probe, looked_at)


def besides(
    verdicts: Sequence[Verdict], lines: Sequence[Line], built_on: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """What else is known of a head, in sentences: its largest effect elsewhere, its weights, what it is built on.

    `built_on` are names of earlier heads whose output its keys read, strongest first, by the pattern they follow.
    """
    sentences = []
    largest = _largest(lines)
    if largest is not None:
        effect = effect_in_words(largest)
        if not any(effect.removeprefix("removing it ") in verdict.sentence for verdict in verdicts):
            sentences.append(_sentence(effect))
    tested = {verdict.probe for verdict in verdicts if verdict.verdict == MECHANISM}
    direct = [line for line in lines if line.type == "direct_logit" and line.probe in tested]
    sentences += [said for said in map(_direct_in_words, direct) if said]
    patterns = [PATTERNS.get(verdict.label) for verdict in verdicts]
    if any(pattern is not None and pattern.copies for pattern in patterns):
        sentences += _copying(lines)
    sentences += given_words({line.type: line.value for line in lines if line.probe is None})
    for pattern, heads in (built_on or {}).items():
        if heads:
            several = "s" if len(heads) > 1 else ""
            sentences.append(f"Its keys read the output of the {hyphened(pattern)} head{several} {listed(heads)}.")
    return sentences


def _direct_in_words(line: Line) -> str | None:
    """What a head adds to the logits directly, where that is much, or next to nothing."""
    probe = (line.probe or "").replace("_", " ")
    if is_clear(line) and rank_of(line) >= LARGE:
        verb, preposition = ("adds", "to") if line.value > 0 else ("takes", "from")
        return (
            f"Straight to the logits it {verb} {number_in_words(abs(line.value))} {preposition} the right token on "
            f"{probe} ({rank_in_words(line)})."
        )
    if abs(line.value) < SMALL:
        return f"Straight to the logits it adds next to nothing on {probe}: it works through later layers."
    return None


def _copying(lines: Sequence[Line]) -> list[str]:
    """Whether the output weights copy, on tokens as embedded and as the first feed-forward layer leaves them."""
    by_type = {line.type: line for line in lines if line.probe is None}
    known = [by_type[name] for name in ("ov_copying", "ov_copying_after_mlp") if name in by_type]
    if not known:
        return []
    scores, ranks = [line.value for line in known], [rank_of(line) for line in known]
    shown = f"copying score {' and '.join(f'{score:.2f}' for score in scores)}"
    if min(scores) > COPIES:
        unlike_others = "" if min(ranks) >= COPIES_MORE else " no more than those of most heads do"
        return [f"Its output weights copy what it attends to{unlike_others} ({shown})."]
    if max(scores) < -COPIES:
        unlike_others = "" if max(ranks) <= 100 - COPIES_MORE else " no more than those of most heads do"
        return [f"Its output weights suppress what it attends to{unlike_others} ({shown})."]
    return [f"Its output weights do not clearly copy ({shown})."]


def _looks(label: str, confidence: float | None) -> str:
    sure = confidence is None or confidence >= HIGH_CONFIDENCE
    return f"Looks like {head_in_words(label)}" if sure else f"Perhaps {head_in_words(label)} ({confidence:.2f})"


def _without_label(lines: Sequence[Line]) -> Verdict:
    """A head without a label: silent too, or doing something that no pattern shows."""
    line = _largest(lines)
    if line is not None:
        text = f"Carries no label, yet {effect_in_words(line)}: the pictures miss what it does."
        return Verdict(None, UNSEEN, False, text, line.probe)
    if any(not line.exact for line in lines):
        text = (
            "Carries no label, and removing it changes nothing much: so it is measured on some probes, else estimated."
        )
        if not any(line.exact and line.type in EFFECTS for line in lines):
            text = "Carries no label, and removing it changes nothing much: so it is estimated, not measured."
        return Verdict(None, QUIET, None, text, None)
    if any(line.type in EFFECTS for line in lines):
        text = "Carries no label, and removing it changes nothing much that was measured."
        return Verdict(None, QUIET, True, text, None)
    return Verdict(None, UNTESTED, None, "Carries no label; what it causes was not measured.", None)


def _largest(lines: Sequence[Line]) -> Line | None:
    """The clear effect, among the measures that count first, that ranks highest; None where none is notable."""
    known = [line for line in lines if is_clear(line) and counts_first(line)]
    best = max(known, key=rank_of, default=None)
    return best if best is not None and rank_of(best) >= NOTABLE else None


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
