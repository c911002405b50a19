"""Measures the layout: modules in each folder, and how the packages of an app import each other.

    python -m tests.layout          prints both tables

A floor is the length of the longest chain of imports below a package; a package that imports none
of its neighbours is on floor 1. Modules directly in an app are not a package.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "registry_app", "runs_app")
# Packages whose own sub-packages are rooms as well.
HOUSES = ("runs_app", "registry_app", "registry_app.inference", "runs_app.runner", "portal")
MAX_MODULES = 25
# Alike by their nature: one migration after another, one file for each command.
ALIKE = ("migrations", "commands")


def modules_by_folder() -> Counter[str]:
    """Return how many modules lie directly in each folder of the apps."""
    found: Counter[str] = Counter()
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            if file.name != "__init__.py" and file.parent.name not in ALIKE:
                found[str(file.parent.relative_to(ROOT))] += 1
    return found


def package_imports(graph: grimp.ImportGraph, house: str) -> dict[str, set[str]]:
    """Return for each package of a house the other packages of it that it imports."""
    rooms = {name for name in graph.find_children(house) if graph.find_children(name)}
    rooms = {name for name in rooms if name.rpartition(".")[2] != "migrations"}
    imports: dict[str, set[str]] = {}
    for room in rooms:
        own = {room, *graph.find_descendants(room)}
        found = {target for name in own for target in graph.find_modules_directly_imported_by(name)}
        imports[room] = {
            other
            for other in rooms - {room}
            if any(target == other or target.startswith(f"{other}.") for target in found)
        }
    return imports


def circles(imports: Mapping[str, Set[str]]) -> list[set[str]]:
    """Return the groups of packages that import each other in a circle."""
    reached = {name: _reachable(name, imports) for name in imports}
    groups: list[set[str]] = []
    for name in sorted(imports):
        group = {other for other in reached[name] if name in reached[other]}
        if name in reached[name] and group not in groups:
            groups.append(group)
    return groups


def floors(imports: Mapping[str, Set[str]]) -> dict[str, int]:
    """Return the floor of each package; those of a circle share the circle's."""
    heights: dict[str, int] = {}

    def height(name: str, above: frozenset[str]) -> int:
        if name not in heights:
            below = [height(item, above | {name}) for item in imports[name] if item not in above]
            heights[name] = 1 + max(below, default=0)
        return heights[name]

    for name in imports:
        height(name, frozenset())
    return heights


def _reachable(name: str, imports: Mapping[str, Set[str]]) -> set[str]:
    found: set[str] = set()
    front = {name}
    while front:
        front = {other for item in front for other in imports[item]} - found
        found |= front
    return found


def code_graph() -> grimp.ImportGraph:
    """Return the imports between the modules of the apps, those for types alone left out."""
    return grimp.build_graph(*APPS, exclude_type_checking_imports=True, cache_dir=None)


def main() -> None:
    print("modules  folder")  # noqa: T201
    for folder, count in modules_by_folder().most_common(12):
        print(f"{count:7}  {folder}")  # noqa: T201
    graph = code_graph()
    for house in HOUSES:
        imports = package_imports(graph, house)
        heights = floors(imports)
        print(f"\n{house}: {max(heights.values(), default=0)} floors, circles {circles(imports)}")  # noqa: T201
        for room, floor in sorted(heights.items(), key=lambda pair: (-pair[1], pair[0])):
            below = ", ".join(sorted(name.rpartition(".")[2] for name in imports[room]))
            print(f"{floor:3}  {room.removeprefix(house + '.')}: {below}")  # noqa: T201


if __name__ == "__main__":
    main()
