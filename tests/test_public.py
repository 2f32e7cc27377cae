"""The public face: signatures that say what they take, errors and classes that can be imported, nothing heavy."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from dataclasses import fields

import pytest

import headatlas
from headatlas.errors import HeadatlasError
from headatlas.scanning.options import ScanSettings
from headatlas.settings import LoadOptions

FUNCTIONS = [headatlas.scan, headatlas.view, headatlas.score_attention, headatlas.open]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_arguments_are_spelled_out_and_described(function):
    parameters = inspect.signature(function).parameters.values()
    assert not [
        parameter for parameter in parameters if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]
    assert all(parameter.annotation is not parameter.empty for parameter in parameters)
    if len(parameters) > 1:
        described = re.findall(r"^        (\w+): ", inspect.getdoc(function).replace("\n    ", "\n        "), re.M)
        errors = {"HeadatlasError", "WeightsChangedError"}
        assert set(described) - errors == {parameter.name for parameter in parameters}


def test_a_scan_takes_all_settings():
    known = set(inspect.signature(headatlas.scan).parameters)
    settings = {field.name for field in fields(ScanSettings)} | {"texts", "datasets", "window"}
    assert settings | {field.name for field in fields(LoadOptions)} <= known


def subclasses(cls: type) -> set[type]:
    return {cls}.union(*map(subclasses, cls.__subclasses__()))


def test_every_error_can_be_imported_from_headatlas():
    for module in pkgutil.walk_packages(headatlas.__path__, "headatlas."):
        if "ray" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    ours = [error for error in subclasses(HeadatlasError) if error.__module__.startswith("headatlas.")]
    assert len(ours) > 4
    for error in ours:
        assert getattr(headatlas, error.__name__) is error
        assert error.__name__ in headatlas.__all__


def test_what_is_public_is_there():
    for name in headatlas.__all__:
        assert getattr(headatlas, name) is not None
    assert set(headatlas.__all__) <= set(dir(headatlas))
    with pytest.raises(AttributeError, match="no attribute 'scann'"):
        _ = headatlas.scann


@pytest.mark.slow
def test_importing_is_light():
    code = (
        "import sys, headatlas; heavy = {'torch', 'transformers', 'pandas', 'sqlite_utils', 'numpy'}; "
        "assert not heavy & set(sys.modules), sys.modules.keys() & heavy; "
        "from headatlas import Catalog; assert not (heavy - {'numpy'}) & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_modules_at_the_top_are_what_every_room_uses():
    """Anything else lies in a room, where one would look for it."""
    names = {module.name for module in pkgutil.iter_modules(headatlas.__path__) if not module.ispkg}
    assert names == {"__main__", "errors", "settings", "registry", "heads"}
