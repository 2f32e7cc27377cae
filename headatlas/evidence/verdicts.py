"""What a head looks like and what its evidence says, in a sentence. No torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from headatlas.evidence.checks import Check, checks
from headatlas.evidence.types import REGION_LOSS
from headatlas.evidence.weight_words import given_words, listed
from headatlas.labels.thresholds import HIGH_CONFIDENCE
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES, natural_probes
from headatlas.probes.metrics import ABLATIONS, ACCURACY, LEAD, LOSS, Metric

# What taking a head out changes, the measures by which labels are judged.
_EFFECTS = (*ABLATIONS, REGION_LOSS)
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
    UNSEEN: "a head that is said to rest, or one without a label, and yet it is missed more than "
    f"{NOTABLE:.0f}% of the heads on some probe: it does what no pattern shows",
    UNTESTED: "the head was not removed, or nothing was scored where its pattern would be felt",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of evidence about one head; `probe` is None, and there is no interval, for evidence from the weights.

    `percentile` goes by the value. `rank` is the one that people are shown: of effects it goes by size, whatever the
    sign, of weights by value. What is not `exact` is an estimate to first order, without an interval.
    """

    type: str
    probe: str | None
    basis: str
    unit: str
    value: float
    low: float | None
    high: float | None
    percentile: float | None
    intact: float | None
    rank: float | None = None
    exact: bool = True


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
    if _clear(line) and line.value > 0 and _rank(line) >= LARGE:
        if not unspecific:
            return _checked(label, f"{looks}; {does}", line.probe, checks(line, lines, others))
        return Verdict(label, MATTERS, None, f"{looks}; {does}, whatever it is needed for there.", line.probe)
    if unspecific and largest is not None:
        text = f"{looks}; {effect_in_words(largest)}, though {does.replace('removing it ', 'it ')}."
        return Verdict(label, MATTERS, None, text, line.probe)
    if not _clear(line):
        text = f"{looks}, but {does}: a picture, not shown to be a mechanism."
        return Verdict(label, PICTURE, False, text, line.probe)
    if line.value < 0:
        return Verdict(label, AGAINST, False, f"{looks}, but {does}: it works against what it looks at.", line.probe)
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
            sentences.append(f"Its keys read the output of the {_hyphened(pattern)} head{several} {listed(heads)}.")
    return sentences


