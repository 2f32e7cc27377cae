"""A run over its training: which checkpoints are meant, their scans, and the page of curves, as a user gets them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import headatlas
from headatlas.atlas.context.training import Curve
from headatlas.catalog.training import HeadCurve, Point, Training, _noise, runs, training
from headatlas.errors import HeadatlasError, ModelError, UnknownNameError
from headatlas.models.checkpoints import checkpoints, run_and_step
from headatlas.views.training_page import training_page
from tests import fake_database, warm

PROBE = "repeated_random_tokens"
STEPS = (0, 20, 100)
N_HEADS = 8


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command; one that loads a model is forked from a process with its imports."""
    variables = os.environ | {"COLUMNS": "120", "OMP_NUM_THREADS": "1"}
    if arguments[0] == "scan":
        return warm.run(*arguments, env=variables)
    command = [sys.executable, "-m", "headatlas", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=variables)


def said(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory) -> Path:
    """Three checkpoints whose queries and keys grow; by name step-100 comes before step-20."""
    root = tmp_path_factory.mktemp("training") / "little-run"
    for step in STEPS:
        shutil.copytree(tiny("llama"), root / f"step-{step}")
        weights = load_file(root / f"step-{step}" / "model.safetensors")
        for name, values in weights.items():
            if "q_proj" in name:
                weights[name] = values * (step / 100)
        save_file(weights, root / f"step-{step}" / "model.safetensors", metadata={"format": "pt"})
    (root / "logs").mkdir()
    return root


@pytest.fixture(scope="module")
def db(folder) -> Path:
    path = folder.parent / "heads.db"
    done = run("scan", "--checkpoints", folder, "--db", path, "--probe", PROBE)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if "heads scored" in line][-1].startswith("little-run@step100:")
    return path


@pytest.mark.slow
def test_each_checkpoint_is_a_scan_of_its_own_and_not_done_twice(db, folder):
    models = [row["model"] for row in json.loads(run("models", "--db", db, "--json").stdout)]
    assert sorted(models) == ["little-run@step0", "little-run@step100", "little-run@step20"]
    again = run("scan", "--checkpoints", folder, "--db", db, "--probe", PROBE)
    assert again.returncode == 0
    assert again.stderr.count("nothing to do") == 3
    assert "heads scored" not in again.stderr


@pytest.mark.slow
def test_a_cut_off_series_goes_on(folder, tmp_path):
    db = tmp_path / "heads.db"
    first = run("scan", folder, "--checkpoints", "20", "--db", db, "--probe", PROBE)
    assert first.returncode == 0, first.stderr
    whole = run("scan", folder, "--checkpoints", "all", "--db", db, "--probe", PROBE)
    assert whole.stderr.count("heads scored") == 2
    assert "little-run@step20 is already in" in whole.stderr
    with headatlas.open(db) as catalog:
        assert runs(catalog) == {"little-run": [0, 20, 100]}


@pytest.mark.slow
def test_the_table_and_the_frame_for_programs(db):
    rows = json.loads(run("training", "little-run", "--db", db, "--json").stdout)
    assert len(rows) == N_HEADS * len(STEPS)
    assert [row["step"] for row in rows[:3]] == list(STEPS)
    with headatlas.open(db) as catalog:
        for row in rows:
            (score,) = catalog.rows(
                "select score from head_scores where model = ? and layer = ? and head = ? and pattern = 'induction' "
                "and probe = ?",
                [f"little-run@step{row['step']}", row["layer"], row["head"], PROBE],
            )[0]
            assert row["score"] == score
    # Without queries attention is uniform, which is chance.
    assert all(row["score"] == pytest.approx(row["chance"], rel=1e-3) for row in rows if row["step"] == 0)
    apart = {step: max(abs(row["score"] - row["chance"]) for row in rows if row["step"] == step) for step in STEPS}
    assert apart[100] > 2 * apart[20] > 100 * apart[0]
    table = run("training", "little-run", "--db", db).stdout
    assert re.search(r"head +first +last +highest +at step +half way", table)
    assert len(re.findall(r"^ *L\dH\d", table, re.MULTILINE)) == N_HEADS


