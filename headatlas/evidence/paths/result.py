"""What of a head's effect goes through another: the numbers, as a frame and in a sentence. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

# What head B reads: its queries, keys and values.
READS = {"q": "queries", "k": "keys", "v": "values"}
ALL, TOTAL = "all", "total"
# What of A's effect is looked at: what B reads, one by one and together, and A taken out everywhere.
ROUTES = (*READS, ALL, TOTAL)
# Columns of a frame, and of what `headatlas path --json` prints.
COLUMNS = (
    "model", "a", "b", "route", "probe", "kind", "effect", "effect_low", "effect_high", "pattern", "score_lost",
    "score_low", "score_high",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """A mean over predictions or queries with its 95% bootstrap interval over prompts; None without two prompts."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class RouteEffect:
    """What a route does: `effect` on the probe's measure (positive: worse without), `score` what B's score falls by.

    `route` is q, k, v, "all" of them together, or "total": head A taken out everywhere. `score` is None where B has no
    pattern that can be scored.
    """

    route: str
    effect: Measured
    score: Measured | None


@dataclass(frozen=True)
class PathResult:
    """What of head A's effect goes through head B.

    Attributes:
        model, a, b: the model and both heads.
        probe, measure: the prompts, and the type of evidence that `effect` of each route is of.
        pattern: B's pattern whose score is looked at; None where it has none.
        resampled: whether A's output was replaced by outputs drawn from other prompts, rather than by its mean.
        n_prompts: prompts.
        score: B's score on these prompts, undisturbed.
        routes: through queries, keys, values, all of them, and A taken out altogether.
        stored: whether the result stands in the database, with the model's scan.
    """

    model: str
    a: str
    b: str
    probe: str
    measure: str
    pattern: str | None
    resampled: bool
    n_prompts: int
    score: float | None
    routes: tuple[RouteEffect, ...]
    stored: bool = False

    @property
    def sentence(self) -> str:
        """The result in a sentence or two."""
        return sentence(self)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each route, with `COLUMNS`."""
        return [
            dict(
                zip(
                    COLUMNS,
                    (self.model, self.a, self.b, route.route, self.probe, self.measure, *_three(route.effect),
                     self.pattern, *_three(route.score)),
                    strict=True,
                )
            )
            for route in self.routes
        ]  # fmt: skip

    def frame(self) -> pandas.DataFrame:
        """The routes as a pandas.DataFrame: q, k, v, all of them together, and "total" for A taken out everywhere.

        `effect` (with its interval) is what gets worse, `score_lost` what B's score on its pattern falls by.
        """
        import pandas

        return pandas.DataFrame(self.rows(), columns=list(COLUMNS))

    def _repr_html_(self) -> str:
        from headatlas.catalog.frames import titled

        columns = ["route", "effect", "effect_low", "effect_high", "score_lost", "score_low", "score_high"]
        return titled(self.sentence, self.frame()[columns])


def _three(value: Measured | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if value is None else (value.value, value.low, value.high)


def sentence(result: PathResult) -> str:
    """A result in a sentence or two: what goes straight, its share of the whole effect, and through which input."""
    by_name = {route.route: route for route in result.routes}
    total, through = by_name["total"].effect, by_name["all"].effect
    best = max(READS, key=lambda letter: abs(by_name[letter].effect.value))
    clear = through.low is not None and through.high is not None and (through.low > 0 or through.high < 0)
    if not clear:
        return f"Nothing that can be measured goes from {result.a} straight to {result.b}."
    share = f", {through.value / total.value:.0%} of the effect of taking {result.a} out" if total.value else ""
    return (
        f"{through.value:.2f} goes from {result.a} straight to {result.b}{share}; most of it through its {READS[best]} "
        f"({by_name[best].effect.value:.2f})."
    )
