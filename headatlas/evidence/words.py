"""What a head looks like and what its evidence says, in a sentence. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# An effect at least as large as that of this share of the heads, in percent, is called large.
LARGE = 90.0
# Heads of these kinds rest, or hold still: removing one is expected to change little.
RESTING = frozenset({"first_token", "special_token"})
# Heads of these kinds should copy what they attend to.
COPYING = frozenset(
    {"induction", "longer_prefix_induction", "fuzzy_induction", "name_mover", "name_induction", "retrieval"}
)
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
# Verdicts on a head: what picture and cause say of each other.
MECHANISM, PICTURE, AGAINST, WEAK, UNSEEN, QUIET, UNTESTED = (
    "mechanism", "picture only", "works against it", "weak", "unseen", "quiet", "untested",
)  # fmt: skip


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
    """`sentences` for people, `verdict` for programs; `agrees` is False where picture and cause disagree."""

    verdict: str
    agrees: bool | None
    sentences: tuple[str, ...]


def describe(
    name: str | None, probe: str | None, lines: Sequence[Line], *, labelled: bool, built_on: Sequence[str] = ()
) -> Verdict:
    """The verdict on a head that looks like `name`, a pattern that lives on `probe`.

    Args:
        name: its label, or the pattern it follows most; None when it follows none.
        probe: the probe the pattern is meant for; text is taken where that probe was not scored.
        lines: all evidence about the head.
        labelled: whether `name` is a label, or only the likeliest pattern of a head without one.
        built_on: names of earlier previous-token heads whose output its keys read, strongest first.
    """
    looks = _looks(name, labelled)
    line = effect_on(probe, lines)
    if name is None:
        return _unseen(looks, lines)
    if line is None:
        return Verdict(UNTESTED, None, (f"{looks}; what it causes was not measured.", *_weights(name, lines, built_on)))
    clear, harmful = _clear(line), line.value > 0
    large = _rank(line) >= LARGE
    does = effect_in_words(line)
    if name in RESTING:
        if clear and harmful and large:
            text, verdict, agrees = f"{looks}, but {does}: it does more than rest.", UNSEEN, False
        else:
            text, verdict, agrees = f"{looks}; {does}, as of a head at rest.", QUIET, True
    elif not clear:
        text, verdict, agrees = f"{looks}, but {does}: a picture, not shown to be a mechanism.", PICTURE, False
    elif not harmful:
        text, verdict, agrees = f"{looks}, but {does}: it works against what it looks at.", AGAINST, False
    elif large:
        text, verdict, agrees = f"{looks}; {does}.", MECHANISM, True
    else:
        text, verdict, agrees = f"{looks}; {does}: little, beside other heads.", WEAK, None
    return Verdict(verdict, agrees, (text, *_elsewhere(line, lines), *_weights(name, lines, built_on)))


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


def _looks(name: str | None, labelled: bool) -> str:
    if name is None:
        return "Follows no known pattern"
    return f"Looks like {kind_of_head(name)}" if labelled else f"Has no label; looks most like {kind_of_head(name)}"


def _unseen(looks: str, lines: Sequence[Line]) -> Verdict:
    """A head without a pattern: silent too, or doing something nobody has seen."""
    line = _largest(lines)
    if line is None:
        tested = any(one.kind.startswith("ablation") for one in lines)
        end = "removing it changes nothing much that was measured" if tested else "what it causes was not measured"
        return Verdict(QUIET if tested else UNTESTED, True if tested else None, (f"{looks}; {end}.",))
    return Verdict(UNSEEN, False, (f"{looks}, yet {effect_in_words(line)}: the pictures miss what it does.",))


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


def lines_by_kind(lines: Sequence[Line]) -> Mapping[tuple[str, str | None], Line]:
    """Evidence by kind and probe."""
    return {(one.kind, one.probe): one for one in lines}