@pytest.mark.slow
def test_the_page_has_one_curve_a_head(db, tmp_path):
    path = tmp_path / "page.html"
    done = run("training", "little-run", "--db", db, "--html", path, "--pattern", "previous_token", "--probe", PROBE)
    assert done.returncode == 0, done.stderr
    page = path.read_text()
    names = [f"L{layer}H{head}" for layer in range(2) for head in range(4)]
    assert re.findall(r'<li id="(\w+)">', page) == names
    for name in names:
        item = re.search(rf'<li id="{name}">.*?</li>', page, re.DOTALL)[0]
        (points,) = re.findall(r'<polyline points="([^"]+)"', item)
        assert len(points.split()) == len(STEPS)
    assert "<script" not in page
    assert not re.search(r'(src|href)="http', page)
    # The heights of a curve are its scores.
    with headatlas.open(db) as catalog:
        history = training(catalog, "little-run", pattern="previous_token", probe=PROBE)
    drawn = re.search(r'<li id="L1H2">.*?<polyline points="([^"]+)"', page, re.DOTALL)[1]
    heights = [float(point.split(",")[1]) for point in drawn.split()]
    (curve,) = [curve for curve in history.curves if curve.name == "L1H2"]
    assert heights == pytest.approx([Curve.HEIGHT * (1 - point.score) for point in curve.points], abs=0.051)
    assert f'aria-label="L1H2: {curve.points[0].score:.2f} at step 0' in page


@pytest.mark.slow
def test_what_is_wrong_is_said_in_a_sentence(db, folder, tmp_path):
    none = tmp_path / "none"
    none.mkdir()
    assert "holds no checkpoints" in said(run("scan", "--checkpoints", none, "--db", db))
    assert "There is no folder" in said(run("scan", "--checkpoints", tmp_path / "away", "--db", db))
    assert "Steps need a MODEL" in said(run("scan", "--checkpoints", "512", "--db", db))
    missing = said(run("scan", folder, "--checkpoints", "0,7", "--db", db))
    assert missing.endswith("has no checkpoint of step 7. It has 0, 20, 100.")
    assert "Give a MODEL" in said(run("scan", "--db", db))
    assert "leave out --revision" in said(run("scan", folder, "--checkpoints", "0", "--revision", "main", "--db", db))
    assert "Did you mean 'little-run'?" in said(run("training", "litle-run", "--db", db))
    assert "no pattern 'inductoin'. Did you mean 'induction'?" in said(
        run("training", "little-run", "--db", db, "--pattern", "inductoin")
    )
    assert "no scored probe 'natural_text'" in said(
        run("training", "little-run", "--db", db, "--probe", "natural_text")
    )
    away = said(run("training", "little-run", "--db", db, "--html", tmp_path / "no" / "page.html"))
    assert "cannot be written" in away


def test_steps_of_a_model_on_the_hub_are_revisions():
    steps = checkpoints("EleutherAI/pythia-70m", "1000, 0,512")
    assert [(checkpoint.step, checkpoint.model, checkpoint.revision, checkpoint.name) for checkpoint in steps] == [
        (0, "EleutherAI/pythia-70m", "step0", "EleutherAI/pythia-70m@step0"),
        (512, "EleutherAI/pythia-70m", "step512", "EleutherAI/pythia-70m@step512"),
        (1000, "EleutherAI/pythia-70m", "step1000", "EleutherAI/pythia-70m@step1000"),
    ]
    (checkpoint,) = checkpoints("stanford-crfm/alias-gpt2-small-x21", "checkpoint-400", "alias")
    assert (checkpoint.revision, checkpoint.name) == ("checkpoint-400", "alias@step400")
    assert run_and_step("a@b@step7") == ("a@b", 7)
    assert run_and_step("EleutherAI/pythia-70m") is None
    assert run_and_step("a@step" + "9" * 900) is None


