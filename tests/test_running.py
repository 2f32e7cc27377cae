"""Commands that run a model: what they refuse, and what they say when they are stopped."""

from __future__ import annotations

import click
import pytest
import torch
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, ModelError
from headatlas.models.devices import choose_device
from headatlas.store.job import Plan
from headatlas.store.scans import Store


def run(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_ctrl_c_prints_the_command_to_go_on(monkeypatch, tmp_path):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("headatlas.scanning.scanner.scan_model", interrupted)
    monkeypatch.setattr("headatlas.views.text_view.view", interrupted)
    db = tmp_path / "my heads.db"
    done = run("scan", "gpt2", "--as", "it's", "--db", db)
    assert done.exit_code == 130
    assert done.stderr.splitlines()[-2:] == [
        "Stopped. Nothing was stored yet; the same command starts anew:",
        f"""headatlas scan gpt2 --as 'it'"'"'s' --db '{db}'""",
    ]
    assert not db.exists()
    done = run("view", "gpt2", "text")
    assert (done.exit_code, done.stderr) == (130, "\nStopped.\n"), "a view keeps nothing"


@pytest.mark.slow
def test_ctrl_c_says_whether_anything_was_stored(monkeypatch, tmp_path):
    db = tmp_path / "heads.db"
    kept, nothing = "What was done is kept; the same command goes on from there:", "Nothing was stored yet;"

    def stopped_after(work):
        def interrupted(*args, **kwargs):
            with Store(db) as store:
                work(store)
            raise KeyboardInterrupt

        monkeypatch.setattr("headatlas.scanning.scanner.scan_model", interrupted)
        done = run("scan", "gpt2", "--db", db)
        assert done.exit_code == 130
        return done.stderr

    def begin(store):
        store.jobs.begin("gpt2", Plan("a"))

    assert nothing in stopped_after(begin), "begun, and no chunk done"
    assert kept in stopped_after(lambda store: store.jobs.write(1, 0, b"sums", 0.5))
    assert kept in stopped_after(lambda store: store.jobs.finish(1)), "finished, and its evidence is missing"
    with Store(db) as store:
        store.db.execute("update scans set finished = '2020-01-01T00:00:00Z'")
    assert nothing in stopped_after(begin), "what another command finished long ago is none of this one's"


@pytest.mark.slow
def test_a_sweep_takes_what_a_scan_takes(tiny, tmp_path):
    own = ("checkpoints", "revision", "name", "generate")  # of one model
    commands = {
        name: {parameter.name for parameter in main.commands[name].params if isinstance(parameter, click.Option)}
        for name in ("scan", "sweep")
    }
    assert commands["scan"] - commands["sweep"] == set(own)
    (tmp_path / "essay.txt").write_text("The ferry leaves at nine, and the ferry comes back at ten. " * 4)
    (tmp_path / "models.txt").write_text(f"small = {tiny('short_gpt2')}\nother = {tiny('bert')}\n")
    db = tmp_path / "heads.db"
    options = ("--db", db, "--text", tmp_path / "essay.txt", "--probe", "repeated_random_tokens", "--evidence")
    done = run("sweep", tmp_path / "models.txt", *options)
    assert done.exit_code == 0, done.output
    with headatlas.open(db) as catalog:
        assert set(catalog.scores()["probe"]) == {"text:essay.txt", "repeated_random_tokens"}
        assert set(catalog.evidence()["model"]) == {"small", "other"}
        before = catalog.evidence()
    again = run("sweep", tmp_path / "models.txt", *options)
    assert again.stderr.count("already there") == 2
    with headatlas.open(db) as catalog:
        assert catalog.evidence().equals(before)


@pytest.mark.slow
def test_evidence_that_fails_does_not_stop_a_sweep(tiny, tmp_path, monkeypatch):
    def failing(model, **options):
        raise HeadatlasError(f"Nothing is known of {options['name']}.")

    monkeypatch.setattr("headatlas.evidence.run.gather", failing)
    (tmp_path / "models.txt").write_text(f"small = {tiny('gpt2')}\n")
    options = ("--db", tmp_path / "heads.db", "--probe", "needle_in_filler", "--evidence")
    done = run("sweep", tmp_path / "models.txt", *options)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        "small: It is scanned, but evidence was not gathered. Nothing is known of small."
    )


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cuda:1", "CUDA:0", "cpu", "auto", "mps"])
def test_devices_by_number(monkeypatch, device, tmp_path):
    asked = []

    def loaded(name, options, name_as=None):
        asked.append(options.device)
        raise ModelError("enough")

    monkeypatch.setattr("headatlas.scanning.scanner.load_model", loaded)
    assert run("scan", "gpt2", "--device", device, "--db", tmp_path / "a.db").exit_code == 1
    assert asked == [device.lower()]


def test_a_gpu_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == "cuda:1"
    with pytest.raises(ModelError, match="no device 'cuda:2': its 2 GPUs are cuda:0 to cuda:1"):
        choose_device("cuda:2")
    with pytest.raises(ModelError, match="no device 'cuda:x'"):
        choose_device("cuda:x")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="no device 'cuda:1' that torch can use"):
        choose_device("cuda:1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan", "gpt2", "--device", "gpu"], "'gpu' is no device. Use auto, cpu, mps, cuda, or cuda:1"),
        (["scan", "gpt2", "--device", "cuda:"], "'cuda:' is no device"),
        (["scan", "gpt2", "--seed", "-1"], "-1 is less than 0"),
        (["scan", "gpt2", "--seed", str(10**30)], "is more than"),
        (["scan", "gpt2", "--window", "1"], "1 is less than 2"),
        (["scan", "gpt2", "--n-devices", "0"], "0 is less than 1"),
        (["sweep", "list.txt", "--seed", "-1"], "-1 is less than 0"),
        (["sweep", "list.txt", "--workers", "0"], "0 is less than 1"),
        (["sweep", "list.txt", "--window", "9"], "--window is for your own text"),
        (["bench", "heads.py", "--seed", "-1"], "-1 is less than 0"),
        (["view", "gpt2", "text", "--layer", "first"], "'first' is not a valid integer"),
    ],
)
def test_usage_errors(arguments, message):
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
