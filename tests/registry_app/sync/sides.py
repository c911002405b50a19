"""Two people who edit both sides at random, and a sync between them that is watched."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from registry_app.sync.identity import NEW_IN_FILE, identify
from registry_app.sync.merge import is_accepted, merge
from registry_app.sync.objects import WHOLE, Answer, Known, Merged, Objects, Question, Side

NAMES = ("n1", "n2", "n3", "n4")
PATHS = ("p1", "p2", "p3", "p4")
FIELDS = ("owner", "stage", "task.classes")


@dataclass
class Sides:
    """A file as a list of entries, the portal's rows by number, and what a sync remembers."""

    file: list[dict[str, Any]] = field(default_factory=list)
    portal: Objects = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    link: dict[str, tuple[str, str]] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    number: int = 0

    def by_id(self) -> tuple[Objects, Objects]:
        """Return both sides by the ids of the merge."""
        unlinked = {
            id_: (item["name"], item["path"])
            for id_, item in self.portal.items()
            if id_ not in self.link
        }
        ids = identify(self.link, {item["name"]: item["path"] for item in self.file}, unlinked)
        return {ids[item["name"]]: dict(item) for item in self.file}, {
            id_: dict(item) for id_, item in self.portal.items()
        }

    def merged(self, answers: dict[tuple[str, str], Answer] | None = None) -> Merged:
        file, portal = self.by_id()
        return merge(self.known, file, portal, answers=answers or {})

    def sync(self, answers: dict[tuple[str, str], Answer] | None = None) -> Merged:
        """Merge, and write both sides."""
        file, portal = self.by_id()
        after = merge(self.known, file, portal, answers=answers or {})
        check(self.known, file, portal, after, set(answers or {}))
        ids = {}
        for id_ in after.portal:
            if id_.startswith(NEW_IN_FILE):
                self.number += 1
                ids[id_] = f"row{self.number}"
        new = {id_: ids.get(id_, id_) for id_ in {*after.file, *after.portal, *after.known}}
        self.file = [after.file[id_] for id_ in sorted(after.file)]
        self.portal = {new[id_]: item for id_, item in after.portal.items()}
        self.known = {new[id_]: item for id_, item in after.known.items()}
        link = {
            new[id_]: (item["name"], item["path"])
            for id_, item in after.file.items()
            if new[id_] in self.known
        }
        gone = {id_: item for id_, item in self.link.items() if id_ in self.known}
        self.link = {**gone, **link}
        self.questions = after.questions
        return after


def check(
    known: dict[str, Known], file: Objects, portal: Objects, after: Merged, answered: set[Any]
) -> None:
    """Fail if a merge lost something, or left a side with a name or a path twice."""
    for before, side in ((file, after.file), (portal, after.portal)):
        for name in ("name", "path"):
            values = [item[name] for item in side.values()]
            assert len(values) == len(set(values)), values
        for id_, item in before.items():
            base = known.get(id_)
            if base is None or any(
                item.get(key) != base.fields.get(key) for key in {*item, *base.fields}
            ):
                assert id_ in side or (id_, WHOLE) in answered, f"{id_} was lost"
            if id_ not in side:
                continue
            for key in {*item, *(base.fields if base else {})} - {"aliases"}:
                value, agreed = item.get(key), base.fields.get(key) if base else None
                is_known = base is not None and key not in base.unknown
                is_own = value != agreed if is_known else value is not None
                if is_own and (id_, key) not in answered:
                    assert side[id_].get(key) == value, f"{id_} {key} was lost"
            added = set(item.get("aliases", [])) - set(
                base.fields.get("aliases", []) if base else []
            )
            assert added <= set(side[id_].get("aliases", [])), f"{id_} lost an alias"


class People:
    """An engineer with the file and a PM with the portal, who do what people do."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311
        self.sides = Sides()
        self._tokens = 0

    def act(self) -> None:
        """Let one of them do one thing, or a sync run."""
        self.rng.choice([self._edit, self._edit, self._edit, self._sync, self._answer])()

    def _token(self) -> str:
        self._tokens += 1
        return f"v{self._tokens}"

    def _edit(self) -> None:
        side: Any = self.rng.choice(["file", "portal"])
        objects = self.sides.file if side == "file" else list(self.sides.portal.values())
        if not objects or (len(objects) < len(NAMES) and self.rng.random() < 0.3):
            self._create(side, objects)
            return
        item = self.rng.choice(objects)
        match self.rng.randrange(8):
            case 0:
                self._delete(side, item)
            case 1:
                self._move(item, objects, "name", NAMES)
            case 2:
                self._move(item, objects, "path", PATHS)
            case 3:
                self._swap(item, objects)
            case 4:
                item.pop(self.rng.choice(FIELDS), None)
            case 5:
                aliases = [word for word in item.get("aliases", []) if self.rng.random() < 0.7]
                item["aliases"] = [*aliases, self._token()]
            case _:
                item[self.rng.choice(FIELDS)] = self._token()

    def _create(self, side: str, objects: list[dict[str, Any]]) -> None:
        names = [name for name in NAMES if all(item["name"] != name for item in objects)]
        paths = [path for path in PATHS if all(item["path"] != path for item in objects)]
        if not names or not paths:
            return
        item = {"name": self.rng.choice(names), "path": self.rng.choice(paths)}
        item["owner"] = self._token()
        if side == "file":
            self.sides.file.append(item)
        else:
            self.sides.number += 1
            self.sides.portal[f"row{self.sides.number}"] = item

    def _delete(self, side: str, item: dict[str, Any]) -> None:
        if side == "file":
            self.sides.file.remove(item)
        else:
            self.sides.portal = {
                id_: other for id_, other in self.sides.portal.items() if other is not item
            }

    def _move(
        self, item: dict[str, Any], objects: list[dict[str, Any]], key: str, values: tuple[str, ...]
    ) -> None:
        free = [value for value in values if all(other[key] != value for other in objects)]
        if free:
            item[key] = self.rng.choice(free)

    def _swap(self, item: dict[str, Any], objects: list[dict[str, Any]]) -> None:
        other = self.rng.choice(objects)
        item["name"], other["name"] = other["name"], item["name"]

    def _sync(self) -> None:
        self.sides.sync()
        self.is_quiet()

    def is_quiet(self) -> None:
        """Fail if a second sync right after changes anything, or asks something else."""
        file, portal = self.sides.by_id()
        known, questions = self.sides.known, self.sides.questions
        again = self.sides.merged()
        assert (again.file, again.portal, again.known) == (file, portal, known)
        assert [_of(item, file, portal) for item in again.questions] == [
            _of(item, file, portal) for item in questions
        ]

    def _answer(self) -> None:
        self.sides.sync()
        if self.sides.questions:
            self.answer(self.rng.choice(self.sides.questions))
            self.is_quiet()

    def answer(self, question: Question) -> bool:
        """Answer a question at random; return whether the answer was accepted."""
        value = self._token()
        if question.field == "name":
            value = self.rng.choice([*NAMES, value])
        sides = [Side.FILE, Side.PORTAL]
        if question.field != WHOLE:
            sides.append(Side.VALUE)
        self.rng.shuffle(sides)
        key = (question.id, question.field)
        for side in sides:
            answers = {
                key: Answer(side=side, file=question.file, portal=question.portal, value=value)
            }
            if is_accepted(self.sides.merged(answers), key):
                self.sides.sync(answers)
                return True
        return False


def _of(question: Question, file: Objects, portal: Objects) -> tuple[Any, ...]:
    """Return a question without its id, which changes when a new entry gets its row."""
    return question.field, question.file, question.portal
