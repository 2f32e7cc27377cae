"""Log-probabilities alone: how surprise drops where a text repeats itself, and the page that says what that is."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner

from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.views.surprise import LogprobSequence, drops, read


def said(text: str, bits=None) -> LogprobSequence:
    tokens = tuple(text.split())
    return LogprobSequence(tokens, tuple(bits) if bits else (math.nan,) + (8.0,) * (len(tokens) - 1))


@pytest.mark.parametrize(
    ("text", "copied", "depth"),
    [
        ("A B C A B C", [-1, -1, -1, -1, 1, 2], [0, 0, 0, 0, 1, 2]),
        ("A B A C A C", [-1, -1, -1, -1, -1, 3], [0, 0, 0, 0, 0, 1]),  # what followed the last copy counts
        ("A A A", [-1, -1, 1], [0, 0, 1]),
        ("A B C D", [-1] * 4, [0] * 4),
        ("A B X A B Y A B", [-1, -1, -1, -1, 1, -1, -1, 4], [0, 0, 0, 0, 1, 0, 0, 1]),
    ],
)
def test_where_an_induction_head_would_have_it_from(text, copied, depth):
    sequence = said(text)
    assert list(sequence.copied) == copied
    assert list(sequence.depth) == depth


def test_the_drop_is_that_of_the_numbers():
    random = np.random.default_rng(0)
    sequences = []
    for _ in range(20):
        words = [str(number) for number in random.choice(1000, 30, replace=False)]
        first = random.normal(12, 1, 30)
        again = first - np.concatenate([[0.0], np.linspace(2, 9, 29)])  # the longer the repetition, the surer
        sequences.append(LogprobSequence((*words, *words), (math.nan, *first[1:], *again)))
    measured = drops(sequences)
    assert [drop.name for drop in measured] == [
        "all repeated tokens", "after 1 token of it", "after 2 tokens of it", "after 3 to 4 tokens of it",
        "after 5 to 8 tokens of it", "after 9 or more tokens of it",
    ]  # fmt: skip
    assert measured[0].n == 20 * 29
    assert measured[0].bits == pytest.approx(5.5)
    assert measured[1].bits == pytest.approx(2)
    assert measured[0].low <= 5.5 + 1e-9
    assert measured[0].high >= 5.5 - 1e-9
    drops_by_depth = [drop.bits for drop in measured[1:]]
    assert drops_by_depth == sorted(drops_by_depth)


def test_a_model_that_does_not_care_has_no_drop():
    random = np.random.default_rng(0)
    words = [str(number) for number in random.choice(1000, 40, replace=False)]
    sequences = [LogprobSequence((*words, *words), tuple(random.exponential(10, 80))) for _ in range(40)]
    (whole, *_) = drops(sequences)
    assert whole.low < 0 < whole.high


def test_one_sequence_has_no_interval_and_no_repetition_no_drop():
    (whole, *_) = drops([said("A B C A B C")])
    assert (whole.n, whole.bits, whole.low) == (2, 0.0, None)
    assert drops([said("A B C D")]) == []


class Spans(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.spans: list[dict[str, str]] = []

    def handle_starttag(self, tag, attributes):
        if tag == "span":
            self.spans.append(dict(attributes))


def test_the_page_says_what_it_is(tmp_path):
    path = tmp_path / "model.json"
    tokens = ["<b>", " x", "y", "<b>", " x", "y"]
    logprobs = [None, -8 * math.log(2), -6 * math.log(2), -9 * math.log(2), -1 * math.log(2), 0]
    path.write_text(json.dumps({"sequences": [{"tokens": tokens, "logprobs": logprobs}]}))
    done = CliRunner().invoke(main, ["score", str(path), "--out", str(tmp_path / "page.html")])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "page.html").read_text("utf8")
    assert "shows no attention and names no head" in page
    assert "<b>6.50</b>" in page  # (8 + 6 - 1 - 0) / 2
    spans = Spans()
    spans.feed(page)
    assert [span["class"] for span in spans.spans] == ["none", "s4", "s3", "s4", "s0 again", "s0 again"]
    assert spans.spans[4]["title"] == "1.0 bits; repeats place 1, where it was 8.0 bits"
    assert "&lt;b&gt;" in page


def test_lines_of_json(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"tokens": ["a"], "logprobs": [null]}\n\n{"tokens": ["b", "c"], "logprobs": [-1, -2.5]}\n')
    assert [sequence.tokens for sequence in read(path)] == [("a",), ("b", "c")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("words", "is not JSON"),
        ("[]", "holds no sequences"),
        ('{"tokens": "abc", "logprobs": [1]}', "has no `tokens` and `logprobs`"),
        ('{"tokens": ["a", "b"], "logprobs": [null]}', "2 tokens and 1 log-probabilities"),
        ('{"tokens": ["a"], "logprobs": [0.5]}', "numbers of at most 0"),
        ('{"tokens": ["a"], "logprobs": ["x"]}', "numbers of at most 0"),
    ],
)
def test_files_that_are_something_else(tmp_path, text, message):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(HeadatlasError, match=message):
        read(path)
    assert "Traceback" not in CliRunner().invoke(main, ["score", str(path)]).output


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(HeadatlasError, match="There is no file"):
        read(tmp_path / "none.json")
