"""Scans as a data set on the Hugging Face hub, and back: a card, a Parquet file a view, the folders of `export`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.errors import HeadatlasError, one_line
from headatlas.settings import __version__

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

PREFIX = "hf:"
CATALOG, TABLES, CARD = "catalog", "data", "README.md"
_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def repository(name: str) -> str:
    """The name of a repository, OWNER/NAME, with or without `hf:` before it.

    Raises:
        HeadatlasError: it is no such name.
    """
    repo = name.removeprefix(PREFIX)
    if not _REPO.fullmatch(repo):
        raise HeadatlasError(f"'{name}' is no repository of the hub. Write OWNER/NAME.")
    return repo


@contextlib.contextmanager
def prepared(reader: Reader, repo: str, models: Sequence[str] = (), *, licence: str | None = None) -> Iterator[Path]:
    """A folder with what `publish` uploads, gone afterwards.

    Raises:
        UnknownNameError: a model that the database does not hold.
        HeadatlasError: pyarrow is not installed; there is nothing to publish.
    """
    from headatlas.share.files import export
    from headatlas.share.parquet import write_views

    names = [str(reader.scan(model)["model"]) for model in models] or [row["model"] for row in reader.scans()]
    if not names:
        raise HeadatlasError(f"{reader.path} holds no finished scan to publish.")
    with tempfile.TemporaryDirectory(prefix="headatlas-") as temporary:
        folder = Path(temporary)
        views = [path.stem for path in write_views(reader, folder / TABLES, names)]
        scans = [path.name for path in export(reader, folder / CATALOG, names, own_probes=True)]
        (folder / CARD).write_text(_card(repo, dict(zip(names, scans, strict=True)), views, licence), encoding="utf-8")
        yield folder


def upload(folder: Path, repo: str) -> str:
    """Uploads a prepared folder into a data set of the hub, which is made where it is not there; returns its address.

    Who uploads is what huggingface_hub knows: `hf auth login`, or `$HF_TOKEN`.

    Raises:
        HeadatlasError: the hub does not take it, or is not there.
    """
    from huggingface_hub.errors import HfHubHTTPError

    try:
        api = _api()
        api.create_repo(repo, repo_type="dataset", exist_ok=True)
        done = api.upload_folder(
            repo_id=repo, repo_type="dataset", folder_path=folder, commit_message=f"headatlas {__version__}",
        )  # fmt: skip
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise HeadatlasError(
            f"{repo} was not published: {_reason(error)}. Log in with `hf auth login`, or see whether the name is "
            "yours."
        ) from error
    return str(getattr(done, "repo_url", None) or repo)


@contextlib.contextmanager
def downloaded(name: str) -> Iterator[Path]:
    """The exported scans of a data set on the hub, in a folder that is gone afterwards.

    Raises:
        HeadatlasError: there is no such data set, the hub is not there, or it holds no scans of headatlas.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    repo = repository(name)
    with tempfile.TemporaryDirectory(prefix="headatlas-") as temporary:
        try:
            snapshot_download(
                repo, repo_type="dataset", allow_patterns=[f"{CATALOG}/*"], local_dir=temporary, endpoint=_endpoint()
            )
        except (HfHubHTTPError, OSError, ValueError) as error:
            raise HeadatlasError(f"{repo} cannot be read from the hub: {_reason(error)}.") from error
        folder = Path(temporary) / CATALOG
        if not folder.is_dir():
            raise HeadatlasError(f"{repo} holds no scans of headatlas: there is no folder {CATALOG}/ in it.")
        yield folder


def _reason(error: BaseException) -> str:
    """Why the hub gave nothing, in words."""
    names = {type(cause).__name__ for cause in (error, error.__cause__, error.__context__) if cause is not None}
    if names & {"ConnectError", "ConnectionError", "ConnectTimeout", "LocalEntryNotFoundError", "ProxyError"}:
        return "the hub cannot be reached"
    return one_line(error).rstrip(".")


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT")


def _api() -> Any:
    from huggingface_hub import HfApi

    return HfApi(endpoint=_endpoint())


def _card(repo: str, scans: dict[str, str], views: Sequence[str], licence: str | None) -> str:
    """The data set's card: what is in it, and how to read it. The head is YAML, in which JSON is allowed."""
    configs = [
        {"config_name": view, "data_files": f"{TABLES}/{view}.parquet", **({"default": True} if number == 0 else {})}
        for number, view in enumerate(views)
    ]
    head = {"license": licence or "other", "tags": ["headatlas", "interpretability", "attention"], "configs": configs}
    lines = [
        "---", *(f"{key}: {json.dumps(value)}" for key, value in head.items()), "---", "",
        f"# {repo}", "",
        f"Attention heads of {len(scans)} model{'s' if len(scans) != 1 else ''}, scanned by headatlas: which known "
        "patterns each one follows, with intervals, labels and evidence.", "",
        "| model | its scan |", "| --- | --- |",
        *(f"| {_cell(model)} | [{folder}]({CATALOG}/{folder}/README.md) |" for model, folder in scans.items()),
        "",
        f"`headatlas import {PREFIX}{repo}` reads the scans into a database. The tables are the database's views, as "
        "Parquet:", "",
        *(f"- `{TABLES}/{view}.parquet`" for view in views), "",
        "```python", "import pandas", "",
        f'pandas.read_parquet("{PREFIX}//datasets/{repo}/{TABLES}/{views[0]}.parquet")', "```", "",
        "Scores describe attention: what a head looks at, not what the model does with it. The models are not here, "
        "and have licences of their own.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "\\<")
