"""The objects of a merge: what both sides say, what they agreed on, questions and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Object = dict[str, Any]
Objects = dict[str, Object]
Key = tuple[str, str]
# The field of a question whether an object is kept at all.
WHOLE = "*"


class Side(StrEnum):
    FILE = "file"
    PORTAL = "portal"
    VALUE = "value"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What both sides last agreed on for one object; `unknown` fields were never agreed on."""

    fields: Object
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Question:
    """A field that both sides changed, or a value that does not fit the others.

    With the field `*` it is about the whole object, and a side without it says None. `collides`:
    its name or path is taken by another object.
    """

    id: str
    field: str
    base: Any
    file: Any
    portal: Any
    collides: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a question; it counts as long as both sides say what was seen."""

    side: Side
    file: Any
    portal: Any
    value: Any = None


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Both sides after the merge, what they agree on now, and what stays open."""

    file: Objects
    portal: Objects
    known: dict[str, Known]
    questions: tuple[Question, ...] = ()


Answers = Mapping[Key, Answer]
Weak = Set[Key]
# Values of the portal that the file may have got from a proposal, by id and field.
Proposed = Mapping[str, Mapping[str, Sequence[Any]]]
