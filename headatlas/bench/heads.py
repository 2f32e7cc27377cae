"""Heads whose truth is known: how a file declares them, how it is loaded, and what their attention has to be.

```python
from headatlas.bench import head

@head(truth={"previous_token": 1.0})
def looks_back(text):
    attention = np.eye(len(text), k=-1)
    attention[0, 0] = 1
    return attention
```
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from jaxtyping import Bool, Float, Int

from headatlas.errors import HeadatlasError, one_line
from headatlas.files.given import regular
from headatlas.patterns import PATTERNS
from headatlas.store.limits import MAX_NAME

Attention: TypeAlias = Float[np.ndarray, "query key"]
HeadFunction: TypeAlias = Callable[["BenchText"], Attention]
Split: TypeAlias = Literal["fit", "judge"]

# A row's sum, and what stands above the diagonal, may be wrong by this much.
TOLERANCE = 1e-3
# Kinds of numpy's numbers: truth values, whole and real numbers, and objects that may be such.
_NUMBERS = "biufO"
# Where the decorator leaves the declaration on the function.
_DECLARED = "__headatlas_bench_head__"


@dataclass(frozen=True, eq=False)
class BenchText:
    """One sequence of a probe, as a head of the bench sees it.

    `ids`, `texts` and `special` have one entry a token: its id, what it says (with the space before it, where the
    tokenizer keeps that), and whether the tokenizer added it. `probe` is the probe's name. Where `causal`, a query
    may attend to itself and to earlier tokens only. `rng` is seeded for this head and this text, so that a head
    that draws from it is the same in every run. `roles` names positions as probes do: role -> position -> group.

    Raises:
        ValueError: `ids`, `texts` and `special` differ in length.
    """

    ids: Int[np.ndarray, " n"]
    texts: tuple[str, ...]
    special: Bool[np.ndarray, " n"]
    probe: str
    causal: bool
    rng: np.random.Generator
    roles: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.ids) == len(self.texts) == len(self.special):
            raise ValueError("ids, texts and special must have one entry a token")

    def __len__(self) -> int:
        return len(self.ids)

    def role(self, name: str) -> Int[np.ndarray, " n"]:
        """Group number of each token that has the role; -1 for the others, and for all where the probe has no such."""
        groups = np.full(len(self), -1)
        for position, group in self.roles.get(name, {}).items():
            groups[position] = group
        return groups


@dataclass(frozen=True)
class BenchHead:
    """A head whose truth is known.

    `truth` maps patterns to strengths: the share of its attention that the head puts on the pattern's keys for the
    pattern's sake, in (0, 1]; it is empty where the head follows none of the registered patterns. `kind` groups heads
    in reports ("planted", "asleep", "unlisted", "narrow", "content", "null"). `rule` names the rule that the head
    follows where that is no pattern. `split` says whether the head is for fitting a calibration or for judging it;
    None where nothing is fitted on it. `also` are patterns that a head which follows these follows too, by their
    definitions (who looks at commas looks at punctuation): their labels are neither right nor wrong.
    """

    name: str
    truth: Mapping[str, float]
    function: HeadFunction
    kind: str
    rule: str | None = None
    split: Split | None = None
    also: tuple[str, ...] = ()


def head(
    truth: Mapping[str, float],
    *,
    kind: str | None = None,
    rule: str | None = None,
    split: str | None = None,
    name: str | None = None,
    also: Iterable[str] = (),
) -> Callable[[HeadFunction], HeadFunction]:
    """Declares a function BenchText -> attention [query, key] to be a head whose truth is known.

    The function itself is returned. `heads_of` collects the declared functions that a module names, by themselves or
    in lists. `truth` is empty where the head follows none of the patterns. `kind` is "planted" where there is a
    truth and "unlisted" otherwise, unless given; `name` is the function's, unless given. Labels of the patterns in
    `also` are not counted: they follow from the truth by definition.

    Raises:
        HeadatlasError: a strength is not in (0, 1], `split` is neither "fit" nor "judge", or a name is none.
    """

    def declare(function: HeadFunction) -> HeadFunction:
        own_name = name if name is not None else getattr(function, "__name__", type(function).__name__)
        for pattern, strength in truth.items():
            _check_name("pattern", pattern, may_be_empty=False)
            if not 0 < strength <= 1:
                raise HeadatlasError(
                    f"Head '{own_name}': the strength of '{pattern}' is {strength:g}; give a share of attention "
                    "above 0 and at most 1, and leave out patterns that the head does not follow."
                )
        if split not in (None, "fit", "judge"):
            raise HeadatlasError(f"Head '{own_name}': split is {split!r}; it must be 'fit', 'judge' or left out.")
        own_kind = kind or ("planted" if truth else "unlisted")
        for what, value in (("name", own_name), ("kind", own_kind), ("rule", "" if rule is None else rule)):
            _check_name(what, value, may_be_empty=what == "rule")
        vars(function)[_DECLARED] = BenchHead(
            own_name, dict(truth), function, own_kind, rule, cast("Split | None", split), tuple(also)
        )
        return function

    return declare


def _check_name(what: str, value: object, *, may_be_empty: bool) -> None:
    """Raises HeadatlasError unless a report can print a name, and a database keep it."""
    is_name = isinstance(value, str) and len(value) <= MAX_NAME and value.isprintable()
    if not is_name or not (may_be_empty or str(value).strip()):
        raise HeadatlasError(
            f"A head's {what} is {value!r:.60}; give a text of at most {MAX_NAME:,} characters that can be printed."
        )


def heads_of(source: ModuleType | str | Path) -> list[BenchHead]:
    """The heads of a module, or of a Python file given by its path, in the order in which the module names them.

    A file that belongs to a package (its folder has an `__init__.py`) is imported as a part of it, so that it may
    import its neighbours; a file by itself may import the files beside it.

    Raises:
        HeadatlasError: the file does not exist or cannot be imported; it declares no heads, or two of one name; a
            truth names no registered pattern, or one that has no target keys.
    """
    module = source if isinstance(source, ModuleType) else _load(Path(source))
    where = str(getattr(module, "__file__", None) or getattr(module, "__name__", source))
    values = list(vars(module).values())
    declared = {id(declaration): declaration for value in values for declaration in _declared_in(value)}
    heads = list(declared.values())
    if not heads:
        raise HeadatlasError(f"{where} declares no heads: mark functions in it with @head(truth=...).")
    names = Counter(declaration.name for declaration in heads)
    twice = next((name for name, times in names.items() if times > 1), None)
    if twice is not None:
        raise HeadatlasError(f"{where} declares two heads called '{twice}'; give one of them another name=.")
    for name in sorted({pattern for declaration in heads for pattern in declaration.truth}):
        if PATTERNS[name].kind != "target":
            raise HeadatlasError(f"{where}: '{name}' has no target keys, so that no head can follow it.")
    return heads


def declaration_of(head: Callable[..., Any] | BenchHead) -> BenchHead:
    """What a function marked with `@head` declares; a declaration is returned as it is.

    Raises:
        HeadatlasError: the function is not marked.
    """
    declaration = head if isinstance(head, BenchHead) else getattr(head, _DECLARED, None)
    if not isinstance(declaration, BenchHead):
        raise HeadatlasError(f"{head!r} is no head of a bench: mark the function with @head(truth=...).")
    return declaration


def check_attention(attention: Any, text: BenchText, name: str) -> Attention:
    """What the head `name` returned for a text, if it is attention.

    Raises:
        HeadatlasError: it is not: the shape, a number that is not finite, a negative weight, a row that does not sum
            to 1 or, where the text is read causally, weight on later keys.
    """
    at_fault = f"Head '{name}' on probe '{text.probe}':"
    n = len(text)
    try:
        given = np.asarray(attention)
        shape, kind = given.shape, given.dtype.kind
        is_number = kind in _NUMBERS and (kind != "O" or shape != ())  # an object that is no array, as None
        weights = given.astype(np.float64) if shape == (n, n) and is_number else None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an array of somebody's own may do anything when it is asked for its numbers
        raise HeadatlasError(
            f"{at_fault} it returned a {type(attention).__name__} whose numbers cannot be read "
            f"({one_line(error, named=True).rstrip('.')}); return an array of shape [{n}, {n}]."
        ) from error
    if not is_number:
        of = f" of {given.dtype}" if isinstance(attention, np.ndarray) else ""
        raise HeadatlasError(
            f"{at_fault} it returned a {type(attention).__name__}{of}; return an array of shape [{n}, {n}], of real "
            "numbers."
        )
    if weights is None:
        raise HeadatlasError(
            f"{at_fault} the attention has shape {list(shape)}; the text has {n} tokens, so return [{n}, {n}]."
        )
    if not np.isfinite(weights).all():
        query, key = np.argwhere(~np.isfinite(weights))[0]
        raise HeadatlasError(f"{at_fault} the weight of query {query} on key {key} is not a finite number.")
    if weights.min(initial=0) < 0:
        query, key = np.argwhere(weights < 0)[0]
        raise HeadatlasError(f"{at_fault} the weight of query {query} on key {key} is negative.")
    sums = weights.sum(-1)
    wrong = np.flatnonzero(np.abs(sums - 1) > TOLERANCE)
    if len(wrong):
        raise HeadatlasError(f"{at_fault} the row of query {wrong[0]} sums to {sums[wrong[0]]:.4g} instead of 1.")
    if text.causal:
        ahead = np.triu(weights, 1).sum(-1)
        wrong = np.flatnonzero(ahead > TOLERANCE)
        if len(wrong):
            raise HeadatlasError(
                f"{at_fault} query {wrong[0]} puts {ahead[wrong[0]]:.4g} of its attention on later keys, which it "
                "cannot see where text.causal is true."
            )
    return weights


def _declared_in(value: object) -> Iterator[BenchHead]:
    """The declaration of a function, or those of the functions in a list."""
    for function in value if isinstance(value, (list, tuple)) else (value,):
        with suppress(Exception):  # objects of a file's own may fail when they are looked at
            declaration = getattr(function, "__dict__", {}).get(_DECLARED)
            if isinstance(declaration, BenchHead):
                yield declaration


def _load(path: Path) -> ModuleType:
    """A Python file as a module, in the package that it belongs to."""
    regular(path, "Name a Python file with functions marked with @head.")
    path = path.resolve()
    root, parts = path.parent, [path.stem]
    while (root / "__init__.py").is_file():
        root, parts = root.parent, [root.name, *parts]
    try:
        with _importing_from(root):
            module = importlib.import_module(".".join(parts)) if len(parts) > 1 else _load_alone(path)
    except (HeadatlasError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a program may end itself, and raise what it likes
        raise HeadatlasError(f"{path} cannot be imported: {one_line(error, named=True)}") from error
    if len(parts) > 1 and Path(str(module.__file__)).resolve() != path:
        raise HeadatlasError(
            f"{path} cannot be imported: '{module.__name__}' is already {module.__file__}; rename the folder."
        )
    return module


def _load_alone(path: Path) -> ModuleType:
    """A file outside packages, under a name that no other module has."""
    spec = importlib.util.spec_from_file_location(f"headatlas_bench_file_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise HeadatlasError(f"{path} is no Python file; name one with functions marked with @head.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """While this lasts, modules are also looked for in a folder."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