@pytest.mark.slow
def test_the_revision_is_what_is_loaded(monkeypatch, tmp_path):
    from click.testing import CliRunner

    from headatlas.cli.main import main

    asked = []

    def load(model, options, name_as):
        asked.append((model, options.revision, name_as))
        raise ModelError("Enough.")

    monkeypatch.setattr("headatlas.scanning.scanner.load_model", load)
    done = CliRunner().invoke(main, ["scan", "a/b", "--checkpoints", "8,4", "--db", str(tmp_path / "heads.db")])
    assert "Enough." in done.output
    assert asked == [("a/b", "step4", "a/b@step4")]


def test_folders_one_by_one(folder, tmp_path):
    both = f"{folder / 'step-100'},{folder / 'step-20'}"
    assert [checkpoint.name for checkpoint in checkpoints(None, both)] == ["little-run@step20", "little-run@step100"]
    other = tmp_path / "elsewhere" / "checkpoint-0300"
    shutil.copytree(folder / "step-20", other)
    with pytest.raises(ModelError, match="--as NAME"):
        checkpoints(None, f"{both},{other}")
    assert [checkpoint.step for checkpoint in checkpoints(None, f"{both},{other}", "mine")] == [20, 100, 300]
    shutil.copytree(folder / "step-20", tmp_path / "twice" / "step-20")
    shutil.copytree(folder / "step-20", tmp_path / "twice" / "again-20")
    with pytest.raises(ModelError, match="Two checkpoints are of step 20"):
        checkpoints(None, str(tmp_path / "twice"))
    with pytest.raises(ModelError, match="No checkpoint is named"):
        checkpoints("gpt2", " , ")
    with pytest.raises(ModelError, match="'main' tells no step"):
        checkpoints("gpt2", "main")


def test_a_model_without_a_step_beside_them_is_left_out_with_a_warning(folder, tmp_path, logged):
    shutil.copytree(folder / "step-20", tmp_path / "run" / "step-20")
    shutil.copytree(folder / "step-20", tmp_path / "run" / "best")
    assert [checkpoint.step for checkpoint in checkpoints(None, str(tmp_path / "run"))] == [20]
    assert "best is left out" in logged()


def curve(*scores: float | None, steps: tuple[int, ...] | None = None) -> HeadCurve:
    steps = steps or tuple(range(0, 100 * len(scores), 100))
    return HeadCurve(
        "self", 0, 0, tuple(Point(step, score, score, score, 0.1) for step, score in zip(steps, scores, strict=True))
    )


def test_half_way():
    assert curve(0.1, 0.1, 0.8, 0.9).half_way == 200
    assert curve(0.1, 0.9, 0.1, 0.9).half_way == 300
    assert curve(0.1, 0.9, 0.2).half_way is None
    assert curve(0.5, 0.5).half_way is None
    assert curve(None, None).half_way is None
    assert curve(0.1, 0.9, 0.9).highest == (100, 0.9)


@pytest.mark.parametrize(
    ("scores", "low", "said"),
    [
        ((0.010, 0.011, 0.013), 0.009, True),  # two standard errors above chance, of eight heads one has that by luck
        ((0.010, 0.011, 0.030), 0.026, False),
        ((0.010, 0.008), 0.006, True),
    ],
)
def test_a_top_score_at_chance_is_said_to_be_at_chance(scores, low, said):
    end, chance = max(scores), 0.01
    points = (Point(0, 0.5, 0.4, 0.6, chance), Point(10, end, low, 2 * end - low, chance))
    others = [HeadCurve("self", 0, head, (*points[:1], Point(10, 0.009, 0.006, 0.012, chance))) for head in range(1, 8)]
    notes = _noise([HeadCurve("self", 0, 0, points), *others], "induction")
    if said:
        assert notes == (
            f"At the last step no head is above chance in induction: the highest, L0H0, has {end:.3f} where chance is "
            "0.010, and one of 8 heads has as much by luck.",
        )
    else:
        assert notes == ()


