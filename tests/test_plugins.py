"""Patterns and probes of other packages: found, treated as ours are, and left out with a sentence where they are wrong.

Plug-ins are installed as they are in life: a module and its entry points in a folder that Python searches.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import headatlas
from headatlas.atlas.draw.colours import family_class, family_colour, family_rank, stylesheet
from headatlas.catalog.head_table import ScanProfile
from headatlas.errors import HeadatlasError
from headatlas.evidence.words.effect_words import Line
from headatlas.evidence.words.verdicts import besides, describe
from headatlas.labels.label import label
from headatlas.labels.probe_scores import ProbeScores
from headatlas.patterns import PATTERNS, pattern, statistic
from headatlas.patterns.families import Family
from headatlas.patterns.lookup import most_prominent
from headatlas.probes import PROBES, Probe, probe
from headatlas.probes.metrics import LOSS, Metric
from headatlas.store.profiles import Column, Profile
from tests import warm

ROOT = Path(__file__).parent.parent
HEAD = """
from headatlas.patterns import pattern
from headatlas.probes import probe
"""
BOTH = "import json\nfrom headatlas.patterns import PATTERNS\nfrom headatlas.probes import PROBES"
PATTERN = '''
@pattern("{name}", family="{family}", probe="{probe}", version=1, source="here", rivals=({rivals}))
def _(seq):
    """Attends somewhere."""
    return seq.at_offset(1)
'''

PROBE = '''
@probe("{name}", version=1, nearest="{nearest}")
def _(context):
    """Nothing."""
    yield from ()
'''


def a_pattern(
    name: str = "sideways", family: str = "positional", probe: str = "natural_text", rivals: str = '"fixed_offset",'
) -> str:
    return PATTERN.format(name=name, family=family, probe=probe, rivals=rivals)


@pytest.fixture
def installed(tmp_path):
    """Installs a plug-in of this code under both groups; gives a function that runs headatlas, or code, beside it."""

    def install(code: str, groups: tuple[str, ...] = ("patterns", "probes")):
        (tmp_path / "my_heads.py").write_text(code)
        info = tmp_path / "my_heads-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-heads\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("".join(f"[headatlas.{name}]\nmine = my_heads\n" for name in groups))

        def run(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
            environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}", "COLUMNS": "300"}
            if arguments[:1] == ("scan",):
                return warm.run(*arguments, env=environment, cwd=ROOT, anew=True)
            command = ["-c", f"{BOTH}\n{code}"] if code else ["-m", "headatlas", *arguments]
            return subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=ROOT, env=environment)

        return run

    return install


def listed(done: subprocess.CompletedProcess[str]) -> set[str]:
    assert done.returncode == 0, done.stderr
    return {row["name"] for row in json.loads(done.stdout)}


@pytest.mark.slow
def test_definitions_may_stand_in_any_order(installed):
    """A pattern is read on a probe, and rivals a pattern, that the plug-in defines further down."""
    run = installed(
        HEAD
        + a_pattern("mirror", probe="waves", rivals='"sideways", "mirr",')
        + a_pattern("sideways", probe="waves", rivals="")
        + PROBE.format(name="waves", nearest="swell")
        + PROBE.format(name="swell", nearest="")
    )
    done = run("patterns", "--json")
    assert {"sideways", "mirror", *PATTERNS.names()} == listed(done)
    assert done.stderr == ""
    assert {"waves", "swell"} <= listed(run("probes", "--json"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (a_pattern(probe="natural_txt"),
         "The plug-in 'mine' of my-heads (my_heads): The pattern 'sideways' (FILE) has probe='natural_txt', but there "
         "is no such probe. Did you mean 'natural_text'? The pattern is left out."),
        (a_pattern(rivals='"duplicate_token", "inducton",'),
         "The plug-in 'mine' of my-heads (my_heads): The pattern 'sideways' (FILE) has rivals='inducton', but there is "
         "no such pattern. Did you mean 'induction'? The pattern is left out."),
        (a_pattern().replace("version=1", 'version=1, built_on="previus_token"'),
         "The plug-in 'mine' of my-heads (my_heads): The pattern 'sideways' (FILE) has built_on='previus_token', but "
         "there is no such pattern. Did you mean 'previous_token'? The pattern is left out."),
    ],
    ids=["probe", "rivals", "built_on"],
)  # fmt: skip
def test_a_misspelt_name_leaves_the_pattern_out(installed, tmp_path, code, sentence):
    run = installed(HEAD + code + a_pattern("fine"))
    done = run("patterns", "--json")
    assert listed(done) == {"fine", *PATTERNS.names()}
    assert re.sub(r"\(/\S+my_heads.py:\d+\)", "(FILE)", done.stderr) == sentence + "\n"


@pytest.mark.slow
def test_a_misspelt_probe_of_a_probe_leaves_it_out(installed):
    run = installed(HEAD + PROBE.format(name="waves", nearest="natural_txt"))
    done = run("probes", "--json")
    assert listed(done) == set(PROBES.names())
    assert "The probe 'waves'" in done.stderr
    assert "has nearest='natural_txt', but there is no such probe. Did you mean 'natural_text'?" in done.stderr


FAILING = {
    "import": ("import nowhere", "It cannot be imported: ModuleNotFoundError: No module named 'nowhere'."),
    "raise": ("raise RuntimeError('one line\\nand another')", "It cannot be imported: RuntimeError: one line."),
    "syntax": ("def broken(:", "It cannot be imported: SyntaxError: invalid syntax"),
    "exit": ("import sys; sys.exit(3)", "It cannot be imported: SystemExit: 3."),
    "name": (a_pattern("induction"), "Two patterns are called 'induction': one in"),
    "family": (
        a_pattern("late", family="positonal"), "has family='positonal', which is none. Did you mean 'positional'?"
    ),
    "version": (
        a_pattern("late").replace("version=1", "version=0"), "has version=0. Versions are 1, 2, 3, ..."
    ),
    "medium": (
        PROBE.format(name="waves", nearest="").replace("version=1", 'version=1, medium="radio"'),
        "has medium='radio'. It is one of: text, ",
    ),
    "metric": (
        "from headatlas.probes.metrics import Metric\nMetric(len, ('x',))",
        "A probe's metric has no 'x' among its types.",
    ),
}  # fmt: skip
# Each starts several commands anew.
QUICKLY_SHOWN = ("import", "name")


@pytest.mark.slow
@pytest.mark.parametrize(
    "failure", [name if name in QUICKLY_SHOWN else pytest.param(name, marks=pytest.mark.slow) for name in FAILING]
)
def test_a_plugin_that_fails_is_left_out_as_a_whole(installed, failure):
    """With what it had registered before."""
    code, reason = FAILING[failure]
    run = installed(HEAD + a_pattern("early") + code)
    for command, names in (("patterns", PATTERNS.names()), ("probes", PROBES.names())):
        done = run(command, "--json")
        assert listed(done) == set(names)
        (line,) = done.stderr.splitlines()
        assert line.startswith("The plug-in 'mine' of my-heads (my_heads) is left out. ")
        assert reason in line
    both = run(code="print(json.dumps([PROBES.names(), PATTERNS.names()]))")
    assert json.loads(both.stdout) == [PROBES.names(), PATTERNS.names()], "ours are there whichever is looked at first"
    assert both.stderr == line + "\n", "it is named once, though it has two entry points"


FAILING_PROBE = '''
@probe("waves", version=1)
def waves(context):
    """Nothing that can be made."""
    yield from ()
    raise KeyError("sea")
'''
FAILING_PATTERN = '''
@pattern("sideways", family="positional", probe="natural_text", version=1, source="here")
def sideways(seq):
    """Attends somewhere."""
    return seq.no_such_thing
'''
FAILING_STATISTIC = '''
from headatlas.patterns import statistic

@statistic("sideways", version=1, source="here", formula="1", unit="1")
def sideways(rows):
    """A number."""
    return 1 / 0
'''


@pytest.mark.slow
def test_a_probe_that_fails_is_named_and_left_out(installed, tiny, tmp_path):
    run = installed(HEAD + FAILING_PROBE)
    options = ("scan", str(tiny("gpt2")), "--as", "tiny", "--db", str(tmp_path / "a.db"), "--probe", "waves")
    sentence = (
        "The plug-in 'mine' of my-heads (my_heads): the probe 'waves' (FILE) fails and is left out. KeyError: 'sea'"
    )
    done = run(*options, "--probe", "repeated_random_tokens")
    assert done.returncode == 0, done.stderr
    assert sentence in re.sub(r"\(/\S+my_heads.py:\d+\)", "(FILE)", done.stderr)
    alone = run(*options, "--force")
    assert alone.returncode == 1
    assert alone.stderr.endswith("Error: No probe fits this model: it fails (KeyError: 'sea').\n")
    assert "Traceback" not in done.stderr + alone.stderr


# Fine on the texts of the first chunk, whose scores must not stay.
FAILING_LATE = '''
calls = []

@pattern("sideways", family="positional", probe="natural_text", version=1, source="here")
def sideways(seq):
    """Attends somewhere."""
    calls.append(seq)
    if len(calls) > 2:
        raise ValueError("a text that was not thought of")
    return seq.at_offset(1)
'''


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "reason"),
    [(FAILING_PATTERN, "AttributeError: 'TokenBatch' object has no attribute 'no_such_thing'"),
     (FAILING_STATISTIC, "ZeroDivisionError: division by zero"),
     (FAILING_LATE, "ValueError: a text that was not thought of"),
     (FAILING_PATTERN.replace("seq.no_such_thing", "None"), "must return a boolean tensor")],
    ids=["pattern", "statistic", "late", "no tensor"],
)  # fmt: skip
def test_a_pattern_that_fails_is_left_out_of_the_scan(installed, tiny, tmp_path, code, reason):
    run = installed(HEAD + code + a_pattern("fine"))
    options = ("--db", str(tmp_path / "a.db"))
    done = run("scan", str(tiny("gpt2")), "--as", "tiny", *options, "--probe", "repeated_random_tokens")
    assert done.returncode == 0, done.stderr
    (line,) = {line for line in done.stderr.splitlines() if line.startswith("Warning: The plug-in")}
    assert re.sub(r"\(/\S+my_heads.py:\d+\)", "(FILE)", line).startswith(
        "Warning: The plug-in 'mine' of my-heads (my_heads): the pattern 'sideways' (FILE) fails: "
    )
    assert reason in line
    assert line.endswith(". The pattern is left out of this scan.")
    assert "Traceback" not in done.stderr
    with headatlas.open(tmp_path / "a.db") as catalog:
        scored = {row["pattern"] for row in catalog.rows("select distinct pattern from head_scores")}
        warnings = [row["warning"] for row in catalog.rows("select warning from warnings")]
    assert "sideways" not in scored
    assert {"fine", "induction", "entropy"} <= scored
    assert line.removeprefix("Warning: ") in warnings


@pytest.mark.slow
def test_a_plugin_that_changed_while_a_scan_was_cut_off(tiny, tmp_path, monkeypatch):
    """Half of its scores would be missing, so the scan does not go on."""
    from headatlas.scanning import stored_scan
    from headatlas.scanning.options import ScanSettings
    from headatlas.scanning.scanner import scan_model

    def scan(progress=None) -> None:
        settings = ScanSettings(probes=("repeated_random_tokens",))
        scan_model(str(tiny("gpt2")), db=tmp_path / "a.db", name="tiny", settings=settings, progress=progress)

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(stop)
    sentence = f"The plug-in: the pattern 'induction' fails. {stored_scan.LEFT_OUT}"
    monkeypatch.setattr(stored_scan, "failing", lambda *_: {"induction": sentence})
    with pytest.raises(HeadatlasError, match="other patterns fail than did then. Begin it anew: `headatlas rm tiny"):
        scan()


def test_a_probe_is_in_a_set_that_there_is():
    with pytest.raises(HeadatlasError, match=r"probe 'slow' \(.*\) has smallest_set='ful'. It is one of: quick"):
        probe("slow", version=1, smallest_set="ful")(lambda context: iter(()))
    assert PROBES.get("slow") is None
    assert Probe("slow", 1, "", "here", lambda context: iter(()), smallest_set="full").sets == ("full",)
    assert PROBES["natural_text"].sets == ("quick", "standard", "full")


def test_what_is_no_plugin_raises_once():
    """In a script or a notebook: whoever wrote it reads it. Afterwards everything else is there as before."""
    before = PATTERNS.names()

    @pattern("here", family="content", probe="natural_text", version=1, source="here", rivals=("inducton",))
    def here(seq):
        """Attends somewhere."""
        return seq.at_offset(1)

    with pytest.raises(HeadatlasError, match=r"pattern 'here' \(.*test_plugins.py:\d+\) has rivals='inducton'"):
        PATTERNS.names()
    assert PATTERNS.names() == before


@pytest.mark.slow
def test_the_order_of_listings_does_not_depend_on_what_was_imported_first():
    first = "import headatlas.probes.repeated_random_tokens, headatlas.patterns.positional, sys"
    code = f"{first}; from headatlas.cli.main import main; main(['patterns', '--json'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert [row["name"] for row in json.loads(done.stdout)] == PATTERNS.names()


def test_what_decorators_refuse():
    facts = {"version": 1, "source": "here"}
    with pytest.raises(HeadatlasError, match=r"'here' .* has family='contents', which is none. Did you mean 'content'"):
        pattern("here", family="contents", probe="natural_text", **facts)(lambda seq: seq.at_offset(1))
    with pytest.raises(HeadatlasError, match="statistic 'here' .* has scale='loggy'. It is \"share\" or \"log\"."):
        statistic("here", formula="1", unit="1", scale="loggy", **facts)(lambda rows: rows.entropy())
    with pytest.raises(HeadatlasError, match="medium='radio'"):
        probe("here", version=1, medium="radio")(lambda context: iter(()))
    assert "here" not in PATTERNS.names()
    assert "here" not in PROBES.names()


def test_names_of_arguments_that_were_promised(monkeypatch):
    monkeypatch.setattr(PATTERNS, "_items", dict(PATTERNS._items))
    statistic("here", version=1, source="here", formula="1", unit="1", whole_rows=True)(lambda rows: rows.entropy())
    pattern("there", family="content", probe="natural_text", version=1, source="here", rivals="induction")(
        lambda seq: seq.at_offset(1)
    )
    assert PATTERNS["here"].full_rows
    assert PATTERNS["there"].rivals == ("induction",)
    assert PATTERNS["there"].family is Family.CONTENT
    from headatlas.patterns.rows import Rows

    assert sys.modules["headatlas.row_statistics"].Rows is Rows


# Families and their colours.


@pytest.mark.parametrize("family", sorted({pattern.family for pattern in PATTERNS}))
def test_every_family_has_a_colour_of_its_own(family):
    assert family_class(family) == f"f-{family.replace(' ', '-')}"
    assert f".{family_class(family)}{{" in stylesheet()
    assert family_colour(family) != family_colour("other")


def test_families_of_databases_from_elsewhere():
    assert family_class("algorithmic") == family_class("algorithm") == "f-algorithm"
    assert family_rank("algorithmic")[0] == family_rank("algorithm")[0] < family_rank("other")[0]
    assert family_class("somebody's own") == "f-other"
    assert family_rank("somebody's own")[0] == family_rank("other")[0]


# Facts: a plug-in's pattern is treated as ours are.


@pytest.fixture
def define(monkeypatch):
    """Defines a pattern like one of ours, with other facts, for the time of a test."""

    def add(name: str, like: str = "duplicate_token", **facts: object) -> None:
        monkeypatch.setitem(PATTERNS._items, name, replace(PATTERNS[like], name=name, **facts))

    return add


def test_a_pattern_that_copies(define):
    lines = [
        Line("ablation_loss", "repeated_random_tokens", "causes", "nats", 0.4, 0.3, 0.5, 99.0, 3.0, 99.0),
        Line("ov_copying", None, "weights", "share", 0.9, None, None, 90.0, None),
    ]
    sentence = "Its output weights copy what it attends to (copying score 0.90)."
    for copies in (True, False):
        define("sideways", copies=copies)
        said = besides([describe("sideways", 0.99, "repeated_random_tokens", lines)], lines)
        assert (sentence in said) == copies


def test_a_pattern_of_heads_at_rest(define):
    lines = [Line("ablation_loss", "natural_text", "causes", "nats", 0.0, -0.1, 0.1, 50.0, 3.0, 50.0)]
    for resting, verdict in ((True, "at rest"), (False, "picture only")):
        define("sideways", resting=resting)
        assert describe("sideways", 0.99, "natural_text", lines).verdict == verdict


def test_a_probe_with_a_metric_and_a_nearest_probe(monkeypatch):
    metric = Metric(lambda sequence: None, (LOSS,), measure="loss on waves")
    for name, facts in (("waves", {"metric": metric}), ("swell", {"nearest": "waves"})):
        monkeypatch.setitem(PROBES._items, name, replace(PROBES["natural_text"], name=name, natural=False, **facts))
    probes = ("waves", "natural_text")
    lines = [Line(LOSS, name, "causes", "nats", 0.4, 0.3, 0.5, 99.0, 3.0, 99.0) for name in probes]
    said = describe("induction", 0.99, "swell", lines)
    assert (said.verdict, said.probe) == ("mechanism", "waves")
    assert "removing it raises loss on waves by 0.40" in said.sentence


@pytest.mark.slow
def test_a_pattern_whose_label_comes_last(define):
    def names(label_last: bool) -> list[str]:
        define("sideways", label_last=label_last)
        score = np.array([[0.55, 0.45]])
        none = np.full((1, 2), np.nan)
        scores = ProbeScores(
            ("sideways", "noun"), np.zeros(2, dtype=bool), score, score - 0.02, score, score, mass=np.ones((1, 2)),
            awake=np.ones((1, 2)), control=np.zeros((1, 2)), contrast_low=none, chance=np.full(2, 0.05),
            n_queries=np.full(2, 500.0), n_sequences=np.full(2, 50.0), overlaps=np.eye(2),
        )  # fmt: skip
        return [row.label for row in label({"p": scores}, dict.fromkeys(scores.patterns, "p"))]

    assert names(label_last=False) == ["sideways", "noun"]
    assert names(label_last=True) == ["noun", "sideways"]


def test_how_statistics_are_compared(define):
    columns = tuple(Column(name, 1, "natural_text", 1) for name in ("sideways", "nobodys", "nobodys_share"))
    score = np.array([[255.0, 255.0, 0.4]], "f4")
    profile = Profile(columns, np.array([1]), score, score + 1, np.full((1, 3), np.nan, "f4"))
    define("sideways", like="entropy", scale="log")
    logarithm, unknown, share = ScanProfile("mine", profile).scaled[0]
    assert logarithm == pytest.approx(np.log(256) / np.log(257))
    assert np.isnan(unknown), "a number without an upper end, of which nothing is known, is not compared"
    assert share == pytest.approx(0.4)


def test_scores_on_the_sink_itself_are_compared_as_they_are(define):
    chance = np.full((1, 2), 0.1, "f4")
    columns = tuple(Column(name, 1, "natural_text", 1) for name in ("sideways", "nobodys"))
    profile = Profile(columns, np.array([1]), chance + 0.1, chance + 0.3, chance)
    for on_sink, shown in ((True, [0.2, 0.4]), (False, [0.4, 0.4])):
        define("sideways", on_sink=on_sink)
        assert ScanProfile("mine", profile).shown[0] == pytest.approx(shown)


def test_the_most_prominent_pattern(define):
    assert most_prominent(PATTERNS.names()) == "induction"
    assert most_prominent(["nobodys", "entropy", "previous_token"]) == "entropy"
    define("sideways", prominence=3)
    assert most_prominent(PATTERNS.names()) == "sideways"
    assert most_prominent([]) is None


# Where patterns and probes may be named: in their own packages alone, in words for people, and in queries, each of
# which is written about a pattern.
NAMED_IN = {"patterns", "probes"}
QUERIES = ROOT / "headatlas" / "catalog" / "named_queries.py"
# Which of our patterns are the metrics of another format is a fact of that format.
FORMATS = {ROOT / "headatlas" / "catalog" / "headvis_metrics.py"}
# Relations between words have names of their own.
RELATIONS = {ROOT / "headatlas" / "evidence" / "word_pairs.py"}


@pytest.mark.slow
def test_no_other_package_names_a_pattern_or_a_probe():
    names = {*PATTERNS.names(), *PROBES.names()} - {"sounds", "scenes", "captions", "pictures"}  # media, or a page, too
    modules = [path for path in (ROOT / "headatlas").rglob("*.py") if path.parts[len(ROOT.parts) + 1] not in NAMED_IN]
    assert len(modules) > 100
    mentions = [
        f"{path.name}: {text}"
        for path in modules
        if path not in {QUERIES, *FORMATS, *RELATIONS}
        for text in _strings(path, names)
    ]
    assert mentions == []
    assert _strings(QUERIES, names), "the search finds names where there are some"


def _strings(path: Path, names: set[str]) -> list[str]:
    """Strings of a module, docstrings aside, that are one of the names or hold one of several words."""
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    return [
        text
        for text in strings
        if text in names or any("_" in word and word in names for word in re.findall(r"\w+", text))
    ]
