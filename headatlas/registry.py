"""Named things that plug in: patterns and probes register here, ours and those of other packages."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import Generic, Protocol, TypeVar

from headatlas.errors import HeadatlasError, UnknownNameError


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


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Names to definitions: those of `package` in the order of its modules, then others as they were registered.

    The modules of `package` and the entry points of group `headatlas.<kind>s` are imported at first
    look, so that a plug-in needs no edit here.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._items: dict[str, T] = {}
        self._loaded = False

    def add(self, item: T) -> None:
        """Registers a definition.

        Raises:
            HeadatlasError: the name is taken; the message names both places.
        """
        taken = self._items.get(item.name)
        if taken is not None and taken.defined_in != item.defined_in:
            raise HeadatlasError(
                f"Two {self.kind}s are called '{item.name}': one in {taken.defined_in}, one in {item.defined_in}. "
                "Rename one of them."
            )
        self._items[item.name] = item

    def __getitem__(self, name: str) -> T:
        self._load()
        try:
            return self._items[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, self._items) from None

    def __iter__(self) -> Iterator[T]:
        self._load()
        return iter(list(self._items.values()))

    def names(self) -> list[str]:
        """All names, in the order of listings."""
        return [item.name for item in self]

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self.package)
        modules = [importlib.import_module(f"{self.package}.{name}") for name in _module_order(package)]
        for entry in entry_points(group=f"headatlas.{self.kind}s"):
            entry.load()
        # Not as they were imported: a module that somebody imported before would come first, and the order decides the
        # digest by which a scan is known again.
        files = [module.__file__ for module in modules]

        def position(item: T) -> int:
            file = item.defined_in.rpartition(":")[0]
            return files.index(file) if file in files else len(files)

        self._items = dict(sorted(self._items.items(), key=lambda pair: position(pair[1])))


def _module_order(package: ModuleType) -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def first_line(doc: str) -> str:
    """The summary line of a docstring."""
    return doc.strip().splitlines()[0] if doc.strip() else ""


def where(function: Callable[..., object]) -> str:
    """File and line of a function, for messages."""
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"
