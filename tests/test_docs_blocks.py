"""Every block of README.md, docs/ and the other pages is run in order, in a fresh folder, and its output compared.

What cannot be run here stands in `NOT_RUN` with the reason. A block that is neither run nor listed fails.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests import fake_database, tiny_models, warm
from tests.docs_blocks import PAGES, ROOT, SHELL, Block, Session, blocks, commands, differences

HUB = "needs a model of the hub"
INSTALLS = "installs packages, or tries what was installed; tests/test_packaging.py does so with the wheel"
MAKE = "is what runs this test, or what was run before it"
MINUTES = "takes minutes on the demonstration model"
LOADS = "loads the demonstration model; tests/test_path.py runs the command on a tiny one"
RAY = "starts Ray for tiny models; tests/test_sweep_ray.py does"
SERVES = "changes the user's shell"
BENCH = "reads all probes as the demonstration model does, 17 s; tests/test_bench.py runs the command on less"
A_PART = "is a part of a module, and no program"
NNSIGHT = "needs nnsight; tests/test_converters.py does so with what it saves"
SERVER = "needs llama.cpp; tests/test_converters.py calls it with made-up rows"
WINDOWS = "is for Windows"
DRAWS = "trains for ten minutes and scans what was trained; tests/test_pictures.py does so with less"
ANSWERS = "trains for a minute and scans what was trained; tests/test_toy_vision_language.py does so with less"
FUZZES = "runs for as long as one likes; tests/test_fuzz_catalogue.py and its neighbours run for seconds"
RUN_BEFORE = "shows the run of examples/train_induction.py, which takes 75 s"

# Page, how the command or the block begins, and why it is not run. Every line must match something.
NOT_RUN: list[tuple[str, str, str]] = [
    ("README.md", "make ", MAKE),
    ("README.md", "pip install", INSTALLS),
    ("README.md", "headatlas atlas --catalog catalog/", "makes the site of both models, as a folder that is there"),
    ("README.md", "headatlas scan ./run --checkpoints all", "scans two steps; the block of docs/training.md does"),
    ("README.md", "headatlas scan gpt2", HUB),
    ("README.md", "headatlas verify gpt2", HUB),
    ("README.md", "headatlas scan ./my-finetune", "has the name of a made-up scan that is compared before"),
    ("README.md", "headatlas publish", "reads the whole scan; tests/test_publish.py does so with a smaller one"),
    ("README.md", "headatlas task agreement --model", MINUTES),
    ("README.md", "headatlas path", LOADS),
    ("CONTRIBUTING.md", "make ", MAKE),
    ("benchmarks/labels/README.md", "@rule", A_PART),
    ("docs/bench.md", "headatlas bench my_heads.py", BENCH),
    ("docs/commands.md", "eval ", SERVES),
    ("docs/commands.md", "_HEADATLAS_COMPLETE=fish_source", SERVES),
    ("docs/evidence.md", "headatlas scan smollm2-135m --evidence", MINUTES),
    ("docs/evidence.md", "headatlas evidence smollm2-135m", MINUTES),
    ("docs/evidence.md", "headatlas path", LOADS),
    ("docs/install.md", "python3.11 -m venv", INSTALLS),
    ("docs/install.md", "~/headatlas-env/bin/", INSTALLS),
    ("docs/install.md", "pip install", INSTALLS),
    ("docs/install.md", "uv ", INSTALLS),
    ("docs/install.md", "make atlas", MAKE),
    ("docs/install.md", "py -3.11", WINDOWS),
    ("docs/pictures.md", "OMP_NUM_THREADS=1 python examples/toy_diffusion.py", DRAWS),
    ("docs/pictures.md", "headatlas scan ./toy-diffusion", DRAWS),
    ("docs/pictures.md", "headatlas atlas", DRAWS),
    ("docs/pictures.md", "OMP_NUM_THREADS=1 python examples/toy_vision_language.py", ANSWERS),
    ("docs/pictures.md", "headatlas scan ./toy-vision-language", ANSWERS),
    ("docs/recorded.md", "with model.trace", NNSIGHT),
    ("docs/recorded.md", "recording = converters.from_llama_cpp", SERVER),
    ("docs/scale.md", "headatlas sweep models.txt --ray", RAY),
    ("docs/security.md", "make fuzz", FUZZES),
    ("docs/tasks.md", "headatlas task ioi --model", MINUTES),
    ("docs/texts.md", "headatlas scan smollm2-135m", MINUTES),
    ("docs/texts.md", "headatlas heads licence --pattern induction", MINUTES),
    ("docs/training.md", "headatlas scan EleutherAI/pythia-70m", HUB),
    ("docs/training.md", "headatlas training induction-run", RUN_BEFORE),
]  # fmt: skip
# docs/catalogue.md has its own test, which also writes its outputs anew.
ELSEWHERE = {"docs/catalogue.md": "tests/test_docs_catalogue.py"}
# How wide the terminal was when the outputs of a page were made, where it was not 110 columns.
COLUMNS = {"README.md": 80}
# Blocks of text that are files, by the first line.
FILES = {
    ("docs/scale.md", "# two models made for this page"): "models.txt",
    ("docs/bench.md", "import numpy"): "my_heads.py",
    ("docs/tasks.md", '{"prompt"'): "verbs.jsonl",
}

Tiny = Callable[[str], Path]


def _model(folder: Path, tiny: Tiny, name: str = "model", kind: str = "short_gpt2") -> Path:
    return shutil.copytree(tiny(kind), folder / name)


def _steps(folder: Path, tiny: Tiny) -> None:
    """Two steps of a training run."""
    for step in (0, 100):
        _model(folder, tiny, f"step-{step}")


def _readme(folder: Path, tiny: Tiny) -> None:
    shutil.copytree(ROOT / "catalog", folder / "catalog")
    made_up = fake_database.make(folder / "made-up.db", models=["base", "finetune", "./run"])
    assert warm.run("merge", folder / "headatlas.db", made_up, timeout=600).returncode == 0
    _model(folder, tiny, "my-finetune")
    (folder / "models.txt").write_text("small = my-finetune\n")
    tiny_models.gguf_file(folder / "model.gguf", context=tiny_models.CONTEXT // 4)
    _attention(folder, tiny)


def _attention(folder: Path, tiny: Tiny) -> None:
    """What docs/recorded.md calls files."""
    _model(folder, tiny, "tiny")
    rng = np.random.default_rng(0)
    rows = np.tril(rng.random((1, 4, 2, 6, 6), dtype=np.float32))
    np.savez(
        folder / "attention.npz", attention=rows / rows.sum(-1, keepdims=True), token_ids=rng.integers(0, 9, (4, 6))
    )
    words = ["a", " b", " c", " a", " b", " c"]
    said = {"tokens": words, "logprobs": [None, -3.0, -4.0, -3.5, -0.5, -0.25]}
    (folder / "logprobs.json").write_text(json.dumps({"sequences": [said] * 3}))


def _texts(folder: Path, tiny: Tiny) -> None:
    _model(folder, tiny)
    # More than the page's beginning of it; the whole takes three times as long.
    (folder / "LICENSE").write_text((ROOT / "LICENSE").read_text()[:4000])
    tickets = [
        ("The printer on floor 3 is on fire again.", "Leave the building."),
        ("The printer on floor 3 is still on fire.", "Please leave the building."),
        ("The new printer on floor 3 is fine, thanks.", "You are welcome."),
    ]
    rows = [{"id": n, "text": text, "answer": answer} for n, (text, answer) in enumerate(tickets, 1)]
    (folder / "tickets.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def _troubles(folder: Path, tiny: Tiny) -> None:
    for name in ("model", "other", "with-code", "no-tokenizer", "moving"):
        _model(folder, tiny, name)
    weights = bytearray((folder / "other" / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "other" / "model.safetensors").write_bytes(weights)
    config = json.loads((folder / "with-code" / "config.json").read_text())
    config |= {"model_type": "nobodys", "auto_map": {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"}}
    (folder / "with-code" / "config.json").write_text(json.dumps(config))
    for file in (folder / "no-tokenizer").glob("*token*"):
        file.unlink()


# What lies in the folder of a page before its first block.
PREPARED: dict[str, Callable[[Path, Tiny], None]] = {
    "README.md": _readme,
    "docs/ci.md": lambda folder, tiny: _model(folder, tiny, kind="shortest_gpt2"),
    "docs/install.md": lambda folder, tiny: _model(folder, tiny),
    "docs/recorded.md": _attention,
    "docs/tasks.md": lambda folder, tiny: _model(folder, tiny),
    "docs/texts.md": _texts,
    "docs/training.md": lambda folder, tiny: _steps(folder / "my-run", tiny),
    "docs/troubleshooting.md": _troubles,
}  # fmt: skip
# Pages that speak of the demonstration model's scan.
ON_DEMO = {"README.md", "docs/atlas.md", "docs/evidence.md"}
WITH_BLOCKS = [str(page) for page in PAGES if str(page) not in ELSEWHERE and blocks(page)]


def reason_not_run(page: str, text: str) -> str | None:
    """Why a command or a block is not run; None where it is."""
    return next((reason for name, start, reason in NOT_RUN if name == page and text.startswith(start)), None)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_blocks_run_as_printed(page, tmp_path, tiny, request):
    if page in ON_DEMO:
        shutil.copy(request.getfixturevalue("demonstration"), tmp_path / "headatlas.db")
    if page in PREPARED:
        PREPARED[page](tmp_path, tiny)
    first = page == "README.md"  # whose outputs docs/generate.py writes
    session = Session(tmp_path, COLUMNS.get(page, 110), only_output=first, home="." if first else "/home/you")
    all_blocks = blocks(Path(page))
    for number, block in enumerate(all_blocks):
        run_block(session, page, block, all_blocks[number - 1] if number else None)
    session.close()


def run_block(session: Session, page: str, block: Block, before: Block | None) -> None:
    """Runs a block, or checks it as what it is; `before` is the block before it."""
    file = next((name for (on, start), name in FILES.items() if on == page and block.text.startswith(start)), None)
    if file:
        (session.folder / file).write_text(block.text)
    if block.language in SHELL:
        for command in commands(block):
            if not reason_not_run(page, command.text):
                run_command(session, page, command.text, command.output)
    elif reason_not_run(page, block.text):
        return
    elif block.language == "python":
        session.printed = session.run_python(block.text)
    elif block.language == "text" and before is not None and before.language == "python":
        assert not differences(block.text, session.printed), f"{page}, line {block.line}"
    elif block.language == "toml":
        assert tomllib.loads(block.text)
    elif block.language == "yaml":
        assert yaml.safe_load(block.text)
    else:
        assert file, f"{page}, line {block.line}: nothing says how a block of '{block.language}' is run"


def run_command(session: Session, page: str, command: str, output: str | None) -> None:
    code, printed = session.run(command)
    due = 1 if output is not None and "Error: " in output else 0
    assert code == due, f"{page}: {command}\n{printed}"
    if output is not None and output.strip():
        difference = differences(output, printed)
        assert not difference, f"{page}: {command}\n{difference}"


def test_what_is_not_run_is_there():
    """An exception whose block is gone, or is another now, is taken out of the list."""
    texts = {str(page): [text for block in blocks(page) for text in [block.text, *_commands(block)]] for page in PAGES}
    for page, start, _ in NOT_RUN:
        assert any(text.startswith(start) for text in texts[page]), f"{page} has no block that begins with {start}"
    assert set(ELSEWHERE) <= set(texts)


def _commands(block: Block) -> list[str]:
    return [command.text for command in commands(block)] if block.language in SHELL else []


@pytest.mark.parametrize(
    ("shown", "printed", "alike"),
    [
        ("L1H2  0.915  0.906-0.922", "L1H2  0.914  0.906-0.922", True),
        ("L1H2  0.915", "L1H2  0.913", False),
        ("L1H2  0.915", "L1H3  0.915", False),
        ("123.61072813009132", "123.6107", True),
        ("3 of 8 rows", "4 of 8 rows", False),
        ("head\n...\nend", "head\n1\n2\nend", True),
        ("head\n...\nend", "head\n1\n2", False),
        ("head\n...", "tail\n1", False),
        ("head", "head\nmore", False),
    ],
)
def test_what_counts_as_the_same_output(shown, printed, alike):
    assert (differences(shown, printed) == "") == alike
