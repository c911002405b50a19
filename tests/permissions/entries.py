"""What a line of the table says: an address, who may open it, and the forms that are sent to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.permissions.roles import ANONYMOUS, SEES, STAFF, Role
from tests.stories.browser import Page

if TYPE_CHECKING:
    from tests.permissions.world import World

# What varies in a route without a name.
_PART = re.compile(r"\(\?P<\w+>\.\*\)\$|<[^>]+>")

Data = dict[str, Any]
Builder = Callable[["World", Client, str], Data]


@dataclass(frozen=True, kw_only=True)
class Send:
    """A valid form, who may send it, and the models whose rows it then changes.

    What follows from each change (history, change set, log entry, origin) need not be named. `data`
    builds the form with the browser of a user who may send it. `own` builds it with the sender's
    own where it belongs to a person, and each time anew where it can be sent once.
    """

    what: str
    by: frozenset[Role]
    data: Builder
    changes: frozenset[str] = frozenset()
    query: str = ""
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One address: its name, the attributes of the world in it, and who gets a page by GET.

    `is_post_only`: GET is answered 405. `also`: other answers that mean that access was granted.
    """

    name: str
    args: tuple[str, ...] = ()
    see: frozenset[Role] = ANONYMOUS
    query: str = ""
    sends: tuple[Send, ...] = ()
    is_post_only: bool = False
    also: frozenset[int] = frozenset()

    def address(self, world: World) -> str:
        """Return the address with what stands behind its question mark."""
        return self.path(world) + self.query.format_map(world.keys)

    def path(self, world: World) -> str:
        values = [world.value(arg) for arg in self.args]
        if self.name.startswith("/"):
            return _PART.sub(lambda _part: str(values.pop(0)), self.name)
        try:
            return reverse(self.name, args=values)
        except NoReverseMatch as error:
            raise AssertionError(f"{self.name} takes other arguments than {self.args}") from error


def page(name: str, *args: str, see: frozenset[Role], query: str = "") -> Entry:
    """Return the line of an address that only shows something, or leads somewhere."""
    return Entry(name=name, args=args, see=see, query=query)


def takes(name: str, *args: str, see: frozenset[Role], sends: tuple[Send, ...]) -> Entry:
    """Return the line of a page with forms."""
    return Entry(name=name, args=args, see=see, sends=sends)


def button(name: str, *args: str, sends: tuple[Send, ...]) -> Entry:
    """Return the line of an address that takes forms alone; GET is refused (405)."""
    return Entry(name=name, args=args, see=STAFF, sends=sends, is_post_only=True)


def form(*names: str, at: str = "", press: str = "", action: str = "", **fill: Any) -> Builder:
    """Return what fills in the form that has the fields `names` and sends it.

    `at` is the page with the form, where it is not the address itself: a name and attributes of
    the world, for example `admin:runs_app_run_change queued`.
    """

    kept: dict[Any, Data] = {}

    def build(world: World, boss: Client, address: str) -> Data:
        """Read the page once for each world: its rows, and the folders of its home."""
        key = (world.home.path, *world.keys.items())
        if key not in kept:
            kept[key] = read(boss, world.address(at) if at else address)
        return {**kept[key], **_filled(world, fill)}

    def read(boss: Client, where: str) -> Data:
        answer = boss.get(where)
        assert answer.status_code == 200, f"{where}: {answer.status_code}"
        page = Page(status=200, url=where, text=answer.text, headers={})
        shown = page.form(*names, action=action)
        pairs = list(shown.fields)
        if press:
            pairs.append(next(pair for pair in shown.buttons if pair[0] == press))
        data: dict[str, list[Any]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        data.pop("csrfmiddlewaretoken", None)
        return data

    return build


def plain(**data: Any) -> Builder:
    """Return what sends these values, for addresses that a script or a hand-made form uses."""
    return lambda world, _boss, _address: _filled(world, data)


def chosen(action: str, rows: str, **more: Any) -> Builder:
    """Return what a list sends when an action is chosen for some rows."""
    return plain(action=action, _selected_action=Of(rows), **more)


@dataclass(frozen=True)
class Of:
    """An attribute of the world, to be read when the form is sent."""

    name: str


def model_pages(
    model: str,
    row: str,
    *,
    see: frozenset[Role] = SEES,
    see_row: frozenset[Role] | None = None,
    adds: Entry | None = None,
    changes: tuple[Send, ...] = (),
    deletes: tuple[Send, ...] = (),
    actions: tuple[Send, ...] = (),
    version: str = "",
    spare: str = "",
    to_read: bool = False,
) -> tuple[Entry, ...]:
    """Return the lines of the usual pages of a model: list, add, change, delete, history.

    `adds` speaks for the page that adds; if it is None, no role may. `version` names the attribute
    of the world with a version of the row, where the model keeps its history, and `spare` another
    row where the usual one is in use. `to_read`: a row has a page besides its form, at the address
    from which Django leads to the form.
    """
    name = f"admin:{model}"
    may_delete = frozenset(role for send in deletes for role in send.by)
    app, _underscore, kind = model.rpartition("_")
    lines = [
        Entry(name=f"{name}_changelist", see=see, sends=actions),
        replace(adds, name=f"{name}_add") if adds else Entry(name=f"{name}_add"),
        Entry(name=f"{name}_change", args=(row,), see=see_row or see, sends=changes),
        Entry(name=f"{name}_delete", args=(spare or row,), see=may_delete, sends=deletes),
        Entry(name=f"{name}_history", args=(row,), see=see),
        Entry(
            name=f"/admin/{app}/{kind}/<path:object_id>/",
            args=(row,),
            see=see if to_read else STAFF,
        ),
    ]
    if to_read:
        lines += [page(f"{name}_detail", row, see=see), page(f"{name}_timeline", row, see=see)]
    if version:
        kept = form("seen", at=f"{name}_change {row}", press="_save")
        lines.append(
            Entry(
                name=f"{name}_simple_history",
                args=(row, version),
                see=see,
                sends=(
                    Send(what="write an old version back by its page", by=ANONYMOUS, data=kept),
                ),
            )
        )
    return tuple(lines)


def _filled(world: World, values: Mapping[str, Any]) -> Data:
    return {
        name: world.value(value.name) if isinstance(value, Of) else value
        for name, value in values.items()
    }