def _direct_in_words(line: Line) -> str | None:
    """What a head adds to the logits directly, where that is much, or next to nothing."""
    probe = (line.probe or "").replace("_", " ")
    if _clear(line) and _rank(line) >= LARGE:
        verb, preposition = ("adds", "to") if line.value > 0 else ("takes", "from")
        return (
            f"Straight to the logits it {verb} {_number(abs(line.value))} {preposition} the right token on {probe} "
            f"({_rank_in_words(line)})."
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
    scores, ranks = [line.value for line in known], [_rank(line) for line in known]
    shown = f"copying score {' and '.join(f'{score:.2f}' for score in scores)}"
    if min(scores) > COPIES:
        unlike_others = "" if min(ranks) >= COPIES_MORE else " no more than those of most heads do"
        return [f"Its output weights copy what it attends to{unlike_others} ({shown})."]
    if max(scores) < -COPIES:
        unlike_others = "" if max(ranks) <= 100 - COPIES_MORE else " no more than those of most heads do"
        return [f"Its output weights suppress what it attends to{unlike_others} ({shown})."]
    return [f"Its output weights do not clearly copy ({shown})."]


def tested_on(probe: str | None, probes: Collection[str | None]) -> str | None:
    """Of the probes on which heads were removed, the one that tests a pattern whose own probe is `probe`.

    That is the probe itself, else the nearest to it, else natural text.
    """
    own = PROBES.get(probe)
    candidates = (probe, own.nearest if own is not None else None, *natural_probes())
    return next((name for name in candidates if name and name in probes), None)


def effect_on(probe: str | None, lines: Sequence[Line]) -> Line | None:
    """The ablation that tests a pattern of this probe, in the measure that counts first there."""
    ablations = [line for line in lines if line.type in _EFFECTS]
    tested = tested_on(probe, {line.probe for line in ablations})
    there = [line for line in ablations if line.probe == tested]
    return next((line for line in there if _counts_first(line)), there[0] if there else None)


def effect_in_words(line: Line) -> str:
    """ "removing it raises loss on repeats by 0.42 (more than 99% of heads)"."""
    what = measure(line)
    if not line.exact:
        unit = " logits" if line.type == LEAD else ""
        size = _number(abs(line.value))
        return f"removing it is estimated to change {what} by about {size}{unit}, which was not measured"
    # A lead or an accuracy falls when the model gets worse, a loss rises.
    worse, better = ("raises", "lowers") if line.type in (LOSS, REGION_LOSS) else ("lowers", "raises")
    if not _clear(line):
        where = f" (95% interval {_interval(line.low, line.high)})" if line.low is not None else ""
        return f"removing it does not measurably change {what}{where}"
    verb = worse if line.value > 0 else better
    unit = " logits" if line.type == LEAD else ""
    return f"removing it {verb} {what} by {_number(abs(line.value))}{unit} ({_rank_in_words(line)})"


def measure(line: Line) -> str:
    """What an ablation changes, in words."""
    metric = _metric(line)
    if metric is not None and metric.measure and _counts_first(line):
        return metric.measure
    if line.type == REGION_LOSS:
        return "the loss inside the things that are drawn"
    names = {LOSS: "loss", LEAD: "the right token's lead", ACCURACY: "accuracy"}
    return f"{names.get(line.type, line.type.replace('_', ' '))} on {(line.probe or '').replace('_', ' ')}"


def _metric(line: Line) -> Metric | None:
    probe = PROBES.get(line.probe)
    return None if probe is None else probe.metric


def _counts_first(line: Line) -> bool:
    """Whether it is what counts first on a probe that has a measure of its own."""
    metric = _metric(line)
    return line.type == REGION_LOSS or (metric is not None and metric.types[0] == line.type)


def head_in_words(pattern: str) -> str:
    """ "an induction head", "a previous-token head"."""
    words = _hyphened(pattern)
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words} head"


def _hyphened(pattern: str) -> str:
    return pattern.replace("_", "-")


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
        if not any(line.exact and line.type in _EFFECTS for line in lines):
            text = "Carries no label, and removing it changes nothing much: so it is estimated, not measured."
        return Verdict(None, QUIET, None, text, None)
    if any(line.type in _EFFECTS for line in lines):
        text = "Carries no label, and removing it changes nothing much that was measured."
        return Verdict(None, QUIET, True, text, None)
    return Verdict(None, UNTESTED, None, "Carries no label; what it causes was not measured.", None)


def _largest(lines: Sequence[Line]) -> Line | None:
    """The clear effect, among the measures that count first, that ranks highest; None where none is notable."""
    known = [line for line in lines if _counts_first(line) and _clear(line)]
    best = max(known, key=_rank, default=None)
    return best if best is not None and _rank(best) >= NOTABLE else None


def _clear(line: Line) -> bool:
    """Whether the interval leaves zero out."""
    return line.low is not None and line.high is not None and (line.low > 0 or line.high < 0)


def _rank(line: Line) -> float:
    """Percent of the other heads with a smaller effect; 50 where not known."""
    return 50.0 if line.rank is None else line.rank


def _rank_in_words(line: Line) -> str:
    rank = _rank(line)
    return "more than any other head" if rank >= 100 else f"more than {shown_rank(rank)} of heads"


def shown_rank(rank: float) -> str:
    """A rank in percent, rounded down, so that "more than" holds: "98%"."""
    return f"{int(rank)}%"


def _number(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def _interval(low: float, high: float | None) -> str:
    """Two significant digits of the end that is further from zero."""
    ends = (low, low if high is None else high)
    decimals = max(0, 1 - math.floor(math.log10(max(map(abs, ends)) or 1)))
    return " to ".join(f"{round(end, decimals) + 0.0:.{decimals}f}" for end in ends)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
