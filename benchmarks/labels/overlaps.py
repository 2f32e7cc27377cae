"""How far a head that does nothing but follow a rule would pass for a pattern, and how alike rules are.

`python -m benchmarks.labels.overlaps` prints, for every rule, on which part of the queries of natural text it has a
key, and its highest scores on patterns, each on the pattern's own probe; then the rules of different halves that look
at the same most. The tokens are the demonstration model's.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from jaxtyping import Float

from benchmarks.labels.keys import as_weights
from benchmarks.labels.rules.every import NARROW, UNLISTED
from benchmarks.labels.rules.rule import Rule
from benchmarks.labels.targets import TARGETS
from headatlas import probes
from headatlas.bench.heads import BenchText
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES

LONGEST = 1024
N_SCORES, N_PAIRS = 3, 12  # how many scores of a rule, and pairs of rules, are printed


def demo_texts(seed: int = 0) -> dict[str, list[BenchText]]:
    """The texts of all probes as the demonstration model's tokenizer cuts them."""
    loaded = load_model("smollm2-135m")
    vocabulary = Vocabulary(loaded.tokenizer, loaded.info.d_vocab)
    made = {probe.name: probes.make(probe, vocabulary, LONGEST, seed) for probe in PROBES if probe.medium == "text"}
    return {name: [_as_text(tokens, name) for tokens in text.sequences] for name, text in made.items()}


def _as_text(tokens: TokenSequence, probe: str) -> BenchText:
    return BenchText(
        np.array(tokens.ids), tokens.texts, np.array(tokens.special, dtype=bool), probe, True,
        np.random.default_rng(0), tokens.roles,
    )  # fmt: skip


def scores(rules: list[Rule], texts: dict[str, list[BenchText]]) -> dict[str, dict[str, float]]:
    """Rule -> pattern -> mean share of the rule's weights on the pattern's keys, on the pattern's own probe."""
    hits: dict[tuple[str, str], float] = defaultdict(float)
    n_queries: dict[str, int] = defaultdict(int)
    for probe, sequences in texts.items():
        own = [pattern for pattern in TARGETS if PATTERNS[pattern].probe == probe]
        for text in sequences:
            keys = {pattern: as_weights(TARGETS[pattern](text), text) > 0 for pattern in own}
            for pattern in own:
                n_queries[pattern] += int(keys[pattern].any(-1).sum())
            for rule in rules:
                weights = rule.weights(text)
                for pattern in own:
                    hits[rule.name, pattern] += float((weights * keys[pattern]).sum())
    return {rule.name: {name: hits[rule.name, name] / n for name, n in n_queries.items() if n} for rule in rules}


def fired(rule: Rule, texts: list[BenchText]) -> float:
    """On which part of the queries, the first of each text aside, a rule has a key."""
    return float(np.concatenate([rule.weights(text)[1:].sum(-1) for text in texts]).mean())


def shared(first: list[Rule], second: list[Rule], texts: list[BenchText]) -> Float[np.ndarray, "first second"]:
    """How much of its weights one rule shares with another one: of the more frequent of both."""
    common, sizes = np.zeros((len(first), len(second))), np.zeros((len(first), len(second), 2))
    for text in texts:
        left, right = (np.stack([rule.weights(text).ravel() for rule in rules]) for rules in (first, second))
        common += np.array([np.minimum(row, right).sum(-1) for row in left])
        sizes[..., 0] += left.sum(-1)[:, None]
        sizes[..., 1] += right.sum(-1)
    return np.divide(common, sizes.max(-1), out=np.zeros_like(common), where=sizes.max(-1) > 0)


def main() -> None:
    texts = demo_texts()
    natural = texts["natural_text"]
    by_rule = scores([*UNLISTED, *NARROW], texts)
    for rule in [*UNLISTED, *NARROW]:
        best = sorted(by_rule[rule.name].items(), key=lambda item: -item[1])[:N_SCORES]
        listed = ", ".join(f"{pattern} {score:.2f}" for pattern, score in best)
        print(f"{rule.name:36}{rule.split:7}{rule.within or '':20}has keys {fired(rule, natural):.2f}; {listed}")
    halves = [[rule for rule in [*UNLISTED, *NARROW] if rule.split == split] for split in ("fit", "judge")]
    alike = shared(halves[0], halves[1], natural)
    print("\nRules of different halves that share most:")
    for index in np.argsort(-alike, axis=None)[:N_PAIRS]:
        i, j = np.unravel_index(index, alike.shape)
        print(f"{halves[0][i].name} and {halves[1][j].name}: {alike[i, j]:.2f}")


if __name__ == "__main__":
    main()
