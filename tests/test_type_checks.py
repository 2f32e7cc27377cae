"""The checks of array types that run with all other tests do run, everywhere that there are arrays."""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Iterator
from pathlib import Path

import jaxtyping
import pytest
import torch

from headatlas.patterns import PATTERNS
from headatlas.scoring.row_sums import row_sums
from tests import type_checks
from tests.helpers import sequence

ARRAYS = ("Tensor", "ndarray")


def annotations(tree: ast.Module) -> Iterator[tuple[int, ast.expr]]:
    """The annotations of functions and classes, with the line where the outermost of these begins."""
    for top in tree.body:
        for node in ast.walk(top):
            if isinstance(node, ast.FunctionDef):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                given = [argument.annotation for argument in arguments] + [node.returns]
            else:
                given = [node.annotation] if isinstance(node, ast.AnnAssign) else []
            yield from ((top.lineno, annotation) for annotation in given if annotation is not None)


def names(annotation: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}


def without_shape(annotation: ast.expr) -> bool:
    """Whether a tensor or an array is named outside the brackets that say its shape."""
    if isinstance(annotation, ast.Subscript) and hasattr(jaxtyping, ast.unparse(annotation.value)):
        return False
    if isinstance(annotation, ast.Name | ast.Attribute):
        return ast.unparse(annotation).split(".")[-1] in ARRAYS
    return any(without_shape(child) for child in ast.iter_child_nodes(annotation) if isinstance(child, ast.expr))


def made_in(tree: ast.Module) -> dict[str, int]:
    """The classes and names that a module defines itself, with their lines."""
    lines = {node.name: node.lineno for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            lines |= {target.id: node.lineno for target in node.targets if isinstance(target, ast.Name)}
    return lines


@pytest.mark.parametrize("name", type_checks.modules_with_arrays())
def test_every_name_in_an_array_type_is_there_when_its_function_is_made(name):
    """Otherwise it is not checked, and nothing says so."""
    module = importlib.import_module(name)
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    lines = made_in(tree)
    for line, annotation in annotations(tree):
        if any(hasattr(jaxtyping, own) for own in names(annotation)):
            for own in names(annotation):
                assert own in vars(module) or hasattr(builtins, own), f"{own} of line {annotation.lineno}"
                assert lines.get(own, 0) < line, f"{own} of line {annotation.lineno} is made below"


@pytest.mark.parametrize("room", ["inputs", "patterns", "scoring", "attention"])
def test_tensors_and_arrays_say_their_shape(room):
    for file in sorted((type_checks.PACKAGE / room).rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        assert [ast.unparse(own) for _, own in annotations(tree) if without_shape(own)] == [], file.name


@pytest.mark.parametrize("name", type_checks.modules_with_arrays())
def test_all_functions_that_name_an_array_are_checked(name):
    module = importlib.import_module(name)
    for node in ast.parse(Path(module.__file__).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            given = [argument.annotation for argument in node.args.args + node.args.kwonlyargs] + [node.returns]
            spelled = {own for annotation in given if annotation is not None for own in names(annotation)}
            if any(hasattr(jaxtyping, own) for own in spelled):
                assert hasattr(vars(module)[node.name], "__wrapped__"), node.name


def test_a_wrong_shape_is_refused():
    attention, n_keys = torch.rand(1, 2, 3, 3), torch.ones(1, 1, 3)
    row_sums(attention, attention[..., 1:].sum(-1), n_keys, n_keys, torch.ones(3, 3))
    with pytest.raises(jaxtyping.TypeCheckError, match="distance"):
        row_sums(attention, attention[..., 1:].sum(-1), n_keys, n_keys, torch.ones(4, 3))
    with pytest.raises(jaxtyping.TypeCheckError, match="n_keys"):
        row_sums(attention, attention[..., 1:].sum(-1), n_keys.long(), n_keys, torch.ones(3, 3))


@pytest.mark.parametrize("name", ["previous_token", "punctuation", "entropy"])
def test_patterns_are_checked_though_they_import_tensors_for_type_checkers_alone(name):
    function = PATTERNS[name].targets or PATTERNS[name].statistic
    with pytest.raises(jaxtyping.TypeCheckError):
        function(sequence("a b"))
