"""Named things that plug in: patterns and probes register here, ours and those of other packages."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from headatlas.errors import HeadatlasError, UnknownNameError, spelled, suggestion

log = logging.getLogger("headatlas")


class Reference(NamedTuple):
    """A name that a definition mentions: what it should name, and which argument it was given as.

    A `beginning` may stand for several names that begin with it.
    """

    kind: str
    argument: str
    name: str
    beginning: bool = False


class Named(Protocol):
    """What a registry holds."""

    @property
    def name(self) -> str:
        """What it is asked for by."""
        ...

    @property
    def defined_in(self) -> str:
        """File and line, for messages."""
        ...

    @property
    def references(self) -> Sequence[Reference]:
        """What else the definition names."""
        ...


T = TypeVar("T", bound=Named)


class _Plugin:
    """An entry point of another package while it is imported, and what it has registered so far."""

    def __init__(self, entry: EntryPoint) -> None:
        package = f" of {entry.dist.name}" if entry.dist is not None else ""
        self.title = f"The plug-in '{entry.name}'{package} ({entry.value})"
        self.added: list[tuple[Registry[Any], str]] = []


class Registry(Generic[T]):
    """Names to definitions: ours module by module, then those of others in the order in which they were registered.

    The modules of `package` and the entry points of group `headatlas.<kind>s` are imported at the first look, so that
    a plug-in needs no edit here. A plug-in that cannot be imported, or a definition of it that names what does not
    exist, is left out with a warning: a listing never fails because of it. The same mistake in a definition that is no
    plug-in's raises. `others` says where the registries of other kinds are that definitions refer to; `published`
    gives names in the literature that stand for definitions, `elsewhere` says what any other such name is.
    """

    def __init__(
        self,
        kind: str,
        package: str,
        others: Mapping[str, str] | None = None,
        *,
        published: Callable[[], Mapping[str, str]] = dict,
        elsewhere: Callable[[str], str] = lambda name: "",
    ) -> None:
        self.kind = kind
        self.elsewhere = elsewhere
        self._published = published
        self.package = package
        self._others = others or {}
        self._items: dict[str, T] = {}
        self._modules: dict[str, str] = {}  # of ours, by name of the definition
        self._plugins: dict[str, str] = {}
        self._unchecked: list[T] = []
        self._loaded_ours = self._loaded = False

    def add(self, item: T) -> None:
        """Registers a definition.

        Raises:
            HeadatlasError: the name is taken; the message names both places.
        """
        module = self._our_module(item)
        if module is None:
            self._load_ours()  # so that whoever takes a name of ours hears of it here, not we in a module of ours
        taken = self._items.get(item.name)
        if taken is not None and taken.defined_in != item.defined_in:
            raise HeadatlasError(
                f"Two {self.kind}s are called '{item.name}': one in {taken.defined_in}, one in {item.defined_in}. "
                "Rename one of them."
            )
        self._items[item.name] = item
        self._unchecked.append(item)
        if module is not None:
            self._modules[item.name] = module
        elif _importing is not None:
            _importing.added.append((self, item.name))
            self._plugins[item.name] = _importing.title

    def remove(self, name: str) -> None:
        """Forgets a definition."""
        self._items.pop(name, None)
        self._plugins.pop(name, None)

    def __getitem__(self, name: str) -> T:
        """The definition of this name; other capitals, and spaces or hyphens for underscores, make no difference.

        Raises:
            UnknownNameError: there is none; the message suggests the nearest.
            HeadatlasError: a definition outside of plug-ins names what does not exist.
        """
        self._load()
        item = self._items.get(name) or self._items.get(spelled(name))
        if item is None:
            raise UnknownNameError(
                self.kind, name, self._items, synonyms=self.synonyms(), elsewhere=self.elsewhere(name)
            )
        return item

    def get(self, name: str | None) -> T | None:
        """The definition of this name, or None: a database may name what this installation does not have."""
        self._load()
        return self._items.get(name) if name is not None else None

    def __iter__(self) -> Iterator[T]:
        self._load()
        # Independent of which module was imported first, on which the order of registration depends.
        return iter(sorted(self._items.values(), key=lambda item: self._modules.get(item.name, "~")))

    def synonyms(self) -> dict[str, str]:
        """What else definitions are called, spelled as names are, with their names."""
        items = list(self)
        published = {
            synonym: name
            for synonym, name in self._published().items()
            if name in self._items and synonym not in self._items
        }
        return published | {
            spelled(synonym): item.name for item in reversed(items) for synonym in getattr(item, "synonyms", ())
        }

    def names(self) -> list[str]:
        """All names, in the order of listings."""
        return [item.name for item in self]

    def plugin_of(self, name: str) -> str | None:
        """The plug-in that registered a definition, as the beginning of a sentence; None for one of no plug-in's."""
        return self._plugins.get(name)

    def _our_module(self, item: T) -> str | None:
        """The name of our module that defines an item; None for one that another package defines."""
        file = Path(item.defined_in.rpartition(":")[0])
        return file.stem if str(file.parent) in importlib.import_module(self.package).__path__ else None

    def _load_ours(self) -> None:
        if not self._loaded_ours:
            self._loaded_ours = True  # before the work: a module may look here while it is imported
            for module in pkgutil.iter_modules(importlib.import_module(self.package).__path__):
                importlib.import_module(f"{self.package}.{module.name}")

    def _load(self) -> None:
        self._load_ours()
        if not self._loaded:
            self._loaded = True
            for entry in entry_points(group=f"headatlas.{self.kind}s"):
                with _left_out_if_it_fails(entry):
                    entry.load()
        if _importing is None:  # else more definitions are on their way, which those so far may refer to
            self._check()

    def _check(self) -> None:
        """Leaves out new definitions that name what does not exist. Only now, since the order of definition is free."""
        errors = []
        while self._unchecked:
            new, self._unchecked = self._unchecked, []
            mistakes = [(item, self._mistake(item)) for item in new if self._items.get(item.name) is item]
            for item, mistake in mistakes:
                if mistake is None:
                    continue
                plugin = self._plugins.get(item.name)
                self.remove(item.name)
                if plugin is None:
                    errors.append(mistake)
                else:
                    log.warning("%s: %s The %s is left out.", plugin, mistake, self.kind)
        if errors:
            raise HeadatlasError(errors[0])

    def _mistake(self, item: T) -> str | None:
        for reference in item.references:
            names = self._names_of(reference.kind)
            known = (
                any(name.startswith(reference.name) for name in names)
                if reference.beginning
                else (reference.name in names)
            )
            if not known or not reference.name:
                return (
                    f"The {self.kind} '{item.name}' ({item.defined_in}) has {reference.argument}='{reference.name}', "
                    f"but there is no such {reference.kind}.{suggestion(reference.name, names)}"
                )
        return None

    def _names_of(self, kind: str) -> Sequence[str]:
        """The names of this registry, or of another one."""
        if kind == self.kind:
            return list(self._items)
        other: Registry[Any] = pkgutil.resolve_name(self._others[kind])
        return other.names()


