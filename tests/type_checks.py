"""Array types are checked while the tests run: shape and dtype of every array an annotation names, at every call."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Callable, Collection, Hashable, Sequence
from contextlib import suppress
from functools import cache, partial, update_wrapper
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_origin

import jaxtyping
from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook, jaxtyped

PACKAGE = Path(__file__).parents[1] / "headatlas"


# As for type checkers, an int is good enough where a float is asked for.
checked = beartype(conf=BeartypeConf(is_pep484_tower=True))


def modules_with_arrays() -> list[str]:
    """The modules of the package that annotate arrays or tensors, which all do by jaxtyping; a new one by itself."""
    files = [file for file in sorted(PACKAGE.rglob("*.py")) if "from jaxtyping import" in file.read_text("utf-8")]
    return [
        ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__") for file in files
    ]


def install() -> None:
    """Checks what is imported from now on; to be called before any of the modules is."""
    import sys

    hook = install_import_hook(modules_with_arrays(), f"{__name__}.checked").hook
    sys.meta_path.remove(hook)
    sys.meta_path.insert(0, _Finder(hook))
    jaxtyping.jaxtyped = _jaxtyped_where_arrays_are  # which the hook puts before every function


def _jaxtyped_where_arrays_are(*decorated: Any, **options: Any) -> Any:
    """`jaxtyped`, which leaves functions alone that name no array.

    What it makes of a function takes longer than most functions do, and within another function it makes it anew at
    every call of that: with all functions checked, a scan of a tiny model takes twice as long.
    """
    if decorated:
        return jaxtyped(*decorated, **options)
    check = jaxtyped(**options)

    def checked_where_arrays_are(own: Any) -> Any:
        if not isinstance(own, FunctionType):
            return check(own)
        return _checked_once(own, check) if names_arrays(own) else own

    return checked_where_arrays_are


def _checked_once(own: FunctionType, check: Callable[[FunctionType], Callable[..., Any]]) -> Callable[..., Any]:
    """`check(own)`, which is left out where it has passed for arguments and a result of the same types and shapes.

    Whether a call passes follows from these alone, unless a container is among them or an annotation names a value:
    there every call is checked. Checking every call of all takes a third of the time of a scan of a tiny model.
    Checks are made when they are first needed: making all takes each worker as long as importing torch.
    """
    always = any("{" in str(hint) for hint in own.__annotations__.values())  # a size that an argument's value says
    passed: dict[Hashable, set[Hashable]] = {}
    result = threading.local()  # several passes may be under way
    checked = cache(lambda: check(own))
    check_result = cache(lambda: check(_returning(result, own)))

    def call(*args: Any, **kwargs: Any) -> Any:
        given = None if always else _form((args, *kwargs, *kwargs.values()))
        if given is None:
            return checked()(*args, **kwargs)
        if given not in passed:
            value = checked()(*args, **kwargs)
            passed[given] = {_form(value)} - {None}
            return value
        value = own(*args, **kwargs)
        form = _form(value)
        if form is None or form not in passed[given]:
            result.value = value
            try:
                check_result()(*args, **kwargs)
            finally:
                del result.value
            passed[given].update({form} - {None})
        return value

    return update_wrapper(call, own)


def _returning(result: threading.local, own: FunctionType) -> FunctionType:
    """A function with the signature of another that returns the `value` of `result`."""

    def returns(*_: Any, **__: Any) -> Any:
        return result.value

    function = FunctionType(returns.__code__, own.__globals__, own.__name__, None, returns.__closure__)
    update_wrapper(function, own)
    return function


def _form(value: Any, _how: dict[type, str] = {}) -> Hashable | None:  # noqa: B006
    """What a check sees of a value: its type, and an array's shape and dtype; None for what it looks into."""
    kind = type(value)
    how = _how.get(kind)
    if how is None:
        how = _how[kind] = _how_checked(kind)
    if how == "type":
        return kind
    if how == "array":
        return kind, value.dtype, value.shape
    if how == "text":
        return value
    if how == "items":
        forms = tuple(map(_form, value))
        return None if None in forms else (kind, forms)
    return None


def _how_checked(kind: type) -> str:
    if hasattr(kind, "shape") and hasattr(kind, "dtype"):
        return "array"
    if issubclass(kind, str):
        return "text"
    if issubclass(kind, tuple):
        return "items"
    return "inside" if issubclass(kind, Collection) and kind.__module__ in ("builtins", "collections") else "type"


def names_arrays(function: FunctionType, _known: dict[CodeType, bool] = {}) -> bool:  # noqa: B006
    """Whether an annotation of a function names a type of jaxtyping's, or a type made of one that is looked into.

    Of a function that is passed on it is asked only whether it can be called, whatever its type says.
    """
    code = function.__code__
    if code not in _known:
        names = {name for hint in function.__annotations__.values() for name in re.findall(r"\w+", str(hint))}
        named = [function.__globals__.get(name) for name in names]
        _known[code] = any("jaxtyping" in repr(hint) for hint in named if get_origin(hint) is not Callable)
    return _known[code]


class _Finder(MetaPathFinder):
    """Finds what jaxtyping's hook finds, and makes imports of a module that only type checkers make otherwise.

    Modules of patterns are listed without torch, so that they import `Tensor` for type checkers alone. An annotation
    with a name that is not there when its function is made is not checked, and nothing says so.
    """

    def __init__(self, hook: MetaPathFinder) -> None:
        self._hook = hook

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{PACKAGE.name}."):  # the hook compares every import with every module's name
            return None
        spec = self._hook.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = partial(_with_imports, spec.loader.exec_module)  # type: ignore[method-assign]
        return spec


def _with_imports(run: Callable[[ModuleType], None], module: ModuleType) -> None:
    for statement in type_checking_imports(Path(str(module.__file__))):
        with suppress(ImportError):  # of a module that imports this one: names of classes, not of arrays
            exec(statement, module.__dict__)
    run(module)


def type_checking_imports(file: Path) -> list[str]:
    """The imports below `if TYPE_CHECKING:` in a module."""
    return [
        ast.unparse(statement)
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]
