"""Resolve `object.name` for the objects that a trace follows."""

from __future__ import annotations

import ast

from registry_app.inference.code.source import Source
from registry_app.inference.parameters.objects import (
    Class,
    Commands,
    External,
    Function,
    Group,
    Instance,
    Method,
    Module,
    Names,
    Ref,
    Super,
)


def attribute(names: Names, owner: Ref | None, name: str, source: Source) -> Ref | None:
    """Return a member of a module, class or object, None where it is unknown."""
    if isinstance(owner, Module | External):
        return names.member(owner, name, source)
    if isinstance(owner, Class):
        return _of_class(names.method(owner, name), owner)
    if isinstance(owner, Super):
        found = names.method(_class_of(owner), name, after=owner.owner)
        if found is None and isinstance(owner.receiver, Instance) and owner.receiver.parser:
            return Method(owner=owner.receiver, name=name)
        return _bound_to(found, owner.receiver)
    if isinstance(owner, Instance):
        if name in owner.attributes:
            return owner.attributes[name]
        found = names.method(owner.made_of, name) if owner.made_of else None
        if found is not None:
            return _bound_to(found, owner)
    if isinstance(owner, Group | Commands) or (isinstance(owner, Instance) and owner.parser):
        return Method(owner=owner, name=name)
    return None


def _of_class(found: Function | None, owner: Class) -> Function | None:
    """Return the value of `Class.name`; a class method is bound to its class."""
    if found is not None and "classmethod" in _decorators(found):
        found.receiver = owner
    return found


def _bound_to(found: Function | None, receiver: Ref | None) -> Function | None:
    if found is not None and "staticmethod" not in _decorators(found):
        found.receiver = receiver
    return found


def _decorators(function: Function) -> set[str]:
    return {node.id for node in function.node.decorator_list if isinstance(node, ast.Name)}


def _class_of(value: Super) -> Class:
    receiver = value.receiver
    if isinstance(receiver, Instance) and receiver.made_of is not None:
        return receiver.made_of
    return value.owner
