"""What a head looks like and what its evidence says, in a sentence. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# An effect at least as large as that of this share of the heads, in percent, is called large.
LARGE = 90.0
# Heads of these kinds rest, or hold still: removing one is expected to change little.
RESTING = frozenset({"first_token", "special_token"})
# Heads of these kinds should copy what they attend to.
COPYING = frozenset(
    {"induction", "longer_prefix_induction", "fuzzy_induction", "name_mover", "name_induction", "retrieval"}
)
# On text everything is scored, so that an effect there does not tell which of the head's patterns it comes from.
UNSPECIFIC = "natural_text"
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
    """A row of evidence about one head; `probe` is None, and there is no interval, for evidence from the weights."""

    kind: str
    probe: str | None
    basis: str
    unit: str
    value: float
    low: float | None
    high: float | None
    percentile: float | None
    intact: float | None


@dataclass(frozen=True)
class Verdict:
    """What cause says of one label (None: of a head without any).

    `verdict` is for programs and badges; `agrees` is False where picture and cause disagree, None where the cause
    does not tell; the first of `sentences` is the claim, the others add what else is known of the head.
    """

    label: str | None
    verdict: str
    agrees: bool | None
    sentences: tuple[str, ...]


def describe(
    label: str | None,
    confidence: float | None,
    probe: str | None,
    lines: Sequence[Line],
    *,
    built_on: Sequence[str] = (),
) -> Verdict:
    """The verdict on one label of a head.

    Args:
        label: the label, None for a head that carries none.
        confidence: of the label; None where it is not known.
        probe: the probe the pattern is meant for; text is taken where nothing is scored on that probe.
        lines: all evidence about the head.
        built_on: names of earlier previous-token heads whose output its keys read, strongest first.
    """
    if label is None:
        return _without_label(lines)
    looks = _looks(label, confidence)
    line = effect_on(probe, lines)
    if line is None:
        text = f"{looks}; what it causes was not measured."
        return Verdict(label, UNTESTED, None, (text, *_weights(label, lines, built_on)))
    clear, harmful = _clear(line), line.value > 0
    large = _rank(line) >= LARGE
    does = effect_in_words(line)
    agrees: bool | None
    if label in RESTING:
        if clear and harmful and large:
            text, verdict, agrees = f"{looks}, but {does}: it does more than rest.", UNSEEN, False
        else:
            text, verdict, agrees = f"{looks}; {does}, as of a head at rest.", QUIET, True
    elif not clear:
        text, verdict, agrees = f"{looks}, but {does}: a picture, not shown to be a mechanism.", PICTURE, False
    elif not harmful:
        text, verdict, agrees = f"{looks}, but {does}: it works against what it looks at.", AGAINST, False
    elif not large:
        text, verdict, agrees = f"{looks}; {does}: little, beside other heads.", WEAK, None
    elif line.probe == UNSPECIFIC:
        text, verdict, agrees = f"{looks}; {does}, whatever it is needed for there.", MATTERS, None
    else:
        text, verdict, agrees = f"{looks}; {does}.", MECHANISM, True
    return Verdict(label, verdict, agrees, (text, *_elsewhere(line, lines), *_weights(label, lines, built_on)))


def effect_on(probe: str | None, lines: Sequence[Line]) -> Line | None:
    """The ablation that tests a pattern: on its own probe if scored, else on text; in the measure named in words."""
    ablations = [one for one in lines if one.kind.startswith("ablation")]
    for wanted in (probe, "natural_text"):
        there = [one for one in ablations if one.probe == wanted]
        if there:
            return next((one for one in there if (one.kind, one.probe) in _MEASURES), there[0])
    return None


def effect_in_words(line: Line) -> str:
    """ "removing it raises loss on repeats by 0.42 (more than 99% of heads)"."""
    what = measure(line)
    # A lead or an accuracy falls when the model gets worse, a loss rises.
    worse = "raises" if line.kind == "ablation_loss" else "lowers"
    better = "lowers" if line.kind == "ablation_loss" else "raises"
    if not _clear(line):
        where = f" (95% interval {line.low:.2f} to {line.high:.2f})" if line.low is not None else ""
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
    words = name.replace("_", " ")
    words = words.replace(" token", "-token").replace(" label", "-label")
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words} head"


def _looks(label: str, confidence: float | None) -> str:
    sure = confidence is None or confidence >= QUITE_SURE
    return f"Looks like {kind_of_head(label)}" if sure else f"Perhaps {kind_of_head(label)} ({confidence:.2f})"


def _without_label(lines: Sequence[Line]) -> Verdict:
    """A head without a label: silent too, or doing something that no pattern shows."""
    line = _largest(lines)
    if line is not None:
        text = f"Carries no label, yet {effect_in_words(line)}: the pictures miss what it does."
        return Verdict(None, UNSEEN, False, (text,))
    if any(one.kind.startswith("ablation") for one in lines):
        return Verdict(None, QUIET, True, ("Carries no label, and removing it changes nothing much that was measured.",))
    return Verdict(None, UNTESTED, None, ("Carries no label; what it causes was not measured.",))


def _elsewhere(shown: Line, lines: Sequence[Line]) -> list[str]:
    """Where it matters more, by rank, than where its picture is tested."""
    line = _largest([one for one in lines if one.probe != shown.probe])
    if line is None or _rank(line) <= _rank(shown):
        return []
    text = effect_in_words(line)
    return [f"{text[0].upper()}{text[1:]}."]


def _weights(name: str | None, lines: Sequence[Line], built_on: Sequence[str]) -> list[str]:
    found = []
    by_kind = {one.kind: one for one in lines if one.probe is None}
    copying = by_kind.get("ov_copying_after_mlp") or by_kind.get("ov_copying")
    if name in COPYING and copying is not None:
        if copying.value > 0.25:
            found.append(f"Its output weights copy what it attends to (copying score {copying.value:.2f}).")
        elif copying.value < -0.25:
            found.append(f"Its output weights suppress what it attends to (copying score {copying.value:.2f}).")
        else:
            found.append(f"Its output weights alone do not copy (copying score {copying.value:.2f}).")
    if built_on:
        heads = "the previous-token head" if len(built_on) == 1 else "the previous-token heads"
        found.append(f"Its keys read the output of {heads} {_listed(built_on)}.")
    return found


def _largest(lines: Sequence[Line]) -> Line | None:
    """The clear harm, in a measure that is named in words, that ranks highest; None where none is large."""
    known = [one for one in lines if (one.kind, one.probe or "") in _MEASURES and _clear(one) and one.value > 0]
    best = max(known, key=_rank, default=None)
    return best if best is not None and _rank(best) >= LARGE else None


def _clear(line: Line) -> bool:
    """Whether the interval leaves zero out."""
    return line.low is not None and line.high is not None and (line.low > 0 or line.high < 0)


def _rank(line: Line) -> float:
    """Percent of the other heads with less of an effect in the same direction; 50 where not known."""
    if line.percentile is None:
        return 50.0
    return line.percentile if line.value >= 0 else 100 - line.percentile


def _rank_in_words(line: Line) -> str:
    rank = _rank(line)
    return "more than any other head" if rank >= 100 else f"more than {int(rank)}% of heads"


def _number(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
