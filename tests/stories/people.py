"""What people of the stories do in more than one of them."""

from __future__ import annotations

import re
from typing import Any

from tests.stories.browser import Browser
from tests.stories.served import ServedPortal
from tests.waiting import wait_until

PASSWORD = "sampyo gimhae 2026"


def employ(portal: ServedPortal, admin: Browser, name: str, group: str) -> Browser:
    """The administrator makes an account of a group; its owner logs in."""
    page = admin.get("/admin/auth/user/add/")
    page = admin.send(
        page,
        page.form("username", "password1"),
        press="_continue",
        username=name,
        password1=PASSWORD,
        password2=PASSWORD,
    )
    groups = dict(re.findall(r'<option value="(\d+)"[^>]*>\s*(\w+)\s*</option>', page.text))
    number = next(key for key, label in groups.items() if label == group)
    page = admin.send(page, page.form("is_active"), press="_save", is_staff="on", groups=[number])
    assert page.status == 200, page.words
    return portal.browser(name, PASSWORD)


def scan_now(person: Browser) -> dict[str, Any]:
    """Scan in the background and return the summary once the page says that it is done."""
    page = person.get("/admin/registry_app/scanjob/add/")
    page = person.send(page, next(f for f in page.forms if f.method == "post" and not f.action))
    progress = page.url.replace("/change/", "/progress/")
    done = wait_until(
        lambda: (said := person.get(progress).json())["finished"] and said, what="the scan ends"
    )
    assert done["error"] == ""
    summary: dict[str, Any] = done["summary"]
    return summary
