"""docs/catalogue.md is true: what it shows is what its commands print on a made-up database.

`python -m tests.test_docs_catalogue` writes the outputs into the page anew.
"""

from __future__ import annotations

import code
import contextlib
import io
import re
import sqlite3
import tempfile
from pathlib import Path

import pytest

from headatlas.cli.main import main
from tests import fake_database
from tests.docs_blocks import Session

PAGE = Path(__file__).parent.parent / "docs" / "catalogue.md"
BLOCK = re.compile(r"```(console|pycon)\n(.*?)```", re.DOTALL)
TOKENS = ("The", " cat", " sat", " on", " the", " mat")
FINDINGS = """model,head,role,pattern,measure,value,setting,source,basis
base,L2H3,induction,induction,attention,0.8,random tokens repeated,Nobody 2026,paper
base,L1H2,previous token,previous_token,attention,0.9,text,Nobody 2026,paper
"""


def made_up(folder: Path) -> None:
    """The files that the page speaks of."""
    fake_database.make(folder / "headatlas.db", models=["base", "finetune"], tokens=TOKENS)
    with contextlib.closing(sqlite3.connect(folder / "headatlas.db")) as connection, connection:
        # A head that the fine-tune lost: its score fell from 0.75 to 0.11.
        connection.execute(
            "insert into labels(head_id, label, confidence, rank) select heads.id, 'induction', 0.96, 1 "
            "from heads join scans on scans.id = scan_id where model = 'base' and layer = 2 and head = 3"
        )
    fake_database.make(folder / "laptop.db", models=["larger"], layers=4, tokens=TOKENS, seed=1)
    (folder / "findings.csv").write_text(FINDINGS)


def filled(page: str, folder: Path) -> str:
    """The page with the output under each command, as `folder`'s files give it now."""
    made_up(folder)
    commands = Session(folder, columns=110)

    def run(block: re.Match[str]) -> str:
        if block[1] == "pycon":
            return f"```pycon\n{session(block[2])}```"
        command = block[2].splitlines()[0].removeprefix("$ ")
        _, printed = commands.run(command)
        return "\n".join(["```console", f"$ {command}", *filter(None, [printed]), "```"])

    with contextlib.chdir(folder):
        return BLOCK.sub(run, page)


def session(written: str) -> str:
    """The statements of a Python session with what each prints now."""
    statements: list[list[str]] = []
    for line in written.splitlines():
        if line.startswith(">>> "):
            statements.append([line])
        elif line.startswith("... "):
            statements[-1].append(line)
    console = code.InteractiveConsole()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        for lines in statements:
            printed.write("\n".join(lines) + "\n")
            console.runsource("\n".join(line[4:] for line in lines) + "\n", symbol="single")
    assert "Traceback" not in printed.getvalue(), printed.getvalue()
    return "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())


@pytest.mark.slow
def test_outputs_are_what_the_commands_print(tmp_path):
    page = PAGE.read_text()
    assert filled(page, tmp_path) == page, "run `python -m tests.test_docs_catalogue`"


def test_no_command_of_the_page_is_unknown():
    named = set(re.findall(r"headatlas ([a-z]+)", PAGE.read_text()))
    assert named - {"needs"} <= set(main.commands)
    assert named >= {"heads", "query", "search", "similar", "compare", "export", "import", "merge", "atlas", "verify"}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(filled(PAGE.read_text(), Path(folder)))
