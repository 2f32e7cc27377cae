"""Command lines as nobody planned them: whatever is typed, there is an answer or a sentence, never a traceback.

Lines are made of the commands, arguments and options that there are, each with values that fit and values that do not.
They run in this process through the function that the installed command calls.
"""

from __future__ import annotations

import shutil
import traceback
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from huggingface_hub import constants
from hypothesis import given
from hypothesis import strategies as st

from headatlas.cli.main import main
from headatlas.cli.options import layer_and_head
from headatlas.errors import HeadatlasError
from tests.fake_database import make
from tests.fuzzing import examples

# Not run: it listens until it is stopped.
LEFT_OUT = {"serve"}
# Not given: a cluster takes a minute to start, datasets ask the network, and the rules are tried on all probes.
OPTIONS_LEFT_OUT = {"where", "datasets", "workers", "imitated", "help"}

WORDS = ["", " ", "induction", "inducton", "L0H0", "X9H9", "é", "日本", "%", "'", "--", "\udcff", "a" * 300]
NUMBERS = ["-1", "0", "1", "2", "99", "-99999999999999999999", "10000000000000000000000", "x", "", "1.5", "٣", "nan"]
FLOATS = ["0", "-1", "0.5", "nan", "inf", "-inf", "1e400", "x", ""]
# In the folder of a line there are a database, a model, a text, a list of models, and a folder with nothing in it.
FILES = ["heads.db", "nowhere.db", "empty", "essay.txt", "tiny", "empty/new.db", "nowhere/new.db", "models.txt", ""]
MODELS = ["tiny/model", "tiny", "./tiny", "nowhere", "./nowhere", "essay.txt", "gpt2", "a/b/c", "", "\udcff", "é"]
PROBES = ["repeated_random_tokens", "natural_txt", "", "\udcff"]
BY_NAME = {
    "model": MODELS, "models": MODELS, "first": MODELS, "second": MODELS, "among": MODELS, "run": MODELS,
    "db": FILES[:6], "probe": PROBES, "probes": PROBES, "file": FILES, "out": ["new", "heads.db", "empty", "a.png"],
    "device": ["cpu", "auto", "cuda:7", "gpu"],
    "dtype": ["float32", "float8"], "n_devices": ["1", "0", "99999999999999999999"], "device_map": ["auto", "nobody"],
    "revision": ["main", ""], "checkpoints": ["0,512", "tiny", ",", "x"], "into": FILES, "databases": FILES,
    "folders": FILES, "sql": ["select 1", "select", "delete from scans", "induction-heads", "", ";"],
    "texts": ["essay.txt", "nowhere", "empty"], "window": ["2", "64", "1", "-3"], "svg": ["a.svg", "a.png", "a"],
    "png": ["a.png", "a.html", "nowhere/a.png"], "html": ["a.html", "nowhere/a.html"], "text": ["The fox.", "", "-"],
    "values": ["pattern=induction", "pattern", "=", "minimum=x"],
}  # fmt: skip


def values_of(parameter: click.Parameter) -> list[str]:
    """What is typed for an argument or option."""
    if parameter.name == "models" and isinstance(parameter.type, click.Path):
        return ["models.txt", "nowhere.txt", "empty", "heads.db"]
    if parameter.name in BY_NAME:
        return BY_NAME[parameter.name]
    if isinstance(parameter.type, click.Choice):
        return [*map(str, parameter.type.choices), "x", ""]
    if isinstance(parameter.type, click.types.FloatParamType):
        return FLOATS
    if isinstance(parameter.type, click.types.IntParamType):
        return NUMBERS
    return [*FILES, *WORDS] if isinstance(parameter.type, click.Path) else WORDS


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command, its arguments (sometimes one too few or too many) and up to four options."""
    name = draw(st.sampled_from(sorted(set(main.commands) - LEFT_OUT)))
    command = main.commands[name]
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    options = [
        parameter
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.name not in OPTIONS_LEFT_OUT
    ]
    line = [name]
    for argument in arguments:
        line.append(draw(st.sampled_from(values_of(argument))))
    line += draw(st.sampled_from([[], [], [], ["too much"]]))
    if draw(st.integers(0, 9)) == 0:
        line = line[:-1] or line
    chosen = (
        draw(st.lists(st.sampled_from(options), max_size=4, unique_by=lambda option: option.opts[0])) if options else []
    )
    if any(option.name == "db" for option in options) and draw(st.booleans()):
        line += ["--db", "heads.db"]
    if name in ("scan", "evidence", "sweep"):  # all of them take longer
        line += ["--probe", PROBES[0]]
    for option in chosen:
        line.append(
            draw(st.sampled_from([*option.opts, "--nonsense"] if draw(st.integers(0, 19)) == 0 else option.opts))
        )
        if not option.is_flag:
            line.append(draw(st.sampled_from(values_of(option))))
    return line


@pytest.fixture(scope="module")
def prepared(tiny, tmp_path_factory) -> Path:
    """A folder that every line gets a copy of."""
    folder = tmp_path_factory.mktemp("prepared") / "here"
    folder.mkdir()
    make(folder / "heads.db")
    shutil.copytree(tiny("gpt2"), folder / "tiny")
    (folder / "empty").mkdir()
    (folder / "essay.txt").write_text("The ferry leaves at nine, and the ferry comes back at ten.")
    (folder / "models.txt").write_text("tiny\nnowhere\n")
    return folder


def check(prepared: Path, folder: Path, line: list[str]) -> None:
    """Runs a line in a fresh copy; fails where it ends in anything but an answer, a sentence or a usage error."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(prepared, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("HEADATLAS_DB", raising=False)
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        patch.setattr("webbrowser.open", lambda url: True)
        done = CliRunner().invoke(main, line, input="A text.", prog_name="headatlas")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        pytest.fail(f"{line}\n{''.join(traceback.format_exception(done.exception))}")
    assert done.exit_code in (0, 1, 2), (line, done.output)
    assert "Traceback" not in done.output, (line, done.output)
    if done.exit_code == 1 and line[0] not in ("sweep", "compare"):
        assert done.stderr.strip().splitlines()[-1].startswith("Error: "), (line, done.output)


def test_the_installed_command_is_this_function():
    (entry,) = entry_points(group="console_scripts", name="headatlas")
    assert entry.load() is main


@pytest.mark.slow
@examples(150)
@given(line=command_lines())
def test_no_traceback(prepared, tmp_path_factory, line):
    check(prepared, tmp_path_factory.getbasetemp() / "line", line)


@pytest.mark.parametrize(
    ("layer", "head", "both"),
    [(None, None, (None, None)), (3, None, (3, None)), (3, "1", (3, 1)), (None, "L5H1", (5, 1)), (5, "5.1", (5, 1)),
     (None, "E2H0", (2, 0))],
)  # fmt: skip
def test_a_head_says_its_layer(layer, head, both):
    assert layer_and_head(layer, head) == both


@pytest.mark.parametrize(
    ("layer", "head", "says"),
    [(4, "L5H1", "L5H1 alone says both"), (None, "X5H1", "does not look from a text at itself"),
     (None, "-1", "is not a head"), (2, "6e1", "is not a head")],
)  # fmt: skip
def test_heads_that_layer_and_name_contradict(layer, head, says):
    with pytest.raises((HeadatlasError, click.UsageError), match=says):
        layer_and_head(layer, head)
