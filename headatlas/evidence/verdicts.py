"""What a head looks like and what its evidence says, in a sentence. No torch."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# An effect at least as large as that of this share of the heads, in percent, is called large.
LARGE = 90.0
# The same where all probes are searched for the largest effect, which chance alone makes larger.
NOTABLE = 95.0
# Copying scores further from 0 than this are named.
COPIES = 0.25
# Heads of these kinds rest, or hold still: removing one is expected to change little.
RESTING = frozenset({"first_token", "special_token"})
# Heads of these kinds should copy what they attend to.
COPYING = frozenset(
    {"induction", "longer_prefix_induction", "fuzzy_induction", "name_mover", "name_induction", "retrieval"}
)
# On text everything is scored, so that an effect there does not tell which of the head's patterns it comes from.
UNSPECIFIC = "natural_text"
# Where nothing is scored on a pattern's own probe, the one that asks for nearly the same; else text.
KIN = {"ambiguous_repeats": "repeated_random_tokens"}
# What matters most on each probe is named in words; other kinds and probes are named as they are.
_MEASURES = {
    ("ablation_loss", "repeated_random_tokens"): "loss on repeats",
    ("ablation_loss", "ambiguous_repeats"): "loss on ambiguous repeats",
    ("ablation_loss", "natural_text"): "loss on text",
    ("ablation_loss", "needle_in_filler"): "loss on hidden answers",
    ("ablation_logit_difference", "indirect_object"): "the lead of the right name",
    ("ablation_logit_difference", "ordinal_sequences"): "the lead of the right successor",
    ("ablation_logit_difference", "few_shot_labels"): "the lead of the right label",
}
# Verdicts on a label: what picture and cause say of each other.
MECHANISM, MATTERS, WEAK, PICTURE, AGAINST, QUIET, UNSEEN, UNTESTED = (
    "mechanism", "matters", "little effect", "picture only", "works against it", "at rest", "unseen", "not tested",
)  # fmt: skip
# A label is named as a fact from this confidence on.
QUITE_SURE = 0.9


@dataclass(frozen=True)
class Line:
    """A row of evidence about one head; `probe` is None, and there is no interval, for evidence from the weights.

    `percentile` goes by the value, `rank` by its size whatever the sign.
    """

    kind: str
    probe: str | None
    basis: str
    unit: str
    value: float
    low: float | None
    high: float | None
    percentile: float | None
    intact: float | None
    rank: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What cause says of one label (None: of a head without any).

    `sentence` is for people, `verdict` for badges and programs; `agrees` is False where picture and cause disagree,
    None where the cause does not tell; `probe` is where the label was tested, None where it was not.
    """

    label: str | None
    verdict: str
    agrees: bool | None
    sentence: str
    probe: str | None


def describe(
    label: str | None, confidence: float | None, probe: str | None, lines: Sequence[Line], *, primary: bool = True
) -> Verdict:
    """The verdict on one label of a head.

    Args:
        label: the label, None for a head that carries none.
        confidence: of the label; None where it is not known.
        probe: the probe the pattern is meant for; see `tested_on` for where nothing is scored on that probe.
        lines: all evidence about the head.
        primary: whether it is the head's first label.
    """
    if label is None:
        return _without_label(lines)
    looks = _looks(label, confidence)
    line = effect_on(probe, lines)
    if line is None:
        return Verdict(label, UNTESTED, None, f"{looks}; what it causes was not measured.", None)
    most = _largest(lines)
    if label in RESTING and not primary:
        return Verdict(label, QUIET, None, f"{looks} too: that says where it rests, not what it does.", line.probe)
    if label in RESTING:
        if most is not None:
            text = f"{looks}, but {effect_in_words(most)}: it does more than rest."
            return Verdict(label, UNSEEN, False, text, most.probe)
        text = f"{looks}; removing it changes nothing much that was measured, as of a head at rest."
        return Verdict(label, QUIET, True, text, line.probe)
    does = effect_in_words(line)
    if _clear(line) and line.value > 0 and _rank(line) >= LARGE:
        if line.probe != UNSPECIFIC:
            return Verdict(label, MECHANISM, True, f"{looks}; {does}.", line.probe)
        return Verdict(label, MATTERS, None, f"{looks}; {does}, whatever it is needed for there.", line.probe)
    if line.probe == UNSPECIFIC and most is not None:
        text = f"{looks}; {effect_in_words(most)}, though {does.replace('removing it ', 'it ')}."
        return Verdict(label, MATTERS, None, text, line.probe)
    if not _clear(line):
        text = f"{looks}, but {does}: a picture, not shown to be a mechanism."
        return Verdict(label, PICTURE, False, text, line.probe)
    if line.value < 0:
        return Verdict(label, AGAINST, False, f"{looks}, but {does}: it works against what it looks at.", line.probe)
    return Verdict(label, WEAK, None, f"{looks}; {does}: little, beside other heads.", line.probe)


