"""Named things that plug in: patterns and probes register here, ours and those of other packages."""

from __future__ import annotations

import importlib
import inspect
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
    """Names to definitions, in order of registration.

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
        return iter(sorted(self._items.values(), key=self._order))

    def names(self) -> list[str]:
        """All names, in the order of listings."""
        return [item.name for item in self]

    def _order(self, item: T) -> int:
        return list(self._items).index(item.name)

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self.package)
        for name in _module_order(package):
            importlib.import_module(f"{self.package}.{name}")
        for entry in entry_points(group=f"headatlas.{self.kind}s"):
            entry.load()


def _module_order(package: ModuleType) -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def first_line(doc: str) -> str:
    """The summary line of a docstring."""
    return doc.strip().splitlines()[0] if doc.strip() else ""


def where(function: Callable[..., object]) -> str:
    """File and line of a function, for messages."""
    code = inspect.unwrap(function).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"
