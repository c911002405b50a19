"""Resolve a call before its name is looked up: one that leads to the directory's own code.

`make_model` of `onnx.helper` exports; the author's own `make_model` builds a network. What an own
function does is judged by its code, which is followed, and not by its name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from registry_app.inference.code.project import Project
from registry_app.inference.purpose.call_graph import MAX_HOPS, CallGraph, Outline, Unit

# Frameworks that people copy into their directory: their functions keep the names of the library.
_FRAMEWORKS = frozenset(
    "mmdet mmseg mmcv mmengine mmpose mmaction mmcls mmpretrain detectron2 ultralytics paddlex"
    " transformers timm effdet super_gradients gluoncv anomalib pytorch_lightning".split()
)
_REMEMBERED = "variables of own classes"
_BASES = "library classes below own ones"
_Place = tuple[str, str]  # the path of a file, and a name in it


class OwnCode:
    """Which calls of an experiment lead to functions and classes that it defines itself."""

    def __init__(self, project: Project, graph: CallGraph) -> None:
        self._project = project
        self._graph = graph
        # Scripts share most of what they call, so what was found is kept for all of them.
        known = project.remembered.setdefault(_BASES, {})
        self._bases_of: dict[_Place, frozenset[str]] = known if isinstance(known, dict) else {}

    def is_called(self, unit: Unit, call: ast.Call) -> bool:
        """Whether a call in a unit is of a function, class or method of this experiment."""
        outline = self._outline(unit.path)
        if outline is None:
            return False
        match call.func:
            case ast.Name(id=name):
                return self._defined(unit.path, name) is not None
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=method) if unit.owner:
                return self._has_method((unit.path, unit.owner), method)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                path, inside = outline.imported.get(name, ("", ""))
                if path and not inside:  # a module of the directory
                    return self._defined(path, attribute) is not None
                return self._is_method(unit.path, name, attribute)
            case ast.Attribute(value=ast.Call(func=ast.Name(id=name)), attr=method):
                place = self._defined(unit.path, name)
                return place is not None and self._has_method(place, method)
            case ast.Attribute(value=ast.Attribute() as held, attr=method):
                return self._is_method(unit.path, _held(held), method)
        return False

    def file_of(self, unit: Unit, call: ast.Call) -> str:
        """Return the other file that defines the function that a unit calls, '' if none does."""
        outline = self._outline(unit.path)
        place: _Place | None = None
        match call.func:
            case ast.Name(id=name):
                place = self._defined(unit.path, name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if outline is not None:
                path, inside = outline.imported.get(name, ("", ""))
                place = self._defined(path, attribute) if path and not inside else None
        return place[0] if place is not None and place[0] != unit.path else ""

    def foreign_bases(self, unit: Unit, call: ast.Call) -> frozenset[str]:
        """Return the last names of library classes that the own class a unit makes derives from."""
        match call.func:
            case ast.Name(id=name):
                made = name
            case ast.Attribute(value=ast.Name(id=module), attr=attribute):
                made = f"{module}.{attribute}"
            case _:
                return frozenset()
        known = self._bases_of.get((unit.path, made))
        if known is None:
            place = self._defined(unit.path, made)
            known = frozenset(self._bases(place)) if place is not None else frozenset()
            self._bases_of[unit.path, made] = known
        return known

    def _bases(self, place: _Place, hops: int = 0) -> Iterator[str]:
        path, name = place
        outline = self._outline(path) if hops <= MAX_HOPS else None
        for base in outline.bases.get(name, ()) if outline is not None else ():
            own = self._defined(path, base) if base else None
            if own is None:
                yield base.rpartition(".")[2]
            elif own != place:
                yield from self._bases(own, hops + 1)

    def _is_method(self, path: str, variable: str, method: str) -> bool:
        """Whether a variable holds an object of an own class that defines this method."""
        place = self._variables(path).get(variable) or self._defined(path, variable)
        return place is not None and self._has_method(place, method)

    def _outline(self, path: str) -> Outline | None:
        return self._graph.outline_at(path)

    def _defined(self, path: str, name: str, hops: int = 0) -> _Place | None:
        """Return the file that defines what a name refers to, None if it is foreign.

        A copied framework is as foreign as an installed library to what lies outside of it.
        """
        place = self._found(path, name, hops)
        return None if place is None or _is_framework(place[0], path) else place

    def _found(self, path: str, name: str, hops: int) -> _Place | None:
        outline = self._outline(path) if hops <= MAX_HOPS else None
        if outline is None:
            return None
        module, _dot, inside = name.rpartition(".")
        if module:  # a base class as written: `engine.Detector`
            target, rest = outline.imported.get(module, ("", ""))
            return self._defined(target, inside, hops + 1) if target and not rest else None
        if name in outline.functions or name in outline.classes:
            return path, name
        if name in outline.imported:
            target, inside = outline.imported[name]
            return self._defined(target, inside, hops + 1) if inside else None
        found = (self._defined(target, name, hops + 1) for target in outline.starred)
        return next((place for place in found if place), None)

    def _has_method(self, place: _Place, method: str, hops: int = 0) -> bool:
        path, name = place
        outline = self._outline(path) if hops <= MAX_HOPS else None
        if outline is None or name not in outline.classes:
            return False
        if method in outline.classes[name]:
            return True
        bases = (self._defined(path, base) for base in outline.bases[name] if base)
        return any(self._has_method(base, method, hops + 1) for base in bases if base)

    def _variables(self, path: str) -> dict[str, _Place]:
        """Return the variables and attributes of a file that hold objects of own classes."""
        known = self._project.remembered.setdefault(_REMEMBERED, {})
        held: dict[str, dict[str, _Place]] = known if isinstance(known, dict) else {}
        if path not in held:
            held[path] = dict(self._assigned(path))
        return held[path]

    def _assigned(self, path: str) -> list[tuple[str, _Place]]:
        source = self._project.source(path)
        found: list[tuple[str, _Place]] = []
        for node in source.nodes(ast.Assign) if source is not None else ():
            match node.value:
                case ast.Call(func=ast.Name(id=name)):
                    place = self._defined(path, name)
                    if place is not None:
                        found += [
                            (held, place) for target in node.targets if (held := _held(target))
                        ]
        return found


def _is_framework(path: str, importer: str) -> bool:
    """Whether a file is part of a copied framework, and the file that imports it is not."""
    copied = _FRAMEWORKS.intersection(path.split("/")[:-1])
    return bool(copied) and copied.isdisjoint(importer.split("/")[:-1])


def _held(node: ast.expr) -> str:
    """Return the name of a variable, or of an attribute: `self.model`."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
    return ""
