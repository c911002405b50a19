"""Pages name no option of a command, and commands name nothing that only a page has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.test import Client
from django.utils import translation

from portal.catalogue import extract
from portal.cli import VERBS
from registry_app.messages import TEXTS
from registry_app.reading import message_text
from runs_app.models import HostHeartbeat
from runs_app.texts import reasons
from tests.factories import make_experiment, make_member, make_run

_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_ADDED = re.compile(r'TEXTS\.add\(\s*"(\w+)"')
_ONLY_ON_PAGES = re.compile(r"\b(form|tick|button|click|press|menu)\b", re.IGNORECASE)


def options_of_commands() -> frozenset[str]:
    homes = get_commands()
    return frozenset(
        option
        for command in VERBS.values()
        for action in load_command_class(homes[command], command).create_parser("", "")._actions
        for option in action.option_strings
        if option.startswith("--")
    )


def test_each_text_says_what_can_be_done_where_it_is_read() -> None:
    options = options_of_commands()
    assert {"--force", "--script", "--secret"} <= options
    wrong = [
        text.code
        for text in TEXTS
        if options & set(_OPTION.findall(text.sentence(str, on_page=True)))
        or _ONLY_ON_PAGES.search(text.sentence(str, on_page=False))
    ]
    assert wrong == []


def test_the_other_texts_of_pages_and_commands_keep_to_their_words() -> None:
    options = options_of_commands()
    wrong = []
    for message in extract(Path(settings.BASE_DIR)):
        sentence = message.id if isinstance(message.id, str) else " ".join(message.id)
        files = {file for file, _line in message.locations}
        on_page = any(
            file.startswith("templates/") or "/admin/" in file or "/views/" in file
            for file in files
        )
        in_terminal = any("/commands/" in file or "/cli" in file for file in files)
        if (on_page and options & set(_OPTION.findall(sentence))) or (
            in_terminal and _ONLY_ON_PAGES.search(sentence)
        ):
            wrong.append(sentence)
    assert wrong == []


@pytest.mark.django_db
def test_a_reason_is_read_in_the_words_of_the_page_and_of_the_terminal(client: Client) -> None:
    HostHeartbeat.objects.create(host="gpu1", boot_id="1")
    reason = reasons.WAITS_WHILE_DRAINED(host="gpu1")
    run = make_run(make_experiment(), reason_code=reason.code, reason_values={"host": "gpu1"})
    with translation.override("en"):
        assert message_text(run.reason).endswith("`guardianflow drain --off` ends that.")
    client.force_login(make_member("Engineer"))
    page = client.get(run.get_absolute_url(), headers={"accept-language": "en"}).text
    assert "“Take runs again” in the list of machines ends that." in page
    assert "drain --off" not in page
    assert message_text(run.reason).endswith("ends that."), "no page is read any more"


_KNOWN = """
import json, django
django.setup()
from registry_app.messages import TEXTS
print(json.dumps([text.code for text in TEXTS]))
"""


def test_every_text_is_known_to_a_process_that_only_reads_rows() -> None:
    """Else a page shows the code of a message whose module was not imported."""
    output = subprocess.run(
        [sys.executable, "-c", _KNOWN],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        check=True,
    )
    known = set(json.loads(output.stdout.splitlines()[-1]))
    base = Path(settings.BASE_DIR)
    written = {
        code
        for app in ("registry_app", "runs_app", "portal")
        for file in (base / app).rglob("*.py")
        for code in _ADDED.findall(file.read_text(encoding="utf-8"))
    }
    assert len(written) > 100
    assert written <= known
