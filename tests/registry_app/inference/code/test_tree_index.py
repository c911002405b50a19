"""Rules ask for nodes by their type instead of walking the tree each for itself."""

from __future__ import annotations

import ast

import pytest

from registry_app.inference.code.source import read_source
from registry_app.inference.code.tree_index import walk_below

CODE = b"""
import torch
from ultralytics import YOLO

@click.command()
def main(epochs: int = 3, *rest, **more):
    model = YOLO("a.pt")
    try:
        for step, batch in enumerate(loader):
            loss = model(batch)[0]
            loss.backward()
    except (ValueError, KeyError) as problem:
        raise SystemExit(f"{problem!r:>10}") from problem
    finally:
        print(*[a if a else b for a in rest if not a], sep="")
    match rest:
        case [first, *_] if first:
            lambda x, /, y=1: x + y
        case Size(width=0, height=None) | {"a": 1, **others}:
            pass
    with open("a") as f, open("b"):
        return {**more, "a": x[1:2]}

if __name__ == "__main__":
    main()
"""


def test_a_walk_finds_what_the_usual_walk_finds_in_its_order() -> None:
    tree = ast.parse(CODE)
    silent = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.alias)
    usual = [node for node in ast.walk(tree) if not isinstance(node, silent)]
    assert list(walk_below(tree)) == usual


def test_all_nodes_of_a_type_are_found_in_the_order_of_the_usual_walk() -> None:
    source = read_source("train.py", CODE)
    assert source.tree is not None
    usual = list(ast.walk(source.tree))
    silent = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.alias)
    for kind in {type(node) for node in usual if not isinstance(node, silent)}:
        assert source.nodes(kind) == [node for node in usual if type(node) is kind]


def test_nodes_are_found_by_their_exact_type() -> None:
    source = read_source("train.py", CODE)
    assert [node.name for node in source.nodes(ast.FunctionDef)] == ["main"]
    imports = source.nodes(ast.Import, ast.ImportFrom)
    assert [type(node).__name__ for node in imports] == ["Import", "ImportFrom"]


@pytest.mark.parametrize(
    ("name", "lines"), [("backward", [11]), ("open", [21, 21]), ("main", [25]), ("fit", [])]
)
def test_calls_are_found_by_the_last_name(name: str, lines: list[int]) -> None:
    assert [call.lineno for call in read_source("train.py", CODE).calls(name)] == lines


def test_a_script_that_no_parser_takes_has_no_nodes() -> None:
    source = read_source("train.py", b"print('Python 3'")
    assert source.nodes(ast.Call) == []
    assert source.calls("print") == []
    assert source.index.called() == frozenset()
