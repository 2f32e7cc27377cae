"""`make labels-report`: how far labels can be believed, measured; written into benchmarks/README.md.

Everything is judged on planted heads, models and texts that took no part in fitting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import matplotlib as mpl
import numpy as np

from benchmarks.planted import nulls
from benchmarks.planted.calibrate import CACHE, Planting, bench_cases, claimed_error, compared, plantings
from benchmarks.planted.cases import Cases, cases_of, joined
from benchmarks.planted.composed import STRONG
from benchmarks.planted.fit import ABSENT, calibration_error, confidence_of, f1_by_pattern, threshold
from benchmarks.planted.measure import target_patterns
from benchmarks.planted.scanned import again, scanned
from benchmarks.planted.settings import for_judging
from benchmarks.planted.usual import DETECTORS, detected
from headatlas.labels.calibration import calibration
from headatlas.labels.thresholds import STRENGTH
from headatlas.patterns.lookup import rivals_of
from headatlas.probes import natural_text
from headatlas.scanning.options import ScanSettings

mpl.use("svg")
from matplotlib import pyplot as plt

README = Path("benchmarks/README.md")
FIGURE = Path("benchmarks/labels.svg")
BEGIN, END = "<!-- labels: begin -->", "<!-- labels: end -->"
# A head that is purely another pattern: it alone was planted, at least this strongly.
PURE = 0.8
# The F1 of a pattern with fewer heads than this is a matter of one or two.
OFTEN = 10
# How passages are drawn where all of them are read.
DRAW = natural_text.draw


def main() -> None:
    """Measures and writes."""
    patterns = target_patterns()
    fitting = [cases_of(measured, patterns) for _, _, measured in plantings(judging=False)]
    _, unlisted = bench_cases("fit")
    judged = plantings(judging=True)
    parts = [cases_of(measured, patterns) for _, _, measured in judged]
    weak = [cases_of(measured, patterns) for _, _, measured in plantings(judging=True, weak=True)]
    cases = joined(parts)
    confidence = confidence_of(calibration())(cases)
    lines = [
        *_candidates(fitting, unlisted),
        *_errors(judged, parts, cases, confidence),
        *_weak(joined([*parts, *weak])),
        *_weakest(confidence, cases),
        *_rivals(judged, parts),
        *_bench(),
        *_nulls(),
        *_seeds(),
    ]
    _draw(confidence, cases)
    text = README.read_text("utf8")
    block = "\n".join([BEGIN, "", *lines, END])
    README.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: block, text, flags=re.S), "utf8")
    print("\n".join(lines))


def _candidates(parts: list[Cases], unlisted: Cases) -> Iterator[str]:
    yield "Candidates, each fitted on all settings for fitting but one and judged on that one:"
    yield ""
    yield "| model | macro F1, strength 0.3 and more | calibration error |"
    yield "| --- | ---: | ---: |"
    for name, f1, error in compared(parts, unlisted):
        yield f"| {name} | {f1:.4f} | {error:.4f} |"
    yield ""


def _errors(judged: list[Planting], parts: list[Cases], cases: Cases, confidence: np.ndarray) -> Iterator[str]:
    n_heads = sum(len(heads) for _, heads, _ in judged)
    settings = "; ".join(name for name, _, _ in judged)
    yield f"Held out: {n_heads:,} planted heads in {len(judged)} settings ({settings}), {len(cases.raw):,} pairs of"
    yield f"head and pattern, {len(np.unique(cases.pattern))} patterns."
    yield ""
    yield "Strengths s are shares of the attention off the sink; a third of the heads is asleep most of the time."
    yield ""
    yield "| on held-out heads | macro F1, s >= 0.4 | false labels per 1,000 pairs | missed, s >= 0.4 |"
    yield "| --- | ---: | ---: | ---: |"
    yield _row("headatlas labels, all patterns", confidence, cases)
    yield _row("raw score above 0.4, all patterns", threshold(cases), cases)
    ours, theirs, three = [], [], []
    for setting, (_, heads, _), part in zip(for_judging(), judged, parts, strict=True):
        if setting.causal:
            verdicts, of_three = detected(setting, heads, target_patterns(), part, 1)
            theirs.append(verdicts)
            three.append(of_three)
            ours.append(confidence_of(calibration())(of_three))
    few = joined(three)
    yield _row(f"headatlas labels, {', '.join(DETECTORS)}", np.concatenate(ours), few)
    yield _row("raw score above 0.4, the same three", threshold(few), few)
    yield _row("`detect_head` above 0.4, the same three", np.concatenate(theirs), few)
    yield ""
    right = cases.truth >= STRENGTH
    yield f"Expected calibration error of the confidence: {claimed_error(confidence, cases):.4f} over the pairs with a"
    yield f"confidence of at least 0.05, {calibration_error(confidence, right):.4f} over all pairs."
    yield ""


def _weak(cases: Cases) -> Iterator[str]:
    """Patterns as weak as a label may claim, on these heads and others whose own pattern is always that weak.

    Otherwise few a pattern are, and one that is missed weighs much in the macro F1.
    """
    weak = (cases.truth >= STRENGTH) & (cases.truth < STRONG)
    names, counts = np.unique(cases.pattern[weak], return_counts=True)
    often = set(names[counts >= OFTEN].tolist())
    yield f"Patterns of {STRENGTH} to {STRONG}, on these heads and on others whose own pattern is always that weak:"
    yield f"{weak.sum():,} pairs over {len(names)} patterns, {np.median(counts):.0f} of each in the median,"
    yield f"{OFTEN} or more of {len(often)} of them."
    yield ""
    yield f"| strength {STRENGTH} to {STRONG} | macro F1 | with {OFTEN} or more | found | false per 1,000 pairs |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    confidence = confidence_of(calibration())(cases)
    for name, given in (("headatlas labels", confidence), ("raw score above 0.4", threshold(cases))):
        f1 = f1_by_pattern(given, cases, STRENGTH, STRONG)
        of_all, of_often = np.mean(list(f1.values())), np.mean([f1[pattern] for pattern in sorted(often)])
        share = (given[weak] >= 0.5).mean()
        yield f"| {name} | {of_all:.3f} | {of_often:.3f} | {share:.1%} | {_false(given, cases):.2f} |"
    yield ""


def _row(name: str, confidence: np.ndarray, cases: Cases) -> str:
    f1 = np.mean(list(f1_by_pattern(confidence, cases, STRONG).values()))
    present = cases.truth >= STRONG
    missed = (confidence[present] < 0.5).mean()
    return f"| {name} | {f1:.3f} | {_false(confidence, cases):.2f} | {missed:.1%} |"


def _false(confidence: np.ndarray, cases: Cases) -> float:
    """Labels of patterns that are not there, of 1,000 pairs of head and pattern."""
    return float(1000 * (confidence[cases.truth < ABSENT] >= 0.5).mean())


def _weakest(confidence: np.ndarray, cases: Cases) -> Iterator[str]:
    weakest = sorted(f1_by_pattern(confidence, cases, 0.4).items(), key=lambda item: item[1])
    named = ", ".join(f"{name} {value:.2f}" for name, value in weakest if value < 0.995)
    above = sum(value >= 0.995 for _, value in weakest)
    yield f"Patterns with an F1 below 0.995 at s >= 0.4: {named or 'none'}; the other {above} above."
    yield ""


def _rivals(judged: list[Planting], parts: list[Cases]) -> Iterator[str]:
    wrong: dict[tuple[str, str], int] = {}
    tested: dict[tuple[str, str], int] = {}
    for (_, heads, _), part in zip(judged, parts, strict=True):
        confidence = confidence_of(calibration())(part)
        labelled = {
            (int(head), str(name))
            for head, name in zip(part.head[confidence >= 0.5], part.pattern[confidence >= 0.5], strict=True)
        }
        known = set(part.pattern.tolist())
        for number, head in enumerate(heads):
            if len(head.strengths) != 1:
                continue
            ((name, strength),) = head.strengths.items()
            if strength < PURE or name not in known:
                continue
            for pattern in target_patterns():
                if name in rivals_of(pattern) and pattern.name in known:
                    pair = pattern.name, name
                    tested[pair] = tested.get(pair, 0) + 1
                    wrong[pair] = wrong.get(pair, 0) + ((number, pattern.name) in labelled)
    total, false = sum(tested.values()), sum(wrong.values())
    yield f"Rival test: {total:,} times a head that is purely a pattern's rival, over {len(tested)} pairs of"
    yield f"pattern and rival; {false} were given the pattern's label ({1 - false / total:.2%} were not)."
    bad = [
        f"{pattern} on a pure {rival} head {count} of {tested[pattern, rival]}"
        for (pattern, rival), count in wrong.items()
        if count
    ]
    if bad:
        yield f"Where: {'; '.join(bad)}."
    yield ""


def _bench() -> Iterator[str]:
    """The heads of benchmarks/labels whose rules took no part in fitting."""
    heads, cases = bench_cases("judge")
    confidence = confidence_of(calibration())(cases)
    yield "Heads of benchmarks/labels for judging, whose rules and their relatives took no part in fitting:"
    yield ""
    yield "| kind | heads | wrong name at 0.5 | at 0.9 | raw score above 0.4 |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    wrong_of: dict[str, set[str]] = {}
    for kind in dict.fromkeys(head.kind for head in heads):
        numbers = [number for number, head in enumerate(heads) if head.kind == kind]
        wrong = [_wrong(given, cases, numbers) for given in (confidence >= 0.5, confidence >= 0.9, cases.raw > 0.4)]
        shares = " | ".join(f"{len(heads_wrong)} ({len(heads_wrong) / len(numbers):.1%})" for heads_wrong in wrong)
        yield f"| {kind} | {len(numbers)} | {shares} |"
        wrong_of[kind] = {heads[number].rule or heads[number].name for number in wrong[0]}
    yield ""
    rules = {head.rule for head in heads if head.kind == "unlisted"}
    yield f"Of {len(rules)} unlisted rules {len(wrong_of['unlisted'])} have a head with a wrong name:"
    yield f"{', '.join(sorted(wrong_of['unlisted'])) or 'none'}."
    yield f"Expected calibration error with these rules: {claimed_error(confidence, cases):.4f}."
    labelled = confidence >= 0.5
    asleep = [number for number, head in enumerate(heads) if head.kind == "asleep"]
    there = np.isin(cases.head, asleep) & (cases.truth >= STRENGTH)
    yield f"Of {there.sum()} patterns of heads asleep {labelled[there].mean():.1%} were found."
    yield ""


def _wrong(given: np.ndarray, cases: Cases, heads: list[int]) -> set[int]:
    """Heads among some with a label of a pattern that they do not follow."""
    return set(cases.head[given & (cases.truth == 0) & np.isin(cases.head, heads)].tolist())


def _nulls() -> Iterator[str]:
    results = [nulls.random_model(seed, scale, CACHE) for seed, scale in nulls.RANDOM_MODELS]
    results += [nulls.permuted_rows(), nulls.random_text()]
    yield "| heads without a pattern | heads | falsely labelled | labels |"
    yield "| --- | ---: | ---: | --- |"
    for result in results:
        names = sorted({label for _, label, _ in result.labels})
        yield f"| {result.name} | {result.n_heads} | {result.n_labelled} | {', '.join(names) or '-'} |"
    yield ""


def _seeds() -> Iterator[str]:
    seeds = [scanned(f"seed{seed}", ScanSettings(seed=seed)) for seed in (0, 1)]
    first, contrasts = [scan.first for scan in seeds], [scan.contrasts for scan in seeds]
    same = sum(first[1][head] == label for head, label in first[0].items())
    yield f"Two scans of {nulls.DEMO} with different seeds (other texts, other random tokens) agree on the primary"
    yield f"label, or on having none, of {same} of {len(first[0])} heads ({same / len(first[0]):.1%}); of"
    yield again(*seeds)
    names = [claim for claim in seeds[0].given if claim in contrasts[0]]
    survive = sum(contrasts[1].get(claim, 0) > 0 for claim in names)
    share = survive / max(len(names), 1)
    yield f"Of {len(names)} labels of the first whose patterns name wrong keys, {survive} ({share:.1%}) look at the"
    yield "right keys more than at the wrong ones on the other seed's texts too, by the whole interval."
    yield ""
    halves = []
    for name, start in (("even", 0), ("odd", 1)):
        with patch.object(natural_text, "draw", lambda *args, start=start: DRAW(*args)[start::2]):
            halves.append(scanned(name, ScanSettings()))
    yield "Read on even against odd passages of natural text, and on the other probes as ever: of"
    yield again(*halves)
    yield ""


def _draw(confidence: np.ndarray, cases: Cases) -> None:
    """The reliability diagram, and F1 by strength."""
    plt.rcParams["svg.hashsalt"] = "headatlas"
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    true = cases.truth >= STRENGTH
    bin_of = np.minimum((confidence * 10).astype(int), 9)
    bins = [number for number in range(10) if (bin_of == number).any()]
    claimed = [confidence[bin_of == number].mean() for number in bins]
    share = [true[bin_of == number].mean() for number in bins]
    left.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    left.plot(claimed, share, "o-", color="#0b6bcb")
    for number, x, y in zip(bins, claimed, share, strict=True):
        left.annotate(f"{(bin_of == number).sum():,}", (x, y), textcoords="offset points", xytext=(6, -11), fontsize=7)
    left.set(xlabel="confidence", ylabel="share that is right", title="Reliability, with pairs in each tenth")
    edges = np.arange(0, 1.0001, 0.1)
    for name, given, colour in (
        ("labels", confidence >= 0.5, "#0b6bcb"),
        ("raw score above 0.4", threshold(cases) > 0, "#c2410c"),
    ):
        false = (given & (cases.truth < 0.05)).sum() / (len(edges) - 1)  # shared out over the steps
        values = []
        for low, high in pairwise(edges):
            rows = (cases.truth >= low) & (cases.truth < high) & (cases.truth >= 0.05)
            hits, misses = (given & rows).sum(), (~given & rows).sum()
            values.append(2 * hits / max(2 * hits + misses + false, 1))
        right.plot(edges[:-1] + 0.05, values, "o-", label=name, color=colour)
    right.axvline(STRENGTH, color="0.7", linewidth=1)
    right.set(xlabel="planted strength", ylabel="F1", title="F1 by strength", ylim=(0, 1.02))
    right.legend(frameon=False, loc="lower right")
    figure.savefig(FIGURE, metadata={"Date": None})


if __name__ == "__main__":
    main()
