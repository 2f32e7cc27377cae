"""Programs that `bench` runs and that misbehave, and Ctrl-C before anything has begun."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from headatlas.bench.heads import BenchText, check_attention, heads_of
from headatlas.bench.source import called
from headatlas.cli import bench
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, one_line
from headatlas.files.given import parsed_json

HEAD = "from headatlas.bench import head\n@head(truth={})\ndef mine(text): raise Own('x')\n"
RAISED = {
    "class Own(BaseException): pass\n": "Own: x",
    "class Own(GeneratorExit): pass\n": "Own: x",
    "class Own(Exception):\n    def __str__(self): raise ValueError\n": "Own",
    "class Own(Exception):\n    def __str__(self): return 5\n": "Own",
}


@pytest.mark.parametrize(("own", "said"), RAISED.items())
def test_programs_raise_what_they_like(tmp_path, own, said):
    program = tmp_path / "mine.py"
    program.write_text(f"{own}raise Own('x')")
    with pytest.raises(HeadatlasError, match=rf"mine\.py cannot be imported: {said}$"):
        heads_of(program)
    program.write_text(own + HEAD)
    (head,) = heads_of(program)
    with pytest.raises(HeadatlasError, match=rf"Head 'mine' on probe 'some' fails: {said} \("):
        called(head, type("Text", (), {"probe": "some"}))


def test_numbers_of_thousands_of_digits_are_called_so():
    with pytest.raises(HeadatlasError, match=r"The file is not JSON: a number in it has thousands of digits\. Look\.$"):
        parsed_json("9" * 5000, "The file", "Look.")


def test_an_error_that_says_nothing_is_its_class():
    assert one_line(type("Own", (Exception,), {"__str__": lambda self: None})()) == "Own"


def test_programs_do_what_they_like_with_streams(tmp_path, monkeypatch):
    own, errors = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    monkeypatch.setattr(sys, "stderr", errors)
    with bench._streams_kept(tmp_path):
        sys.stdout = sys.stderr = None
    assert (sys.stdout, sys.stderr) == (own, errors)
    with bench._streams_kept(tmp_path):
        sys.stderr.close()
    assert not sys.stderr.closed
    with pytest.raises(HeadatlasError, match="closes standard output"), bench._streams_kept(tmp_path):
        sys.stdout.close()


STOP = """
import sys
class Stop:
    def find_spec(name, *_):
        if name == "headatlas.cli.share":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stop)
import headatlas.cli.main
"""


def test_ctrl_c_while_commands_are_loaded():
    done = subprocess.run([sys.executable, "-c", STOP], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


TEXT = BenchText(np.arange(3), ("a", "b", "c"), np.zeros(3, bool), "by_hand", causal=True, rng=np.random.default_rng(0))


class _Own:
    def __array__(self, *_: object, **__: object) -> None:
        raise SystemExit(3)


ODD = {
    "a generator": lambda n: (row for row in np.eye(n)),
    "a tensor of no numbers": lambda n: torch.eye(n, device="meta"),
    "a tensor with a gradient": lambda n: torch.eye(n, requires_grad=True),
    "a sparse tensor": lambda n: torch.eye(n).to_sparse(),
    "an array of its own": lambda n: _Own(),
    "complex numbers": lambda n: np.eye(n, dtype=complex),
    "dates": lambda n: np.eye(n).astype("datetime64[s]"),
    "words": lambda n: np.eye(n).astype(str),
    "nothing": lambda n: np.full((n, n), None),
    "a terabyte": lambda n: np.broadcast_to(np.float32(0), (10**6, 10**6)),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_heads_return_is_refused_in_a_sentence(odd):
    with pytest.raises(HeadatlasError, match="Head 'h' on probe 'by_hand': .*(return|finite)"):
        check_attention(odd(3), TEXT, "h")


def test_an_error_of_our_own_stays_one_where_no_database_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("headatlas.bench.judge.run", lambda *_, **__: 1 / 0)
    done = CliRunner().invoke(main, ["bench", str(tmp_path / "mine.py")])
    assert isinstance(done.exception, ZeroDivisionError)


def test_patterns_of_heads_are_names(tmp_path):
    (tmp_path / "mine.py").write_text(HEAD.replace("truth={}", "truth={5: 1.0}"))
    with pytest.raises(HeadatlasError, match="A head's pattern is 5; give a text"):
        heads_of(tmp_path / "mine.py")


@pytest.mark.parametrize("own", ["name=5", "name=''", r"name='\ud800'", "kind=5", "rule=[1]", "name='x' * 2000"])
def test_names_of_heads_are_names(tmp_path, own):
    (tmp_path / "mine.py").write_text(HEAD.replace("truth={}", f"truth={{}}, {own}"))
    with pytest.raises(HeadatlasError, match=r"A head's (name|kind|rule) is .* that can be printed"):
        heads_of(tmp_path / "mine.py")


def test_objects_beside_the_heads_do_what_they_like(tmp_path):
    own = "class Own:\n    @property\n    def __dict__(self): raise RuntimeError\nown = Own()\ndel __file__, __name__\n"
    (tmp_path / "mine.py").write_text(HEAD + own)
    (head,) = heads_of(tmp_path / "mine.py")
    assert head.name == "mine"