def test_statistics_have_no_chance_to_be_at():
    assert _noise([HeadCurve("self", 0, 0, (Point(0, 0.5, 0.4, 0.6, None),))], "entropy") == ()


def page_of(*curves: HeadCurve) -> str:
    steps = tuple(point.step for point in curves[0].points)
    return training_page(
        Training(
            run="a & b", pattern="induction", family="content", kind="target", summary="Copies.", unit="share",
            probe=PROBE, steps=steps, curves=curves, labelled={}, notes=(),
        )
    ).decode()  # fmt: skip


def test_a_step_without_a_score_breaks_the_line():
    page = page_of(curve(0.1, 0.2, None, 0.5, None, 0.7, 0.8))
    own = page[page.index("<li") :]
    assert [len(points.split()) for points in re.findall(r'<polyline points="([^"]+)"', own)] == [2, 2]
    assert page.count('<path class="dot"') == 1
    assert "a &amp; b" in page
    assert "no score" in page_of(curve(None, None))
    assert page_of(curve(0.4, steps=(7,))).count('<path class="dot"') == 1


def test_uneven_steps_are_spread_by_their_logarithm():
    def places(*steps: int) -> list[float]:
        page = page_of(curve(*([0.5] * len(steps)), steps=steps))
        return [float(point.split(",")[0]) for point in re.search(r'<polyline points="([^"]+)"', page)[1].split()]

    assert places(0, 100, 200) == [0, Curve.WIDTH / 2, Curve.WIDTH]
    apart = places(0, 1, 2, 4, 8, 512, 143000)
    assert apart == sorted(apart)
    assert min(after - before for before, after in pairwise(apart)) > Curve.WIDTH / 40


@pytest.mark.slow
def test_scores_of_two_versions_are_not_one_curve(tmp_path):
    path = tmp_path / "heads.db"
    fake_database.make(path, models=["r@step0", "r@step10", "other"])
    with headatlas.open(path) as catalog:
        assert runs(catalog) == {"r": [0, 10]}
        assert len(training(catalog, "r").curves) == 12
        with pytest.raises(UnknownNameError, match="training run 'other'"):
            training(catalog, "other")
    from sqlite_utils import Database

    database = Database(path)
    first = next(database.query("select id from patterns where name = 'induction'"))["id"]
    row = dict(database["patterns"].get(first)) | {"id": None, "version": 99}
    newer = database["patterns"].insert(row, pk="id").last_pk
    database.execute(
        "update scores set pattern_id = ? where pattern_id = ? and head_id in (select heads.id from heads "
        "join scans on scans.id = scan_id where model = 'r@step10')",
        [newer, first],
    )
    database.conn.commit()
    with headatlas.open(path) as catalog, pytest.raises(HeadatlasError, match="different versions of induction"):
        training(catalog, "r")


@pytest.mark.slow
def test_the_example_trains_and_saves_what_can_be_scanned(tmp_path):
    import importlib.util

    path = Path(__file__).parent.parent / "examples" / "train_induction.py"
    spec = importlib.util.spec_from_file_location("train_induction", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    losses = module.train(tmp_path / "run", steps=4, every=2)
    torch.set_num_threads(threads)
    assert [step for step, _ in losses] == [0, 2, 4]
    # Nothing is known yet: each of the words is as likely as the next.
    assert losses[0][1] == pytest.approx(4.6, abs=0.3)
    assert [checkpoint.step for checkpoint in checkpoints(None, str(tmp_path / "run"))] == [0, 2, 4]
    done = run("scan", tmp_path / "run", "--checkpoints", "4", "--db", tmp_path / "heads.db", "--probe", PROBE)
    assert done.returncode == 0, done.stderr
    rows = json.loads(run("training", "run", "--db", tmp_path / "heads.db", "--json").stdout)
    assert len(rows) == N_HEADS
