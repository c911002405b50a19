"""Lines of the table: people, groups, log-in, and the addresses that programs ask."""

from __future__ import annotations

from tests.permissions.entries import (
    Entry,
    Send,
    button,
    chosen,
    form,
    model_pages,
    page,
    plain,
    takes,
)
from tests.permissions.roles import ADMINISTRATORS, ANONYMOUS, EVERYONE, PASSWORD, SEES, STAFF

USER = frozenset({"auth.User"})
GROUP = frozenset({"auth.Group"})
NEW_PASSWORD = "donghwa busan 2026"
TWICE = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

PEOPLE: tuple[Entry, ...] = (
    *model_pages(
        "auth_user",
        "user",
        see=ADMINISTRATORS,
        adds=takes(
            "",
            see=ADMINISTRATORS,
            sends=(
                Send(
                    what="add a user",
                    by=ADMINISTRATORS,
                    changes=USER,
                    data=form("username", press="_save", username="hana", **TWICE),
                ),
            ),
        ),
        changes=(
            Send(
                what="change a user",
                by=ADMINISTRATORS,
                changes=USER,
                data=form("first_name", press="_save", first_name="Sujin"),
            ),
        ),
        deletes=(
            Send(what="delete a user", by=ADMINISTRATORS, changes=USER, data=plain(post="yes")),
        ),
        actions=(
            Send(
                what="delete selected users",
                by=ADMINISTRATORS,
                changes=USER,
                data=chosen("delete_selected", "user", post="yes"),
            ),
        ),
    ),
    takes(
        "admin:auth_user_password_change",
        "user",
        see=ADMINISTRATORS,
        sends=(
            Send(
                what="set the password of a user",
                by=ADMINISTRATORS,
                changes=USER,
                data=form("password1", **{**TWICE, "set-password": "1"}),
            ),
        ),
    ),
    *model_pages(
        "auth_group",
        "group",
        see=ADMINISTRATORS,
        adds=takes(
            "",
            see=ADMINISTRATORS,
            sends=(
                Send(
                    what="add a group",
                    by=ADMINISTRATORS,
                    changes=GROUP,
                    data=form("name", press="_save", name="Visitors"),
                ),
            ),
        ),
        changes=(
            Send(
                what="change a group",
                by=ADMINISTRATORS,
                changes=GROUP,
                data=form("name", press="_save", name="Visitors"),
            ),
        ),
        deletes=(
            Send(what="delete a group", by=ADMINISTRATORS, changes=GROUP, data=plain(post="yes")),
        ),
        actions=(
            Send(
                what="delete selected groups",
                by=ADMINISTRATORS,
                changes=GROUP,
                data=chosen("delete_selected", "group", post="yes"),
            ),
        ),
    ),
)

ONES_OWN: tuple[Entry, ...] = (
    takes(
        "admin:login",
        see=EVERYONE,
        sends=(
            Send(
                what="log in",
                by=EVERYONE,
                changes=USER,
                data=plain(username="administrator-jiwoo", password=PASSWORD),
            ),
        ),
    ),
    Entry(
        name="admin:logout",
        see=EVERYONE,
        is_post_only=True,
        sends=(Send(what="log out", by=EVERYONE, data=plain()),),
    ),
    takes(
        "admin:password_change",
        see=STAFF,
        sends=(
            Send(
                what="change one's own password",
                by=STAFF,
                changes=USER,
                data=plain(
                    old_password=PASSWORD, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD
                ),
            ),
        ),
    ),
    page("admin:password_change_done", see=STAFF),
    Entry(
        name="set_language",
        see=EVERYONE,
        is_post_only=True,
        sends=(
            Send(what="choose a language", by=EVERYONE, data=plain(language="ko", next="/admin/")),
        ),
    ),
)

EVERYWHERE: tuple[Entry, ...] = (
    page("/", see=EVERYONE),
    Entry(name="/healthz", see=EVERYONE, also=frozenset({503})),  # no worker is alive
    page("/metrics", see=EVERYONE),
    page("admin:index", see=STAFF),
    page("session", see=STAFF),
    button(
        "report_visit",
        sends=(
            Send(
                what="report a visit to the home page",
                by=STAFF,
                changes=frozenset({"portal.Visit"}),
                data=plain(),
            ),
        ),
    ),
    page("admin:search", see=STAFF, query="?s=sampyo"),
    page("admin:app_list", "registry_app", see=SEES),
    page(
        "admin:autocomplete",
        see=SEES,
        query="?app_label=registry_app&model_name=site&field_name=customer&term=s",
    ),
    page("admin:jsi18n", see=STAFF),
    page("admin:view_on_site", "run_type", "run", see=STAFF),
    page("/admin/(?P<url>.*)$", "nowhere", see=ANONYMOUS),
)

AUDIT = model_pages("portal_auditentry", "event", see=ADMINISTRATORS)

LINES = (*PEOPLE, *ONES_OWN, *EVERYWHERE, *AUDIT)
