"""Forms of experiments as a browser sends them: what the page holds, with some fields changed."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client

from registry_app.models import EntryPoint
from tests.stories.browser import Page


def experiment_form(client: Client, page: str) -> dict[str, str]:
    """What the form of an experiment's page holds, untouched."""
    text = client.get(page).text
    return dict(Page(status=200, url=page, text=text, headers={}).form("name", "path").fields)


def save_page(user: User, entry: EntryPoint, columns: dict[str, str], *, status: int = 302) -> str:
    """Let a person change fields of an entry point on its experiment's page; return the answer."""
    client = Client()
    client.force_login(user)
    page = f"/admin/registry_app/experiment/{entry.experiment_id}/change/"
    data = experiment_form(client, page)
    prefix = next(
        name.removesuffix("-id")
        for name, value in data.items()
        if name.endswith("-id") and name.startswith("entry_points-") and value == str(entry.pk)
    )
    answer = client.post(page, data | {f"{prefix}-{name}": item for name, item in columns.items()})
    assert answer.status_code == status, answer.text
    return answer.text
