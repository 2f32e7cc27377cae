"""Publishing on the hub, against a stand-in of its API on this machine: what goes up comes down again."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
import yaml
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from tests import fake_database

pytest.importorskip("pyarrow")
COMMIT = "0" * 39 + "1"


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as creating, uploading to and downloading from a data set takes; files are kept in memory."""

    files: dict[str, bytes]
    refuses: bool

    def log_message(self, *_):
        pass

    @property
    def here(self):
        return f"http://{self.headers['Host']}"

    def answer(self, content=b"", status=200, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.refuses:
            return self.answer({"error": "You are nobody."}, status=403)
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            assert asked["type"] == "dataset"
            return self.answer({"url": f"{self.here}/datasets/{asked['organization']}/{asked['name']}"})
        if "/preupload/" in self.path:
            paths = [file["path"] for file in json.loads(body)["files"]]
            return self.answer(
                {"files": [{"path": path, "uploadMode": "regular", "shouldIgnore": False} for path in paths]}
            )
        if "/commit/" in self.path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            return self.answer({"commitUrl": f"{self.here}/datasets/me/heads/commit/{COMMIT}", "commitOid": COMMIT})
        return self.answer({"valid": True})

    def do_GET(self):
        path = unquote(self.path.partition("?")[0])
        if "/resolve/" in path and (name := path.split("/resolve/")[1].partition("/")[2]) in self.files:
            content = self.files[name]
            return self.answer(content, ETag=f'"{hashlib.sha1(content).hexdigest()}"', X_Repo_Commit=COMMIT)
        if path.startswith("/api/datasets/me/heads") and self.files:
            siblings = [{"rfilename": name} for name in self.files]
            if "/tree/" in path:
                return self.answer(
                    [{"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                     for name, content in self.files.items()]
                )  # fmt: skip
            return self.answer({"id": "me/heads", "sha": COMMIT, "siblings": siblings})
        return self.answer({"error": "Not found"}, status=404, X_Error_Code="RepoNotFound")

    do_HEAD = do_GET


@pytest.fixture
def hub(monkeypatch):
    handler = type("Handler", (Hub,), {"files": {}, "refuses": False})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_TOKEN", "made-up")
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    yield handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def db(tmp_path):
    return fake_database.make(tmp_path / "a.db", models=("some/m|odel", "n"))


def invoke(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "160"})


@pytest.mark.slow
def test_a_dry_run_lists_and_uploads_nothing(hub, db):
    done = invoke("publish", "--to", "me/heads", "--db", db)
    assert done.exit_code == 0, done.stderr
    assert {"README.md", "catalog/n/scan.json", "data/head_scores.parquet"} <= {
        line.split()[0] for line in done.stdout.splitlines()
    }
    assert "Nothing was uploaded" in done.stderr
    assert not hub.files
    assert invoke("publish", "--to", "me/heads", "--push", "--db", db).exit_code == 2
    assert "Write OWNER/NAME" in invoke("publish", "--to", "heads", "--db", db).stderr


@pytest.mark.slow
def test_what_is_published_is_imported_again(hub, db, tmp_path):
    done = invoke("publish", "--to", "me/heads", "--license", "cc-by-4.0", "--push", "--db", db)
    assert done.exit_code == 0, done.stderr
    card = hub.files["README.md"].decode()
    head = yaml.safe_load(card.split("---")[1])
    assert head["license"] == "cc-by-4.0"
    assert {config["data_files"] for config in head["configs"]} == {
        name for name in hub.files if name.endswith(".parquet")
    }
    assert "some/m\\|odel" in card
    done = invoke("import", "hf:me/heads", "--db", tmp_path / "b.db")
    assert done.exit_code == 0, done.stderr
    with headatlas.open(db) as first, headatlas.open(tmp_path / "b.db") as second:
        assert {row["model"] for row in second.scans()} == {row["model"] for row in first.scans()}
        assert second.labels("n").equals(first.labels("n"))


def test_what_the_hub_refuses_or_lacks_is_said(hub, db, tmp_path):
    done = invoke("import", "hf:me/heads", "--db", tmp_path / "b.db")
    assert done.exit_code == 1
    assert "me/heads cannot be read from the hub" in done.stderr
    hub.files["README.md"] = b"# something else"
    assert "holds no scans of headatlas" in invoke("import", "hf:me/heads", "--db", tmp_path / "b.db").stderr
    hub.refuses = True
    done = invoke("publish", "--to", "me/heads", "--license", "mit", "--push", "--db", db)
    assert done.exit_code == 1
    assert "was not published" in done.stderr
    assert "Traceback" not in done.stderr