# The plug-in that is being imported, to which what is registered meanwhile belongs.
_importing: _Plugin | None = None
# Modules that failed to import: a package with patterns and probes has two entry points, and one warning is enough.
_failed: set[str] = set()


@contextmanager
def _left_out_if_it_fails(entry: EntryPoint) -> Iterator[None]:
    """Around the import of a plug-in: where it fails, what it has registered is taken back, with a warning."""
    global _importing
    before, plugin = _importing, _Plugin(entry)
    _importing = plugin
    try:
        yield
    except (Exception, SystemExit) as error:  # whatever somebody else's module does
        for registry, name in plugin.added:
            registry.remove(name)
        if entry.module not in _failed:
            _failed.add(entry.module)
            log.warning("%s is left out. %s", plugin.title, _reason(error))
    finally:
        _importing = before


def _reason(error: BaseException) -> str:
    if isinstance(error, HeadatlasError):
        return str(error)
    lines = str(error).strip().splitlines()
    return f"It cannot be imported: {type(error).__name__}{': ' + lines[0] if lines else ''}."


def first_line(doc: str) -> str:
    """The summary line of a docstring."""
    return doc.strip().splitlines()[0] if doc.strip() else ""


def where(function: Callable[..., object]) -> str:
    """File and line of a function, for messages."""
    code = inspect.unwrap(function).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"
