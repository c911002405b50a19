"""The text of docs/permissions.md, made from the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.permissions.entries import Entry
from tests.permissions.roles import GROUPS, Role
from tests.permissions.table import TABLE

FILE = Path(__file__).parents[2] / "docs" / "permissions.md"
HEAD = """\
# Who may open and change what

<!-- Made by `python -m tests.permissions` from the table in tests/permissions. -->

The tests request every address of the portal as each kind of person: {roles}.
They open each page, and send each form as a browser would: as the page gives it, filled in validly,
with the secret of the sender. They compare the rows of all tables before and after each request.
A form changes what is listed here for the group, and nothing for others; opening a page writes
nothing.

{addresses} addresses, {forms} forms, {cells} requests. A new address, list action or form fails the
tests by its name until it has a line in the table.

What follows from a change by itself is not listed: history, change set, log entry, origins and
completeness of the experiments concerned. Anonymous users, inactive accounts and those that are no
staff are redirected to the log-in; staff without a group see the home page and their own password.

## Changes

| What | Rows | {groups} |
| --- | --- | {rules} |
"""
PAGES = """
## Pages

| Pages | {groups} |
| --- | {rules} |
"""


def text() -> str:
    """Return the document as the table has it now."""
    forms = sum(len(entry.sends) for entry in TABLE)
    plain = sum(not entry.sends for entry in TABLE)
    head = HEAD.format(
        roles=", ".join(Role),
        addresses=len(TABLE),
        forms=forms,
        cells=(len(TABLE) + forms + plain) * len(Role),
        groups=" | ".join(GROUPS),
        rules=" | ".join("---" for _ in GROUPS),
    )
    pages = PAGES.format(groups=" | ".join(GROUPS), rules=" | ".join("---" for _ in GROUPS))
    return head + "".join(_changes(TABLE)) + pages + "".join(_pages(TABLE))


def _changes(table: tuple[Entry, ...]) -> Iterator[str]:
    done = set()
    for entry in table:
        for send in entry.sends:
            if send.what in done or not send.by:
                continue
            done.add(send.what)
            rows = ", ".join(sorted(change.partition(".")[2] for change in send.changes)) or "none"
            yield f"| {send.what} | {rows} | {_marks(send.by)} |\n"


def _pages(table: tuple[Entry, ...]) -> Iterator[str]:
    for entry in table:
        if entry.see and not entry.is_post_only:
            name = entry.name.removeprefix("admin:")
            yield f"| `{name}` | {_marks(entry.see)} |\n"


def _marks(allowed: frozenset[Role]) -> str:
    return " | ".join("yes" if group in allowed else "–" for group in GROUPS)
