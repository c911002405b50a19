"""A newcomer finds the module: few modules in a folder, packages that import downward."""

from __future__ import annotations

import ast

import grimp
import pytest

from tests import layout


@pytest.fixture(scope="session")
def graph() -> grimp.ImportGraph:
    return layout.code_graph()


def test_no_folder_holds_more_modules_than_a_reader_takes_in() -> None:
    counts = layout.modules_by_folder()
    assert {name: n for name, n in counts.items() if n > layout.MAX_MODULES} == {}


@pytest.mark.parametrize(
    ("house", "max_floors"),
    [
        ("runs_app", 9),
        ("registry_app", 8),
        ("registry_app.inference", 8),
        ("runs_app.runner", 3),
        ("portal", 4),
    ],
)
def test_packages_import_downward_and_few_floors(
    graph: grimp.ImportGraph, house: str, max_floors: int
) -> None:
    imports = layout.package_imports(graph, house)
    assert imports, "no packages"
    assert layout.circles(imports) == []
    assert max(layout.floors(imports).values()) <= max_floors


def test_each_package_says_what_belongs_in_it() -> None:
    silent = [
        str(init.relative_to(layout.ROOT))
        for app in layout.APPS
        for init in sorted((layout.ROOT / app).rglob("__init__.py"))
        if not {"migrations", "management"} & set(init.parts)
        if not ast.get_docstring(ast.parse(init.read_text(encoding="utf-8")))
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("imports", "found", "heights"),
    [
        ({"a": {"b"}, "b": set()}, [], {"a": 2, "b": 1}),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, [{"b", "c"}], None),
    ],
)
def test_the_measure_itself(
    imports: dict[str, set[str]], found: list[set[str]], heights: dict[str, int] | None
) -> None:
    assert layout.circles(imports) == found
    if heights:
        assert layout.floors(imports) == heights