def besides(verdicts: Sequence[Verdict], lines: Sequence[Line], built_on: Sequence[str] = ()) -> list[str]:
    """What else is known of a head, in sentences: its largest effect elsewhere, its weights, what it is built on.

    `built_on` are names of earlier previous-token heads whose output its keys read, strongest first.
    """
    found = []
    line = _largest(lines)
    told = [line is not None and effect_in_words(line).removeprefix("removing it ") in one.sentence for one in verdicts]
    if line is not None and not any(told):
        found.append(_sentence(effect_in_words(line)))
    tested = {one.probe for one in verdicts if one.verdict == MECHANISM}
    direct = [one for one in lines if one.kind == "direct_logit" and one.probe in tested]
    for one in direct:
        if _clear(one) and _rank(one) >= LARGE:
            verb = "adds" if one.value > 0 else "takes"
            found.append(
                f"Straight to the logits it {verb} {_number(abs(one.value))} {'to' if one.value > 0 else 'from'} the "
                f"right token on {(one.probe or '').replace('_', ' ')} ({_rank_in_words(one)})."
            )
        elif abs(one.value) < 0.05:
            found.append(f"Straight to the logits it adds next to nothing on {(one.probe or '').replace('_', ' ')}: "
                         "it works through later layers.")  # fmt: skip
    if any(one.label in COPYING for one in verdicts):
        found += _copying(lines)
    if built_on:
        heads = "the previous-token head" if len(built_on) == 1 else "the previous-token heads"
        found.append(f"Its keys read the output of {heads} {_listed(built_on)}.")
    return found


def _copying(lines: Sequence[Line]) -> list[str]:
    """Whether the output weights copy, on tokens as embedded and as the first feed-forward layer leaves them."""
    by_kind = {one.kind: one.value for one in lines if one.probe is None}
    scores = [by_kind[kind] for kind in ("ov_copying", "ov_copying_after_mlp") if kind in by_kind]
    if not scores:
        return []
    said = f"copying score {' and '.join(f'{one:.2f}' for one in scores)}"
    if min(scores) > COPIES:
        return [f"Its output weights copy what it attends to ({said})."]
    if max(scores) < -COPIES:
        return [f"Its output weights suppress what it attends to ({said})."]
    return [f"Its output weights do not clearly copy ({said})."]


def tested_on(probe: str | None, probes: Collection[str | None]) -> str | None:
    """Of the probes on which heads were removed, the one that tests a pattern whose own probe is `probe`."""
    return next((one for one in (probe, KIN.get(probe or ""), UNSPECIFIC) if one is not None and one in probes), None)


def effect_on(probe: str | None, lines: Sequence[Line]) -> Line | None:
    """The ablation that tests a pattern of this probe, in the measure that is named in words."""
    ablations = [one for one in lines if one.kind.startswith("ablation")]
    wanted = tested_on(probe, {one.probe for one in ablations})
    there = [one for one in ablations if one.probe == wanted]
    return next((one for one in there if (one.kind, one.probe) in _MEASURES), there[0] if there else None)


def effect_in_words(line: Line) -> str:
    """ "removing it raises loss on repeats by 0.42 (more than 99% of heads)"."""
    what = measure(line)
    # A lead or an accuracy falls when the model gets worse, a loss rises.
    worse = "raises" if line.kind == "ablation_loss" else "lowers"
    better = "lowers" if line.kind == "ablation_loss" else "raises"
    if not _clear(line):
        where = f" (95% interval {_interval(line.low, line.high)})" if line.low is not None else ""
        return f"removing it does not measurably change {what}{where}"
    verb = worse if line.value > 0 else better
    unit = " logits" if line.kind == "ablation_logit_difference" else ""
    return f"removing it {verb} {what} by {_number(abs(line.value))}{unit} ({_rank_in_words(line)})"


def measure(line: Line) -> str:
    """What an ablation changes, in words."""
    probe = (line.probe or "").replace("_", " ")
    known = _MEASURES.get((line.kind, line.probe or ""))
    names = {"ablation_loss": "loss", "ablation_logit_difference": "the right token's lead",
             "ablation_accuracy": "accuracy"}  # fmt: skip
    return known or f"{names.get(line.kind, line.kind.replace('_', ' '))} on {probe}"


def kind_of_head(name: str) -> str:
    """ "an induction head", "a previous-token head"."""
    words = name.replace("_", "-")
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words} head"


def _looks(label: str, confidence: float | None) -> str:
    sure = confidence is None or confidence >= QUITE_SURE
    return f"Looks like {kind_of_head(label)}" if sure else f"Perhaps {kind_of_head(label)} ({confidence:.2f})"


def _without_label(lines: Sequence[Line]) -> Verdict:
    """A head without a label: silent too, or doing something that no pattern shows."""
    line = _largest(lines)
    if line is not None:
        text = f"Carries no label, yet {effect_in_words(line)}: the pictures miss what it does."
        return Verdict(None, UNSEEN, False, text, line.probe)
    if any(one.kind.startswith("ablation") for one in lines):
        text = "Carries no label, and removing it changes nothing much that was measured."
        return Verdict(None, QUIET, True, text, None)
    return Verdict(None, UNTESTED, None, "Carries no label; what it causes was not measured.", None)


def _largest(lines: Sequence[Line]) -> Line | None:
    """The clear effect, in a measure that is named in words, that ranks highest; None where none is notable."""
    known = [one for one in lines if (one.kind, one.probe or "") in _MEASURES and _clear(one)]
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
    return "more than any other head" if rank >= 100 else f"more than {int(rank)}% of heads"


def _number(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def _interval(low: float, high: float | None) -> str:
    """Two significant digits of the end that is further from zero."""
    ends = (low, low if high is None else high)
    decimals = max(0, 1 - math.floor(math.log10(max(map(abs, ends)) or 1)))
    return " to ".join(f"{round(one, decimals) + 0.0:.{decimals}f}" for one in ends)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
