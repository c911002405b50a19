"""What people of the stories do in more than one of them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

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


def experiment_listed(person: Browser, word: str) -> int:
    """Search the list of experiments; return the number of the first one."""
    listed = person.get(f"/admin/registry_app/experiment/?q={quote(word)}").text
    found = re.search(r"/experiment/(\d+)/", listed)
    assert found, f"no experiment is called {word}"
    return int(found[1])


def scan_now(person: Browser) -> dict[str, Any]:
    """Scan in the background and return the summary once the page says that it is done."""
    page = person.get("/admin/registry_app/scanjob/add/")
    page = person.send(page, next(f for f in page.forms if f.method == "post" and not f.action))
    progress = page.url.replace("/change/", "/progress/")
    done = wait_until(
        lambda: (output := person.get(progress).json())["finished"] and output, what="the scan ends"
    )
    assert done["error"] == ""
    summary: dict[str, Any] = done["summary"]
    return summary
