"""Reads the pages of a portal as its administrator, in one language; run with that portal's data.

python -m tests.takeover.read_pages LANGUAGE      prints {address: [status, text]} as JSON
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator

import django

_TAGS = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
_LISTS = ("registry_app/proposal",)
_ROWS = (
    *("registry_app/experiment", "registry_app/changeset", "registry_app/customer"),
    *("registry_app/scanjob", "runs_app/run", "runs_app/hostheartbeat"),
)


def addresses() -> Iterator[str]:
    """Yield the lists, and each row with its history."""
    from django.apps import apps

    yield "/admin/"
    for name in (*_LISTS, *_ROWS):
        yield f"/admin/{name}/"
    for name in _ROWS:
        model = apps.get_model(name.replace("/", "."))
        for pk in model._base_manager.values_list("pk", flat=True):
            yield f"/admin/{name}/{pk}/change/"
            yield f"/admin/{name}/{pk}/history/"


def main(language: str) -> None:
    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"accept-language": language})
    client.force_login(
        User.objects.get(username="boss"), backend="django.contrib.auth.backends.ModelBackend"
    )
    reported = {}
    for address in addresses():
        answer = client.get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        text = html.unescape(_TAGS.sub(" ", body.decode()))
        reported[address] = [answer.status_code, " ".join(text.split())]
    sys.stdout.write(json.dumps(reported, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
