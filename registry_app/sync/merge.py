"""Merge what a registry file and the portal say, field by field, against what they last agreed on.

    merged = merge(known, file, portal, answers={...})

Objects are flat mappings with `name`, `path` and dotted fields; both sides and `known` are keyed
by the same ids (see `identify`). A field that changed on one side is taken; one that changed on
both is an open question, and each side keeps its own. Nothing here reads a file or a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from registry_app.fields.names import is_empty
from registry_app.sync.objects import (
    WHOLE,
    Answer,
    Answers,
    Key,
    Known,
    Merged,
    Object,
    Objects,
    Proposed,
    Question,
    Side,
    Weak,
)
from registry_app.sync.values import merged_value
from registry_app.sync.wanted import same_field


@dataclass(kw_only=True)
class _State:
    """One pass: what is decided for each object, without the keys that are held back."""

    held: Set[Key]
    stuck: Set[Key]
    proposed: Proposed
    file: Objects = field(default_factory=dict)
    portal: Objects = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    questions: dict[Key, Question] = field(default_factory=dict)
    answered: set[Key] = field(default_factory=set)


def merge(
    known: Mapping[str, Known],
    file: Objects,
    portal: Objects,
    *,
    answers: Answers | None = None,
    weak: Weak = frozenset(),
    held: Weak = frozenset(),
    proposed: Proposed | None = None,
    reserved: Mapping[str, str] | None = None,
    place_of: Callable[[str], str] = str,
) -> Merged:
    """Return both sides after the merge; a second merge of the result changes nothing.

    `weak` are fields of the portal that only a scan drafted: where nothing was agreed on yet, they
    give way to the file. `held` are fields that cannot be written into the file; they stay open.
    A value that the file has from `proposed` is none of its own: it gives way to the portal.
    `reserved` are names that no object of the portal can get, but that of the id which is given;
    where they are given, those of objects that go are reserved as well.
    `place_of` returns the directory that a path names.
    """
    answers = answers or {}
    before = Merged(file=file, portal=portal, known=dict(known))
    limits = _Limits(held, proposed or {}, dict(reserved or {}), place_of, reserved is not None)
    while True:
        after = _settled(before, answers, weak, limits)
        if limits.keeps_names:
            limits.reserved.update(_gone(before.portal, after.portal))
        if (after.file, after.portal, after.known) == (before.file, before.portal, before.known):
            return after
        before = after


class _Limits(NamedTuple):
    """What stays the same in all passes of a merge."""

    held: Weak
    proposed: Proposed
    reserved: dict[str, str]
    place_of: Callable[[str], str]
    keeps_names: bool


def _settled(before: Merged, answers: Answers, weak: Weak, limits: _Limits) -> Merged:
    """Merge once, and hold back what collides until each side is unique."""
    holding = set(limits.held)
    while True:
        state = _State(held=holding, stuck=limits.held, proposed=limits.proposed)
        for id_ in sorted({*before.known, *before.file, *before.portal}):
            _merge_object(state, id_, before, answers, weak)
        new = _collisions(state, before, limits) - holding
        if not new:
            questions = tuple(state.questions[key] for key in sorted(state.questions))
            return Merged(
                file=state.file, portal=state.portal, known=state.known, questions=questions
            )
        # An answered question gives way only if all that it collides with are answered too.
        holding |= (new - state.answered) or new


def _merge_object(state: _State, id_: str, before: Merged, answers: Answers, weak: Weak) -> None:
    file, portal = before.file.get(id_), before.portal.get(id_)
    if file is not None and portal is not None:
        _merge_fields(state, _Pair(id_, file, portal, before.known.get(id_)), answers, weak)
    elif file is not None or portal is not None:
        _merge_existence(state, id_, before, answers)


def _merge_existence(state: _State, id_: str, before: Merged, answers: Answers) -> None:
    """Decide on an object that one side has: it is new there, or was deleted on the other."""
    file, portal, known = before.file.get(id_), before.portal.get(id_), before.known.get(id_)
    there = file or portal or {}
    seen = (file and file["name"], portal and portal["name"])
    proposed = state.proposed.get(id_, {})
    if known is None and portal is None and proposed:
        # It was proposed, merged, and archived in the portal meanwhile.
        known = Known(fields={name: values[-1] for name, values in proposed.items()})
    of_file = proposed if file is not None else {}
    # What is new, or was taken back after its deletion was proposed.
    is_kept = known is None or (file is None and WHOLE in proposed)
    is_stuck = (id_, WHOLE) in state.stuck
    answer = answers.get((id_, WHOLE))
    if answer is not None and (answer.file, answer.portal) == seen:
        state.answered.add((id_, WHOLE))
        is_kept = (file if answer.side is Side.FILE else portal) is not None
        if not is_kept and not is_stuck:
            return
    elif known is not None and not is_kept and not is_stuck and _says_same(there, known, of_file):
        return
    if is_kept and (id_, WHOLE) not in state.held:
        state.file[id_], state.portal[id_] = dict(there), dict(there)
        state.known[id_] = Known(fields=dict(there))
        return
    if file is not None:
        state.file[id_] = file
    if portal is not None:
        state.portal[id_] = portal
    if known is not None:
        state.known[id_] = known
    state.questions[id_, WHOLE] = Question(
        id=id_,
        field=WHOLE,
        base=known.fields.get("name") if known is not None else None,
        file=seen[0],
        portal=seen[1],
        collides=(id_, WHOLE) in state.held,
    )


class _Pair(NamedTuple):
    """An object as both sides have it."""

    id: str
    file: Object
    portal: Object
    known: Known | None


def _merge_fields(state: _State, pair: _Pair, answers: Answers, weak: Weak) -> None:
    file, portal = dict(pair.file), dict(pair.portal)
    agreed: Object = {}
    unknown: set[str] = set()
    base = pair.known.fields if pair.known is not None else {}
    for name in sorted({*file, *portal, *base}):
        key = (pair.id, name)
        has_base = pair.known is not None and not {name, WHOLE} & pair.known.unknown
        proposed = state.proposed.get(pair.id, {}).get(name, ())
        three = _Three(base.get(name), file.get(name), portal.get(name), has_base, proposed)
        value, is_decided = _answered(state, key, three, answers)
        if not is_decided and key not in state.held:
            value, is_decided = _decided(name, three, is_weak=key in weak)
        if is_decided:
            for side in (file, portal):
                if not same_field(name, side.get(name), value):
                    side[name] = value
                if is_empty(side.get(name)):
                    side.pop(name, None)
            agreed[name] = value
        else:
            agreed[name] = three.base
            if not has_base:
                unknown.add(name)
            state.questions[key] = Question(
                id=pair.id,
                field=name,
                base=three.base,
                file=three.file,
                portal=three.portal,
                collides=key in state.held,
            )
    state.file[pair.id], state.portal[pair.id] = file, portal
    fields = {name: value for name, value in agreed.items() if not is_empty(value)}
    state.known[pair.id] = Known(fields=fields, unknown=frozenset(unknown))


class _Three(NamedTuple):
    """A field as it was agreed on, in the file and in the portal."""

    base: Any
    file: Any
    portal: Any
    has_base: bool
    proposed: Sequence[Any]


def _answered(state: _State, key: Key, three: _Three, answers: Answers) -> tuple[Any, bool]:
    """Return the value that an answer gives, and whether there is one that counts."""
    name, answer = key[1], answers.get(key)
    if same_field(name, three.file, three.portal):
        return three.file, True
    if answer is None or key in state.held or not _is_current(name, answer, three):
        return None, False
    state.answered.add(key)
    values = {Side.FILE: three.file, Side.PORTAL: three.portal, Side.VALUE: answer.value}
    return values[answer.side], True


def _decided(name: str, three: _Three, *, is_weak: bool) -> tuple[Any, bool]:
    """Return the value of both sides, and whether nothing is left to ask."""
    base, file, portal = three.base, three.file, three.portal
    if three.has_base:
        takes_portal, takes_file = same_field(name, file, base), same_field(name, portal, base)
    else:
        # The file says nothing of it, or the portal has nothing but a guess.
        takes_portal, takes_file = is_empty(file), is_empty(portal) or is_weak
    takes_portal |= any(same_field(name, file, value) for value in three.proposed)
    if takes_portal or takes_file:
        return (portal if takes_portal else file), True
    return merged_value(name, base, file, portal)


def _is_current(name: str, answer: Answer, three: _Three) -> bool:
    return same_field(name, answer.file, three.file) and same_field(
        name, answer.portal, three.portal
    )


def _says_same(there: Object, known: Known, proposed: Mapping[str, Sequence[Any]]) -> bool:
    """Whether an object says what was agreed on, or what it may have from a proposal."""
    names = {*there, *known.fields}
    return not known.unknown and all(
        any(
            same_field(name, there.get(name), value)
            for value in (known.fields.get(name), *proposed.get(name, ()))
        )
        for name in names
    )


def _collisions(state: _State, before: Merged, limits: _Limits) -> set[Key]:
    """Return what moved to a name or a directory that another object has on the same side."""
    found: set[Key] = set()
    gone = _gone(before.portal, state.portal) if limits.keeps_names else {}
    reserved = limits.reserved | gone
    for side, old in ((state.file, before.file), (state.portal, before.portal)):
        for name, spelled in (("name", str), ("path", limits.place_of)):
            holders: dict[str, list[str]] = defaultdict(list)
            for id_, there in side.items():
                holders[spelled(str(there.get(name, "")))].append(id_)
            for text, ids in holders.items():
                is_reserved = (
                    side is state.portal and name == "name" and reserved.get(text, ids[0]) != ids[0]
                )
                if len(ids) > 1 or is_reserved:
                    found |= _movers(ids, name, side, old)
    return found


def _gone(before: Objects, after: Objects) -> dict[str, str]:
    """Return the names of objects that go: an archived experiment keeps its name."""
    return {str(before[id_]["name"]): id_ for id_ in before.keys() - after.keys()}


def _movers(ids: Iterable[str], name: str, side: Objects, old: Objects) -> set[Key]:
    movers: set[Key] = set()
    for id_ in ids:
        if id_ not in old:
            movers.add((id_, WHOLE))
        elif not same_field(name, old[id_].get(name), side[id_].get(name)):
            movers.add((id_, name))
    return movers


def is_accepted(merged: Merged, key: Key) -> bool:
    """Whether an answer was used: its question is not open after a trial merge with it."""
    return all((question.id, question.field) != key for question in merged.questions)
